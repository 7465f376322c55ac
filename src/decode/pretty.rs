//! Journal entries as JSON over many lines: `journalctl -o json-pretty`.
//! In: a stream of objects. Out: the same, one object per line.
//! Never: parses them; a line that begins with a brace begins or ends an object.

use super::Reader;
use super::entries::{Entries, Lines};
use std::io::{self, BufRead, BufReader, Read};

/// What the first object begins with.
pub const MARK: &[u8] = b"{\n";

/// Objects that are longer lose their end: no entry is.
const OBJECT_BYTES: usize = 1 << 20;

/// Whether a stream is made of such objects.
pub fn starts(start: &[u8]) -> bool {
    start.starts_with(MARK)
}

/// The objects, one per line.
pub fn lines(reader: Reader) -> Reader {
    Box::new(Lines::at_once(Pretty {
        reader: BufReader::with_capacity(64 * 1024, reader),
    }))
}

struct Pretty {
    reader: BufReader<Reader>,
}

impl Entries for Pretty {
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let from = out.len();
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = self.reader.by_ref().take(OBJECT_BYTES as u64);
            if limited.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            // A string holds no line end, so what stands at the margin is the object's own.
            let ends = line.first() == Some(&b'}');
            if out.len() - from < OBJECT_BYTES {
                out.extend_from_slice(line.trim_ascii());
            }
            if ends {
                break;
            }
        }
        let any = out.len() > from;
        if any {
            out.push(b'\n');
        }
        Ok(any)
    }
}
