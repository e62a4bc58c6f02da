//! Texts that are made once and sent often.

use std::{
    io::{self, Write as _},
    sync::{Arc, OnceLock},
};

use ampkg::Digest;
use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use crate::{
    answer::{Problem, blocking},
    content::{Asked, Content, Encoding},
};

/// A list becomes a tenth of what it was at any level; this one takes 10 ms for a megabyte.
const COMPRESSION: Compression = Compression::new(3);
/// A shorter text is not worth compressing: it fits into one packet.
const WORTH_COMPRESSING_BYTES: usize = 1024;

/// A text that is ready to be sent.
pub(crate) struct Prepared {
    plain: Bytes,
    tag: String,
    /// None inside if it could not be compressed.
    gzip: OnceLock<Option<Bytes>>,
}

impl Prepared {
    /// Prepares a text.
    pub(crate) fn new(text: Vec<u8>) -> Self {
        let tag = Digest(Sha256::digest(&text).into()).to_string();
        Self { plain: text.into(), tag, gzip: OnceLock::new() }
    }

    /// Names the text: whatever has the same tag is the same.
    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// The size of the text.
    pub(crate) fn size_bytes(&self) -> usize {
        self.plain.len()
    }

    /// The text in the form that a client takes.
    pub(crate) async fn content(self: Arc<Self>, asked: &Asked) -> Result<Content, Problem> {
        let gzip = if asked.takes_gzip() { self.gzip().await? } else { None };
        let (bytes, tag, encoding) = match gzip {
            Some(gzip) => (gzip, format!("{}-gzip", self.tag), Encoding::Gzip),
            None => (self.plain.clone(), self.tag.clone(), Encoding::Plain),
        };
        Ok(Content {
            stored: None,
            end: bytes,
            tag,
            modified: None,
            media_type: "application/json".into(),
            file_name: None,
            encoding,
            counter: None,
        })
    }

    async fn gzip(self: &Arc<Self>) -> Result<Option<Bytes>, Problem> {
        if self.plain.len() < WORTH_COMPRESSING_BYTES {
            return Ok(None);
        }
        if let Some(gzip) = self.gzip.get() {
            return Ok(gzip.clone());
        }
        let this = Arc::clone(self);
        blocking(move || Ok(this.gzip.get_or_init(|| gzip(&this.plain).ok()).clone())).await
    }
}

fn gzip(text: &[u8]) -> io::Result<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), COMPRESSION);
    gzip.write_all(text)?;
    Ok(gzip.finish()?.into())
}
