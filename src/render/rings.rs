//! Rings that several nodes formed together: the instants at which their logs tell of one thing.
//! In: the lanes of members. Out: a row of ring ids under the axis, and marks where each node formed them.
//! Never: a ring that only one log names.

use super::axis::Axis;
use super::escape;
use super::row::Row;
use crate::report::Lane;
use std::collections::{BTreeMap, BTreeSet};

/// The lane that tells of rings.
pub(super) const MEMBERS: &str = "members";

/// Shared rings, each with the column in which the first node formed it.
pub(super) struct Rings(Vec<(usize, String)>);

impl Rings {
    pub(super) fn of(lanes: &[&Lane], axis: &Axis) -> Rings {
        let mut formed: BTreeMap<&str, (BTreeSet<Option<&str>>, i64)> = BTreeMap::new();
        for lane in lanes.iter().filter(|lane| lane.name == MEMBERS) {
            for span in &lane.spans {
                let (Some(ring), Some(at)) = (ring_of(&span.label), axis.position(span)) else {
                    continue;
                };
                let (nodes, first) = formed.entry(ring).or_insert((BTreeSet::new(), at));
                nodes.insert(lane.node.as_deref());
                *first = at.min(*first);
            }
        }
        let mut shared: Vec<(usize, String)> = formed
            .into_iter()
            .filter(|(_, (nodes, _))| nodes.len() > 1)
            .filter_map(|(ring, (_, at))| Some((axis.column_of(at)?, ring.to_owned())))
            .collect();
        shared.sort();
        // Two that were formed at once, on two sides, share a mark.
        shared.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = format!("{} {}", kept.1, later.1);
            }
            same
        });
        Rings(shared)
    }

    /// The ids, each with its column; of one column joined by a blank.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().map(|(column, ring)| (*column, &**ring))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Marks where a node formed one of them.
    pub(super) fn mark(&self, row: &mut Row) {
        if row.name == MEMBERS {
            let shared = |label: &str| {
                let mut known = self.0.iter().flat_map(|(_, rings)| rings.split(' '));
                ring_of(label).is_some_and(|ring| known.any(|known| known == ring))
            };
            for run in &mut row.runs {
                run.marked = run.from > 0 && shared(&run.label);
            }
        }
    }

    /// A mark for each, with its id where there is room before the next.
    pub(super) fn row(&self, bins: usize, mark: char) -> String {
        let mut row = String::new();
        let mut used = 0;
        for (n, (column, ring)) in self.0.iter().enumerate() {
            let next = self.0.get(n + 1).map_or(bins, |(next, _)| *next);
            let room = next.saturating_sub(*column);
            row.extend(std::iter::repeat_n(' ', column - used));
            row.push(mark);
            used = column + 1;
            if escape::width(ring) + 2 <= room {
                row.push_str(ring);
                used += escape::width(ring);
            }
        }
        row
    }
}

/// The ring in the name of a state: `2 in 1.1e8`, `alone 2.1e8`, `1.1e8`.
fn ring_of(label: &str) -> Option<&str> {
    let last = label.rsplit(' ').next()?;
    last.contains(['.', '/']).then_some(last)
}

/// How many members the name of a state counts: 2 in `2 in 1.1e8`, 1 in `alone 2.1e8`.
pub(super) fn members_of(label: &str) -> Option<u64> {
    match label.split_once(' ')? {
        ("alone", _) => Some(1),
        (count, rest) => rest.starts_with("in ").then(|| count.parse().ok())?,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_where_there_is_room_and_marks_always() {
        let rings = [(2, "1.1e8"), (4, "1.1ec"), (20, "1.1f0"), (37, "1.1f4")];
        let rings = Rings(rings.map(|(at, ring)| (at, ring.to_owned())).to_vec());
        assert_eq!(rings.row(40, '*'), "  * *1.1ec          *1.1f0           *");
    }

    #[test]
    fn a_ring_is_the_last_word_of_its_state() {
        assert_eq!(ring_of("2 in 1.1e8"), Some("1.1e8"));
        assert_eq!(ring_of("alone 2.1e8"), Some("2.1e8"));
        assert_eq!(ring_of("192.0.2.1:120"), Some("192.0.2.1:120"));
        assert_eq!(ring_of("no corosync"), None);
        assert_eq!(members_of("2 in 1.1e8"), Some(2));
        assert_eq!(members_of("alone 2.1e8"), Some(1));
        assert_eq!(members_of("192.0.2.1:120"), None);
        assert_eq!(members_of("no corosync"), None);
    }
}
