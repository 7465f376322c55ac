//! A scripted cluster: it writes the logs of a story that is known, and the analysis must tell that story.
//! In: seeds. Out: nothing but files in the test's own temporary directory.
//! Never: copies a line of somebody's log; asks the analysis what happened before it has written what did.

use fencepost::analyzer::vocabulary;
use fencepost::model::Timestamp;
use fencepost::pattern::{Pattern, builtin::builtin};
use fencepost::run::{Plan, ReadOptions, analyze};
use serde_json::Value;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SEEDS: u64 = 3_000;
/// 2026-03-03T00:00:00Z.
const START: i64 = 1_772_496_000;
const NAMES: [&str; 7] = [
    "amsel", "buchfink", "drossel", "elster", "fitis", "girlitz", "habicht",
];

/// Marsaglia's xorshift64.
struct Random(Cell<u64>);

impl Random {
    fn next(&self) -> u64 {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        state
    }

    fn below(&self, end: u64) -> u64 {
        self.next() % end
    }

    fn between(&self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.below(1_000_000) as f64 / 1e6)
    }
}

/// What is done to the cluster. One thing at a time, and all is well again before the next.
#[derive(Clone, Debug)]
enum Fault {
    /// The link of a node drops for a moment, too short for a token to be late.
    Flap { node: usize },
    /// A node is cut off and comes back; its LRM is idle.
    Isolated { node: usize, for_s: f64 },
    /// The cluster is in two parts for a while.
    Split { first: usize, for_s: f64 },
    /// A node stops without a word and boots.
    Crash { node: usize },
    /// A node is rebooted as it should be.
    Reboot { node: usize },
    /// A node is cut off with its watchdog armed until that resets it. `told`: watchdog-mux's line reached the disk.
    Fence { node: usize, told: bool },
    /// Two nodes are cut off at once, each alone, with their watchdogs armed.
    FenceTwo { nodes: [usize; 2] },
    /// A node is cut off with its watchdog armed, and is back in time.
    NearMiss { node: usize, for_s: f64 },
}

/// What really happened.
#[derive(Debug, Default)]
struct Truth {
    /// Node, and the second it lost quorum.
    lost_quorum: Vec<(String, f64)>,
    /// Nodes that fenced themselves.
    fenced: Vec<String>,
    /// Nodes that lost their agent lock and lived.
    near: Vec<String>,
    /// Boots of every node, in order.
    boots: BTreeMap<String, Vec<&'static str>>,
    /// How often the cluster was in parts.
    parts: usize,
    /// Guests that HA moved: from where, to where, and the seconds at which it was down and up.
    outages: Vec<(&'static str, String, String, f64, f64)>,
}

#[derive(Debug)]
struct Node {
    name: &'static str,
    view: BTreeSet<usize>,
    corosync: u32,
    pmxcfs: u32,
    epoch: u32,
    sequence: u64,
    boots: u32,
    lines: Vec<(f64, usize, String, String)>,
    /// By how much its clock is ahead, and what it gains in a second.
    clock: (f64, f64),
    /// Rings that it formed with others.
    rings: usize,
}

struct World {
    random: Random,
    nodes: Vec<Node>,
    sequence: u64,
    lines: usize,
    /// Where guests run, once HA moved them.
    guests: BTreeMap<&'static str, usize>,
    truth: Truth,
}

fn list(ids: impl IntoIterator<Item = usize>) -> String {
    ids.into_iter()
        .map(|id| (id + 1).to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

impl World {
    fn new(seed: u64) -> World {
        let random = Random(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1));
        let count = 3 + random.below(5) as usize;
        let nodes = (0..count)
            .map(|id| Node {
                name: NAMES[id],
                view: (0..count).collect(),
                corosync: 1200 + random.below(90) as u32,
                pmxcfs: 1000 + random.below(90) as u32,
                epoch: 7 + random.below(30) as u32,
                sequence: 400,
                boots: 0,
                lines: Vec::new(),
                clock: (0.0, 0.0),
                rings: 0,
            })
            .collect();
        let mut nodes: Vec<Node> = nodes;
        // In every second world fewer than half of the clocks are wrong, some by the hours of another zone.
        if seed.is_multiple_of(2) {
            for node in nodes.iter_mut().take((count - 1) / 2) {
                node.clock.0 = match random.below(4) {
                    0 => -3600.0 * (1 + random.below(9)) as f64,
                    1 => random.between(-90.0, -3.0),
                    _ => random.between(3.0, 90.0),
                };
                if random.below(3) == 0 {
                    node.clock.1 = random.between(-40e-6, 40e-6);
                }
            }
        }
        World {
            random,
            nodes,
            sequence: 400,
            lines: 0,
            guests: BTreeMap::new(),
            truth: Truth::default(),
        }
    }

    fn count(&self) -> usize {
        self.nodes.len()
    }

    fn needed(&self) -> usize {
        self.count() / 2 + 1
    }

    /// The effective token timeout, in seconds.
    fn token(&self) -> f64 {
        3.0 + 0.65 * (self.count() as f64 - 2.0)
    }

    fn all(&self) -> BTreeSet<usize> {
        (0..self.count()).collect()
    }

    fn log(&mut self, node: usize, at: f64, tag: &str, text: impl Into<String>) {
        self.lines += 1;
        let order = self.lines;
        self.nodes[node]
            .lines
            .push((at, order, tag.to_owned(), text.into()));
    }

    fn corosync(&mut self, node: usize, at: f64, text: impl AsRef<str>) {
        let tag = format!("corosync[{}]", self.nodes[node].corosync);
        self.log(node, at, &tag, format!("  {}", text.as_ref()));
    }

    fn pmxcfs(&mut self, node: usize, at: f64, text: impl AsRef<str>) {
        let tag = format!("pmxcfs[{}]", self.nodes[node].pmxcfs);
        self.log(node, at, &tag, text.as_ref());
    }

    fn ha(&mut self, node: usize, at: f64, daemon: &str, texts: &[&str]) {
        let pid = if daemon == "pve-ha-lrm" { 1390 } else { 1380 };
        for text in texts {
            self.log(node, at, &format!("{daemon}[{pid}]"), *text);
        }
    }

    fn links(&mut self, node: usize, at: f64, peers: impl IntoIterator<Item = usize>, up: bool) {
        for peer in peers {
            let peer = peer + 1;
            if up {
                self.corosync(node, at, format!("[KNET  ] rx: host: {peer} link: 0 is up"));
            } else {
                self.corosync(
                    node,
                    at,
                    format!("[KNET  ] link: host: {peer} link: 0 is down"),
                );
            }
            let best = format!("[KNET  ] host: host: {peer} (passive) best link: 0 (pri: 1)");
            self.corosync(node, at, best);
            if !up {
                let none = format!("[KNET  ] host: host: {peer} has no active links");
                self.corosync(node, at, none);
            }
        }
    }

    /// A node's lines about a new ring; tells whether quorum changed and to what.
    fn formed(
        &mut self,
        node: usize,
        at: f64,
        members: &BTreeSet<usize>,
        sequence: u64,
        clean: bool,
    ) {
        let before = std::mem::replace(&mut self.nodes[node].view, members.clone());
        self.nodes[node].sequence = sequence;
        let joined = list(members.difference(&before).copied());
        let left = list(before.difference(members).copied());
        let all = list(members.iter().copied());
        let size = members.len();
        self.corosync(node, at, format!("[QUORUM] Sync members[{size}]: {all}"));
        let mut moved = String::new();
        for (word, who) in [("joined", &joined), ("left", &left)] {
            if !who.is_empty() {
                let many = who.split(' ').count();
                self.corosync(node, at, format!("[QUORUM] Sync {word}[{many}]: {who}"));
                let _ = write!(moved, " {word}: {who}");
            }
        }
        let lowest = members.first().map_or(1, |id| id + 1);
        let ring = format!(
            "[TOTEM ] A new membership ({lowest:x}.{sequence:x}) was formed. Members{moved}"
        );
        self.corosync(node, at, ring);
        self.nodes[node].rings += usize::from(size > 1);
        if !left.is_empty() && !clean {
            let failed = format!("[TOTEM ] Failed to receive the leave message. failed: {left}");
            self.corosync(node, at, failed);
        }
        let (had, has) = (before.len() >= self.needed(), size >= self.needed());
        if had != has {
            let line = if has {
                "[QUORUM] This node is within the primary component and will provide service."
            } else {
                "[QUORUM] This node is within the non-primary component and will NOT provide any services."
            };
            self.corosync(node, at, line);
        }
        self.corosync(node, at, format!("[QUORUM] Members[{size}]: {all}"));
        self.corosync(
            node,
            at,
            "[MAIN  ] Completed service synchronization, ready to provide service.",
        );
        if had != has {
            let line = if has {
                "node has quorum"
            } else {
                "node lost quorum"
            };
            self.pmxcfs(node, at + 0.01, format!("[status] notice: {line}"));
            if !has {
                let name = self.nodes[node].name.to_owned();
                self.truth.lost_quorum.push((name, at));
            }
        }
    }

    /// The cluster file system of these nodes finds itself anew.
    fn sync(&mut self, at: f64, members: &BTreeSet<usize>) {
        let listed: Vec<String> = members
            .iter()
            .map(|id| format!("{}/{}", id + 1, self.nodes[*id].pmxcfs))
            .collect();
        let listed = listed.join(", ");
        for id in members {
            self.nodes[*id].epoch += 1;
        }
        let lowest = *members.first().expect("a member");
        let epoch = format!(
            "{}/{}/{:08X}",
            lowest + 1,
            self.nodes[lowest].pmxcfs,
            self.nodes[lowest].epoch
        );
        for id in members.iter().copied() {
            for group in ["dcdb", "status"] {
                self.pmxcfs(id, at, format!("[{group}] notice: members: {listed}"));
                if members.len() > 1 {
                    self.pmxcfs(
                        id,
                        at,
                        format!("[{group}] notice: starting data syncronisation"),
                    );
                }
            }
            if members.len() > 1 {
                for group in ["dcdb", "status"] {
                    let request =
                        format!("[{group}] notice: received sync request (epoch {epoch})");
                    self.pmxcfs(id, at + 0.05, request);
                }
                for group in ["dcdb", "status"] {
                    self.pmxcfs(
                        id,
                        at + 0.1,
                        format!("[{group}] notice: received all states"),
                    );
                    self.pmxcfs(
                        id,
                        at + 0.1,
                        format!("[{group}] notice: all data is up to date"),
                    );
                }
            }
        }
    }

    /// From `at` on no packet passes between the parts; a node in none of them is dead. The time of the new rings.
    fn part(&mut self, at: f64, parts: &[BTreeSet<usize>]) -> f64 {
        let token = self.token();
        let rings = at + 2.2 * token + 0.04;
        self.sequence += 4;
        let sequence = self.sequence;
        for members in parts {
            for node in members.iter().copied() {
                let lost: Vec<usize> = self.nodes[node].view.difference(members).copied().collect();
                if lost.is_empty() {
                    continue;
                }
                let down = at + token / 2.0 + self.random.between(0.0, token / 5.0);
                self.links(node, down, lost, false);
                let ms = (token * 750.0) as u64 + self.random.below(3);
                let late = format!("[TOTEM ] Token has not been received in {ms} ms");
                self.corosync(node, at + token * 0.75, late);
                let (ms, consensus) = ((token * 1000.0) as u64, (token * 1200.0) as u64);
                let lost = format!(
                    "[TOTEM ] A processor failed, forming new configuration: token timed out ({ms}ms), waiting {consensus}ms for consensus."
                );
                self.corosync(node, at + token, lost);
            }
        }
        for members in parts {
            for node in members.iter().copied() {
                if self.nodes[node].view != *members {
                    self.formed(node, rings, members, sequence, false);
                }
            }
            self.sync(rings + 0.03, members);
        }
        rings
    }

    /// Packets pass again between all of `members`.
    fn join(&mut self, at: f64, members: &BTreeSet<usize>) -> f64 {
        let rings = at + self.random.between(2.0, 4.0);
        self.sequence = self
            .nodes
            .iter()
            .map(|node| node.sequence)
            .max()
            .map_or(self.sequence, |highest| highest.max(self.sequence))
            + 4;
        let sequence = self.sequence;
        for node in members.iter().copied() {
            let back: Vec<usize> = members
                .difference(&self.nodes[node].view)
                .copied()
                .collect();
            self.links(node, rings - 0.6, back, true);
        }
        for node in members.iter().copied() {
            self.formed(node, rings, members, sequence, true);
        }
        self.sync(rings + 0.03, members);
        rings
    }

    /// A boot, up to the moment at which the node is a member again.
    fn boot(&mut self, node: usize, at: f64, unclean: bool) -> f64 {
        let all = self.all();
        self.boot_into(node, at, unclean, &all)
    }

    /// The same, into a ring of these members.
    fn boot_into(&mut self, node: usize, at: f64, unclean: bool, members: &BTreeSet<usize>) -> f64 {
        let state = &mut self.nodes[node];
        state.boots += 1;
        state.corosync += 7;
        state.pmxcfs += 11;
        state.epoch = 0;
        state.sequence += 5;
        let sequence = state.sequence;
        let name = state.name;
        self.log(
            node,
            at,
            "kernel",
            "Linux version 6.8.12-9-pve (build@proxmox) #1 SMP PREEMPT_DYNAMIC PMX 6.8.12-9",
        );
        if unclean {
            self.log(
                node,
                at + 1.0,
                "kernel",
                "EXT4-fs (dm-1): recovery complete",
            );
            self.log(
                node,
                at + 1.5,
                "systemd-journald[412]",
                "File /var/log/journal/0123456789abcdef0123456789abcdef/system.journal corrupted or uncleanly shut down, renaming and replacing.",
            );
        }
        self.log(
            node,
            at + 4.0,
            "watchdog-mux[640]",
            "Watchdog driver 'Software Watchdog', version 0",
        );
        let address = format!(
            "[main] notice: resolved node name '{name}' to '10.7.0.{}' for default node IP address",
            node + 11
        );
        self.pmxcfs(node, at + 6.0, address);
        for (domain, call) in [
            ("quorum", "quorum"),
            ("confdb", "cmap"),
            ("dcdb", "cpg"),
            ("status", "cpg"),
        ] {
            self.pmxcfs(
                node,
                at + 6.1,
                format!("[{domain}] crit: {call}_initialize failed: 2"),
            );
            self.pmxcfs(
                node,
                at + 6.1,
                format!("[{domain}] crit: can't initialize service"),
            );
        }
        self.corosync(
            node,
            at + 8.0,
            "[MAIN  ] Corosync Cluster Engine 3.1.9 starting up",
        );
        self.nodes[node].view = BTreeSet::new();
        let alone = BTreeSet::from([node]);
        self.formed(node, at + 8.2, &alone, sequence, true);
        self.ha(
            node,
            at + 11.0,
            "pve-ha-crm",
            &[
                "starting server",
                "status change startup => wait_for_quorum",
            ],
        );
        self.ha(
            node,
            at + 12.0,
            "pve-ha-lrm",
            &[
                "starting server",
                "status change startup => wait_for_agent_lock",
            ],
        );
        let rings = self.join(at + 12.5, members);
        self.ha(
            node,
            rings + 5.0,
            "pve-ha-crm",
            &["status change wait_for_quorum => slave"],
        );
        let here = self.guests.iter().filter(|(_, on)| **on == node);
        let here: Vec<&str> = here.map(|(guest, _)| *guest).collect();
        for guest in here {
            let starting = format!("starting service {guest}");
            let started = format!("service status {guest} started");
            self.ha(node, rings + 6.0, "pve-ha-lrm", &[&starting, &started]);
        }
        rings
    }

    fn arm(&mut self, node: usize, at: f64) {
        let lock = format!(
            "successfully acquired lock 'ha_agent_{}_lock'",
            self.nodes[node].name
        );
        self.ha(
            node,
            at,
            "pve-ha-lrm",
            &[
                &lock,
                "watchdog active",
                "status change wait_for_agent_lock => active",
            ],
        );
    }

    fn lose_lock(&mut self, node: usize, at: f64) {
        let lost = format!(
            "lost lock 'ha_agent_{}_lock - cfs lock update failed - Permission denied",
            self.nodes[node].name
        );
        self.ha(node, at, "pve-ha-lrm", &[&lost]);
        self.ha(
            node,
            at + 4.6,
            "pve-ha-lrm",
            &["status change active => lost_agent_lock"],
        );
    }

    /// Lines that say nothing, so that a log has an end that is not the end of a story.
    fn work(&mut self, from: f64, to: f64, nodes: &BTreeSet<usize>) {
        for node in nodes.iter().copied() {
            let mut at = from + self.random.between(1.0, 40.0);
            while at < to {
                let quorate = self.nodes[node].view.len() >= self.needed();
                match self.random.below(3) {
                    0 => self.log(
                        node,
                        at,
                        "CRON[40112]",
                        "(root) CMD (cd / && run-parts --report /etc/cron.hourly)",
                    ),
                    1 if quorate => self.pmxcfs(node, at, "[status] notice: received log"),
                    _ => self.log(
                        node,
                        at,
                        "pvedaemon[1355]",
                        "<root@pam> successful auth for user 'root@pam'",
                    ),
                }
                at += self.random.between(20.0, 90.0);
            }
        }
    }

    fn boots(&mut self, node: usize, verdict: &'static str) {
        let name = self.nodes[node].name.to_owned();
        self.truth.boots.entry(name).or_default().push(verdict);
    }

    /// Does it at `at`, and returns when all is well again.
    fn suffer(&mut self, fault: &Fault, at: f64) -> f64 {
        let all = self.all();
        let without = |node: usize| -> BTreeSet<usize> {
            all.iter().copied().filter(|id| *id != node).collect()
        };
        match *fault {
            Fault::Flap { node } => {
                for id in all.clone() {
                    let peers = if id == node {
                        without(node)
                    } else {
                        BTreeSet::from([node])
                    };
                    let down = at + self.random.between(0.0, 0.1);
                    self.links(id, down, peers.clone(), false);
                    self.links(id, down + 1.1, peers, true);
                }
                at + 3.0
            }
            Fault::Isolated { node, for_s } => {
                self.part(at, &[without(node), BTreeSet::from([node])]);
                self.truth.parts += 1;
                self.work(at + 20.0, at + for_s, &all);
                self.join(at + for_s, &all)
            }
            Fault::Split { first, for_s } => {
                let (low, high) = all.iter().copied().partition(|id| *id < first);
                self.part(at, &[low, high]);
                self.truth.parts += 1;
                self.work(at + 20.0, at + for_s, &all);
                self.join(at + for_s, &all)
            }
            Fault::Crash { node } => {
                self.part(at, &[without(node)]);
                self.boots(node, "unclean");
                self.boot(node, at + self.random.between(90.0, 200.0), true)
            }
            Fault::Reboot { node } => {
                self.log(
                    node,
                    at,
                    "systemd-logind[702]",
                    "The system will reboot now!",
                );
                self.log(node, at, "systemd-logind[702]", "System is rebooting.");
                self.ha(
                    node,
                    at + 3.0,
                    "pve-ha-lrm",
                    &[
                        "received signal TERM",
                        "got shutdown request with shutdown policy 'conditional'",
                        "reboot LRM, stop and freeze all services",
                        "server stopped",
                    ],
                );
                self.ha(
                    node,
                    at + 5.0,
                    "pve-ha-crm",
                    &["server received shutdown request", "server stopped"],
                );
                for text in ["got terminate request", "clean exit"] {
                    self.log(node, at + 7.0, "watchdog-mux[640]", text);
                }
                for text in [
                    "[MAIN  ] Node was shut down by a signal",
                    "[SERV  ] Unloading all Corosync service engines.",
                    "[MAIN  ] Corosync Cluster Engine exiting normally",
                ] {
                    self.corosync(node, at + 9.0, text);
                }
                self.pmxcfs(node, at + 9.1, "[quorum] crit: quorum_dispatch failed: 2");
                self.pmxcfs(node, at + 9.1, "[status] notice: node lost quorum");
                self.sequence += 4;
                let (rest, sequence) = (without(node), self.sequence);
                for id in rest.iter().copied() {
                    let bye = format!("[CFG   ] Node {} was shut down by sysadmin", node + 1);
                    self.corosync(id, at + 9.0, bye);
                    self.formed(id, at + 9.05, &rest, sequence, true);
                    self.links(id, at + 10.5, [node], false);
                }
                self.sync(at + 9.1, &rest);
                self.pmxcfs(node, at + 11.0, "[main] notice: teardown filesystem");
                self.log(
                    node,
                    at + 13.0,
                    "systemd[1]",
                    "Reached target reboot.target - System Reboot.",
                );
                self.log(node, at + 13.5, "systemd-journald[412]", "Journal stopped");
                self.boots(node, "graceful");
                self.boot(node, at + self.random.between(80.0, 160.0), false)
            }
            Fault::Fence { node, told } => {
                self.arm(node, at - 300.0);
                let fed = at - self.random.between(0.5, 9.5);
                let rings = self.part(at, &[without(node), BTreeSet::from([node])]);
                self.truth.parts += 1;
                self.lose_lock(node, rings + self.random.between(0.3, 2.5));
                self.work(rings + 8.0, fed + 58.0, &BTreeSet::from([node]));
                if told {
                    self.log(
                        node,
                        fed + 61.0,
                        "watchdog-mux[640]",
                        "client watchdog expired - disable watchdog updates",
                    );
                } else {
                    self.log(
                        node,
                        fed + 60.0,
                        "pvedaemon[1355]",
                        "<root@pam> successful auth for user 'root@pam'",
                    );
                }
                let name = self.nodes[node].name;
                let master = usize::from(node == 0);
                let decided = at + self.random.between(55.0, 64.0);
                let acknowledged = fed + self.random.between(121.0, 140.0);
                let unknown = format!("node '{name}': state changed from 'online' => 'unknown'");
                self.ha(master, rings + 3.0, "pve-ha-crm", &[&unknown]);
                let fence = format!("node '{name}': state changed from 'unknown' => 'fence'");
                self.ha(
                    master,
                    decided,
                    "pve-ha-crm",
                    &[
                        "service 'vm:100': state changed from 'started' to 'fence'",
                        &fence,
                    ],
                );
                let target = self.nodes[master].name;
                self.ha(
                    master,
                    acknowledged,
                    "pve-ha-crm",
                    &[
                        &format!("successfully acquired lock 'ha_agent_{name}_lock'"),
                        &format!("fencing: acknowledged - got agent lock for node '{name}'"),
                        &format!("node '{name}': state changed from 'fence' => 'unknown'"),
                        "service 'vm:100': state changed from 'fence' to 'recovery'",
                        &format!("recover service 'vm:100' from fenced node '{name}' to node '{target}'"),
                        &format!("service 'vm:100': state changed from 'recovery' to 'started'  (node = {target})"),
                    ],
                );
                self.ha(
                    master,
                    acknowledged + 5.0,
                    "pve-ha-lrm",
                    &["starting service vm:100", "service status vm:100 started"],
                );
                self.truth.fenced.push(name.to_owned());
                // The watchdog runs out 60 to 70 s after it was fed last.
                let reset = fed + self.random.between(61.5, 70.0);
                let up = acknowledged + 5.0;
                let moved = ("vm:100", name.to_owned(), target.to_owned(), reset, up);
                self.truth.outages.push(moved);
                self.guests.insert("vm:100", master);
                self.boots(node, "fenced");
                let back = self.boot(node, fed + 71.0 + self.random.between(60.0, 200.0), true);
                let online = format!("node '{name}': state changed from 'unknown' => 'online'");
                self.ha(
                    master,
                    back.max(acknowledged) + 6.0,
                    "pve-ha-crm",
                    &[&online],
                );
                back.max(acknowledged) + 10.0
            }
            Fault::FenceTwo { nodes } => self.fence_two(nodes, at),
            Fault::NearMiss { node, for_s } => {
                self.arm(node, at - 300.0);
                let rings = self.part(at, &[without(node), BTreeSet::from([node])]);
                self.truth.parts += 1;
                self.lose_lock(node, rings + self.random.between(0.3, 2.5));
                let back = self.join(at + for_s, &all);
                let lock = format!(
                    "successfully acquired lock 'ha_agent_{}_lock'",
                    self.nodes[node].name
                );
                self.ha(
                    node,
                    back + 3.0,
                    "pve-ha-lrm",
                    &[&lock, "status change lost_agent_lock => active"],
                );
                self.truth.near.push(self.nodes[node].name.to_owned());
                self.ha(
                    node,
                    back + 610.0,
                    "pve-ha-lrm",
                    &[
                        "node had no service configured for 60 rounds, going idle.",
                        "watchdog closed (disabled)",
                        "status change active => wait_for_agent_lock",
                    ],
                );
                back + 620.0
            }
        }
    }

    /// Two nodes at once fence themselves; the guest of each comes back on the master.
    fn fence_two(&mut self, nodes: [usize; 2], at: f64) -> f64 {
        for node in nodes {
            self.arm(node, at - 300.0);
        }
        let all = self.all().into_iter();
        let rest: BTreeSet<usize> = all.filter(|n| !nodes.contains(n)).collect();
        let mut parts = vec![rest.clone()];
        parts.extend(nodes.map(|node| BTreeSet::from([node])));
        let rings = self.part(at, &parts);
        self.truth.parts += 1;
        let master = rest.first().copied().unwrap_or(0);
        let target = self.nodes[master].name;
        let mut resets = Vec::new();
        for (node, guest) in nodes.into_iter().zip(["vm:100", "vm:200"]) {
            let fed = at - self.random.between(0.5, 9.5);
            self.lose_lock(node, rings + self.random.between(0.3, 2.5));
            self.work(rings + 8.0, fed + 58.0, &BTreeSet::from([node]));
            let expired = "client watchdog expired - disable watchdog updates";
            self.log(node, fed + 61.0, "watchdog-mux[640]", expired);
            let name = self.nodes[node].name;
            let state = |from: &str, to: &str| {
                format!("node '{name}': state changed from '{from}' => '{to}'")
            };
            let unknown = state("online", "unknown");
            self.ha(master, rings + 3.0, "pve-ha-crm", &[&unknown]);
            let service = format!("service '{guest}': state changed from");
            let decided = at + self.random.between(55.0, 64.0);
            let lines = [
                format!("{service} 'started' to 'fence'"),
                state("unknown", "fence"),
            ];
            self.ha(
                master,
                decided,
                "pve-ha-crm",
                &lines.each_ref().map(String::as_str),
            );
            let acknowledged = fed + self.random.between(121.0, 140.0);
            let lines = [
                format!("successfully acquired lock 'ha_agent_{name}_lock'"),
                format!("fencing: acknowledged - got agent lock for node '{name}'"),
                state("fence", "unknown"),
                format!("{service} 'fence' to 'recovery'"),
                format!("recover service '{guest}' from fenced node '{name}' to node '{target}'"),
                format!("{service} 'recovery' to 'started'  (node = {target})"),
            ];
            self.ha(
                master,
                acknowledged,
                "pve-ha-crm",
                &lines.each_ref().map(String::as_str),
            );
            let lines = [
                format!("starting service {guest}"),
                format!("service status {guest} started"),
            ];
            self.ha(
                master,
                acknowledged + 5.0,
                "pve-ha-lrm",
                &lines.each_ref().map(String::as_str),
            );
            let reset = fed + self.random.between(61.5, 70.0);
            let up = acknowledged + 5.0;
            let moved = (guest, name.to_owned(), target.to_owned(), reset, up);
            self.truth.outages.push(moved);
            self.truth.fenced.push(name.to_owned());
            self.boots(node, "fenced");
            resets.push((node, fed + 71.0, acknowledged));
        }
        // Neither has a guest to start when it is back: both run on the master now.
        self.guests = BTreeMap::from([("vm:100", master), ("vm:200", master)]);
        let mut members = rest;
        let mut ready = 0.0_f64;
        for (node, reset, acknowledged) in resets {
            members.insert(node);
            let at = ready.max(reset) + self.random.between(60.0, 120.0);
            let back = self.boot_into(node, at, true, &members);
            let name = self.nodes[node].name;
            let online = format!("node '{name}': state changed from 'unknown' => 'online'");
            ready = back.max(acknowledged) + 6.0;
            self.ha(master, ready, "pve-ha-crm", &[&online]);
        }
        ready + 10.0
    }

    fn random_fault(&self) -> Fault {
        let count = self.count() as u64;
        let node = self.random.below(count) as usize;
        match self.random.below(if count > 4 { 8 } else { 7 }) {
            7 => {
                let other = (node + 1 + self.random.below(count - 1) as usize) % count as usize;
                Fault::FenceTwo {
                    nodes: [node, other],
                }
            }
            0 => Fault::Flap { node },
            1 => Fault::Isolated {
                node,
                for_s: self.random.between(25.0, 400.0),
            },
            2 => Fault::Split {
                first: 1 + self.random.below(count - 1) as usize,
                for_s: self.random.between(25.0, 400.0),
            },
            3 => Fault::Crash { node },
            4 => Fault::Reboot { node },
            5 => Fault::Fence {
                node,
                told: self.random.below(2) == 0,
            },
            _ => Fault::NearMiss {
                node,
                for_s: self.random.between(22.0, 38.0),
            },
        }
    }

    /// A day with up to five faults, half an hour of ordinary work between them.
    fn live(&mut self) -> Vec<Fault> {
        let all = self.all();
        let mut at = 0.0;
        let mut script = Vec::new();
        for _ in 0..=self.random.below(5) {
            let quiet = at + self.random.between(1500.0, 2500.0);
            self.work(at, quiet - 1.0, &all);
            let fault = self.random_fault();
            at = self.suffer(&fault, quiet) + 20.0;
            script.push(fault);
        }
        self.work(at, at + 1800.0, &all);
        script
    }

    /// One file per node, each in a form of its own.
    fn write(&mut self, dir: &Path) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for node in &mut self.nodes {
            node.lines
                .sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let form = self.random.below(3);
            let mut text = String::new();
            for (at, _, tag, line) in &node.lines {
                let (ahead, gains) = node.clock;
                let micros = ((at + ahead + at * gains) * 1e6) as i64;
                let stamp = stamp(START * 1_000_000 + micros, form);
                let _ = writeln!(text, "{stamp} {} {tag}: {line}", node.name);
            }
            let path = dir.join(format!("{}.log", node.name));
            std::fs::write(&path, text).expect("a log");
            paths.push(path);
        }
        paths
    }
}

/// A day of March 2026 as syslog, short-iso or RFC 3339.
fn stamp(micros: i64, form: u64) -> String {
    let seconds = micros.div_euclid(1_000_000) - START;
    let (day, clock) = (3 + seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let fraction = micros.rem_euclid(1_000_000);
    match form {
        0 => format!("Mar {day:2} {hour:02}:{minute:02}:{second:02}"),
        1 => format!("2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}+0000"),
        _ => format!("2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}+00:00"),
    }
}

fn told(paths: Vec<PathBuf>, patterns: &[Arc<Pattern>]) -> Value {
    let mut read = ReadOptions::new(Timestamp::from_seconds(START + 86_400 * 20));
    read.year = Some(2026);
    let plan = Plan {
        paths,
        read,
        given: Default::default(),
    };
    let verdict = analyze(&plan, plan.find(), patterns);
    assert!(verdict.failures.is_empty());
    serde_json::to_value(&verdict.report).expect("the contract")
}

fn loud<'r>(report: &'r Value, kind: &'r str) -> impl Iterator<Item = &'r Value> {
    report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(move |finding| finding["kind"] == kind && finding["severity"] != "info")
}

fn seconds(time: &Value) -> f64 {
    let time = time.as_str().expect("a time");
    let parts: Vec<f64> = time[11..]
        .trim_end_matches('Z')
        .split(':')
        .map(|part| part.parse().expect("a number"))
        .collect();
    let day: f64 = time[8..10].parse().expect("a day");
    (day - 3.0) * 86_400.0 + parts[0] * 3600.0 + parts[1] * 60.0 + parts[2]
}

fn names(findings: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut names: Vec<String> = findings
        .into_iter()
        .map(|name| name.as_ref().to_owned())
        .collect();
    names.sort();
    names
}

/// What differs between what was done and what is told.
fn differences(world: &World, report: &Value) -> Vec<String> {
    let truth = &world.truth;
    let mut out = Vec::new();
    let mut same = |what: &str, done: Vec<String>, told: Vec<String>| {
        if done != told {
            out.push(format!("{what}: done {done:?}, told {told:?}"));
        }
    };
    let of = |kind: &str| {
        names(loud(report, kind).map(|finding| finding["node"].as_str().unwrap_or("?").to_owned()))
    };
    same("self-fence", names(&truth.fenced), of("self-fence"));
    same("node-fenced", names(&truth.fenced), of("node-fenced"));
    same(
        "ha-lock-lost",
        names(truth.fenced.iter().chain(&truth.near)),
        of("ha-lock-lost"),
    );
    same(
        "quorum-loss, who",
        names(truth.lost_quorum.iter().map(|(name, _)| name)),
        of("quorum-loss"),
    );
    let shifted = world.nodes.iter().any(|node| node.clock.0 != 0.0);
    let mut done: Vec<(String, f64)> = truth.lost_quorum.clone();
    let mut told: Vec<(String, f64)> = loud(report, "quorum-loss")
        .map(|finding| {
            (
                finding["node"].as_str().unwrap_or("?").to_owned(),
                seconds(&finding["began"]),
            )
        })
        .collect();
    done.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    told.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    for (done, told) in done.iter().zip(&told) {
        if (done.1 - told.1).abs() > if shifted { 3.5 } else { 2.0 } {
            out.push(format!("quorum-loss, when: done {done:?}, told {told:?}"));
        }
    }
    let mut boots: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for boot in report["boots"].as_array().into_iter().flatten() {
        let (node, verdict) = (&boot["node"], &boot["verdict"]);
        boots
            .entry(node.as_str().unwrap_or("?").to_owned())
            .or_default()
            .push(verdict.as_str().unwrap_or("?").to_owned());
    }
    let done: BTreeMap<String, Vec<String>> = truth
        .boots
        .iter()
        .map(|(name, verdicts)| {
            (
                name.clone(),
                verdicts.iter().map(|v| (*v).to_owned()).collect(),
            )
        })
        .collect();
    if done != boots {
        out.push(format!("boots: done {done:?}, told {boots:?}"));
    }
    for node in &world.nodes {
        out.extend(clock_difference(node, report));
    }
    // A stamp may be cut by a second, and a clock be told wrong by a second and a half.
    let slack = if shifted { 2.5 } else { 1.0 };
    out.extend(outage_differences(truth, report, slack));
    let parts = loud(report, "partition").count();
    if parts != truth.parts {
        out.push(format!("partition: done {}, told {parts}", truth.parts));
    }
    for kind in [
        "split-brain-risk",
        "kernel-panic",
        "recovery-failed",
        "network-degradation",
        "pmxcfs-desync",
        "cpu-starvation",
    ] {
        if loud(report, kind).next().is_some() {
            out.push(format!("{kind}: told, and never done"));
        }
    }
    if report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|finding| finding["open"] == true)
    {
        out.push("something is told to be open, and all was well at the end".to_owned());
    }
    out
}

/// What differs between the outages of guests and what is told of them; `slack` is what stamps may be off by.
fn outage_differences(truth: &Truth, report: &Value, slack: f64) -> Vec<String> {
    let all = report["outages"].as_array().into_iter().flatten();
    // The guest is lost again with the next boot of the node that it was moved to.
    let (again, told): (Vec<&Value>, Vec<&Value>) = all.partition(|told| told["why"] == "booted");
    let to = |node: &Value| {
        truth
            .outages
            .iter()
            .any(|(_, _, to, ..)| *node == to.as_str())
    };
    let back = |told: &Value| told["end"] == "running" && told["to_node"] == told["from_node"];
    if !again
        .iter()
        .all(|told| to(&told["from_node"]) && back(told))
    {
        return vec![format!("outages: nothing ran there: {again:?}")];
    }
    if told.len() != truth.outages.len() {
        return vec![format!("outages: done {:?}, told {told:?}", truth.outages)];
    }
    let mut out = Vec::new();
    let mut done: Vec<_> = truth.outages.iter().collect();
    // In the order in which they were moved.
    done.sort_by(|a, b| a.4.total_cmp(&b.4));
    for ((guest, from, to, down, up), told) in done.into_iter().zip(told) {
        let lasted = up - down;
        let least = told["min_s"].as_f64().unwrap_or(0.0);
        let most = told["max_s"].as_f64().unwrap_or(f64::INFINITY);
        let right = told["guest"] == *guest
            && told["from_node"] == from.as_str()
            && told["to_node"] == to.as_str()
            && told["why"] == "fenced"
            && told["end"] == "running"
            && (seconds(&told["up_at"]) - up).abs() <= slack
            && least - slack <= lasted
            && lasted <= most + slack
            // Both ends are in these logs.
            && most - least <= 90.0;
        if !right {
            out.push(format!(
                "outage {from} -> {to}, {down} to {up}: told {told}"
            ));
        }
    }
    out
}

/// What differs between a node's clock and what is told of it.
fn clock_difference(node: &Node, report: &Value) -> Option<String> {
    let mut parts = report["cluster"]["nodes"].as_array().into_iter().flatten();
    let part = parts.find(|part| part["name"] == node.name)?;
    let (ahead, gains) = node.clock;
    // A clock that gains is asked for where it was compared.
    let slack = if gains == 0.0 { 1.5 } else { 2.5 };
    match part["clock_offset_s"].as_f64() {
        None if node.rings < 3 => None,
        None => Some(format!("clock of {}: nothing is told", node.name)),
        Some(told) if ahead == 0.0 && told == 0.0 => None,
        Some(told) if ahead != 0.0 && (told - ahead).abs() <= slack => None,
        Some(told) => Some(format!(
            "clock of {}: {ahead} ahead, told {told}",
            node.name
        )),
    }
}

#[test]
fn the_story_is_told_as_it_was() {
    let patterns = match builtin(&vocabulary()) {
        Ok(patterns) => patterns,
        Err(errors) => panic!("{}", errors[0].picture(false)),
    };
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("story");
    let only: Option<u64> = std::env::var("STORY_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut failed = Vec::new();
    for seed in only.map_or(1..SEEDS + 1, |seed| seed..seed + 1) {
        let dir = root.join(seed.to_string());
        std::fs::create_dir_all(&dir).expect("a directory");
        let mut world = World::new(seed);
        let script = world.live();
        let paths = world.write(&dir);
        let report = told(paths, &patterns);
        let differ = differences(&world, &report);
        if differ.is_empty() && only.is_none() {
            let _ = std::fs::remove_dir_all(&dir);
        } else if !differ.is_empty() {
            failed.push(format!(
                "seed {seed} {script:?}\n    {}",
                differ.join("\n    ")
            ));
        }
    }
    assert!(
        failed.is_empty(),
        "{} stories told wrongly; their logs are in {}; STORY_SEED=N runs one\n{}",
        failed.len(),
        root.display(),
        failed
            .iter()
            .take(8)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}
