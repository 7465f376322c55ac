//! Patterns tried on the examples they carry.
//! In: patterns. Out: what is wrong with them, example by example.
//! Never: stops at the first fault.

use crate::analyzer::Analyzer;
use crate::event::{self, Event, Reading};
use crate::model::{Limits, Name, Place, Severity, SourceId, Timestamp};
use crate::pattern::{Match, Pattern};
use crate::record::clock::{Anchor, Clock, Hint};
use crate::record::{Line, Record};
use std::sync::Arc;

/// What is wrong with the examples of `patterns`, as `path: about: what`; empty when they all hold.
pub fn faults(patterns: &[Arc<Pattern>]) -> Vec<String> {
    let mut faults = Vec::new();
    for pattern in patterns {
        let path = &pattern.source.path;
        for example in &pattern.examples {
            let about = &example.about;
            let (found, call) = find(patterns, pattern.id(), &example.lines);
            if found.is_empty() {
                faults.push(format!("{path}: {about}: not found in its example"));
                continue;
            }
            let Some(finds) = &example.finds else {
                continue;
            };
            if let Some(wanted) = finds.matches.filter(|wanted| *wanted != found.len()) {
                faults.push(format!(
                    "{path}: {about}: {} matches, not {wanted}",
                    found.len()
                ));
            }
            let node = call(&found[0]);
            for difference in finds.differences(&found[0], node.as_deref()) {
                faults.push(format!("{path}: {about}: {difference}"));
            }
        }
        for counterexample in &pattern.counterexamples {
            let (found, _) = find(patterns, pattern.id(), &counterexample.lines);
            if found
                .iter()
                .any(|found| found.severity > Severity::Info || pattern.severity == Severity::Info)
            {
                faults.push(format!(
                    "{path}: {}: found in its counterexample",
                    counterexample.about
                ));
            }
        }
    }
    faults
}

/// What a set of patterns finds of one kind in a few lines, and how the node of a match is called.
fn find(
    patterns: &[Arc<Pattern>],
    kind: &str,
    text: &str,
) -> (Vec<Match>, impl Fn(&Match) -> Option<String>) {
    let limits = Limits::default();
    let mut analyzer = Analyzer::new(patterns.to_vec(), &limits);
    let mut news = Vec::new();
    for event in events(text) {
        analyzer.push(&event, &mut news);
    }
    let (matches, cluster) = analyzer.finish_matches();
    let found = matches
        .into_iter()
        .filter(|found| found.pattern.id() == kind)
        .collect();
    (found, move |found: &Match| {
        found.node.map(|node| cluster.roster.call(node))
    })
}

/// The events of a few lines in memory.
pub fn events(text: &str) -> Vec<Event> {
    let clock = Clock::utc(Anchor::Now(Timestamp::from_seconds(1_800_000_000)));
    let mut hint = Hint::default();
    let mut events = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let place = Place {
            source: SourceId(0),
            line: n as u64 + 1,
        };
        let records: Vec<Record<'_>> = match crate::record::line(line, &clock, &mut hint) {
            Line::Record(record) => vec![record],
            Line::Records(records) => records,
            Line::Note | Line::Blank | Line::Other => Vec::new(),
        };
        for record in records {
            if let Reading::Event(kind) = event::read(&record) {
                events.push(Event {
                    at: record.at,
                    host: record.host.map(Name::from),
                    place,
                    program: Name::from(record.program),
                    pid: record.pid,
                    boot: record.boot.map(Name::from),
                    repeat: record.repeat,
                    kind,
                    text: line.trim().into(),
                });
            }
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_pattern_finds_its_examples_and_not_its_counterexamples() {
        let patterns = crate::pattern::builtin::builtin(&crate::analyzer::vocabulary())
            .expect("checked elsewhere");
        let faults = faults(&patterns);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
