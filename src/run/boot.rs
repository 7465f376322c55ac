//! One boot of each node, as `journalctl -b` chooses it.
//! In: a plan, what was found for it, and which boot is wanted. Out: which events of a second reading are of it.
//! Never: hides how the boot ended, of which the beginning of the next one tells.

use super::{Inputs, Plan, batch};
use crate::cluster::given::Given;
use crate::cluster::lives::Life;
use crate::cluster::{Cluster, power};
use crate::event::Event;
use crate::model::{Observer, When};
use crate::pattern::Pattern;
use crate::report::build::boot_parts;
use crate::report::{BootPart, Report};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The digits of an id that are enough to name it; fewer are a number.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 8..=32;
/// Nodes that are named where none has the boot that is wanted, or some have not.
const NAMED: usize = 6;

/// Which boot of a node is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boot {
    /// The newest is 0, the one before it is 1.
    BeforeNewest(usize),
    /// The oldest is 1.
    Oldest(usize),
    /// The one whose id begins so.
    Id(String),
}

impl Boot {
    /// As journalctl takes it: `0`, `-1`, `1`, or an id or its beginning.
    pub fn parse(text: &str) -> Option<Boot> {
        let id: String = text.chars().filter(|c| *c != '-').collect();
        let hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if ID_DIGITS.contains(&id.len()) && hex && !text.starts_with('-') {
            return Some(Boot::Id(id.to_ascii_lowercase()));
        }
        let number: i32 = text.parse().ok()?;
        let distance = usize::try_from(number.unsigned_abs()).ok()?;
        Some(match number > 0 {
            true => Boot::Oldest(distance),
            false => Boot::BeforeNewest(distance),
        })
    }

    /// Its place among the boots of a node, the oldest first.
    fn of(&self, lives: &[&Life]) -> Option<usize> {
        match self {
            Boot::BeforeNewest(distance) => lives.len().checked_sub(distance + 1),
            Boot::Oldest(number) => (*number <= lives.len()).then(|| number - 1),
            Boot::Id(id) => lives.iter().position(|life| {
                let own = life.id.as_ref();
                own.is_some_and(|own| own.replace('-', "").starts_with(id))
            }),
        }
    }
}

impl std::fmt::Display for Boot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Boot::BeforeNewest(0) => f.write_str("0"),
            Boot::BeforeNewest(distance) => write!(f, "-{distance}"),
            Boot::Oldest(number) => write!(f, "{number}"),
            Boot::Id(id) => f.write_str(id),
        }
    }
}

/// The part of the merged events that is read of one node.
#[derive(Clone, Debug)]
struct Part {
    /// From the first event of the boot to the first one of the next.
    orders: Range<u64>,
    /// When the next one begins, and with which event the one behind that does.
    next: Option<(When, u64)>,
}

/// The boots that were chosen.
#[derive(Debug)]
pub struct Chosen {
    given: Given,
    parts: BTreeMap<Observer, Part>,
    /// What is read of nodes without such a boot: the time of those that have one.
    others: Range<u64>,
    /// The boots of all nodes, by name.
    boots: Vec<(String, Vec<BootPart>)>,
    remark: String,
}

/// Reads everything once and finds the boots that are wanted; says which there are if none of them is.
pub fn find(
    plan: &Plan,
    inputs: &Inputs,
    patterns: &[Arc<Pattern>],
    boot: &Boot,
) -> Result<Chosen, String> {
    let mut options = plan.read.clone();
    options.listen(patterns);
    let mut cluster = Cluster::given(&plan.given);
    let mut order = 0;
    let mut changes = Vec::new();
    let mut latest = None;
    batch::read_all(inputs.sources.clone(), &options, &mut |event| {
        order += 1;
        latest = latest.max(event.at);
        let at = event.at;
        cluster.step(event, When { at, order }, &mut changes);
        changes.clear();
    });
    let end = When {
        at: latest,
        order: order + 1,
    };
    cluster.finish(end, &mut changes);
    let paths: Vec<Arc<str>> = inputs.sources.iter().map(|s| Arc::from(&*s.name)).collect();
    let mut chosen = Chosen {
        given: plan.given.clone(),
        parts: BTreeMap::new(),
        others: 0..0,
        boots: Vec::new(),
        remark: String::new(),
    };
    let (mut with, mut without, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for (observer, node) in cluster.nodes() {
        let lives: Vec<&Life> = node.lives.iter().collect();
        if lives.is_empty() {
            continue;
        }
        let name = cluster.roster.call(observer);
        let number = lives.len();
        counts.push(format!(
            "{name} has {number} boot{}",
            if number == 1 { "" } else { "s" }
        ));
        chosen
            .boots
            .push((name.clone(), boot_parts(&node.lives, &paths)));
        let oldest_gone = matches!(boot, Boot::Oldest(_)) && node.lives.forgotten() > 0;
        let Some(n) = boot.of(&lives).filter(|_| !oldest_gone) else {
            without.push(name);
            continue;
        };
        let order = |n: usize| lives.get(n).map_or(u64::MAX, |life| life.first.order);
        let next = lives.get(n + 1).map(|life| (life.first, order(n + 2)));
        let orders = order(n)..order(n + 1);
        let instant = |when: When| {
            when.at
                .map_or_else(|| "no stamp".to_owned(), |at| at.date_clock())
        };
        with.push(format!(
            "{name} {} to {}",
            instant(lives[n].first),
            instant(lives[n].last)
        ));
        chosen.parts.insert(observer, Part { orders, next });
    }
    if chosen.parts.is_empty() {
        return Err(match counts.is_empty() {
            true => format!("there is no boot {boot}: no line of a node was understood"),
            false => format!("there is no boot {boot}: {}", some(&counts)),
        });
    }
    let parts = || chosen.parts.values().map(|part| &part.orders);
    let first = parts().map(|orders| orders.start).min();
    let end = parts().map(|orders| orders.end).max();
    chosen.others = first.unwrap_or(0)..end.unwrap_or(0);
    chosen.remark = format!("boot {boot} alone was used: {}", some(&with));
    if !without.is_empty() {
        chosen.remark += &format!(
            "; of {}, which has no such boot, the lines of that time",
            some(&without)
        );
    }
    Ok(chosen)
}

fn some(words: &[String]) -> String {
    let mut text = words[..words.len().min(NAMED)].join(", ");
    if words.len() > NAMED {
        text += &format!(" and {} more", words.len() - NAMED);
    }
    text
}

impl Chosen {
    /// What takes the events of the next reading, from the first one on.
    pub fn choice(&self) -> Choice<'_> {
        Choice {
            chosen: self,
            cluster: Cluster::given(&self.given),
            order: 0,
            behind: BTreeMap::new(),
        }
    }

    /// Tells of the choice, and of all boots, also of those that were not chosen.
    pub fn tell(&self, report: &mut Report) {
        report.remarks.insert(0, self.remark.clone());
        for node in &mut report.cluster.nodes {
            let called = match (&node.name, node.id) {
                (Some(name), _) => name.clone(),
                (None, Some(id)) => format!("node {id}"),
                (None, None) => "this node".to_owned(),
            };
            let own = |(name, _): &&(String, Vec<BootPart>)| *name == called;
            if let Some((_, boots)) = self.boots.iter().find(own) {
                node.boots.clone_from(boots);
            }
        }
    }
}

/// Tells whose an event is, as the first reading did, and whether it is of a chosen boot.
pub struct Choice<'c> {
    chosen: &'c Chosen,
    cluster: Cluster,
    order: u64,
    /// Events of each node behind its boot.
    behind: BTreeMap<Observer, u32>,
}

impl Choice<'_> {
    /// Whether an event is of a chosen boot, or tells how it ended.
    pub fn takes(&mut self, event: &Event) -> bool {
        self.order += 1;
        let (order, at) = (self.order, event.at);
        let when = When { at, order };
        let Some(observer) = self.cluster.step(event, when, &mut Vec::new()) else {
            return true;
        };
        let Some(part) = self.chosen.parts.get(&observer) else {
            return self.chosen.others.contains(&order);
        };
        let next = part.next.filter(|(next, _)| order >= next.order);
        let Some((next, end)) = next else {
            return part.orders.contains(&order);
        };
        if order >= end {
            return false;
        }
        let behind = self.behind.entry(observer).or_default();
        *behind = behind.saturating_add(1);
        order == next.order || power::tells_of_end(&event.kind, *behind, when.since(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_is_named_as_for_journalctl() {
        let id = "4be0dfdccc70d5b1b87ec33408f43369";
        for (text, want) in [
            ("0", Some(Boot::BeforeNewest(0))),
            ("-0", Some(Boot::BeforeNewest(0))),
            ("-1", Some(Boot::BeforeNewest(1))),
            ("2", Some(Boot::Oldest(2))),
            (id, Some(Boot::Id(id.to_owned()))),
            (
                "4BE0DFDC-cc70-d5b1-b87e-c33408f43369",
                Some(Boot::Id(id.to_owned())),
            ),
            ("4be0dfdc", Some(Boot::Id("4be0dfdc".to_owned()))),
            ("pve1", None),
            ("", None),
            ("-", None),
            ("system.journal", None),
        ] {
            assert_eq!(Boot::parse(text), want, "{text}");
        }
    }
}
