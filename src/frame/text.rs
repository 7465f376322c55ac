//! Cutting a stream of bytes at line ends.
//! In: any `Read`. Out: `Block`s; a line beyond the limit loses its end but stays one line.
//! Never: maps a file; holds more than a block and a line, however long lines are.

use super::Block;
use crate::model::Limits;
use memchr::{memchr, memrchr};
use std::io::{self, Read};

/// The blocks of one source.
#[derive(Debug)]
pub struct Blocks<R> {
    reader: R,
    block_bytes: usize,
    line_bytes: usize,
    /// Whether a read is handed on at once, or blocks are filled first.
    eager: bool,
    /// The beginning of a line whose end was not read yet.
    carry: Vec<u8>,
    /// Whether the rest of a line beyond the limit is being passed over.
    skipping: bool,
    ended: bool,
    /// What ended it, until the lines before it are handed on.
    broken: Option<io::Error>,
    spare: Vec<Vec<u8>>,
}

impl<R: Read> Blocks<R> {
    /// Blocks of at least `limits.block_bytes`, but for the last.
    pub fn new(reader: R, limits: &Limits) -> Blocks<R> {
        Blocks {
            reader,
            block_bytes: limits.block_bytes.max(1),
            line_bytes: limits.line_bytes.max(1),
            eager: false,
            carry: Vec::new(),
            skipping: false,
            ended: false,
            broken: None,
            spare: Vec::new(),
        }
    }

    /// Blocks of what one read returned, up to its last line end: for pipes that somebody watches.
    pub fn eager(reader: R, limits: &Limits) -> Blocks<R> {
        Blocks {
            eager: true,
            ..Blocks::new(reader, limits)
        }
    }

    /// Says how many bytes the next blocks are to have.
    pub fn fill(&mut self, bytes: usize) {
        self.block_bytes = bytes.max(1);
    }

    /// Takes back a block that nobody needs any more, to use its memory again.
    pub fn recycle(&mut self, block: Block) {
        self.spare.push(block.buffer);
    }

    /// The next block; `None` at the end. After an error there are no more, and what was read before it came before it.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        if let Some(why) = self.broken.take() {
            return Err(why);
        }
        if self.ended {
            return Ok(None);
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        let mut length = self.carry.len();
        let mut room = length + self.block_bytes;
        grow(&mut buffer, room);
        buffer[..length].copy_from_slice(&self.carry);
        self.carry.clear();
        let (mut skipped, mut cut) = (0, 0);
        let mut line_end = None;
        loop {
            if length == room {
                room += self.block_bytes;
                grow(&mut buffer, room);
            }
            let mut fresh = match self.read(&mut buffer[length..room]) {
                Ok(fresh) => fresh,
                Err(why) if length == 0 => return Err(why),
                Err(why) => {
                    self.broken = Some(why);
                    0
                }
            };
            if fresh == 0 {
                self.ended = true;
                line_end = (length > 0).then_some(length);
                break;
            }
            if self.skipping {
                let end = memchr(b'\n', &buffer[length..length + fresh]);
                let passed = end.unwrap_or(fresh);
                skipped += passed;
                buffer.copy_within(length + passed..length + fresh, length);
                fresh -= passed;
                self.skipping = end.is_none();
            }
            if let Some(at) = memrchr(b'\n', &buffer[length..length + fresh]) {
                line_end = Some(length + at + 1);
            }
            length += fresh;
            let unfinished = line_end.unwrap_or(0);
            if length - unfinished > self.line_bytes {
                skipped += length - unfinished - self.line_bytes;
                cut += 1;
                length = unfinished + self.line_bytes;
                self.skipping = true;
            }
            if line_end.is_some() && (self.eager || length >= self.block_bytes) {
                break;
            }
        }
        let Some(end) = line_end else {
            return Ok(None);
        };
        self.carry.extend_from_slice(&buffer[end..length]);
        let (length, inner) = shorten(&mut buffer[..end], self.line_bytes);
        skipped += end - length;
        Ok(Some(Block {
            buffer,
            length,
            skipped: skipped as u64,
            cut: cut + inner,
        }))
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
                Ok(read) => return Ok(read),
            }
        }
    }
}

/// Makes room for `length` bytes; memory that is there already is not cleared again.
fn grow(buffer: &mut Vec<u8>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
}

/// Takes out of `lines` what lines have beyond the limit. Returns the new length and how many lines it concerned. Costs a
/// look per `limit` bytes, not per line.
fn shorten(lines: &mut [u8], limit: usize) -> (usize, u64) {
    let (mut start, mut end, mut cut) = (0, lines.len(), 0);
    while end - start > limit {
        if let Some(newline) = memrchr(b'\n', &lines[start..=start + limit]) {
            start += newline + 1;
            continue;
        }
        let excess = start + limit;
        let line_end = memchr(b'\n', &lines[excess..end]).map_or(end, |at| excess + at);
        lines.copy_within(line_end..end, excess);
        end -= line_end - excess;
        cut += 1;
        start = excess;
    }
    (end, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives at most `step` bytes per read.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(into.len()).min(self.0.len());
            into[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn limits(block_bytes: usize, line_bytes: usize) -> Limits {
        Limits {
            block_bytes,
            line_bytes,
            ..Limits::default()
        }
    }

    fn all<R: Read>(mut blocks: Blocks<R>) -> (Vec<u8>, u64, u64) {
        let (mut bytes, mut skipped, mut cut) = (Vec::new(), 0, 0);
        while let Some(block) = blocks.next_block().expect("no error") {
            assert!(
                bytes.is_empty() || bytes.ends_with(b"\n"),
                "a block began inside a line"
            );
            bytes.extend_from_slice(block.bytes());
            skipped += block.skipped;
            cut += block.cut;
            blocks.recycle(block);
        }
        (bytes, skipped, cut)
    }

    /// What is left of `text` when no line may be longer than `limit`.
    fn shortened(text: &[u8], limit: usize) -> (Vec<u8>, u64, u64) {
        let (mut out, mut cut) = (Vec::new(), 0);
        for line in text.split_inclusive(|b| *b == b'\n') {
            let (body, end) = match line.strip_suffix(b"\n") {
                Some(body) => (body, &b"\n"[..]),
                None => (line, &b""[..]),
            };
            cut += u64::from(body.len() > limit);
            out.extend_from_slice(&body[..body.len().min(limit)]);
            out.extend_from_slice(end);
        }
        let skipped = (text.len() - out.len()) as u64;
        (out, skipped, cut)
    }

    proptest! {
        #[test]
        fn blocks_hold_every_line_whatever_their_size(
            text in proptest::collection::vec(prop_oneof![3 => Just(b'\n'), 20 => Just(b'x'), 1 => Just(0u8)], 0..400),
            block in 1usize..80, limit in 1usize..60, step in 1usize..50,
        ) {
            let want = shortened(&text, limit);
            prop_assert_eq!(&all(Blocks::new(Slow(&text, step), &limits(block, limit))), &want);
            prop_assert_eq!(&all(Blocks::eager(Slow(&text, step), &limits(block, limit))), &want);
        }
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let endless = io::repeat(0).take(50 << 20);
        let mut blocks = Blocks::new(endless, &Limits::default());
        let block = blocks.next_block().expect("no error").expect("a block");
        assert_eq!(block.bytes().len(), Limits::default().line_bytes);
        assert_eq!(block.skipped, (50 << 20) - block.bytes().len() as u64);
        assert!(block.buffer.capacity() <= 1 << 20);
        assert!(blocks.next_block().expect("no error").is_none());
    }

    #[test]
    fn an_eager_block_is_what_one_read_gave() {
        let mut blocks = Blocks::eager(Slow(b"a\nb\nc", 3), &limits(1000, 1000));
        let mut next = || {
            blocks
                .next_block()
                .expect("no error")
                .map(|b| b.bytes().to_vec())
        };
        assert_eq!(next().as_deref(), Some(&b"a\n"[..]));
        assert_eq!(next().as_deref(), Some(&b"b\n"[..]));
        assert_eq!(next().as_deref(), Some(&b"c"[..]));
        assert_eq!(next(), None);
    }
}
