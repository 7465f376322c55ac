//! Spans, steps and counts, with and without stamps.
//! In: scripts. Out: matches.
//! Never: asks for wording.

use super::*;

#[test]
fn a_span_closes() {
    let matches = run(
        SPAN,
        "10 quorum.lost n1 votes=1\n25 quorum.gained n1 votes=3\n30 quorum.gained n1",
    );
    assert_eq!(line(&matches[0]), "n1 - 10..25 x1 low");
    assert_eq!(matches.len(), 1);
    assert_eq!(detail(&matches[0], "duration_s"), "15.0");
    assert_eq!(detail(&matches[0], "open"), "false");
    assert_eq!(detail(&matches[0], "votes"), "3");
    assert_eq!(matches[0].lines.len(), 2);
}

#[test]
fn a_span_is_open_at_the_end() {
    let matches = run(
        SPAN,
        "10 quorum.lost n1\n12 quorum.lost n1\n20 quorum.lost n2",
    );
    assert_eq!(
        matches.iter().map(line).collect::<Vec<_>>(),
        ["n1 - 10..open x2 low", "n2 - 20..open x1 low"]
    );
    assert_eq!(matches[0].ended, None);
    assert_eq!(detail(&matches[0], "open"), "true");
    assert_eq!(detail(&matches[0], "duration_s"), "10.0");
}

#[test]
fn a_span_can_be_cut() {
    let matches = run(
        SPAN,
        "10 quorum.lost n1\n30 node.boots n1 boot=b2\n40 quorum.gained n1",
    );
    assert_eq!(line(&matches[0]), "n1 - 10..30 x1 low");
    assert_eq!(detail(&matches[0], "cut_by"), "node.boots");
    assert_eq!(detail(&matches[0], "boot"), "?");
}

#[test]
fn what_cuts_a_span_may_open_the_next() {
    let boots =
        "[open]\nsee = 'node.boots'\n[close]\nsee = 'lock.lost'\n[until]\nsee = 'node.boots'";
    check(
        boots,
        "1 node.boots n1\n5 node.boots n1",
        &["n1 - 1..5 x1 low", "n1 - 5..open x1 low"],
    );
}

#[test]
fn a_span_without_stamps_has_no_length() {
    let matches = run(SPAN, "- quorum.lost n1\n- quorum.gained n1");
    assert_eq!(line(&matches[0]), "n1 - ?..? x1 low");
    assert_eq!(matches[0].outcome, Outcome::Matched);
    assert_eq!(detail(&matches[0], "duration_s"), "?");
    assert_eq!(matches[0].value("span"), Value::Null);
}

#[test]
fn a_closing_fact_closes_what_it_belongs_to() {
    let flap = "subject = 'link {link} to node {peer}'\n[open]\nsee = 'link.down'\n[close]\nsee = ['link.up', 'link.peer-left']";
    // By the fields of the subject that it has: `peer-left` has no link and closes all of the peer.
    check(
        flap,
        "1 link.down n1 peer=8 link=0\n2 link.down n1 peer=8 link=1\n3 link.down n1 peer=3 link=0\n4 link.up n1 peer=8 link=1\n5 link.peer-left n1 peer=8\n6 link.up n2 peer=3 link=0",
        &[
            "n1 link 0 to node 8 1..5 x1 low",
            "n1 link 1 to node 8 2..4 x1 low",
            "n1 link 0 to node 3 3..open x1 low",
        ],
    );
    let same = "[open]\nsee = 'lock.lost'\n[close]\nsee = 'lock.gained'\nsame = ['lock']";
    check(
        same,
        "1 lock.lost n1 lock=a\n2 lock.gained n1 lock=b\n3 lock.gained n1\n4 lock.gained n1 lock=a",
        &["n1 - 1..4 x1 low"],
    );
}

#[test]
fn spans_fold_and_add_up() {
    let fold =
        format!("fold = '10s'\n{SPAN}\n[[tally]]\nas = 'votes_min'\nfield = 'votes'\nhow = 'min'");
    let matches = run(
        &fold,
        "0 quorum.lost n1 votes=2\n5 quorum.gained n1\n15 quorum.lost n1 votes=1\n18 quorum.gained n1 votes=4\n29 quorum.lost n1",
    );
    assert_eq!(
        matches.iter().map(line).collect::<Vec<_>>(),
        ["n1 - 0..18 x2 low", "n1 - 29..open x1 low"]
    );
    assert_eq!(detail(&matches[0], "duration_s"), "8.0");
    assert_eq!(matches[0].span(), Some(Span::from_secs(18)));
    assert_eq!(detail(&matches[0], "votes_min"), "1");
    assert_eq!(detail(&matches[1], "votes_min"), "?");
}

#[test]
fn steps_come_in_order_and_in_time() {
    check(
        STEPS,
        "0 lock.lost n1\n70 watchdog.expired n1\n370 node.boots n1",
        &["n1 - 0..370 x1 low"],
    );
    check(
        STEPS,
        "0 lock.lost n1\n71 watchdog.expired n1\n80 node.boots n1",
        &[],
    );
    check(
        STEPS,
        "0 watchdog.expired n1\n1 lock.lost n1\n2 node.boots n1",
        &[],
    );
    check(
        STEPS,
        "0 lock.lost n1\n1 watchdog.expired n2\n2 node.boots n1",
        &[],
    );
    check(
        STEPS,
        "- lock.lost n1\n- watchdog.expired n1\n- node.boots n1",
        &["n1 - ?..? x1 low"],
    );
}

#[test]
fn a_later_first_step_counts_and_matches_once() {
    check(
        STEPS,
        "0 lock.lost n1\n60 lock.lost n1\n120 watchdog.expired n1\n130 node.boots n1\n140 node.boots n1",
        &["n1 - 60..130 x1 low"],
    );
}

#[test]
fn steps_agree_with_what_was_kept() {
    let steps = "[[step]]\nsee = 'lock.lost'\nkeep = ['lock', 'owner']\n[[step]]\nsee = 'lock.gained'\nsame = ['lock']";
    let matches = run(
        steps,
        "1 lock.lost n1 lock=a owner=n9\n2 lock.lost n1 lock=b\n3 lock.gained n1 lock=a\n4 lock.gained n1 lock=c\n5 lock.gained n1 lock=b",
    );
    assert_eq!(
        matches.iter().map(line).collect::<Vec<_>>(),
        ["n1 - 1..3 x1 low", "n1 - 2..5 x1 low"]
    );
    assert_eq!(detail(&matches[0], "owner"), "n9");
    let mapped = "[[step]]\nsee = 'lock.lost'\nkeep = ['owner']\n[[step]]\nsee = 'watchdog.expired'\nsame = { owner = 'client' }";
    check(
        mapped,
        "1 lock.lost n1 owner=lrm\n2 watchdog.expired n1 client=crm\n3 watchdog.expired n1 client=lrm",
        &["n1 - 1..3 x1 low"],
    );
}

#[test]
fn what_was_kept_wins_over_later_values() {
    let steps = "subject = 'lock {lock}'\n[[step]]\nsee = 'lock.lost'\nkeep = ['lock']\n[[step]]\nsee = 'token.lost'\n[[step]]\nsee = 'link.down'";
    let matches = run(
        steps,
        "1 lock.lost n1 lock=a\n2 token.lost n1 ms=3\n3 link.down n1 ms=9",
    );
    assert_eq!(line(&matches[0]), "n1 lock a 1..3 x1 low");
    assert_eq!(detail(&matches[0], "ms"), "9");
}

#[test]
fn a_step_may_ask_that_nothing_came_between() {
    let steps = "[[step]]\nsee = 'lock.lost'\n[[step]]\nsee = 'watchdog.expired'\n[[step]]\nsee = 'node.boots'\nunless = { see = 'lock.gained' }";
    check(
        steps,
        "1 lock.lost n1\n2 watchdog.expired n1\n3 node.boots n1",
        &["n1 - 1..3 x1 low"],
    );
    check(
        steps,
        "1 lock.lost n1\n2 lock.gained n1\n3 watchdog.expired n1\n4 node.boots n1",
        &[],
    );
    check(
        steps,
        "- lock.lost n1\n- watchdog.expired n1\n- lock.gained n1\n- node.boots n1",
        &[],
    );
    check(
        steps,
        "1 lock.lost n1\n2 lock.gained n2\n3 watchdog.expired n1\n4 node.boots n1",
        &["n1 - 1..4 x1 low"],
    );
}

#[test]
fn one_fact_is_one_step() {
    let twice = "[[step]]\nsee = 'token.lost'\n[[step]]\nsee = 'token.lost'";
    check(
        twice,
        "1 token.lost n1\n2 token.lost n1\n3 token.lost n1",
        &["n1 - 1..2 x1 low", "n1 - 2..3 x1 low"],
    );
}

#[test]
fn a_threshold_begins_at_the_first_fact_of_its_window() {
    check(
        COUNT,
        "0 token.lost n1\n11 token.lost n1\n12 link.down n1\n20 token.lost n1\n21 token.lost n2",
        &["n1 - 11..open x3 low"],
    );
    check(
        COUNT,
        "0 token.lost n1\n5 token.lost n1\n11 token.lost n1",
        &[],
    );
    check(
        COUNT,
        "- token.lost n1\n- token.lost n1\n- token.lost n1",
        &["n1 - ?..open x3 low"],
    );
}

#[test]
fn a_count_grows_and_ends() {
    let matches = run(
        COUNT,
        "0 token.lost n1\n1 token.lost n1\n2 token.lost n1\n9 token.lost n1\n30 token.lost n1",
    );
    assert_eq!(
        matches.iter().map(line).collect::<Vec<_>>(),
        ["n1 - 0..9 x4 low"]
    );
    assert_eq!(detail(&matches[0], "duration_s"), "9.0");
    // A window that shares a fact with the match continues it.
    check(
        COUNT,
        "0 token.lost n1\n1 token.lost n1\n2 token.lost n1\n12 token.lost n1\n13 token.lost n1\n14 token.lost n1",
        &["n1 - 0..2 x3 low", "n1 - 12..open x3 low"],
    );
    check(
        COUNT,
        "0 token.lost n1\n1 token.lost n1\n2 token.lost n1\n11 token.lost n1\n12 token.lost n1\n60 node.boots n1",
        &["n1 - 0..12 x5 low"],
    );
    check(
        &format!("fold = '10s'\n{COUNT}"),
        "0 token.lost n1\n1 token.lost n1\n2 token.lost n1\n12 token.lost n1\n13 token.lost n1\n14 token.lost n1",
        &["n1 - 0..open x6 low"],
    );
}

#[test]
fn a_fact_may_count_as_many() {
    let weighed = "[count]\nsee = 'token.lost'\nat_least = 5\nwithin = '10s'\nweight = 'rounds'";
    check(
        weighed,
        "0 token.lost n1 rounds=2\n1 token.lost n1 rounds=0\n2 token.lost n1\n3 token.lost n1 rounds=2",
        &["n1 - 0..open x5 low"],
    );
}
