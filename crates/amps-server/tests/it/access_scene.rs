//! A server of both dialects, tokens of every kind, and requests for a package that is there.

use std::sync::Mutex;

use amps_core::{
    Certificates, Timestamp,
    accounts::{AccessTokens as _, ApiToken, NewAccessToken, PackageScope, Quotas},
};
use amps_server::{AnonymousAccess, DeploymentSettings, Settings};
use amps_testkit::PackageBuilder;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    client::{Answer, request},
    deployment_scene::{Device, Form, MULTIPART, Scene, basic},
    running::eventually,
};

/// The package that requests ask for.
pub(crate) const ID: &str = "org.example.hello";

pub(crate) struct AccessScene {
    pub(crate) scene: Scene,
    /// The header line of somebody who may do everything.
    owner: String,
    /// Somebody who is logged in.
    buyer: Mutex<Device>,
}

impl AccessScene {
    /// A server with this setting, on which a package is.
    pub(crate) fn start(anonymous: &str) -> Self {
        let deployment = DeploymentSettings {
            listen_address: "localhost:0".parse().unwrap(),
            no_security: true,
            ..DeploymentSettings::default()
        };
        let anonymous: AnonymousAccess = anonymous.parse().unwrap();
        let settings = Settings {
            deployment: Some(deployment),
            anonymous_access: Some(anonymous),
            ..Settings::default()
        };
        let scene = Scene::with_settings(Certificates::default(), settings);
        let buyer = Mutex::new(scene.logged_in("bob"));
        let mut scene = Self { scene, owner: String::new(), buyer };
        scene.owner = bearer(&scene.token("owner", "admin", &[]));
        scene.add(&package(ID));
        scene
    }

    /// Uploads a package that must be taken.
    pub(crate) fn add(&self, package: &[u8]) {
        assert_eq!(self.ask("PUT", "/package/upload", &self.owner, package).json()["status"], "ok");
    }

    /// Makes a token with a name, roles and patterns, and waits until the server knows it.
    pub(crate) fn token(&self, name: &str, roles: &str, patterns: &[&str]) -> String {
        let token = self.token_until(name, roles, patterns, None);
        eventually(|| (self.ask("GET", "/hello", &bearer(&token), b"").status == 200).then_some(()));
        token
    }

    fn token_until(&self, name: &str, roles: &str, patterns: &[&str], end: Option<Timestamp>) -> String {
        let token = ApiToken::generate().unwrap();
        let new = NewAccessToken {
            name: name.parse().unwrap(),
            roles: roles.parse().unwrap(),
            scope: PackageScope::new(patterns.iter().map(|text| text.parse().unwrap()).collect()).unwrap(),
            quotas: Quotas::default(),
            expires_at: end,
        };
        self.scene.catalog().create_access_token(&token.hash(), &new, Timestamp(0)).unwrap();
        token.reveal()
    }

    /// A token that has expired.
    pub(crate) fn expired(&self, name: &str) -> String {
        self.token_until(name, "admin", &[], Some(Timestamp(1)))
    }

    /// Revokes a token, and waits until the server knows it.
    pub(crate) fn revoke(&self, name: &str, token: &str) {
        assert!(self.scene.catalog().revoke_access_token(&name.parse().unwrap(), Timestamp(0)).unwrap());
        eventually(|| (self.ask("GET", "/hello", &bearer(token), b"").status == 401).then_some(()));
    }

    /// Asks the package server.
    pub(crate) fn ask(&self, method: &str, target: &str, head: &str, body: &[u8]) -> Answer {
        request(self.scene.server.address, method, target, head, body)
    }

    /// Sends what stands in a row of the matrix, about the package that is there.
    pub(crate) fn send(&self, dialect: &str, method: &str, path: &str, head: &str) -> Answer {
        let all = format!("id={ID}&project-id=PROJECT&username=ada&password=open+sesame&device_id=1");
        match (dialect, path) {
            ("package", "/package/upload") => self.ask(method, path, head, &package(ID)),
            ("package", _) => self.ask(method, &format!("{path}?{all}"), head, b""),
            ("deployment", "/upload") => {
                request(self.scene.address, method, path, &format!("{MULTIPART}{head}"), &form(ID))
            }
            ("deployment", _) => {
                let target = match path {
                    "/app/icons/{name}" => format!("/app/icons/{ID}_All_"),
                    "/app/download/{token}" => self.purchased(),
                    _ => format!("{path}?{}", if method == "POST" { "" } else { &all }),
                };
                let form = "Content-Type: application/x-www-form-urlencoded\r\n";
                let (head, body) = match method {
                    "POST" => (format!("{form}{head}"), all.as_bytes()),
                    _ => (head.to_owned(), &b""[..]),
                };
                request(self.scene.address, method, &target, &head, body)
            }
            _ => panic!("{dialect} {path}"),
        }
    }

    /// The path of a download that a user has bought.
    fn purchased(&self) -> String {
        let url = self.buyer.lock().unwrap().purchase(&format!("id={ID}&device_id=1"))["url"].clone();
        url.as_str().unwrap().strip_prefix("http://test").unwrap().to_owned()
    }

    /// The header line of a user's session.
    pub(crate) fn session(&self, user: &str) -> String {
        let Device { cookie, .. } = self.scene.logged_in(user);
        format!("Cookie: {}\r\n", cookie.unwrap())
    }
}

/// A package with an icon.
pub(crate) fn package(id: &str) -> Vec<u8> {
    PackageBuilder::hello().id(id).build()
}

/// The form that brings it to the deployment server.
pub(crate) fn form(id: &str) -> Vec<u8> {
    let texts =
        [("description", "D"), ("short-description", "S"), ("category", "tools"), ("vendor", "Example")];
    let form = texts.iter().fold(Form::default(), |form, (name, text)| form.text(name, text));
    form.file("package", &package(id)).end()
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// The token as a password.
pub(crate) fn password(token: &str) -> String {
    format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(format!("any name:{token}")))
}

/// The header line of a user with their password.
pub(crate) fn of_user(name: &str) -> String {
    basic(name)
}
