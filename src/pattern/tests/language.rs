//! The reference of the language holds what it says.
//! In: `language.md`. Out: a pattern that is right and runs.
//! Never: looks at the tables.

use super::*;
use proptest::prelude::*;

fn reference() -> Arc<Pattern> {
    let text = include_str!("../language.md");
    let toml = text
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap_or_default();
    let pattern = parse("patterns/link-flap.toml", toml).unwrap_or_else(|e| panic!("{e}"));
    let mut vocabulary = vocabulary();
    vocabulary.add_state(&["ha_active"]);
    let kinds = ["link-flap", "token-loss", "cpu-starvation"].into();
    let errors = super::super::check::check(&pattern, &vocabulary, &kinds);
    assert!(errors.is_empty(), "{}", errors[0]);
    Arc::new(pattern)
}

#[test]
fn the_worked_example_is_right_and_runs() {
    let pattern = reference();
    let mut engine = Engine::new(vec![Arc::clone(&pattern)], &Limits::default());
    let script = "1 link.down n1 peer=2 link=0 graceful=false
        6 link.up n1 peer=2 link=0
        20 link.peer-left n1 peer=3
        21 link.down n1 peer=3 link=0 graceful=false
        30 link.down n1 peer=2 link=0 graceful=false
        90 node.boots n1";
    for fact in &facts(script) {
        engine.see(fact.clone(), &mut Vec::new());
    }
    let (matches, _) = engine.finish(When {
        at: None,
        order: 99,
    });
    let lines: Vec<_> = matches.iter().map(line).collect();
    assert_eq!(lines, ["n1 link 0 to node 2 1..90 x2 low"]);
    let text = matches[0].render(pattern.say.text.get_ref(), "pve1");
    assert_eq!(
        text,
        "pve1 lost link 0 to node 2 2 times, 1 min 5 s in all."
    );
    let title = matches[0].render(pattern.title.get_ref(), "pve1");
    assert_eq!(title, "Link 0 to node 2 went down 2 times");
    let finds = pattern.examples[0].finds.clone().unwrap_or_default();
    assert_eq!(
        finds.differences(&matches[0], Some("pve1")),
        ["count is 2, not 1"]
    );
}

/// Patterns of every form with every kind of waiting.
const ALL_FORMS: [&str; 5] = [
    "fold = '20s'\n[on]\nsee = 'link.down'\nunless = { see = 'link.peer-left', within = '5s', after = '9s' }",
    "subject = 'to {peer}'\nfold = '15s'\n[open]\nsee = 'link.down'\nunless = { see = 'link.peer-left', after = '9s' }\n[close]\nsee = 'link.up'\n[until]\nsee = 'node.boots'",
    "within = '30s'\n[[step]]\nsee = 'link.down'\nkeep = ['peer']\n[[step]]\nsee = 'link.up'\nsame = ['peer']\n[[step]]\nsee = 'node.boots'\nunless = { see = 'link.peer-left' }",
    "fold = '5s'\n[count]\nsee = ['link.down', 'link.up']\nat_least = 3\nwithin = '20s'",
    "scope = 'cluster'\n[on]\nsee = 'node.boots'\nwhile = { since = 'link.down', until = 'link.up' }",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// `run` compares an engine that is ticked with one that is not.
    #[test]
    fn whatever_comes_the_answer_depends_on_facts_alone(
        steps in proptest::collection::vec((0u32..12, 0usize..4, 1u32..3, 1u32..4, any::<bool>()), 0..60)
    ) {
        let names = ["link.down", "link.up", "link.peer-left", "node.boots"];
        let mut at = 0;
        let mut script = String::new();
        for (wait, name, node, peer, has_peer) in steps {
            at += wait;
            let peer = if has_peer && name != 3 { format!("peer={peer}") } else { String::new() };
            script += &format!("{at} {} n{node} {peer}\n", names[name]);
        }
        let unstamped: String = script.lines().map(|line| {
            format!("- {}\n", line.split_once(' ').map_or("", |(_, rest)| rest))
        }).collect();
        for middle in ALL_FORMS {
            for script in [&script, &unstamped] {
                for found in run(middle, script) {
                    prop_assert!(found.count >= 1);
                    prop_assert!(!found.lines.is_empty());
                    prop_assert!(found.began.order <= found.latest.order);
                }
            }
        }
    }
}
