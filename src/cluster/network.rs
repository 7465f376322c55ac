//! Signs that the cluster network is sick, one per episode of trouble as a node sees it.
//! In: link, token and membership changes and retransmit lines of one node. Out: `network.sign`.
//! Never: decides how many signs make an illness; the pattern does.

use super::{Change, ChangeKind, Seen, Sink};
use crate::event::corosync::{Corosync, knet::Knet, main::Main, totem::Totem};
use crate::model::{Basis, When};

/// One node's network.
#[derive(Debug, Default)]
pub struct Network {
    /// A sign of this episode was given; the next needs a settled ring in between.
    troubled: bool,
    /// When the latest ring was formed.
    formed: Option<When>,
    /// When the latest retransmit list was counted.
    retransmitted: Option<When>,
}

/// Seconds after a ring was formed in which its members catch up; lists of a few retransmissions are normal then.
const CATCHING_UP_S: f64 = 5.0;

impl Network {
    /// Takes one event, for signs that no other machine knows.
    pub fn step(&mut self, message: &Corosync, seen: &Seen<'_>, out: &mut Sink) {
        let sign = match message {
            Corosync::Totem(Totem::Retransmit { .. }) => {
                if !self.counts(seen) {
                    return;
                }
                "retransmit"
            }
            // Debug lines: a ring that is entered again because of messages from outside it.
            Corosync::Totem(Totem::Gather { code: 4..=9, .. }) => "gather",
            Corosync::Knet(Knet::SourceUnreachable { .. }) => "gather",
            Corosync::Main(Main::UnableToForm { .. }) => "no-ring",
            // Tokens come round and messages do not: multicast or large packets are lost.
            Corosync::Totem(Totem::FailedToReceive {}) => "failed-to-receive",
            _ => return,
        };
        let weight = u64::from(seen.event.repeat);
        out.push(
            seen,
            Basis::Stated,
            ChangeKind::NetworkSign { sign, weight },
        );
    }

    /// Whether a retransmit list is a sign: not while members of a new ring catch up, and one for the lists of a second.
    fn counts(&mut self, seen: &Seen<'_>) -> bool {
        let within = |earlier: Option<When>, seconds: f64| {
            earlier
                .and_then(|earlier| seen.when.since(earlier))
                .is_some_and(|span| (0.0..seconds).contains(&span.seconds()))
        };
        if seen.event.repeat == 1
            && (within(self.formed, CATCHING_UP_S) || within(self.retransmitted, 1.0))
        {
            return false;
        }
        self.retransmitted = Some(seen.when);
        true
    }

    /// Takes a change of the same node.
    pub fn change(&mut self, change: &Change, out: &mut Sink) {
        if let ChangeKind::MembershipFormed { .. } = &change.kind {
            self.formed = Some(change.when);
        }
        let sign = match &change.kind {
            ChangeKind::TokenLate { .. } | ChangeKind::TokenLost { .. } => "round",
            ChangeKind::LinkDown {
                graceful: false, ..
            } => "link",
            ChangeKind::MembershipFormed {
                changed,
                first,
                left,
                ..
            } => {
                let again = !changed && !first && left.is_empty();
                let counted = std::mem::take(&mut self.troubled);
                if counted || !again {
                    return;
                }
                "reformed"
            }
            _ => return,
        };
        if sign != "reformed" && std::mem::replace(&mut self.troubled, true) {
            return;
        }
        if let Some(node) = change.node {
            out.push_for(
                node,
                change.when,
                change.basis,
                ChangeKind::NetworkSign { sign, weight: 1 },
                change.lines.clone(),
            );
        }
    }

    /// Every link is up again and no token is missing: what comes next is a new episode.
    pub fn settled(&mut self) {
        self.troubled = false;
    }
}
