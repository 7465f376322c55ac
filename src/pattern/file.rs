//! One pattern file, `patterns/<id>.toml`, as it is written.
//! In: the text of a file. Out: a `Pattern` whose shape is right; `check` asks whether its words are.
//! Never: opens files, runs patterns.

use super::condition::Conditions;
use super::error::{Error, Source};
use super::template::Template;
use super::words::{Fixed, Length, Pairs, Word, Words};
use crate::model::{Severity, Span};
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// A failure mode: what it looks like, what to say of it, what to do.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The finding's kind; also the name of the file.
    pub id: Word,
    /// One line for a list of findings.
    pub title: Spanned<Template>,
    /// One line for a list of patterns.
    pub meaning: String,
    /// Severity unless a raise says otherwise.
    pub severity: Severity,
    /// Whose matches they are.
    pub scope: Scope,
    /// What keys live matches beside the node.
    pub subject: Option<Spanned<Template>>,
    /// Kinds that this one causes.
    pub explains: Words,
    /// How long after the end of a match a new one still joins it.
    pub fold: Option<Span>,
    /// What it looks like.
    pub form: Form,
    /// Values computed over a match's facts.
    pub tallies: Vec<Tally>,
    /// Severities by evidence; the first that holds counts.
    pub raises: Vec<Raise>,
    /// The sentences.
    pub say: Say,
    /// What to do, in order.
    pub advice: Vec<Advice>,
    /// What would settle doubts.
    pub settle: Vec<Settle>,
    /// Logs in which it is found.
    pub examples: Vec<Example>,
    /// Logs in which it is not found.
    pub counterexamples: Vec<Counterexample>,
    /// The file.
    pub source: Source,
}

impl Pattern {
    /// Its id.
    pub fn id(&self) -> &str {
        self.id.get_ref()
    }
}

/// Whose matches they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Each node has its own.
    #[default]
    Node,
    /// All nodes share them.
    Cluster,
}

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
        close: Clause,
        /// Ends it without clearing it.
        until: Option<Clause>,
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
                2 => until.as_ref(),
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

/// A value computed over a match's facts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Its name in the match's details.
    #[serde(rename = "as")]
    pub name: Spanned<Fixed>,
    /// Over which field; none counts facts.
    pub field: Option<Word>,
    /// How.
    pub how: How,
    /// Only over facts of these names.
    #[serde(default)]
    pub see: Words,
}

/// How a tally is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// The sum of numbers.
    Sum,
    /// The greatest number.
    Max,
    /// The least number.
    Min,
    /// The first known value.
    First,
    /// The latest known value.
    Last,
    /// Every different value, items of lists singly.
    Distinct,
    /// How many facts have it.
    Count,
}

/// Another severity, by evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The severity.
    pub severity: Severity,
    /// When, of the match's details.
    pub when: Conditions,
    /// Why.
    pub because: Spanned<Template>,
}

/// The sentences of a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// What happened.
    pub text: Spanned<Template>,
    /// The headline of an incident that this kind leads.
    pub headline: Option<Spanned<Template>>,
    /// A few words for the headline of an incident.
    pub clause: Option<Spanned<Template>>,
}

/// Something to do, or never to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// What.
    pub say: Spanned<Template>,
    /// The command.
    pub run: Option<Spanned<Template>>,
    /// How safe it is.
    pub safety: Safety,
    /// Why.
    pub because: Option<Spanned<Template>>,
    /// Whether it applies, of the match's details and the state at the end of the log.
    #[serde(default)]
    pub when: Conditions,
}

/// How safe a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Looks only, or cannot make it worse.
    Safe,
    /// May cost something.
    Risky,
    /// Do not.
    Never,
}

impl Safety {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Risky => "risky",
            Safety::Never => "never",
        }
    }
}

/// What would settle a doubt.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// What to look at.
    pub say: Spanned<Template>,
    /// Kinds that could also be the cause.
    #[serde(default)]
    pub rivals: Words,
    /// Whether the doubt exists, of the match's details and the state at the end of the log.
    #[serde(default)]
    pub when: Conditions,
}

/// A log in which the pattern is found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub about: String,
    /// The log.
    pub lines: String,
    /// What the match must be like.
    pub finds: Option<Finds>,
}

/// A log in which the pattern is not found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counterexample {
    /// Why one could think so.
    pub about: String,
    /// The log.
    pub lines: String,
}

/// What a match must be like. What is left out is not asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finds {
    /// How many matches there are.
    pub matches: Option<usize>,
    /// Severity.
    pub severity: Option<Severity>,
    /// The node's name.
    pub node: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// How often.
    pub count: Option<u64>,
    /// Whether it was still going on when the log ended.
    pub open: Option<bool>,
    /// How it is known.
    pub basis: Option<crate::model::Basis>,
    /// Conditions on its details.
    #[serde(default)]
    pub details: Conditions,
}

/// The file as TOML: every form optional, so that both or none can be told in words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Word,
    title: Spanned<Template>,
    meaning: String,
    severity: Severity,
    #[serde(default)]
    scope: Scope,
    subject: Option<Spanned<Template>>,
    #[serde(default)]
    explains: Words,
    fold: Option<Length>,
    within: Option<Spanned<Length>>,
    on: Option<Spanned<RawClause>>,
    open: Option<Spanned<RawClause>>,
    close: Option<Spanned<RawEnd>>,
    until: Option<Spanned<RawEnd>>,
    step: Option<Vec<Spanned<RawStep>>>,
    count: Option<Spanned<RawCount>>,
    #[serde(default)]
    tally: Vec<Tally>,
    #[serde(default)]
    raise: Vec<Raise>,
    say: Say,
    #[serde(default)]
    advice: Vec<Advice>,
    #[serde(default)]
    settle: Vec<Settle>,
    #[serde(default)]
    example: Vec<Example>,
    #[serde(default)]
    counterexample: Vec<Counterexample>,
}

/// Defines the tables that name facts: each has `see` and `where`, and its own further keys.
macro_rules! fact_tables {
    ($($name:ident { $($extra:tt)* })*) => {
        $(
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct $name {
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

/// Reads one pattern file; `path` is for messages.
pub fn parse(path: &str, text: &str) -> Result<Pattern, Error> {
    let source = Source {
        path: path.into(),
        text: text.into(),
    };
    let mut raw: Raw = toml::from_str(text).map_err(|e| Error::from_toml(&source, &e))?;
    Ok(Pattern {
        form: form(&mut raw, &source)?,
        id: raw.id,
        title: raw.title,
        meaning: raw.meaning,
        severity: raw.severity,
        scope: raw.scope,
        subject: raw.subject,
        explains: raw.explains,
        fold: raw.fold.map(|length| length.0),
        tallies: raw.tally,
        raises: raw.raise,
        say: raw.say,
        advice: raw.advice,
        settle: raw.settle,
        examples: raw.example,
        counterexamples: raw.counterexample,
        source,
    })
}

/// The one form that the file has.
fn form(raw: &mut Raw, source: &Source) -> Result<Form, Error> {
    let wrong = |span: Range<usize>, message: &str| {
        Error::new(source, span, message.to_owned(), String::new())
    };
    let steps = raw.step.take();
    let forms = [
        raw.on.as_ref().map(Spanned::span),
        raw.open.as_ref().map(Spanned::span),
        steps.as_ref().and_then(|s| s.first()).map(Spanned::span),
        raw.count.as_ref().map(Spanned::span),
    ];
    if let Some(extra) = forms.into_iter().flatten().nth(1) {
        return Err(wrong(
            extra,
            "a pattern has one form: [on], [open] with [close], [[step]] or [count]",
        ));
    }
    let ends = [
        raw.close.as_ref().map(Spanned::span),
        raw.until.as_ref().map(Spanned::span),
    ];
    if let (None, Some(end)) = (&raw.open, ends.into_iter().flatten().next()) {
        return Err(wrong(end, "[close] and [until] need an [open]"));
    }
    let within = raw.within.take();
    if let (None, Some(within)) = (&steps, &within) {
        return Err(wrong(
            within.span(),
            "`within` at the top is for [[step]]s; a [count] has its own",
        ));
    }
    if let Some(on) = raw.on.take() {
        return Ok(Form::On(clause(on)));
    }
    if let Some(open) = raw.open.take() {
        let Some(close) = raw.close.take() else {
            return Err(wrong(open.span(), "an [open] needs a [close]"));
        };
        return Ok(Form::Span {
            open: clause(open),
            close: end(close),
            until: raw.until.take().map(end),
        });
    }
    if let Some(steps) = steps {
        let within = within.map(|w| w.into_inner().0);
        return Ok(Form::Steps(
            steps.into_iter().map(|raw| step(raw, within)).collect(),
        ));
    }
    if let Some(raw) = raw.count.take() {
        return Ok(Form::Count(count(raw)));
    }
    Err(wrong(
        raw.id.span(),
        "a pattern needs [on], [open] with [close], [[step]] or [count]",
    ))
}

fn clause(raw: Spanned<RawClause>) -> Clause {
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

fn end(raw: Spanned<RawEnd>) -> Clause {
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

fn step(raw: Spanned<RawStep>, within: Option<Span>) -> Step {
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

fn count(raw: Spanned<RawCount>) -> Count {
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
