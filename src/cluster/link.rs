//! Links as knet reports them, per node, peer and link; rings of corosync 2 likewise.
//! In: link lines, and who left in an orderly way. Out: `link.*` and `mtu.fell`.
//! Never: combines nodes' views, or blames a node.

use super::{ChangeKind, Seen, Sink};
use crate::event::corosync::{
    Corosync, cfg::Cfg, knet::Knet, main::Main, service::Service, totem::Totem,
};
use crate::model::{Basis, Line, LinkId, NodeId, When};
use std::collections::{BTreeMap, BTreeSet};

/// How long after a link came up its path MTU is still being discovered, in seconds. knet_pmtud_interval is 30 s.
const DISCOVERY_S: f64 = 60.0;

/// A peer that says goodbye takes its links down within this time, in seconds; its leave is formed within as long.
const LEAVING_S: f64 = 6.0;
/// Without stamps, within this many events.
const LEAVING_EVENTS: u64 = 12;

/// The links of one node.
#[derive(Debug, Default)]
pub struct Links {
    down: BTreeMap<(NodeId, LinkId), When>,
    up: BTreeMap<(NodeId, LinkId), When>,
    left_gracefully: BTreeSet<NodeId>,
    stopping: bool,
    /// corosync started in this log: a link that was never up since cannot go down.
    fresh: bool,
    /// Every peer that knet named; never the node that logs.
    pub peers: BTreeSet<NodeId>,
    /// Every link that knet named.
    pub named: BTreeSet<LinkId>,
    /// How often a link went down for another reason than an orderly leave.
    downs: u64,
}

impl Links {
    /// Takes one event.
    pub fn step(&mut self, message: &Corosync, seen: &Seen<'_>, out: &mut Sink) {
        if let Corosync::Knet(
            Knet::LinkDown { peer, .. }
            | Knet::LinkUp { peer, .. }
            | Knet::HostUnreachable { peer }
            | Knet::LinkSelected { peer, .. },
        ) = message
        {
            self.peers.insert(*peer);
        }
        if let Corosync::Knet(
            Knet::LinkDown { link, .. }
            | Knet::LinkUp { link, .. }
            | Knet::LinkSelected {
                link: Some(link), ..
            },
        ) = message
        {
            self.named.insert(*link);
        }
        match message {
            Corosync::Knet(Knet::LinkDown { peer, link }) => {
                self.went_down(*peer, *link, seen, out)
            }
            Corosync::Knet(Knet::LinkUp { peer, link }) => self.came_up(*peer, *link, seen, out),
            Corosync::Knet(Knet::MtuChanged {
                peer,
                link,
                from,
                to,
            }) if to < from => {
                let discovering = self.up.get(&(*peer, *link)).is_some_and(|up| {
                    seen.when
                        .since(*up)
                        .is_none_or(|span| span.seconds() < DISCOVERY_S)
                });
                if !discovering && !self.down.contains_key(&(*peer, *link)) {
                    out.push(
                        seen,
                        Basis::Stated,
                        ChangeKind::MtuFell {
                            peer: *peer,
                            link: *link,
                            from: *from,
                            to: *to,
                        },
                    );
                }
            }
            Corosync::Totem(Totem::RingFaulty { link, .. }) => {
                // A ring of corosync 2 belongs to no peer; node id 0 is none's.
                self.went_down(NodeId(0), *link, seen, out);
            }
            Corosync::Totem(Totem::RingRecovered { link }) => {
                self.came_up(NodeId(0), *link, seen, out)
            }
            Corosync::Cfg(Cfg::PeerShutdown { node }) => {
                self.left_gracefully.insert(*node);
            }
            Corosync::Main(Main::SignalShutdown {})
            | Corosync::Service(Service::UnloadingAll {}) => self.stopping = true,
            Corosync::Main(Main::Starting { .. }) => {
                *self = Links {
                    fresh: true,
                    ..Links::default()
                }
            }
            _ => {}
        }
    }

    /// `nodes` left at `when` without having failed. A link to one of them that went down right before did so because of it.
    pub fn leave(&mut self, nodes: &[NodeId], when: When, lines: &[Line], out: &mut Sink) {
        for ((peer, link), down) in &self.down {
            let right_before = match when.since(*down) {
                Some(span) => (0.0..LEAVING_S).contains(&span.seconds()),
                None => when.order.saturating_sub(down.order) < LEAVING_EVENTS,
            };
            if nodes.contains(peer) && !self.left_gracefully.contains(peer) && right_before {
                let change = ChangeKind::LinkExcused {
                    peer: *peer,
                    link: *link,
                    excused: true,
                };
                out.push_at(when, Basis::Inferred, change, lines.to_vec());
            }
        }
        self.left_gracefully.extend(nodes);
    }

    /// `nodes` are members again.
    pub fn join(&mut self, nodes: &[NodeId]) {
        for node in nodes {
            self.left_gracefully.remove(node);
        }
    }

    /// What the token machine asks of the links.
    pub fn hint(&self) -> super::token::LinkHint {
        super::token::LinkHint {
            downs: self.downs,
            any_down: self.any_down(),
        }
    }

    /// Every link that a line spoke of, in the order of peers: whether it is up, and since when.
    pub fn standing(&self) -> impl Iterator<Item = (NodeId, LinkId, bool, When)> {
        let up = self.up.iter().map(|(key, when)| (*key, (true, *when)));
        let down = self.down.iter().map(|(key, when)| (*key, (false, *when)));
        let all: BTreeMap<(NodeId, LinkId), (bool, When)> = up.chain(down).collect();
        all.into_iter()
            .map(|((peer, link), (is_up, when))| (peer, link, is_up, when))
    }

    /// Whether any link is known to be down for another reason than an orderly leave.
    pub fn any_down(&self) -> bool {
        self.down
            .keys()
            .any(|(peer, _)| !self.left_gracefully.contains(peer))
    }

    fn went_down(&mut self, peer: NodeId, link: LinkId, seen: &Seen<'_>, out: &mut Sink) {
        let was_up = self.up.remove(&(peer, link)).is_some();
        if self.fresh && !was_up {
            return;
        }
        // knet repeats the line when it re-evaluates a host; only the first one is a move.
        if self.down.contains_key(&(peer, link)) {
            return;
        }
        self.down.insert((peer, link), seen.when);
        let graceful = self.stopping || self.left_gracefully.contains(&peer);
        self.downs += u64::from(!graceful);
        out.push(
            seen,
            Basis::Stated,
            ChangeKind::LinkDown {
                peer,
                link,
                graceful,
            },
        );
    }

    fn came_up(&mut self, peer: NodeId, link: LinkId, seen: &Seen<'_>, out: &mut Sink) {
        self.up.insert((peer, link), seen.when);
        self.left_gracefully.remove(&peer);
        if let Some(since) = self.down.remove(&(peer, link)) {
            let down_s = seen.when.since(since).map(|span| span.seconds());
            out.push(
                seen,
                Basis::Stated,
                ChangeKind::LinkUp { peer, link, down_s },
            );
        }
    }
}
