//! A walk over a tar archive that goes by: headers, extension records, data, end.
//!
//! The walk is ours, because it bounds what an extension record may hold, hands the data out without a copy, and refuses whatever
//! two readers could understand differently.

use std::io::Read;

use tar::EntryType;

use super::{gzip::Gunzip, pax, tar_header::TarHeader};
use crate::{
    entry::{EntryKind, PathDefect},
    error::{Error, LimitKind},
    layout::BLOCK_BYTES,
    limits::Limits,
};

/// An entry as the archive has it.
pub(super) struct RawEntry {
    pub(super) name: String,
    pub(super) kind: EntryKind,
    pub(super) size_bytes: u64,
    pub(super) executable: bool,
    /// Offset in the unpacked archive of its header, or of the first record that belongs to it.
    pub(super) start_bytes: u64,
}

/// What the records before an entry say of it.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size_bytes: Option<u64>,
}

pub(super) struct Walk<'l, R> {
    input: Gunzip<R>,
    limits: &'l Limits,
    /// Bytes of the current entry that were not handed out yet, and the padding behind them.
    data_bytes: u64,
    padding_bytes: u64,
}

impl<'l, R: Read> Walk<'l, R> {
    pub(super) fn new(input: Gunzip<R>, limits: &'l Limits) -> Self {
        Self { input, limits, data_bytes: 0, padding_bytes: 0 }
    }

    /// The next entry; none at the end-of-archive mark or, as libarchive has it, at the end of the data. Not to be called again
    /// after that.
    pub(super) fn next_entry(&mut self) -> Result<Option<RawEntry>, Error> {
        let mut extension = Extension::default();
        self.data(|_| {})?;
        let start_bytes = self.offset_bytes();
        loop {
            self.data(|_| {})?;
            let Some(block) = self.block()?.filter(|block| block.iter().any(|&byte| byte != 0)) else {
                if extension.name.is_some() || extension.size_bytes.is_some() {
                    return Err(self.damaged("an extension record is followed by no entry"));
                }
                return Ok(None);
            };
            let header = TarHeader::new(&block).map_err(|reason| self.damaged(reason))?;
            let size_bytes = header.size_bytes().map_err(|reason| self.damaged(reason))?;
            if size_bytes > self.input.allowance() {
                // Refused before it is read: a header may promise more than anybody will ever send.
                return Err(Error::Limit {
                    kind: LimitKind::UnpackedBytes,
                    limit: self.limits.unpacked_bytes,
                });
            }
            self.data_bytes = size_bytes;
            self.padding_bytes = size_bytes.wrapping_neg() % BLOCK_BYTES as u64;
            match header.entry_type() {
                EntryType::GNULongName => {
                    let mut name = self.record()?;
                    while name.pop_if(|byte| *byte == 0).is_some() {}
                    self.set_name(&mut extension, name)?;
                }
                EntryType::XHeader => {
                    let record = self.record()?;
                    self.pax(&record, &mut extension)?;
                }
                EntryType::XGlobalHeader => {
                    let mut global = Extension::default();
                    let record = self.record()?;
                    self.pax(&record, &mut global)?;
                    if global.name.is_some() || global.size_bytes.is_some() {
                        return Err(self.damaged("a global pax header names a file"));
                    }
                }
                _ => return self.entry(&header, extension, size_bytes, start_bytes).map(Some),
            }
        }
    }

    /// Offset in the unpacked archive of what comes next.
    pub(super) fn offset_bytes(&self) -> u64 {
        self.input.offset()
    }

    /// Remembers where an offset that was just passed lies in the file.
    pub(super) fn mark(&mut self, offset: u64) {
        self.input.mark(offset);
    }

    /// Hands out the data of the current entry, piece by piece, then skips the padding.
    pub(super) fn data(&mut self, mut sink: impl FnMut(&[u8])) -> Result<(), Error> {
        while self.data_bytes > 0 {
            let piece = self.piece(self.data_bytes)?;
            sink(piece);
            let length = piece.len();
            self.input.consume(length);
            self.data_bytes -= length as u64;
        }
        while self.padding_bytes > 0 {
            let piece = self.piece(self.padding_bytes)?;
            let length = piece.len();
            // Nothing covers the padding: data could hide there.
            if piece.iter().any(|&byte| byte != 0) {
                return Err(self.damaged("the padding behind an entry is not zero"));
            }
            self.input.consume(length);
            self.padding_bytes -= length as u64;
        }
        Ok(())
    }

    /// Reads the rest, which must be zeros: libarchive stops at the first zero block, so it would never see anything else.
    pub(super) fn finish(mut self) -> Result<Gunzip<R>, Error> {
        loop {
            let chunk = self.input.chunk()?;
            if chunk.is_empty() {
                return Ok(self.input);
            }
            let length = chunk.len();
            if chunk.iter().any(|&byte| byte != 0) {
                return Err(self.damaged("data follows the end of the archive"));
            }
            self.input.consume(length);
        }
    }

    /// Some of the next bytes, at least one and at most `most`.
    fn piece(&mut self, most: u64) -> Result<&[u8], Error> {
        let unpacked_bytes = self.input.unpacked_bytes();
        let chunk = self.input.chunk()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        match chunk.get(..most).unwrap_or(chunk) {
            [] => Err(Error::TruncatedTar { unpacked_bytes }),
            piece => Ok(piece),
        }
    }

    /// The next block; none at the end of the data.
    fn block(&mut self) -> Result<Option<[u8; BLOCK_BYTES]>, Error> {
        if self.input.chunk()?.is_empty() {
            return Ok(None);
        }
        let mut block = [0; BLOCK_BYTES];
        let mut room = block.iter_mut();
        while room.len() > 0 {
            let piece = self.piece(room.len() as u64)?;
            let length = piece.len();
            room.by_ref().zip(piece).for_each(|(place, byte)| *place = *byte);
            self.input.consume(length);
        }
        Ok(Some(block))
    }

    fn entry(
        &self,
        header: &TarHeader,
        extension: Extension,
        size_bytes: u64,
        start_bytes: u64,
    ) -> Result<RawEntry, Error> {
        let name = extension.name.unwrap_or_else(|| header.name());
        if name.len() as u64 > self.limits.name_bytes {
            return Err(Error::Limit { kind: LimitKind::NameBytes, limit: self.limits.name_bytes });
        }
        let name = String::from_utf8(name).map_err(|error| Error::Path {
            path: String::from_utf8_lossy(error.as_bytes()).into_owned(),
            defect: PathDefect::NotUtf8,
        })?;
        // Readers disagree about which of the two counts, if they differ.
        if extension.size_bytes.is_some_and(|size| size != size_bytes) {
            return Err(self.damaged("a pax record and the header state different sizes"));
        }
        let kind = kind(header.entry_type(), &name)?;
        if kind == EntryKind::Directory && size_bytes > 0 {
            return Err(self.damaged("a directory has data")); // read as data by some, as the next header by others
        }
        if kind == EntryKind::File && name.ends_with('/') {
            return Err(Error::Path { path: name, defect: PathDefect::FileWithSlash }); // a directory to libarchive
        }
        let executable = header.is_executable().map_err(|reason| self.damaged(reason))?;
        let executable = executable && kind == EntryKind::File;
        Ok(RawEntry { name, kind, size_bytes, executable, start_bytes })
    }

    /// The whole data of an extension record.
    fn record(&mut self) -> Result<Vec<u8>, Error> {
        let limit = self.limits.extension_bytes;
        if self.data_bytes > limit {
            return Err(Error::Limit { kind: LimitKind::ExtensionBytes, limit }); // it is held in memory
        }
        let mut record = Vec::new();
        self.data(|bytes| record.extend(bytes))?;
        Ok(record)
    }

    fn pax(&self, record: &[u8], extension: &mut Extension) -> Result<(), Error> {
        for (key, value) in pax::records(record).ok_or_else(|| self.damaged("a pax record is malformed"))? {
            match key {
                b"path" => self.set_name(extension, value.to_vec())?,
                b"size" => {
                    let size =
                        pax::decimal(value).ok_or_else(|| self.damaged("a pax size is not a number"))?;
                    if extension.size_bytes.replace(size).is_some() {
                        return Err(self.damaged("two extension records state a size"));
                    }
                }
                key if key.starts_with(b"GNU.sparse.") => {
                    let name = extension.name.take().unwrap_or_default();
                    let path = String::from_utf8_lossy(&name).into_owned();
                    return Err(Error::EntryType { path, kind: "sparse file" });
                }
                _ => {} // owners, times, comments: ignored
            }
        }
        Ok(())
    }

    fn set_name(&self, extension: &mut Extension, name: Vec<u8>) -> Result<(), Error> {
        if extension.name.replace(name).is_some() {
            return Err(self.damaged("two extension records name the same entry"));
        }
        Ok(())
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Tar { offset: self.input.offset(), reason: reason.into() }
    }
}

/// An allow-list: what has no name here is refused too.
fn kind(kind: EntryType, name: &str) -> Result<EntryKind, Error> {
    let kind = match kind {
        EntryType::Regular => return Ok(EntryKind::File),
        EntryType::Directory => return Ok(EntryKind::Directory),
        EntryType::Link => "hard link",
        EntryType::Symlink => "symbolic link",
        EntryType::Char => "character device",
        EntryType::Block => "block device",
        EntryType::Fifo => "FIFO",
        EntryType::Continuous => "contiguous file",
        EntryType::GNUSparse => "sparse file",
        EntryType::GNULongLink => "GNU long link name",
        _ => "thing of unknown type",
    };
    Err(Error::EntryType { path: name.into(), kind })
}
