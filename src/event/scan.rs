//! Finding and reading the lines of a block that say something we know.
//! In: whole lines. Out: their `Event`s, and counts that add up to every line.
//! Never: parses a line that holds no literal of its speaker; knows the block before or the block behind.

use super::ends;
use super::headers::{Headers, Known};
use super::journald::Journald;
use super::literals::{Literals, Speaker};
use super::message::Word;
use super::object;
use super::sweep::Sweep;
use super::{Event, Kind, Reading, read, read_whole};
use crate::model::{InputCoverage, Limits, Name, Place, SourceId, Text, Timestamp, coverage};
use crate::record::layout::Layout;
use crate::record::{self, Clock, Hint, Line, Record};
use memchr::{memchr, memmem, memrchr};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a line before its message, nearly always.
const RECORD_BYTES: usize = 80;

/// Bytes of a line that an event keeps.
const TEXT_BYTES: usize = 1000;

/// Lines of a block that are asked whether it is of a log at all.
const LOG_LINES: usize = 2_000;

/// Columns at which mail programs, terminals and people wrap lines.
const WRAPPED: std::ops::RangeInclusive<usize> = 40..=140;

/// Zero bytes in a row that are a hole in the file and no damage of a line.
const HOLE_BYTES: usize = 16;

/// Lines that one message is wrapped to at most, but for the first.
const WRAPPED_LINES: usize = 4;

/// What one block holds.
#[derive(Debug, Default, PartialEq)]
pub struct Scanned {
    /// In the order of the lines.
    pub events: Vec<Event>,
    /// Counts of this block. `unknown_messages` is empty here, see `unknown`.
    pub coverage: InputCoverage,
    /// Messages of watched programs that nobody reads yet, masked, in the order in which they first came: which of them a
    /// limit keeps must not depend on where blocks end.
    pub unknown: Vec<(Box<str>, u64)>,
    /// The stamp of the first watched line that has one.
    pub first_stamp: Option<Timestamp>,
    /// The stamp of the last watched line that has one.
    pub last_stamp: Option<Timestamp>,
    /// Whether a year was inferred for one of them.
    pub year_inferred: bool,
    /// Whether one of them has no zone.
    pub zone_missing: bool,
}

impl Scanned {
    /// Says that `lines` lines stand before the block.
    pub fn shift(&mut self, lines: u64) {
        for event in &mut self.events {
            event.place.line += lines;
        }
    }
}

/// How lines are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// The text is short and whole: lines may have been wrapped at a width, by a mail program or a terminal.
    pub wrapped: bool,
    /// Whether events are wanted that an analysis leaves out.
    pub chatter: bool,
    /// Whether an empty line stands for one of a program that says nothing.
    pub sifted: bool,
    /// The programs that are read, where not all are.
    pub only: Option<Arc<[Box<str>]>>,
}

impl Manner {
    /// Whether lines of a program are read. The markers that journalctl prints between boots are nobody's.
    pub fn reads(&self, program: &str) -> bool {
        let named = |only: &Arc<[Box<str>]>| only.iter().any(|name| **name == *program);
        program == "journalctl" || self.only.as_ref().is_none_or(named)
    }
}

/// What one block leaves for the next.
#[derive(Default)]
pub struct Left {
    /// The headers that were learnt.
    pub headers: Headers,
    /// Room for events that were used, and for their texts: to give a block's back and to ask for it again costs more than
    /// to keep it.
    room: Vec<Event>,
    texts: Vec<Text>,
    hosts: Names,
    programs: Names,
}

/// Events of a block for which room is kept.
const ROOM: usize = 4_096;

impl Left {
    /// Takes back the room of events that were used.
    pub fn take_back(&mut self, mut used: Vec<Event>) {
        let texts = used.drain(..).map(|event| event.text);
        let left = ROOM - self.texts.len();
        self.texts.extend(texts.filter(Text::is_room).take(left));
        if (1..=ROOM).contains(&used.capacity()) {
            self.room = used;
        }
    }
}

/// Reads a block whose first line is line `first_line` of `source`.
pub fn block(
    bytes: &[u8],
    source: SourceId,
    first_line: u64,
    clock: &Clock,
    limits: &Limits,
    manner: Manner,
) -> Scanned {
    let left = &mut Left::default();
    block_with(left, bytes, source, first_line, clock, limits, &manner)
}

/// The same, with what other blocks of the source left.
pub fn block_with(
    left: &mut Left,
    bytes: &[u8],
    source: SourceId,
    first_line: u64,
    clock: &Clock,
    limits: &Limits,
    manner: &Manner,
) -> Scanned {
    let mut scan = Scan {
        source,
        clock,
        hint: Hint::default(),
        hosts: &mut left.hosts,
        programs: &mut left.programs,
        unknown: BTreeMap::new(),
        manner,
        texts: &mut left.texts,
        found: Scanned {
            events: std::mem::take(&mut left.room),
            ..Scanned::default()
        },
    };
    let headers = &mut left.headers;
    let literals = Literals::get();
    // Where every line is wanted, or a line may go on in the next, each is looked at; else those that hold a word of ours.
    let sweeps = !manner.wrapped && !manner.chatter;
    let mut at = 0;
    let mut number = first_line;
    // Lines of the cluster come in flocks: behind one, the next line is looked at before it is looked for.
    let mut flock = false;
    loop {
        let next = match flock {
            true => headers.known(&bytes[at..]).filter(is_swept_for),
            false => None,
        };
        if sweeps && next.is_none() {
            let next = next_line(bytes, at);
            number += scan.pass_over(&bytes[at..next]);
            at = next;
        }
        let rest = &bytes[at..];
        let Some(first) = rest.first() else {
            break;
        };
        let known = match first {
            _ if next.is_some() => next,
            b'\n' | b'\r' | b'/' | b'{' => None,
            _ => headers.known(rest),
        };
        flock = sweeps && known.as_ref().is_some_and(is_swept_for);
        // The header of a line holds no line end.
        let from = known.map_or(0, |known| known.message);
        let end = memchr(b'\n', &rest[from..]).map(|end| from + end);
        let line = &rest[..end.unwrap_or(rest.len())];
        let here = number;
        at += end.map_or(line.len(), |end| end + 1);
        number += 1;
        if line.is_empty() || line == b"\r" {
            scan.found.coverage.blank += u64::from(!manner.sifted);
            continue;
        }
        if is_note(line) {
            scan.found.coverage.notes += 1;
            continue;
        }
        let suspect = record::is_suspect(line);
        if suspect && let Some(hole) = hole(line) {
            scan.holed(line, hole, here, line.len() >= limits.line_bytes);
            continue;
        }
        let worth_reading = match known {
            Some(known) if manner.chatter => known.speaker != Speaker::Quiet,
            Some(known) => literals.may_say(known.speaker, rest, known.message, line.len()),
            None if *first == b'{'
                && let Some(worth) = object::may_say(line, manner.chatter) =>
            {
                worth
            }
            None => headers.may_say(line) || manner.chatter,
        };
        if !worth_reading {
            continue;
        }
        let cut = line.len() >= limits.line_bytes;
        let behind = &bytes[at..];
        match manner.wrapped.then(|| scan.joined(line, behind)).flatten() {
            Some((text, more)) => {
                scan.line(text.as_bytes(), true, None, here, cut);
                for _ in 0..more {
                    number += 1;
                    at += memchr(b'\n', &bytes[at..]).map_or(bytes.len() - at, |end| end + 1);
                }
            }
            None => {
                let header = known.and_then(|known| Some((headers.layout(&known)?, known)));
                scan.line(line, suspect, header, here, cut);
            }
        }
    }
    scan.finish(bytes, number - first_line)
}

/// Whether the program of a line is one by whose name a block is swept for its lines.
fn is_swept_for(known: &Known) -> bool {
    known.speaker == Speaker::Watched
}

/// Where the next line with a word of ours begins, from the line at `at` on; the end of the block if there is none.
fn next_line(bytes: &[u8], at: usize) -> usize {
    match Sweep::get().find(bytes, at) {
        Some(word) => memrchr(b'\n', &bytes[at..word]).map_or(at, |end| at + end + 1),
        None => bytes.len(),
    }
}

/// A line of any program as the event `log.last-line`; `None` for what no program logged.
pub fn foreign(line: &[u8], place: Place, clock: &Clock) -> Option<Event> {
    let (text, _) = record::clean(line);
    let Line::Record(record) = record::line(&text, clock, &mut Hint::default()) else {
        return None;
    };
    // A marker of journalctl and a row of `last` are no sign of life, and words without a stamp are anybody's.
    let logged = match record.program {
        "journalctl" | "last" => false,
        program => record.at.is_some() || !program.is_empty(),
    };
    let program = (!record.program.is_empty()).then(|| Word(record.program.into()));
    logged.then(|| Event {
        at: record.at,
        host: record.host.map(Name::from),
        place,
        program: Name::from(record.program),
        pid: record.pid,
        boot: record.boot.map(Name::from),
        repeat: record.repeat,
        kind: Kind::Journald(Journald::LastLine {
            program,
            before: None,
        }),
        text: shown(&text, &record, None),
    })
}

/// What the records of one line said.
#[derive(Default)]
struct Said {
    understood: bool,
    /// The stamp of the first that was understood.
    stamp: Option<Timestamp>,
    /// The first message that nobody reads, masked, with its stamp.
    unknown: Option<(Box<str>, Option<Timestamp>)>,
}

/// The state of one walk over a block.
struct Scan<'a> {
    source: SourceId,
    clock: &'a Clock,
    hint: Hint,
    hosts: &'a mut Names,
    programs: &'a mut Names,
    /// Where in `found.unknown` a masked message is.
    unknown: BTreeMap<Box<str>, usize>,
    manner: &'a Manner,
    /// Room of texts that were used.
    texts: &'a mut Vec<Text>,
    found: Scanned,
}

impl Scan<'_> {
    /// The line and what it was wrapped to, if only that makes a message of it; and how many lines that are.
    fn joined(&mut self, line: &[u8], behind: &[u8]) -> Option<(String, usize)> {
        if !WRAPPED.contains(&line.len()) || is_note(line) {
            return None;
        }
        let (text, _) = record::clean(line);
        let mut text = text.trim_end().to_owned();
        let alone = self.kind_of(&text, true)?;
        let mut next = behind.split(|byte| *byte == b'\n');
        for more in 1..=WRAPPED_LINES {
            let line = next.next().filter(|line| line.len() <= *WRAPPED.end())?;
            let (words, _) = record::clean(line);
            let words = record::paste::continuation(&words)?;
            // A list that goes on is a message before and behind.
            let list = words.starts_with(|c: char| c.is_ascii_digit())
                || ["joined: ", "left: "].iter().any(|w| words.starts_with(w));
            if alone.is_some() && !list {
                return None;
            }
            let broken = text.ends_with('-')
                && self
                    .kind_of(&format!("{text}{words}"), false)
                    .flatten()
                    .is_some();
            if !broken {
                text.push(' ');
            }
            text.push_str(words);
            if let Some(Some(kind)) = self.kind_of(&text, false) {
                let grown = alone.as_ref().is_none_or(|alone| {
                    alone.name() == kind.name() && alone.fields() != kind.fields()
                });
                return grown.then_some((text, more));
            }
        }
        None
    }

    /// What a line says when nothing of it is missing. With `begins`, `None` for a line that begins no message of its own:
    /// one that has neither stamp nor program.
    fn kind_of(&mut self, text: &str, begins: bool) -> Option<Option<Kind>> {
        let Line::Record(record) = record::line(text, self.clock, &mut self.hint) else {
            return None;
        };
        let begun = record.at.is_some() || !record.program.is_empty();
        if (begins && !begun) || record.cut {
            return None;
        }
        match read_whole(&record) {
            Reading::Event(kind) => Some(Some(kind)),
            Reading::Unknown | Reading::Other => Some(None),
        }
    }

    /// Counts lines that nobody reads. Returns how many they are.
    fn pass_over(&mut self, lines: &[u8]) -> u64 {
        if lines.is_empty() {
            return 0;
        }
        let unended = lines.last().is_some_and(|byte| *byte != b'\n');
        let (ends, odd) = ends::count(lines);
        if odd && !self.manner.sifted {
            let whole = lines.strip_suffix(b"\n").unwrap_or(lines);
            for line in whole.split(|byte| *byte == b'\n') {
                let blank = line.is_empty() || line == b"\r";
                self.found.coverage.blank += u64::from(blank);
                self.found.coverage.notes += u64::from(is_note(line));
            }
        }
        ends + u64::from(unended)
    }

    /// Reads a line that may say something, by its header where that is known. `suspect`: it may hold what is no text.
    fn line(
        &mut self,
        line: &[u8],
        suspect: bool,
        header: Option<(&Layout, Known)>,
        number: u64,
        cut: bool,
    ) {
        let whole = match suspect {
            true => None,
            false => record::as_it_is(line),
        };
        let (text, damaged) =
            whole.map_or_else(|| record::clean(line), |text| (Cow::Borrowed(text), false));
        self.found.coverage.damaged += u64::from(damaged);
        let mut hint = std::mem::take(&mut self.hint);
        (hint.year_inferred, hint.zone_missing) = (false, false);
        let quick = match (header, &text) {
            (Some((layout, Known { name, message, .. })), Cow::Borrowed(text)) => {
                layout.record(text, name, message, self.clock, &mut hint)
            }
            // What stands where is only known of the line as it is.
            _ => None,
        };
        let told = match quick {
            Some(record) => Line::Record(record),
            None => record::line(&text, self.clock, &mut hint),
        };
        let mut said = Said::default();
        match told {
            Line::Record(mut record) => {
                record.cut |= cut;
                self.record(&text, &record, number, &mut said);
            }
            Line::Records(records) => {
                for mut record in records {
                    record.cut |= cut;
                    self.record(&text, &record, number, &mut said);
                }
            }
            Line::Note | Line::Blank | Line::Other => {}
        }
        let watched = said.understood || said.unknown.is_some();
        if said.understood {
            self.found.coverage.understood += 1;
        } else if let Some((masked, at)) = said.unknown {
            said.stamp = at;
            self.count_unknown(masked);
        }
        if watched {
            self.cover(said.stamp);
            self.found.year_inferred |= hint.year_inferred;
            self.found.zone_missing |= hint.zone_missing;
        }
        self.hint = hint;
    }

    /// Reads one record of a line.
    fn record(&mut self, text: &str, record: &Record<'_>, number: u64, said: &mut Said) {
        if !self.manner.reads(record.program) {
            return;
        }
        match read(record) {
            Reading::Event(kind) if kind.is_chatter() && !self.manner.chatter => {}
            Reading::Event(kind) => {
                said.understood = true;
                said.stamp = said.stamp.or(record.at);
                self.found.events.push(Event {
                    at: record.at,
                    host: record.host.map(|host| self.hosts.get(host)),
                    place: Place {
                        source: self.source,
                        line: number,
                    },
                    program: self.programs.get(record.program),
                    pid: record.pid,
                    boot: record.boot.map(|boot| self.hosts.get(boot)),
                    repeat: record.repeat,
                    kind,
                    text: shown(text, record, self.texts.pop()),
                });
            }
            Reading::Unknown => {
                said.unknown.get_or_insert_with(|| {
                    let masked = coverage::mask_digits(record.program, &record.message);
                    (masked.into(), record.at)
                });
            }
            Reading::Other => {}
        }
    }

    /// Reads what stands on both sides of a hole. It stays one line.
    fn holed(&mut self, line: &[u8], hole: Range<usize>, number: u64, cut: bool) {
        let before = self.found.coverage.clone();
        self.line(&line[..hole.start], true, None, number, true);
        let at = self.found.events.len();
        self.line(&line[hole.end..], true, None, number, cut);
        let coverage = &mut self.found.coverage;
        let understood = coverage.understood > before.understood;
        coverage.understood = before.understood + u64::from(understood);
        let unknown = !understood && coverage.unknown > before.unknown;
        coverage.unknown = before.unknown + u64::from(unknown);
        coverage.unstamped = coverage.unstamped.min(before.unstamped + 1);
        coverage.damaged = before.damaged + 1;
        let (behind, _) = record::clean(&line[hole.end..]);
        let told = record::line(&behind, self.clock, &mut Hint::default());
        // Zeros in what is no log tell nothing.
        let Line::Record(behind) = told else {
            return;
        };
        if behind.at.is_none() {
            return;
        }
        let bytes = hole.len() as u64;
        let event = Event {
            at: None,
            host: behind.host.map(|host| self.hosts.get(host)),
            place: Place {
                source: self.source,
                line: number,
            },
            program: self.programs.get(""),
            pid: None,
            boot: None,
            repeat: 1,
            kind: Kind::Journald(Journald::NulRun { bytes }),
            text: format!("-- {bytes} zero bytes --").into(),
        };
        self.found.events.insert(at, event);
    }

    /// Counts a message that nobody reads.
    fn count_unknown(&mut self, masked: Box<str>) {
        self.found.coverage.unknown += 1;
        if let Some(index) = self.unknown.get(&masked) {
            self.found.unknown[*index].1 += 1;
        } else {
            self.unknown
                .insert(masked.clone(), self.found.unknown.len());
            self.found.unknown.push((masked, 1));
        }
    }

    /// Counts the stamp of a watched line.
    fn cover(&mut self, stamp: Option<Timestamp>) {
        let Some(at) = stamp else {
            self.found.coverage.unstamped += 1;
            return;
        };
        self.found.coverage.cover(at);
        self.found.coverage.backwards +=
            u64::from(self.found.last_stamp.is_some_and(|last| at < last));
        self.found.first_stamp.get_or_insert(at);
        self.found.last_stamp = Some(at);
    }

    /// Whether some program logged one of these lines. Only the first lines of a block without any of ours are asked:
    /// that answers it for every log, and garbage is not read twice for it.
    fn is_log(&mut self, bytes: &[u8]) -> bool {
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .take(LOG_LINES)
            .any(|line| {
                let (text, _) = record::clean(&line[..line.len().min(1000)]);
                match record::line(&text, self.clock, &mut self.hint) {
                    Line::Record(record) => !record.program.is_empty(),
                    Line::Records(records) => !records.is_empty(),
                    Line::Note | Line::Blank | Line::Other => false,
                }
            })
    }

    fn finish(mut self, bytes: &[u8], lines: u64) -> Scanned {
        let watched = self.found.coverage.understood + self.found.coverage.unknown > 0;
        let log_seen = watched || self.is_log(bytes);
        let mut found = self.found;
        found.coverage.log_seen = log_seen;
        let coverage = &mut found.coverage;
        coverage.bytes = bytes.len() as u64;
        coverage.lines = lines;
        let known = coverage.understood + coverage.unknown + coverage.notes + coverage.blank;
        coverage.others = coverage.lines.saturating_sub(known);
        found
    }
}

/// Where zeros stand in a line instead of text.
fn hole(line: &[u8]) -> Option<Range<usize>> {
    memchr(0, line)?;
    let start = memmem::find(line, &[0; HOLE_BYTES])?;
    let length = line[start..].iter().position(|byte| *byte != 0);
    Some(start..length.map_or(line.len(), |length| start + length))
}

/// A note of the person who pasted the log.
fn is_note(line: &[u8]) -> bool {
    line.starts_with(b"//")
}

/// Names that are shared.
const NAMES: usize = 64;

/// Hands out one shared name per distinct text.
#[derive(Default)]
struct Names {
    all: Vec<Name>,
    /// The one that was asked for last.
    latest: usize,
}

impl Names {
    fn get(&mut self, text: &str) -> Name {
        let is = |name: &Name| is_same(name.as_str(), text);
        if let Some(latest) = self.all.get(self.latest)
            && is(latest)
        {
            return latest.clone();
        }
        if let Some(n) = self.all.iter().position(is) {
            self.latest = n;
            return self.all[n].clone();
        }
        let name = Name::from(text);
        // A log holds few hosts and programs; many are not worth searching.
        if self.all.len() == NAMES {
            self.all.clear();
        }
        self.all.push(name.clone());
        name
    }
}

/// Whether two names are one. Those of eight bytes and up to sixteen, as most are, are compared without a call.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let ends = |name: &[u8]| {
        let first = *name.first_chunk()?;
        let last = *name.last_chunk()?;
        Some((u64::from_le_bytes(first), u64::from_le_bytes(last)))
    };
    one.len() == other.len()
        && match (one.len(), ends(one)) {
            (..=16, Some(have)) => Some(have) == ends(other),
            _ => one == other,
        }
}

/// The line as a reader wants to see it: cut, and a JSON object in the form of syslog.
fn shown(line: &str, record: &Record<'_>, room: Option<Text>) -> Text {
    if !line.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
        && record::journal::object(line).is_some()
    {
        let mut text = String::with_capacity(RECORD_BYTES + record.message.len());
        // Writing to a text does not fail.
        if let Some(at) = record.at {
            let _ = write!(text, "{at} ");
        }
        let tagged = text.len();
        if let Some(host) = record.host {
            text.push_str(host);
            text.push(' ');
        }
        text.push_str(record.program);
        if let Some(pid) = record.pid {
            let _ = write!(text, "[{pid}]");
        }
        text.push_str(": ");
        let message = text.len();
        text.push_str(record.message.trim_end());
        return Text::new(cut_to(&text, TEXT_BYTES), tagged, message);
    }
    // What is a part of the line is so in memory.
    let place = |part: &str| (part.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize);
    let message = match &record.message {
        Cow::Borrowed(message) => place(message),
        Cow::Owned(message) => line.find(&**message).unwrap_or(0),
    };
    let tagged = [record.host.unwrap_or_default(), record.program]
        .into_iter()
        .find(|part| !part.is_empty() && place(part) < message)
        .map_or(message, place);
    let trimmed = match line.as_bytes().last() {
        Some(b'!'..=b'~') => line,
        _ => line.trim_end(),
    };
    let text = cut_to(trimmed, TEXT_BYTES);
    match room {
        Some(room) => room.anew(text, tagged, message),
        None => Text::new(text, tagged, message),
    }
}

/// The same of a line that nobody has read yet.
pub fn shown_alone(line: &[u8]) -> Text {
    let (text, _) = record::clean(line);
    let clock = Clock::utc(record::Anchor::Year(1970));
    match record::line(&text, &clock, &mut Hint::default()) {
        Line::Record(record) => shown(&text, &record, None),
        _ => cut_to(text.trim_end(), TEXT_BYTES).into(),
    }
}

/// The beginning of `text`, at most `bytes` long.
fn cut_to(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Anchor;
    use proptest::prelude::*;

    fn scan(text: &[u8]) -> Scanned {
        let clock = Clock::utc(Anchor::Year(2025));
        block(
            text,
            SourceId(0),
            1,
            &clock,
            &Limits::default(),
            Manner::default(),
        )
    }

    /// Counts each line by itself.
    fn slow_counts(bytes: &[u8]) -> (u64, u64, u64) {
        let mut counts = (0, 0, 0);
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            counts.0 += 1;
            counts.1 += u64::from(is_note(line));
            counts.2 += u64::from(line.is_empty() || line == b"\r");
        }
        counts
    }

    fn adds_up(coverage: &InputCoverage) -> bool {
        coverage.lines
            == coverage.understood
                + coverage.unknown
                + coverage.others
                + coverage.notes
                + coverage.blank
    }

    #[test]
    fn lines_are_numbered_and_counted() {
        let text = b"// note about corosync\n\nJan 02 03:04:05 n1 sshd[1]: x\n\
            Jan 02 03:04:05 n1 pmxcfs[2]: what is this 1\nJan 02 03:04:04 n1 pmxcfs[2]: what is this 2\n\
            kernel: reboot: Power down\nJan 02 03:04:06 n1 kernel: reboot: Power down";
        let found = scan(text);
        assert_eq!(
            found
                .events
                .iter()
                .map(|e| e.place.line)
                .collect::<Vec<_>>(),
            [6, 7]
        );
        let last = found.events.last().expect("an event");
        assert_eq!(last.host.as_deref(), Some("n1"));
        assert_eq!(&*last.text, "Jan 02 03:04:06 n1 kernel: reboot: Power down");
        assert_eq!(last.kind.name(), "kernel.power-down");
        let c = &found.coverage;
        assert_eq!(
            (c.lines, c.understood, c.unknown, c.others, c.notes, c.blank),
            (7, 2, 2, 1, 1, 1)
        );
        assert_eq!((c.backwards, c.unstamped), (1, 1));
        assert_eq!(found.unknown, [("pmxcfs: what is this #".into(), 2)]);
        assert!(found.year_inferred && found.zone_missing);
        assert_eq!(
            found.first_stamp.map(|t| t.clock()).as_deref(),
            Some("03:04:05")
        );
        assert_eq!(
            found.last_stamp.map(|t| t.clock()).as_deref(),
            Some("03:04:06")
        );
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let text = b"> Jan 02 03:04:05 n1 pve-ha-lrm[7]: status change active =>\n\
            > lost_agent_lock\n\
            > Jan 02 03:04:06 n1 corosync[7]:   [QUORUM] This node is within the non-\n\
            > primary component and will NOT provide any\n\
            > services.\n\
            > Jan 02 03:04:06 n1 corosync[7]:   [QUORUM] Members[3]: 1\n\
            > 2 3\n\
            > Jan 02 03:04:07 n1 kernel: reboot: Power down\n\
            > thanks for reading\n";
        let clock = Clock::utc(Anchor::Year(2025));
        let manner = Manner {
            wrapped: true,
            ..Manner::default()
        };
        let found = block(text, SourceId(0), 1, &clock, &Limits::default(), manner);
        let told: Vec<_> = found
            .events
            .iter()
            .map(|event| (event.place.line, event.kind.name()))
            .collect();
        assert_eq!(
            told,
            [
                (1, "pve-ha-lrm.status-change"),
                (3, "corosync.non-primary"),
                (6, "corosync.members"),
                (8, "kernel.power-down")
            ]
        );
        let members = &found.events[2].kind.fields();
        assert_eq!(
            serde_json::to_string(&members[1].1).ok().as_deref(),
            Some("[1,2,3]")
        );
        let c = &found.coverage;
        assert_eq!((c.lines, c.understood, c.others), (9, 4, 5));
        assert!(scan(text).events.len() < 4);
    }

    #[test]
    fn a_line_cut_at_a_width_is_read_without_what_may_be_missing() {
        for (line, want) in [
            (
                "corosync[7]: [QUORUM] This node is within the non-primary component and will NOT pro",
                "corosync.non-primary []",
            ),
            (
                "corosync[7]: [TOTEM ] A processor failed, forming new configuration: token timed out (36",
                "corosync.token-lost [null,null]",
            ),
            (
                "corosync[7]: [TOTEM ] A new membership (1.4f) was formed. Members le",
                "corosync.membership-formed [\"1.4f\",[],[]]",
            ),
            (
                "kernel: Linux version 6.8.12-4-pve (bui",
                "kernel.linux-version",
            ),
            ("corosync[7]: [KNET  ] link: host: 1 link: 0 is", ""),
            ("sshd[7]: A processor failed, forming new con", ""),
        ] {
            let found = scan(format!("Jan 02 03:04:05 n1 {line}\n").as_bytes());
            let told = found.events.first().map_or_else(String::new, |event| {
                let values: Vec<_> = event.kind.fields().into_iter().map(|(_, v)| v).collect();
                format!(
                    "{} {}",
                    event.kind.name(),
                    serde_json::to_string(&values).unwrap_or_default()
                )
            });
            assert!(
                told.starts_with(want) && want.is_empty() == told.is_empty(),
                "{line}: {told}"
            );
        }
    }

    #[test]
    fn json_is_shown_as_syslog() {
        let found = scan(br#"{"MESSAGE":"reboot: Power down","SYSLOG_IDENTIFIER":"kernel","_HOSTNAME":"n1","_BOOT_ID":"ab","__REALTIME_TIMESTAMP":"1735787045000000"}"#);
        let event = found.events.first().expect("an event");
        assert_eq!(
            &*event.text,
            "2025-01-02T03:04:05Z n1 kernel: reboot: Power down"
        );
        assert_eq!(event.boot.as_deref(), Some("ab"));
        assert!(!found.year_inferred && !found.zone_missing);
    }

    #[test]
    fn damage_is_counted_and_long_lines_are_cut() {
        let mut text =
            b"Jan 02 03:04:05 n\xff kernel: reboot: Power down\n\0\0kernel: reboot: Power down\n"
                .to_vec();
        text.extend_from_slice("kernel: reboot: Power down ".as_bytes());
        text.extend(std::iter::repeat_n(b' ', 3000));
        let found = scan(&text);
        assert_eq!(found.coverage.damaged, 2);
        assert_eq!(found.events.len(), 3);
        let long = format!("kernel: reboot: Power down{}", "ä".repeat(900));
        assert_eq!(cut_to(&long, TEXT_BYTES).len(), 1000);
    }

    #[test]
    fn zeros_in_a_file_part_what_stands_around_them() {
        let cut = b"Jan 02 03:04:05 n1 pmxcfs[2]: [status] notice: node lost quorum";
        let next = b"Jan 02 03:09:00 n1 kernel: Linux version 6.8.12-4-pve (build)\n";
        for (before, want) in [
            (&cut[..], &["pmxcfs.quorum-lost"][..]),
            (&cut[..30], &[]),
            (&[], &[]),
        ] {
            let found = scan(&[before, &[0; 3000], next].concat());
            let names: Vec<_> = found.events.iter().map(|e| e.kind.name()).collect();
            let told = [want, &["log.nul-run", "kernel.linux-version"]].concat();
            assert_eq!(names, told);
            assert!(found.events.iter().all(|e| e.host.as_deref() == Some("n1")));
            let c = &found.coverage;
            assert_eq!((c.lines, c.understood, c.damaged), (1, 1, 1));
            assert!(adds_up(c));
        }
        // Fewer are damage of a line.
        let found = scan(&[&[0; 15], &next[..]].concat());
        assert_eq!(found.events.len(), 1);
        assert_eq!(scan(&[&[0; 5000], &b"no log"[..]].concat()).events, []);
    }

    /// Pieces that random logs are made of.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            Just(b"Jan 02 03:04:05 n1 kernel: reboot: Power down".to_vec()),
            Just(b"Jan 02 03:04:07 n2 pmxcfs[2]: unheard of".to_vec()),
            Just(b"corosync[3]:   [KNET  ] link: host: 8 link: 0 is down".to_vec()),
            Just(b"// a note".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\n\n".to_vec()),
            Just(b"//".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..30),
        ]
    }

    #[test]
    fn a_line_says_the_same_whatever_stands_before_it() {
        let lines: Vec<String> = [
            "sshd[1]: kernel: reboot: Power down",
            "kernel: reboot: Power down",
            "kernel: cfs-lock 'x' error: no quorum!",
            "kernel reboot: Power down",
            "pvescheduler[7]: jobs: cfs-lock 'file-jobs_cfg' error: no quorum!",
            "pvescheduler[7]: reboot: Power down",
            "systemd-logind[7]: System is rebooting.",
            "systemd-logind[7]: New session 7 of user root.",
            "corosync[7]: [KNET  ] link: host: 4 link: 0 is down",
            "corosync[77777777777]: [KNET  ] link: host: 4 link: 0 is down",
            "sshd[7] corosync[7]: [KNET  ] link: host: 4 link: 0 is down",
            "watchdog-mux[7]:",
            "x",
            "CRON[7]: \u{1b}[0m\0 corosync \u{e4}",
            "last[7]: reboot   system boot  6.8.12-9-pve     Fri May  9 10:20:30 2025   still running",
        ]
        .iter()
        .flat_map(|said| {
            let object = said.split_once("[7]: ").map(|(program, said)| {
                format!(r#"{{"SYSLOG_IDENTIFIER":"{program}","MESSAGE":"{said}","_HOSTNAME":"n1"}}"#)
            });
            ["Jan  5 00:00:00 n1", "2025-01-05T00:00:00.5+01:00 n1", "Jan  5 00:00:07 n-2", "> Jan  5 00:00:00 n1"]
                .map(|header| format!("{header} {said}"))
                .into_iter()
                .chain(object)
        })
        .collect();
        let told = |text: &str| {
            let found = scan(text.as_bytes());
            let kinds: Vec<_> = found
                .events
                .iter()
                .map(|e| (e.kind.clone(), e.host.clone()))
                .collect();
            (kinds, found.unknown, found.coverage.damaged)
        };
        for line in &lines {
            let alone = told(line);
            for before in &lines {
                let (mut kinds, mut unknown, damaged) = told(before);
                kinds.extend(alone.0.clone());
                let damaged = damaged + alone.2;
                for (message, n) in &alone.1 {
                    match unknown.iter_mut().find(|(known, _)| known == message) {
                        Some((_, count)) => *count += n,
                        None => unknown.push((message.clone(), *n)),
                    }
                }
                assert_eq!(
                    told(&format!("{before}\n{line}")),
                    (kinds, unknown, damaged),
                    "{before}\n{line}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn coverage_adds_up_for_any_bytes(pieces in proptest::collection::vec(piece(), 0..30), end in 0usize..400) {
            let text: Vec<u8> = pieces.concat();
            let text = &text[..end.min(text.len())];
            let found = scan(text);
            prop_assert!(adds_up(&found.coverage), "{:?}", found.coverage);
            let c = &found.coverage;
            prop_assert_eq!((c.lines, c.notes, c.blank), slow_counts(text));
        }
    }
}
