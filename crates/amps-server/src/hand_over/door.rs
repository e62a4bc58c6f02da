//! The socket on which a server is handed packages.

use std::{
    fs::{self, Permissions},
    io,
    net::Shutdown,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{UnixListener as Listener, UnixStream as Stream},
    sync::watch,
    task::{JoinHandle, JoinSet, spawn_blocking},
};

use super::{
    Verdict,
    address::Address,
    connection::{answer, reply},
};
use crate::{deployment_server::Intake, upload_places::UploadPlaces};

/// Packages that are handed over at the same time; others wait in the system's queue.
const MAX_AT_ONCE: usize = 8;
/// When to accept again after the system could not, as when there are too many open files.
const PAUSE: Duration = Duration::from_secs(1);

/// A socket that can be connected to from now on; who does is answered later.
pub(crate) struct Door {
    listener: UnixListener,
    path: PathBuf,
    /// The user that the server runs as.
    owner: u32,
}

impl Door {
    /// Makes the socket in the folder `.amps` of a data directory that belongs to this process. One that lies there is a killed
    /// server's.
    pub(crate) fn open(amps: &Path) -> io::Result<Self> {
        let address = Address::of(amps)?;
        match fs::remove_file(&address.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&address.short)?;
        let path = address.path;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        let owner = fs::metadata(&path)?.uid();
        Ok(Self { listener, path, owner })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes in what is handed over, until it is stopped.
pub(crate) struct HandOvers {
    /// Nothing is ever sent: dropping it says that it is over.
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

/// What all connections share.
struct Shared {
    /// None: there is no deployment server.
    intake: Option<Intake>,
    uploads: UploadPlaces,
    owner: u32,
    patience: Duration,
}

impl HandOvers {
    /// Begins to answer at a door. A command that sends nothing for `patience` is given up.
    pub(crate) fn start(
        door: Door,
        intake: Option<Intake>,
        uploads: UploadPlaces,
        patience: Duration,
    ) -> io::Result<Self> {
        let listener = Listener::from_std(door.listener.try_clone()?)?;
        let (stop, stopped) = watch::channel(());
        let shared = Arc::new(Shared { intake, uploads, owner: door.owner, patience });
        let task = tokio::spawn(async move {
            accept(&listener, &shared, stopped).await;
            drop(door);
        });
        Ok(Self { stop, task })
    }

    /// Ends it. A package that is not complete is not taken in.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        if self.task.await.is_err() {
            tracing::error!("taking packages from commands ended unexpectedly");
        }
    }
}

async fn accept(listener: &Listener, shared: &Arc<Shared>, mut stopped: watch::Receiver<()>) {
    let mut running = JoinSet::new();
    let until = stopped.clone();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = running.join_next() => {}
            accepted = listener.accept(), if running.len() < MAX_AT_ONCE => match accepted {
                Ok((stream, _)) => drop(running.spawn(converse(Arc::clone(shared), stream, until.clone()))),
                Err(error) => {
                    tracing::warn!(%error, "cannot take a package from a command");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
    while running.join_next().await.is_some() {}
}

async fn converse(shared: Arc<Shared>, stream: Stream, mut stopped: watch::Receiver<()>) {
    let Ok(peer) = stream.peer_cred() else { return };
    let Ok(stream) = stream.into_std() else { return };
    let Ok(control) = stream.set_nonblocking(false).and_then(|()| stream.try_clone()) else { return };
    let refusal = if peer.uid() != shared.owner && peer.uid() != 0 {
        Some("only the user whom the server runs as, and root, may hand packages over")
    } else if shared.intake.is_none() {
        Some("the server has no deployment server: its amps-config.yaml has no `deploymentServer`")
    } else {
        None
    };
    if let Some(reason) = refusal {
        return drop(spawn_blocking(move || reply(&stream, &Verdict::failed(reason))).await);
    }
    let Some(upload) = shared.uploads.open().await else {
        let verdict = Verdict::failed("the server has too many uploads at the moment: try again later");
        return drop(spawn_blocking(move || reply(&stream, &verdict)).await);
    };
    let mut work = spawn_blocking(move || {
        if let Some(intake) = &shared.intake {
            answer(intake, &stream, upload.place, shared.patience);
        }
        drop(upload.open);
    });
    tokio::select! {
        _ = &mut work => {}
        _ = stopped.changed() => {
            let _ = control.shutdown(Shutdown::Both);
            let _ = work.await;
        }
    }
}
