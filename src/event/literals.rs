//! What a line must hold to be looked at.
//! In: the bytes of a block. Out: where a literal stands.
//! Never: decides; a line that holds one is read before it counts.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::{Config, MatchKind, Searcher};
use std::sync::LazyLock;

/// Every line that any program's messages are read from holds one of these: the program's name, or for programs that say
/// much else, the middle of the message. The first four bytes of each decide its cost: they must be rare in ordinary logs,
/// so no literal begins like a host name, a common program or a common word, and `reboot` stands for all that holds it.
#[rustfmt::skip]
const LITERALS: &[&str] = &[
    // Programs of which every line is read.
    "orosync", "pmxcfs", "e-cluster", "-ha-lrm", "-ha-crm", "tchdog", "softdog", "d-logind", "d-journald", "chronyd",
    // corosync and pmxcfs without their names.
    "[TOTEM", "[KNET", "[QUORUM", "[MAIN", "[CPG", "[VOTEQ", "[SERV", "] notice: ", "] crit: ", "] err", "Token has not",
    "ssor failed", "membership (", "host: ", "Sync ", "n-primary comp", "quorum",
    // HA without the name.
    "agent_lock",
    // Marks of journalctl, and `last -x`; a boot and a reboot are in the kernel's and logind's lines too.
    "-- Boot ", "eboot", "shutdown", "runlevel", "crash",
    // Locks, said by any daemon or tool.
    "lock '", "lock file '", "lock found", "lock timeout", "lock request", "locked '", "locked (", "locked comm",
    "onfiguration file", "VMs and CTs", "common base",
    // systemd.
    "Reached target", "Stopped target", "ng in system", "tup finished", "result '", ", code=", "failed state",
    "OOM killer", "Shutting down", "been changed", "PVE ", "Proxmox VE", "-guests", "Dependency failed",
    // A UPS.
    "UPS ",
    // The kernel.
    "Linux version", "Command line: ", "-fs (", "BERT: ", "BUG: ", "BUG at", "etected stall", "blocked for", "hung_task",
    "Kernel panic", "Oops: ", "tection fault", "Hardware ", "oom-kill", "Killed process", "segfault at", "WARNING: CPU",
    "iTCO_wdt", "WATCHDOG", "nfs: server", "CIFS", ", hunting for", "ping timeout", "I/O error", "troller is down",
    "exception Emask", ": Pool '", "zio pool", "Link ", "disabled state", "definitely", "making interface",
    "without any active", "link becomes", "duplicate address", "own address as", "table full",
];

/// Literals per searcher: a vector search slows down steeply beyond some 48, so two of them beat one.
const GROUP: usize = 48;

/// The searchers, built once.
static GROUPS: LazyLock<Vec<Group>> =
    LazyLock::new(|| LITERALS.chunks(GROUP).map(Group::new).collect());

/// A searcher over some of the literals.
#[derive(Debug)]
enum Group {
    /// With vector instructions.
    Packed(Searcher),
    /// Where the machine has none that fit.
    Automaton(AhoCorasick),
    /// Never, unless a literal is empty; looks at every line, so that nothing is lost.
    Everything,
}

impl Group {
    fn new(literals: &[&str]) -> Group {
        let mut builder = Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .heuristic_pattern_limits(false)
            .builder();
        builder.extend(literals);
        match (builder.build(), AhoCorasick::new(literals)) {
            (Some(searcher), _) => Group::Packed(searcher),
            (None, Ok(automaton)) => Group::Automaton(automaton),
            (None, Err(_)) => Group::Everything,
        }
    }

    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if from >= bytes.len() {
            return None;
        }
        match self {
            Group::Packed(searcher) => searcher
                .find_in(bytes, (from..bytes.len()).into())
                .map(|hit| hit.start()),
            Group::Automaton(automaton) => automaton
                .find(aho_corasick::Input::new(bytes).span(from..bytes.len()))
                .map(|hit| hit.start()),
            Group::Everything => (from < bytes.len()).then_some(from),
        }
    }
}

/// Walks the hits of a block from left to right.
#[derive(Debug)]
pub struct Hits<'b> {
    bytes: &'b [u8],
    /// The next hit of each group.
    next: Vec<Option<usize>>,
}

impl<'b> Hits<'b> {
    /// Begins at the start of `bytes`.
    pub fn new(bytes: &'b [u8]) -> Hits<'b> {
        let next = GROUPS.iter().map(|group| group.find(bytes, 0)).collect();
        Hits { bytes, next }
    }

    /// The first hit at or behind `from`, which must not be smaller than in an earlier call.
    pub fn at_or_behind(&mut self, from: usize) -> Option<usize> {
        for (next, group) in self.next.iter_mut().zip(GROUPS.iter()) {
            if next.is_some_and(|hit| hit < from) {
                *next = group.find(self.bytes, from);
            }
        }
        self.next.iter().flatten().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Sample, vocabulary};

    /// How the program of a sample tags its lines.
    fn tag(kind: &str) -> &'static str {
        match kind.split('.').next().unwrap_or_default() {
            "corosync" => "corosync[1]: ",
            "qdevice" | "corosync-qdevice" => "corosync-qdevice[1]: ",
            "pmxcfs" => "pmxcfs[1]: ",
            "ha" | "pve-ha-lrm" => "pve-ha-lrm[1]: ",
            "pve-ha-crm" => "pve-ha-crm[1]: ",
            "watchdog-mux" => "watchdog-mux[1]: ",
            "kernel" => "kernel: ",
            "systemd" => "systemd[1]: ",
            "logind" => "systemd-logind[1]: ",
            "shutdown" => "systemd-shutdown[1]: ",
            "journald" => "systemd-journald[1]: ",
            "chrony" => "chronyd[1]: ",
            _ => "",
        }
    }

    #[test]
    fn every_message_of_the_vocabulary_is_looked_at() {
        // The last line of a log is found by its place.
        let looked_for = |s: &&Sample| s.message.len() > 3 && s.name != "log.last-line";
        for sample in vocabulary().iter().filter(looked_for) {
            let line = format!("Jan 01 00:00:00 n1 {}{}", tag(sample.name), sample.message);
            let hit = Hits::new(line.as_bytes()).at_or_behind(0);
            assert!(
                hit.is_some(),
                "no literal is in {line:?}: add one from the middle of the message"
            );
        }
    }

    #[test]
    fn ordinary_lines_are_not_looked_at() {
        for line in [
            "Jan 01 00:00:00 pve1 CRON[1]: pam_unix(cron:session): session closed for user root",
            "Jan 01 00:00:00 pve1 systemd[1]: Started session-1.scope - Session 1 of User root.",
            "Jan 01 00:00:00 pve1 systemd[1]: session-1.scope: Deactivated successfully.",
            "Jan 01 00:00:00 pve1 pvestatd[1]: status update time (5.1 seconds)",
            "Jan 01 00:00:00 pve1 pveproxy[1]: worker exit",
            "Jan 01 00:00:00 pve1 kernel: [1.2] audit: type=1400 audit(1.2:3): apparmor=\"DENIED\"",
            "Jan 01 00:00:00 pve1 sshd[1]: Accepted publickey for root from 10.1.2.3 port 4 ssh2",
        ] {
            assert_eq!(Hits::new(line.as_bytes()).at_or_behind(0), None, "{line}");
        }
    }

    #[test]
    fn hits_come_in_order() {
        let text = b"x corosync\nIO I/O error\npmxcfs\n";
        let mut hits = Hits::new(text);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(hit) = hits.at_or_behind(from) {
            found.push(hit);
            from = hit + 8;
        }
        assert_eq!(found, [3, 14, 24]);
    }
}
