//! What a line must hold to be read.
//! In: a line, and its program where it is known. Out: whether the line may say something.
//! Never: decides more; a line that may say something is read before it counts.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::{Config, MatchKind, Searcher};
use std::sync::{LazyLock, OnceLock};

// The first four bytes of each literal decide its cost: they must be rare in ordinary lines of the programs that it is
// looked for in, so no literal begins like a host name, a common program or a common word.

/// Names of programs and units.
const NAMES: &[&str] = &[
    "orosync",
    "pmxcfs",
    "e-cluster",
    "ha-lrm",
    "ha-crm",
    "tchdog",
    "softdog",
    "d-journald",
    "chronyd",
    "ntpd",
];
/// What corosync, pmxcfs, HA, journalctl and `last -x` print without their names.
const NAMELESS: &[&str] = &[
    "[TOTEM",
    "[KNET",
    "[QUORUM",
    "[MAIN",
    "[CPG",
    "[CMAP",
    "[CFG",
    "config version (",
    "[VOTEQ",
    "[SERV",
    "] notice: ",
    "] crit: ",
    "] err",
    "Token has not",
    "ssor failed",
    "membership (",
    "host: ",
    "Sync ",
    "n-primary comp",
    "quorum",
    "agent_lock",
    "state changed",
    "enced node '",
    "encing: ",
    "o fence node '",
    "-- Boot ",
    "runlevel",
    "crash",
];
/// What any daemon or tool of Proxmox VE says of locks, storages, tasks, replication and itself.
const DAEMON: &[&str] = &[
    "lock",
    "quorum",
    "update time",
    "starting server",
    "onfiguration file",
    "VMs and CTs",
    "storage '",
    "skip section",
    "error",
    "ERROR",
    "volume",
    "zvol device",
    "eplication job",
    ":qm",
    ":vz",
];
/// The ZFS event daemon.
const ZED: &[&str] = &[
    "statechange",
    "checksum",
    "class=io",
    "delay=",
    "=scrub",
    "=resilver",
];
/// systemd and its companions, a UPS.
const SYSTEM: &[&str] = &[
    "ed target",
    "ng in system",
    "tup finished",
    "result '",
    ", code=",
    "failed state",
    "ob for ",
    "OOM killer",
    "ting down",
    "been changed",
    "PVE ",
    "Proxmox VE",
    "-guests",
    "aily apt u",
    "Dependency failed",
    "UPS ",
    "utdown",
    "eboot",
    "tem is ",
    "will power off",
    "wer key ",
];
/// systemd, of messages that begin with the name of a unit or its own: units that matter have no capitals.
const UNIT_FIRST: &[&str] = &[
    "orosync",
    "pmxcfs",
    "e-cluster",
    "ha-lrm",
    "ha-crm",
    "tchdog",
    "d-journald",
    "chronyd",
    "-guests",
    "PVE ",
    "Proxmox VE",
    "ng in system",
    "result '",
    ", code=",
    "failed state",
    "OOM killer",
];
/// systemd, of messages that begin with a word of a sentence.
const VERB_FIRST: &[&str] = &[
    "orosync",
    "e-cluster",
    "e-ha-",
    "tchdog",
    "d-journald",
    "PVE ",
    "Proxmox VE",
    "aily apt u",
    "ed target",
    "tup finished",
    "failed state",
    "ob for ",
    "ting down",
    "been changed",
    "Dependency failed",
    "eboot",
];
/// systemd-logind and a UPS, of what systemd says too.
const POWER: &[&str] = &[
    "UPS ",
    "utdown",
    "eboot",
    "tem is ",
    "will power off",
    "wer key ",
];
/// The kernel.
const KERNEL: &[&str] = &[
    "Linux version",
    "Command line: ",
    "-fs (",
    "BERT: ",
    "BUG: ",
    "BUG at",
    "etected stall",
    "blocked for",
    "hung_task",
    "ysrq: ",
    "sRq : ",
    "Kernel panic",
    "Oops: ",
    "tection fault",
    "Hardware ",
    "oom-kill",
    "oom_reaper",
    "Killed process",
    "segfault at",
    "WARNING: CPU",
    "iTCO_wdt",
    "TCHDOG",
    "fs: server",
    "CIFS",
    ", hunting for",
    "ping timeout",
    "I/O error",
    "r is down",
    " timeout, ",
    "exception Emask",
    ": Pool '",
    "zio pool",
    "Link ",
    "disabled state",
    "definitely",
    "making interface",
    "without any active",
    "link becomes",
    "duplicate address",
    "own address as",
    "table full",
];
/// What the kernel says that others say too.
const KERNEL_TOO: &[&str] = &["eboot", "tchdog", "softdog"];

/// Who says a line, as far as it decides what to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// A program of which every line is read.
    Watched,
    /// The kernel.
    Kernel,
    /// systemd.
    System,
    /// systemd-logind, a UPS: what they say of the end of a boot.
    Power,
    /// Any other program may be a daemon or a tool of Proxmox VE.
    Daemon,
    /// The ZFS event daemon.
    Zed,
    /// A program that says nothing of a cluster.
    Quiet,
    /// Nobody knows, or one who quotes others.
    Anyone,
}

impl Speaker {
    /// How many kinds of speakers there are.
    pub const COUNT: usize = Speaker::Anyone as usize + 1;

    /// Who `program` is.
    pub fn of(program: &[u8]) -> Speaker {
        match program {
            b"corosync" | b"corosync-qdevice" | b"pmxcfs" | b"pve-cluster" | b"pve-ha-lrm"
            | b"pve-ha-crm" | b"watchdog-mux" | b"systemd-journald" | b"systemd-shutdown"
            | b"chronyd" | b"ntpd" | b"ntpdate" => Speaker::Watched,
            b"kernel" => Speaker::Kernel,
            b"systemd" => Speaker::System,
            b"systemd-logind" | b"nut-monitor" | b"upsmon" => Speaker::Power,
            b"sshd" | b"sshd-session" | b"CRON" | b"cron" | b"smartd" | b"rrdcached" | b"snmpd"
            | b"dbus-daemon" | b"rsyslogd" | b"named" | b"dhclient" | b"postfix/smtp"
            | b"postfix/smtpd" | b"postfix/qmgr" | b"postfix/pickup" | b"postfix/cleanup"
            | b"postfix/local" | b"postfix/bounce" | b"QEMU" | b"ceph-mon" | b"ceph-mgr"
            | b"ceph-osd" | b"ceph-mds" => Speaker::Quiet,
            b"zed" => Speaker::Zed,
            b"" | b"journalctl" | b"last" => Speaker::Anyone,
            _ => Speaker::Daemon,
        }
    }

    /// Whether a line of this speaker is worth reading.
    pub fn may_say(self, line: &[u8]) -> bool {
        Literals::get().may_say(self, line, 0, line.len())
    }
}

/// What is looked for in the lines of each speaker.
pub struct Literals([Finder; 7]);

static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
    Literals([
        Finder::new(&[KERNEL, KERNEL_TOO]),
        Finder::new(&[UNIT_FIRST]),
        Finder::new(&[VERB_FIRST]),
        Finder::new(&[POWER]),
        Finder::new(&[DAEMON]),
        Finder::new(&[ZED]),
        Finder::new(&[NAMES, NAMELESS, DAEMON, ZED, SYSTEM, KERNEL]),
    ])
});

impl Literals {
    /// Those that there are.
    pub fn get() -> &'static Literals {
        &LITERALS
    }

    /// Whether the line of a speaker that stands in `bytes` from `start` to `end` is worth reading.
    pub fn may_say(&self, speaker: Speaker, bytes: &[u8], start: usize, end: usize) -> bool {
        let [kernel, unit_first, verb_first, power, daemon, zed, anyone] = &self.0;
        let finder = match speaker {
            Speaker::Watched => return true,
            Speaker::Quiet => return false,
            Speaker::Kernel => kernel,
            Speaker::System => match bytes[start..end].iter().find(|byte| **byte != b' ') {
                Some(b'A'..=b'Z') => verb_first,
                Some(b'a'..=b'z' | b'0'..=b'9') => unit_first,
                _ => anyone,
            },
            Speaker::Power => power,
            Speaker::Daemon => daemon,
            Speaker::Zed => zed,
            Speaker::Anyone => anyone,
        };
        finder.is_in(bytes, start, end)
    }
}

/// Bytes that a vector search needs to be one; in fewer it compares one by one.
const VECTOR_BYTES: usize = 40;

/// Searchers for so many literals. A vector search takes up to 16 at full speed, up to 48 at half of it, and slows down
/// steeply beyond: two small ones beat one of 17 to 32, and one large one beats three small ones.
fn groups(literals: usize) -> usize {
    match literals {
        0..=16 => 1,
        17..=32 => 2,
        more => more.div_ceil(48),
    }
}

/// Looks for literals.
#[derive(Debug)]
struct Finder {
    first: Group,
    more: Vec<Group>,
}

impl Finder {
    fn new(lists: &[&[&str]]) -> Finder {
        let all = lists.concat();
        // One that holds another is found by it.
        let holds_other = |literal: &str| {
            all.iter()
                .any(|other| *other != literal && literal.contains(other))
        };
        let mut literals: Vec<&str> = all.iter().copied().filter(|l| !holds_other(l)).collect();
        literals.sort();
        literals.dedup();
        let each = literals.len().div_ceil(groups(literals.len())).max(1);
        let mut groups = literals.chunks(each).map(Group::new);
        Finder {
            first: groups.next().unwrap_or(Group::Everything),
            more: groups.collect(),
        }
    }

    fn is_in(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        // What a short line is followed by is searched with it: no literal holds a line end.
        let far = end.max((start + VECTOR_BYTES).min(bytes.len()));
        let stretch = &bytes[start..far];
        let holds = |group: &Group| group.find(stretch).is_some_and(|at| at < end - start);
        holds(&self.first) || self.more.iter().any(holds)
    }
}

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
        if let Some(searcher) = builder.build() {
            return Group::Packed(searcher);
        }
        AhoCorasick::new(literals).map_or(Group::Everything, Group::Automaton)
    }

    /// Where the first literal begins.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Group::Packed(searcher) => Some(searcher.find(bytes)?.start()),
            Group::Automaton(automaton) => Some(automaton.find(bytes)?.start()),
            Group::Everything => Some(0),
        }
    }
}

/// Words with which an error begins that stands behind what a program puts before it, as `TASK ERROR: ` or `jobs: `.
pub struct Beginnings {
    words: &'static [&'static str],
    searcher: OnceLock<Option<AhoCorasick>>,
}

impl Beginnings {
    /// Of these words, none of which begins another.
    pub const fn new(words: &'static [&'static str]) -> Beginnings {
        Beginnings {
            words,
            searcher: OnceLock::new(),
        }
    }

    /// The error in a message: from the first of the words on, without what ends a sentence or a quotation.
    pub fn error_in<'m>(&self, message: &'m str) -> Option<&'m str> {
        let searcher = self
            .searcher
            .get_or_init(|| AhoCorasick::new(self.words).ok());
        let start = match searcher {
            Some(searcher) => searcher.find(message)?.start(),
            None => self.words.iter().filter_map(|w| message.find(w)).min()?,
        };
        let error = message.get(start..)?;
        Some(error.trim_end_matches(['\n', '.', '`']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::sweep::Sweep;
    use crate::event::{Sample, read_any, read_message_alone, systemd, vocabulary, zed};

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
            "zed" => "zed[1]: ",
            _ => "",
        }
    }

    #[test]
    fn every_message_of_the_vocabulary_is_looked_at() {
        // The last line of a log and a hole in it are found by their place.
        let looked_for = |s: &&Sample| s.message.len() > 3 && !s.name.starts_with("log.");
        for sample in vocabulary().iter().filter(looked_for) {
            let kind = match tag(sample.name) {
                "zed[1]: " => zed::read(sample.message, false),
                _ => read_any("pvedaemon", sample.message, false),
            };
            if kind.is_some_and(|kind| kind.is_chatter()) {
                continue;
            }
            let line = format!("Jan 01 00:00:00 n1 {}{}", tag(sample.name), sample.message);
            let program = tag(sample.name)
                .split(['[', ':'])
                .next()
                .unwrap_or_default();
            let speaker = match program {
                // Errors of locks are any daemon's.
                "" if sample.name.starts_with("pve.") => Speaker::of(b"pvescheduler"),
                program => Speaker::of(program.as_bytes()),
            };
            for (speaker, said) in [(speaker, sample.message), (Speaker::Anyone, &line)] {
                assert!(
                    speaker.may_say(said.as_bytes()),
                    "no literal of {speaker:?} is in {said:?}: add one from the middle of the message"
                );
            }
            let object = format!(
                r#"{{"SYSLOG_IDENTIFIER":"{program}","MESSAGE":"{}"}}"#,
                sample.message.replace('"', r#"\""#)
            );
            for said in [&line, &object] {
                let found = Sweep::get().find(said.as_bytes(), 0);
                let why = "add one from the middle of the message";
                assert!(found.is_some(), "no literal of SWEPT is in {said:?}: {why}");
            }
        }
    }

    /// What a line without a program is read for, a block is swept for.
    #[test]
    fn every_message_that_is_read_alone_is_swept_for() {
        let lines = vocabulary().into_iter().map(|sample| sample.message);
        let missed = lines.filter(|line| {
            let kind = read_message_alone(line, false);
            kind.is_some_and(|kind| !kind.is_chatter())
                && Speaker::Anyone.may_say(line.as_bytes())
                && Sweep::get().find(line.as_bytes(), 0).is_none()
        });
        let missed: Vec<&str> = missed.collect();
        assert!(missed.is_empty(), "no literal of SWEPT is in {missed:#?}");
    }

    /// Which units matter is not written in format strings.
    #[test]
    fn every_unit_that_matters_is_swept_for() {
        let sentences = [
            "Starting {}...",
            "Started {}.",
            "Stopping {}...",
            "Stopped {}.",
            "Failed to start {}.",
        ];
        for unit in systemd::units() {
            for sentence in sentences {
                let said = sentence.replace("{}", &unit);
                let line = format!("Jan 01 00:00:00 n1 systemd[1]: {said}");
                if systemd::read(&said, false).is_some() && Speaker::System.may_say(said.as_bytes())
                {
                    let found = Sweep::get().find(line.as_bytes(), 0);
                    assert!(found.is_some(), "no literal of SWEPT is in {line:?}");
                }
            }
        }
    }

    #[test]
    fn what_any_speaker_is_read_for_anyone_is() {
        for name in [
            "corosync",
            "corosync-qdevice",
            "pmxcfs",
            "pve-cluster",
            "pve-ha-lrm",
            "pve-ha-crm",
            "watchdog-mux",
            "systemd-journald",
            "systemd-shutdown",
            "chronyd",
            "ntpd",
            "ntpdate",
        ] {
            assert_eq!(Speaker::of(name.as_bytes()), Speaker::Watched);
            assert!(Speaker::Anyone.may_say(name.as_bytes()), "{name}");
            for line in [
                format!("Jan 01 00:00:00 n1 {name}[1]: x"),
                format!("Jan 01 00:00:00 n1 {name}: x"),
                format!("1 2026-01-01T00:00:00Z n1 {name} 7 - - x"),
                format!(r#"{{"SYSLOG_IDENTIFIER":"{name}","MESSAGE":"x"}}"#),
            ] {
                assert!(Sweep::get().find(line.as_bytes(), 0).is_some(), "{line}");
            }
        }
        for literal in [NAMES, NAMELESS, DAEMON, ZED, SYSTEM, KERNEL, KERNEL_TOO].concat() {
            assert!(Speaker::Anyone.may_say(literal.as_bytes()), "{literal}");
        }
    }

    #[test]
    fn ordinary_lines_are_not_looked_at() {
        for line in [
            "Jan 01 00:00:00 pve1 CRON[1]: pam_unix(cron:session): session closed for user root",
            "Jan 01 00:00:00 pve1 systemd[1]: Started session-1.scope - Session 1 of User root.",
            "Jan 01 00:00:00 pve1 systemd[1]: session-1.scope: Deactivated successfully.",
            "Jan 01 00:00:00 pve1 systemd-logind[1]: New session 12 of user root.",
            "Jan 01 00:00:00 pve1 pvestatd[1]: auth key pair too old, rotating..",
            "Jan 01 00:00:00 pve1 pveproxy[1]: worker exit",
            "Jan 01 00:00:00 pve1 kernel: [1.2] audit: type=1400 audit(1.2:3): apparmor=\"DENIED\"",
            "Jan 01 00:00:00 pve1 sshd[1]: Accepted publickey for root from 10.1.2.3 port 4 ssh2",
        ] {
            assert!(!Speaker::Anyone.may_say(line.as_bytes()), "{line}");
        }
    }
}
