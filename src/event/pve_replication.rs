//! Replication jobs: errors in the log of the scheduler, and the lines of a job's own log.
//! In: a message of pvescheduler or pvesr, or a line of a job's log behind its stamp. Out: `PveReplication`.
//! Never: tells whether a silent job succeeded.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of replication. Source: pve-guest-common src/PVE/Replication.pm where nothing else is said.
    pub enum PveReplication {
        /// A run failed. Source: pve-manager PVE/API2/Replication.pm.
        JobFailed "pve.replication-failed" { job: Word, err: Box<str> }
            = [job, ": got unexpected replication job error - ", err]
                ~ "100-0: got unexpected replication job error - command '/usr/bin/ssh -e none root@10.0.0.12 true' failed: exit code 255"
            = [job, ": end replication job with error: ", err]
                ~ "100-0: end replication job with error: command '/usr/bin/ssh -e none root@10.0.0.12 true' failed: exit code 255";
        /// A run begins; in the job's own log.
        JobStarted "pve.replication-started" { job: Word }
            = [job, ": start replication job"] ~ "100-0: start replication job";
        /// A run succeeded; in the job's own log.
        JobDone "pve.replication-done" { job: Word } = [job, ": end replication job"] ~ "100-0: end replication job";
        /// A run sends what changed since `base`.
        Incremental "pve.replication-incremental" { job: Word, volume: Box<str>, base: Word, snapshot: Word }
            = [job, ": incremental sync '", volume, "' (", base, " => ", snapshot, ")"]
                ~ "100-0: incremental sync 'local-zfs:vm-100-disk-0' (__replicate_100-0_1726487100__ => __replicate_100-0_1726488000__)";
        /// A run sends everything.
        Full "pve.replication-full" { job: Word, volume: Box<str>, snapshot: Word }
            = [job, ": full sync '", volume, "' (", snapshot, ")"]
                ~ "100-0: full sync 'local-zfs:vm-100-disk-0' (__replicate_100-0_1726488000__)";
        /// What the target printed.
        Remote "pve.replication-remote" { job: Word, text: Box<str> }
            = [job, ": (remote_prepare_local_job) ", text]
                ~ "100-0: (remote_prepare_local_job) storage 'local-zfs' is not available on node 'pve3'";
        /// Source and target share no snapshot.
        NoBase "pve.replication-no-base" { volumes: Box<str> }
            = ["No common base snapshot on volume(s) ", volumes]
                ~ "No common base snapshot on volume(s) local-zfs:vm-100-disk-0";
        /// The clock went backwards since the last run.
        ClockBack "pve.replication-clock-back" { start: u64, last: u64 }
            = ["start time before last sync (", start, " <= ", last, ") - abort sync"]
                ~ "start time before last sync (1726488000 <= 1726488300) - abort sync";
        /// The target gave no answer.
        NoAnswer "pve.replication-no-answer" {}
            = ["prepare remote node failed - no result"] ~ "prepare remote node failed - no result";
        /// The scheduler ends in an orderly way. Source: pve-manager PVE/Service/pvescheduler.pm.
        Stopping "pve.scheduler-stopping" {}
            = ["got shutdown request, signal running jobs to stop"] ~ "got shutdown request, signal running jobs to stop";
        /// A job did not stop. Source: pve-manager PVE/Service/pvescheduler.pm.
        JobKilled "pve.scheduler-job-killed" { workers: Box<str> }
            = ["unresponsive job-worker, killing now: ", workers] ~ "unresponsive job-worker, killing now: 20901";
    }
}

/// Reads a message of a program of Proxmox VE, or one that names no program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let found = PveReplication::parse(message, cut).filter(is_of_a_job);
    found.map(Kind::PveReplication)
}

/// Whether a word is the name of a job: guest and number.
pub fn is_job(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    word.split_once('-')
        .is_some_and(|(guest, number)| digits(guest) && digits(number))
}

/// Whether a job has the name of one.
fn is_of_a_job(found: &PveReplication) -> bool {
    use PveReplication as P;
    match found {
        P::JobFailed { job, .. }
        | P::JobStarted { job }
        | P::JobDone { job }
        | P::Incremental { job, .. }
        | P::Full { job, .. }
        | P::Remote { job, .. } => is_job(job),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<PveReplication>();
    }

    #[test]
    fn only_jobs_are_replicated() {
        assert_eq!(read("alice: start replication job", false), None);
        assert!(read("207-1: end replication job", false).is_some());
    }
}
