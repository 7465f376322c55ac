//! Entries of a journal, written as lines of JSON, which one reader reads in all their forms.
//! In: fields of entries. Out: a stream of lines, one per entry.
//! Never: writes a field that nobody asks for.

use std::io::{self, Read};

/// Fields that a record is made from (`src/record/journal.rs`); the rest is left out.
pub const WANTED: [&str; 9] = [
    "MESSAGE",
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "_SYSTEMD_UNIT",
    "_PID",
    "SYSLOG_PID",
    "_HOSTNAME",
    "_SOURCE_REALTIME_TIMESTAMP",
    "_BOOT_ID",
];

/// The stamp that journald gave an entry.
pub const RECEIVED: &str = "__REALTIME_TIMESTAMP";

/// Something that has entries.
pub trait Entries: Send {
    /// Appends the next one as a line; false at the end.
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool>;
}

/// The lines of `entries`.
pub struct Lines<E> {
    entries: E,
    out: Vec<u8>,
    given: usize,
    /// Lines are gathered up to this size.
    gathered: usize,
}

/// What is read from a file is gathered, so that one read costs little.
const GATHERED: usize = 64 * 1024;

impl<E: Entries> Lines<E> {
    /// The lines of something that has an end.
    pub fn new(entries: E) -> Lines<E> {
        Lines {
            gathered: GATHERED,
            ..Lines::at_once(entries)
        }
    }

    /// The lines of something that may still be written: none waits for the next.
    pub fn at_once(entries: E) -> Lines<E> {
        Lines {
            entries,
            out: Vec::new(),
            given: 0,
            gathered: 1,
        }
    }
}

impl<E: Entries> Read for Lines<E> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            // What was read before an error is handed on; the error comes again.
            while self.out.len() < self.gathered {
                match self.entries.next(&mut self.out) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(why) if self.out.is_empty() => return Err(why),
                    Err(_) => break,
                }
            }
        }
        let read = (&self.out[self.given..]).read(into)?;
        self.given += read;
        Ok(read)
    }
}

/// One entry on its way to a line.
#[derive(Default)]
pub struct Entry {
    fields: usize,
}

impl Entry {
    /// Adds a field to the line: text, or the numbers of its bytes where it is not UTF-8, as journalctl does.
    pub fn field(&mut self, name: &str, value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(if self.fields == 0 { b"{\"" } else { b",\"" });
        self.fields += 1;
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        match std::str::from_utf8(value) {
            Ok(text) => string(text, out),
            Err(_) => {
                let numbers: Vec<String> = value.iter().map(u8::to_string).collect();
                out.push(b'[');
                out.extend_from_slice(numbers.join(",").as_bytes());
                out.push(b']');
            }
        }
    }

    /// Adds a field that was written before, without what parts it from others.
    pub fn written(&mut self, field: &[u8], out: &mut Vec<u8>) {
        out.push(if self.fields == 0 { b'{' } else { b',' });
        self.fields += 1;
        out.extend_from_slice(field);
    }

    /// Ends the line.
    pub fn end(self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.fields == 0 { b"{}\n" } else { b"}\n" });
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest
        .iter()
        .position(|b| *b < 0x20 || *b == b'"' || *b == b'\\')
    {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of which the third never comes.
    struct Waits(u32);

    impl Entries for Waits {
        fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
            self.0 += 1;
            assert!(self.0 < 3, "nobody asked for it");
            Entry::default().end(out);
            Ok(true)
        }
    }

    #[test]
    fn an_entry_does_not_wait_for_the_next() {
        let mut lines = Lines::at_once(Waits(0));
        let mut room = [0; 100];
        for _ in 0..2 {
            assert_eq!(lines.read(&mut room).expect("a line"), 3);
        }
    }

    #[test]
    fn every_value_is_a_value_of_json() {
        let mut out = Vec::new();
        let mut entry = Entry::default();
        entry.field("A", b"say \"x\"\\\n\x01", &mut out);
        entry.field("B", &[b'h', 0xff], &mut out);
        entry.end(&mut out);
        Entry::default().end(&mut out);
        let want = "{\"A\":\"say \\\"x\\\"\\\\\\n\\u0001\",\"B\":[104,255]}\n{}\n";
        assert_eq!(String::from_utf8(out).expect("text"), want);
    }
}
