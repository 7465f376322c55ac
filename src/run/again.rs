//! A second look at what was read, for pages: the lines around those that prove something, and the hash of every input.
//! In: a report, and the sources that it tells of. Out: the same report with both in it.
//! Never: waits for what can be read but once; shows lines of a file that is not any more what was read.

use super::ReadOptions;
use crate::event::scan::shown_alone;
use crate::input::Source;
use crate::model::Text;
use crate::report::meanwhile::TASKS;
use crate::report::{Evidence, Report};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

/// Lines before and after each that proves something.
const AROUND: usize = 2;
/// Lines of one input that are looked for.
const MOST: usize = 20_000;
/// Bytes that are read between two ticks.
const PAUSE: usize = 1 << 20;

/// Adds hashes, and what stands around the evidence.
pub fn look(report: &mut Report, sources: &[Source], options: &ReadOptions) {
    let proofs = proofs(report);
    let drawn = drawn(report);
    for n in 0..report.inputs.len() {
        let input = &report.inputs[n];
        let named = |source: &&Source| source.name == input.path && source.is_file();
        // Inputs stand in the order of their sources; those of a configuration go by their names.
        let by_place = sources.get(n).filter(named);
        let Some(source) = by_place.or_else(|| sources.iter().find(named)) else {
            continue;
        };
        let path: Arc<str> = input.path.as_str().into();
        let none = BTreeMap::new();
        let known = proofs.get(&*input.path).unwrap_or(&none);
        let numbers = known.keys().copied().filter(|line| *line > 0);
        let mut wanted: BTreeSet<u64> = numbers.collect();
        wanted.extend(drawn.get(&n).into_iter().flatten());
        // What cannot be read now was read before, or its failure is told already.
        let Ok(lines) = around(source, &wanted, options) else {
            continue;
        };
        let same = |(line, text): (&u64, &Text)| {
            let found = lines.get(line);
            found.is_some_and(|found| found.trim() == text.trim())
        };
        if !known.is_empty() && !known.iter().any(same) {
            report
                .remarks
                .push(format!("{path} changed while it was read"));
            continue;
        }
        let hash = source.sha256().ok().flatten();
        report.inputs[n].sha256 = hash;
        let beside = lines
            .into_iter()
            .filter(|(line, _)| !known.contains_key(line));
        report.around.extend(beside.map(|(line, text)| Evidence {
            input: Arc::clone(&path),
            line,
            at: None,
            text,
        }));
    }
}

/// Every line that the report shows, by input.
fn proofs(report: &Report) -> BTreeMap<Arc<str>, BTreeMap<u64, Text>> {
    let mut all: BTreeMap<Arc<str>, BTreeMap<u64, Text>> = BTreeMap::new();
    let findings = report.findings.iter().flat_map(|finding| &finding.evidence);
    let outages = report.outages.iter().flat_map(|outage| &outage.evidence);
    let boots = report.boots.iter().flat_map(|boot| &boot.evidence);
    let tasks = report.incidents.iter().flat_map(|i| &i.meanwhile);
    let tasks = tasks.map(|task| &task.evidence);
    for line in findings.chain(outages).chain(boots).chain(tasks) {
        let of_input = all.entry(Arc::clone(&line.input)).or_default();
        of_input.insert(line.line, line.text.clone());
    }
    all
}

/// The lines with which states of a picture begin, of inputs that are the only one of their node.
fn drawn(report: &Report) -> BTreeMap<usize, BTreeSet<u64>> {
    let mut all: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for lane in report.lanes.iter().filter(|lane| lane.name != TASKS) {
        let own = report.inputs.iter().enumerate();
        let mut own = own.filter(|(_, input)| input.node.is_some() && input.node == lane.node);
        if let (Some((n, _)), None) = (own.next(), own.next()) {
            let lines = lane.spans.iter().map(|span| span.line);
            all.entry(n)
                .or_default()
                .extend(lines.filter(|line| *line > 0));
        }
    }
    all
}

/// The wanted lines and those near them, by number.
fn around(
    source: &Source,
    wanted: &BTreeSet<u64>,
    options: &ReadOptions,
) -> io::Result<BTreeMap<u64, Text>> {
    let mut found = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let decoded = source.open().map_err(io::Error::other)?;
    let mut reader = BufReader::with_capacity(1 << 16, decoded.reader);
    let mut wanted = wanted.iter().copied().take(MOST).peekable();
    let mut before: VecDeque<(u64, Text)> = VecDeque::new();
    let (mut number, mut behind, mut since) = (0, 0, 0);
    loop {
        number += 1;
        let Some(next) = wanted.peek().copied().or((behind > 0).then_some(number)) else {
            return Ok(found);
        };
        if since > PAUSE {
            since = 0;
            if let Some(tick) = &options.tick {
                tick.0();
            }
        }
        if behind == 0 && number + (AROUND as u64) < next {
            match reader.skip_until(b'\n')? {
                0 => return Ok(found),
                length => since += length,
            }
            continue;
        }
        let mut line = Vec::new();
        let most = options.limits.line_bytes as u64;
        let length = reader.by_ref().take(most).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(found);
        }
        since += length;
        match line.last() {
            Some(b'\n') => drop(line.pop()),
            _ => drop(reader.skip_until(b'\n')?),
        }
        let text = shown_alone(&line);
        if number == next && wanted.next_if_eq(&number).is_some() {
            found.extend(before.drain(..));
            found.insert(number, text);
            behind = AROUND;
        } else if behind > 0 {
            behind -= 1;
            found.insert(number, text);
        } else {
            before.push_back((number, text));
            if before.len() > AROUND {
                before.pop_front();
            }
        }
    }
}
