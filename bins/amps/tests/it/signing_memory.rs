//! What is kept of thousands of signatures stays as small as it is.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
};

use crate::process::{Server, amps, fixture};

/// A signed end has some 5 kB, so this many have 3 MB. MiB.
const MOST_MIB: u64 = 40;
const DEVICES: u32 = 600;

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
    for device in 0..DEVICES {
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
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: u64 = most.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    assert!(most < MOST_MIB << 10, "{most} kB for {DEVICES} devices, expected at most {MOST_MIB} MiB");
}
