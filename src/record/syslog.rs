//! Text lines: syslog, every text mode of journalctl, corosync.log, and what pastes make of them.
//! In: one line, decoded and without its end. Out: `Line`, borrowing from it.
//! Never: knows what a message means; takes prose for a program's line.

use super::clock::{Clock, Hint};
use super::stamp::{self, Stamp};
use super::tag::{self, Header};
use super::{Line, Record, last, paste, table, task};
use crate::model::Timestamp;
use memchr::memchr_iter;
use nom::branch::alt;
use nom::bytes::complete::{tag as literal, take_till1, take_until};
use nom::character::complete::{char, digit1, space0, space1};
use nom::combinator::{map_opt, opt, peek};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};
use std::borrow::Cow;

/// Layers of quoting that are taken off at most.
const LAYERS: usize = 24;

/// Quotes around a whole line.
const QUOTES: [char; 2] = ['"', '\''];

/// Reads one line.
pub fn text_line<'b>(line: &'b str, clock: &Clock, hint: &mut Hint) -> Line<'b> {
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Line::Blank;
    }
    if line.starts_with("//") {
        return Line::Note;
    }
    match entry(line, clock, hint) {
        Some(record) => Line::Record(record),
        None => pasted(line, clock, hint),
    }
}

/// A log entry that begins where `line` begins.
pub(super) fn entry<'b>(line: &'b str, clock: &Clock, hint: &mut Hint) -> Option<Record<'b>> {
    let line = match line.starts_with('<') {
        true => priority(line).map_or(line, |(rest, ())| rest),
        false => line,
    };
    if let Some(record) = rfc5424(line, clock, hint) {
        return Some(record);
    }
    let Ok((rest, first)) = stamp::stamp(line) else {
        return tag::unstamped(line).map(|(header, message)| build(None, header, message));
    };
    let mut at = clock.instant(first, hint);
    let mut rest = rest.trim_start_matches([' ', '\t', '\u{a0}', '|']);
    // Collectors put their own stamp before the line's; the second is the logging host's.
    if first != Stamp::Uptime
        && let Ok((after, second)) = stamp::stamp(rest)
        && second != Stamp::Uptime
    {
        at = clock.instant(second, hint).or(at);
        rest = after.trim_start();
    }
    if let Ok((_, (header, message))) = corosync_log(rest) {
        return Some(build(at, header, message));
    }
    let (header, message) = tag::stamped(rest);
    // Bare `dmesg` prints no program at all; journalctl's monotonic lines always have a tag with a pid, or `kernel:`.
    let dmesg =
        matches!(line.as_bytes(), [b'[', ..]) && header.pid.is_none() && header.program != "kernel";
    if dmesg && !message.starts_with('[') {
        let kernel = Header {
            host: None,
            program: "kernel",
            pid: None,
        };
        return Some(build(at, kernel, rest));
    }
    Some(build(at, header, message))
}

/// What is no entry at its first byte: quoted, listed, numbered, in a table, a marker of journalctl, or only a message.
fn pasted<'b>(line: &'b str, clock: &Clock, hint: &mut Hint) -> Line<'b> {
    if let Some(record) = task::line(line) {
        return Line::Record(record);
    }
    let mut left = line;
    let mut layers = 0;
    let mut node = None;
    loop {
        let quote = left.starts_with(QUOTES);
        let (peeled, host) = match paste::node_prefix(left) {
            Some((peeled, host)) => (Some(peeled), Some(host)),
            None => (paste::peel(left), None),
        };
        let Some(peeled) = peeled else {
            break;
        };
        left = peeled;
        node = node.or(host);
        layers += 1;
        if layers > LAYERS {
            return Line::Other;
        }
        let mut whole = left.trim_end_matches(['`', '|', ' ']);
        if quote {
            whole = whole.strip_suffix(QUOTES).unwrap_or(whole);
        }
        if let Some(mut record) = entry(whole, clock, hint) {
            record.host = record.host.or(node);
            return Line::Record(record);
        }
    }
    let left = left.trim_end();
    if left.starts_with("-- ") {
        return marker(left);
    }
    if left.starts_with('|') || left.contains('`') {
        let records = table::records(left, clock, hint);
        if !records.is_empty() {
            return Line::Records(records);
        }
    }
    if let Some(record) = last::line(left, clock, hint) {
        return Line::Record(record);
    }
    match is_frame(left) {
        true => Line::Other,
        false => Line::Record(message_alone(left)),
    }
}

/// A message whose program is not printed.
pub(super) fn message_alone(message: &str) -> Record<'_> {
    let nobody = Header {
        host: None,
        program: "",
        pid: None,
    };
    build(None, nobody, message)
}

/// Lines between boots are journalctl's own records; its other remarks are nothing.
pub(super) fn marker(line: &str) -> Line<'_> {
    let line = line.trim_end_matches(['`', '"', '\'', '|', '*', ' ']);
    match line.starts_with("-- Boot ") || line.starts_with("-- Reboot --") {
        true => Line::Record(Record::bare("journalctl", line)),
        false => Line::Other,
    }
}

/// What stands around logs: fences, rules, the head of `systemctl status`, a shell prompt.
fn is_frame(line: &str) -> bool {
    const STATUS: [&str; 14] = [
        "Loaded:",
        "Active:",
        "Main PID:",
        "Process:",
        "Tasks:",
        "Memory:",
        "CPU:",
        "CGroup:",
        "Docs:",
        "Invocation:",
        "Drop-In:",
        "Status:",
        "wtmp begins",
        "lines ",
    ];
    line.is_empty()
        || line.starts_with("```")
        || line.starts_with(['●', '○', '×', '├', '└', '│'])
        || STATUS.iter().any(|s| line.starts_with(s))
        || line.contains("# journalctl")
        || line.contains("$ journalctl")
}

/// `<30>` before a raw datagram.
fn priority(input: &str) -> Option<(&str, ())> {
    let number = map_opt(digit1, |d: &str| {
        d.parse::<u16>().ok().filter(|n| *n < 1024)
    });
    let read: IResult<&str, u16> = delimited(char('<'), number, char('>')).parse(input);
    read.ok().map(|(rest, _)| (rest, ()))
}

/// `1 2026-11-22T08:41:01+01:00 host app pid msgid [data] message`, each of them `-` where there is none.
fn rfc5424<'b>(input: &'b str, clock: &Clock, hint: &mut Hint) -> Option<Record<'b>> {
    let rest = input.strip_prefix("1 ")?;
    let (rest, stamp) = match rest.strip_prefix('-') {
        Some(rest) => (rest, None),
        None => stamp::iso(rest).ok().map(|(rest, s)| (rest, Some(s)))?,
    };
    let word = || preceded(char(' '), take_till1(char::is_whitespace));
    let fields: IResult<&str, (&str, &str, &str, &str)> =
        (word(), word(), word(), word()).parse(rest);
    let (rest, (host, app, pid, _id)) = fields.ok()?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let rest = rest
        .strip_prefix('-')
        .unwrap_or_else(|| structured_data(rest));
    let message = rest
        .trim_start()
        .trim_start_matches('\u{feff}')
        .trim_start();
    let nil = |field: &'b str| (field != "-").then_some(field);
    let header = Header {
        host: nil(host),
        program: nil(app).map_or("", tag::own_name),
        pid: pid.parse().ok(),
    };
    let at = stamp.and_then(|s| clock.instant(s, hint));
    Some(build(at, header, message))
}

/// What is behind `[id name="value"]...`; quotes may hold escaped brackets.
fn structured_data(input: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    let mut end = 0;
    for (index, byte) in input.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => end = index + 1,
            b' ' if !quoted && end == index => break,
            _ => {}
        }
    }
    input.get(end..).unwrap_or_default()
}

/// corosync's own file: `[26810] pve1 corosync notice  [MAIN  ] message`, and older ones without pid or host.
fn corosync_log(input: &str) -> IResult<&str, (Header<'_>, &str)> {
    let pid = delimited(
        char('['),
        map_opt(digit1, |d: &str| d.parse().ok()),
        char(']'),
    );
    let (rest, pid) = opt(terminated(pid, space1)).parse(input)?;
    let level = || alt((level, peek(literal("["))));
    let host = terminated(
        nom::combinator::verify(take_till1(char::is_whitespace), |h: &str| {
            h != "corosync" && !h.starts_with('[')
        }),
        (space1, peek(literal("corosync "))),
    );
    let (rest, host) = opt(host).parse(rest)?;
    let (rest, named) = opt(terminated(literal("corosync"), space1)).parse(rest)?;
    let (message, _) = (level(), peek(char('['))).parse(rest)?;
    if pid.is_none() && named.is_none() {
        return Err(nom::Err::Error(nom::error::Error::new(
            input,
            nom::error::ErrorKind::Tag,
        )));
    }
    let header = Header {
        host,
        program: "corosync",
        pid,
    };
    Ok(("", (header, message)))
}

/// A syslog level as corosync prints it, and the blanks behind.
fn level(input: &str) -> IResult<&str, &str> {
    let word = alt((
        literal("notice"),
        literal("info"),
        literal("warning"),
        literal("error"),
        literal("debug"),
        literal("crit"),
        literal("alert"),
        literal("emerg"),
        literal("trace"),
    ));
    terminated(word, space1).parse(input)
}

/// Puts a record together: inner stamps, repeats, damage of the mail, and the mark of a pager are taken off the message.
pub(super) fn build<'b>(at: Option<Timestamp>, header: Header<'b>, message: &'b str) -> Record<'b> {
    let mut message = inner(header.program, trimmed(message));
    let mut repeat = 1;
    let mut cut = false;
    if message.starts_with('m')
        && let Ok((_, (times, repeated))) = repeated(message)
    {
        (repeat, message) = (times, inner(header.program, repeated));
    } else if may_end_marked(message)
        && let Some((before, times)) = folded(message)
    {
        (message, repeat) = (before, times);
    }
    if may_end_marked(message)
        && let Some(before) = without_pager_mark(message)
    {
        (message, cut) = (before, true);
    }
    let message = match has_quoted_equals(message.as_bytes()) {
        true => Cow::Owned(message.replace("=3D", "=")),
        false => Cow::Borrowed(message),
    };
    Record {
        at,
        host: header.host,
        program: header.program,
        pid: header.pid,
        message,
        cut,
        repeat,
        boot: None,
    }
}

/// A text without the blanks at its beginning, of which there is most often one.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~', ..] => text,
        [b' ', b'!'..=b'~', ..] => &text[1..],
        _ => text.trim_start(),
    }
}

/// Whether a text holds `=3D`. That there is no `=` at all is asked of sixteen bytes at a time, the last ones twice if need be.
fn has_quoted_equals(text: &[u8]) -> bool {
    let ask = |part: &[u8; 16]| part.iter().fold(false, |any, byte| any | (*byte == b'='));
    let (parts, _) = text.as_chunks();
    let equals = match text.last_chunk() {
        Some(last) => parts.iter().any(ask) || ask(last),
        None => text.contains(&b'='),
    };
    equals && memchr_iter(b'=', text).any(|at| text[at..].starts_with(b"=3D"))
}

/// The message without what some programs print before it: corosync its own stamp and level, the kernel its uptime.
fn inner<'b>(program: &str, message: &'b str) -> &'b str {
    match program {
        "corosync" if !message.starts_with('[') => {
            let after = stamp::stamp(message).map_or(message, |(rest, _)| rest.trim_start());
            match terminated(level, peek(char('['))).parse(after) {
                Ok((rest, _)) => rest,
                Err(_) => message,
            }
        }
        "kernel" if message.starts_with('[') => match stamp::stamp(message) {
            Ok((rest, Stamp::Uptime)) => rest.trim_start(),
            Ok(_) | Err(_) => message,
        },
        _ => message,
    }
}

/// Whether a message may end in what is no part of it, by its last byte: a `>`, an `…`, or blanks behind them.
fn may_end_marked(message: &str) -> bool {
    matches!(
        message.as_bytes().last(),
        Some(b'>' | b' ' | b'\t'..=b'\r' | 0x80..)
    )
}

/// `message repeated 156 times: [   [TOTEM ] Retransmit List: 1be7]`, as rsyslog prints it.
fn repeated(input: &str) -> IResult<&str, (u32, &str)> {
    let mut times = delimited(
        literal("message repeated "),
        map_opt(digit1, |d: &str| d.parse().ok()),
        (literal(" times"), opt(char(':')), space0),
    );
    let (rest, times) = times.parse(input)?;
    let (rest, _) = (char('['), space0).parse(rest)?;
    let rest = rest.trim_end();
    Ok(("", (times, rest.strip_suffix(']').unwrap_or(rest))))
}

/// `... <23 times>`, as people fold floods by hand.
fn folded(message: &str) -> Option<(&str, u32)> {
    let (before, times) = message
        .trim_end()
        .strip_suffix(" times>")?
        .rsplit_once('<')?;
    Some((before.trim_end(), times.parse().ok()?))
}

/// The message without the `>` or `…` that stands where a pager cut it; `>` may also close a `<`.
fn without_pager_mark(message: &str) -> Option<&str> {
    let trimmed = message.trim_end();
    if let Some(before) = trimmed.strip_suffix('…') {
        return Some(before);
    }
    let before = trimmed.strip_suffix('>')?;
    let closes = before
        .rfind('<')
        .is_some_and(|open| !before[open..].contains('>'));
    let arrow = before.ends_with(['-', '=', '>']);
    (!closes && !arrow).then_some(before)
}

/// Reads a message in quotes up to the closing mark; part of [`table`].
pub(super) fn quoted(input: &str) -> IResult<&str, &str> {
    delimited(char('`'), take_until("`"), char('`')).parse(input)
}
