//! Every form of a pattern, with and without stamps.
//! In: scripts. Out: matches.
//! Never: asks for wording.

use super::*;

const ON: &str = "[on]\nsee = 'quorum.lost'";

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
        engine.see(fact, &mut Vec::new());
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
    engine.see(&fact(0, "1 link.down n1"), &mut news);
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

const SPAN: &str =
    "[open]\nsee = 'quorum.lost'\n[close]\nsee = 'quorum.gained'\n[until]\nsee = 'node.boots'";

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

const STEPS: &str = "within = '70s'\n[[step]]\nsee = 'lock.lost'\nkeep = ['lock']\n[[step]]\nsee = 'watchdog.expired'\n[[step]]\nsee = 'node.boots'\nwithin = '5m'";

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

const COUNT: &str = "[count]\nsee = ['token.lost', 'link.down']\nat_least = 3\nwithin = '10s'";

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

#[test]
fn tallies_go_over_the_facts_of_a_match() {
    let tallies = "fold = '1m'\n[on]\nsee = ['link.down', 'link.up']\n
        [[tally]]\nas = 'down_s_total'\nfield = 'down_s'\nhow = 'sum'\n
        [[tally]]\nas = 'worst'\nfield = 'ms'\nhow = 'max'\n
        [[tally]]\nas = 'peers'\nfield = 'peer'\nhow = 'distinct'\n
        [[tally]]\nas = 'first_peer'\nfield = 'peer'\nhow = 'first'\n
        [[tally]]\nas = 'last_peer'\nfield = 'peer'\nhow = 'last'\n
        [[tally]]\nas = 'ups'\nhow = 'count'\nsee = 'link.up'\n
        [[tally]]\nas = 'least'\nfield = 'link'\nhow = 'min'";
    let matches = run(
        tallies,
        "1 link.down n1 peer=8 ms=5\n2 link.up n1 peer=8 down_s=1.5\n3 link.down n1 peer=1 ms=3\n4 link.up n1 peer=null down_s=2",
    );
    let m = &matches[0];
    let names = [
        "down_s_total",
        "worst",
        "peers",
        "first_peer",
        "last_peer",
        "ups",
        "least",
    ];
    let values = names.map(|name| detail(m, name));
    assert_eq!(values, ["3.5", "5", "8 1", "8", "1", "2", "?"]);
    assert_eq!(
        detail(m, "peer"),
        "1",
        "nothing known is replaced by nothing"
    );
}

#[test]
fn raises_judge_at_each_update() {
    let raised = format!("{SPAN}\n
        [[raise]]\nseverity = 'catastrophic'\nwhen = {{ count = {{ min = 3 }} }}\nbecause = 'lost {{count}} times'\n
        [[raise]]\nseverity = 'info'\nwhen = {{ open = false, duration_s = {{ max = 2 }} }}\nbecause = 'it took {{duration_s:span}}'\n
        [[raise]]\nseverity = 'high'\nwhen = {{ margin = {{ max = 0 }} }}\nbecause = 'no vote to spare'");
    let script = "1 quorum.lost n1 margin=0\n2 quorum.lost n1\n3 quorum.lost n1";
    let matches = run(&raised, script);
    assert_eq!(line(&matches[0]), "n1 - 1..open x3 catastrophic");
    assert_eq!(matches[0].severity_because.as_deref(), Some("lost 3 times"));
    let matches = run(
        &raised,
        "1 quorum.lost n1 margin=0\n2 quorum.gained n1\n3 quorum.lost n1 margin=0\n9 quorum.gained n1\n10 quorum.lost n1\n15 quorum.gained n1",
    );
    assert_eq!(
        matches.iter().map(line).collect::<Vec<_>>(),
        [
            "n1 - 1..2 x1 info",
            "n1 - 3..9 x1 high",
            "n1 - 10..15 x1 low"
        ]
    );
    assert_eq!(matches[0].severity_because.as_deref(), Some("it took 1 s"));
}

#[test]
fn the_basis_is_the_weakest() {
    let matches = run(
        SPAN,
        "1 quorum.lost n1\n2 ~quorum.gained n1\n3 quorum.lost n2",
    );
    assert_eq!(matches[0].basis, Basis::Inferred);
    assert_eq!(matches[1].basis, Basis::Stated);
}

#[test]
fn matches_are_sorted_by_beginning_pattern_node_subject() {
    let early = pattern("[open]\nsee = 'quorum.lost'\n[close]\nsee = 'quorum.gained'");
    let late = Arc::new(Pattern {
        id: toml::Spanned::new(0..0, "a".to_owned()),
        ..(*early).clone()
    });
    let mut engine = Engine::new(vec![early, late], &Limits::default());
    for fact in [
        fact(0, "1 quorum.lost n2"),
        fact(0, "1 quorum.lost n1"),
        fact(1, "2 quorum.gained n1"),
    ] {
        engine.see(&fact, &mut Vec::new());
    }
    let matches = engine.finish(When { at: None, order: 9 }).0;
    let ids: Vec<_> = matches
        .iter()
        .map(|m| (m.pattern.id(), m.node.map(|n| n.0)))
        .collect();
    assert_eq!(
        ids,
        [
            ("a", Some(1)),
            ("a", Some(2)),
            ("x", Some(1)),
            ("x", Some(2))
        ]
    );
}

#[test]
fn equal_stamps_in_any_order_give_the_same_matches() {
    let script = [
        "5 token.lost n1 ms=1",
        "5 link.down n1 ms=2",
        "5 token.lost n1 ms=3",
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let script = order.map(|n| script[n]).join("\n");
        check(COUNT, &script, &["n1 - 5..open x3 low"]);
    }
}

#[test]
fn updates_tell_beginning_growth_and_end() {
    let words = |middle: &str, script: &str| {
        let mut engine = Engine::new(vec![pattern(middle)], &Limits::default());
        let mut news = Vec::new();
        for fact in &facts(script) {
            engine.see(fact, &mut news);
        }
        engine.tick(
            When {
                at: Some(Timestamp::from_seconds(10_000)),
                order: 99,
            },
            &mut news,
        );
        let word = |update: &Update| match update {
            Update::Opened(_) => 'o',
            Update::Grew(_) => 'g',
            Update::Closed(_) => 'c',
        };
        news.iter().map(word).collect::<String>()
    };
    assert_eq!(words(ON, "1 quorum.lost n1"), "oc");
    assert_eq!(
        words(
            &format!("fold = '1m'\n{ON}"),
            "1 quorum.lost n1\n2 quorum.lost n1"
        ),
        "ogc"
    );
    assert_eq!(
        words(
            SPAN,
            "1 quorum.lost n1\n2 quorum.lost n1\n3 quorum.gained n1"
        ),
        "ogc"
    );
    assert_eq!(
        words(
            &format!("fold = '1m'\n{SPAN}"),
            "1 quorum.lost n1\n3 quorum.gained n1\n4 quorum.lost n1\n5 node.boots n1"
        ),
        "ocgc"
    );
    assert_eq!(
        words(
            COUNT,
            "1 token.lost n1\n2 token.lost n1\n3 token.lost n1\n4 token.lost n1"
        ),
        "ogc"
    );
    assert_eq!(
        words(
            STEPS,
            "1 lock.lost n1\n2 watchdog.expired n1\n3 node.boots n1"
        ),
        "oc"
    );
}
