//! Whether a fact counts for a clause: its `where`, its `while`, its `unless` in the time before.
//! In: every fact that the clause names anywhere. Out: yes or no, and what a later fact refutes.
//! Never: builds matches.

use super::Fact;
use super::condition::lookup;
use super::file::{Pattern, Scope};
use super::form::{Clause, Unless};
use super::words::Pairs;
use crate::model::{Fields, Observer, Span, Value, When};
use std::collections::{BTreeMap, VecDeque};

/// Without stamps, nearness is asked of the order: so many events before or after count as near.
pub(super) const NEAR_EVENTS: u64 = 16;
/// Refuting facts that a clause remembers.
const MEMORY_MAX: usize = 1_000;

/// What a clause remembers of the facts that guard it.
#[derive(Default)]
pub(super) struct Gate {
    /// Refuting facts of the time before.
    refuting: VecDeque<(When, Option<Observer>, Fields)>,
    /// Per node: in which of all guard facts the state last changed, and to what.
    states: BTreeMap<Option<Observer>, (u64, bool)>,
    guard_facts: u64,
}

impl Gate {
    /// Whether `fact`, which came after all that were remembered, counts for `clause`.
    pub fn admits(&self, clause: &Clause, fact: &Fact, relation: &Relation) -> bool {
        clause.see.has(fact.name)
            && clause.conditions.holds(&fact.fields)
            && self.guard_holds(clause, fact.node)
            && !self.is_refuted(clause, fact, relation)
    }

    /// Remembers a fact for later ones. A fact is asked before it is remembered: it does not refute itself, and the state
    /// that it ends still holds for it.
    pub fn remember(&mut self, clause: &Clause, fact: &Fact) {
        if let Some(guard) = &clause.guard {
            let since = guard.since.has(fact.name);
            if since || guard.until.has(fact.name) {
                self.guard_facts += 1;
                self.states.insert(fact.node, (self.guard_facts, since));
            }
        }
        if let Some(unless) = &clause.unless
            && let Some(within) = unless.within
            && refutes(unless, fact)
        {
            while let Some((when, ..)) = self.refuting.front() {
                let too_old = fact.when.since(*when).is_some_and(|ago| ago > within.0);
                if !too_old && self.refuting.len() < MEMORY_MAX {
                    break;
                }
                self.refuting.pop_front();
            }
            self.refuting
                .push_back((fact.when, fact.node, fact.fields.clone()));
        }
    }

    fn guard_holds(&self, clause: &Clause, node: Option<Observer>) -> bool {
        let Some(guard) = &clause.guard else {
            return true;
        };
        // What is said of the whole cluster is said of each node.
        let own = self.states.get(&node);
        let all = self.states.get(&None);
        let (_, holds) = own.max(all).copied().unwrap_or((0, false));
        holds != guard.not
    }

    fn is_refuted(&self, clause: &Clause, fact: &Fact, relation: &Relation) -> bool {
        let Some(unless) = &clause.unless else {
            return false;
        };
        let Some(within) = unless.within else {
            return false;
        };
        self.refuting.iter().any(|(when, node, fields)| {
            is_near(*when, fact.when, within.0)
                && relation.agree(&fact.fields, fact.node, &unless.same, fields, *node)
        })
    }
}

/// Whether `fact` is one that `unless` names.
pub(super) fn refutes(unless: &Unless, fact: &Fact) -> bool {
    unless.see.has(fact.name) && unless.conditions.holds(&fact.fields)
}

/// Whether two times are at most `span` apart; without stamps, at most `NEAR_EVENTS` events.
pub(super) fn is_near(a: When, b: When, span: Span) -> bool {
    match a.since(b) {
        Some(apart) => apart.0.abs() <= span.0,
        None => a.order.abs_diff(b.order) <= NEAR_EVENTS,
    }
}

/// Whether `later` is at most `span` after `earlier`; without stamps it is, since only their order is known.
pub(super) fn is_within(earlier: When, later: When, span: Option<Span>) -> bool {
    match (later.since(earlier), span) {
        (Some(apart), Some(span)) => apart <= span,
        _ => true,
    }
}

/// When facts belong to each other.
pub(super) struct Relation {
    /// Whether each node is for itself.
    scope: Scope,
    /// Fields of the pattern's subject.
    subject: Vec<String>,
}

impl Relation {
    /// How `pattern` relates facts.
    pub fn new(pattern: &Pattern) -> Relation {
        let subject = pattern.subject.as_ref().map(|t| t.get_ref().fields());
        Relation {
            scope: pattern.scope,
            subject: subject
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Fields of the pattern's subject.
    pub fn subject(&self) -> impl Iterator<Item = &str> {
        self.subject.iter().map(String::as_str)
    }

    /// The node of matches that rest on facts of `node`.
    pub fn key_node(&self, node: Option<Observer>) -> Option<Observer> {
        match self.scope {
            Scope::Node => node,
            Scope::Cluster => None,
        }
    }

    /// Whether a later fact belongs to an earlier one or to a match: the same node unless the scope is the cluster; no
    /// different value in a field of the subject that both know; equal and known values in the `same` fields.
    pub fn agree(
        &self,
        ours: &Fields,
        our_node: Option<Observer>,
        same: &Pairs,
        theirs: &Fields,
        their_node: Option<Observer>,
    ) -> bool {
        let nodes_agree = match (self.scope, our_node, their_node) {
            (Scope::Node, Some(a), Some(b)) => a == b,
            _ => true,
        };
        nodes_agree
            && self
                .subject
                .iter()
                .all(|name| match (lookup(ours, name), lookup(theirs, name)) {
                    (Some(a), Some(b)) => values_agree(a, b),
                    _ => true,
                })
            && same.iter().all(|(our_name, their_name)| {
                match (lookup(ours, our_name), lookup(theirs, their_name)) {
                    (Some(a), Some(b)) => values_agree(a, b),
                    _ => false,
                }
            })
    }
}

/// Equal, or one is a list that holds the other.
fn values_agree(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => a == b,
        (Value::List(items), one) | (one, Value::List(items)) => {
            items.iter().any(|item| values_agree(item, one))
        }
        // A node id may be a number in one fact and part of a text in another.
        _ => a == b || a.to_string() == b.to_string(),
    }
}
