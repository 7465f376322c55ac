//! Bytes that are kept in memory, packed, and can still be read at any place.
//! In: a stream. Out: the same bytes, from the first one on or at an offset.
//! Never: keeps more than it may; unpacks more of them at once than a few pieces.

use super::At;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

/// Bytes that are packed together: a read far behind unpacks so many.
const PIECE: usize = 64 * 1024;
/// Pieces that stay unpacked for who reads here and there.
const OPEN: usize = 16;

/// Bytes in packed pieces.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pieces: Vec<Box<[u8]>>,
    length: u64,
    packed: u64,
}

/// What is told of every piece that is unpacked for the first time: how long it is, packed.
pub type Told = Box<dyn Fn(u64) + Send>;

impl Kept {
    /// Keeps what a reader gives, as far as that is not more than so many bytes when it is packed.
    pub fn of(reader: &mut dyn Read, most: u64) -> io::Result<Kept> {
        let mut kept = Kept::default();
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            piece.clear();
            reader.take(PIECE as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(kept);
            }
            let packed = lz4_flex::block::compress(&piece).into_boxed_slice();
            kept.length += piece.len() as u64;
            kept.packed += packed.len() as u64;
            kept.pieces.push(packed);
            if kept.packed > most {
                return Err(io::Error::other(
                    "it holds more than can be kept in memory: save it, unpack it, and name the folder",
                ));
            }
        }
    }

    /// How many bytes are kept.
    pub fn size(&self) -> u64 {
        self.packed
    }

    /// Its bytes, one after the other.
    pub fn stream(self: &Arc<Kept>, told: Option<Told>) -> super::Reader {
        Box::new(Stream {
            places: self.places(told),
            at: 0,
        })
    }

    /// Its bytes at any place.
    pub fn places(self: &Arc<Kept>, told: Option<Told>) -> Places {
        Places {
            kept: Arc::clone(self),
            open: RefCell::default(),
            furthest: RefCell::new(0),
            told,
        }
    }

    /// How long a piece is: all but the last are of one length.
    fn piece_length(&self, n: usize) -> usize {
        let rest = self.length - (n * PIECE) as u64;
        rest.min(PIECE as u64) as usize
    }
}

/// Reads at any place of what is kept.
pub struct Places {
    kept: Arc<Kept>,
    /// The pieces that were asked for last.
    open: RefCell<VecDeque<(usize, Vec<u8>)>>,
    /// Pieces that were told of.
    furthest: RefCell<usize>,
    told: Option<Told>,
}

impl Places {
    fn piece(&self, n: usize) -> io::Result<Vec<u8>> {
        let packed = self
            .kept
            .pieces
            .get(n)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut furthest = self.furthest.borrow_mut();
        if let Some(told) = self.told.as_ref().filter(|_| n >= *furthest) {
            let new = &self.kept.pieces[*furthest..=n];
            told(new.iter().map(|piece| piece.len() as u64).sum());
            *furthest = n + 1;
        }
        lz4_flex::block::decompress(packed, self.kept.piece_length(n)).map_err(io::Error::other)
    }
}

impl At for Places {
    fn length(&self) -> io::Result<u64> {
        Ok(self.kept.length)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.kept.length {
            return Ok(0);
        }
        let n = (offset / PIECE as u64) as usize;
        let mut open = self.open.borrow_mut();
        let known = open.iter().position(|(known, _)| *known == n);
        let piece = match known.and_then(|at| open.remove(at)) {
            Some((_, piece)) => piece,
            None => self.piece(n)?,
        };
        let mut rest = piece
            .get((offset % PIECE as u64) as usize..)
            .unwrap_or_default();
        let read = rest.read(into)?;
        open.push_back((n, piece));
        if open.len() > OPEN {
            open.pop_front();
        }
        Ok(read)
    }
}

/// Reads what is kept from its first byte on.
struct Stream {
    places: Places,
    at: u64,
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.places.read_at(into, self.at)?;
        self.at += read as u64;
        // What was passed is not asked for again.
        if self.at.is_multiple_of(PIECE as u64) {
            self.places.open.borrow_mut().clear();
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn noise(length: usize) -> Vec<u8> {
        let mut seed: u32 = 1;
        let next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn what_is_kept_is_read_in_order_and_at_any_place() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 40 * PIECE + 77] {
            let bytes = noise(length);
            let kept = Arc::new(Kept::of(&mut &bytes[..], 1 << 30).expect("kept"));
            let taken = Arc::new(AtomicU64::new(0));
            let counted = Arc::clone(&taken);
            let count: Told = Box::new(move |n| _ = counted.fetch_add(n, Ordering::Relaxed));
            let mut back = Vec::new();
            kept.stream(Some(count))
                .read_to_end(&mut back)
                .expect("bytes");
            assert!(back == bytes);
            assert_eq!(taken.load(Ordering::Relaxed), kept.size());
            let places = kept.places(None);
            assert_eq!(places.length().expect("a length"), length as u64);
            for at in [
                0,
                5,
                length / 2,
                length.saturating_sub(3),
                length,
                length + 9,
            ] {
                let mut some = [0; 300];
                let read = places.read_at(&mut some, at as u64).expect("bytes");
                let want = bytes.get(at..).unwrap_or_default();
                assert!(want.starts_with(&some[..read]));
                assert_eq!(read == 0, want.is_empty());
            }
        }
    }

    #[test]
    fn what_may_be_kept_has_a_bound() {
        let refused = |mut reader: &mut dyn Read, most| {
            let why = Kept::of(&mut reader, most)
                .expect_err("too much")
                .to_string();
            assert!(why.contains("more than can be kept in memory"), "{why}");
        };
        refused(&mut &noise(300_000)[..], 200_000);
        refused(&mut io::repeat(0).take(1 << 30), 20_000);
    }
}
