//! Whether /etc/pve can be used, apart from quorum: quorate but stuck is a state.
//! In: lines of pmxcfs, and writes that others say were refused. Out: `cfs.*`.
//! Never: takes the start of pmxcfs before corosync, or a stopped corosync, for trouble of pmxcfs.

use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::corosync::{Corosync, main::Main};
use crate::event::pmxcfs::{Domain, Pmxcfs};
use crate::event::pve_ha_lrm::PveHaLrm;
use crate::event::pve_lock::PveLock;
use crate::model::{Basis, Line, When};

/// A synchronisation that takes longer than this hangs: states normally arrive within a second or two.
const SYNC_S: f64 = 15.0;

/// One of the two process groups of pmxcfs.
#[derive(Debug, Default)]
struct Group {
    syncing: Option<(When, Line)>,
    stuck: Option<When>,
}

/// /etc/pve as one node's pmxcfs tells it.
#[derive(Debug, Default)]
pub struct Filesystem {
    dcdb: Group,
    status: Group,
    /// pmxcfs has lost its connection to this node's corosync, or has not got one yet.
    corosync_gone: Option<When>,
    stopping: bool,
}

impl Filesystem {
    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>, quorate: Option<bool>, out: &mut Sink) {
        self.tick(seen.when, quorate, out);
        match &seen.event.kind {
            Kind::Pmxcfs(domain, message) => self.pmxcfs(domain, message, seen, quorate, out),
            Kind::PveHaLrm(
                PveHaLrm::WriteStatusFailed { error, .. } | PveHaLrm::UpdateStatusFailed { error },
            ) if error.contains("Permission denied") => {
                out.push(
                    seen,
                    Basis::Stated,
                    ChangeKind::CfsRefused { what: "lrm-status" },
                );
            }
            Kind::PveLock(PveLock::NoQuorum {}) => {
                out.push(
                    seen,
                    Basis::Stated,
                    ChangeKind::CfsRefused { what: "no-quorum" },
                );
            }
            Kind::Corosync(Corosync::Main(
                Main::SignalShutdown {} | Main::ExitOk {} | Main::ExitError { .. },
            )) => {
                self.corosync_gone.get_or_insert(seen.when);
            }
            _ => {}
        }
    }

    /// Whether the node's own corosync is gone in the eyes of pmxcfs.
    pub fn corosync_gone(&self) -> bool {
        self.corosync_gone.is_some()
    }

    /// Since when it is.
    pub fn corosync_gone_since(&self) -> Option<When> {
        self.corosync_gone
    }

    /// Since when one of the groups is stuck.
    pub fn stuck_since(&self) -> Option<When> {
        self.dcdb.stuck.or(self.status.stuck)
    }

    /// Lets log time pass: a synchronisation that does not end becomes one that hangs.
    pub fn tick(&mut self, now: When, quorate: Option<bool>, out: &mut Sink) {
        for (name, group) in [("dcdb", &mut self.dcdb), ("status", &mut self.status)] {
            let hangs = group.syncing.as_ref().is_some_and(|(since, _)| {
                now.since(*since)
                    .is_some_and(|span| span.seconds() > SYNC_S)
            });
            if hangs
                && let Some((since, line)) = group.syncing.take()
                && group.stuck.is_none()
            {
                group.stuck = Some(since);
                let change = ChangeKind::CfsStuck {
                    group: name.to_owned(),
                    sign: "sync-hang",
                    quorate,
                };
                out.push_at(since, Basis::Inferred, change, vec![line]);
            }
        }
    }

    fn pmxcfs(
        &mut self,
        domain: &Domain,
        message: &Pmxcfs,
        seen: &Seen<'_>,
        quorate: Option<bool>,
        out: &mut Sink,
    ) {
        match message {
            Pmxcfs::DispatchFailed { .. } | Pmxcfs::InitializeFailed { .. } => {
                self.corosync_gone.get_or_insert(seen.when);
                // What was going on with the old corosync is over with it.
                self.dcdb.syncing = None;
                self.status.syncing = None;
            }
            Pmxcfs::Teardown {} | Pmxcfs::Exit { .. } => self.stopping = true,
            Pmxcfs::Resolved { .. } => {
                *self = Filesystem {
                    corosync_gone: Some(seen.when),
                    ..Filesystem::default()
                }
            }
            Pmxcfs::ClusterInfo { .. } | Pmxcfs::Connect {} => self.corosync_gone = None,
            Pmxcfs::WriteNotQuorate {} => {
                out.push(
                    seen,
                    Basis::Stated,
                    ChangeKind::CfsRefused {
                        what: "write-while-not-quorate",
                    },
                );
            }
            Pmxcfs::Members { .. }
            | Pmxcfs::SyncStart {}
            | Pmxcfs::SyncRequest { .. }
            | Pmxcfs::AllStates {}
            | Pmxcfs::UpToDate {}
            | Pmxcfs::LeavingGroup {}
            | Pmxcfs::JoinFailed { .. }
            | Pmxcfs::SendFailed { .. }
            | Pmxcfs::WrongChecksum { .. }
            | Pmxcfs::SeriousError {}
            | Pmxcfs::NewerProtocol {} => {
                self.group_line(domain, message, seen, quorate, out);
            }
            _ => {}
        }
    }

    fn group_line(
        &mut self,
        domain: &Domain,
        message: &Pmxcfs,
        seen: &Seen<'_>,
        quorate: Option<bool>,
        out: &mut Sink,
    ) {
        let quiet = self.corosync_gone() || self.stopping;
        let group = match domain {
            Domain::Status => &mut self.status,
            _ => &mut self.dcdb,
        };
        let name = || domain.word().to_owned();
        let sign = match message {
            // A newer membership makes the synchronisation before it void.
            Pmxcfs::Members { .. } => {
                group.syncing = None;
                self.corosync_gone = None;
                self.stopping = false;
                return;
            }
            Pmxcfs::SyncStart {} | Pmxcfs::SyncRequest { .. } => {
                group
                    .syncing
                    .get_or_insert_with(|| (seen.when, seen.line()));
                return;
            }
            Pmxcfs::AllStates {} => return,
            Pmxcfs::UpToDate {} => {
                group.syncing = None;
                if let Some(since) = group.stuck.take() {
                    let stuck_s = seen.when.since(since).map(|span| span.seconds());
                    out.push(
                        seen,
                        Basis::Stated,
                        ChangeKind::CfsUsable {
                            group: name(),
                            stuck_s,
                        },
                    );
                }
                return;
            }
            Pmxcfs::LeavingGroup {} => "left-group",
            Pmxcfs::JoinFailed { .. } => "join-failed",
            Pmxcfs::SendFailed { .. } => "send-failed",
            Pmxcfs::WrongChecksum { .. } => "checksum",
            Pmxcfs::NewerProtocol {} => "protocol",
            _ => "fatal",
        };
        if quiet && matches!(sign, "left-group" | "join-failed" | "send-failed") {
            return;
        }
        group.stuck.get_or_insert(seen.when);
        out.push(
            seen,
            Basis::Stated,
            ChangeKind::CfsStuck {
                group: name(),
                sign,
                quorate,
            },
        );
    }
}
