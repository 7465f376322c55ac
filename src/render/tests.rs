//! What the renderers promise, held on whole answers.
//! In: the fixtures. Out: snapshots to read, and rules that hold for every look.
//! Never: a rule that only one fixture obeys.

use super::*;
use crate::model::Timestamp;
use unicode_width::UnicodeWidthStr;

fn drawn(report: &Report, look: &Look) -> String {
    let mut bytes = Vec::new();
    render(report, Format::Term, look, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn look(width: usize, ascii: bool, verbosity: Verbosity) -> Look {
    Look {
        width,
        ascii,
        verbosity,
        ..Look::default()
    }
}

#[test]
fn the_answers_read_well() {
    let stories = [
        ("founding", fixtures::founding()),
        ("fence", fixtures::fence()),
    ];
    for (name, report) in &stories {
        for width in [80, 120] {
            for (letters, ascii) in [("unicode", false), ("ascii", true)] {
                let text = drawn(report, &look(width, ascii, Verbosity::Normal));
                insta::assert_snapshot!(format!("{name}-{width}-{letters}"), text);
            }
        }
        let text = drawn(report, &look(100, false, Verbosity::Verbose));
        insta::assert_snapshot!(format!("{name}-verbose"), text);
        let text = drawn(report, &look(80, false, Verbosity::Quiet));
        insta::assert_snapshot!(format!("{name}-quiet"), text);
    }
}

#[test]
fn the_small_answers_read_well() {
    let stories = [
        ("calm", fixtures::quiet()),
        ("nothing", fixtures::nothing()),
        ("hostile", fixtures::hostile()),
    ];
    for (name, report) in &stories {
        let text = drawn(report, &look(80, false, Verbosity::Normal));
        insta::assert_snapshot!(name.to_string(), text);
    }
    let text = drawn(
        &fixtures::many_nodes(),
        &look(120, false, Verbosity::Normal),
    );
    insta::assert_snapshot!("many-nodes", text);
}

#[test]
fn lines_of_json_read_well() {
    let mut bytes = Vec::new();
    render(
        &fixtures::fence(),
        Format::Jsonl,
        &Look::default(),
        &mut bytes,
    )
    .unwrap();
    insta::assert_snapshot!("fence-jsonl", String::from_utf8(bytes).unwrap());
}

/// Every look that can be asked for, with its name.
fn looks() -> impl Iterator<Item = Look> {
    let verbosities = [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose];
    [1, 40, 63, 80, 120, 200]
        .into_iter()
        .flat_map(move |width| {
            verbosities
                .into_iter()
                .flat_map(move |v| [false, true].map(|ascii| look(width, ascii, v)))
        })
}

#[test]
fn only_commands_pass_the_width() {
    for report in fixtures::all() {
        let advice = report.incidents.iter().flat_map(|i| &i.advice);
        let commands: Vec<String> = advice
            .filter_map(|a| a.run.as_ref())
            .flat_map(|run| run.split('\n'))
            .flat_map(|line| [false, true].map(|ascii| escape::visible(line, ascii)))
            .collect();
        for look in looks() {
            let text = drawn(&report, &look);
            for line in text.lines() {
                let fits = line.width() <= look.width.max(40);
                let command = commands.iter().any(|c| line.trim() == c.trim());
                assert!(fits || command, "{look:?}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
}

#[test]
fn nothing_that_a_terminal_obeys_is_written() {
    for report in fixtures::all() {
        for look in looks() {
            let text = drawn(&report, &look);
            let obeyed = |c: &char| *c != '\n' && escape::is_hostile(*c);
            assert_eq!(text.chars().find(obeyed), None);
            assert!(!look.ascii || text.is_ascii(), "{text}");
        }
    }
}

#[test]
fn colour_changes_no_letter() {
    for report in fixtures::all() {
        for plain in looks() {
            let coloured = Look {
                colour: true,
                ..plain.clone()
            };
            let stripped = anstream::adapter::strip_str(&drawn(&report, &coloured)).to_string();
            assert_eq!(stripped, drawn(&report, &plain));
        }
    }
}

#[test]
fn json_is_one_object_or_one_a_line_and_hides_nothing() {
    for report in fixtures::all() {
        let mut bytes = Vec::new();
        render(&report, Format::Json, &Look::default(), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with("}\n"));
        assert!(!text.chars().any(|c| c != '\n' && escape::is_hostile(c)));
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed, serde_json::to_value(&report).unwrap());

        let mut bytes = Vec::new();
        render(&report, Format::Jsonl, &Look::default(), &mut bytes).unwrap();
        for line in String::from_utf8(bytes).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line["type"].is_string());
        }
    }
}

#[test]
fn an_update_is_a_line_with_its_type_first() {
    let mut bytes = Vec::new();
    let verdict = fixtures::quiet().verdict;
    jsonl_update("verdict", &verdict, &mut bytes).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "{\"type\":\"verdict\",\"severity\":\"info\",\"text\":\"Nothing wrong was found.\"}\n"
    );
}

#[test]
fn every_format_is_known_by_its_word() {
    for (word, format) in FORMATS {
        assert_eq!(Format::from_word(word), Some(format));
        assert_eq!(format.word(), word);
    }
    assert_eq!(Format::from_word("xml"), None);
}

proptest::proptest! {
    /// Whatever stamps, orders and names a report holds, an answer is drawn and fits.
    #[test]
    fn any_lanes_can_be_drawn(
        began in proptest::option::of(proptest::num::i64::ANY),
        ended in proptest::option::of(proptest::num::i64::ANY),
        lines in (0_u64.., 0_u64..),
        width in 40_usize..140,
        spans in proptest::collection::vec((proptest::option::of(proptest::num::i64::ANY), 0_u64.., ".{0,12}"), 1..9),
    ) {
        let mut report = fixtures::fence();
        report.inputs.truncate(1 + width % 3);
        let story = &mut report.incidents[0];
        (story.began, story.ended) = (began.map(Timestamp), ended.map(Timestamp));
        (story.line, story.last_line) = lines;
        for (lane, (at, order, label)) in report.lanes.iter_mut().zip(spans.iter().cycle()) {
            for span in lane.spans.iter_mut().skip(1) {
                (span.at, span.order, span.line) = (at.map(Timestamp), *order, *order);
                span.label.clone_from(label);
            }
        }
        let look = look(width, false, Verbosity::Normal);
        let text = drawn(&report, &look);
        for line in text.lines() {
            proptest::prop_assert!(line.width() <= width, "{}", line);
        }
    }
}

#[test]
fn of_many_stories_the_worst_are_told_and_the_others_named() {
    let mut report = fixtures::fence();
    let story = report.incidents.remove(0);
    for n in 1..=45 {
        let mut one = story.clone();
        one.title = format!("Story {n}.");
        report.incidents.push(one);
    }
    let told = |verbosity| drawn(&report, &look(100, false, verbosity));
    let text = told(Verbosity::Normal);
    assert!(text.contains("── 10 of 45 ") && text.contains("── 11 of 45 "));
    assert!(!text.contains("── 12 of 45 ") && text.contains("on 10 of 45"));
    assert!(!text.contains("on 11 of 45"));
    assert!(text.contains("Story 40.") && !text.contains("Story 41."));
    assert!(text.contains("and 5 more; -v tells all in full"));
    let text = told(Verbosity::Verbose);
    assert!(text.contains("── 45 of 45 ") && !text.contains("more; -v"));
    // The eleventh takes no more room in full than in a list.
    report.incidents.truncate(11);
    let text = drawn(&report, &look(100, false, Verbosity::Normal));
    assert!(text.contains("── 11 of 11 ") && !text.contains("-v tells"));
}
