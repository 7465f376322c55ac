//! One pattern file, `patterns/<id>.toml`, as it is written.
//! In: the text of a file. Out: a `Pattern` whose shape is right; `check` asks whether its words are.
//! Never: opens files, runs patterns.

use super::condition::Conditions;
use super::error::{Error, Source};
use super::example::{Counterexample, Example};
use super::form::{Form, RawClause, RawCount, RawEnd, RawStep, Step};
use super::template::Template;
use super::words::{Fixed, Length, Word, Words};
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
    /// Facts of a state that lasts until somebody mends it or the node boots, and of whose end no line tells.
    pub lasts: Words,
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
    #[serde(default)]
    lasts: Words,
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
        lasts: raw.lasts,
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
        return Ok(Form::On(on.into()));
    }
    if let Some(open) = raw.open.take() {
        let Some(close) = raw.close.take() else {
            return Err(wrong(open.span(), "an [open] needs a [close]"));
        };
        return Ok(Form::Span {
            open: open.into(),
            close: Box::new(close.into()),
            until: raw.until.take().map(|until| Box::new(until.into())),
        });
    }
    if let Some(steps) = steps {
        let within = within.map(|w| w.into_inner().0);
        return Ok(Form::Steps(
            steps
                .into_iter()
                .map(|raw| Step::new(raw, within))
                .collect(),
        ));
    }
    if let Some(raw) = raw.count.take() {
        return Ok(Form::Count(raw.into()));
    }
    Err(wrong(
        raw.id.span(),
        "a pattern needs [on], [open] with [close], [[step]] or [count]",
    ))
}
