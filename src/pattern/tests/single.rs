//! Single facts: folding, subjects, absence, guards.
//! In: scripts. Out: matches.
//! Never: asks for wording.

use super::*;

#[test]
fn one_fact_is_enough() {
    check(
        ON,
        "10 quorum.lost n1\n20 quorum.lost n1\n20 quorum.lost n2",
        &[
            "n1 - 10..10 x1 low",
            "n1 - 20..20 x1 low",
            "n2 - 20..20 x1 low",
        ],
    );
    check(
        "[on]\nsee = ['quorum.lost', 'lock.lost']\n",
        "1 lock.lost n1\n2 lock.gained n1",
        &["n1 - 1..1 x1 low"],
    );
    check(
        "[on]\nsee = 'quorum.lost'\nwhere = { votes = { max = 1 } }",
        "1 quorum.lost n1 votes=2\n2 quorum.lost n1 votes=1\n3 quorum.lost n1 votes=null",
        &["n1 - 2..2 x1 low"],
    );
}

#[test]
fn the_cluster_has_one_match_for_all_nodes() {
    let matches = run(
        "scope = 'cluster'\nfold = '1m'\n[on]\nsee = 'quorum.lost'",
        "10 quorum.lost n2\n20 quorum.lost n1\n30 quorum.lost n2",
    );
    assert_eq!(line(&matches[0]), "- - 10..30 x3 low");
    assert_eq!(matches[0].nodes, [Observer(1), Observer(2)]);
}

#[test]
fn folding_joins_what_follows_soon() {
    let fold = "fold = '10s'\n[on]\nsee = 'quorum.lost'";
    check(
        fold,
        "0 quorum.lost n1\n10 quorum.lost n1\n20 quorum.lost n1\n31 quorum.lost n1",
        &["n1 - 0..20 x3 low", "n1 - 31..31 x1 low"],
    );
    check(
        fold,
        "- quorum.lost n1\n- quorum.lost n1",
        &["n1 - ?..? x2 low"],
    );
    // A little out of order, as clocks of several nodes are.
    check(
        fold,
        "5 quorum.lost n1\n4 quorum.lost n1",
        &["n1 - 5..4 x2 low"],
    );
}

#[test]
fn the_subject_keys_matches() {
    let flap = "subject = 'link {link} to node {peer}'\nfold = '1m'\n[on]\nsee = 'link.down'";
    check(
        flap,
        "1 link.down n1 peer=8 link=0\n2 link.down n1 peer=1 link=0\n3 link.down n1 peer=8 link=0\n4 link.down n1 link=1",
        &[
            "n1 link 0 to node 8 1..3 x2 low",
            "n1 link 0 to node 1 2..2 x1 low",
            "n1 link 1 to node ? 4..4 x1 low",
        ],
    );
}

#[test]
fn the_same_fact_counts_once() {
    let mut engine = Engine::new(
        vec![pattern("fold = '1m'\n[on]\nsee = 'membership.changed'")],
        &Limits::default(),
    );
    let once = fact(0, "1 membership.changed n1 left=[1]");
    let other = fact(0, "1 membership.changed n1 left=[2]");
    for fact in [&once, &once, &other, &once] {
        engine.see(fact.clone(), &mut Vec::new());
    }
    assert_eq!(engine.finish(once.when).0[0].count, 2);
}

#[test]
fn absence_before() {
    let unless = "[on]\nsee = 'link.down'\nunless = { see = 'link.peer-left', within = '30s', same = ['peer'] }";
    check(
        unless,
        "1 link.peer-left n1 peer=8\n31 link.down n1 peer=8\n32 link.down n1 peer=8",
        &["n1 - 32..32 x1 low"],
    );
    check(
        unless,
        "1 link.peer-left n1 peer=3\n2 link.down n1 peer=8",
        &["n1 - 2..2 x1 low"],
    );
    check(
        unless,
        "1 link.peer-left n2 peer=8\n2 link.down n1 peer=8",
        &["n1 - 2..2 x1 low"],
    );
    check(
        unless,
        "1 link.peer-left n1 peer=null\n2 link.down n1 peer=null",
        &["n1 - 2..2 x1 low"],
    );
    check(
        unless,
        "1 link.down n1 peer=8\n2 link.peer-left n1 peer=8",
        &["n1 - 1..1 x1 low"],
    );
    // Without stamps only the neighbourhood is asked.
    check(
        unless,
        "- link.peer-left n1 peer=8\n- link.down n1 peer=8",
        &[],
    );
    let far = format!(
        "- link.peer-left n1 peer=8\n{}- link.down n1 peer=8",
        "- node.boots n1\n".repeat(20)
    );
    check(unless, &far, &["n1 - ?..? x1 low"]);
}

#[test]
fn absence_may_look_into_lists() {
    let unless = "[on]\nsee = 'link.down'\nunless = { see = 'membership.changed', within = '30s', same = { peer = 'left' } }";
    check(
        unless,
        "1 membership.changed n1 left=[3,8]\n2 link.down n1 peer=8\n3 link.down n1 peer=1",
        &["n1 - 3..3 x1 low"],
    );
}

#[test]
fn absence_after_makes_the_match_wait() {
    let unless = "[on]\nsee = 'link.down'\nunless = { see = 'link.peer-left', after = '5s', same = ['peer'] }";
    check(
        unless,
        "1 link.down n1 peer=8\n6 link.peer-left n1 peer=8",
        &[],
    );
    check(
        unless,
        "1 link.down n1 peer=8\n7 link.peer-left n1 peer=8",
        &["n1 - 1..1 x1 low"],
    );
    check(
        unless,
        "1 link.down n1 peer=8\n2 link.down n1 peer=3\n3 link.peer-left n1 peer=8",
        &["n1 - 2..2 x1 low"],
    );
    check(
        unless,
        "- link.down n1 peer=8\n- link.peer-left n1 peer=8",
        &[],
    );
    // The log ends before anything refutes it.
    check(unless, "1 link.down n1 peer=8", &["n1 - 1..1 x1 low"]);
}

#[test]
fn a_waiting_span_keeps_its_order() {
    let span = "[open]\nsee = 'link.down'\nunless = { see = 'link.peer-left', after = '5s' }\n[close]\nsee = 'link.up'";
    check(
        span,
        "1 link.down n1 peer=8\n3 link.up n1 peer=8\n9 node.boots n1",
        &["n1 - 1..3 x1 low"],
    );
    check(
        span,
        "1 link.down n1\n2 link.peer-left n1\n3 link.up n1\n4 link.down n1",
        &["n1 - 4..open x1 low"],
    );
}

#[test]
fn waiting_ends_with_time() {
    let on = pattern("[on]\nsee = 'link.down'\nunless = { see = 'link.peer-left', after = '5s' }");
    let mut engine = Engine::new(vec![on], &Limits::default());
    let mut news = Vec::new();
    engine.see(fact(0, "1 link.down n1"), &mut news);
    assert!(news.is_empty());
    let later = When {
        at: Some(Timestamp::from_seconds(7)),
        order: 1,
    };
    engine.tick(later, &mut news);
    assert!(matches!(news[..], [Update::Opened(_), Update::Closed(_)]));
}

#[test]
fn a_guard_asks_for_state() {
    let guard = |not| {
        format!(
            "[on]\nsee = 'lock.lost'\nwhile = {{ since = 'quorum.lost', until = 'quorum.gained', not = {not} }}"
        )
    };
    let script = "1 lock.lost n1\n2 quorum.lost n1\n3 lock.lost n1\n4 lock.lost n2\n5 quorum.gained n1\n6 lock.lost n1";
    check(&guard(false), script, &["n1 - 3..3 x1 low"]);
    check(
        &guard(true),
        script,
        &["n1 - 1..1 x1 low", "n2 - 4..4 x1 low", "n1 - 6..6 x1 low"],
    );
    // What is said of the cluster is said of each node, and the later word counts.
    check(
        &guard(false),
        "1 quorum.lost -\n2 lock.lost n1\n3 quorum.gained n1\n4 lock.lost n1\n5 lock.lost n2",
        &["n1 - 2..2 x1 low", "n2 - 5..5 x1 low"],
    );
    // The fact that ends the state still sees it.
    check(
        "[on]\nsee = 'quorum.gained'\nwhile = { since = 'quorum.lost', until = 'quorum.gained' }",
        "1 quorum.gained n1\n2 quorum.lost n1\n3 quorum.gained n1",
        &["n1 - 3..3 x1 low"],
    );
}
