//! Refusals that any daemon, task or tool of Proxmox VE prints: cluster locks, guest locks, no quorum.
//! In: a message of such a program, with or without what it puts before the error. Out: `PveLock`.
//! Never: tells who holds a lock.

use super::Kind;
use super::literals::Beginnings;
use super::message::{Message, Word, messages};

messages! {
    /// Errors of locks. Source: pve-cluster src/PVE/Cluster.pm where nothing else is said.
    pub enum PveLock {
        /// Work under a cluster lock failed. `err` tells why: `got lock request timeout` and `no quorum!` are of the lock,
        /// other texts are errors of the work itself and prove nothing of the cluster. The wordings are of pve-cluster 6.4-1
        /// and later, 6.1-6 to 6.3, 5.0-16 to 6.1-5, and before.
        CfsLockFailed "pve.cfs-lock-failed" { lock: Box<str>, err: Box<str> }
            = ["cfs-lock '", lock, "' error: ", err] ~ "cfs-lock 'file-replication_cfg' error: no quorum!"
            = ["error during cfs-locked '", lock, "' operation: ", err]
                ~ "error during cfs-locked 'file-replication_cfg' operation: got lock request timeout"
            = ["error with cfs lock '", lock, "': ", err]
                ~ "error with cfs lock 'file-replication_cfg': got lock request timeout"
            = ["can't aquire cfs lock '", lock, "': ", err]
                ~ "can't aquire cfs lock 'file-replication_cfg': got lock request timeout";
        /// Work under a cluster lock took longer than its 60 seconds; before 6.4-1 the line names no lock.
        CfsCommandTimeout "pve.cfs-command-timeout" { lock: Option<Box<str>> }
            = ["'", lock, "'-locked command timed out - aborting"]
                ~ "'storage-nfs1'-locked command timed out - aborting"
            = ["got lock timeout - aborting command", !lock] ~ "got lock timeout - aborting command";
        /// Another node has the cluster lock and this one waits.
        CfsLockWaiting "pve.cfs-lock-waiting" { lock: Box<str> }
            = ["trying to acquire cfs lock '", lock, "' ..."] ~ "trying to acquire cfs lock 'storage-nfs1' ...";
        /// An action needs quorum and there is none, or the cluster is not up yet.
        NoQuorum "pve.no-quorum" {} = ["cluster not ready - no quorum?"] ~ "cluster not ready - no quorum?";
        /// /etc/pve is not mounted.
        PmxcfsNotMounted "pve.pmxcfs-not-mounted" {}
            = ["pve configuration filesystem (pmxcfs) not mounted"]
                ~ "pve configuration filesystem (pmxcfs) not mounted"
            = ["pve configuration filesystem not mounted"] ~ "pve configuration filesystem not mounted";
        /// All guests were stopped for a planned end of the node. Source: pve-manager PVE/API2/Nodes.pm.
        GuestsStopped "pve.guests-stopped" {} = ["all VMs and CTs stopped"] ~ "all VMs and CTs stopped";
        /// The guest's configuration has a lock. Source: pve-guest-common src/PVE/AbstractConfig.pm.
        GuestLocked "pve.guest-locked" { guest: Word, lock: Word }
            = [guest, " is locked (", lock, ")"] ~ "VM is locked (backup)";
        /// A file lock is held by another process of this node. Source: pve-common src/PVE/Tools.pm.
        FileLockFailed "pve.file-lock-failed" { path: Box<str>, err: Box<str> }
            = ["can't lock file '", path, "' - ", err]
                ~ "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
        /// Somebody removed the lock of a guest while a job ran; no `lock` where any would do. Source: pve-guest-common.
        GuestLockGone "pve.guest-lock-gone" { lock: Option<Box<str>> }
            = ["no lock found trying to remove any lock", !lock] ~ "no lock found trying to remove any lock"
            = ["no lock found trying to remove '", lock, "' lock"]
                ~ "no lock found trying to remove 'backup'  lock";
        /// Two jobs disagree on the lock of a guest. Source: pve-guest-common src/PVE/AbstractConfig.pm.
        GuestLockOther "pve.guest-lock-other" { lock: Box<str>, expected: Box<str> }
            = ["found lock '", lock, "' trying to remove '", expected, "' lock"]
                ~ "found lock 'migrate' trying to remove 'backup' lock";
        /// The guest is on another node or gone; the path is below /etc/pve. Source: pve-guest-common.
        ConfigMissing "pve.config-missing" { path: Box<str> }
            = ["Configuration file '", path, "' does not exist"]
                ~ "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist";
        /// Both sides of a replication share no snapshot. Source: pve-guest-common.
        NoCommonBase "pve.no-common-base" {}
            = ["No common base to restore the job state"] ~ "No common base to restore the job state";
    }
}

/// Words with which an error of a lock begins behind what a program puts before it, as `replication: ` or `clone failed: `.
static BEGINNINGS: Beginnings = Beginnings::new(&[
    "cfs-lock '",
    "error during cfs-locked '",
    "error with cfs lock '",
    "can't aquire cfs lock '",
    "got lock timeout - aborting command",
    "cluster not ready - no quorum?",
    "pve configuration filesystem ",
    "trying to acquire cfs lock '",
]);

/// The same of locks of guests.
static OF_GUESTS: Beginnings =
    Beginnings::new(&["can't lock file '", "VM is locked (", "CT is locked ("]);

/// Whether no other program prints it: guests are VMs or CTs, files are below /etc/pve, locks are of Proxmox VE.
fn is_of_proxmox(found: &PveLock, message: &str) -> bool {
    match found {
        PveLock::GuestLocked { guest, .. } => matches!(&*guest.0, "VM" | "CT"),
        PveLock::ConfigMissing { path } => path.starts_with("nodes/"),
        PveLock::FileLockFailed { path, .. } => path.contains("/lock") || path.contains("/pve"),
        // Any cut text in quotes could be the first wording.
        PveLock::CfsCommandTimeout { lock: None } => message.starts_with("got lock timeout"),
        _ => true,
    }
}

/// Reads a message of any program of Proxmox VE.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let whole = PveLock::parse(message, cut).filter(|found| is_of_proxmox(found, message));
    whole
        .or_else(|| inner(message, cut, &BEGINNINGS))
        .or_else(|| inner(message, cut, &OF_GUESTS))
        .map(Kind::PveLock)
}

/// Reads only what is about locks of the cluster.
pub fn read_cluster(message: &str, cut: bool) -> Option<Kind> {
    inner(message, cut, &BEGINNINGS).map(Kind::PveLock)
}

/// The error behind what a program puts before it.
fn inner(message: &str, cut: bool, beginnings: &Beginnings) -> Option<PveLock> {
    let error = beginnings.error_in(message)?;
    PveLock::parse(error, cut).filter(|found| is_of_proxmox(found, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    fn failed(lock: &str, err: &str) -> Option<Kind> {
        Some(Kind::PveLock(PveLock::CfsLockFailed {
            lock: lock.into(),
            err: err.into(),
        }))
    }

    #[test]
    fn samples_are_read() {
        check_samples::<PveLock>();
    }

    #[test]
    fn what_a_program_puts_before_the_error_is_skipped() {
        for prefix in [
            "",
            "replication: ",
            "jobs: ",
            "clone failed: ",
            "TASK ERROR: ",
        ] {
            let message =
                format!("{prefix}cfs-lock 'file-jobs_cfg' error: got lock request timeout");
            assert_eq!(
                read(&message, false),
                failed("file-jobs_cfg", "got lock request timeout"),
                "{message}"
            );
        }
    }

    #[test]
    fn an_error_of_the_work_is_told_from_a_timeout_of_the_lock() {
        assert_eq!(
            read(
                "error with cfs lock 'storage-VMs': Unable to delete lun /dev/zvol/tank/vm-122-disk-0",
                false
            ),
            failed(
                "storage-VMs",
                "Unable to delete lun /dev/zvol/tank/vm-122-disk-0"
            )
        );
    }

    #[test]
    fn other_messages_are_none() {
        assert_eq!(read("starting task UPID:pve1:", false), None);
        assert_eq!(read("door is locked (front)", false), None);
        assert_eq!(
            read("'/etc/pve/nodes/pve2/pve-ssl.pem' does not ex", true),
            None
        );
    }
}
