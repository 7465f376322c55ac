//! Quorum of the partition a node is in.
//! In: QUORUM lines of corosync and quorum lines of pmxcfs. Out: `quorum.*`.
//! Never: counts votes; never takes a stopped corosync of the node itself for a lost quorum.

use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::corosync::{Corosync, main::Main, quorum::Quorum as Lines};
use crate::event::pmxcfs::Pmxcfs;
use crate::model::{Basis, Line, NodeId, When};

/// Quorum as one node sees it.
#[derive(Debug, Default)]
pub struct Quorum {
    quorate: Option<bool>,
    /// Since when it stands as it does, where a line told it.
    since: Option<When>,
    lost: Option<When>,
    started: bool,
    /// A loss that only pmxcfs told: it also says so when its own corosync goes, sometimes before it says that.
    hearsay: Option<Hearsay>,
    /// Who was missing when quorum was lost, whether they had left in an orderly way, and how many were present.
    missing: Option<(Vec<NodeId>, bool, Option<usize>)>,
    /// A quorum device speaks in this log: its vote comes and goes without a member.
    qdevice: bool,
}

/// A loss that waits for a witness, or for the line that explains it away.
#[derive(Debug)]
struct Hearsay {
    when: When,
    line: Line,
    present: Option<usize>,
    leaving: (Vec<NodeId>, bool),
    events: u32,
}

/// What pmxcfs says of a lost quorum stands after this long, or after this many events without stamps.
const HEARSAY_S: f64 = 2.0;
const HEARSAY_EVENTS: u32 = 6;

impl Quorum {
    /// Takes one event. `leaving` tells who is missing and whether in an orderly way; `corosync_gone` that pmxcfs has lost
    /// its connection to the corosync of this very node.
    pub fn step(
        &mut self,
        seen: &Seen<'_>,
        present: Option<usize>,
        leaving: (&[NodeId], bool),
        corosync_gone: bool,
        out: &mut Sink,
    ) {
        self.weigh(seen, out);
        match &seen.event.kind {
            Kind::Corosync(Corosync::Quorum(Lines::NonPrimary {})) => {
                self.lose(seen, present, leaving, out)
            }
            Kind::Corosync(Corosync::Quorum(Lines::Primary {})) => self.gain(seen, present, out),
            Kind::Pmxcfs(_, Pmxcfs::QuorumLost {})
                if !corosync_gone && self.quorate != Some(false) =>
            {
                let (when, line) = (seen.when, seen.line());
                self.hearsay.get_or_insert(Hearsay {
                    when,
                    line,
                    present,
                    leaving: (leaving.0.to_vec(), leaving.1),
                    events: 0,
                });
            }
            Kind::Pmxcfs(_, Pmxcfs::QuorumGained {}) => self.gain(seen, present, out),
            Kind::Qdevice(_) | Kind::Corosync(Corosync::Votequorum(_)) => self.qdevice = true,
            Kind::Corosync(Corosync::Main(Main::Starting { .. })) => {
                self.started = true;
                self.missing = None;
                if self.lost.is_none() {
                    self.quorate = None;
                    self.since = None;
                }
            }
            _ => {}
        }
    }

    /// Whether a loss that pmxcfs told stands by now, or was only its own corosync that went.
    fn weigh(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        let Some(hearsay) = &mut self.hearsay else {
            return;
        };
        let own_corosync = matches!(
            &seen.event.kind,
            Kind::Pmxcfs(
                _,
                Pmxcfs::DispatchFailed { .. } | Pmxcfs::InitializeFailed { .. }
            ) | Kind::Corosync(Corosync::Main(
                Main::SignalShutdown {}
                    | Main::ExitOk {}
                    | Main::ExitError { .. }
                    | Main::Starting { .. }
            ))
        );
        if own_corosync {
            self.hearsay = None;
            return;
        }
        hearsay.events += 1;
        let waited = match seen.when.since(hearsay.when) {
            Some(span) => span.seconds() >= HEARSAY_S,
            None => hearsay.events > HEARSAY_EVENTS,
        };
        if waited || matches!(&seen.event.kind, Kind::Pmxcfs(_, Pmxcfs::QuorumGained {})) {
            self.settle(out);
        }
    }

    /// Takes what pmxcfs told for true: nothing explained it away.
    pub fn settle(&mut self, out: &mut Sink) {
        let Some(hearsay) = self.hearsay.take().filter(|_| self.quorate != Some(false)) else {
            return;
        };
        self.quorate = Some(false);
        self.since = Some(hearsay.when);
        self.lost = Some(hearsay.when);
        let (left, clean) = hearsay.leaving;
        let change = ChangeKind::QuorumLost {
            present: hearsay.present,
            left,
            clean,
        };
        out.push_at(hearsay.when, Basis::Stated, change, vec![hearsay.line]);
    }

    /// Work that needs quorum was done: the node has it, although no line says since when.
    pub fn works(&mut self) {
        self.quorate.get_or_insert(true);
    }

    /// Whether the node is in a quorate partition; `None` when no line tells.
    pub fn quorate(&self) -> Option<bool> {
        self.quorate
    }

    /// Since when it is as `quorate` says; `None` when no line tells.
    pub fn since(&self) -> Option<When> {
        self.since
    }

    /// When quorum was lost, while it is.
    pub fn lost_since(&self) -> Option<When> {
        self.lost
    }

    fn lose(
        &mut self,
        seen: &Seen<'_>,
        present: Option<usize>,
        (left, clean): (&[NodeId], bool),
        out: &mut Sink,
    ) {
        self.hearsay = None;
        if self.quorate == Some(false) {
            return;
        }
        self.since = Some(seen.when);
        // A daemon that has just started has no quorum to lose yet.
        if self.started && self.quorate.is_none() {
            self.quorate = Some(false);
            return;
        }
        self.quorate = Some(false);
        self.lost = Some(seen.when);
        self.missing = Some((left.to_vec(), clean, present));
        out.push(
            seen,
            Basis::Stated,
            ChangeKind::QuorumLost {
                present,
                left: left.to_vec(),
                clean,
            },
        );
    }

    /// Quorum came back although nobody did: somebody lowered the expected votes.
    fn lowered(&mut self, seen: &Seen<'_>, present: Option<usize>, out: &mut Sink) {
        let Some((missing, clean, then)) = self.missing.take() else {
            return;
        };
        if present.is_some() && present == then && !missing.is_empty() && !self.qdevice {
            let change = ChangeKind::VotesLowered {
                present,
                missing,
                clean,
            };
            out.push(seen, Basis::Inferred, change);
        }
    }

    fn gain(&mut self, seen: &Seen<'_>, present: Option<usize>, out: &mut Sink) {
        if self.quorate == Some(true) {
            return;
        }
        self.quorate = Some(true);
        self.since = Some(seen.when);
        let lost = self.lost.take();
        self.lowered(seen, present, out);
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
