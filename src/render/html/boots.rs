//! The boots of every node that has more than one in these logs, as `journalctl --list-boots` lists them.
//! In: the boots of the report's nodes. Out: a table with how each ended.
//! Never: an end that no line tells; the boot that a log ends with has none.

use super::Page;
use super::markup::Html;

/// Rows of the table.
const BOOTS: usize = 200;

/// Writes the table, if there is a node with more than one boot.
pub(super) fn write(page: &Page, h: &mut Html) {
    let nodes = page.report.cluster.nodes.iter();
    let listed = nodes.filter(|node| node.boots.len() > 1);
    let all: Vec<_> = listed
        .flat_map(|node| node.boots.iter().rev().map(move |boot| (node, boot)))
        .collect();
    if all.is_empty() {
        return;
    }
    h.raw("<h3 id=\"boots\">Boots</h3>\n");
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of boots\">\n<table><thead><tr>");
    for head in ["Node", "Boot", "Begins at", "From", "To", "Its end"] {
        h.raw("<th scope=\"col\">").raw(head).raw("</th>");
    }
    h.raw("</tr></thead>\n<tbody>\n");
    for (node, boot) in all.iter().take(BOOTS) {
        h.raw("<tr><th scope=\"row\">");
        match &node.name {
            Some(name) => h.name(name),
            None => h.raw("<span class=\"dim\">without a name</span>"),
        };
        h.raw("</th><td class=\"num\">")
            .text(&boot.index.to_string())
            .raw("</td><td>")
            .log(&boot.input)
            .raw(":")
            .count(boot.line)
            .raw("</td>");
        for at in [boot.first, boot.last] {
            match at {
                Some(at) => h
                    .raw("<td class=\"num\">")
                    .text(&at.date_clock())
                    .raw("</td>"),
                None => h.raw("<td class=\"na\">no stamp</td>"),
            };
        }
        match boot.ended {
            Some(how) => h.raw("<td>").text(how),
            None => h.raw("<td class=\"na\">not seen: the log ends with it"),
        };
        h.raw("</td></tr>\n");
    }
    h.raw("</tbody></table>\n</div>\n");
    super::left_out(all.len().saturating_sub(BOOTS), "in -o json", h);
}
