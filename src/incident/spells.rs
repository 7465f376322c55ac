//! Spells: every stretch of time that a link was down, as the node that logs saw it, and when corosync was away on a node.
//! In: changes in order, and which node's lines came when. Out: spells per observer, peer and link, and absences.
//! Never: blames; holding the spells of several nodes side by side is the report's.

use crate::cluster::{Change, ChangeKind};
use crate::model::{Limits, LinkId, NodeId, Observer, Timestamp, When};
use std::collections::{BTreeMap, BTreeSet};

/// A link as one node sees it: who logs, the peer (0 for a ring of corosync 2, which belongs to no peer), the link.
pub type Seat = (Observer, NodeId, LinkId);

/// A link was down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// When it went down.
    pub began: When,
    /// When it was up again, or corosync of the observer started anew; `None` while open.
    pub ended: Option<When>,
    /// The peer had left in an orderly way, or the observer was stopping.
    pub excused: bool,
}

/// Why corosync of a node was away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// The node booted; how the boot before ended.
    Booted(&'static str),
    /// Corosync alone started anew.
    Restarted,
}

/// A time in which corosync of a node was away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Absence {
    /// Its last line before.
    pub from: When,
    /// When it started again; `None` where stamps are missing.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: Away,
}

/// From when to when lines of a node came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// The first event.
    pub first: When,
    /// The latest one.
    pub last: When,
    /// The latest of corosync.
    pub corosync: Option<When>,
}

/// Every spell of every node.
#[derive(Debug, Default)]
pub struct Spells {
    links: BTreeMap<Seat, Vec<Spell>>,
    heard: BTreeMap<Observer, Heard>,
    absences: BTreeMap<Observer, Vec<Absence>>,
    known: BTreeSet<LinkId>,
    max: usize,
    left_out: u64,
}

impl Spells {
    /// Spells as many per link as the limits allow.
    pub fn new(limits: &Limits) -> Spells {
        Spells {
            max: limits.lane_intervals,
            ..Spells::default()
        }
    }

    /// A line of a node came; `corosync`: it is corosync's own, `starting`: it is the one that it starts with.
    pub fn hear(&mut self, node: Observer, when: When, corosync: bool, starting: bool) {
        let heard = self.heard.entry(node).or_insert(Heard {
            first: when,
            last: when,
            corosync: None,
        });
        heard.last = when;
        if !corosync {
            return;
        }
        let before = heard.corosync.replace(when);
        if starting {
            self.cut(node, when, when.order);
            if let Some(from) = before {
                self.away(node, from, when.at, Away::Restarted);
            }
        }
    }

    /// Takes one change.
    pub fn step(&mut self, change: &Change) {
        let Some(node) = change.node else { return };
        match &change.kind {
            ChangeKind::LinkDown {
                peer,
                link,
                graceful,
            } => self.down((node, *peer, *link), change.when, *graceful),
            ChangeKind::LinkUp { peer, link, .. } => {
                if let Some(spell) = self.open((node, *peer, *link)) {
                    spell.ended = Some(change.when);
                }
            }
            ChangeKind::LinkExcused { peer, link, .. } => {
                if let Some(spell) = self.open((node, *peer, *link)) {
                    spell.excused = true;
                }
            }
            ChangeKind::BootJudged { verdict, gap_s, .. } => {
                self.cut(node, change.when, change.when.order);
                let gap = gap_s.map(|s| crate::model::Span((s * 1e6) as i64));
                let until = change.when.at.zip(gap).map(|(at, gap)| at.plus(gap));
                self.away(node, change.when, until, Away::Booted(verdict));
            }
            _ => {}
        }
    }

    /// The spells that began between two orders, both included, by seat and in order of their beginning.
    pub fn within(&self, first: u64, last: u64) -> impl Iterator<Item = (Seat, &Spell)> {
        self.links.iter().flat_map(move |(seat, spells)| {
            let from = spells.partition_point(|spell| spell.began.order < first);
            let near = spells[from..].iter();
            near.take_while(move |spell| spell.began.order <= last)
                .map(move |spell| (*seat, spell))
        })
    }

    /// Every peer that a link of `node` was down to.
    pub fn peers(&self, node: Observer) -> BTreeSet<NodeId> {
        let seats = self.links.keys().filter(|(by, ..)| *by == node);
        seats.map(|(_, peer, _)| *peer).collect()
    }

    /// Every link that was down somewhere.
    pub fn known(&self) -> &BTreeSet<LinkId> {
        &self.known
    }

    /// When lines of a node came.
    pub fn heard(&self, node: Observer) -> Option<&Heard> {
        self.heard.get(&node)
    }

    /// When corosync of a node was away.
    pub fn absences(&self, node: Observer) -> &[Absence] {
        self.absences.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Spells beyond the limit.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    fn open(&mut self, seat: Seat) -> Option<&mut Spell> {
        let last = self.links.get_mut(&seat)?.last_mut()?;
        last.ended.is_none().then_some(last)
    }

    fn down(&mut self, seat: Seat, when: When, excused: bool) {
        self.known.insert(seat.2);
        // A link that goes down again was up meanwhile, whether or not a line says so.
        if let Some(spell) = self.open(seat) {
            spell.ended = Some(when);
        }
        let spells = self.links.entry(seat).or_default();
        if spells.len() < self.max {
            spells.push(Spell {
                began: when,
                ended: None,
                excused,
            });
        } else {
            self.left_out += 1;
        }
    }

    /// Ends the open spells of a node that began by `order`: nobody watches these links any more.
    fn cut(&mut self, node: Observer, when: When, order: u64) {
        let own = (node, NodeId(0), LinkId(0))..=(node, NodeId(u32::MAX), LinkId(u32::MAX));
        for (_, spells) in self.links.range_mut(own) {
            if let Some(last) = spells.last_mut()
                && last.ended.is_none()
                && last.began.order <= order
            {
                last.ended = Some(when);
            }
        }
    }

    fn away(&mut self, node: Observer, from: When, until: Option<Timestamp>, why: Away) {
        let absences = self.absences.entry(node).or_default();
        if absences.len() < self.max {
            absences.push(Absence { from, until, why });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Basis;

    const SEAT: Seat = (Observer(0), NodeId(2), LinkId(1));

    fn at(order: u64) -> When {
        When {
            at: Some(Timestamp::from_seconds(order as i64)),
            order,
        }
    }

    fn change(order: u64, kind: ChangeKind) -> Change {
        Change {
            when: at(order),
            node: Some(SEAT.0),
            kind,
            basis: Basis::Stated,
            lines: Vec::new(),
        }
    }

    fn down(order: u64) -> Change {
        let (_, peer, link) = SEAT;
        let graceful = false;
        change(
            order,
            ChangeKind::LinkDown {
                peer,
                link,
                graceful,
            },
        )
    }

    #[test]
    fn a_restart_ends_what_is_down_and_is_an_absence() {
        let mut spells = Spells::new(&Limits::default());
        spells.hear(SEAT.0, at(1), true, false);
        spells.step(&down(2));
        spells.hear(SEAT.0, at(5), true, true);
        let all: Vec<_> = spells.within(0, 9).map(|(_, spell)| *spell).collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].ended, Some(at(5)));
        let away = spells.absences(SEAT.0);
        assert_eq!((away.len(), away[0].why), (1, Away::Restarted));
    }

    #[test]
    fn a_limit_is_counted() {
        let limits = Limits {
            lane_intervals: 2,
            ..Limits::default()
        };
        let mut spells = Spells::new(&limits);
        for order in 1..=5 {
            spells.step(&down(order));
        }
        assert_eq!((spells.within(0, 9).count(), spells.left_out()), (2, 3));
        assert_eq!(spells.within(2, 9).count(), 1);
    }
}
