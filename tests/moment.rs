//! `--at`: how the cluster stood at an instant, and that nothing later tells of it.
//! In: cases, and small logs in memory. Out: screens, or what differs.
//! Never: a path or a date of the machine it runs on.

mod support;

use fencepost::model::Timestamp;
use fencepost::render::{self, Format, Look, Verbosity};
use fencepost::report::moment::{Life, Moment, NodeThen};
use fencepost::run::moment::{self, Answer, Silent};
use fencepost::run::{Plan, ReadOptions};
use std::path::PathBuf;
use support::Files;

fn ask(paths: Vec<PathBuf>, at: &str) -> Answer {
    let plan = Plan {
        paths,
        read: ReadOptions {
            year: Some(2026),
            tz: Some("Europe/Berlin".parse().expect("a zone")),
            ..ReadOptions::new(Timestamp::from_seconds(1_893_456_000))
        },
        given: Default::default(),
    };
    moment::at(&plan, plan.find(), instant(at))
}

fn instant(text: &str) -> Timestamp {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).expect("a stamp");
    Timestamp(parsed.timestamp_micros())
}

fn case(name: &str, at: &str) -> Moment {
    let folder = PathBuf::from("testdata/cases").join(name).join("input");
    *ask(vec![folder], at).moment.expect("a state")
}

/// The state that a log of one file tells.
fn of(log: &str, at: &str) -> Result<Moment, Silent> {
    let files = Files::new("moment");
    let path = files.add("node.log", log);
    ask(vec![path], at).moment.map(|moment| *moment)
}

fn screen(moment: &Moment, look: &Look) -> String {
    let mut out = Vec::new();
    render::moment(moment, Format::Term, look, &mut out).expect("writing to memory");
    String::from_utf8(out).expect("text")
}

fn node<'m>(moment: &'m Moment, name: &str) -> &'m NodeThen {
    let named = |node: &&NodeThen| node.name.as_deref() == Some(name);
    moment.nodes.iter().find(named).expect(name)
}

#[test]
fn a_partition_in_the_middle() {
    let moment = case("partition-two-three", "2026-07-08T11:15:30+02:00");
    insta::assert_snapshot!("partition-80", screen(&moment, &Look::default()));
}

#[test]
fn a_fence_clock_that_runs() {
    let moment = case("isolation-with-fence", "2026-02-17T04:01:50+01:00");
    insta::assert_snapshot!("fence-clock-80", screen(&moment, &Look::default()));
    let quiet = Look {
        verbosity: Verbosity::Quiet,
        ..Look::default()
    };
    insta::assert_snapshot!("fence-clock-quiet", screen(&moment, &quiet));
}

#[test]
fn a_node_that_is_down() {
    let moment = case("isolation-with-fence", "2026-02-17T04:02:30+01:00");
    let look = Look {
        ascii: true,
        width: 60,
        verbosity: Verbosity::Verbose,
        ..Look::default()
    };
    insta::assert_snapshot!("down-60-ascii-verbose", screen(&moment, &look));
    assert_eq!(node(&moment, "birch").life, Life::Down);
}

/// Every screen fits, at every instant of a case, and ASCII means ASCII.
#[test]
fn screens_fit_at_every_instant() {
    let begin = instant("2026-02-17T04:01:00+01:00");
    for second in (0..240).step_by(13) {
        let at = begin
            .plus(fencepost::model::Span::from_secs(second))
            .to_string();
        let moment = case("isolation-with-fence", &at);
        let look = Look {
            ascii: true,
            width: 44,
            ..Look::default()
        };
        for line in screen(&moment, &look).lines() {
            assert!(line.len() <= 44 && line.is_ascii(), "{at}: {line}");
        }
    }
}

/// What comes later changes nothing but who is who, and whether a silent node went on.
#[test]
fn later_lines_change_no_state() {
    let log = std::fs::read_to_string("testdata/cases/isolation-with-fence/input/birch.log")
        .expect("a log");
    let at = "2026-02-17T04:01:50+01:00";
    let cut: String = log
        .lines()
        .take_while(|line| *line < "2026-02-17T04:01:50")
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(cut.len() < log.len());
    let mut whole = of(&log, at).expect("a state");
    let mut early = of(&cut, at).expect("a state");
    for moment in [&mut whole, &mut early] {
        // The end of the log before the instant is another instant to tell, and another life.
        moment.told = moment.at;
        moment.after_end = false;
        for node in &mut moment.nodes {
            node.life = Life::Running;
            node.signs.clear();
            node.basis = None;
            node.used_s = None;
            node.left_s = None;
            node.watchdog.since = None;
            node.heard = None;
        }
    }
    let text = |moment: &Moment| serde_json::to_value(moment).expect("JSON");
    assert_eq!(text(&whole)["nodes"], text(&early)["nodes"]);
    assert_eq!(text(&whole)["cluster"], text(&early)["cluster"]);
}

#[test]
fn instants_outside_the_logs_are_told_as_such() {
    let early = ask(
        vec!["testdata/cases/isolation-with-fence/input".into()],
        "2026-02-16T00:00:00Z",
    );
    assert!(matches!(early.moment, Err(Silent::Before(_))));
    let late = case("isolation-with-fence", "2026-02-18T00:00:00Z");
    assert!(late.after_end && late.told < late.at);
    assert!(late.nodes.iter().all(|node| node.life == Life::Ended));
    let stampless = ask(
        vec!["testdata/cases/founding-incident/input".into()],
        "2026-02-16T00:00:00Z",
    );
    assert_eq!(stampless.moment.err(), Some(Silent::NoStamps));
}

#[test]
fn a_log_that_ends_is_silent_and_one_that_begins_later_is_not_yet() {
    let log = "\
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [QUORUM] Members[3]: 1 2 3
2026-11-21T10:00:01+00:00 pve2 pve-ha-lrm[900]: status change wait_for_agent_lock => active
2026-11-21T10:30:00+00:00 pve1 pmxcfs[745]: [status] notice: received log
2026-11-21T11:00:00+00:00 pve1 pmxcfs[745]: [status] notice: received log
2026-11-21T11:00:00+00:00 pve3 pve-ha-lrm[900]: status change wait_for_agent_lock => active
";
    let moment = of(log, "2026-11-21T10:45:00Z").expect("a state");
    let life = |name: &str| node(&moment, name).life;
    assert_eq!(
        (life("pve1"), life("pve2"), life("pve3")),
        (Life::Running, Life::Silent, Life::NotYet)
    );
    let lrm = node(&moment, "pve3").lrm.value.is_null();
    assert!(lrm, "its first line comes later");
}

#[test]
fn a_corosync_that_is_not_running_sees_nobody() {
    let log = "\
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [TOTEM ] A new membership (1.15) was formed. Members joined: 2 3
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [QUORUM] This node is within the primary component and will provide service.
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [QUORUM] Members[3]: 1 2 3
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [MAIN  ] Completed service synchronization, ready to provide service.
2026-11-21T10:05:00+00:00 pve1 pmxcfs[745]: [quorum] crit: quorum_initialize failed: CS_ERR_LIBRARY (failed to connect to corosync)
2026-11-21T10:05:06+00:00 pve1 pmxcfs[745]: [quorum] crit: quorum_initialize failed: CS_ERR_LIBRARY (failed to connect to corosync)
2026-11-21T10:09:00+00:00 pve1 pmxcfs[745]: [status] notice: received log
";
    let before = of(log, "2026-11-21T10:04:00Z").expect("a state");
    assert_eq!(before.cluster.components[0].present, 3);
    let after = of(log, "2026-11-21T10:05:30Z").expect("a state");
    let pve1 = node(&after, "pve1");
    assert_eq!(pve1.corosync.value, "not-running".into());
    assert_eq!(pve1.quorate.value, false.into());
    assert_eq!(pve1.etc_pve.value, "read-only".into());
    assert!(pve1.members.is_none() && after.cluster.components.is_empty());
}
