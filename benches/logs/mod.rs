//! Logs as a host of a cluster writes them, made from format strings: the noise of its daemons, ordinary lines of the
//! cluster programs, and incidents.
//! In: a seed, a share of cluster lines, a form. Out: lines in the order of time, the same for the same seed.
//! Never: a line of somebody's real log.

use std::io::Write;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `Jan 05 00:00:01 quince sshd[1]: message`, as rsyslog's classic files.
    Classic,
    /// `2026-01-05T00:00:01.000001+00:00 quince sshd[1]: message`, as rsyslog since Debian 12.
    Iso,
    /// One object a line, as `journalctl -o json`.
    Json,
    /// One field a line and a blank line behind each entry, as `journalctl -o export`.
    Export,
}

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Equal seeds give equal logs.
    pub seed: u64,
    /// Lines of cluster programs in a hundred.
    pub density: f64,
    /// How lines are written.
    pub form: Form,
}

/// Writes lines without end.
pub struct Logs {
    settings: Settings,
    dice: Dice,
    /// Microseconds since the epoch.
    now: u64,
    lines: u64,
    cluster_lines: u64,
    ring: u64,
    message: Vec<u8>,
}

/// The host that writes, and that its lines name.
pub const HOST: &str = "quince";
/// 2026-01-05T00:00:00Z.
const START: u64 = 1_767_571_200_000_000;
/// Days before each month of 2026.
const MONTHS: [(&str, u64); 12] = [
    ("Jan", 0),
    ("Feb", 31),
    ("Mar", 59),
    ("Apr", 90),
    ("May", 120),
    ("Jun", 151),
    ("Jul", 181),
    ("Aug", 212),
    ("Sep", 243),
    ("Oct", 273),
    ("Nov", 304),
    ("Dec", 334),
];

/// Lines of other programs: `program[pid]` or `program`, a tab, and the message. `{n}` is any number, `{g}` a guest, `{h}` a
/// hexadecimal word, `{t}` a small fraction, `{p}` a pid.
#[rustfmt::skip]
const NOISE: &[&str] = &[
    "CRON[{p}]\tpam_unix(cron:session): session opened for user root(uid=0) by root(uid=0)",
    "CRON[{p}]\tpam_unix(cron:session): session closed for user root",
    "CRON[{p}]\t(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
    "CRON[{p}]\t(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)",
    "sshd[{p}]\tAccepted publickey for root from 192.0.2.{t} port {n} ssh2: RSA SHA256:{h}{h}{h}",
    "sshd[{p}]\tpam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)",
    "sshd[{p}]\tReceived disconnect from 192.0.2.{t} port {n}:11: disconnected by user",
    "sshd[{p}]\tpam_unix(sshd:session): session closed for user root",
    "sshd[{p}]\tInvalid user admin from 198.51.100.{t} port {n}",
    "sshd[{p}]\tConnection closed by invalid user admin 198.51.100.{t} port {n} [preauth]",
    "systemd[1]\tStarted session-{n}.scope - Session {n} of User root.",
    "systemd[1]\tsession-{n}.scope: Deactivated successfully.",
    "systemd[1]\tsession-{n}.scope: Consumed 1.{t}s CPU time.",
    "systemd[1]\tStarting apt-daily.service - Daily apt download activities...",
    "systemd[1]\tapt-daily.service: Deactivated successfully.",
    "systemd[1]\tFinished apt-daily.service - Daily apt download activities.",
    "systemd[1]\tStarting fstrim.service - Discard unused blocks on filesystems from /etc/fstab...",
    "systemd[1]\tuser-runtime-dir@0.service: Deactivated successfully.",
    "systemd-logind[774]\tNew session {n} of user root.",
    "systemd-logind[774]\tSession {n} logged out. Waiting for processes to exit.",
    "systemd-logind[774]\tRemoved session {n}.",
    "kernel\t[{n}.{p}] audit: type=1400 audit(1767571{t}.{t}:{n}): apparmor=\"DENIED\" operation=\"mount\" class=\"mount\" info=\"failed flags match\" error=-13 profile=\"lxc-{g}_</var/lib/lxc>\" name=\"/run/systemd/unit-root/\" pid={p} comm=\"(networkd)\" flags=\"rw, rslave\"",
    "kernel\t[{n}.{p}] fwbr{g}i0: port 2(tap{g}i0) entered blocking state",
    "kernel\t[{n}.{p}] fwbr{g}i0: port 2(tap{g}i0) entered forwarding state",
    "kernel\t[{n}.{p}] device tap{g}i0 entered promiscuous mode",
    "kernel\t[{n}.{p}] x86/split lock detection: #AC: CPU 0/KVM/{p} took a split_lock trap at address: 0x{h}",
    "kernel\t[{n}.{p}] usb 1-1.4: new low-speed USB device number {t} using xhci_hcd",
    "postfix/pickup[{p}]\t{h}: uid=0 from=<root>",
    "postfix/cleanup[{p}]\t{h}: message-id=<2026{n}.{h}@quince.example>",
    "postfix/qmgr[1331]\t{h}: from=<root@quince.example>, size={n}, nrcpt=1 (queue active)",
    "postfix/smtp[{p}]\t{h}: to=<ops@example.org>, relay=mx.example.org[203.0.113.7]:25, delay=0.{t}, delays=0.01/0/0.1/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {h})",
    "postfix/qmgr[1331]\t{h}: removed",
    "smartd[877]\tDevice: /dev/sda [SAT], SMART Usage Attribute: 194 Temperature_Celsius changed from 7{t} to 7{t}",
    "smartd[877]\tDevice: /dev/nvme0, SMART/Health value: 0x00, Temperature changed +{t} Celsius to 4{t}",
    "pvestatd[1610]\tauth key pair too old, rotating..",
    "pveproxy[{p}]\tworker exit",
    "pveproxy[1670]\tworker {p} finished",
    "pveproxy[1670]\tstarting 1 worker(s)",
    "pveproxy[1670]\tworker {p} started",
    "pveproxy[{p}]\tproxy detected vanished client connection",
    "pveproxy[{p}]\tClearing outdated entries from certificate cache",
    "pvedaemon[{p}]\t<root@pam> successful auth for user 'root@pam'",
    "pvedaemon[{p}]\t<root@pam> starting task UPID:quince:{h}:{h}:{h}:vncproxy:{g}:root@pam:",
    "pvedaemon[{p}]\t<root@pam> end task UPID:quince:{h}:{h}:{h}:vncproxy:{g}:root@pam: OK",
    "pvedaemon[{p}]\tstarting vnc proxy UPID:quince:{h}:{h}:{h}:vncproxy:{g}:root@pam:",
    "qm[{p}]\t<root@pam> update VM {g}: -description {h}",
    "QEMU[{p}]\tkvm: warning: TSC frequency mismatch between VM ({n} kHz) and host ({n} kHz), and TSC scaling unavailable",
    "rrdcached[901]\tflushing old values",
    "rrdcached[901]\trotating journals",
    "zed[{p}]\teid={n} class=history_event pool='rpool'",
    "snmpd[812]\tConnection from UDP: [192.0.2.9]:{n}->[192.0.2.3]:161",
    "dbus-daemon[760]\t[system] Successfully activated service 'org.freedesktop.timedate1'",
];

/// Lines that a host writes a few hundred times a day and not every minute: its backups, a busy round of pvestatd.
#[rustfmt::skip]
const SELDOM: &[&str] = &[
    "pvestatd[1610]\tstatus update time (5.{t} seconds)",
    "pvestatd[1610]\tVM {g} qmp command failed - VM {g} qmp command 'query-proxmox-support' failed - got timeout",
    "pvescheduler[{p}]\t<root@pam> starting task UPID:quince:{h}:{h}:{h}:vzdump::root@pam:",
    "pvescheduler[{p}]\tINFO: starting new backup job: vzdump --all 1 --mode snapshot --storage backup --quiet 1",
    "pvescheduler[{p}]\tINFO: Starting Backup of VM {g} (qemu)",
    "pvescheduler[{p}]\tINFO: Finished Backup of VM {g} (00:0{t}:12)",
];

/// Of so many lines of other programs one is one of these.
const SELDOM_IN: u64 = 200;

/// Ordinary days of the cluster programs.
#[rustfmt::skip]
const ORDINARY: &[&str] = &[
    "pmxcfs[1391]\t[status] notice: received log",
    "pmxcfs[1391]\t[status] notice: received log",
    "pmxcfs[1391]\t[status] notice: received log",
    "pmxcfs[1391]\t[dcdb] notice: data verification successful",
    "pve-ha-lrm[{p}]\tstarting service vm:{g}",
    "pve-ha-lrm[{p}]\tservice status vm:{g} started",
    "pve-ha-lrm[{p}]\tTask 'UPID:quince:{h}:{h}:{h}:qmigrate:{g}:root@pam:' still active, waiting",
    "pve-ha-crm[1688]\tgot crm command: migrate vm:{g} damson",
    "corosync[1423]\t  [KNET  ] pmtud: Global data MTU changed to: 1397",
];

/// A link goes and comes; nothing else notices.
const FLAP: &str = "\
0.0 corosync[1423]\t  [KNET  ] link: host: {a} link: 1 is down
0.0001 corosync[1423]\t  [KNET  ] host: host: {a} (passive) best link: 0 (pri: 1)
4.2 corosync[1423]\t  [KNET  ] rx: host: {a} link: 1 is up
0.0001 corosync[1423]\t  [KNET  ] link: Resetting MTU for link 1 because host {a} joined
0.0001 corosync[1423]\t  [KNET  ] host: host: {a} (passive) best link: 0 (pri: 1)
0.3 corosync[1423]\t  [KNET  ] pmtud: Global data MTU changed to: 1397";

/// Packets are lost, but not enough of them to lose a node.
const RETRANSMITS: &str = "\
0.0 corosync[1423]\t  [TOTEM ] Retransmit List: {h} {h} {h}
0.03 corosync[1423]\t  [TOTEM ] Retransmit List: {h} {h}
0.02 corosync[1423]\t  [TOTEM ] Retransmit List: {h}
0.5 corosync[1423]\t  [TOTEM ] Token has not been received in 2737 ms
0.4 pmxcfs[1391]\t[status] notice: cpg_send_message retry 10
0.1 pmxcfs[1391]\t[status] notice: cpg_send_message retried 12 times
0.1 corosync[1423]\t  [TOTEM ] Retransmit List: {h} {h} {h} {h}";

/// A peer dies and is fenced; this node keeps its quorum.
const PEER_DIES: &str = "\
0.0 corosync[1423]\t  [KNET  ] link: host: {a} link: 0 is down
0.0001 corosync[1423]\t  [KNET  ] link: host: {a} link: 1 is down
0.0001 corosync[1423]\t  [KNET  ] host: host: {a} (passive) best link: 0 (pri: 1)
0.0001 corosync[1423]\t  [KNET  ] host: host: {a} has no active links
1.9 corosync[1423]\t  [TOTEM ] Token has not been received in 3712 ms
1.2 corosync[1423]\t  [TOTEM ] A processor failed, forming new configuration: token timed out (4950ms), waiting 5940ms for consensus.
5.9 corosync[1423]\t  [QUORUM] Sync members[4]: {others}
0.0001 corosync[1423]\t  [QUORUM] Sync left[1]: {a}
0.0001 corosync[1423]\t  [TOTEM ] A new membership (1.{ring}) was formed. Members left: {a}
0.0001 corosync[1423]\t  [TOTEM ] Failed to receive the leave message. failed: {a}
0.01 pmxcfs[1391]\t[dcdb] notice: members: 1/1377, 2/1391, 3/1402, 4/1388
0.0001 pmxcfs[1391]\t[dcdb] notice: starting data syncronisation
0.01 corosync[1423]\t  [QUORUM] Members[4]: {others}
0.0001 corosync[1423]\t  [MAIN  ] Completed service synchronization, ready to provide service.
0.01 pmxcfs[1391]\t[status] notice: members: 1/1377, 2/1391, 3/1402, 4/1388
0.0001 pmxcfs[1391]\t[status] notice: starting data syncronisation
0.02 pmxcfs[1391]\t[dcdb] notice: received sync request (epoch 1/1377/000000{t})
0.0001 pmxcfs[1391]\t[status] notice: received sync request (epoch 1/1377/000000{t})
0.01 pmxcfs[1391]\t[dcdb] notice: received all states
0.0001 pmxcfs[1391]\t[dcdb] notice: leader is 1/1377
0.0001 pmxcfs[1391]\t[dcdb] notice: synced members: 1/1377, 2/1391, 3/1402, 4/1388
0.0001 pmxcfs[1391]\t[dcdb] notice: all data is up to date
0.0001 pmxcfs[1391]\t[status] notice: received all states
0.0001 pmxcfs[1391]\t[status] notice: all data is up to date
6.0 pve-ha-crm[1688]\tnode 'damson': state changed from 'online' => 'unknown'
60.0 pve-ha-crm[1688]\tservice 'vm:{g}': state changed from 'started' to 'fence'
0.01 pve-ha-crm[1688]\tnode 'damson': state changed from 'unknown' => 'fence'
50.0 pve-ha-crm[1688]\tsuccessfully acquired lock 'ha_agent_damson_lock'
0.01 pve-ha-crm[1688]\tfencing: acknowledged - got agent lock for node 'damson'
0.01 pve-ha-crm[1688]\tnode 'damson': state changed from 'fence' => 'unknown'
0.02 pve-ha-crm[1688]\tservice 'vm:{g}': state changed from 'fence' to 'recovery'
0.01 pve-ha-crm[1688]\trecover service 'vm:{g}' from fenced node 'damson' to node 'quince'
0.01 pve-ha-crm[1688]\tservice 'vm:{g}': state changed from 'recovery' to 'started'  (node = quince)
10.0 pve-ha-lrm[{p}]\tstarting service vm:{g}
3.0 pve-ha-lrm[{p}]\tservice status vm:{g} started
90.0 corosync[1423]\t  [KNET  ] rx: host: {a} link: 0 is up
0.0001 corosync[1423]\t  [KNET  ] link: Resetting MTU for link 0 because host {a} joined
0.0001 corosync[1423]\t  [KNET  ] host: host: {a} (passive) best link: 0 (pri: 1)
0.2 corosync[1423]\t  [KNET  ] rx: host: {a} link: 1 is up
0.5 corosync[1423]\t  [QUORUM] Sync members[5]: 1 2 3 4 5
0.0001 corosync[1423]\t  [QUORUM] Sync joined[1]: {a}
0.0001 corosync[1423]\t  [TOTEM ] A new membership (1.{next}) was formed. Members joined: {a}
0.01 corosync[1423]\t  [QUORUM] Members[5]: 1 2 3 4 5
0.0001 corosync[1423]\t  [MAIN  ] Completed service synchronization, ready to provide service.
4.0 pmxcfs[1391]\t[dcdb] notice: members: 1/1377, 2/1391, 3/1402, 4/1388, 5/1399
0.0001 pmxcfs[1391]\t[dcdb] notice: starting data syncronisation
0.02 pmxcfs[1391]\t[dcdb] notice: received sync request (epoch 1/1377/000000{t})
0.01 pmxcfs[1391]\t[dcdb] notice: received all states
0.0001 pmxcfs[1391]\t[dcdb] notice: all data is up to date
6.0 pve-ha-crm[1688]\tnode 'damson': state changed from 'unknown' => 'online'";

/// This node loses the others, its quorum and its HA lock, and comes back before it is fenced.
const ISOLATED: &str = "\
0.0 kernel\t[{n}.{p}] igb 0000:05:00.0 eno1: igb: eno1 NIC Link is Down
0.7 corosync[1423]\t  [KNET  ] link: host: 1 link: 0 is down
0.0001 corosync[1423]\t  [KNET  ] link: host: 3 link: 0 is down
0.0001 corosync[1423]\t  [KNET  ] link: host: 4 link: 0 is down
0.0001 corosync[1423]\t  [KNET  ] link: host: 5 link: 0 is down
0.0001 corosync[1423]\t  [KNET  ] host: host: 1 (passive) best link: 0 (pri: 1)
0.0001 corosync[1423]\t  [KNET  ] host: host: 1 has no active links
2.1 corosync[1423]\t  [TOTEM ] Token has not been received in 3712 ms
1.2 corosync[1423]\t  [TOTEM ] A processor failed, forming new configuration: token timed out (4950ms), waiting 5940ms for consensus.
5.9 corosync[1423]\t  [QUORUM] Sync members[1]: 2
0.0001 corosync[1423]\t  [QUORUM] Sync left[4]: 1 3 4 5
0.0001 corosync[1423]\t  [TOTEM ] A new membership (2.{ring}) was formed. Members left: 1 3 4 5
0.0001 corosync[1423]\t  [TOTEM ] Failed to receive the leave message. failed: 1 3 4 5
0.01 pmxcfs[1391]\t[dcdb] notice: members: 2/1391
0.0001 pmxcfs[1391]\t[status] notice: members: 2/1391
0.01 corosync[1423]\t  [QUORUM] This node is within the non-primary component and will NOT provide any services.
0.0001 corosync[1423]\t  [QUORUM] Members[1]: 2
0.0001 corosync[1423]\t  [MAIN  ] Completed service synchronization, ready to provide service.
0.0001 pmxcfs[1391]\t[status] notice: node lost quorum
0.01 pmxcfs[1391]\t[dcdb] crit: received write while not quorate - trigger resync
0.0001 pmxcfs[1391]\t[dcdb] crit: leaving CPG group
0.2 pve-ha-lrm[1702]\tunable to write lrm status file - unable to open file '/etc/pve/nodes/quince/lrm_status.tmp.1702' - Permission denied
0.3 pmxcfs[1391]\t[dcdb] notice: start cluster connection
0.0001 pmxcfs[1391]\t[dcdb] crit: cpg_join failed: 14
0.0001 pmxcfs[1391]\t[dcdb] crit: can't initialize service
4.9 pve-ha-lrm[1702]\tlost lock 'ha_agent_quince_lock - cfs lock update failed - Permission denied
1.0 pvescheduler[{p}]\tjobs: cfs-lock 'file-jobs_cfg' error: no quorum!
4.0 pve-ha-lrm[1702]\tstatus change active => lost_agent_lock
9.0 kernel\t[{n}.{p}] igb 0000:05:00.0 eno1: igb: eno1 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX/TX
1.5 corosync[1423]\t  [KNET  ] rx: host: 1 link: 0 is up
0.0001 corosync[1423]\t  [KNET  ] rx: host: 3 link: 0 is up
0.0001 corosync[1423]\t  [KNET  ] rx: host: 4 link: 0 is up
0.0001 corosync[1423]\t  [KNET  ] rx: host: 5 link: 0 is up
0.4 corosync[1423]\t  [QUORUM] Sync members[5]: 1 2 3 4 5
0.0001 corosync[1423]\t  [QUORUM] Sync joined[4]: 1 3 4 5
0.0001 corosync[1423]\t  [TOTEM ] A new membership (1.{next}) was formed. Members joined: 1 3 4 5
0.01 corosync[1423]\t  [QUORUM] This node is within the primary component and will provide service.
0.0001 corosync[1423]\t  [QUORUM] Members[5]: 1 2 3 4 5
0.0001 corosync[1423]\t  [MAIN  ] Completed service synchronization, ready to provide service.
0.01 pmxcfs[1391]\t[status] notice: node has quorum
0.01 pmxcfs[1391]\t[status] notice: members: 1/1377, 2/1391, 3/1402, 4/1388, 5/1399
0.0001 pmxcfs[1391]\t[status] notice: starting data syncronisation
0.02 pmxcfs[1391]\t[status] notice: received sync request (epoch 1/1377/000000{t})
0.01 pmxcfs[1391]\t[status] notice: received all states
0.0001 pmxcfs[1391]\t[status] notice: all data is up to date
1.2 pmxcfs[1391]\t[dcdb] notice: start cluster connection
0.0001 pmxcfs[1391]\t[dcdb] notice: members: 1/1377, 2/1391, 3/1402, 4/1388, 5/1399
0.0001 pmxcfs[1391]\t[dcdb] notice: starting data syncronisation
0.01 pmxcfs[1391]\t[dcdb] notice: received sync request (epoch 1/1377/000000{t})
0.01 pmxcfs[1391]\t[dcdb] notice: received all states
0.0001 pmxcfs[1391]\t[dcdb] notice: leader is 1/1377
0.0001 pmxcfs[1391]\t[dcdb] notice: synced members: 1/1377, 3/1402, 4/1388, 5/1399
0.0001 pmxcfs[1391]\t[dcdb] notice: all data is up to date
4.0 pve-ha-lrm[1702]\tsuccessfully acquired lock 'ha_agent_quince_lock'
0.0001 pve-ha-lrm[1702]\tstatus change lost_agent_lock => active";

/// Incidents, the small ones more often.
const INCIDENTS: [&str; 8] = [
    FLAP,
    FLAP,
    FLAP,
    RETRANSMITS,
    RETRANSMITS,
    RETRANSMITS,
    PEER_DIES,
    ISOLATED,
];

/// How many ordinary cluster lines there are to one incident.
const ORDINARY_TO_ONE: u64 = 100;

impl Logs {
    /// Begins a log.
    pub fn new(settings: Settings) -> Logs {
        Logs {
            settings,
            dice: Dice(settings.seed),
            now: START,
            lines: 0,
            cluster_lines: 0,
            ring: 0x2f1,
            message: Vec::new(),
        }
    }

    /// Appends a line, or the lines of an incident.
    pub fn write(&mut self, out: &mut Vec<u8>) {
        let wanted = self.lines as f64 * self.settings.density / 100.0;
        if (self.cluster_lines as f64) < wanted || self.settings.density >= 100.0 {
            if self.dice.roll(ORDINARY_TO_ONE) == 0 {
                self.incident(out);
            } else {
                let gap = self.dice.roll(1_000_000);
                let line = self.dice.pick(ORDINARY);
                self.line(gap, line, out);
            }
        } else {
            let gap = self.dice.roll(2_000_000);
            let seldom = self.dice.roll(SELDOM_IN) == 0;
            let line = self.dice.pick(if seldom { SELDOM } else { NOISE });
            self.line(gap, line, out);
        }
    }

    fn incident(&mut self, out: &mut Vec<u8>) {
        let script = self.dice.pick(&INCIDENTS);
        let rounds = match script {
            FLAP => 1 + self.dice.roll(6),
            RETRANSMITS => 5 + self.dice.roll(50),
            _ => 1,
        };
        let peer = [1, 3, 4, 5][self.dice.roll(4) as usize];
        let others: Vec<String> = (1..=5)
            .filter(|n| *n != peer)
            .map(|n| n.to_string())
            .collect();
        let script = script
            .replace("{a}", &peer.to_string())
            .replace("{others}", &others.join(" "))
            .replace("{ring}", &format!("{:x}", self.ring))
            .replace("{next}", &format!("{:x}", self.ring + 4))
            .replace("{g}", &(100 + self.dice.roll(40)).to_string());
        self.ring += 8;
        for _ in 0..rounds {
            for line in script.lines() {
                let (gap, line) = line.split_once(' ').unwrap_or(("0", line));
                let seconds: f64 = gap.parse().unwrap_or(0.0);
                self.line((seconds * 1e6) as u64, line, out);
            }
        }
    }

    /// Appends one line, `gap` microseconds after the one before.
    fn line(&mut self, gap: u64, line: &str, out: &mut Vec<u8>) {
        self.now += gap + 1;
        self.lines += 1;
        let cluster = ["corosync", "pmxcfs[", "pve-ha-"];
        self.cluster_lines += u64::from(cluster.iter().any(|name| line.starts_with(name)));
        let mut filled = std::mem::take(&mut self.message);
        filled.clear();
        self.fill(line, &mut filled);
        let tab = filled.iter().position(|b| *b == b'\t').unwrap_or(0);
        let (tag, message) = (&filled[..tab], &filled[tab + 1..]);
        match self.settings.form {
            Form::Classic | Form::Iso => {
                self.stamp(out);
                out.extend_from_slice(HOST.as_bytes());
                out.push(b' ');
                out.extend_from_slice(tag);
                out.extend_from_slice(b": ");
                out.extend_from_slice(message);
                out.push(b'\n');
            }
            Form::Json => self.object(tag, message, out),
            Form::Export => self.entry(tag, message, out),
        }
        self.message = filled;
    }

    fn stamp(&self, out: &mut Vec<u8>) {
        let seconds = self.now / 1_000_000;
        let day = seconds / 86_400 - 20_454;
        let [hour, minute, second] = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60];
        let day = day % 365;
        let month = MONTHS
            .iter()
            .rposition(|(_, before)| *before <= day)
            .unwrap_or(0);
        let (name, before) = MONTHS[month];
        let day = day - before + 1;
        let written = match self.settings.form {
            Form::Classic => write!(out, "{name} {day:2} {hour:02}:{minute:02}:{second:02} "),
            Form::Iso | Form::Json | Form::Export => write!(
                out,
                "2026-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}+00:00 ",
                month + 1,
                self.now % 1_000_000
            ),
        };
        written.expect("memory takes everything");
    }

    fn object(&mut self, tag: &[u8], message: &[u8], out: &mut Vec<u8>) {
        let tag = String::from_utf8_lossy(tag);
        let (program, pid) = match tag.split_once('[') {
            Some((program, pid)) => (program, pid.trim_end_matches(']')),
            None => (&*tag, "0"),
        };
        let message = String::from_utf8_lossy(message)
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        let (now, cursor) = (self.now, self.dice.next());
        let written = writeln!(
            out,
            "{{\"__CURSOR\":\"s=6f2b0c;i={cursor:x};b=5f0e;m={now:x};t={now:x};x={cursor:x}\",\"__REALTIME_TIMESTAMP\":\"{now}\",\"__MONOTONIC_TIMESTAMP\":\"{}\",\"_BOOT_ID\":\"5f0e6cc0a1b94d5e8c7d6b5a49382716\",\"_MACHINE_ID\":\"0c1d2e3f405162738495a6b7c8d9eaf0\",\"_HOSTNAME\":\"{HOST}\",\"PRIORITY\":\"6\",\"SYSLOG_FACILITY\":\"3\",\"SYSLOG_IDENTIFIER\":\"{program}\",\"_TRANSPORT\":\"syslog\",\"_PID\":\"{pid}\",\"_UID\":\"0\",\"_GID\":\"0\",\"_COMM\":\"{program}\",\"_EXE\":\"/usr/sbin/{program}\",\"_CMDLINE\":\"/usr/sbin/{program} -f\",\"_SYSTEMD_CGROUP\":\"/system.slice/{program}.service\",\"_SYSTEMD_UNIT\":\"{program}.service\",\"_SYSTEMD_SLICE\":\"system.slice\",\"_SOURCE_REALTIME_TIMESTAMP\":\"{now}\",\"MESSAGE\":\"{message}\"}}",
            now - START + 20_000_000,
        );
        written.expect("memory takes everything");
    }

    fn entry(&mut self, tag: &[u8], message: &[u8], out: &mut Vec<u8>) {
        let tag = String::from_utf8_lossy(tag);
        let (program, pid) = match tag.split_once('[') {
            Some((program, pid)) => (program, pid.trim_end_matches(']')),
            None => (&*tag, "0"),
        };
        let (now, cursor) = (self.now, self.dice.next());
        let monotonic = now - START + 20_000_000;
        let written = writeln!(
            out,
            "__CURSOR=s=6f2b0c;i={cursor:x};b=5f0e;m={now:x};t={now:x};x={cursor:x}\n__REALTIME_TIMESTAMP={now}\n__MONOTONIC_TIMESTAMP={monotonic}\n_BOOT_ID=5f0e6cc0a1b94d5e8c7d6b5a49382716\n_MACHINE_ID=0c1d2e3f405162738495a6b7c8d9eaf0\n_HOSTNAME={HOST}\nPRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER={program}\n_TRANSPORT=syslog\n_PID={pid}\n_UID=0\n_GID=0\n_COMM={program}\n_EXE=/usr/sbin/{program}\n_SYSTEMD_UNIT={program}.service\n_SOURCE_REALTIME_TIMESTAMP={now}\nMESSAGE={}\n",
            String::from_utf8_lossy(message),
        );
        written.expect("memory takes everything");
    }

    /// Puts words in the places of a line.
    fn fill(&mut self, line: &str, out: &mut Vec<u8>) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            out.extend_from_slice(before.as_bytes());
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            let written = match name {
                "n" => write!(out, "{}", 1_000 + self.dice.roll(60_000)),
                "p" => write!(out, "{}", 2_000 + self.dice.roll(4_000_000)),
                "g" => write!(out, "{}", 100 + self.dice.roll(40)),
                "h" => write!(out, "{:08X}", self.dice.next() as u32),
                "t" => write!(out, "{}", 10 + self.dice.roll(90)),
                other => write!(out, "{{{other}}}"),
            };
            written.expect("memory takes everything");
            rest = after;
        }
        out.extend_from_slice(rest.as_bytes());
    }
}

/// A log of about `bytes` bytes, ended at a line.
#[allow(
    dead_code,
    reason = "the benchmark uses it, the program that only writes lines does not"
)]
pub fn log(bytes: usize, settings: Settings) -> Vec<u8> {
    let mut logs = Logs::new(settings);
    let mut out = Vec::with_capacity(bytes + 8_192);
    while out.len() < bytes {
        logs.write(&mut out);
    }
    out
}

/// Numbers that the seed decides (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.next() % below
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len() as u64) as usize]
    }
}
