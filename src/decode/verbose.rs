//! Journal entries with all their fields: `journalctl -o verbose`.
//! In: a stream of a line with a cursor for each entry, and its fields indented below. Out: lines of JSON.
//! Never: reads the stamp of the first line, whose zone may be any; the cursor holds it as a number.

use super::Reader;
use super::entries::{Entries, Entry, Lines, RECEIVED, WANTED};
use std::io::{self, BufRead, BufReader, Read};

/// What fields are indented by.
const INDENT: &[u8] = b"    ";
/// Longer lines lose their end.
const LINE_BYTES: u64 = 64 * 1024;
/// What stands between the stamp and the cursor.
const CURSOR: &[u8] = b" [s=";

/// Whether a stream is made of such entries: `Sun 2026-11-22 09:02:47.907697 UTC [s=`.
pub fn starts(start: &[u8]) -> bool {
    let line = start
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    may_start(start) && line.windows(CURSOR.len()).any(|part| part == CURSOR)
}

/// Whether more bytes could make it one.
pub fn may_start(start: &[u8]) -> bool {
    const SHAPE: &[u8] = b"Aaa 0000-00-00 00:00:00";
    start.iter().zip(SHAPE).all(|(byte, shape)| match shape {
        b'A' => byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_lowercase(),
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    })
}

/// The entries of such a stream.
pub fn lines(reader: Reader) -> Reader {
    Box::new(Lines::at_once(Verbose {
        reader: BufReader::with_capacity(64 * 1024, reader),
        line: Vec::new(),
        ahead: false,
    }))
}

struct Verbose {
    reader: BufReader<Reader>,
    line: Vec<u8>,
    /// Whether `line` was read and not used.
    ahead: bool,
}

impl Verbose {
    /// The next line without its end.
    fn line(&mut self) -> io::Result<Option<&[u8]>> {
        if !std::mem::take(&mut self.ahead) {
            self.line.clear();
            let mut limited = self.reader.by_ref().take(LINE_BYTES);
            if limited.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            if self.line.last() == Some(&b'\n') {
                self.line.pop();
            } else if self.line.len() as u64 == LINE_BYTES {
                self.reader.skip_until(b'\n')?;
            }
        }
        Ok(Some(&self.line))
    }
}

impl Entries for Verbose {
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let received = loop {
            match self.line()? {
                None => return Ok(false),
                Some(line) => {
                    if let Some(received) = received(line) {
                        break received;
                    }
                }
            }
        };
        let mut entry = Entry::default();
        entry.field(RECEIVED, received.to_string().as_bytes(), out);
        let mut open: Option<(&str, Vec<u8>)> = None;
        while let Some(line) = self.line()? {
            let Some(text) = line.strip_prefix(INDENT) else {
                self.ahead = true;
                break;
            };
            match field(text) {
                Some((name, value)) => {
                    let next = WANTED.iter().find(|wanted| wanted.as_bytes() == name);
                    let next = next.map(|name| (*name, value.to_vec()));
                    if let Some((name, value)) = std::mem::replace(&mut open, next) {
                        entry.field(name, &value, out);
                    }
                }
                // Further lines of a value stand below its first.
                None => {
                    if let Some((_, value)) = &mut open {
                        value.push(b'\n');
                        value.extend_from_slice(text.trim_ascii_start());
                    }
                }
            }
        }
        if let Some((name, value)) = open {
            entry.field(name, &value, out);
        }
        entry.end(out);
        Ok(true)
    }
}

/// A field that begins here.
fn field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let is_name = |c: &u8| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'_';
    let (name, value) = (&text[..at], &text[at + 1..]);
    (at > 0 && name.iter().all(is_name)).then_some((name, value))
}

/// The stamp in the cursor that an entry begins with, in microseconds.
fn received(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    let (_, cursor) = text.split_once(" [s=")?;
    let mut parts = cursor.trim_end_matches(']').split(';');
    let stamp = parts.find_map(|part| part.strip_prefix("t="))?;
    u64::from_str_radix(stamp, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const TEXT: &str = "\
Sun 2026-11-22 09:02:47.907697 UTC [s=3a;i=1;b=4b;m=1a;t=660d9bdbff596;x=fc]
    SYSLOG_IDENTIFIER=pmxcfs
    PRIORITY=2
    MESSAGE=one
            two=2
    _HOSTNAME=elm
-- Boot 4be0 --
Sun 2026-11-22 09:02:48.000000 UTC [s=3a;i=2;b=4b;m=1a;t=10;x=fc]
    MESSAGE=three";

    #[test]
    fn entries_end_where_the_next_one_begins() {
        let mut text = String::new();
        let mut reader = lines(Box::new(Cursor::new(TEXT)));
        reader.read_to_string(&mut text).expect("text");
        let want = concat!(
            r#"{"__REALTIME_TIMESTAMP":"1795338167907734","SYSLOG_IDENTIFIER":"pmxcfs","MESSAGE":"one\ntwo=2","_HOSTNAME":"elm"}"#,
            "\n",
            r#"{"__REALTIME_TIMESTAMP":"16","MESSAGE":"three"}"#,
            "\n"
        );
        assert_eq!(text, want);
    }

    #[test]
    fn the_first_line_tells() {
        assert!(starts(TEXT.as_bytes()));
        assert!(!starts(b"Sun 2026-11-22 09:02:47 UTC pve1 corosync[7]: x"));
        assert!(may_start(b"Sun 2026-11-"));
        assert!(!may_start(b"Nov 22 09:02:47"));
    }
}
