//! Collecting what is to be entered, and the thread that enters it.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use amps_core::{
    CatalogError, Clock, HardwareId,
    audit::{
        Action, AuditLog, AuditResult, AuditRetention, Cause, DeviceMarks, NewAuditEntry, Pending,
        WINDOW_SECONDS,
    },
    chain,
};

/// How long more is waited for before something is written: one transaction for many.
const GATHERING: Duration = Duration::from_millis(50);
/// How long to wait after the catalog has failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How often old entries are removed.
const PRUNE_INTERVAL: Duration = Duration::from_hours(1);
/// How long it takes at most until it is seen that the time of counting is over.
const LOOK_INTERVAL: Duration = Duration::from_secs(WINDOW_SECONDS.unsigned_abs());

/// Takes what is to be entered, and never waits for the disk.
pub(crate) struct Recorder {
    log: Arc<dyn AuditLog>,
    marks: DeviceMarks,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    pending: Pending,
    is_stopped: bool,
}

impl Recorder {
    pub(crate) fn new(log: Arc<dyn AuditLog>, clock: Arc<dyn Clock>) -> Result<Arc<Self>, CatalogError> {
        let marks = log.device_marks()?;
        Ok(Arc::new(Self { log, marks, clock, state: Mutex::default(), wake: Condvar::new() }))
    }

    /// The trail.
    pub(crate) fn log(&self) -> Arc<dyn AuditLog> {
        Arc::clone(&self.log)
    }

    /// Something that was done or refused now.
    pub(crate) fn entry(&self, action: Action, cause: &Cause, result: AuditResult) -> NewAuditEntry {
        NewAuditEntry::new(self.clock.now(), action, cause, result)
    }

    /// The same that is to be counted, for a device.
    pub(crate) fn count_for(
        &self,
        device: Option<&HardwareId>,
        action: Action,
        cause: &Cause,
        say: impl FnOnce(NewAuditEntry) -> NewAuditEntry,
    ) {
        let entry = self.entry(action, cause, AuditResult::Done);
        self.count(say(entry).for_device(device.map(|device| self.marks.mark(device))));
    }

    /// Enters something of its own soon.
    pub(crate) fn add(&self, entry: NewAuditEntry) {
        self.state().pending.add(entry);
        self.wake.notify_one();
    }

    /// Enters something within a minute or so, together with what is the same.
    pub(crate) fn count(&self, entry: NewAuditEntry) {
        self.state().pending.count(entry);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves at worst one entry out.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to be done, for as long as this at most; says whether it is over.
    fn wait(&self, longest: Duration) -> bool {
        let is_idle = |state: &mut State| !state.is_stopped && !state.pending.is_due(self.clock.now());
        let waited = self.wake.wait_timeout_while(self.state(), longest, is_idle);
        let is_stopped = waited.unwrap_or_else(PoisonError::into_inner).0.is_stopped;
        is_stopped || self.pause(GATHERING)
    }

    /// Waits so long, or until it is over, and says whether that is so.
    fn pause(&self, time: Duration) -> bool {
        let waited = self.wake.wait_timeout_while(self.state(), time, |state| !state.is_stopped);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_stopped
    }

    /// Writes what is due; says whether that worked.
    fn write(&self, is_end: bool) -> bool {
        let entries = self.state().pending.take(self.clock.now(), is_end);
        if entries.is_empty() {
            return true;
        }
        let Err(error) = self.log.append(&entries) else { return true };
        tracing::error!(error = chain(&error), entries = entries.len(), "the audit trail cannot be written");
        self.state().pending.take_back(entries);
        false
    }

    fn prune(&self, retention: &AuditRetention) {
        loop {
            match self.log.prune_audit(retention, self.clock.now()) {
                Ok(0) => return,
                Ok(_) if self.state().is_stopped => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(
                        error = chain(&error),
                        "old entries of the audit trail cannot be removed"
                    );
                    return;
                }
            }
        }
    }
}

/// The thread that writes.
pub(crate) struct Writer {
    recorder: Arc<Recorder>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(recorder: Arc<Recorder>, retention: AuditRetention) -> std::io::Result<Self> {
        let writing = Arc::clone(&recorder);
        let work = move || {
            let mut pruned: Option<Instant> = None;
            loop {
                if pruned.is_none_or(|pruned| pruned.elapsed() >= PRUNE_INTERVAL) {
                    writing.prune(&retention);
                    pruned = Some(Instant::now());
                }
                let is_over = writing.wait(LOOK_INTERVAL);
                let is_written = writing.write(is_over);
                if is_over {
                    return;
                }
                // Whoever ends the server meanwhile ends the pause; then all is tried once more.
                if !is_written {
                    writing.pause(AFTER_FAILURE);
                }
            }
        };
        let thread = thread::Builder::new().name("audit".into()).spawn(work)?;
        Ok(Self { recorder, thread: Some(thread) })
    }

    /// Writes what there is, and ends.
    pub(crate) async fn stop(mut self) {
        self.end();
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    fn end(&self) {
        self.recorder.state().is_stopped = true;
        self.recorder.wake.notify_all();
    }
}

/// A server that could not begin.
impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use amps_catalog::SqliteCatalog;
    use amps_core::{
        SystemClock, Timestamp,
        audit::{AuditBounds, AuditFilter, AuditPage, AuditPoint, Break, Position, Verification},
    };

    use super::*;

    /// A trail that cannot be written at first.
    struct FailsOnce {
        log: SqliteCatalog,
        failed: Mutex<Option<Sender<()>>>,
    }

    impl AuditLog for FailsOnce {
        fn append(&self, entries: &[NewAuditEntry]) -> Result<(), CatalogError> {
            match self.failed.lock().unwrap().take() {
                Some(failed) => {
                    failed.send(()).unwrap();
                    Err(CatalogError::Backend { action: "write", source: "no room".into() })
                }
                None => self.log.append(entries),
            }
        }

        fn audit_bounds(&self) -> Result<AuditBounds, CatalogError> {
            self.log.audit_bounds()
        }

        fn audit_page(
            &self,
            position: Position,
            filter: &AuditFilter,
            limit: usize,
        ) -> Result<AuditPage, CatalogError> {
            self.log.audit_page(position, filter, limit)
        }

        fn verify_audit(
            &self,
            each: &mut dyn FnMut(&AuditPoint),
        ) -> Result<Result<Verification, Break>, CatalogError> {
            self.log.verify_audit(each)
        }

        fn prune_audit(&self, retention: &AuditRetention, now: Timestamp) -> Result<u64, CatalogError> {
            self.log.prune_audit(retention, now)
        }

        fn device_marks(&self) -> Result<DeviceMarks, CatalogError> {
            self.log.device_marks()
        }
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_tried_again_at_the_end() {
        let (sender, failed) = channel();
        let log = FailsOnce { log: SqliteCatalog::in_memory().unwrap(), failed: Mutex::new(Some(sender)) };
        let log = Arc::new(log);
        let recorder = Recorder::new(Arc::clone(&log) as _, Arc::new(SystemClock)).unwrap();
        let writer = Writer::start(Arc::clone(&recorder), AuditRetention::default()).unwrap();
        recorder.add(recorder.entry(Action::Login, &Cause::server(), AuditResult::Done).of("ada"));
        failed.recv().unwrap();
        recorder.add(recorder.entry(Action::ServerStop, &Cause::server(), AuditResult::Done));
        writer.stop().await;
        let page = log.audit_page(Position::After(0), &AuditFilter::default(), 10).unwrap();
        let said: Vec<_> = page.entries.iter().map(|entry| entry.record.action.as_str()).collect();
        assert_eq!(said, ["login", "server.stop"]);
    }

    #[tokio::test]
    async fn what_was_taken_is_in_the_trail_when_the_writer_has_stopped() {
        let catalog = Arc::new(SqliteCatalog::in_memory().unwrap());
        let recorder = Recorder::new(Arc::clone(&catalog) as _, Arc::new(SystemClock)).unwrap();
        let writer = Writer::start(Arc::clone(&recorder), AuditRetention::default()).unwrap();
        let (cause, device) = (Cause::server(), HardwareId::new("car-17".into()).unwrap());
        for _ in 0..1000 {
            recorder
                .count_for(Some(&device), Action::PackageSign, &cause, |entry| entry.with("version", "1"));
        }
        recorder.add(recorder.entry(Action::Login, &cause, AuditResult::Done).of("ada"));
        writer.stop().await;
        let page = catalog.audit_page(Position::After(0), &AuditFilter::default(), 10).unwrap();
        let said: Vec<_> =
            page.entries.iter().map(|entry| (entry.record.action.as_str(), entry.record.count)).collect();
        assert_eq!(said, [("login", 1), ("package.sign", 1000)]);
        assert!(!format!("{page:?}").contains("car-17"));
    }
}
