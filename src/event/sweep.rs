//! Looking through a whole block at once for lines that may say something.
//! In: a block, and where to go on in it. Out: where the next literal of `SWEPT` stands.
//! Never: knows lines, headers or speakers; whoever asks looks at the line that the literal is in.

use std::sync::LazyLock;

// Of four places in a row one can be divided by four, wherever a literal begins. So only every fourth place of a block is
// looked at, and any number of literals costs the same: one look into a table, by the 36 bits that stand there, its gram.
// What costs most are the places that the table lets through, since no processor foresees them: longer grams let through
// less, and shorter ones would allow shorter literals. What it lets through is compared in full.

/// What a line holds that is read, of whatever program: longer than what [`super::literals`] looks for in one line, since
/// it is looked for in all of them. A literal has seven bytes at least.
#[rustfmt::skip]
const SWEPT: &[&str] = &[
    // Programs and units.
    "corosync", "Corosync", "pmxcfs[", "pmxcfs:", "pmxcfs ", "pmxcfs.", "pmxcfs)", "pmxcfs\"", "pmxcfs'", "e-cluster", "e-ha-lrm", "e-ha-crm",
    "watchdog", "Watchdog", "softdog", "emd-journald", "chronyd", " ntpd: ", ":\"ntpd\"", " ntpdate", "\"ntpdate",
    " ntpd[1", " ntpd[2", " ntpd[3", " ntpd[4", " ntpd[5", " ntpd[6", " ntpd[7", " ntpd[8", " ntpd[9",
    " ntpd 1", " ntpd 2", " ntpd 3", " ntpd 4", " ntpd 5", " ntpd 6", " ntpd 7", " ntpd 8", " ntpd 9", " ntpd - ",
    // What corosync, pmxcfs, HA, journalctl and `last -x` print without their names; copies fold blanks.
    "[TOTEM ]", "[TOTEM] ", "[KNET  ]", "[KNET ] ", "[KNET] ", "[QUORUM]", "[MAIN  ]", "[MAIN ] ", "[MAIN] ", "[CPG   ]", "[CPG ] ", "[CMAP  ]", "[CMAP ] ", "[CMAP] ", "[CFG   ]", "[CFG ] ", "config version (",
    "[VOTEQ ]", "[VOTEQ] ", "[SERV  ]", "[SERV ] ", "[SERV] ", "] notice: ", "] crit: ", "] err: ", "] error: ", "Token has not", "Totem is ",
    "ssor failed", "membership (", " host: ", "Sync members", "Sync joined", "Sync left", "n-primary comp", "agent_lock",
    " quorum", "quorum ", "quorum!", "quorum?", "quorum.", "quorum,", "quorum:", "quorum_", "quorum\"", "quorum'", "quorum]", "_quorum", "status change",
    "\"quorum", ": votequorum", "cquired lock", "state changed from", "enced node '", "encing: acknow", "o fence node '", "ost lock '", "agent lock", "CRM lock", "leftover lock", "reboot LRM", "shutdown LRM",
    "command error", "' error - ", "error state", "unrecoverable error", "migration error", "parse error", "internal error",
    "error code", "server error", "error when", "update error", "create error", "local failed", "mcast to group",
    "Error in connection", "wrong checksum", "no checksum", "database is", "lock memory", "locking memory", "e job for node", "clock was stepped", "clock wrong",
    "Syncing file", "-- Boot ", "-- Reboot", "runlevel", "- crash", "ystem boot", "ystem down",
    // Locks, storages, tasks, replication and daemons of Proxmox VE.
    "cfs-lock", "cfs lock", "-locked command", "lock timeout", "M is locked", "T is locked", "lock file '", "lock found", "ound lock '",
    "global lock", "quire lock", "m unlock ", "t unlock ", "update time (", "starting server", "onfiguration file", "l VMs and CTs", "storage '",
    "skip section", "error: ", "mount error(", "error fetching", "error during", "error with", "error stopping", "job error",
    "h errors", "ERROR: ", "volume '", "volume(s)", "volume group", "o zvol device", "eplication job", 
    ":qmclone:", ":qmconfig:", ":qmcreate:", ":qmdelsnapshot:", ":qmdestroy:", ":qmigrate:", ":qmmove:", ":qmpause:", ":qmreboot:",
    ":qmreset:", ":qmrestore:", ":qmresume:", ":qmrollback:", ":qmshutdown:", ":qmsnapshot:", ":qmstart:", ":qmstop:", ":qmsuspend:",
    ":qmtemplate:", ":qmtunnel:", ":vzmtunnel:", ":vzclone:", ":vzcreate:", ":vzdelsnapshot:", ":vzdestroy:", ":vzdump:", ":vzmigrate:", ":vzmount:", ":vzreboot:",
    ":vzrestore:", ":vzresume:", ":vzrollback:", ":vzshutdown:", ":vzsnapshot:", ":vzstart:", ":vzstop:", ":vzsuspend:",
    ":vztemplate:", ":vzumount:",
    // The ZFS event daemon.
    "class=statechange", "class=checksum", "ss=io pool", "class=delay ", "class=scrub", "class=resilver",
    // systemd, logind, a UPS.
    "ed target", "ng in system", "tup finished", "result '", ", code=", "entered failed state", "failed because", "OOM killer", "Shutting down", "shutting down",
    "been changed", "PVE API ", "PVE Cluster", "PVE Local", "PVE Qemu", "PVE SPICE", "PVE Status Daemon", "PVE Storage", "PVE guests", " - PVE ", "ed PVE ", "ng PVE ", "rt PVE ",
    "or PVE ", "in PVE ",
    "Proxmox VE", "-guests", "upgrade and clean", "Dependency failed", "on battery", "on line power", "battery is low", "shutdown", "Shutdown",
    "reboot: ", "reboot now", " reboot.", "-reboot.", "rebooting", "Rebooting", " Reboot.", "System Reboot", "ystem is ", "will power off",
    "wer key ",
    // The kernel.
    "Linux version", "Command line: ", "EXT4-fs (", "FAT-fs (", "BERT: Error", ": BUG: ", "] BUG: ", ":\"BUG: ", "BUG: soft", "kernel BUG at ", "stall on", "stalls on",
    "BUG: unable", "BUG: kernel", "BUG: Bad", "BUG: bad", "BUG: sched", "BUG: workqueue", "BUG: KASAN", "BUG: sleeping",
    "blocked for more", "hung_task", "sysrq: ", "SysRq : ", "Kernel panic", " Oops: ", "Oops: 00", "\"Oops: ", "tection fault", "Hardware ",
    "oom-kill", "oom_reaper", "Killed process", "segfault at", "WARNING: CPU", "iTCO_wdt", "WATCHDOG", "nfs: server",
    "CIFS: VFS", "CIFS VFS", ", hunting for", "ping timeout", "I/O error", "r is down", " timeout, ", "exception Emask",
    ": Pool '", "zio pool", " Link is", " Link up", " Link down", " Link Up", " Link Down", " Link Speed", "disabled state",
    "definitely", "making interface", "without any active", "link becomes", "duplicate address", "own address as",
    "table full",
    // An object whose message is no text is read to see what it is; zeros are a hole in the file.
    "\"MESSAGE\":[", "\0\0\0\0\0\0\0\0",
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

/// Bits of a gram: what is looked up of the bytes at one place.
const GRAM_BITS: u32 = 36;
/// How far the places are apart that are looked at.
const STEP: usize = 4;
/// Bytes that hold a gram.
const GRAM_BYTES: usize = GRAM_BITS.div_ceil(8) as usize;
/// Bytes that are looked through in one go.
const STRIDE: usize = 32;
/// Rows of the table.
const ROWS: usize = 1 << 16;
/// What stands in a row of no literal: a byte that no text begins with.
const FREE: u8 = 0xff;
/// Lists of places that are compared in full.
const LISTS: usize = 1 << 12;

/// Finds literals in a block.
pub struct Sweep {
    spread: Spread,
    /// The first byte of the grams that a row is for.
    rows: Box<[u8; ROWS]>,
    /// Where in `spots` each list begins, and where the last ends.
    lists: Vec<u16>,
    spots: Vec<Spot>,
}

/// A place in a literal that is looked for.
#[derive(Clone, Copy)]
struct Spot {
    literal: &'static [u8],
    /// Where in the literal it is.
    offset: usize,
    /// The eight bytes from there on, zeros behind the end of the literal.
    bytes: u64,
    /// The bits of them that are of the literal.
    mask: u64,
    /// The same of the beginning of the literal.
    first: (u64, u64),
}

static SWEEP: LazyLock<Sweep> = LazyLock::new(|| Sweep::new(SWEPT));

impl Sweep {
    /// The one there is.
    pub fn get() -> &'static Sweep {
        &SWEEP
    }

    fn new(literals: &[&'static str]) -> Sweep {
        // Who has least choice is first.
        let mut literals: Vec<&'static [u8]> = literals.iter().map(|l| l.as_bytes()).collect();
        literals.sort_by_key(|literal| literal.len());
        let (spread, rows, mut spots) = Spread::apart(&literals, &Commonness::of(ORDINARY));
        spots.sort_by_key(|spot| (list_of(spot.bytes), spot.bytes));
        let mut lists = vec![0; LISTS + 1];
        for spot in &spots {
            lists[list_of(spot.bytes) + 1] += 1;
        }
        for list in 0..LISTS {
            lists[list + 1] += lists[list];
        }
        Sweep {
            spread,
            rows,
            lists,
            spots,
        }
    }

    /// Where a literal begins of which nothing stands before `from`: the first one, or one that overlaps it.
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = bytes.get(from..)?;
        let mut at = 0;
        while let Some(stride) = rest[at..].first_chunk::<{ STRIDE + 8 - STEP }>() {
            for place in (0..STRIDE).step_by(STEP) {
                let here = stride[place..]
                    .first_chunk()
                    .map_or(0, |here| u64::from_le_bytes(*here));
                if self.may_be(here)
                    && let Some(start) = self.literal_at(rest, at + place, here)
                {
                    return Some(from + start);
                }
            }
            at += STRIDE;
        }
        (at..rest.len()).step_by(STEP).find_map(|at| {
            let start = self.literal_at(rest, at, eight(&rest[at..]).0)?;
            Some(from + start)
        })
    }

    /// Whether a literal may be around the place that these bytes are from.
    fn may_be(&self, here: u64) -> bool {
        self.rows[self.spread.row_of(here)] == here as u8
    }

    /// Where the literal begins that is around a place.
    // Not a part of the loop: it is rarely called, and the loop wants all registers.
    #[inline(never)]
    fn literal_at(&self, bytes: &[u8], at: usize, here: u64) -> Option<usize> {
        let list = list_of(here);
        let range = usize::from(self.lists[list])..usize::from(self.lists[list + 1]);
        self.spots[range].iter().find_map(|spot| {
            if here & spot.mask != spot.bytes {
                return None;
            }
            let start = at.checked_sub(spot.offset)?;
            // Nearly all that the table lets through in vain ends at one of these two comparisons.
            let (first, known) = spot.first;
            let begins = bytes[start..]
                .first_chunk()
                .is_none_or(|begins| u64::from_le_bytes(*begins) & known == first);
            (begins && bytes[start..].starts_with(spot.literal)).then_some(start)
        })
    }
}

/// A factor that keeps the grams of `SWEPT` apart and lets through little else of ordinary lines: the best of 58,910 that fit.
/// Where it does not fit any more, another is looked for at every start: of two thousand, one fits.
const APART: Spread = Spread(0x376e_29ab_640e_1151);

/// What spreads grams over all bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spread(u64);

impl Spread {
    /// One by which grams of different first bytes share no row, the rows, and the window of each literal.
    fn apart(
        literals: &[&'static [u8]],
        common: &Commonness,
    ) -> (Spread, Box<[u8; ROWS]>, Vec<Spot>) {
        let mut spread = APART;
        loop {
            let mut rows = Box::new([FREE; ROWS]);
            let chosen = literals.iter().map(|literal| {
                let fits = |window: &Window| {
                    window.iter().all(|spot| {
                        let first = spot.bytes as u8;
                        let mut all = spot.grams().map(|gram| rows[spread.row_of(gram)]);
                        all.all(|row| row == FREE || row == first)
                    })
                };
                let window = windows_of(literal, common).into_iter().find(fits)?;
                for spot in &window {
                    for gram in spot.grams() {
                        rows[spread.row_of(gram)] = spot.bytes as u8;
                    }
                }
                Some(window)
            });
            // A literal may get in its own way.
            let chosen: Option<Vec<Window>> = chosen.collect();
            if let Some(chosen) = chosen {
                let spots: Vec<Spot> = chosen.into_iter().flatten().collect();
                let kept = |spot: &Spot| {
                    let mut all = spot.grams().map(|gram| rows[spread.row_of(gram)]);
                    all.all(|row| row == spot.bytes as u8)
                };
                if spots.iter().all(kept) {
                    return (spread, rows, spots);
                }
            }
            spread = Spread(spread.0.wrapping_mul(5).wrapping_add(2));
        }
    }

    fn row_of(self, here: u64) -> usize {
        let gram = here.wrapping_mul(self.0 << (u64::BITS - GRAM_BITS));
        (gram >> (u64::BITS - ROWS.trailing_zeros())) as usize
    }
}

/// The list of a place, by its first four bytes: all that every literal has there.
fn list_of(here: u64) -> usize {
    ((here as u32).wrapping_mul(0x9e37_79b1) >> (u32::BITS - LISTS.trailing_zeros())) as usize
}

/// Four places in a row, of which one can be divided by four.
type Window = [Spot; STEP];

/// All windows of a literal, the rarest first.
fn windows_of(literal: &'static [u8], common: &Commonness) -> Vec<Window> {
    // Where there are so many bytes, the last gram is whole too.
    let length = literal.len().min(STEP - 1 + GRAM_BYTES);
    let starts = 0..=literal.len().saturating_sub(length);
    let mut windows: Vec<Window> = starts
        .map(|start| std::array::from_fn(|n| Spot::new(literal, start + n)))
        .collect();
    windows.sort_by_cached_key(|window| window.iter().map(|spot| common.at(spot)).sum::<u32>());
    windows
}

impl Spot {
    fn new(literal: &'static [u8], offset: usize) -> Spot {
        let (bytes, mask) = eight(literal.get(offset..).unwrap_or_default());
        Spot {
            literal,
            offset,
            bytes,
            mask,
            first: eight(literal),
        }
    }

    /// Every gram that may be there.
    fn grams(self) -> impl Iterator<Item = u64> {
        let known = self.mask.count_ones().min(GRAM_BITS);
        (0..1 << (GRAM_BITS - known)).map(move |open: u64| self.bytes | open << known)
    }
}

/// The first eight bytes, or those there are, and the bits that they take.
fn eight(bytes: &[u8]) -> (u64, u64) {
    let mut all = [0; 8];
    let length = bytes.len().min(8);
    all[..length].copy_from_slice(&bytes[..length]);
    let mask = u64::MAX.checked_shr(64 - 8 * length as u32).unwrap_or(0);
    (u64::from_le_bytes(all), mask)
}

/// How often each gram stands in ordinary lines, as far as its list tells.
struct Commonness(Box<[u16; ROWS]>);

impl Commonness {
    fn of(ordinary: &str) -> Commonness {
        let mut counts = Box::new([0; ROWS]);
        for bytes in ordinary.as_bytes().windows(GRAM_BYTES) {
            counts[Commonness::list(eight(bytes).0)] += 1;
        }
        Commonness(counts)
    }

    fn at(&self, spot: &Spot) -> u32 {
        let grams = spot
            .grams()
            .map(|gram| u32::from(self.0[Commonness::list(gram)]));
        grams.sum()
    }

    fn list(gram: u64) -> usize {
        let gram = gram.wrapping_mul(APART.0 << (u64::BITS - GRAM_BITS));
        (gram >> (u64::BITS - ROWS.trailing_zeros())) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes of a literal at least: of seven, four grams in a row have their first four bytes in it.
    const SHORTEST: usize = 2 * STEP - 1;

    /// Where the first literal begins, looked for one by one.
    fn slow(bytes: &[u8], from: usize) -> Option<usize> {
        (from..bytes.len()).find(|at| SWEPT.iter().any(|l| bytes[*at..].starts_with(l.as_bytes())))
    }

    #[test]
    fn a_literal_is_found_wherever_it_stands() {
        for literal in SWEPT {
            assert!(literal.len() >= SHORTEST, "{literal:?} is too short");
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
