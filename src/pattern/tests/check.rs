//! Wrong pattern files and what is said of them.
//! In: pattern files with one fault. Out: the place and the advice.
//! Never: runs them.

use super::*;

/// The first error of a file: its place as the text underlined, its message and the advice under it.
#[track_caller]
fn check(text: &str, marked: &str, message: &str, label: &str) {
    let errors = errors(text);
    let error = errors.first().expect("an error");
    let (line, column) = error.line_column();
    let line = text.lines().nth(line - 1).unwrap_or_default();
    let at: String = line.chars().skip(column - 1).collect();
    assert!(at.starts_with(marked), "{error}");
    assert!(error.message().contains(message), "{error}");
    assert_eq!(error.label(), label, "{error}");
}

fn errors(text: &str) -> Vec<Error> {
    let mut vocabulary = vocabulary();
    vocabulary.add_state(&["quorate"]);
    match parse("patterns/x.toml", text) {
        Ok(pattern) => {
            super::super::check::check(&pattern, &vocabulary, &["x", "token-loss"].into())
        }
        Err(error) => vec![error],
    }
}

const ON: &str = "[on]\nsee = 'quorum.lost'\n";

#[test]
fn names_are_known() {
    check(
        &file("[on]\nsee = \"quorum.loss\""),
        "\"quorum.loss\"",
        "no event or change is called `quorum.loss`",
        "did you mean `quorum.lost`?",
    );
    check(
        &file("[on]\nsee = ['quorum.lost', 'lock.last']"),
        "'lock.last'",
        "no event or change",
        "did you mean `lock.lost`?",
    );
    check(
        &file(&format!(
            "{ON}while = {{ since = 'x.y', until = 'quorum.lost' }}"
        )),
        "'x.y'",
        "no event or change",
        "there is link.down, link.peer-left, link.up, lock.gained, lock.lost, membership.changed, node.boots, quorum.gained, quorum.lost, token.lost, watchdog.expired",
    );
    check(
        &file(&format!(
            "{ON}unless = {{ see = 'link.upp', within = '1s' }}"
        )),
        "'link.upp'",
        "no event or change",
        "did you mean `link.up`?",
    );
    check(
        &file(&format!("explains = ['token-los']\n{ON}")),
        "'token-los'",
        "no pattern is called",
        "did you mean `token-loss`?",
    );
    check(
        &file(&format!("{ON}[[settle]]\nsay = 'x'\nrivals = 'y'")),
        "'y'",
        "no pattern is called",
        "there is token-loss, x",
    );
}

#[test]
fn fields_are_known() {
    check(
        &file(&format!("{ON}where = {{ vote = 1 }}")),
        "vote",
        "no field is called `vote` here",
        "did you mean `votes`?",
    );
    check(
        &file("[on]\nsee = ['quorum.lost', 'quorum.gained']\nwhere = { margin = 1 }"),
        "margin",
        "no field",
        "there is votes",
    );
    check(
        &file("[open]\nsee = 'lock.lost'\n[close]\nsee = 'lock.gained'\nsame = ['owner']"),
        "'owner'",
        "no field",
        "there is lock",
    );
    check(
        &file("[[step]]\nsee = 'lock.lost'\nkeep = ['lok']\n[[step]]\nsee = 'node.boots'"),
        "'lok'",
        "no field",
        "did you mean `lock`?",
    );
    check(
        &file("[[step]]\nsee = 'lock.lost'\n[[step]]\nsee = 'lock.gained'\nsame = ['lock']"),
        "'lock'",
        "no step before this one keeps `lock`",
        "",
    );
    check(
        &file("[count]\nsee = 'token.lost'\nat_least = 2\nwithin = '1m'\nweight = 'round'"),
        "'round'",
        "no field",
        "did you mean `rounds`?",
    );
    check(
        &file(&format!(
            "{ON}[[tally]]\nas = 'a'\nhow = 'sum'\nfield = 'vots'"
        )),
        "'vots'",
        "no field",
        "did you mean `votes`?",
    );
    check(
        &file(&format!("{ON}[[tally]]\nas = 'a'\nhow = 'sum'")),
        "'a'",
        "can only count",
        "",
    );
    check(
        &file(&format!(
            "{ON}[[tally]]\nas = 'a'\nhow = 'count'\nsee = 'lock.lost'"
        )),
        "'lock.lost'",
        "does not see",
        "there is quorum.lost",
    );
    check(
        &file(&format!(
            "{ON}[[raise]]\nseverity = 'high'\nbecause = 'x'\nwhen = {{ duration_s = 1 }}"
        )),
        "duration_s",
        "no field",
        "there is count, margin, span, votes",
    );
    check(
        &file(&format!(
            "{ON}[[advice]]\nsay = 'x'\nsafety = 'safe'\nwhen = {{ quorat = true }}"
        )),
        "quorat",
        "no field",
        "did you mean `quorate`?",
    );
}

#[test]
fn templates_name_fields() {
    check(
        &file(&format!("title = \"{{votes}} of {{marginn}}\"\n{ON}")),
        "marginn}",
        "no field of this match",
        "did you mean `margin`?",
    );
    check(
        &file(&format!("subject = '{{node}}'\n{ON}")),
        "node}",
        "learnt late",
        "there is margin, votes",
    );
    check(
        &file(&format!("title = '{{x'\n{ON}")),
        "'{x'",
        "a `{` without its `}`",
        "",
    );
    check(
        &file("subject = '{down_s}'\n[open]\nsee = 'link.down'\n[close]\nsee = 'link.up'"),
        "down_s}",
        "no field",
        "there is graceful, link, ms, peer",
    );
}

#[test]
fn a_pattern_has_one_form() {
    let one = "a pattern has one form";
    check(
        &file(&format!(
            "{ON}[count]\nsee = 'token.lost'\nat_least = 2\nwithin = '1m'"
        )),
        "[count]",
        one,
        "",
    );
    check(&file(""), "\"x\"", "a pattern needs [on]", "");
    check(
        &file("[open]\nsee = 'quorum.lost'"),
        "[open]",
        "an [open] needs a [close]",
        "",
    );
    check(
        &file(&format!("{ON}[until]\nsee = 'node.boots'")),
        "[until]",
        "need an [open]",
        "",
    );
    check(
        &file(&format!("within = '1m'\n{ON}")),
        "'1m'",
        "`within` at the top is for [[step]]s",
        "",
    );
    check(
        &file("[[step]]\nsee = 'quorum.lost'"),
        "[[step]]",
        "one [[step]] is an [on]",
        "",
    );
}

#[test]
fn values_are_right() {
    check(
        &file(&format!("severity = 'hihg'\n{ON}")),
        "'hihg'",
        "unknown variant `hihg`, expected one of `info`, `low`",
        "did you mean `high`?",
    );
    check(
        &file(&format!("scop = 'node'\n{ON}")),
        "scop",
        "unknown field `scop`",
        "did you mean `scope`?",
    );
    check(
        &file(&format!("{ON}sees = 'x'")),
        "sees",
        "unknown field `sees`",
        "did you mean `see`?",
    );
    check(
        &file(&format!("{ON}where = {{ votes = {{ mim = 1 }} }}")),
        "mim",
        "unknown field `mim`",
        "did you mean `min`?",
    );
    check(
        &file(&format!("fold = '10 minutes'\n{ON}")),
        "'10 minutes'",
        "is no length of time",
        "",
    );
    check(
        &file(&format!("{ON}where = {{ votes = 'a(' }}")),
        "'a('",
        "no regex: unclosed group",
        "",
    );
    check(
        &file("[count]\nsee = 'token.lost'\nat_least = 1\nwithin = '1m'"),
        "1",
        "`at_least` is 2 to 10000",
        "",
    );
    check(
        &file(&format!("{ON}unless = {{ see = 'link.up' }}")),
        "'link.up'",
        "`unless` needs `within`",
        "",
    );
    check(
        &file(&format!("id = 'y'\n{ON}")),
        "'y'",
        "the id of `x.toml` is not `y`",
        "must be `x`",
    );
    check("id = 'x", "", "invalid", "");
}

#[test]
fn examples_are_asked_for() {
    let bare = file(ON)
        .split("[[example]]")
        .next()
        .unwrap_or_default()
        .to_owned();
    let messages: Vec<String> = errors(&bare)
        .iter()
        .map(|e| e.message().to_owned())
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("[[example]]") && messages[1].contains("[[counterexample]]"));
}

#[test]
fn every_fault_is_told() {
    let all = errors(&file(
        "[on]\nsee = ['quorum.loss', 'lock.last']\n[[tally]]\nas = 'a'\nhow = 'sum'",
    ));
    assert_eq!(all.len(), 3);
}

#[test]
fn a_file_of_ones_own_adds_or_replaces() {
    use super::super::builtin::with_overrides;
    let text = |id: &str, title: &str| file(&format!("id = '{id}'\ntitle = '{title}'\n{ON}"));
    let files = [
        ("own/x.toml".to_owned(), text("x", "first")),
        ("own/y.toml".to_owned(), text("y", "other")),
        ("own/x.toml".to_owned(), text("x", "second")),
    ];
    // The built-in files are checked with them, so the words of the whole program are needed beside the tests' own.
    let mut words = crate::analyzer::vocabulary();
    for (name, fields) in super::FACTS {
        words.add(name, fields);
    }
    let patterns = with_overrides(&files, &words).unwrap();
    let own: Vec<_> = patterns
        .iter()
        .filter(|p| p.source.path.starts_with("own"))
        .collect();
    assert_eq!(own.iter().map(|p| p.id()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(own[0].title.get_ref().render(|_| Value::Null), "second");
    let wrong = [("own/x.toml".to_owned(), text("y", "first"))];
    assert_eq!(with_overrides(&wrong, &words).unwrap_err().len(), 1);
}
