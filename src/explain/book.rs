//! The texts of `messages.toml` and `words.toml`.
//! In: the stable name of a kind or field, or a word. Out: what the texts say of it.
//! Never: reads a file at run time; both are part of the program.

use super::Explanation;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is known of one kind of event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    meaning: String,
    #[serde(default)]
    next: Vec<String>,
    source: String,
}

/// What is known of one word in one place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    family: String,
    names: Vec<String>,
    meaning: String,
    #[serde(default)]
    next: Vec<String>,
    source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    fields: BTreeMap<String, String>,
    word: Vec<Word>,
}

const MESSAGES: &str = include_str!("messages.toml");
const WORDS: &str = include_str!("words.toml");

static KINDS: LazyLock<BTreeMap<String, Entry>> =
    LazyLock::new(|| toml::from_str(MESSAGES).unwrap_or_default());
static BOOK: LazyLock<Words> = LazyLock::new(|| toml::from_str(WORDS).unwrap_or_default());

/// What `messages.toml` says of a kind of event.
pub(super) fn kind(name: &str) -> Option<Explanation> {
    KINDS.get(name).map(|entry| Explanation {
        subject: name.to_owned(),
        meaning: entry.meaning.clone(),
        fields: Vec::new(),
        next: entry.next.clone(),
        source: entry.source.clone(),
    })
}

/// What a field is, by its kind and name or by its name alone.
pub(super) fn field(kind: &str, name: &str) -> &'static str {
    let own = BOOK.fields.get(&format!("{kind}.{name}"));
    own.or_else(|| BOOK.fields.get(name))
        .map_or("", String::as_str)
}

/// Everything that a word means, whatever the place.
pub(super) fn words(name: &str) -> impl Iterator<Item = Explanation> {
    let is = move |word: &&Word| word.names.iter().any(|n| n.eq_ignore_ascii_case(name));
    BOOK.word.iter().filter(is).map(Word::explain)
}

/// What a word means in one place.
pub(super) fn word(family: &str, name: &str) -> Option<&'static str> {
    let word = BOOK
        .word
        .iter()
        .find(|word| word.family == family && word.names.iter().any(|n| n == name))?;
    Some(&word.meaning)
}

/// What the first word of one place means that stands in a text; names of one or two characters do not count.
pub(super) fn word_within(family: &str, text: &str) -> Option<&'static str> {
    let stands = |name: &String| name.len() > 3 && text.contains(name.as_str());
    let word = BOOK
        .word
        .iter()
        .find(|word| word.family == family && word.names.iter().any(stands))?;
    Some(&word.meaning)
}

impl Word {
    fn explain(&self) -> Explanation {
        let named = match self.names.split_first() {
            Some((first, [])) => first.clone(),
            Some((first, others)) => format!("{first} ({})", others.join(", ")),
            None => String::new(),
        };
        Explanation {
            subject: format!("{} {named}", self.family),
            meaning: self.meaning.clone(),
            fields: Vec::new(),
            next: self.next.clone(),
            source: self.source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::vocabulary;

    /// Programs whose every kind is explained.
    const COMPLETE: [&str; 5] = [
        "pmxcfs.",
        "ha.",
        "pve-ha-lrm.",
        "pve-ha-crm.",
        "watchdog-mux.",
    ];

    fn is_complete(kind: &str) -> bool {
        COMPLETE.iter().any(|prefix| kind.starts_with(prefix))
    }

    #[test]
    fn both_files_are_readable() {
        if let Err(error) = toml::from_str::<BTreeMap<String, Entry>>(MESSAGES) {
            panic!("{error}");
        }
        if let Err(error) = toml::from_str::<Words>(WORDS) {
            panic!("{error}");
        }
    }

    #[test]
    fn every_kind_is_explained_and_every_explained_kind_exists() {
        let kinds = vocabulary();
        for sample in kinds.iter().filter(|sample| is_complete(sample.name)) {
            assert!(KINDS.contains_key(sample.name), "{}", sample.name);
        }
        // Kinds of corosync are checked as soon as its messages about the token are read.
        let corosync = kinds.iter().any(|s| s.name == "corosync.token-warning");
        let checked = |key: &&String| is_complete(key) || corosync;
        for key in KINDS.keys().filter(checked) {
            assert!(kinds.iter().any(|sample| sample.name == key), "{key}");
        }
    }

    #[test]
    fn every_field_of_an_explained_kind_has_a_name_that_people_understand() {
        for sample in vocabulary().iter().filter(|s| is_complete(s.name)) {
            for name in sample.fields {
                assert_ne!(field(sample.name, name), "", "{}.{name}", sample.name);
            }
        }
    }

    #[test]
    fn texts_are_sentences() {
        let kinds = KINDS
            .values()
            .flat_map(|e| std::iter::once(&e.meaning).chain(&e.next));
        let words = BOOK.word.iter();
        let words = words.flat_map(|w| std::iter::once(&w.meaning).chain(&w.next));
        for text in kinds.chain(words) {
            assert!(text.ends_with(['.', '?', '`']), "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }
}
