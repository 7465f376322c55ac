//! `fencepost check` finds what was planted in a cluster, invents nothing, and survives whatever a file holds.
//! In: `testdata/configs`: a copy of /etc/pve with nine planted faults, and the same as a report. Out: screens to read.
//! Never: asks what a log says.

mod support;

use fencepost::model::Severity;
use fencepost::render::{self, Format, Look, Verbosity};
use fencepost::report::Report;
use fencepost::{check, config};
use std::fs;
use std::path::PathBuf;
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
        assert_eq!(of.damaged, 0, "{}", input.path);
        assert!(of.unknown.is_empty(), "{}", input.path);
    }
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
