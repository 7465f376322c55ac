//! Times and spans in words.
//! In: stamps and line numbers. Out: `08:49:04`, with the date only where it is not the one already said.
//! Never: local time.

use crate::model::{Span, Timestamp};
use crate::report::{Finding, Incident, Input, NodePart, Report};
use chrono::NaiveDate;

/// Says times of a report whose first day is said once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    day: Option<NaiveDate>,
}

impl Clock {
    /// A clock for the times of `report`.
    pub(super) fn new(report: &Report) -> Clock {
        Clock {
            day: first(report).and_then(day),
        }
    }

    /// A clock for times around `at`.
    pub(super) fn on(at: Timestamp) -> Clock {
        Clock { day: day(at) }
    }

    /// `at`, with its date when that is not the first day.
    pub(super) fn at(&self, at: Timestamp) -> String {
        if day(at) == self.day {
            at.clock()
        } else {
            at.date_clock()
        }
    }

    /// Whether a time is told without its day.
    pub(super) fn is_of_its_day(&self, at: Timestamp) -> bool {
        day(at) == self.day
    }

    /// From one time to another.
    pub(super) fn between(&self, from: Timestamp, to: Timestamp) -> String {
        let to_text = if day(from) == day(to) {
            to.clock()
        } else {
            self.at(to)
        };
        if from == to {
            self.at(from)
        } else {
            format!("{} to {to_text}", self.at(from))
        }
    }

    /// When a finding was, and for how long.
    pub(super) fn finding(&self, finding: &Finding) -> String {
        self.span(
            finding.began,
            finding.ended,
            (finding.line, finding.last_line),
            finding.open,
        )
    }

    /// When an incident was, and for how long.
    pub(super) fn incident(&self, incident: &Incident) -> String {
        self.span(
            incident.began,
            incident.ended,
            (incident.line, incident.last_line),
            false,
        )
    }

    fn span(
        &self,
        began: Option<Timestamp>,
        ended: Option<Timestamp>,
        (line, last): (u64, u64),
        open: bool,
    ) -> String {
        match (began, ended) {
            (Some(began), _) if open => format!("since {}, open", self.at(began)),
            (Some(began), Some(ended)) if ended > began => {
                format!("{} ({})", self.between(began, ended), ended.since(began))
            }
            (Some(began), Some(_)) => self.at(began),
            (Some(began), None) => format!("from {} on", self.at(began)),
            (None, _) if open => format!("since line {line}, open"),
            (None, _) if last > line => format!("lines {line}-{last}"),
            (None, _) => format!("line {line}"),
        }
    }
}

/// Which lines of a log without stamps an incident has.
pub(super) fn lines(incident: &Incident) -> String {
    match (incident.line, incident.last_line) {
        (line, last) if last > line => format!("lines {line}-{last}"),
        (line, _) => format!("line {line}"),
    }
}

/// `2026-11-22 08:49`: for sentences that need no seconds.
pub(super) fn to_the_minute(at: Timestamp) -> String {
    let text = at.date_clock();
    text.get(..16).map_or(text.clone(), str::to_owned)
}

/// First stamp of all inputs.
pub(super) fn first(report: &Report) -> Option<Timestamp> {
    let stamps = report
        .inputs
        .iter()
        .filter_map(|i| corrected(report, i, i.first));
    stamps.min()
}

/// Last stamp of all inputs.
pub(super) fn last(report: &Report) -> Option<Timestamp> {
    let stamps = report
        .inputs
        .iter()
        .filter_map(|i| corrected(report, i, i.last));
    stamps.max()
}

/// A stamp of an input by the median clock, as all other times are.
pub(super) fn corrected(
    report: &Report,
    input: &Input,
    at: Option<Timestamp>,
) -> Option<Timestamp> {
    let of_node = |node: &&NodePart| node.name.is_some() && node.name == input.node;
    let node = report.cluster.nodes.iter().find(of_node);
    let ahead = node.and_then(|node| node.clock.as_ref());
    let ahead = ahead.map_or(0.0, |clock| clock.offset_s);
    Some(at?.plus(Span(-(ahead * 1e6) as i64)))
}

fn day(at: Timestamp) -> Option<NaiveDate> {
    at.to_utc().map(|t| t.date_naive())
}
