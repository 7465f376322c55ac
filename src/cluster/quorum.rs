//! Quorum of the partition a node is in.
//! In: QUORUM lines of corosync and quorum lines of pmxcfs. Out: `quorum.*`.
//! Never: counts votes; never takes a stopped corosync of the node itself for a lost quorum.

use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::corosync::{Corosync, main::Main, quorum::Quorum as Lines};
use crate::event::pmxcfs::Pmxcfs;
use crate::model::{Basis, NodeId, When};

/// Quorum as one node sees it.
#[derive(Debug, Default)]
pub struct Quorum {
    quorate: Option<bool>,
    lost: Option<When>,
    started: bool,
}

impl Quorum {
    /// Takes one event. `leaving` tells who is missing and whether in an orderly way; `corosync_gone` that pmxcfs has lost
    /// its connection to the corosync of this very node.
    pub fn step(
        &mut self,
        seen: &Seen<'_>,
        present: Option<usize>,
        leaving: (Vec<NodeId>, bool),
        corosync_gone: bool,
        out: &mut Sink,
    ) {
        match &seen.event.kind {
            Kind::Corosync(Corosync::Quorum(Lines::NonPrimary {})) => {
                self.lose(seen, present, leaving, out)
            }
            Kind::Corosync(Corosync::Quorum(Lines::Primary {})) => self.gain(seen, out),
            Kind::Pmxcfs(_, Pmxcfs::QuorumLost {}) if !corosync_gone => {
                self.lose(seen, present, leaving, out)
            }
            Kind::Pmxcfs(_, Pmxcfs::QuorumGained {}) => self.gain(seen, out),
            Kind::Corosync(Corosync::Main(Main::Starting { .. })) => {
                self.started = true;
                if self.lost.is_none() {
                    self.quorate = None;
                }
            }
            _ => {}
        }
    }

    /// Whether the node is in a quorate partition; `None` when no line tells.
    pub fn quorate(&self) -> Option<bool> {
        self.quorate
    }

    /// When quorum was lost, while it is.
    pub fn lost_since(&self) -> Option<When> {
        self.lost
    }

    fn lose(
        &mut self,
        seen: &Seen<'_>,
        present: Option<usize>,
        (left, clean): (Vec<NodeId>, bool),
        out: &mut Sink,
    ) {
        if self.quorate == Some(false) {
            return;
        }
        self.quorate = Some(false);
        self.lost = Some(seen.when);
        out.push(
            seen,
            Basis::Stated,
            ChangeKind::QuorumLost {
                present,
                left,
                clean,
            },
        );
    }

    fn gain(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        if self.quorate == Some(true) {
            return;
        }
        self.quorate = Some(true);
        let lost = self.lost.take();
        let first = lost.is_none() && self.started;
        let lost_s = lost
            .and_then(|since| seen.when.since(since))
            .map(|span| span.seconds());
        out.push(
            seen,
            Basis::Stated,
            ChangeKind::QuorumGained { first, lost_s },
        );
    }
}
