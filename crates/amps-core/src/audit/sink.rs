//! Entering what is refused at once, where no server collects it.

use std::sync::Arc;

use super::{AuditLog, NewAuditEntry};
use crate::event::{Event, EventSink, Origin};

/// Tells another sink of events, and enters what changes nothing into the trail at once. For commands, which do one thing.
pub struct AtOnce {
    log: Arc<dyn AuditLog>,
    events: Arc<dyn EventSink>,
}

impl AtOnce {
    /// Enters into a trail, and tells a sink.
    pub fn new(log: Arc<dyn AuditLog>, events: Arc<dyn EventSink>) -> Self {
        Self { log, events }
    }
}

impl EventSink for AtOnce {
    fn event(&self, origin: Origin, event: &Event) {
        self.events.event(origin, event);
    }

    fn events(&self, origin: Origin, events: &[Event]) {
        self.events.events(origin, events);
    }

    fn audit(&self, entry: NewAuditEntry) {
        let what = entry.record().object.clone().unwrap_or_default();
        if let Err(error) = self.log.append(&[entry]) {
            let message = format!("this is not in the audit trail: {}", crate::error::chain(&error));
            self.events.event(Origin::Command, &Event::Warned { name: what, message });
        }
    }
}
