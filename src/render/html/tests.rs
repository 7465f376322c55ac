//! What a page promises: text is text, every link leads somewhere, and it never grows without bound.
//! In: the fixtures, and reports made long or hostile. Out: failures.
//! Never: a look at a browser; that is `tests/browser.rs`.

use super::super::{Format, Look, fixtures, render};
use super::{Subject, page};
use crate::model::{Severity, Span};
use crate::report::{Evidence, LaneSpan, Report, Tone};
use scraper::{Html, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// What a page may take.
const MOST_BYTES: usize = 5_000_000;

fn all(document: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let found = document.select(&selector);
    found.map(|element| element.html()).collect()
}

fn attributes(document: &Html, name: &str) -> Vec<String> {
    let any = Selector::parse("*").unwrap();
    let values = document.select(&any).filter_map(|e| e.value().attr(name));
    values.map(str::to_owned).collect()
}

/// Everything that must hold of any page.
fn checked(report: &Report, subject: Subject) -> (String, Html) {
    let text = page(report, subject).as_str().to_owned();
    let document = Html::parse_document(&text);
    assert_eq!(
        document.errors,
        Vec::<String>::new(),
        "the page is no valid HTML"
    );
    let ids = attributes(&document, "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "two elements bear one id");
    for link in attributes(&document, "href") {
        let target = link.strip_prefix('#');
        let target = target.unwrap_or_else(|| panic!("{link} leaves the page"));
        assert!(unique.contains(&target.to_owned()), "{link} leads nowhere");
    }
    for of in attributes(&document, "aria-labelledby") {
        assert!(
            of.split(' ').all(|id| unique.contains(&id.to_owned())),
            "{of} names nothing"
        );
    }
    let any = Selector::parse("*").unwrap();
    for element in document.select(&any) {
        let name = element.value().name();
        let foreign = [
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "input",
            "image",
            "use",
            "foreignObject",
        ];
        assert!(!foreign.contains(&name), "<{name}> in a page");
        for (attribute, value) in element.value().attrs() {
            assert!(
                !attribute.starts_with("on") && attribute != "src" && attribute != "style",
                "{attribute}=\"{value}\""
            );
        }
    }
    let hostile = |c: char| super::super::escape::is_hostile(c) && c != '\n';
    assert!(
        !text.contains(hostile),
        "a character that is obeyed or hidden"
    );
    assert!(text.len() < MOST_BYTES, "{} bytes", text.len());
    for picture in all(&document, "svg[role=img]") {
        assert!(
            picture.contains("<title") && picture.contains("<desc"),
            "a picture without words"
        );
    }
    (text, document)
}

#[test]
fn every_page_is_valid_and_leads_nowhere_else() {
    for report in fixtures::all() {
        checked(&report, Subject::Logs);
        checked(&report, Subject::Configuration);
    }
}

#[test]
fn the_same_report_is_the_same_page() {
    let draw = || page(&fixtures::fence(), Subject::Logs).as_str().to_owned();
    assert_eq!(draw(), draw());
    let mut out = Vec::new();
    render(&fixtures::fence(), Format::Html, &Look::default(), &mut out).unwrap();
    assert_eq!(out, draw().as_bytes());
}

#[test]
fn every_node_has_its_lanes_and_every_lane_its_name() {
    for report in [
        fixtures::founding(),
        fixtures::fence(),
        fixtures::many_nodes(),
    ] {
        let (_, document) = checked(&report, Subject::Logs);
        let nodes = attributes(&document, "data-node");
        for incident in &report.incidents {
            for node in &incident.nodes {
                let text = page(&report, Subject::Logs).as_str().to_owned();
                assert!(
                    nodes.contains(node) || text.contains(node.as_str()),
                    "{node} is not there"
                );
            }
        }
        let lanes = Selector::parse("g.lane").unwrap();
        for lane in document.select(&lanes) {
            let words: String = lane.text().collect();
            let name = lane.value().attr("data-lane").unwrap();
            assert!(
                words.contains(name.get(..8).unwrap_or(name)),
                "{name}: {words}"
            );
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let evil = "</script><img src=x onerror=alert(1)>\" onload=\"a() \u{202e}\u{0}\u{1b}[31m]]><!-- </style></svg>";
    let long = "<&\"".repeat(350_000);
    let mut report = fixtures::fence();
    report.verdict.text = evil.into();
    for incident in &mut report.incidents {
        incident.title = long.clone();
        incident.causes = vec![evil.into(), long.clone()];
        incident.nodes.push(evil.into());
        for advice in &mut incident.advice {
            advice.say = evil.into();
            advice.run = Some(evil.into());
        }
    }
    for (n, finding) in report.findings.iter_mut().enumerate() {
        finding.text = evil.into();
        finding.node = Some(evil.into());
        finding.kind = evil.into();
        finding.id = format!("{evil}{n}");
        for evidence in &mut finding.evidence {
            evidence.text = long.clone().into();
            evidence.input = evil.into();
        }
    }
    for input in &mut report.inputs {
        input.path = evil.into();
    }
    for lane in &mut report.lanes {
        lane.name = evil.into();
        for span in &mut lane.spans {
            span.label = evil.into();
        }
    }
    let (text, document) = checked(&report, Subject::Logs);
    assert!(text.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(text.contains("\\u{202e}\\x00\\x1b[31m"));
    assert!(all(&document, "main").len() == 1 && all(&document, "footer").len() == 1);
}

/// A fence, with as many findings as a bad week has.
fn long() -> Report {
    let mut report = fixtures::fence();
    let pattern = report.findings[0].clone();
    for n in 0..10_000_u64 {
        let mut finding = pattern.clone();
        finding.id = format!("{n:016x}");
        finding.severity = Severity::Medium;
        finding.text = format!("The {n}th of many: {}", "what it says ".repeat(12));
        finding.evidence = (0..6)
            .map(|line| Evidence {
                input: "pve1/syslog".into(),
                line: 10 * n + line,
                at: None,
                text: format!("2026-11-22T08:49:04.000000+00:00 pve1 corosync[1423]: <line> & {n} \"{line}\" {}", "x".repeat(150)).into(),
            })
            .collect();
        report.incidents[0].findings.push(finding.id.clone());
        report.findings.push(finding);
    }
    report
}

#[test]
fn a_page_of_ten_thousand_findings_stays_small_and_says_so() {
    let report = long();
    let (text, document) = checked(&report, Subject::Logs);
    let told = all(&document, ".findings > li").len();
    assert!((500..10_000).contains(&told), "{told} findings");
    let folded = report.findings.len() - told;
    assert!(
        text.contains(&format!("{folded} more findings are folded")),
        "{folded}"
    );
    assert!(text.contains("more: lines are folded"));
}

#[test]
fn lanes_of_a_restless_week_are_drawn_coarser() {
    let mut report = fixtures::fence();
    let began = report.incidents[0].began.unwrap();
    report.incidents[0].ended = Some(began.plus(Span::from_secs(7 * 86_400)));
    for lane in &mut report.lanes {
        lane.spans = (0..10_000)
            .map(|n| LaneSpan {
                at: Some(began.plus(Span::from_secs(60 * n))),
                order: n as u64,
                line: n as u64 + 1,
                label: if n % 2 == 0 {
                    "up".into()
                } else {
                    "down".into()
                },
                tone: if n % 2 == 0 { Tone::Good } else { Tone::Bad },
            })
            .collect();
    }
    let (text, document) = checked(&report, Subject::Logs);
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(text.contains("more states are folded"));
    assert!(all(&document, "g.lane").len() > 3);
}

#[test]
fn what_is_unknown_is_hatched_and_no_zero() {
    let mut report = fixtures::fence();
    report.incidents[0].nodes.push("pve9".into());
    let (text, document) = checked(&report, Subject::Logs);
    let hatched = all(&document, "g[data-node=pve9] rect.u").len();
    assert_eq!(hatched, 1, "a node without a log is not hatched");
    assert!(text.contains("no log of this node"));
    let nothing = page(&fixtures::nothing(), Subject::Logs)
        .as_str()
        .to_owned();
    assert!(nothing.contains("size and quorum are unknown"), "{nothing}");
}

/// Contrast as WCAG 2 counts it.
fn contrast(a: &str, b: &str) -> f64 {
    let light = |colour: &str| {
        let hex = colour.trim_start_matches('#');
        let hex = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            _ => hex.to_owned(),
        };
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.03928 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    };
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn letters_can_be_read_in_light_and_dark() {
    let css = include_str!("page.css");
    let mut themes = Vec::new();
    for part in css.split(":root{").skip(1) {
        let rules = part.split('}').next().unwrap().replace('\n', "");
        let mut theme: BTreeMap<String, String> = themes.first().cloned().unwrap_or_default();
        for rule in rules.split(';') {
            let (name, value) = rule.split_once(':').unwrap();
            theme.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        themes.push(theme);
    }
    assert_eq!(themes.len(), 2, "light and dark");
    let letters = [
        ("--ink", "--card"),
        ("--ink", "--bg"),
        ("--ink", "--soft"),
        ("--dim", "--card"),
        ("--dim", "--bg"),
        ("--dim", "--soft"),
        ("--link", "--card"),
        ("--link", "--bg"),
        ("--link", "--soft"),
        ("--card", "--link"),
        ("--on", "--cat"),
        ("--on", "--high"),
        ("--on", "--med"),
        ("--on", "--low"),
        ("--on", "--info"),
        ("--cat", "--card"),
        ("--med", "--card"),
        ("--info", "--card"),
        ("--bt", "--b"),
        ("--wt", "--w1"),
        ("--taskt", "--task"),
        ("--h3t", "--h3"),
        ("--ring", "--card"),
    ];
    let signs = [
        ("--b", "--card"),
        ("--g", "--card"),
        ("--p", "--card"),
        ("--fence", "--card"),
        ("--arrow", "--card"),
        ("--w2", "--w1"),
    ];
    for (theme, which) in themes.iter().zip(["light", "dark"]) {
        for (a, b) in letters {
            let found = contrast(&theme[a], &theme[b]);
            assert!(found >= 4.5, "{which}: {a} on {b} has {found:.2}");
        }
        for (a, b) in signs {
            let found = contrast(&theme[a], &theme[b]);
            assert!(
                found >= if b == "--w1" { 1.5 } else { 2.8 },
                "{which}: {a} on {b} has {found:.2}"
            );
        }
    }
}
