//! The body of an upload on its way from the network to the thread that verifies it.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel, error::TryRecvError},
    time::{Instant, timeout_at},
};

use crate::{
    drain::drain,
    limits::ServerLimits,
    pace::Pace,
    silent_uploads::{SPARED, SilentUploads},
    upload_places::VerifyingPlace,
};

/// Pieces that may wait between the two; hyper's are at most some 400 KiB, usually 16.
const WAITING_PIECES: usize = 8;

/// What goes over. If the channel is closed without an end, the client went away: half a package must never be taken for a
/// whole one.
enum Piece {
    Data(Bytes),
    End,
    Failed(io::Error),
}

/// The two ends of the way: one for the thread that verifies, one for the task that has the connection.
pub(crate) fn pump(
    body: Body,
    place: VerifyingPlace,
    silent: Arc<SilentUploads>,
    limits: &ServerLimits,
) -> (BodyReader, BodyPump) {
    let (sender, receiver) = channel(WAITING_PIECES);
    let reader = BodyReader { receiver, place, piece: Bytes::new(), ended: false };
    let pump = BodyPump {
        body,
        sender: Some(sender),
        silent,
        pace: Pace::new(limits.upload_idle, limits.upload_rate),
        time: limits.upload_time,
    };
    (reader, pump)
}

/// What comes of a body: none at its end.
type NextFrame = Option<Result<Frame<Bytes>, axum::Error>>;

/// Why nothing came.
enum Silence {
    /// The client had no more time.
    TooLong,
    /// Others need the place.
    GivesWay,
}

/// How pumping ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pump {
    /// Everything went over, or the client failed and the reader knows.
    Done,
    /// The reader did not want more.
    Refused,
}

/// The end at the connection.
pub(crate) struct BodyPump {
    body: Body,
    sender: Option<Sender<Piece>>,
    silent: Arc<SilentUploads>,
    pace: Pace,
    time: Duration,
}

impl BodyPump {
    /// Sends the body over, no faster than the other end takes it. Only the time in which the client is waited for counts
    /// against its pace.
    pub(crate) async fn run(&mut self) -> Pump {
        let Some(sender) = self.sender.take() else { return Pump::Done };
        let deadline = Instant::now() + self.time;
        loop {
            let begin = Instant::now();
            let until = deadline.min(begin + self.pace.left());
            let (piece, is_last) = match self.frame(begin, until).await {
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        self.pace.waited(begin.elapsed(), data.len() as u64);
                        (Piece::Data(data), false)
                    }
                    Err(_) => continue, // trailers
                },
                Ok(Some(Err(error))) => {
                    (Piece::Failed(io::Error::new(io::ErrorKind::ConnectionAborted, error)), true)
                }
                Ok(None) => (Piece::End, true),
                Err(Silence::GivesWay) => {
                    let text = format!("no data for {} seconds while other uploads wait", SPARED.as_secs());
                    (Piece::Failed(io::Error::new(io::ErrorKind::TimedOut, text)), true)
                }
                Err(Silence::TooLong) => {
                    let text = if until == deadline {
                        format!("the upload took longer than {} seconds", self.time.as_secs())
                    } else {
                        self.pace.complaint(begin.elapsed())
                    };
                    (Piece::Failed(io::Error::new(io::ErrorKind::TimedOut, text)), true)
                }
            };
            if sender.send(piece).await.is_err() {
                return if is_last { Pump::Done } else { Pump::Refused };
            }
            if is_last {
                return Pump::Done;
            }
        }
    }

    /// The next of the body. A client that is silent for a while gives way to others that wait.
    async fn frame(&mut self, begin: Instant, until: Instant) -> Result<NextFrame, Silence> {
        let spared = until.min(begin + SPARED);
        if let Ok(frame) = timeout_at(spared, self.body.frame()).await {
            return Ok(frame);
        }
        let gives_way = self.silent.note(begin);
        tokio::select! {
            frame = timeout_at(until, self.body.frame()) => frame.map_err(|_| Silence::TooLong),
            () = gives_way => Err(Silence::GivesWay),
        }
    }

    /// Reads what is left, for nobody.
    pub(crate) async fn drain(&mut self) {
        drain(&mut self.body).await;
    }
}

/// The end at the verifying thread: blocks until there is more, and until it has a place to work on it.
pub(crate) struct BodyReader {
    receiver: Receiver<Piece>,
    place: VerifyingPlace,
    piece: Bytes,
    ended: bool,
}

impl BodyReader {
    fn next(&mut self) -> Option<Piece> {
        let piece = match self.receiver.try_recv() {
            Ok(piece) => Some(piece),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                self.place.leave();
                self.receiver.blocking_recv()
            }
        };
        self.place.take();
        piece
    }
}

impl Read for BodyReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            match self.next() {
                Some(Piece::Data(data)) => self.piece = data,
                Some(Piece::End) => self.ended = true,
                Some(Piece::Failed(error)) => return Err(error),
                None => return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the client went away")),
            }
        }
        let bytes = self.piece.split_to(into.len().min(self.piece.len()));
        if let Some(into) = into.get_mut(..bytes.len()) {
            into.copy_from_slice(&bytes);
        }
        Ok(bytes.len())
    }
}
