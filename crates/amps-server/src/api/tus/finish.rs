//! An upload that has come to its end becomes a release, once.

use std::{io::Read as _, sync::Arc};

use amps_core::{
    BlobId, Error, Origin, Provenance, Store,
    accounts::{PackagePattern, PackageScope},
    audit::{Actor, Cause, Channel},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;

use super::disk;
use crate::{
    answer::Problem,
    api::{Context, Failure},
    partial_uploads::{PartialUpload, Record, State},
    upload_places::{OpenUpload, UploadPlaces},
};

/// Verifies an upload and makes it a release; says what has become of it. Goes on if the client goes away.
pub(super) async fn finish(
    context: &Context,
    upload: &Arc<PartialUpload>,
    busy: OwnedMutexGuard<()>,
) -> Result<State, Failure> {
    let (uploads, store, upload) = (context.uploads.clone(), context.store.clone(), Arc::clone(upload));
    let finishing = tokio::spawn(in_turn(uploads, store, upload, busy));
    finishing.await.map_err(|error| Problem::internal(&error))?
}

/// Finishes what had come to its end when the server ended.
pub(in crate::api) async fn finish_complete(context: Context) {
    let shared = context.clone();
    let complete = tokio::task::spawn_blocking(move || shared.partial_uploads.complete()).await;
    for upload in complete.unwrap_or_default() {
        // Whoever is at it already finishes it.
        let Ok(busy) = Arc::clone(&upload.busy).try_lock_owned() else { continue };
        let _ = in_turn(context.uploads.clone(), context.store.clone(), upload, busy).await;
    }
}

async fn in_turn(
    uploads: UploadPlaces,
    store: Arc<Store>,
    upload: Arc<PartialUpload>,
    busy: OwnedMutexGuard<()>,
) -> Result<State, Failure> {
    let OpenUpload { open, mut place, .. } = loop {
        // Everything has come: it waits for as long as it takes.
        if let Some(open) = uploads.open().await {
            break open;
        }
    };
    let finishing = tokio::task::spawn_blocking(move || {
        place.take();
        let finished = publish(&store, &upload);
        drop((open, busy));
        finished
    });
    finishing.await.map_err(|error| Problem::internal(&error))?
}

fn publish(store: &Store, upload: &PartialUpload) -> Result<State, Failure> {
    let record = upload.record();
    match record.state {
        State::Published { .. } | State::Refused { .. } => return Ok(record.state),
        // The server ended in the middle of it.
        State::Publishing => {
            if let Some(sequence) = published(store, upload)? {
                return Ok(ended(upload, State::Published { sequence }));
            }
        }
        State::Receiving => {}
    }
    upload.set_state(State::Publishing).map_err(|error| disk(&error))?;
    let from = Provenance {
        origin: Origin::Http,
        name: format!("upload from {}", record.owner.address),
        by: record.by.clone(),
        cause: cause(&record),
    };
    let taken = upload.data().map_err(|error| disk(&error)).and_then(|data| {
        let watch = upload.checks.watch();
        Ok(store.upload_watched(upload.checks.count(data), &from, &scope(&record)?, &watch))
    });
    match taken {
        Ok(Ok(taken)) => Ok(ended(upload, State::Published { sequence: taken.sequence.0 })),
        Ok(Err(error @ Error::Refused(_))) => {
            let (status, code, detail) = Failure::of_upload(error).into_words();
            Ok(ended(upload, State::Refused { status, code, detail }))
        }
        other => {
            // It is not the package's fault: it may be tried again.
            upload.checks.forget();
            upload.set_state(State::Receiving).map_err(|error| disk(&error))?;
            match other {
                // Our own disk failed, not a client.
                Ok(Err(Error::Source(error))) => Err(disk(&error)),
                Ok(Err(error)) => Err(Failure::of_upload(error)),
                Err(failure) => Err(failure),
                Ok(Ok(_)) => Ok(State::Receiving),
            }
        }
    }
}

/// Notes what has become of an upload. If that cannot be kept, the next start finds it out again.
fn ended(upload: &PartialUpload, state: State) -> State {
    if let Err(error) = upload.set_state(state.clone()) {
        tracing::warn!(%error, "what has become of an upload cannot be kept");
    }
    state
}

/// The release that an upload is already.
fn published(store: &Store, upload: &PartialUpload) -> Result<Option<u64>, Failure> {
    let mut data = upload.data().map_err(|error| disk(&error))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match data.read(&mut piece).map_err(|error| disk(&error))? {
            0 => break,
            bytes => hash.update(piece.get(..bytes).unwrap_or_default()),
        }
    }
    let id = BlobId(ampkg::Digest(hash.finalize().into()));
    let listing = store.listing()?;
    let found = listing.releases().iter().filter(|release| release.facts.package.id == id);
    Ok(found.map(|release| release.sequence.0).max())
}

/// Who has begun it, and from where.
fn cause(record: &Record) -> Cause {
    let token = record.owner.token.as_ref().and_then(|name| name.parse().ok());
    let actor = token.map_or(Actor::Anonymous, Actor::Token);
    let request = record.request.as_ref().and_then(|id| id.parse().ok());
    Cause { address: record.client, request, ..Cause::new(actor, Channel::Api) }
}

/// What the token that has begun it was for.
fn scope(record: &Record) -> Result<PackageScope, Failure> {
    // Written by this program; were it damaged, it must not become a scope of everything.
    let patterns = record.scope.iter().map(|pattern| pattern.parse::<PackagePattern>());
    let patterns = patterns.collect::<Result<Vec<_>, _>>().map_err(|error| Problem::internal(&error))?;
    Ok(PackageScope::new(patterns).map_err(|error| Problem::internal(&error))?)
}
