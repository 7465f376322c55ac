//! The journal's export format: `journalctl -o export`, systemd-journal-upload.
//! In: a stream of entries, fields as lines or as sized bytes. Out: lines of JSON.
//! Never: believes a size that cannot be; holds more than one entry.

// Source: systemd docs/JOURNAL_EXPORT_FORMATS.md.

use super::entries::{Entries, Entry, Lines, RECEIVED, WANTED};
use super::{Damage, Reader};
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

/// What every entry begins with.
pub const MARK: &[u8] = b"__CURSOR=";

/// Longer fields lose their end; no message that is understood is longer.
const FIELD_BYTES: u64 = 64 * 1024;

/// Whether a stream is an export.
pub fn starts(start: &[u8]) -> bool {
    start.starts_with(MARK)
}

/// The entries of an export.
pub fn lines(reader: Reader, damage: &Arc<Damage>) -> Reader {
    Box::new(Lines::at_once(Export {
        reader: BufReader::with_capacity(64 * 1024, reader),
        line: Vec::new(),
        damage: Arc::clone(damage),
    }))
}

struct Export {
    reader: BufReader<Reader>,
    line: Vec<u8>,
    damage: Arc<Damage>,
}

impl Export {
    /// Reads a line without its end, cut at the limit. Says whether it ended with one, or nothing at the end.
    fn line(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let mut limited = self.reader.by_ref().take(FIELD_BYTES);
        let read = limited.read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        let ended = self.line.last() == Some(&b'\n');
        if ended {
            self.line.pop();
        } else {
            self.reader.skip_until(b'\n')?;
        }
        Ok(Some(ended))
    }

    /// Reads the value of a field that may hold any byte: its size, and as many bytes.
    fn sized(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut size = [0; 8];
        if self.reader.read_exact(&mut size).is_err() {
            return Ok(None);
        }
        let size = u64::from_le_bytes(size);
        let mut value = Vec::new();
        let kept = size.min(FIELD_BYTES);
        self.reader.by_ref().take(kept).read_to_end(&mut value)?;
        let rest = size - kept;
        let passed = io::copy(&mut self.reader.by_ref().take(rest), &mut io::sink())?;
        let mut end = [0];
        let whole = value.len() as u64 == kept && passed == rest;
        if !whole || self.reader.read_exact(&mut end).is_err() || end[0] != b'\n' {
            self.damage.count();
        }
        Ok(Some(value))
    }
}

impl Entries for Export {
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let mut entry = Entry::default();
        let mut any = false;
        loop {
            match self.line()? {
                None if any => break,
                None => return Ok(false),
                Some(_) if self.line.is_empty() && any => break,
                Some(_) if self.line.is_empty() => continue,
                Some(_) => any = true,
            }
            let line = std::mem::take(&mut self.line);
            let at = line.iter().position(|byte| *byte == b'=');
            let name = std::str::from_utf8(&line[..at.unwrap_or(line.len())]).unwrap_or("");
            let is_name = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_';
            if name.is_empty() || !name.bytes().all(is_name) {
                self.damage.count();
            } else {
                let wanted = name == RECEIVED || WANTED.contains(&name);
                match at {
                    Some(at) if wanted => entry.field(name, &line[at + 1..], out),
                    Some(_) => {}
                    None => match self.sized()? {
                        Some(value) if wanted => entry.field(name, &value, out),
                        Some(_) => {}
                        None => self.damage.count(),
                    },
                }
            }
            self.line = line;
        }
        entry.end(out);
        Ok(true)
    }
}
