//! What the deployment server's way to a package costs: a purchase, and a download that is signed for the device.

use crate::bench::client::Connection;
use crate::bench::compare::{Pair, Side};
use crate::bench::downloads::{LARGE_DOWNLOADS, downloading};
use crate::bench::inputs;
use crate::bench::measure::{self, Cost};
use crate::bench::server::{Server, empty_data_directory, programs};
use crate::error::Error;
use crate::root::Root;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

const USER: &str = "bench";
const PASSWORD: &str = "of-a-bench";

const CONFIGURATION: &str = "\
formatType: amps-configuration
formatVersion: 1
---
deploymentServer: { listenAddress: 'localhost:0' }
";

/// A package of 33 MB, bought and downloaded for a device that has not asked before, beside the same file as it was uploaded.
pub(super) fn large(root: &Root) -> Result<Pair, Error> {
    let package = inputs::package(root, &programs(root)?.join("amps-packager"))?;
    let plain = Server::start(root)?;
    plain.upload(&package)?;
    let shop = shop(root, &package)?;
    let label = format!("{LARGE_DOWNLOADS} purchases and downloads of 33 MB, each signed for another device");
    Ok(Pair {
        a: Side { label, run: buying(shop)? },
        b: Side {
            label: format!(
                "{LARGE_DOWNLOADS} downloads of 33 MB as it was uploaded, from the package server"
            ),
            run: downloading(plain, LARGE_DOWNLOADS, 1),
        },
    })
}

/// A deployment server that signs, with the package and a user. Before it wants to know developers, the package is uploaded.
fn shop(root: &Root, package: &Path) -> Result<Server, Error> {
    let program = programs(root)?.join("amps");
    let data = empty_data_directory(root, "data-deployment")?;
    let pki = root.join("fixtures/pki");
    let key = |command: &mut Command| {
        command.arg("--sc").arg(pki.join("store.p12")).env("AMPS_STORE_SIGN_PASSWORD", "password");
    };
    let before = Server::launch(&program, &data, key)?;
    before.upload(package)?;
    before.stop()?;
    add_user(&program, &data)?;
    let configuration = data.join("amps-config.yaml");
    fs::write(&configuration, CONFIGURATION).map_err(|error| Error::io(&configuration, &error))?;
    Server::launch(&program, &data, |command| {
        key(command);
        command.arg("--dc").arg(pki.join("ca.crt"));
    })
}

pub(super) fn add_user(program: &Path, data: &Path) -> Result<(), Error> {
    let failed = |error: &io::Error| Error::io(program, error);
    let mut command = Command::new(program);
    command.args(["create-user", "--password-stdin", "--username", USER, "--dd"]).arg(data);
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(|error| failed(&error))?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{PASSWORD}").map_err(|error| failed(&error))?;
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::unable(format!("`amps create-user` ended with {status}")))
    }
}

/// Buys and downloads the package so many times, for devices that never asked before, as one user on one connection.
fn buying(server: Server) -> Result<Box<dyn FnMut() -> Result<Cost, Error>>, Error> {
    let address = server.deployment_address()?.to_owned();
    let failed = |error: io::Error| Error::unable(format!("purchase of {}: {error}", inputs::PACKAGE_ID));
    let mut connection = Connection::open(&address).map_err(failed)?;
    let cookie = log_in(&mut connection).map_err(failed)?;
    let mut next = 0;
    Ok(Box::new(move || {
        let devices = next..next + LARGE_DOWNLOADS;
        next = devices.end;
        measure::during(server.pid(), || {
            let mut connection = Connection::open(&address).map_err(failed)?;
            devices
                .into_iter()
                .try_for_each(|device| buy(&mut connection, &cookie, inputs::PACKAGE_ID, device))
                .map_err(failed)
        })
    }))
}

/// The header line of a session in which the user is logged in.
pub(super) fn log_in(connection: &mut Connection) -> io::Result<String> {
    let target = format!("/login?username={USER}&password={PASSWORD}");
    let mut answer = Vec::new();
    let head = connection.exchange(&target, "", &mut answer)?;
    head.expect_status(200)?;
    let cookie = head.cookie.filter(|_| answer == br#"{"status":"ok"}"#);
    let refused = || io::Error::other(format!("login: {}", String::from_utf8_lossy(&answer)));
    Ok(format!("Cookie: {}\r\n", cookie.ok_or_else(refused)?))
}

/// Buys a package for a device and downloads it.
pub(super) fn buy(connection: &mut Connection, cookie: &str, id: &str, device: u64) -> io::Result<()> {
    let mut answer = Vec::new();
    let target = format!("/app/purchase?id={id}&device_id={device}");
    connection.exchange(&target, cookie, &mut answer)?.expect_status(200)?;
    let answer = String::from_utf8_lossy(&answer);
    let path = download_path(&answer).ok_or_else(|| io::Error::other(format!("purchase: {answer}")))?;
    connection.exchange(path, "", &mut io::sink())?.expect_status(200)
}

/// The path of the URL that a purchase is answered with.
fn download_path(answer: &str) -> Option<&str> {
    let url = answer.split_once("\"url\":\"")?.1.split_once('"')?.0;
    url.get(url.find("/app/download/")?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_purchase_is_found() {
        let answer = r#"{"status":"ok","url":"http://bench/app/download/abc-_9","expiresIn":600}"#;
        assert_eq!(download_path(answer), Some("/app/download/abc-_9"));
        assert_eq!(download_path(r#"{"status":"failed","error":"no such application"}"#), None);
    }
}
