//! Whose link it was: who lost whom, link by link, and the suspects.
//! In: the blame of an incident. Out: a heat table for each link, with the numbers in it.
//! Never: an empty cell for what nobody's log tells.

use super::markup::Html;
use crate::render::blame::{in_order, peer, short, worst};
use crate::report::{Blame, BlameCell, Incident, Suspect};
use std::collections::BTreeMap;

/// Rows and columns of a table.
const ROWS: usize = 24;
const COLUMNS: usize = 16;
/// Tables, and suspects.
const LINKS: usize = 8;
const SUSPECTS: usize = 8;

/// Writes what is blamed in the `n`th story; nothing where no link was in trouble.
pub(super) fn write(incident: &Incident, n: usize, h: &mut Html) {
    let Some(blame) = &incident.blame else {
        return;
    };
    if blame.matrix.is_empty() && blame.suspects.is_empty() && blame.apart.is_empty() {
        return;
    }
    h.raw("<section class=\"part\"")
        .attr("id", &format!("s{n}-links"))
        .raw(">\n<h3>Whose link it was</h3>\n");
    if !blame.suspects.is_empty() {
        h.raw("<ol class=\"suspects\">\n");
        for (n, one) in blame.suspects.iter().take(SUSPECTS).enumerate() {
            suspect(one, n, h);
        }
        h.raw("</ol>\n");
        super::left_out(
            blame.suspects.len().saturating_sub(SUSPECTS),
            "in -o json",
            h,
        );
    }
    let mut links: BTreeMap<u32, Vec<&BlameCell>> = BTreeMap::new();
    for cell in &blame.matrix {
        links.entry(cell.link).or_default().push(cell);
    }
    for (link, cells) in links.iter().take(LINKS) {
        table(*link, cells, blame, h);
    }
    super::left_out(
        links.len().saturating_sub(LINKS),
        "links in trouble, in -o json",
        h,
    );
    if !blame.apart.is_empty() {
        h.raw("<h4>No trouble of cables</h4>\n<ul class=\"plain\">\n");
        for apart in blame.apart.iter().take(ROWS) {
            h.raw("<li>").text(&apart.text).raw("</li>\n");
        }
        h.raw("</ul>\n");
        super::left_out(blame.apart.len().saturating_sub(ROWS), "in -o json", h);
    }
    if !blame.witnesses.is_empty() {
        h.raw("<h4>Logs that would settle it</h4>\n<ul class=\"plain\">\n");
        for witness in blame.witnesses.iter().take(ROWS) {
            h.raw("<li><strong>").name(&witness.node).raw("</strong>");
            if let (Some(from), Some(until)) = (witness.from, witness.until) {
                h.raw(", ")
                    .text(&from.date_clock())
                    .raw(" to ")
                    .text(&until.date_clock())
                    .raw(" UTC");
            }
            h.raw(": ").text(&witness.look_for).raw("</li>\n");
        }
        h.raw("</ul>\n");
        super::left_out(blame.witnesses.len().saturating_sub(ROWS), "in -o json", h);
    }
    h.raw("</section>\n");
}

fn suspect(suspect: &Suspect, n: usize, h: &mut Html) {
    h.raw("<li><p><span class=\"which\">");
    h.raw(match n {
        0 => "suspect",
        _ if suspect.instead => "or",
        _ => "and",
    });
    h.raw("</span> <strong>")
        .text(&suspect.text)
        .raw("</strong> <span class=\"dim\">explains ");
    h.count(suspect.explains)
        .raw(" of ")
        .count(suspect.observers);
    h.raw(if suspect.observers == 1 {
        " observer"
    } else {
        " observers"
    })
    .raw(", confidence ");
    h.raw(suspect.confidence)
        .raw("</span></p>\n<ul class=\"speaks\">");
    for reason in suspect.speaks_for.iter().take(8) {
        h.raw("<li class=\"pro\">").text(reason).raw("</li>");
    }
    for reason in suspect.against.iter().take(8) {
        h.raw("<li class=\"con\"><strong>but</strong> ")
            .text(reason)
            .raw("</li>");
    }
    h.raw("</ul></li>\n");
}

/// One link: rows are observers, columns are peers.
fn table(link: u32, cells: &[&BlameCell], blame: &Blame, h: &mut Html) {
    let mut names: Vec<&str> = in_order(blame.observers.iter().map(String::as_str));
    for observer in in_order(cells.iter().map(|cell| &*cell.observer)) {
        if !names.contains(&observer) {
            names.push(observer);
        }
    }
    let mut by_id = cells.to_vec();
    by_id.sort_by_key(|cell| cell.peer_id);
    let columns = in_order(by_id.iter().map(|cell| peer(cell)));
    let rows = worst(&names, ROWS, cells, |cell| &cell.observer);
    let columns = worst(&columns, COLUMNS, cells, peer);
    let most = cells.iter().map(|cell| weight(cell)).fold(0.0, f64::max);
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of a link\">\n<table class=\"heat\"><caption>Link ");
    h.count(u64::from(link)).raw(": heard nothing, how often and how long</caption>\n<thead><tr><th scope=\"col\">lost by</th>");
    for column in &columns.kept {
        h.raw("<th scope=\"col\">").name(column).raw("</th>");
    }
    h.raw("</tr></thead>\n<tbody>\n");
    for row in &rows.kept {
        h.raw("<tr><th scope=\"row\">").name(row).raw("</th>");
        for column in &columns.kept {
            let found = cells
                .iter()
                .find(|cell| cell.observer == **row && peer(cell) == *column);
            match found {
                Some(cell) => {
                    h.raw(match most {
                        most if most <= 0.0 || weight(cell) > most * 0.66 => "<td class=\"h3\">",
                        most if weight(cell) > most * 0.25 => "<td class=\"h2\">",
                        _ => "<td class=\"h1\">",
                    });
                    h.text(&short(cell).replace('x', "×")).raw("</td>");
                }
                None if row == column => {
                    h.raw("<td class=\"self\"><span title=\"itself\">–</span></td>");
                }
                None => {
                    h.raw("<td class=\"ok\"><span title=\"no trouble logged\">·</span></td>");
                }
            }
        }
        h.raw("</tr>\n");
    }
    h.raw("</tbody></table>\n</div>\n<p class=\"dim small\">2× 31 s: twice, 31 s in all; + still down when that log ended; · no trouble logged; – itself");
    for (more, what) in [
        (rows.more, " more observers"),
        (columns.more, " more peers"),
    ] {
        if more > 0 {
            h.raw("; ").count(more as u64).raw(what).raw(" in -o json");
        }
    }
    h.raw("</p>\n");
}

/// How dark a cell is: by length where lengths are known, else by number.
fn weight(cell: &BlameCell) -> f64 {
    cell.down_s.unwrap_or(cell.downs as f64)
}
