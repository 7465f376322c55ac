//! Reading a pipe as lines come.
//! In: standard input, or any source that is written while it is read. Out: events at once, and a sign after each read.
//! Never: waits for a block to fill; reorders.

use super::progress::{self, Progress};
use super::{Outcome, ReadOptions, sieve};
use crate::event::Event;
use crate::event::scan::Left;
use crate::frame::Blocks;
use crate::input::{Error, Reader, Source};
use crate::model::SourceId;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Follows `source` to its end. `consume` is called per event, `flush` after everything that one read returned: it may
/// say that nobody wants the rest.
pub fn follow(
    source: &Source,
    options: &ReadOptions,
    consume: &mut dyn FnMut(&Event),
    flush: &mut dyn FnMut() -> ControlFlow<()>,
) -> Outcome {
    match source.sift(sieve::of(options)) {
        Ok(decoded) => {
            let mut progress = Progress::new(SourceId(0), source, b"", options);
            progress.taken_for(decoded.form, decoded.damage, decoded.sifted);
            follow_from(decoded.reader, progress, source, options, consume, flush)
        }
        Err(error) => {
            let mut outcome = finished(Progress::new(SourceId(0), source, b"", options));
            outcome.coverage.inputs[0].failed = Some(error.to_string());
            outcome.coverage.remarks.push(error.to_string());
            outcome.failures.push(error);
            outcome
        }
    }
}

/// Follows bytes that somebody else opened.
pub fn follow_reader(
    reader: Reader,
    source: &Source,
    options: &ReadOptions,
    consume: &mut dyn FnMut(&Event),
    flush: &mut dyn FnMut() -> ControlFlow<()>,
) -> Outcome {
    // No sample: what one read returns is chance, and the year must not depend on it.
    let mut progress = Progress::new(SourceId(0), source, b"", options);
    progress.taken_for("text".to_owned(), Arc::default(), false);
    follow_from(reader, progress, source, options, consume, flush)
}

fn follow_from(
    reader: Reader,
    mut progress: Progress,
    source: &Source,
    options: &ReadOptions,
    consume: &mut dyn FnMut(&Event),
    flush: &mut dyn FnMut() -> ControlFlow<()>,
) -> Outcome {
    let scanner = progress.scanner();
    let mut left = Left::default();
    let mut blocks = Blocks::eager(reader, &options.limits);
    let mut failure = None;
    let mut last = None;
    loop {
        let block = match blocks.next_block() {
            Ok(Some(block)) => block,
            Ok(None) => break,
            Err(why) => {
                failure = Some(Error::Read {
                    name: source.name.clone(),
                    why,
                });
                break;
            }
        };
        let scanned = scanner.scan(&block, &mut left);
        let events = progress.absorb(&block, scanned);
        for event in &events {
            last = event.at.or(last);
            if options.wants(last) {
                consume(event);
            }
        }
        left.take_back(events);
        if flush().is_break() {
            break;
        }
        blocks.recycle(block);
    }
    for event in progress.end() {
        last = event.at.or(last);
        if options.wants(last) {
            consume(&event);
        }
    }
    let mut outcome = finished(progress);
    outcome.coverage.inputs[0].failed = failure.as_ref().map(Error::to_string);
    outcome
        .coverage
        .remarks
        .extend(failure.iter().map(Error::to_string));
    outcome.failures.extend(failure);
    outcome
}

fn finished(progress: Progress) -> Outcome {
    let (coverage, remarks) = progress.finish();
    let mut outcome = Outcome::default();
    outcome.coverage.inputs.push(coverage);
    outcome.coverage.remarks = progress::fold(vec![remarks]);
    outcome
}
