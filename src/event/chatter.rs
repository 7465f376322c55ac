//! What is said so often and means so little that only those who ask for it are told.
//! In: a kind. Out: whether an analysis leaves it out.
//! Never: leaves out what a machine or a pattern of our own looks at.

use super::Kind;
use super::message::Message;
use super::pve_daemon::PveDaemon;
use super::pve_lock::PveLock;
use super::pve_replication::PveReplication;
use super::pve_storage::PveStorage;
use super::pve_task::PveTask;
use super::zed::Zed;
use std::collections::BTreeSet;

/// How the names of tasks begin that work on a guest, and may lock it.
const OF_GUESTS: [&str; 2] = ["qm", "vz"];

impl Kind {
    /// Whether an analysis that nobody asked for it leaves it out.
    pub fn is_chatter(&self) -> bool {
        match self {
            Kind::PveTask(task) => is_chatter_of_task(task),
            Kind::PveStorage(storage) => matches!(
                storage,
                PveStorage::UpdateFailed { .. }
                    | PveStorage::CommandFailed { .. }
                    | PveStorage::BalloonFailed { .. }
                    | PveStorage::RestartForMemory { .. }
                    | PveStorage::MkdirFailed { .. }
                    | PveStorage::Disabled { .. }
            ),
            Kind::PveReplication(replication) => !matches!(
                replication,
                PveReplication::JobFailed { .. }
                    | PveReplication::JobStarted { .. }
                    | PveReplication::JobDone { .. }
                    | PveReplication::NoBase { .. }
            ),
            Kind::PveDaemon(daemon) => {
                !matches!(daemon, PveDaemon::Failed { .. } | PveDaemon::Starting {})
            }
            Kind::PveLock(PveLock::NoCommonBase {}) => true,
            Kind::Zed(Zed::Care { class, .. }) => {
                !class.starts_with("scrub") && !class.starts_with("resilver")
            }
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
        .chain(of(Kind::PveLock))
        .chain(of(Kind::PveDaemon))
        .chain(of(Kind::Zed))
        .collect()
}

fn is_chatter_of_task(task: &PveTask) -> bool {
    // A backup job of several guests names none of them.
    let locks = |task: &str, id: &str| {
        OF_GUESTS.iter().any(|begins| task.starts_with(begins))
            && (!id.is_empty() || task == "vzdump")
    };
    match task {
        PveTask::Started { task, id, .. } => !locks(task, id),
        PveTask::Ended {
            task, id, status, ..
        } => !locks(task, id) && !status.contains("lock"),
        PveTask::Failed { err }
        | PveTask::StartFailed { err }
        | PveTask::BackupFailed { err, .. } => !err.contains("lock"),
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
        assert!(!names.contains("pve.storage-not-online") && names.contains("pve.task-error"));
    }
}
