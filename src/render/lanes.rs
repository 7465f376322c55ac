//! The picture: every thing that has a state, as a row over time.
//! In: the lanes of an incident's nodes. Out: blocks of rows under one axis, and a legend.
//! Never: a row that tells nothing; what did not change is folded.

use super::axis::Axis;
use super::paint::{Ink, Page, Text};
use super::row::{Row, rank, symbol};
use super::{Verbosity, escape};
use crate::report::{Incident, Lane, Report, Tone};
use std::collections::BTreeSet;
use std::io;

/// Wider names are cut: the picture needs the columns.
const WIDEST_NAME: usize = 16;
const WIDEST_NODE: usize = 12;
/// More nodes than this are folded when they took the same course, if not at the very same time.
const MANY_NODES: usize = 8;

/// The rows of one node.
struct Block {
    node: String,
    rows: Vec<Row>,
    /// Nodes that look the same.
    alike: Vec<String>,
}

/// Draws the picture of `incident`; nothing when no lane belongs to it.
pub(super) fn write(report: &Report, incident: &Incident, page: &mut Page) -> io::Result<()> {
    let lanes: Vec<&Lane> = report
        .lanes
        .iter()
        .filter(|lane| !lane.spans.is_empty() && belongs(lane, incident))
        .collect();
    if lanes.is_empty() {
        return Ok(());
    }
    let mut nodes: Vec<Option<&str>> = Vec::new();
    for lane in &lanes {
        let node = lane.node.as_deref();
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    let several = nodes.len() > 1;
    let names = lanes.iter().map(|l| escape::width(&l.name)).max();
    let name_width = names.unwrap_or(0).clamp(10, WIDEST_NAME);
    let node_width = if several {
        let widest = nodes.iter().flatten().map(|n| escape::width(n)).max();
        widest.unwrap_or(0).clamp(4, WIDEST_NODE) + 1
    } else {
        0
    };
    let gutter = Gutter {
        node: node_width,
        name: name_width,
    };
    let bins = page.width().saturating_sub(gutter.width()).max(10);
    let axis = Axis::new(report, incident, &lanes, bins);
    let blocks = nodes
        .iter()
        .map(|&node| {
            let own = lanes.iter().filter(|l| l.node.as_deref() == node);
            let rows = own.map(|lane| Row::new(lane, &axis)).collect();
            Block {
                node: node.unwrap_or("?").to_owned(),
                rows: fold_rows(rows, several, &axis, page),
                alike: Vec::new(),
            }
        })
        .collect();
    let blocks = fold_blocks(blocks, page.verbosity());

    let mut head = gutter.head(page, "", &axis.title(), Ink::Dim);
    let mark = if page.ascii() { '|' } else { '╷' };
    head.put(Ink::Dim, &axis.ticks(mark));
    page.line(&head)?;
    for block in &blocks {
        for (n, row) in block.rows.iter().enumerate() {
            let node = if several && n == 0 { &*block.node } else { "" };
            let mut text = gutter.head(page, node, &row.name, Ink::Body);
            row.draw(&mut text, page.ascii());
            page.line(&text)?;
        }
        if !block.alike.is_empty() {
            let lead = page.text();
            let alike = format!("{}: as {}", block.alike.join(", "), block.node);
            let body = page.text().with(Ink::Dim, &alike);
            page.block(lead, 1, &body)?;
        }
    }
    legend(&blocks, &gutter, page)
}

fn belongs(lane: &Lane, incident: &Incident) -> bool {
    match &lane.node {
        Some(node) => incident.nodes.is_empty() || incident.nodes.contains(node),
        None => true,
    }
}

/// The two columns of names.
struct Gutter {
    node: usize,
    name: usize,
}

impl Gutter {
    fn width(&self) -> usize {
        1 + self.node + self.name + 1
    }

    fn head(&self, page: &Page, node: &str, name: &str, ink: Ink) -> Text {
        let ascii = page.ascii();
        let fit = |text: &str, width| escape::cut(&escape::visible(text, ascii), width, ascii);
        let mut text = page.text().with(Ink::Body, " ");
        if self.node > 0 {
            text.put(Ink::Strong, &fit(node, self.node - 1));
            text.pad_to(1 + self.node);
        }
        text.put(ink, &fit(name, self.name));
        text.pad_to(self.width());
        text
    }
}

/// Rows that never changed become one: the links of a lone node, everything calm of one among several.
fn fold_rows(rows: Vec<Row>, several: bool, axis: &Axis, page: &Page) -> Vec<Row> {
    let foldable = |row: &Row| {
        row.calm()
            .is_some_and(|run| row.name.starts_with("link ") || several && run.tone == Tone::Good)
    };
    let calm: Vec<&Row> = rows.iter().filter(|row| foldable(row)).collect();
    if page.verbosity() == Verbosity::Verbose || calm.len() < 2 {
        return rows;
    }
    let links = calm.iter().filter_map(|row| row.name.strip_prefix("link "));
    let links: Vec<&str> = links.collect();
    let others = calm.iter().filter(|row| !row.name.starts_with("link "));
    let others: Vec<&str> = others.map(|row| row.name.as_str()).collect();
    let mut said = others.join(", ");
    if !links.is_empty() {
        let comma = if said.is_empty() { "" } else { ", " };
        let word = if others.is_empty() { "" } else { "links " };
        said = format!("{said}{comma}{word}{}", links.join(" "));
    }
    let worst = calm.iter().filter_map(|row| row.calm());
    let worst = worst.max_by_key(|run| rank(run.tone)).cloned();
    let Some(worst) = worst else { return rows };
    let name = if others.is_empty() {
        said = format!("{said} {}", worst.label);
        "other links"
    } else {
        "no change"
    };
    let only_links = others.is_empty();
    let folded = Row::steady(name, worst.tone, said, axis);
    let mut kept: Vec<Row> = rows.into_iter().filter(|row| !foldable(row)).collect();
    let links_kept = kept
        .iter()
        .take_while(|r| r.name.starts_with("link "))
        .count();
    let place = if only_links {
        links_kept
    } else {
        kept.len()
    };
    kept.insert(place, folded);
    kept
}

/// Nodes that look the same share a block.
fn fold_blocks(blocks: Vec<Block>, verbosity: Verbosity) -> Vec<Block> {
    if verbosity == Verbosity::Verbose {
        return blocks;
    }
    let loose = blocks.len() > MANY_NODES;
    let mut kept: Vec<Block> = Vec::new();
    for block in blocks {
        let course = course(&block, loose);
        match kept.iter_mut().find(|k| self::course(k, loose) == course) {
            Some(like) => like.alike.push(block.node),
            None => kept.push(block),
        }
    }
    kept
}

/// What a block shows, without the names of what stayed calm. A loose course leaves out when, and which link.
fn course(block: &Block, loose: bool) -> BTreeSet<(&str, Vec<(usize, u8)>)> {
    let changing = block.rows.iter().filter(|row| row.calm().is_none());
    changing
        .map(|row| {
            let name = match row.name.strip_prefix("link ") {
                Some(_) if loose => "link",
                _ => row.name.as_str(),
            };
            let mut tones: Vec<(usize, u8)> = row
                .runs
                .iter()
                .map(|run| (if loose { 0 } else { run.from }, rank(run.tone)))
                .collect();
            tones.dedup();
            (name, tones)
        })
        .collect()
}

/// What the symbols mean; only those that are there.
fn legend(blocks: &[Block], gutter: &Gutter, page: &mut Page) -> io::Result<()> {
    let words = [
        (Tone::Good, "good"),
        (Tone::Plain, "neutral"),
        (Tone::Warn, "degraded"),
        (Tone::Bad, "broken"),
        (Tone::Unknown, "unknown"),
    ];
    let rows = || blocks.iter().flat_map(|b| &b.rows);
    let mut text = page.text();
    text.pad_to(gutter.width());
    for (tone, word) in words {
        if rows().flat_map(|row| &row.runs).any(|run| run.tone == tone) {
            let sign = symbol(tone, page.ascii()).to_string().repeat(2);
            text.put(Ink::from(tone), &sign);
            text.put(Ink::Dim, &format!(" {word}   "));
        }
    }
    page.line(&text)
}
