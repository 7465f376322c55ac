//! The timeline as a table for spreadsheets and databases.
//! In: a `Report`. Out: RFC 4180, one row per entry of a story, with a head.
//! Never: a cell that a spreadsheet would take for a formula.

use super::escape::visible;
use crate::report::Report;
use std::io::{self, Write};

/// Writes the timelines of all incidents, the worst incident first, each in its order.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    row(
        &[
            "at", "node", "what", "incident", "severity", "input", "line",
        ]
        .map(str::to_owned),
        out,
    )?;
    for incident in &report.incidents {
        for entry in &incident.timeline {
            let cells = [
                entry.at.map_or_else(String::new, |at| at.to_string()),
                entry.node.clone().unwrap_or_default(),
                entry.text.clone(),
                incident.id.clone(),
                incident.severity.to_string(),
                entry.input.to_string(),
                entry.line.to_string(),
            ];
            row(&cells, out)?;
        }
    }
    Ok(())
}

fn row(cells: &[String], out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// A cell; with a quotation mark before what a spreadsheet would compute.
fn cell(text: &str) -> String {
    let text = visible(text, false);
    let guard = match text.starts_with(['=', '+', '-', '@']) {
        true => "'",
        false => "",
    };
    match text.contains(['"', ',', '\'']) {
        true => format!("\"{guard}{}\"", text.replace('"', "\"\"")),
        false => format!("{guard}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_and_nothing_else() {
        for (text, want) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("-1", "'-1"),
            ("two\nlines\u{1b}[31m", "two\\nlines\\x1b[31m"),
        ] {
            assert_eq!(cell(text), want);
        }
    }
}
