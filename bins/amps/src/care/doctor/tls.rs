//! TLS: whether it can be spoken with the files as they are, and for how long.

use amps_core::{Timestamp, care::Finding, chain};
use amps_server::{TlsExamination, TlsSettings, TlsSettingsError};

use super::super::named_files::text;

const SECONDS_OF_DAY: i64 = 86_400;

/// Nothing without TLS.
pub(super) fn findings(
    settings: &Result<Option<TlsSettings>, TlsSettingsError>,
    now: Timestamp,
) -> Vec<Finding> {
    let settings = match settings {
        Ok(None) => return Vec::new(),
        Ok(Some(settings)) => settings,
        Err(error) => {
            let advice = "correct it: the server does not start with it";
            return vec![Finding::problem("tls", "tls", chain(error), advice)];
        }
    };
    let subject = text(&settings.certificate);
    match settings.examine() {
        Err(error) => {
            let advice = "correct it: the server does not start with it; one that runs keeps what it has";
            vec![Finding::problem("tls", subject, chain(&error), advice)]
        }
        Ok(TlsExamination { certificates, warnings, .. }) if warnings.is_empty() => {
            let days = |ends: i64| (ends - now.0).div_euclid(SECONDS_OF_DAY);
            let words =
                certificates.iter().map(|(name, ends)| format!("`{name}`, {} days left", days(*ends)));
            let words: Vec<_> = words.collect();
            vec![Finding::ok("tls", subject, format!("it can be used: {}", words.join("; ")))]
        }
        Ok(TlsExamination { warnings, .. }) => {
            let advice = "put the next one in its place: a server that runs takes it by itself";
            let warning = |words| Finding::warning("tls", subject.clone(), words, advice);
            warnings.into_iter().map(warning).collect()
        }
    }
}
