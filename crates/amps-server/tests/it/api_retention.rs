//! Retention over the API: the rules, what they would remove, and removing it.

use std::num::NonZero;

use amps_core::{Certificates, RetentionPolicy};
use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::api_scene::Api;

const ID: &str = "org.example.hello";

fn api(policy: RetentionPolicy) -> Api {
    Api::with("read", Certificates::default(), |settings| settings.retention = policy)
}

fn versions(api: &Api) -> Vec<String> {
    let releases = api.get(&format!("/packages/{ID}/releases"));
    let items = releases["items"].as_array().unwrap();
    items.iter().map(|item| item["version"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_rules_are_as_configured() {
    assert_eq!(api(RetentionPolicy::default()).get("/retention"), Value::Null);
    let policy = RetentionPolicy { versions: NonZero::new(1_000_000), ..RetentionPolicy::default() };
    let api = api(policy);
    let rules = json!({ "versions": 1_000_000, "ageDays": null, "totalBytes": null, "newest": "keep" });
    assert_eq!(api.get("/retention"), rules);
    // What is told can be sent back.
    assert_eq!(api.change("POST", "/retention/plan", &rules).json()["releaseCount"], 0);
}

#[test]
fn what_was_planned_is_done_and_nothing_else() {
    let api = api(RetentionPolicy::default());
    for version in ["1.0", "2.0", "3.0"] {
        api.add(&PackageBuilder::hello().version(version).build());
    }
    let nothing = api.send("POST", "/retention/plan", &api.owner, b"").json();
    assert_eq!((&nothing["releases"], &nothing["keptReleases"]), (&json!([]), &json!(3)));
    let rules = json!({ "versions": 1 });
    let plan = api.change("POST", "/retention/plan", &rules).json();
    let named: Vec<(&Value, &Value)> = plan["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|release| (&release["version"], &release["reason"]))
        .collect();
    assert_eq!(named, [(&json!("1.0"), &json!("versions")), (&json!("2.0"), &json!("versions"))]);
    assert_eq!((&plan["releaseCount"], &plan["keptReleases"]), (&json!(2), &json!(1)));
    assert!(plan["freedBytes"].as_u64().unwrap() > 0);
    assert_eq!(versions(&api).len(), 3, "a plan changes nothing");
    let run = |expected: u64| {
        api.change("POST", "/retention/run", &json!({ "versions": 1, "expectedReleases": expected }))
    };
    let refused = run(1);
    let problem: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!((refused.status, &problem["code"]), (409, &json!("other-plan")));
    assert_eq!(versions(&api).len(), 3);
    assert_eq!(run(2).json(), plan);
    assert_eq!(versions(&api), ["3.0"]);
    assert_eq!(run(2).status, 409);
    assert_eq!(run(0).json()["keptReleases"], 1);
}

#[test]
fn rules_have_bounds() {
    let api = api(RetentionPolicy::default());
    for (body, field) in [
        (json!({ "versions": 0 }), "versions"),
        (json!({ "versions": 1_000_001 }), "versions"),
        (json!({ "ageDays": 36_501 }), "ageDays"),
        (json!({ "totalBytes": 0 }), "totalBytes"),
        (json!({ "newest": "drop" }), "newest"),
        (json!({ "version": 1 }), "version"),
    ] {
        let answer = api.change("POST", "/retention/plan", &body);
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["field"]), (400, &json!(field)), "{body}");
    }
    assert_eq!(api.change("POST", "/retention/run", &json!({})).status, 400, "nothing is expected");
}
