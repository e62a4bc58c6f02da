//! The server of the day: what is in its store before the first hour, and where new packages come from.

use crate::bench::client::Connection;
use crate::bench::inputs;
use crate::bench::purchases::{add_user, log_in};
use crate::bench::server::{Server, empty_data_directory};
use crate::error::Error;
use crate::root::{Root, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Packages that devices download, of 10 kB.
const PACKAGES: u64 = 40;

/// Noise in each. Bytes.
const SIZE_BYTES: usize = 9_000;

const CONFIGURATION: &str = "\
formatType: amps-configuration
formatVersion: 1
---
deploymentServer: { listenAddress: 'localhost:0' }
retention: { versions: 3 }
limits: { partialUploadsPerCaller: 128 }
";

/// A package that is to be sent.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) bytes: Vec<u8>,
}

/// What clients of the day need to know.
pub(super) struct Scene {
    program: PathBuf,
    packager: PathBuf,
    pki: PathBuf,
    data: PathBuf,
    /// Where packages are made.
    workshop: PathBuf,
    /// How many were made.
    made: u64,
    /// The package of 1 MB.
    large: PathBuf,
    /// The header line of a session in which a user is logged in.
    cookie: Mutex<String>,
    /// The tag of the list as it was seen last.
    pub(super) list_tag: Mutex<Option<String>>,
}

impl Scene {
    pub(super) fn new(root: &Root, programs: &Path) -> Result<Self, Error> {
        let packager = programs.join("amps-packager");
        let workshop = empty_data_directory(root, "day-workshop")?;
        let tree = workshop.join("tree");
        fs::create_dir_all(&tree).map_err(|error| Error::io(&tree, &error))?;
        let icon = tree.join("icon.png");
        fs::write(&icon, inputs::ICON).map_err(|error| Error::io(&icon, &error))?;
        let large = inputs::other_package(root, &packager)?;
        let data = empty_data_directory(root, "data-day")?;
        fs::create_dir_all(&data).map_err(|error| Error::io(&data, &error))?;
        let configuration = data.join("amps-config.yaml");
        fs::write(&configuration, CONFIGURATION).map_err(|error| Error::io(&configuration, &error))?;
        Ok(Self {
            program: programs.join("amps"),
            packager,
            pki: root.join("fixtures/pki"),
            data,
            workshop,
            made: 0,
            large,
            cookie: Mutex::default(),
            list_tag: Mutex::default(),
        })
    }

    /// Starts the server with all that devices ask for.
    pub(super) fn start(&mut self) -> Result<Server, Error> {
        add_user(&self.program, &self.data)?;
        let server = Server::launch(&self.program, &self.data, |command| {
            command.arg("--sc").arg(self.pki.join("store.p12")).env("AMPS_STORE_SIGN_PASSWORD", "password");
            command.arg("--dc").arg(self.pki.join("ca.crt")).arg("--dc").arg(self.pki.join("devca.crt"));
        })?;
        let file = self.workshop.join("first.ampkg");
        for _ in 0..PACKAGES {
            let package = self.next_package()?;
            fs::write(&file, package.bytes).map_err(|error| Error::io(&file, &error))?;
            server.upload(&file)?;
        }
        self.sign(&self.large, &file)?;
        server.upload(&file)?;
        let mut connection = Connection::open(server.deployment_address()?)
            .map_err(|error| Error::io("the deployment server", &error))?;
        let cookie = log_in(&mut connection).map_err(|error| Error::io("login", &error))?;
        self.cookie = Mutex::new(cookie);
        Ok(server)
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The id of the package that a device wants.
    pub(super) fn id_for(device: u64) -> String {
        format!("org.example.day{:02}", device % PACKAGES)
    }

    /// The header line of the session.
    pub(super) fn cookie(&self) -> String {
        self.cookie.lock().map(|cookie| cookie.clone()).unwrap_or_default()
    }

    /// A new version of the package whose turn it is, signed by its developer.
    pub(super) fn next_package(&mut self) -> Result<Package, Error> {
        self.package(Self::id_for(self.made))
    }

    /// A package whose id was never there before.
    pub(super) fn passing_package(&mut self) -> Result<Package, Error> {
        self.package(format!("org.example.passing{}", self.made))
    }

    fn package(&mut self, id: String) -> Result<Package, Error> {
        self.made += 1;
        let tree = self.workshop.join("tree");
        let write = |name: &str, bytes: &[u8]| {
            let path = tree.join(name);
            fs::write(&path, bytes).map_err(|error| Error::io(&path, &error))
        };
        write("info.yaml", manifest(&id, self.made).as_bytes())?;
        write("program", &inputs::noise_bytes(self.made, SIZE_BYTES))?;
        let (plain, signed) = (self.workshop.join("plain.ampkg"), self.workshop.join("signed.ampkg"));
        let mut command = Command::new(&self.packager);
        run(command.arg("create-package").arg(&plain).arg(&tree).stdout(Stdio::null()))?;
        self.sign(&plain, &signed)?;
        let bytes = fs::read(&signed).map_err(|error| Error::io(&signed, &error))?;
        fs::remove_file(&plain).map_err(|error| Error::io(&plain, &error))?;
        fs::remove_file(&signed).map_err(|error| Error::io(&signed, &error))?;
        Ok(Package { id, bytes })
    }

    fn sign(&self, package: &Path, signed: &Path) -> Result<(), Error> {
        let mut command = Command::new(&self.packager);
        command.arg("dev-sign-package").arg(package).arg(signed).arg(self.pki.join("dev1.p12"));
        run(command.arg("").env("AMPS_SIGN_PASSWORD", "password").stdout(Stdio::null()))
    }
}

fn manifest(id: &str, version: u64) -> String {
    format!(
        "\
%YAML 1.1
---
formatType: am-package
formatVersion: 1
---
id: {id}
icon: icon.png
name:
  en: Day
version: '1.{version}'
applications:
- id: {id}.app
  code: program
  runtime: native
"
    )
}
