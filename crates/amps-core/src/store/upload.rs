//! Taking a package in.

use std::io::{self, Read, Write as _};

use ampkg::PackageId;
use amps_arch::PackageServerToken;
use amps_splice::Recipe;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{ReleasesKept, Security, Store, demands::check_scope, draft::draft, tee::Tee};
use crate::{
    accounts::{PackageScope, StoreEntry},
    audit::Cause,
    blob::{Blob, StagedBlob},
    blob_reader::BlobReader,
    checks::{Check, Watch},
    clock::Timestamp,
    error::{Error, Refusal},
    event::{Event, Origin},
    examine::{Verified, examine_watched},
    model::{BlobId, BlobRef, Release, ReleaseDraft, ReleaseFacts, Sequence},
    signing::recipe,
};

/// Where an upload comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// What brought it.
    pub origin: Origin,
    /// What stands for it in events about a refusal: the file's name, if it has one.
    pub name: String,
    /// What the catalog says about who brought it.
    pub by: String,
    /// What the audit trail says about who brought it.
    pub cause: Cause,
}

/// What an upload has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// How the store has changed.
    pub result: UploadResult,
    /// The release's number.
    pub sequence: Sequence,
    /// The package's id.
    pub id: PackageId,
    /// Its architecture.
    pub architecture: PackageServerToken,
    /// What is legal, but not as it should be, in words for people.
    pub warnings: Vec<String>,
}

/// How an upload has changed the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadResult {
    /// There was none of that id and architecture.
    Added,
    /// It took the place of another one of that id and architecture, at least in what a package server shows.
    Updated,
    /// It was there already, byte for byte.
    Unchanged,
}

impl UploadResult {
    /// The same as a stable word for machines.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// When the file in `.packages` is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linking {
    /// At once.
    Now,
    /// By whoever asked for it.
    Later {
        /// The release in whose place the package was found, so that it takes that place whatever else stays.
        instead_of: Option<Sequence>,
    },
}

/// A package that lies in the staging area and may be published.
pub(super) struct Staged {
    package: Box<dyn StagedBlob>,
    icon: Option<StagedIcon>,
    draft: ReleaseDraft,
    warnings: Vec<String>,
    /// Who is told what becomes of it.
    watch: Watch,
}

impl Staged {
    pub(super) fn facts(&self) -> &ReleaseFacts {
        &self.draft.facts
    }

    pub(super) fn set_entry(&mut self, entry: StoreEntry) {
        self.draft.entry = Some(entry);
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }
}

/// An icon that lies in the staging area, and the name that it will have.
type StagedIcon = (BlobId, Box<dyn StagedBlob>);

impl Store {
    /// Takes a package in while it arrives: it is kept and verified at the same time, and appears in one step or not at all.
    ///
    /// An upload of the same id and architecture takes the place of the one before, or stands beside it, see [`ReleasesKept`].
    pub fn upload(&self, source: impl Read, from: &Provenance) -> Result<Upload, Error> {
        self.take_in(source, from, Linking::Now)
    }

    /// The same for somebody who may bring only some packages: another one is [`Refusal::OutOfScope`].
    pub fn upload_within(
        &self,
        source: impl Read,
        from: &Provenance,
        scope: &PackageScope,
    ) -> Result<Upload, Error> {
        self.upload_watched(source, from, scope, &Watch::nobody())
    }

    /// The same while somebody watches: they are told of [`Check::OF_EVERY_UPLOAD`], as far as it comes to them.
    pub fn upload_watched(
        &self,
        source: impl Read,
        from: &Provenance,
        scope: &PackageScope,
        watch: &Watch,
    ) -> Result<Upload, Error> {
        let staged = self.stage_if(source, &from.by, watch, |verified, now| {
            check_scope(Some(scope), &verified.package.manifest.id, watch)?;
            self.check_developer(verified, now, Security::On, watch).map(drop)
        });
        staged
            .and_then(|staged| self.publish(staged, from, Linking::Now))
            .inspect_err(|error| self.refused(from, error))
    }

    /// The same, with a say in when the file in `.packages` is made.
    pub(super) fn take_in(
        &self,
        source: impl Read,
        from: &Provenance,
        linking: Linking,
    ) -> Result<Upload, Error> {
        self.stage(source, &from.by)
            .and_then(|staged| self.publish(staged, from, linking))
            .inspect_err(|error| self.refused(from, error))
    }

    /// Reads the package to its end, into the staging area. The slow part: any number of them run at the same time.
    pub(super) fn stage(&self, source: impl Read, by: &str) -> Result<Staged, Error> {
        let nobody = Watch::nobody();
        self.stage_if(source, by, &nobody, |verified, now| {
            self.check_developer(verified, now, Security::On, &nobody).map(drop)
        })
    }

    /// The same, with what else is demanded of a package that is one.
    pub(super) fn stage_if(
        &self,
        source: impl Read,
        by: &str,
        watch: &Watch,
        demand: impl FnOnce(&Verified, Timestamp) -> Result<(), Error>,
    ) -> Result<Staged, Error> {
        self.read_and_check(source, by, watch, demand).inspect_err(|error| watch.refused(error))
    }

    fn read_and_check(
        &self,
        source: impl Read,
        by: &str,
        watch: &Watch,
        demand: impl FnOnce(&Verified, Timestamp) -> Result<(), Error>,
    ) -> Result<Staged, Error> {
        let mut package = self.parts.blobs.stage()?;
        let mut tee = Tee::new(source, &mut package);
        let begin = self.parts.clock.elapsed();
        let examination = examine_watched(&mut tee, &self.parts.limits, watch);
        self.parts.events.verified(tee.read_bytes(), self.parts.clock.elapsed().saturating_sub(begin));
        let write_error = tee.take_write_error();
        let verified = match (examination, write_error) {
            (_, Some(error)) => return Err(Error::Stage(error)),
            (Err(ampkg::Error::Read(error)), _) => return Err(Error::Source(error)),
            (Err(error), _) => return Err(Refusal::Package(error).into()),
            (Ok(examination), None) => examination.verify_watched(watch)?,
        };
        self.tell_store_signature(&verified, watch);
        let now = self.parts.clock.now();
        demand(&verified, now)?;
        package.sync()?;
        let recipe = self.recipe_of(&*package, &verified)?;
        let icon = self.stage_icon(&verified)?;
        let draft = draft(&verified, icon.as_ref().map(|(id, _)| *id), recipe, now, by);
        let mut warnings: Vec<String> = verified.package.warnings.iter().map(ToString::to_string).collect();
        // Where there is no deployment server, nobody wants to know.
        if self.parts.keep == ReleasesKept::All {
            let malformed = draft.facts.malformed_tags.iter();
            warnings
                .extend(malformed.map(|reason| format!("the deployment server will not offer it: {reason}")));
        }
        Ok(Staged { package, icon, draft, warnings, watch: watch.clone() })
    }

    /// How the package will be signed; left out where nothing is.
    fn recipe_of(&self, package: &dyn StagedBlob, verified: &Verified) -> Result<Option<Recipe>, Error> {
        if self.parts.signing.is_none() {
            return Ok(None);
        }
        let (file, package) = (BlobReader::new(package.open()?), &verified.package);
        let place = package.store_signature_place();
        Ok(Some(recipe(file, package, &place, &self.parts.limits)?))
    }

    fn stage_icon(&self, verified: &Verified) -> Result<Option<StagedIcon>, Error> {
        let Some(icon) = &verified.package.icon else { return Ok(None) };
        let mut blob = self.parts.blobs.stage()?;
        blob.write_all(&icon.bytes).map_err(Error::Stage)?;
        blob.sync()?;
        let id = BlobId(ampkg::Digest(Sha256::digest(&icon.bytes).into()));
        Ok(Some((id, blob)))
    }

    /// Makes a staged package a release. The quick part, one at a time.
    pub(super) fn publish(
        &self,
        staged: Staged,
        from: &Provenance,
        linking: Linking,
    ) -> Result<Upload, Error> {
        let Staged { package, icon, draft, warnings, watch } = staged;
        let facts = &draft.facts;
        let _change = self.change();
        let (result, sequence) = self.enter(package, icon, &draft, from, linking).inspect_err(|_| {
            self.discard(from.origin, &draft);
        })?;
        match (linking, result) {
            (Linking::Later { .. }, _) => {}
            (Linking::Now, UploadResult::Unchanged) => self.relink(from.origin, sequence, facts),
            (Linking::Now, _) => self.link(from.origin, sequence, facts),
        }
        let (id, architecture) = (facts.id.clone(), facts.architecture.clone());
        let upload =
            Upload { result, sequence, id: id.clone(), architecture: architecture.clone(), warnings };
        watch.passed(Check::Publication, || {
            let what = match result {
                UploadResult::Added => "it is new",
                UploadResult::Updated => "there was one of this id and architecture before",
                UploadResult::Unchanged => "it was there already, byte for byte",
            };
            Some(format!("release {}: {what}", sequence.0))
        });
        self.parts.events.verdict(from.origin, result.verdict());
        let event = match result {
            UploadResult::Added => Event::Added { id, architecture },
            UploadResult::Updated => Event::Updated { id, architecture },
            UploadResult::Unchanged => Event::Unchanged { id, architecture },
        };
        let warned = upload
            .warnings
            .iter()
            .map(|warning| Event::Warned { name: from.name.clone(), message: warning.clone() });
        self.parts.events.events(from.origin, &[event].into_iter().chain(warned).collect::<Vec<_>>());
        Ok(upload)
    }

    /// Gives the blobs their names and enters the release into the catalog.
    fn enter(
        &self,
        package: Box<dyn StagedBlob>,
        icon: Option<StagedIcon>,
        draft: &ReleaseDraft,
        from: &Provenance,
        linking: Linking,
    ) -> Result<(UploadResult, Sequence), Error> {
        let facts = &draft.facts;
        let before = self.parts.catalog.releases_of(&facts.id, &facts.architecture)?;
        let latest = before.last();
        let icon = icon.zip(facts.icon.as_ref());
        let is_same = |other: &&Release| other.facts.package.id == facts.package.id;
        if let Some(same) = latest.filter(is_same) {
            self.restore(package, &facts.package)?;
            if let Some(((_, blob), icon)) = icon {
                self.restore(blob, &icon.blob)?;
            }
            // A start finds what is there already.
            if linking == Linking::Now {
                self.parts.events.audit(self.uploaded(facts, UploadResult::Unchanged, from));
            }
            return Ok((UploadResult::Unchanged, same.sequence));
        }
        // Not while a start reads what lies there: making the file of the old one might overwrite one that is still to be read.
        if let Some(old) = latest.filter(|_| linking == Linking::Now) {
            self.settle_link(old)?;
        }
        // An older release that comes again; or a blob whose file a start has found, and whose time must stay, because by it the next
        // start would order them if this one were cut off.
        if before.iter().any(|other| is_same(&other)) || linking != Linking::Now {
            self.restore(package, &facts.package)?;
        } else {
            package.commit(&facts.package.id)?;
        }
        if let Some(((id, blob), _)) = icon {
            blob.commit(&id)?;
        }
        let result = if before.is_empty() { UploadResult::Added } else { UploadResult::Updated };
        let goes = |release: &&Release| match (self.parts.keep, linking) {
            (ReleasesKept::Latest, _) => true,
            (ReleasesKept::All, Linking::Later { instead_of }) => instead_of == Some(release.sequence),
            (ReleasesKept::All, Linking::Now) => false, // but the same version with the same tags, which the catalog sees to
        };
        let replaced: Vec<Sequence> = before.iter().filter(goes).map(|release| release.sequence).collect();
        let audit = self.uploaded(facts, result, from);
        let publication = self.publish_release(draft, &replaced, &[audit])?;
        self.free(from.origin, &publication.freed);
        Ok((result, publication.sequence))
    }

    /// Commits a blob that should be there already, if it is not, or if somebody has changed it in place. One that is as it
    /// should be keeps its time, which is also that of the file in `.packages`.
    fn restore(&self, staged: Box<dyn StagedBlob>, blob: &BlobRef) -> Result<(), Error> {
        match self.parts.blobs.open(&blob.id) {
            Ok(open) if hash(&*open).is_ok_and(|found| found == blob.id) => return Ok(()),
            // A commit would keep a file of the right size.
            Ok(_) => self.parts.blobs.remove(&blob.id)?,
            Err(_) => {}
        }
        self.at_hand.forget_blob(&blob.id);
        Ok(staged.commit(&blob.id)?)
    }

    /// Takes back the blobs of a release that did not get into the catalog, unless another one has them too.
    fn discard(&self, origin: Origin, draft: &ReleaseDraft) {
        let Ok(known) = self.parts.catalog.blobs() else { return }; // the sweep will find them
        let icon = draft.facts.icon.as_ref().map(|icon| icon.blob.id);
        let ours = [Some(draft.facts.package.id), icon].into_iter().flatten();
        self.free(origin, &ours.filter(|blob| !known.contains(blob)).collect::<Vec<_>>());
    }
}

/// The name that a blob's bytes deserve.
fn hash(blob: &dyn Blob) -> io::Result<BlobId> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut offset = 0;
    loop {
        match blob.read_at(offset, &mut buffer)? {
            0 => return Ok(BlobId(ampkg::Digest(hash.finalize().into()))),
            bytes => {
                hash.update(buffer.get(..bytes).unwrap_or_default());
                offset += bytes as u64;
            }
        }
    }
}
