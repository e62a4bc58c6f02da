//! The audit trail: who did what, when, from where, and what came of it.
//!
//! It is append-only and a chain: each entry has the hash of the one before in its own. What changes the catalog is entered in the
//! transaction that changes it; what only reads or is refused is collected ([`Pending`]) and entered a little later. Secrets are never
//! part of it, and hardware ids only as [`DeviceMark`]s.

mod action;
mod cause;
mod chain;
mod device;
mod entry;
mod log;
mod moment;
mod pending;
mod sink;

pub use action::Action;
pub use cause::{Actor, Cause, Channel, InvalidRequestId, RequestId};
pub use chain::{AuditBounds, AuditPoint, AuditVerifier, Break, Verification};
pub use device::{DeviceMark, DeviceMarks};
pub use entry::{
    AuditEntry, AuditOutcome, AuditRecord, AuditResult, InvalidAuditOutcome, MAX_AUDIT_TEXT_BYTES,
    NewAuditEntry,
};
pub use log::{
    AuditFilter, AuditLog, AuditPage, AuditRetention, InvalidAuditRetention, LEAST_AUDIT_ENTRIES,
    MAX_AUDIT_PAGE, Position,
};
pub use moment::{InvalidMoment, Moment};
pub use pending::{MAX_COUNTED, MAX_WAITING_ENTRIES, Pending, WINDOW_SECONDS};
pub use sink::AtOnce;
