//! The parts of an upload without a server, for whoever looks for inputs that they do not bear.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header::CONTENT_TYPE},
};
use futures_util::{StreamExt as _, stream};

use super::{parameters::boundary, upload_parts::Parts};
use crate::answer::Problem;

/// Much longer than a body that is there takes.
const TIME: Duration = Duration::from_mins(1);

/// What was read of a form.
#[doc(hidden)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadParts {
    /// Name and bytes of each part.
    pub parts: Vec<(String, Vec<u8>)>,
    /// What it was refused for, as a word for machines.
    pub refusal: Option<&'static str>,
}

/// Reads a body that comes in these pieces as an upload's parts are read: `package` as a package, each other part as a text of at most
/// so many bytes. None if the content type is not that of a form.
#[doc(hidden)]
pub async fn read_upload_parts(
    content_type: &[u8],
    pieces: Vec<Bytes>,
    most_text_bytes: usize,
) -> Option<ReadParts> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_bytes(content_type).ok()?);
    let body = Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)));
    let mut parts = Parts::new(body, boundary(&headers)?, TIME);
    let mut read = ReadParts::default();
    let end = receive(&mut parts, most_text_bytes, &mut read.parts).await;
    read.refusal = end.err().map(|problem| problem.code);
    parts.drain().await;
    Some(read)
}

async fn receive(
    parts: &mut Parts,
    most_text_bytes: usize,
    read: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), Problem> {
    while let Some(mut part) = parts.next().await? {
        let name = part.name().to_owned();
        if name == "package" {
            let mut bytes = Vec::new();
            while let Some(piece) = part.next().await {
                bytes.extend_from_slice(&piece.map_err(|error| super::parameters::malformed(&error))?);
            }
            read.push((name, bytes));
        } else {
            let text = part.text(most_text_bytes).await?;
            read.push((name, text.into_bytes()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"vendor\"\r\n\r\nV\r\n\
        --b\r\nContent-Disposition: form-data; name=\"package\"; filename=\"a\"\r\n\r\n\0\r\n--\r\n--b--\r\n";

    fn pieces(bytes: &[u8], size: usize) -> Vec<Bytes> {
        bytes.chunks(size).map(Bytes::copy_from_slice).collect()
    }

    #[tokio::test]
    async fn a_form_is_the_same_in_whatever_pieces_it_comes() {
        let read = |form: &[u8], size: usize| {
            let pieces = pieces(form, size);
            async move { read_upload_parts(b"multipart/form-data; boundary=b", pieces, 4).await.unwrap() }
        };
        let whole = read(FORM, FORM.len()).await;
        let parts = [("vendor".to_owned(), b"V".to_vec()), ("package".to_owned(), b"\0\r\n--".to_vec())];
        assert_eq!(whole, ReadParts { parts: parts.into(), refusal: None });
        for size in 1..FORM.len() {
            assert_eq!(read(FORM, size).await, whole, "{size}");
        }
        for end in 0..FORM.len() - 4 {
            assert_eq!(read(&FORM[..end], end.max(1)).await.refusal, Some("malformed-form"), "{end}");
        }
    }

    #[tokio::test]
    async fn what_is_no_form_is_not_read() {
        for content_type in
            [&b""[..], b"text/plain", b"multipart/form-data", b"multipart/form-data; boundary=\xff"]
        {
            assert_eq!(read_upload_parts(content_type, Vec::new(), 4).await, None);
        }
    }
}
