//! Whose boot a line `-- Boot <id> --` is, if it is one.
//! In: the events of one input in the order of its lines, and the lines around a marker. Out: the same events; a marker
//! names its host, and one that only says whose lines follow is none.
//! Never: depends on where blocks end.

use crate::event::journald::Journald;
use crate::event::{Event, Kind};
use crate::model::Name;
use crate::record::{self, Clock, Hint, Line};
use std::collections::BTreeMap;

/// Hosts whose boot is remembered; a journal that merges more is not one of a cluster.
const HOSTS: usize = 1_000;
/// Bytes of a line that its host is looked for in.
const HEAD_BYTES: usize = 400;

/// What is known of an input's boots. In a journal that merges several hosts, journalctl prints a marker wherever the next
/// line is of another boot than the one before it, and so at every change of host (systemd `src/journal/journalctl.c`).
#[derive(Debug, Default)]
pub struct Markers {
    /// The host of the lines before the next marker.
    host: Option<Name>,
    /// The boot that each host was last in.
    boots: BTreeMap<Name, Box<str>>,
    /// A marker whose next line stands in the next block.
    pending: Option<Event>,
}

/// What a block's events became.
#[derive(Debug, Default)]
pub struct Settled {
    /// In the order of the lines.
    pub events: Vec<Event>,
    /// Markers that are no boot.
    pub dropped: u64,
}

impl Markers {
    /// Takes the events of the next block of whole lines, of which `first_line` is the number of the first.
    pub fn settle(
        &mut self,
        bytes: &[u8],
        first_line: u64,
        events: Vec<Event>,
        clock: &Clock,
    ) -> Settled {
        let mut settled = Settled::default();
        if self.pending.is_none() && !events.iter().any(is_marker) {
            self.note(&events);
            settled.events = events;
            return settled;
        }
        if let Some(marker) = self.pending.take() {
            self.judge(marker, host_of(bytes, clock), &mut settled);
        }
        let mut lines = Lines {
            bytes,
            number: first_line,
        };
        for event in events {
            if !is_marker(&event) {
                self.note(std::slice::from_ref(&event));
                settled.events.push(event);
            } else if let Some(behind) = lines.behind(event.place.line) {
                self.judge(event, host_of(behind, clock), &mut settled);
            } else {
                self.pending = Some(event);
            }
        }
        settled
    }

    /// A marker that the input ends with: nothing follows that it could be about, so it stands as it is.
    pub fn finish(&mut self) -> Option<Event> {
        self.pending.take()
    }

    /// The host of the lines before a marker is that of the last event that names one: logs of hosts may follow each other.
    fn note(&mut self, events: &[Event]) {
        let last = events.iter().rev().find_map(|event| event.host.clone());
        self.host = last.or(self.host.take());
    }

    fn judge(&mut self, mut marker: Event, next: Option<Name>, settled: &mut Settled) {
        let before = self.host.take();
        self.host.clone_from(&next);
        let id = match &marker.kind {
            Kind::Journald(Journald::BootMarker { id }) => id.as_ref().map(|id| id.0.clone()),
            _ => None,
        };
        let other_host = matches!((&before, &next), (Some(before), Some(next)) if before != next);
        let known = next.as_ref().and_then(|host| self.boots.get(host));
        let other_boot = matches!((known, &id), (Some(known), Some(id)) if known != id);
        if let (Some(host), Some(id)) = (&next, id)
            && (self.boots.len() < HOSTS || self.boots.contains_key(host))
        {
            self.boots.insert(host.clone(), id);
        }
        if other_host && !other_boot {
            settled.dropped += 1;
            return;
        }
        marker.host = marker.host.or(next);
        settled.events.push(marker);
    }
}

/// A line of journalctl's own; the same words quoted in a sentence tell of one boot in any case.
fn is_marker(event: &Event) -> bool {
    matches!(event.kind, Kind::Journald(Journald::BootMarker { .. }))
        && event.program.as_str() == "journalctl"
        && event.at.is_none()
}

/// The host that the first line of `bytes` names.
fn host_of(bytes: &[u8], clock: &Clock) -> Option<Name> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let (text, _) = record::clean(&line[..line.len().min(HEAD_BYTES)]);
    match record::line(&text, clock, &mut Hint::default()) {
        Line::Record(record) => record.host.map(Name::from),
        Line::Records(_) | Line::Note | Line::Blank | Line::Other => None,
    }
}

/// Walks the lines of a block.
struct Lines<'b> {
    bytes: &'b [u8],
    /// The number of the line that `bytes` begins with.
    number: u64,
}

impl<'b> Lines<'b> {
    /// What stands behind line `number`; `None` at the end of the block.
    fn behind(&mut self, number: u64) -> Option<&'b [u8]> {
        while self.number <= number {
            let end = memchr::memchr(b'\n', self.bytes)?;
            self.bytes = &self.bytes[end + 1..];
            self.number += 1;
        }
        (!self.bytes.is_empty()).then_some(self.bytes)
    }
}
