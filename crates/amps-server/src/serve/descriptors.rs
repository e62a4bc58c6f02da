//! File descriptors enough for the connections that are allowed.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::ServerLimits;

/// What the catalog, the log and short-lived files need.
const OTHER: u64 = 128;
/// An upload stages a package and an icon; signing reads the package again.
const OF_UPLOAD: u64 = 3;

/// Raises the number of files that the process may have open to what the limits need, as far as it is allowed to. The usual 1,024
/// are the system's default for programs that use `select`, which this one does not. Each listener has
/// the limits for itself, but for uploads.
pub(super) fn provide(limits: &ServerLimits, listeners: u64) {
    let needed = needed(limits, listeners);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None stands for no limit.
    let Some(current) = current.filter(|&current| current < needed) else { return };
    let wanted = maximum.map_or(needed, |maximum| maximum.min(needed));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    let has = if raised.is_ok() { wanted } else { current };
    if has < needed {
        tracing::warn!(
            open_files = has,
            needed,
            "the system allows fewer open files than the limits need: raise it (ulimit -n, LimitNOFILE=) or lower `connections`"
        );
    }
}

/// How many files may be open at the same time if all that the limits allow is used.
fn needed(limits: &ServerLimits, listeners: u64) -> u64 {
    let number = |limit: usize| u64::try_from(limit).unwrap_or(u64::MAX);
    number(limits.connections)
        .saturating_add(number(limits.open_downloads))
        .saturating_mul(listeners)
        .saturating_add(number(limits.open_uploads).saturating_mul(OF_UPLOAD))
        .saturating_add(OTHER)
}

/// How many files may have to be open at the same time, and how many may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFiles {
    /// How many the limits need.
    pub needed: u64,
    /// How many the system allows this process and those that it starts; none stands for no limit.
    pub allowed: Option<u64>,
}

impl OpenFiles {
    /// Those of a server that this process would become.
    pub fn of(limits: &ServerLimits, listeners: u64) -> Self {
        Self { needed: needed(limits, listeners), allowed: getrlimit(Resource::Nofile).maximum }
    }
}
