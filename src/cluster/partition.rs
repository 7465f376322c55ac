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
/// A host of which nobody knows whether it is one of those that were lost must log this soon: it may be of another cluster,
/// or of another day.
const STRANGER_S: f64 = 600.0;

/// What one node lost without a farewell, and has not met again.
#[derive(Clone, Debug)]
struct Split {
    when: When,
    source: SourceId,
    sequence: Option<u64>,
    members: BTreeSet<NodeId>,
    lost: BTreeSet<NodeId>,
    lines: Vec<Line>,
    told: bool,
}

/// The pid that a group member was last listed with.
#[derive(Clone, Copy, Debug)]
struct Process {
    pid: u32,
    /// Order of the first and the latest line that lists it.
    first: u64,
    latest: u64,
}

/// One node's view.
#[derive(Debug, Default)]
struct View {
    /// Whether the node said anything.
    heard: bool,
    id: Option<NodeId>,
    split: Option<Split>,
    /// A reunion whose pids are still to come: who is back, and whether their rings lived through it.
    reunion: Option<(Split, BTreeSet<NodeId>, When)>,
    processes: BTreeMap<NodeId, Process>,
    quorate: Option<bool>,
    /// Its corosync is not running, or has only just started.
    out: bool,
}

impl View {
    /// Whether it sees a split that was not told yet.
    fn is_open(&self) -> bool {
        self.split.as_ref().is_some_and(|split| !split.told)
    }
}

/// Every view, and what follows from holding them side by side.
#[derive(Debug, Default)]
pub struct Partitions {
    /// Of each observer at its number; one that was never asked for sees nothing.
    views: Vec<View>,
    open: usize,
}

impl Partitions {
    /// Takes one event of a node: signs of life, and group members with their pids.
    pub fn step(
        &mut self,
        seen: &Seen<'_>,
        id: Option<NodeId>,
        corosync_gone: bool,
        quorum_needed: Option<u32>,
        out: &mut Sink,
    ) {
        let view = self.view(seen.node);
        view.heard = true;
        let learnt = view.id.is_none() && id.is_some();
        view.id = id.or(view.id);
        if learnt {
            self.both_sides(seen.node, out);
        }
        if corosync_gone
            || matches!(
                seen.event.kind,
                Kind::Corosync(Corosync::Main(Main::Starting { .. }))
            )
        {
            self.view(seen.node).out = true;
        }
        if let Kind::Pmxcfs(_, Pmxcfs::Members { members }) = &seen.event.kind {
            self.members(seen, members, quorum_needed, out);
        }
        if self.open > 0 {
            self.alive(seen, quorum_needed, out);
        }
    }

    /// Takes what a node knows of quorum by now. Two components that both hold themselves for quorate are a split brain.
    ///
    /// While the lines of a formation are still coming, a gained quorum may be that of a reunion: nothing is concluded.
    pub fn quorum(
        &mut self,
        seen: &Seen<'_>,
        quorate: Option<bool>,
        forming: bool,
        out: &mut Sink,
    ) {
        let view = self.view(seen.node);
        if view.quorate == quorate {
            return;
        }
        view.quorate = quorate;
        let id = view.id;
        let (Some(true), false, Some(mine)) = (quorate, forming, view.split.clone()) else {
            return;
        };
        let other = self
            .facing(seen.node, &mine, id)
            .into_iter()
            .find(|(_, _, quorate)| *quorate == Some(true));
        if let Some((_, theirs, _)) = other {
            let components = vec![ids(&mine.members), ids(&theirs.members)];
            let mut lines = vec![seen.line()];
            lines.extend(theirs.lines);
            out.push_cluster(
                seen.when,
                Basis::Inferred,
                ChangeKind::BothQuorate { components },
                lines,
            );
        }
    }

    /// The nodes that are quorate in another component while this one is quorate in its own.
    pub fn rivals(&self, node: Observer) -> Vec<Observer> {
        let Some(view) = self.views.get(node.0 as usize) else {
            return Vec::new();
        };
        match (&view.split, view.quorate) {
            (Some(mine), Some(true)) => self
                .facing(node, mine, view.id)
                .into_iter()
                .filter(|(.., quorate)| *quorate == Some(true))
                .map(|(other, ..)| other)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A node booted: what it saw before is over.
    pub fn reset(&mut self, node: Observer) {
        let view = self.view(node);
        if view.heard {
            *view = View {
                heard: true,
                id: view.id,
                out: true,
                ..View::default()
            };
            self.recount();
        }
    }

    fn view(&mut self, node: Observer) -> &mut View {
        let at = node.0 as usize;
        if at >= self.views.len() {
            self.views.resize_with(at + 1, View::default);
        }
        &mut self.views[at]
    }

    fn views(&self) -> impl Iterator<Item = (Observer, &View)> {
        (0..).map(Observer).zip(&self.views)
    }

    /// Takes a membership that a node formed.
    pub fn formed(&mut self, node: Observer, source: SourceId, formed: &Formed, out: &mut Sink) {
        let view = self.view(node);
        let open = view.is_open();
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
        if !back.is_empty()
            && let Some(split) = &mut view.split
        {
            let met = split.clone();
            split.lost.retain(|node| !back.contains(node));
            // Every start of corosync adds 1 to the sequence, every round 4: a ring that comes back from a start differs.
            let lived = match (&formed.ring, met.sequence) {
                (Some(ring), Some(before)) => {
                    ring.sequence.saturating_sub(before).is_multiple_of(4)
                }
                _ => true,
            };
            if split.lost.is_empty() {
                view.split = None;
            }
            if met.told {
                let lasted_s = formed.when.since(met.when).map(|span| span.seconds());
                out.push_cluster(
                    formed.when,
                    Basis::Measured,
                    ChangeKind::Reunited { lasted_s },
                    formed.lines.clone(),
                );
            } else if lived {
                view.reunion = Some((met, back, formed.when));
            }
        }
        if !formed.left.is_empty() && formed.clean != Some(true) && !formed.first {
            let split = view.split.get_or_insert_with(|| Split {
                when: formed.when,
                source,
                sequence: formed.ring.as_ref().map(|ring| ring.sequence),
                members: members.clone(),
                lost: BTreeSet::new(),
                lines: formed.lines.clone(),
                told: false,
            });
            split.lost.extend(&formed.left);
            split.members.clone_from(&members);
        }
        let now_open = view.is_open();
        self.open = self.open + usize::from(now_open) - usize::from(open);
        if let Some(line) = formed.lines.last() {
            self.reunion(node, line, None, out);
        }
        self.both_sides(node, out);
    }

    /// The views that face a node's own: each has lost the other, and both live. Ids tell it where they are known, else the
    /// member lists do: all of one side are among those that the other lost.
    fn facing(
        &self,
        node: Observer,
        mine: &Split,
        my_id: Option<NodeId>,
    ) -> Vec<(Observer, Split, Option<bool>)> {
        self.views()
            .filter(|(other, view)| *other != node && !view.out)
            .filter_map(|(other, view)| Some((other, view.id, view.split.as_ref()?, view.quorate)))
            .filter(|(_, their_id, theirs, _)| {
                let by_ids = my_id.zip(*their_id).map(|(my_id, their_id)| {
                    theirs.lost.contains(&my_id) && mine.lost.contains(&their_id)
                });
                let by_lists = !mine.members.is_empty()
                    && !theirs.members.is_empty()
                    && mine.members.is_subset(&theirs.lost)
                    && theirs.members.is_subset(&mine.lost);
                theirs.members.is_disjoint(&mine.members) && by_ids.unwrap_or(by_lists)
            })
            .map(|(other, _, split, quorate)| (other, split.clone(), quorate))
            .collect()
    }

    /// Two nodes have each lost the other: the cluster is in two.
    fn both_sides(&mut self, node: Observer, out: &mut Sink) {
        let Some((mine, my_id, my_quorum)) = self
            .views
            .get(node.0 as usize)
            .and_then(|view| Some((view.split.clone()?, view.id, view.quorate)))
        else {
            return;
        };
        let others = self.facing(node, &mine, my_id);
        let Some((other, theirs, their_quorum)) = others.into_iter().next() else {
            return;
        };
        let components = vec![ids(&mine.members), ids(&theirs.members)];
        if mine.told || theirs.told {
            self.tell(&[node, other]);
            return;
        }
        let quorate = match (my_quorum, their_quorum) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        let began = if theirs.when.order < mine.when.order {
            theirs.when
        } else {
            mine.when
        };
        let mut lines = mine.lines;
        lines.extend(theirs.lines);
        let change = ChangeKind::Partitioned {
            components,
            quorate,
            proof: "both-sides",
        };
        out.push_cluster(began, Basis::Inferred, change, lines);
        self.tell(&[node, other]);
    }

    /// Group members with their pids.
    fn members(
        &mut self,
        seen: &Seen<'_>,
        members: &[Member],
        quorum_needed: Option<u32>,
        out: &mut Sink,
    ) {
        let view = self.view(seen.node);
        let order = seen.when.order;
        for member in members {
            let process = view.processes.entry(member.node).or_insert(Process {
                pid: member.pid,
                first: order,
                latest: order,
            });
            if process.pid != member.pid {
                *process = Process {
                    pid: member.pid,
                    first: order,
                    latest: order,
                };
            }
            process.latest = order;
        }
        self.reunion(seen.node, &seen.line(), quorum_needed, out);
    }

    /// After a reunion, members listed with the pids that they had before lived through the separation. pmxcfs may list them
    /// before or after corosync's lines of the reunion are complete.
    fn reunion(&mut self, node: Observer, line: &Line, quorum_needed: Option<u32>, out: &mut Sink) {
        let view = self.view(node);
        let Some((split, back, when)) = &view.reunion else {
            return;
        };
        let listed: Vec<&Process> = back
            .iter()
            .filter_map(|node| view.processes.get(node))
            .filter(|process| process.latest >= when.order)
            .collect();
        if listed.is_empty() {
            return;
        }
        if listed
            .iter()
            .any(|process| process.first < split.when.order)
        {
            let change = ChangeKind::Partitioned {
                components: vec![ids(&split.members), ids(&split.lost)],
                quorate: side_quorate(split.quorate(), split.lost.len(), quorum_needed),
                proof: "same-processes",
            };
            let mut lines = split.lines.clone();
            lines.push(line.clone());
            out.push_cluster(split.when, Basis::Inferred, change, lines.clone());
            let lasted_s = when.since(split.when).map(|span| span.seconds());
            out.push_cluster(
                *when,
                Basis::Measured,
                ChangeKind::Reunited { lasted_s },
                lines,
            );
        }
        view.reunion = None;
    }

    /// A node that another one lost says something: when that one is all alone, this one lives in another component.
    fn alive(&mut self, seen: &Seen<'_>, quorum_needed: Option<u32>, out: &mut Sink) {
        let view = self.view(seen.node);
        let own_id = view.id;
        if view.out || !seen.event.kind.is_of_cluster() {
            return;
        }
        let lonely = self.views().find_map(|(node, view)| {
            let split = view.split.as_ref()?;
            let later = match seen.when.since(split.when) {
                Some(span) => {
                    let soon = own_id.is_some() || span.seconds() <= STRANGER_S;
                    span.seconds() > ALIVE_S && soon
                }
                None => split.source == seen.event.place.source,
            };
            let other = own_id.is_none_or(|id| split.lost.contains(&id));
            (node != seen.node && !split.told && split.members.len() == 1 && later && other)
                .then(|| (node, split.clone(), view.quorate))
        });
        if let Some((node, split, quorate)) = lonely {
            let change = ChangeKind::Partitioned {
                components: vec![ids(&split.members), ids(&split.lost)],
                quorate: side_quorate(quorate, split.lost.len(), quorum_needed),
                proof: "alive-elsewhere",
            };
            let mut lines = split.lines;
            lines.push(seen.line());
            out.push_cluster(split.when, Basis::Inferred, change, lines);
            self.tell(&[node]);
        }
    }

    fn tell(&mut self, nodes: &[Observer]) {
        // One story is told once: every view that is split at the same time belongs to it.
        let told: BTreeSet<Observer> = nodes.iter().copied().collect();
        for (node, view) in (0..).map(Observer).zip(&mut self.views) {
            if let Some(split) = &mut view.split
                && (told.contains(&node) || !view.out)
            {
                split.told = true;
            }
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.open = self.views.iter().filter(|view| view.is_open()).count();
    }
}

impl Split {
    /// Whether this node was quorate in its component, as far as its size tells.
    fn quorate(&self) -> Option<bool> {
        // A component of one never has quorum in a cluster of three or more.
        (self.members.len() == 1 && self.lost.len() >= 2).then_some(false)
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
    nodes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}
