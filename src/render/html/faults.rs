//! What is wrong in a configuration: each fault with its lines, and guests against nodes.
//! In: incidents that rest on files, and the guests at risk. Out: lists and a table.
//! Never: a yes where no file tells.

use super::markup::Html;
use super::{Page, marks};
use crate::model::Basis;
use crate::report::{Finding, GuestNode, Incident, Report};

/// Faults of one kind, lines of one fault.
const FAULTS: usize = 60;
const LINES: usize = 8;
/// Guests and nodes of the table.
const GUESTS: usize = 200;
const NODES: usize = 24;

/// Writes one kind of fault.
pub(super) fn write(page: &Page, incident: &Incident, findings: &[&Finding], h: &mut Html) {
    for cause in incident.causes.iter().take(LINES) {
        h.raw("<p class=\"sub\">").text(cause).raw("</p>\n");
    }
    h.raw("<ul class=\"faults\">\n");
    for finding in findings.iter().take(FAULTS) {
        let what = finding
            .subject
            .as_deref()
            .or(finding.node.as_deref())
            .unwrap_or("cluster");
        h.raw("<li><p><strong>").name(what).raw("</strong> ");
        // The label says it already.
        let rest = finding
            .text
            .strip_prefix(what)
            .filter(|rest| rest.starts_with(' '));
        h.text(rest.map_or(&*finding.text, str::trim_start));
        if finding.severity != incident.severity {
            h.raw(" ");
            marks::severity(finding.severity, h);
        }
        if finding.basis > Basis::Stated {
            h.raw(" ");
            marks::basis(finding.basis, h);
        }
        h.raw("</p>\n");
        if !finding.evidence.is_empty() {
            h.raw("<ul class=\"logs\">\n");
            for one in finding.evidence.iter().take(LINES) {
                h.raw("<li>");
                page.anchors
                    .write_place(page.report, &one.input, one.line, h);
                h.raw(" <code>").log(one.text.trim()).raw("</code></li>\n");
            }
            h.raw("</ul>\n");
            super::left_out(
                finding.evidence.len().saturating_sub(LINES),
                "in -o json",
                h,
            );
        }
        h.raw("</li>\n");
    }
    h.raw("</ul>\n");
    super::left_out(findings.len().saturating_sub(FAULTS), "in -o json", h);
}

/// A row for each guest at risk, a column for each node.
pub(super) fn guests(report: &Report, h: &mut Html) {
    let Some(first) = report.guests.first() else {
        return;
    };
    h.raw("<section class=\"part\" id=\"guests\">\n<h2>Guests at risk, node by node</h2>\n");
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of guests and nodes\">\n<table class=\"heat guests\"><thead><tr><th scope=\"col\">Guest</th>");
    for node in first.nodes.iter().take(NODES) {
        h.raw("<th scope=\"col\">").name(&node.node).raw("</th>");
    }
    h.raw("<th scope=\"col\">Bound by</th></tr></thead>\n<tbody>\n");
    for row in report.guests.iter().take(GUESTS) {
        h.raw("<tr><th scope=\"row\">").name(&row.guest);
        if let Some(name) = &row.name {
            h.raw(" <span class=\"dim\">").name(name).raw("</span>");
        }
        h.raw("</th>");
        for node in row.nodes.iter().take(NODES) {
            cell(node, h);
        }
        h.raw("<td>");
        match &row.bound_by {
            Some(by) => h.name(by).raw(if row.strict {
                ", strictly"
            } else {
                ", as a preference"
            }),
            None => h.raw("<span class=\"dim\">nothing</span>"),
        };
        h.raw("</td></tr>\n");
    }
    h.raw("</tbody></table>\n</div>\n");
    super::left_out(
        report.guests.len().saturating_sub(GUESTS),
        "guests in -o json",
        h,
    );
    super::left_out(
        first.nodes.len().saturating_sub(NODES),
        "nodes in -o json",
        h,
    );
    h.raw("<p class=\"dim small\">home: it is there now · may start: HA may start it there · disks, storage: whether they are there; ? no file tells</p>\n</section>\n");
}

/// What would become of the guest there: a word, and what it rests on.
fn cell(node: &GuestNode, h: &mut Html) {
    let lacks = node.has_replica == Some(false) || node.has_storage == Some(false) || node.stale;
    let bad = node.may_run && !node.home && lacks;
    let unsure = node.has_replica.is_none() || node.has_storage.is_none();
    h.raw(match (bad, node.home, node.may_run) {
        (true, ..) => "<td class=\"h3\"><strong>✕ ",
        (_, true, _) => "<td class=\"home\"><strong>home",
        (_, _, true) if unsure => "<td class=\"h1\"><strong>? may start",
        (_, _, true) => "<td class=\"ok\"><strong>✓ may start",
        _ => "<td class=\"self\"><span class=\"dim\">not here",
    });
    if bad {
        h.raw(match (node.has_replica, node.has_storage) {
            (Some(false), Some(false)) => "no disks, no storage",
            (_, Some(false)) => "no storage",
            (Some(false), _) => "no disks",
            _ => "old disks",
        });
    }
    h.raw(if node.may_run || node.home {
        "</strong>"
    } else {
        "</span>"
    });
    if !bad && !node.home && node.may_run {
        let word = |known: Option<bool>| match known {
            Some(true) => "yes",
            Some(false) => "no",
            None => "?",
        };
        h.raw(" <span class=\"dim\">disks ")
            .raw(word(node.has_replica));
        h.raw(", storage ")
            .raw(word(node.has_storage))
            .raw("</span>");
    }
    h.raw("</td>");
}
