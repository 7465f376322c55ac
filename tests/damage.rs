//! Whatever is done to a log, it is read to its end: no panic, no hang, and every line is counted once.
//! In: every file of `testdata/`, cut at every byte, with bits flipped, pieces moved, lost and doubled; the same on every run.
//! Never: asks what is found in a damaged log.

mod support;

use fencepost::event::scan::{self, Manner};
use fencepost::model::{Limits, SourceId, Timestamp};
use fencepost::pattern::Pattern;
use fencepost::record::{Anchor, Clock};
use fencepost::render::Format;
use std::fs;
use std::sync::Arc;
use support::{Dice, files_below, patterns, rendered, report, testdata};

/// Cut and damaged logs that are told from beginning to end; all files share them.
const TOLD: usize = 1_200;
/// Damaged pieces that are only read.
const READ: usize = 8_000;
/// A file is damaged within so many bytes of its beginning; one of hundreds of kilobytes says nothing more.
const BYTES: usize = 16 * 1024;

fn logs() -> Vec<(String, Vec<u8>)> {
    let mut logs: Vec<(String, Vec<u8>)> = files_below(&testdata())
        .into_iter()
        .filter(|path| {
            !matches!(
                path.extension().and_then(|e| e.to_str()),
                Some("snap" | "toml")
            )
        })
        .map(|path| {
            let mut bytes = fs::read(&path).expect("a file");
            bytes.truncate(BYTES);
            (path.display().to_string(), bytes)
        })
        .collect();
    logs.sort();
    logs
}

/// Reads and tells; everything that is written must be free of what a terminal obeys.
fn check(what: &str, bytes: &[u8], patterns: &[Arc<Pattern>]) {
    let report = report(bytes, patterns);
    for input in &report.inputs {
        let of = &input.coverage;
        assert_eq!(
            input.lines,
            of.known_programs + of.others + of.notes + of.blank,
            "{what}"
        );
    }
    for format in [Format::Term, Format::Json, Format::Jsonl] {
        let text = rendered(&report, format);
        let hostile = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(hostile, None, "{what}: {format:?}");
    }
}

#[test]
fn every_prefix_of_every_line_is_read() {
    let clock = Clock::utc(Anchor::Year(2026));
    let limits = Limits::default();
    for (name, bytes) in logs() {
        let mut before: &[u8] = b"";
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            for end in 0..=line.len() {
                let text = [before, &line[..end]].concat();
                let found = scan::block(&text, SourceId(0), 1, &clock, &limits, Manner::default());
                let c = &found.coverage;
                let sum = c.understood + c.unknown + c.others + c.notes + c.blank;
                assert_eq!(c.lines, sum, "{name}: {}", String::from_utf8_lossy(&text));
            }
            before = line;
        }
    }
}

#[test]
fn a_log_may_end_or_begin_anywhere() {
    let patterns = patterns();
    let logs = logs();
    let mut dice = Dice(1);
    for (name, bytes) in &logs {
        for _ in 0..(TOLD / 2 / logs.len()).max(2) {
            let cut = dice.roll(bytes.len().max(1));
            check(&format!("{name}, up to {cut}"), &bytes[..cut], &patterns);
            check(&format!("{name}, from {cut}"), &bytes[cut..], &patterns);
        }
    }
}

/// One kind of damage somewhere in `bytes`.
fn damage(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.roll(bytes.len());
    let length = 1 + dice.roll(200.min(bytes.len() - at));
    let piece = bytes[at..at + length].to_vec();
    match dice.roll(9) {
        0..3 => {
            for _ in 0..=dice.roll(30) {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
        }
        3 => drop(bytes.drain(at..at + length)),
        4 => drop(bytes.splice(at..at, piece)),
        5 => drop(bytes.splice(at..at + length, std::iter::repeat_n(0, length))),
        6 => {
            let junk: Vec<u8> = (0..length).map(|_| dice.roll(256) as u8).collect();
            bytes.splice(at..at, junk);
        }
        7 => {
            let from = dice.roll(other.len().max(1)).min(other.len());
            let to = (from + dice.roll(2000)).min(other.len());
            bytes.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            // Digits are what fields are read from.
            for byte in &mut bytes[at..at + length] {
                if byte.is_ascii_digit() {
                    *byte = b"0192837465"[dice.roll(10)];
                } else if *byte == b' ' && dice.roll(6) == 0 {
                    *byte = b'9';
                }
            }
        }
    }
}

#[test]
fn damaged_logs_are_read_and_told() {
    let patterns = patterns();
    let logs = logs();
    let mut dice = Dice(20_260_211);
    for (name, bytes) in &logs {
        for copy in 0..(TOLD / logs.len()).max(2) {
            let (_, other) = &logs[dice.roll(logs.len())];
            let mut bytes = bytes.clone();
            for _ in 0..=dice.roll(4) {
                damage(&mut bytes, other, &mut dice);
            }
            check(&format!("{name}, copy {copy}"), &bytes, &patterns);
        }
    }
}

#[test]
fn damaged_lines_are_read() {
    let clock = Clock::utc(Anchor::File(Timestamp::from_seconds(1_780_000_000)));
    let limits = Limits::default();
    let logs = logs();
    let mut dice = Dice(7);
    for (name, bytes) in &logs {
        for copy in 0..(READ / logs.len()).max(2) {
            let (_, other) = &logs[dice.roll(logs.len())];
            let from = dice.roll(bytes.len().max(1)).min(bytes.len());
            let mut bytes = bytes[from..(from + 3_000).min(bytes.len())].to_vec();
            damage(&mut bytes, other, &mut dice);
            let c =
                scan::block(&bytes, SourceId(0), 1, &clock, &limits, Manner::default()).coverage;
            let sum = c.understood + c.unknown + c.others + c.notes + c.blank;
            assert_eq!(c.lines, sum, "{name}, copy {copy}");
        }
    }
}
