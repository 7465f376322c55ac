//! The words are complete: kinds of findings, kinds of events, and what explains them.
//! In: the library's own lists and the program's. Out: failures that name the word.
//! Never: knows what a word is for; the patterns and `explain` do.

use fencepost::cluster::ChangeKind;
use fencepost::pattern::{Pattern, builtin};
use fencepost::{analyzer, event, explain};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// The kinds of findings that this version finds, by subject. A kind that was shipped is never renamed.
const KINDS: &[(&str, &[&str])] = &[
    (
        "network and membership",
        &[
            "link-flap",
            "token-loss",
            "membership-change",
            "network-degradation",
            "mtu-problem",
            "auth-failure",
            "qdevice-failure",
        ],
    ),
    (
        "quorum and the cluster file system",
        &[
            "quorum-loss",
            "partition",
            "split-brain-risk",
            "pmxcfs-readonly",
            "pmxcfs-desync",
            "cfs-lock-timeout",
        ],
    ),
    (
        "high availability and fencing",
        &[
            "ha-lock-lost",
            "watchdog-expired",
            "self-fence",
            "node-fenced",
            "service-recovery",
            "recovery-failed",
        ],
    ),
    (
        "boots",
        &["sudden-reboot", "graceful-reboot", "kernel-panic"],
    ),
    (
        "guests, storage, services, replication",
        &[
            "stuck-guest-lock",
            "storage-offline",
            "service-failure",
            "replication-failure",
            "config-error",
            "ha-replication-mismatch",
        ],
    ),
    (
        "causes in the host",
        &[
            "cpu-starvation",
            "disk-io-stall",
            "out-of-memory",
            "nic-down",
            "time-jump",
        ],
    ),
];

fn kinds() -> BTreeSet<&'static str> {
    KINDS
        .iter()
        .flat_map(|(_, kinds)| kinds.iter().copied())
        .collect()
}

fn patterns() -> Vec<Arc<Pattern>> {
    builtin::builtin(&analyzer::vocabulary()).unwrap_or_else(|errors| {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    })
}

fn run(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(args)
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_kind_has_a_pattern_and_every_pattern_is_a_kind() {
    let found: Vec<String> = patterns().iter().map(|p| p.id().to_owned()).collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let lacking: Vec<_> = kinds().difference(&found).copied().collect();
    assert!(lacking.is_empty(), "no pattern finds {lacking:?}");
    let extra: Vec<_> = found.difference(&kinds()).copied().collect();
    assert!(
        extra.is_empty(),
        "{extra:?}: add the kind to KINDS in tests/vocabulary.rs; it can never be renamed then"
    );
}

#[test]
fn every_kind_has_an_example_and_a_counterexample() {
    for pattern in patterns() {
        assert!(!pattern.examples.is_empty(), "{}: no example", pattern.id());
        assert!(
            !pattern.counterexamples.is_empty(),
            "{}: no counterexample",
            pattern.id()
        );
    }
}

#[test]
fn what_a_pattern_explains_is_a_kind() {
    let kinds = kinds();
    for pattern in patterns() {
        for other in pattern.explains.iter() {
            assert!(kinds.contains(other), "{} explains `{other}`", pattern.id());
            assert_ne!(pattern.id(), other, "a kind does not explain itself");
        }
    }
}

/// Whether `word` is made of lower case words with `-` between.
fn is_kebab(word: &str) -> bool {
    word.split('-').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

#[test]
fn names_are_program_dot_what() {
    let events = event::vocabulary();
    let changes = ChangeKind::VOCABULARY;
    for sample in events.iter().chain(changes) {
        let parts: Vec<&str> = sample.name.split('.').collect();
        assert!(
            parts.len() == 2 && parts.iter().all(|part| is_kebab(part)),
            "`{}` is not program.what in lower case",
            sample.name
        );
        for field in sample.fields {
            assert!(
                field.split('_').all(is_kebab),
                "`{}`: field `{field}` is not in lower case",
                sample.name
            );
        }
    }
    for kind in kinds() {
        assert!(is_kebab(kind), "`{kind}`");
    }
}

#[test]
fn a_name_has_one_meaning() {
    let mut fields: BTreeMap<&str, &[&str]> = BTreeMap::new();
    let mut last = "";
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    for sample in event::vocabulary() {
        // The wordings of one message stand together; the same name elsewhere would be a second message.
        if sample.name != last {
            assert!(
                closed.insert(sample.name),
                "two messages are called `{}`",
                sample.name
            );
        }
        last = sample.name;
        let have = fields.entry(sample.name).or_insert(sample.fields);
        assert_eq!(*have, sample.fields, "{}", sample.name);
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for change in ChangeKind::VOCABULARY {
        assert!(seen.insert(change.name), "two changes: `{}`", change.name);
    }
}

#[test]
fn no_event_is_called_like_a_change() {
    let events = event::vocabulary();
    for change in ChangeKind::VOCABULARY {
        assert!(
            events.iter().all(|event| event.name != change.name),
            "a pattern that sees `{}` sees an event and a change",
            change.name
        );
    }
}

#[test]
fn the_program_prints_every_name() {
    let printed = run(&["events", "--kinds"]);
    let names: BTreeSet<&str> = printed
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split(' ').next())
        .collect();
    for sample in event::vocabulary().iter().chain(ChangeKind::VOCABULARY) {
        assert!(
            names.contains(sample.name),
            "{} is not printed",
            sample.name
        );
    }
    let listed = run(&["patterns", "list"]);
    let listed: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(listed, kinds());
}

#[test]
fn every_kind_is_explained() {
    for kind in kinds() {
        let told = run(&["explain", kind]);
        assert!(told.starts_with(kind), "{kind}: {told}");
        assert!(told.contains("fencepost patterns show"), "{told}");
    }
}

/// A sample as a line of a log: the program in front of it, and for corosync the subsystem, which some messages need.
fn lines(sample: &event::Sample) -> Vec<String> {
    let program = match sample.name.split('.').next().expect("a program") {
        "corosync" => {
            let subsystems = [
                "",
                "[KNET  ] ",
                "[TOTEM ] ",
                "[QUORUM] ",
                "[VOTEQ ] ",
                "[MAIN  ] ",
                "[CFG   ] ",
                "[SERV  ] ",
                "[WD    ] ",
                "[QB    ] ",
            ];
            return subsystems
                .iter()
                .map(|subsystem| format!("corosync[1]:   {subsystem}{}", sample.message))
                .collect();
        }
        "qdevice" => "corosync-qdevice",
        "ha" => "pve-ha-lrm",
        "shutdown" => "systemd-shutdown",
        "journald" => "systemd-journald",
        "logind" => "systemd-logind",
        "chrony" => "chronyd",
        "pve" => "pvedaemon",
        program => program,
    };
    let line = format!("{program}[1]: {}", sample.message);
    vec![line, sample.message.to_owned()]
}

#[test]
fn every_sample_line_is_recognised() {
    let mut unknown = Vec::new();
    for sample in event::vocabulary() {
        // Lines of a table without programs; and lines that only their cut end tells.
        if ["last.", "log."]
            .iter()
            .any(|prefix| sample.name.starts_with(prefix))
            || sample.name == "corosync.host-line-cut"
        {
            continue;
        }
        let known = lines(&sample)
            .iter()
            .filter_map(|line| explain::line(line))
            .any(|told| told.subject.starts_with(sample.name));
        if !known {
            unknown.push(format!("{}: {}", sample.name, sample.message));
        }
    }
    assert!(unknown.is_empty(), "\n{}\n", unknown.join("\n"));
}

/// The lines that an admin asks about; others say at least their kind and their fields.
#[test]
fn what_matters_is_explained_in_words() {
    for name in [
        "corosync.link-down",
        "corosync.link-up",
        "corosync.host-unreachable",
        "corosync.token-warning",
        "corosync.token-lost",
        "corosync.membership-formed",
        "corosync.retransmit",
        "corosync.non-primary",
        "corosync.primary",
        "corosync.not-scheduled",
        "pmxcfs.quorum-lost",
        "pmxcfs.join-failed",
        "pmxcfs.send-failed",
        "pmxcfs.up-to-date",
        "pmxcfs.write-not-quorate",
        "ha.lock-lost",
        "ha.lock-acquired",
        "pve-ha-lrm.status-change",
        "pve-ha-crm.status-change",
        "pve-ha-crm.fence-acknowledged",
        "watchdog-mux.expired",
        "watchdog-mux.exit-active",
    ] {
        let sample = event::vocabulary().into_iter().find(|s| s.name == name);
        let sample = sample.unwrap_or_else(|| panic!("no event is called `{name}`"));
        let told = lines(&sample)
            .iter()
            .find_map(|line| explain::line(line))
            .unwrap_or_else(|| panic!("{name}: {} is not explained", sample.message));
        assert!(
            !told.meaning.is_empty() && !told.source.is_empty(),
            "{told:?}"
        );
    }
}

#[test]
fn every_kind_has_a_case() {
    // Cases grow more slowly than kinds: what a pattern's own examples cover may wait.
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let Ok(folders) = std::fs::read_dir(cases) else {
        return;
    };
    let text: String = folders
        .filter_map(|folder| std::fs::read_to_string(folder.ok()?.path().join("case.toml")).ok())
        .collect();
    let examples: BTreeMap<String, usize> = patterns()
        .iter()
        .map(|pattern| (pattern.id().to_owned(), pattern.examples.len()))
        .collect();
    for kind in kinds() {
        let in_case = text.contains(kind);
        let in_example = examples.get(kind).is_some_and(|examples| *examples > 0);
        assert!(in_case || in_example, "{kind} has no case and no example");
    }
}
