//! Guests as far as tasks, locks, disks and replication tell of them.
//! In: events of all nodes; where HA moved a service. Out: `guest.*` and `replication.*`.
//! Never: knows a configuration; says that a lock is still there.

use super::tasks::{State, Task, Tasks};
use super::{Change, ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::pve_ha_lrm::PveHaLrm;
use crate::event::pve_lock::{self, PveLock};
use crate::event::pve_replication::PveReplication;
use crate::event::pve_storage::PveStorage;
use crate::event::pve_task::PveTask;
use crate::model::{Basis, Observer, When};
use std::collections::{BTreeMap, BTreeSet};

/// That no common snapshot was found is said right before the job's own error.
const NO_BASE_S: f64 = 60.0;
/// A disk that is missed this long after HA moved its guest is missed because of that.
const RECOVERY_S: f64 = 900.0;

/// What is known of guests.
#[derive(Debug, Default)]
pub struct Guests {
    /// Tasks, which may hold the locks of guests.
    pub tasks: Tasks,
    /// Guests that HA manages, `vm:100`.
    under_ha: BTreeSet<String>,
    /// Where HA moved guests after a fence, and when.
    recovered: BTreeMap<String, (When, String)>,
    /// When a run of a replication job last ended well.
    replicated: BTreeMap<String, When>,
    /// Where and when it was said that no common snapshot was found; the job's own error comes next.
    no_base: Option<(Observer, When)>,
    /// The service that the LRM of a node began to start last.
    starting: BTreeMap<Observer, String>,
    /// The process that was refused last: the end of its task says it again.
    refused: Option<(Observer, u64)>,
}

/// A guest as an error names it.
#[derive(Clone, Copy)]
struct Guest<'a> {
    id: Option<&'a str>,
    /// What administers it: `qm` or `pct`.
    tool: &'static str,
    /// The process that was refused: it is not the one that holds the lock.
    by: Option<u64>,
    /// Whether that is a backup: of those on one node, one runs at a time.
    by_backup: bool,
}

impl Guests {
    /// Learns from the configuration which guests HA manages.
    pub fn give(&mut self, under_ha: &[String]) {
        self.under_ha.extend(under_ha.iter().cloned());
    }

    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        self.tasks.step(seen);
        match &seen.event.kind {
            Kind::PveTask(task) => self.task(task, seen, out),
            Kind::PveLock(lock) => self.lock(lock, seen, out),
            Kind::PveStorage(storage) => self.storage(storage, seen, out),
            Kind::PveReplication(replication) => self.replication(replication, seen, out),
            Kind::PveHaLrm(_) | Kind::PveHaCrm(_) => {
                if let Some(service) = seen.event.kind.text("service") {
                    if let Kind::PveHaLrm(PveHaLrm::ServiceStarting { .. }) = &seen.event.kind {
                        let starting = self.starting.entry(seen.node).or_default();
                        starting.clear();
                        starting.push_str(service);
                    }
                    if !self.under_ha.contains(service) {
                        self.under_ha.insert(service.to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes a change of the same event.
    pub fn change(&mut self, change: &Change) {
        if let ChangeKind::ServiceRecovered { service, to, .. } = &change.kind {
            let place = (change.when, to.clone());
            self.recovered.insert(service.clone(), place);
        }
    }

    fn task(&mut self, task: &PveTask, seen: &Seen<'_>, out: &mut Sink) {
        match task {
            PveTask::BackupFailed { id, err } => {
                self.error(err, Some(&id.to_string()), Some("vzdump"), None, seen, out);
            }
            PveTask::Ended {
                task,
                id,
                pid,
                status,
                ..
            } => {
                let fine = &**status == "OK" || status.starts_with("WARNINGS");
                let told = self.refused.take() == Some((seen.node, pid.0));
                if !told && !fine {
                    self.error(status, Some(id), Some(task), Some(pid.0), seen, out);
                }
            }
            PveTask::Failed { err } | PveTask::StartFailed { err } => {
                self.error(err, None, None, None, seen, out);
            }
            _ => {}
        }
    }

    /// An error of a task on guest `id`, if it is one of a lock.
    fn error(
        &mut self,
        text: &str,
        id: Option<&str>,
        task: Option<&str>,
        pid: Option<u64>,
        seen: &Seen<'_>,
        out: &mut Sink,
    ) {
        let Some(Kind::PveLock(lock)) = pve_lock::read(text, false) else {
            return;
        };
        match &lock {
            PveLock::GuestLocked { guest, lock } => {
                let of_container = task.is_some_and(|task| task.starts_with("vz"));
                let vm = &*guest.0 == "VM" && !(of_container && task != Some("vzdump"));
                let guest = Guest {
                    id: id.filter(|id| !id.is_empty()),
                    tool: if vm { "qm" } else { "pct" },
                    by: pid,
                    by_backup: task == Some("vzdump"),
                };
                self.refuse(guest, lock, seen, out);
            }
            other => self.lock(other, seen, out),
        }
    }

    fn lock(&mut self, lock: &PveLock, seen: &Seen<'_>, out: &mut Sink) {
        let pid = seen.event.pid.map(u64::from);
        match lock {
            PveLock::GuestLocked { guest, lock } => {
                // The process that says it may be that of a task whose beginning was seen.
                let own = |task: &&Task| task.node == seen.node && task.pid == pid;
                let mut tasks = self.tasks.iter().rev();
                let task = pid.and_then(|_| tasks.find(own));
                let id = task.map(|task| task.id.clone());
                let id = id.filter(|id| !id.is_empty());
                // Without its guest the end of the task says more.
                self.refused = id.as_ref().and(pid).map(|pid| (seen.node, pid));
                let guest = Guest {
                    id: id.as_deref(),
                    tool: if &*guest.0 == "CT" { "pct" } else { "qm" },
                    by: pid,
                    by_backup: &*seen.event.program == "vzdump",
                };
                self.refuse(guest, lock, seen, out);
            }
            PveLock::FileLockFailed { path, .. } => {
                // The file beside a guest's configuration; others are no guest's.
                let name = path.rsplit('/').next().unwrap_or(path);
                let vm = name.strip_prefix("lock-").map(|id| (id, ".conf", "qm"));
                let container = name.strip_prefix("pve-config-");
                let container = container.map(|id| (id, ".lock", "pct"));
                let Some((id, end, tool)) = vm.or(container) else {
                    return;
                };
                let id = id.strip_suffix(end).filter(|id| is_id(id));
                if id.is_some() {
                    self.refused = pid.map(|pid| (seen.node, pid));
                    let guest = Guest {
                        id,
                        tool,
                        by: pid,
                        by_backup: false,
                    };
                    self.refuse(guest, "flock", seen, out);
                }
            }
            _ => {}
        }
    }

    fn refuse(&self, guest: Guest<'_>, lock: &str, seen: &Seen<'_>, out: &mut Sink) {
        let owner = guest.id.and_then(|id| {
            let own = |task: &&Task| {
                // A backup job of several guests names none; what it does it does on its own node.
                let of_guest = task.id == id || task.id.is_empty() && task.node == seen.node;
                let refused = guest.by.is_some() && task.pid == guest.by && task.node == seen.node
                    || guest.by_backup && task.kind == "vzdump" && task.state == State::Running;
                of_guest && !refused && takes(&task.kind, lock) && task.state != State::Done
            };
            self.tasks.iter().rev().find(own)
        });
        let kind = if guest.tool == "pct" { "ct" } else { "vm" };
        let name = guest.id.map(|id| format!("{kind}:{id}"));
        let change = ChangeKind::GuestLockRefused {
            whom: name.clone().unwrap_or_else(|| "a guest".to_owned()),
            guest: name,
            id: guest.id.map(str::to_owned),
            tool: guest.tool,
            lock: lock.to_owned(),
            owner: owner.map(|task| match task.began.at {
                Some(at) => format!("{} since {at}", task.kind),
                None => task.kind.clone(),
            }),
            owner_state: owner.map_or("unknown", |task| task.word(seen.when)),
        };
        out.push(seen, Basis::Stated, change);
    }

    fn storage(&mut self, storage: &PveStorage, seen: &Seen<'_>, out: &mut Sink) {
        let (volume, storage) = match storage {
            PveStorage::NoVolume { volume } | PveStorage::NoZvol { volume, .. } => {
                (Some(volume.to_string()), None)
            }
            PveStorage::NotAvailable { storage, .. } => (None, Some(storage.to_string())),
            _ => return,
        };
        // A storage names no guest; the one that HA just began to start here is meant, if HA's own process says it.
        let of_ha = &*seen.event.program == "pve-ha-lrm";
        let starting = self.starting.get(&seen.node).filter(|_| of_ha);
        let id = volume.as_deref().and_then(guest_of_volume).or_else(|| {
            let service = starting.filter(|_| volume.is_none())?;
            service.split(':').nth(1)
        });
        let recent = |service: &&String| {
            let (when, to) = &self.recovered[*service];
            let there = seen
                .event
                .host
                .as_ref()
                .is_none_or(|host| host.as_str() == to);
            let since = seen.when.since(*when);
            let soon = since.is_none_or(|span| span.seconds() <= RECOVERY_S);
            soon && there && id.is_some_and(|id| is_of(service, id))
        };
        let recovered = self.recovered.keys().rfind(recent);
        let guest = match (id, recovered) {
            (_, Some(service)) => Some(service.clone()),
            (Some(id), None) => Some(self.name(id)),
            (None, None) => None,
        };
        let change = ChangeKind::GuestDiskMissing {
            under_ha: guest.as_ref().is_some_and(|g| self.under_ha.contains(g)),
            recovered_to: recovered.map(|service| self.recovered[service].1.clone()),
            guest,
            volume,
            storage,
        };
        out.push(seen, Basis::Stated, change);
    }

    fn replication(&mut self, replication: &PveReplication, seen: &Seen<'_>, out: &mut Sink) {
        match replication {
            PveReplication::JobDone { job } => {
                self.replicated.insert(job.to_string(), seen.when);
                let job = job.to_string();
                out.push(seen, Basis::Stated, ChangeKind::ReplicationDone { job });
            }
            PveReplication::NoBase { .. } => self.no_base = Some((seen.node, seen.when)),
            PveReplication::JobFailed { job, err } => {
                let no_base = self.no_base.take().is_some_and(|(node, when)| {
                    let since = seen.when.since(when);
                    node == seen.node && since.is_none_or(|span| span.seconds() <= NO_BASE_S)
                });
                let id = job.split('-').next().unwrap_or_default();
                let guest = self.name(id);
                let good = self.replicated.get(&**job).copied();
                let unsaved = good.and_then(|good| seen.when.since(good));
                let change = ChangeKind::ReplicationFailed {
                    job: job.to_string(),
                    under_ha: self.under_ha.contains(&guest),
                    guest,
                    reason: if no_base { "no-base" } else { reason(err) },
                    err: err.to_string(),
                    good_at: good.and_then(|good| good.at).map(|at| at.to_string()),
                    unsaved_s: unsaved.map(|span| span.seconds()),
                };
                out.push(seen, Basis::Stated, change);
            }
            _ => {}
        }
    }

    /// `vm:100` of a guest that HA was seen to manage, else `guest 100`.
    fn name(&self, id: &str) -> String {
        let managed = self.under_ha.iter().find(|service| is_of(service, id));
        managed.cloned().unwrap_or_else(|| format!("guest {id}"))
    }
}

fn is_of(service: &str, id: &str) -> bool {
    service.split(':').nth(1) == Some(id)
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a task of this kind takes a lock of this name.
fn takes(task: &str, lock: &str) -> bool {
    match lock {
        "backup" => task == "vzdump",
        "snapshot" => task.ends_with("snapshot"),
        "snapshot-delete" => task.ends_with("delsnapshot"),
        "migrate" => task.ends_with("migrate"),
        "clone" | "disk" => task.ends_with("clone"),
        "create" => task.ends_with("create") || task.ends_with("restore"),
        "rollback" => task.ends_with("rollback"),
        "suspending" | "suspended" => task.ends_with("suspend"),
        // Any of them holds the file while it works.
        "flock" => true,
        _ => false,
    }
}

/// The guest that a volume belongs to: `local-zfs:vm-100-disk-0`.
fn guest_of_volume(volume: &str) -> Option<&str> {
    let name = volume.rsplit([':', '/']).next()?;
    let mut parts = name.split('-');
    let kind = parts.next()?;
    let id = parts.next()?;
    (matches!(kind, "vm" | "subvol" | "base") && is_id(id)).then_some(id)
}

/// Classes of what a replication failed for, and the words by which its tools tell them.
const REASONS: [(&str, &[&str]); 6] = [
    (
        "no-base",
        &[
            "No common base",
            "no common base",
            "does not match incremental source",
        ],
    ),
    ("modified", &["has been modified"]),
    (
        "space",
        &["out of space", "No space left", "quota exceeded"],
    ),
    (
        "lock",
        &["lock request timeout", "can't lock file", "is locked"],
    ),
    (
        "ssh",
        &[
            "ssh:",
            "Host key verification",
            "Permission denied (publickey",
            "public key authentication",
        ],
    ),
    (
        "offline",
        &["not online", "No route to host", "Connection timed out"],
    ),
];

/// The class of what a replication failed for.
fn reason(err: &str) -> &'static str {
    // A command that only asks whether the way is open; one that sends a volume ends so for whatever failed at either end.
    if err.contains("/usr/bin/ssh") && !err.contains("pvesm") {
        return "ssh";
    }
    let told = |(_, words): &&(&str, &[&str])| words.iter().any(|word| err.contains(word));
    REASONS
        .iter()
        .find(told)
        .map_or("other", |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_belong_to_guests() {
        for (volume, want) in [
            ("local-zfs:vm-100-disk-0", Some("100")),
            ("vm-7001-disk-2", Some("7001")),
            ("tank/subvol-204-disk-0", Some("204")),
            ("nfs1:iso/debian.iso", None),
            ("local:backup/vzdump-qemu-100.vma.zst", None),
        ] {
            assert_eq!(guest_of_volume(volume), want, "{volume}");
        }
    }

    #[test]
    fn reasons_have_classes() {
        for (err, want) in [
            (
                "No common base snapshot on volume(s) a:vm-1-disk-0",
                "no-base",
            ),
            (
                "cannot receive: destination tank/vm-1-disk-0 has been modified",
                "modified",
            ),
            (
                "cannot receive new filesystem stream: out of space",
                "space",
            ),
            (
                "command '/usr/bin/ssh -e none root@10.0.0.2 true' failed: exit code 255",
                "ssh",
            ),
            (
                "command 'set -o pipefail && pvesm export a:vm-1-disk-0 zfs - | /usr/bin/ssh root@10.0.0.2 -- pvesm import a:vm-1-disk-0 zfs -' failed: exit code 255",
                "other",
            ),
            ("something else", "other"),
        ] {
            assert_eq!(reason(err), want, "{err}");
        }
    }

    #[test]
    fn locks_are_taken_by_their_tasks() {
        assert!(takes("vzdump", "backup") && takes("qmigrate", "migrate"));
        assert!(!takes("vzdump", "migrate") && !takes("qmsnapshot", "backup"));
    }
}
