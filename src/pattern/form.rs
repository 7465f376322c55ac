//! What a pattern looks like: a fact, a span, steps or a count.
//! In: the tables of a pattern file that name facts. Out: a `Form` with its `Clause`s.
//! Never: looks at a fact.

use super::condition::Conditions;
use super::words::{Length, Pairs, Word, Words};
use crate::model::Span;
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// The four forms.
#[derive(Clone, Debug)]
pub enum Form {
    /// One fact is enough.
    On(Clause),
    /// A condition that clears.
    Span {
        /// Begins it.
        open: Clause,
        /// Clears it.
        close: Box<Clause>,
        /// Ends it without clearing it.
        until: Option<Box<Clause>>,
    },
    /// Facts in order.
    Steps(Vec<Step>),
    /// A threshold in a sliding window.
    Count(Count),
}

impl Form {
    /// Its clauses by role: `[on]` and `[count]` have role 0; open, close and until are 0, 1 and 2; steps are in order.
    pub fn clause(&self, role: usize) -> Option<&Clause> {
        match self {
            Form::On(on) => (role == 0).then_some(on),
            Form::Count(count) => (role == 0).then_some(&count.clause),
            Form::Steps(steps) => steps.get(role).map(|step| &step.clause),
            Form::Span { open, close, until } => match role {
                0 => Some(open),
                1 => Some(close),
                2 => until.as_deref(),
                _ => None,
            },
        }
    }

    /// Every clause, in the order of roles.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        (0..).map_while(|role| self.clause(role))
    }
}

/// Which facts are meant.
#[derive(Clone, Debug, Default)]
pub struct Clause {
    /// Names.
    pub see: Words,
    /// Conditions on fields.
    pub conditions: Conditions,
    /// Absence of another fact.
    pub unless: Option<Unless>,
    /// Guard on state.
    pub guard: Option<While>,
    /// Fields of the match that fields of the fact must agree with.
    pub same: Pairs,
    /// The header of its table.
    pub span: Range<usize>,
}

/// One of several facts in order.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which facts.
    pub clause: Clause,
    /// Fields kept for later steps.
    pub keep: Words,
    /// The longest time since the step before.
    pub within: Option<Span>,
}

/// A threshold.
#[derive(Clone, Debug)]
pub struct Count {
    /// Which facts.
    pub clause: Clause,
    /// How many.
    pub at_least: Spanned<u64>,
    /// In how long a window.
    pub within: Span,
    /// A field by which one fact counts as many.
    pub weight: Option<Word>,
}

/// A fact that refutes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unless {
    /// Names.
    pub see: Words,
    /// Conditions on its fields.
    #[serde(default, rename = "where")]
    pub conditions: Conditions,
    /// How long before.
    pub within: Option<Length>,
    /// How long after.
    pub after: Option<Length>,
    /// Fields of the refuted fact that must agree.
    #[serde(default)]
    pub same: Pairs,
}

impl Unless {
    /// Whether it asks of the time since the first step.
    pub fn is_between(&self) -> bool {
        self.within.is_none() && self.after.is_none()
    }
}

/// A guard: holds when the last fact of these two was `since`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct While {
    /// Begins the state.
    pub since: Words,
    /// Ends it.
    pub until: Words,
    /// The state must not be.
    #[serde(default)]
    pub not: bool,
}

/// Defines the tables that name facts: each has `see` and `where`, and its own further keys.
macro_rules! fact_tables {
    ($($name:ident { $($extra:tt)* })*) => {
        $(
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $name {
                see: Words,
                #[serde(default, rename = "where")]
                conditions: Conditions,
                $($extra)*
            }
        )*
    };
}

fact_tables! {
    RawClause {
        unless: Option<Unless>,
        #[serde(rename = "while")]
        guard: Option<While>,
    }
    RawEnd {
        #[serde(default)]
        same: Pairs,
    }
    RawStep {
        unless: Option<Unless>,
        #[serde(rename = "while")]
        guard: Option<While>,
        #[serde(default)]
        same: Pairs,
        #[serde(default)]
        keep: Words,
        within: Option<Length>,
    }
    RawCount {
        unless: Option<Unless>,
        #[serde(rename = "while")]
        guard: Option<While>,
        at_least: Spanned<u64>,
        within: Length,
        weight: Option<Word>,
    }
}

impl From<Spanned<RawClause>> for Clause {
    fn from(raw: Spanned<RawClause>) -> Clause {
        let span = raw.span();
        let raw = raw.into_inner();
        Clause {
            see: raw.see,
            conditions: raw.conditions,
            unless: raw.unless,
            guard: raw.guard,
            same: Pairs::default(),
            span,
        }
    }
}

impl From<Spanned<RawEnd>> for Clause {
    fn from(raw: Spanned<RawEnd>) -> Clause {
        let span = raw.span();
        let raw = raw.into_inner();
        Clause {
            see: raw.see,
            conditions: raw.conditions,
            same: raw.same,
            span,
            ..Clause::default()
        }
    }
}

impl Step {
    /// A step, with the pattern's `within` where it has none of its own.
    pub(super) fn new(raw: Spanned<RawStep>, within: Option<Span>) -> Step {
        let span = raw.span();
        let raw = raw.into_inner();
        Step {
            clause: Clause {
                see: raw.see,
                conditions: raw.conditions,
                unless: raw.unless,
                guard: raw.guard,
                same: raw.same,
                span,
            },
            keep: raw.keep,
            within: raw.within.map(|w| w.0).or(within),
        }
    }
}

impl From<Spanned<RawCount>> for Count {
    fn from(raw: Spanned<RawCount>) -> Count {
        let span = raw.span();
        let raw = raw.into_inner();
        Count {
            clause: Clause {
                see: raw.see,
                conditions: raw.conditions,
                unless: raw.unless,
                guard: raw.guard,
                same: Pairs::default(),
                span,
            },
            at_least: raw.at_least,
            within: raw.within.0,
            weight: raw.weight,
        }
    }
}
