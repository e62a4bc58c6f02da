//! What looking after a store finds: how bad it is, what it is about, and what to do.

use serde::Serialize;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but not as it should, or not for long.
    Warning,
    /// It does not work, or something is lost.
    Problem,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What kind of finding it is, as a stable word for machines, like `blob-damaged`.
    pub kind: &'static str,
    /// What it is about: a file, a package, a certificate.
    pub subject: String,
    /// What is so, in words for people.
    pub message: String,
    /// What to do about it; empty if there is nothing to do.
    pub advice: String,
}

impl Finding {
    /// Something that is as it should be.
    pub fn ok(kind: &'static str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        let (subject, message) = (subject.into(), message.into());
        Self { level: Level::Ok, kind, subject, message, advice: String::new() }
    }

    /// Something to look after.
    pub fn warning(
        kind: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (subject, message, advice) = (subject.into(), message.into(), advice.into());
        Self { level: Level::Warning, kind, subject, message, advice }
    }

    /// Something that is broken.
    pub fn problem(
        kind: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { level: Level::Problem, ..Self::warning(kind, subject, message, advice) }
    }
}
