//! Every route, whoever asks: `access_matrix.txt` has the answers. That it has every route is tested beside the routes.

use amps_core::accounts::ApiToken;

use crate::access_scene::{AccessScene, ID, bearer, package, password};

const MATRIX: &str = include_str!("access_matrix.txt");
const CALLERS: [&str; 13] = [
    "none",
    "read-all",
    "all",
    "read",
    "upload",
    "remove",
    "admin",
    "wrong",
    "expired",
    "revoked",
    "elsewhere",
    "user",
    "staff",
];

/// A row, with the expected status for each of [`CALLERS`].
struct Row {
    dialect: &'static str,
    methods: &'static str,
    path: &'static str,
    expected: Vec<Option<u16>>,
}

fn rows() -> Vec<Row> {
    let lines = MATRIX.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            assert_eq!(words.len(), 4 + CALLERS.len(), "{line}");
            let expected = words[4..].iter().map(|word| match *word {
                "-" => None,
                status => Some(status.parse().unwrap()),
            });
            Row { dialect: words[0], methods: words[1], path: words[2], expected: expected.collect() }
        })
        .collect()
}

/// The header lines with which a caller asks, on a server with this setting.
fn heads(scene: &AccessScene, anonymous: &str, caller: &str) -> Vec<String> {
    let token = match caller {
        "none" | "read-all" | "all" => {
            let setting = if caller == "read-all" { "read" } else { caller };
            return if setting == anonymous { vec![String::new()] } else { vec![] };
        }
        "user" | "staff" => {
            let user = if caller == "user" { "bob" } else { "ada" };
            return if anonymous == "none" { vec![scene.session(user)] } else { vec![] };
        }
        "wrong" => ApiToken::generate().unwrap().reveal(),
        "expired" => scene.expired(caller),
        "revoked" => {
            let token = scene.token(caller, "admin", &[]);
            scene.revoke(caller, &token);
            token
        }
        "elsewhere" => scene.token(caller, "admin", &["org.other.*", "?"]),
        role => scene.token(role, role, &["org.example.*"]),
    };
    vec![bearer(&token), password(&token)]
}

fn check(anonymous: &str) {
    let scene = AccessScene::start(anonymous);
    let mut answers = 0;
    for (place, caller) in CALLERS.iter().enumerate() {
        for head in heads(&scene, anonymous, caller) {
            for row in rows() {
                let Some(expected) = row.expected[place] else { continue };
                for method in row.methods.split(',') {
                    let head = match *caller {
                        // These end the session that they come with.
                        "user" if matches!(row.path, "/login" | "/logout") => scene.session("bob"),
                        "staff" if matches!(row.path, "/login" | "/logout") => scene.session("ada"),
                        _ => head.clone(),
                    };
                    let before = (expected >= 400 && method != "HEAD").then(|| scene.scene.server.files());
                    let answer = scene.send(row.dialect, method, row.path, &head);
                    let what = format!("{} {method} {} by {caller} with {anonymous}", row.dialect, row.path);
                    assert_eq!(answer.status, expected, "{what}");
                    if let Some(before) = before {
                        assert!(scene.scene.server.files() == before, "{what} changes something");
                    }
                    if row.path == "/package/remove" && expected == 200 {
                        scene.add(&package(ID));
                    }
                    answers += 1;
                }
            }
        }
    }
    assert!(answers > 400, "only {answers} answers");
}

#[test]
fn everybody_gets_what_is_theirs_where_strangers_may_do_nothing() {
    check("none");
}

#[test]
fn everybody_gets_what_is_theirs_where_strangers_may_read() {
    check("read");
}

#[test]
fn everybody_gets_what_is_theirs_where_strangers_may_do_everything() {
    check("all");
}
