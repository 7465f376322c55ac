//! All patterns at work.
//! In: facts in the order of `when.order`, and the passing of log time. Out: matches, and updates while the log goes on.
//! Never: reads a clock; the answer depends on facts and ticks alone.

use super::file::Pattern;
use super::form::Form;
use super::runner::Runner;
use super::shelf::Shelf;
use super::{Fact, Match, Update};
use crate::model::{Limits, Timestamp, When};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Names that are remembered.
const ASKED: usize = 256;
/// Bytes that no two names begin within.
const ASKED_BYTES: usize = 8;

/// Runs patterns over facts.
pub struct Engine {
    runners: Vec<Runner>,
    /// Which runners want facts of a name.
    wanted: FxHashMap<String, Vec<usize>>,
    /// Names that were asked for lately, by where they are in memory, and whether they are wanted.
    asked: Box<[Option<(&'static str, bool)>; ASKED]>,
    shelf: Shelf,
    /// Runners that time may change at any moment, as far as they know.
    restless: Vec<usize>,
    /// The log time before which it changes none of the others.
    quiet_until: Timestamp,
    /// Wanted facts of the latest order, so that none counts twice.
    latest: Vec<Fact>,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(patterns: Vec<Arc<Pattern>>, limits: &Limits) -> Engine {
        let mut wanted: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (n, pattern) in patterns.iter().enumerate() {
            for name in names(&pattern.form) {
                let runners = wanted.entry(name.to_owned()).or_default();
                if runners.last() != Some(&n) {
                    runners.push(n);
                }
            }
        }
        Engine {
            runners: patterns.into_iter().map(Runner::new).collect(),
            wanted,
            asked: Box::new([None; ASKED]),
            shelf: Shelf::new(limits),
            restless: Vec::new(),
            quiet_until: Timestamp::LATEST,
            latest: Vec::new(),
        }
    }

    /// The same engine without updates, for logs that are read to their end at once.
    pub fn silent(mut self) -> Engine {
        self.shelf.tells = false;
        self
    }

    /// Whether any pattern names facts of this name.
    pub fn wants(&mut self, name: &'static str) -> bool {
        // The name of a kind is one and the same text each time it is asked for.
        let place = name.as_ptr() as usize;
        let known = &mut self.asked[place / ASKED_BYTES % ASKED];
        match known {
            Some((text, wanted)) if std::ptr::eq(*text, name) => *wanted,
            _ => {
                let wanted = self.wanted.contains_key(name);
                *known = Some((name, wanted));
                wanted
            }
        }
    }

    /// Takes the next fact. Its stamp may be a little earlier than the latest; its order may not.
    pub fn see(&mut self, fact: Fact, out: &mut Vec<Update>) {
        let Some(runners) = self.wanted.get(fact.name) else {
            return;
        };
        if self
            .latest
            .first()
            .is_some_and(|f| f.when.order != fact.when.order)
        {
            self.latest.clear();
        }
        if self.latest.contains(&fact) {
            return;
        }
        self.latest.push(fact);
        let Some(fact) = self.latest.last() else {
            return;
        };
        for n in runners {
            self.runners[*n].see(fact, &mut self.shelf);
            if !self.restless.contains(n) {
                self.restless.push(*n);
            }
        }
        out.append(&mut self.shelf.news);
    }

    /// Lets log time reach `now` without a fact: ends what waits no longer.
    pub fn tick(&mut self, now: When, out: &mut Vec<Update>) {
        let mut told = std::mem::take(&mut self.restless);
        if now.at.is_none_or(|now| now >= self.quiet_until) {
            told.clear();
            told.extend(0..self.runners.len());
            self.quiet_until = Timestamp::LATEST;
        }
        told.sort_unstable();
        told.retain(|n| {
            let runner = &mut self.runners[*n];
            runner.tick(now, &mut self.shelf);
            let quiet_until = runner.quiet_until();
            let quiet = quiet_until.unwrap_or(Timestamp::LATEST);
            self.quiet_until = self.quiet_until.min(quiet);
            quiet_until.is_none()
        });
        self.restless = told;
        out.append(&mut self.shelf.news);
    }

    /// Matches that found no room, so far. Those still open at the end may add to it.
    pub fn left_out(&self) -> u64 {
        self.shelf.left_out()
    }

    /// The log is over at `end`: all matches, in the order in which they began, and how many found no room.
    pub fn finish(mut self, end: When) -> (Vec<Match>, u64) {
        for runner in self.runners {
            runner.finish(end, &mut self.shelf);
        }
        let left_out = self.shelf.left_out();
        (self.shelf.into_matches(), left_out)
    }
}

/// Every fact name that a form asks for.
fn names(form: &Form) -> impl Iterator<Item = &str> {
    form.clauses().flat_map(|clause| {
        let unless = clause.unless.iter().flat_map(|unless| unless.see.iter());
        let guard = clause
            .guard
            .iter()
            .flat_map(|guard| guard.since.iter().chain(guard.until.iter()));
        clause.see.iter().chain(unless).chain(guard)
    })
}
