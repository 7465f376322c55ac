//! What a picture leaves out: rows that tell nothing, rows and nodes that tell the same.
//! In: the rows of every node. Out: fewer rows, none of them untrue.
//! Never: folds trouble away; what changed stays, once for all that changed alike.

use super::axis::Axis;
use super::escape;
use super::row::{Row, rank};
use crate::report::Tone;
use std::collections::BTreeSet;

/// More nodes than this are folded when they took the same course, if not at the very same time.
pub(super) const MANY_NODES: usize = 8;

/// The rows of one node.
pub(super) struct Block {
    /// Its name.
    pub(super) node: String,
    /// Its lanes.
    pub(super) rows: Vec<Row>,
    /// Nodes that look the same.
    pub(super) alike: Vec<String>,
}

/// Folds rows within each node, then nodes. Names of folded rows fit `name_width`.
pub(super) fn blocks(blocks: Vec<Block>, name_width: usize, axis: &Axis) -> Vec<Block> {
    let several = blocks.len() > 1;
    let loose = blocks.len() > MANY_NODES;
    let mut kept: Vec<(Course, Block)> = Vec::new();
    for mut block in blocks {
        let course = course(&block, loose);
        if let Some((_, like)) = kept.iter_mut().find(|(known, _)| *known == course) {
            like.alike.push(block.node);
            continue;
        }
        rows(&mut block, several, name_width, axis);
        if !block.rows.is_empty() {
            kept.push((course, block));
        }
    }
    kept.into_iter().map(|(_, block)| block).collect()
}

/// Folds the rows of one node, which is one among several or not.
pub(super) fn rows(block: &mut Block, several: bool, name_width: usize, axis: &Axis) {
    block.rows.retain(|row| !row.is_silent());
    block.rows = links_alike(std::mem::take(&mut block.rows), name_width);
    block.rows = calm(std::mem::take(&mut block.rows), several, axis);
}

/// What a node shows: per lane that was not simply good, its tones in order and the columns they begin at.
type Course = BTreeSet<(String, Vec<(usize, u8)>)>;

/// A loose course leaves out when, and which link.
fn course(block: &Block, loose: bool) -> Course {
    let told = block.rows.iter().filter(|row| !row.is_good());
    told.map(|row| {
        let name = match row.name.strip_prefix("link ") {
            Some(_) if loose => "link",
            _ => &row.name,
        };
        let tones = row.runs.iter();
        let mut tones: Vec<(usize, u8)> = tones
            .map(|run| (if loose { 0 } else { run.from }, rank(run.tone)))
            .collect();
        tones.dedup();
        (name.to_owned(), tones)
    })
    .collect()
}

/// Links that changed at the same time become one row.
fn links_alike(rows: Vec<Row>, name_width: usize) -> Vec<Row> {
    let mut kept: Vec<(Vec<String>, Row)> = Vec::new();
    for row in rows {
        let link = row.name.strip_prefix("link ").filter(|_| !row.is_good());
        let Some(link) = link.map(str::to_owned) else {
            kept.push((vec![], row));
            continue;
        };
        let alike =
            |(links, known): &&mut (Vec<String>, Row)| !links.is_empty() && known.is_like(&row);
        match kept.iter_mut().find(alike) {
            Some((links, _)) => links.push(link),
            None => kept.push((vec![link], row)),
        }
    }
    let named = kept.into_iter().map(|(links, mut row)| {
        if links.len() > 1 {
            let short = format!(
                "link {}",
                product(&links).unwrap_or_else(|| links.join(" "))
            );
            row.name = if escape::width(&short) <= name_width {
                short
            } else {
                format!("{} links", links.len())
            };
        }
        row
    });
    named.collect()
}

/// `0,1->2,3` for all links from every one of the first to every one of the second.
fn product(links: &[String]) -> Option<String> {
    let pairs: Option<BTreeSet<(&str, &str)>> = links.iter().map(|l| l.split_once("->")).collect();
    let pairs = pairs?;
    let from: BTreeSet<&str> = pairs.iter().map(|&(from, _)| from).collect();
    let to: BTreeSet<&str> = pairs.iter().map(|&(_, to)| to).collect();
    let join = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(",");
    (from.len() * to.len() == pairs.len()).then(|| format!("{}->{}", join(from), join(to)))
}

/// Rows that were good throughout become one: the links of a lone node, everything of one among several.
fn calm(rows: Vec<Row>, several: bool, axis: &Axis) -> Vec<Row> {
    let foldable = |row: &Row| row.is_good() && (several || row.name.starts_with("link "));
    if rows.iter().filter(|row| foldable(row)).count() < 2 {
        return rows;
    }
    let (calm, mut kept): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(foldable);
    let mut links = Vec::new();
    let mut others = Vec::new();
    for row in &calm {
        match row.name.strip_prefix("link ") {
            Some(link) => links.push(link),
            None => others.push(&*row.name),
        }
    }
    let all = links.join(" ");
    if others.is_empty() {
        let links_kept = kept.iter().take_while(|r| r.name.starts_with("link "));
        let place = links_kept.count();
        let state = calm.iter().flat_map(|row| &row.runs).next();
        let state = state.map_or("", |run| &run.label);
        let said = format!("{all} {state}");
        kept.insert(place, Row::steady("links", Tone::Good, said, axis));
    } else {
        if !links.is_empty() {
            others.push("links");
        }
        let said = format!("{} {all}", others.join(", "));
        let said = said.trim_end().to_owned();
        kept.push(Row::steady("no change", Tone::Good, said, axis));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_named_together_only_when_that_names_no_other() {
        let links = |list: &[&str]| -> Vec<String> { list.iter().map(|&l| l.into()).collect() };
        let all = product(&links(&["0->2", "0->3", "1->2", "1->3"]));
        assert_eq!(all.as_deref(), Some("0,1->2,3"));
        assert_eq!(product(&links(&["0->2", "1->3"])), None);
        assert_eq!(product(&links(&["ring"])), None);
    }
}
