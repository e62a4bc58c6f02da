//! The lines that a person watches (docs/package-server.md, "Console").

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

use ampkg::escaped;
use amps_core::{Event, EventSink, Origin};
use anstyle::{AnsiColor, Style};

/// Writes one line for everything that happens, each at once and whole. Names and reasons come from outside: what a terminal
/// would obey is escaped.
///
/// Styles are written as escape sequences: give it a
/// writer that drops them where nobody sees colour.
pub struct Console<W> {
    out: Mutex<W>,
}

impl<W: Write + Send> Console<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Mutex::new(out) }
    }

    /// The first line: what this is.
    pub fn title(&self, title: &str) {
        self.write(&format!("{title}\n"));
    }

    /// A line that begins with `>`: what the server does now.
    pub fn heading(&self, text: &str) {
        self.write(&heading(text));
    }

    /// Says that a scan found nothing.
    pub fn none_found(&self) {
        self.write(" (none found)\n");
    }

    /// Whoever watched may have gone away: the server goes on without.
    fn write(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

impl<W: Write + Send> EventSink for Console<W> {
    fn event(&self, origin: Origin, event: &Event) {
        let above = match (origin, event) {
            (Origin::Http, Event::Removed { .. }) => heading("Remove via HTTP:"),
            (Origin::Http, Event::Warned { .. }) | (Origin::Start, _) => String::new(),
            _ => heading("Upload via HTTP:"),
        };
        self.write(&format!("{above}{}", line(event)));
    }
}

fn heading(text: &str) -> String {
    let bold = Style::new().bold();
    format!("{bold}> {}{bold:#}\n", escaped(text))
}

fn line(event: &Event) -> String {
    let green = AnsiColor::Green.on_default();
    let yellow = AnsiColor::Yellow.on_default();
    let red = AnsiColor::Red.on_default();
    let (style, mark, action, what) = match event {
        Event::Added { id, architecture } => (green, '+', "adding", format!("{id} [{architecture}]")),
        Event::Updated { id, architecture } => (yellow, '!', "updating", format!("{id} [{architecture}]")),
        Event::Unchanged { id, architecture } => {
            (Style::new(), '=', "skipping", format!("{id} [{architecture}] (no changes)"))
        }
        Event::Removed { id, architecture } => (yellow, '-', "removing", format!("{id} [{architecture}]")),
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

    #[test]
    fn writes_the_lines_of_the_reference() {
        let buffer = Buffer::default();
        let console = Console::new(buffer.clone());
        let (id, architecture) = ("org.example.a".parse().unwrap(), "all".parse().unwrap());
        console.heading("Project: P");
        console.event(Origin::Start, &Event::Added { id, architecture });
        let (id, architecture) = ("org.example.a".parse().unwrap(), "linux_arm_64".parse().unwrap());
        console.event(Origin::Http, &Event::Removed { id, architecture });
        console.event(Origin::Http, &Event::Refused { name: "a\u{1b}b".into(), reason: "bad\nline".into() });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            text,
            "> Project: P\n + adding   org.example.a [all]\n> Remove via HTTP:\n - removing org.example.a [linux_arm_64]\n\
             > Upload via HTTP:\n x failed   a\\u{1b}b (bad\\nline)\n"
        );
    }
}
