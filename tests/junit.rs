//! JUnit as the machines that read it take it: elements in their order, attributes that must be there, counts that add up.
//! In: what `analyze`, `check` and `verify` write, of every case, of configurations, of hostile lines. Out: every departure.
//! Never: asks for what only some of these machines want, such as the time that a test took.

use roxmltree::{Document, Node};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// An element, the attributes that it must and may have, and its children in the order in which they may stand.
type Rule = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const RULES: [Rule; 9] = [
    (
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "disabled", "errors"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests"],
        &[
            "failures",
            "errors",
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        ],
        &["properties", "testcase", "system-out", "system-err"],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    (
        "testcase",
        &["name", "classname"],
        &["assertions", "time", "status"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("skipped", &[], &["message"], &[]),
    ("system-out", &[], &[], &[]),
];

/// Everything in which `text` departs from the schema.
fn departures(text: &str) -> Vec<String> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(why) => return vec![format!("no XML: {why}")],
    };
    let mut found = Vec::new();
    let root = document.root_element();
    if root.tag_name().name() != "testsuites" {
        found.push(format!("the root is <{}>", root.tag_name().name()));
    }
    for element in root.descendants().filter(Node::is_element) {
        shape(element, &mut found);
    }
    for suite in children(root, "testsuite") {
        let tests: Vec<Node> = children(suite, "testcase").collect();
        let with = |name| {
            tests
                .iter()
                .filter(|t| children(**t, name).count() > 0)
                .count()
        };
        let counted = [
            ("tests", tests.len()),
            ("failures", with("failure")),
            ("errors", with("error")),
            ("skipped", with("skipped")),
        ];
        for (name, is) in counted {
            let said = suite.attribute(name).map(str::parse);
            if said.is_some() && said != Some(Ok(is)) {
                found.push(format!("{name} of a suite is {said:?}, and there are {is}"));
            }
        }
    }
    for name in ["tests", "failures", "errors"] {
        let number = |node: Node| node.attribute(name).and_then(|n| n.parse::<u64>().ok());
        let sum: u64 = children(root, "testsuite").filter_map(number).sum();
        if number(root).is_some_and(|said| said != sum) {
            found.push(format!("{name} of the root are not those of its suites"));
        }
    }
    // What a machine cannot tell apart it shows once.
    for suite in children(root, "testsuite") {
        let mut seen = BTreeSet::new();
        for test in children(suite, "testcase") {
            let name = (test.attribute("classname"), test.attribute("name"));
            if !seen.insert(name) {
                found.push(format!("two tests are {name:?}"));
            }
        }
    }
    found
}

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

fn shape(element: Node, found: &mut Vec<String>) {
    let name = element.tag_name().name();
    let Some((_, must, may, inside)) = RULES.iter().find(|(known, ..)| *known == name) else {
        found.push(format!("<{name}> is none of JUnit's"));
        return;
    };
    for attribute in must.iter().filter(|a| !element.has_attribute(**a)) {
        found.push(format!("<{name}> has no {attribute}"));
    }
    for attribute in element.attributes().map(|a| a.name()) {
        if !must.contains(&attribute) && !may.contains(&attribute) {
            found.push(format!("<{name}> has a {attribute}"));
        }
    }
    let mut last = 0;
    for child in element.children().filter(Node::is_element) {
        let child = child.tag_name().name();
        match inside.iter().position(|known| *known == child) {
            None => found.push(format!("<{child}> in <{name}>")),
            Some(place) if place < last => found.push(format!("<{child}> too late in <{name}>")),
            Some(place) => last = place,
        }
    }
}

fn junit(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    String::from_utf8(output.stdout).expect("text")
}

fn holds(what: &str, text: &str) {
    assert_eq!(departures(text), Vec::<String>::new(), "{what}:\n{text}");
}

#[test]
fn a_departure_is_found() {
    for (text, want) in [
        (
            "<testsuites><testsuite tests='0'/></testsuites>",
            "has no name",
        ),
        ("<testsuites skipped='0'/>", "has a skipped"),
        (
            "<testsuites><testsuite name='a' tests='2'><testcase name='b' classname='c'/></testsuite></testsuites>",
            "tests of a suite",
        ),
        (
            "<testsuites tests='1'><testsuite name='a' tests='0'/></testsuites>",
            "tests of the root",
        ),
        (
            "<testsuites><testsuite name='a' tests='1'><testcase name='b' classname='c'/><properties/></testsuite></testsuites>",
            "too late",
        ),
        ("<testsuites>&#0;</testsuites>", "no XML"),
        ("<html/>", "the root is"),
    ] {
        let found = departures(text).join("; ");
        assert!(found.contains(want), "{text}: {found}");
    }
}

#[test]
fn every_case_is_junit() {
    let mut cases = 0;
    for entry in fs::read_dir("testdata/cases").expect("the cases") {
        let folder = entry.expect("an entry").path();
        let expected = folder.join("expected/report.xml.snap");
        if !folder.join("case.toml").is_file() {
            continue;
        }
        let snapshot = fs::read_to_string(&expected).expect("a snapshot of JUnit in every case");
        let (_, xml) = snapshot.split_once("<?xml").expect("XML behind a head");
        holds(&folder.display().to_string(), &format!("<?xml{xml}"));
        cases += 1;
    }
    assert!(cases > 50, "{cases} cases");
}

#[test]
fn all_three_commands_write_it() {
    let cases = junit(&["verify", "-o", "junit", "testdata/cases/near-miss"]);
    holds("verify", &cases);
    assert!(cases.contains("name=\"near-miss\""));
    for configuration in [
        "testdata/configs/grove",
        "testdata/configs/grove-report.txt",
    ] {
        let faults = junit(&["check", "-o", "junit", configuration]);
        holds(configuration, &faults);
    }
    let findings = junit(&[
        "-o",
        "junit",
        "--fail-on",
        "high",
        "testdata/cases/founding-incident/input",
    ]);
    holds("analyze", &findings);
    assert!(findings.contains("type=\"catastrophic\"") && !findings.contains("type=\"low\""));
    let calm = junit(&["-o", "junit", "testdata/cases/quiet-day/input"]);
    holds("a quiet day", &calm);
}

#[test]
fn hostile_lines_stay_text() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("junit");
    fs::create_dir_all(&folder).expect("a folder");
    let log = folder.join("evil.log");
    let evil = "]]></failure><testcase/>&#0; \u{1b}[31m \u{0} \u{fffe} \u{202e}\u{7f}";
    let text = format!(
        "2026-11-21T10:00:50+00:00 pve1 corosync[812]:   [QUORUM] This node is within the non-primary component and will NOT provide any services. {evil}\n\
         2026-11-21T10:00:51+00:00 pve<1>&\" pve-ha-lrm[812]: lost lock 'ha_agent_{evil}_lock - {evil}\n\
         2026-11-21T10:00:52+00:00 pve1 pve-ha-lrm[812]: lost lock 'ha_agent_pve1_lock - cfs lock update failed - {evil}\n"
    );
    fs::write(&log, text).expect("a file");
    let written = junit(&["-o", "junit", &log.display().to_string()]);
    holds("hostile lines", &written);
    assert!(written.contains("ha-lock-lost"), "{written}");
}
