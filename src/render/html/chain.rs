//! Why it happened: the chain of causes, what speaks for it, and how boots ended.
//! In: an incident and its findings. Out: boxes with arrows, each with its lines behind it.
//! Never: a cause without its lines where a finding is behind it.

use super::markup::Html;
use super::{Page, marks};
use crate::render::evidence::without_stamp;
use crate::render::incident::boot_belongs;
use crate::report::{Boot, Finding, Incident};

/// Boxes of a chain.
const MOST: usize = 40;
/// Lines behind a box.
const LINES: usize = 3;
/// Sentences of one sort.
const SENTENCES: usize = 12;
/// Boots that are told one by one.
const BOOTS: usize = 24;

/// Writes the chain of the `n`th story.
pub(super) fn write(
    page: &Page,
    incident: &Incident,
    findings: &[&Finding],
    n: usize,
    h: &mut Html,
) {
    h.raw("<section class=\"part\"")
        .attr("id", &format!("s{n}-why"))
        .raw(">\n<h3>Why</h3>\n");
    if !incident.causes.is_empty() {
        h.raw("<ol class=\"chain\">\n");
        for (at, cause) in incident.causes.iter().take(MOST).enumerate() {
            let id = incident.causes_from.get(at).and_then(Option::as_deref);
            let finding = id.and_then(|id| findings.iter().find(|finding| finding.id == id));
            link(page, cause, finding.copied(), h);
        }
        h.raw("</ol>\n");
        super::left_out(incident.causes.len().saturating_sub(MOST), "in -o json", h);
        h.raw("<p class=\"conf\">Confidence in this chain: <strong>")
            .raw(incident.confidence);
        h.raw("</strong></p>\n");
    }
    h.raw("<dl class=\"reasons\">\n");
    for (label, sentences) in [
        ("for", &incident.confidence_for),
        ("against", &incident.confidence_against),
        ("rivals", &incident.rivals),
        ("settled by", &incident.settled_by),
    ] {
        reasons(label, sentences.iter().map(String::as_str), h);
    }
    for of_label in incident.callouts.chunk_by(|a, b| a.label == b.label) {
        let label = of_label.first().map_or("", |callout| callout.label);
        reasons(label, of_label.iter().map(|callout| &*callout.text), h);
    }
    h.raw("</dl>\n");
    meanwhile(page, incident, h);
    let boots: Vec<&Boot> = page
        .report
        .boots
        .iter()
        .filter(|b| boot_belongs(b, incident))
        .collect();
    write_boots(page, &boots, h);
    h.raw("</section>\n");
}

/// One box.
fn link(page: &Page, cause: &str, finding: Option<&Finding>, h: &mut Html) {
    h.raw("<li><div class=\"box\"><p>")
        .text(cause)
        .raw("</p>\n");
    if let Some(finding) = finding {
        h.raw("<p class=\"dim\">");
        if let Some(node) = &finding.node {
            h.name(node).raw(", ");
        }
        h.text(&page.clock.finding(finding)).raw(" ");
        marks::basis(finding.basis, h);
        h.raw("</p>\n<details><summary>");
        let all = finding.evidence.len() as u64 + finding.evidence_left_out;
        h.count(all)
            .raw(if all == 1 { " line" } else { " lines" })
            .raw("</summary>\n<ul class=\"logs\">\n");
        for one in finding.evidence.iter().take(LINES) {
            h.raw("<li>");
            page.anchors
                .write_place(page.report, &one.input, one.line, h);
            h.raw(" <code>")
                .log(without_stamp(one.text.trim()))
                .raw("</code></li>\n");
        }
        h.raw("</ul>\n");
        if let Some(id) = page.anchors.finding(&finding.id) {
            h.raw("<p><a")
                .attr("href", &format!("#{id}"))
                .raw(">the finding and all of its lines</a></p>\n");
        }
        h.raw("</details>\n");
    }
    h.raw("</div></li>\n");
}

fn reasons<'t>(
    label: &'static str,
    sentences: impl ExactSizeIterator<Item = &'t str>,
    h: &mut Html,
) {
    let all = sentences.len();
    if all == 0 {
        return;
    }
    h.raw("<div><dt>").raw(label).raw("</dt><dd><ul>");
    for sentence in sentences.take(SENTENCES) {
        h.raw("<li>").text(sentence).raw("</li>");
    }
    h.raw("</ul>");
    super::left_out(all.saturating_sub(SENTENCES), "in -o json", h);
    h.raw("</dd></div>\n");
}

/// What ran when it began.
fn meanwhile(page: &Page, incident: &Incident, h: &mut Html) {
    if incident.meanwhile.is_empty() {
        return;
    }
    h.raw("<h4>Meanwhile, which is a hint and no cause</h4>\n<ul class=\"plain\">\n");
    for task in incident.meanwhile.iter().take(SENTENCES) {
        h.raw("<li>").text(&task.text);
        if let Some(began) = task.began {
            h.raw("; since ").text(&page.clock.at(began));
        }
        h.raw(" ");
        page.anchors
            .write_place(page.report, &task.evidence.input, task.evidence.line, h);
        h.raw("</li>\n");
    }
    h.raw("</ul>\n");
    super::left_out(
        incident.meanwhile.len().saturating_sub(SENTENCES),
        "in -o json",
        h,
    );
}

/// How boots ended, and what speaks for and against it.
pub(super) fn write_boots(page: &Page, boots: &[&Boot], h: &mut Html) {
    for boot in boots.iter().take(BOOTS) {
        h.raw("<article class=\"boot\">\n<h4>");
        h.name(boot.node.as_deref().unwrap_or("a node without a name"));
        h.raw(": ")
            .text(&boot.verdict)
            .raw("</h4>\n<p class=\"dim\">");
        match (boot.ended, boot.began) {
            (Some(ended), Some(began)) => {
                h.raw("its log ends ").text(&page.clock.at(ended));
                h.raw(", the next boot begins ").text(&page.clock.at(began));
                h.raw(" (")
                    .text(&began.since(ended).to_string())
                    .raw(" later)");
            }
            (Some(ended), None) => {
                h.raw("its log ends ")
                    .text(&page.clock.at(ended))
                    .raw(", and no later boot is in it");
            }
            (None, Some(began)) => {
                h.raw("boot ").text(&page.clock.at(began));
            }
            (None, None) => {
                h.raw("after line ").count(boot.line);
            }
        }
        h.raw("; lines ");
        page.anchors.write_places(page.report, &boot.evidence, h);
        h.raw("</p>\n<dl class=\"reasons\">\n");
        reasons("for", boot.signs_for.iter().map(String::as_str), h);
        reasons("against", boot.signs_against.iter().map(String::as_str), h);
        h.raw("</dl>\n</article>\n");
    }
    super::left_out(boots.len().saturating_sub(BOOTS), "in -o json", h);
}
