//! Words that tell nothing of anybody: those that daemons print in every cluster.
//! In: a word. Out: whether it is one of them.
//! Never: holds what a sample says in the place of a name.

use super::names::is_of_word;
use crate::event;
use crate::event::Reading;
use crate::model::Value;
use crate::record::Record;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Words beside those of the messages: months, errors of the system, units and programs that every node has, states.
const MORE: &str = include_str!("words.txt");

/// Whether a word is printed in every cluster.
pub fn is_known(word: &str) -> bool {
    all().contains(word)
}

/// Whether a pager may have cut such a word to this.
pub fn begins_one(word: &str) -> bool {
    all().iter().any(|known| known.starts_with(word))
}

fn all() -> &'static HashSet<String> {
    static KNOWN: OnceLock<HashSet<String>> = OnceLock::new();
    KNOWN.get_or_init(known)
}

fn known() -> HashSet<String> {
    let lines = MORE.lines().filter(|line| !line.starts_with('#'));
    let mut known: HashSet<String> = lines
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect();
    for sample in event::vocabulary() {
        let program = speaker(sample.name);
        let Reading::Event(kind) = event::read(&Record::bare(program, sample.message)) else {
            // A sample that only another program prints teaches nothing.
            continue;
        };
        let mut literal = sample.message.to_owned();
        for (_, value) in kind.fields() {
            for text in texts(&value) {
                literal = literal.replace(&text, " ");
            }
        }
        let words = literal.split(|c: char| !is_of_word(c));
        let words = words.map(|word| word.trim_end_matches(['.', '-']));
        known.extend(
            words
                .filter(|word| word.chars().any(char::is_alphabetic))
                .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
                .map(str::to_owned),
        );
    }
    known
}

/// A program that says messages of this kind.
pub fn speaker(kind: &'static str) -> &'static str {
    let (program, _) = kind.split_once('.').unwrap_or((kind, ""));
    match program {
        "pve" => "pvedaemon",
        "ha" => "pve-ha-lrm",
        "logind" => "systemd-logind",
        "shutdown" => "systemd-shutdown",
        "journald" => "systemd-journald",
        "chrony" => "chronyd",
        "qdevice" => "corosync-qdevice",
        program => program,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) if !text.is_empty() => vec![text.to_string()],
        Value::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
