//! Pattern files against small scripts of facts.
//! In: the middle of a pattern file and lines like `10 link.down n1 peer=8`. Out: one line per match.
//! Never: needs a log or a state machine.

mod check;

mod language;
mod limits;
mod matches;
mod single;
mod spans;

use super::engine::Engine;
use super::file::parse;
use super::*;
use crate::model::{Limits, Place, SourceId, Timestamp};

/// Names of facts with their fields, as events and machines would have them.
const FACTS: &[(&str, &[&str])] = &[
    ("link.down", &["peer", "link", "graceful", "ms"]),
    ("link.up", &["peer", "link", "down_s"]),
    ("link.peer-left", &["peer"]),
    ("membership.changed", &["left", "joined"]),
    ("quorum.lost", &["votes", "margin"]),
    ("quorum.gained", &["votes"]),
    ("node.boots", &["boot"]),
    ("lock.lost", &["lock", "owner"]),
    ("lock.gained", &["lock"]),
    ("watchdog.expired", &["client"]),
    ("token.lost", &["ms", "rounds"]),
];

const ON: &str = "[on]\nsee = 'quorum.lost'";
const SPAN: &str =
    "[open]\nsee = 'quorum.lost'\n[close]\nsee = 'quorum.gained'\n[until]\nsee = 'node.boots'";
const STEPS: &str = "within = '70s'\n[[step]]\nsee = 'lock.lost'\nkeep = ['lock']\n[[step]]\nsee = 'watchdog.expired'\n[[step]]\nsee = 'node.boots'\nwithin = '5m'";
const COUNT: &str = "[count]\nsee = ['token.lost', 'link.down']\nat_least = 3\nwithin = '10s'";

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for (name, fields) in FACTS {
        vocabulary.add(name, fields);
    }
    vocabulary
}

/// A whole pattern file around `middle`, whose lines before the first table may replace defaults.
fn file(middle: &str) -> String {
    let mut top = String::new();
    for (key, line) in [
        ("id", "id = \"x\""),
        ("title", "title = \"X\""),
        ("meaning", "meaning = \"x\""),
        ("severity", "severity = \"low\""),
    ] {
        let is_set = middle
            .lines()
            .any(|l| l.trim_start().starts_with(&format!("{key} =")));
        if !is_set || key == "severity" && !middle.starts_with("severity") {
            top += line;
            top.push('\n');
        }
    }
    let say = "[say]\ntext = \"x\"\n";
    let say = if middle.contains("[say]") { "" } else { say };
    format!(
        "{top}{middle}\n{say}[[example]]\nabout = \"a\"\nlines = ''\n[[counterexample]]\nabout = \"b\"\nlines = ''\n"
    )
}

fn pattern(middle: &str) -> Arc<Pattern> {
    let text = file(middle);
    let pattern = parse("patterns/x.toml", &text).unwrap_or_else(|e| panic!("{e}"));
    let errors = super::check::check(&pattern, &vocabulary(), &["x"].into());
    assert!(errors.is_empty(), "{}", errors[0]);
    Arc::new(pattern)
}

/// Facts of a script. A line is a second (or `-`), a name, a node (or `-`) and fields; `~` before the name makes it
/// inferred. Orders count lines, and are tens so that tests can put things between.
fn facts(script: &str) -> Vec<Fact> {
    let lines = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    lines
        .enumerate()
        .map(|(n, line)| fact(n as u64, line))
        .collect()
}

fn fact(n: u64, line: &str) -> Fact {
    let mut words = line.split_whitespace();
    let at = words
        .next()
        .unwrap()
        .parse()
        .ok()
        .map(Timestamp::from_seconds);
    let name = words.next().unwrap();
    let (name, basis) = match name.strip_prefix('~') {
        Some(name) => (name, Basis::Inferred),
        None => (name, Basis::Stated),
    };
    let (name, names) = FACTS.iter().find(|(known, _)| *known == name).expect(name);
    let node = words.next().unwrap().strip_prefix('n');
    let fields = words.map(|word| {
        let (field, value) = word.split_once('=').unwrap();
        let field = names.iter().find(|known| **known == field).expect(field);
        (*field, value_of(value))
    });
    Fact {
        name,
        when: When { at, order: n },
        node: node.map(|id| Observer(id.parse().unwrap())),
        fields: fields.collect(),
        basis,
        lines: vec![Line {
            place: Place {
                source: SourceId(0),
                line: n + 1,
            },
            at,
            text: line.into(),
        }],
    }
}

fn value_of(text: &str) -> Value {
    if let Some(items) = text.strip_prefix('[') {
        let items = items.trim_end_matches(']').split(',');
        return Value::List(items.filter(|i| !i.is_empty()).map(value_of).collect());
    }
    match text {
        "null" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(n), _) => n.into(),
            (_, Ok(x)) => x.into(),
            _ => text.into(),
        },
    }
}

/// Runs one pattern over a script that ends with its last fact.
fn run(middle: &str, script: &str) -> Vec<Match> {
    run_limited(middle, script, &Limits::default()).0
}

fn run_limited(middle: &str, script: &str, limits: &Limits) -> (Vec<Match>, u64) {
    let facts = facts(script);
    let mut engine = Engine::new(vec![pattern(middle)], limits);
    let mut news = Vec::new();
    for fact in &facts {
        engine.see(fact.clone(), &mut news);
    }
    let end = facts.last().map_or(When { at: None, order: 0 }, |f| f.when);
    let whole = engine.finish(end);

    // Ticks between facts and a silent engine must not change the answer.
    let mut ticked = Engine::new(vec![pattern(middle)], limits).silent();
    for fact in &facts {
        ticked.tick(fact.when, &mut Vec::new());
        ticked.see(fact.clone(), &mut Vec::new());
        ticked.tick(fact.when, &mut Vec::new());
    }
    let (ticked, _) = ticked.finish(end);
    let lines = |matches: &[Match]| matches.iter().map(line).collect::<Vec<_>>();
    assert_eq!(lines(&whole.0), lines(&ticked), "ticks changed the answer");
    whole
}

/// One line per match: node, subject, from..to, count, severity, and `open` if the log ended first.
fn line(m: &Match) -> String {
    let node = m.node.map_or("-".to_owned(), |n| format!("n{}", n.0));
    let subject = m.subject.as_deref().unwrap_or("-");
    let second = |when: When| {
        when.at
            .map_or("?".to_owned(), |at| (at.0 / 1_000_000).to_string())
    };
    let end = match m.outcome {
        Outcome::LogEnded => "open".to_owned(),
        Outcome::Matched => second(m.ended.unwrap_or(m.latest)),
    };
    format!(
        "{node} {subject} {}..{end} x{} {}",
        second(m.began),
        m.count,
        m.severity
    )
}

#[track_caller]
fn check(middle: &str, script: &str, expected: &[&str]) {
    let lines: Vec<String> = run(middle, script).iter().map(line).collect();
    assert_eq!(lines, expected);
}

fn detail(m: &Match, name: &str) -> String {
    m.value(name).to_string()
}
