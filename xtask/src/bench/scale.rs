//! Ten thousand packages: lists, the start, and memory.

use crate::bench::client::Connection;
use crate::bench::compare::{Pair, Side};
use crate::bench::filled::data_directory;
use crate::bench::measure::{self, Cost};
use crate::bench::nginx::Nginx;
use crate::bench::process::{CpuTime, peak_memory_bytes};
use crate::bench::server::{Server, programs};
use crate::error::Error;
use crate::root::Root;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const PACKAGES: u32 = 10_000;

/// Lists in a round, one after the other over one connection.
const LISTS: u32 = 1_000;

/// Lists of each form before the memory is read.
const LISTS_FOR_MEMORY: u32 = 100;

const LIST: &str = "/package/list";

/// The name of the list at nginx.
const FILE: &str = "/list.json";

const GZIP: &str = "Accept-Encoding: gzip\r\n";

/// Which form of the list a client asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Gzip,
    /// It has the list already, and asks whether it changed.
    Unchanged,
}

/// The whole list as it is.
pub(super) fn list(root: &Root) -> Result<Pair, Error> {
    lists(root, Form::Plain)
}

/// The whole list, compressed.
pub(super) fn compressed_list(root: &Root) -> Result<Pair, Error> {
    lists(root, Form::Gzip)
}

/// 304 for a client that has it.
pub(super) fn unchanged_list(root: &Root) -> Result<Pair, Error> {
    lists(root, Form::Unchanged)
}

/// Lists beside nginx that serves the same bytes as files.
fn lists(root: &Root, form: Form) -> Result<Pair, Error> {
    let data = data_directory(root, PACKAGES)?;
    let server = Server::launch(&programs(root)?.join("amps"), &data, |_| {})?;
    let (plain, gzip) = (root.join("target/bench/list.json"), root.join("target/bench/list.json.gz"));
    save(server.address(), "", &plain)?;
    save(server.address(), GZIP, &gzip)?;
    let nginx = Nginx::start(root, "nginx-list", &[("list.json", &plain), ("list.json.gz", &gzip)])?;
    let size = fs::metadata(if form == Form::Gzip { &gzip } else { &plain });
    let size = size.map_err(|error| Error::io(&plain, &error))?.len();
    let label = match form {
        Form::Plain => format!("{LISTS} lists of {PACKAGES} packages, {size} bytes each (server)"),
        Form::Gzip => format!("{LISTS} lists of {PACKAGES} packages, {size} bytes of gzip each (server)"),
        Form::Unchanged => format!("{LISTS} questions whether the list changed: 304 (server)"),
    };
    Ok(Pair {
        a: Side {
            label,
            run: Box::new(move || {
                measure::during(server.pid(), || ask(server.address(), LIST, form, LISTS).map(drop))
            }),
        },
        b: Side {
            label: "the same from nginx (worker)".to_owned(),
            run: Box::new(move || {
                measure::during(nginx.worker(), || ask(nginx.address(), FILE, form, LISTS).map(drop))
            }),
        },
    })
}

/// The start until it listens, beside a program that only looks at each of the packages.
pub(super) fn restart(root: &Root) -> Result<Pair, Error> {
    let data = data_directory(root, PACKAGES)?;
    let program = programs(root)?.join("amps");
    let packages = data.join(".packages");
    Ok(Pair {
        a: Side {
            label: format!("start on {PACKAGES} known packages"),
            run: Box::new(move || {
                let start = Instant::now();
                let server = Server::launch(&program, &data, |_| {})?;
                let cost = cost_since(start, &server)?;
                server.stop()?;
                Ok(cost)
            }),
        },
        b: Side {
            label: "find -printf %i%s%T@ over .packages".to_owned(),
            run: Box::new(move || {
                let mut find = Command::new("find");
                find.arg(&packages).args(["-type", "f", "-printf", "%i %s %T@\\n"]);
                measure::pipeline(vec![find], Stdio::null())
            }),
        },
    })
}

/// Memory from the start until a hundred lists of each form are sent, beside a server with one package.
pub(super) fn memory(root: &Root) -> Result<Pair, Error> {
    Ok(Pair { a: start_and_lists(root, PACKAGES)?, b: start_and_lists(root, 1)? })
}

fn start_and_lists(root: &Root, packages: u32) -> Result<Side, Error> {
    let data = data_directory(root, packages)?;
    let program = programs(root)?.join("amps");
    Ok(Side {
        label: format!("start, {LISTS_FOR_MEMORY} lists and as many compressed; packages: {packages}"),
        run: Box::new(move || {
            let start = Instant::now();
            let server = Server::launch(&program, &data, |_| {})?;
            let plain = ask(server.address(), LIST, Form::Plain, LISTS_FOR_MEMORY)?;
            // One package is not worth compressing.
            let form = if packages > 1 { Form::Gzip } else { Form::Plain };
            let other = ask(server.address(), LIST, form, LISTS_FOR_MEMORY)?;
            if packages > 1 && other >= plain {
                return Err(Error::failed(format!("expected less than {plain} bytes, found {other}")));
            }
            let cost = cost_since(start, &server)?;
            server.stop()?;
            Ok(cost)
        }),
    })
}

/// What a server cost since it was started.
fn cost_since(start: Instant, server: &Server) -> Result<Cost, Error> {
    let wall = start.elapsed();
    let cpu = CpuTime::of(server.pid())?.own;
    let peak_memory_bytes =
        peak_memory_bytes(server.pid()).ok_or_else(|| Error::failed("the server ended by itself"))?;
    Ok(Cost { wall, cpu, peak_memory_bytes })
}

/// Asks so many times over one connection; the bytes of one answer. Every one must be of the form that was asked for.
fn ask(address: &str, target: &str, form: Form, count: u32) -> Result<usize, Error> {
    let exchange = || -> io::Result<usize> {
        let mut connection = Connection::open(address)?;
        let fields = match form {
            Form::Plain => String::new(),
            Form::Gzip => GZIP.to_owned(),
            Form::Unchanged => {
                let tag = connection.exchange(target, "", &mut io::sink())?.tag;
                format!("If-None-Match: {}\r\n", tag.ok_or_else(|| io::Error::other("expected an etag"))?)
            }
        };
        let mut length = 0;
        for _ in 0..count {
            let head = connection.exchange(target, &fields, &mut io::sink())?;
            head.expect_status(if form == Form::Unchanged { 304 } else { 200 })?;
            if head.is_gzip != (form == Form::Gzip) {
                return Err(io::Error::other("the answer is compressed, or not, as it should not be"));
            }
            length = head.length;
        }
        Ok(length)
    };
    exchange().map_err(|error| Error::failed(format!("{target}: {error}")))
}

/// Saves the body of a list.
fn save(address: &str, fields: &str, path: &Path) -> Result<(), Error> {
    let saved = || -> io::Result<()> {
        let mut file = fs::File::create(path)?;
        Connection::open(address)?.exchange(LIST, fields, &mut file)?.expect_status(200)?;
        file.flush()
    };
    saved().map_err(|error| Error::io(path, &error))
}
