//! A headless Chromium with a profile of its own, and what a person does with it.
//!
//! Nothing here sleeps: whatever a page needs time for is waited for. When a test ends, the page's console must be free of errors, which
//! breaches of the Content-Security-Policy and uncaught exceptions are.

use std::{
    fmt::Write as _,
    fs,
    future::Future,
    path::PathBuf,
    time::{Duration, Instant},
};

use amps_testkit::thirtyfour::{
    By, ChromiumLikeCapabilities as _, DesiredCapabilities, Key, LoggingPrefsLogLevel, WebDriver, WebElement,
    error::WebDriverResult,
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

pub(crate) use serde_json::{Value, json};

use crate::driver::{Chromedriver, Client};

/// How long anything may take that happens soon. Only a failing test waits that long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A browser's only tab.
pub(crate) struct Browser {
    driver: Option<WebDriver>,
    runtime: Runtime,
    /// Parts of console errors that the test is about.
    expected_errors: Vec<String>,
    base: String,
    _chromedriver: Chromedriver,
    _home: TempDir,
}

impl Browser {
    /// A browser whose reader prefers English. Paths are those of the server at `base`.
    pub(crate) fn open(base: &str) -> Self {
        Self::reading(base, "en-US")
    }

    /// The same for somebody who reads these languages, like `de-AT,de`.
    pub(crate) fn reading(base: &str, languages: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let chromedriver = Chromedriver::start(home.path());
        let mut wanted = DesiredCapabilities::chrome();
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // The browser ends when its driver does, and needs no port.
            "--remote-debugging-pipe".into(),
            "--disable-dev-shm-usage".into(),
            "--disable-gpu".into(),
            "--no-first-run".into(),
            "--hide-scrollbars".into(),
            "--no-proxy-server".into(),
            "--window-size=1280,900".into(),
            "--force-device-scale-factor=1".into(),
            "--force-prefers-reduced-motion".into(),
            format!("--accept-lang={languages}"),
            format!("--user-data-dir={}", home.path().join("profile").display()),
        ];
        if is_root() {
            // Chromium refuses to be root in a sandbox.
            arguments.push("--no-sandbox".into());
        }
        for argument in &arguments {
            wanted.add_arg(argument).unwrap();
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let driver = runtime
            .block_on(WebDriver::builder(&chromedriver.url, wanted).client(Client).connect())
            .unwrap_or_else(|error| {
                let log = fs::read_to_string(home.path().join("chromedriver.log")).unwrap_or_default();
                panic!("no browser: {error}\n{log}")
            });
        let browser = Self {
            driver: Some(driver),
            runtime,
            expected_errors: Vec::new(),
            base: base.to_owned(),
            _chromedriver: chromedriver,
            _home: home,
        };
        browser.run(browser.driver().set_script_timeout(PATIENCE));
        browser.run(browser.driver().set_page_load_timeout(PATIENCE));
        browser
    }

    /// Console errors with this in them are what the test is about, like `status of 401`.
    pub(crate) fn expect_error(&mut self, part: &str) {
        self.expected_errors.push(part.to_owned());
    }

    /// Opens a path of the server, or a whole URL.
    pub(crate) fn goto(&self, path: &str) {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        self.run(self.driver().goto(url));
    }

    /// The path, query and fragment that the page is at.
    pub(crate) fn location(&self) -> String {
        let url = self.run(self.driver().current_url()).to_string();
        url.strip_prefix(&self.base).map_or(url.clone(), ToOwned::to_owned)
    }

    pub(crate) fn back(&self) {
        self.run(self.driver().back());
    }

    pub(crate) fn forward(&self) {
        self.run(self.driver().forward());
    }

    pub(crate) fn reload(&self) {
        self.run(self.driver().refresh());
    }

    /// What a script returns; `arguments` has its arguments.
    pub(crate) fn execute(&self, script: &str, arguments: &[Value]) -> Value {
        self.run(self.driver().execute(script, arguments.to_vec())).json().clone()
    }

    /// The same for a promise.
    pub(crate) fn execute_promise(&self, expression: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             Promise.resolve(({expression})).then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let answer = self.run(self.driver().execute_async(script, arguments.to_vec())).json().clone();
        assert!(answer["error"].is_null(), "{expression}: {}", answer["error"]);
        answer["value"].clone()
    }

    /// Waits until an expression is neither null, false, 0 nor empty, and returns its value.
    pub(crate) fn wait(&self, expression: &str) -> Value {
        self.wait_with(expression, &[])
    }

    /// The same for an expression with `arguments`.
    pub(crate) fn wait_with(&self, expression: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1], given = arguments, end = performance.now() + 1000;
             const look = () => {{
               let value = null;
               try {{ value = (function () {{ return ({expression}); }}).apply(null, given); }} catch {{}}
               if (value || performance.now() > end) done(value || null); else setTimeout(look, 20);
             }};
             look();"
        );
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A page that is left meanwhile takes the script with it.
            let answer = self.try_run(self.driver().execute_async(script.as_str(), arguments.to_vec()));
            if let Ok(answer) = answer
                && !answer.json().is_null()
            {
                return answer.json().clone();
            }
            assert!(
                Instant::now() < deadline,
                "after {PATIENCE:?} still not: {expression} {}",
                if arguments.is_empty() { String::new() } else { json!(arguments).to_string() }
            );
        }
    }

    /// Waits until a promise comes to this value, asked again and again.
    pub(crate) fn wait_for_promise(&self, expression: &str, expected: &Value) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.execute_promise(expression, &[]);
            if value == *expected {
                return;
            }
            assert!(Instant::now() < deadline, "{expression} is {value}, not {expected}");
        }
    }

    /// Waits until the page shows this text anywhere.
    pub(crate) fn wait_for_text(&self, text: &str) {
        self.wait_with("document.body.innerText.includes(arguments[0])", &[json!(text)]);
    }

    /// Whether the page shows this text now.
    pub(crate) fn has_text(&self, text: &str) -> bool {
        self.execute("return document.body.innerText.includes(arguments[0])", &[json!(text)]) == true
    }

    /// Waits until the page does not show it any more.
    pub(crate) fn wait_for_no_text(&self, text: &str) {
        self.wait_with("!document.body.innerText.includes(arguments[0])", &[json!(text)]);
    }

    /// Waits for the first element of a CSS selector that can be seen, in the dialog if one is open.
    pub(crate) fn element(&self, selector: &str) -> WebElement {
        self.found("true", selector, "")
    }

    /// The same among those whose text or label is this one.
    pub(crate) fn labelled(&self, selector: &str, text: &str) -> WebElement {
        self.found(
            "[e.getAttribute('aria-label'), e.innerText, e.title, ...[...e.labels ?? []].map(l => l.innerText)]
               .some(t => t && t.replace(/\\s+/g, ' ').trim() === arguments[1])",
            selector,
            text,
        )
    }

    fn found(&self, condition: &str, selector: &str, text: &str) -> WebElement {
        let value = self.wait_with(
            &format!(
                "[...([...document.querySelectorAll('dialog[open]')].pop() ?? document).querySelectorAll(arguments[0])]
                   .find(e => e.checkVisibility() && ({condition}))"
            ),
            &[json!(selector), json!(text)],
        );
        WebElement::from_json(value, self.driver().handle().clone()).unwrap()
    }

    /// Clicks the first visible element of a selector.
    pub(crate) fn click(&self, selector: &str) {
        self.click_when_it_stays(|| self.element(selector));
    }

    /// Clicks a button, a link or the like by its text or label.
    pub(crate) fn press(&self, text: &str) {
        const PRESSABLE: &str =
            "button, a[href], summary, [role=button], [role=tab], [role=menuitem], input[type=submit]";
        self.click_when_it_stays(|| self.labelled(PRESSABLE, text));
    }

    /// A page may draw an element anew, or move it, between finding and clicking it.
    fn click_when_it_stays(&self, find: impl Fn() -> WebElement) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.try_run(find().click()) {
            assert!(Instant::now() < deadline, "{error}");
        }
    }

    /// Replaces what stands in an input.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let input = self.element(selector);
            self.run(input.clear());
            self.run(input.send_keys(text));
            // A page that is drawn anew between the two puts back what was cleared.
            let value = self.run(input.prop("value")).unwrap_or_default();
            if value == text {
                return;
            }
            assert!(Instant::now() < deadline, "{selector} has `{value}`, not `{text}`");
        }
    }

    /// Chooses files, the paths of which may be several, in a file input, which need not be visible.
    pub(crate) fn choose_files(&self, selector: &str, files: &[PathBuf]) {
        self.wait_with("document.querySelector(arguments[0])", &[json!(selector)]);
        let input = self.run(self.driver().find(By::Css(selector)));
        let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
        self.run(input.send_keys(names.join("\n")));
    }

    /// Chooses an option of a `select` by its value, once it has that option.
    pub(crate) fn choose(&self, selector: &str, value: &str) {
        const OPTION: &str = "[...document.querySelector(arguments[0])?.options ?? []].find(option => option.value === arguments[1])";
        let deadline = Instant::now() + PATIENCE;
        loop {
            let option = self.wait_with(OPTION, &[json!(selector), json!(value)]);
            let option = WebElement::from_json(option, self.driver().handle().clone()).unwrap();
            match self.try_run(option.click()) {
                Ok(()) => return,
                // A list that is drawn anew has another option.
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
        }
    }

    /// Holds the pointer down on the first visible element of a selector.
    pub(crate) fn hold(&self, selector: &str) {
        let element = self.element(selector);
        self.run(self.driver().action_chain().move_to_element_center(&element).click_and_hold().perform());
    }

    /// Moves the pointer, held or not, to so many pixels below the middle of an element.
    pub(crate) fn move_below(&self, selector: &str, pixels: i64) {
        let element = self.element(selector);
        self.run(self.driver().action_chain().move_to_element_with_offset(&element, 0, pixels).perform());
    }

    /// Lets the pointer go where it is.
    pub(crate) fn let_go(&self) {
        self.run(self.driver().action_chain().release().perform());
    }

    /// Presses keys wherever the focus is.
    pub(crate) fn keys(&self, keys: &[Key]) {
        for key in keys {
            self.run(self.driver().action_chain().key_down(key.clone()).key_up(key.clone()).perform());
        }
    }

    /// Types text wherever the focus is.
    pub(crate) fn type_text(&self, text: &str) {
        self.run(self.driver().action_chain().send_keys(text).perform());
    }

    /// The size of what can be seen, in CSS pixels.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 }),
        );
    }

    /// What the system prefers: `light` or `dark`.
    pub(crate) fn prefer(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// A command of the protocol that its developer tools speak.
    pub(crate) fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.run(self.driver().cdp().send_raw(method, parameters))
    }

    /// The whole page as a PNG, up to a height of so many CSS pixels: the window becomes as high as the page.
    pub(crate) fn picture(&self, most_height: u32) -> Vec<u8> {
        let size = self.execute(
            "return [innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]",
            &[],
        );
        let pixels = |index: usize| u32::try_from(size[index].as_u64().unwrap()).unwrap();
        self.resize(pixels(0), pixels(1).min(most_height));
        self.run(self.driver().screenshot_as_png())
    }

    /// Lets pages believe that it is so many minutes later, which makes what they say about times the same on every run.
    pub(crate) fn later(&self, minutes: u32) {
        let script = format!("{{ const now = Date.now; Date.now = () => now() + {minutes} * 60_000; }}");
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// All errors of the console since somebody has looked that have this in them, expected or not.
    pub(crate) fn console_errors_with(&self, part: &str) -> Vec<String> {
        let entries = self.try_run(self.driver().browser_log()).unwrap_or_default();
        entries.into_iter().map(|entry| entry.message).filter(|message| message.contains(part)).collect()
    }

    /// What stands on the console and is an error, but for those that are expected.
    pub(crate) fn console_errors(&self) -> Vec<String> {
        let entries = self.try_run(self.driver().browser_log()).unwrap_or_default();
        let errors = entries.into_iter().filter(|entry| entry.level == "SEVERE").map(|entry| entry.message);
        errors.filter(|message| !self.expected_errors.iter().any(|part| message.contains(part))).collect()
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().unwrap()
    }

    #[track_caller]
    fn run<T>(&self, command: impl Future<Output = WebDriverResult<T>>) -> T {
        match self.try_run(command) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    fn try_run<T>(&self, command: impl Future<Output = WebDriverResult<T>>) -> WebDriverResult<T> {
        self.runtime.block_on(command)
    }

    /// What a failed test leaves for whoever looks into it: a picture, and what the page says, in the folder of the build.
    fn leave_traces(&self) {
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ui-failures");
        let mut report = format!(
            "{name}: {}\n",
            self.try_run(self.driver().current_url()).map_or_else(|e| e.to_string(), |u| u.to_string())
        );
        for entry in self.console_errors() {
            let _ = writeln!(report, "console: {entry}");
        }
        let text = self.try_run(self.driver().execute("return document.body.innerText", Vec::new()));
        let _ = write!(
            report,
            "{}",
            text.map_or_else(|error| error.to_string(), |text| text.json().as_str().unwrap_or("").to_owned())
        );
        let _ = fs::create_dir_all(&folder);
        if let Ok(picture) = self.try_run(self.driver().screenshot_as_png()) {
            let _ = fs::write(folder.join(format!("{name}.png")), picture);
        }
        println!("{report}\npicture in {}", folder.display());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let is_failing = std::thread::panicking();
        let errors = if is_failing {
            self.leave_traces();
            Vec::new()
        } else {
            self.console_errors()
        };
        if let Some(driver) = self.driver.take() {
            let _ = self.runtime.block_on(driver.quit());
        }
        assert!(is_failing || errors.is_empty(), "the console has errors: {errors:#?}");
    }
}

fn is_root() -> bool {
    let (_, id, _) = amps_testkit::run(std::process::Command::new("id").arg("-u"));
    id.trim() == "0"
}
