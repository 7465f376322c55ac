//! What ran when an incident began, and how often it ran without one.
//! In: tasks, and the first trouble of every incident. Out: hints, each with its base rate and the line it rests on.
//! Never: calls a task a cause.

use super::build::{Material, evidence, named};
use super::{Lane, LaneSpan, Meanwhile, Tone};
use crate::cluster::tasks::{State, Task, Tasks};
use crate::incident::group::Group;
use crate::model::{Observer, Severity, Timestamp, When};
use std::collections::BTreeMap;

/// Hints that one incident gets.
const MOST: usize = 3;
/// The name of the lane of tasks.
pub const TASKS: &str = "tasks";
/// A task that fails so soon was refused, and did nothing.
const REFUSED_S: f64 = 10.0;
/// Tasks before an incident's beginning that are looked at.
const LOOKED_AT: usize = 1_000;
/// States of one lane of tasks.
const SPANS: usize = 2_000;

/// A kind of task on a node.
type Kind = (Observer, &'static str);

/// How often each kind of task ran, and during how many of these runs an incident began.
pub struct Rates<'m> {
    loads: Vec<(&'m Task, &'static str)>,
    rates: BTreeMap<Kind, (u64, u64)>,
}

impl<'m> Rates<'m> {
    /// Of all incidents of a report.
    pub fn of(groups: &[Group], material: &Material<'m>) -> Rates<'m> {
        let mut loads: Vec<(&Task, &'static str)> = loads(material.cluster.tasks()).collect();
        // What the index of tasks tells stands where each ended.
        loads.sort_by_key(|(task, _)| place(&task.began));
        let mut starts: Vec<When> = groups
            .iter()
            .filter_map(|group| first_trouble(group, material))
            .collect();
        starts.sort_by_key(place);
        let mut rates: BTreeMap<Kind, (u64, u64)> = BTreeMap::new();
        for &(task, load) in &loads {
            let (runs, met) = rates.entry((task.node, load)).or_default();
            *runs += 1;
            // The first that is not before the task decides: one behind its end is no more within it.
            let next = starts.partition_point(|start| place(start) < place(&task.began));
            let near = starts[next.saturating_sub(1)..].iter().take(3);
            *met += u64::from(near.into_iter().any(|start| task.ran_at(*start)));
        }
        Rates { loads, rates }
    }

    /// What ran when an incident began.
    pub fn meanwhile(&self, group: &Group, material: &Material<'_>) -> Vec<Meanwhile> {
        let Some(start) = first_trouble(group, material) else {
            return Vec::new();
        };
        let ran = |(task, _): &&(&Task, &'static str)| task.ran_at(start);
        let begun = |(task, _): &(&Task, &'static str)| place(&task.began) <= place(&start);
        let before = self.loads.partition_point(begun);
        // The latest to begin is the likeliest to matter.
        let latest = self.loads[..before].iter().rev().take(LOOKED_AT);
        latest
            .filter(ran)
            .take(MOST)
            .map(|(task, load)| self.hint(task, load, material))
            .collect()
    }

    fn hint(&self, task: &Task, load: &'static str, material: &Material<'_>) -> Meanwhile {
        let (runs, met) = self
            .rates
            .get(&(task.node, load))
            .copied()
            .unwrap_or((1, 1));
        let node = named(task.node, material);
        let what = match &*task.id {
            "" => load.to_owned(),
            id => format!("{load} of {id}"),
        };
        let on = node.as_deref().unwrap_or("this node");
        let known = match material.cluster.tasks().left_out() {
            0 => "in these logs",
            _ => "that are remembered",
        };
        let rate = match (runs, met) {
            (1, _) => format!("the only run on {on} {known}"),
            (runs, met) => format!("{runs} runs on {on} {known}, trouble began in {met} of them"),
        };
        let ran = if task.began == task.ended.unwrap_or(task.began) && task.ended.is_some() {
            "happened right then"
        } else if task.ended.is_none() {
            "ran, without an end in these logs"
        } else {
            "ran"
        };
        Meanwhile {
            text: format!("{what} on {on} {ran}: {rate}. A hint, not a cause"),
            what,
            node,
            began: task.began.at,
            ended: task.ended.and_then(|ended| ended.at),
            runs,
            met,
            evidence: evidence(&task.line, &material.paths),
        }
    }
}

/// By time, and by order where there is none.
fn place(when: &When) -> (Option<Timestamp>, u64) {
    (when.at, when.order)
}

/// When the first finding of an incident began that is more than information.
fn first_trouble(group: &Group, material: &Material<'_>) -> Option<When> {
    group
        .members
        .iter()
        .map(|n| &material.matches[*n])
        .filter(|found| found.severity > Severity::Info)
        .map(|found| found.began)
        .min_by_key(|began| began.order)
}

fn loads(tasks: &Tasks) -> impl Iterator<Item = (&Task, &'static str)> {
    let refused = |task: &Task| {
        let took = task.ended.and_then(|ended| ended.since(task.began));
        task.state == State::Failed && took.is_some_and(|took| took.seconds() < REFUSED_S)
    };
    let did = tasks.iter().filter(move |task| !refused(task));
    did.filter_map(|task| Some((task, task.load()?)))
}

/// A lane for each node: what ran there.
pub fn lanes(material: &Material<'_>) -> Vec<Lane> {
    let mut steps: BTreeMap<Observer, Vec<(When, bool, usize)>> = BTreeMap::new();
    let all: Vec<(&Task, &'static str)> = loads(material.cluster.tasks()).collect();
    for (n, (task, _)) in all.iter().enumerate() {
        let of_node = steps.entry(task.node).or_default();
        of_node.push((task.began, true, n));
        of_node.extend(task.ended.map(|ended| (ended, false, n)));
    }
    let lane = |(node, mut steps): (Observer, Vec<(When, bool, usize)>)| {
        steps.sort_by_key(|(when, begins, _)| (when.order, !begins));
        let mut running: BTreeMap<&str, u32> = BTreeMap::new();
        let mut spans: Vec<LaneSpan> = Vec::new();
        for (when, begins, n) in steps {
            let of_kind = running.entry(all[n].1).or_default();
            *of_kind = if begins {
                *of_kind + 1
            } else {
                of_kind.saturating_sub(1)
            };
            let words = running.iter().filter(|(_, n)| **n > 0);
            let words: Vec<&str> = words.map(|(word, _)| *word).collect();
            let span = LaneSpan {
                at: when.at,
                order: when.order,
                line: all[n].0.line.place.line,
                label: words.join(", "),
                tone: if words.is_empty() {
                    Tone::Good
                } else {
                    Tone::Plain
                },
            };
            let same = spans.last().is_some_and(|last| last.label == span.label);
            if !same && spans.len() < SPANS {
                spans.push(span);
            }
        }
        Lane {
            node: named(node, material),
            name: TASKS.to_owned(),
            spans,
        }
    };
    steps.into_iter().map(lane).collect()
}
