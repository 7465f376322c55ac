//! Tasks of Proxmox VE: their beginning, their end, and what they and vzdump print between.
//! In: a message of a daemon, a tool or a task log. Out: `PveTask`.
//! Never: joins the end of a task to its beginning.

use super::Kind;
use super::message::{Hex, Message, Word, messages};

messages! {
    /// Messages of tasks. A UPID is `UPID:node:pid:pstart:starttime:type:id:user:` with hexadecimal numbers; `id` is that of
    /// the guest, where the task is about one. Source: pve-common src/PVE/RESTEnvironment.pm and UPID.pm.
    pub enum PveTask {
        /// A task begins; `by` is the user, where the line names one.
        Started "pve.task-started" {
            by: Option<Box<str>>, node: Box<str>, pid: Hex, pstart: Hex, started: Hex, task: Box<str>, id: Box<str>, user: Box<str>,
        }
            = ["<", by, "> starting task UPID:", node, ":", pid, ":", pstart, ":", started, ":", task, ":", id, ":", user, ":"]
                ~ "<root@pam> starting task UPID:pve1:0009D2F1:0138E1F0:66E80C2D:vzdump:100:root@pam:"
            = ["starting task UPID:", node, ":", pid, ":", pstart, ":", started, ":", task, ":", id, ":", user, ":", !by]
                ~ "starting task UPID:pve3:0001A2B3:0138E1F0:66E80C2D:qmstart:100:root@pam:";
        /// A task ended; `status` is `OK`, `WARNINGS: n`, `unexpected status` (it was killed) or an error.
        Ended "pve.task-ended" {
            by: Option<Box<str>>, node: Box<str>, pid: Hex, pstart: Hex, started: Hex, task: Box<str>, id: Box<str>, user: Box<str>,
            status: Box<str>,
        }
            = ["<", by, "> end task UPID:", node, ":", pid, ":", pstart, ":", started, ":", task, ":", id, ":", user, ": ", status]
                ~ "<root@pam> end task UPID:pve1:0009D2F1:0138E1F0:66E80C2D:vzdump:100:root@pam: OK"
            = ["end task UPID:", node, ":", pid, ":", pstart, ":", started, ":", task, ":", id, ":", user, ": ", status, !by]
                ~ "end task UPID:pve1:0009D2F1:0138E1F0:66E80C2D:qmigrate:100:root@pam: migration aborted";
        /// The last line of the log of a task that succeeded.
        Ok "pve.task-ok" {} = ["TASK OK"] ~ "TASK OK";
        /// The last line of the log of a task that failed.
        Failed "pve.task-error" { err: Box<str> } = ["TASK ERROR: ", err] ~ "TASK ERROR: migration aborted";
        /// The last line of the log of a task that succeeded with warnings.
        Warnings "pve.task-warnings" { count: u32 } = ["TASK WARNINGS: ", count] ~ "TASK WARNINGS: 1";
        /// The LRM started the task. Source: pve-ha-manager src/PVE/HA/Tools.pm.
        ByHa "pve.task-by-ha" {} = ["task started by HA resource agent"] ~ "task started by HA resource agent";
        /// A user asked HA for it. Source: qemu-server src/PVE/API2/Qemu.pm, pve-container src/PVE/API2/LXC/Status.pm.
        HaRequest "pve.ha-request" { what: Word, guest: Word, id: u32 }
            = ["Requesting HA ", what, " for ", guest, " ", id] ~ "Requesting HA start for VM 100";
        /// A guest is to start. Source: qemu-server src/PVE/API2/Qemu.pm, pve-container src/PVE/API2/LXC/Status.pm.
        Starting "pve.guest-starting" { guest: Option<Word>, id: u32, upid: Word }
            = ["start VM ", id, ": ", upid, !guest]
                ~ "start VM 100: UPID:pve1:0009D2F1:0138E1F0:66E80C2D:qmstart:100:root@pam:"
            = ["starting ", guest, " ", id, ": ", upid]
                ~ "starting CT 101: UPID:pve1:0009D2F1:0138E1F0:66E80C2D:vzstart:101:root@pam:";
        /// A VM runs. Source: qemu-server src/PVE/QemuServer.pm.
        StartedVm "pve.vm-started" { id: u32, qemu_pid: u32 }
            = ["VM ", id, " started with PID ", qemu_pid, "."] ~ "VM 100 started with PID 20812.";
        /// A guest is to be stopped at once.
        Stopping "pve.guest-stopping" { guest: Option<Word>, id: u32, upid: Word }
            = ["stop VM ", id, ": ", upid, !guest]
                ~ "stop VM 100: UPID:pve1:0009D2F1:0138E1F0:66E80C2D:qmstop:100:root@pam:"
            = ["stopping ", guest, " ", id, ": ", upid]
                ~ "stopping CT 101: UPID:pve1:0009D2F1:0138E1F0:66E80C2D:vzstop:101:root@pam:";
        /// A guest is asked to end.
        ShuttingDown "pve.guest-shutting-down" { guest: Word, id: u32, upid: Word }
            = ["shutdown ", guest, " ", id, ": ", upid]
                ~ "shutdown VM 100: UPID:pve1:0009D2F1:0138E1F0:66E80C2D:qmshutdown:100:root@pam:";
        /// QEMU does not answer. Source: qemu-server src/PVE/QemuServer/Monitor.pm.
        QmpFailed "pve.qmp-failed" { id: u32, err: Box<str> }
            = ["VM ", id, " qmp command failed - ", err]
                ~ "VM 100 qmp command failed - VM 100 qmp command 'query-proxmox-support' failed - got timeout";
        /// QEMU was asked something although the VM is stopped.
        NotRunning "pve.vm-not-running" { id: u32 } = ["VM ", id, " not running"] ~ "VM 100 not running";
        /// A guest did not start.
        StartFailed "pve.start-failed" { err: Box<str> }
            = ["start failed: ", err] ~ "start failed: command '/usr/bin/kvm -id 100 ...' failed: got timeout";
        /// A guest did not end when asked to.
        PowerdownFailed "pve.powerdown-failed" { err: Box<str> }
            = ["VM quit/powerdown failed - ", err] ~ "VM quit/powerdown failed - got timeout";
        /// A migration failed; the guest stays where it was. Source: pve-guest-common src/PVE/AbstractMigrate.pm.
        MigrationAborted "pve.migration-aborted" {} = ["migration aborted"] ~ "migration aborted";
        /// The guest is at its target but something is left to clean up.
        MigrationProblems "pve.migration-problems" {} = ["migration problems"] ~ "migration problems";
        /// A node cannot log in at another. Source: pve-guest-common src/PVE/AbstractMigrate.pm.
        SshFailed "pve.ssh-failed" { address: Word }
            = ["Can't connect to destination address (", address, ") using public key authentication"]
                ~ "Can't connect to destination address (10.0.0.12) using public key authentication";
        /// A backup job begins. Source: pve-manager PVE/VZDump.pm, and so below.
        BackupJob "pve.backup-job" { command: Box<str> }
            = ["INFO: starting new backup job: ", command]
                ~ "INFO: starting new backup job: vzdump 100 --storage nfs1 --mode snapshot";
        /// The backup of a guest begins: the guest gets the lock `backup`.
        BackupStarted "pve.backup-started" { id: u32, kind: Word }
            = ["INFO: Starting Backup of VM ", id, " (", kind, ")"] ~ "INFO: Starting Backup of VM 100 (qemu)";
        /// The backup of a guest is done and its lock gone.
        BackupDone "pve.backup-done" { id: u32, took: Word }
            = ["INFO: Finished Backup of VM ", id, " (", took, ")"] ~ "INFO: Finished Backup of VM 100 (00:12:41)";
        /// The backup of a guest failed; of a job that was killed the lock can stay.
        BackupFailed "pve.backup-failed" { id: u32, err: Box<str> }
            = ["ERROR: Backup of VM ", id, " failed - ", err] ~ "ERROR: Backup of VM 100 failed - job failed with err -5 - Input/output error";
        /// The whole job failed.
        BackupJobFailed "pve.backup-job-failed" { err: Box<str> }
            = ["ERROR: Backup job failed - ", err] ~ "ERROR: Backup job failed - got unexpected error - broken pipe";
        /// At least one guest failed.
        BackupJobErrors "pve.backup-job-errors" {}
            = ["INFO: Backup job finished with errors"] ~ "INFO: Backup job finished with errors"
            = ["job errors"] ~ "job errors";
        /// All guests are done.
        BackupJobOk "pve.backup-job-ok" {}
            = ["INFO: Backup job finished successfully"] ~ "INFO: Backup job finished successfully";
        /// Another backup job runs on this node, and this one waits.
        BackupWaits "pve.backup-waits" {}
            = ["INFO: trying to get global lock - waiting..."] ~ "INFO: trying to get global lock - waiting...";
        /// It waits no more.
        BackupGoesOn "pve.backup-goes-on" {} = ["INFO: got global lock"] ~ "INFO: got global lock";
        /// The job before did not end within the time that jobs wait, three hours if nothing else is set.
        BackupLockFailed "pve.backup-lock-failed" { path: Box<str>, err: Box<str> }
            = ["ERROR: can't acquire lock '", path, "' - ", err]
                ~ "ERROR: can't acquire lock '/var/run/vzdump.lock' - got timeout";
        /// Backups that stop a guest are refused for guests under HA.
        BackupRefusedHa "pve.backup-refused-ha" {}
            = ["Cannot execute a backup with stop mode on a HA managed and enabled Service. Use snapshot mode or disable the Service."]
                ~ "Cannot execute a backup with stop mode on a HA managed and enabled Service. Use snapshot mode or disable the Service.";
        /// The storage is not for backups.
        BackupWrongContent "pve.backup-wrong-content" { storage: Box<str> }
            = ["can't use storage '", storage, "' for backups - wrong content type"]
                ~ "can't use storage 'local-zfs' for backups - wrong content type";
        /// An admin removed the lock of a VM. Source: qemu-server src/PVE/CLI/qm.pm.
        Unlocked "pve.guest-unlocked" { id: u32 } = ["executed 'qm unlock ", id, "'"] ~ "executed 'qm unlock 100'";
    }
}

impl PveTask {
    /// Whether it holds the text of an error.
    pub fn is_error(&self) -> bool {
        matches!(
            self,
            PveTask::Ended { .. }
                | PveTask::Failed { .. }
                | PveTask::BackupFailed { .. }
                | PveTask::BackupJobFailed { .. }
                | PveTask::StartFailed { .. }
                | PveTask::PowerdownFailed { .. }
                | PveTask::QmpFailed { .. }
        )
    }
}

/// Reads a message of a program of Proxmox VE.
pub fn parse(message: &str, cut: bool) -> Option<PveTask> {
    PveTask::parse(message, cut).filter(is_whole)
}

/// Reads a message whose program is not known, if nobody else prints it.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    let found = parse(message, cut)?;
    let unmistakable = match &found {
        PveTask::NotRunning { .. }
        | PveTask::StartFailed { .. }
        | PveTask::BackupJobErrors {}
        | PveTask::MigrationAborted {}
        | PveTask::MigrationProblems {} => false,
        _ => true,
    };
    unmistakable.then_some(Kind::PveTask(found))
}

/// Whether words that stand for anything hold what they should.
fn is_whole(found: &PveTask) -> bool {
    let guest = |guest: &Option<Word>| {
        guest
            .as_deref()
            .is_none_or(|word| matches!(word, "VM" | "CT"))
    };
    match found {
        PveTask::Starting {
            guest: of, upid, ..
        }
        | PveTask::Stopping {
            guest: of, upid, ..
        } => guest(of) && upid.starts_with("UPID:"),
        PveTask::ShuttingDown { guest, .. } | PveTask::HaRequest { guest, .. } => {
            matches!(&**guest, "VM" | "CT")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<PveTask>();
    }

    #[test]
    fn a_task_has_its_fields() {
        let found = parse(
            "<joe@pve!ci> end task UPID:oak:0001A2B3:138E1F01A:66E80C2D:qmsnapshot:207:joe@pve!ci: VM is locked (backup)",
            false,
        );
        let Some(PveTask::Ended {
            by,
            node,
            started,
            task,
            id,
            status,
            ..
        }) = found
        else {
            panic!("{found:?}");
        };
        assert_eq!(by.as_deref(), Some("joe@pve!ci"));
        assert_eq!((&*node, &*task, &*id), ("oak", "qmsnapshot", "207"));
        assert_eq!(
            (started, &*status),
            (Hex(0x66E8_0C2D), "VM is locked (backup)")
        );
    }

    #[test]
    fn what_anybody_may_say_is_none() {
        for message in [
            "starting the engine 7: now",
            "shutdown of 7: x",
            "INFO: hello",
            "VM is up",
        ] {
            assert_eq!(parse(message, false), None, "{message}");
        }
        assert_eq!(read_alone("start failed: no such file", false), None);
    }
}
