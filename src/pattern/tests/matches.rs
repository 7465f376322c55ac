//! What matches say of themselves: tallies, severity, basis, order, updates.
//! In: scripts. Out: matches.
//! Never: asks for wording.

use super::*;

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
        engine.see(fact, &mut Vec::new());
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
            engine.see(fact.clone(), &mut news);
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
