//! Lines that more than one input holds: the same log given twice, rotations that overlap, corosync's own log beside syslog.
//! In: the events of every input. Out: the same events, each once; how many were dropped from which input.
//! Never: drops what one input says twice, or what two logs say that only meet in one second.

use super::order;
use crate::cluster::clocks::{Stampers, Whose};
use crate::event::{Event, Kind};
use crate::model::{Span, Text, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How far the stamps of one message in two forms may be apart: one may be cut to the second, and a relay takes its time.
const SAME_MICROS: i64 = 1_500_000;

/// Lines of one thing within the time of one that it is compared with.
const LOOKED_AT: usize = 1_000;

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
        let others = overlaps.of_log(n);
        let before = logs[n].len();
        // What has no stamp goes with the line before it.
        let mut keep = true;
        logs[n].retain(|event| {
            let whose = stampers.of(event);
            let Some(at) = event.at else {
                return keep;
            };
            keep = others.get(whose).is_none_or(|others| {
                let key = (whose.clone(), fingerprint(&event.kind));
                let same = told.entry(key).or_default();
                !is_told(same, n, at, &event.text, others)
            });
            keep
        });
        dropped[n] += (before - logs[n].len()) as u64;
    }
    dropped
}

/// A line that a log says, so often at one instant; and how often others say it too.
struct Told {
    log: usize,
    text: Text,
    form: Form,
    times: u32,
    elsewhere: BTreeMap<usize, u32>,
}

/// All lines of one thing that a host said, by their stamps.
type Same = BTreeMap<Timestamp, Vec<Told>>;

/// Whether another log holds this too; if none does, it is kept in mind.
fn is_told(
    same: &mut Same,
    log: usize,
    at: Timestamp,
    text: &Text,
    others: &BTreeSet<usize>,
) -> bool {
    let own = form(text);
    let matches = |(when, told): &(Timestamp, &mut Told)| {
        // Two copies of a line are equal to the letter; two forms of it have their own stamps.
        let copy = *when == at && told.text == *text;
        let elsewhere = others.contains(&told.log) && (copy || told.form != own);
        elsewhere && told.elsewhere.get(&log).copied().unwrap_or(0) < told.times
    };
    let near = at.plus(Span(-SAME_MICROS))..=at.plus(Span(SAME_MICROS));
    let found = same
        .range_mut(near)
        .flat_map(|(when, told)| told.iter_mut().map(|told| (*when, told)))
        .take(LOOKED_AT)
        .filter(matches)
        .min_by_key(|(when, _)| when.since(at).0.abs());
    if let Some((_, told)) = found {
        *told.elsewhere.entry(log).or_default() += 1;
        return true;
    }
    let here = same.entry(at).or_default();
    let again = here
        .iter_mut()
        .rev()
        .take(LOOKED_AT)
        .find(|told| told.log == log && told.text == *text);
    match again {
        Some(told) => told.times += 1,
        None => here.push(Told {
            log,
            text: text.clone(),
            form: own,
            times: 1,
            elsewhere: BTreeMap::new(),
        }),
    }
    false
}

/// The first characters of a line, digits and letters alike.
type Form = [u8; 20];

/// What the stamp of a line looks like: lines of one form that differ are two.
fn form(line: &str) -> Form {
    let mut form = [0; 20];
    for (sign, byte) in form.iter_mut().zip(line.bytes()) {
        *sign = match byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'z' => b'a',
            b'A'..=b'Z' => b'A',
            other => other,
        };
    }
    form
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
            // Two nodes may say the same where neither line names its host.
            let strange = |a: &Event, b: &Event| match (&a.host, &b.host) {
                (Some(a), Some(b)) => a != b,
                (None, _) | (_, None) => false,
            };
            other.len() == log.len()
                && pairs.all(|(a, b)| (a.at, &a.text) == (b.at, &b.text) && !strange(a, b))
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
            meet.then(|| seam(logs[other], logs[n], first)).flatten()
        });
        if let Some(length) = before {
            logs[n].drain(..length);
            dropped[n] += length as u64;
        }
    }
}

/// The seconds that a log begins and ends in.
fn ends(log: &VecDeque<Event>) -> Option<(i64, i64)> {
    let second = |event: &Event| event.at.map(in_second);
    let first = log.iter().find_map(second)?;
    Some((first, log.iter().rev().find_map(second)?))
}

/// How many events at the beginning of `late` are those at the end of `early`, of the second in which both are.
fn seam(early: &VecDeque<Event>, late: &VecDeque<Event>, second: i64) -> Option<usize> {
    // What stands for the last line of a file is no line of its own.
    let own = |event: &&Event| !order::is_last_line(event);
    let within = |event: &&Event| event.at.is_none_or(|at| in_second(at) == second);
    let end: Vec<&Text> = early
        .iter()
        .rev()
        .take_while(within)
        .filter(own)
        .take(LOOKED_AT)
        .map(|event| &event.text)
        .collect();
    let beginning: Vec<&Text> = late
        .iter()
        .take_while(within)
        .filter(own)
        .take(LOOKED_AT)
        .map(|event| &event.text)
        .collect();
    let most = end.len().min(beginning.len());
    (SEAM_LINES..=most).rev().find(|length| {
        let both = || end[..*length].iter().rev().zip(&beginning[..*length]);
        let alike = both().all(|(end, beginning)| end == beginning);
        alike && both().map(|(end, _)| end).collect::<BTreeSet<_>>().len() >= SEAM_LINES
    })
}

fn in_second(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000_000)
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

    /// For each host of a log, the other logs that tell of it in the same time. Two that only meet are parts of one.
    fn of_log(&self, log: usize) -> BTreeMap<&Whose, BTreeSet<usize>> {
        let others = |spans: &Vec<(usize, Timestamp, Timestamp)>| {
            let (_, from, to) = *spans.iter().find(|(n, ..)| *n == log)?;
            let meets = |(n, a, b): &&(usize, Timestamp, Timestamp)| {
                let both = in_second(from.max(*a))..in_second(to.min(*b));
                *n != log && (!both.is_empty() || (from, to) == (*a, *b))
            };
            let others: BTreeSet<usize> = spans.iter().filter(meets).map(|(n, ..)| *n).collect();
            (!others.is_empty()).then_some(others)
        };
        let of_hosts = self.0.iter();
        of_hosts
            .filter_map(|(whose, spans)| Some((whose, others(spans)?)))
            .collect()
    }
}

/// A number for what a message says, whatever form its line has.
fn fingerprint(kind: &Kind) -> u64 {
    let mut hash = DefaultHasher::new();
    format!("{kind:?}").hash(&mut hash);
    hash.finish()
}
