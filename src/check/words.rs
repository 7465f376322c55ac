//! The words of the checks: `patterns/checks/*.toml`.
//! In: the texts that ship with the program. Out: `Words` by id; sentences with their fields filled in.
//! Never: finds anything.

use super::Found;
use crate::model::{Severity, Value};
use crate::report::Safety;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a check says of what it finds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Its name; that of its file.
    pub id: String,
    /// A word of the vocabulary of kinds.
    pub kind: String,
    /// How bad, unless the evidence says otherwise.
    pub severity: Severity,
    /// The title of one finding.
    pub one: String,
    /// The title of several; `{count}` is how many.
    pub many: String,
    /// The sentence of a finding.
    pub text: String,
    /// Why that is bad.
    pub why: String,
    /// What to do.
    #[serde(default)]
    pub advice: Vec<AdviceWords>,
    /// Configurations in which it is found.
    #[serde(default)]
    pub example: Vec<Example>,
    /// Configurations that look like it.
    #[serde(default)]
    pub counterexample: Vec<Example>,
}

/// One advice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceWords {
    /// What to do.
    pub say: String,
    /// The command.
    pub run: Option<String>,
    /// How dangerous.
    pub safety: Safety,
    /// Why.
    pub because: Option<String>,
    /// Fields that have to hold one of these words, where the finding has them.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
}

/// Files as `# cat PATH` and what is in them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub about: String,
    /// The files.
    pub text: String,
    /// Subjects, or else nodes, of what has to be found.
    #[serde(default)]
    pub finds: Vec<String>,
}

/// Every check, in the order in which the report lists those that are equally bad.
static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| {
    let parsed = TEXTS
        .iter()
        .filter_map(|(_, text)| toml::from_str(text).ok());
    parsed.collect()
});

macro_rules! texts {
    ($($id:literal)*) => {
        /// Id and text of every check.
        pub const TEXTS: &[(&str, &str)] = &[
            $(($id, include_str!(concat!("../../patterns/checks/", $id, ".toml"))),)*
        ];
    };
}

texts! {
    "ha-unbound"
    "ha-preferred-only"
    "ha-node-without-replica"
    "local-disks-under-ha"
    "disk-not-replicated"
    "storage-excludes-node"
    "affinity-targets-differ"
    "replica-stale"
    "replica-unused"
    "quorum-lost"
    "quorum-margin"
    "quorum-expected-lowered"
    "service-in-error"
    "agent-not-working"
    "link-not-connected"
    "replication-failing"
    "storage-inactive"
    "guest-twice"
    "guest-missing"
    "guest-lock"
    "node-unknown"
    "ha-group-unknown"
    "firewall-drops-corosync"
    "corosync-two-node"
    "corosync-version-differs"
    "corosync-members-differ"
    "corosync-address-differs"
    "cluster-names-differ"
    "corosync-one-link"
    "corosync-link-incomplete"
    "corosync-one-subnet"
    "corosync-even-votes"
    "corosync-network-shared"
    "corosync-token"
}

/// Every check.
pub fn all() -> &'static [Words] {
    &ALL
}

/// The words of a check.
pub fn of(id: &str) -> Option<&'static Words> {
    all().iter().find(|words| words.id == id)
}

/// `template` with the fields of a finding in the place of `{name}`. A field that it lacks leaves nothing behind.
pub fn fill(template: &str, found: &Found) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = found.fields.iter().find(|(known, _)| *known == name) {
            out.push_str(&spoken(value));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A value as a sentence holds it: `elm, oak and ash`.
pub fn spoken(value: &Value) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            match items.as_slice() {
                [] => String::new(),
                [one] => one.clone(),
                [all @ .., last] => format!("{} and {last}", all.join(", ")),
            }
        }
        other => other.to_string(),
    }
}

impl AdviceWords {
    /// Whether it is for this finding.
    pub fn fits(&self, found: &Found) -> bool {
        self.when.iter().all(|(name, words)| {
            let field = found.fields.iter().find(|(known, _)| known == name);
            field.is_none_or(|(_, value)| words.contains(&value.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use crate::config;
    use std::collections::BTreeSet;

    #[test]
    fn the_list_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/patterns/checks");
        let found: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: BTreeSet<String> = TEXTS.iter().map(|(id, _)| format!("{id}.toml")).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn every_file_is_read_and_bears_its_name() {
        for (id, text) in TEXTS {
            let words: Words = toml::from_str(text).unwrap_or_else(|why| panic!("{id}: {why}"));
            assert_eq!(words.id, *id);
            assert!(!words.example.is_empty(), "{id}: no example");
            assert!(!words.counterexample.is_empty(), "{id}: no counterexample");
        }
        assert_eq!(all().len(), TEXTS.len());
    }

    /// Every example is a whole copy: what it does not show does not exist.
    fn found(text: &str) -> Vec<check::Found> {
        let mut configuration = config::from_texts(&[("example", text)]);
        configuration.is_whole();
        check::found(&configuration, &check::seat::seats(&configuration))
    }

    #[test]
    fn examples_are_found_and_counterexamples_are_not() {
        for words in all() {
            for example in &words.example {
                let found = found(&example.text);
                let mine = found.iter().filter(|one| one.check == words.id);
                let subjects: Vec<String> = mine
                    .clone()
                    .map(|one| {
                        one.subject
                            .clone()
                            .or(one.node.clone())
                            .unwrap_or("cluster".into())
                    })
                    .collect();
                assert_eq!(subjects, example.finds, "{}: {}", words.id, example.about);
                for one in mine {
                    assert!(!one.evidence.is_empty(), "{}: no evidence", words.id);
                }
            }
            for example in &words.counterexample {
                let found = found(&example.text);
                let mine: Vec<_> = found.iter().filter(|one| one.check == words.id).collect();
                assert!(
                    mine.is_empty(),
                    "{}: {}: {mine:#?}",
                    words.id,
                    example.about
                );
            }
        }
    }

    #[test]
    fn every_field_that_words_name_is_filled() {
        for words in all() {
            for example in &words.example {
                for one in found(&example.text)
                    .iter()
                    .filter(|one| one.check == words.id)
                {
                    let advice = words.advice.iter().filter(|advice| advice.fits(one));
                    let texts =
                        advice.flat_map(|a| [Some(&a.say), a.run.as_ref(), a.because.as_ref()]);
                    let optional = ["placement", "idle", "hope", "note"];
                    for text in texts.flatten().chain([&words.text, &words.why]) {
                        for name in text
                            .split('{')
                            .skip(1)
                            .filter_map(|part| part.split('}').next())
                        {
                            let known = one.fields.iter().any(|(field, _)| *field == name);
                            assert!(
                                known || optional.contains(&name),
                                "{}: {{{name}}} in {text}",
                                words.id
                            );
                        }
                    }
                }
            }
        }
    }
}
