//! The last line before a boot and the last of an input, whatever program logged it: a node's last sign of life.
//! In: the bytes and the events of one input, block by block. Out: the same events, with `log.last-line` where it tells more.
//! Never: depends on where blocks end; looks further back than a few lines; says that a line is one which is an event already.

use crate::event::journald::Journald;
use crate::event::kernel::Kernel;
use crate::event::message::Word;
use crate::event::scan::{self, Manner};
use crate::event::{Event, Kind};
use crate::model::{Name, Place, SourceId, Span};
use crate::record::Clock;
use memchr::{memchr, memrchr};
use std::collections::{BTreeSet, VecDeque};

/// How far back from a boot a line is looked for.
const BACK_BYTES: usize = 8 * 1024;
/// What is kept of the blocks before: a marker that waits for the line behind it has its own line in here as well.
const KEPT_BYTES: usize = 2 * BACK_BYTES + 2;
/// Events whose lines are remembered: more than fit into the bytes that are looked at.
const KEPT_EVENTS: usize = 512;
/// Hosts that are remembered.
const HOSTS: usize = 1_000;
/// rsyslog writes lines of a new boot before the kernel's first, at about its time; no machine resets so fast.
const SAME_BOOT: Span = Span(2_000_000);

/// The end of what was read of an input.
#[derive(Debug, Default)]
pub struct Tail {
    /// The last bytes, up to the end of a line.
    text: Vec<u8>,
    /// Lines read so far.
    lines: u64,
    /// Whether `text` is all that was read.
    whole: bool,
    /// Lines of the last events.
    events: VecDeque<u64>,
    /// Hosts that an event named.
    hosts: BTreeSet<Name>,
    /// The host named last, which most often is the next one too.
    host: Option<Name>,
}

/// What a line is looked for before.
#[derive(Clone, Copy)]
enum Before<'a> {
    /// An event that begins a boot.
    Boot(&'a Event),
    /// The end of the input.
    End,
}

impl Tail {
    /// Takes the next block of `lines` whole lines and its events, some of which may be of lines before it.
    pub fn weave(&mut self, bytes: &[u8], lines: u64, events: Vec<Event>, of: &Of) -> Vec<Event> {
        self.whole |= self.lines == 0;
        let first = self.lines + 1;
        let events = match events.iter().any(begins_boot) {
            true => self.around_boots(bytes, first, events, of),
            false => {
                self.note_all(&events);
                events
            }
        };
        self.keep(bytes);
        self.lines += lines;
        events
    }

    /// The last line of the input, if it is no event: of a host that events name, for a log may hold strangers' lines.
    pub fn end(&self, of: &Of) -> Option<Event> {
        self.events.back()?;
        let blocks = [&self.text[..], &[]];
        self.look(blocks, self.lines, Before::End, of)
    }

    fn around_boots(
        &mut self,
        bytes: &[u8],
        first: u64,
        events: Vec<Event>,
        of: &Of,
    ) -> Vec<Event> {
        let mut woven = Vec::with_capacity(events.len() + 1);
        let mut at = 0;
        let mut number = first;
        for event in events {
            let line = event.place.line;
            if begins_boot(&event) {
                while number < line {
                    at += memchr(b'\n', &bytes[at..]).map_or(bytes.len() - at, |end| end + 1);
                    number += 1;
                }
                let found = match line.checked_sub(first) {
                    Some(_) => {
                        let fits = line_length(&bytes[at..]) <= BACK_BYTES;
                        let blocks = [&self.text[..], &bytes[..at]];
                        fits.then(|| self.look(blocks, line - 1, Before::Boot(&event), of))
                    }
                    // A marker that waited for this block: its line is the last of those kept.
                    None => self
                        .up_to(line)
                        .map(|before| self.look([before, &[]], line - 1, Before::Boot(&event), of)),
                };
                if let Some(found) = found.flatten() {
                    self.note(&found);
                    woven.push(found);
                }
            }
            self.note(&event);
            woven.push(event);
        }
        woven
    }

    /// What is kept of the lines before `line`.
    fn up_to(&self, line: u64) -> Option<&[u8]> {
        let mut before = &self.text[..];
        let mut number = self.lines + 1;
        while number > line {
            let body = before.strip_suffix(b"\n").unwrap_or(before);
            let start = match memrchr(b'\n', body) {
                Some(end) => end + 1,
                None if self.whole && !body.is_empty() => 0,
                None => return None,
            };
            (body.len() - start <= BACK_BYTES).then_some(())?;
            before = &before[..start];
            number -= 1;
        }
        Some(before)
    }

    /// Walks back over `blocks`, of which line `number` is the last, to a line that some program logged.
    fn look(
        &self,
        blocks: [&[u8]; 2],
        mut number: u64,
        before: Before<'_>,
        of: &Of,
    ) -> Option<Event> {
        let mut left = BACK_BYTES;
        let mut last: Option<Event> = None;
        for (index, block) in blocks.into_iter().enumerate().rev() {
            let mut block = block;
            while !block.is_empty() {
                let body = block.strip_suffix(b"\n").unwrap_or(block);
                let start = match memrchr(b'\n', body) {
                    Some(end) => end + 1,
                    None if index == 1 || self.whole => 0,
                    None => return last,
                };
                let Some(rest) = left.checked_sub(block.len() - start) else {
                    return last;
                };
                left = rest;
                let found = scan::foreign(&body[start..], place(of, number), of.clock);
                let heard =
                    found
                        .filter(|event| of.manner.reads(&event.program))
                        .map(|mut event| {
                            event.host = event.host.or_else(|| of.host.clone());
                            event
                        });
                let known = self.events.contains(&number);
                match heard {
                    Some(event) if self.tells(&event, before) => match last.take() {
                        None if known => return None,
                        // Whether the log holds more than the kernel is told by the lines before.
                        None if is_kernel(&event) && matches!(before, Before::Boot(_)) => {
                            last = Some(event);
                        }
                        None => return Some(event),
                        Some(kernel) if is_kernel(&event) => last = Some(kernel),
                        Some(kernel) => return Some(heard_before(kernel, &event)),
                    },
                    // An event of a form that is no plain record: it is the last word.
                    None if known && last.is_none() => return None,
                    Some(_) | None => {}
                }
                block = &block[..start];
                number -= 1;
            }
        }
        last
    }

    /// Whether a line says when the node in question was alive for the last time.
    fn tells(&self, heard: &Event, before: Before<'_>) -> bool {
        match before {
            Before::End => heard
                .host
                .as_ref()
                .is_none_or(|host| self.hosts.is_empty() || self.hosts.contains(host)),
            Before::Boot(boot) => {
                let strange = matches!((&heard.host, &boot.host), (Some(a), Some(b)) if a != b);
                let same_boot = matches!(boot.kind, Kind::Kernel(_))
                    && matches!((heard.at, boot.at), (Some(heard), Some(boot)) if heard.plus(SAME_BOOT) >= boot);
                !strange && !same_boot
            }
        }
    }

    fn note_all(&mut self, events: &[Event]) {
        let (_, last) = events.split_at(events.len().saturating_sub(KEPT_EVENTS));
        let known = KEPT_EVENTS - last.len();
        let forgotten = self.events.len().saturating_sub(known);
        self.events.drain(..forgotten);
        self.events
            .extend(last.iter().map(|event| event.place.line));
        events.iter().for_each(|event| self.note_host(event));
    }

    fn note(&mut self, event: &Event) {
        self.note_all(std::slice::from_ref(event));
    }

    fn note_host(&mut self, event: &Event) {
        if event.host != self.host {
            self.host.clone_from(&event.host);
            if let Some(host) = &event.host
                && self.hosts.len() < HOSTS
            {
                self.hosts.insert(host.clone());
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if bytes.len() >= KEPT_BYTES {
            self.whole &= bytes.len() == KEPT_BYTES && self.text.is_empty();
            self.text.clear();
            self.text
                .extend_from_slice(&bytes[bytes.len() - KEPT_BYTES..]);
            return;
        }
        self.text.extend_from_slice(bytes);
        // Small blocks are not worth moving everything for each of them.
        if self.text.len() > 2 * KEPT_BYTES {
            self.text.drain(..self.text.len() - KEPT_BYTES);
            self.whole = false;
        }
    }
}

/// What an input's lines are read with.
#[derive(Debug)]
pub struct Of<'a> {
    /// The input.
    pub source: SourceId,
    /// Whose log it is, where its lines do not say.
    pub host: Option<Name>,
    /// Years and zones.
    pub clock: &'a Clock,
    /// Whose lines are read.
    pub manner: Manner,
}

fn is_kernel(event: &Event) -> bool {
    event.program.as_str() == "kernel"
}

/// The kernel's last line, with the program that was heard before it.
fn heard_before(kernel: Event, event: &Event) -> Event {
    let kind = match kernel.kind {
        Kind::Journald(Journald::LastLine { program, .. }) => Kind::Journald(Journald::LastLine {
            program,
            before: Some(Word(event.program.as_str().into())),
        }),
        kind => kind,
    };
    Event { kind, ..kernel }
}

fn place(of: &Of<'_>, line: u64) -> Place {
    Place {
        source: of.source,
        line,
    }
}

fn line_length(bytes: &[u8]) -> usize {
    memchr(b'\n', bytes).unwrap_or(bytes.len())
}

/// Whether an event is one of the first lines of a boot.
fn begins_boot(event: &Event) -> bool {
    matches!(
        event.kind,
        Kind::Journald(Journald::BootMarker { .. })
            | Kind::Kernel(Kernel::LinuxVersion { .. } | Kernel::CommandLine { .. })
    )
}
