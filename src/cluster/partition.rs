//! Components of the cluster that live at the same time.
//! In: memberships formed by every node whose log we read, pids of group members, signs of life. Out: `partition.*`.
//! Never: takes a node that crashed, or left, for a partition.

use super::membership::Formed;
use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::corosync::{Corosync, main::Main};
use crate::event::pmxcfs::Pmxcfs;
use crate::model::{Basis, Line, Member, NodeId, Observer, SourceId, When};
use std::collections::{BTreeMap, BTreeSet};

/// A node that logs this long after another lost it was alive, whatever their clocks differ by within a second.
const ALIVE_S: f64 = 2.0;

/// What one node lost without a farewell, and has not met again.
#[derive(Clone, Debug)]
struct Split {
    when: When,
    source: SourceId,
    sequence: u64,
    members: BTreeSet<NodeId>,
    lost: BTreeSet<NodeId>,
    pids: BTreeMap<NodeId, u32>,
    lines: Vec<Line>,
    told: bool,
}

/// One node's view.
#[derive(Debug, Default)]
struct View {
    id: Option<NodeId>,
    split: Option<Split>,
    /// A reunion whose pids are still to come: who is back, and whether their rings lived through it.
    reunion: Option<(Split, BTreeSet<NodeId>, When)>,
    pids: BTreeMap<NodeId, u32>,
    quorate: Option<bool>,
    /// Its corosync is not running, or has only just started.
    out: bool,
}

/// Every view, and what follows from holding them side by side.
#[derive(Debug, Default)]
pub struct Partitions {
    views: BTreeMap<Observer, View>,
    open: usize,
}

impl Partitions {
    /// Takes one event of a node: signs of life, and group members with their pids.
    pub fn step(&mut self, seen: &Seen<'_>, id: Option<NodeId>, corosync_gone: bool, quorum_needed: Option<u32>, out: &mut Sink) {
        let view = self.views.entry(seen.node).or_default();
        view.id = id.or(view.id);
        if corosync_gone || matches!(seen.event.kind, Kind::Corosync(Corosync::Main(Main::Starting { .. }))) {
            view.out = true;
        }
        if let Kind::Pmxcfs(_, Pmxcfs::Members { members }) = &seen.event.kind {
            self.members(seen, members, quorum_needed, out);
        }
        if self.open > 0 {
            self.alive(seen, quorum_needed, out);
        }
    }

    /// Takes what a node knows of quorum by now.
    pub fn quorum(&mut self, node: Observer, quorate: Option<bool>) {
        self.views.entry(node).or_default().quorate = quorate;
    }

    /// A node booted: what it saw before is over.
    pub fn reset(&mut self, node: Observer) {
        if let Some(view) = self.views.get_mut(&node) {
            *view = View { id: view.id, out: true, ..View::default() };
            self.recount();
        }
    }

    /// Takes a membership that a node formed.
    pub fn formed(&mut self, node: Observer, source: SourceId, formed: &Formed, out: &mut Sink) {
        let view = self.views.entry(node).or_default();
        let members = formed.members.clone().unwrap_or_default();
        if members.len() > 1 {
            view.out = false;
        }
        let back: BTreeSet<NodeId> = view
            .split
            .iter()
            .flat_map(|split| split.lost.iter())
            .filter(|node| formed.joined.contains(node) || members.contains(node))
            .copied()
            .collect();
        if !back.is_empty() && let Some(split) = &mut view.split {
            let met = split.clone();
            split.lost.retain(|node| !back.contains(node));
            // Every start of corosync adds 1 to the sequence, every round 4: a ring that comes back from a start differs.
            let lived = formed.ring.sequence.saturating_sub(met.sequence).is_multiple_of(4);
            if split.lost.is_empty() {
                view.split = None;
            }
            if met.told {
                let lasted_s = formed.when.since(met.when).map(|span| span.seconds());
                out.push_cluster(formed.when, Basis::Measured, ChangeKind::Reunited { lasted_s }, formed.lines.clone());
            } else if lived {
                view.reunion = Some((met, back, formed.when));
            }
        }
        if !formed.left.is_empty() && !formed.clean && !formed.first {
            let split = view.split.get_or_insert_with(|| Split {
                when: formed.when,
                source,
                sequence: formed.ring.sequence,
                members: members.clone(),
                lost: BTreeSet::new(),
                pids: view.pids.clone(),
                lines: formed.lines.clone(),
                told: false,
            });
            split.lost.extend(&formed.left);
            split.members.clone_from(&members);
        }
        self.recount();
        self.both_sides(node, formed, out);
    }

    /// Two nodes have each lost the other: the cluster is in two.
    fn both_sides(&mut self, node: Observer, formed: &Formed, out: &mut Sink) {
        let Some((mine, my_id, my_quorum)) = self.views.get(&node).and_then(|view| Some((view.split.clone()?, view.id?, view.quorate))) else {
            return;
        };
        let others: Vec<(Observer, Split, Option<bool>)> = self
            .views
            .iter()
            .filter(|(other, view)| **other != node && !view.out && view.id.is_some_and(|id| mine.lost.contains(&id)))
            .filter_map(|(other, view)| Some((*other, view.split.clone()?, view.quorate)))
            .filter(|(_, split, _)| split.lost.contains(&my_id) && split.members.is_disjoint(&mine.members))
            .collect();
        let Some((other, theirs, their_quorum)) = others.into_iter().next() else {
            return;
        };
        let components = vec![ids(&mine.members), ids(&theirs.members)];
        if my_quorum == Some(true) && their_quorum == Some(true) {
            let mut lines = mine.lines.clone();
            lines.extend(theirs.lines.clone());
            out.push_cluster(formed.when, Basis::Inferred, ChangeKind::BothQuorate { components: components.clone() }, lines);
        }
        if mine.told || theirs.told {
            self.tell(&[node, other]);
            return;
        }
        let quorate = match (my_quorum, their_quorum) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        let began = if theirs.when.order < mine.when.order { theirs.when } else { mine.when };
        let mut lines = mine.lines;
        lines.extend(theirs.lines);
        let change = ChangeKind::Partitioned { components, quorate, proof: "both-sides" };
        out.push_cluster(began, Basis::Inferred, change, lines);
        self.tell(&[node, other]);
    }

    /// Group members after a reunion: the same pids as before lived through the separation.
    fn members(&mut self, seen: &Seen<'_>, members: &[Member], quorum_needed: Option<u32>, out: &mut Sink) {
        let Some(view) = self.views.get_mut(&seen.node) else { return };
        let listed: BTreeMap<NodeId, u32> = members.iter().map(|member| (member.node, member.pid)).collect();
        if let Some((split, back, when)) = &view.reunion
            && back.iter().any(|node| listed.contains_key(node))
        {
            let same = back.iter().any(|node| listed.get(node).is_some_and(|pid| split.pids.get(node) == Some(pid)));
            if same {
                let change = ChangeKind::Partitioned {
                    components: vec![ids(&split.members), ids(&split.lost)],
                    quorate: side_quorate(view.quorate_before(split), split.lost.len(), quorum_needed),
                    proof: "same-processes",
                };
                let mut lines = split.lines.clone();
                lines.push(seen.line.clone());
                out.push_cluster(split.when, Basis::Inferred, change, lines.clone());
                let lasted_s = when.since(split.when).map(|span| span.seconds());
                out.push_cluster(*when, Basis::Measured, ChangeKind::Reunited { lasted_s }, lines);
            }
            view.reunion = None;
        }
        view.pids = listed;
    }

    /// A node that another one lost says something: when that one is all alone, this one lives in another component.
    fn alive(&mut self, seen: &Seen<'_>, quorum_needed: Option<u32>, out: &mut Sink) {
        let lives = self.views.get(&seen.node).is_some_and(|view| !view.out)
            && matches!(
                seen.event.kind,
                Kind::Corosync(_) | Kind::Pmxcfs(..) | Kind::PveHaLrm(_) | Kind::PveHaCrm(_) | Kind::Ha(..) | Kind::WatchdogMux(_)
            );
        if !lives {
            return;
        }
        let own_id = self.views.get(&seen.node).and_then(|view| view.id);
        let lonely = self.views.iter().find_map(|(node, view)| {
            let split = view.split.as_ref()?;
            let later = match seen.when.since(split.when) {
                Some(span) => span.seconds() > ALIVE_S,
                None => split.source == seen.event.place.source,
            };
            let other = own_id.is_none_or(|id| split.lost.contains(&id));
            (*node != seen.node && !split.told && split.members.len() == 1 && later && other).then(|| (*node, split.clone(), view.quorate))
        });
        if let Some((node, split, quorate)) = lonely {
            let change = ChangeKind::Partitioned {
                components: vec![ids(&split.members), ids(&split.lost)],
                quorate: side_quorate(quorate, split.lost.len(), quorum_needed),
                proof: "alive-elsewhere",
            };
            let mut lines = split.lines;
            lines.push(seen.line.clone());
            out.push_cluster(split.when, Basis::Inferred, change, lines);
            self.tell(&[node]);
        }
    }

    fn tell(&mut self, nodes: &[Observer]) {
        // One story is told once: every view that is split at the same time belongs to it.
        let told: BTreeSet<Observer> = nodes.iter().copied().collect();
        for (node, view) in &mut self.views {
            if let Some(split) = &mut view.split
                && (told.contains(node) || !view.out)
            {
                split.told = true;
            }
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.open = self.views.values().filter(|view| view.split.as_ref().is_some_and(|split| !split.told)).count();
    }
}

impl View {
    /// Whether this node was quorate in its component: what it knows now says so only while it is split.
    fn quorate_before(&self, split: &Split) -> Option<bool> {
        // A component of one never has quorum in a cluster of three or more.
        if split.members.len() == 1 && split.lost.len() >= 2 { Some(false) } else { None }
    }
}

/// Whether one side has quorum: this one, or the others, of whom there are too few.
fn side_quorate(mine: Option<bool>, others: usize, needed: Option<u32>) -> Option<bool> {
    match (mine, needed) {
        (Some(true), _) => Some(true),
        (Some(false), Some(needed)) if others < needed as usize => Some(false),
        _ => None,
    }
}

fn ids(nodes: &BTreeSet<NodeId>) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
