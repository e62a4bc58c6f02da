//! How much a head may have, and how long it may take.

use std::{
    io::{BufReader, Read as _, Write as _},
    time::Duration,
};

use crate::{
    client::{answer, connect, is_closed},
    running::Running,
};

/// The status of the answer to a head.
fn status(server: &Running, head: &str) -> u16 {
    let mut stream = connect(server.address);
    stream.write_all(head.as_bytes()).unwrap();
    answer(&mut BufReader::new(stream), true).status
}

#[test]
fn a_head_may_have_so_many_bytes() {
    let server = Running::limited(|limits| limits.head_bytes = 1000);
    let head = |bytes: usize| {
        let (begin, end) = ("GET /hello HTTP/1.1\r\nHost: x\r\nX: ", "\r\n\r\n");
        format!("{begin}{}{end}", "x".repeat(bytes - begin.len() - end.len()))
    };
    assert_eq!((head(1000).len(), status(&server, &head(1000))), (1000, 200));
    assert_eq!(status(&server, &head(1001)), 431);
    // Without an end, too.
    assert_eq!(status(&server, &head(50_000)[..1001]), 431);
}

#[test]
fn a_head_may_have_so_many_fields() {
    for most in [10, 100, 101] {
        let server = Running::limited(|limits| limits.head_fields = most);
        let head = |fields: usize| {
            let fields: Vec<String> = (1..fields).map(|at| format!("X{at}: x\r\n")).collect();
            let fields = fields.concat();
            format!("GET /hello HTTP/1.1\r\nHost: x\r\n{fields}\r\n")
        };
        assert_eq!((status(&server, &head(most)), status(&server, &head(most + 1))), (200, 431), "{most}");
    }
}

#[test]
fn half_a_head_has_its_time_wherever_it_ends() {
    let server = Running::limited(|limits| limits.head_time = Duration::from_millis(80));
    let head = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    for half in ["", "G", "PRI * HTTP/2.0\r\n", &head[..10], &head[..head.len() - 1]] {
        // The first on the connection, and the second.
        for begin in ["", head] {
            if !begin.is_empty() && (half.is_empty() || !head.starts_with(half)) {
                continue; // not half a second head
            }
            let mut stream = connect(server.address);
            stream.write_all(begin.as_bytes()).unwrap();
            if !begin.is_empty() {
                answer(&mut BufReader::new(stream.try_clone().unwrap()), true);
            }
            let _ = stream.write_all(half.as_bytes());
            assert!(is_closed(&stream), "{begin:?} {half:?}");
        }
    }
}

#[test]
fn a_head_that_comes_byte_by_byte_gets_no_more_time() {
    let server = Running::limited(|limits| limits.head_time = Duration::from_millis(300));
    let mut stream = connect(server.address);
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut sent = 0_u32;
    let is_closed = crate::running::eventually(|| {
        sent += 1;
        match stream.write_all(b"X").and_then(|()| stream.read(&mut [0; 1])) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => None,
            Ok(0) | Err(_) => Some(true),
            Ok(_) => Some(false),
        }
    });
    assert!(is_closed && sent > 2);
}

#[test]
fn a_connection_may_be_idle_for_so_long() {
    let server = Running::limited(|limits| limits.keep_alive = Duration::from_millis(80));
    let mut stream = connect(server.address);
    for _ in 0..3 {
        stream.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(answer(&mut BufReader::new(stream.try_clone().unwrap()), true).status, 200);
    }
    assert!(is_closed(&stream));
}
