//! The cluster as its logs tell it: one set of state machines per node, and what follows from holding nodes side by side.
//! In: `Event`s in time order. Out: `Change`s, the roster, votes, and how everything stands.
//! Never: reads, prints, names a failure mode, or knows the time of day.

pub mod agent;
pub mod change;
pub mod clocks;
pub mod daemon;
pub mod filesystem;
pub mod given;
pub mod guest;
pub mod handover;
pub mod link;
pub mod lives;
pub mod manager;
pub mod membership;
pub mod moment;
pub mod network;
pub mod outage;
pub mod partition;
pub mod power;
pub mod quorum;
pub mod roster;
pub mod said;
pub mod storage;
pub mod tasks;
pub mod token;
pub mod twofold;
pub mod votes;

use crate::event::ha::{Ha, Lock};
use crate::event::journald::Journald;
use crate::event::pmxcfs::Pmxcfs;
use crate::event::pve_ha_crm::PveHaCrm;
use crate::event::{Event, Kind, corosync, corosync::Corosync};
use crate::model::{Basis, Line, LinkId, NodeId, Observer, SourceId, Span, When};
pub use change::{Change, ChangeKind};
use outage::GuestMove;
pub use roster::{Known, Roster};
pub use said::{Said, Statement};
use std::collections::{BTreeMap, BTreeSet};
pub use votes::Votes;

/// Nodes that are followed. Corosync's own limit is far below; a central syslog of many clusters may name more.
const NODES_MAX: usize = 500;

/// An event with its place in the order of things and the node whose log it is in.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The event.
    pub event: &'a Event,
    /// Its stamp and order.
    pub when: When,
    /// Whose log it is in.
    pub node: Observer,
}

impl Seen<'_> {
    /// The line, to be kept as evidence.
    pub fn line(&self) -> Line {
        Line {
            place: self.event.place,
            at: self.event.at,
            text: self.event.text.clone(),
        }
    }
}

/// Where machines put their changes.
#[derive(Debug, Default)]
pub struct Sink {
    node: Option<Observer>,
    changes: Vec<Change>,
}

impl Sink {
    /// A change that this very event shows.
    pub fn push(&mut self, seen: &Seen<'_>, basis: Basis, kind: ChangeKind) {
        self.push_for(seen.node, seen.when, basis, kind, vec![seen.line()]);
    }

    /// A change of the node that is being stepped, at another time.
    pub fn push_at(&mut self, when: When, basis: Basis, kind: ChangeKind, lines: Vec<Line>) {
        self.changes.push(Change {
            when,
            node: self.node,
            kind,
            basis,
            lines,
        });
    }

    /// A change of a given node.
    pub fn push_for(
        &mut self,
        node: Observer,
        when: When,
        basis: Basis,
        kind: ChangeKind,
        lines: Vec<Line>,
    ) {
        self.changes.push(Change {
            when,
            node: Some(node),
            kind,
            basis,
            lines,
        });
    }

    /// A change of the whole cluster.
    pub fn push_cluster(&mut self, when: When, basis: Basis, kind: ChangeKind, lines: Vec<Line>) {
        self.changes.push(Change {
            when,
            node: None,
            kind,
            basis,
            lines,
        });
    }
}

/// The machines of one node.
#[derive(Debug, Default)]
pub struct Node {
    /// Its links to peers.
    pub links: link::Links,
    /// The token.
    pub token: token::Token,
    /// The membership.
    pub membership: membership::Membership,
    /// Quorum.
    pub quorum: quorum::Quorum,
    /// /etc/pve.
    pub filesystem: filesystem::Filesystem,
    /// HA.
    pub agent: agent::Agent,
    /// Boots and ends.
    pub power: power::Power,
    network: network::Network,
    /// When a line of its own log last came.
    pub last_heard: Option<When>,
    /// Boots that began in its log.
    pub boots: u32,
    /// Every boot in its log.
    pub lives: lives::Lives,
}

impl Node {
    /// Every peer that its knet named since it started.
    pub fn peers(&self) -> &BTreeSet<NodeId> {
        &self.links.peers
    }

    /// Every link that its knet named since it started.
    pub fn links(&self) -> &BTreeSet<LinkId> {
        &self.links.named
    }
}

/// The cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// Who is who.
    pub roster: Roster,
    nodes: BTreeMap<Observer, Node>,
    manager: manager::Manager,
    guests: guest::Guests,
    storages: storage::Storages,
    daemons: daemon::Daemons,
    partitions: partition::Partitions,
    twofold: twofold::Twofold,
    votes: Votes,
    /// Configured votes as known by now; asked for at every event, learnt at few.
    expected: Option<u32>,
    /// Boot markers that wait for the next line of their input, with the node that logged before them.
    markers: BTreeMap<SourceId, (Event, When, Observer)>,
    /// Which nodes' lines each input holds.
    sources: BTreeSet<(SourceId, Observer)>,
    /// The input and the node of the line before.
    latest: Option<(SourceId, Observer)>,
    sink: Sink,
    /// Events of hosts beyond `NODES_MAX`.
    unheard: u64,
    /// What the configuration gives.
    given: given::Given,
    /// What lines state, where there is a configuration to compare it with.
    sayings: Option<said::Sayings>,
}

impl Cluster {
    /// A cluster of which the configuration is known.
    pub fn given(given: &given::Given) -> Cluster {
        let mut cluster = Cluster::default();
        for (id, name) in &given.nodes {
            let node = cluster.roster.named(name);
            cluster.roster.give_id(node, *id);
        }
        cluster.votes.give(given.votes);
        cluster.expected = given.votes;
        cluster.given = given.clone();
        cluster.guests.give(&given.under_ha);
        cluster.storages.give(given);
        cluster.sayings = given.compared.then(said::Sayings::default);
        cluster
    }

    /// Takes one event in time order; appends every change that it shows or implies.
    ///
    /// journalctl puts a boot marker wherever the next line is of another boot, which in a journal of several hosts is at
    /// every change of host. So a marker waits for the next line of its input, and counts only when that is of the host
    /// that logged before it.
    ///
    /// Returns whose log it is in, or nothing where that is one node too many: its events are counted.
    pub fn step(&mut self, event: &Event, when: When, out: &mut Vec<Change>) -> Option<Observer> {
        if !self.hears(event.host.as_deref()) {
            self.unheard += 1;
            return None;
        }
        let source = event.place.source;
        let is_marker = matches!(&event.kind, Kind::Journald(Journald::BootMarker { .. }));
        if is_marker && event.host.is_none() {
            let observer = self.roster.observer(None, source);
            self.markers.insert(source, (event.clone(), when, observer));
            return Some(observer);
        }
        if let Some((marker, at, before)) = self.markers.remove(&source)
            && self.roster.observer(event.host.as_ref(), source) == before
        {
            self.step_one(&marker, at, out);
        }
        Some(self.step_one(event, when, out))
    }

    /// Whether there is room for the machines of a host.
    fn hears(&self, host: Option<&str>) -> bool {
        let full = self.nodes.len() >= NODES_MAX;
        !full || host.is_none_or(|host| self.has_log(host))
    }

    fn has_log(&self, host: &str) -> bool {
        let known = self.roster.known(host);
        known.is_some_and(|observer| self.nodes.contains_key(&observer))
    }

    fn step_one(&mut self, event: &Event, when: When, out: &mut Vec<Change>) -> Observer {
        let observer = self
            .roster
            .observer(event.host.as_ref(), event.place.source);
        let place = (event.place.source, observer);
        if self.latest.replace(place) != Some(place) {
            self.sources.insert(place);
        }
        let seen = Seen {
            event,
            when,
            node: observer,
        };
        let corosync = match &event.kind {
            Kind::Corosync(message) => Some(message),
            _ => None,
        };
        self.identify(&seen);
        if let Some(message) = corosync {
            self.votes.step(message, &seen);
        }
        if let Some(sayings) = &mut self.sayings {
            sayings.step(&seen);
        }

        let departure = manager::Manager::subject(&event.kind).map(|name| {
            let subject = self.roster.named(name);
            (subject, self.departure(subject, observer))
        });
        let gone = departure.and_then(|(subject, _)| self.nodes.get(&subject)?.last_heard);
        let target = match &event.kind {
            Kind::PveHaCrm(PveHaCrm::Recover { to, .. }) => Some(self.roster.named(to)),
            _ => None,
        };
        if bears_on_votes(&event.kind) {
            self.expected = self
                .votes
                .configured(self.nodes.values())
                .map(|known| known.value);
        }
        let expected = self.expected;
        let sink = &mut self.sink;
        if event.at.is_none() {
            // Without stamps only the order tells that another node's lines of a formation are complete.
            for (other, node) in self
                .nodes
                .iter_mut()
                .filter(|(other, _)| **other != observer)
            {
                sink.node = Some(*other);
                if let Some(formed) = node.membership.flush(node.quorum.quorate(), expected, sink) {
                    let source = formed
                        .lines
                        .first()
                        .map_or(event.place.source, |line| line.place.source);
                    self.partitions.formed(*other, source, &formed, sink);
                }
            }
        }
        sink.node = Some(observer);
        let node = self.nodes.entry(observer).or_default();

        let orderly = node.power.shut_down();
        let begins = node.power.step(&seen, &standing(node), sink);
        if !matches!(event.kind, Kind::Last(_)) {
            node.lives.judged(observer, &sink.changes);
            node.lives.step(&seen, begins);
        }
        if begins {
            let heard = node.last_heard;
            self.manager
                .ledger
                .booted(observer, heard, when, orderly, &seen.line());
            self.guests.tasks.booted(observer, when);
            self.twofold.booted(observer, when);
            self.storages.booted(observer);
            self.daemons.booted(observer);
            *node = Node {
                power: std::mem::take(&mut node.power),
                boots: node.boots + 1,
                lives: std::mem::take(&mut node.lives),
                ..Node::default()
            };
            self.partitions.reset(observer);
        }
        self.manager.ledger.dates(observer, when);
        node.last_heard = Some(when);
        if let Some(message) = corosync {
            node.links.step(message, &seen, sink);
        }
        node.token.tick(when, sink);
        node.token.hint(node.links.hint());
        if let Some(message) = corosync {
            node.token.step(message, &seen, sink);
        }
        let formed = node
            .membership
            .step(&seen, node.quorum.quorate(), expected, sink);
        let before = node.quorum.lost_since().is_some();
        node.quorum.step(
            &seen,
            node.membership.present(),
            node.membership.leaving(),
            node.filesystem.corosync_gone(),
            sink,
        );
        match (before, node.quorum.lost_since().is_some()) {
            (false, true) => node.agent.quorum_lost(when, &node.token),
            (true, false) => node.agent.quorum_gained(),
            _ => {}
        }
        if needs_quorum(&event.kind) {
            node.quorum.works();
        }
        node.filesystem.step(&seen, node.quorum.quorate(), sink);
        node.agent.step(&seen, &node.token, sink);
        if let Some(formed) = formed {
            if formed.clean == Some(true) {
                node.links
                    .leave(&formed.left, formed.when, &formed.lines, sink);
            }
            node.links.join(&formed.joined);
            self.partitions
                .formed(observer, event.place.source, &formed, sink);
            let fence = self.manager.acknowledgement(observer);
            let acknowledged = fence.as_ref().map(|(when, _)| *when);
            if self.twofold.formed(observer, &formed, acknowledged)
                && let Some((when, ack)) = fence
            {
                let guests = self.manager.ledger.never_reset(observer, when);
                let change = ChangeKind::FencedLives {
                    fenced: self.roster.call(observer),
                    guest: (!guests.is_empty()).then_some(guests),
                };
                let mut lines = vec![ack];
                lines.extend(formed.lines.iter().cloned());
                sink.push_for(observer, formed.when, Basis::Inferred, change, lines);
            }
        }
        self.partitions.quorum(
            &seen,
            node.quorum.quorate(),
            node.membership.forming(),
            sink,
        );
        let needed = expected.map(|n| n / 2 + 1);
        self.partitions.step(
            &seen,
            self.roster.id(observer),
            node.filesystem.corosync_gone(),
            needed,
            sink,
        );
        let moved = GuestMove::of(&event.kind);
        let moved = moved.as_ref().map(|(guest, moved)| (&**guest, *moved));
        self.manager
            .step(&seen, moved, (departure, target, gone), sink);
        let rivals = self.partitions.rivals(observer);
        let roster = &self.roster;
        self.twofold
            .step(&seen, moved, &rivals, |node| roster.call(node), sink);
        for change in &sink.changes {
            self.guests.change(change);
        }
        self.guests.step(&seen, sink);
        self.daemons.step(&seen, sink);
        self.storages.step(&seen, sink);
        if let Some(message) = corosync {
            node.network.step(message, &seen, sink);
        }
        // What these changes are signs of stands behind them.
        let changes = std::mem::take(&mut sink.changes);
        for change in changes.iter().filter(|c| c.node == Some(observer)) {
            node.network.change(change, sink);
        }
        let settled = matches!(
            event.kind,
            Kind::Corosync(Corosync::Main(corosync::main::Main::SyncDone {}))
        ) || matches!(
            event.kind,
            Kind::Corosync(Corosync::Knet(corosync::knet::Knet::LinkUp { .. }))
        );
        if settled && !node.links.any_down() && !node.token.missing() {
            node.network.settled();
        }
        out.extend(changes);
        out.append(&mut sink.changes);
        observer
    }

    /// Says that the logs end here.
    pub fn finish(&mut self, end: When, out: &mut Vec<Change>) {
        let expected = self
            .votes
            .configured(self.nodes.values())
            .map(|known| known.value);
        let sink = &mut self.sink;
        for (observer, node) in &mut self.nodes {
            sink.node = Some(*observer);
            node.quorum.settle(sink);
            let standing = standing(node);
            let quorate = node.quorum.quorate();
            if let Some(formed) = node.membership.flush(quorate, expected, sink) {
                let source = formed
                    .lines
                    .first()
                    .map_or(crate::model::SourceId(0), |line| line.place.source);
                self.partitions.formed(*observer, source, &formed, sink);
            }
            let heard = node.last_heard.unwrap_or(end);
            self.storages.finish(*observer, heard, sink);
            node.filesystem.tick(heard, quorate, sink);
            node.agent
                .finish(node.last_heard.unwrap_or(end), &node.token, *observer, sink);
            node.power.finish(*observer, &standing, sink);
            if let Some(acknowledged) = self.manager.acknowledgement(*observer) {
                node.power
                    .fenced_by_peers(*observer, acknowledged, &standing, sink);
            }
            node.lives.judged(*observer, &sink.changes);
            node.lives.over(node.power.ended(*observer, &sink.changes));
            for n in 0..sink.changes.len() {
                let change = sink.changes[n].clone();
                if change.node == Some(*observer) {
                    node.network.change(&change, sink);
                }
            }
        }
        self.identify_by_elimination();
        let (roster, sink) = (&self.roster, &mut self.sink);
        self.manager.finish(|node| roster.call(node), sink);
        out.append(&mut sink.changes);
    }

    /// The machines of a node whose log we read.
    pub fn node(&self, observer: Observer) -> Option<&Node> {
        self.nodes.get(&observer)
    }

    /// The nodes whose lines an input holds.
    pub fn nodes_of(&self, source: crate::model::SourceId) -> impl Iterator<Item = Observer> {
        self.sources
            .range((source, Observer(0))..=(source, Observer(u32::MAX)))
            .map(|(_, observer)| *observer)
    }

    /// Every node whose log we read.
    pub fn nodes(&self) -> impl Iterator<Item = (Observer, &Node)> {
        self.nodes.iter().map(|(observer, node)| (*observer, node))
    }

    /// Configured votes, with how they are known.
    pub fn configured(&self) -> Option<Known<u32>> {
        self.votes.configured(self.nodes.values())
    }

    /// The token timeout in milliseconds, with how it is known.
    pub fn token_ms(&self) -> Option<Known<u32>> {
        if let Some(value) = self.given.token_ms {
            return Some(Known::stated(value));
        }
        self.nodes
            .values()
            .filter_map(|node| node.token.timeout())
            .min_by_key(|known| known.basis)
    }

    /// What the configuration gave.
    pub fn known_before(&self) -> &given::Given {
        &self.given
    }

    /// What lines state of things that the configuration states too.
    pub fn said(&self) -> impl Iterator<Item = &Said> {
        self.sayings.iter().flat_map(said::Sayings::standing)
    }

    /// Tasks that ran.
    pub fn tasks(&self) -> &tasks::Tasks {
        &self.guests.tasks
    }

    /// Events of nodes beyond those that are followed.
    pub fn unheard(&self) -> u64 {
        self.unheard
    }

    /// Whether a node whose fence was acknowledged between these two is known to have lived through it.
    pub fn lived_through(&self, node: Observer, from: When, to: When) -> bool {
        self.twofold.lived_through(node, from, to)
    }

    /// Outages beyond those kept.
    pub fn outages_left_out(&self) -> u64 {
        self.manager.ledger.left_out()
    }

    /// The outage ledger.
    pub fn outages(&self) -> &[outage::Outage] {
        self.manager.ledger.outages()
    }

    /// Learns own ids by elimination: knet's lines name only peers, so a member that none of them names, and that never left,
    /// is the node that logs.
    fn identify_by_elimination(&mut self) {
        for (observer, node) in &self.nodes {
            let (Some(members), Some(line)) = (node.membership.always(), node.membership.line())
            else {
                continue;
            };
            let own: Vec<NodeId> = members
                .iter()
                .filter(|id| !node.links.peers.contains(id))
                .copied()
                .collect();
            if let ([id], false) = (&own[..], node.links.peers.is_empty()) {
                self.roster.learn_id(*observer, *id, Basis::Inferred, line);
            }
        }
    }

    /// Learns names and ids from what lines say of the node that logs them.
    fn identify(&mut self, seen: &Seen<'_>) {
        match &seen.event.kind {
            Kind::Pmxcfs(_, Pmxcfs::Members { members }) => {
                // The member with the pid of the process that prints the line is this node itself.
                let own: Vec<NodeId> = members
                    .iter()
                    .filter(|member| Some(member.pid) == seen.event.pid)
                    .map(|member| member.node)
                    .collect();
                if let [id] = own[..] {
                    self.roster
                        .learn_id(seen.node, id, Basis::Inferred, &seen.line());
                }
            }
            Kind::Pmxcfs(_, Pmxcfs::LeftGroup { member }) => {
                self.roster
                    .learn_id(seen.node, member.node, Basis::Stated, &seen.line());
            }
            Kind::Corosync(Corosync::Quorum(corosync::quorum::Quorum::SyncMembers {
                nodes,
                ..
            })) => {
                if let [id] = nodes[..] {
                    self.roster
                        .learn_id(seen.node, id, Basis::Inferred, &seen.line());
                }
            }
            Kind::Corosync(Corosync::Quorum(corosync::quorum::Quorum::Members {
                nodes,
                count: 1,
            })) => {
                if let [id] = nodes[..] {
                    self.roster
                        .learn_id(seen.node, id, Basis::Inferred, &seen.line());
                }
            }
            Kind::Pmxcfs(_, Pmxcfs::Resolved { node, .. }) => {
                self.roster.learn_name(seen.node, node, &seen.line())
            }
            // The LRM only ever holds its own node's lock.
            Kind::Ha(
                crate::event::ha::Daemon::Lrm,
                Ha::LockAcquired {
                    lock: Lock::Agent { node },
                }
                | Ha::LockLost {
                    lock: Lock::Agent { node },
                    ..
                },
            ) => {
                self.roster.learn_name(seen.node, node, &seen.line());
            }
            _ => {}
        }
    }

    /// How a node went, by its own log and by its peers'. A leave is this node's only when it lies by the time at which the
    /// manager missed it: others leave too.
    fn departure(&self, subject: Observer, witness: Observer) -> manager::Departure {
        let shut_down = self
            .nodes
            .get(&subject)
            .is_some_and(|node| node.power.shut_down());
        let id = self.roster.id(subject);
        let missed = self.manager.missed(subject);
        let left = missed.and_then(|missed| {
            self.nodes
                .get(&witness)
                .into_iter()
                .chain(self.nodes.values())
                .filter_map(|node| node.membership.last_leave.as_ref())
                .filter(|formed| match missed.since(formed.when) {
                    Some(span) => MISSED_S.contains(&span.seconds()),
                    None => formed.when.order < missed.order,
                })
                .find(|formed| match id {
                    Some(id) => formed.left.contains(&id) && formed.clean.is_some(),
                    // Nobody says which id it has: a lone leaver of those seconds is it.
                    None => formed.left.len() == 1 && formed.clean.is_some(),
                })
        });
        // A ring waits for its token, and then for consensus, before it is formed without a node that failed.
        let token_ms = self.token_ms().map_or(LEAST_TOKEN_MS, |known| known.value);
        let waited = Span::from_millis(i64::from(token_ms) * 11 / 5);
        manager::Departure {
            shut_down,
            left_cleanly: left.and_then(|formed| formed.clean),
            silent: left.map(|formed| When {
                at: formed.when.at.map(|at| at.plus(Span(-waited.0))),
                ..formed.when
            }),
        }
    }

    /// Whether a node was quorate at the end: as its own lines tell, or as those of a node in the very same ring do.
    pub fn quorate_at_end(&self, observer: Observer) -> Option<bool> {
        let node = self.nodes.get(&observer)?;
        node.quorum.quorate().or_else(|| {
            let ring = node.membership.current()?.ring.as_ref()?;
            self.nodes
                .values()
                .filter(|other| {
                    other.membership.current().and_then(|c| c.ring.as_ref()) == Some(ring)
                })
                .find_map(|other| other.quorum.quorate())
        })
    }
}

/// The token timeout of three nodes, in milliseconds, where no line tells of another.
const LEAST_TOKEN_MS: u32 = 3_650;
/// A node that left is missed by the manager within this many seconds: it looks every 10 s.
const MISSED_S: std::ops::RangeInclusive<f64> = -30.0..=300.0;

/// Whether a line tells of work that a node without quorum cannot do.
fn needs_quorum(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Ha(_, Ha::LockAcquired { .. })
            | Kind::PveHaCrm(
                PveHaCrm::NodeState { .. }
                    | PveHaCrm::ServiceState { .. }
                    | PveHaCrm::FenceAcknowledged { .. }
            )
    )
}

/// How a node stands, for the question what ended it.
fn standing(node: &Node) -> power::Standing {
    power::Standing {
        armed: node.agent.armed(),
        quorum_lost: node.quorum.lost_since(),
        cfs_stuck: node.filesystem.stuck_since(),
        agent_lock_lost: node.agent.agent_lock_lost(),
    }
}

/// Whether a line can change what is known of configured votes.
fn bears_on_votes(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Corosync(
            Corosync::Totem(
                corosync::totem::Totem::TokenWarning { .. }
                    | corosync::totem::Totem::TokenLost { .. }
                    | corosync::totem::Totem::MembershipFormed { .. }
            ) | Corosync::Quorum(_)
                | Corosync::Votequorum(_)
                | Corosync::Main(corosync::main::Main::NotScheduled { .. })
        )
    )
}
