//! Suspects of every kind, on small logs of two to five nodes.
//! In: downs and ups, written as corosync does. Out: what is blamed.
//! Never: a copy of a real log.

use crate::analyzer::{Analyzer, vocabulary};
use crate::model::{Coverage, Limits};
use crate::pattern::builtin::builtin;
use crate::report::{Blame, Suspect};
use crate::run::examples;

const NAMES: [&str; 5] = ["elm", "fir", "oak", "ash", "yew"];

/// A log of several nodes.
struct Log {
    lines: Vec<(f64, String)>,
    stamps: bool,
}

impl Log {
    /// A cluster of so many nodes; those of `with_log` say who they are.
    fn of(nodes: u32, with_log: &[u32]) -> Log {
        let mut log = Log {
            lines: Vec::new(),
            stamps: true,
        };
        let members: Vec<String> = (1..=nodes).map(|n| format!("{n}/{}", 900 + n)).collect();
        for node in with_log {
            let pid = 900 + node;
            let text = format!(
                "pmxcfs[{pid}]: [dcdb] notice: members: {}",
                members.join(", ")
            );
            log.say(0.0, *node, &text);
            let ids: Vec<String> = (1..=nodes).map(|n| n.to_string()).collect();
            let text = format!("[QUORUM] Members[{nodes}]: {}", ids.join(" "));
            log.corosync(
                0.1,
                *node,
                "[TOTEM ] A new membership (1.10) was formed. Members",
            );
            log.corosync(0.2, *node, &text);
        }
        log
    }

    fn say(&mut self, at: f64, node: u32, text: &str) -> &mut Log {
        let name = NAMES[node as usize - 1];
        let (minute, second) = ((at / 60.0) as u32, at % 60.0);
        let line = if self.stamps {
            format!("2026-03-03T10:{minute:02}:{second:09.6}+00:00 {name} {text}")
        } else {
            text.to_owned()
        };
        self.lines.push((at, line));
        self
    }

    fn corosync(&mut self, at: f64, node: u32, text: &str) -> &mut Log {
        self.say(at, node, &format!("corosync[812]:   {text}"))
    }

    /// `by` hears nothing from `of` for some seconds.
    fn lost(&mut self, by: u32, of: u32, link: u32, at: f64, for_s: f64) -> &mut Log {
        self.corosync(
            at,
            by,
            &format!("[KNET  ] link: host: {of} link: {link} is down"),
        );
        self.corosync(
            at + for_s,
            by,
            &format!("[KNET  ] rx: host: {of} link: {link} is up"),
        )
    }

    /// Those of `from` lose those of `to`.
    fn all_lost(&mut self, from: &[u32], to: &[u32], link: u32, at: f64, for_s: f64) -> &mut Log {
        let mut late = 0.0;
        for by in from {
            for of in to.iter().filter(|of| *of != by) {
                late += 0.05;
                self.lost(*by, *of, link, at + late, for_s);
            }
        }
        self
    }

    fn blame(&mut self) -> Blame {
        self.lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lines: Vec<&str> = self.lines.iter().map(|(_, line)| &**line).collect();
        let patterns = builtin(&vocabulary()).expect("checked elsewhere");
        let mut analyzer = Analyzer::new(patterns, &Limits::default());
        for event in examples::events(&lines.join("\n")) {
            analyzer.push(&event, &mut Vec::new());
        }
        let report = analyzer.finish(Coverage::default(), vec!["log".to_owned()]);
        let mut blames = report
            .incidents
            .into_iter()
            .filter_map(|incident| incident.blame);
        blames.next().expect("an incident with link trouble")
    }

    fn first(&mut self) -> Suspect {
        self.blame().suspects.first().cloned().expect("a suspect")
    }
}

/// Kind, node, peer, link, how many of how many observers, confidence.
fn told(suspect: &Suspect) -> String {
    let word = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".into());
    let link = suspect.link.map_or("-".to_owned(), |link| link.to_string());
    let (node, peer) = (word(&suspect.node), word(&suspect.peer));
    format!(
        "{} {node} {peer} {link} {}/{} {}",
        suspect.kind, suspect.explains, suspect.observers, suspect.confidence
    )
}

#[test]
fn a_port_of_one_node_on_one_link() {
    let mut log = Log::of(4, &[1, 2, 3, 4]);
    log.all_lost(&[1, 2, 4], &[3], 0, 30.0, 20.0);
    log.all_lost(&[3], &[1, 2, 4], 0, 30.3, 20.0);
    log.lost(1, 2, 1, 300.0, 9.0).lost(2, 1, 1, 300.1, 9.0);
    let blame = log.blame();
    let first = &blame.suspects[0];
    assert_eq!(told(first), "nic oak - 0 4/4 high");
    assert_eq!(first.downs, 6);
    assert!(first.against.is_empty(), "{:?}", first.against);
    assert_eq!(
        first.speaks_for,
        [
            "3 of 3 other observers lost oak on link 0 (elm, fir and ash), once",
            "the others never lost each other on link 0",
            "oak itself lost 3 of 3 peers on link 0, within 1 s",
            "its link 1 stayed up",
        ]
    );
    let cell = &blame.matrix[0];
    assert_eq!(
        (&*cell.observer, cell.peer.as_deref()),
        ("elm", Some("oak"))
    );
    assert_eq!(
        (cell.downs, cell.down_s, cell.longest_s),
        (1, Some(20.0), Some(20.0))
    );
}

#[test]
fn a_port_whose_faults_only_some_see_at_a_time() {
    let mut log = Log::of(4, &[1, 2, 3, 4]);
    let spells = [
        (1, 3),
        (3, 2),
        (4, 3),
        (3, 1),
        (2, 3),
        (3, 4),
        (1, 3),
        (3, 2),
    ];
    for (n, (by, of)) in spells.into_iter().enumerate() {
        log.lost(by, of, 0, 30.0 + 12.0 * n as f64, 3.0);
    }
    assert_eq!(log.first().node.as_deref(), Some("oak"));
    assert_eq!(log.blame().suspects.len(), 1);
}

#[test]
fn one_node_with_all_its_links() {
    let mut log = Log::of(4, &[1, 2, 3, 4]);
    for link in [0, 1] {
        log.all_lost(&[1, 2, 4], &[3], link, 30.0, 20.0);
        log.all_lost(&[3], &[1, 2, 4], link, 30.3, 20.0);
    }
    assert_eq!(told(&log.first()), "node oak - - 4/4 high");
}

#[test]
fn the_switch_of_one_link() {
    let mut log = Log::of(4, &[1, 2, 3, 4]);
    log.all_lost(&[1, 2, 3, 4], &[1, 2, 3, 4], 1, 30.0, 20.0);
    log.lost(1, 2, 0, 100.0, 9.0).lost(2, 1, 0, 100.1, 9.0);
    let suspects = log.blame().suspects;
    assert_eq!(told(&suspects[0]), "switch - - 1 4/4 high");
    assert_eq!(told(&suspects[1]), "path elm fir 0 2/2 high");
}

#[test]
fn a_switch_is_told_although_one_log_is_missing() {
    let mut log = Log::of(3, &[1, 2]);
    log.all_lost(&[1, 2], &[1, 2, 3], 0, 30.0, 20.0);
    let blame = log.blame();
    assert_eq!(blame.suspects[0].kind, "switch");
    assert_eq!(blame.witnesses.len(), 1);
    assert_eq!(blame.witnesses[0].node, "node 3");
}

#[test]
fn everything_at_once() {
    let mut log = Log::of(3, &[1, 2, 3]);
    for link in [0, 1] {
        log.all_lost(&[1, 2, 3], &[1, 2, 3], link, 30.0, 20.0);
    }
    assert_eq!(told(&log.first()), "everything - - - 3/3 high");
}

#[test]
fn what_joins_two_rooms() {
    let mut log = Log::of(5, &[1, 2, 3, 4, 5]);
    log.all_lost(&[1, 2], &[3, 4, 5], 0, 30.0, 20.0);
    log.all_lost(&[3, 4, 5], &[1, 2], 0, 30.4, 20.0);
    let first = log.first();
    assert_eq!(told(&first), "uplink - - 0 5/5 high");
    assert_eq!(
        first.text,
        "what joins elm and fir with oak, ash and yew, link 0"
    );
}

#[test]
fn one_path() {
    let mut log = Log::of(3, &[1, 2, 3]);
    log.lost(1, 3, 0, 30.0, 20.0).lost(3, 1, 0, 30.4, 20.0);
    let first = log.first();
    assert_eq!(told(&first), "path elm oak 0 2/2 high");
    assert!(
        first.speaks_for[1].starts_with("fir lost neither"),
        "{first:?}"
    );
}

#[test]
fn one_direction_takes_more_than_one_short_spell() {
    let mut log = Log::of(3, &[1, 2, 3]);
    log.lost(1, 3, 0, 30.0, 4.0);
    assert_eq!(log.first().kind, "path");
    let mut log = Log::of(3, &[1, 2, 3]);
    for n in 0..4 {
        log.lost(1, 3, 0, 30.0 + 40.0 * f64::from(n), 6.0);
    }
    let first = log.first();
    assert_eq!(told(&first), "direction elm oak 0 1/1 low");
    assert!(
        first.text.ends_with("oak hears elm, elm does not hear oak"),
        "{}",
        first.text
    );
}

#[test]
fn a_host_that_waits_is_not_the_network() {
    let mut log = Log::of(3, &[1, 2, 3]);
    log.all_lost(&[1, 3], &[2], 0, 32.0, 12.0);
    log.all_lost(&[2], &[1, 3], 0, 41.0, 3.0);
    log.corosync(
        40.9,
        2,
        "[MAIN  ] Corosync main process was not scheduled (@1772532040900) for 10871.4 ms (threshold is 2920.0 ms). Consider token timeout increase.",
    );
    let first = log.first();
    assert_eq!(told(&first), "host fir - - 3/3 high");
    assert!(
        first.speaks_for[0].contains("10.9 s"),
        "{:?}",
        first.speaks_for
    );
}

#[test]
fn a_wait_long_before_explains_nothing() {
    let mut log = Log::of(3, &[1, 2, 3]);
    log.corosync(
        10.0,
        2,
        "[MAIN  ] Corosync main process was not scheduled (@1772532010000) for 3100.0 ms (threshold is 2920.0 ms). Consider token timeout increase.",
    );
    log.all_lost(&[1, 3], &[2], 0, 60.0, 12.0);
    log.all_lost(&[2], &[1, 3], 0, 60.2, 12.0);
    assert_eq!(told(&log.first()), "nic fir - 0 3/3 high");
}

#[test]
fn a_carrier_that_is_lost_speaks_for_the_port() {
    let mut log = Log::of(3, &[1]);
    log.say(
        30.0,
        1,
        "kernel: e1000e 0000:00:1f.6 eno1: NIC Link is Down",
    );
    log.all_lost(&[1], &[2, 3], 0, 31.8, 20.0);
    let blame = log.blame();
    assert_eq!(blame.suspects.len(), 1, "{:?}", blame.suspects);
    assert_eq!(told(&blame.suspects[0]), "nic elm - 0 1/1 high");
    let said = blame.suspects[0].speaks_for.join("; ");
    assert!(said.contains("interface eno1 lost its carrier"), "{said}");
}

#[test]
fn one_log_that_lost_all_peers_suspects_its_own_side_and_names_the_switch() {
    let mut log = Log::of(4, &[1]);
    log.all_lost(&[1], &[2, 3, 4], 0, 30.0, 20.0);
    let suspects = log.blame().suspects;
    assert_eq!(told(&suspects[0]), "nic elm - 0 1/1 medium");
    assert_eq!(told(&suspects[1]), "switch - - 0 1/1 low");
    assert!(suspects[1].instead);
    assert!(suspects[0].against[0].contains("only the log of elm"));
}

#[test]
fn one_log_that_lost_one_of_several_suspects_the_far_side() {
    let mut log = Log::of(4, &[1]);
    log.lost(1, 3, 0, 30.0, 20.0).lost(1, 3, 0, 80.0, 20.0);
    let first = log.first();
    assert_eq!(told(&first), "nic node 3 - 0 1/1 medium");
    assert!(
        first.against[0].contains("cannot be told"),
        "{:?}",
        first.against
    );
    assert!(first.against[0].contains("never lost node 2 and node 4"));
}

#[test]
fn one_log_of_two_nodes_tells_no_end() {
    let mut log = Log::of(2, &[1]);
    log.lost(1, 2, 0, 30.0, 20.0);
    assert_eq!(told(&log.first()), "path elm node 2 0 1/1 low");
}

#[test]
fn a_node_that_is_lost_once_and_was_not_asked_may_have_crashed() {
    let mut log = Log::of(3, &[1, 2]);
    log.all_lost(&[1, 2], &[3], 0, 30.0, 200.0);
    let first = log.first();
    assert_eq!(told(&first), "node node 3 - 0 2/2 medium");
    assert!(first.against[0].contains("was not read"));
}

#[test]
fn a_peer_that_says_goodbye_or_starts_anew_is_no_bad_cable() {
    let mut log = Log::of(3, &[1, 2, 3]);
    // Real trouble, so that there is an incident.
    log.lost(1, 2, 0, 20.0, 8.0).lost(2, 1, 0, 20.1, 8.0);
    log.corosync(60.0, 1, "[CFG   ] Node 3 was shut down by sysadmin");
    log.lost(1, 3, 0, 61.0, 20.0);
    // corosync of node 3 is killed without a word and starts anew.
    log.corosync(90.0, 3, "[QUORUM] Members[3]: 1 2 3");
    log.lost(2, 3, 0, 92.0, 30.0);
    log.corosync(
        110.0,
        3,
        "[MAIN  ] Corosync Cluster Engine 3.1.7 starting up",
    );
    log.lost(1, 2, 0, 130.0, 8.0).lost(2, 1, 0, 130.1, 8.0);
    let blame = log.blame();
    assert!(
        blame
            .matrix
            .iter()
            .all(|cell| cell.peer.as_deref() != Some("oak"))
    );
    let whys: Vec<(&str, u64)> = blame
        .apart
        .iter()
        .map(|apart| (apart.why, apart.downs))
        .collect();
    assert_eq!(whys, [("left", 1), ("restarted", 1)]);
    assert_eq!(told(&blame.suspects[0]), "path elm fir 0 2/2 high");
}

#[test]
fn an_open_one_counts_to_the_end_of_its_own_log() {
    let mut log = Log::of(3, &[1, 2]);
    log.corosync(30.0, 1, "[KNET  ] link: host: 3 link: 0 is down");
    log.corosync(70.0, 1, "[QUORUM] Members[3]: 1 2 3");
    log.corosync(300.0, 2, "[QUORUM] Members[3]: 1 2 3");
    let cell = log.blame().matrix.remove(0);
    assert!(cell.open);
    assert_eq!(cell.down_s, Some(40.0));
}

#[test]
fn without_stamps_nothing_is_timed_and_a_ring_is_named() {
    let mut log = Log::of(4, &[1]);
    log.stamps = false;
    for (at, _) in [(30.0, 0), (60.0, 0)] {
        log.lost(1, 3, 0, at, 5.0);
    }
    log.corosync(31.0, 1, "[TOTEM ] Token has not been received in 2737 ms");
    log.corosync(
        32.0,
        1,
        "[TOTEM ] A new membership (1.2b4) was formed. Members left: 3",
    );
    log.corosync(
        32.1,
        1,
        "[TOTEM ] Failed to receive the leave message. failed: 3",
    );
    log.corosync(32.2, 1, "[QUORUM] Members[3]: 1 2 4");
    let blame = log.blame();
    assert_eq!((blame.matrix[0].downs, blame.matrix[0].down_s), (2, None));
    let witness = &blame.witnesses[0];
    assert_eq!((witness.from, witness.until), (None, None));
    assert!(
        witness.look_for.starts_with("around the ring 1.2b4: "),
        "{}",
        witness.look_for
    );
}

#[test]
fn a_missing_log_is_asked_for_with_its_time() {
    let mut log = Log::of(3, &[1, 2]);
    log.all_lost(&[1, 2], &[3], 0, 244.0, 20.9);
    let witness = log.blame().witnesses.remove(0);
    // 10:04:04 to 10:04:25, a minute around it, rounded outwards.
    let clock = |at: Option<crate::model::Timestamp>| at.map(|at| at.clock());
    assert_eq!(clock(witness.from).as_deref(), Some("10:03:00"));
    assert_eq!(clock(witness.until).as_deref(), Some("10:05:30"));
}

#[test]
fn who_may_be_one_of_the_logs_at_hand_is_not_asked_for() {
    // No line tells who is who: fir lost 1 and 3, of whom elm and oak may be either.
    let mut log = Log::of(3, &[]);
    log.all_lost(&[1, 3], &[2], 0, 30.0, 20.0);
    log.all_lost(&[2], &[1, 3], 0, 30.3, 20.0);
    let blame = log.blame();
    assert_eq!(told(&blame.suspects[0]), "nic fir - 0 3/3 high");
    assert!(blame.witnesses.is_empty(), "{:?}", blame.witnesses);
}
