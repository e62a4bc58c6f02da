//! Answers that are the same for everybody until the catalog changes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use amps_core::{CacheCounter, Listing, PackageServerToken, Store};
use tokio::sync::Mutex;

use crate::{
    answer::{Problem, blocking},
    prepared::Prepared,
};

/// Bytes that all answers have at most, compressed forms not counted: those are a tenth or less. One is always kept, whatever
/// its size.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
/// What an answer costs besides its text, roughly: without it, empty answers about any number of categories would be kept.
const ENTRY_BYTES: usize = 1024;

/// What an answer is about; each differs from the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// The packages that a device of an architecture may see, or only those of one category.
    Packages { architecture: Option<PackageServerToken>, category: Option<String> },
    /// The categories.
    Categories,
}

/// Answers that are made when they are first asked for, and then shared until the catalog changes.
pub(super) struct PreparedAnswers {
    kept: RwLock<Kept>,
    counts: Arc<CacheCounter>,
    /// Held while one is made: a thousand clients that see a change at the same time ask for one answer, not for a thousand.
    making: Mutex<()>,
}

#[derive(Default)]
struct Kept {
    /// The catalog's generation that all of them are of.
    generation: Option<u64>,
    /// The architectures that there are packages for. All others see the same.
    architectures: HashSet<PackageServerToken>,
    answers: HashMap<Subject, Arc<Prepared>>,
    bytes: usize,
}

impl PreparedAnswers {
    /// None yet.
    pub(super) fn counted_by(counts: Arc<CacheCounter>) -> Self {
        Self { kept: RwLock::default(), counts, making: Mutex::default() }
    }

    /// The answer about a subject, as it is now.
    pub(super) async fn about(
        &self,
        store: &Arc<Store>,
        subject: Subject,
        make: impl FnOnce(&Listing, &Subject) -> Result<Vec<u8>, Problem> + Send + 'static,
    ) -> Result<Arc<Prepared>, Problem> {
        if let Some(answer) = self.find(&*store.listing()?, &subject) {
            self.counts.hits.one_more();
            return Ok(answer);
        }
        let _making = self.making.lock().await;
        let listing = store.listing()?;
        if let Some(answer) = self.find(&listing, &subject) {
            self.counts.hits.one_more();
            return Ok(answer);
        }
        self.counts.misses.one_more();
        let making = blocking(move || {
            let subject = subject.among(&architectures(&listing));
            let answer = Arc::new(Prepared::new(make(&listing, &subject)?));
            Ok((listing, subject, answer))
        });
        let (listing, subject, answer) = making.await?;
        self.keep(&listing, subject, &answer);
        Ok(answer)
    }

    fn find(&self, listing: &Listing, subject: &Subject) -> Option<Arc<Prepared>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != Some(listing.generation()) {
            return None;
        }
        kept.answers.get(&subject.clone().among(&kept.architectures)).map(Arc::clone)
    }

    fn keep(&self, listing: &Listing, subject: Subject, answer: &Arc<Prepared>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != Some(listing.generation()) || kept.bytes > KEPT_BYTES {
            *kept = Kept {
                generation: Some(listing.generation()),
                architectures: architectures(listing),
                ..Kept::default()
            };
        }
        kept.bytes += answer.size_bytes() + ENTRY_BYTES;
        kept.answers.insert(subject, Arc::clone(answer));
    }
}

fn architectures(listing: &Listing) -> HashSet<PackageServerToken> {
    listing
        .releases()
        .iter()
        .map(|release| &release.facts.architecture)
        .collect::<HashSet<_>>()
        .into_iter()
        .cloned()
        .collect()
}

impl Subject {
    /// The same subject under one name: a device whose architecture no package is made for sees what one without any sees.
    fn among(self, architectures: &HashSet<PackageServerToken>) -> Self {
        match self {
            Self::Packages { architecture, category } => Self::Packages {
                architecture: architecture.filter(|token| !token.is_all() && architectures.contains(token)),
                category,
            },
            Self::Categories => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_that_no_package_is_for_are_one() {
        let token = |text: &str| text.parse::<PackageServerToken>().unwrap();
        let known = HashSet::from([token("all"), token("linux_arm_64")]);
        let seen = |architecture: Option<&str>| {
            let architecture = architecture.map(token);
            match (Subject::Packages { architecture, category: None }).among(&known) {
                Subject::Packages { architecture, .. } => architecture,
                Subject::Categories => None,
            }
        };
        assert_eq!(seen(Some("linux_arm_64")), Some(token("linux_arm_64")));
        for same in [None, Some("all"), Some("linux_x86_64")] {
            assert_eq!(seen(same), None, "{same:?}");
        }
    }
}
