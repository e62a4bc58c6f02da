//! The audit trail of a server: what its routes say goes to a thread that writes it.

mod asked_from;
mod logins;
mod recorder;
mod signed;

pub(crate) use asked_from::{AskedFrom, GivenId};
pub(crate) use logins::{note_login, note_logout};
pub(crate) use recorder::{Recorder, Writer};
pub(crate) use signed::note_signed;
