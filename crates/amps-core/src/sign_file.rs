//! Signing a package in a file: the same content, with another end.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use ampkg::{FooterField, FooterPlace, Limits};
use amps_pki::{HardwareId, SignatureInput, Signer, TrustAnchors, VerifiedSignature};
use amps_splice::TailPacker;

use crate::{
    clock::Timestamp,
    create::{new_file, parent},
    error::{Error, Refusal},
    examine::{Verified, examine},
    signing::{end_of, recipe},
};

/// Reads and verifies a package in a file; `developers` must have signed it, if they are given.
pub fn verify_file(
    input: &Path,
    developers: Option<&TrustAnchors>,
    now: Timestamp,
    limits: &Limits,
) -> Result<Verified, Error> {
    let file = open(input)?;
    let verified = examine(file, limits).map_err(Refusal::Package)?.verify()?;
    if let Some(developers) = developers {
        verify_developer(&verified, developers, now)?;
    }
    Ok(verified)
}

/// Refuses a package that none of `developers` has signed.
pub(crate) fn verify_developer(
    verified: &Verified,
    developers: &TrustAnchors,
    now: Timestamp,
) -> Result<VerifiedSignature, Error> {
    let footer = &verified.package.footer;
    let signature = footer.developer_signature.as_deref().ok_or(Refusal::NoDeveloperSignature)?;
    let input = SignatureInput::developer(&footer.digest.0);
    let verified = amps_pki::verify(signature, &input, developers, now.for_certificates()?);
    Ok(verified.map_err(Refusal::DeveloperSignature)?)
}

/// Writes `output`: the verified package in `input` with a store signature, for one device or for all.
pub fn store_sign_file(
    input: &Path,
    output: &Path,
    verified: &Verified,
    signer: &dyn Signer,
    device: Option<&HardwareId>,
    now: Timestamp,
    limits: &Limits,
) -> Result<(), Error> {
    let digest = verified.package.footer.digest;
    let signature = crate::signing::sign(signer, digest, device, now)?;
    let place = verified.package.store_signature_place();
    write(input, output, verified, &place, FooterField::StoreSignature(signature), limits)
}

/// Writes `output`: the verified package in `input` with a developer signature in place of all signatures that it has.
pub fn developer_sign_file(
    input: &Path,
    output: &Path,
    verified: &Verified,
    signer: &dyn Signer,
    now: Timestamp,
    limits: &Limits,
) -> Result<(), Error> {
    let content = SignatureInput::developer(&verified.package.footer.digest.0);
    let signature = amps_pki::sign(&content, signer, now.for_certificates()?)
        .map_err(crate::signing::SigningError::Sign)?;
    let place = verified.package.developer_signature_place();
    write(input, output, verified, &place, FooterField::DeveloperSignature(signature), limits)
}

/// The output appears when it is complete, and never in place of the input.
fn write(
    input: &Path,
    output: &Path,
    verified: &Verified,
    place: &FooterPlace,
    signature: FooterField,
    limits: &Limits,
) -> Result<(), Error> {
    let io = |action, path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    };
    if is_same(input, output) {
        let error = io::Error::new(io::ErrorKind::AlreadyExists, "it is the package that is to be signed");
        return Err(io("write", output)(error));
    }
    let version = verified.package.header.version;
    let mut file = open(input)?;
    let recipe = recipe(&mut file, &verified.package, place, limits)?;
    let end = end_of(&recipe, &[signature], version, &mut TailPacker::new())?;
    let folder = parent(output);
    let mut signed = new_file(&folder).map_err(io("create a file in", &folder))?;
    file.seek(SeekFrom::Start(0)).map_err(io("read", input))?;
    let copied = io::copy(&mut file.take(recipe.keep_bytes), &mut signed).map_err(io("write", output))?;
    if copied != recipe.keep_bytes {
        return Err(io("read", input)(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter")));
    }
    signed.write_all(&end).map_err(io("write", output))?;
    signed.as_file().sync_data().map_err(io("write", output))?;
    signed.persist(output).map_err(|error| io("write", output)(error.error))?;
    Ok(())
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::Io { action: "open", path: path.into(), source })
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
