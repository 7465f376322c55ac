//! The answer on a terminal: verdict first, picture second, evidence last.
//! In: a `Report`. Out: lines that fit the width.
//! Never: says what the report does not hold.

use super::clock::{self, Clock};
use super::paint::{Ink, Page, Text};
use super::who::{self, plural};
use super::{Look, Verbosity, evidence, incident};
use crate::model::Severity;
use crate::report::{Incident, Report};
use std::io::{self, Write};

/// Column at which everything but titles begins; labels stand before it, pictures line up with it.
pub(super) const GUTTER: usize = 12;
/// Behind the longest word of severity.
const TITLE: usize = 15;
/// Stories that are told in full unless everything is wanted: the worst ones.
const STORIES: usize = 10;
/// Stories behind them that get a line each.
const LISTED: usize = 30;

/// Writes the whole answer.
pub(super) fn write(report: &Report, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, look);
    if page.verbosity() == Verbosity::Quiet {
        return quiet(report, page);
    }
    let clock = Clock::new(report);
    let stories = &report.incidents;
    if is_calm(report) {
        who::header(report, false, &clock, page)?;
        let sentence = calm_sentence(report, page);
        page.block(page.text(), 1, &sentence)?;
        who::write(report, page)?;
        who::clocks(report, &clock, page)?;
        return evidence::write_rest(report, &clock, page);
    }
    who::header(report, true, &clock, page)?;
    who::write(report, page)?;
    who::clocks(report, &clock, page)?;
    page.gap()?;
    // A lone incident's title is the verdict, unless something outside it is worse.
    let worst = stories.iter().map(|story| story.severity).max();
    if stories.len() != 1 || worst < Some(report.verdict.severity) {
        title(report.verdict.severity, &report.verdict.text, page)?;
    }
    let told = match page.verbosity() {
        Verbosity::Verbose => stories.len(),
        _ if stories.len() > STORIES + 1 => STORIES,
        _ => stories.len(),
    };
    for (n, story) in stories[..told].iter().enumerate() {
        page.gap()?;
        if stories.len() > 1 {
            rule(n + 1, stories.len(), page)?;
        }
        incident::write(report, story, &clock, page)?;
    }
    more(&stories[told..], told, &clock, page)?;
    evidence::outages(&report.outages, &clock, page)?;
    for (n, story) in stories[..told].iter().enumerate() {
        let findings = incident::findings_of(report, story);
        let of = if stories.len() > 1 {
            format!(" on {} of {}", n + 1, stories.len())
        } else {
            String::new()
        };
        evidence::findings("EVIDENCE", &of, report, &findings, &clock, page)?;
    }
    who::rules(report, page)?;
    evidence::write_rest(report, &clock, page)
}

/// The stories that are not told in full, one line each, the worst first.
fn more(stories: &[Incident], told: usize, clock: &Clock, page: &mut Page) -> io::Result<()> {
    if stories.is_empty() {
        return Ok(());
    }
    page.gap()?;
    rule(told + 1, told + stories.len(), page)?;
    for story in stories.iter().take(LISTED) {
        let when = clock.incident(story);
        title(story.severity, &format!("{}; {when}", story.title), page)?;
    }
    let silent = stories.len().saturating_sub(LISTED);
    let said = if silent == 0 {
        "-v tells these in full".to_owned()
    } else {
        format!("and {silent} more; -v tells all in full, -S and -U narrow the time")
    };
    subtitle(&page.text().with(Ink::Dim, &said), page)
}

/// A line across the page, above one of several incidents.
fn rule(number: usize, of: usize, page: &mut Page) -> io::Result<()> {
    let dash = page.sign("─", "-");
    let mut line = page.text().with(Ink::Body, " ");
    line.put(Ink::Dim, &format!("{} {number} of {of} ", dash.repeat(2)));
    let rest = page.width().saturating_sub(line.width());
    line.put(Ink::Dim, &dash.repeat(rest));
    page.line(&line)
}

/// A severity and what it is about.
pub(super) fn title(severity: Severity, text: &str, page: &mut Page) -> io::Result<()> {
    let word = severity.word().to_uppercase();
    let lead = page.text().with(Ink::Body, " ");
    let lead = lead.with(Ink::from(severity), &word);
    let body = page.text().with(Ink::Strong, text);
    page.block(lead, TITLE, &body)
}

/// What stands under a title.
pub(super) fn subtitle(body: &Text, page: &mut Page) -> io::Result<()> {
    page.block(page.text(), TITLE, body)
}

/// A label in the gutter and prose behind it.
pub(super) fn labelled(ink: Ink, label: &str, body: &Text, page: &mut Page) -> io::Result<()> {
    let lead = page.text().with(Ink::Body, " ").with(ink, label);
    page.block(lead, GUTTER, body)
}

fn quiet(report: &Report, page: &mut Page) -> io::Result<()> {
    title(report.verdict.severity, &report.verdict.text, page)?;
    if report.incidents.len() > 1 {
        for story in report.incidents.iter().take(STORIES) {
            title(story.severity, &story.title, page)?;
        }
    }
    match report.incidents.len().saturating_sub(STORIES) {
        0 => Ok(()),
        more => subtitle(
            &page.text().with(Ink::Dim, &format!("and {more} more")),
            page,
        ),
    }
}

/// Nothing is wrong.
fn is_calm(report: &Report) -> bool {
    report.incidents.is_empty() && report.verdict.severity == Severity::Info
}

/// The verdict on a healthy log, with the numbers that it rests on.
fn calm_sentence(report: &Report, page: &Page) -> Text {
    let lines: u64 = report
        .inputs
        .iter()
        .map(|i| i.coverage.known_programs)
        .sum();
    if lines == 0 {
        return page.text().with(Ink::Good, &report.verdict.text);
    }
    let noun = plural(lines, "line", "lines");
    let mut sentence = format!("Nothing wrong was found in {lines} cluster {noun}");
    if let (Some(first), Some(last)) = (clock::first(report), clock::last(report)) {
        let (from, to) = (clock::to_the_minute(first), clock::to_the_minute(last));
        // The day once, when there is only one.
        let to = match to.split_once(' ') {
            Some((day, time)) if from.starts_with(day) => time.to_owned(),
            _ => to,
        };
        sentence.push_str(&format!(", {from} to {to} {}", page.zone()));
    }
    page.text().with(Ink::Good, &sentence)
}
