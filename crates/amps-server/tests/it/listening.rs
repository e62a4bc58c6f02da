//! Where a server listens.

use std::{net::TcpListener, sync::Arc};

use amps_core::Certificates;
use amps_server::{Console, ServeError, ServeOptions, Settings, serve};

#[test]
fn a_port_that_is_taken_is_an_error() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    // For `localhost` too, although it has a second address: whoever has the first one would get our clients.
    for host in ["localhost", "127.0.0.1"] {
        let options = ServeOptions {
            data_directory: data.path().into(),
            listen_address: format!("{host}:{port}").parse().unwrap(),
            settings: Settings::default(),
        };
        let console = Arc::new(Console::new(std::io::sink()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let error = runtime
            .block_on(serve(options, Certificates::default(), "a test", console, std::future::pending()))
            .unwrap_err();
        assert!(matches!(error, ServeError::Listen { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("cannot listen on {host}:{port}"));
        assert!(!data.path().join(".lock").exists());
    }
}
