//! Memberships: which ring was formed, of whom, who came, who went and who failed.
//! In: TOTEM and QUORUM lines of one node. Out: `membership.formed`, one for the group of lines that tell of one ring.
//! Never: combines nodes' views; `partition` does.

use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::corosync::{
    Corosync, cfg::Cfg, main::Main, quorum::Quorum, service::Service, totem::Totem,
};
use crate::model::{Basis, Line, NodeId, RingId, When};
use std::collections::BTreeSet;

/// The lines of one formation come within this time.
const GROUP_S: f64 = 2.0;

/// A node that starts meets its peers one after the other within this time.
const JOINING_S: f64 = 60.0;

/// A formation whose lines are still coming.
#[derive(Debug)]
struct Forming {
    when: When,
    ring: Option<RingId>,
    joined: Vec<NodeId>,
    left: Vec<NodeId>,
    failed: Vec<NodeId>,
    /// The TOTEM line is there, so a missing "failed" line means that nobody failed.
    told: bool,
    members: Option<Vec<NodeId>>,
    lines: Vec<Line>,
}

/// A ring that was formed.
#[derive(Clone, Debug)]
pub struct Formed {
    /// When.
    pub when: When,
    /// Its id; `None` where the line that tells it is missing.
    pub ring: Option<RingId>,
    /// Its members, where lines tell them all.
    pub members: Option<BTreeSet<NodeId>>,
    /// Who left.
    pub left: Vec<NodeId>,
    /// Who joined.
    pub joined: Vec<NodeId>,
    /// Whether nobody of those who left failed; `None` where the lines that would tell are missing.
    pub clean: Option<bool>,
    /// The first since corosync started.
    pub first: bool,
    /// The lines that tell of it.
    pub lines: Vec<Line>,
}

/// The membership as one node sees it.
#[derive(Debug, Default)]
pub struct Membership {
    forming: Option<Forming>,
    /// What the Sync lines before the TOTEM line say (3.1 and later).
    syncing: Option<Forming>,
    current: Option<Formed>,
    started: bool,
    /// Whether the services are synchronised in the latest ring; `None` while no line of this log has told of it.
    synced: Option<bool>,
    /// Who said that it shuts down.
    announced: BTreeSet<NodeId>,
    /// The token was late or lost since the last ring.
    trouble: bool,
    /// When corosync started, until somebody leaves: joins until then are this node's own joining of the cluster.
    joining: Option<When>,
    /// The latest formation that somebody left with.
    pub last_leave: Option<Formed>,
    /// Who was a member of every ring so far.
    always: Option<BTreeSet<NodeId>>,
    /// The last list of members that was whole, with whom rings behind it lost and gained.
    listed: BTreeSet<NodeId>,
    /// Every node id that was ever a member in this node's view.
    pub seen: BTreeSet<NodeId>,
}

impl Membership {
    /// Takes one event; `quorate` and `expected` are what is known of quorum and of configured nodes by now.
    pub fn step(
        &mut self,
        seen: &Seen<'_>,
        quorate: Option<bool>,
        expected: Option<u32>,
        out: &mut Sink,
    ) -> Option<Formed> {
        let Kind::Corosync(message) = &seen.event.kind else {
            return self.flush_stale(seen.when, quorate, expected, out);
        };
        match message {
            Corosync::Quorum(Quorum::SyncMembers { nodes, count }) => {
                let formed = self.flush(quorate, expected, out);
                self.syncing = Some(Forming {
                    when: seen.when,
                    ring: None,
                    joined: Vec::new(),
                    left: Vec::new(),
                    failed: Vec::new(),
                    told: false,
                    // A list that was cut holds fewer ids than it counts.
                    members: (nodes.len() == *count as usize).then(|| nodes.clone()),
                    lines: vec![seen.line()],
                });
                formed
            }
            Corosync::Quorum(Quorum::SyncJoined { nodes, .. }) => {
                if let Some(syncing) = &mut self.syncing {
                    syncing.joined.clone_from(nodes);
                    syncing.lines.push(seen.line());
                }
                None
            }
            Corosync::Quorum(Quorum::SyncLeft { nodes, .. }) => {
                if let Some(syncing) = &mut self.syncing {
                    syncing.left.clone_from(nodes);
                    syncing.lines.push(seen.line());
                }
                None
            }
            Corosync::Totem(Totem::MembershipFormed { ring, changes }) => {
                self.synced = self.synced.map(|_| false);
                let syncing = self.syncing.take();
                let early = self.failed_early(seen.when);
                let formed = self.flush(quorate, expected, out);
                let (members, mut lines) = syncing.map_or((None, Vec::new()), |syncing| {
                    (syncing.members, syncing.lines)
                });
                let (failed, told) = early.unwrap_or_default();
                lines.splice(0..0, told);
                lines.insert(0, seen.line());
                self.forming = Some(Forming {
                    when: seen.when,
                    ring: Some(ring.clone()),
                    joined: changes.joined.clone(),
                    left: changes.left.clone(),
                    failed,
                    told: true,
                    members,
                    lines,
                });
                formed
            }
            Corosync::Totem(Totem::LeaveMissing { failed }) => {
                let formed = self.flush_stale(seen.when, quorate, expected, out);
                self.adopt_sync();
                match &mut self.forming {
                    Some(forming) => {
                        forming.failed.clone_from(failed);
                        forming.lines.push(seen.line());
                    }
                    // It is printed when a ring was formed, whether or not the copy has the line that says so.
                    None => {
                        self.forming = Some(Forming {
                            when: seen.when,
                            ring: None,
                            joined: Vec::new(),
                            left: failed.clone(),
                            failed: failed.clone(),
                            told: false,
                            members: None,
                            lines: vec![seen.line()],
                        });
                    }
                }
                formed
            }
            // A paste may leave the TOTEM line out: the Sync lines, or the quorum lines after them, tell of the same ring.
            Corosync::Quorum(Quorum::NonPrimary {} | Quorum::Primary {}) => {
                self.adopt_sync();
                None
            }
            Corosync::Quorum(Quorum::Members { nodes, count }) => {
                self.adopt_sync();
                // A list that was cut or goes on in the next line holds fewer ids than it counts.
                let whole = nodes.len() == *count as usize;
                match &mut self.forming {
                    Some(forming) => {
                        if whole {
                            forming.members = Some(nodes.clone());
                        }
                        forming.lines.push(seen.line());
                    }
                    None if whole => self.forming = self.listed(nodes, seen),
                    None => {}
                }
                if whole {
                    self.listed = nodes.iter().copied().collect();
                }
                None
            }
            Corosync::Totem(Totem::TokenWarning { .. } | Totem::TokenLost { .. }) => {
                self.trouble = true;
                self.flush_stale(seen.when, quorate, expected, out)
            }
            Corosync::Cfg(Cfg::PeerShutdown { node }) => {
                self.announced.insert(*node);
                None
            }
            Corosync::Main(Main::SyncDone {}) => {
                self.synced = Some(true);
                self.flush(quorate, expected, out)
            }
            Corosync::Main(Main::Starting { .. }) | Corosync::Service(Service::Loaded { .. }) => {
                let formed = self.flush(quorate, expected, out);
                if !self.started {
                    self.current = None;
                    self.listed.clear();
                    self.started = true;
                    self.joining = Some(seen.when);
                }
                formed
            }
            _ => self.flush_stale(seen.when, quorate, expected, out),
        }
    }

    /// The ring that this node is in, as far as lines tell.
    pub fn current(&self) -> Option<&Formed> {
        self.current.as_ref()
    }

    /// Whether the services of corosync, quorum among them, know the current ring yet; `None` when lines do not tell.
    pub fn synced(&self) -> Option<bool> {
        self.synced
    }

    /// Who was a member of every ring that this node formed.
    pub fn always(&self) -> Option<&BTreeSet<NodeId>> {
        self.always.as_ref()
    }

    /// A line of the current ring.
    pub fn line(&self) -> Option<&Line> {
        self.current.as_ref()?.lines.first()
    }

    /// Those who dropped out of the latest ring without a farewell and have not come back.
    pub fn missing(&self) -> Vec<NodeId> {
        let Some(members) = self
            .current
            .as_ref()
            .and_then(|formed| formed.members.as_ref())
        else {
            return Vec::new();
        };
        self.last_leave
            .iter()
            .filter(|formed| formed.clean != Some(true))
            .flat_map(|formed| formed.left.iter())
            .filter(|node| !members.contains(node))
            .copied()
            .collect()
    }

    /// Whether the lines of a formation are still coming.
    pub fn forming(&self) -> bool {
        self.forming.is_some() || self.syncing.is_some()
    }

    /// Who failed by a line that stands before the one of its ring, and that line.
    fn failed_early(&mut self, now: When) -> Option<(Vec<NodeId>, Vec<Line>)> {
        let early = self.forming.take_if(|forming| {
            let alone = forming.ring.is_none() && forming.members.is_none() && !forming.told;
            let near = now.since(forming.when);
            alone
                && !forming.failed.is_empty()
                && near.is_none_or(|span| span.seconds().abs() <= GROUP_S)
        })?;
        Some((early.failed, early.lines))
    }

    fn adopt_sync(&mut self) {
        if self.forming.is_none() {
            self.forming = self.syncing.take();
        }
    }

    /// Who is leaving with the formation whose lines are still coming, and whether all of them in an orderly way.
    pub fn leaving(&self) -> (&[NodeId], bool) {
        match self.forming.as_ref().or(self.syncing.as_ref()) {
            Some(forming) => (&forming.left, forming.told && forming.failed.is_empty()),
            None => self
                .current
                .as_ref()
                .map_or((&[], false), |c| (&c.left, c.clean == Some(true))),
        }
    }

    /// How many members there are now, by the lines so far.
    pub fn present(&self) -> Option<usize> {
        match &self.forming {
            Some(forming) => forming.members.as_ref().map(Vec::len),
            None => self.current.as_ref()?.members.as_ref().map(BTreeSet::len),
        }
    }

    /// What a list of members tells where all other lines of its ring are missing: that it is not the list before.
    fn listed(&self, nodes: &[NodeId], seen: &Seen<'_>) -> Option<Forming> {
        let now: BTreeSet<NodeId> = nodes.iter().copied().collect();
        let before = &self.listed;
        let other = !before.is_empty() && *before != now;
        other.then(|| Forming {
            when: seen.when,
            ring: None,
            joined: now.difference(before).copied().collect(),
            left: before.difference(&now).copied().collect(),
            failed: Vec::new(),
            told: false,
            members: Some(nodes.to_vec()),
            lines: vec![seen.line()],
        })
    }

    fn flush_stale(
        &mut self,
        now: When,
        quorate: Option<bool>,
        expected: Option<u32>,
        out: &mut Sink,
    ) -> Option<Formed> {
        let stale = self.forming.as_ref().is_some_and(|forming| {
            now.since(forming.when)
                .is_some_and(|span| span.seconds().abs() > GROUP_S)
        });
        if stale {
            self.flush(quorate, expected, out)
        } else {
            None
        }
    }

    /// Says that the formation's lines have all come.
    pub fn flush(
        &mut self,
        quorate: Option<bool>,
        expected: Option<u32>,
        out: &mut Sink,
    ) -> Option<Formed> {
        self.adopt_sync();
        let forming = self.forming.take()?;
        let before = self.current.take();
        let before_members = before.as_ref().and_then(|formed| formed.members.clone());
        let members: Option<BTreeSet<NodeId>> = match forming.members {
            Some(members) => Some(members.into_iter().collect()),
            None => before_members.clone().map(|mut members| {
                members.retain(|node| !forming.left.contains(node));
                members.extend(&forming.joined);
                members
            }),
        };
        match &members {
            Some(members) => self.listed.clone_from(members),
            // Before there is a list, who comes and goes makes none.
            None if self.listed.is_empty() => {}
            None => {
                self.listed.retain(|node| !forming.left.contains(node));
                self.listed.extend(&forming.joined);
            }
        }
        if let Some(members) = &members {
            self.seen.extend(members);
            self.always = Some(match self.always.take() {
                Some(always) => always.intersection(members).copied().collect(),
                None => members.clone(),
            });
        }
        if let Some(always) = &mut self.always {
            always.retain(|node| !forming.left.contains(node));
        }
        self.seen.extend(forming.left.iter().chain(&forming.joined));
        let changed = !forming.left.is_empty()
            || !forming.joined.is_empty()
            || before_members.is_some_and(|before| Some(before) != members);
        let attempts_unseen = match &before {
            // A merge may jump by the other side's rounds.
            Some(before) if forming.joined.is_empty() => match (&before.ring, &forming.ring) {
                (Some(old), Some(new)) if old.notation == new.notation => {
                    (new.sequence.saturating_sub(old.sequence) / 4).saturating_sub(1)
                }
                _ => 0,
            },
            _ => 0,
        };
        let joining = self.joining.filter(|since| {
            forming.left.is_empty()
                && forming
                    .when
                    .since(*since)
                    .is_none_or(|span| span.seconds() < JOINING_S)
        });
        let first = before.is_none() && self.started || joining.is_some();
        self.joining = joining;
        let clean = match (forming.told, forming.failed.is_empty()) {
            (_, false) => Some(false),
            (true, true) => Some(true),
            (false, true) => forming
                .left
                .iter()
                .all(|node| self.announced.contains(node))
                .then_some(true),
        };
        self.announced.retain(|node| !forming.joined.contains(node));
        // Without the line that would tell, a leave amid token trouble or a lost quorum was none in order.
        let trouble = self.trouble || quorate == Some(false);
        self.trouble = false;
        let size = members.as_ref().map(BTreeSet::len);
        let margin = expected.zip(size).map(|(expected, size)| {
            i64::try_from(size).unwrap_or(i64::MAX) - i64::from(expected / 2 + 1)
        });
        let formed = Formed {
            when: forming.when,
            ring: forming.ring,
            members,
            left: forming.left,
            joined: forming.joined,
            clean,
            first,
            lines: forming.lines,
        };
        let change = ChangeKind::MembershipFormed {
            ring: formed
                .ring
                .as_ref()
                .map_or_else(|| "?".to_owned(), ToString::to_string),
            members: formed.members.iter().flatten().copied().collect(),
            joined: formed.joined.clone(),
            left: formed.left.clone(),
            failed: forming.failed,
            size,
            clean,
            unclean: u32::from(clean == Some(false) || clean.is_none() && trouble),
            changed,
            first,
            attempts_unseen,
            quorate,
            margin,
        };
        out.push_at(formed.when, Basis::Stated, change, formed.lines.clone());
        if !formed.left.is_empty() {
            self.last_leave = Some(formed.clone());
        }
        self.current = Some(formed.clone());
        // Only the first formation after a start is a start; what follows is change.
        self.started = false;
        Some(formed)
    }
}

#[cfg(test)]
mod tests {
    use crate::cluster::{ChangeKind, Cluster};
    use crate::model::{NodeId, When};
    use crate::run::examples;

    /// Who left and who joined at each formation.
    fn told(log: &str) -> Vec<(Vec<NodeId>, Vec<NodeId>)> {
        let mut cluster = Cluster::default();
        let mut changes = Vec::new();
        let events = examples::events(log);
        for (event, order) in events.iter().zip(1..) {
            let when = When {
                at: event.at,
                order,
            };
            cluster.step(event, when, &mut changes);
        }
        let end = When {
            at: None,
            order: u64::MAX,
        };
        cluster.finish(end, &mut changes);
        let formed = changes.into_iter().filter_map(|change| match change.kind {
            ChangeKind::MembershipFormed { left, joined, .. } => Some((left, joined)),
            _ => None,
        });
        formed.collect()
    }

    #[test]
    fn lists_alone_tell_who_left_and_who_came() {
        let log = "\
Nov 03 10:00:00 elm corosync[1200]:   [QUORUM] Members[3]: 1 2 3
Nov 03 10:00:01 elm corosync[1200]:   [MAIN  ] Completed service synchronization, ready to provide service.
Nov 03 10:10:00 elm corosync[1200]:   [QUORUM] Members[3]: 1 2 3
Nov 03 10:20:00 elm corosync[1200]:   [TOTEM ] A processor failed, forming new configuration.
Nov 03 10:20:03 elm corosync[1200]:   [QUORUM] Members[2]: 1 2
Nov 03 10:20:03 elm corosync[1200]:   [MAIN  ] Completed service synchronization, ready to provide service.
Nov 03 10:25:03 elm corosync[1200]:   [QUORUM] Members[3]: 1 2 3
";
        let third = || vec![NodeId(3)];
        assert_eq!(told(log), [(third(), vec![]), (vec![], third())]);
    }

    #[test]
    fn a_list_that_comes_late_is_no_second_change() {
        let log = "\
Nov 03 10:00:00 elm corosync[1200]:   [QUORUM] Members[3]: 1 2 3
Nov 03 10:20:03 elm corosync[1200]:   [TOTEM ] A new membership (1.2b4) was formed. Members left: 3
Nov 03 10:20:03 elm corosync[1200]:   [TOTEM ] Failed to receive the leave message. failed: 3
Nov 03 10:20:09 elm corosync[1200]:   [QUORUM] Members[2]: 1 2
Nov 03 10:20:09 elm corosync[1200]:   [QUORUM] Members[3]: 1 2
";
        assert_eq!(told(log), [(vec![NodeId(3)], vec![])]);
    }
}
