//! A sliding window of log time that counts.
//! In: counted facts of one key. Out: whether the threshold is reached, and by which facts.
//! Never: holds more than it needs; facts that a match has taken leave only their weight.

use super::Fact;
use crate::model::{Span, When};
use std::collections::VecDeque;

/// Entries of one window; the two oldest are then counted as one.
const ENTRIES_MAX: usize = 10_000;

/// The facts of the last `within`.
pub(super) struct Window {
    entries: VecDeque<Entry>,
    total: u64,
}

struct Entry {
    when: When,
    weight: u64,
    /// `None` once a match has taken it.
    fact: Option<Fact>,
}

impl Window {
    pub fn new() -> Window {
        Window {
            entries: VecDeque::new(),
            total: 0,
        }
    }

    /// Adds a fact.
    pub fn add(&mut self, fact: &Fact, weight: u64) {
        self.total = self.total.saturating_add(weight);
        self.entries.push_back(Entry {
            when: fact.when,
            weight,
            fact: Some(fact.clone()),
        });
        if self.entries.len() > ENTRIES_MAX
            && let Some(oldest) = self.entries.pop_front()
            && let Some(next) = self.entries.front_mut()
        {
            next.weight = next.weight.saturating_add(oldest.weight);
        }
    }

    /// Drops what is older than `within` before `now`. Without stamps nothing is.
    pub fn slide(&mut self, now: When, within: Span) {
        while let Some(oldest) = self.entries.front()
            && now.since(oldest.when).is_some_and(|age| age > within)
        {
            self.total = self.total.saturating_sub(oldest.weight);
            self.entries.pop_front();
        }
    }

    /// The weight of all that is in it.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// When its oldest fact was.
    pub fn oldest(&self) -> Option<When> {
        self.entries.front().map(|entry| entry.when)
    }

    /// The order of its latest fact.
    pub fn latest(&self) -> Option<u64> {
        self.entries.back().map(|entry| entry.when.order)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it shares a fact with a match.
    pub fn has_taken(&self) -> bool {
        // Facts are taken in order, so the oldest is taken first.
        self.entries
            .front()
            .is_some_and(|entry| entry.fact.is_none())
    }

    /// Takes the facts that no match has yet, with their weights.
    pub fn take(&mut self) -> Vec<(Fact, u64)> {
        // New ones are at the end, so this does not walk a long window.
        let new = self
            .entries
            .iter()
            .rev()
            .take_while(|entry| entry.fact.is_some())
            .count();
        let first = self.entries.len() - new;
        self.entries
            .range_mut(first..)
            .filter_map(|entry| Some((entry.fact.take()?, entry.weight)))
            .collect()
    }
}
