//! A server that is killed.

use std::{fs, io::Write as _, net::TcpStream};

use crate::process::{Server, fixture};

/// Kills the server at another point of an upload each time; whatever was acknowledged is there afterwards, and nothing else.
#[test]
fn a_kill_at_any_moment_loses_nothing_and_leaves_nothing_half_done() {
    let data = tempfile::tempdir().unwrap();
    let acknowledged = fixture("qt6/tree.ampkg");
    let half = fs::read(fixture("qt6/hello.ampkg")).unwrap();
    for sent in [0, 1, 2000, 5000, 10_239, 10_240] {
        let server = Server::start(data.path());
        assert!(server.upload(&acknowledged).contains("\"status\":\"ok\""));
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
        write!(stream, "PUT /package/upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10240\r\n\r\n")
            .unwrap();
        stream.write_all(half.get(..sent).unwrap()).unwrap();
        server.signal("KILL");
        drop(server);

        let server = Server::start(data.path());
        assert!(server.banner.contains(" + adding   org.example.tree [all]\n"), "{}", server.banner);
        assert!(fs::read_dir(data.path().join(".amps/staging")).unwrap().next().is_none());
        let list = String::from_utf8(server.curl(&[], "/package/list")).unwrap();
        assert!(list.contains("org.example.tree"), "{list}");
        if sent < half.len() {
            assert!(!list.contains("org.example.hello"), "{sent}: {list}");
        }
        let tree = server.curl(&[], "/package/download?id=org.example.tree");
        assert!(tree == fs::read(&acknowledged).unwrap());
        server.signal("TERM");
        assert_eq!(server.wait().0, Some(0));
        fs::remove_file(data.path().join(".packages/org.example.hello_all.ampkg")).ok();
    }
}
