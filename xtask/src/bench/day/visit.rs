//! What a client does.

use super::plan::{Kind, Visit};
use super::scene::Scene;
use super::tally::{Tally, Timed};
use crate::bench::client::{Connection, Head};
use crate::bench::inputs::OTHER_PACKAGE_ID;
use crate::bench::purchases::{buy, log_in};
use crate::bench::server::Server;
use crate::error::Error;
use std::io;
use std::time::Instant;

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";

impl Visit {
    /// Does it. An answer that was not expected is entered, and ends the visit.
    pub(super) fn make(self, server: &Server, scene: &Scene, tally: &mut Tally) {
        let kind = self.kind;
        if let Err(error) = self.attempt(server, scene, tally) {
            tally.unexpected(kind, &error.to_string());
        }
    }

    fn attempt(self, server: &Server, scene: &Scene, tally: &mut Tally) -> io::Result<()> {
        let (packages, deployment) = (server.address(), deployment(server)?);
        match self.kind {
            Kind::Device => device(packages, self.device, scene, tally),
            Kind::LargeDownload => timed(tally, Timed::Other, || {
                Connection::open(packages)?.download(OTHER_PACKAGE_ID, self.device, &mut io::sink())
            }),
            Kind::Purchase => timed(tally, Timed::Purchase, || {
                let mut connection = Connection::open(deployment)?;
                buy(&mut connection, &scene.cookie(), &Scene::id_for(self.device), self.device)
            }),
            Kind::AppList => timed(tally, Timed::Other, || app_list(deployment)),
            Kind::Login => {
                timed(tally, Timed::Login, || log_in(&mut Connection::open(deployment)?).map(drop))
            }
            Kind::WrongLogin => timed(tally, Timed::Other, || {
                // Whoever fails too often has to wait: that is an answer, too.
                let target = "/login?username=nobody&password=of-nobody";
                let head = Connection::open(deployment)?.exchange(target, "", &mut io::sink())?;
                one_of(&head, &[200, 429])
            }),
            Kind::Api => timed(tally, Timed::Other, || {
                let mut connection = Connection::open(packages)?;
                for target in ["/api/v1/packages?limit=20&text=day", "/api/v1/server"] {
                    connection.exchange(target, "", &mut io::sink())?.expect_status(200)?;
                }
                Ok(())
            }),
            Kind::Upload => timed(tally, Timed::Upload, || upload(packages, &self.package.bytes, "\"ok\"")),
            Kind::Refused => timed(tally, Timed::Other, || upload(packages, &self.package.bytes, "\"fail\"")),
            Kind::Removal => timed(tally, Timed::Other, || {
                upload(packages, &self.package.bytes, "\"ok\"")?;
                let target = format!("/package/remove?id={}", self.package.id);
                let mut connection = Connection::open(packages)?;
                connection.request(("POST", &target), "", &[], &mut io::sink())?.expect_status(200)
            }),
            Kind::UploadInPieces => {
                timed(tally, Timed::Other, || pieces(packages, &self.package.bytes, true))
            }
            Kind::AbandonedPieces => {
                timed(tally, Timed::Other, || pieces(packages, &self.package.bytes, false))
            }
            Kind::HalfHead => {
                Connection::open(packages)?.send("GET /hello?project-id=PROJECT HTTP/1.1\r\nHo")
            }
            Kind::HalfUpload => {
                let length = 2 * self.package.bytes.len();
                let head = format!(
                    "PUT /package/upload HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n\r\n"
                );
                let mut connection = Connection::open(packages)?;
                connection.send(&head)?;
                connection.send_bytes(&self.package.bytes)
            }
            Kind::HalfDownload => {
                let target = format!("/package/download?id={OTHER_PACKAGE_ID}&hardware-id={}", self.device);
                Connection::open(packages)?.send(&format!("GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n"))
            }
        }
    }
}

/// Does something and notes how long it took, if it went well.
fn timed(tally: &mut Tally, what: Timed, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let start = Instant::now();
    work()?;
    tally.time(what, start.elapsed());
    Ok(())
}

fn deployment(server: &Server) -> io::Result<&str> {
    server.deployment_address().map_err(|error: Error| io::Error::other(error.to_string()))
}

/// Hello, the list unless it is known, and the package.
fn device(address: &str, device: u64, scene: &Scene, tally: &mut Tally) -> io::Result<()> {
    let mut connection = Connection::open(address)?;
    timed(tally, Timed::Other, || {
        connection.exchange("/hello?project-id=PROJECT", "", &mut io::sink())?.expect_status(200)
    })?;
    let known = scene.list_tag.lock().ok().and_then(|tag| tag.clone());
    let fields = known.map(|tag| format!("If-None-Match: {tag}\r\n")).unwrap_or_default();
    timed(tally, Timed::List, || {
        let head = connection.exchange("/package/list", &fields, &mut io::sink())?;
        one_of(&head, &[200, 304])?;
        if let Ok(mut tag) = scene.list_tag.lock() {
            *tag = head.tag;
        }
        Ok(())
    })?;
    let id = Scene::id_for(device);
    timed(tally, Timed::SignedDownload, || connection.download(&id, device, &mut io::sink()))
}

/// A device says what it is and asks what there is for it.
fn app_list(address: &str) -> io::Result<()> {
    let mut connection = Connection::open(address)?;
    let head = connection.exchange("/hello?platform=AMPS&version=1", "", &mut io::sink())?;
    head.expect_status(200)?;
    let cookie = head.cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    connection.exchange("/app/list", &cookie, &mut io::sink())?.expect_status(200)
}

/// The answer is to have this as its status.
fn upload(address: &str, package: &[u8], status: &str) -> io::Result<()> {
    let mut answer = Vec::new();
    let mut connection = Connection::open(address)?;
    connection.request(("PUT", "/package/upload"), "", package, &mut answer)?.expect_status(200)?;
    let answer = String::from_utf8_lossy(&answer);
    if answer.contains(&format!("\"status\":{status}")) {
        return Ok(());
    }
    Err(io::Error::other(format!("expected status {status}, found {answer}")))
}

/// An upload by tus in two pieces, or only the first of them.
fn pieces(address: &str, package: &[u8], is_whole: bool) -> io::Result<()> {
    let mut connection = Connection::open(address)?;
    let fields = format!("{TUS}Upload-Length: {}\r\n", package.len());
    let head = connection.request(("POST", "/api/v1/uploads/tus"), &fields, &[], &mut io::sink())?;
    head.expect_status(201)?;
    let location = head.location.ok_or_else(|| io::Error::other("expected a location"))?;
    let (first, second) = package.split_at(package.len() / 2);
    let mut send = |offset: usize, piece: &[u8]| {
        let fields =
            format!("{TUS}Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\n");
        connection.request(("PATCH", &location), &fields, piece, &mut io::sink())?.expect_status(204)
    };
    send(0, first)?;
    if is_whole { send(first.len(), second) } else { Ok(()) }
}

fn one_of(head: &Head, statuses: &[u16]) -> io::Result<()> {
    if statuses.contains(&head.status) {
        return Ok(());
    }
    Err(io::Error::other(format!("expected a status of {statuses:?}, found {}", head.status)))
}
