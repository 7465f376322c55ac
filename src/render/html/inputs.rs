//! What was read, by whom, and what of it nobody understood.
//! In: inputs, nodes, remarks and the tool of the report. Out: tables.
//! Never: a share without the numbers that it was made from.

use super::markup::Html;
use super::{Page, Subject, boots, marks};
use crate::render::who;
use crate::report::{NodePart, Report};

/// Rows of each table.
const INPUTS: usize = 200;
const NODES: usize = 64;
const UNKNOWN: usize = 100;
const REMARKS: usize = 100;

/// How the nodes stood when their logs ended.
pub(super) fn nodes(page: &Page, h: &mut Html) {
    let nodes = &page.report.cluster.nodes;
    h.raw("<section class=\"part\" id=\"nodes\">\n<h2>Nodes, and how they stood when their logs ended</h2>\n");
    if nodes.is_empty() {
        h.raw("<p class=\"dim\">No line names a node.</p>\n</section>\n");
        return;
    }
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of nodes\">\n<table><thead><tr>");
    for head in [
        "Node",
        "Id",
        "Known",
        "Log read",
        "At the end of its log",
        "Clock",
    ] {
        h.raw("<th scope=\"col\">").raw(head).raw("</th>");
    }
    h.raw("</tr></thead>\n<tbody>\n");
    for node in nodes.iter().take(NODES) {
        row(page, node, h);
    }
    h.raw("</tbody></table>\n</div>\n");
    super::left_out(nodes.len().saturating_sub(NODES), "in -o json", h);
    boots::write(page, h);
    given(page.report, h);
    h.raw("</section>\n");
}

fn row(page: &Page, node: &NodePart, h: &mut Html) {
    h.raw("<tr><th scope=\"row\">");
    match &node.name {
        Some(name) => h.name(name),
        None => h.raw("<span class=\"dim\">without a name</span>"),
    };
    match node.id {
        Some(id) => h.raw("</th><td class=\"num\">").count(u64::from(id)),
        None => h.raw("</th><td class=\"na\">unknown"),
    };
    h.raw("</td><td>");
    if let Some(basis) = node.basis {
        marks::basis(basis, h);
    }
    h.raw("</td>").raw(if node.has_log {
        "<td>yes</td>"
    } else {
        "<td class=\"na\">no</td>"
    });
    let state = who::state(node);
    match state.is_empty() {
        true => h.raw("<td class=\"na\">unknown</td>"),
        false => h.raw("<td>").text(&state).raw("</td>"),
    };
    match &node.clock {
        None => h.raw("<td class=\"na\">not compared</td>"),
        Some(clock) if clock.offset_s == 0.0 && clock.pieces.len() < 2 => h
            .raw("<td>with the others, by ")
            .count(clock.shared as u64)
            .raw(" shared lines</td>"),
        Some(_) => {
            let words = who::clock_of(node, &page.clock).unwrap_or_default();
            let name = node.name.as_deref().unwrap_or("");
            h.raw("<td>")
                .text(words.strip_prefix(name).unwrap_or(&words).trim_start())
                .raw("</td>")
        }
    };
    h.raw("</tr>\n");
}

/// The rules behind the numbers of the cluster, and what a configuration gave.
fn given(report: &Report, h: &mut Html) {
    h.raw("<ul class=\"plain small\">\n<li>Bases: <em>measured</em> is computed from stamps or numbers in the lines, <em>stated</em> a line says, ");
    h.raw("<em>inferred</em> is concluded by a rule, <em>assumed</em> is a default of the software that no line contradicts.</li>\n");
    for (graded, text) in who::numbers(report) {
        if let (Some(basis), Some(because)) = (graded.basis, &graded.because) {
            h.raw("<li>").text(&text).raw(" ");
            marks::basis(basis, h);
            h.raw(": ").text(because).raw("</li>\n");
        }
    }
    for given in report.cluster.given.iter().take(REMARKS) {
        h.raw("<li>")
            .text(&given.what.join(", "))
            .raw(": from ")
            .log(&given.from)
            .raw("</li>\n");
    }
    h.raw("</ul>\n");
}

/// Messages that nobody reads yet: what might be missing from the answer.
pub(super) fn unknown(report: &Report, h: &mut Html) {
    let mut unknown: Vec<(&str, u64)> = Vec::new();
    for message in report
        .inputs
        .iter()
        .flat_map(|input| &input.coverage.unknown)
    {
        match unknown
            .iter_mut()
            .find(|(text, _)| *text == message.message)
        {
            Some((_, count)) => *count += message.count,
            None => unknown.push((&message.message, message.count)),
        }
    }
    // Of those that are as common, each input keeps its order.
    unknown.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    h.raw("<section class=\"part\" id=\"unknown\">\n<h2>Lines that were not understood</h2>\n");
    if unknown.is_empty() {
        h.raw("<p class=\"dim\">None: every line that was looked at was understood.</p>\n</section>\n");
        return;
    }
    h.raw("<ul class=\"logs unknown\">\n");
    for (text, count) in unknown.iter().take(UNKNOWN) {
        h.raw("<li><span class=\"at\">")
            .count(*count)
            .raw("×</span> <code>")
            .log(text)
            .raw("</code></li>\n");
    }
    h.raw("</ul>\n");
    super::left_out(unknown.len().saturating_sub(UNKNOWN), "in -o json", h);
    h.raw("</section>\n");
}

/// Every input, remarks, and the tool.
pub(super) fn write(page: &Page, subject: Subject, h: &mut Html) {
    let report = page.report;
    h.raw("<section class=\"part\" id=\"inputs\">\n<h2>Inputs</h2>\n");
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of inputs\">\n<table><thead><tr>");
    let logs = subject == Subject::Logs;
    for head in ["Input", "Form"] {
        h.raw("<th scope=\"col\">").raw(head).raw("</th>");
    }
    if logs {
        h.raw("<th scope=\"col\">Node</th><th scope=\"col\">First and last, by its own clock</th>");
    }
    h.raw("<th scope=\"col\">Lines</th><th scope=\"col\">Understood</th><th scope=\"col\">Besides</th></tr></thead>\n<tbody>\n");
    for input in report.inputs.iter().take(INPUTS) {
        let of = &input.coverage;
        h.raw("<tr><th scope=\"row\" class=\"path\">")
            .log(&input.path);
        if let Some(hash) = &input.sha256 {
            h.raw("<br><span class=\"hash\">SHA-256 ")
                .text(hash)
                .raw("</span>");
        }
        h.raw("</th><td>");
        h.text(if input.form.is_empty() {
            "could not be opened"
        } else {
            &input.form
        })
        .raw("</td>");
        if logs {
            match &input.node {
                Some(node) => h.raw("<td>").name(node).raw("</td>"),
                None => h.raw("<td class=\"na\">several or unknown</td>"),
            };
            match (input.first, input.last) {
                (Some(first), Some(last)) => h
                    .raw("<td class=\"num\">")
                    .text(&first.date_clock())
                    .raw(" to ")
                    .text(&last.date_clock())
                    .raw("</td>"),
                _ => h.raw("<td class=\"na\">no stamps</td>"),
            };
        }
        h.raw("<td class=\"num\">")
            .count(input.lines)
            .raw("</td><td class=\"num\">");
        h.count(of.understood)
            .raw(" of ")
            .count(of.known_programs)
            .raw("</td><td>");
        let mut some = false;
        for (count, word) in [
            (of.others, who::plural(of.others, " other", " others")),
            (of.notes, who::plural(of.notes, " note", " notes")),
            (of.blank, " blank"),
            (of.cut, " too long"),
            (of.damaged, " damaged"),
            (of.twice, " held twice"),
        ] {
            if count > 0 {
                h.raw(if std::mem::replace(&mut some, true) {
                    ", "
                } else {
                    ""
                })
                .count(count)
                .raw(word);
            }
        }
        h.raw("</td></tr>\n");
    }
    h.raw("</tbody></table>\n</div>\n");
    super::left_out(report.inputs.len().saturating_sub(INPUTS), "in -o json", h);
    if !report.remarks.is_empty() {
        h.raw("<h3>Notes</h3>\n<ul class=\"plain small\">\n");
        for remark in report.remarks.iter().take(REMARKS) {
            h.raw("<li>").text(remark).raw("</li>\n");
        }
        h.raw("</ul>\n");
        super::left_out(
            report.remarks.len().saturating_sub(REMARKS),
            "in -o json",
            h,
        );
    }
    h.raw("</section>\n<footer>\n<p>")
        .text(report.tool.name)
        .raw(" ")
        .text(report.tool.version);
    h.raw(", schema ").text(report.schema).raw(". All times are UTC. This page is complete in itself: it loads nothing and runs nothing.</p>\n</footer>\n");
}
