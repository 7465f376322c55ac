//! Lines of `last -x`: boots, shutdowns and runlevels from wtmp.
//! In: a line of its table. Out: a `Record` of program `last`.
//! Never: reads logins of users, but for those that a crash ended.

use super::Record;
use super::clock::{Clock, Hint};
use super::stamp::{self, Civil, Stamp, Zone};
use crate::model::Timestamp;
use std::borrow::Cow;

/// The pseudo-users whose lines are read whole.
const USERS: [&str; 3] = ["reboot", "shutdown", "runlevel"];

/// Reads one line, such as `reboot   system boot  6.8.12-4-pve  Wed Apr  1 11:25:51 2026   still running`. The record's
/// message is the line without its times, blanks folded: `reboot system boot 6.8.12-4-pve still running`.
pub fn line<'b>(line: &'b str, clock: &Clock, hint: &mut Hint) -> Option<Record<'b>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let crash = words.windows(2).position(|pair| pair == ["-", "crash"]);
    let words = match (USERS.contains(words.first()?), crash) {
        (true, _) => words,
        (false, Some(at)) => [&words[..at], &["crash"]].concat(),
        (false, None) => return None,
    };
    let mut message = String::new();
    let mut start = None;
    let mut index = 0;
    while let Some(word) = words.get(index) {
        if let Some((stamp, length)) = time(&words[index..]) {
            if start.is_none() {
                start = Some(clock.instant(stamp, hint));
            }
            index += length;
            continue;
        }
        index += 1;
        let bare_end = start.is_some() && is_clock(word);
        if bare_end {
            continue;
        }
        if !message.is_empty() {
            message.push(' ');
        }
        message.push_str(word);
    }
    Some(Record {
        at: start?,
        message: Cow::Owned(message),
        ..Record::bare("last", "")
    })
}

/// When the entry of a line began. With `full`, only if the line prints the year.
pub fn started(text: &str, clock: &Clock, full: bool) -> Option<Timestamp> {
    let first = text.split_whitespace().next()?;
    if !USERS.contains(&first) {
        return None;
    }
    let mut hint = Hint::default();
    let at = line(text, clock, &mut hint)?.at;
    at.filter(|_| !full || !hint.year_inferred)
}

/// A time column at the beginning of `words`, and how many words it has: `Wed Apr  1 11:26:12 2026`, `Wed Apr  1 11:26`,
/// or one ISO word.
fn time(words: &[&str]) -> Option<(Stamp<'static>, usize)> {
    if let Some(word) = words.first()
        && let Ok(("", stamp)) = stamp::iso(word)
    {
        let stamp = match stamp {
            Stamp::Civil(civil, Zone::Offset(east)) => Stamp::Civil(civil, Zone::Offset(east)),
            Stamp::Civil(civil, _) => Stamp::Civil(civil, Zone::Missing),
            Stamp::Unix(_) | Stamp::Uptime | Stamp::TimeOnly => return None,
        };
        return Some((stamp, 1));
    }
    let [_, month, day, clock, ..] = words else {
        return None;
    };
    let month = super::month::month(month)?;
    let day = day.parse().ok().filter(|d| (1..=31).contains(d))?;
    if !is_clock(clock) {
        return None;
    }
    let mut parts = clock.split(':').map(|n| n.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().flatten().unwrap_or(0);
    let year = words.get(4).and_then(|y| y.parse().ok());
    let year = year.filter(|y| (1990..2100).contains(y));
    let civil = Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        micros: 0,
    };
    let sound = hour < 24 && minute < 60 && second < 60;
    sound.then_some((
        Stamp::Civil(civil, Zone::Missing),
        if year.is_some() { 5 } else { 4 },
    ))
}

/// `11:26` or `11:26:12`.
fn is_clock(word: &str) -> bool {
    matches!(word.len(), 5 | 8)
        && word.bytes().enumerate().all(|(n, b)| {
            if n % 3 == 2 {
                b == b':'
            } else {
                b.is_ascii_digit()
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::clock::Anchor;

    #[test]
    fn boots_and_runlevels_are_read() {
        let clock = Clock::utc(Anchor::Year(2025));
        for (text, at, message) in [
            (
                "reboot   system boot  6.8.12-9-pve     Fri May  9 10:20:30 2025   still running",
                "2025-05-09T10:20:30Z",
                "reboot system boot 6.8.12-9-pve still running",
            ),
            (
                "reboot   system boot  6.8.12-9-pve     Fri May  9 10:20 - crash  (1+02:03)",
                "2025-05-09T10:20:00Z",
                "reboot system boot 6.8.12-9-pve - crash (1+02:03)",
            ),
            (
                "shutdown system down  6.8.12-9-pve     Fri May  9 10:20:30 2025 - Fri May  9 10:21:30 2025  (00:01)",
                "2025-05-09T10:20:30Z",
                "shutdown system down 6.8.12-9-pve - (00:01)",
            ),
            (
                "runlevel (to lvl 5)   6.8.12-9-pve     Fri May  9 10:20 - 10:29  (00:09)",
                "2025-05-09T10:20:00Z",
                "runlevel (to lvl 5) 6.8.12-9-pve - (00:09)",
            ),
            (
                "reboot   system boot  6.8.12-9-pve     2025-05-09T12:20:30+02:00   still running",
                "2025-05-09T10:20:30Z",
                "reboot system boot 6.8.12-9-pve still running",
            ),
            (
                "root     pts/0        10.1.2.3         Fri May  9 10:20 - crash  (00:09)",
                "2025-05-09T10:20:00Z",
                "root pts/0 10.1.2.3 crash",
            ),
        ] {
            let record = line(text, &clock, &mut Hint::default()).expect(text);
            assert_eq!(record.program, "last");
            assert_eq!(
                record.at.map(|t| t.to_string()).as_deref(),
                Some(at),
                "{text}"
            );
            assert_eq!(record.message, message);
        }
    }

    #[test]
    fn other_lines_are_none() {
        let clock = Clock::utc(Anchor::Year(2025));
        for text in [
            "root     pts/0        10.1.2.3         Fri May  9 10:20 - 10:29  (00:09)",
            "wtmp begins Fri May  9 10:20:30 2025",
            "reboot the machine now",
            "",
        ] {
            assert_eq!(line(text, &clock, &mut Hint::default()), None, "{text}");
        }
    }
}
