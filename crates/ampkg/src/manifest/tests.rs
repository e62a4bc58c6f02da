//! Tests of the manifest.

use super::*;

const HEAD: &str = "formatVersion: 1\nformatType: am-package\n---\n";
const APPLICATION: &str = "applications:\n- { id: a, code: c, runtime: qml }\n";

fn parsed(text: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(text.as_bytes(), YamlLimits::default())
}

fn message(body: &str) -> String {
    match parsed(&format!("{HEAD}{body}")) {
        Ok(manifest) => panic!("accepted: {manifest:?}"),
        Err(error) => match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

#[test]
fn reads_every_field_of_the_current_form() {
    let manifest = parsed(&format!(
        "{HEAD}id: p\nicon: i.png\nname: {{ en: N, de: Ä }}\ndescription: {{ en: D }}\ncategories: [x, y]\nversion: 1.10\n\
         applications:\n\
         - id: a\n  code: c\n  runtime: native\n  icon: j.png\n  name: {{ en: A }}\n  description: {{ en: B }}\n  categories: z\n\
         \x20 runtimeParameters: {{ p: 1 }}\n  supportsApplicationInterface: yes\n  capabilities: [cam]\n  opengl: {{ o: 1 }}\n\
         \x20 watchdog: {{ w: 1 }}\n  applicationProperties: {{ private: {{ k: v }} }}\n  logging: {{ dlt: {{ id: X }} }}\n\
         - {{ id: b, code: ':/d', runtime: qml }}\n\
         intents:\n\
         - id: i\n  visibility: private\n  handlingApplicationId: b\n  requiredCapabilities: cam\n  parameterMatch: {{ u: ^h }}\n\
         \x20 icon: k.png\n  name: {{ en: I }}\n  description: {{ en: J }}\n  categories: [c]\n  handleOnlyWhenRunning: off\n"
    ))
    .unwrap();
    assert_eq!(manifest.version, "1.10");
    assert_eq!(manifest.name["de"], "Ä");
    let [first, second] = manifest.applications.as_slice() else { panic!() };
    assert_eq!(first.supports_application_interface, Some(true));
    assert_eq!((first.code_file(), second.code_file()), (Some("c"), None));
    assert_eq!(manifest.intents[0].visibility, Visibility::Private);
    assert_eq!(manifest.intents[0].handling_application_id.as_deref(), Some("b"));
    assert_eq!(manifest.intents[0].handle_only_when_running, Some(false));
    let json = serde_json::to_value(&manifest).unwrap();
    assert_eq!(json["applications"][0]["applicationProperties"]["private"]["k"], "v");
}

#[test]
fn reads_the_old_form() {
    let manifest = parsed(
        "formatVersion: 1\nformatType: am-application\n---\nid: p\nicon: icon.png\nname: { en: L }\ncode: main.qml\nruntime: qml\n\
         categories: old\nversion: 3\ndocumentUrl: http://x\nmimeTypes: [a/b]\nenvironmentVariables: { A: B }\n\
         intents:\n- { id: i, handledBy: p }\n",
    )
    .unwrap();
    assert_eq!(manifest.form, ManifestForm::Application);
    assert_eq!((manifest.version.as_str(), manifest.categories.as_slice()), ("3", &["old".to_owned()][..]));
    assert_eq!(manifest.applications[0].id, "p");
    assert_eq!(manifest.applications[0].mime_types, ["a/b"]);
}

#[test]
fn texts_keep_their_spelling() {
    let manifest =
        parsed(&format!("{HEAD}id: 0x10\nversion: 007\nname: {{ en: Yes, de: ~ }}\n{APPLICATION}")).unwrap();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("0x10", "007"));
    assert_eq!((manifest.name["en"].as_str(), manifest.name["de"].as_str()), ("Yes", ""));
}

#[test]
fn the_icon_is_icon_png_unless_named() {
    for (icon, path) in [("", "icon.png"), ("icon: ~\n", "icon.png"), ("icon: logo.svg\n", "logo.svg")] {
        assert_eq!(parsed(&format!("{HEAD}id: p\n{icon}{APPLICATION}")).unwrap().icon_path(), path);
    }
}

#[test]
fn names_field_and_place_of_what_it_refuses() {
    for (body, expected) in [
        (
            "id: p\nunknownField: 1\n",
            "line 5, column 1: unknown field `unknownField` in the manifest: expected one of id, icon, name, description, categories, version, intents, applications",
        ),
        ("applications: []\n", "line 4, column 1: the field `id` of the manifest is missing"),
        ("id: p\n", "line 4, column 1: the field `applications` of the manifest is missing"),
        (
            "id: p\napplications: []\n",
            "line 5, column 15: the list of applications is empty: expected at least one",
        ),
        (
            "id: p\napplications: x\n",
            "line 5, column 15: the field `applications` is a scalar: expected a list",
        ),
        ("id: p\napplications: [x]\n", "line 5, column 16: the application is a scalar: expected a map"),
        ("id: p\nname: just text\n", "line 5, column 7: the field `name` is a scalar: expected a map"),
        (
            "id: ':p'\n",
            "line 4, column 5: the package id is not valid: the id `:p` contains ':': expected printable ASCII without `<>:\"/\\|?*`",
        ),
        (
            "id: p\napplications:\n- id: a\n  runtime: qml\n",
            "line 6, column 3: the field `code` of the application is missing",
        ),
        (
            "id: p\napplications:\n- id: a\n  code: c\n",
            "line 6, column 3: the field `runtime` of the application is missing",
        ),
        (
            "id: p\napplications:\n- { id: a, code: c, runtime: r, supportsApplicationInterface: 1 }\n",
            "line 6, column 63: the field `supportsApplicationInterface` is a scalar: expected true or false",
        ),
        (
            "id: p\napplications:\n- { id: a, code: c, runtime: r }\n- { id: a, code: c, runtime: r }\n",
            "line 7, column 3: the application id `a` comes twice",
        ),
        (
            "id: p\napplications:\n- { id: a, code: c, runtime: r }\nintents:\n- { id: i, visibility: secret }\n",
            "line 8, column 24: the field `visibility` is `secret`: expected `public` or `private`",
        ),
        (
            "id: p\napplications:\n- { id: a, code: c, runtime: r }\n- { id: b, code: c, runtime: r }\nintents:\n- { id: i }\n",
            "line 9, column 3: the intent `i` needs a handlingApplicationId, because there are several applications",
        ),
        (
            "id: p\napplications:\n- { id: a, code: c, runtime: r }\nintents:\n- { id: i, handlingApplicationId: z }\n",
            "line 8, column 3: the intent `i` names the handling application `z`, which is not in the package",
        ),
        (
            "id: p\napplications:\n- { id: a, code: c, runtime: r }\nintents:\n- { id: i }\n- { id: i }\n",
            "line 9, column 3: the intent id `i` comes twice",
        ),
        ("id: p\nid: q\n", "not valid YAML: line 5, column 1: the key `id` comes twice in the mapping"),
    ] {
        assert_eq!(message(body), expected);
    }
}

#[test]
fn the_first_document_names_the_format() {
    for (text, expected) in [
        ("id: p\n", "found 1 YAML documents: expected 2, the format and the manifest"),
        ("", "found 0 YAML documents: expected 2, the format and the manifest"),
        (
            "formatVersion: 2\nformatType: am-package\n---\nid: p\n",
            "line 1, column 1: found type `am-package` version `2`: expected type `am-package` or `am-application` version `1`",
        ),
        (
            "formatVersion: 1\nformatType: am-package\nmore: 1\n---\nid: p\n",
            "line 3, column 1: unknown field `more` in the format document: expected one of formatType, formatVersion",
        ),
    ] {
        assert_eq!(parsed(text).unwrap_err().to_string(), expected);
    }
}
