//! Vote arithmetic: how many nodes are configured, how many votes quorum needs.
//! In: votequorum lines, quorum seen at member counts, the token timeout. Out: configured votes with their basis.
//! Never: counts a node that no line and no timing rule implies.

use super::roster::Known;
use super::token::nodes_of_timeout;
use super::{Node, Seen};
use crate::event::corosync::{Corosync, quorum::Quorum, votequorum::Votequorum};
use crate::model::{Basis, Line, Observer};
use std::collections::BTreeMap;

/// What lines say of votes.
#[derive(Debug, Default)]
pub struct Votes {
    stated: Option<Known<u32>>,
    /// The fewest members with which a node was quorate, and the most with which one was not.
    quorate_at: Option<(u32, Line)>,
    not_quorate_at: Option<u32>,
    /// What a node's latest line says of quorum, until its member list tells of how many: lines of several nodes mix.
    pending: BTreeMap<Observer, bool>,
    members_seen: usize,
}

impl Votes {
    /// Takes one event.
    pub fn step(&mut self, message: &Corosync, seen: &Seen<'_>) {
        match message {
            Corosync::Votequorum(Votequorum::WaitForAll { expected, .. }) => {
                self.stated = Some(Known {
                    value: *expected,
                    basis: Basis::Stated,
                    line: Some(seen.line()),
                });
            }
            Corosync::Quorum(Quorum::Primary {}) => {
                self.pending.insert(seen.node, true);
            }
            Corosync::Quorum(Quorum::NonPrimary {}) => {
                self.pending.insert(seen.node, false);
            }
            Corosync::Quorum(Quorum::Members { count, .. }) => {
                self.members_seen = self.members_seen.max(*count as usize);
                // The primary line stands right before the member list of the ring it speaks of.
                match self.pending.remove(&seen.node) {
                    Some(true) if self.quorate_at.as_ref().is_none_or(|(at, _)| count < at) => {
                        self.quorate_at = Some((*count, seen.line()));
                    }
                    Some(false) => self.not_quorate_at = self.not_quorate_at.max(Some(*count)),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Learns the votes from the configuration of the cluster.
    pub fn give(&mut self, votes: Option<u32>) {
        self.stated = votes.map(Known::stated).or(self.stated.take());
    }

    /// How many votes are configured: as a line states it, or by the token timeout under corosync's default timing, or by
    /// the member counts with and without quorum when they leave one answer.
    pub fn configured<'n>(&self, nodes: impl Iterator<Item = &'n Node>) -> Option<Known<u32>> {
        if let Some(stated) = &self.stated {
            return Some(stated.clone());
        }
        let mut seen = u32::try_from(self.members_seen).unwrap_or(u32::MAX);
        let mut by_timeout: Option<Known<u32>> = None;
        for node in nodes {
            seen = seen.max(u32::try_from(node.membership.seen.len()).unwrap_or(u32::MAX));
            let Some(timeout) = node.token.timeout() else {
                continue;
            };
            let base = node.token.base_ms().unwrap_or(3000);
            if let Some(count) = nodes_of_timeout(timeout.value, base) {
                by_timeout.get_or_insert(Known {
                    value: count,
                    basis: Basis::Inferred,
                    line: timeout.line,
                });
            }
        }
        // A timeout that implies fewer nodes than were seen is one of the cluster's own.
        if let Some(known) =
            by_timeout.filter(|known| known.value >= seen && self.fits(known.value))
        {
            return Some(known);
        }
        let (_, line) = self.quorate_at.as_ref()?;
        let mut fitting = (seen.max(1)..=seen + 8).filter(|count| self.fits(*count));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(Known {
                value: only,
                basis: Basis::Inferred,
                line: Some(line.clone()),
            }),
            _ => None,
        }
    }

    /// Whether `count` votes agree with when nodes were quorate and when not.
    fn fits(&self, count: u32) -> bool {
        let needed = count / 2 + 1;
        // Quorate with as few as another time were not: the votes were lowered between, which tells nothing of the rest.
        let lowered = self
            .quorate_at
            .as_ref()
            .zip(self.not_quorate_at)
            .is_some_and(|((at, _), not)| *at <= not);
        self.quorate_at
            .as_ref()
            .is_none_or(|(at, _)| lowered || *at >= needed)
            && self.not_quorate_at.is_none_or(|at| at < needed)
    }
}
