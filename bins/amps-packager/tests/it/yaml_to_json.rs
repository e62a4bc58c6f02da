//! `yaml-to-json`.

use std::{io::Write as _, process::Stdio};

use crate::process::{fixture, packager, run};

fn convert(arguments: &[&str], text: &str) -> (Option<i32>, String, String) {
    let mut child = packager()
        .arg("yaml-to-json")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn converts_what_devices_read() {
    let text = "a: yes\nb: 1:30\nc: 0x10\nd: ~\ne: '1'\n---\n- 1.5\n";
    let all = r#"[{"a":true,"b":"1:30","c":16,"d":null,"e":"1"},[1.5]]"#;
    for (arguments, expected) in
        [(&[][..], all), (&["-"], all), (&["-i", "1"], "[1.5]"), (&["-i0", "-"], &all[1..all.len() - 7])]
    {
        let (code, stdout, stderr) = convert(arguments, text);
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(json.to_string(), expected, "{arguments:?}");
    }
    let (code, stdout, _) = run(packager().args(["yaml-to-json", "-i", "1"]).arg(fixture("hello/info.yaml")));
    assert!(code == Some(0) && stdout.contains("\"id\": \"org.example.hello\""), "{stdout}");
}

#[test]
fn refuses_with_the_place() {
    for (arguments, text, message) in [
        (&["-i", "2"][..], "a: 1\n---\nb: 2\n", "ERROR: `-` has no document 2: it has 2, counted from 0\n"),
        (
            &[],
            "a: 1\na: 2\n",
            "ERROR: `-` is not valid YAML: line 2, column 1: the key `a` comes twice in the mapping\n",
        ),
        (
            &[],
            "a: *b\n",
            "ERROR: `-` is not valid YAML: line 1, column 4: while parsing node, found unknown anchor\n",
        ),
    ] {
        assert_eq!(convert(arguments, text), (Some(1), String::new(), message.to_owned()));
    }
}
