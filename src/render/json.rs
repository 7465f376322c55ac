//! The contract as one JSON object.
//! In: a `Report`. Out: indented JSON with a newline at its end; the same bytes for the same report.
//! Never: depends on a look.

use super::escape;
use crate::report::Report;
use serde::Serialize;
use std::io::{self, Write};

/// Writes `report` as one object.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    put(&serde_json::to_string_pretty(report)?, out)
}

/// Writes `value` on one line.
pub(super) fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    put(&serde_json::to_string(value)?, out)
}

/// Writes JSON and a newline. What a terminal would obey or reorder becomes `\u009b`: such characters stand only
/// within strings, where that is the same text.
fn put(json: &str, out: &mut dyn Write) -> io::Result<()> {
    let hostile = |c: char| c != '\n' && escape::is_hostile(c);
    let mut rest = json;
    while let Some(at) = rest.find(hostile) {
        out.write_all(&rest.as_bytes()[..at])?;
        let mut chars = rest[at..].chars();
        if let Some(c) = chars.next() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        rest = chars.as_str();
    }
    out.write_all(rest.as_bytes())?;
    out.write_all(b"\n")
}
