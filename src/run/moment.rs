//! The state at an instant: reading up to it for what was so, and on to the end for who is who.
//! In: a plan and an instant. Out: a `Moment`, or why there is none.
//! Never: lets an event behind the first later one move the machines that are told.

use super::{Inputs, Plan, gather, recognised};
use crate::cluster::Cluster;
use crate::event::journald::Journald;
use crate::event::{Event, Kind};
use crate::input;
use crate::model::{Coverage, Observer, SourceId, Timestamp, When};
use crate::report::moment::{self, After, Material, Moment};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A clock may step back by this without a word: lines of several programs of one host are not written in strict order.
const JITTER_S: f64 = 1.0;

/// Why there is nothing to tell of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silent {
    /// No line has a stamp.
    NoStamps,
    /// The logs begin after it.
    Before(Timestamp),
}

/// What was found at an instant, and what stood in its way.
#[derive(Debug)]
pub struct Answer {
    /// The state, or why there is none.
    pub moment: Result<Box<Moment>, Silent>,
    /// What could not be read.
    pub failures: Vec<input::Error>,
    /// Whether anything that was read looks like a log.
    pub recognised: bool,
    /// Lines that were read.
    pub lines: u64,
}

/// Reads what was found for the plan and tells how the cluster stood at `at`.
pub fn at(plan: &Plan, inputs: Inputs, at: Timestamp) -> Answer {
    let mut feed = Feed::new(plan, at);
    let (outcome, names) = gather(
        inputs,
        &plan.read,
        |_| false,
        &mut |_, event| feed.take(event),
        &mut || {},
    );
    let coverage = &outcome.coverage;
    Answer {
        recognised: recognised(coverage),
        lines: coverage.inputs.iter().map(|input| input.lines).sum(),
        moment: feed.finish(coverage, &names).map(Box::new),
        failures: outcome.failures,
    }
}

fn is_marker(event: &Event) -> bool {
    matches!(event.kind, Kind::Journald(Journald::BootMarker { .. }))
}

/// Events on their way to the machines.
struct Feed {
    at: Timestamp,
    then: Cluster,
    whole: Cluster,
    order: u64,
    /// An event later than the instant has come.
    past: bool,
    /// The latest stamp of each input, which lines without one go by.
    stamps: BTreeMap<SourceId, Timestamp>,
    /// Events that go with the next stamp of their input: those before its first one, and markers of a boot that is to come.
    waiting: BTreeMap<SourceId, Vec<Event>>,
    most: usize,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    after: BTreeMap<Observer, After>,
    /// Nodes in whose logs a program of the cluster speaks.
    speaking: BTreeSet<Observer>,
    /// Boots of each node by the instant.
    boots: BTreeMap<Observer, u32>,
    /// Events from before the instant that stand behind later ones.
    behind: u64,
}

impl Feed {
    fn new(plan: &Plan, at: Timestamp) -> Feed {
        Feed {
            at,
            then: Cluster::given(&plan.given),
            whole: Cluster::given(&plan.given),
            order: 0,
            past: false,
            stamps: BTreeMap::new(),
            waiting: BTreeMap::new(),
            most: plan.read.limits.reorder_events,
            first: None,
            last: None,
            after: BTreeMap::new(),
            speaking: BTreeSet::new(),
            boots: BTreeMap::new(),
            behind: 0,
        }
    }

    fn take(&mut self, event: &Event) {
        let source = event.place.source;
        let carried = self.stamps.get(&source).copied();
        // A marker stands behind the last line of the boot before; the boot begins with the line behind it.
        let known = event.at.or(carried.filter(|_| !is_marker(event)));
        let Some(stamp) = known else {
            let waiting = self.waiting.entry(source).or_default();
            if waiting.len() < self.most {
                waiting.push(event.clone());
            }
            return;
        };
        self.stamps.insert(source, stamp);
        for earlier in self.waiting.remove(&source).unwrap_or_default() {
            self.feed(&earlier, stamp);
        }
        self.feed(event, stamp);
    }

    fn feed(&mut self, event: &Event, stamp: Timestamp) {
        self.order += 1;
        let when = When {
            at: event.at,
            order: self.order,
        };
        self.first = Some(self.first.map_or(stamp, |first| first.min(stamp)));
        self.last = Some(self.last.map_or(stamp, |last| last.max(stamp)));
        if !self.past && stamp > self.at {
            self.past = true;
            self.boots = self
                .then
                .nodes()
                .map(|(observer, node)| (observer, node.boots))
                .collect();
        }
        let mut changes = Vec::new();
        if !self.past {
            self.then.step(event, when, &mut changes);
            changes.clear();
        }
        let Some(observer) = self.whole.step(event, when, &mut changes) else {
            return;
        };
        if event.kind.is_of_cluster() {
            self.speaking.insert(observer);
        }
        if !self.past {
            return;
        }
        if stamp <= self.at {
            self.behind += u64::from(self.at.since(stamp).seconds() > JITTER_S);
            return;
        }
        let boots = self.whole.node(observer).map_or(0, |node| node.boots);
        let after = self.after.entry(observer).or_default();
        after.next.get_or_insert(stamp);
        if boots > self.boots.get(&observer).copied().unwrap_or(0) {
            after.boot.get_or_insert(stamp);
        }
    }

    /// What the machines say by now.
    fn finish(mut self, coverage: &Coverage, names: &[String]) -> Result<Moment, Silent> {
        let inputs = coverage.inputs.iter();
        let first = inputs.clone().filter_map(|input| input.first).min();
        let last = inputs.filter_map(|input| input.last).max();
        let end = [self.last, last].into_iter().flatten().max();
        let begin = [self.first, first].into_iter().flatten().min();
        let (Some(begin), Some(end)) = (begin, end) else {
            return Err(Silent::NoStamps);
        };
        if self.at < begin {
            return Err(Silent::Before(begin));
        }
        let now = When {
            at: Some(self.at.min(end)),
            order: self.order + 1,
        };
        let mut changes = Vec::new();
        self.whole.finish(now, &mut changes);
        self.note_unread(coverage);
        let after = &self.after;
        let goes_on = |node| {
            after
                .get(&node)
                .is_some_and(|after| after.next.is_some() || after.goes_on)
        };
        self.then.settle(now, &goes_on);
        self.then.identified_by(&self.whole.roster);
        let remarks = self.remarks(coverage, names);
        Ok(moment::moment(&Material {
            then: &self.then,
            whole: &self.whole,
            at: self.at,
            end,
            after: &self.after,
            speaking: &self.speaking,
            remarks,
            paths: names.iter().map(|name| Arc::from(name.as_str())).collect(),
        }))
    }

    /// An input of one node that holds later lines, none of which is an event, still shows that the node went on.
    fn note_unread(&mut self, coverage: &Coverage) {
        for (n, input) in coverage.inputs.iter().enumerate() {
            if input.last.is_none_or(|last| last <= self.at) {
                continue;
            }
            let source = SourceId(u32::try_from(n).unwrap_or(u32::MAX));
            let nodes: Vec<Observer> = self.whole.nodes_of(source).collect();
            if let [node] = nodes[..] {
                self.after.entry(node).or_default().goes_on = true;
            }
        }
    }

    fn remarks(&self, coverage: &Coverage, names: &[String]) -> Vec<String> {
        let mut remarks = coverage.remarks.clone();
        for source in self.waiting.keys() {
            let unplaced = !self.stamps.contains_key(source);
            if let Some(name) = names.get(source.0 as usize).filter(|_| unplaced) {
                remarks.push(format!(
                    "{name} has no stamps: nothing of it can be placed in time, so it is left out"
                ));
            }
        }
        if self.behind > 0 {
            remarks.push(format!(
                "{} lines stamped before that instant stand behind later ones, as after a clock that was set back: they are left \
                 out",
                self.behind
            ));
        }
        remarks
    }
}
