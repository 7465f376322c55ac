//! Whether the words of a pattern are right.
//! In: a pattern, the vocabulary of facts, the ids of all patterns. Out: everything that is wrong, with its place.
//! Never: reads files, changes a pattern.

use super::error::Error;
use super::file::Pattern;
use super::form::{Clause, Form, Step};
use super::template::Template;
use super::vocabulary::Vocabulary;
use super::words::{Word, Words, nearest};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// What a match has beside the fields of its facts.
const OF_EVERY_MATCH: [&str; 2] = ["count", "span"];
/// What spans and counts have beside that.
const OF_SPANS: [&str; 3] = ["open", "duration_s", "cut_by"];
/// The most facts that a count may wait for.
const AT_LEAST_MAX: u64 = 10_000;

type Names<'p> = BTreeSet<&'p str>;

/// Everything that is wrong with `pattern`: names that `vocabulary` does not hold, causes that are no `kinds`, promises
/// that are not kept. Empty if it is right.
pub fn check(pattern: &Pattern, vocabulary: &Vocabulary, kinds: &BTreeSet<&str>) -> Vec<Error> {
    let mut checker = Checker {
        pattern,
        vocabulary,
        errors: Vec::new(),
    };
    checker.identity(kinds);
    checker.facts();
    match &pattern.form {
        Form::On(_) => {}
        Form::Span { open, close, until } => {
            for end in [Some(close), until.as_ref()].into_iter().flatten() {
                checker.same(end, checker.common(&open.see));
            }
        }
        Form::Steps(steps) => checker.steps(steps),
        Form::Count(count) => {
            let at_least = *count.at_least.get_ref();
            if !(2..=AT_LEAST_MAX).contains(&at_least) {
                let message = format!("`at_least` is 2 to {AT_LEAST_MAX}; one fact is an [on]");
                checker.wrong(count.at_least.span(), message);
            }
            let fields = checker.common(&count.clause.see);
            checker.field(count.weight.as_ref(), &fields);
        }
    }
    checker.sentences();
    checker.errors
}

struct Checker<'p> {
    pattern: &'p Pattern,
    vocabulary: &'p Vocabulary,
    errors: Vec<Error>,
}

impl<'p> Checker<'p> {
    fn identity(&mut self, kinds: &BTreeSet<&str>) {
        let pattern = self.pattern;
        let stem = Path::new(&*pattern.source.path).file_stem();
        let stem = stem.and_then(|s| s.to_str()).unwrap_or_default();
        if stem != pattern.id() {
            let message = format!("the id of `{stem}.toml` is not `{}`", pattern.id());
            self.complain(pattern.id.span(), message, format!("must be `{stem}`"));
        }
        let rivals = pattern.settle.iter().map(|settle| &settle.rivals);
        for word in rivals.chain([&pattern.explains]).flat_map(|words| &words.0) {
            if !kinds.contains(word.get_ref().as_str()) {
                let message = format!("no pattern is called `{word}`");
                self.unknown(word.span(), message, word.get_ref(), kinds.iter().copied());
            }
        }
        if pattern.examples.is_empty() {
            let message = "a pattern needs an [[example]] that it finds".to_owned();
            self.wrong(pattern.id.span(), message);
        }
        if pattern.counterexamples.is_empty() {
            let message = "a pattern needs a [[counterexample]] that it does not find".to_owned();
            self.wrong(pattern.id.span(), message);
        }
    }

    /// Every clause: its facts, conditions, absence and guard.
    fn facts(&mut self) {
        let asked: Vec<&str> = self
            .pattern
            .form
            .clauses()
            .flat_map(|clause| clause.see.iter())
            .collect();
        for word in &self.pattern.lasts.0 {
            if !asked.contains(&word.get_ref().as_str()) {
                let message = format!("the pattern sees no `{word}` that could last");
                self.unknown(word.span(), message, word.get_ref(), asked.iter().copied());
            }
        }
        for (role, clause) in self.pattern.form.clauses().enumerate() {
            self.fact_names(&clause.see);
            let fields = self.common(&clause.see);
            for name in clause.conditions.0.keys() {
                self.field(Some(name), &fields);
            }
            if let Some(guard) = &clause.guard {
                self.fact_names(&guard.since);
                self.fact_names(&guard.until);
            }
            let Some(unless) = &clause.unless else {
                continue;
            };
            self.fact_names(&unless.see);
            let their_fields = self.common(&unless.see);
            for name in unless.conditions.0.keys() {
                self.field(Some(name), &their_fields);
            }
            // Between steps the story so far is asked, which has the fields of any of its facts.
            let later_step = matches!(self.pattern.form, Form::Steps(_)) && role > 0;
            let our_fields = if later_step {
                self.any_of_all()
            } else {
                fields
            };
            for (ours, theirs) in &unless.same.0 {
                self.field(Some(ours), &our_fields);
                self.field(Some(theirs), &their_fields);
            }
            if unless.is_between() && !later_step {
                let message =
                    "`unless` needs `within` (before the fact), `after` (after it) or both";
                let span = unless
                    .see
                    .0
                    .first()
                    .map_or(clause.span.clone(), Spanned::span);
                self.wrong(span, message.to_owned());
            }
        }
    }

    /// The `same` of a closing or ending clause against the fields of what it ends.
    fn same(&mut self, end: &'p Clause, ours: Option<Names<'p>>) {
        let theirs = self.common(&end.see);
        for (our_name, their_name) in &end.same.0 {
            self.field(Some(our_name), &ours);
            self.field(Some(their_name), &theirs);
        }
    }

    fn steps(&mut self, steps: &'p [Step]) {
        if let [only] = steps {
            let message = "one [[step]] is an [on]".to_owned();
            self.wrong(only.clause.span.clone(), message);
        }
        let mut kept = Names::new();
        for step in steps {
            let fields = self.common(&step.clause.see);
            for (ours, theirs) in &step.clause.same.0 {
                if !kept.contains(ours.get_ref().as_str()) {
                    let message = format!("no step before this one keeps `{ours}`");
                    self.unknown(ours.span(), message, ours.get_ref(), kept.iter().copied());
                }
                self.field(Some(theirs), &fields);
            }
            for name in &step.keep.0 {
                self.field(Some(name), &fields);
                kept.insert(name.get_ref());
            }
        }
    }

    /// Tallies, raises and templates.
    fn sentences(&mut self) {
        let pattern = self.pattern;
        let fields = self.any_of_all();
        let seen: Names<'p> = self
            .pattern
            .form
            .clauses()
            .flat_map(|c| c.see.iter())
            .collect();
        for tally in &pattern.tallies {
            self.field(tally.field.as_ref(), &fields);
            if tally.field.is_none() && tally.how != super::file::How::Count {
                let message = "a tally without `field` can only count".to_owned();
                self.wrong(tally.name.span(), message);
            }
            for word in &tally.see.0 {
                if !seen.contains(word.get_ref().as_str()) {
                    let message = format!("this pattern does not see `{word}`");
                    self.unknown(word.span(), message, word.get_ref(), seen.iter().copied());
                }
            }
        }
        if let Some(subject) = &pattern.subject {
            let own = match &pattern.form {
                Form::On(first) | Form::Span { open: first, .. } => self.common(&first.see),
                Form::Count(count) => self.common(&count.clause.see),
                Form::Steps(_) => fields.clone(),
            };
            self.template(subject, &own);
        }
        let mut of_match = fields;
        if let Some(names) = &mut of_match {
            names.extend(OF_EVERY_MATCH);
            names.extend(pattern.tallies.iter().map(|tally| tally.name.get_ref().0));
            if matches!(pattern.form, Form::Span { .. } | Form::Count(_)) {
                names.extend(OF_SPANS);
            }
            if pattern.subject.is_some() {
                names.insert("subject");
            }
        }
        for raise in &pattern.raises {
            for name in raise.when.0.keys() {
                self.field(Some(name), &of_match);
            }
            self.template(&raise.because, &of_match);
        }
        let mut at_end = of_match.clone();
        if let Some(names) = &mut at_end {
            names.extend(self.vocabulary.state());
        }
        if self.vocabulary.state().next().is_some() {
            let advice = pattern.advice.iter().map(|advice| &advice.when);
            for when in advice.chain(pattern.settle.iter().map(|settle| &settle.when)) {
                for name in when.0.keys() {
                    self.field(Some(name), &at_end);
                }
            }
        }
        for names in [&mut of_match, &mut at_end].into_iter().flatten() {
            names.insert("node");
        }
        let say = &pattern.say;
        let optional = [&say.headline, &say.clause].into_iter().flatten();
        for template in [&pattern.title, &say.text].into_iter().chain(optional) {
            self.template(template, &of_match);
        }
        for advice in &pattern.advice {
            let optional = [&advice.run, &advice.because].into_iter().flatten();
            for template in optional.chain([&advice.say]) {
                self.template(template, &at_end);
            }
        }
        for settle in &pattern.settle {
            self.template(&settle.say, &at_end);
        }
    }

    fn template(&mut self, template: &Spanned<Template>, known: &Option<Names<'p>>) {
        let Some(known) = known else { return };
        for name in template.get_ref().fields() {
            if !known.contains(name) {
                let span = self.hole(template.span(), name);
                let message = match name {
                    "node" => "`node` is not known here, since names may be learnt late".to_owned(),
                    _ => format!("no field of this match is called `{name}`"),
                };
                self.unknown(span, message, name, known.iter().copied());
            }
        }
    }

    /// Where `{name` stands in the template at `span`.
    fn hole(&self, span: Range<usize>, name: &str) -> Range<usize> {
        let text = self.pattern.source.text.get(span.clone());
        let holes = ["}", "|", ":"].map(|end| format!("{{{name}{end}"));
        let at = holes.iter().filter_map(|hole| text?.find(hole)).min();
        at.map_or(span.clone(), |at| {
            let start = span.start + at + 1;
            start..start + name.len()
        })
    }

    fn fact_names(&mut self, words: &Words) {
        for word in &words.0 {
            if self.vocabulary.fields(word.get_ref()).is_none() {
                let message = format!("no event or change is called `{word}`");
                self.unknown(
                    word.span(),
                    message,
                    word.get_ref(),
                    self.vocabulary.names(),
                );
            }
        }
    }

    fn field(&mut self, name: Option<&Word>, known: &Option<Names<'p>>) {
        if let (Some(name), Some(known)) = (name, known)
            && !known.contains(name.get_ref().as_str())
        {
            let message = format!("no field is called `{name}` here");
            self.unknown(name.span(), message, name.get_ref(), known.iter().copied());
        }
    }

    /// Fields that every one of the facts has; `None` if one of them is unknown, which is said elsewhere.
    fn common(&self, words: &Words) -> Option<Names<'p>> {
        let mut all = words.iter().map(|word| self.vocabulary.fields(word));
        let mut common = all.next()??.clone();
        for fields in all {
            let fields = fields?;
            common.retain(|name| fields.contains(name));
        }
        Some(common)
    }

    /// Fields that any fact of the pattern has; `None` if one of them is unknown.
    fn any_of_all(&self) -> Option<Names<'p>> {
        let mut any = Names::new();
        for word in self
            .pattern
            .form
            .clauses()
            .flat_map(|clause| clause.see.iter())
        {
            any.extend(self.vocabulary.fields(word)?);
        }
        Some(any)
    }

    fn unknown<'w>(
        &mut self,
        span: Range<usize>,
        message: String,
        wrong: &str,
        right: impl Iterator<Item = &'w str>,
    ) {
        let right: Vec<&str> = right.collect();
        let label = match nearest(wrong, right.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None if right.len() <= 12 && !right.is_empty() => {
                format!("there is {}", right.join(", "))
            }
            None => String::new(),
        };
        self.complain(span, message, label);
    }

    fn wrong(&mut self, span: Range<usize>, message: String) {
        self.complain(span, message, String::new());
    }

    fn complain(&mut self, span: Range<usize>, message: String, label: String) {
        self.errors
            .push(Error::new(&self.pattern.source, span, message, label));
    }
}
