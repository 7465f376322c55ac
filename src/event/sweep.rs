//! Looking through a whole block at once for lines that may say something.
//! In: a block, and where to go on in it. Out: where the next literal of `SWEPT` stands.
//! Never: knows lines, headers or speakers; whoever asks looks at the line that the literal is in.

use std::sync::LazyLock;

// Seven bytes in a row hold one of their four first four-byte words at a place that can be divided by four, wherever they
// begin. So only every fourth place of a block is looked at, and any number of literals costs the same: one look into a
// table. What it lets through is compared in full.

/// What a line holds that is read, of whatever program: longer than what [`super::literals`] looks for in one line, since
/// it is looked for in all of them. A literal has seven bytes at least.
#[rustfmt::skip]
const SWEPT: &[&str] = &[
    // Programs and units.
    "orosync", "pmxcfs[", "pmxcfs:", "pmxcfs ", "pmxcfs.", "pmxcfs)", "pmxcfs\"", "pmxcfs'", "e-cluster", "e-ha-lrm", "e-ha-crm",
    "atchdog", "softdog", "d-journald", "chronyd", " ntpd: ", ":\"ntpd\"", " ntpdate", "\"ntpdate",
    " ntpd[1", " ntpd[2", " ntpd[3", " ntpd[4", " ntpd[5", " ntpd[6", " ntpd[7", " ntpd[8", " ntpd[9",
    " ntpd 1", " ntpd 2", " ntpd 3", " ntpd 4", " ntpd 5", " ntpd 6", " ntpd 7", " ntpd 8", " ntpd 9", " ntpd - ",
    // What corosync, pmxcfs, HA, journalctl and `last -x` print without their names; copies fold blanks.
    "[TOTEM ", "[TOTEM]", "[KNET  ", "[KNET ]", "[KNET] ", "[QUORUM", "[MAIN  ", "[MAIN ]", "[MAIN] ", "[CPG   ", "[CPG ] ",
    "[VOTEQ ", "[VOTEQ]", "[SERV  ", "[SERV ]", "[SERV] ", "] notice: ", "] crit: ", "] err: ", "] error: ", "Token has not",
    "ssor failed", "membership (", " host: ", "Sync members", "Sync joined", "Sync left", "n-primary comp", "agent_lock",
    " quorum", "quorum ", "quorum!", "quorum?", "quorum.", "quorum,", "quorum:", "quorum_", "quorum\"", "quorum'", "quorum]", "_quorum", "status change",
    "\"quorum", ": votequorum", "cquired lock", "state changed from", "ost lock '", "agent lock", "CRM lock", "leftover lock", "reboot LRM", "shutdown LRM",
    "command error", "' error - ", "error state", "unrecoverable error", "migration error", "parse error", "internal error",
    "error code", "server error", "error when", "update error", "create error", "local failed", "mcast to group",
    "Error in connection", "wrong checksum", "no checksum", "database is", "lock memory", "locking memory", "e job for node", "clock was", "clock wrong",
    "Syncing file", "-- Boot ", "-- Reboot", "runlevel", "- crash", "tem boot", "tem down",
    // Locks, storages, tasks, replication and daemons of Proxmox VE.
    "cfs-lock", "cfs lock", "-locked command", "lock timeout", "M is locked", "T is locked", "lock file", "lock found", "ound lock '",
    "global lock", "quire lock", "m unlock ", "t unlock ", "update time (", "starting server", "onfiguration file", "VMs and CTs", "storage '",
    "skip section", "error: ", "mount error(", "error fetching", "error during", "error with", "error stopping", "job error",
    "h errors", "ERROR: ", "volume '", "volume(s)", "volume group", "zvol device", "eplication job", 
    ":qmclone", ":qmconfig", ":qmcreate", ":qmdelsnapshot", ":qmdestroy", ":qmigrate", ":qmmove", ":qmpause", ":qmreboot",
    ":qmreset", ":qmrestore", ":qmresume", ":qmrollback", ":qmshutdown", ":qmsnapshot", ":qmstart", ":qmstop:", ":qmsuspend",
    ":qmtemplate", ":qmtunnel", ":vzmtunnel", ":vzclone", ":vzcreate", ":vzdelsnapshot", ":vzdestroy", ":vzdump:", ":vzmigrate", ":vzmount", ":vzreboot",
    ":vzrestore", ":vzresume", ":vzrollback", ":vzshutdown", ":vzsnapshot", ":vzstart", ":vzstop:", ":vzsuspend",
    ":vztemplate", ":vzumount",
    // The ZFS event daemon.
    "class=statechange", "class=checksum", "class=io", "class=delay", "class=scrub", "class=resilver",
    // systemd, logind, a UPS.
    "ed target", "ng in system", "tup finished", "result '", ", code=", "entered failed state", "failed because", "OOM killer", "hutting down",
    "been changed", "PVE API", "PVE Cluster", "PVE Local", "PVE Qemu", "PVE SPICE", "PVE Status Daemon", "PVE Storage", "PVE guests", " - PVE ", "ed PVE ", "ng PVE ", "rt PVE ",
    "or PVE ", "in PVE ",
    "Proxmox VE", "-guests", "upgrade and clean", "Dependency failed", "on battery", "on line power", "battery is low", "hutdown",
    "reboot: ", "reboot now", "reboot.", "rebooting", "Rebooting", " Reboot.", "System Reboot", "tem is ", "will power off",
    "wer key ",
    // The kernel.
    "Linux version", "Command line: ", "EXT4-fs (", "FAT-fs (", "BERT: Error", ": BUG: ", "] BUG: ", ":\"BUG: ", "BUG: soft", "BUG at ", "stall on", "stalls on",
    "BUG: unable", "BUG: kernel", "BUG: Bad", "BUG: bad", "BUG: sched", "BUG: workqueue", "BUG: KASAN", "BUG: sleeping",
    "blocked for more", "hung_task", "sysrq: ", "SysRq : ", "Kernel panic", " Oops: ", "Oops: 00", "\"Oops: ", "tection fault", "Hardware ",
    "oom-kill", "oom_reaper", "Killed process", "segfault at", "WARNING: CPU", "iTCO_wdt", "WATCHDOG", "nfs: server",
    "CIFS: VFS", "CIFS VFS", ", hunting for", "ping timeout", "I/O error", "r is down", " timeout, ", "exception Emask",
    ": Pool '", "zio pool", " Link is", " Link up", " Link down", " Link Up", " Link Down", " Link Speed", "disabled state",
    "definitely", "making interface", "without any active", "link becomes", "duplicate address", "own address as",
    "table full",
    // An object whose message is no text is read to see what it is; zeros are a hole in the file.
    "\"MESSAGE\":[", "\0\0\0\0\0\0\0",
];

/// Words of ordinary lines, the more often the commoner: that part of a literal is looked for which is not in them.
const ORDINARY: &str = "Jan 01 00:00:00 pve-host1 node2 proxmox1 server1 sshd[1]: session opened for user root(uid=0) by (uid=0) \
    sshd[1]: session closed for user root sshd[1]: Accepted publickey for root from 192.0.2.1 port 1 ssh2: RSA SHA256: \
    sshd[1]: Received disconnect from port 1:11: disconnected by user Failed password for invalid user from port [preauth] \
    CRON[1]: pam_unix(cron:session): session opened for user root (root) CMD (   cd / && run-parts --report /etc/cron.hourly) \
    (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1) session-1.scope: Deactivated successfully. \
    systemd[1]: Started session-1.scope - Session 1 of User root. Starting x.service - Daily apt download activities... \
    x.service: Deactivated successfully. Finished x.service - Rotate log files. session-1.scope: Consumed 1.1s CPU time. \
    Started fstrim.service - Discard unused blocks on filesystems. Stopping Stopped user-runtime-dir@0.service Created slice \
    Listening on socket systemd-logind[1]: New session 1 of user root. Session 1 logged out. \
    Waiting for processes to exit. Removed session 1. kernel: audit: type=1400 audit(): apparmor=\"DENIED\" operation=\"mount\" \
    class=\"mount\" info=\"failed flags match\" error=-13 profile=\"lxc-1_</var/lib/lxc>\" name=\"/run/systemd/unit-root/\" pid=1 \
    comm=\"(networkd)\" flags=\"rw, rslave\" port 2(tap1i0) entered blocking state entered forwarding state entered promiscuous \
    mode left promiscuous mode split lock detection: #AC: took a split_lock trap at address: new low-speed USB device number \
    using xhci_hcd postfix/pickup[1]: from=<root> postfix/cleanup[1]: message-id=<> (queue active) to=<> relay= delay=0.1, \
    delays= dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as removed smartd[1]: Device: /dev/sda [SAT], SMART Usage Attribute: \
    194 Temperature_Celsius changed from 71 to 71 SMART/Health value: pvestatd[1]: auth key pair too old, rotating.. \
    pveproxy[1]: worker exit worker 1 finished starting 1 worker(s) worker 1 started proxy detected vanished client connection \
    Clearing outdated entries from certificate cache pvedaemon[1]: <root@pam> successful auth for user 'root@pam' starting task \
    UPID:n:1:1:1:vncproxy:1:root@pam: end task UPID:n:1:1:1:vncproxy:1:root@pam: OK starting vnc proxy UPID: update VM 1: -net \
    QEMU[1]: kvm: warning: TSC frequency mismatch between VM (1 kHz) and host (1 kHz), and TSC scaling unavailable \
    rrdcached[1]: flushing old values rotating journals zed[1]: eid=1 class=history_event pool='rpool' snmpd[1]: Connection \
    from UDP: dbus-daemon[1]: [system] Successfully activated service 'org.freedesktop.timedate1' ceph-mon[1]: cluster log \
    \"__CURSOR\":\"s=\"__REALTIME_TIMESTAMP\":\"\"__MONOTONIC_TIMESTAMP\":\"\"_BOOT_ID\":\"\"_TRANSPORT\":\"syslog\"\
    \"_SYSTEMD_UNIT\":\"\"_SYSTEMD_CGROUP\":\"/system.slice/x.service\"_SYSTEMD_SLICE\":\"\"_SYSTEMD_INVOCATION_ID\":\"\
    \"_MACHINE_ID\":\"\"_HOSTNAME\":\"\"PRIORITY\":\"\"SYSLOG_FACILITY\":\"\"SYSLOG_IDENTIFIER\":\"\"SYSLOG_PID\":\"\"_PID\":\"\
    \"_UID\":\"\"_GID\":\"\"_COMM\":\"\"_EXE\":\"/usr/bin/\"_CMDLINE\":\"\"_CAP_EFFECTIVE\":\"\"_SELINUX_CONTEXT\":\"unconfined\
    \"MESSAGE\":\"";

/// Bytes that are compared at once.
const WORD: usize = 4;
/// Bytes of a literal of which every alignment holds a whole word.
const WHOLE: usize = 2 * WORD - 1;
/// Those bytes of eight.
const START: u64 = (1 << (8 * WHOLE)) - 1;
/// Bytes that are looked through between two decisions.
const STRIDE: usize = 32;
/// Rows of the table.
const ROWS: usize = 1 << 16;
/// What stands in a row of no literal: a byte that no text begins with.
const FREE: u8 = 0xff;
/// Lists of words that are compared in full.
const LISTS: usize = 1 << 10;

/// Finds literals in a block.
pub struct Sweep {
    spread: Spread,
    /// The first byte of the words that a row is for.
    rows: Box<[u8; ROWS]>,
    /// Where in `words` each list begins, and where the last ends.
    lists: Vec<u16>,
    words: Vec<Word>,
}

/// Four bytes of a literal.
#[derive(Clone, Copy)]
struct Word {
    bytes: u32,
    literal: &'static [u8],
    /// Where in the literal it begins.
    offset: usize,
    /// The first seven bytes of the literal.
    start: u64,
}

static SWEEP: LazyLock<Sweep> = LazyLock::new(|| Sweep::new(SWEPT));

impl Sweep {
    /// The one there is.
    pub fn get() -> &'static Sweep {
        &SWEEP
    }

    fn new(literals: &[&'static str]) -> Sweep {
        let common = Commonness::of(ORDINARY);
        let all = literals
            .iter()
            .flat_map(|literal| words_of(literal.as_bytes(), &common));
        let mut words: Vec<Word> = all.collect();
        let (spread, rows) = Spread::apart(&words);
        words.sort_by_key(|word| (spread.list_of(word.bytes), word.bytes));
        let mut lists = vec![0; LISTS + 1];
        for word in &words {
            lists[spread.list_of(word.bytes) + 1] += 1;
        }
        for list in 0..LISTS {
            lists[list + 1] += lists[list];
        }
        Sweep {
            spread,
            rows,
            lists,
            words,
        }
    }

    /// Where a literal begins of which nothing stands before `from`: the first one, or one that overlaps it.
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = bytes.get(from..)?;
        let (strides, tail) = rest.as_chunks::<STRIDE>();
        for (n, stride) in strides.iter().enumerate() {
            let (words, _) = stride.as_chunks::<WORD>();
            for (m, word) in words.iter().enumerate() {
                let word = u32::from_le_bytes(*word);
                if self.may_be(word)
                    && let Some(start) = self.literal_at(rest, n * STRIDE + m * WORD, word)
                {
                    return Some(from + start);
                }
            }
        }
        let (words, _) = tail.as_chunks::<WORD>();
        let start = rest.len() - tail.len();
        words.iter().enumerate().find_map(|(m, word)| {
            let found = self.literal_at(rest, start + m * WORD, u32::from_le_bytes(*word))?;
            Some(from + found)
        })
    }

    /// Whether a word may belong to a literal.
    fn may_be(&self, word: u32) -> bool {
        self.rows[self.spread.row_of(word)] == word as u8
    }

    /// Where the literal begins that a word belongs to.
    fn literal_at(&self, bytes: &[u8], at: usize, word: u32) -> Option<usize> {
        let list = self.spread.list_of(word);
        let range = usize::from(self.lists[list])..usize::from(self.lists[list + 1]);
        self.words[range]
            .iter()
            .filter(|known| known.bytes == word)
            .find_map(|known| {
                let start = at.checked_sub(known.offset)?;
                let begins = bytes[start..]
                    .first_chunk()
                    .is_none_or(|first| u64::from_le_bytes(*first) & START == known.start);
                (begins && bytes[start..].starts_with(known.literal)).then_some(start)
            })
    }
}

/// The first factor that keeps the words of `SWEPT` apart; where it does not any more, another is looked for at every start.
const APART: Spread = Spread(0xa73e_13ed);

/// What spreads words over all bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spread(u32);

impl Spread {
    /// One by which words of different first bytes share no row, and the rows.
    fn apart(words: &[Word]) -> (Spread, Box<[u8; ROWS]>) {
        // Every odd factor spreads words, but one in some hundreds keeps these apart.
        let mut spread = APART;
        loop {
            let mut rows = Box::new([FREE; ROWS]);
            let fits = words.iter().all(|word| {
                let row = &mut rows[spread.row_of(word.bytes)];
                let first = word.bytes as u8;
                let fits = *row == FREE || *row == first;
                *row = first;
                fits
            });
            if fits {
                return (spread, rows);
            }
            spread = Spread(spread.0.wrapping_mul(5).wrapping_add(2));
        }
    }

    fn row_of(self, word: u32) -> usize {
        (word.wrapping_mul(self.0) >> (32 - ROWS.trailing_zeros())) as usize
    }

    fn list_of(self, word: u32) -> usize {
        (word.wrapping_mul(self.0) >> (32 - LISTS.trailing_zeros())) as usize
    }
}

/// How often each word stands in ordinary lines, as far as its list tells.
struct Commonness {
    spread: Spread,
    counts: [u16; LISTS],
}

impl Commonness {
    fn of(ordinary: &str) -> Commonness {
        let spread = Spread(0x9e37_79b1);
        let mut counts = [0; LISTS];
        for word in words(ordinary.as_bytes()) {
            counts[spread.list_of(word)] += 1;
        }
        Commonness { spread, counts }
    }

    /// Of the words of some bytes.
    fn at(&self, bytes: &[u8]) -> u16 {
        words(bytes)
            .map(|word| self.counts[self.spread.list_of(word)])
            .sum()
    }
}

/// All words of some bytes, wherever they begin.
fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes
        .windows(WORD)
        .filter_map(|word| Some(u32::from_le_bytes(*word.first_chunk()?)))
}

/// Words of which every alignment of a literal holds one: those of seven bytes that are as rare as can be.
fn words_of(literal: &'static [u8], common: &Commonness) -> Vec<Word> {
    let starts = 0..=literal.len().saturating_sub(WHOLE);
    let rarest =
        starts.min_by_key(|start| common.at(&literal[*start..literal.len().min(start + WHOLE)]));
    let start = rarest.unwrap_or(0);
    let words = words(&literal[start..]).take(WORD).enumerate();
    let first = literal.iter().take(WHOLE).rev();
    let beginning = first.fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
    let of_literal = |(n, bytes)| Word {
        bytes,
        literal,
        offset: start + n,
        start: beginning,
    };
    words.map(of_literal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where the first literal begins, looked for one by one.
    fn slow(bytes: &[u8], from: usize) -> Option<usize> {
        (from..bytes.len()).find(|at| SWEPT.iter().any(|l| bytes[*at..].starts_with(l.as_bytes())))
    }

    #[test]
    fn a_literal_is_found_wherever_it_stands() {
        for literal in SWEPT {
            assert!(literal.len() >= WHOLE, "{literal:?} is too short");
            for before in 0..70 {
                for behind in [0, 1, 2, 3, 40] {
                    let text = format!("{}{literal}{}", "~".repeat(before), "~".repeat(behind));
                    for from in [0, before / 2, before] {
                        let found = Sweep::get().find(text.as_bytes(), from);
                        let Some(found) = found else {
                            panic!("{literal:?} behind {before} bytes is not found from {from} on");
                        };
                        assert!(
                            slow(text.as_bytes(), found) == Some(found),
                            "{literal:?} {found}"
                        );
                    }
                    let gone = Sweep::get().find(text.as_bytes(), before + literal.len());
                    assert_eq!(gone, None, "{literal:?}");
                }
            }
        }
    }

    #[test]
    fn no_start_has_to_look_for_a_factor() {
        assert_eq!(Sweep::get().spread, APART);
    }

    #[test]
    fn a_fault_of_the_kernel_is_found_whatever_it_is() {
        for line in [
            "Jan 01 00:00:00 n1 kernel: BUG: stack guard page was hit",
            "Jan 01 00:00:00 n1 kernel: [   12.345678] BUG: Dentry still in use",
            r#"{"SYSLOG_IDENTIFIER":"kernel","MESSAGE":"BUG: using smp_processor_id()"}"#,
            "Jan 01 00:00:00 n1 kernel: Oops: general fault",
        ] {
            assert!(Sweep::get().find(line.as_bytes(), 0).is_some(), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_hold_none() {
        assert_eq!(Sweep::get().find(ORDINARY.as_bytes(), 0), None);
    }

    proptest! {
        #[test]
        fn whether_there_is_one_does_not_depend_on_where_the_search_begins(
            parts in proptest::collection::vec(
                prop_oneof![
                    (0..SWEPT.len(), 0usize..9).prop_map(|(n, cut)| SWEPT[n][cut.min(SWEPT[n].len())..].to_owned()),
                    "[a-z \n\\[\\]:]{0,9}",
                ],
                0..30,
            ),
            from in 0usize..40,
        ) {
            let text = parts.concat().into_bytes();
            let from = from.min(text.len());
            let found = Sweep::get().find(&text, from);
            prop_assert_eq!(found.is_some(), slow(&text, from).is_some());
            if let Some(at) = found {
                prop_assert_eq!(slow(&text, at), Some(at));
            }
        }
    }
}
