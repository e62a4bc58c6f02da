//! What is logged.

use std::fs::{self, File};

use crate::{
    process::{Server, amps, run},
    watched::Watched,
};

#[test]
fn the_log_can_be_json() {
    let data = tempfile::tempdir().unwrap();
    // A folder that cannot be one: something to warn of.
    let mut command = amps();
    command
        .args(["serve", "--la", "localhost:0", "--log-format", "json", "--log-level", "trace", "--dd"])
        .arg(data.path());
    let (code, stderr) = Watched::with(&mut command).end();
    assert_eq!(code, Some(0));
    for line in stderr.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["level"].is_string() && value["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn requests_are_answered_also_if_nothing_can_be_logged() {
    let data = tempfile::tempdir().unwrap();
    for format in ["text", "json"] {
        let mut command = amps();
        command
            .args(["serve", "--la", "localhost:0", "--log-format", format, "--log-level", "info", "--dd"])
            .arg(data.path());
        let full = File::options().write(true).open("/dev/full").unwrap();
        let server = Server::with_log(&mut command, full.into());
        assert_eq!(server.curl(&["--fail"], "/hello?project-id=PROJECT"), br#"{"status":"ok"}"#, "{format}");
        server.signal("TERM");
        assert_eq!(server.wait().0, Some(0), "{format}");
    }
}

#[test]
fn a_level_that_does_not_exist_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    let serve = |variable: &str, value: &str| {
        run(amps().args(["serve", "--la", "localhost:0", "--dd"]).arg(&folder).env(variable, value))
    };
    let (code, stdout, stderr) = serve("AMPS_LOG", "loud");
    let expected =
        "ERROR: AMPS_LOG is `loud`: expected one of `off`, `error`, `warn`, `info`, `debug`, `trace`\n";
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(2), "", expected));
    let (code, _, stderr) = serve("AMPS_LOG_FORMAT", "xml");
    assert_eq!(
        (code, stderr.as_str()),
        (Some(2), "ERROR: AMPS_LOG_FORMAT is `xml`: expected one of `text`, `json`\n")
    );
    let (code, _, stderr) = run(amps().args(["serve", "--log-level", "loud", "--dd"]).arg(&folder));
    assert!(code == Some(1) && stderr.contains("possible values: off, error"), "{stderr}");
    assert!(fs::read_dir(data.path()).unwrap().next().is_none());
}
