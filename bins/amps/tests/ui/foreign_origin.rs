//! Pages of others, opened by somebody who is signed in here, change nothing here.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::{
    browser::{Browser, json},
    demo,
    scene::Scene,
};

/// A server that has one page, for as long as the tests run; returns its port.
fn other_page() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A browser opens connections that it does not use yet.
            thread::spawn(move || answer(client));
        }
    });
    port
}

fn answer(mut client: TcpStream) {
    let mut head = BufReader::new(client.try_clone().unwrap()).lines();
    while head.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let page = "<!doctype html><link rel=icon href='data:,'><title>other</title><h1>other</h1><iframe name=hidden></iframe>";
    let _ = write!(
        client,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
}

const CHANGES: &str = "(async () => {
    const api = arguments[0] + '/api/v1';
    const send = (path, options) => fetch(api + path, { credentials: 'include', mode: 'no-cors', ...options }).catch(() => {});
    const json = { 'Content-Type': 'application/json' };
    await send('/packages/org.example.radio', { method: 'POST' });
    await send('/session', { method: 'DELETE', mode: 'cors' });
    await send('/packages/org.example.radio', { method: 'DELETE', mode: 'cors' });
    await send('/users', { method: 'POST', body: JSON.stringify({ name: 'eve', password: 'open sesame', isStaff: true }) });
    await send('/users', { method: 'POST', mode: 'cors', headers: json, body: JSON.stringify({ name: 'eve', password: 'open sesame', isStaff: true }) });
    await send('/tokens', { method: 'POST', body: JSON.stringify({ name: 'eve', roles: ['admin'] }) });
    await send('/uploads', { method: 'POST', body: new Blob(['x']) });
    await fetch(arguments[0] + '/package/remove', { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({ id: 'org.example.radio' }) }).catch(() => {});
    const answer = await fetch(api + '/packages', { credentials: 'include' }).then(answer => answer.status, () => 'refused');
    return answer;
  })()";

/// Sends a form, as any page can do without asking; the answer takes its place.
const FORM: &str = "const form = document.createElement('form'), input = document.createElement('input');
    form.method = 'post';
    form.enctype = arguments[1];
    form.action = arguments[0];
    input.name = arguments[2];
    input.value = arguments[3];
    form.append(input);
    document.body.append(form);
    form.submit()";

#[test]
fn a_page_of_another_origin_changes_nothing_and_reads_nothing() {
    let scene = Scene::with_users();
    scene.add(&demo::store());
    let mut browser = Browser::open(&scene.url());
    // What the other page says about being refused is its own business.
    browser.expect_error("");
    browser.sign_in("ada");
    browser.wait_for_rows(8);
    let before = browser.execute_promise("fetch('/api/v1/tokens').then(answer => answer.text())", &[]);
    let port = other_page();
    // Another port of the same host is the same site, to which SameSite cookies go; another name is not.
    for host in ["127.0.0.1", "localhost"] {
        let other = format!("http://{host}:{port}/");
        browser.goto(&other);
        browser.wait("document.querySelector('h1')");
        assert_eq!(browser.execute_promise(CHANGES, &[json!(scene.url())]), "refused");
        let forms = [
            ("/package/remove", "application/x-www-form-urlencoded", "id", "org.example.radio"),
            (
                "/api/v1/users",
                "text/plain",
                r#"{"name":"eve","password":"open sesame","isStaff":true,"x":""#,
                "\"}",
            ),
        ];
        for (path, encoding, name, value) in forms {
            browser.goto(&other);
            browser.wait("document.querySelector('h1')");
            let action = format!("{}{path}", scene.url());
            browser.execute(FORM, &[json!(action), json!(encoding), json!(name), json!(value)]);
            browser.wait_with("location.href.startsWith(arguments[0])", &[json!(scene.url())]);
        }
    }
    browser.goto("/ui/");
    browser.wait_for_rows(8);
    browser.wait("document.querySelector('header .avatar')");
    let users = browser.execute_promise("fetch('/api/v1/users').then(answer => answer.text())", &[]);
    assert!(users.as_str().unwrap().contains("joe") && !users.as_str().unwrap().contains("eve"), "{users}");
    let after = browser.execute_promise("fetch('/api/v1/tokens').then(answer => answer.text())", &[]);
    assert_eq!(before, after);
    browser.wait_for_text("org.example.radio");
}

#[test]
fn nobody_puts_the_interface_into_a_frame() {
    let scene = Scene::new();
    let mut browser = Browser::open(&scene.url());
    browser.expect_error("frame-ancestors");
    browser.expect_error("X-Frame-Options");
    browser.goto(&format!("http://127.0.0.1:{}/", other_page()));
    browser.wait("document.querySelector('iframe')");
    let framed = "new Promise(done => {
        const frame = document.querySelector('iframe');
        frame.onload = () => { try { done(frame.contentDocument?.title ?? 'closed'); } catch { done('closed'); } };
        frame.src = arguments[0] + '/ui/';
      })";
    browser.execute_promise(framed, &[json!(scene.url())]);
    let errors = browser.console_errors_with("frame");
    assert!(!errors.is_empty());
}
