//! Tells what a file is while its bytes stream by.

use crate::{
    Binary,
    elf::{self, Elf},
    mach_o, pe,
    window::Window,
};

/// Finds out which system a file is for, if it is a binary.
///
/// It is given the file from its beginning in pieces of any size, and asked when the file has ended. The answer
/// does not depend on the sizes, and not on anything but the bytes. No content makes it fail: what is cut short or
/// contradicts itself is a binary as far as it tells its processor, and else none.
///
/// For a file that is no binary, for PE and for Mach-O, a call costs next to nothing whatever the size of its piece. An
/// ELF file is searched for one string.
#[derive(Debug)]
pub struct Detector {
    state: State,
    /// How much of the file has come by.
    offset: u64,
}

const _: () = assert!(size_of::<Detector>() + elf::MAX_MEMORY_BYTES <= Detector::MAX_MEMORY_BYTES);

#[derive(Debug)]
enum State {
    /// The head has not come by.
    Head(Window),
    /// The PE header has not come by.
    Pe(Window),
    /// The section headers have not come by.
    Elf(Box<Elf>),
    /// No byte that follows matters.
    Settled(Option<Binary>),
}

impl Detector {
    /// The most memory that a detector keeps, in bytes, whatever the file: 32 KiB.
    pub const MAX_MEMORY_BYTES: usize = 32 * 1024;

    /// A detector at the beginning of a file.
    pub fn new() -> Self {
        Self { state: State::Head(Window::new(0, mach_o::HEAD_BYTES)), offset: 0 }
    }

    /// Takes in the next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        if self.is_settled() {
            return;
        }
        let offset = self.offset;
        self.offset = offset.saturating_add(bytes.len() as u64);
        let State::Head(head) = &mut self.state else {
            self.state.update(offset, bytes);
            return;
        };
        let before = head.filled_bytes();
        head.fill(offset, bytes);
        if head.is_full() {
            let taken = head.filled_bytes() - before;
            self.state = State::behind(head);
            let rest = bytes.get(taken..).unwrap_or_default();
            self.state.update(offset.saturating_add(taken as u64), rest);
        }
    }

    /// Whether the answer is known already: no byte that follows can change it.
    pub fn is_settled(&self) -> bool {
        matches!(self.state, State::Settled(_))
    }

    /// What the file is, now that it has ended; `None` when it is no binary.
    pub fn finish(self) -> Option<Binary> {
        // The head of a file that is shorter than a head.
        let state = if let State::Head(head) = &self.state { State::behind(head) } else { self.state };
        match state {
            State::Head(_) => None,
            State::Pe(header) => pe::binary(&header),
            State::Elf(elf) => Some(elf.finish()),
            State::Settled(binary) => binary,
        }
    }
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// The state behind a head, which has been taken in.
    fn behind(head: &Window) -> Self {
        let bytes = head.filled();
        let mut state = if bytes.starts_with(&elf::MAGIC) {
            match elf::head(head) {
                Some(elf::Head::HasSections(elf)) => Self::Elf(elf),
                Some(elf::Head::Binary(binary)) => Self::Settled(Some(binary)),
                None => Self::Settled(None),
            }
        } else if bytes.starts_with(&pe::MAGIC) {
            pe::header_window(head).map_or(Self::Settled(None), Self::Pe)
        } else if bytes.starts_with(&mach_o::MAGIC) {
            Self::Settled(mach_o::binary(head))
        } else if bytes.starts_with(&mach_o::UNIVERSAL_MAGIC) {
            Self::Settled(mach_o::universal_binary(head))
        } else {
            Self::Settled(None)
        };
        // What is looked for may stand in the head already.
        state.update(0, bytes);
        state
    }

    fn update(&mut self, offset: u64, bytes: &[u8]) {
        match self {
            Self::Pe(header) => {
                header.fill(offset, bytes);
                if header.is_full() {
                    *self = Self::Settled(pe::binary(header));
                }
            }
            Self::Elf(elf) => elf.update(offset, bytes),
            Self::Head(_) | Self::Settled(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_binary_settles_with_its_head() {
        let mut detector = Detector::new();
        detector.update(&[b' '; mach_o::HEAD_BYTES - 1]);
        assert!(!detector.is_settled());
        detector.update(b" ");
        assert!(detector.is_settled());
        assert_eq!(detector.finish(), None);
    }
}
