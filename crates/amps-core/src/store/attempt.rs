//! Taking in what may not be complete yet.

use std::io::Read;

use super::{
    Provenance, Store,
    upload::{Linking, Upload},
};
use crate::{
    error::Error,
    event::{Event, Origin},
};

impl Store {
    /// Does what [`Store::upload`] does, and keeps quiet about a failure: whoever reads a file that may still be written tries
    /// again before anybody is told.
    pub fn attempt(&self, source: impl Read, from: &Provenance) -> Result<Upload, Error> {
        self.stage(source, &from.by).and_then(|staged| self.publish(staged, from, Linking::Now))
    }

    /// Tells whoever is told of the store's events of one that the caller has seen.
    pub fn note(&self, origin: Origin, event: &Event) {
        self.event(origin, event);
    }
}
