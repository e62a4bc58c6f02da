//! Taking over what a source has: users, vendors, categories, then packages, which refer to them.

use std::collections::HashMap;

use amps_core::{
    Security, Store, Timestamp,
    accounts::{AccountError, Accounts, CategoryId, UserName, Vendor},
    audit::Cause,
};

use crate::{
    line::{Line, Subject, Summary},
    media::MediaFolder,
    source::Source,
    table::Unread,
};

/// Where everything is taken over to.
#[derive(Clone, Copy)]
pub struct Import<'i> {
    /// The catalog.
    pub accounts: &'i dyn Accounts,
    /// The store; it must keep all releases.
    pub store: &'i Store,
    /// Who takes it over, for the audit trail; for accounts, `accounts` says that.
    pub cause: &'i Cause,
    /// The folder with packages and icons.
    pub media: &'i MediaFolder,
    /// Whether signatures count.
    pub security: Security,
    /// Bytes of the largest package that the store takes.
    pub package_bytes: u64,
}

/// Why an import has stopped. What was taken over before stays, and another import goes on with the rest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The catalog failed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] amps_core::Error),
}

/// An import that goes on.
pub(crate) struct Progress<'t> {
    pub(crate) summary: Summary,
    tell: &'t mut dyn FnMut(&Line),
    pub(crate) users: HashMap<i64, UserName>,
    pub(crate) vendors: HashMap<i64, Vendor>,
    pub(crate) categories: HashMap<i64, CategoryId>,
}

impl Import<'_> {
    /// Takes over what is not there yet, and tells of it. `now` is when the users are known since of whom it is not known.
    pub fn run(
        &self,
        source: &Source,
        now: Timestamp,
        tell: &mut dyn FnMut(&Line),
    ) -> Result<Summary, ImportError> {
        let mut progress = Progress {
            summary: Summary::default(),
            tell,
            users: HashMap::new(),
            vendors: HashMap::new(),
            categories: HashMap::new(),
        };
        self.users(&source.users, now, &mut progress)?;
        self.vendors(&source.vendors, &mut progress)?;
        self.categories(&source.categories, &mut progress)?;
        self.packages(&source.apps, &mut progress)?;
        Ok(progress.summary)
    }
}

impl Progress<'_> {
    pub(crate) fn added(&mut self, subject: Subject, name: impl Into<String>) {
        self.summary.of_mut(subject).added += 1;
        (self.tell)(&Line::Added { subject, name: name.into() });
    }

    /// Added by this import, or by somebody else at the same time.
    pub(crate) fn there(&mut self, subject: Subject, name: &str, is_new: bool) {
        if is_new { self.added(subject, name) } else { self.known(subject) }
    }

    pub(crate) fn known(&mut self, subject: Subject) {
        self.summary.of_mut(subject).known += 1;
    }

    pub(crate) fn refused(&mut self, subject: Subject, name: impl Into<String>, reason: impl Into<String>) {
        self.summary.of_mut(subject).refused += 1;
        (self.tell)(&Line::Refused { subject, name: name.into(), reason: reason.into() });
    }

    pub(crate) fn noted(&mut self, subject: Subject, name: impl Into<String>, note: impl Into<String>) {
        (self.tell)(&Line::Noted { subject, name: name.into(), note: note.into() });
    }

    pub(crate) fn unread(&mut self, subject: Subject, row: &Unread) {
        self.refused(subject, format!("{} of {}", row.id, row.table), row.reason.clone());
    }
}
