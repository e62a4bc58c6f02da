//! What is kept of thousands of signatures stays as small as it is.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
};

use crate::process::{Server, amps, fixture};

/// Signed ends have some 5 kB, so those of the devices that come later have 3 MB together. MiB.
const MOST_MIB: u64 = 10;
/// Until so many have come, the server gets what it needs for any of them.
const FIRST_DEVICES: u32 = 50;
const DEVICES: u32 = 650;

#[test]
fn signing_for_many_devices_does_not_tear_the_memory() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with(
        amps()
            .args(["serve", "--la", "localhost:0", "--dd"])
            .arg(data.path())
            .arg("--sc")
            .arg(fixture("../pki/store.p12"))
            .env("AMPS_STORE_SIGN_PASSWORD", "password"),
    );
    assert!(server.upload(&fixture("qt6/hello.ampkg")).contains("\"ok\""));
    let mut reader = BufReader::new(server.connect());
    let mut before = 0;
    for device in 0..DEVICES {
        if device == FIRST_DEVICES {
            before = memory_kib(&server);
        }
        let target = format!("/package/download?id=org.example.hello&hardware-id={device}");
        write!(reader.get_mut(), "GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap();
                }
                Some(_) => {}
                None if line == "\r\n" => break,
                None => assert!(line.contains(" 200 "), "{line}"),
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        assert!(body.starts_with(&[0x1f, 0x8b]), "{length} bytes");
    }
    let more = memory_kib(&server).saturating_sub(before);
    eprintln!("{before} kB, {more} kB more");
    assert!(
        before > 0 && more < MOST_MIB << 10,
        "{before} kB, and {more} kB more: expected at most {MOST_MIB} MiB more"
    );
}

/// The resident memory that a server has. KiB.
fn memory_kib(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let now = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    now.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}
