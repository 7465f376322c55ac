//! The picture: every thing that has a state, as a row over time.
//! In: the lanes of an incident's nodes. Out: blocks of rows under one axis, and a legend.
//! Never: a row that tells nothing; what did not change is folded.

use super::axis::Axis;
use super::fold::{self, Block};
use super::paint::{Ink, Page, Text};
use super::rings::Rings;
use super::row::{Row, shared, symbol};
use super::{Verbosity, escape};
use crate::report::meanwhile::TASKS;
use crate::report::{Incident, Lane, Report, Tone};
use std::io;

/// Wider names are cut: the picture needs the columns.
const WIDEST_NAME: usize = 16;
const WIDEST_NODE: usize = 12;
/// Narrower ones leave no room for the name of a fold.
const NAME: usize = 10;
const NAME_AMONG_SEVERAL: usize = 13;

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
    let narrowest = if several { NAME_AMONG_SEVERAL } else { NAME };
    let name_width = names.unwrap_or(0).clamp(narrowest, WIDEST_NAME);
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
    let rings = Rings::of(&lanes, &axis);
    let mut blocks: Vec<Block> = nodes
        .iter()
        .map(|&node| {
            // A lane without any stamp has no place on a clock.
            let placed = |l: &Lane| l.spans.iter().any(|s| axis.position(s).is_some());
            let own = lanes
                .iter()
                .filter(|l| l.node.as_deref() == node && placed(l));
            Block {
                node: node.unwrap_or("?").to_owned(),
                rows: own
                    .map(|lane| {
                        let mut row = Row::new(lane, &axis);
                        rings.mark(&mut row);
                        row
                    })
                    .collect(),
                alike: Vec::new(),
            }
        })
        .collect();
    if page.verbosity() < Verbosity::Verbose {
        if blocks.iter().flat_map(|b| &b.rows).all(Row::is_steady) {
            return Ok(());
        }
        blocks = fold::blocks(blocks, name_width, &axis);
    }

    page.gap()?;
    let mut head = gutter.head(page, "", &axis.title(report, page.zone()), Ink::Dim);
    let mark = if page.ascii() { '|' } else { '╷' };
    head.put(Ink::Dim, &axis.ticks(mark));
    page.line(&head)?;
    if !rings.is_empty() {
        let row = rings.row(axis.bins(), shared(page.ascii()));
        let mut text = gutter.head(page, "", "", Ink::Dim);
        text.put(Ink::Dim, &row);
        page.line(&text)?;
    }
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
    legend(&blocks, &rings, &gutter, page)
}

/// Whether a lane is part of the picture of an incident.
pub(super) fn belongs(lane: &Lane, incident: &Incident) -> bool {
    // What ran without being there when it began is no part of the story.
    if lane.name == TASKS && !incident.meanwhile.iter().any(|m| m.node == lane.node) {
        return false;
    }
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

/// What the symbols mean; only those that are there.
fn legend(blocks: &[Block], rings: &Rings, gutter: &Gutter, page: &mut Page) -> io::Result<()> {
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
            text.put(Ink::Dim, &format!(" {word}  "));
        }
    }
    page.line(&text)?;
    if rings.is_empty() {
        return Ok(());
    }
    let mut text = page.text();
    text.pad_to(gutter.width());
    text.put(
        Ink::Dim,
        &format!(
            "{} a ring that several of these logs name",
            shared(page.ascii())
        ),
    );
    page.line(&text)
}
