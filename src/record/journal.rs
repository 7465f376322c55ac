//! Journal entries as JSON objects, one per line.
//! In: `journalctl -o json`, `json-sse` or `json-seq`. Out: `Line`, borrowing from the text.
//! Never: needs a zone or a year; a line that is no such object is no record.

use super::tag::own_name;
use super::{Line, Record};
use crate::model::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;

/// A field of an entry: text, bytes where it is not UTF-8, several where it came twice, null where it was too long.
#[derive(Deserialize)]
#[serde(untagged)]
enum Field<'b> {
    Text(#[serde(borrow)] Cow<'b, str>),
    Bytes(Vec<u8>),
    Several(#[serde(borrow)] Vec<Element<'b>>),
    Number(i64),
    Null(()),
}

/// One of several values of a field.
#[derive(Deserialize)]
#[serde(untagged)]
enum Element<'b> {
    Text(#[serde(borrow)] Cow<'b, str>),
    Bytes(Vec<u8>),
    Null(()),
}

/// The fields that a record is made from.
#[derive(Deserialize)]
struct Entry<'b> {
    #[serde(rename = "MESSAGE", borrow)]
    message: Option<Field<'b>>,
    #[serde(rename = "SYSLOG_IDENTIFIER", borrow)]
    identifier: Option<Field<'b>>,
    #[serde(rename = "_COMM", borrow)]
    command: Option<Field<'b>>,
    #[serde(rename = "_SYSTEMD_UNIT", borrow)]
    unit: Option<Field<'b>>,
    #[serde(rename = "_PID", borrow)]
    pid: Option<Field<'b>>,
    #[serde(rename = "SYSLOG_PID", borrow)]
    syslog_pid: Option<Field<'b>>,
    #[serde(rename = "_HOSTNAME", borrow)]
    host: Option<Field<'b>>,
    #[serde(rename = "__REALTIME_TIMESTAMP", borrow)]
    received: Option<Field<'b>>,
    #[serde(rename = "_SOURCE_REALTIME_TIMESTAMP", borrow)]
    sent: Option<Field<'b>>,
    #[serde(rename = "_BOOT_ID", borrow)]
    boot: Option<Field<'b>>,
}

/// The object on a line of JSON, without `data: ` of server-sent events and the record separator of JSON sequences.
pub fn object(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['\u{1e}', ' ', '\t', '\u{feff}']);
    let line = line.strip_prefix("data: ").unwrap_or(line);
    line.starts_with('{').then(|| line.trim_end())
}

/// Reads one object. Objects that are no journal entries are `Line::Other`.
pub fn json_line(object: &str) -> Line<'_> {
    match serde_json::from_str::<Entry<'_>>(object) {
        Ok(entry) => record(entry).map_or(Line::Other, Line::Record),
        Err(_) => Line::Other,
    }
}

fn record(entry: Entry<'_>) -> Option<Record<'_>> {
    let message = entry.message?.text()?;
    let program = [entry.identifier, entry.command, entry.unit]
        .into_iter()
        .find_map(|field| field?.borrowed())?;
    let number = |field: Option<Field<'_>>| field?.text()?.parse::<i64>().ok();
    let message = match message {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start()),
        Cow::Owned(text) => Cow::Owned(text.trim_start().to_owned()),
    };
    Some(Record {
        // The sender's clock first, as journalctl does where it prints one stamp (systemd src/shared/logs-show.c): every
        // mode gives the same times.
        at: number(entry.sent)
            .filter(|at| *at > 0)
            .or_else(|| number(entry.received))
            .map(Timestamp),
        host: entry.host.and_then(Field::borrowed),
        pid: number(entry.pid)
            .or_else(|| number(entry.syslog_pid))
            .and_then(|pid| u32::try_from(pid).ok()),
        message,
        boot: entry.boot.and_then(Field::borrowed),
        ..Record::bare(own_name(program), "")
    })
}

impl<'b> Field<'b> {
    /// The text; the last one of several; bytes decoded lossily.
    fn text(self) -> Option<Cow<'b, str>> {
        match self {
            Field::Text(text) => Some(text),
            Field::Bytes(bytes) => Some(lossy(&bytes)),
            Field::Several(elements) => {
                elements
                    .into_iter()
                    .rev()
                    .find_map(|element| match element {
                        Element::Text(text) => Some(text),
                        Element::Bytes(bytes) => Some(lossy(&bytes)),
                        Element::Null(()) => None,
                    })
            }
            Field::Number(number) => Some(Cow::Owned(number.to_string())),
            Field::Null(()) => None,
        }
    }

    /// The text if it stands in the line as it is; names of programs and hosts always do.
    fn borrowed(self) -> Option<&'b str> {
        match self.text()? {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }
}

fn lossy(bytes: &[u8]) -> Cow<'static, str> {
    Cow::Owned(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Record<'_>> {
        match json_line(object(line)?) {
            Line::Record(record) => Some(record),
            _ => None,
        }
    }

    #[test]
    fn an_entry_gives_a_whole_record() {
        let line = r#"{"MESSAGE":"  [KNET  ] link: host: 4 link: 0 is down","SYSLOG_IDENTIFIER":"corosync","_PID":"77","SYSLOG_PID":"1","_HOSTNAME":"n4","__REALTIME_TIMESTAMP":"1700000000000009","_SOURCE_REALTIME_TIMESTAMP":"1700000000000001","_BOOT_ID":"ab12","OTHER":{"deep":[1,2]}}"#;
        let want = Record {
            at: Some(Timestamp(1_700_000_000_000_001)),
            host: Some("n4"),
            pid: Some(77),
            boot: Some("ab12"),
            ..Record::bare("corosync", "[KNET  ] link: host: 4 link: 0 is down")
        };
        assert_eq!(read(line), Some(want.clone()));
        assert_eq!(read(&format!("data: {line}")), Some(want.clone()));
        assert_eq!(read(&format!("\u{1e}{line}")), Some(want));
    }

    #[test]
    fn fields_have_many_shapes() {
        let message =
            |line| read(line).map(|r| (r.program.to_owned(), r.message.into_owned(), r.pid));
        let some =
            |program: &str, text: &str, pid| Some((program.to_owned(), text.to_owned(), pid));
        assert_eq!(
            message(r#"{"MESSAGE":[104,105,255],"_COMM":"pmxcfs","SYSLOG_PID":"8"}"#),
            some("pmxcfs", "hi\u{fffd}", Some(8))
        );
        assert_eq!(
            message(r#"{"MESSAGE":["a","b"],"_SYSTEMD_UNIT":"pve-cluster.service","_PID":9}"#),
            some("pmxcfs", "b", Some(9))
        );
        assert_eq!(
            message(r#"{"MESSAGE":"say \"x\"","SYSLOG_IDENTIFIER":["kernel","kernel"]}"#),
            some("kernel", "say \"x\"", None)
        );
        assert_eq!(
            message(r#"{"MESSAGE":null,"SYSLOG_IDENTIFIER":"kernel"}"#),
            None
        );
        assert_eq!(message(r#"{"SYSLOG_IDENTIFIER":"kernel"}"#), None);
        assert_eq!(message(r#"{"MESSAGE":"x""#), None);
        assert_eq!(message("{}"), None);
    }

    #[test]
    fn the_journals_clock_is_the_second_choice() {
        for (fields, want) in [
            (r#""__REALTIME_TIMESTAMP":"5""#, 5),
            (
                r#""__REALTIME_TIMESTAMP":"5","_SOURCE_REALTIME_TIMESTAMP":"4""#,
                4,
            ),
            (
                r#""__REALTIME_TIMESTAMP":"5","_SOURCE_REALTIME_TIMESTAMP":"0""#,
                5,
            ),
        ] {
            let line = format!(r#"{{"MESSAGE":"x","_COMM":"y",{fields}}}"#);
            assert_eq!(
                read(&line).and_then(|r| r.at),
                Some(Timestamp(want)),
                "{fields}"
            );
        }
    }
}
