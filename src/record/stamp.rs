//! Every form of time stamp that logs and pastes begin with.
//! In: the beginning of a line. Out: what the stamp says, and the rest of the line.
//! Never: supplies a year or a zone that is not printed; `Clock` does.

use super::month::month;
use super::zone::zone_offset;
use crate::model::Span;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n, take_while1};
use nom::character::complete::{char, digit1, one_of, satisfy, space0, space1};
use nom::combinator::{map, map_opt, not, opt, peek, recognize, value, verify};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

/// What the beginning of a line says of its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stamp<'b> {
    /// Microseconds since the epoch.
    Unix(i64),
    /// A date and time of day, and the zone if one is printed.
    Civil(Civil, Zone<'b>),
    /// Seconds since boot (`[   20.999000]`): order, but no instant.
    Uptime,
    /// A time of day without a date.
    TimeOnly,
}

/// A date and time of day as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Civil {
    /// `None` where the form has none.
    pub year: Option<i32>,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 60: a leap second is one.
    pub second: u32,
    /// The fraction of the second in microseconds.
    pub micros: u32,
}

impl Civil {
    /// How far it is from the beginning of its hour.
    pub fn within_hour(self) -> Span {
        let seconds = i64::from(self.minute * 60 + self.second);
        Span(seconds * 1_000_000 + i64::from(self.micros))
    }
}

/// The zone that a stamp prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone<'b> {
    /// Seconds east of UTC.
    Offset(i32),
    /// An abbreviation such as `CET`, known or not.
    Abbreviation(&'b str),
    /// None.
    Missing,
}

/// Reads the stamp at the beginning of `input`; what follows must be a blank, a `]` or the end.
pub fn stamp(input: &str) -> IResult<&str, Stamp<'_>> {
    let forms = match input.as_bytes().first() {
        Some(b'0'..=b'9') => alt((iso, unix, month_first, time_only)).parse(input),
        Some(b'[') => alt((uptime, bracketed)).parse(input),
        Some(_) => alt((month_first, weekday_first)).parse(input),
        None => time_only(input),
    };
    let (rest, stamp) = forms?;
    peek(alt((value((), one_of(" \t]|\u{a0}*`")), end))).parse(rest)?;
    Ok((rest, stamp))
}

/// `2026-11-22T08:41:01.5+01:00`; a blank instead of `T`; offset, `Z`, known abbreviation or nothing behind it.
pub fn iso(input: &str) -> IResult<&str, Stamp<'_>> {
    let (rest, civil) = iso_civil(input)?;
    let (rest, zone) = opt(alt((
        offset,
        preceded(space1, offset),
        preceded(space1, known_abbreviation),
    )))
    .parse(rest)?;
    Ok((rest, Stamp::Civil(civil, zone.unwrap_or(Zone::Missing))))
}

fn iso_civil(input: &str) -> IResult<&str, Civil> {
    let (rest, (year, _, month, _, day)) = (
        digits(4, 4),
        char('-'),
        digits(2, 2),
        char('-'),
        digits(2, 2),
    )
        .parse(input)?;
    let (rest, _) = alt((tag("T"), tag("t"), tag("_"), space1)).parse(rest)?;
    let (rest, time) = time_of_day(rest)?;
    civil(input, rest, i32::try_from(year).ok(), month, day, time)
}

/// `Thu 2026-11-22 08:41:01 CET`, `Sun Nov 22 09:02:47 2026`; the weekday in any language.
fn weekday_first(input: &str) -> IResult<&str, Stamp<'_>> {
    let weekday = take_while_m_n(1, 12, |c: char| c.is_alphabetic() || c == '.');
    let (rest, _) = terminated(weekday, (opt(char(',')), space1)).parse(input)?;
    if let Ok((rest, civil)) = iso_civil(rest) {
        let (rest, zone) = opt(preceded(
            space1,
            alt((offset, map(abbreviation, Zone::Abbreviation))),
        ))
        .parse(rest)?;
        return Ok((rest, Stamp::Civil(civil, zone.unwrap_or(Zone::Missing))));
    }
    month_first(rest)
}

/// `Nov 22 08:41:01`, with a fraction, with a year on either side of the time, with a localized or beheaded month.
fn month_first(input: &str) -> IResult<&str, Stamp<'_>> {
    let (rest, month) = alt((numbered_month, month_word)).parse(input)?;
    let (rest, day) = preceded(space0, digits(1, 2)).parse(rest)?;
    let (rest, _) = opt(preceded(space0, one_of("日일"))).parse(rest)?;
    let (rest, early_year) = opt(preceded((opt(char(',')), space1), year)).parse(rest)?;
    let (rest, time) = preceded(space1, time_of_day).parse(rest)?;
    let (rest, zone) = opt(preceded(
        space1,
        terminated(known_abbreviation, peek((space1, year))),
    ))
    .parse(rest)?;
    let (rest, late_year) = opt(preceded(space1, year)).parse(rest)?;
    let (rest, civil) = civil(input, rest, early_year.or(late_year), month, day, time)?;
    Ok((rest, Stamp::Civil(civil, zone.unwrap_or(Zone::Missing))))
}

/// `11月`, `9 月`, `11월`.
fn numbered_month(input: &str) -> IResult<&str, u32> {
    terminated(digits(1, 2), (space0, one_of("月월"))).parse(input)
}

fn month_word(input: &str) -> IResult<&str, u32> {
    let word = take_while_m_n(2, 10, |c: char| {
        c.is_alphabetic() || c == '.' || c == '\u{fffd}'
    });
    // The day behind it is looked at first: most words that stand here are host names.
    let day = peek(satisfy(|c| c.is_ascii_digit()));
    map_opt(terminated(word, (space1, day)), month).parse(input)
}

/// `1795338061.123456`.
fn unix(input: &str) -> IResult<&str, Stamp<'_>> {
    let (rest, (seconds, micros)) = (digits(10, 10), fraction).parse(input)?;
    Ok((
        rest,
        Stamp::Unix(i64::from(seconds) * 1_000_000 + i64::from(micros)),
    ))
}

/// `[   20.999000]`, and short-delta's `[  438.881348 <    0.000021 >]` with its blank form of the first line; a star
/// stands where the boot before was another one.
fn uptime(input: &str) -> IResult<&str, Stamp<'_>> {
    let delta = (
        (char('<'), space0, digit1, fraction),
        (opt(char('*')), space0, char('>')),
    );
    let inside = (space0, digit1, fraction, space0, opt(delta));
    value(Stamp::Uptime, delimited(char('['), inside, char(']'))).parse(input)
}

/// A stamp in brackets, as `dmesg -T` prints it.
fn bracketed(input: &str) -> IResult<&str, Stamp<'_>> {
    let inside = alt((iso, month_first, weekday_first, unix));
    delimited(char('['), inside, char(']')).parse(input)
}

/// `08:41:01`.
fn time_only(input: &str) -> IResult<&str, Stamp<'_>> {
    value(Stamp::TimeOnly, time_of_day).parse(input)
}

/// Hour, minute, second and microseconds.
fn time_of_day(input: &str) -> IResult<&str, [u32; 4]> {
    let (rest, (hour, _, minute, _, second)) = (
        digits(1, 2),
        char(':'),
        digits(2, 2),
        char(':'),
        digits(2, 2),
    )
        .parse(input)?;
    let (rest, micros) = opt(fraction).parse(rest)?;
    Ok((rest, [hour, minute, second, micros.unwrap_or(0)]))
}

/// `.123456` or `,123456`: microseconds, further digits dropped.
fn fraction(input: &str) -> IResult<&str, u32> {
    let (rest, digits) = preceded(one_of(".,"), digit1).parse(input)?;
    let mut micros = 0;
    for n in 0..6 {
        let digit = digits.as_bytes().get(n).map_or(0, |b| b - b'0');
        micros = micros * 10 + u32::from(digit);
    }
    Ok((rest, micros))
}

/// `Z`, `+01:00`, `+0100` or `+01`.
fn offset(input: &str) -> IResult<&str, Zone<'_>> {
    if let Ok((rest, _)) = terminated(
        one_of::<_, _, nom::error::Error<&str>>("Zz"),
        not(satisfy(char::is_alphanumeric)),
    )
    .parse(input)
    {
        return Ok((rest, Zone::Offset(0)));
    }
    let (rest, (sign, hours)) = (one_of("+-"), digits(2, 2)).parse(input)?;
    let (rest, minutes) = opt(preceded(opt(char(':')), digits(2, 2))).parse(rest)?;
    let east = i32::try_from(hours * 3600 + minutes.unwrap_or(0) * 60).unwrap_or(0);
    Ok((rest, Zone::Offset(if sign == '-' { -east } else { east })))
}

fn abbreviation(input: &str) -> IResult<&str, &str> {
    verify(take_while1(|c: char| c.is_ascii_uppercase()), |a: &str| {
        (2..=5).contains(&a.len())
    })
    .parse(input)
}

/// An abbreviation where a host name could stand as well: only one that is known.
fn known_abbreviation(input: &str) -> IResult<&str, Zone<'_>> {
    let word = terminated(abbreviation, not(satisfy(|c| !c.is_whitespace())));
    map(
        verify(word, |a: &str| zone_offset(a).is_some()),
        Zone::Abbreviation,
    )
    .parse(input)
}

/// A year that a log can be from.
fn year(input: &str) -> IResult<&str, i32> {
    let four = verify(digits(4, 4), |y| (1990..2100).contains(y));
    map_opt(
        terminated(four, not(satisfy(|c| !c.is_whitespace() && c != ']'))),
        |y| i32::try_from(y).ok(),
    )
    .parse(input)
}

/// A number of at least `min` and at most `max` digits.
fn digits<'b>(
    min: usize,
    max: usize,
) -> impl Parser<&'b str, Output = u32, Error = nom::error::Error<&'b str>> {
    map_opt(
        recognize(take_while_m_n(min, max, |c: char| c.is_ascii_digit())),
        |d: &str| d.parse().ok(),
    )
}

fn end(input: &str) -> IResult<&str, ()> {
    nom::combinator::eof.map(|_| ()).parse(input)
}

/// Checks the ranges, so that `2026-99-99` is no stamp.
fn civil<'b>(
    input: &'b str,
    rest: &'b str,
    year: Option<i32>,
    month: u32,
    day: u32,
    [hour, minute, second, micros]: [u32; 4],
) -> IResult<&'b str, Civil> {
    let sound = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !sound {
        return Err(nom::Err::Error(nom::error::Error::new(
            input,
            nom::error::ErrorKind::Verify,
        )));
    }
    let civil = Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        micros,
    };
    Ok((rest, civil))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil_of(text: &str) -> (String, Zone<'_>) {
        match stamp(text) {
            Ok((rest, Stamp::Civil(c, zone))) => {
                let year = c.year.map_or_else(|| "----".to_owned(), |y| y.to_string());
                let text = format!(
                    "{year}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}{rest}",
                    c.month, c.day, c.hour, c.minute, c.second, c.micros
                );
                (text, zone)
            }
            other => panic!("{text:?} is {other:?}"),
        }
    }

    #[test]
    fn every_civil_form_is_read() {
        let cases = [
            (
                "Jan  3 04:05:06",
                "-----01-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "Jan 03 04:05:06.25 x",
                "-----01-03 04:05:06.250000 x",
                Zone::Missing,
            ),
            (
                "ar 03 04:05:06 x",
                "-----03-03 04:05:06.000000 x",
                Zone::Missing,
            ),
            (
                "Mär 03 04:05:06",
                "-----03-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "févr. 03 04:05:06",
                "-----02-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "дек 03 04:05:06",
                "-----12-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "9 月 3 日 04:05:06",
                "-----09-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "12月 03 04:05:06",
                "-----12-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "2월  3 04:05:06",
                "-----02-03 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "Feb 28 2024 04:05:06",
                "2024-02-28 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "Sat Feb 28 04:05:06 2026 x",
                "2026-02-28 04:05:06.000000 x",
                Zone::Missing,
            ),
            (
                "[Sat Feb 28 04:05:06 2026] x",
                "2026-02-28 04:05:06.000000 x",
                Zone::Missing,
            ),
            (
                "2026-02-28T04:05:06",
                "2026-02-28 04:05:06.000000",
                Zone::Missing,
            ),
            (
                "2026-02-28 04:05:06 host",
                "2026-02-28 04:05:06.000000 host",
                Zone::Missing,
            ),
            (
                "2026-02-28T04:05:06Z x",
                "2026-02-28 04:05:06.000000 x",
                Zone::Offset(0),
            ),
            (
                "2026-02-28T04:05:06.123456789+05:30",
                "2026-02-28 04:05:06.123456",
                Zone::Offset(19_800),
            ),
            (
                "2026-02-28T04:05:06,5-0330 x",
                "2026-02-28 04:05:06.500000 x",
                Zone::Offset(-12_600),
            ),
            (
                "Sat 2026-02-28 04:05:06 CET x",
                "2026-02-28 04:05:06.000000 x",
                Zone::Abbreviation("CET"),
            ),
            (
                "So 2026-02-28 04:05:06 XYZ x",
                "2026-02-28 04:05:06.000000 x",
                Zone::Abbreviation("XYZ"),
            ),
            (
                "Sat 2026-02-28 04:05:06 -03 x",
                "2026-02-28 04:05:06.000000 x",
                Zone::Offset(-10_800),
            ),
        ];
        for (text, want, zone) in cases {
            assert_eq!(civil_of(text), (want.to_owned(), zone), "{text}");
        }
    }

    #[test]
    fn stamps_without_a_date_are_told_apart() {
        assert_eq!(
            stamp("1700000000.5 x"),
            Ok((" x", Stamp::Unix(1_700_000_000_500_000)))
        );
        assert_eq!(stamp("[   20.999000] x"), Ok((" x", Stamp::Uptime)));
        assert_eq!(
            stamp("[  438.881 <    0.000021 >] x"),
            Ok((" x", Stamp::Uptime))
        );
        assert_eq!(
            stamp("[   23.500 <    0.092774*>] x"),
            Ok((" x", Stamp::Uptime))
        );
        assert_eq!(
            stamp("[  438.881                ] x"),
            Ok((" x", Stamp::Uptime))
        );
        assert_eq!(stamp("04:05:06 x"), Ok((" x", Stamp::TimeOnly)));
    }

    #[test]
    fn what_only_looks_like_a_stamp_is_none() {
        for text in [
            "",
            "[KNET  ] link",
            "2026-13-01T00:00:00",
            "Nov 32 00:00:00",
            "Nov 22 8:41",
            "12: x",
            "Now 22 08:41:01",
            "10.0.0.1 x",
            "1700000000 x",
            "Nov 22 08:41:01pve",
        ] {
            assert!(stamp(text).is_err(), "{text}");
        }
    }
}
