//! How the cluster stood at an instant: what `pvecm status` would have said on every node, and what it would not.
//! In: machines that stopped at that instant, and who is who by the whole log. Out: a `Moment`: plain data, sentences filled in.
//! Never: takes a state from a later line. That a silent node was down may be told by one, and is marked so.

use super::build;
use super::components::{self, Component, Views};
use super::{Graded, Tool, explain};
use crate::cluster::{Cluster, Known, Node};
use crate::model::{Basis, Name, NodeId, Observer, Span, Text, Timestamp, Value, When};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A boot this long after the first line behind the instant is what that line belongs to, in microseconds: rsyslog writes lines of
/// a new boot before the kernel's first.
const SAME_BOOT_US: i64 = 2_000_000;
/// An end that was announced this many seconds ago has not come any more.
const ANNOUNCED_S: f64 = 900.0;
/// Logs that end within this time, in seconds, end together.
const TOGETHER_S: f64 = 600.0;
/// What a watchdog client may be silent for, in seconds.
const BUDGET_S: f64 = crate::cluster::agent::BUDGET_S;

/// The cluster at an instant: the contract of `-o json` with `--at`.
#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// `fencepost/1`.
    pub schema: &'static str,
    /// Who wrote it.
    pub tool: Tool,
    /// The instant that was asked for.
    pub at: Timestamp,
    /// The instant that is told: the end of the logs when the one asked for is later.
    pub told: Timestamp,
    /// Whether the logs end before the instant that was asked for.
    pub after_end: bool,
    /// Inputs.
    pub inputs: Vec<String>,
    /// What a reader should know about how the inputs were read.
    pub remarks: Vec<String>,
    /// All nodes together.
    pub cluster: ClusterThen,
    /// Every node, those with a log and those that others name.
    pub nodes: Vec<NodeThen>,
    /// Services that the HA manager had moved off a lost node by then.
    pub guests: Vec<GuestThen>,
}

/// All nodes together.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterThen {
    /// Configured votes, as known by then.
    pub configured: Graded,
    /// Votes that quorum needed.
    pub needed: Graded,
    /// Nodes that saw the same members, each such group once.
    pub components: Vec<Component>,
    /// Nodes that no view of the time holds.
    pub elsewhere: Vec<String>,
    /// What holds for no single component, in sentences.
    pub notes: Vec<String>,
}

impl NodeThen {
    fn margin(&self) -> Option<i64> {
        match self.margin.value {
            Value::Int(margin) => Some(margin),
            _ => None,
        }
    }
}

/// A value with how and since when it is known.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    /// The value, or null.
    pub value: Value,
    /// How it is known; null when it is not.
    pub basis: Option<Basis>,
    /// Since when, where a line tells.
    pub since: Option<Timestamp>,
    /// What it rests on, where no line says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// Whether a node ran, and whether anybody could know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Its log goes on.
    Running,
    /// Its log ends before, and no boot follows.
    Silent,
    /// Its log ends with the others, at the end of which nothing says that it was silent.
    Ended,
    /// The next line of its log is the first of a boot.
    Down,
    /// Its log begins later.
    NotYet,
    /// Nobody gave its log.
    NoLog,
}

/// What tells of a node's silence.
#[derive(Clone, Debug, Serialize)]
pub struct Sign {
    /// When.
    pub at: Option<Timestamp>,
    /// In words, or the line itself.
    pub text: String,
    /// Whether only a line after the instant tells it.
    pub later: bool,
}

/// One node. Of a node that was silent or down the states are those it was last heard with.
#[derive(Clone, Debug, Serialize)]
pub struct NodeThen {
    /// Its corosync id.
    pub id: Option<u32>,
    /// Its name.
    pub name: Option<String>,
    /// The weaker of the two bases.
    pub basis: Option<Basis>,
    /// Whether it ran.
    pub life: Life,
    /// The last line that was understood of it.
    pub heard: Option<Heard>,
    /// What tells of its silence, or of an end that it had announced.
    pub signs: Vec<Sign>,
    /// `not-running` where its lines say so; what it saw is null then.
    pub corosync: Told,
    /// `missing` where the token was late or lost and no ring was formed since.
    pub token: Told,
    /// The members that it saw, by name or id.
    pub members: Option<Vec<String>>,
    /// Since when it saw these.
    pub members_since: Option<Timestamp>,
    /// Its ring.
    pub ring: Option<String>,
    /// Whether its services were synchronised in that ring; until they are, quorum is that of the ring before.
    pub synced: Option<bool>,
    /// Whether it was quorate.
    pub quorate: Told,
    /// Votes that it saw.
    pub present: Told,
    /// Votes beyond those needed; negative without quorum.
    pub margin: Told,
    /// `usable`, `read-only` or `stuck`.
    pub etc_pve: Told,
    /// State of the local resource manager.
    pub lrm: Told,
    /// Its lock: `held`, `lost` or `none`.
    pub lrm_lock: Told,
    /// State of the cluster resource manager.
    pub crm: Told,
    /// The manager lock in its eyes: `held`, `lost` or `none`.
    pub crm_lock: Told,
    /// Whether a silent client would have reset it: `fed`, `not-fed`, `expired` or `closed`.
    pub watchdog: Told,
    /// Seconds of the 60 that were used, at least; null while no fence clock ran.
    pub used_s: Option<f64>,
    /// What was left of them, at most.
    pub left_s: Option<f64>,
    /// Its links, peer by peer.
    pub links: Vec<LinkThen>,
}

/// The last line that was understood of a node.
#[derive(Clone, Debug, Serialize)]
pub struct Heard {
    /// Its stamp.
    pub at: Option<Timestamp>,
    /// How long before the instant, in seconds.
    pub before_s: Option<f64>,
    /// The input it is in.
    pub input: Arc<str>,
    /// Its number there.
    pub line: u64,
    /// The line.
    pub text: Text,
}

/// A link to a peer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkThen {
    /// The peer's id; 0 for a ring of corosync 2, which is nobody's.
    pub id: u32,
    /// The peer's name.
    pub peer: Option<String>,
    /// The link; null where no line speaks of one.
    pub link: Option<u32>,
    /// `up`, `down`; null is unknown.
    pub state: Option<&'static str>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Whether the peer was a member, so that one link at least worked.
    pub member: Option<bool>,
}

/// A service that the HA manager had moved.
#[derive(Clone, Debug, Serialize)]
pub struct GuestThen {
    /// `vm:100`.
    pub guest: String,
    /// The node it was lost with.
    pub from_node: Option<String>,
    /// The node it was to run on.
    pub to_node: Option<String>,
    /// When it ran again; null while it did not.
    pub up_at: Option<Timestamp>,
}

/// What comes in a node's log behind the instant.
#[derive(Clone, Copy, Debug, Default)]
pub struct After {
    /// The stamp of its next line.
    pub next: Option<Timestamp>,
    /// The stamp of the first line of its next boot.
    pub boot: Option<Timestamp>,
    /// Its input holds later lines, of which none is an event.
    pub goes_on: bool,
}

/// What a moment is made of.
pub struct Material<'a> {
    /// The machines at the instant, with the names and ids of the whole log.
    pub then: &'a Cluster,
    /// The machines at the end of the log, for who is who.
    pub whole: &'a Cluster,
    /// The instant that was asked for.
    pub at: Timestamp,
    /// The end of the logs.
    pub end: Timestamp,
    /// What comes behind it, node by node.
    pub after: &'a BTreeMap<Observer, After>,
    /// Nodes in whose logs a program of the cluster speaks.
    pub speaking: &'a BTreeSet<Observer>,
    /// What a reader should know about how the inputs were read.
    pub remarks: Vec<String>,
    /// Names of the inputs.
    pub paths: Vec<Arc<str>>,
}

/// A node of the cluster, however it is known.
pub(super) struct Who {
    pub(super) observer: Option<Observer>,
    pub(super) id: Option<NodeId>,
    pub(super) name: Option<Name>,
    basis: Option<Basis>,
    has_log: bool,
}

impl Material<'_> {
    /// The instant that is told.
    pub(super) fn now(&self) -> Timestamp {
        self.at.min(self.end)
    }

    /// How to call the node with this id.
    pub(super) fn call(&self, id: NodeId) -> String {
        let roster = &self.then.roster;
        let named = roster
            .with_id(id)
            .and_then(|observer| roster.name(observer));
        named.map_or_else(|| format!("node {id}"), ToString::to_string)
    }

    /// How long before the instant something was, in seconds.
    pub(super) fn before_s(&self, at: Option<Timestamp>) -> Option<f64> {
        at.map(|at| self.now().since(at).seconds())
    }

    /// Whether a node ran.
    pub(super) fn life(&self, observer: Observer) -> Life {
        let after = self.after.get(&observer).copied().unwrap_or_default();
        let heard = self.then.node(observer).is_some();
        let boots = after
            .next
            .zip(after.boot)
            .is_some_and(|(next, boot)| boot.since(next).0 <= SAME_BOOT_US);
        match (heard, boots) {
            (false, _) if after.next.is_some() || after.goes_on => Life::NotYet,
            (false, _) => Life::NoLog,
            (true, true) => Life::Down,
            (true, false) if after.next.is_some() || after.goes_on => Life::Running,
            (true, false) => Life::Silent,
        }
    }

    /// The instant up to which a node's clocks run: its last line, when nobody knows that it ran on.
    fn until(&self, observer: Observer, node: &Node) -> When {
        let now = When {
            at: Some(self.now()),
            order: u64::MAX,
        };
        match self.life(observer) {
            Life::Running => now,
            _ => node.last_heard.unwrap_or(now),
        }
    }
}

/// How the cluster stood.
pub fn moment(material: &Material<'_>) -> Moment {
    let who = who(material);
    let views = Views::of(material);
    let configured = material.then.configured();
    let needed = configured.as_ref().map(|known| known.value / 2 + 1);
    let nodes: Vec<NodeThen> = who
        .iter()
        .map(|one| node(one, &who, &views, configured.as_ref(), material))
        .collect();
    let components = components::of(&views, &who, configured.as_ref(), material);
    Moment {
        schema: "fencepost/1",
        tool: Tool {
            name: "fencepost",
            version: env!("CARGO_PKG_VERSION"),
        },
        at: material.at,
        told: material.now(),
        after_end: material.at > material.end,
        inputs: material.paths.iter().map(ToString::to_string).collect(),
        remarks: material.remarks.clone(),
        cluster: ClusterThen {
            needed: Graded {
                value: needed.into(),
                basis: configured
                    .as_ref()
                    .map(|known| known.basis.max(Basis::Inferred)),
                because: needed.map(|_| "more than half of the configured votes".to_owned()),
            },
            configured: build::configured(material.then),
            elsewhere: components::elsewhere(&views, &who, material),
            notes: components::notes(&views, material),
            components,
        },
        guests: guests(material),
        nodes,
    }
}

/// Every node of the cluster that a line of any time names.
fn who(material: &Material<'_>) -> Vec<Who> {
    let roster = &material.then.roster;
    let mut who: Vec<Who> = roster
        .iter()
        .map(|(observer, identity)| {
            let bases = [
                identity.id.as_ref().map(|known| known.basis),
                identity.name.as_ref().map(|known| known.basis),
            ];
            Who {
                observer: Some(observer),
                id: roster.id(observer),
                name: roster.name(observer).cloned(),
                basis: bases.into_iter().flatten().max(),
                has_log: identity.has_log,
            }
        })
        .collect();
    let told: BTreeSet<NodeId> = who.iter().filter_map(|one| one.id).collect();
    let seen: BTreeSet<NodeId> = material
        .whole
        .nodes()
        .flat_map(|(_, node)| node.membership.seen.iter().copied())
        .collect();
    who.extend(seen.difference(&told).map(|id| Who {
        observer: None,
        id: Some(*id),
        name: None,
        basis: Some(Basis::Stated),
        has_log: false,
    }));
    // A host that says nothing of a cluster is none of its nodes, nor is a name that nobody gives an id or a log.
    let alone = who.iter().filter(|one| one.has_log).count() == 1;
    let speaks = |one: &Who| {
        one.observer
            .is_some_and(|node| material.speaking.contains(&node))
    };
    who.retain(|one| one.id.is_some() || one.has_log && (alone || speaks(one)));
    who.sort_by(|a, b| {
        (a.id.map_or(u32::MAX, |id| id.0), &a.name)
            .cmp(&(b.id.map_or(u32::MAX, |id| id.0), &b.name))
    });
    who
}

fn node(
    who: &Who,
    all: &[Who],
    views: &Views,
    configured: Option<&Known<u32>>,
    material: &Material<'_>,
) -> NodeThen {
    let observer = who.observer.filter(|_| who.has_log);
    let machines = observer.and_then(|observer| material.then.node(observer));
    let life = observer.map_or(Life::NoLog, |observer| match material.life(observer) {
        Life::Silent if ended(observer, machines, views, material) => Life::Ended,
        life => life,
    });
    let mut told = NodeThen {
        id: who.id.map(|id| id.0),
        name: who.name.as_ref().map(ToString::to_string),
        basis: who.basis,
        life,
        heard: machines.and_then(|node| heard(node, material)),
        signs: signs(who, life, machines, views, material),
        corosync: Told::default(),
        token: Told::default(),
        members: None,
        members_since: None,
        ring: None,
        synced: None,
        quorate: Told::default(),
        present: Told::default(),
        margin: Told::default(),
        etc_pve: Told::default(),
        lrm: Told::default(),
        lrm_lock: Told::default(),
        crm: Told::default(),
        crm_lock: Told::default(),
        watchdog: Told::default(),
        used_s: None,
        left_s: None,
        links: Vec::new(),
    };
    if let (Some(observer), Some(node)) = (who.observer, machines) {
        let gone = components::is_without_corosync(node);
        if gone {
            let since = node.filesystem.corosync_gone_since();
            told.corosync = Told {
                value: "not-running".into(),
                basis: Some(Basis::Inferred),
                since: since.and_then(|when| when.at),
                because: Some("its end, or pmxcfs that cannot reach it, is logged".to_owned()),
            };
        } else {
            ring(&mut told, node, material);
            told.links = links(who, all, node, material);
        }
        let present = node.membership.present().filter(|_| !gone);
        votes(&mut told, present, configured);
        told.quorate = components::quorate(observer, node, views, told.margin(), material);
        told.etc_pve = etc_pve(node, &told.quorate);
        managers(&mut told, node);
        watchdog(&mut told, node, material.until(observer, node));
    }
    told
}

/// Whether a log that holds no later line only ends where they all do.
fn ended(
    observer: Observer,
    machines: Option<&Node>,
    views: &Views,
    material: &Material<'_>,
) -> bool {
    let heard = machines.and_then(|node| node.last_heard?.at);
    let ring = machines.and_then(|node| node.membership.current());
    material.at >= material.end
        && material.before_s(heard).is_some_and(|s| s < TOGETHER_S)
        && (ring.is_none() || views.holds(observer))
        && machines.is_none_or(|node| node.power.announced().is_none())
}

fn heard(node: &Node, material: &Material<'_>) -> Option<Heard> {
    let (when, line) = node.power.last_line()?;
    Some(Heard {
        at: when.at,
        before_s: material.before_s(when.at),
        input: build::path(line.place.source, &material.paths),
        line: line.place.line,
        text: line.text.clone(),
    })
}

/// Who tells that a node was silent, or about to end.
fn signs(
    who: &Who,
    life: Life,
    machines: Option<&Node>,
    views: &Views,
    material: &Material<'_>,
) -> Vec<Sign> {
    let mut signs = Vec::new();
    let announced = machines.and_then(|node| node.power.announced());
    if let Some((sign, when, _)) = announced
        && material
            .before_s(when.at)
            .is_none_or(|s| s < ANNOUNCED_S || life != Life::Running)
    {
        signs.push(Sign {
            at: when.at,
            text: explain::boot_sign(sign.name()).to_owned(),
            later: false,
        });
    }
    if !matches!(life, Life::Running | Life::Ended) {
        signs.extend(components::signs_of_peers(who, views, material));
        signs.extend(
            who.observer
                .map_or_else(Vec::new, |node| manager(node, material)),
        );
    }
    let after = who
        .observer
        .and_then(|observer| material.after.get(&observer))
        .copied()
        .unwrap_or_default();
    let later = match life {
        Life::Down => Some((after.boot, "its next line is the first of a boot", true)),
        Life::Silent => Some((None, "its log ends there", false)),
        Life::NotYet => Some((after.next, "its log begins", true)),
        Life::Running | Life::Ended | Life::NoLog => None,
    };
    signs.extend(later.map(|(at, text, later)| Sign {
        at,
        text: text.to_owned(),
        later,
    }));
    // What has no stamp of its own goes with the last line.
    signs.sort_by_key(|sign| (sign.later, sign.at.is_none(), sign.at));
    signs
}

/// What the HA manager had said of a node.
fn manager(node: Observer, material: &Material<'_>) -> Vec<Sign> {
    let missed = material.then.missed(node);
    let fenced = material.then.fence_acknowledged(node);
    let told = [
        missed.map(|when| (when, "the HA manager misses it")),
        fenced.map(|(when, _)| (when, "its fence is acknowledged by the HA manager")),
    ];
    told.into_iter()
        .flatten()
        .map(|(when, text)| Sign {
            at: when.at,
            text: text.to_owned(),
            later: false,
        })
        .collect()
}

/// What a node saw of its ring.
fn ring(told: &mut NodeThen, node: &Node, material: &Material<'_>) {
    if node.token.missing() {
        told.token = Told {
            value: "missing".into(),
            basis: Some(Basis::Stated),
            since: node.token.last_token,
            because: None,
        };
    }
    let Some(formed) = node.membership.current() else {
        return;
    };
    told.ring = formed.ring.as_ref().map(ToString::to_string);
    told.synced = node.membership.synced();
    told.members_since = formed.when.at;
    told.members = formed
        .members
        .as_ref()
        .map(|members| members.iter().map(|id| material.call(*id)).collect());
}

/// The votes that a node saw.
fn votes(told: &mut NodeThen, present: Option<usize>, configured: Option<&Known<u32>>) {
    told.present = Told {
        value: present.into(),
        basis: present.map(|_| Basis::Stated),
        since: told.members_since,
        because: None,
    };
    let needed = configured.map(|known| known.value / 2 + 1);
    let margin = needed
        .zip(present)
        .map(|(needed, present)| present as i64 - i64::from(needed));
    told.margin = Told {
        value: margin.into(),
        basis: margin.and(configured.map(|known| known.basis.max(Basis::Inferred))),
        ..Told::default()
    };
}

fn etc_pve(node: &Node, quorate: &Told) -> Told {
    let told = |word: &'static str, basis, since: Option<When>| Told {
        value: word.into(),
        basis: Some(basis),
        since: since.and_then(|when| when.at),
        because: None,
    };
    if let Some(stuck) = node.filesystem.stuck_since() {
        return told("stuck", Basis::Stated, Some(stuck));
    }
    let follows = |word: &'static str| Told {
        value: word.into(),
        basis: Some(Basis::Inferred),
        since: quorate.since,
        because: Some("it goes with quorum, and nothing says that it is stuck".to_owned()),
    };
    match quorate.value {
        Value::Bool(true) => follows("usable"),
        Value::Bool(false) => Told {
            because: Some("without quorum nothing is written".to_owned()),
            ..follows("read-only")
        },
        _ if node.filesystem.corosync_gone() => Told {
            since: node
                .filesystem
                .corosync_gone_since()
                .and_then(|when| when.at),
            because: Some("pmxcfs had no connection to corosync".to_owned()),
            ..follows("read-only")
        },
        _ => Told::default(),
    }
}

/// LRM and CRM, with their locks.
fn managers(told: &mut NodeThen, node: &Node) {
    let agent = &node.agent;
    let state = |word: Option<&str>, since: Option<When>| Told {
        value: word.map(str::to_owned).into(),
        basis: word.map(|_| Basis::Stated),
        since: since.and_then(|when| when.at),
        because: None,
    };
    told.lrm = state(agent.lrm().map(|lrm| lrm.word()), agent.lrm_since());
    told.crm = state(agent.crm(), agent.crm_since());
    told.lrm_lock = lock(&told.lrm, agent.agent_lock_lost());
    told.crm_lock = lock(&told.crm, agent.manager_lock_lost());
}

/// A lock, by the line that lost it or by the state of who would hold it.
fn lock(state: &Told, lost: Option<When>) -> Told {
    if let Some(lost) = lost {
        return Told {
            value: "lost".into(),
            basis: Some(Basis::Stated),
            since: lost.at,
            because: None,
        };
    }
    let word = match &state.value {
        Value::Text(word) => match &**word {
            "active" | "master" => "held",
            "lost_agent_lock" | "lost_manager_lock" => "lost",
            "wait_for_agent_lock" | "wait_for_quorum" | "slave" | "startup" => "none",
            _ => return Told::default(),
        },
        _ => return Told::default(),
    };
    Told {
        value: word.into(),
        basis: Some(Basis::Inferred),
        since: state.since,
        because: Some("by its state".to_owned()),
    }
}

/// The watchdog and the fence clock.
fn watchdog(told: &mut NodeThen, node: &Node, until: When) {
    use crate::cluster::power::Sign as End;
    let expired = node
        .power
        .announced()
        .filter(|(sign, _, _)| matches!(sign, End::WatchdogExpired | End::SoftdogFired));
    let clock = node.agent.clock(until, &node.token);
    if let Some((_, used_s)) = clock {
        told.used_s = used_s;
        told.left_s = used_s.map(|used| (BUDGET_S - used).max(0.0));
    }
    let known = |word: &'static str, basis, since: Option<When>, because: &str| Told {
        value: word.into(),
        basis: Some(basis),
        since: since.and_then(|when| when.at),
        because: (!because.is_empty()).then(|| because.to_owned()),
    };
    told.watchdog = match (node.agent.armed(), clock) {
        _ if expired.is_some() => {
            let since = expired.map(|(_, when, _)| *when);
            known("expired", Basis::Stated, since, "")
        }
        (_, Some((since, used_s))) => {
            // The clock runs from the last feed that was possible, which is before the lock was missed.
            let began = used_s.zip(until.at).map(|(used, until)| When {
                at: Some(until.plus(Span((-used * 1e6).round() as i64))),
                order: since.order,
            });
            let why =
                "no lock can be refreshed since the last token before quorum or the lock was lost";
            known("not-fed", Basis::Inferred, began.or(Some(since)), why)
        }
        (Some(false), None) => known(
            "closed",
            Basis::Inferred,
            None,
            "no client is open: nothing would reset this node",
        ),
        (Some(true), None) if !troubled(node) => known(
            "fed",
            Basis::Inferred,
            None,
            "its client is open and no lock is lost",
        ),
        (Some(true) | None, None) => Told::default(),
    };
}

/// Whether something keeps locks from being refreshed, although none is lost yet.
fn troubled(node: &Node) -> bool {
    node.filesystem.stuck_since().is_some()
        || node.filesystem.corosync_gone()
        || node.token.missing()
}

/// The links of a node to every peer that is known.
fn links(who: &Who, all: &[Who], node: &Node, material: &Material<'_>) -> Vec<LinkThen> {
    let members = node
        .membership
        .current()
        .and_then(|formed| formed.members.as_ref());
    let mut links: Vec<LinkThen> = node
        .links
        .standing()
        .map(|(peer, link, up, since)| LinkThen {
            id: peer.0,
            peer: (peer.0 != 0).then(|| material.call(peer)),
            link: Some(link.0),
            state: Some(if up { "up" } else { "down" }),
            since: since.at,
            member: members.map(|members| members.contains(&peer)),
        })
        .collect();
    let told: BTreeSet<u32> = links.iter().map(|link| link.id).collect();
    // Who does not know its own id cannot tell a peer from itself.
    let peers = all
        .iter()
        .filter(|other| who.id.is_some() && other.id != who.id)
        .filter_map(|other| other.id)
        .filter(|id| !told.contains(&id.0) && !told.contains(&0));
    links.extend(peers.map(|peer| LinkThen {
        id: peer.0,
        peer: Some(material.call(peer)),
        link: None,
        state: None,
        since: None,
        member: members.map(|members| members.contains(&peer)),
    }));
    links.sort_by_key(|link| (link.id, link.link));
    links
}

/// Services that the manager had moved off a lost node.
fn guests(material: &Material<'_>) -> Vec<GuestThen> {
    let roster = &material.then.roster;
    let outages = material.then.outages().iter();
    outages
        .map(|outage| GuestThen {
            guest: outage.service.to_string(),
            from_node: Some(roster.call(outage.from)),
            to_node: outage.to.map(|to| roster.call(to)),
            up_at: outage.up.and_then(|when| when.at),
        })
        .collect()
}
