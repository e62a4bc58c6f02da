//! The body of an upload on its way from the network to the thread that verifies it.

use std::{
    io::{self, Read},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::timeout,
};

use crate::{drain::drain, settings::Settings};

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
pub(crate) fn pump(body: Body, settings: &Settings) -> (BodyReader, BodyPump) {
    let (sender, receiver) = channel(WAITING_PIECES);
    let reader = BodyReader { receiver, piece: Bytes::new(), ended: false };
    (reader, BodyPump { body, sender: Some(sender), idle: settings.upload_idle })
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
    idle: Duration,
}

impl BodyPump {
    /// Sends the body over, no faster than the other end takes it.
    pub(crate) async fn run(&mut self) -> Pump {
        let Some(sender) = self.sender.take() else { return Pump::Done };
        loop {
            let (piece, is_last) = match timeout(self.idle, self.body.frame()).await {
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => (Piece::Data(data), false),
                    Err(_) => continue, // trailers
                },
                Ok(Some(Err(error))) => {
                    (Piece::Failed(io::Error::new(io::ErrorKind::ConnectionAborted, error)), true)
                }
                Ok(None) => (Piece::End, true),
                Err(_) => {
                    let text = format!("no data for {} seconds", self.idle.as_secs());
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

    /// Reads what is left, for nobody.
    pub(crate) async fn drain(&mut self) {
        drain(&mut self.body).await;
    }
}

/// The end at the verifying thread: blocks until there is more.
pub(crate) struct BodyReader {
    receiver: Receiver<Piece>,
    piece: Bytes,
    ended: bool,
}

impl Read for BodyReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.ended {
            match self.receiver.blocking_recv() {
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
