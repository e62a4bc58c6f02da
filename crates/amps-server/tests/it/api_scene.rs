//! The native API with a client that holds every answer against the document that describes it.

use std::{collections::BTreeMap, sync::Mutex};

use amps_core::accounts::{
    AccessTokens as _, ApiToken, Categories as _, NewAccessToken, NewUser, NewVendor, PackageScope,
    PasswordHash, Quotas, Users as _, Vendors as _,
};
use amps_core::{Certificates, Timestamp};
use amps_server::{DeploymentSettings, Settings};
use serde_json::{Value, json};

use crate::{
    access_scene::bearer,
    client::{Answer, request},
    deployment_scene::{PASSWORD, Scene},
    running::eventually,
};

pub(crate) const JSON: &str = "Content-Type: application/json\r\n";
pub(crate) const BYTES: &str = "Content-Type: application/octet-stream\r\n";

/// What a browser says of a page of this server.
pub(crate) const OWN_PAGE: &str = "Sec-Fetch-Site: same-origin\r\n";

pub(crate) struct Api {
    pub(crate) scene: Scene,
    /// The header line of somebody who may do everything.
    pub(crate) owner: String,
    document: Value,
    /// Which operations were seen with which statuses.
    seen: Mutex<BTreeMap<(String, String), Vec<u16>>>,
}

impl Api {
    pub(crate) fn start(anonymous: &str) -> Self {
        Self::with(anonymous, Certificates::default(), |_| {})
    }

    pub(crate) fn with(anonymous: &str, certificates: Certificates, set: impl FnOnce(&mut Settings)) -> Self {
        let deployment = DeploymentSettings {
            listen_address: "localhost:0".parse().unwrap(),
            no_security: true,
            ..DeploymentSettings::default()
        };
        let mut settings = Settings {
            deployment: Some(deployment),
            anonymous_access: Some(anonymous.parse().unwrap()),
            ..Settings::default()
        };
        set(&mut settings);
        let scene = Scene::with_settings(certificates, settings);
        let answer = request(scene.server.address, "GET", "/api/v1/openapi.json", "", b"");
        assert_eq!(answer.status, 200);
        let mut api = Self { scene, owner: String::new(), document: answer.json(), seen: Mutex::default() };
        api.owner = bearer(&api.token("owner", "admin", &[], None));
        let settled = || request(api.scene.server.address, "GET", "/api/v1/users", &api.owner, b"").status;
        eventually(|| (settled() == 200).then_some(()));
        api
    }

    /// Makes a token with a name, roles and patterns.
    pub(crate) fn token(&self, name: &str, roles: &str, patterns: &[&str], end: Option<Timestamp>) -> String {
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

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// The header lines of a page of this server in whose browser a user has signed in.
    #[track_caller]
    pub(crate) fn signed_in(&self, user: &str) -> String {
        let body = json!({ "userName": user, "password": PASSWORD }).to_string();
        let answer = self.send("POST", "/session", JSON, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap();
        format!("Cookie: {cookie}\r\n{OWN_PAGE}")
    }

    /// Asks as somebody who may do everything.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &self.owner, b"");
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Changes something with a body in JSON, as somebody who may do everything.
    #[track_caller]
    pub(crate) fn change(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &format!("{JSON}{}", self.owner), body.to_string().as_bytes())
    }

    /// Uploads a package that must be taken.
    #[track_caller]
    pub(crate) fn add(&self, package: &[u8]) -> Value {
        let answer = self.send("POST", "/uploads", &format!("{BYTES}{}", self.owner), package);
        assert!(matches!(answer.status, 200 | 201), "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Sends a request, and holds the answer against the document. The path is that below the API.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, target: &str, head: &str, body: &[u8]) -> Answer {
        let answer = request(self.scene.server.address, method, &format!("/api/v1{target}"), head, body);
        let what = format!("{method} {target}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        let path = target.split('?').next().unwrap();
        if answer.status >= 400 && method != "HEAD" {
            let problem: Value = serde_json::from_slice(&answer.body).expect(&what);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
            assert_eq!(problem["status"], answer.status, "{what}");
            let code = problem["code"].as_str().expect(&what);
            assert_eq!(problem["type"], format!("urn:amps:problem:{code}"), "{what}");
        }
        let Some((template, operation)) = self.operation(method, path) else {
            assert!(matches!(answer.status, 403..=405), "{what} is not documented");
            return answer;
        };
        let documented = &operation["responses"][answer.status.to_string()];
        assert!(documented.is_object(), "{what} is not documented");
        for (name, header) in documented["headers"].as_object().into_iter().flatten() {
            assert!(answer.header(name).is_some(), "{what}: no {name}, documented as {header}");
        }
        self.check_body(&answer, &documented["content"], &what);
        self.seen.lock().unwrap().entry((method.to_owned(), template)).or_default().push(answer.status);
        answer
    }

    /// The documented operation of a path, and its template.
    fn operation(&self, method: &str, path: &str) -> Option<(String, &Value)> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(wanted, part)| wanted == part || wanted.starts_with('{'))
        };
        let mut found: Vec<_> = self.document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(template, _)| fits(template))
            .collect();
        // What is written out goes before what is not.
        found.sort_by_key(|(template, _)| template.matches('{').count());
        let (template, item) = found.first()?;
        Some(((*template).clone(), item.get(method.to_lowercase())?))
    }

    fn check_body(&self, answer: &Answer, content: &Value, what: &str) {
        let Some(kind) = answer.header("content-type") else {
            assert!(answer.body.is_empty(), "{what} has a body of no kind");
            return;
        };
        let essence = kind.split(';').next().unwrap();
        if answer.body.is_empty() {
            return;
        }
        let documented = content.get(essence).or_else(|| content.get("*/*"));
        let Some(documented) = documented else { panic!("{what}: {kind} is not documented: {content}") };
        if essence.ends_with("json") {
            let value: Value = serde_json::from_slice(&answer.body).expect(what);
            let mut schema = documented["schema"].clone();
            schema["components"] = closed(self.document["components"].clone());
            let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{what} is not as documented: {errors:?}");
        }
    }

    /// The operations that were seen, and with which statuses.
    pub(crate) fn seen(&self) -> BTreeMap<(String, String), Vec<u16>> {
        self.seen.lock().unwrap().clone()
    }

    /// A user, if there is none of this name.
    pub(crate) fn need_user(&self, name: &str) {
        let new = NewUser {
            name: name.parse().unwrap(),
            password: PasswordHash::of_none(),
            is_active: true,
            is_staff: false,
        };
        let _ = self.scene.catalog().create_user(&new, Timestamp(0));
    }

    pub(crate) fn need_vendor(&self, name: &str) {
        let new = NewVendor { name: name.parse().unwrap(), user: "ada".parse().unwrap(), certificate: None };
        let _ = self.scene.catalog().create_vendor(&new);
    }

    pub(crate) fn forget(&self, list: &str, name: &str) {
        let catalog = self.scene.catalog();
        let _ = match list {
            "users" => catalog.remove_user(&name.parse().unwrap()),
            "vendors" => catalog.remove_vendor(&name.parse().unwrap()),
            _ => catalog.remove_category(&name.parse().unwrap()),
        };
    }
}

/// The same schemas, where nothing else may be in an answer than what they name.
fn closed(mut components: Value) -> Value {
    for schema in components["schemas"].as_object_mut().unwrap().values_mut() {
        if schema["properties"].is_object() && schema.get("additionalProperties").is_none() {
            schema["additionalProperties"] = json!(false);
        }
    }
    components
}
