//! One story from its picture to what to do now.
//! In: an incident. Out: a section of the page.
//! Never: another order than that of the questions: what, where, why, to whom, what now.

use super::markup::Html;
use super::{Page, advice, card, chain, faults, is_fault, lanes, ledger, marks, matrix, votes};
use crate::render::incident::findings_of;
use crate::report::Incident;

/// Writes the `n`th story; `number` is its place among several.
pub(super) fn write(
    page: &Page,
    incident: &Incident,
    n: usize,
    number: Option<(usize, usize)>,
    h: &mut Html,
) {
    h.raw("<section class=\"story\"")
        .attr("id", &format!("s{n}"))
        .raw(">\n");
    let lone = number.is_none() && incident.title == page.report.verdict.text;
    if lone {
        h.raw("<h2 class=\"vh\">What happened</h2>\n");
    } else {
        h.raw("<header class=\"title\">\n<p>");
        marks::severity(incident.severity, h);
        if let Some((at, of)) = number {
            h.raw(" <span class=\"dim\">")
                .count(at as u64)
                .raw(" of ")
                .count(of as u64)
                .raw("</span>");
        }
        h.raw("</p>\n<h2>").text(&incident.title).raw("</h2>\n");
        h.raw("</header>\n");
    }
    let findings = findings_of(page.report, incident);
    if !findings.is_empty() && findings.iter().all(|finding| is_fault(finding)) {
        faults::write(page, incident, &findings, h);
        advice::write(incident, n, h);
        h.raw("</section>\n");
        return;
    }
    if !lone {
        h.raw("<p class=\"sub\">")
            .text(&page.clock.incident(incident))
            .raw("; ");
        card::status(incident, h);
        h.raw("</p>\n");
    }
    lanes::write(page, incident, &findings, n, h);
    matrix::write(incident, n, h);
    chain::write(page, incident, &findings, n, h);
    if page.report.incidents.len() == 1 {
        ledger::write(page, h);
    }
    votes::write(page, incident, n, h);
    advice::write(incident, n, h);
    h.raw("</section>\n");
}
