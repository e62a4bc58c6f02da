//! How many passwords are checked at the same time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::password_hash::HashMemory;

/// Lets some run, some more wait, and turns away the rest.
pub(super) struct Permits {
    state: Mutex<State>,
    freed: Condvar,
    running_limit: usize,
    waiting_limit: usize,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: usize,
    /// What those who ran hashed in, for those who come.
    memory: Vec<HashMemory>,
}

/// The right to run, until it is dropped.
pub(super) struct Permit<'permits> {
    permits: &'permits Permits,
    /// What to hash in.
    pub(super) memory: HashMemory,
}

impl Permits {
    pub(super) fn new(running_limit: usize, waiting_limit: usize) -> Self {
        Self { state: Mutex::default(), freed: Condvar::new(), running_limit, waiting_limit }
    }

    /// Waits for its turn; none if too many wait already.
    pub(super) fn acquire(&self) -> Option<Permit<'_>> {
        let mut state = self.lock();
        if state.running >= self.running_limit {
            if state.waiting >= self.waiting_limit {
                return None;
            }
            state.waiting += 1;
            state = self
                .freed
                .wait_while(state, |state| state.running >= self.running_limit)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.running += 1;
        let memory = state.memory.pop().unwrap_or_default();
        Some(Permit { permits: self, memory })
    }

    /// Two numbers cannot be left half-changed by a panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.permits.lock();
        state.memory.push(std::mem::take(&mut self.memory));
        state.running -= 1;
        drop(state);
        self.permits.freed.notify_one();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn who_finds_the_queue_full_is_turned_away() {
        let permits = Permits::new(2, 0);
        let first = permits.acquire().unwrap();
        let _second = permits.acquire().unwrap();
        assert!(permits.acquire().is_none());
        drop(first);
        assert!(permits.acquire().is_some());
    }

    #[test]
    fn all_who_wait_get_their_turn_and_never_more_run_than_may() {
        let permits = Permits::new(3, 100);
        let (running, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|| {
                    let _permit = permits.acquire().unwrap();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(done.into_inner(), 50);
        assert!(most.into_inner() <= 3);
        // There is memory for as many as may run, not for as many as came.
        assert!((1..=3).contains(&permits.lock().memory.len()));
    }
}
