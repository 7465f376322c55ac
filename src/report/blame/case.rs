//! The downs of an incident as a case: who could see what, and what they saw.
//! In: spells of links, absences, the roster, what was read when. Out: parties, and drops that are trouble of the network.
//! Never: takes a peer that left, booted or crashed for a bad cable.

use super::super::build::{Material, named};
use super::Apart;
use crate::incident::spells::{Away, Spell};
use crate::model::{LinkId, NodeId, Observer, Span, Timestamp, When};
use std::collections::{BTreeMap, BTreeSet};

/// A log that ends this long before something happened may be of a node that had nothing to say.
const QUIET_S: f64 = 600.0;
/// knet notices this late that a peer is gone, by the timeouts in use; clocks differ by less.
const NOTICED_S: f64 = 5.0;
/// Without stamps, within this many events.
pub const NEAR_EVENTS: u64 = 12;
/// A peer whose log ends this long before its links went down may have ended there.
const LAST_WORDS_S: f64 = 60.0;
/// The other logs must go on for this long behind the end of a log, or it is just where all of them end.
const GOES_ON_S: f64 = 60.0;

/// The part of a node's log that was read.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// A node of the cluster.
#[derive(Clone, Debug)]
pub struct Party {
    pub observer: Option<Observer>,
    pub id: Option<NodeId>,
    pub name: String,
    /// There when lines of its own corosync were read.
    pub log: Option<Log>,
    /// Who could be lost by it: peers by their place among the parties.
    pub peers: BTreeSet<usize>,
}

impl Party {
    /// Whether its own log would tell of something at that time.
    pub fn listens(&self, when: When) -> bool {
        let Some(log) = self.log else { return false };
        let (Some(at), Some(first), Some(last)) = (when.at, log.first, log.last) else {
            return true;
        };
        at.since(first).seconds() >= -NOTICED_S && at.since(last).seconds() <= QUIET_S
    }
}

/// A link went down.
#[derive(Clone, Copy, Debug)]
pub struct Drop {
    /// Who says so.
    pub by: usize,
    /// Who was not heard; `None` for a ring of corosync 2.
    pub of: Option<usize>,
    pub link: LinkId,
    pub began: When,
    /// How long; to the end of the observer's log while open.
    pub lasted: Option<Span>,
    pub open: bool,
}

/// What there is to judge.
#[derive(Debug, Default)]
pub struct Case {
    pub parties: Vec<Party>,
    /// The links that are known to be there.
    pub links: BTreeSet<LinkId>,
    /// By their beginning.
    pub drops: Vec<Drop>,
    /// Downs so near to each other are one event.
    pub window_s: f64,
    pub apart: Vec<Apart>,
}

impl Case {
    /// Whether two things happened at the same time.
    pub fn near(&self, a: When, b: When) -> bool {
        match b.since(a) {
            Some(span) => span.seconds().abs() <= self.window_s,
            None => a.order.abs_diff(b.order) <= NEAR_EVENTS,
        }
    }

    /// Whether this may be a node whose log was read although no line tells its id: one that knows its peers, and not this one.
    pub fn may_log(&self, n: usize) -> bool {
        let mut nameless = self
            .parties
            .iter()
            .filter(|p| p.id.is_none() && p.log.is_some());
        self.parties[n].log.is_none() && nameless.any(|party| !party.peers.contains(&n))
    }

    /// Whether a ring of corosync 2 failed, which names no peer.
    pub fn rings(&self) -> bool {
        self.drops.iter().any(|drop| drop.of.is_none())
    }
}

/// The case that the spells between two orders make.
pub fn case(orders: (u64, u64), material: &Material<'_>) -> Case {
    let parties = parties(material);
    let given = material.cluster.known_before().links.iter();
    let links = given.map(|end| end.link);
    let nodes = material.cluster.nodes();
    let named = nodes.flat_map(|(_, node)| node.links());
    let token_s = material
        .cluster
        .token_ms()
        .map(|t| f64::from(t.value) / 1e3);
    let mut case = Case {
        links: links
            .chain(material.spells.known().iter().copied())
            .chain(named.copied())
            .collect(),
        window_s: token_s.unwrap_or(0.0).max(NOTICED_S),
        parties,
        ..Case::default()
    };
    let place: BTreeMap<Observer, usize> = case
        .parties
        .iter()
        .enumerate()
        .filter_map(|(n, party)| Some((party.observer?, n)))
        .collect();
    let of_id = |id: NodeId| case.parties.iter().position(|p| p.id == Some(id));
    let mut drops: Vec<(Drop, bool)> = material
        .spells
        .within(orders.0, orders.1)
        .filter_map(|((observer, peer, link), spell)| {
            let by = *place.get(&observer)?;
            let of = of_id(peer);
            (of.is_some() || peer.0 == 0).then(|| {
                let log = case.parties[by].log;
                (drop(by, of, link, spell, log), spell.excused)
            })
        })
        .collect();
    drops.sort_by_key(|(drop, _)| (drop.began.order, drop.by, drop.of, drop.link));
    let trouble = |drop: &Drop| judge(drop, &drops, &case, material);
    let judged: Vec<(Drop, Option<Why>)> = drops
        .iter()
        .map(|(drop, excused)| {
            let why = if *excused {
                Some(left(drop, &case, material))
            } else {
                trouble(drop)
            };
            (*drop, why)
        })
        .collect();
    case.apart = aparts(&judged, &case);
    let trouble = judged.into_iter().filter(|(_, why)| why.is_none());
    case.drops = trouble.map(|(drop, _)| drop).collect();
    case
}

fn drop(by: usize, of: Option<usize>, link: LinkId, spell: &Spell, log: Option<Log>) -> Drop {
    let until = match spell.ended {
        Some(ended) => ended.at,
        None => log.and_then(|log| log.last),
    };
    let lasted = until.zip(spell.began.at).map(|(until, at)| until.since(at));
    Drop {
        by,
        of,
        link,
        began: spell.began,
        lasted: lasted.filter(|span| span.0 >= 0),
        open: spell.ended.is_none(),
    }
}

/// Why a link that went down is no trouble of the network: which node, and how it was away.
type Why = (usize, &'static str);

/// An orderly leave: the peer's, or the observer's own.
fn left(drop: &Drop, case: &Case, material: &Material<'_>) -> Why {
    let Some(of) = drop.of else {
        return (drop.by, "stopping");
    };
    match absence(&case.parties[of], drop, material) {
        Some(Away::Booted(_)) => (of, "booted"),
        _ => (of, "left"),
    }
}

/// Whether the peer was away, by its own log.
fn judge(drop: &Drop, all: &[(Drop, bool)], case: &Case, material: &Material<'_>) -> Option<Why> {
    let of = drop.of?;
    let party = &case.parties[of];
    party.log?;
    // Who loses the other end at the same time is there.
    let sees = all.iter().any(|(own, excused)| {
        own.by == of && own.of == Some(drop.by) && !excused && case.near(own.began, drop.began)
    });
    if sees {
        return None;
    }
    match absence(party, drop, material) {
        Some(Away::Booted("graceful")) => Some((of, "booted")),
        Some(Away::Booted(_)) => Some((of, "crashed")),
        Some(Away::Restarted) => Some((of, "restarted")),
        None => ends_there(party, drop, material).then_some((of, "ended")),
    }
}

/// The absence of a node in which a link to it went down; a boot tells more than a start of corosync.
fn absence(party: &Party, drop: &Drop, material: &Material<'_>) -> Option<Away> {
    let within = material
        .spells
        .absences(party.observer?)
        .iter()
        .filter(|away| {
            let (Some(at), Some(from), Some(until)) = (drop.began.at, away.from.at, away.until)
            else {
                return false;
            };
            at.since(from).seconds() >= -NOTICED_S && at <= until.plus(Span::from_secs(3))
        });
    let mut whys: Vec<Away> = within.map(|away| away.why).collect();
    whys.sort_by_key(|why| *why == Away::Restarted);
    whys.first().copied()
}

/// Whether the log of a node ends where a link to it went down, while other logs go on.
fn ends_there(party: &Party, drop: &Drop, material: &Material<'_>) -> bool {
    let last = party.log.and_then(|log| log.last);
    let (Some(at), Some(last), Some(end)) = (drop.began.at, last, material.end.at) else {
        return false;
    };
    let silent_s = at.since(last).seconds();
    (-1.0..=LAST_WORDS_S).contains(&silent_s) && end.since(at).seconds() >= GOES_ON_S
}

fn aparts(judged: &[(Drop, Option<Why>)], case: &Case) -> Vec<Apart> {
    let mut counts: BTreeMap<Why, u64> = BTreeMap::new();
    for (_, why) in judged {
        if let Some(why) = why {
            *counts.entry(*why).or_default() += 1;
        }
    }
    let said = |((node, why), downs): (Why, u64)| {
        let name = &case.parties[node].name;
        let times = if downs == 1 {
            "1 down"
        } else {
            &format!("{downs} downs")
        };
        let links = if why == "stopping" {
            "its links"
        } else {
            "links to it"
        };
        let what = match why {
            "left" => format!("{name} left in an orderly way"),
            "stopping" => format!("{name} was stopping"),
            "booted" => format!("{name} was rebooting"),
            "crashed" => format!("{name} had crashed or been reset, and booted"),
            "restarted" => format!("corosync of {name} was away and started anew"),
            _ => format!("the log of {name} ends there"),
        };
        Apart {
            node: name.clone(),
            why,
            downs,
            text: format!("{what}: {times} of {links}, no trouble of cables"),
        }
    };
    counts.into_iter().map(said).collect()
}

/// Every node with a corosync id, and every one whose corosync logs.
fn parties(material: &Material<'_>) -> Vec<Party> {
    let cluster = material.cluster;
    let mut ids: BTreeSet<NodeId> = BTreeSet::new();
    for (_, node) in cluster.nodes() {
        ids.extend(&node.membership.seen);
    }
    ids.extend(cluster.known_before().nodes.iter().map(|(id, _)| *id));
    // Whose corosync logs, with the peers that its knet named.
    let mut logging: BTreeMap<Observer, BTreeSet<NodeId>> = BTreeMap::new();
    for (node, machines) in cluster.nodes() {
        let heard = material.spells.heard(node);
        if heard.is_some_and(|heard| heard.corosync.is_some()) {
            let mut peers = material.spells.peers(node);
            peers.extend(machines.peers());
            peers.remove(&NodeId(0));
            ids.extend(cluster.roster.id(node));
            ids.extend(&peers);
            logging.insert(node, peers);
        }
    }
    let own = own_ids(&ids, &logging, material);
    let observer = |id: NodeId| {
        let logs = own.iter().find(|(_, own)| **own == id);
        logs.map(|(node, _)| *node)
            .or_else(|| cluster.roster.with_id(id))
    };
    let mut parties: Vec<Party> = ids
        .iter()
        .map(|id| party(observer(*id), Some(*id), material))
        .collect();
    let told: BTreeSet<Observer> = parties.iter().filter_map(|p| p.observer).collect();
    let others = logging.keys().filter(|node| !told.contains(node));
    let mut nameless: Vec<Party> = others
        .map(|node| party(Some(*node), None, material))
        .collect();
    nameless.sort_by(|a, b| a.name.cmp(&b.name));
    parties.append(&mut nameless);
    let peers: Vec<BTreeSet<usize>> = (0..parties.len())
        .map(|n| peers(n, &parties, &logging))
        .collect();
    for (party, peers) in parties.iter_mut().zip(peers) {
        party.peers = peers;
    }
    parties
}

/// The ids of the nodes that log: as known, else by elimination. knet never names the node that logs; so, where the ids of
/// the whole cluster are known, the one that it does not name is its own.
fn own_ids(
    ids: &BTreeSet<NodeId>,
    logging: &BTreeMap<Observer, BTreeSet<NodeId>>,
    material: &Material<'_>,
) -> BTreeMap<Observer, NodeId> {
    let cluster = material.cluster;
    let mut own: BTreeMap<Observer, NodeId> = BTreeMap::new();
    for node in logging.keys() {
        own.extend(cluster.roster.id(*node).map(|id| (*node, id)));
    }
    let configured = cluster.configured().map(|known| known.value as usize);
    // Somebody who names all of them is none of them: there are more.
    let more = logging
        .iter()
        .any(|(node, peers)| !own.contains_key(node) && peers.is_superset(ids));
    let whole = configured.map_or(ids.len() > 2 && !more, |all| all == ids.len());
    if !whole {
        return own;
    }
    let taken: BTreeSet<NodeId> = own.values().copied().collect();
    let mut by_id: BTreeMap<NodeId, Vec<Observer>> = BTreeMap::new();
    for (node, peers) in logging.iter().filter(|(node, _)| !own.contains_key(node)) {
        let left: Vec<&NodeId> = ids.difference(peers).collect();
        if let [id] = left[..] {
            by_id.entry(*id).or_default().push(*node);
        }
    }
    for (id, nodes) in by_id {
        // Two who could be the same are none that is known.
        if let ([node], false) = (&nodes[..], taken.contains(&id)) {
            own.insert(*node, id);
        }
    }
    own
}

/// Who could be lost by a node, by their places.
fn peers(
    n: usize,
    parties: &[Party],
    logging: &BTreeMap<Observer, BTreeSet<NodeId>>,
) -> BTreeSet<usize> {
    let named = |party: &Party| party.observer.and_then(|node| logging.get(&node));
    let own = named(&parties[n]);
    let fits = |m: usize, other: &Party| match (parties[n].id, other.id) {
        (Some(_), Some(_)) => m != n,
        // A node that does not know its own id would take itself for a peer.
        (None, Some(id)) => own.is_some_and(|own| own.contains(&id)),
        // Who names the same peers is another one than these.
        (None, None) => {
            m != n
                && own
                    .zip(named(other))
                    .is_some_and(|(own, other)| own.is_subset(other))
        }
        (Some(_), None) => false,
    };
    let all = parties.iter().enumerate();
    all.filter(|(m, other)| fits(*m, other))
        .map(|(m, _)| m)
        .collect()
}

fn party(observer: Option<Observer>, id: Option<NodeId>, material: &Material<'_>) -> Party {
    let name = observer.and_then(|node| named(node, material));
    Party {
        observer,
        id,
        name: name.unwrap_or_else(|| {
            id.map_or_else(|| "this node".to_owned(), |id| format!("node {id}"))
        }),
        log: observer.and_then(|node| log(node, material)),
        peers: BTreeSet::new(),
    }
}

/// The time of a node's log: of its own inputs, or, where an input holds several nodes, by its own lines.
fn log(node: Observer, material: &Material<'_>) -> Option<Log> {
    let heard = material
        .spells
        .heard(node)
        .filter(|heard| heard.corosync.is_some())?;
    let mut log = Log {
        first: heard.first.at,
        last: heard.last.at,
    };
    for (n, input) in material.coverage.inputs.iter().enumerate() {
        let source = crate::model::SourceId(u32::try_from(n).unwrap_or(u32::MAX));
        let mut nodes = material.cluster.nodes_of(source);
        if nodes.next() != Some(node) || nodes.next().is_some() {
            continue;
        }
        log.first = log.first.zip(input.first).map(|(a, b)| a.min(b));
        log.last = log.last.zip(input.last).map(|(a, b)| a.max(b));
    }
    Some(log)
}
