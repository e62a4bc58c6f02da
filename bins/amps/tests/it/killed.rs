//! A server that is killed while many clients keep it busy.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    audit::{export, verify},
    process::Server,
    scene::{names, package, wait_until},
};

#[test]
fn half_of_a_new_version_leaves_the_old_one() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let staging = data.path().join(".amps/staging");
    let old = package(files.path(), "a", "1", 10_000);
    let new = fs::read(package(files.path(), "a", "2", 1 << 20)).unwrap();
    let mut server = Server::start(data.path());
    assert!(server.has_taken(&old));
    for end in [1, 1000, new.len() - 1] {
        let streams = [server.begin_upload(&new, end), server.begin_upload(&new, end)];
        wait_until("both uploads have begun", || names(&staging).len() == 2);
        server.signal("KILL");
        drop((server, streams));
        server = Server::start(data.path());
        assert!(server.download("a") == fs::read(&old).unwrap(), "after {end} bytes");
        assert_eq!(names(&staging), <[&str; 0]>::default());
        assert_eq!(names(&data.path().join(".packages")), ["a_all.ampkg"]);
    }
}

#[test]
fn acknowledged_uploads_are_there_whenever_it_is_killed() {
    const ROUNDS: usize = 8;
    const CLIENTS: usize = 3;
    const VERSIONS: usize = 6;
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // Each client uploads one version of its package after the other.
    let versions: Vec<Vec<_>> = (0..CLIENTS)
        .map(|client| {
            let of = |version: usize| {
                package(files.path(), &format!("client{client}"), &version.to_string(), 50_000 + version)
            };
            (0..VERSIONS).map(of).collect()
        })
        .collect();
    // The last version of each that is known to be there.
    let uploaded = Mutex::new(0_usize);
    let known = Mutex::new(BTreeMap::<usize, usize>::new());
    for round in 0..ROUNDS {
        let server = Server::start(data.path());
        let acknowledged = AtomicUsize::new(0);
        thread::scope(|scope| {
            for (client, versions) in versions.iter().enumerate() {
                let (server, known, acknowledged) = (&server, &known, &acknowledged);
                scope.spawn(move || {
                    for version in (round..).map(|step| step % VERSIONS) {
                        if !server.has_taken(&versions[version]) {
                            return;
                        }
                        known.lock().unwrap().insert(client, version);
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            // At another moment in each round; the clients then fail and end.
            wait_until("some uploads are acknowledged", || acknowledged.load(Ordering::SeqCst) >= 2 + round);
            server.signal("KILL");
        });
        drop(server);
        // What was acknowledged is in the audit trail, which is whole, before a server has mended anything.
        let (code, said) = verify(data.path(), &[]);
        assert_eq!(code, Some(0), "round {round}: {said}");
        let uploads =
            |entry: &&serde_json::Value| entry["action"] == "package.upload" && entry["result"] == "ok";
        let entered = export(data.path(), &[]).0.iter().filter(uploads).count();
        *uploaded.lock().unwrap() += acknowledged.load(Ordering::SeqCst);
        // The first one of a client may have been there already: such an entry is written a little later.
        let least = uploaded.lock().unwrap().saturating_sub(CLIENTS * (round + 1));
        assert!(entered >= least, "round {round}: {entered} of {least}");
        let server = Server::start(data.path());
        for (client, version) in known.lock().unwrap().iter_mut() {
            let found = server.download(&format!("client{client}"));
            // What was not acknowledged when the server was killed may be there or not: the next one, or the first of this round.
            let possible = [*version, (*version + 1) % VERSIONS, round % VERSIONS];
            let is_found = |version: &usize| fs::read(&versions[*client][*version]).unwrap() == found;
            let found = possible.into_iter().find(is_found);
            *version =
                found.unwrap_or_else(|| panic!("round {round}: client {client} has none of {possible:?}"));
        }
        assert_eq!(names(&data.path().join(".amps/staging")), <[&str; 0]>::default());
        let list: serde_json::Value = serde_json::from_slice(&server.curl(&[], "/package/list")).unwrap();
        let ids = list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap());
        let expected: Vec<String> = ids.map(|id| format!("{id}_all.ampkg")).collect();
        assert_eq!(names(&data.path().join(".packages")), expected);
    }
}
