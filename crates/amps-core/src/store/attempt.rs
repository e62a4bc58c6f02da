//! Taking in what may not be complete yet.

use std::io::Read;

use super::{
    Provenance, Store,
    upload::{Linking, Upload},
};
use crate::error::Error;

impl Store {
    /// Does what [`Store::upload`] does, and keeps quiet about a failure: whoever reads a file that may still be written tries
    /// again before anybody is told.
    pub fn attempt(&self, source: impl Read, from: &Provenance) -> Result<Upload, Error> {
        self.stage(source, &from.by).and_then(|staged| self.publish(staged, from, Linking::Now))
    }
}
