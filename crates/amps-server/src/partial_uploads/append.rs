//! Adding to an upload.

use std::{
    fs::OpenOptions,
    io::{self, Read, Seek as _, SeekFrom, Write as _},
};

use amps_core::leave_room;

use super::PartialUpload;

/// What is read at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// Why not everything was added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    /// More came than the upload is to have; nothing of it was kept.
    #[error("there is more than the upload is to have")]
    TooMuch,
    /// The rest did not come; what came is kept.
    #[error("the rest did not arrive")]
    Source(#[source] io::Error),
    /// It cannot be kept.
    #[error("the upload cannot be kept")]
    Disk(#[source] io::Error),
}

impl PartialUpload {
    /// Adds what comes, at the place up to which it has come; says up to which place it has come then. Only by whoever has
    /// [`PartialUpload::busy`].
    pub(crate) fn append(&self, source: impl Read, offset_bytes: u64) -> (u64, Result<(), AppendError>) {
        let mut place = offset_bytes;
        let appended = self.copy(source, offset_bytes, &mut place);
        (place, appended)
    }

    fn copy(&self, mut source: impl Read, start: u64, place: &mut u64) -> Result<(), AppendError> {
        let length = self.record().length_bytes;
        let mut file = OpenOptions::new().write(true).open(&self.data_file).map_err(AppendError::Disk)?;
        file.seek(SeekFrom::Start(start)).map_err(AppendError::Disk)?;
        let mut piece = vec![0; PIECE_BYTES];
        let ended = loop {
            match source.read(&mut piece) {
                Ok(0) => break Ok(()),
                Ok(bytes) if *place + bytes as u64 > length => {
                    file.set_len(start).map_err(AppendError::Disk)?;
                    *place = start;
                    break Err(AppendError::TooMuch);
                }
                Ok(bytes) => {
                    let room = leave_room(&file, bytes as u64);
                    let written = room.and_then(|()| file.write_all(piece.get(..bytes).unwrap_or_default()));
                    if let Err(error) = written {
                        // A part of it may be there.
                        let _ = file.set_len(*place);
                        break Err(AppendError::Disk(error));
                    }
                    *place += bytes as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(AppendError::Source(error)),
            }
        };
        // The client is told that so much has come, and does not send it again.
        file.sync_data().map_err(AppendError::Disk)?;
        ended
    }
}
