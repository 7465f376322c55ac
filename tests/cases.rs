//! Every case folder: its expectations hold, and its answers stay what they were.
//! In: `testdata/cases`. Out: nothing, or new snapshots beside each case's logs.
//! Never: a path or a date of the machine it runs on.

use fencepost::analyzer::vocabulary;
use fencepost::model::Timestamp;
use fencepost::pattern::{Pattern, builtin::builtin};
use fencepost::render::{Format, Look, render};
use fencepost::report::Report;
use fencepost::run::{Plan, ReadOptions, verify};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Relative, so that names of inputs are the same in every checkout. Tests run in the package's own directory.
const CASES: &str = "testdata/cases";

fn patterns() -> Vec<Arc<Pattern>> {
    match builtin(&vocabulary()) {
        Ok(patterns) => patterns,
        Err(errors) => panic!("{}", errors[0].picture(false)),
    }
}

fn plan() -> Plan {
    Plan {
        paths: Vec::new(),
        read: ReadOptions::new(Timestamp::from_seconds(0)),
        given: Default::default(),
    }
}

/// Every case folder, in the order of their names.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(CASES)
        .expect("the case folders")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("case.toml").is_file())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "no case below {CASES}");
    folders
}

fn report(folder: &Path, patterns: &[Arc<Pattern>]) -> Report {
    verify::case_report(folder, patterns, &plan())
        .unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
}

fn drawn(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    render(report, format, &Look::default(), &mut out).expect("writing to memory");
    String::from_utf8(out).expect("text")
}

#[test]
fn expectations_hold() {
    let outcomes = verify::verify(Path::new(CASES), &patterns(), &plan()).expect("the cases");
    assert_eq!(outcomes.len(), folders().len());
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.differences.is_empty())
        .map(|outcome| {
            format!(
                "{}\n    {}",
                outcome.name,
                outcome.differences.join("\n    ")
            )
        })
        .collect();
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
}

/// All cases are looked at before the first difference fails the test.
#[test]
fn answers_stay() {
    let patterns = patterns();
    let mut differ = Vec::new();
    for folder in folders() {
        let report = report(&folder, &patterns);
        for (name, format) in [
            ("report.txt", Format::Term),
            ("report.json", Format::Json),
            ("report.md", Format::Md),
            ("report.xml", Format::Junit),
        ] {
            let text = drawn(&report, format);
            let mut settings = insta::Settings::new();
            settings.set_snapshot_path(Path::new("..").join(&folder).join("expected"));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.set_input_file(folder.join("case.toml"));
            let same = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                settings.bind(|| insta::assert_snapshot!(name, text));
            }));
            if same.is_err() {
                differ.push(format!("{}: {name}", folder.display()));
            }
        }
    }
    assert!(differ.is_empty(), "answers differ:\n{}", differ.join("\n"));
}

/// A case that leans on the date of its file says something else in the next checkout.
#[test]
fn no_case_leans_on_this_machine() {
    let patterns = patterns();
    let here = std::env::current_dir().expect("a directory");
    let here = here.to_string_lossy();
    for folder in folders() {
        let report = report(&folder, &patterns);
        for format in [Format::Term, Format::Json] {
            let text = drawn(&report, format);
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for word in ["the file's date", &here] {
                assert!(!flat.contains(word), "{}: says `{word}`", folder.display());
            }
        }
    }
}

/// The same input gives the same bytes, whatever the number of threads.
#[test]
fn threads_change_nothing() {
    let patterns = patterns();
    for folder in folders() {
        let one = drawn(&report(&folder, &patterns), Format::Json);
        let mut plan = plan();
        plan.read.threads = 3;
        let three = verify::case_report(&folder, &patterns, &plan).expect("a report");
        assert_eq!(one, drawn(&three, Format::Json), "{}", folder.display());
    }
}
