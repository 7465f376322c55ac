//! Text in UTF-16, as editors and shells of Windows save it.
//! In: a stream that begins with a byte order mark. Out: the same text in UTF-8.
//! Never: stops at half a character; what is none becomes U+FFFD.

use super::Reader;
use std::char::DecodeUtf16Error;
use std::io::{self, Read};

/// Byte order marks: the lesser byte first, or the greater.
pub const MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Whether a stream is such a text.
pub fn starts(start: &[u8]) -> bool {
    MARKS.iter().any(|mark| start.starts_with(mark))
}

/// The text in UTF-8.
pub fn text(reader: Reader) -> Reader {
    Box::new(Utf16 {
        reader,
        little: None,
        left: Vec::new(),
        high: None,
        out: Vec::new(),
        given: 0,
    })
}

struct Utf16 {
    reader: Reader,
    /// Which byte comes first; not known before the mark was read.
    little: Option<bool>,
    /// Half of a unit.
    left: Vec<u8>,
    /// The first half of a pair.
    high: Option<u16>,
    out: Vec<u8>,
    given: usize,
}

impl Utf16 {
    /// Reads on; false at the end.
    fn piece(&mut self) -> io::Result<bool> {
        let mut bytes = std::mem::take(&mut self.left);
        let before = bytes.len();
        bytes.resize(before + PIECE, 0);
        let read = loop {
            match self.reader.read(&mut bytes[before..]) {
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        bytes.truncate(before + read);
        let ended = read == 0;
        if ended && bytes.is_empty() && self.high.is_none() {
            return Ok(false);
        }
        let mut units = bytes.chunks_exact(2);
        for pair in units.by_ref() {
            let pair = [pair[0], pair[1]];
            let little = *self.little.get_or_insert(pair == [0xff, 0xfe]);
            let unit = if little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            };
            self.unit(unit);
        }
        self.left = units.remainder().to_vec();
        if ended {
            let broken = !std::mem::take(&mut self.left).is_empty();
            if self.high.take().is_some() || broken {
                self.put(Ok(char::REPLACEMENT_CHARACTER));
            }
        }
        Ok(true)
    }

    fn unit(&mut self, unit: u16) {
        const BOM: u16 = 0xfeff;
        if let Some(high) = self.high.take() {
            char::decode_utf16([high, unit]).for_each(|read| self.put(read));
        } else if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
        } else if unit != BOM {
            char::decode_utf16([unit]).for_each(|read| self.put(read));
        }
    }

    fn put(&mut self, read: Result<char, DecodeUtf16Error>) {
        let read = read.unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut utf8 = [0; 4];
        let utf8 = read.encode_utf8(&mut utf8);
        self.out.extend_from_slice(utf8.as_bytes());
    }
}

impl Read for Utf16 {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            if !self.piece()? {
                return Ok(0);
            }
        }
        let read = (&self.out[self.given..]).read(into)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: &[u8]) -> String {
        let mut out = String::new();
        text(Box::new(Cursor::new(bytes.to_vec())))
            .read_to_string(&mut out)
            .expect("UTF-8");
        out
    }

    #[test]
    fn both_orders_and_pairs_are_read() {
        let said = "pve1 corosync: ü 🦀\r\n".repeat(9_000);
        let little: Vec<u8> = std::iter::once(0xfeff)
            .chain(said.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = std::iter::once(0xfeff)
            .chain(said.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(read(&little), said);
        assert_eq!(read(&big), said);
    }

    #[test]
    fn what_is_torn_is_shown_as_torn() {
        assert_eq!(read(b"\xff\xfea\0b"), "a\u{fffd}");
        assert_eq!(read(b"\xff\xfea\0\x3d\xd8"), "a\u{fffd}");
        assert_eq!(read(b"\xff\xfe\x3d\xd8a\0"), "\u{fffd}a");
        assert_eq!(read(b"\xff\xfe"), "");
    }
}
