//! How a gzip file gets a new end: what stays, and what the cut needs.

use std::io::{Read, Seek, SeekFrom};

use crate::{
    deflate::{self, Cut, Walk},
    error::Error,
    landmark::{Found, Landmark},
    limits::Limits,
    spliced::Spliced,
    survey::{self, Inside, Place},
    tail::TailPacker,
};

/// How a gzip file gets a new end, at one offset: `file[..keep_bytes]`, then `glue`, then a gzip member of `rem` and the new end.
///
/// It depends on nothing but the file and the offset, so it can be kept for as long as the file stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// How much of the file stays, in bytes. Never more than its members: zeros behind them do not stay.
    pub keep_bytes: u64,
    /// What ends the member that was cut: 9 to 12 bytes, or none if no member was.
    pub glue: Vec<u8>,
    /// The data between the cut and the offset: at most 65,534 bytes, and at most 257 unless they come out of a stored block.
    pub rem: Vec<u8>,
}

impl Recipe {
    /// Finds out how everything from the unpacked offset `end` on can be replaced. `end` may be anything from 0 to the length
    /// of the data.
    ///
    /// The file is read from its start, whatever its position is, and inflated to its end; then it is read again from the start
    /// of the member that holds `end` up to there. It must be sound as a whole: every checksum and length is compared.
    pub fn find(mut file: impl Read + Seek, end: u64, limits: &Limits) -> Result<Self, Error> {
        seek(&mut file, 0)?;
        match survey::survey(&mut file, end, limits)? {
            Place::Boundary { file_offset } => Ok(Self { keep_bytes: file_offset, ..Self::default() }),
            Place::Inside(inside) => Self::inside(file, inside, limits),
        }
    }

    /// Finds the same as [`Recipe::find`], from what another pass over the file has noted near the offset: only the end of one
    /// member is read, at most some hundred KiB. `file` must be the one that was noted, and was found sound.
    ///
    /// `None` if the notes do not tell the place beyond doubt, or do not fit the file: then [`Recipe::find`] will. If there is
    /// a recipe, it is the one that [`Recipe::find`] makes, except that the limit of blocks does not count those before
    /// [`Landmark::block_offset`].
    pub fn find_from(
        mut file: impl Read + Seek,
        landmark: &Landmark<'_>,
        limits: &Limits,
    ) -> Result<Option<Self>, Error> {
        match landmark.place(&mut file, limits)? {
            None => Ok(None),
            Some(Found::Boundary { file_offset }) => {
                Ok(Some(Self { keep_bytes: file_offset, ..Self::default() }))
            }
            Some(Found::Cut { inside, cut, walked_from }) => {
                Self::cut(&mut file, inside, cut, walked_from).map(Some)
            }
        }
    }

    fn inside(mut file: impl Read + Seek, inside: Inside, limits: &Limits) -> Result<Self, Error> {
        seek(&mut file, inside.stream_offset)?;
        let Walk::Cut(cut) = deflate::walk(&mut file, inside.unpacked_bytes, limits.blocks)? else {
            return Err(Error::Changed);
        };
        let walked_from = inside.stream_offset;
        Self::cut(&mut file, inside, cut, walked_from)
    }

    /// `walked_from` is the offset in the file that the packed length of the cut is counted from.
    fn cut(file: &mut (impl Read + Seek), inside: Inside, cut: Cut, walked_from: u64) -> Result<Self, Error> {
        let Inside { mut near, crc_before_near: mut crc, .. } = inside;
        let rem_bytes = usize::try_from(inside.unpacked_bytes - cut.unpacked_bytes).unwrap_or(usize::MAX);
        let kept_near = near.len().checked_sub(rem_bytes).ok_or(Error::Changed)?;
        let rem = near.split_off(kept_near);
        if cut.unpacked_bytes == 0 {
            return Ok(Self { keep_bytes: inside.member_offset, glue: Vec::new(), rem });
        }

        crc.update(&near);
        let keep_bytes = walked_from + cut.keep_bytes();
        let mut partial = [0];
        seek(file, keep_bytes)?;
        file.read_exact(&mut partial).map_err(|source| Error::Read { offset: keep_bytes, source })?;
        let [partial] = partial;
        let mut glue = cut.closing(partial);
        glue.extend(crc.finalize().to_le_bytes());
        glue.extend(survey::length_field(cut.unpacked_bytes).to_le_bytes());
        Ok(Self { keep_bytes, glue, rem })
    }

    /// Gives the file the end `tail`. The same recipe and tail make the same bytes.
    pub fn splice(&self, tail: &[u8]) -> Result<Spliced, Error> {
        self.splice_with(&mut TailPacker::new(), tail)
    }

    /// The same, in memory that was used before.
    pub fn splice_with(&self, packer: &mut TailPacker, tail: &[u8]) -> Result<Spliced, Error> {
        let member = packer.pack(&self.rem, tail)?;
        Ok(Spliced::new(self.keep_bytes, [self.glue.as_slice(), &member].concat()))
    }
}

pub(crate) fn seek(file: &mut impl Seek, offset: u64) -> Result<(), Error> {
    match file.seek(SeekFrom::Start(offset)) {
        Ok(_) => Ok(()),
        Err(source) => Err(Error::Read { offset, source }),
    }
}
