//! Blocks: the unit of parallel work.
//! In: bytes of any `Read`. Out: `Block`s that hold whole lines.
//! Never: opens anything; knows what a line says.

pub mod text;

pub use text::Blocks;

/// Whole lines of one source. Only the last line of a source may lack its end.
#[derive(Debug, Default)]
pub struct Block {
    /// The lines, and behind `length` room of an earlier use.
    buffer: Vec<u8>,
    length: usize,
    /// Bytes left out of lines that were longer than the limit.
    pub skipped: u64,
    /// Lines that were longer than the limit, of which only the beginning is here.
    pub cut: u64,
}

impl Block {
    /// The lines.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}
