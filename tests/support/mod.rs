//! What the promises of reading share: logs in memory or in files, read and told as the program does.
//! In: bytes. Out: events, coverage, reports.
//! Never: asserts what a test is about.
#![allow(dead_code)]

pub mod journal;
pub mod pack;

use fencepost::analyzer::{self, Analyzer};
use fencepost::event::Event;
use fencepost::input::{Kind, Source};
use fencepost::model::{Coverage, Timestamp};
use fencepost::pattern::{Pattern, builtin};
use fencepost::render::{self, Format, Look};
use fencepost::report::Report;
use fencepost::run::{self, Plan, ReadOptions, follow};
use serde_json::Value;
use std::fs;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes away with its test.
pub struct Files(pub PathBuf);

impl Files {
    pub fn new(what: &str) -> Files {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("fencepost-{what}-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        fs::create_dir_all(&root).expect("a directory");
        Files(root)
    }

    pub fn add(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How the tests read: the year of the test data, the same on every day.
pub fn options() -> ReadOptions {
    ReadOptions {
        year: Some(2026),
        ..ReadOptions::new(Timestamp::from_seconds(1_780_000_000))
    }
}

/// A pipe called `name`.
pub fn pipe(name: &str) -> Source {
    Source {
        name: name.to_owned(),
        kind: Kind::Stdin(Default::default()),
        modified: None,
        walked: false,
        node: None,
        taken: Default::default(),
    }
}

/// The events of `reader`, handed to `consume` as a pipe's are.
pub fn follow(
    reader: impl Read + Send + 'static,
    options: &ReadOptions,
    consume: &mut dyn FnMut(&Event),
) -> Coverage {
    let outcome = follow::follow_reader(
        Box::new(reader),
        &pipe("log"),
        options,
        consume,
        &mut || ControlFlow::Continue(()),
    );
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    outcome.coverage
}

/// The events of `bytes` and what was counted.
pub fn events(bytes: &[u8]) -> (Vec<Event>, Coverage) {
    let mut events = Vec::new();
    let coverage = follow(Cursor::new(bytes.to_vec()), &options(), &mut |event| {
        events.push(event.clone());
    });
    (events, coverage)
}

pub fn patterns() -> Vec<Arc<Pattern>> {
    match builtin::builtin(&analyzer::vocabulary()) {
        Ok(patterns) => patterns,
        Err(errors) => panic!("{errors:?}"),
    }
}

/// What is told of `bytes`.
pub fn report(bytes: &[u8], patterns: &[Arc<Pattern>]) -> Report {
    let options = options();
    let mut analyzer = Analyzer::new(patterns.to_vec(), &options.limits).silent();
    let mut news = Vec::new();
    let coverage = follow(Cursor::new(bytes.to_vec()), &options, &mut |event| {
        analyzer.push(event, &mut news);
    });
    analyzer.finish(coverage, vec!["log".to_owned()])
}

/// What is told of files.
pub fn report_of_files(
    paths: &[PathBuf],
    options: &ReadOptions,
    patterns: &[Arc<Pattern>],
) -> Report {
    let plan = Plan {
        paths: paths.to_vec(),
        read: options.clone(),
        given: Default::default(),
    };
    let verdict = run::analyze(&plan, plan.find(), patterns);
    assert!(verdict.failures.is_empty(), "{:?}", verdict.failures);
    verdict.report
}

/// The report in one of its formats.
pub fn rendered(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    render::render(report, format, &Look::default(), &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("every format is UTF-8")
}

/// Every line is one of the kinds that are counted.
pub fn adds_up(coverage: &Coverage) -> bool {
    coverage.inputs.iter().all(|input| {
        input.lines == input.understood + input.unknown + input.others + input.notes + input.blank
    })
}

/// The folder of test data.
pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// Every file below `dir`, by name.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(dir).unwrap_or_else(|why| panic!("{}: {why}", dir.display()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Numbers that are the same on every run.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `below`, which is not 0.
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % below as u64) as usize
    }
}

/// The first place where two values differ, and how.
pub fn difference(have: &Value, want: &Value) -> Option<String> {
    match (have, want) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(name, field)| Some(format!(".{name}{}", difference(field, &b[name])?))),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(n, (a, b))| Some(format!("[{n}]{}", difference(a, b)?)))
        }
        _ => (have != want).then(|| format!(": {have} is not {want}")),
    }
}
