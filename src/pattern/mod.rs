//! Failure modes as data.
//! In: facts (events and changes) in time order, and `patterns/*.toml`. Out: `Match`es.
//! Never: computes a fact, writes a sentence, or reads a clock.
#![doc = include_str!("language.md")]

pub mod builtin;
pub mod check;
pub mod condition;
pub mod engine;
pub mod error;
pub mod example;
pub mod file;
pub mod form;
mod gate;
mod live;
mod runner;
mod shelf;
mod steps;
pub mod template;
pub mod vocabulary;
mod window;
pub mod words;

use crate::model::{Basis, Fields, Line, Observer, Severity, Span, Value, When};
use std::sync::Arc;

pub use error::Error;
pub use file::Pattern;
pub use template::Template;
pub use vocabulary::Vocabulary;

/// An event or a change, as patterns see it: exactly what `fencepost events` prints of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// `corosync.link-down`, `quorum.lost`.
    pub name: &'static str,
    /// When it happened.
    pub when: When,
    /// The node it happened to; `None` for the whole cluster.
    pub node: Option<Observer>,
    /// Its fields.
    pub fields: Fields,
    /// How it is known.
    pub basis: Basis,
    /// The lines that prove it, at least one.
    pub lines: Vec<Line>,
}

/// How a match stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It happened, and where it has a span, the span is closed.
    Matched,
    /// It happened and was still going on when the log ended.
    LogEnded,
}

/// A pattern that was met.
#[derive(Clone, Debug)]
pub struct Match {
    /// Which pattern.
    pub pattern: Arc<Pattern>,
    /// The node it happened to; `None` for the whole cluster.
    pub node: Option<Observer>,
    /// The rendered subject, `link 0 to node 8`, if the pattern has one.
    pub subject: Option<String>,
    /// When its first fact was.
    pub began: When,
    /// When its latest fact was.
    pub latest: When,
    /// When its span closed or its count fell below the threshold; `None` while open and for patterns of single facts or
    /// steps, whose `latest` is the end.
    pub ended: Option<When>,
    /// Whether it stands or the log ended first.
    pub outcome: Outcome,
    /// How often it happened: facts folded into one match.
    pub count: u64,
    /// Severity after the pattern's own raises.
    pub severity: Severity,
    /// Why the severity is not the pattern's default.
    pub severity_because: Option<String>,
    /// The weakest basis of the facts it rests on.
    pub basis: Basis,
    /// Every node whose facts it rests on, in order.
    pub nodes: Vec<Observer>,
    /// Fields of its facts, a later one over an earlier, and the pattern's tallies.
    pub details: Fields,
    /// The lines that prove it: the first and the latest ones when there are too many.
    pub lines: Vec<Line>,
    /// Lines beyond those kept.
    pub lines_left_out: u64,
    /// When it last came to a state that lasts.
    pub lasting: Option<When>,
}

impl Match {
    /// What a template or a condition sees under `name`: `count`, `subject` and `span` (seconds from the beginning to the
    /// end), else a detail. Null if not known; `node` is not known here, since the roster may learn names late.
    pub fn value(&self, name: &str) -> Value {
        match name {
            "count" => self.count.into(),
            "subject" => self
                .subject
                .as_deref()
                .map(Value::from)
                .unwrap_or(Value::Null),
            "span" => self.span().into(),
            _ => condition::lookup(&self.details, name)
                .cloned()
                .unwrap_or(Value::Null),
        }
    }

    /// How long it was from the beginning to the end or, if it has none, to its latest fact.
    pub fn span(&self) -> Option<Span> {
        self.ended.unwrap_or(self.latest).since(self.began)
    }

    /// Fills `template` with this match's values; `{node}` is `node`.
    pub fn render(&self, template: &Template, node: &str) -> String {
        template.render(|name| match name {
            "node" => node.into(),
            _ => self.value(name),
        })
    }
}

/// What a fact did to the matches: for reports that are written while the log goes on.
#[derive(Clone, Debug)]
pub enum Update {
    /// A match began.
    Opened(Match),
    /// A match grew or changed its severity.
    Grew(Match),
    /// A match ended.
    Closed(Match),
}

#[cfg(test)]
mod tests;
