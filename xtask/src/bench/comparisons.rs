//! The comparisons, each a row and a function that prepares its two sides.

use crate::bench::compare::{Pair, Side};
use crate::bench::server::{Server, programs};
use crate::bench::{beside_nginx, downloads, inputs, measure, purchases, scale, stalled};
use crate::error::Error;
use crate::root::Root;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::rc::Rc;

/// A comparison by name.
pub(super) struct Comparison {
    pub(super) name: &'static str,
    /// Makes what the sides need; nothing of it is measured.
    pub(super) prepare: fn(&Root) -> Result<Pair, Error>,
}

pub(super) const COMPARISONS: &[Comparison] = &[
    Comparison { name: "noise-commands", prepare: noise_of_commands },
    Comparison { name: "noise-process", prepare: noise_of_this_process },
    Comparison { name: "upload", prepare: upload },
    Comparison { name: "upload-signing", prepare: upload_signing },
    Comparison { name: "upload-memory", prepare: upload_memory },
    Comparison { name: "download-signed", prepare: downloads::large },
    Comparison { name: "signed-small", prepare: downloads::small },
    Comparison { name: "purchase-download", prepare: purchases::large },
    Comparison { name: "create-package", prepare: create_package },
    Comparison { name: "download-4k", prepare: beside_nginx::four_kilobytes },
    Comparison { name: "download-1m", prepare: beside_nginx::one_megabyte },
    Comparison { name: "download-32m", prepare: beside_nginx::thirty_two_megabytes },
    Comparison { name: "download-tls-1m", prepare: beside_nginx::one_megabyte_secured },
    Comparison { name: "download-tls-32m", prepare: beside_nginx::thirty_two_megabytes_secured },
    Comparison { name: "list-10k", prepare: scale::list },
    Comparison { name: "list-10k-gzip", prepare: scale::compressed_list },
    Comparison { name: "list-10k-304", prepare: scale::unchanged_list },
    Comparison { name: "restart-10k", prepare: scale::restart },
    Comparison { name: "memory-10k", prepare: scale::memory },
    Comparison { name: "stalled-hello", prepare: stalled::hello_on_fresh_connections },
    Comparison { name: "stalled-keep-alive", prepare: stalled::hello_on_one_connection },
    Comparison { name: "stalled-upload", prepare: stalled::upload },
];

/// Taking in a package of 33 MB that unpacks to 80 MB, beside the least that has to be done with it.
fn upload(root: &Root) -> Result<Pair, Error> {
    beside_the_least(root, Server::start(root)?, "upload of 33 MB (server)")
}

/// The same with a store key: where the package can be cut for a signature is worked out, too.
fn upload_signing(root: &Root) -> Result<Pair, Error> {
    beside_the_least(root, Server::start_signing(root)?, "upload of 33 MB (server that signs)")
}

fn beside_the_least(root: &Root, server: Server, label: &str) -> Result<Pair, Error> {
    let package = inputs::package(root, &programs(root)?.join("amps-packager"))?;
    let server = Rc::new(server);
    let b = package.clone();
    Ok(Pair {
        a: uploading(&server, package, label),
        b: Side {
            label: "gzip -dc | sha256sum".to_owned(),
            run: Box::new(move || {
                let mut gzip = Command::new("gzip");
                gzip.arg("-dc").arg(&b);
                measure::pipeline(vec![gzip, Command::new("sha256sum")], Stdio::null())
            }),
        },
    })
}

/// The memory that the server needs for a package of 2 GiB, beside that for one of 33 MB.
fn upload_memory(root: &Root) -> Result<Pair, Error> {
    let packager = programs(root)?.join("amps-packager");
    let large = inputs::large_package(root, &packager)?;
    let small = inputs::package(root, &packager)?;
    let server = Rc::new(Server::start(root)?);
    Ok(Pair {
        a: uploading(&server, large, "upload of 2 GiB (server)"),
        b: uploading(&server, small, "upload of 33 MB (server)"),
    })
}

/// Uploads a package to a server that does not have it; what that costs the server.
fn uploading(server: &Rc<Server>, package: PathBuf, label: &str) -> Side {
    let server = Rc::clone(server);
    Side {
        label: label.to_owned(),
        run: Box::new(move || {
            let cost = measure::during(server.pid(), || server.upload(&package))?;
            server.remove(inputs::PACKAGE_ID)?;
            Ok(cost)
        }),
    }
}

/// Packing a tree of 80 MB, beside the system's tools.
fn create_package(root: &Root) -> Result<Pair, Error> {
    let packager = programs(root)?.join("amps-packager");
    let tree = inputs::tree(root)?;
    let package = root.join("target/bench/created.ampkg");
    let b = tree.clone();
    Ok(Pair {
        a: Side {
            label: "amps-packager create-package".to_owned(),
            run: Box::new(move || {
                let mut command = Command::new(&packager);
                command.arg("create-package").arg(&package).arg(&tree);
                measure::pipeline(vec![command], Stdio::null())
            }),
        },
        b: Side {
            label: "tar c | gzip".to_owned(),
            run: Box::new(move || {
                let mut tar = Command::new("tar");
                tar.arg("-C").arg(&b).args(["-cf", "-", "."]);
                measure::pipeline(vec![tar, Command::new("gzip")], Stdio::null())
            }),
        },
    })
}

/// Unpacking with the system's tools, compared with itself.
fn noise_of_commands(root: &Root) -> Result<Pair, Error> {
    let archive = inputs::archive(root)?;
    let side = |archive: PathBuf| Side {
        label: "gzip -dc | tar -t".to_owned(),
        run: Box::new(move || {
            let mut gzip = Command::new("gzip");
            gzip.arg("-dc").arg(&archive);
            let mut tar = Command::new("tar");
            tar.args(["-tf", "-"]);
            measure::pipeline(vec![gzip, tar], Stdio::null())
        }),
    };
    Ok(Pair { a: side(archive.clone()), b: side(archive) })
}

/// Work of this process, compared with itself.
#[allow(clippy::unnecessary_wraps, reason = "preparing may fail for other rows of the table")]
fn noise_of_this_process(_: &Root) -> Result<Pair, Error> {
    let side = || Side {
        label: "content of the inputs".to_owned(),
        run: Box::new(|| {
            measure::during(std::process::id(), || {
                black_box(inputs::content(64 << 20));
                Ok(())
            })
        }),
    };
    Ok(Pair { a: side(), b: side() })
}
