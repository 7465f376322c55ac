//! The answer as one page that needs nothing else: no network, no script, no other file.
//! In: a `Report`. Out: HTML with its pictures in it; the same bytes for the same report.
//! Never: says what the report does not hold, or lets a line of a log be more than text.

mod advice;
mod anchors;
mod appendix;
mod boots;
mod card;
mod chain;
mod faults;
mod fences;
mod inputs;
mod lanes;
mod ledger;
mod marks;
mod markup;
mod matrix;
mod story;
#[cfg(test)]
mod tests;
mod votes;

use super::clock::Clock;
use crate::report::{Finding, Report};
use anchors::Anchors;
use markup::Html;
use std::io::{self, Write};

/// Stories that are told in full: the worst ones.
const STORIES: usize = 10;
/// Stories behind them that get a line each.
const LISTED: usize = 100;
/// Bytes of stories beyond which the next ones get a line each.
const STORIES_BYTES: usize = 1_200_000;

/// What all parts of a page share.
struct Page<'r> {
    report: &'r Report,
    anchors: Anchors<'r>,
    clock: Clock,
}

/// What was read: logs, or a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Logs,
    Configuration,
}

/// Writes the page.
pub(super) fn write(report: &Report, subject: Subject, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(report, subject).as_str().as_bytes())
}

fn page(report: &Report, subject: Subject) -> Html {
    let page = Page {
        report,
        anchors: Anchors::new(report),
        clock: Clock::new(report),
    };
    let mut h = Html::default();
    head(report, &mut h);
    h.raw("<a class=\"skip\" href=\"#evidence\">Skip to the evidence</a>\n<main>\n");
    card::write(&page, subject, &mut h);
    let told = stories(&page, &mut h);
    if subject == Subject::Configuration {
        faults::guests(report, &mut h);
    } else if told != 1 {
        ledger::write(&page, &mut h);
    }
    if subject == Subject::Logs {
        inputs::nodes(&page, &mut h);
    }
    appendix::write(&page, &mut h);
    inputs::unknown(report, &mut h);
    inputs::write(&page, subject, &mut h);
    h.raw("</main>\n</body>\n</html>\n");
    h
}

fn head(report: &Report, h: &mut Html) {
    h.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    h.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ");
    h.raw("base-uri 'none'; form-action 'none'\">\n");
    h.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    h.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    h.raw("<title>")
        .text(report.verdict.severity.word())
        .raw(": ");
    h.text(&report.verdict.text)
        .raw(" · fencepost</title>\n<style>\n");
    h.raw(include_str!("page.css"))
        .raw("</style>\n</head>\n<body>\n")
        .raw(marks::DEFS);
}

/// Writes the stories; how many were told in full.
fn stories(page: &Page, h: &mut Html) -> usize {
    let incidents = &page.report.incidents;
    let of_many = incidents.len() > 1;
    let mut told = 0;
    let begun = h.len();
    for incident in incidents {
        let room = h.len() - begun < STORIES_BYTES;
        if told >= STORIES && incidents.len() > STORIES + 1 || !room {
            break;
        }
        let number = of_many.then_some((told + 1, incidents.len()));
        story::write(page, incident, told, number, h);
        told += 1;
    }
    let rest = &incidents[told..];
    if !rest.is_empty() {
        h.raw("<section class=\"folded\" id=\"more\">\n<h2>")
            .count(rest.len() as u64);
        h.raw(" more, told in a line each</h2>\n<ul class=\"lines\">\n");
        for incident in rest.iter().take(LISTED) {
            h.raw("<li>");
            marks::severity(incident.severity, h);
            h.raw(" ")
                .text(&incident.title)
                .raw(" <span class=\"dim\">");
            h.text(&page.clock.incident(incident)).raw("</span></li>\n");
        }
        h.raw("</ul>\n");
        left_out(
            rest.len().saturating_sub(LISTED),
            "the terminal's -v tells all; -S and -U narrow the time",
            h,
        );
        h.raw("</section>\n");
    }
    told
}

/// Says how much is not shown, and where it is.
fn left_out(count: usize, whereabouts: &'static str, h: &mut Html) {
    if count > 0 {
        h.raw("<p class=\"more\">and ")
            .count(count as u64)
            .raw(" more: ")
            .raw(whereabouts)
            .raw("</p>\n");
    }
}

/// Whether a finding tells of a configuration.
fn is_fault(finding: &Finding) -> bool {
    finding.details.iter().any(|(name, _)| *name == "check")
}
