//! When a key does not sign: the device learns that much, the log why, and nobody a secret.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use amps_core::{SigningCertificates, SigningKey};

use crate::{
    log,
    signed_scene::{key, signing_with},
    verdicts::fixture,
};

/// A key in a token that can be pulled out.
struct Token {
    key: Arc<dyn SigningKey>,
    is_out: AtomicBool,
}

impl SigningKey for Token {
    fn certificates(&self) -> &SigningCertificates {
        self.key.certificates()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        if self.is_out.load(Ordering::Relaxed) {
            return Err("token 17 is not in its slot".into());
        }
        self.key.sign(message)
    }
}

#[test]
fn a_key_that_does_not_sign_is_the_operators_business_alone() {
    log::collect();
    let token = Arc::new(Token { key: key("store.p12", "password"), is_out: AtomicBool::new(true) });
    let server = signing_with(Arc::clone(&token) as Arc<dyn SigningKey>);
    server.add(&fixture("qt6/hello.ampkg"));
    let target = "/package/download?id=org.example.hello&hardware-id=secret-car-4711";
    let files = server.files();
    for method in ["GET", "POST"] {
        let answer = if method == "GET" { server.get(target) } else { server.post(target, "") };
        assert_eq!(answer.status, 500);
        assert_eq!(
            String::from_utf8(answer.body).unwrap(),
            r#"{"error":"internal","message":"the server could not answer; its log says why"}"#
        );
    }
    let text = log::text();
    assert_eq!(text.matches("token 17 is not in its slot").count(), 2, "{text}");
    assert!(!text.contains("secret-car-4711") && !server.console().contains("token 17"), "{text}");
    assert!(server.files() == files);
    // What needs no key goes on, and so does signing when the key is back.
    assert_eq!(server.get("/package/list").json().as_array().unwrap().len(), 1);
    token.is_out.store(false, Ordering::Relaxed);
    let signed = server.get(target);
    assert_eq!(signed.status, 200);
    // What is signed already needs the key no more.
    token.is_out.store(true, Ordering::Relaxed);
    assert!(server.get(target).body == signed.body);
    assert_eq!(server.get("/package/download?id=org.example.hello&hardware-id=other").status, 500);
}
