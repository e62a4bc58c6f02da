//! `/package/icon`.

use crate::{running::Running, verdicts::fixture};

#[test]
fn the_icon_is_the_file_that_the_manifest_names_with_the_type_of_its_name() {
    let server = Running::start();
    server.add(&fixture("qt6/hello.ampkg"));
    server.add(&fixture("qt6/other-icon.ampkg"));
    let png = server.get("/package/icon?id=org.example.hello&architecture=all");
    assert_eq!((png.status, png.header("content-type")), (200, Some("image/png")));
    assert!(png.body.starts_with(b"\x89PNG"));
    assert_eq!(png.body.len(), 3172);
    let svg = server.post("/package/icon", "id=org.example.othericon");
    assert_eq!(
        (svg.status, svg.header("content-type"), svg.body.as_slice()),
        (200, Some("image/svg+xml"), &b"<svg/>"[..])
    );
    // A browser that is pointed at it runs none of it.
    assert!(svg.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(svg.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn a_package_or_an_icon_that_is_not_there_is_404() {
    let server = Running::start();
    server.add(&fixture("bad/icon-missing.ampkg"));
    server.add(&fixture("qt6/native-arm64.ampkg"));
    for query in
        ["?id=org.example.hello", "?id=nothing", "?id=", "", "?id=../../etc/passwd", "?id=org.example.native"]
    {
        assert_eq!(server.get(&format!("/package/icon{query}")).status, 404, "{query}");
    }
    assert_eq!(server.get("/package/icon?id=org.example.native&architecture=linux_arm_64").status, 200);
}
