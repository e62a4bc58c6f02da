//! What a service manager is told: over its socket, as systemd does it.

use std::{os::unix::net::UnixDatagram, path::Path};

use crate::{
    process::{Server, amps},
    scene::PATIENCE,
};

/// The manager's end of the socket.
fn manager(folder: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(folder.join("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// The next thing that it is told.
fn told(manager: &UnixDatagram) -> String {
    let mut buffer = [0; 256];
    let length = manager.recv(&mut buffer).unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[test]
fn it_is_told_of_listening_answering_and_ending() {
    let data = tempfile::tempdir().unwrap();
    let manager = manager(data.path());
    let mut serve = amps();
    serve.env("NOTIFY_SOCKET", data.path().join("notify")).env("WATCHDOG_USEC", "200000");
    let server = Server::with(serve.args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path()));
    assert_eq!(told(&manager), "READY=1\n");
    assert!(server.is_listening());
    for _ in 0..3 {
        assert_eq!(told(&manager), "WATCHDOG=1\n");
    }
    server.signal("TERM");
    let last = std::iter::repeat_with(|| told(&manager)).find(|told| told != "WATCHDOG=1\n");
    assert_eq!(last.as_deref(), Some("STOPPING=1\n"));
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn nothing_is_ready_that_does_not_listen() {
    let data = tempfile::tempdir().unwrap();
    let manager = manager(data.path());
    let first = Server::start(data.path());
    let mut serve = amps();
    serve.env("NOTIFY_SOCKET", data.path().join("notify"));
    let address = first.url.trim_start_matches("http://");
    let second = data.path().join("second");
    let output = serve.args(["serve", "--la", address, "--dd"]).arg(second).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    manager.set_nonblocking(true).unwrap();
    assert!(manager.recv(&mut [0; 256]).is_err());
}

#[test]
fn the_watchdog_hears_nothing_where_nobody_asks_for_it() {
    let data = tempfile::tempdir().unwrap();
    let manager = manager(data.path());
    let mut serve = amps();
    serve.env("NOTIFY_SOCKET", data.path().join("notify"));
    let server = Server::with(serve.args(["serve", "--la", "localhost:0", "--dd"]).arg(data.path()));
    server.signal("TERM");
    assert_eq!(server.wait().0, Some(0));
    assert_eq!([told(&manager), told(&manager)], ["READY=1\n", "STOPPING=1\n"]);
    manager.set_nonblocking(true).unwrap();
    assert!(manager.recv(&mut [0; 256]).is_err());
}
