//! Searching, filtering and sorting packages over the API.

use amps_testkit::PackageBuilder;
use serde_json::{Value, json};

use crate::{
    access_scene::bearer,
    api_scene::Api,
    deployment_scene::binary,
    running::eventually,
    signed_scene::{key, signed_by_developer},
};

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// All packages of an order, page by page.
fn walk(api: &Api, query: &str) -> Vec<String> {
    let (mut cursor, mut all) = (String::new(), Vec::new());
    loop {
        let page = api.get(&format!("/packages?limit=2&{query}{cursor}"));
        // Without a filter the packages are not looked at one by one: a filter that all of them pass finds the same.
        assert_eq!(page, api.get(&format!("/packages?limit=2&idPrefix=&{query}{cursor}")), "{query}{cursor}");
        all.extend(ids(&page));
        let Some(next) = page["nextCursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn each_order_has_everything_once_in_both_directions() {
    let api = Api::start("read");
    let names = ["delta", "Bravo", "alpha", "bravo", "charlie"];
    for (number, name) in names.into_iter().enumerate() {
        let data = vec![b'x'; [50_000, 10, 90_000, 30_000, 10][number]];
        let package = PackageBuilder::hello().id(&format!("a.p{number}")).name(name).native(data).build();
        api.add(&package);
    }
    let sizes: Vec<u64> = ["a.p0", "a.p1", "a.p2", "a.p3", "a.p4"]
        .map(|id| api.get(&format!("/packages/{id}"))["sizeBytes"].as_u64().unwrap())
        .into();
    let mut by_size: Vec<(u64, String)> =
        sizes.iter().enumerate().map(|(number, size)| (*size, format!("a.p{number}"))).collect();
    by_size.sort_unstable();
    let by_size: Vec<String> = by_size.into_iter().map(|(_, id)| id).collect();
    let by_name = ["a.p2", "a.p1", "a.p3", "a.p4", "a.p0"].map(str::to_owned).to_vec();
    let by_id: Vec<String> = (0..5).map(|number| format!("a.p{number}")).collect();
    for (order, expected) in [("id", &by_id), ("name", &by_name), ("sizeBytes", &by_size)] {
        assert_eq!(walk(&api, &format!("sort={order}")), *expected, "{order}");
        let descending: Vec<String> = expected.iter().rev().cloned().collect();
        assert_eq!(walk(&api, &format!("sort={order}&descending=true")), descending, "{order}");
    }
    // Within a second, the ids decide.
    let mut uploaded: Vec<(String, String)> = by_id
        .iter()
        .map(|id| {
            let package = api.get(&format!("/packages/{id}"));
            (package["latest"]["uploadedAt"].as_str().unwrap().to_owned(), id.clone())
        })
        .collect();
    uploaded.sort_unstable();
    let by_upload: Vec<String> = uploaded.into_iter().map(|(_, id)| id).collect();
    assert_eq!(walk(&api, "sort=uploadedAt"), by_upload);
    assert_eq!(
        walk(&api, "sort=uploadedAt&descending=true&text=p"),
        by_upload.into_iter().rev().collect::<Vec<_>>()
    );
    // What goes while somebody goes through the list is missing, and nothing else.
    let page = api.get("/packages?limit=2&sort=name");
    api.send("DELETE", "/packages/a.p1", &api.owner, b"");
    let next = page["nextCursor"].as_str().unwrap();
    assert_eq!(ids(&api.get(&format!("/packages?sort=name&cursor={next}"))), ["a.p3", "a.p4", "a.p0"]);
    // A cursor is for its own order.
    for other in ["sort=name&descending=true", "sort=id", "sort=sizeBytes", ""] {
        let answer = api.send("GET", &format!("/packages?cursor={next}&{other}"), "", b"");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &problem["field"]), (400, &json!("cursor")), "{other}");
    }
    assert_eq!(api.send("GET", "/packages?sort=size", "", b"").status, 400);
}

#[test]
fn what_was_just_uploaded_is_found() {
    let api = Api::start("read");
    for number in 0..3 {
        api.add(
            &PackageBuilder::hello().id(&format!("a.p{number}")).name(&format!("Größe {number}")).build(),
        );
        assert_eq!(api.get("/packages?text=GR%C3%96SSE")["total"], 0);
        assert_eq!(api.get("/packages?text=GR%C3%96%C3%9FE")["total"], number + 1);
        assert_eq!(api.get("/packages?sort=name")["total"], number + 1);
    }
}

#[test]
fn a_signer_is_told_and_filtered_by() {
    let api = Api::start("read");
    let build = |id: &str| PackageBuilder::hello().id(id).build();
    api.add(&build("a.unsigned"));
    api.add(&signed_by_developer(&build("a.signed"), &*key("dev1.p12", "password")));
    let page = api.get("/packages");
    let latest = |place: usize| page["items"][place]["latest"]["developer"].clone();
    let signer = latest(0);
    assert_eq!((&signer["validity"], &signer["verified"]), (&json!("valid"), &json!(false)));
    assert!(signer["subject"].as_str().unwrap().contains("CN="), "{signer}");
    assert_eq!(latest(1), Value::Null);
    let release = api.get(&format!("/releases/{}", page["items"][0]["latest"]["sequence"]));
    assert_eq!(release["developer"], signer);
    for (filter, expected) in
        [("valid", &["a.signed"][..]), ("unsigned", &["a.unsigned"]), ("expired", &[]), ("notYetValid", &[])]
    {
        assert_eq!(ids(&api.get(&format!("/packages?signer={filter}"))), expected, "{filter}");
    }
    assert_eq!(api.send("GET", "/packages?signer=nobody", "", b"").status, 400);
}

#[test]
fn a_package_has_descriptions_but_not_in_lists() {
    let api = Api::start("read");
    api.add(&PackageBuilder::hello().build());
    assert!(api.get("/packages/org.example.hello")["descriptions"].is_object());
    assert!(api.get("/packages")["items"][0].get("descriptions").is_none());
}

#[test]
fn facets_count_packages_by_what_they_have() {
    let api = Api::start("read");
    let empty = json!({ "architectures": [], "tags": [], "categories": [], "vendors": [] });
    assert_eq!(api.get("/facets"), empty);
    let tagged = |id: &str, tags: &str| {
        PackageBuilder::hello().id(id).header_line(&format!("extra: {{ tags: [{tags}] }}")).build()
    };
    api.add(&tagged("a.one", "red, 'fast:2'"));
    api.add(&tagged("a.two", "red"));
    api.add(&PackageBuilder::hello().id("a.two").native(binary("linux-x86_64")).build());
    api.scene.upload_form(&[], &PackageBuilder::hello().id("b.offered").build());
    let native = api.get("/packages/a.two")["architectures"].as_array().unwrap().clone();
    let native = native.iter().find(|architecture| **architecture != "all").unwrap().clone();
    let facets = api.get("/facets");
    assert_eq!(
        facets["tags"],
        json!([{ "name": "fast:2", "packageCount": 1 }, { "name": "red", "packageCount": 2 }])
    );
    let architectures = facets["architectures"].as_array().unwrap();
    assert!(architectures.contains(&json!({ "name": "all", "packageCount": 3 })), "{facets}");
    assert!(architectures.contains(&json!({ "name": native, "packageCount": 1 })), "{facets}");
    assert_eq!(facets["vendors"], json!([{ "name": "Example", "packageCount": 1 }]));
    assert!(
        facets["categories"].as_array().unwrap().contains(&json!({ "name": "tools", "packageCount": 3 }))
    );
    // Each is a filter that finds as many.
    for (kind, filter) in [
        ("tags", "tag"),
        ("architectures", "architecture"),
        ("categories", "category"),
        ("vendors", "vendor"),
    ] {
        for facet in facets[kind].as_array().unwrap() {
            let name = facet["name"].as_str().unwrap().replace(' ', "%20");
            assert_eq!(
                api.get(&format!("/packages?{filter}={name}"))["total"],
                facet["packageCount"],
                "{facet}"
            );
        }
    }
    let token = bearer(&api.token("some", "read", &["b.*"], None));
    let of_some = eventually(|| {
        let answer = api.send("GET", "/facets", &token, b"");
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!(of_some["tags"], json!([]));
    assert_eq!(of_some["architectures"], json!([{ "name": "all", "packageCount": 1 }]));
}
