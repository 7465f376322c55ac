//! Facts in order: how far each began story has come.
//! In: facts that count for a step. Out: the facts of a story whose last step came.
//! Never: keeps two stories that differ only in when they began; the later one counts.

use super::Fact;
use super::condition::lookup;
use super::form::{Step, Unless};
use super::gate::{Relation, is_within, refutes};
use super::live::overlay;
use super::words::Pairs;
use crate::model::{Fields, Observer, Span, When};
use std::collections::BTreeMap;

/// Stories of one pattern that wait for a step.
const WAITING_MAX: usize = 1_000;

/// Stories that wait, keyed by node, by what tells them apart, and by the step that they wait for.
#[derive(Default)]
pub(super) struct Stories {
    waiting: BTreeMap<(Option<Observer>, String, usize), Story>,
}

/// A story whose first steps came.
pub(super) struct Story {
    /// One fact per step.
    pub facts: Vec<Fact>,
    /// Fields that steps kept; they win over later values.
    pub kept: Fields,
    /// Every field so far.
    fields: Fields,
}

impl Stories {
    /// Puts `fact` into the role of step `n`; returns the stories that it completes.
    pub fn step(
        &mut self,
        steps: &[Step],
        n: usize,
        fact: &Fact,
        relation: &Relation,
    ) -> Vec<Story> {
        let step = &steps[n];
        let mut moved = Vec::new();
        if n == 0 {
            moved.push(Story {
                facts: Vec::new(),
                kept: Fields::new(),
                fields: Fields::new(),
            });
        } else {
            let keys: Vec<_> = self
                .waiting
                .iter()
                .filter(|((_, _, next), story)| {
                    *next == n
                        && story.agrees(fact, &step.clause.same, relation)
                        && is_within(story.latest(), fact.when, step.within)
                })
                .map(|(key, _)| key.clone())
                .collect();
            moved.extend(keys.iter().filter_map(|key| self.waiting.remove(key)));
        }
        let mut complete = Vec::new();
        for mut story in moved {
            story.take(step, fact);
            if n + 1 == steps.len() {
                complete.push(story);
            } else {
                let key = (relation.key_node(story.node()), story.key(relation), n + 1);
                self.waiting.insert(key, story);
            }
        }
        self.make_room();
        complete
    }

    /// Drops the stories that wait for a step up to `n` and that `fact` refutes.
    pub fn refute(&mut self, n: usize, unless: &Unless, fact: &Fact, relation: &Relation) {
        if refutes(unless, fact) {
            self.waiting.retain(|(_, _, next), story| {
                *next > n || !story.agrees(fact, &unless.same, relation)
            });
        }
    }

    /// Drops the stories whose next step can no longer come in time.
    pub fn expire(&mut self, steps: &[Step], now: When, late: Span) {
        self.waiting.retain(|(_, _, next), story| {
            let within = steps[*next].within.map(|span| Span(span.0 + late.0));
            is_within(story.latest(), now, within)
        });
    }

    /// Whether no story waits for its next step.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn make_room(&mut self) {
        while self.waiting.len() > WAITING_MAX {
            let oldest = self
                .waiting
                .iter()
                .min_by_key(|(_, story)| story.latest().order)
                .map(|(key, _)| key.clone());
            if let Some(key) = oldest {
                self.waiting.remove(&key);
            }
        }
    }
}

impl Story {
    fn take(&mut self, step: &Step, fact: &Fact) {
        overlay(&mut self.fields, &fact.fields);
        for (name, value) in &fact.fields {
            let is_new = !self.kept.iter().any(|(have, _)| have == name);
            if is_new && !value.is_null() && step.keep.has(name) {
                self.kept.push((name, value.clone()));
            }
        }
        let kept = self.kept.clone();
        overlay(&mut self.fields, &kept);
        self.facts.push(fact.clone());
    }

    fn agrees(&self, fact: &Fact, same: &Pairs, relation: &Relation) -> bool {
        relation.agree(&self.fields, self.node(), same, &fact.fields, fact.node)
    }

    fn node(&self) -> Option<Observer> {
        self.facts.iter().find_map(|fact| fact.node)
    }

    /// When its latest step came.
    fn latest(&self) -> When {
        let order = |fact: &&Fact| fact.when.order;
        self.facts
            .iter()
            .max_by_key(order)
            .map_or(When { at: None, order: 0 }, |fact| fact.when)
    }

    /// What tells it from another story of its node.
    fn key(&self, relation: &Relation) -> String {
        let mut key = String::new();
        for (_, value) in &self.kept {
            key += &format!("{value}\n");
        }
        for name in relation.subject() {
            if let Some(value) = lookup(&self.fields, name) {
                key += &format!("{value}\n");
            }
        }
        key
    }
}
