//! A buffer of which the middle is filled.

/// Bytes that were read and not consumed yet.
pub(super) struct Window {
    buffer: Box<[u8]>,
    /// `start <= end <= buffer.len()`.
    start: usize,
    end: usize,
}

impl Window {
    pub(super) fn new(capacity_bytes: usize) -> Self {
        Self { buffer: vec![0; capacity_bytes].into_boxed_slice(), start: 0, end: 0 }
    }

    /// What is there.
    pub(super) fn bytes(&self) -> &[u8] {
        // Always some, see `start`.
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Drops bytes at the front.
    pub(super) fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }

    /// What was dropped since the buffer was filled from its beginning on.
    pub(super) fn consumed(&self) -> &[u8] {
        self.buffer.get(..self.start).unwrap_or_default()
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Lets `read` put more behind what is there, but not more than `most`; says how much that was.
    pub(super) fn fill<E>(
        &mut self,
        most: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        if self.is_empty() {
            self.clear();
        }
        let end = self.buffer.len().min(self.end.saturating_add(most));
        let room = self.buffer.get_mut(self.end..end).unwrap_or_default();
        // A reader that claims more than it was given room for is not believed.
        let bytes = read(room)?.min(room.len());
        self.end += bytes;
        Ok(bytes)
    }
}
