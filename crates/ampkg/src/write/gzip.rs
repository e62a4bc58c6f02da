//! gzip on several cores, with the same bytes on any number of them.
//!
//! The data is cut into blocks of a fixed size. Each is deflated by itself, with the end of the one before as dictionary, and
//! ends at a byte boundary; joined they are one deflate stream (RFC 1951, section 3.2.4), in one gzip member.

use std::{
    collections::VecDeque,
    io::{self, Write},
    num::NonZero,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use flate2::{Compress, Compression, FlushCompress, Status};

/// Bytes that are deflated as one piece. Part of the format of our packages: another size gives other bytes.
const BLOCK_BYTES: usize = 256 * 1024;
/// How far back deflate refers (RFC 1951, section 2).
const WINDOW_BYTES: usize = 32 * 1024;
/// The level of `gzip` and of the reference packager.
const LEVEL: u32 = 6;
/// Magic, deflate, no flags, no time, no hint, unknown system: nothing that differs from run to run.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A writer that compresses what is written to it into one gzip member.
///
/// Memory stays below two megabytes for each thread. Nothing is complete before [`ParallelGzip::finish`].
/// ```
/// use std::{io::Write as _, num::NonZero};
///
/// let mut gzip = ampkg::ParallelGzip::new(Vec::new(), NonZero::<usize>::MIN)?;
/// gzip.write_all(b"hello")?;
/// assert_eq!(gzip.finish()?[..2], [0x1f, 0x8b]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ParallelGzip<W> {
    sink: W,
    block: Vec<u8>,
    dictionary: Vec<u8>,
    pool: Option<Pool>,
    threads: NonZero<usize>,
    pending: VecDeque<Receiver<io::Result<Deflated>>>,
    crc: crc32fast::Hasher,
    /// Bytes that came in, modulo 2^32 as the end of the member wants them (RFC 1952, section 2.3.1).
    length: u32,
}

/// A block that waits for a thread.
struct Job {
    data: Vec<u8>,
    dictionary: Vec<u8>,
    last: bool,
    done: Sender<io::Result<Deflated>>,
}

/// A block that is done.
struct Deflated {
    bytes: Vec<u8>,
    crc: crc32fast::Hasher,
}

impl<W: Write> ParallelGzip<W> {
    /// Writes the gzip header. `threads` compress; the caller's own only hands over and writes.
    pub fn new(mut sink: W, threads: NonZero<usize>) -> io::Result<Self> {
        sink.write_all(&HEAD)?;
        Ok(Self {
            sink,
            block: Vec::with_capacity(BLOCK_BYTES),
            dictionary: Vec::new(),
            pool: None,
            threads,
            pending: VecDeque::new(),
            crc: crc32fast::Hasher::new(),
            length: 0,
        })
    }

    /// Compresses the rest and writes the end of the member.
    pub fn finish(mut self) -> io::Result<W> {
        let data = std::mem::take(&mut self.block);
        self.submit(data, true)?;
        while !self.pending.is_empty() {
            self.collect()?;
        }
        self.sink.write_all(&self.crc.finalize().to_le_bytes())?;
        self.sink.write_all(&self.length.to_le_bytes())?;
        Ok(self.sink)
    }

    fn submit(&mut self, data: Vec<u8>, last: bool) -> io::Result<()> {
        let tail = data.len().saturating_sub(WINDOW_BYTES);
        let next_dictionary = data.get(tail..).unwrap_or_default().to_vec();
        let dictionary = std::mem::replace(&mut self.dictionary, next_dictionary);
        let (done, deflated) = mpsc::channel();
        self.pending.push_back(deflated);
        let job = Job { data, dictionary, last, done };
        let pool = match &mut self.pool {
            Some(pool) => pool,
            // Most packages are smaller than a block: no thread is worth starting for them.
            None if last => return job.run(),
            None => self.pool.insert(Pool::start(self.threads)?),
        };
        pool.run(job)?;
        while self.pending.len() > self.threads.get().saturating_mul(2) {
            self.collect()?;
        }
        Ok(())
    }

    /// Writes the oldest block, when it is done.
    fn collect(&mut self) -> io::Result<()> {
        let Some(oldest) = self.pending.pop_front() else { return Ok(()) };
        let deflated = oldest.recv().map_err(|_| io::Error::other("a compressing thread ended"))??;
        self.crc.combine(&deflated.crc);
        self.sink.write_all(&deflated.bytes)
    }
}

impl<W: Write> Write for ParallelGzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.len() == BLOCK_BYTES {
            let data = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK_BYTES));
            self.submit(data, false)?;
        }
        let amount = bytes.len().min(BLOCK_BYTES - self.block.len());
        self.block.extend(bytes.get(..amount).unwrap_or_default());
        // At most a block at a time, which fits.
        self.length = self.length.wrapping_add(u32::try_from(amount).unwrap_or_default());
        Ok(amount)
    }

    /// Does nothing: a block is not cut short, because that would change the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Threads that deflate blocks until the queue is dropped.
struct Pool {
    queue: Sender<Job>,
}

impl Pool {
    fn start(threads: NonZero<usize>) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads.get() {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name("ampkg-gzip".into()).spawn(move || {
                loop {
                    let Ok(queue) = jobs.lock() else { return };
                    let Ok(job) = queue.recv() else { return };
                    drop(queue);
                    if job.run().is_err() {
                        return;
                    }
                }
            })?;
        }
        Ok(Self { queue })
    }

    fn run(&self, job: Job) -> io::Result<()> {
        self.queue.send(job).map_err(|_| io::Error::other("the compressing threads ended"))
    }
}

impl Job {
    /// Deflates the block and hands it back. Fails only when nobody waits for it any more.
    fn run(&self) -> io::Result<()> {
        self.done.send(self.deflate()).map_err(|_| io::Error::other("the writer is gone"))
    }

    fn deflate(&self) -> io::Result<Deflated> {
        // A new one for each block: a used one remembers older blocks in spite of `reset`, and which those were depends on the
        // number of threads and on chance.
        let mut compress = Compress::new(Compression::new(LEVEL), false);
        if !self.dictionary.is_empty() {
            compress.set_dictionary(&self.dictionary).map_err(io::Error::other)?;
        }
        let flush = if self.last { FlushCompress::Finish } else { FlushCompress::Sync };
        let mut bytes = Vec::with_capacity(self.data.len() / 2 + 1024);
        loop {
            let used = usize::try_from(compress.total_in()).map_err(io::Error::other)?;
            let rest = self.data.get(used..).unwrap_or_default();
            let status = compress.compress_vec(rest, &mut bytes, flush).map_err(io::Error::other)?;
            let all_in = compress.total_in() == self.data.len() as u64;
            // A flush is complete when it left room in the output.
            if status == Status::StreamEnd || (!self.last && all_in && bytes.len() < bytes.capacity()) {
                break;
            }
            bytes.reserve(bytes.capacity().max(1024));
        }
        let mut crc = crc32fast::Hasher::new();
        crc.update(&self.data);
        Ok(Deflated { bytes, crc })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn compressed(data: &[u8], threads: usize) -> Vec<u8> {
        let mut gzip = ParallelGzip::new(Vec::new(), NonZero::new(threads).unwrap()).unwrap();
        gzip.write_all(data).unwrap();
        gzip.finish().unwrap()
    }

    fn unpacked(bytes: &[u8]) -> Vec<u8> {
        let mut decoder = GzDecoder::new(bytes);
        let mut data = Vec::new();
        decoder.read_to_end(&mut data).unwrap();
        assert!(decoder.into_inner().is_empty(), "one member, nothing behind it");
        data
    }

    fn sample(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        (0..length)
            .map(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if at % 3 == 0 { b'a' } else { state.to_be_bytes()[0] }
            })
            .collect()
    }

    #[test]
    fn gives_back_what_went_in() {
        for length in [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * BLOCK_BYTES + 7] {
            let data = sample(length);
            assert!(unpacked(&compressed(&data, 2)) == data, "{length}");
        }
    }

    /// Words in changing order: what a compressor has seen before could help it, or lead it elsewhere.
    fn text(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let words = std::iter::from_fn(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some(format!("{:x} ", (state >> 16) % 5000 * (state >> 28)).into_bytes())
        });
        words.flatten().take(length).collect()
    }

    #[test]
    fn the_number_of_threads_does_not_change_the_bytes() {
        for data in [sample(9 * BLOCK_BYTES + 1), text(9 * BLOCK_BYTES + 1)] {
            let one = compressed(&data, 1);
            for threads in [1, 2, 3, 7] {
                assert!(one == compressed(&data, threads), "{threads}");
            }
        }
    }

    #[test]
    fn a_failing_sink_is_reported() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                if bytes.len() == HEAD.len() {
                    Ok(bytes.len())
                } else {
                    Err(io::ErrorKind::StorageFull.into())
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut gzip = ParallelGzip::new(Full, NonZero::new(2).unwrap()).unwrap();
        let written = gzip.write_all(&sample(20 * BLOCK_BYTES)).and_then(|()| gzip.finish().map(|_| ()));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn pieces_of_any_size_make_the_same_bytes(cuts in prop::collection::vec(1_usize..40_000, 1..20)) {
            let data = sample(cuts.iter().sum());
            let mut gzip = ParallelGzip::new(Vec::new(), NonZero::<usize>::MIN).unwrap();
            let mut rest = data.as_slice();
            for cut in cuts {
                let (piece, more) = rest.split_at(cut);
                gzip.write_all(piece).unwrap();
                rest = more;
            }
            prop_assert_eq!(gzip.finish().unwrap(), compressed(&data, 1));
        }
    }
}
