//! Limits that make no sense.

use std::{sync::Arc, time::Duration};

use amps_core::Certificates;
use amps_server::{Console, ServeError, ServeOptions, ServerLimits, Settings, serve};

#[test]
fn are_refused_before_anything_happens() {
    let check = |set: fn(&mut ServerLimits), name: &str| {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        set(&mut settings.limits);
        let options = ServeOptions {
            data_directory: data.path().join("data"),
            listen_address: "localhost:0".parse().unwrap(),
            settings,
        };
        let console = Arc::new(Console::new(std::io::sink()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let served = serve(options, Certificates::default(), "a test", console, std::future::pending());
        match runtime.block_on(served) {
            Err(ServeError::Limit(error)) => assert_eq!((error.name, error.found.as_str()), (name, "0")),
            other => panic!("{name}: {other:?}"),
        }
        assert!(!data.path().join("data").exists());
    };
    check(|limits| limits.connections = 0, "connections");
    check(|limits| limits.connections_per_address = 0, "connectionsPerAddress");
    check(|limits| limits.concurrent_uploads = 0, "concurrentUploads");
    check(|limits| limits.open_uploads = 0, "openUploads");
    check(|limits| limits.upload_rate = 0, "uploadBytesPerSecond");
    check(|limits| limits.head_time = Duration::ZERO, "headSeconds");
}
