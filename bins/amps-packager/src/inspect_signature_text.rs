//! What an inspection tells of a signature, as text.

use std::fmt::{self, Write as _};

use amps_cli::Printable;
use amps_core::{Coverage, SignatureFacts, SignerFacts};

/// Writes a signature and those who claim to have made it. All their text is hostile.
pub(crate) fn write(text: &mut String, signature: &SignatureFacts) -> fmt::Result {
    let reason = signature.reason.as_deref().unwrap_or_default();
    if signature.covers == Coverage::Garbled {
        return writeln!(text, "signature:     {}, GARBLED: {}", signature.kind, Printable(reason));
    }
    writeln!(text, "signature:     {}: a claim, nobody has verified it", signature.kind)?;
    match (signature.covers, signature.form.as_deref()) {
        (Coverage::Package, Some("raw")) => line(text, "over", "the raw digest of this package"),
        (Coverage::Package, _) => line(text, "over", "the digest of this package, as base64 text"),
        (Coverage::DeviceOrOther, _) => {
            line(text, "over", "not the digest alone: the digest for one device, or something else")
        }
        _ => line(text, "over", &format!("SOMETHING ELSE: {reason}")),
    }?;
    signature.signers.iter().try_for_each(|one| signer(text, one))
}

fn signer(text: &mut String, signer: &SignerFacts) -> fmt::Result {
    match &signer.certificate {
        Some(certificate) => {
            line(text, "signer", &certificate.subject)?;
            line(text, "issuer", &certificate.issuer)?;
            line(text, "serial", &certificate.serial)?;
            line(text, "valid", &format!("{} to {}", certificate.not_before, certificate.not_after))?;
            line(text, "fingerprint", &certificate.fingerprint_sha256)?;
        }
        None => line(text, "signer", &format!("{} (its certificate is not included)", signer.id))?,
    }
    line(text, "digest", &signer.digest_algorithm)
}

fn line(text: &mut String, name: &str, value: &str) -> fmt::Result {
    let name = [name, ":"].concat();
    writeln!(text, "  {name:<12} {}", Printable(value))
}
