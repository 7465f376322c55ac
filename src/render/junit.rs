//! Test cases for machines that only know tests: one per finding, per check, or per case folder.
//! In: a `Report`, or what became of cases. Out: JUnit's XML.
//! Never: a character that XML forbids; a time of its own, so that equal reports are equal bytes.

use super::escape::visible;
use crate::model::Severity;
use crate::report::{Finding, Report};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};

/// Evidence lines that a failure quotes.
const QUOTED: usize = 10;

/// What became of one test.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// What differs; nothing when it holds.
    pub faults: Vec<String>,
}

/// Writes the findings of `report` as tests: those that are at least `limit` failed.
pub fn findings(report: &Report, limit: Severity, out: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new("findings");
    if report.findings.is_empty() {
        // A suite without tests is taken for one that did not run.
        let mut calm = TestCase::new("nothing was found", TestCaseStatus::success());
        calm.set_classname("fencepost");
        suite.add_test_case(calm);
    }
    for finding in &report.findings {
        suite.add_test_case(finding_case(finding, limit));
    }
    let inputs: Vec<&str> = report.inputs.iter().map(|input| &*input.path).collect();
    suite.add_property(("inputs", &*visible(&inputs.join(" "), false)));
    suite.add_property(("verdict", &*visible(&report.verdict.text, false)));
    suite.add_property(("severity", report.verdict.severity.word()));
    suites(suite, out)
}

/// Writes what became of tests, all of one suite.
pub fn outcomes(suite: &str, outcomes: &[Outcome], out: &mut dyn Write) -> io::Result<()> {
    let mut tests = TestSuite::new(visible(suite, false));
    for Outcome { name, faults } in outcomes {
        let status = match faults.first() {
            None => TestCaseStatus::success(),
            Some(first) => failure("expectation", first, &faults.join("\n")),
        };
        let mut test = TestCase::new(visible(name, false), status);
        test.set_classname("fencepost");
        tests.add_test_case(test);
    }
    suites(tests, out)
}

fn finding_case(finding: &Finding, limit: Severity) -> TestCase {
    let status = match finding.severity >= limit {
        false => TestCaseStatus::success(),
        true => {
            let quoted = finding.evidence.iter().take(QUOTED);
            let lines: Vec<String> = quoted
                .map(|line| {
                    format!(
                        "{}:{}: {}",
                        line.input,
                        line.line,
                        visible(&line.text, false)
                    )
                })
                .collect();
            failure(finding.severity.word(), &finding.text, &lines.join("\n"))
        }
    };
    let whose = [&finding.node, &finding.subject];
    let whose: Vec<&str> = whose.into_iter().flatten().map(String::as_str).collect();
    let when = match finding.began {
        Some(at) => at.to_string(),
        None => format!("line {}", finding.line),
    };
    let name = [whose.join(" "), when].join(" ");
    let mut test = TestCase::new(visible(name.trim(), false), status);
    test.set_classname(visible(&finding.kind, false));
    test
}

fn failure(kind: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_type(kind)
        .set_message(visible(message, false))
        .set_description(description);
    status
}

fn suites(suite: TestSuite, out: &mut dyn Write) -> io::Result<()> {
    let mut report = quick_junit::Report::new("fencepost");
    report.add_test_suite(suite);
    let text = report.to_string().map_err(io::Error::other)?;
    // The schema counts what was skipped for each suite, and not for all of them; and nothing is ever skipped here.
    let text = match text.split_once("<testsuites ") {
        Some((before, rest)) => {
            let (root, rest) = rest.split_once('>').unwrap_or((rest, ""));
            format!(
                "{before}<testsuites {}>{rest}",
                root.replacen(" skipped=\"0\"", "", 1)
            )
        }
        None => text,
    };
    // Two that XML does not know, and that no terminal obeys.
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    out.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixtures;

    fn read(bytes: &[u8]) -> quick_junit::Report {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        quick_junit::Report::deserialize_from_str(text).expect("JUnit")
    }

    #[test]
    fn findings_fail_from_their_limit_on() {
        let report = fixtures::fence();
        for limit in Severity::ALL {
            let mut out = Vec::new();
            findings(&report, limit, &mut out).expect("memory");
            let read = read(&out);
            let failed = report.findings.iter().filter(|f| f.severity >= limit);
            assert_eq!(read.tests, report.findings.len());
            assert_eq!(read.failures, failed.count(), "{limit}");
            assert_eq!(read.test_suites.len(), 1);
            assert_eq!(read.test_suites[0].tests, read.tests);
        }
    }

    #[test]
    fn hostile_text_is_text() {
        let outcome = Outcome {
            name: "]]> \0 <x y='\"'>\u{1b}".to_owned(),
            faults: vec!["&amp; \u{fffe} \u{202e} </failure>".to_owned()],
        };
        let mut out = Vec::new();
        outcomes("cases", &[outcome], &mut out).expect("memory");
        let read = read(&out);
        let test = &read.test_suites[0].test_cases[0];
        assert_eq!(test.name.as_str(), "]]> \\x00 <x y='\"'>\\x1b");
        assert_eq!(read.failures, 1);
    }
}
