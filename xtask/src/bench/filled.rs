//! A data directory with many packages.

use crate::bench::inputs;
use crate::bench::server::{Server, empty_data_directory, programs};
use crate::error::Error;
use crate::root::{Root, not_started, shown};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

/// What was filled since this program began, so that it happens once for all rows.
static FILLED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Packers at the same time.
const PACKERS: u32 = 2;

/// A data directory into which a server has taken so many packages of 3 kB, and which no server uses.
///
/// They are put into `.packages` and found there at the first start: each is verified, as if it had been uploaded.
pub(super) fn data_directory(root: &Root, count: u32) -> Result<PathBuf, Error> {
    let mut filled = FILLED.lock().map_err(|_| Error::unable("another row failed while it filled"))?;
    let name = format!("data-{count}");
    let data = root.join("target/bench").join(&name);
    if filled.contains(&data) {
        return Ok(data);
    }
    let programs = programs(root)?;
    let packages = packages(root, &programs.join("amps-packager"), count)?;
    empty_data_directory(root, &name)?;
    let destination = data.join(".packages");
    fs::create_dir_all(&destination).map_err(|error| Error::io(&destination, &error))?;
    for index in 0..count {
        let name = file_name(index);
        let to = destination.join(&name);
        fs::copy(packages.join(&name), &to).map_err(|error| Error::io(&to, &error))?;
    }
    let start = Instant::now();
    let server = Server::launch(&programs.join("amps"), &data, |_| {})?;
    let seconds = start.elapsed().as_secs_f64();
    let each = 1e3 * seconds / f64::from(count);
    eprintln!("first start with {count} packages: {seconds:.1} s, {each:.2} ms for each");
    server.stop()?;
    filled.push(data.clone());
    Ok(data)
}

/// The folder with the packages, each with an id, a name, a category, an icon and a program of its own.
fn packages(root: &Root, packager: &Path, count: u32) -> Result<PathBuf, Error> {
    inputs::cached(root, &format!("packages-{count}"), |folder| {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, &error))?;
        thread::scope(|scope| {
            let packers: Vec<_> = (0..PACKERS)
                .map(|packer| scope.spawn(move || pack(packager, folder, packer, count)))
                .collect();
            packers.into_iter().try_for_each(|packer| {
                packer.join().map_err(|_| Error::unable("a thread that packs panicked"))?
            })
        })
    })
}

/// Packs those whose number leaves this rest.
fn pack(packager: &Path, folder: &Path, packer: u32, count: u32) -> Result<(), Error> {
    let tree = folder.join(format!("tree-{packer}"));
    let write = |name: &str, bytes: &[u8]| {
        let path = tree.join(name);
        fs::write(&path, bytes).map_err(|error| Error::io(&path, &error))
    };
    fs::create_dir_all(&tree).map_err(|error| Error::io(&tree, &error))?;
    write("icon.png", inputs::ICON)?;
    for index in (packer..count).step_by(PACKERS as usize) {
        write("info.yaml", manifest(index).as_bytes())?;
        write("program", &inputs::noise_bytes(u64::from(index) + 1, 2_500))?;
        let mut command = Command::new(packager);
        command.arg("create-package").arg(folder.join(file_name(index))).arg(&tree).stdout(Stdio::null());
        let status = command.status().map_err(|error| not_started(&command, &error))?;
        if !status.success() {
            return Err(Error::failed(format!("`{}` ended with {status}", shown(&command))));
        }
    }
    fs::remove_dir_all(&tree).map_err(|error| Error::io(&tree, &error))
}

/// The name that the server gives it in `.packages`.
fn file_name(index: u32) -> String {
    format!("org.example.bench{index:06}_all.ampkg")
}

fn manifest(index: u32) -> String {
    format!(
        "\
%YAML 1.1
---
formatType: am-package
formatVersion: 1
---
id: org.example.bench{index:06}
icon: icon.png
name:
  en: Bench {index}
version: '1.0'
categories: [ tools ]
applications:
- id: org.example.bench{index:06}.app
  code: program
  runtime: native
"
    )
}
