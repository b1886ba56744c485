//! Byte offsets to line numbers.

/// The line starts of a text, built once.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Of a text or of raw bytes; a line ends with `\n`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        Self { starts }
    }

    /// The 1-based line of a byte offset.
    pub fn line(&self, offset: usize) -> u32 {
        self.starts.partition_point(|start| *start as usize <= offset) as u32
    }

    /// The byte offset at which a 1-based line starts.
    pub fn start(&self, line: u32) -> Option<usize> {
        self.starts.get(line.checked_sub(1)? as usize).map(|start| *start as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let lines = Lines::of(b"ab\n\ncd");
        assert_eq!([0, 2, 3, 4, 6].map(|at| lines.line(at)), [1, 1, 2, 3, 3]);
        assert_eq!(lines.start(3), Some(4));
        assert_eq!(lines.start(0), None);
    }
}
