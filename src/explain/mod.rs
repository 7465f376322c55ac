//! What a line, a number or a word of these logs means, for whoever is on call.
//! In: one line, one event, or one word as printed. Out: `Explanation`s, plain text without layout.
//! Never: looks at a second line; says what happened to a cluster, only what such a line means.

mod book;
mod decode;
mod ring;
mod token;

use crate::event::{self, Kind, Reading};
use crate::model::Value;
use crate::record::Record;
use serde::Serialize;

/// What one thing means.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Explanation {
    /// What is explained: the kind of event and its line, or what sort of word it is.
    pub subject: String,
    /// What it means.
    pub meaning: String,
    /// The values in it.
    pub fields: Vec<FieldNote>,
    /// What normally follows, or what to look for.
    pub next: Vec<String>,
    /// Which program prints it, and where its source says so; empty if nothing is known.
    pub source: String,
}

/// One value in a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldNote {
    /// Its stable name.
    pub name: String,
    /// The value as events print it.
    pub value: String,
    /// What it means; what is inferred says so.
    pub meaning: String,
}

/// Explains whatever the text is: a number, name or word first, else a line.
pub fn any(text: &str) -> Vec<Explanation> {
    let codes = code(text);
    if codes.is_empty() {
        line(text).into_iter().collect()
    } else {
        codes
    }
}

/// Explains a log line, with or without stamp, host and program; `None` if nobody is known to print it.
pub fn line(text: &str) -> Option<Explanation> {
    let text = text.trim();
    let named = with_program(text).map(|(program, message)| Record::bare(program, message));
    let records = [named, Some(Record::bare("", text))];
    records
        .iter()
        .flatten()
        .find_map(|record| match event::read(record) {
            Reading::Event(kind) => Some(event(&kind, &record.message)),
            Reading::Unknown | Reading::Other => None,
        })
}

/// Explains an event that was read elsewhere; `text` is its message.
pub fn event(kind: &Kind, text: &str) -> Explanation {
    let name = kind.name();
    let fields = kind.fields();
    let note = |(field, value): &(&'static str, Value)| {
        let given = !value.is_null() && !matches!(value, Value::Text(text) if text.is_empty());
        given.then(|| FieldNote {
            name: (*field).to_owned(),
            value: value.to_string(),
            meaning: decode::field(name, field, value),
        })
    };
    Explanation {
        subject: format!("{name}: {}", text.trim()),
        fields: fields.iter().filter_map(note).collect(),
        ..book::kind(name).unwrap_or_default()
    }
}

/// Explains a number, a name or a word as it stands in messages: `14`, `CS_ERR_EXIST`, `EBUSY`, `lost_agent_lock`,
/// `ha_agent_pve1_lock`, `1.d50`, `5266 ms`, `corosync.link-down`. The same word may mean several things.
pub fn code(text: &str) -> Vec<Explanation> {
    let text = text.trim();
    let mut found: Vec<Explanation> = decode::rare_corosync_error(text).into_iter().collect();
    found.extend(book::words(text));
    found.extend(decode::lock(text));
    found.extend(book::kind(text));
    found.extend(token::explain(text));
    found.extend(ring::explain(text));
    found
}

/// The program and the message of a line: the first word before `: ` that carries a pid or is a program that we know.
fn with_program(line: &str) -> Option<(&str, &str)> {
    const KNOWN: [&str; 9] = [
        "corosync",
        "corosync-qdevice",
        "pmxcfs",
        "pve-ha-lrm",
        "pve-ha-crm",
        "watchdog-mux",
        "kernel",
        "systemd",
        "systemd-logind",
    ];
    line.match_indices(": ").find_map(|(at, separator)| {
        let tag = line[..at].rsplit(' ').next()?;
        let program = match tag.strip_suffix(']').and_then(|tag| tag.split_once('[')) {
            Some((program, pid)) => {
                let is_pid = !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
                is_pid.then_some(program)?
            }
            None => KNOWN.contains(&tag).then_some(tag)?,
        };
        (!program.is_empty()).then_some((program, &line[at + separator.len()..]))
    })
}

#[cfg(test)]
mod tests;
