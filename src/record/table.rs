//! Rows of Markdown tables, and prose that quotes messages in backticks.
//! In: a line that holds `|` or a backtick. Out: the `Record`s quoted in it, with the row's own stamp and host.
//! Never: takes the prose around a quotation for a message.

use super::clock::{Clock, Hint};
use super::stamp;
use super::{Line, Record, syslog};
use crate::model::Timestamp;

/// Every record that a row or a sentence quotes; none for what holds no quotation and no entry.
pub fn records<'b>(line: &'b str, clock: &Clock, hint: &mut Hint) -> Vec<Record<'b>> {
    if !line.starts_with('|') {
        return quotations(line, clock, hint);
    }
    let mut row = Row::default();
    let mut found = Vec::new();
    for cell in line.trim_matches('|').split('|').map(str::trim) {
        if cell.trim_start_matches('`').starts_with("-- ") {
            // The first line of a boot in a table of one column.
            if let Line::Record(marker) = syslog::marker(cell.trim_start_matches('`')) {
                found.push(marker);
            }
        } else if cell.contains('`') {
            found.extend(quotations(cell, clock, hint));
        } else if let Ok(("", time)) = stamp::stamp(cell) {
            row.at = clock.instant(time, hint);
            row.timed = true;
        } else if let Some(record) = syslog::entry(cell, clock, hint) {
            found.push(record);
        } else if found.is_empty() && row.host.is_none() {
            row.host = host(cell);
        }
    }
    for record in &mut found {
        record.at = record.at.or(row.at);
        record.host = record.host.or(row.host);
    }
    found
}

/// What the cells before the messages say.
#[derive(Default)]
struct Row<'b> {
    at: Option<Timestamp>,
    host: Option<&'b str>,
    timed: bool,
}

/// The messages in backticks, each an entry with its own tag or a message alone.
fn quotations<'b>(text: &'b str, clock: &Clock, hint: &mut Hint) -> Vec<Record<'b>> {
    let mut found = Vec::new();
    let mut left = text;
    while let Some(start) = left.find('`') {
        let Ok((rest, quoted)) = syslog::quoted(&left[start..]) else {
            break;
        };
        left = rest;
        let quoted = quoted.trim();
        if quoted.contains(' ') {
            let entry = syslog::entry(quoted, clock, hint);
            found.push(entry.unwrap_or_else(|| syslog::message_alone(quoted)));
        }
    }
    found
}

/// The host that a cell names: its first word, unless it names several or none that a host could have.
fn host(cell: &str) -> Option<&str> {
    let word = cell.split_whitespace().next()?;
    let several = cell.contains(['/', ',']) && !cell.contains('(');
    let fits = word
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        && word.bytes().any(|b| b.is_ascii_alphabetic());
    (fits && !several).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::clock::Anchor;

    fn read(line: &str) -> Vec<(Option<&str>, &str, String, bool)> {
        let clock = Clock::utc(Anchor::Year(2025));
        records(line, &clock, &mut Hint::default())
            .into_iter()
            .map(|r| (r.host, r.program, r.message.into_owned(), r.at.is_some()))
            .collect()
    }

    #[test]
    fn a_row_may_quote_several_messages() {
        assert_eq!(
            read(
                "| 01:02:03 | w3 (witness) | `link: host: 9 link: 1 is down` · `pmxcfs[7]: [status] notice: x` **both** |"
            ),
            vec![
                (
                    Some("w3"),
                    "",
                    "link: host: 9 link: 1 is down".to_owned(),
                    false
                ),
                (Some("w3"), "pmxcfs", "[status] notice: x".to_owned(), false),
            ]
        );
        assert_eq!(
            read("| 2025-01-02 01:02:03 | w3 | `node lost quorum` |"),
            vec![(Some("w3"), "", "node lost quorum".to_owned(), true)]
        );
        assert_eq!(
            read("| 01:02:03 / 01:02:05 | w3 / w4 | Boot (`uptime -s`) |")[0].0,
            None
        );
        assert_eq!(
            read("| 1 | Jan 02 01:02:03 w3 corosync[5]: [KNET  ] link: host: 9 link: 1 is down |")
                [0]
            .2,
            "[KNET  ] link: host: 9 link: 1 is down"
        );
    }

    #[test]
    fn prose_without_quotations_holds_nothing() {
        assert_eq!(read("|---|---|"), vec![]);
        assert_eq!(read("| Time | Node | corosync |"), vec![]);
        assert_eq!(read("we saw `corosync` fail"), vec![]);
        assert_eq!(read("an unclosed ` here and there"), vec![]);
    }
}
