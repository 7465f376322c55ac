//! The state machines' own words.
//! In: nothing. Out: `Change`, one variant per move, and their vocabulary for patterns.
//! Never: a sentence for users; patterns and the report word them.

use crate::event::Sample;
use crate::model::{Basis, Fields, Line, LinkId, NodeId, Observer, Value, When};

/// A move of a state machine, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When it happened; a verdict that needs later lines bears the time of what it judges.
    pub when: When,
    /// The node it happened to; `None` for the whole cluster.
    pub node: Option<Observer>,
    /// What moved.
    pub kind: ChangeKind,
    /// How it is known.
    pub basis: Basis,
    /// The lines that show it.
    pub lines: Vec<Line>,
}

/// Declares the changes: variants with fields, their stable names, and the vocabulary that patterns are checked against.
macro_rules! changes {
    ($( $(#[$meta:meta])* $variant:ident $name:literal { $($field:ident : $type:ty),* $(,)? } )*) => {
        /// What moved.
        #[derive(Clone, Debug, PartialEq)]
        pub enum ChangeKind {
            $( $(#[$meta])*
               #[allow(missing_docs, reason = "the variant's documentation names its fields")]
               $variant { $($field: $type),* }, )*
        }

        impl ChangeKind {
            /// Every name with its fields.
            pub const VOCABULARY: &'static [Sample] = &[
                $( Sample { name: $name, message: "", fields: &[$(stringify!($field)),*] }, )*
            ];

            /// The stable name, `subject.what`.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $name, )* }
            }

            /// The fields under their stable names.
            pub fn fields(&self) -> Fields {
                match self {
                    $( Self::$variant { $($field),* } => vec![
                        $((stringify!($field), Value::from($field.clone()))),*
                    ], )*
                }
            }
        }
    };
}

changes! {
    /// The link to `peer` went down. `graceful`: the peer had left in an orderly way, or this node was stopping.
    LinkDown "link.down" { peer: NodeId, link: LinkId, graceful: bool }
    /// The link came back after `down_s` seconds (unknown without stamps).
    LinkUp "link.up" { peer: NodeId, link: LinkId, down_s: Option<f64> }
    /// The link had gone down because the peer was leaving in an orderly way: its line came before corosync's.
    LinkExcused "link.excused" { peer: NodeId, link: LinkId, excused: bool }
    /// The path MTU to `peer` fell while the link was up.
    MtuFell "mtu.fell" { peer: NodeId, link: LinkId, from: u32, to: u32 }
    /// No token for `ms` so far. `round` counts the rounds of token trouble of this node, from 1.
    TokenLate "token.late" { ms: u32, round: u32 }
    /// The token was declared lost.
    TokenLost "token.lost" { token_ms: Option<u32>, consensus_ms: Option<u32>, round: u32 }
    /// Token trouble is over. `no_token_s`: no token for at least this long, by the latest notice; `silence_s`: without a
    /// ring for this long, by notices and stamps. `without_link`: 1 when no link was down meanwhile, else 0.
    TokenBack "token.back" { silence_s: Option<f64>, no_token_s: Option<f64>, without_link: u32, round: u32 }
    /// A membership was formed. `clean`: nobody failed; `unclean`: 1 unless
    /// that is known. `changed`: somebody left or joined. `first`: the first since
    /// corosync started. `attempts_unseen`: rounds of ring forming that failed without a line.
    MembershipFormed "membership.formed" {
        ring: String, members: Vec<NodeId>, joined: Vec<NodeId>, left: Vec<NodeId>, failed: Vec<NodeId>,
        size: Option<usize>, clean: Option<bool>, unclean: u32, changed: bool, first: bool, attempts_unseen: u64, quorate: Option<bool>,
        margin: Option<i64>,
    }
    /// The partition this node is in lost quorum. `clean`: those who are missing left in an orderly way.
    QuorumLost "quorum.lost" { present: Option<usize>, left: Vec<NodeId>, clean: bool }
    /// Quorum is there. `first`: for the first time since corosync started, which is no recovery.
    QuorumGained "quorum.gained" { first: bool, lost_s: Option<f64> }
    /// /etc/pve cannot be used as it should. `sign`: left-group, join-failed, send-failed, sync-hang, checksum, protocol,
    /// fatal. `quorate`: whether corosync was quorate meanwhile.
    CfsStuck "cfs.stuck" { group: String, sign: &'static str, quorate: Option<bool> }
    /// The group is in sync again.
    CfsUsable "cfs.usable" { group: String, stuck_s: Option<f64> }
    /// A write to /etc/pve was refused for lack of quorum.
    CfsRefused "cfs.refused" { what: &'static str }
    /// The LRM moved to another state.
    LrmState "lrm.state" { from: String, to: String }
    /// The CRM moved to another state.
    CrmState "crm.state" { from: String, to: String }
    /// A lock of the HA stack was lost. `armed`: the daemon's watchdog client was open.
    HaLockLost "lock.lost" { lock: String, daemon: &'static str, reason: Option<String>, armed: Option<bool> }
    /// The lock is held again, after using `used_s` to `used_max_s` of the watchdog's 60 s; `margin_s` is what was left at
    /// most. For the manager lock, whose loss does not fence, the clock is null.
    HaLockRegained "lock.regained" {
        lock: String, daemon: &'static str, used_s: Option<f64>, used_max_s: Option<f64>, budget_s: Option<f64>,
        margin_s: Option<f64>, near_miss: bool,
    }
    /// A lock that had been lost is settled: its daemon started anew, or another node became master.
    HaLockSettled "lock.settled" { lock: String, daemon: &'static str }
    /// The log ended with the agent lock lost and the watchdog armed; `used_s` of the 60 s had gone at least.
    FenceClockOpen "fence.clock-open" { used_s: Option<f64>, budget_s: Option<f64>, margin_s: Option<f64> }
    /// This node reset itself: by its watchdog, by the lines before its end. `proof`: boot (a boot follows), restart
    /// (daemons start anew, the boot's own lines are missing), end (the log ends there), peers (another node acknowledged the
    /// fence).
    SelfFenced "fence.self" { proof: &'static str, cause: &'static str, used_s: Option<f64> }
    /// A boot boundary was judged. `verdict`: fenced, panic, graceful, unclean, unknown. `signs_for` and `signs_against` are the
    /// names of what speaks for and against it.
    BootJudged "boot.judged" {
        verdict: &'static str, gap_s: Option<f64>, signs_for: Vec<&'static str>, signs_against: Vec<&'static str>,
    }
    /// The node's log shows an orderly shutdown and ends, or goes on with a boot that `boot.judged` tells.
    ShutDown "power.shutdown" { verdict: &'static str, sign: &'static str }
    /// The kernel panicked, or made an error. `died`: false where nothing says that the node went down with it.
    Panicked "power.panic" { verdict: &'static str, died: bool, reason: String }
    /// The manager fenced this node. `planned`: it had been shut down in an orderly way, and the fence lines only say
    /// that its services were moved. `gap_s`: from the decision to the acknowledgement. `reset`: false in a finding once the
    /// node is back without a boot.
    NodeFenced "manager.fenced" { by: Option<String>, planned: bool, acknowledged: bool, gap_s: Option<f64>, name: String, reset: Option<bool> }
    /// The manager began to fence this node, and the log shows no acknowledgement yet.
    NodeFencing "manager.fencing" { by: Option<String>, planned: bool, acknowledged: bool, name: String, reset: Option<bool> }
    /// A service was moved to another node after a fence.
    ServiceRecovered "service.recovered" {
        service: String, from: String, to: String, planned: bool,
    }
    /// A service under HA could not be brought back. `why`: no-node, error-state, start-failed.
    ServiceFailed "service.failed" { service: String, why: &'static str, name: Option<String> }
    /// A service that had failed runs, or was stopped on request.
    ServiceBack "service.back" { service: String }
    /// The cluster is in two or more components that live at the same time. `components`: members by component;
    /// `quorate`: whether one of them has quorum. `proof`: both-sides, same-processes, alive-elsewhere.
    Partitioned "partition.seen" { components: Vec<String>, quorate: Option<bool>, proof: &'static str }
    /// The components met again.
    Reunited "partition.healed" { lasted_s: Option<f64> }
    /// Quorum came back while nobody did: the expected votes were lowered by hand. `missing` are those who were not there;
    /// `clean`: they had left in an orderly way.
    VotesLowered "votes.lowered" { present: Option<usize>, missing: Vec<NodeId>, clean: bool }
    /// Two components say at the same time that they are quorate.
    BothQuorate "partition.both-quorate" { components: Vec<String> }
    /// Two nodes that are quorate apart from each other are both HA master.
    TwoMasters "twofold.masters" { masters: String }
    /// A guest was started in two parts that are both quorate, and the log shows no stop of it.
    RunsTwice "twofold.guest" { guest: String, places: String }
    /// A node whose fence was acknowledged met the others again without a boot: it was never reset. `guest`: what was moved away from it.
    FencedLives "twofold.fenced-lives" { fenced: String, guest: Option<Vec<String>> }
    /// An operation on a guest was refused because of a lock. `whom`: the guest, or a word for one that no line names. `lock`: that of its configuration, or flock for the file beside
    /// it. `owner`: the task that took it, as far as the log shows; `owner_state`: running, maybe-running (a job of several guests, or one of
    /// more than a day), dead (its node booted anew before it ended), failed (it ended with an error), or unknown.
    GuestLockRefused "guest.lock-refused" {
        whom: String, guest: Option<String>, id: Option<String>, tool: &'static str, lock: String, owner: Option<String>, owner_state: &'static str,
    }
    /// A disk of a guest is not where the guest is to run. `under_ha`: HA was seen to manage it; `recovered_to`: where HA had
    /// just moved it.
    GuestDiskMissing "guest.disk-missing" {
        guest: Option<String>, volume: Option<String>, storage: Option<String>, under_ha: bool, recovered_to: Option<String>,
    }
    /// A run of a replication job failed. `reason`: no-base, modified, space, ssh, lock, offline, other. `good_at`: when a run of
    /// it last ended well in this log; `unsaved_s`: how long before this one that was, which a failover would lose.
    ReplicationFailed "replication.failed" {
        job: String, guest: String, reason: &'static str, err: String, under_ha: bool, good_at: Option<String>, unsaved_s: Option<f64>,
    }
    /// A run of a replication job ended well.
    ReplicationDone "replication.done" { job: String }
    /// A daemon of Proxmox VE failed. `how`: killed (by a signal), exited, failed, start-failed, start-timeout, reload-failed,
    /// job-failed, restarts-too-quickly, watchdog, crashed (the kernel saw it), error (it says so itself).
    DaemonFailed "daemon.failed" { service: String, how: &'static str, detail: Option<String> }
    /// A daemon that had failed runs. `how`: started (systemd says so, or it does), heard (it says something), went-on (what failed was a part
    /// of it, or a reload, which do not end it).
    DaemonRuns "daemon.runs" { service: String, how: &'static str }
    /// A daemon does not accept its configuration. `stops`: it does not run with it.
    ConfigRefused "config.refused" { what: String, detail: Option<String>, stops: bool }
    /// A storage cannot be used. `what`: `storage nfs1`, `server 192.0.2.50`, or as far as the line tells; `storage`: its id;
    /// `mount`: where it is mounted; `round_s`: how long pvestatd's round before took, if that was long. What the configuration says lives there: `holds`: disks (of guests of this node or of nobody
    /// knows which), disks-elsewhere (of guests of other nodes), backups, or other; `guests`: whose disks. Without it, `severity_range` tells both ends.
    StorageTrouble "storage.trouble" {
        what: String, storage: Option<String>, why: String, mount: Option<String>, round_s: Option<f64>, holds: Option<&'static str>,
        guests: Option<Vec<String>>, severity_range: Option<String>,
    }
    /// It can be used again. `how`: said (the kernel says so), silence (pvestatd, which asks every ten seconds, complains no more).
    StorageBack "storage.back" { what: String, how: &'static str }
    /// A device of a pool failed or is gone.
    PoolDegraded "pool.degraded" { pool: String, device: String, state: String }
    /// A sign that the network is sick: round (token trouble), link, reformed, retransmit, gather. `weight`: how often.
    NetworkSign "network.sign" { sign: &'static str, weight: u64 }
}
