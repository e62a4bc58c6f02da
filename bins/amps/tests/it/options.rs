//! Options that cannot be, and settings of the wrong kind.

use std::fs;

use crate::{
    process::{Server, amps, run},
    scene::names,
};

#[test]
fn bad_options_make_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["serve", "--dd"][..],
        &["serve", "--dd", ""],
        &["serve", "--dd", "data", "--la", "example.com"],
        &["serve", "--dd", "data", "--la", ""],
        &["serve", "--dd", "data", "--la", "localhost:65536"],
        &["serve", "--dd", "data", "--pi", "ä"],
        &["serve", "--dd", "data", "--pi", "a\nb"],
        &["serve", "--dd", "data", "--dd", "data"],
        &["serve", "data"],
    ] {
        let (code, stdout, stderr) = run(amps().args(arguments).current_dir(folder.path()));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(!stderr.is_empty(), "{arguments:?}");
        assert_eq!(names(folder.path()), <[&str; 0]>::default(), "{arguments:?}");
    }
}

#[test]
fn a_configuration_of_the_wrong_kind_makes_nothing() {
    for fields in [
        "projectId: 7\n",
        "projectId: ~\n",
        "projectId: [ a ]\n",
        "projectId: ''\n",
        "listenAddress: { a: b }\n",
        "listenAddress: ''\n",
        "storeSignPassword: 7\n",
        "projectId: a\nprojectId: b\n",
        "projectId: &a b\n",
    ] {
        let data = tempfile::tempdir().unwrap();
        let config = data.path().join("amps-config.yaml");
        fs::write(&config, format!("formatType: amps-configuration\nformatVersion: 1\n---\n{fields}"))
            .unwrap();
        let (code, stdout, stderr) =
            run(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path()));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{fields}");
        let file = format!("ERROR: `{}` is not a valid configuration: line ", config.display());
        assert!(stderr.starts_with(&file), "{stderr}");
        assert_eq!(names(data.path()), ["amps-config.yaml"], "{fields}");
    }
}

#[test]
fn the_lock_of_a_killed_server_is_taken_over() {
    let data = tempfile::tempdir().unwrap();
    let lock = data.path().join(".lock");
    let first = Server::start(data.path());
    assert_eq!(fs::read_to_string(&lock).unwrap(), format!("{}\n", first.pid()));
    drop(first);
    let second = Server::start(data.path());
    assert_eq!(fs::read_to_string(&lock).unwrap(), format!("{}\n", second.pid()));
    // A third one that is refused does not disturb it.
    let (code, _, _) = run(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path()));
    assert_eq!(code, Some(2));
    assert_eq!(second.curl(&[], "/package/list"), b"[]");
}
