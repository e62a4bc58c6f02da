//! The server: whether one runs and answers, and whether the system gives it enough files.

use std::path::Path;

use amps_core::{DataDir, care::Finding};
use amps_server::{ListenAddress, OpenFiles, ProjectId, ServerLimits};

use super::super::{hello::hello, named_files::text};

/// Whether the system allows the open files that the limits need.
pub(super) fn open_files(limits: &ServerLimits, listeners: u64) -> Finding {
    let OpenFiles { needed, allowed } = OpenFiles::of(limits, listeners);
    match allowed {
        Some(allowed) if allowed < needed => Finding::warning(
            "open-files",
            "open files",
            format!("the system allows {allowed}, and the limits need {needed}"),
            "raise it (ulimit -Hn, LimitNOFILE=) or lower `connections`; a service may have another limit than this shell",
        ),
        Some(allowed) => {
            Finding::ok("open-files", "open files", format!("{needed} needed, {allowed} allowed"))
        }
        None => Finding::ok("open-files", "open files", format!("{needed} needed, any number allowed")),
    }
}

/// Whether a server has the data directory, and what it says.
pub(super) fn running(
    data_directory: &Path,
    address: ListenAddress,
    project: &ProjectId,
    speaks_tls: bool,
) -> Vec<Finding> {
    let subject = text(&data_directory.join(".lock"));
    let pid = match DataDir::owner(data_directory) {
        Ok(Some(pid)) => pid,
        Ok(None) => return vec![Finding::ok("server", subject, "no server runs in the data directory")],
        Err(error) => {
            let message = format!("nobody can tell whether a server runs: {error}");
            return vec![Finding::warning("server", subject, message, "run this as the server's user")];
        }
    };
    let runs =
        Finding::ok("server", subject, format!("the server with process id {pid} has the data directory"));
    vec![runs, answering(address, project, speaks_tls)]
}

fn answering(address: ListenAddress, project: &ProjectId, speaks_tls: bool) -> Finding {
    let elsewhere = "if it was told to listen elsewhere, or for another project, on its command line, this does not matter; else read its log";
    match hello(address, project) {
        Err(error) => {
            let message = format!("it does not answer: {error}");
            Finding::warning("server-hello", address.to_string(), message, elsewhere)
        }
        Ok(answer) => {
            let subject = answer.address.to_string();
            if speaks_tls && answer.body.contains("\"plain-http\"") {
                // Whether its certificate is the right one for its clients, only they know.
                Finding::ok("server-hello", subject, "it speaks TLS; which project it serves was not asked")
            } else if !answer.status.starts_with("HTTP/1.1 200") {
                let message = format!("it answers `{}`: expected `HTTP/1.1 200 OK`", answer.status);
                Finding::warning("server-hello", subject, message, elsewhere)
            } else if answer.body == r#"{"status":"ok"}"# {
                Finding::ok("server-hello", subject, format!("it serves the project `{}`", project.as_str()))
            } else {
                let message =
                    format!("it does not serve the project `{}`: {}", project.as_str(), answer.body);
                Finding::warning("server-hello", subject, message, elsewhere)
            }
        }
    }
}
