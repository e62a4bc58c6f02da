//! `amps audit verify`.

use std::{fmt, io::Write as _, str::FromStr};

use amps_catalog::SqliteCatalog;
use amps_cli::{Failure, HintExt as _, Outcome, Printable};
use amps_core::{
    BlobId, DataDir,
    audit::{AuditLog as _, AuditPoint},
};
use clap::Args;

use crate::accounts::Catalog;

/// Verify that nothing in the audit trail was changed, removed or put in another order; also while a server runs.
///
/// Ends with 0 if that is so, with 1 if not, and says where, and with 2 if nobody can tell.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    catalog: Catalog,

    /// A head that amps audit export or this command has printed before: the trail must still have it
    #[arg(long, value_name = "HEAD")]
    expect_head: Option<Head>,
}

/// A hash, with the number of its entry or without.
#[derive(Clone, Copy)]
struct Head {
    sequence: Option<u64>,
    hash: BlobId,
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a hash of 64 hexadecimal digits, or NUMBER:HASH".to_owned();
        let (sequence, hash) = match text.split_once(':') {
            Some((sequence, hash)) => (Some(sequence.parse().map_err(|_| wrong())?), hash),
            None => (None, text),
        };
        Ok(Self { sequence, hash: hash.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sequence {
            Some(sequence) => write!(formatter, "{sequence}:{}", self.hash),
            None => write!(formatter, "{}", self.hash),
        }
    }
}

impl Head {
    fn is(&self, point: &AuditPoint) -> bool {
        self.hash.0 == point.hash && self.sequence.is_none_or(|sequence| sequence == point.sequence)
    }
}

impl Verify {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let file = DataDir::shared_catalog(self.catalog.existing()?);
        let catalog = SqliteCatalog::look(&file)?;
        let mut has_head = self.expect_head.is_none();
        let verified = catalog
            .verify_audit(&mut |point| has_head |= self.expect_head.is_some_and(|head| head.is(point)))
            .hint("amps check says whether the catalog is damaged")?;
        let mut out = amps_cli::stdout();
        let verification = match verified {
            Ok(verification) => verification,
            Err(broken) => {
                writeln!(out, "broken: {}", Printable(&broken.to_string()))?;
                return Ok(Outcome::No);
            }
        };
        let bounds = verification.bounds;
        writeln!(out, "entries: {}", verification.entries)?;
        writeln!(out, "begins after: {}", bounds.pruned)?;
        writeln!(out, "head: {}", bounds.head)?;
        let Some(head) = self.expect_head.filter(|_| !has_head) else { return Ok(Outcome::Done) };
        if head.sequence.is_some_and(|sequence| sequence < bounds.pruned.sequence) {
            return Err(Failure::message(format!("{head} was removed because of its age")).with_hint(
                "compare with a later head: export one at least as often as entries are removed",
            ));
        }
        writeln!(out, "broken: the trail does not have {head}: it was cut off or written anew since")?;
        Ok(Outcome::No)
    }
}
