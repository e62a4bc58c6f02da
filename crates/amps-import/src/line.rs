//! What an import tells while it goes on, and what it has done in the end.

use std::fmt;

/// What is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A user.
    User,
    /// A vendor.
    Vendor,
    /// A category.
    Category,
    /// A package, with what is said about it.
    Package,
}

/// Something that happened. Of what is there already nothing is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is there now.
    Added {
        /// What it is.
        subject: Subject,
        /// What it is called.
        name: String,
    },
    /// It was not taken over.
    Refused {
        /// What it is.
        subject: Subject,
        /// What it is called, or where it stands.
        name: String,
        /// Why not.
        reason: String,
    },
    /// It is there, but somebody should know something about it.
    Noted {
        /// What it is.
        subject: Subject,
        /// What it is called.
        name: String,
        /// What to know.
        note: String,
    },
}

/// How much of something was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// What is there now and was not before.
    pub added: usize,
    /// What was there already.
    pub known: usize,
    /// What was not taken over.
    pub refused: usize,
}

/// How much was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    users: Count,
    vendors: Count,
    categories: Count,
    packages: Count,
}

impl Subject {
    /// In the order in which they are taken over.
    pub const ALL: [Self; 4] = [Self::User, Self::Vendor, Self::Category, Self::Package];

    /// What several are called.
    pub fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Vendor => "vendors",
            Self::Category => "categories",
            Self::Package => "packages",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User => "user",
            Self::Vendor => "vendor",
            Self::Category => "category",
            Self::Package => "package",
        })
    }
}

impl Summary {
    /// How much of one kind.
    pub fn of(&self, subject: Subject) -> Count {
        match subject {
            Subject::User => self.users,
            Subject::Vendor => self.vendors,
            Subject::Category => self.categories,
            Subject::Package => self.packages,
        }
    }

    /// Whether anything was refused.
    pub fn has_refused(&self) -> bool {
        Subject::ALL.iter().any(|subject| self.of(*subject).refused > 0)
    }

    pub(crate) fn of_mut(&mut self, subject: Subject) -> &mut Count {
        match subject {
            Subject::User => &mut self.users,
            Subject::Vendor => &mut self.vendors,
            Subject::Category => &mut self.categories,
            Subject::Package => &mut self.packages,
        }
    }
}
