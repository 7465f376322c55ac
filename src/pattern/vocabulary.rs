//! The names that patterns may use.
//! In: samples of events, words of state machines, fields of the state at the end. Out: look-ups.
//! Never: knows a name by itself.

use crate::event::Sample;
use std::collections::{BTreeMap, BTreeSet};

/// Every name of a fact with its fields, and every field of the state at the end of the log.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    facts: BTreeMap<&'static str, BTreeSet<&'static str>>,
    state: BTreeSet<&'static str>,
}

impl Vocabulary {
    /// The names of `samples`, as `event::vocabulary` lists them.
    pub fn of_events(samples: &[Sample]) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for sample in samples {
            vocabulary.add(sample.name, sample.fields);
        }
        vocabulary
    }

    /// Adds fields to the fact `name`, which may be new.
    pub fn add(&mut self, name: &'static str, fields: &[&'static str]) {
        self.facts.entry(name).or_default().extend(fields);
    }

    /// Adds fields of the state at the end, which `when` of advice may ask of. Without any, `when` is not checked.
    pub fn add_state(&mut self, fields: &[&'static str]) {
        self.state.extend(fields);
    }

    /// The fields of the fact `name`; `None` if there is no such fact.
    pub fn fields(&self, name: &str) -> Option<&BTreeSet<&'static str>> {
        self.facts.get(name)
    }

    /// Every name of a fact, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().copied()
    }

    /// Every field of the state at the end, in order.
    pub fn state(&self) -> impl Iterator<Item = &str> {
        self.state.iter().copied()
    }
}
