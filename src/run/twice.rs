//! Lines that more than one input holds: the same log given twice, rotations that overlap, corosync's own log beside syslog.
//! In: the events of every input. Out: the same events, each once; how many were dropped from which input.
//! Never: drops what one input says twice, or what two logs say that only meet in one second.

use super::order;
use crate::cluster::clocks::{Stampers, Whose};
use crate::event::{Event, Kind};
use crate::model::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::{self, Write};
use std::sync::Arc;

/// How far the stamps of one message in two forms may be apart: one may be cut to the second, and a relay takes its time.
const SAME_MICROS: i64 = 1_500_000;

/// Drops from each log what another holds too, and says how many events that were. The log that says the most of a host
/// keeps them.
pub fn drop(logs: &mut [&mut VecDeque<Event>]) -> Vec<u64> {
    let mut dropped = vec![0; logs.len()];
    drop_whole(logs, &mut dropped);
    drop_seams(logs, &mut dropped);
    let overlaps = Overlaps::of(logs);
    if overlaps.none() {
        return dropped;
    }
    let mut order: Vec<usize> = (0..logs.len()).collect();
    order.sort_by_key(|n| (std::cmp::Reverse(logs[*n].len()), *n));
    let mut told: BTreeMap<(Whose, u64), Same> = BTreeMap::new();
    for n in order {
        let mut stampers = Stampers::default();
        let before = logs[n].len();
        // What has no stamp goes with the line before it.
        let mut keep = true;
        logs[n].retain(|event| {
            let whose = stampers.of(event);
            let others = overlaps.of_log(whose, n);
            let Some(at) = event.at else {
                return keep;
            };
            keep = others.is_empty() || {
                let key = (whose.clone(), fingerprint(&event.kind));
                let same = told.entry(key).or_default();
                !is_told(same, n, at, &event.text, &others)
            };
            keep
        });
        dropped[n] += (before - logs[n].len()) as u64;
    }
    dropped
}

/// A line of something that was said, and which logs hold it.
struct Told {
    text: Arc<str>,
    logs: Vec<usize>,
}

/// All lines of one thing that a host said, by their stamps.
type Same = BTreeMap<Timestamp, Vec<Told>>;

/// Whether another log holds this too; if none does, it is kept in mind.
fn is_told(
    same: &mut Same,
    log: usize,
    at: Timestamp,
    text: &Arc<str>,
    others: &BTreeSet<usize>,
) -> bool {
    let matches = |(when, told): &(Timestamp, &mut Told)| {
        let elsewhere = told.logs.iter().any(|n| others.contains(n)) && !told.logs.contains(&log);
        // Two copies of a line are equal to the letter; two forms of it have their own stamps.
        let copy = told.text == *text && *when == at;
        elsewhere && (copy || form(&told.text) != form(text))
    };
    let near = at.plus(Span(-SAME_MICROS))..=at.plus(Span(SAME_MICROS));
    let found = same
        .range_mut(near)
        .flat_map(|(when, told)| told.iter_mut().map(|told| (*when, told)))
        .filter(matches)
        .min_by_key(|(when, _)| when.since(at).0.abs());
    if let Some((_, told)) = found {
        told.logs.push(log);
        return true;
    }
    same.entry(at).or_default().push(Told {
        text: Arc::clone(text),
        logs: vec![log],
    });
    false
}

/// What the stamp of a line looks like: lines of one form that differ are two.
fn form(line: &str) -> String {
    let stamp = line.chars().take(20);
    stamp
        .map(|c| match c {
            '0'..='9' => '0',
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            other => other,
        })
        .collect()
}

/// Drops whole copies: of logs without stamps these are all that can be told.
fn drop_whole(logs: &mut [&mut VecDeque<Event>], dropped: &mut [u64]) {
    for (n, dropped) in dropped.iter_mut().enumerate() {
        let (before, rest) = logs.split_at_mut(n);
        let Some(log) = rest.first_mut().filter(|log| !log.is_empty()) else {
            continue;
        };
        let copy = |other: &VecDeque<Event>| {
            let mut pairs = other.iter().zip(log.iter());
            other.len() == log.len() && pairs.all(|(a, b)| (a.at, &a.text) == (b.at, &b.text))
        };
        if before.iter().any(|other| copy(other)) {
            *dropped += log.len() as u64;
            log.clear();
        }
    }
}

/// Different lines at an end and a beginning that are proof of an overlap: one line may just be said again.
const SEAM_LINES: usize = 3;

/// Drops the beginning of a log that is the end of another, where both are of one second: there the stamps tell nothing.
fn drop_seams(logs: &mut [&mut VecDeque<Event>], dropped: &mut [u64]) {
    let ends: Vec<Option<(i64, i64)>> = logs.iter().map(|log| ends(log)).collect();
    for n in 0..logs.len() {
        let before = (0..logs.len()).find_map(|other| {
            let (first, _) = ends[n]?;
            let (_, last) = ends[other]?;
            let meet = other != n && first == last;
            meet.then(|| seam(logs[other], logs[n])).flatten()
        });
        if let Some(length) = before {
            logs[n].drain(..length);
            dropped[n] += length as u64;
        }
    }
}

/// The seconds that a log begins and ends in.
fn ends(log: &VecDeque<Event>) -> Option<(i64, i64)> {
    let second = |event: &Event| Some(event.at?.0.div_euclid(1_000_000));
    let first = log.iter().find_map(second)?;
    Some((first, log.iter().rev().find_map(second)?))
}

/// How many events at the beginning of `late` are those at the end of `early`.
fn seam(early: &VecDeque<Event>, late: &VecDeque<Event>) -> Option<usize> {
    // What stands for the last line of a file is no line of its own.
    let said = |log: &VecDeque<Event>| -> Vec<Arc<str>> {
        let own = log.iter().filter(|event| !order::is_last_line(event));
        own.map(|event| Arc::clone(&event.text)).collect()
    };
    let (early, late) = (said(early), said(late));
    let most = early.len().min(late.len());
    let length = (SEAM_LINES..=most).rev().find(|length| {
        let (end, beginning) = (&early[early.len() - length..], &late[..*length]);
        end == beginning && end.iter().collect::<BTreeSet<_>>().len() >= SEAM_LINES
    })?;
    Some(length)
}

/// Which logs tell of a host in the same time as which others.
struct Overlaps(BTreeMap<Whose, Vec<(usize, Timestamp, Timestamp)>>);

impl Overlaps {
    fn of(logs: &[&mut VecDeque<Event>]) -> Overlaps {
        let mut spans: BTreeMap<Whose, Vec<(usize, Timestamp, Timestamp)>> = BTreeMap::new();
        for (n, log) in logs.iter().enumerate() {
            let mut stampers = Stampers::default();
            for event in log.iter() {
                let Some(at) = event.at else { continue };
                let whose = stampers.of(event);
                if !spans.contains_key(whose) {
                    spans.insert(whose.clone(), Vec::new());
                }
                match spans.get_mut(whose).and_then(|of| of.last_mut()) {
                    Some((last, from, to)) if *last == n => {
                        (*from, *to) = ((*from).min(at), (*to).max(at));
                    }
                    _ => spans.entry(whose.clone()).or_default().push((n, at, at)),
                }
            }
        }
        spans.retain(|_, of| of.len() > 1);
        Overlaps(spans)
    }

    fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// The other logs that tell of a host while this one does. Two that only meet are parts of one.
    fn of_log(&self, whose: &Whose, log: usize) -> BTreeSet<usize> {
        let Some(spans) = self.0.get(whose) else {
            return BTreeSet::new();
        };
        let Some((_, from, to)) = spans.iter().find(|(n, ..)| *n == log) else {
            return BTreeSet::new();
        };
        let second = |at: &Timestamp| at.0.div_euclid(1_000_000);
        let meets = |(n, a, b): &&(usize, Timestamp, Timestamp)| {
            let both = second(from).max(second(a))..second(to).min(second(b));
            let equal = (from, to) == (a, b);
            *n != log && (!both.is_empty() || equal)
        };
        spans.iter().filter(meets).map(|(n, ..)| *n).collect()
    }
}

/// A number for what a message says, whatever form its line has.
fn fingerprint(kind: &Kind) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    // Writing to a number cannot fail.
    let _ = write!(hash, "{kind:?}");
    hash.0
}

/// FNV-1a over what is written.
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
