//! The lines that a person watches (docs/package-server.md, "Console").

use std::{
    io::Write,
    net::SocketAddr,
    slice,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ampkg::escaped;
use amps_core::{Event, EventSink, Origin};
use anstyle::{AnsiColor, Style};

/// Which lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// All of them.
    #[default]
    All,
    /// Those that the reference writes, for programs that read them.
    Reference,
}

/// Writes one line for everything that happens, each at once and whole. Names and reasons come from outside: what a terminal
/// would obey is escaped.
///
/// Styles are written as escape sequences: give it a
/// writer that drops them where nobody sees colour.
pub struct Console<W> {
    lines: Lines,
    /// Whoever else wants to know that the server listens.
    listening: Box<dyn Fn(SocketAddr) + Send + Sync>,
    out: Mutex<Out<W>>,
}

struct Out<W> {
    writer: W,
    /// The scan whose heading is the last one that was written: what it finds needs none.
    scan: Option<Origin>,
}

impl<W: Write + Send> Console<W> {
    /// Writes all lines to `out`.
    pub fn new(out: W) -> Self {
        Self {
            lines: Lines::All,
            listening: Box::new(|_| ()),
            out: Mutex::new(Out { writer: out, scan: None }),
        }
    }

    /// Writes just these lines.
    #[must_use]
    pub fn with_lines(mut self, lines: Lines) -> Self {
        self.lines = lines;
        self
    }

    /// Calls this too when the server listens, on the runtime that will answer.
    #[must_use]
    pub fn with_listening(mut self, listening: impl Fn(SocketAddr) + Send + Sync + 'static) -> Self {
        self.listening = Box::new(listening);
        self
    }

    /// Clients can connect.
    pub fn listening(&self, address: SocketAddr) {
        self.heading(&format!("HTTP server listening on: {address}"));
        (self.listening)(address);
    }

    /// The first line: what this is.
    pub fn title(&self, title: &str) {
        self.write(&format!("{title}\n"));
    }

    /// A line that begins with `>`: what the server does now.
    pub fn heading(&self, text: &str) {
        self.write(&heading(text));
    }

    /// The same, but not if only the lines of the reference are wanted.
    pub fn extra_heading(&self, text: &str) {
        if self.lines == Lines::All {
            self.heading(text);
        }
    }

    /// Says that a scan found nothing.
    pub fn none_found(&self) {
        self.write(" (none found)\n");
    }

    /// A folder is looked through once more: the first thing that is found gets a heading.
    pub fn begin_scan(&self) {
        self.out().scan = None;
    }

    fn out(&self) -> MutexGuard<'_, Out<W>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, text: &str) {
        self.out().write(text);
    }
}

impl<W: Write> Out<W> {
    /// Whoever watched may have gone away: the server goes on without.
    fn write(&mut self, text: &str) {
        self.scan = None;
        let _ = self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush());
    }
}

impl<W: Write + Send> EventSink for Console<W> {
    fn event(&self, origin: Origin, event: &Event) {
        self.events(origin, slice::from_ref(event));
    }

    fn events(&self, origin: Origin, events: &[Event]) {
        let text: String = events.iter().map(|event| line(origin, event, self.lines)).collect();
        if text.is_empty() {
            return;
        }
        let above = match (origin, events.first()) {
            (Origin::Http, Some(Event::Removed { .. })) => "Remove via HTTP:",
            (Origin::Http | Origin::Command, Some(Event::Warned { .. })) => "",
            (Origin::Http, _) => "Upload via HTTP:",
            (Origin::UploadFolder, _) => "Scanning upload",
            (Origin::RemoveFolder, _) => "Scanning remove",
            (Origin::Command, _) => "Upload via command:",
            (Origin::Retention, _) => "Retention:",
            _ => "",
        };
        let mut out = self.out();
        let is_scan = matches!(origin, Origin::UploadFolder | Origin::RemoveFolder);
        if above.is_empty() || is_scan && out.scan == Some(origin) {
            out.write(&text);
        } else {
            out.write(&format!("{}{text}", heading(above)));
        }
        out.scan = is_scan.then_some(origin);
    }
}

fn heading(text: &str) -> String {
    let bold = Style::new().bold();
    format!("{bold}> {}{bold:#}\n", escaped(text))
}

fn line(origin: Origin, event: &Event, lines: Lines) -> String {
    let green = AnsiColor::Green.on_default();
    let yellow = AnsiColor::Yellow.on_default();
    let red = AnsiColor::Red.on_default();
    let (is_start, is_reference) = (origin == Origin::Start, lines == Lines::Reference);
    let (style, mark, action, what) = match event {
        // The reference remembers nothing: at its start every package is new, and what is gone was never there.
        Event::Updated { id, architecture } if is_start && is_reference => {
            (green, '+', "adding", format!("{id} [{architecture}]"))
        }
        Event::Removed { .. } if is_start && is_reference => return String::new(),
        Event::Warned { .. } | Event::Retired { .. } if is_reference => return String::new(),
        Event::Added { id, architecture } => (green, '+', "adding", format!("{id} [{architecture}]")),
        // A file that was touched, and read for that reason.
        Event::Unchanged { id, architecture } if is_start => {
            (green, '+', "adding", format!("{id} [{architecture}]"))
        }
        Event::Updated { id, architecture } => (yellow, '!', "updating", format!("{id} [{architecture}]")),
        Event::Unchanged { id, architecture } => {
            (Style::new(), '=', "skipping", format!("{id} [{architecture}] (no changes)"))
        }
        Event::Removed { id, architecture } => (yellow, '-', "removing", format!("{id} [{architecture}]")),
        Event::Retired { id, version, architecture, because } => {
            (yellow, '-', "retiring", format!("{id} [{architecture}] {} ({because})", escaped(version)))
        }
        Event::Unmatched { name } => (Style::new(), '=', "skipping", format!("{} (no match)", escaped(name))),
        Event::Refused { name, reason } => {
            (red, 'x', "failed", format!("{} ({})", escaped(name), escaped(reason)))
        }
        Event::Warned { name, message } => {
            (yellow, '~', "warning", format!("{} ({})", escaped(name), escaped(message)))
        }
        _ => return String::new(),
    };
    format!(" {style}{mark} {action:<8}{style:#} {what}\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is written for what `happens`, without colour.
    fn check(lines: Lines, happens: impl FnOnce(&Console<Buffer>), expected: &str) {
        let buffer = Buffer::default();
        happens(&Console::new(buffer.clone()).with_lines(lines));
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert_eq!(anstream::adapter::strip_str(&text).to_string(), expected);
    }

    fn added(id: &str) -> Event {
        Event::Added { id: id.parse().unwrap(), architecture: "all".parse().unwrap() }
    }

    fn removed(id: &str, architecture: &str) -> Event {
        Event::Removed { id: id.parse().unwrap(), architecture: architecture.parse().unwrap() }
    }

    fn refused(name: &str, reason: &str) -> Event {
        Event::Refused { name: name.into(), reason: reason.into() }
    }

    #[test]
    fn writes_the_lines_of_the_reference() {
        check(
            Lines::All,
            |console| {
                console.heading("Project: P");
                console.event(Origin::Start, &added("org.example.a"));
                console.event(Origin::Http, &removed("org.example.a", "linux_arm_64"));
                console.event(Origin::Http, &refused("a\u{1b}b", "bad\nline"));
            },
            "> Project: P\n + adding   org.example.a [all]\n> Remove via HTTP:\n - removing org.example.a [linux_arm_64]\n\
             > Upload via HTTP:\n x failed   a\\u{1b}b (bad\\nline)\n",
        );
    }

    #[test]
    fn what_one_request_did_has_one_heading() {
        check(
            Lines::All,
            |console| {
                console.events(Origin::Http, &[removed("a", "all"), removed("a", "linux_arm_64")]);
                console.events(Origin::Http, &[removed("b", "all")]);
            },
            "> Remove via HTTP:\n - removing a [all]\n - removing a [linux_arm_64]\n> Remove via HTTP:\n - removing b [all]\n",
        );
    }

    #[test]
    fn a_scan_has_one_heading_unless_something_else_comes_in_between() {
        check(
            Lines::All,
            |console| {
                console.begin_scan();
                console.event(Origin::UploadFolder, &added("a"));
                console.event(Origin::UploadFolder, &refused("f", "bad"));
                console.event(Origin::Http, &added("b"));
                console.event(Origin::UploadFolder, &added("c"));
                console.begin_scan();
                console.event(Origin::UploadFolder, &added("d"));
                console.event(Origin::RemoveFolder, &Event::Unmatched { name: "e\u{202e}".into() });
            },
            "> Scanning upload\n + adding   a [all]\n x failed   f (bad)\n> Upload via HTTP:\n + adding   b [all]\n\
             > Scanning upload\n + adding   c [all]\n> Scanning upload\n + adding   d [all]\n\
             > Scanning remove\n = skipping e\\u{202e} (no match)\n",
        );
    }

    #[test]
    fn the_reference_neither_warns_nor_remembers() {
        let (id, architecture) = ("a".parse().unwrap(), "all".parse().unwrap());
        let warned = Event::Warned { name: "a".into(), message: "b".into() };
        let updated = Event::Updated { id, architecture };
        let happens = |console: &Console<Buffer>| {
            console.extra_heading("Something of ours");
            console.events(Origin::Start, &[updated.clone(), removed("b", "all"), warned.clone()]);
            console.events(Origin::Http, &[updated.clone(), warned.clone()]);
            console.event(Origin::UploadFolder, &warned);
        };
        check(Lines::Reference, happens, " + adding   a [all]\n> Upload via HTTP:\n ! updating a [all]\n");
        check(
            Lines::All,
            happens,
            "> Something of ours\n ! updating a [all]\n - removing b [all]\n ~ warning  a (b)\n\
             > Upload via HTTP:\n ! updating a [all]\n ~ warning  a (b)\n> Scanning upload\n ~ warning  a (b)\n",
        );
    }

    #[test]
    fn what_is_not_kept_any_longer_is_told() {
        let retired = Event::Retired {
            id: "a".parse().unwrap(),
            version: "1\u{1b}".into(),
            architecture: "all".parse().unwrap(),
            because: amps_core::Because::Age,
        };
        let happens = |console: &Console<Buffer>| {
            console.event(Origin::Retention, &retired);
            console.event(Origin::Retention, &removed("a", "all"));
        };
        let expected =
            "> Retention:\n - retiring a [all] 1\\u{1b} (it is too old)\n> Retention:\n - removing a [all]\n";
        check(Lines::All, happens, expected);
        check(Lines::Reference, happens, "> Retention:\n - removing a [all]\n");
    }

    #[test]
    fn a_file_that_was_touched_is_added_at_the_start() {
        let (id, architecture) = ("a".parse().unwrap(), "all".parse().unwrap());
        let unchanged = Event::Unchanged { id, architecture };
        check(
            Lines::All,
            |console| {
                console.event(Origin::Start, &unchanged);
                console.event(Origin::UploadFolder, &unchanged);
            },
            " + adding   a [all]\n> Scanning upload\n = skipping a [all] (no changes)\n",
        );
    }
}
