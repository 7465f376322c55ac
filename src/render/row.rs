//! One lane as a row of symbols.
//! In: the states of a lane and an axis. Out: runs of columns, drawn with the states' names where there is room.
//! Never: hides trouble; a column shows the worst that happened in it.

use super::axis::Axis;
use super::escape;
use super::paint::{Ink, Text};
use crate::model::Timestamp;
use crate::report::{Lane, Tone};
use std::collections::BTreeSet;

/// The symbol of a tone. The worse, the more ink: monochrome prints must read as well as colour.
pub(super) fn symbol(tone: Tone, ascii: bool) -> char {
    match (tone, ascii) {
        (Tone::Good, false) => '━',
        (Tone::Warn, false) => '▒',
        (Tone::Bad, false) => '█',
        (Tone::Plain, false) => '─',
        (Tone::Unknown, false) => '·',
        (Tone::Good, true) => '=',
        (Tone::Warn, true) => '~',
        (Tone::Bad, true) => 'x',
        (Tone::Plain, true) => '-',
        (Tone::Unknown, true) => '.',
    }
}

/// What begins in several rows at once.
pub(super) fn shared(ascii: bool) -> char {
    if ascii { '*' } else { '◆' }
}

/// How much attention a tone takes when several share a column.
pub(super) fn rank(tone: Tone) -> u8 {
    match tone {
        Tone::Good => 0,
        Tone::Plain => 1,
        Tone::Unknown => 2,
        Tone::Warn => 3,
        Tone::Bad => 4,
    }
}

/// Columns that show one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: usize,
    /// Just behind the last column.
    pub(super) to: usize,
    pub(super) tone: Tone,
    pub(super) label: String,
    /// Whether it begins with something that other rows show, too.
    pub(super) marked: bool,
    /// When the state began, if its line has a stamp.
    pub(super) at: Option<Timestamp>,
    /// The line it began with; 0 where a later line implies it.
    pub(super) line: u64,
}

impl Run {
    /// Whether both show the same, whatever lines they rest on.
    fn is_like(&self, other: &Run) -> bool {
        (self.from, self.to, self.tone) == (other.from, other.to, other.tone)
            && (&self.label, self.marked) == (&other.label, other.marked)
    }
}

/// A row: a name and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) runs: Vec<Run>,
}

impl Row {
    /// `lane` over `axis`.
    pub(super) fn new(lane: &Lane, axis: &Axis) -> Row {
        let mut last = i64::MIN;
        let spans: Vec<_> = lane
            .spans
            .iter()
            .map(|span| {
                // A state without a stamp on a clock's axis begins no earlier than the one before it.
                last = axis.position(span).unwrap_or(last).max(last);
                (last, span)
            })
            .collect();
        let mut runs: Vec<Run> = Vec::new();
        let mut carried = 0;
        for bin in 0..axis.bins() {
            let start = axis.start(bin);
            let end = axis.start(bin + 1).max(start + 1);
            while spans.get(carried).is_some_and(|&(at, _)| at <= start) {
                carried += 1;
            }
            let within = spans[carried..].iter().take_while(|&&(at, _)| at < end);
            let before = carried.checked_sub(1).map(|n| &spans[n]);
            let worst = before
                .into_iter()
                .chain(within)
                .map(|&(_, span)| span)
                .max_by_key(|span| rank(span.tone));
            let (tone, label) = worst.map_or((Tone::Unknown, ""), |span| (span.tone, &*span.label));
            let (at, line) = worst.map_or((None, 0), |span| (span.at, span.line));
            match runs.last_mut() {
                Some(run) if run.tone == tone && run.label == label => run.to = bin + 1,
                _ => runs.push(Run {
                    from: bin,
                    to: bin + 1,
                    tone,
                    label: label.to_owned(),
                    marked: false,
                    at,
                    line,
                }),
            }
        }
        Row {
            name: lane.name.clone(),
            runs,
        }
    }

    /// A row that shows `label` in one tone from end to end.
    pub(super) fn steady(name: &str, tone: Tone, label: String, axis: &Axis) -> Row {
        Row {
            name: name.to_owned(),
            runs: vec![Run {
                from: 0,
                to: axis.bins(),
                tone,
                label,
                marked: false,
                at: None,
                line: 0,
            }],
        }
    }

    /// Whether both take the same course.
    pub(super) fn is_like(&self, other: &Row) -> bool {
        let pairs = || self.runs.iter().zip(&other.runs);
        self.runs.len() == other.runs.len() && pairs().all(|(a, b)| a.is_like(b))
    }

    /// Whether it shows one state from end to end.
    pub(super) fn is_steady(&self) -> bool {
        self.runs.len() < 2
    }

    /// Whether all of it is good, and one state.
    pub(super) fn is_good(&self) -> bool {
        self.is_steady() && self.runs.iter().all(|run| run.tone == Tone::Good)
    }

    /// Whether nothing is known from end to end.
    pub(super) fn is_silent(&self) -> bool {
        self.runs.iter().all(|run| run.tone == Tone::Unknown)
    }

    /// Puts the symbols behind what `text` holds, and the names of states into them.
    pub(super) fn draw(&self, text: &mut Text, ascii: bool) {
        let mut said = BTreeSet::new();
        let mut before = None;
        for run in &self.runs {
            let (ink, sign) = (Ink::from(run.tone), symbol(run.tone, ascii));
            let room = run.to - run.from;
            let mut cells = String::new();
            // Two states of one tone would run together.
            let seam = before == Some(run.tone) && room > 2;
            cells.push(match (run.marked, seam, ascii) {
                (true, ..) => shared(ascii),
                (_, true, false) => '│',
                (_, true, true) => '|',
                (_, false, _) => sign,
            });
            before = Some(run.tone);
            let mut rest = room - 1;
            text.put(ink, &cells);
            let trouble = rank(run.tone) >= rank(Tone::Warn);
            if (trouble || said.insert(run.label.as_str()))
                && let Some(label) = fit(&run.label, rest.saturating_sub(2), ascii)
            {
                rest = rest.saturating_sub(escape::width(&label) + 2);
                // Letters in yellow are hard to read on white; the signs beside them are yellow.
                let word = match run.tone {
                    Tone::Warn => Ink::Strong,
                    _ if trouble => ink,
                    _ => Ink::Body,
                };
                text.put(word, &format!(" {label} "));
            }
            text.put(ink, &sign.to_string().repeat(rest));
        }
    }
}

/// The label, cut where enough of it is left to be understood.
fn fit(label: &str, room: usize, ascii: bool) -> Option<String> {
    const ENOUGH: usize = 8;
    let label = escape::visible(label, ascii);
    let whole = escape::width(&label) <= room;
    let worth = !label.is_empty() && (whole || room >= ENOUGH);
    worth.then(|| escape::cut(&label, room, ascii))
}

#[cfg(test)]
mod tests {
    use super::super::{fixtures, paint::Page};
    use super::*;
    use crate::render::Look;

    fn drawn(width: usize, lane: &str) -> String {
        let report = fixtures::founding();
        let axis = Axis::new(&report, &report.incidents[0], &[], width);
        let lane = report.lanes.iter().find(|l| l.name == lane).unwrap();
        let look = Look::default();
        let mut bytes = Vec::new();
        let mut page = Page::new(&mut bytes, &look);
        let mut text = page.text();
        Row::new(lane, &axis).draw(&mut text, true);
        page.whole_line(&text).unwrap();
        String::from_utf8(bytes).unwrap().trim_end().to_owned()
    }

    #[test]
    fn a_column_shows_the_worst_within_it() {
        // However narrow, three lines without a link never vanish among a hundred and sixty.
        assert_eq!(drawn(4, "link 0->8"), "x=xx");
        assert_eq!(drawn(1, "quorum"), "x");
    }

    #[test]
    fn names_of_states_stand_where_there_is_room() {
        assert_eq!(drawn(12, "LRM"), "===xxxxxxx==");
        assert_eq!(drawn(20, "LRM"), "=====x lost_ag.. ===");
        assert_eq!(drawn(30, "LRM"), "========x lost_agent_l.. =====");
    }
}
