//! A match while it grows.
//! In: the facts it rests on. Out: a `Match` at any time.
//! Never: decides which facts belong to it.

use super::file::{How, Pattern, Tally};
use super::{Fact, Match, Outcome};
use crate::model::{Fields, Line, Observer, Place, Span, Value, When};
use std::collections::VecDeque;
use std::sync::Arc;

/// Different values that one tally keeps.
const DISTINCT_MAX: usize = 200;

/// A match that facts may still join.
pub(super) struct Live {
    shown: Match,
    /// Since when the present piece of a span, or a count's window, is open.
    opened: Option<When>,
    /// Total of the closed pieces; `None` once one of them had no stamps.
    spent: Option<Span>,
    tallies: Vec<Total>,
    lines: Lines,
    /// Whether its beginning was told.
    pub begun: bool,
    /// Whether its end was told.
    pub told: bool,
}

impl Live {
    /// A match that begins with `first` but does not hold it yet.
    pub fn new(
        pattern: &Arc<Pattern>,
        node: Option<Observer>,
        subject: Option<String>,
        first: &Fact,
        lines_max: usize,
    ) -> Live {
        Live {
            shown: Match {
                pattern: Arc::clone(pattern),
                node,
                subject,
                began: first.when,
                latest: first.when,
                ended: None,
                outcome: Outcome::Matched,
                count: 0,
                severity: pattern.severity,
                severity_because: None,
                basis: first.basis,
                nodes: Vec::new(),
                details: Fields::new(),
                lines: Vec::new(),
                lines_left_out: 0,
                lasting: None,
            },
            opened: None,
            spent: Some(Span(0)),
            tallies: pattern.tallies.iter().map(|_| Total::default()).collect(),
            lines: Lines::new(lines_max),
            begun: false,
            told: false,
        }
    }

    /// Adds a fact that counts as `weight`; `kept` are fields that it does not replace.
    pub fn take(&mut self, fact: &Fact, weight: u64, kept: &Fields) {
        let shown = &mut self.shown;
        if fact.when.order < shown.began.order {
            shown.began = fact.when;
        }
        if fact.when.order >= shown.latest.order {
            shown.latest = fact.when;
        }
        shown.count += weight;
        shown.basis = shown.basis.max(fact.basis);
        if let Some(node) = fact.node
            && let Err(at) = shown.nodes.binary_search(&node)
        {
            shown.nodes.insert(at, node);
        }
        if shown.pattern.lasts.has(fact.name) {
            shown.lasting = Some(fact.when);
        }
        overlay(&mut shown.details, &fact.fields);
        overlay(&mut shown.details, kept);
        self.lines.add(fact);
        let pattern = Arc::clone(&shown.pattern);
        for (tally, total) in pattern.tallies.iter().zip(&mut self.tallies) {
            let name = tally.name.get_ref().0;
            let names_it = |fields: &Fields| fields.iter().any(|(have, _)| *have == name);
            let laid_over = names_it(&fact.fields) || names_it(kept);
            // A list of two hundred is not copied for each fact that adds nothing to it.
            if total.add(tally, fact) || laid_over || !names_it(&shown.details) {
                set(&mut shown.details, name, total.value(tally.how));
            }
        }
    }

    /// Opens a piece of a span at `when`; one that is open already stays so.
    pub fn open(&mut self, when: When) {
        self.opened.get_or_insert(when);
        self.shown.ended = None;
        self.told = false;
        self.shown.details.retain(|(name, _)| *name != "cut_by");
        self.set_clock(None);
    }

    /// Closes the open piece at `when`.
    pub fn close(&mut self, when: When) {
        let Some(opened) = self.opened.take() else {
            return;
        };
        self.spent = self
            .spent
            .and_then(|spent| Some(Span(spent.0 + when.since(opened)?.0.max(0))));
        self.shown.ended = Some(when);
        self.set_clock(None);
    }

    /// Closes the open piece by a fact that clears nothing: its lines are evidence, its fields are not details.
    pub fn cut(&mut self, fact: &Fact) {
        if fact.when.order >= self.shown.latest.order {
            self.shown.latest = fact.when;
        }
        self.lines.add(fact);
        set(&mut self.shown.details, "cut_by", fact.name.into());
        self.close(fact.when);
    }

    /// The log is over at `end`.
    pub fn end_log(&mut self, end: When) {
        if self.opened.is_some() {
            self.shown.outcome = Outcome::LogEnded;
            self.set_clock(Some(end));
        }
    }

    /// Whether a piece is open.
    pub fn is_open(&self) -> bool {
        self.opened.is_some()
    }

    /// Where it ends: its end, or its latest fact.
    pub fn end(&self) -> When {
        self.shown.ended.unwrap_or(self.shown.latest)
    }

    /// What it is so far.
    pub fn shown(&self) -> &Match {
        &self.shown
    }

    /// Looks at the pattern's raises again.
    pub fn judge(&mut self) {
        let pattern = Arc::clone(&self.shown.pattern);
        let raise = pattern
            .raises
            .iter()
            .find(|raise| raise.when.holds_of(|name| self.shown.value(name)));
        self.shown.severity = raise.map_or(pattern.severity, |raise| raise.severity);
        self.shown.severity_because = raise.map(|raise| {
            raise
                .because
                .get_ref()
                .render(|name| self.shown.value(name))
        });
    }

    /// The match as it stands.
    pub fn to_match(&self) -> Match {
        let (lines, lines_left_out) = self.lines.kept();
        Match {
            lines,
            lines_left_out,
            ..self.shown.clone()
        }
    }

    /// The match that it was, in no more memory than it needs: many are kept for long.
    pub fn into_match(self) -> Match {
        let (lines, lines_left_out) = self.lines.into_kept();
        let mut done = Match {
            lines,
            lines_left_out,
            ..self.shown
        };
        done.nodes.shrink_to_fit();
        done.details.shrink_to_fit();
        done
    }

    /// `open` and `duration_s`, which is how long it was open in all: up to `now`, if it is open and `now` is known.
    fn set_clock(&mut self, now: Option<When>) {
        set(
            &mut self.shown.details,
            "open",
            self.opened.is_some().into(),
        );
        let duration = match (self.opened, now) {
            (None, _) => self.spent,
            (Some(opened), Some(now)) => self
                .spent
                .and_then(|spent| Some(Span(spent.0 + now.since(opened)?.0.max(0)))),
            (Some(_), None) => None,
        };
        set(&mut self.shown.details, "duration_s", duration.into());
    }
}

/// Lays `over` over `fields`: a later value replaces an earlier one, but nothing known is replaced by nothing.
pub(super) fn overlay(fields: &mut Fields, over: &Fields) {
    for (name, value) in over {
        if !value.is_null() || !fields.iter().any(|(have, _)| have == name) {
            set(fields, name, value.clone());
        }
    }
}

fn set(fields: &mut Fields, name: &'static str, value: Value) {
    // Nearly always it is the very same name, and not only one that is equal.
    let same = fields
        .iter()
        .position(|(have, _)| std::ptr::eq(*have, name));
    let place = same.or_else(|| fields.iter().position(|(have, _)| *have == name));
    match place {
        Some(n) => fields[n].1 = value,
        None => fields.push((name, value)),
    }
}

/// A tally so far.
#[derive(Default)]
struct Total {
    facts: u64,
    number: Option<f64>,
    has_fraction: bool,
    first: Option<Value>,
    last: Option<Value>,
    distinct: Vec<Value>,
}

impl Total {
    /// Counts a fact in; whether that may have changed the value.
    fn add(&mut self, tally: &Tally, fact: &Fact) -> bool {
        if !tally.see.0.is_empty() && !tally.see.has(fact.name) {
            return false;
        }
        let Some(field) = &tally.field else {
            self.facts += 1;
            return true;
        };
        let Some(value) = super::condition::lookup(&fact.fields, field.get_ref()) else {
            return false;
        };
        self.facts += 1;
        match tally.how {
            How::Sum | How::Max | How::Min => {
                let Some(x) = value.as_f64() else {
                    return false;
                };
                self.has_fraction |= matches!(value, Value::Float(_));
                self.number = Some(match (self.number, tally.how) {
                    (None, _) => x,
                    (Some(y), How::Max) => y.max(x),
                    (Some(y), How::Min) => y.min(x),
                    (Some(y), _) => y + x,
                });
            }
            How::First => {
                self.first.get_or_insert_with(|| value.clone());
            }
            How::Last => self.last = Some(value.clone()),
            How::Distinct => {
                let before = self.distinct.len();
                match value {
                    Value::List(items) => items.iter().for_each(|item| self.add_distinct(item)),
                    one => self.add_distinct(one),
                }
                return self.distinct.len() > before;
            }
            How::Count => {}
        }
        true
    }

    fn add_distinct(&mut self, value: &Value) {
        if self.distinct.len() < DISTINCT_MAX && !self.distinct.contains(value) {
            self.distinct.push(value.clone());
        }
    }

    fn value(&self, how: How) -> Value {
        match how {
            How::Sum | How::Max | How::Min => match self.number {
                Some(x) if !self.has_fraction => Value::Int(x as i64),
                number => number.into(),
            },
            How::First => self.first.clone().unwrap_or(Value::Null),
            How::Last => self.last.clone().unwrap_or(Value::Null),
            How::Distinct => Value::List(self.distinct.clone()),
            How::Count => self.facts.into(),
        }
    }
}

/// The first and the latest lines of a match.
struct Lines {
    first: Vec<Line>,
    latest: VecDeque<Line>,
    first_max: usize,
    latest_max: usize,
    left_out: u64,
    /// The place of a line behind which none stands that was added.
    newest: Option<Place>,
}

impl Lines {
    fn new(max: usize) -> Lines {
        Lines {
            first: Vec::new(),
            latest: VecDeque::new(),
            first_max: max.div_ceil(2),
            latest_max: max / 2,
            left_out: 0,
            newest: None,
        }
    }

    /// Adds a fact's lines; an event and a change that rest on the same line add it once.
    fn add(&mut self, fact: &Fact) {
        for line in &fact.lines {
            let is_known = |have: &Line| have.place == line.place;
            let is_new = self.newest.is_none_or(|newest| newest < line.place);
            if !is_new && (self.first.iter().any(is_known) || self.latest.iter().any(is_known)) {
                continue;
            }
            self.newest = self.newest.max(Some(line.place));
            if self.first.len() < self.first_max {
                self.first.push(line.clone());
                continue;
            }
            self.latest.push_back(line.clone());
            if self.latest.len() > self.latest_max {
                self.latest.pop_front();
                self.left_out += 1;
            }
        }
    }

    fn kept(&self) -> (Vec<Line>, u64) {
        let lines = self.first.iter().chain(&self.latest).cloned().collect();
        (lines, self.left_out)
    }

    fn into_kept(self) -> (Vec<Line>, u64) {
        let mut lines = self.first;
        lines.extend(self.latest);
        lines.shrink_to_fit();
        (lines, self.left_out)
    }
}
