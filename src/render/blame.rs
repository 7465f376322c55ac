//! Whose link it was: a table for each link that had trouble, and the first suspects.
//! In: the blame of an incident. Out: lines under the chain of causes.
//! Never: a table for what one sentence says.

use super::paint::{Ink, Page, Text};
use super::term::{GUTTER, labelled};
use super::who::plural;
use super::{Verbosity, escape};
use crate::report::{Blame, BlameCell, Incident, Suspect};
use std::collections::BTreeMap;
use std::io;

/// Suspects that are told unless everything is wanted.
const SUSPECTS: usize = 3;
/// Rows and columns of a table unless everything is wanted.
const ROWS: usize = 10;
/// Names are cut to this.
const NAME: usize = 12;
/// Columns between cells.
const GAP: usize = 2;

/// Writes what is blamed; nothing where no link was in trouble.
pub(super) fn write(incident: &Incident, page: &mut Page) -> io::Result<()> {
    let Some(blame) = &incident.blame else {
        return Ok(());
    };
    for (n, suspect) in told(blame, page).iter().enumerate() {
        let label = match n {
            0 => "SUSPECT",
            _ if suspect.instead => "or",
            _ => "and",
        };
        let ink = if n == 0 { Ink::Strong } else { Ink::Dim };
        labelled(ink, label, &sentence(suspect, n == 0, page), page)?;
    }
    let mut links: BTreeMap<u32, Vec<&BlameCell>> = BTreeMap::new();
    for cell in &blame.matrix {
        links.entry(cell.link).or_default().push(cell);
    }
    for (link, cells) in &links {
        of_link(*link, cells, blame, page)?;
    }
    for (n, apart) in blame.apart.iter().enumerate() {
        let body = page.text().with(Ink::Body, &apart.text);
        labelled(Ink::Dim, if n == 0 { "apart" } else { "" }, &body, page)?;
    }
    Ok(())
}

fn told<'b>(blame: &'b Blame, page: &Page) -> &'b [Suspect] {
    match page.verbosity() {
        Verbosity::Verbose => &blame.suspects,
        _ => &blame.suspects[..blame.suspects.len().min(SUSPECTS)],
    }
}

/// One suspect as a sentence; of those behind the first the best reasons only.
fn sentence(suspect: &Suspect, first: bool, page: &Page) -> Text {
    let (pro, con) = if first || page.verbosity() == Verbosity::Verbose {
        (usize::MAX, usize::MAX)
    } else {
        (1, 0)
    };
    let mut body = page.text().with(Ink::Strong, &suspect.text);
    let explains = format!(
        " (explains {} of {}, confidence {})",
        suspect.explains,
        if suspect.observers == 1 {
            "1 observer".to_owned()
        } else {
            format!("{} observers", suspect.observers)
        },
        suspect.confidence
    );
    body.put(Ink::Body, &explains);
    for (n, reason) in suspect.speaks_for.iter().take(pro).enumerate() {
        body.put(Ink::Body, if n == 0 { ": " } else { "; " });
        body.put(Ink::Body, reason);
    }
    for (n, reason) in suspect.against.iter().take(con).enumerate() {
        body.put(Ink::Dim, if n == 0 { ". But " } else { "; " });
        body.put(Ink::Dim, reason);
    }
    body
}

/// What the observers saw of one link.
fn of_link(link: u32, cells: &[&BlameCell], blame: &Blame, page: &mut Page) -> io::Result<()> {
    let rows = in_order(cells.iter().map(|cell| &*cell.observer));
    let mut by_id = cells.to_vec();
    by_id.sort_by_key(|cell| cell.peer_id);
    let columns = in_order(by_id.iter().map(|cell| peer(cell)));
    // Of one observer, or of one peer, a line says it all; the suspect has told of a single cell already.
    if rows.len() == 1 || columns.len() == 1 {
        if cells.len() == 1 && !blame.suspects.is_empty() {
            return Ok(());
        }
        return line(link, cells, rows.len() == 1, page);
    }
    table(link, cells, (&rows, &columns), blame, page)
}

/// Whom a cell is about.
pub(super) fn peer(cell: &BlameCell) -> &str {
    cell.peer.as_deref().unwrap_or("the ring")
}

/// Each once, in order of appearance.
pub(super) fn in_order<'c>(names: impl Iterator<Item = &'c str>) -> Vec<&'c str> {
    let mut kept: Vec<&str> = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

/// `pve5 lost node 1 1x, node 8 4x`, or `node 4 lost by pve1 2x, pve2 2x`.
fn line(link: u32, cells: &[&BlameCell], one_observer: bool, page: &mut Page) -> io::Result<()> {
    let mut body = page.text();
    for (n, cell) in cells.iter().enumerate() {
        let (whole, own) = if one_observer {
            (format!("{} lost ", cell.observer), peer(cell))
        } else {
            (format!("{} lost by ", peer(cell)), &*cell.observer)
        };
        body.put(Ink::Body, if n == 0 { &whole } else { ", " });
        body.put(Ink::Body, &format!("{own} {}", short(cell)));
    }
    labelled(Ink::Dim, &format!("link {link}"), &body, page)
}

/// How often and how long, `2x 31 s`; `+` where it was still down at the end of that log.
pub(super) fn short(cell: &BlameCell) -> String {
    let open = if cell.open { "+" } else { "" };
    match cell.down_s {
        Some(s) if s >= 600.0 => format!("{}x {:.0} min{open}", cell.downs, s / 60.0),
        Some(s) => format!("{}x {s:.0} s{open}", cell.downs),
        None => format!("{}x{open}", cell.downs),
    }
}

/// Rows are observers, columns are peers.
fn table(
    link: u32,
    cells: &[&BlameCell],
    (rows, columns): (&[&str], &[&str]),
    blame: &Blame,
    page: &mut Page,
) -> io::Result<()> {
    let ascii = page.ascii();
    let name = |text: &str| escape::cut(&escape::visible(text, ascii), NAME, ascii);
    let widest = |names: &[&str]| {
        names
            .iter()
            .map(|n| escape::width(&name(n)))
            .max()
            .unwrap_or(0)
    };
    let cell = cells
        .iter()
        .map(|cell| short(cell).len())
        .max()
        .unwrap_or(0);
    let width = widest(columns).max(cell) + GAP;
    let lead = widest(rows).max("lost by".len()) + GAP;
    let room = page.width().saturating_sub(GUTTER + lead) / width;
    let most = if page.verbosity() == Verbosity::Verbose {
        usize::MAX
    } else {
        ROWS
    };
    let rows = worst(rows, most, cells, |cell| &cell.observer);
    let columns = worst(columns, room.max(1), cells, peer);
    let mut head = page.text().with(Ink::Body, " ");
    head.put(Ink::Dim, &format!("link {link}"));
    head.pad_to(GUTTER);
    head.put(Ink::Dim, "lost by");
    for (n, column) in columns.kept.iter().enumerate() {
        head.pad_to(GUTTER + lead + n * width);
        head.put(Ink::Dim, &name(column));
    }
    page.line(&head)?;
    for row in &rows.kept {
        let mut text = page.text();
        text.pad_to(GUTTER);
        text.put(Ink::Body, &name(row));
        for (n, column) in columns.kept.iter().enumerate() {
            text.pad_to(GUTTER + lead + n * width);
            let found = cells
                .iter()
                .find(|cell| cell.observer == **row && peer(cell) == *column);
            match found {
                Some(cell) => text.put(Ink::Bad, &short(cell)),
                None if row == column => text.put(Ink::Dim, "-"),
                None => text.put(Ink::Good, page.sign("·", ".")),
            };
        }
        page.line(&text)?;
    }
    let silent: Vec<&str> = blame
        .observers
        .iter()
        .map(String::as_str)
        .filter(|observer| !cells.iter().any(|cell| cell.observer == *observer))
        .collect();
    let mut rest = Vec::new();
    if !silent.is_empty() {
        rest.push(format!("{}: no trouble on it", list(&silent)));
    }
    if rows.more > 0 {
        rest.push(more(rows.more, "observer"));
    }
    if columns.more > 0 {
        rest.push(more(columns.more, "peer"));
    }
    if rest.is_empty() {
        return Ok(());
    }
    let body = page.text().with(Ink::Dim, &rest.join("; "));
    labelled(Ink::Dim, "", &body, page)
}

fn more(count: usize, what: &str) -> String {
    let s = plural(count as u64, "", "s");
    format!("{count} more {what}{s}")
}

fn list(names: &[&str]) -> String {
    match names.len() {
        0..=6 => names.join(", "),
        many => format!("{} and {} more", names[..5].join(", "), many - 5),
    }
}

/// Names that fit, and how many do not.
pub(super) struct Kept<'c> {
    pub(super) kept: Vec<&'c str>,
    pub(super) more: usize,
}

/// As many as fit, those that the most cells are of, then those with the most downs; in their own order.
pub(super) fn worst<'c>(
    names: &[&'c str],
    most: usize,
    cells: &[&BlameCell],
    of: impl Fn(&BlameCell) -> &str,
) -> Kept<'c> {
    let weight = |name: &str| -> (usize, u64) {
        let own: Vec<_> = cells.iter().filter(|cell| of(cell) == name).collect();
        (own.len(), own.iter().map(|cell| cell.downs).sum())
    };
    let mut ranked: Vec<(usize, (usize, u64))> =
        names.iter().map(|name| weight(name)).enumerate().collect();
    ranked.sort_by_key(|(place, weight)| (std::cmp::Reverse(*weight), *place));
    ranked.truncate(most);
    ranked.sort_unstable();
    Kept {
        more: names.len() - ranked.len(),
        kept: ranked.into_iter().map(|(place, _)| names[place]).collect(),
    }
}
