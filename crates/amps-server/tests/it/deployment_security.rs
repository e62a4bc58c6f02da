//! Signatures: whose packages are taken, and for whom they are signed.

use std::sync::Arc;

use amps_core::Certificates;
use amps_server::{Console, DeploymentSettings, ServeOptions, Settings, serve};
use amps_testkit::PackageBuilder;

use crate::{
    deployment_scene::Scene,
    signed_scene::{anchors, is_for, is_from, key, read, signed_by_developer},
    verdicts::fixture,
};

#[test]
fn downloads_are_signed_for_the_device_that_bought_them() {
    let scene = Scene::signing();
    let package = signed_by_developer(&PackageBuilder::hello().build(), &*key("dev1.p12", "password"));
    scene.add(&package);
    let store = anchors(&["ca.crt"]);
    let mut device = scene.logged_in("bob");
    let mut download = |device_id: &str| {
        let url = device.purchase(&format!("id=org.example.hello&device_id={device_id}"))["url"].clone();
        let answer = device.get(url.as_str().unwrap().strip_prefix("http://test").unwrap());
        assert_eq!(answer.status, 200);
        answer.body
    };
    let [first, second, again] = ["car-1", "car-2", "car-1"].map(&mut download);
    let verified = read(&first).unwrap();
    is_from(&verified, &anchors(&["chain.crt"])).unwrap();
    is_for(&verified, &store, Some("car-1")).unwrap();
    is_for(&verified, &store, Some("car-2")).unwrap_err();
    is_for(&read(&second).unwrap(), &store, Some("car-2")).unwrap();
    assert!(first == again, "who resumes gets the same bytes");
}

#[test]
fn only_developers_upload_and_for_a_vendor_its_own() {
    let scene = Scene::signing();
    scene.add_vendor("One", Some("dev1.crt"));
    let hello = PackageBuilder::hello().build();
    let [one, two, other] = ["dev1.p12", "dev2.p12", "other.p12"]
        .map(|name| signed_by_developer(&hello, &*key(name, "password")));
    for (vendor, package, message) in [
        ("Example", &hello, Some("no developer signature")),
        ("Example", &other, Some("invalid developer signature: ")),
        ("Example", &two, None),
        ("One", &hello, Some("no developer signature")),
        ("One", &two, Some("the developer who signed is `")),
        ("One", &one, None),
    ] {
        let answer = scene.upload_form(&[("vendor", vendor)], package);
        match message {
            None => assert_eq!(answer["status"], "ok", "{vendor}: {answer}"),
            Some(message) => {
                assert_eq!(answer["status"], "Package validation failed");
                assert!(answer["message"].as_str().unwrap().starts_with(message), "{vendor}: {answer}");
            }
        }
    }
}

#[test]
fn with_security_off_the_deployment_server_neither_verifies_nor_signs() {
    let deployment = DeploymentSettings {
        listen_address: "localhost:0".parse().unwrap(),
        no_security: true,
        ..DeploymentSettings::default()
    };
    let scene = Scene::with_certificates(
        Certificates {
            developers: Some(anchors(&["chain.crt"])),
            store: Some(key("store.p12", "password")),
            ..Certificates::default()
        },
        |settings| *settings = deployment,
    );
    let package = PackageBuilder::hello().build();
    // The package server of the same store still does.
    assert_eq!(scene.server.upload(&package)["message"], "no developer signature");
    scene.add_vendor("One", Some("dev1.crt"));
    assert_eq!(scene.upload_form(&[("vendor", "One")], &package)["status"], "ok");
    let mut device = scene.logged_in("bob");
    let url = device.purchase("id=org.example.hello&device_id=1")["url"].clone();
    assert!(device.get(url.as_str().unwrap().strip_prefix("http://test").unwrap()).body == package);
}

#[test]
fn a_store_signature_is_the_stores_business_alone() {
    let scene = Scene::start();
    let answer = scene.upload(&fixture("qt6/hello-dev1-store-hw.ampkg"));
    assert_eq!(answer["message"], "the package has a store signature already");
}

#[test]
fn without_certificates_it_does_not_start() {
    for (certificates, missing) in [
        (Certificates::default(), "storeSignCertificate"),
        (
            Certificates { store: Some(key("store.p12", "password")), ..Certificates::default() },
            "developerVerificationCaCertificates",
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let options = ServeOptions {
            data_directory: data.path().into(),
            listen_address: "localhost:0".parse().unwrap(),
            settings: Settings { deployment: Some(DeploymentSettings::default()), ..Settings::default() },
        };
        let console = Arc::new(Console::new(Vec::new()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let never = std::future::pending::<()>();
        let error = runtime.block_on(serve(options, certificates, "a test", console, never)).unwrap_err();
        assert_eq!(error.to_string(), format!("the deployment server needs `{missing}`"));
    }
}
