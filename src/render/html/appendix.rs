//! What the page rests on: every finding, and every line with a place that others point to.
//! In: findings, boots and lines. Out: the evidence.
//! Never: leaves something out without a count of it.

use super::markup::Html;
use super::{Page, chain, is_fault, marks};
use crate::render::incident::boot_belongs;
use crate::report::{Boot, Finding};

/// Kinds of findings that did not fit, by name.
const KINDS: usize = 40;
/// Findings, and lines, that go on paper; `page.css` knows the first number, too.
const PRINTED: usize = 60;
const PRINTED_LINES: usize = 300;
/// Causes of one finding that are named.
const CAUSES: usize = 6;

/// Writes the evidence.
pub(super) fn write(page: &Page, h: &mut Html) {
    h.raw("<section id=\"evidence\">\n<h2>Evidence</h2>\n");
    let report = page.report;
    let findings = page.anchors.findings();
    if findings.is_empty() {
        h.raw("<p class=\"dim\">Nothing was found, so there is nothing to prove.</p>\n");
    } else {
        h.raw("<h3>").count(report.findings.len() as u64);
        h.raw(if report.findings.len() == 1 {
            " finding"
        } else {
            " findings"
        })
        .raw("</h3>\n<ul class=\"findings\">\n");
        for (id, one) in findings {
            finding(page, id, one, h);
        }
        h.raw("</ul>\n");
        on_screen(
            findings.len().saturating_sub(PRINTED),
            " more findings are not printed; the page on a screen has them",
            h,
        );
        folded(page, h);
    }
    let alone = |b: &&Boot| !report.incidents.iter().any(|i| boot_belongs(b, i));
    let boots: Vec<&Boot> = report.boots.iter().filter(alone).collect();
    if !boots.is_empty() {
        h.raw("<h3>Boots outside of any incident</h3>\n");
        chain::write_boots(page, &boots, h);
    }
    lines(page, h);
    h.raw("</section>\n");
}

fn finding(page: &Page, id: &str, finding: &Finding, h: &mut Html) {
    h.raw("<li").attr("id", id).raw(">\n<p>");
    marks::severity(finding.severity, h);
    h.raw(" <strong>").text(&finding.kind).raw("</strong> ");
    let whose = [&finding.node, &finding.subject].into_iter().flatten();
    for (n, what) in whose.clone().enumerate() {
        h.raw(if n == 0 { "" } else { ", " }).name(what);
    }
    h.raw(if whose.count() > 0 { " " } else { "" });
    if !is_fault(finding) {
        h.text(&page.clock.finding(finding));
        if finding.count > 1 {
            h.raw(", ").count(finding.count).raw(" times");
        }
        h.raw(" ");
    }
    marks::basis(finding.basis, h);
    h.raw("</p>\n<p>").text(&finding.text).raw("</p>\n");
    // Those of a fault are parts of commands, which stand with the advice.
    let known = finding
        .details
        .iter()
        .filter(|(_, value)| !value.is_null() && !is_fault(finding));
    let mut first = true;
    for (name, value) in known {
        h.raw(if std::mem::take(&mut first) {
            "<p class=\"det\">"
        } else {
            ", "
        });
        let value = value.to_string();
        h.raw(name)
            .raw(" ")
            .log(if value.is_empty() { "none" } else { &value });
    }
    h.raw(if first { "" } else { "</p>\n" });
    h.raw("<p class=\"dim\">");
    if finding.evidence.is_empty() {
        h.raw("no single line shows it");
    } else {
        h.raw(if finding.evidence.len() == 1 {
            "line "
        } else {
            "lines "
        });
        page.anchors.write_places(page.report, &finding.evidence, h);
        if finding.evidence_left_out > 0 {
            h.raw(", and ")
                .count(finding.evidence_left_out)
                .raw(" that were not kept");
        }
    }
    let causes: Vec<&str> = finding
        .caused_by
        .iter()
        .filter_map(|id| page.anchors.finding(id))
        .collect();
    for (n, cause) in causes.iter().take(CAUSES).enumerate() {
        let kind = page
            .anchors
            .findings()
            .iter()
            .find(|(id, _)| id == cause)
            .map_or("a finding", |(_, f)| &*f.kind);
        h.raw(if n == 0 { "; caused by " } else { ", " });
        h.raw("<a")
            .attr("href", &format!("#{cause}"))
            .raw(">")
            .text(kind)
            .raw("</a>");
    }
    if causes.len() > CAUSES {
        h.raw(" and ")
            .count((causes.len() - CAUSES) as u64)
            .raw(" more");
    }
    h.raw("</p></li>\n");
}

/// What did not fit, by kind.
fn folded(page: &Page, h: &mut Html) {
    let mut kinds: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for finding in &page.report.findings {
        if page.anchors.finding(&finding.id).is_none() {
            *kinds.entry(&finding.kind).or_default() += 1;
        }
    }
    if kinds.is_empty() {
        return;
    }
    let all: u64 = kinds.values().sum();
    h.raw("<p class=\"more\">")
        .count(all)
        .raw(" more findings are folded, for a page has to stay readable; -o json has all: ");
    for (n, (kind, count)) in kinds.iter().take(KINDS).enumerate() {
        h.raw(if n == 0 { "" } else { ", " })
            .text(kind)
            .raw(" ")
            .count(*count)
            .raw("×");
    }
    h.raw("</p>\n");
}

/// Says on paper what only a screen shows.
fn on_screen(count: usize, words: &'static str, h: &mut Html) {
    if count > 0 {
        h.raw("<p class=\"more paper\">")
            .count(count as u64)
            .raw(words)
            .raw("</p>\n");
    }
}

/// Every line that proves something, input by input.
fn lines(page: &Page, h: &mut Html) {
    let shown = page.anchors.lines();
    let proofs = shown.iter().filter(|line| line.proves).count();
    let many = proofs > PRINTED_LINES;
    h.raw(if many { "<div class=\"screen\">\n" } else { "" });
    let mut current = None;
    let mut before = 0;
    for line in shown {
        let (input, number) = (line.input, line.number);
        if current != Some(input) {
            h.raw(if current.is_some() {
                "</ol>\n"
            } else {
                "<h3>Lines</h3>\n<p class=\"dim\">The lines that others point to"
            });
            if current.is_none() {
                h.raw(if page.anchors.has_around() {
                    ", and, dimmed and not printed, what stands around them; all as they were written.</p>\n"
                } else {
                    ", as they were written.</p>\n"
                });
            }
            h.raw("<h4 class=\"path\">")
                .log(input)
                .raw("</h4>\n<ol class=\"source\">\n");
            current = Some(input);
            before = number;
        }
        h.raw(match (line.proves, number > before + 1) {
            (true, false) => "<li",
            (true, true) => "<li class=\"hop\"",
            (false, false) => "<li class=\"around\"",
            (false, true) => "<li class=\"around hop\"",
        });
        before = number;
        h.attr("id", &line.id)
            .raw("><a class=\"no\"")
            .attr("href", &format!("#{}", line.id))
            .raw(">")
            .count(number);
        h.raw("</a><code>")
            .log(line.text.trim_end())
            .raw("</code></li>\n");
    }
    h.raw(if current.is_some() { "</ol>\n" } else { "" });
    if many {
        h.raw("</div>\n");
        on_screen(
            proofs,
            " lines are not printed; the page on a screen has them",
            h,
        );
    }
    super::left_out(
        page.anchors.lines_left_out(),
        "lines are folded, for a page has to stay readable; -o json has them",
        h,
    );
}
