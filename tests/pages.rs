//! Every case is a page that a validator accepts, and every link in it leads somewhere.
//! In: `testdata/cases`, `testdata/configs`. Out: the first error of a parser that follows the HTML standard.
//! Never: a look at a browser; that is `tests/browser.rs`.

use fencepost::analyzer::vocabulary;
use fencepost::model::Timestamp;
use fencepost::pattern::builtin::builtin;
use fencepost::render::{Format, Look, audit_page, render};
use fencepost::run::{Plan, ReadOptions, verify};
use fencepost::{check, config};
use scraper::{Html, Selector};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

fn holds(name: &str, page: &[u8]) -> Html {
    let page = std::str::from_utf8(page).expect("text");
    let document = Html::parse_document(page);
    assert!(document.errors.is_empty(), "{name}: {:?}", document.errors);
    let any = Selector::parse("*").expect("a selector");
    let values = |attribute: &str| -> Vec<String> {
        let of = document
            .select(&any)
            .filter_map(|e| e.value().attr(attribute));
        of.map(str::to_owned).collect()
    };
    let ids = values("id");
    let unique: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(ids.len(), unique.len(), "{name}: an id twice");
    for link in values("href") {
        let leads = link.strip_prefix('#').is_some_and(|id| unique.contains(id));
        assert!(leads, "{name}: {link} leads nowhere");
    }
    document
}

#[test]
fn every_case_is_a_page() {
    let Ok(patterns) = builtin(&vocabulary()) else {
        panic!("built-in patterns are right");
    };
    let plan = Plan {
        paths: Vec::new(),
        read: ReadOptions::new(Timestamp::from_seconds(0)),
        given: Default::default(),
    };
    let mut pictures = 0;
    for entry in std::fs::read_dir("testdata/cases").expect("the cases") {
        let folder = entry.expect("an entry").path();
        if !folder.join("case.toml").is_file() {
            continue;
        }
        let name = folder.display().to_string();
        let report = verify::case_report(&folder, &patterns, &plan).expect("a case");
        let mut page = Vec::new();
        render(&report, Format::Html, &Look::default(), &mut page).expect("memory");
        let document = holds(&name, &page);
        let drawn = Selector::parse("svg.lanes").expect("a selector");
        pictures += document.select(&drawn).count();
    }
    assert!(pictures > 30, "{pictures} pictures");
}

#[test]
fn every_configuration_is_a_page() {
    for entry in std::fs::read_dir("testdata/configs").expect("the configurations") {
        let path: PathBuf = entry.expect("an entry").path();
        let (configuration, _) = config::read(std::slice::from_ref(&path));
        let mut page = Vec::new();
        audit_page(&check::check(&configuration), &mut page).expect("memory");
        holds(&path.display().to_string(), &page);
    }
}

/// A page as the program writes it.
fn page(arguments: &[&str]) -> (Html, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(arguments)
        .output()
        .expect("it runs");
    let document = holds(&arguments.join(" "), &output.stdout);
    (document, String::from_utf8(output.stdout).expect("text"))
}

/// A picture is passed over in one step, and its table has the same links for the keyboard.
#[test]
fn who_has_no_mouse_reaches_every_line() {
    let input = "testdata/cases/isolation-with-fence/input";
    let (document, _) = page(&["-o", "html", "--year", "2026", input]);
    let targets = |selector: &str| -> BTreeSet<&str> {
        let selector = Selector::parse(selector).expect("a selector");
        let links = document.select(&selector);
        links.filter_map(|link| link.value().attr("href")).collect()
    };
    let drawn = targets("svg.lanes g.lane a[tabindex='-1']");
    assert!(drawn.len() > 10, "{drawn:?}");
    assert_eq!(targets("svg a:not([tabindex='-1'])"), BTreeSet::new());
    let reached = targets("details.data a:not([tabindex])");
    let missing: Vec<&&str> = drawn.difference(&reached).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // What scrolls can be scrolled with keys, and says what it is.
    let scrolls = Selector::parse(".scroll").expect("a selector");
    for region in document.select(&scrolls) {
        let has = |name| region.value().attr(name).is_some();
        assert!(has("tabindex") && has("aria-label"), "{}", region.html());
    }
}

/// What the program itself writes holds more than a report: it looks at its inputs a second time.
#[test]
fn lines_stand_among_those_around_them() {
    let lines = Selector::parse("ol.source > li").expect("a selector");
    let input = "testdata/cases/isolation-with-fence/input";
    let (document, text) = page(&["-o", "html", "--year", "2026", input]);
    let (mut proofs, mut around) = (0, 0);
    for line in document.select(&lines) {
        let id = line.value().attr("id").expect("an id");
        let (log, number) = id[2..].split_once('-').expect("an input and a line");
        let log = ["ash", "birch", "cedar"][log.parse::<usize>().expect("an input")];
        let log = std::fs::read_to_string(format!("{input}/{log}.log")).expect("a log");
        let number: usize = number.parse().expect("a line");
        let written = log.lines().nth(number - 1).expect("a line");
        let shown: String = line.text().collect();
        assert_eq!(shown, format!("{number}{}", written.trim_end()), "{id}");
        match line
            .value()
            .attr("class")
            .is_some_and(|class| class.contains("around"))
        {
            true => around += 1,
            false => proofs += 1,
        }
    }
    assert!(proofs > 50 && around > 20, "{proofs} and {around}");
    assert_eq!(text.matches("SHA-256").count(), 3);
    // A journal, packed: its entries are shown as the lines that journalctl prints.
    let (document, text) = page(&["-o", "html", "testdata/journals/compact.journal.gz"]);
    let shown: Vec<String> = document
        .select(&lines)
        .map(|line| line.text().collect())
        .collect();
    assert!(
        shown.len() > 10 && !shown.iter().any(|line| line.contains("__REALTIME")),
        "{shown:?}"
    );
    assert_eq!(text.matches("SHA-256").count(), 1);
    let (_, text) = page(&["check", "-o", "html", "testdata/configs/grove"]);
    assert!(text.contains("SHA-256") && text.contains("class=\"around"));
    // Under pseudonyms these lines have theirs, too.
    let (_, text) = page(&["--redact", "-o", "html", "--year", "2026", input]);
    assert!(
        text.contains("class=\"around") && !text.contains("birch"),
        "a name is told"
    );
}
