//! What is said so often and means so little that only those who ask for it are told.
//! In: a kind. Out: whether an analysis leaves it out.
//! Never: leaves out what a machine or a pattern of our own looks at.

use super::Kind;
use super::message::Message;
use super::pve_daemon::PveDaemon;
use super::pve_replication::PveReplication;
use super::pve_storage::PveStorage;
use super::pve_task::PveTask;
use super::zed::Zed;
use std::collections::BTreeSet;

/// Types of tasks that lock a guest.
const LOCKING: [&str; 16] = [
    "vzdump",
    "qmigrate",
    "vzmigrate",
    "qmsnapshot",
    "vzsnapshot",
    "qmdelsnapshot",
    "vzdelsnapshot",
    "qmrollback",
    "vzrollback",
    "qmclone",
    "vzclone",
    "qmrestore",
    "vzrestore",
    "qmcreate",
    "vzcreate",
    "qmsuspend",
];

/// Rounds of pvestatd that are shorter tell of a busy node, not of a storage.
const SLOW_S: f64 = 10.0;

impl Kind {
    /// Whether an analysis that nobody asked for it leaves it out.
    pub fn is_chatter(&self) -> bool {
        match self {
            Kind::PveTask(task) => is_chatter_of_task(task),
            Kind::PveStorage(storage) => match storage {
                PveStorage::UpdateSlow { seconds, .. } => *seconds < SLOW_S,
                PveStorage::CommandFailed { .. }
                | PveStorage::BalloonFailed { .. }
                | PveStorage::RestartForMemory { .. }
                | PveStorage::UpdateFailed { .. }
                | PveStorage::Disabled { .. } => true,
                _ => false,
            },
            Kind::PveReplication(replication) => matches!(
                replication,
                PveReplication::Incremental { .. }
                    | PveReplication::Full { .. }
                    | PveReplication::Stopping {}
                    | PveReplication::JobKilled { .. }
            ),
            Kind::PveDaemon(daemon) => !matches!(
                daemon,
                PveDaemon::Failed { .. }
                    | PveDaemon::AlreadyRuns { .. }
                    | PveDaemon::StopSlow {}
                    | PveDaemon::WorkersHang { .. }
            ),
            Kind::Zed(zed) => matches!(zed, Zed::Care { .. }),
            _ => false,
        }
    }
}

/// The names of events that are nothing but chatter.
pub fn names() -> BTreeSet<&'static str> {
    fn of<M: Message>(kind: fn(M) -> Kind) -> impl Iterator<Item = &'static str> {
        M::SAMPLES.iter().filter_map(move |sample| {
            let message = M::parse(sample.message, false)?;
            kind(message).is_chatter().then_some(sample.name)
        })
    }
    of(Kind::PveTask)
        .chain(of(Kind::PveStorage))
        .chain(of(Kind::PveReplication))
        .chain(of(Kind::PveDaemon))
        .chain(of(Kind::Zed))
        .collect()
}

fn is_chatter_of_task(task: &PveTask) -> bool {
    let locks = |task: &str, id: &str| LOCKING.contains(&task) && !id.is_empty();
    match task {
        PveTask::Started { task, id, .. } => !locks(task, id),
        PveTask::Ended {
            task, id, status, ..
        } => !locks(task, id) && !status.contains("lock"),
        PveTask::Failed { .. }
        | PveTask::BackupStarted { .. }
        | PveTask::BackupDone { .. }
        | PveTask::BackupFailed { .. }
        | PveTask::BackupJobFailed { .. }
        | PveTask::BackupLockFailed { .. }
        | PveTask::StartFailed { .. }
        | PveTask::MigrationAborted {}
        | PveTask::MigrationProblems {}
        | PveTask::Unlocked { .. } => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chatter_has_names() {
        let names = names();
        assert!(names.contains("pve.daemon-worker-finished") && names.contains("zed.care"));
        assert!(!names.contains("pve.storage-not-online") && !names.contains("pve.task-error"));
    }
}
