//! What the columns of a picture count: time, or lines, or events where there are no stamps.
//! In: an incident's span and a number of columns. Out: which positions a column covers, and the axis above the lanes.
//! Never: stretches a part of the axis; equal widths are equal lengths.

use super::clock;
use crate::model::{Span, Timestamp};
use crate::report::{Incident, Input, Lane, LaneSpan, Report, Status};

/// Steps between ticks of a clock, in seconds.
const CLOCK_STEPS: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800,
];
const DAY: i64 = 86_400;
const SECOND: i64 = 1_000_000;
/// Microseconds on either side of the epoch that an axis reaches: some six thousand years.
const CALENDAR: i64 = 200_000_000_000 * SECOND;
/// Lines and events beyond this number share the end of an axis; no log is that long.
const MOST: i64 = 1 << 50;
/// A picture shows at least this many seconds: what is shorter has no course to look at.
const SHORTEST: i64 = 10;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Time,
    Line,
    Event,
}

/// A linear axis, cut into bins of a column each.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    unit: Unit,
    from: i64,
    /// Just behind the last position.
    to: i64,
    bins: usize,
}

impl Axis {
    /// The span of `incident` and a little before and after it, in `bins` columns.
    pub(super) fn new(report: &Report, incident: &Incident, lanes: &[&Lane], bins: usize) -> Axis {
        let (unit, from, to) = if let Some(began) = incident.began {
            let ended = match (incident.ended, incident.status) {
                (Some(ended), Status::Over | Status::Unknown) => ended,
                (ended, _) => ended.max(clock::last(report)).unwrap_or(began),
            };
            let began = began.0.clamp(-CALENDAR, CALENDAR);
            let length = ended.0.clamp(began, CALENDAR) - began;
            let around = (length / 20).max(2 * SECOND);
            let missing = (SHORTEST * SECOND - length - 2 * around).max(0);
            let from = began - around;
            (Unit::Time, from, from + length + 2 * around + missing)
        } else if let Some(input) = only_input(report, incident) {
            let last = if incident.status == Status::Ongoing {
                input.lines
            } else {
                incident.last_line
            };
            let (first, last) = (whole(incident.line), whole(last.max(incident.line)));
            let around = (last - first) / 20 + 1;
            let to = (last + around).min(whole(input.lines).max(last));
            (Unit::Line, (first - around).max(1), to + 1)
        } else {
            let orders = || lanes.iter().flat_map(|l| &l.spans).map(|s| whole(s.order));
            let from = orders().min().unwrap_or(0);
            (Unit::Event, from, orders().max().unwrap_or(0) + 1)
        };
        Axis {
            unit,
            from,
            to: to.max(from + 1),
            bins: bins.max(1),
        }
    }

    /// How many columns.
    pub(super) fn bins(&self) -> usize {
        self.bins
    }

    /// Where a state begins; `None` when its line has no stamp and the axis counts time.
    pub(super) fn position(&self, span: &LaneSpan) -> Option<i64> {
        match self.unit {
            Unit::Time => span.at.map(|at| at.0),
            Unit::Line => Some(whole(span.line)),
            Unit::Event => Some(whole(span.order)),
        }
    }

    /// First position that `bin` covers. Bins narrower than one position share it.
    pub(super) fn start(&self, bin: usize) -> i64 {
        let length = i128::from(self.to) - i128::from(self.from);
        let offset = length * bin as i128 / self.bins as i128;
        i64::try_from(i128::from(self.from) + offset).unwrap_or(self.to)
    }

    /// Where something of a stamp and a line is; `None` where the axis counts neither of what is known of it.
    pub(super) fn place(&self, at: Option<Timestamp>, line: u64) -> Option<i64> {
        match self.unit {
            Unit::Time => at.map(|at| at.0),
            Unit::Line => Some(whole(line)),
            Unit::Event => None,
        }
    }

    /// How far along the axis a position is: below 0 before it, above 1 behind it.
    pub(super) fn share(&self, position: i64) -> f64 {
        let length = i128::from(self.to) - i128::from(self.from);
        let offset = i128::from(position) - i128::from(self.from);
        offset as f64 / length as f64
    }

    /// The share of the axis that a span takes; `None` where it counts no time.
    pub(super) fn length(&self, span: Span) -> Option<f64> {
        let whole = (i128::from(self.to) - i128::from(self.from)) as f64;
        (self.unit == Unit::Time).then(|| span.0 as f64 / whole)
    }

    /// Round values along the axis, as many as labels fit `columns`, each with its share.
    pub(super) fn marks(&self, columns: usize) -> Vec<(f64, String)> {
        let coarse = Axis {
            bins: columns.max(1),
            ..self.clone()
        };
        let marks = coarse.labels().into_iter();
        marks.map(|(at, label)| (self.share(at), label)).collect()
    }

    /// What is counted, in a word: the zone of a clock, or the day when it is not the one already said.
    pub(super) fn title(&self, report: &Report, zone: &str) -> String {
        let day = |at: Timestamp| at.date_clock().get(..10).map(str::to_owned);
        let here = day(Timestamp(self.from));
        match self.unit {
            Unit::Time if clock::first(report).and_then(day) == here => zone.to_owned(),
            Unit::Time => here.unwrap_or_else(|| zone.to_owned()),
            Unit::Line => "line".to_owned(),
            Unit::Event => "event".to_owned(),
        }
    }

    /// The axis: round values, each behind a mark at its column.
    pub(super) fn ticks(&self, mark: char) -> String {
        let mut row = String::new();
        let mut used = 0;
        for (at, label) in self.labels() {
            let column = self.column(at);
            let fits = column >= used && column + 1 + label.len() <= self.bins;
            if fits {
                row.extend(std::iter::repeat_n(' ', column - used));
                row.push(mark);
                row.push_str(&label);
                used = column + label.len() + 1;
            }
        }
        row
    }

    fn labels(&self) -> Vec<(i64, String)> {
        let (step, scale) = match self.unit {
            Unit::Time => (self.clock_step(), SECOND),
            Unit::Line | Unit::Event => (self.count_step(), 1),
        };
        let mut at = self.from.div_euclid(step * scale) * step * scale;
        let mut labels = Vec::new();
        let mut day = Timestamp(self.from).date_clock();
        while at < self.to {
            if at >= self.from {
                let stamp = Timestamp(at).date_clock();
                let midnight = stamp.get(..10) != day.get(..10);
                let label = match self.unit {
                    Unit::Time if step >= DAY || midnight => stamp.get(5..10).unwrap_or("?").into(),
                    Unit::Time if step >= 60 => stamp.get(11..16).unwrap_or("?").into(),
                    Unit::Time => Timestamp(at).clock(),
                    Unit::Line | Unit::Event => at.to_string(),
                };
                day = stamp;
                labels.push((at, label));
            }
            at = at.saturating_add(step * scale);
        }
        labels
    }

    /// The column that holds a position; `None` for what lies before or behind the picture.
    pub(super) fn column_of(&self, position: i64) -> Option<usize> {
        let within = (self.from..self.to).contains(&position);
        within.then(|| self.column(position))
    }

    fn column(&self, position: i64) -> usize {
        let length = i128::from(self.to) - i128::from(self.from);
        let offset = i128::from(position) - i128::from(self.from);
        // The bin that holds the position, which is not always the quotient: bins begin at rounded positions.
        let mut bin = usize::try_from(offset * self.bins as i128 / length).unwrap_or(0);
        while bin + 1 < self.bins && self.start(bin + 1) <= position && self.start(bin) < position {
            bin += 1;
        }
        bin
    }

    /// The finest step whose labels do not touch.
    fn clock_step(&self) -> i64 {
        let seconds = (self.to - self.from) / SECOND;
        let bins = whole(self.bins as u64);
        let roomy = |step: &i64| {
            let label = if (60..DAY).contains(step) { 5 } else { 8 };
            step * bins >= seconds * (label + 3)
        };
        let widest = CLOCK_STEPS[CLOCK_STEPS.len() - 1];
        CLOCK_STEPS
            .into_iter()
            .find(roomy)
            .unwrap_or_else(|| widest * (seconds * 12 / (widest * bins) + 1))
    }

    fn count_step(&self) -> i64 {
        let (length, bins) = (self.to - self.from, whole(self.bins as u64));
        let label = whole(self.to.to_string().len() as u64);
        let mut decade = 1_i64;
        loop {
            for step in [1, 2, 5].map(|n| n * decade) {
                if i128::from(step) * i128::from(bins) >= i128::from(length) * i128::from(label + 3)
                {
                    return step;
                }
            }
            decade = decade.saturating_mul(10);
        }
    }
}

/// The input whose lines an incident without stamps is counted by.
fn only_input<'a>(report: &'a Report, incident: &Incident) -> Option<&'a Input> {
    if let [one] = report.inputs.as_slice() {
        return Some(one);
    }
    let [node] = incident.nodes.as_slice() else {
        return None;
    };
    let mut own = report
        .inputs
        .iter()
        .filter(|i| i.node.as_ref() == Some(node));
    own.next().filter(|_| own.next().is_none())
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).map_or(MOST, |n| n.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn ticks_stand_at_the_column_of_their_value() {
        let report = fixtures::founding();
        let axis = Axis::new(&report, &report.incidents[0], &[], 100);
        let row = axis.ticks('|');
        let column = |label: &str| row.find(&format!("|{label}")).unwrap();
        for line in [20, 40, 60] {
            let bin = column(&line.to_string());
            assert!(axis.start(bin) <= line && line <= axis.start(bin + 1));
        }
    }

    #[test]
    fn days_are_named_where_they_begin() {
        let mut report = fixtures::quiet();
        let mut incident = fixtures::fence().incidents.remove(0);
        incident.began = report.inputs[0].first;
        incident.ended = incident.began.map(|at| Timestamp(at.0 + 3 * DAY * SECOND));
        report.inputs.clear();
        let ticks = Axis::new(&report, &incident, &[], 68).ticks('|');
        assert_eq!(
            ticks,
            "   |11-22    |12:00    |11-23    |12:00     |11-24    |12:00"
        );
    }
}
