//! Where in a file the name of Android's note section stands.
//!
//! Which places are names of sections is known only once the section headers have come by. They stand at the end,
//! and there may be megabytes between the names and them. So every place where the text stands is remembered, and
//! looked up in the end.

use std::collections::VecDeque;

use memchr::memmem::Finder;

/// What the name of Android's note section begins with.
const NAME: &[u8] = b".note.android";

/// How many places are remembered: the last ones, for the section names stand near the end of a file. More than a
/// handful are only in a file that is made to have them.
const MAX_PLACES: usize = 2048;

/// The most bytes at the end of a piece that can begin a [`NAME`] without ending it.
const SEAM_BYTES: usize = NAME.len() - 1;

/// The most memory that a search keeps outside itself, in bytes.
pub(super) const MAX_MEMORY_BYTES: usize = MAX_PLACES * size_of::<u64>() + 2 * SEAM_BYTES;

/// A search for [`NAME`] in a file that comes in pieces.
#[derive(Debug)]
pub(super) struct NameSearch {
    finder: Finder<'static>,
    /// The last bytes that came by, at most [`SEAM_BYTES`] between two calls.
    seam: Vec<u8>,
    /// Ascending.
    places: VecDeque<u64>,
}

impl NameSearch {
    pub(super) fn new() -> Self {
        Self { finder: Finder::new(NAME), seam: Vec::with_capacity(2 * SEAM_BYTES), places: VecDeque::new() }
    }

    /// Takes in `piece`, which stands at `offset`; every byte of the file exactly once, in order.
    pub(super) fn update(&mut self, offset: u64, piece: &[u8]) {
        // The seam: the end of what came before and the beginning of this piece. Neither side is long enough to
        // hold the name alone, so that what is found lies across, and is found once.
        let seam_at = offset.saturating_sub(self.seam.len() as u64);
        let beginning = piece.get(..SEAM_BYTES).unwrap_or(piece);
        self.seam.extend_from_slice(beginning);
        if let Some(place) = self.finder.find(&self.seam) {
            remember(&mut self.places, seam_at, place);
        }
        for place in self.finder.find_iter(piece) {
            remember(&mut self.places, offset, place);
        }
        if beginning.len() < piece.len() {
            self.seam.clear();
            self.seam.extend(piece.iter().skip(piece.len() - SEAM_BYTES));
        } else {
            self.seam.drain(..self.seam.len().saturating_sub(SEAM_BYTES));
        }
    }

    /// Whether the name stands at this offset.
    pub(super) fn is_at(&self, offset: u64) -> bool {
        self.places.binary_search(&offset).is_ok()
    }
}

fn remember(places: &mut VecDeque<u64>, base: u64, place: usize) {
    if places.len() == MAX_PLACES {
        places.pop_front();
    }
    places.push_back(base.saturating_add(place as u64));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places_in_pieces(file: &[u8], size: usize) -> Vec<u64> {
        let mut search = NameSearch::new();
        for (index, piece) in file.chunks(size).enumerate() {
            search.update((index * size) as u64, piece);
            assert!(search.seam.len() <= SEAM_BYTES);
        }
        search.places.into_iter().collect()
    }

    #[test]
    fn finds_the_same_places_whatever_the_pieces() {
        let file = b".note.android.note.android...note.androi.note.android-.note.note.android";
        for size in 1..=file.len() {
            assert_eq!(places_in_pieces(file, size), [0, 13, 40, 59], "in pieces of {size}");
        }
    }

    #[test]
    fn remembers_the_last_places_in_bounded_memory() {
        let mut search = NameSearch::new();
        let file = NAME.repeat(3 * MAX_PLACES + 5);
        search.update(0, &file);
        assert_eq!(search.places.len(), MAX_PLACES);
        assert!(search.places.capacity() * size_of::<u64>() + search.seam.capacity() <= MAX_MEMORY_BYTES);
        let last = (file.len() - NAME.len()) as u64;
        assert!(search.is_at(last));
        assert!(search.is_at(last - ((MAX_PLACES - 1) * NAME.len()) as u64));
        assert!(!search.is_at(last - (MAX_PLACES * NAME.len()) as u64));
    }
}
