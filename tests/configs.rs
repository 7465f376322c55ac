//! `fencepost check` finds what was planted in a cluster, invents nothing, and survives whatever a file holds.
//! In: `testdata/configs`: a copy of /etc/pve with nine planted faults, the same as a report, one with five backup jobs that
//! cannot work, an older one. Out: screens to read.
//! Never: asks what a log says.

mod support;

use fencepost::model::Severity;
use fencepost::render::{self, Format, Look, Verbosity};
use fencepost::report::Report;
use fencepost::{check, config};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use support::{Dice, files_below};

/// What was planted: the form, and the guest or rule.
const PLANTED: [(&str, &str); 9] = [
    ("ha-unbound", "vm:104"),
    ("ha-unbound", "vm:145"),
    ("ha-preferred-only", "ct:112"),
    ("ha-node-without-replica", "vm:117"),
    ("local-disks-under-ha", "ct:150"),
    ("storage-excludes-node", "ct:131"),
    ("affinity-targets-differ", "rule pair"),
    ("replica-stale", "vm:128"),
    ("replica-unused", "vm:123"),
];

fn report(paths: &[&str]) -> Report {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let (configuration, errors) = config::read(&paths);
    assert!(errors.is_empty(), "{errors:?}");
    check::check(&configuration)
}

fn screen(report: &Report, look: &Look) -> String {
    let mut bytes = Vec::new();
    render::audit(report, look, &mut bytes).expect("memory can be written to");
    String::from_utf8(bytes).expect("UTF-8")
}

fn told(report: &Report) -> Vec<(String, String)> {
    let check = |details: &fencepost::model::Fields| {
        let check = details.iter().find(|(name, _)| *name == "check");
        check.map_or_else(String::new, |(_, value)| value.to_string())
    };
    let findings = report.findings.iter();
    findings
        .map(|one| (check(&one.details), one.subject.clone().unwrap_or_default()))
        .collect()
}

fn planted() -> Vec<(String, String)> {
    let planted = PLANTED.iter();
    planted
        .map(|(check, what)| ((*check).to_owned(), (*what).to_owned()))
        .collect()
}

#[test]
fn all_that_was_planted_is_found_and_nothing_else() {
    for path in [
        "testdata/configs/grove",
        "testdata/configs/grove-report.txt",
    ] {
        let report = report(&[path]);
        assert_eq!(told(&report), planted(), "{path}");
        assert_eq!(report.verdict.severity, Severity::Catastrophic);
        assert_eq!(report.guests.len(), 10, "{path}");
        assert_eq!(report.cluster.nodes.len(), 5);
    }
}

#[test]
fn copy_and_report_together_are_one_cluster() {
    let both = report(&[
        "testdata/configs/grove",
        "testdata/configs/grove-report.txt",
    ]);
    assert_eq!(told(&both), planted());
}

#[test]
fn the_screens_read_well() {
    for (name, path) in [
        ("grove", "testdata/configs/grove"),
        ("report", "testdata/configs/grove-report.txt"),
    ] {
        let report = report(&[path]);
        insta::assert_snapshot!(format!("{name}-80"), screen(&report, &Look::default()));
    }
    let grove = report(&["testdata/configs/grove"]);
    let ascii = Look {
        ascii: true,
        width: 60,
        ..Look::default()
    };
    let narrow = screen(&grove, &ascii);
    assert!(narrow.is_ascii());
    insta::assert_snapshot!("grove-60-ascii", narrow);
    let quiet = Look {
        verbosity: Verbosity::Quiet,
        ..Look::default()
    };
    insta::assert_snapshot!("grove-quiet", screen(&grove, &quiet));
}

#[test]
fn lines_fit_but_for_what_is_to_be_copied() {
    let report = report(&["testdata/configs/grove"]);
    for width in [40, 60, 80, 120] {
        let look = Look {
            width,
            ..Look::default()
        };
        for line in screen(&report, &look).lines() {
            let is_command = line.starts_with("                     ");
            assert!(
                line.chars().count() <= width || is_command,
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn every_line_is_counted_once() {
    for input in report(&["testdata/configs"]).inputs {
        let of = &input.coverage;
        assert_eq!(
            input.lines,
            of.known_programs + of.others + of.notes + of.blank,
            "{}",
            input.path
        );
        // The grove is well kept; the copse is not.
        if input.path.contains("grove") {
            assert_eq!(of.damaged, 0, "{}", input.path);
            assert!(of.unknown.is_empty(), "{}", input.path);
        }
    }
}

/// Runs the program with something to read; its exit code, standard output and standard error.
fn run(args: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .arg("check")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // It may have ended before it was given anything.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes());
    let output = child.wait_with_output().expect("an end");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn exit_codes_are_those_of_the_other_commands() {
    let grove = "testdata/configs/grove";
    let told = |args: &[&str], input: &str| run(args, input).0;
    assert_eq!(told(&[grove], ""), Some(0));
    assert_eq!(told(&["--fail-on", "high", grove], ""), Some(1));
    assert_eq!(
        told(
            &["--fail-on", "catastrophic", "-"],
            "cores: 1\nlock: backup\nname: a\nscsi0: x:vm-7-disk-0\nmemory: 5\n"
        ),
        Some(0)
    );
    assert_eq!(told(&["--nonsense"], ""), Some(2));
    assert_eq!(told(&[grove, "/nonexistent"], ""), Some(3));
    assert_eq!(told(&["--keep-going", grove, "/nonexistent"], ""), Some(0));
    assert_eq!(
        told(
            &["--keep-going", "--fail-on", "high", grove, "/nonexistent"],
            ""
        ),
        Some(1)
    );
}

#[test]
fn what_is_empty_or_foreign_gets_a_clear_word() {
    for (input, word) in [
        ("", "is empty"),
        (
            "Dear diary,\nnothing worked.\n",
            "is no configuration of Proxmox VE",
        ),
    ] {
        let (code, out, err) = run(&[], input);
        assert_eq!((code, out.as_str()), (Some(3), ""));
        assert!(err.contains(word) && err.contains("help: "), "{err}");
    }
}

#[test]
fn json_has_the_contract_of_a_report_and_the_guests() {
    let (code, out, _) = run(&["-o", "json", "testdata/configs/grove"], "");
    assert_eq!(code, Some(0));
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["schema"], "fencepost/1");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(9));
    assert_eq!(report["guests"][0]["guest"], "vm:104");
    assert_eq!(report["guests"][0]["nodes"][2]["has_replica"], false);
    assert_eq!(report["findings"][0]["details"]["check"], "ha-unbound");
    let again = run(&["-o", "json", "testdata/configs/grove"], "").1;
    assert_eq!(out, again, "same input, same bytes");
}

#[test]
fn every_check_is_listed() {
    let (_, out, _) = run(&["--list"], "");
    for words in check::words::all() {
        assert!(
            out.contains(&format!("\n{} ", words.id)) || out.starts_with(&words.id),
            "{}",
            words.id
        );
    }
}

/// A cluster of four as somebody pastes it: no files, only what commands print.
const PASTE: &str = "\
root@elm:~# pvecm status
Cluster information
-------------------
Name:             copse
Config Version:   6
Transport:        knet

Quorum information
------------------
Nodes:            3
Node ID:          0x00000001
Quorate:          Yes

Votequorum information
----------------------
Expected votes:   4
Highest expected: 4
Total votes:      3
Quorum:           3
Flags:            Quorate

Membership information
----------------------
    Nodeid      Votes Name
0x00000001          1 10.20.0.11 (local)
0x00000002          1 10.20.0.12
0x00000003          1 10.20.0.13
root@elm:~# ha-manager status
quorum OK
master elm (active, Sun Nov 22 09:01:01 2026)
lrm ash (active, Sun Nov 22 09:01:01 2026)
lrm elm (active, Sun Nov 22 09:01:01 2026)
lrm fir (old timestamp - dead?, Sun Nov 22 08:12:40 2026)
lrm oak (idle, Sun Nov 22 09:01:01 2026)
service vm:300 (fir, fence)
service vm:301 (elm, started)
root@elm:~# corosync-cfgtool -s
Local node ID 1, transport knet
LINK ID 0 udp
\taddr\t= 10.20.0.11
\tstatus:
\t\tnodeid:          1:\tlocalhost
\t\tnodeid:          2:\tconnected
\t\tnodeid:          3:\tconnected
\t\tnodeid:          4:\tdisconnected
";

#[test]
fn pasted_status_alone_is_judged() {
    let report = check::check(&config::from_texts(&[("paste.txt", PASTE)]));
    insta::assert_snapshot!("paste-80", screen(&report, &Look::default()));
}

/// PVE 8: groups, and a corosync.conf with everything that makes a cluster fragile.
#[test]
fn an_older_and_fragile_cluster_gets_groups() {
    let report = report(&["testdata/configs/copse"]);
    insta::assert_snapshot!("copse-80", screen(&report, &Look::default()));
}

/// Backup jobs of which only one that is switched off and the healthy parts of the others do what they say. Its links would be
/// in one subnet, were its networks as large as most: the interfaces of a node show that they are not.
#[test]
fn backup_jobs_that_cannot_do_what_they_say_are_found() {
    let report = report(&["testdata/configs/spinney"]);
    let planted = [
        ("backup-storage-unknown", "backup old-name"),
        ("backup-storage-disabled", "backup archive"),
        ("backup-storage-content", "backup mail-twice"),
        ("backup-storage-excludes-node", "backup everybody"),
        ("backup-guest-missing", "backup gone"),
    ];
    let planted: Vec<(String, String)> = planted
        .map(|(check, what)| (check.to_owned(), what.to_owned()))
        .to_vec();
    assert_eq!(told(&report), planted);
    insta::assert_snapshot!("spinney-80", screen(&report, &Look::default()));
}

/// What commands print of HA and replication is judged like the files, as far as it goes.
#[test]
fn a_rule_that_is_known_only_by_name_is_no_missing_rule() {
    let files = "root@elm:~# cat /etc/pve/.members\n\
                 {\"nodename\":\"elm\",\"nodelist\":{\"elm\":{\"id\":1},\"oak\":{\"id\":2},\"ash\":{\"id\":3}}}\n\
                 root@elm:~# qm config 100\ncores: 2\nscsi0: tank:vm-100-disk-0,size=8G\n\
                 root@elm:~# ha-manager config\nvm:100\n\tstate started\n\n\
                 root@elm:~# pvesr list\n\
                 JobID                Target                 Schedule  Rate  Enabled\n\
                 100-0                local/oak                  */15     -      yes\n";
    let rules = "root@elm:~# ha-manager rules config\n\
                 +---------+--------+------+---------------+-----------+---------+\n\
                 | enabled | state  | rule | type          | resources | comment |\n\
                 +---------+--------+------+---------------+-----------+---------+\n\
                 | 1       | in use | keep | node-affinity | vm:100    |         |\n\
                 +---------+--------+------+---------------+-----------+---------+\n";
    let unbound = check::check(&config::from_texts(&[("paste", files)]));
    assert_eq!(
        told(&unbound),
        [("ha-unbound".to_owned(), "vm:100".to_owned())]
    );
    let named = check::check(&config::from_texts(&[(
        "paste",
        &format!("{files}{rules}"),
    )]));
    assert_eq!(told(&named), []);
    let says = |remark: &String| remark.contains("the HA rules keep bind is not known");
    assert!(named.remarks.iter().any(says), "{:?}", named.remarks);
}

/// The texts of all files, and their names.
fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = files_below(&PathBuf::from("testdata/configs"))
        .into_iter()
        .map(|path| {
            (
                path.display().to_string(),
                fs::read_to_string(&path).expect("a text"),
            )
        })
        .collect();
    texts.sort();
    texts
}

/// Reads, checks and draws; nothing that a terminal obeys may come out.
fn survives(texts: &[(&str, &str)]) {
    let report = check::check(&config::from_texts(texts));
    let drawn = screen(&report, &Look::default());
    let hostile = drawn.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(hostile, None, "{}", texts[0].0);
    let mut json = Vec::new();
    render::render(&report, Format::Json, &Look::default(), &mut json).expect("memory");
}

#[test]
fn a_file_that_is_cut_anywhere_is_read() {
    for (name, text) in texts() {
        // Of a long report the cuts at line ends and a few others say all.
        let step = 1 + text.len() / 1_500;
        for end in (0..text.len())
            .step_by(step)
            .filter(|end| text.is_char_boundary(*end))
        {
            survives(&[(&name, &text[..end])]);
        }
    }
}

#[test]
fn a_file_with_flipped_bits_is_read_among_its_own() {
    let texts = texts();
    let whole: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut dice = Dice(0x9e37_79b9);
    for round in 0..300 {
        let at = dice.roll(whole.len());
        let mut bytes = whole[at].1.as_bytes().to_vec();
        for _ in 0..=round % 8 {
            if !bytes.is_empty() {
                let byte = dice.roll(bytes.len());
                bytes[byte] ^= 1 << dice.roll(8);
            }
        }
        let damaged = String::from_utf8_lossy(&bytes);
        let mut set = whole.clone();
        set[at].1 = &damaged;
        survives(&set);
    }
}
