//! Changing something that may be missing.

/// What becomes of a thing that may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays as it is, there or not.
    #[default]
    Keep,
    /// It goes.
    Remove,
    /// This takes its place.
    Put(T),
}

impl<T> Edit<T> {
    /// What takes its place, if anything does; nothing at all if it stays.
    pub fn change(&self) -> Option<Option<&T>> {
        match self {
            Self::Keep => None,
            Self::Remove => Some(None),
            Self::Put(new) => Some(Some(new)),
        }
    }
}
