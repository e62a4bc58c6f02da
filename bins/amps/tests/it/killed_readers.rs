//! A server that is killed while packages are replaced and removed under the eyes of those that read them.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use crate::{
    process::Server,
    scene::{names, package, wait_until},
};

const VERSIONS: usize = 5;

/// What may be there of a package: one of its versions, or none.
type State = Option<usize>;

#[test]
fn updates_and_removals_are_whole_whenever_it_is_killed() {
    const ROUNDS: usize = 6;
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ids = ["a", "b"];
    let versions = ids.map(|id| {
        let of = |version: usize| package(files.path(), id, &version.to_string(), 100_000 + version);
        (0..VERSIONS).map(of).collect::<Vec<_>>()
    });
    let bytes =
        versions.clone().map(|files| files.iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>());
    // What is known to be there, and what may be instead because nobody has heard how the last change ended.
    let mut states: [BTreeSet<State>; 2] = [[None].into(), [None].into()];
    for round in 0..ROUNDS {
        let server = Server::start(data.path());
        let (acknowledged, killed, read) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            for (place, state) in states.iter_mut().enumerate() {
                let (server, acknowledged, files) = (&server, &acknowledged, &versions[place]);
                scope.spawn(move || {
                    for step in round.. {
                        let next = (step % (VERSIONS + 1) != VERSIONS).then_some(step % (VERSIONS + 1));
                        state.insert(next);
                        let done = match next {
                            Some(version) => server.has_taken(&files[version]),
                            None => server.has_removed(ids[place]),
                        };
                        if !done {
                            return;
                        }
                        *state = [next].into();
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                });
                let (read, killed, bytes) = (&read, &killed, &bytes[place]);
                scope.spawn(move || {
                    while !killed.load(Ordering::SeqCst) {
                        if let Some(found) = server.download_whole(ids[place]) {
                            assert!(bytes.contains(&found), "{} bytes that nobody has uploaded", found.len());
                            read.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
            wait_until("packages were changed and read", || {
                acknowledged.load(Ordering::SeqCst) >= 4 + round && read.load(Ordering::SeqCst) >= 2
            });
            server.signal("KILL");
            killed.store(true, Ordering::SeqCst);
        });
        drop(server);
        let server = Server::start(data.path());
        let mut there = Vec::new();
        for (place, state) in states.iter_mut().enumerate() {
            let found = server.download_whole(ids[place]);
            let version = found.map(|found| bytes[place].iter().position(|bytes| *bytes == found).unwrap());
            assert!(state.contains(&version), "round {round}: {} is {version:?}, not {state:?}", ids[place]);
            *state = [version].into();
            there.extend(version.map(|_| format!("{}_all.ampkg", ids[place])));
        }
        assert_eq!(names(&data.path().join(".packages")), there);
        assert_eq!(names(&data.path().join(".amps/staging")), <[&str; 0]>::default());
    }
}

#[test]
fn who_reads_the_old_version_reads_it_to_its_end() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // More than the buffers between server and client hold.
    let old = package(files.path(), "a", "1", 32 << 20);
    let new = package(files.path(), "a", "2", 1000);
    let server = Server::start(data.path());
    assert!(server.has_taken(&old));
    let mut readers = [server.connect(), server.connect()];
    for reader in &mut readers {
        write!(reader, "GET /package/download?id=a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        reader.read_exact(&mut [0; 1000]).unwrap();
    }
    let [mut first, mut second] = readers;
    assert!(server.has_taken(&new));
    let old = fs::read(old).unwrap();
    let mut rest = Vec::new();
    first.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&old[1000..]), "after an update");
    assert!(server.download("a") == fs::read(&new).unwrap());
    assert!(server.has_removed("a"));
    rest.clear();
    second.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&old[1000..]), "after a removal");
    assert!(server.download("a").is_empty());
}
