//! The year and the zone that most log formats leave out.
//! In: a stamp as printed, and what is known of the source's own date. Out: an instant.
//! Never: remembers a line; the same stamp is the same instant wherever a block begins.

use super::stamp::{self, Civil, Stamp, Zone};
use super::tz::Tz;
use super::zone::zone_offset;
use crate::model::{Span, Timestamp};
use chrono::{Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime};
use std::fmt;

/// A day: stamps may be this much later than the anchor, for clocks and zones that are off.
const TOLERANCE: Span = Span(86_400_000_000);

/// How far back a 29 February is looked for: 1896 to 1904 had none.
const YEARS_BACK: i32 = 8;

/// Turns printed stamps into instants.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// The zone of stamps that print none.
    pub tz: Tz,
    /// Whether somebody said so (`--tz`), or UTC is only assumed.
    pub zone_given: bool,
    /// What tells the year of stamps that print none.
    pub anchor: Anchor,
}

/// What tells the year of stamps that print none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// `--year`.
    Year(i32),
    /// The date of the file: nothing in it is later.
    File(Timestamp),
    /// Now, for a pipe.
    Now(Timestamp),
    /// A full stamp in the same source: the nearest year is meant, but nothing later than `latest`.
    Sample {
        /// The full stamp.
        at: Timestamp,
        /// The date of the file, or now.
        latest: Option<Timestamp>,
    },
    /// The newest line of a short log. It tells the years of the others: lines that follow each other do not jump a year.
    Newest {
        /// Its instant.
        at: Timestamp,
        /// The date of the file, or now, which tells its year.
        latest: Timestamp,
    },
    /// When the boot records begin, as `last` prints below them: the first year is meant in which nothing is earlier.
    Begins(Timestamp),
}

/// What one line tells the reader of the next, and which assumptions were needed so far. Only ever saves work: a fresh one
/// gives the same instants.
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// Whether a year was inferred.
    pub year_inferred: bool,
    /// Whether a stamp came without a zone.
    pub zone_missing: bool,
    /// The last hour that was resolved, and its instant.
    hour: Option<(Civil, Timestamp)>,
}

impl Clock {
    /// A clock without `--tz`.
    pub fn utc(anchor: Anchor) -> Clock {
        Clock {
            tz: Tz::UTC,
            zone_given: false,
            anchor,
        }
    }

    /// The instant that `stamp` means; `None` for one that has no date, or a date that its year does not have.
    pub fn instant(&self, stamp: Stamp<'_>, hint: &mut Hint) -> Option<Timestamp> {
        match stamp {
            Stamp::Unix(micros) => Some(Timestamp(micros)),
            Stamp::Uptime | Stamp::TimeOnly => None,
            Stamp::Civil(civil, zone) => {
                hint.year_inferred |= civil.year.is_none();
                let offset = match zone {
                    Zone::Offset(east) => Some(east),
                    Zone::Abbreviation(word) => self.abbreviation(word, civil),
                    Zone::Missing => None,
                };
                hint.zone_missing |= offset.is_none() && !matches!(zone, Zone::Abbreviation(_));
                match offset {
                    Some(east) => self.dated(civil, |local| {
                        Some(Timestamp(
                            micros(local)?.saturating_sub(i64::from(east) * 1_000_000),
                        ))
                    }),
                    None => self.by_hour(civil, hint),
                }
            }
        }
    }

    /// The offset that an abbreviation means: the zone's own if it uses the word then, else the one known meaning.
    fn abbreviation(&self, word: &str, civil: Civil) -> Option<i32> {
        let year = civil.year?;
        let local = naive(civil, year)?;
        let own = match self.tz.read(local) {
            LocalResult::Single(one) => vec![one],
            LocalResult::Ambiguous(one, other) => vec![one, other],
            LocalResult::None => Vec::new(),
        };
        own.iter()
            .find(|reading| reading.abbreviation == word)
            .map(|reading| reading.east)
            .or_else(|| zone_offset(word))
    }

    /// Resolves in the clock's own zone, remembering the hour. Zone and year are constant within most hours; where the
    /// first and the last second of the hour say otherwise, nothing is remembered.
    fn by_hour(&self, civil: Civil, hint: &mut Hint) -> Option<Timestamp> {
        let start = Civil {
            minute: 0,
            second: 0,
            micros: 0,
            ..civil
        };
        let within = civil.within_hour();
        if let Some((hour, base)) = hint.hour
            && hour == start
        {
            return Some(base.plus(within));
        }
        let base = self.dated(start, |local| self.in_zone(local))?;
        let last = Civil {
            minute: 59,
            second: 59,
            ..start
        };
        if self.dated(last, |local| self.in_zone(local)) == Some(base.plus(Span::from_secs(3599))) {
            hint.hour = Some((start, base));
            return Some(base.plus(within));
        }
        self.dated(civil, |local| self.in_zone(local))
    }

    /// Supplies the year. `instant` says when a date of a certain year is.
    fn dated(
        &self,
        civil: Civil,
        instant: impl Fn(NaiveDateTime) -> Option<Timestamp>,
    ) -> Option<Timestamp> {
        let in_year = |year| {
            let leap = i64::from(civil.second / 60);
            instant(naive(civil, year)?).map(|at| at.plus(Span::from_secs(leap)))
        };
        if let Some(year) = civil.year {
            return in_year(year);
        }
        let not_after = |latest: Timestamp| {
            let limit = latest.plus(TOLERANCE);
            let newest = limit.to_utc()?.year() + 1;
            (newest - YEARS_BACK..=newest)
                .rev()
                .filter_map(in_year)
                .find(|at| *at <= limit)
        };
        let nearest = |at: Timestamp, latest: Option<Timestamp>| {
            let year = at.to_utc()?.year();
            let limit = latest.map_or(Timestamp(i64::MAX), |l| l.max(at).plus(TOLERANCE));
            (year - YEARS_BACK..=year + YEARS_BACK)
                .filter_map(in_year)
                .filter(|t| *t <= limit)
                .min_by_key(|t| t.since(at).0.saturating_abs())
        };
        match self.anchor {
            Anchor::Year(year) => in_year(year),
            Anchor::File(latest) | Anchor::Now(latest) => not_after(latest),
            Anchor::Sample { at, latest } => nearest(at, latest),
            Anchor::Newest { at, latest } => nearest(at, Some(latest)),
            Anchor::Begins(at) => {
                let limit = at.plus(Span(-TOLERANCE.0));
                let year = at.to_utc()?.year();
                let mut years = (year..=year + YEARS_BACK).filter_map(in_year);
                years.find(|t| *t >= limit)
            }
        }
    }

    /// The instant of a local time: the earlier of two in the autumn overlap, shifted forward in the spring gap.
    fn in_zone(&self, local: NaiveDateTime) -> Option<Timestamp> {
        match self.tz.read(local) {
            LocalResult::Single(one) | LocalResult::Ambiguous(one, _) => Some(one.at),
            LocalResult::None => {
                let before = local.checked_sub_signed(Duration::hours(6))?;
                let before = self.tz.read(before).earliest()?;
                Some(before.at.plus(Span::from_secs(6 * 3600)))
            }
        }
    }
}

/// The local time in a given year, a leap second as second 59; `None` when the year has no such day.
fn naive(civil: Civil, year: i32) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(year, civil.month, civil.day)?.and_hms_micro_opt(
        civil.hour,
        civil.minute,
        civil.second.min(59),
        civil.micros,
    )
}

fn micros(local: NaiveDateTime) -> Option<i64> {
    Some(local.and_utc().timestamp_micros())
}

impl Anchor {
    /// The newest full stamp in the beginning of a source: at the start of a line, after `since`, in the columns of `last`,
    /// or in corosync's `(@1700000000123)`.
    pub fn from_sample(bytes: &[u8]) -> Option<Anchor> {
        let clock = Clock::utc(Anchor::Year(1970));
        let text = String::from_utf8_lossy(bytes);
        let newest = text
            .lines()
            .filter(|line| !line.is_empty())
            .filter_map(|line| full_stamp(line, &clock))
            .filter(|at| PLAUSIBLE.contains(&at.0))
            .max();
        match newest {
            Some(at) => Some(Anchor::Sample { at, latest: None }),
            None => begins(&text, &clock).map(Anchor::Begins),
        }
    }

    /// The same anchor, told that nothing in the source is later than `latest`.
    pub fn not_after(self, latest: Timestamp) -> Anchor {
        match self {
            Anchor::Sample { at, .. } => Anchor::Sample {
                at,
                latest: Some(latest),
            },
            Anchor::Year(_)
            | Anchor::File(_)
            | Anchor::Now(_)
            | Anchor::Newest { .. }
            | Anchor::Begins(_) => self,
        }
    }
}

/// Corosync 2 is of 2012; a stamp before 2005 or after 2100 is a broken clock or no stamp.
const PLAUSIBLE: std::ops::Range<i64> = 1_104_537_600_000_000..4_102_444_800_000_000;

/// When the records begin that `last` prints, if the text is of nothing else that has stamps: `wtmp begins Tue Jul  9 09:13:53 2024`.
fn begins(text: &str, clock: &Clock) -> Option<Timestamp> {
    let mut lines = text.lines();
    let said = lines.find_map(|line| line.split_once("wtmp begins "))?;
    let alone = text
        .lines()
        .all(|line| stamp::stamp(line.trim_start()).is_err());
    let begun = full_stamp(said.1.trim(), clock)?;
    (alone && PLAUSIBLE.contains(&begun.0)).then_some(begun)
}

/// A stamp with its year, if `line` has one.
fn full_stamp(line: &str, clock: &Clock) -> Option<Timestamp> {
    let start = line.trim_start_matches([' ', '\t', '>', '|', '-', '*', '\u{feff}']);
    let since = || line.split_once(" since ").map(|(_, after)| after);
    let read = |text: &str| match stamp::stamp(text).ok()?.1 {
        Stamp::Civil(civil, _) if civil.year.is_none() => None,
        full => clock.instant(full, &mut Hint::default()),
    };
    let journal = || {
        let (_, after) = line.split_once("\"__REALTIME_TIMESTAMP\":\"")?;
        let micros: i64 = after.split('"').next()?.parse().ok()?;
        Some(Timestamp(micros))
    };
    read(start)
        .or_else(journal)
        .or_else(|| read(since()?.split(';').next()?))
        .or_else(|| super::last::started(line, clock, true))
        .or_else(|| {
            let (_, after) = line.split_once("(@")?;
            let millis: i64 = after.get(..13)?.parse().ok()?;
            Some(Timestamp(millis.saturating_mul(1_000)))
        })
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |at: Timestamp| at.date_clock().split(' ').next().unwrap_or("?").to_owned();
        match *self {
            Anchor::Year(year) => write!(f, "--year {year}"),
            Anchor::File(at) => write!(f, "year inferred from the file's date {}", day(at)),
            Anchor::Now(at) => write!(f, "year inferred from now, {}", day(at)),
            Anchor::Sample { at, .. } => {
                write!(
                    f,
                    "year inferred from a full stamp in the same input or beside it, {}",
                    day(at)
                )
            }
            Anchor::Begins(at) => {
                write!(
                    f,
                    "year inferred from where the boot records begin, {}",
                    day(at)
                )
            }
            Anchor::Newest { at, latest } => write!(
                f,
                "year inferred from the newest line, {}, which is not later than {}",
                day(at),
                day(latest)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        read(text, &Clock::utc(Anchor::Year(2000)))
    }

    fn read(text: &str, clock: &Clock) -> Timestamp {
        let (_, stamp) = stamp::stamp(text).expect("a stamp");
        let fresh = clock.instant(stamp, &mut Hint::default());
        let mut hint = Hint::default();
        let hour_before = stamp::stamp("Feb 11 11:00:00").expect("a stamp").1;
        clock.instant(hour_before, &mut hint);
        clock.instant(stamp, &mut hint);
        assert_eq!(
            clock.instant(stamp, &mut hint),
            fresh,
            "a hint changed {text}"
        );
        fresh.expect("an instant")
    }

    #[test]
    fn a_stamp_without_a_year_is_the_latest_not_after_the_file_and_a_day() {
        let clock = Clock::utc(Anchor::File(at("2026-01-20T12:00:00Z")));
        for (text, want) in [
            ("Jan 20 11:00:00", "2026-01-20T11:00:00Z"),
            ("Jan 21 11:59:00", "2026-01-21T11:59:00Z"),
            ("Jan 21 12:30:00", "2025-01-21T12:30:00Z"),
            ("Dec 31 23:59:59", "2025-12-31T23:59:59Z"),
            ("Feb 29 01:00:00", "2024-02-29T01:00:00Z"),
        ] {
            assert_eq!(read(text, &clock), at(want), "{text}");
        }
        assert_eq!(
            clock.anchor.to_string(),
            "year inferred from the file's date 2026-01-20"
        );
    }

    #[test]
    fn a_given_year_is_that_year() {
        let clock = Clock::utc(Anchor::Year(2019));
        assert_eq!(read("Dec 31 01:02:03", &clock), at("2019-12-31T01:02:03Z"));
        let leap_day = stamp::stamp("Feb 29 01:00:00").expect("a stamp").1;
        assert_eq!(clock.instant(leap_day, &mut Hint::default()), None);
        assert_eq!(clock.anchor.to_string(), "--year 2019");
    }

    #[test]
    fn boot_records_say_when_they_begin() {
        let table = "reboot   system boot  6.8.4-2-pve  Sat Feb  3 11:32   still running\n\
            reboot   system boot  6.8.4-2-pve  Fri Aug  2 20:10 - 11:30  (15:20)\n\n\
            wtmp begins Tue Jul  9 09:13:53 2024\n";
        let anchor = Anchor::from_sample(table.as_bytes()).expect("an anchor");
        assert_eq!(anchor, Anchor::Begins(at("2024-07-09T09:13:53Z")));
        let clock = Clock::utc(anchor);
        assert_eq!(read("Aug 02 20:10:00", &clock), at("2024-08-02T20:10:00Z"));
        assert_eq!(read("Feb 03 11:32:00", &clock), at("2025-02-03T11:32:00Z"));
        assert_eq!(read("Jul 09 09:13:53", &clock), at("2024-07-09T09:13:53Z"));
        // A log beside them may be of any year since.
        let mixed = format!("{table}Nov 22 08:49:04 n1 x: y\n");
        assert_eq!(Anchor::from_sample(mixed.as_bytes()), None);
    }

    #[test]
    fn zones_gaps_and_overlaps() {
        let clock = Clock {
            tz: "Europe/Berlin".parse().expect("a zone"),
            zone_given: true,
            anchor: Anchor::Year(2026),
        };
        for (text, want) in [
            ("Jan 10 10:00:00", "2026-01-10T09:00:00Z"),
            ("Mar 29 02:30:00", "2026-03-29T01:30:00Z"),
            ("Oct 25 02:30:00", "2026-10-25T00:30:00Z"),
            ("Sun 2026-10-25 02:30:00 CET", "2026-10-25T01:30:00Z"),
            ("Thu 2026-01-15 10:00:00 NST", "2026-01-15T13:30:00Z"),
            ("Thu 2026-01-15 10:00:00 ABCD", "2026-01-15T09:00:00Z"),
            ("Jun 30 23:59:60", "2026-06-30T22:00:00Z"),
        ] {
            assert_eq!(read(text, &clock), at(want), "{text}");
        }
        let shanghai = Clock {
            tz: "Asia/Shanghai".parse().expect("a zone"),
            ..clock
        };
        assert_eq!(
            read("Thu 2026-01-15 10:00:00 CST", &shanghai),
            at("2026-01-15T02:00:00Z")
        );
    }

    #[test]
    fn a_half_hour_shift_inside_an_hour_is_not_remembered() {
        let clock = Clock {
            tz: "Australia/Lord_Howe".parse().expect("a zone"),
            zone_given: true,
            anchor: Anchor::Year(2026),
        };
        for text in [
            "Apr 05 01:15:00",
            "Apr 05 01:45:00",
            "Oct 04 02:10:00",
            "Oct 04 02:40:00",
        ] {
            read(text, &clock);
        }
    }

    #[test]
    fn a_full_stamp_in_the_source_is_the_better_anchor() {
        let sample =
            "prose\nFeb 11 10:00:00 n1 corosync[1]: x (@1739264400000)\nFeb 11 10:00:01 n1 y\n";
        let anchor = Anchor::from_sample(sample.as_bytes()).expect("an anchor");
        let clock = Clock::utc(anchor.not_after(at("2026-07-01T00:00:00Z")));
        assert_eq!(read("Dec 30 10:00:00", &clock), at("2024-12-30T10:00:00Z"));
        assert_eq!(read("Mar 30 10:00:00", &clock), at("2025-03-30T10:00:00Z"));
        for (text, want) in [
            (
                "   Active: active since Sat 2024-08-03 11:32:24 UTC; 9h ago",
                "2024-08-03T11:32:24Z",
            ),
            ("> 2024-08-03T11:32:24Z host x", "2024-08-03T11:32:24Z"),
            (
                "reboot   system boot  6.8.4-2-pve  Sat Aug  3 11:32:24 2024   still running",
                "2024-08-03T11:32:24Z",
            ),
        ] {
            assert_eq!(
                Anchor::from_sample(text.as_bytes()),
                Some(Anchor::Sample {
                    at: at(want),
                    latest: None
                }),
                "{text}"
            );
        }
        assert_eq!(
            Anchor::from_sample(b"Feb 11 10:00:00 n1 x\n1033-01-01T00:00:00 y"),
            None
        );
    }
}
