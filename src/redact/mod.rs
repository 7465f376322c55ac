//! Lines of a log that may be shown to anybody: names, addresses, guests and serials give way to pseudonyms.
//! In: one line after the other. Out: the same line with pseudonyms, or what may be kept of it: its stamp, host and program.
//! Never: prints a word that it does not know; changes what an event says but for names.

// A line that is understood keeps the words that Proxmox VE itself prints, numbers, and nothing else as it was. That it still
// says the same is not hoped for: it is read again, and what reads otherwise is left out.

mod names;
mod words;

use crate::event::{self, Kind, Reading};
use crate::model::Value;
use crate::record::{self, Anchor, Clock, Hint, Line, Record, journal};
use memchr::memmem;
use names::{Names, Speaker};
use serde_json::json;

/// Zeros in a line that are a trace of an unclean end, and stay.
const HOLE_BYTES: usize = 16;

/// The fields of events that name nodes.
const OF_NODES: [&str; 6] = ["node", "target", "whom", "owner", "master", "from_node"];
/// Those that name storages and pools.
const OF_STORAGES: [&str; 3] = ["storage", "pool", "vg"];
/// Those that name users.
const OF_USERS: [&str; 1] = ["user"];

/// Replaces names, the same by the same, over all lines that it gets.
#[derive(Debug, Default)]
pub struct Redactor {
    names: Names,
}

impl Redactor {
    /// The pseudonym of a node.
    pub fn node(&mut self, name: &str) -> String {
        self.names.node(name)
    }

    /// What may be shown of a line without its end; empty if that is nothing.
    pub fn line(&mut self, line: &[u8]) -> Vec<u8> {
        let Some(start) = memmem::find(line, &[0; HOLE_BYTES]) else {
            return self.text(line).into_bytes();
        };
        let zeros = line[start..].iter().take_while(|byte| **byte == 0).count();
        let mut out = self.text(&line[..start]).into_bytes();
        out.resize(out.len() + zeros, 0);
        out.extend(self.text(&line[start + zeros..]).into_bytes());
        out
    }

    fn text(&mut self, line: &[u8]) -> String {
        let (text, _) = record::clean(line);
        let is_object = journal::object(&text).is_some();
        match read(&text) {
            Line::Record(record) if is_object => self.object(&record),
            Line::Record(record) => self
                .records(&text, std::slice::from_ref(&record))
                .unwrap_or_else(|| self.header(&text, &record)),
            Line::Records(records) => self.records(&text, &records).unwrap_or_default(),
            Line::Note => "//".to_owned(),
            Line::Blank | Line::Other => String::new(),
        }
    }

    /// A line that holds something that is understood.
    fn records(&mut self, text: &str, records: &[Record<'_>]) -> Option<String> {
        let kinds: Vec<Option<Kind>> = records.iter().map(understood).collect();
        if kinds.iter().all(Option::is_none) {
            return None;
        }
        for (record, kind) in records.iter().zip(&kinds) {
            self.learn(record, kind.as_ref());
        }
        let holds = |said: &String, names: &Names| {
            let again = match read(said) {
                Line::Record(record) => vec![record],
                Line::Records(records) => records,
                Line::Note | Line::Blank | Line::Other => Vec::new(),
            };
            again.len() == records.len()
                && again
                    .iter()
                    .zip(records.iter().zip(&kinds))
                    .all(|(new, (old, kind))| {
                        new.at == old.at
                            && new.pid == old.pid
                            && new.repeat == old.repeat
                            && new.host.is_some() == old.host.is_some()
                            && says_the_same(kind.as_ref(), understood(new).as_ref(), names)
                    })
        };
        let programs: Vec<&str> = records.iter().map(|record| record.program).collect();
        let speaker = Speaker::of(&programs);
        let said = self.names.replaced(text, speaker, true);
        if holds(&said, &self.names) {
            return Some(said);
        }
        // A node may be called like a word of the message, which must stay then.
        let said = self.names.replaced(text, speaker, false);
        holds(&said, &self.names).then_some(said)
    }

    /// What stands before the message, which tells when which host was alive.
    fn header(&mut self, text: &str, record: &Record<'_>) -> String {
        self.learn(record, None);
        let before = text.rfind(&*record.message).map(|at| &text[..at]);
        let Some(before) = before.filter(|before| !before.is_empty() && !record.program.is_empty())
        else {
            return String::new();
        };
        let said = format!("{}-", self.names.replaced(before, Speaker::Other, true));
        let same = match read(&said) {
            Line::Record(new) => {
                new.at == record.at && new.pid == record.pid && understood(&new).is_none()
            }
            _ => false,
        };
        if same { said } else { String::new() }
    }

    /// An entry of the journal, written anew from what is read of it.
    fn object(&mut self, record: &Record<'_>) -> String {
        let kind = understood(record);
        self.learn(record, kind.as_ref());
        let speaker = Speaker::of(&[record.program]);
        let program = self.names.replaced(record.program, Speaker::Other, false);
        let mut message = "-".to_owned();
        if kind.is_some() {
            for names_first in [true, false] {
                let said = self.names.replaced(&record.message, speaker, names_first);
                let new = Record {
                    message: said.as_str().into(),
                    ..record.clone()
                };
                if says_the_same(kind.as_ref(), understood(&new).as_ref(), &self.names) {
                    message = said;
                    break;
                }
            }
        }
        let mut fields = serde_json::Map::new();
        let mut set = |name: &str, value: String| fields.insert(name.to_owned(), json!(value));
        if let Some(at) = record.at {
            set("__REALTIME_TIMESTAMP", at.0.to_string());
        }
        if let Some(boot) = record.boot {
            set("_BOOT_ID", self.names.number32(boot));
        }
        if let Some(host) = record.host {
            set("_HOSTNAME", self.names.node(host));
        }
        set("SYSLOG_IDENTIFIER", program);
        if let Some(pid) = record.pid {
            set("_PID", pid.to_string());
        }
        set("MESSAGE", message);
        serde_json::Value::Object(fields).to_string()
    }

    fn learn(&mut self, record: &Record<'_>, kind: Option<&Kind>) {
        if let Some(host) = record.host {
            self.names.node(host);
        }
        for (name, value) in kind.map(Kind::fields).unwrap_or_default() {
            let Value::Text(text) = value else { continue };
            let is_name = !text.is_empty() && text.chars().all(names::is_of_word);
            match name {
                name if OF_NODES.contains(&name) && is_name => drop(self.names.node(&text)),
                name if OF_STORAGES.contains(&name) && is_name => drop(self.names.storage(&text)),
                name if OF_USERS.contains(&name) => self.names.user(&text),
                _ => {}
            }
        }
        if kind.is_some() {
            self.names.learn_guests(&record.message);
        }
    }
}

/// Stamps need no year of their own here: they are only compared with themselves.
fn read(text: &str) -> Line<'_> {
    record::line(text, &Clock::utc(Anchor::Year(2000)), &mut Hint::default())
}

fn understood(record: &Record<'_>) -> Option<Kind> {
    match event::read(record) {
        Reading::Event(kind) => Some(kind),
        Reading::Unknown | Reading::Other => None,
    }
}

/// Whether both say the same of things whose names differ.
fn says_the_same(old: Option<&Kind>, new: Option<&Kind>, names: &Names) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return old.is_none() == new.is_none();
    };
    let (before, after) = (old.fields(), new.fields());
    old.name() == new.name()
        && before.len() == after.len()
        && before
            .iter()
            .zip(&after)
            .all(|((a, old), (b, new))| a == b && is_the_same(old, new, names))
}

fn is_the_same(old: &Value, new: &Value, names: &Names) -> bool {
    match (old, new) {
        (Value::Text(_), Value::Text(_)) => true,
        (Value::Int(old), Value::Int(new)) => old == new || names.stands_for(*old, *new),
        (Value::List(old), Value::List(new)) => {
            let mut both = old.iter().zip(new);
            old.len() == new.len() && both.all(|(old, new)| is_the_same(old, new, names))
        }
        (old, new) => old == new,
    }
}

#[cfg(test)]
mod tests;
