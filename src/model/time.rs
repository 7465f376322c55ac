//! Instants, spans and the order of things.
//! In: microseconds since the epoch. Out: RFC 3339 text, differences that may be unknown.
//! Never: reads the wall clock, knows a log format.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use std::fmt;

/// Microseconds since 1970-01-01T00:00:00 UTC, the journal's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// No stamp is later.
    pub const LATEST: Timestamp = Timestamp(i64::MAX);

    /// The instant `seconds` after the epoch.
    pub fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds.saturating_mul(1_000_000))
    }

    /// The calendar form, or `None` beyond the years that a calendar covers.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }

    /// How long after `earlier` this is; negative when it is before.
    pub fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// This instant moved by `span`.
    pub fn plus(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }

    /// `HH:MM:SS` in UTC, for places where the day is said elsewhere.
    pub fn clock(self) -> String {
        self.to_utc()
            .map_or_else(|| "?".to_owned(), |t| t.format("%H:%M:%S").to_string())
    }

    /// `YYYY-MM-DD HH:MM:SS` in UTC.
    pub fn date_clock(self) -> String {
        self.to_utc().map_or_else(
            || "?".to_owned(),
            |t| t.format("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(t) => f.write_str(&t.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "@{}us", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A signed length of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub i64);

impl Span {
    /// `milliseconds` as a span.
    pub fn from_millis(milliseconds: i64) -> Span {
        Span(milliseconds.saturating_mul(1_000))
    }

    /// `seconds` as a span.
    pub fn from_secs(seconds: i64) -> Span {
        Span(seconds.saturating_mul(1_000_000))
    }

    /// The span in seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Span {
    /// Two largest units, as a person would say it: `1.8 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let negative = self.0 < 0;
        let micros = self.0.unsigned_abs();
        if negative {
            f.write_str("-")?;
        }
        let seconds = micros / 1_000_000;
        match seconds {
            0..60 if micros.is_multiple_of(1_000_000) => write!(f, "{seconds} s"),
            0..60 => write!(f, "{:.1} s", micros as f64 / 1e6),
            60..3600 if seconds.is_multiple_of(60) => write!(f, "{} min", seconds / 60),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            3600..86_400 => write!(f, "{} h {} min", seconds / 3600, seconds % 3600 / 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
        }
    }
}

/// When something happened: a stamp where the log has one, and always an order.
///
/// `order` is the position in the merged sequence of events; it is what two things without stamps are compared by. A
/// window between two `When`s of which one has no stamp is *unknown*, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct When {
    /// The instant, if the line (or the line before it in the same source) told one.
    pub at: Option<Timestamp>,
    /// Position in the merged sequence.
    pub order: u64,
}

impl When {
    /// How long after `earlier` this is, or `None` when one of the two has no stamp.
    pub fn since(self, earlier: When) -> Option<Span> {
        Some(self.at?.since(earlier.at?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_as_rfc_3339_with_only_the_digits_they_have() {
        assert_eq!(
            Timestamp::from_seconds(0).to_string(),
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(Timestamp(1_500).to_string(), "1970-01-01T00:00:00.001500Z");
        assert_eq!(Timestamp(i64::MAX).to_string(), format!("@{}us", i64::MAX));
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let cases = [
            (Span(1_840_000), "1.8 s"),
            (Span::from_secs(60), "1 min"),
            (Span::from_secs(125), "2 min 5 s"),
            (Span::from_secs(3600 * 3 + 660), "3 h 11 min"),
            (Span::from_secs(86_400 * 2 + 3600 * 4), "2 d 4 h"),
            (Span::from_secs(-5), "-5 s"),
        ];
        for (span, text) in cases {
            assert_eq!(span.to_string(), text);
        }
    }

    #[test]
    fn a_window_with_an_unstamped_end_is_unknown() {
        let stamped = When {
            at: Some(Timestamp(5)),
            order: 1,
        };
        let bare = When { at: None, order: 2 };
        assert_eq!(bare.since(stamped), None);
    }
}
