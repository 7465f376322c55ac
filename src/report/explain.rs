//! Sentences: what a change, a sign or a state is called.
//! In: changes, signs of boots, states. Out: words for people.
//! Never: computes a fact; every number it prints was measured or inferred below.

use crate::cluster::ChangeKind;
use crate::model::NodeId;

/// A change in a few words, for timelines; `None` for those that only serve others.
pub fn change(kind: &ChangeKind) -> Option<String> {
    Some(match kind {
        ChangeKind::LinkDown {
            peer,
            link,
            graceful: false,
        } => format!("link {link} to node {peer} down"),
        ChangeKind::LinkDown {
            peer,
            link,
            graceful: true,
        } => format!("link {link} to node {peer} down: the peer had left"),
        ChangeKind::LinkUp { peer, link, down_s } => match down_s {
            Some(s) => format!("link {link} to node {peer} up after {s:.0} s"),
            None => format!("link {link} to node {peer} up"),
        },
        ChangeKind::MtuFell { peer, from, to, .. } => {
            format!("path MTU to node {peer} fell from {from} to {to}")
        }
        ChangeKind::TokenLate { ms, .. } => format!("no token for {ms} ms"),
        ChangeKind::TokenLost {
            token_ms: Some(ms), ..
        } => format!("token lost (timeout {ms} ms)"),
        ChangeKind::TokenLost { .. } => "token lost".to_owned(),
        ChangeKind::TokenBack { .. } => return None,
        ChangeKind::MembershipFormed {
            ring,
            members,
            joined,
            left,
            failed,
            attempts_unseen,
            ..
        } => {
            let mut text = format!("membership {ring}");
            if !members.is_empty() {
                text += &format!(" of {}", ids(members));
            }
            if !left.is_empty() {
                text += &format!(", left {}", ids(left));
            }
            if !failed.is_empty() {
                text += " without a farewell";
            }
            if !joined.is_empty() {
                text += &format!(", joined {}", ids(joined));
            }
            if *attempts_unseen > 0 {
                text += &format!(" ({attempts_unseen} attempts failed unseen before it)");
            }
            text
        }
        ChangeKind::QuorumLost { .. } => "quorum lost".to_owned(),
        ChangeKind::QuorumGained { first: true, .. } => {
            "quorate for the first time since the start".to_owned()
        }
        ChangeKind::QuorumGained { .. } => "quorum is back".to_owned(),
        ChangeKind::CfsStuck { group, sign, .. } => {
            format!("/etc/pve stuck: {} ({group})", cfs_sign(sign))
        }
        ChangeKind::CfsUsable { group, .. } => format!("/etc/pve in sync again ({group})"),
        ChangeKind::CfsRefused { what } => format!("write to /etc/pve refused ({what})"),
        ChangeKind::LrmState { from, to } => format!("LRM {from} => {to}"),
        ChangeKind::CrmState { from, to } => format!("CRM {from} => {to}"),
        ChangeKind::HaLockLost { lock, .. } => format!("{lock} lost"),
        ChangeKind::HaLockRegained { lock, .. } => format!("{lock} regained"),
        ChangeKind::HaLockSettled { lock, .. } => format!("{lock}: settled"),
        ChangeKind::FenceClockOpen { .. } => return None,
        ChangeKind::SelfFenced { .. } => "the node resets itself".to_owned(),
        ChangeKind::BootJudged { verdict, .. } => format!("boot; the end before it: {verdict}"),
        ChangeKind::ShutDown { .. } => "orderly shutdown begins".to_owned(),
        ChangeKind::Panicked { reason, died, .. } => {
            let what = if *died {
                "kernel panic"
            } else {
                "kernel error"
            };
            format!("{what}: {reason}")
        }
        ChangeKind::NodeFenced {
            name,
            planned: false,
            ..
        } => format!("fence of {name} acknowledged"),
        ChangeKind::NodeFenced {
            name,
            planned: true,
            ..
        } => format!("{name}'s lock taken over after its planned shutdown"),
        ChangeKind::NodeFencing { name, .. } => format!("fence of {name} begun"),
        ChangeKind::ServiceRecovered {
            service, from, to, ..
        } => format!("{service} moved from {from} to {to}"),
        ChangeKind::ServiceFailed { service, why, .. } => format!("{service} not recovered: {why}"),
        ChangeKind::ServiceBack { service } => format!("{service} is settled again"),
        ChangeKind::Partitioned { components, .. } => {
            format!("cluster in parts: {}", components.join(" | "))
        }
        ChangeKind::Reunited { .. } => "the parts met again".to_owned(),
        ChangeKind::VotesLowered { missing, .. } => {
            format!(
                "quorate again without nodes {}: expected votes were lowered",
                ids(missing)
            )
        }
        ChangeKind::BothQuorate { .. } => "two parts quorate at once".to_owned(),
        ChangeKind::TwoMasters { masters } => format!("HA masters at once: {}", masters),
        ChangeKind::RunsTwice { guest, places } => {
            format!("{guest} started on {}", places)
        }
        ChangeKind::FencedLives { fenced, .. } => {
            format!("{fenced} is back without a boot: its fence never reset it")
        }
        ChangeKind::LinkExcused { peer, link, .. } => {
            format!("link {link} to node {peer}: the peer was leaving in an orderly way")
        }
        ChangeKind::GuestLockRefused { guest, lock, .. } => {
            let guest = guest.as_deref().unwrap_or("a guest");
            format!("{guest} refused an operation: locked ({lock})")
        }
        ChangeKind::GuestDiskMissing { guest, .. } => {
            let guest = guest.as_deref().unwrap_or("a guest");
            format!("a disk of {guest} is not on this node")
        }
        ChangeKind::ReplicationFailed { job, reason, .. } => {
            format!("replication job {job} failed: {reason}")
        }
        ChangeKind::ReplicationDone { job } => format!("replication job {job} ended well"),
        ChangeKind::DaemonFailed { service, how, .. } => format!("{service} failed ({how})"),
        ChangeKind::DaemonRuns { how: "went-on", .. } => return None,
        ChangeKind::DaemonRuns { service, .. } => format!("{service} runs again"),
        ChangeKind::ConfigRefused { what, .. } => format!("{what} refused"),
        ChangeKind::StorageTrouble { what, .. } => format!("{what} cannot be used"),
        ChangeKind::StorageBack { what, how: "said" } => format!("{what} answers again"),
        ChangeKind::StorageBack { what, .. } => format!("no more complaints of {what}"),
        ChangeKind::PoolDegraded {
            pool,
            device,
            state,
        } => format!("{device} of pool {pool} is {state}"),
        ChangeKind::NetworkSign { .. } => return None,
    })
}

/// Why /etc/pve is stuck.
pub fn cfs_sign(sign: &str) -> &str {
    match sign {
        "left-group" => "left its process group",
        "join-failed" => "could not join its group",
        "send-failed" => "could not send",
        "sync-hang" => "a synchronisation does not end",
        "checksum" => "its data differ from the others'",
        "protocol" => "a peer speaks a newer protocol",
        "fatal" => "a fatal internal error",
        other => other,
    }
}

/// What a sign says, for boots.
pub fn boot_sign(sign: &str) -> &str {
    match sign {
        "watchdog-expired" => {
            "watchdog-mux stopped feeding the watchdog: a client had been silent for 60 s"
        }
        "watchdog-client-died" => "a watchdog client vanished without closing",
        "watchdog-mux-exit-active" => "watchdog-mux ended with clients open",
        "softdog-fired" => "the kernel's soft watchdog fired",
        "watchdog-about-to-expire" => "watchdog-mux warned that a client is about to expire",
        "watchdog-did-not-stop" => "the kernel's watchdog was left running",
        "manual-reset" => "somebody reset the machine by hand (SysRq)",
        "clock-stepped" => "the wall clock stepped forward, which the watchdog takes for silence",
        "kernel-panic" => "a kernel panic was logged",
        "kernel-oops" => "a kernel oops was logged",
        "machine-check" => "a machine check was logged",
        "cpu-lockup" => "a processor was locked up",
        "orderly-shutdown" => "an orderly shutdown was logged",
        "power-key" => "the power key was pressed",
        "corosync-stopped" => "corosync was stopped in an orderly way",
        "daemon-stopped" => "a daemon of the cluster ended in an orderly way",
        "guests-stopped" => "all guests were stopped at once",
        "journal-stopped" => "the journal was closed",
        "quorum-lost-before-end" => {
            "quorum was lost before the end and the time between fits a fence"
        }
        "agent-lock-lost" => "the agent lock was lost and not regained",
        "watchdog-armed" => "the HA watchdog was armed",
        "watchdog-not-armed" => "the HA watchdog was not armed: nothing could fence this node",
        "cfs-stuck" => "/etc/pve was stuck, so the lock could not be refreshed",
        "no-shutdown-line" => "no line of a shutdown before the end",
        "no-watchdog-line" => {
            "no line of the watchdog before the end (up to PVE 8 it often misses the disk)"
        }
        "unclean-markers" => "the new boot found a journal or file system that had not been closed",
        "zeros-in-log" => "zeros stand in the log where its last lines should",
        "no-unclean-markers" => "the new boot complains of nothing",
        "no-shutdown-record" => "the boot records show no shutdown between the boots",
        other => other,
    }
}

/// Node ids with blanks between.
pub fn ids(nodes: &[NodeId]) -> String {
    nodes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

/// `a`, `a and b`, `a, b and c`.
pub fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
