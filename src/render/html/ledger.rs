//! Guests that were down: from when, until when, where they came back, and how that is known.
//! In: the outages of the report. Out: a table.
//! Never: a length that no line bounds.

use super::markup::Html;
use super::{Page, marks};
use crate::render::evidence::{back, length};

/// Guests that are told one by one.
const MOST: usize = 250;

/// Writes the ledger, if a guest was down.
pub(super) fn write(page: &Page, h: &mut Html) {
    let outages = &page.report.outages;
    if outages.is_empty() {
        return;
    }
    h.raw("<section class=\"part\" id=\"guests\">\n<h3>Guests that were down</h3>\n");
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of guests\">\n<table><thead><tr>");
    for head in [
        "Guest",
        "Lost with",
        "Came back on",
        "Why",
        "Down from",
        "Back",
        "For",
        "Known",
        "Lines",
    ] {
        h.raw("<th scope=\"col\">").raw(head).raw("</th>");
    }
    h.raw("</tr></thead>\n<tbody>\n");
    for outage in outages.iter().take(MOST) {
        h.raw("<tr><th scope=\"row\">").name(&outage.guest);
        h.raw(if outage.under_ha {
            ""
        } else {
            " <span class=\"dim\">not under HA</span>"
        });
        h.raw("</th>");
        for node in [&outage.from_node, &outage.to_node] {
            match node {
                Some(node) => h.raw("<td>").name(node),
                None => h.raw("<td class=\"na\">unknown"),
            };
            h.raw("</td>");
        }
        h.raw("<td>").text(outage.why).raw("</td>");
        match outage.down_from {
            Some(at) => h.raw("<td class=\"num\">").text(&page.clock.at(at)),
            None => h.raw("<td class=\"na\">unknown"),
        };
        h.raw("</td>");
        match outage.up_at {
            Some(at) => h.raw("<td class=\"num\">").text(&page.clock.at(at)),
            None => h.raw("<td class=\"bad\">").raw(back(outage)),
        };
        h.raw("</td><td class=\"num\">").text(
            length(outage)
                .trim_end_matches(" (inferred)")
                .trim_end_matches(" (assumed)"),
        );
        h.raw("</td><td>");
        marks::basis(outage.basis, h);
        h.raw("</td><td>");
        page.anchors.write_places(page.report, &outage.evidence, h);
        h.raw("</td></tr>\n");
    }
    h.raw("</tbody></table>\n</div>\n");
    super::left_out(outages.len().saturating_sub(MOST), "in -o json", h);
    h.raw("</section>\n");
}
