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
    /// Lines of a log beside which they are read.
    #[serde(default)]
    pub log: String,
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
    "backup-storage-unknown"
    "backup-storage-disabled"
    "backup-storage-content"
    "backup-storage-excludes-node"
    "backup-guest-missing"
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
    "log-differs"
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

/// A command with the fields of a finding. Names come from files: what a shell would obey in them is quoted. Fields that are
/// commands themselves were quoted when they were made.
pub fn command(template: &str, found: &Found) -> String {
    const COMMANDS: [&str; 5] = ["rules", "groups", "copy", "open", "unlock"];
    let mut quoted = found.clone();
    for (name, value) in &mut quoted.fields {
        if !COMMANDS.contains(name) {
            *value = word(&spoken(value)).into();
        }
    }
    fill(template, &quoted)
}

/// Text as one word of a shell.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":._,-/".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
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
    use crate::analyzer::Analyzer;
    use crate::check;
    use crate::cluster::given::Given;
    use crate::config;
    use crate::model::{Coverage, Limits};
    use crate::run::examples;
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

    /// What is found in an example, beside its log if it has one.
    fn found_in(example: &Example) -> Vec<check::Found> {
        let mut all = found(&example.text);
        let given = Given {
            compared: true,
            ..Given::default()
        };
        let mut analyzer = Analyzer::new(Vec::new(), &Limits::default()).given(&given);
        for event in examples::events(&example.log) {
            analyzer.push(&event, &mut Vec::new());
        }
        let report = analyzer.finish(Coverage::default(), vec!["log".to_owned()]);
        let configuration = config::from_texts(&[("example", &example.text)]);
        let beside = check::against::check(&report.stated, &configuration);
        all.extend(beside.into_iter().map(|(one, _)| one));
        all
    }

    #[test]
    fn examples_are_found_and_counterexamples_are_not() {
        for words in all() {
            for example in &words.example {
                let found = found_in(example);
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
                let found = found_in(example);
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
    fn names_of_files_do_not_become_commands() {
        assert_eq!(word("keep-vm-1"), "keep-vm-1");
        assert_eq!(word("a;reboot"), "'a;reboot'");
        assert_eq!(word("it's"), "'it'\\''s'");
        let text = "# cat /etc/pve/.members\n{\"nodename\":\"elm\",\"nodelist\":{\"elm\":{\"id\":1},\"oak\":{\"id\":2},\"$(reboot)\":{\"id\":3}}}\n\
                    # cat /etc/pve/storage.cfg\nzfspool: tank\n\tnodes elm,`x`\n\
                    # cat /etc/pve/nodes/elm/qemu-server/100.conf\nscsi0: tank:vm-100-disk-0\n\
                    # cat /etc/pve/replication.cfg\nlocal: 100-0;reboot\n\ttarget oak\n\tdisable\n\
                    # cat /etc/pve/ha/resources.cfg\nvm: 100\n\tgroup a;b\n\
                    # cat /etc/pve/ha/groups.cfg\ngroup: a;b\n\tnodes elm,oak,$(reboot)\n";
        for one in found(text) {
            let words = of(one.check).unwrap();
            for run in words.advice.iter().filter_map(|advice| advice.run.as_ref()) {
                let run = command(run, &one);
                // Outside of quotes nothing but words, and what joins them in our own commands.
                let bare: String = run.split('\'').step_by(2).collect();
                let bare = bare.replace(" && ", " ");
                assert!(!bare.contains([';', '$', '`', '&', '(']), "{run}");
            }
        }
    }

    #[test]
    fn what_advice_waits_for_is_a_field() {
        for words in all() {
            let found: Vec<check::Found> = words.example.iter().flat_map(found_in).collect();
            let mine: Vec<_> = found.iter().filter(|one| one.check == words.id).collect();
            for name in words.advice.iter().flat_map(|advice| advice.when.keys()) {
                let known = mine
                    .iter()
                    .any(|one| one.fields.iter().any(|(field, _)| field == name));
                assert!(
                    known || name == "pve",
                    "{}: no finding has `{name}`",
                    words.id
                );
            }
        }
    }

    #[test]
    fn every_field_that_words_name_is_filled() {
        for words in all() {
            for example in &words.example {
                for one in found_in(example).iter().filter(|one| one.check == words.id) {
                    let advice = words.advice.iter().filter(|advice| advice.fits(one));
                    let texts =
                        advice.flat_map(|a| [Some(&a.say), a.run.as_ref(), a.because.as_ref()]);
                    let optional = ["placement", "idle", "hope", "note", "perhaps", "at", "size"];
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
