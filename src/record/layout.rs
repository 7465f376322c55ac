//! The beginning that the lines of one host share: most lines of a log differ from the one before only in the minute, the
//! second and what follows the host.
//! In: a line that was read in full. Out: a mask that tells where the tag of a line like it begins, and that line's record.
//! Never: says of a line what reading it in full would not say.

use super::clock::{Clock, Hint};
use super::stamp::{self, Civil, Stamp, Zone};
use super::tag::{self, Header};
use super::{Record, syslog};
use crate::model::{Span, Timestamp};
use std::cell::Cell;
use std::ops::Range;

/// Bytes that are compared at once.
const WORD: usize = 8;
/// A longer header is none; behind one of this length a tag of any length is still looked at.
const HEADER_BYTES: usize = 400;
/// Bytes of a line that its header and its tag are looked for in.
const LOOKED_AT_BYTES: usize = 512;
/// From the beginning of an hour to its last second.
const LAST_SECOND: Span = Span(3_599_000_000);
/// The high bit of every byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Stamp and host of some line. Another line fits if it has the same bytes but for the digits of the minute, the second and
/// the fraction.
#[derive(Clone, Debug)]
pub struct Layout {
    words: Vec<Word>,
    length: usize,
    host: Range<usize>,
    /// The stamp of the line that it was learnt from.
    civil: Civil,
    /// Its offset from UTC, if it printed one.
    offset: Option<i32>,
    /// Its abbreviation of a zone, if it printed one.
    abbreviation: Option<Box<str>>,
    /// Where the minute, the second and the fraction are.
    digits: Digits,
    /// What its hour begins with: all lines that fit are of one hour.
    hour: Cell<Hour>,
}

/// What is known of an hour that lines share. They are read with one clock.
#[derive(Clone, Copy, Debug)]
enum Hour {
    /// Nobody has asked.
    Unasked,
    /// Zone or year change within it, or the date is none: each stamp is read by itself.
    Uneven,
    /// It begins then.
    Begins(Timestamp),
}

/// The parts of a stamp in which lines may differ.
#[derive(Clone, Debug)]
struct Digits {
    minute: usize,
    second: usize,
    fraction: Range<usize>,
}

/// Eight bytes of it.
#[derive(Clone, Copy, Debug)]
struct Word {
    offset: usize,
    want: u64,
    /// All bits of the bytes that must be equal.
    fixed: u64,
    /// `0` in the bytes that are digits, else 0.
    least: u64,
    /// The largest digit with its high bit set in the bytes that are digits, else `0xff`.
    most: u64,
}

impl Layout {
    /// Learns from a line of the form `stamp host program[pid]: message`.
    pub fn learn(line: &[u8]) -> Option<Layout> {
        let start = &line[..line.len().min(LOOKED_AT_BYTES)];
        // What is cut or damaged behind the header does not matter.
        let whole = std::str::from_utf8(start).map_or_else(|damage| damage.valid_up_to(), str::len);
        let line = std::str::from_utf8(&start[..whole]).ok()?;
        if line.starts_with(['<', '[']) || line.starts_with("1 ") {
            return None;
        }
        let (rest, Stamp::Civil(civil, zone)) = stamp::stamp(line).ok()? else {
            return None;
        };
        let printed = &line[..line.len() - rest.len()];
        let rest = rest.strip_prefix(' ')?;
        // A word of these characters is no tag, no message and no placeholder, whatever comes behind the blank.
        let host = &rest[..rest.find(' ')?];
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let bare = !host.is_empty() && host.bytes().all(plain) && host != "corosync";
        let bare = bare && host.len() <= tag::HOST_BYTES;
        if !bare || stamp::stamp(rest).is_ok() || !printed.is_ascii() {
            return None;
        }
        let tagged = &rest[host.len() + 1..];
        plain_tag(tagged.as_bytes())?;
        let length = printed.len() + host.len() + 2;
        if length > HEADER_BYTES {
            return None;
        }
        let digits = Digits::of(printed.as_bytes())?;
        Some(Layout {
            words: words(&line.as_bytes()[..length], &digits.largest())?,
            length,
            host: printed.len() + 1..length - 1,
            civil,
            offset: match zone {
                Zone::Offset(east) => Some(east),
                Zone::Abbreviation(_) | Zone::Missing => None,
            },
            abbreviation: match zone {
                Zone::Abbreviation(word) => Some(word.into()),
                Zone::Offset(_) | Zone::Missing => None,
            },
            digits,
            hour: Cell::new(Hour::Unasked),
        })
    }

    /// Where the tag of a line that fits begins.
    pub fn tag_of(&self, bytes: &[u8]) -> Option<usize> {
        self.words
            .iter()
            .all(|word| word.fits(bytes))
            .then_some(self.length)
    }

    /// The record of a line that fits and has a plain tag, whose name is so long and behind which the message begins at byte
    /// `message`: what [`super::line`] gives for it.
    pub fn record<'b>(
        &self,
        line: &'b str,
        name: usize,
        message: usize,
        clock: &Clock,
        hint: &mut Hint,
    ) -> Option<Record<'b>> {
        let behind = self.length + name;
        let program = line.get(self.length..behind)?;
        // `[`, digits fewer than a pid may have, and `]:`; the kernel has none.
        let pid = line.as_bytes().get(behind + 1..message.checked_sub(2)?);
        let message = line.get(message..)?;
        let header = Header {
            host: line.get(self.host.clone()),
            program,
            pid: pid.map(number),
        };
        let civil = self.digits.civil(line.as_bytes(), self.civil);
        let at = match self.begins(clock, hint) {
            Some(hour) => Some(hour.plus(civil.within_hour())),
            None => clock.instant(self.stamp(civil), hint),
        };
        Some(syslog::build(at, header, message))
    }

    /// When the hour of its lines begins, if each stamp in it lies so far behind that as its minutes and seconds say.
    fn begins(&self, clock: &Clock, hint: &mut Hint) -> Option<Timestamp> {
        if let Hour::Unasked = self.hour.get() {
            let at = |minute, second| {
                let civil = Civil {
                    minute,
                    second,
                    micros: 0,
                    ..self.civil
                };
                clock.instant(self.stamp(civil), &mut Hint::default())
            };
            let even = at(0, 0).filter(|begins| at(59, 59) == Some(begins.plus(LAST_SECOND)));
            self.hour.set(even.map_or(Hour::Uneven, Hour::Begins));
        }
        let Hour::Begins(at) = self.hour.get() else {
            return None;
        };
        hint.year_inferred |= self.civil.year.is_none();
        hint.zone_missing |= self.offset.is_none() && self.abbreviation.is_none();
        Some(at)
    }

    fn stamp(&self, civil: Civil) -> Stamp<'_> {
        let zone = match (self.offset, &self.abbreviation) {
            (Some(east), _) => Zone::Offset(east),
            (None, Some(word)) => Zone::Abbreviation(word),
            (None, None) => Zone::Missing,
        };
        Stamp::Civil(civil, zone)
    }
}

impl Digits {
    /// Of a stamp with a time of day.
    fn of(stamp: &[u8]) -> Option<Digits> {
        let colon = stamp.iter().position(|byte| *byte == b':')?;
        let clock = stamp.get(colon..colon + 6)?;
        let sound = clock[3] == b':' && [1, 2, 4, 5].iter().all(|n| clock[*n].is_ascii_digit());
        // A leap second would make every other line one.
        if !sound || clock[4] > b'5' {
            return None;
        }
        let start = colon + 6;
        let fraction = match stamp.get(start) {
            Some(b'.' | b',') => {
                let digits = stamp[start + 1..].iter();
                start + 1..start + 1 + digits.take_while(|b| b.is_ascii_digit()).count()
            }
            _ => start..start,
        };
        Some(Digits {
            minute: colon + 1,
            second: colon + 4,
            fraction,
        })
    }

    /// Where they are, and the largest that each may be.
    fn largest(&self) -> Vec<(usize, u8)> {
        [self.minute, self.second]
            .into_iter()
            .flat_map(|at| [(at, b'5'), (at + 1, b'9')])
            .chain(self.fraction.clone().map(|at| (at, b'9')))
            .collect()
    }

    /// The stamp of a line: `like`, but for what the line's digits say.
    fn civil(&self, line: &[u8], like: Civil) -> Civil {
        let digit = |at: usize| {
            line.get(at)
                .map_or(0, |byte| u32::from(byte.wrapping_sub(b'0')))
        };
        let two = |at| digit(at) * 10 + digit(at + 1);
        let mut micros = 0;
        if !self.fraction.is_empty() {
            for at in self.fraction.start..self.fraction.start + 6 {
                micros = micros * 10 + if at < self.fraction.end { digit(at) } else { 0 };
            }
        }
        Civil {
            minute: two(self.minute),
            second: two(self.second),
            micros,
            ..like
        }
    }
}

/// The number that a few digits are.
fn number(digits: &[u8]) -> u32 {
    let next = |number: u32, digit: &u8| number * 10 + u32::from(digit.wrapping_sub(b'0'));
    digits.iter().fold(0, next)
}

/// The mask of a beginning, in which `digits` may vary up to the largest that each may be.
fn words(start: &[u8], digits: &[(usize, u8)]) -> Option<Vec<Word>> {
    let mut offsets: Vec<usize> = (0..start.len() / WORD).map(|n| n * WORD).collect();
    offsets.push(start.len().checked_sub(WORD)?);
    offsets
        .into_iter()
        .map(|offset| {
            let [mut fixed, mut least, mut most] = [[0xff; WORD], [0; WORD], [0xff; WORD]];
            for (at, largest) in digits {
                if let Some(n) = at.checked_sub(offset).filter(|n| *n < WORD) {
                    (fixed[n], least[n], most[n]) = (0, b'0', largest | 0x80);
                }
            }
            Some(Word {
                offset,
                want: word(start, offset)?,
                fixed: u64::from_le_bytes(fixed),
                least: u64::from_le_bytes(least),
                most: u64::from_le_bytes(most),
            })
        })
        .collect()
}

impl Word {
    fn fits(&self, bytes: &[u8]) -> bool {
        let Some(have) = word(bytes, self.offset) else {
            return false;
        };
        // Byte by byte without carries: the high bit stays where the byte is at least, and at most, what it may be.
        let at_least = (have | HIGH) - self.least;
        let at_most = self.most - (have & !HIGH);
        (have ^ self.want) & self.fixed == 0
            && at_least & at_most & !have & HIGH & !self.fixed == HIGH & !self.fixed
    }
}

fn word(bytes: &[u8], offset: usize) -> Option<u64> {
    let eight = bytes.get(offset..offset + WORD)?;
    eight.try_into().ok().map(u64::from_le_bytes)
}

/// The program at the beginning of `tagged` and what stands behind the tag, where `program[pid]: ` or `kernel: ` stands in
/// the plainest form: [`tag::tag`] reads the same name, and no other reading of the line comes before it.
pub fn plain_tag(tagged: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = tagged
        .iter()
        .position(|byte| !IN_NAME[usize::from(*byte)])?;
    let (name, rest) = tagged.split_at(length);
    let after = match rest.first()? {
        b'[' => {
            let digits = rest[1..].iter().position(|byte| !byte.is_ascii_digit())?;
            // Ten digits may be more than a pid can be.
            (1..10)
                .contains(&digits)
                .then(|| &rest[1 + digits..])?
                .strip_prefix(b"]")?
        }
        _ if name == b"kernel" => rest,
        _ => return None,
    };
    let ends = matches!(after, [b':'] | [b':', b' ' | b'\n', ..]);
    let named = !matches!(name, [] | [b'/', ..]) && name.len() <= tag::NAME_BYTES;
    (ends && named).then(|| (name, &after[1..]))
}

/// Bytes of the plainest names.
static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Anchor, Clock, Hint, Line, Record, line};
    use proptest::prelude::*;

    const LINES: [&str; 7] = [
        "Jan  5 00:59:58 n-1 sshd[77]: x",
        "Jan 15 10:00:00.123456 n1.lan kernel: x",
        "2026-01-05T00:00:00.000001+00:00 n1 CRON[5]: (root) CMD",
        "2026-01-05T00:00:00+0100 n_1 postfix/qmgr[5]: x",
        "Mon 2026-01-05 00:00:00 CET n1 sshd[7]: x",
        "2026-01-05 00:00:00,5 10.0.0.1 sshd[7]: x",
        "Sun Jan 25 09:02:47 2026 n1 sshd[7]: x",
    ];

    fn read<'a>(text: &'a str) -> Record<'a> {
        match line(text, &Clock::utc(Anchor::Year(2026)), &mut Hint::default()) {
            Line::Record(record) => record,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn lines_that_differ_in_the_minute_fit() {
        for line in LINES {
            let layout = Layout::learn(line.as_bytes()).expect(line);
            let other = line.replace(":00:00", ":59:07").replace(":59:58", ":00:10");
            let at = layout.tag_of(other.as_bytes()).expect(&other);
            let (name, _) = plain_tag(&other.as_bytes()[at..]).expect(&other);
            assert_eq!(name, read(&other).program.as_bytes());
            for wrong in [
                line.replacen('n', "m", 2),
                line.replace(":0", ":6"),
                line.replace(":0", ":x"),
                line.replace(":5", ":\u{fffd}"),
                line.replacen('5', "4", 1),
                line[..line.len() / 3].to_owned(),
            ] {
                assert!(
                    wrong == line || layout.tag_of(wrong.as_bytes()).is_none(),
                    "{wrong} does not fit {line}"
                );
            }
        }
    }

    #[test]
    fn lines_without_a_stamp_and_a_plain_host_teach_nothing() {
        for line in [
            "",
            "sshd[77]: x",
            "Jan  5 00:00:00 sshd[77]: x",
            "Jan  5 00:00:00  n1 sshd[77]: x",
            "Jan  5 00:00:60 n1 sshd[77]: x",
            "Jan  5 00:00:00 n1 bond0: x",
            "Jan  5 00:00:00 [n1] sshd[77]: x",
            "Jan  5 00:00:00 n1 sshd[77] x",
            "Jan  5 00:00:00 n1 sshd[12345678901]: x",
            "Jan  5 00:00:00 Jan  5 00:00:00 n1 sshd[77]: x",
            "[   20.999000] n1 sshd[77]: x",
            "1 2026-01-05T00:00:00Z n1 sshd 7 - - x",
            "<30>Jan  5 00:00:00 n1 sshd[77]: x",
        ] {
            assert!(Layout::learn(line.as_bytes()).is_none(), "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_line_that_fits_reads_as_the_layout_says(
            which in 0..LINES.len(),
            at in 0usize..60,
            to in prop_oneof![Just('0'), Just(' '), Just(':'), Just('['), Just(']'), Just('.'), any::<char>()],
            tag in "[a-z/\\[\\]: 0-9]{0,12}",
        ) {
            let source = LINES[which];
            let layout = Layout::learn(source.as_bytes()).expect(source);
            let mut chars: Vec<char> = source.chars().collect();
            if let Some(c) = chars.get_mut(at) {
                *c = to;
            }
            let changed: String = chars.into_iter().chain(tag.chars()).collect();
            if let Some(start) = layout.tag_of(changed.as_bytes())
                && let Some((name, behind)) = plain_tag(&changed.as_bytes()[start..])
            {
                let record = read(&changed);
                prop_assert!(behind.len() >= record.message.len());
                prop_assert_eq!(record.program.as_bytes(), name);
                let (clock, hint) = (Clock::utc(Anchor::Year(2026)), &mut Hint::default());
                let message = changed.len() - behind.len();
                let quick = layout.record(&changed, name.len(), message, &clock, hint);
                prop_assert_eq!(quick, Some(record));
            }
        }
    }
}
