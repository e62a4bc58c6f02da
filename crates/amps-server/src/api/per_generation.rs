//! What is worked out once for each generation of the catalog, by the first one who asks.

use std::sync::{Arc, Mutex, PoisonError};

/// Something that holds as long as the catalog does not change.
pub(super) struct PerGeneration<T>(Mutex<Option<(u64, Arc<T>)>>);

impl<T> Default for PerGeneration<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> PerGeneration<T> {
    /// What holds in a generation. While one makes it the others wait: not for the network's threads.
    pub(super) fn of<E>(&self, generation: u64, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        // A panic leaves what was before.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((of, thing)) if *of == generation => Ok(Arc::clone(thing)),
            // Somebody who still has the list of before is not to undo what others have made since.
            Some((of, _)) if *of > generation => make().map(Arc::new),
            _ => {
                let thing = Arc::new(make()?);
                *kept = Some((generation, Arc::clone(&thing)));
                Ok(thing)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn it_is_made_once_for_each_generation() {
        let kept = PerGeneration::default();
        let of = |generation: u64, value: &str| {
            let made = kept.of(generation, || Ok::<_, Infallible>(value.to_owned()));
            made.unwrap().as_str().to_owned()
        };
        assert_eq!((of(1, "a"), of(1, "b"), of(2, "c")), ("a".into(), "a".into(), "c".into()));
        assert_eq!((of(1, "late"), of(2, "d")), ("late".into(), "c".into()));
        assert_eq!(kept.of(3, || Err("disk")).unwrap_err(), "disk");
        assert_eq!(of(3, "e"), "e");
    }
}
