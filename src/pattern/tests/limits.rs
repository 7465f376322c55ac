//! Bounded memory: what is kept, what is counted instead.
//! In: floods. Out: matches and counts.
//! Never: asks for speed.

use super::*;

const LIMITS: fn(usize, usize) -> Limits = |findings, evidence_lines| Limits {
    findings,
    evidence_lines,
    ..Limits::default()
};

#[test]
fn lines_keep_the_first_half_and_the_last_half() {
    let script = "1 quorum.lost n1\n".repeat(10);
    let (matches, _) = run_limited(
        "fold = '1m'\n[on]\nsee = 'quorum.lost'",
        &script,
        &LIMITS(10, 5),
    );
    let lines: Vec<u64> = matches[0]
        .lines
        .iter()
        .map(|line| line.place.line)
        .collect();
    assert_eq!(lines, [1, 2, 3, 9, 10]);
    assert_eq!(matches[0].lines_left_out, 5);
    assert_eq!(matches[0].count, 10);
}

#[test]
fn an_event_and_its_change_give_one_line() {
    let mut change = fact(1, "1 lock.lost n1");
    let event = fact(0, "1 token.lost n1");
    change.lines = event.lines.clone();
    let mut engine = Engine::new(
        vec![pattern(
            "fold = '1m'\n[on]\nsee = ['token.lost', 'lock.lost']",
        )],
        &Limits::default(),
    );
    engine.see(event.clone(), &mut Vec::new());
    engine.see(change.clone(), &mut Vec::new());
    assert_eq!(engine.finish(change.when).0[0].lines.len(), 1);
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let script: String = (0..10).map(|n| format!("{n} quorum.lost n1\n")).collect();
    let (matches, left_out) = run_limited("[on]\nsee = 'quorum.lost'", &script, &LIMITS(4, 5));
    assert_eq!(matches.len(), 4);
    assert_eq!(left_out, 6);
    assert_eq!(line(&matches[3]), "n1 - 3..3 x1 low");
}

#[test]
fn worse_findings_take_the_room_of_milder_ones() {
    let mild = pattern("[on]\nsee = 'link.down'");
    let grave = pattern("severity = 'high'\n[on]\nsee = 'quorum.lost'");
    let mut engine = Engine::new(vec![mild, grave], &LIMITS(2, 5)).silent();
    for fact in &facts("1 link.down n1\n2 link.down n1\n3 link.down n1\n4 quorum.lost n1") {
        engine.see(fact.clone(), &mut Vec::new());
    }
    let (matches, left_out) = engine.finish(When { at: None, order: 9 });
    let lines: Vec<_> = matches.iter().map(line).collect();
    assert_eq!(lines, ["n1 - 1..1 x1 low", "n1 - 4..4 x1 high"]);
    assert_eq!(left_out, 2);
}

#[test]
fn a_flood_in_one_window_is_counted_to_the_last_fact() {
    let script = "1 token.lost n1\n".repeat(12_000);
    let (matches, _) = run_limited(
        "[count]\nsee = 'token.lost'\nat_least = 3\nwithin = '10s'",
        &script,
        &LIMITS(10, 4),
    );
    assert_eq!(matches[0].count, 12_000);
    assert_eq!(matches[0].lines.len(), 4);
}

#[test]
fn floods_of_subjects_stay_bounded() {
    let script: String = (0..3_000)
        .map(|n| format!("{n} link.down n1 peer={n}\n"))
        .collect();
    let count = "subject = 'node {peer}'\n[count]\nsee = 'link.down'\nat_least = 2\nwithin = '1d'";
    assert!(run(count, &script).is_empty());
    let steps =
        "subject = 'node {peer}'\n[[step]]\nsee = 'link.down'\n[[step]]\nsee = 'node.boots'";
    let (matches, _) = run_limited(
        steps,
        &format!("{script}9999 node.boots n1"),
        &Limits::default(),
    );
    assert_eq!(matches.len(), 1_000, "the latest stories wait on");
    assert_eq!(matches[0].subject.as_deref(), Some("node 2000"));
}
