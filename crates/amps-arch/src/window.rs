//! A few bytes at a known place of a file, caught while the file streams by.

use object::pod::{Pod, bytes_of_slice, bytes_of_slice_mut, from_bytes};

/// The most bytes that a window holds: the head of a universal Mach-O file with its slices (68 bytes), rounded up
/// to whole words.
const WORDS: usize = 9;

/// The bytes of a file from `start` on, `length_bytes` of them; zero where the file has not come by yet.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    start: u64,
    length_bytes: usize,
    filled_bytes: usize,
    /// Words, because the structures that are read from here are aligned.
    words: [u64; WORDS],
}

impl Window {
    /// An empty window. Of `length_bytes`, at most 72 are kept.
    pub(crate) fn new(start: u64, length_bytes: usize) -> Self {
        Self { start, length_bytes, filled_bytes: 0, words: [0; WORDS] }
    }

    /// Keeps what lies in the window of `piece`, which stands at `offset` in the file.
    ///
    /// Pieces come in the order of the file; one that is given twice changes nothing.
    pub(crate) fn fill(&mut self, offset: u64, piece: &[u8]) {
        let Some(next) = self.start.checked_add(self.filled_bytes as u64) else {
            return;
        };
        let Some(skip) = next.checked_sub(offset).and_then(|skip| usize::try_from(skip).ok()) else {
            return;
        };
        let available = piece.get(skip..).unwrap_or_default();
        let free = bytes_of_slice_mut(&mut self.words)
            .get_mut(self.filled_bytes..self.length_bytes)
            .unwrap_or_default();
        self.filled_bytes += free.len().min(available.len());
        for (to, from) in free.iter_mut().zip(available) {
            *to = *from;
        }
    }

    /// Whether every byte has come by.
    pub(crate) fn is_full(&self) -> bool {
        self.filled_bytes >= self.length_bytes
    }

    /// How many bytes have come by.
    pub(crate) fn filled_bytes(&self) -> usize {
        self.filled_bytes
    }

    /// The bytes that have come by.
    pub(crate) fn filled(&self) -> &[u8] {
        bytes_of_slice(&self.words).get(..self.filled_bytes).unwrap_or_default()
    }

    /// The structure that begins `at` bytes into the window, with zeros for what has not come by.
    ///
    /// `None` only when it does not fit into a window, or not to its alignment.
    pub(crate) fn read<T: Pod>(&self, at: usize) -> Option<T> {
        let (value, _) = from_bytes::<T>(bytes_of_slice(&self.words).get(at..)?).ok()?;
        Some(*value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catches_its_bytes_from_pieces_of_any_size() {
        let file: Vec<u8> = (0..=255).collect();
        for size in 1..=file.len() {
            let mut window = Window::new(100, 20);
            for (index, piece) in file.chunks(size).enumerate() {
                window.fill((index * size) as u64, piece);
            }
            assert!(window.is_full());
            assert_eq!(window.filled(), &file[100..120], "in pieces of {size}");
        }
    }

    #[test]
    fn the_same_piece_twice_changes_nothing() {
        let mut window = Window::new(2, 4);
        window.fill(0, b"abcd");
        window.fill(0, b"abcd");
        assert_eq!(window.filled(), b"cd");
        assert!(!window.is_full());
        assert_eq!(window.read::<[u8; 4]>(0), Some(*b"cd\0\0"));
    }

    #[test]
    fn survives_the_end_of_the_address_space() {
        let mut window = Window::new(u64::MAX - 1, 8);
        window.fill(0, b"abcd");
        window.fill(u64::MAX - 1, b"abcd");
        window.fill(u64::MAX, b"abcd");
        assert_eq!(window.filled(), b"abcd");
    }

    #[test]
    fn reads_nothing_that_does_not_fit() {
        let window = Window::new(0, 72);
        assert!(window.read::<[u8; 72]>(0).is_some());
        assert!(window.read::<[u8; 72]>(1).is_none());
        assert!(window.read::<[u8; 73]>(0).is_none());
        assert!(window.read::<u8>(usize::MAX).is_none());
        assert!(window.read::<u32>(2).is_none());
    }
}
