//! A server with a deployment server, who uses it, and what they send.

use std::{fmt::Write as _, net::SocketAddr, path::PathBuf};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Certificates, Password, Timestamp,
    accounts::{
        Categories as _, CategoryIcon, NewCategory, NewUser, NewVendor, PasswordHash, Users as _,
        VendorCertificate, Vendors as _,
    },
};
use amps_server::{DeploymentSettings, ManagementSettings, Settings, TlsSettings};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::{
    client::{Answer, request},
    running::{Running, eventually},
    signed_scene::{anchors, key, pki},
};

/// What every user logs in with.
pub(crate) const PASSWORD: &str = "open sesame";
const BOUNDARY: &str = "a-boundary";
pub(crate) const MULTIPART: &str = "Content-Type: multipart/form-data; boundary=a-boundary\r\n";

pub(crate) struct Scene {
    pub(crate) server: Running,
    pub(crate) address: SocketAddr,
}

impl Scene {
    /// Without signatures.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(set: impl FnOnce(&mut DeploymentSettings)) -> Self {
        let set = |settings: &mut DeploymentSettings| {
            settings.no_security = true;
            set(settings);
        };
        Self::with_certificates(Certificates::default(), set)
    }

    /// A server that takes packages from developers only, and signs.
    pub(crate) fn signing() -> Self {
        let certificates = Certificates {
            developers: Some(anchors(&["chain.crt"])),
            store: Some(key("store.p12", "password")),
            ..Certificates::default()
        };
        Self::with_certificates(certificates, |_| {})
    }

    /// Without signatures, over TLS.
    pub(crate) fn secured(tls: TlsSettings) -> Self {
        Self::build(Certificates::default(), Some(tls), None, |settings| settings.no_security = true)
    }

    /// A server that takes packages from developers only, has one, signs, and speaks TLS.
    pub(crate) fn signing_secured(
        tls: TlsSettings,
        package: &[u8],
        set: impl FnOnce(&mut DeploymentSettings),
    ) -> Self {
        let certificates = Certificates {
            developers: Some(anchors(&["chain.crt"])),
            store: Some(key("store.p12", "password")),
            ..Certificates::default()
        };
        Self::build(certificates, Some(tls), Some(package), set)
    }

    pub(crate) fn with_certificates(
        certificates: Certificates,
        set: impl FnOnce(&mut DeploymentSettings),
    ) -> Self {
        Self::build(certificates, None, None, set)
    }

    fn build(
        certificates: Certificates,
        tls: Option<TlsSettings>,
        package: Option<&[u8]>,
        set: impl FnOnce(&mut DeploymentSettings),
    ) -> Self {
        let mut deployment =
            DeploymentSettings { listen_address: "localhost:0".parse().unwrap(), ..Default::default() };
        set(&mut deployment);
        let management = Some(ManagementSettings { listen_address: "localhost:0".parse().unwrap() });
        let settings = Settings { deployment: Some(deployment), management, tls, ..Settings::default() };
        Self::on(certificates, settings, package)
    }

    /// The settings must have a deployment server.
    pub(crate) fn with_settings(certificates: Certificates, settings: Settings) -> Self {
        Self::on(certificates, settings, None)
    }

    fn on(certificates: Certificates, settings: Settings, package: Option<&[u8]>) -> Self {
        let data = tempfile::tempdir().unwrap();
        if let Some(package) = package {
            std::fs::create_dir(data.path().join("upload")).unwrap();
            std::fs::write(data.path().join("upload/package.ampkg"), package).unwrap();
        }
        let server = Running::with_certificates(data, settings, certificates);
        if package.is_some() {
            eventually(|| server.console().contains("+ adding").then_some(()));
        }
        let address = server.deployment.unwrap();
        let scene = Self { server, address };
        scene.add_user("ada", true, true);
        scene.add_user("bob", true, false);
        scene.add_user("eve", false, true);
        scene.add_category("tools", None);
        scene.add_category("music", None);
        scene.add_vendor("Example", None);
        scene
    }

    /// The catalog, as another process would open it.
    pub(crate) fn catalog(&self) -> SqliteCatalog {
        SqliteCatalog::open(&self.server.data.path().join(".amps/catalog.db")).unwrap()
    }

    fn add_user(&self, name: &str, is_active: bool, is_staff: bool) {
        let password = PasswordHash::create(&Password::from(PASSWORD)).unwrap();
        let user = NewUser { name: name.parse().unwrap(), password, is_active, is_staff };
        self.catalog().create_user(&user, Timestamp(0)).unwrap();
    }

    pub(crate) fn add_category(&self, name: &str, icon: Option<Vec<u8>>) {
        let icon = icon.map(|file| CategoryIcon::read(file).unwrap());
        let category = NewCategory { name: name.parse().unwrap(), position: None, icon };
        self.catalog().create_category(&category).unwrap();
    }

    pub(crate) fn add_vendor(&self, name: &str, certificate: Option<&str>) {
        let certificate =
            certificate.map(|name| VendorCertificate::read(&std::fs::read(pki(name)).unwrap()).unwrap());
        let vendor = NewVendor { name: name.parse().unwrap(), user: "ada".parse().unwrap(), certificate };
        self.catalog().create_vendor(&vendor).unwrap();
    }

    /// A client without a session.
    pub(crate) fn device(&self) -> Device {
        Device { address: self.address, cookie: None }
    }

    /// One that has said hello.
    pub(crate) fn greeted(&self, query: &str) -> Device {
        let mut device = self.device();
        let answer = device.get(&format!("/hello?platform=NEPTUNE3&version=2{query}"));
        assert_eq!(answer.json()["status"], "ok", "{query}");
        device
    }

    /// One in which a user is logged in, too.
    pub(crate) fn logged_in(&self, user: &str) -> Device {
        let mut device = self.greeted("");
        assert_eq!(device.log_in(user), "ok");
        device
    }

    /// Uploads by staff, with what is usual.
    pub(crate) fn upload(&self, package: &[u8]) -> Value {
        self.upload_form(&[], package)
    }

    /// The same with other texts than usual.
    pub(crate) fn upload_form(&self, texts: &[(&str, &str)], package: &[u8]) -> Value {
        let mut form = Form::default();
        for (name, usual) in [
            ("description", "<b>All</b> about it"),
            ("short-description", "It"),
            ("category", "tools"),
            ("vendor", "Example"),
        ] {
            let text = texts.iter().find(|(other, _)| *other == name).map_or(usual, |(_, text)| text);
            form = form.text(name, text);
        }
        let answer = self.send(&form.file("package", package).end(), &basic("ada"));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Uploads a package that must be taken.
    #[track_caller]
    pub(crate) fn add(&self, package: &[u8]) {
        let answer = self.upload(package);
        assert_eq!(answer["status"], "ok", "{answer}");
    }

    pub(crate) fn send(&self, form: &[u8], head: &str) -> Answer {
        request(self.address, "POST", "/upload", &format!("{MULTIPART}{head}"), form)
    }
}

/// The header line of a user.
pub(crate) fn basic(user: &str) -> String {
    format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(format!("{user}:{PASSWORD}")))
}

/// A client that keeps its cookie.
pub(crate) struct Device {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: Option<String>,
}

impl Device {
    pub(crate) fn send(&mut self, method: &str, target: &str, head: &str, body: &[u8]) -> Answer {
        let cookie = self.cookie.as_ref().map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        let answer = request(self.address, method, target, &format!("{head}{cookie}"), body);
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        answer
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.send("GET", target, "", b"")
    }

    pub(crate) fn post(&mut self, target: &str, form: &str) -> Answer {
        self.send("POST", target, "Content-Type: application/x-www-form-urlencoded\r\n", form.as_bytes())
    }

    /// The answer's word to a login with the password that all have.
    pub(crate) fn log_in(&mut self, user: &str) -> String {
        let answer = self.post("/login", &format!("username={user}&password={}", PASSWORD.replace(' ', "+")));
        answer.json()["status"].as_str().unwrap().to_owned()
    }

    /// Some field of each package in a list.
    #[track_caller]
    pub(crate) fn list(&mut self, query: &str, field: &str) -> Vec<String> {
        let answer = self.get(&format!("/app/list{query}"));
        assert_eq!(answer.status, 200, "{query}");
        let list = answer.json();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        list.as_array().unwrap().iter().map(|item| text(&item[field])).collect()
    }

    #[track_caller]
    pub(crate) fn purchase(&mut self, query: &str) -> Value {
        let answer = self.get(&format!("/app/purchase?{query}"));
        assert_eq!(answer.status, 200);
        answer.json()
    }
}

/// A multipart form in the making.
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("Content-Disposition: form-data; name=\"{name}\"\r\n"), value.as_bytes())
    }

    pub(crate) fn file(self, name: &str, bytes: &[u8]) -> Self {
        let mut head = String::new();
        let _ = write!(head, "Content-Disposition: form-data; name=\"{name}\"; filename=\"a.ampkg\"\r\n");
        head.push_str("Content-Type: application/octet-stream\r\n");
        self.part(&head, bytes)
    }

    pub(crate) fn part(mut self, head: &str, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n").as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Without its end.
    pub(crate) fn unfinished(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }
}

/// A binary for an architecture.
pub(crate) fn binary(name: &str) -> Vec<u8> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures/binaries"].iter().collect();
    std::fs::read(folder.join(name)).unwrap()
}
