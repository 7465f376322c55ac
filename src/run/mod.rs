//! The wiring: reading in parallel, handing on in order.
//! In: sources and how to read them. Out: events in the order of time, and what the reading met.
//! Never: reasons about events.

pub mod batch;
pub mod follow;
mod order;
mod progress;
#[cfg(test)]
mod tests;

use crate::input;
use crate::model::{Coverage, Limits, Name, Timestamp};
use crate::record::Tz;
use std::path::PathBuf;

/// How inputs are to be read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The zone of stamps that print none (`--tz`); UTC is assumed when it is not given.
    pub tz: Option<Tz>,
    /// The year of stamps that print none (`--year`).
    pub year: Option<i32>,
    /// What time it is, for inputs that have no date of their own.
    pub now: Timestamp,
    /// Hosts of inputs whose lines do not name theirs: a file, or a directory of files (`-n NAME=PATH`).
    pub names: Vec<(Name, PathBuf)>,
    /// Events before this are left out; events without any stamp stay.
    pub since: Option<Timestamp>,
    /// Events after this are left out.
    pub until: Option<Timestamp>,
    /// Threads that scan blocks.
    pub threads: usize,
    /// Bounds of what is kept.
    pub limits: Limits,
}

impl ReadOptions {
    /// Nothing given, at the instant `now`.
    pub fn new(now: Timestamp) -> ReadOptions {
        ReadOptions {
            tz: None,
            year: None,
            now,
            names: Vec::new(),
            since: None,
            until: None,
            threads: 1,
            limits: Limits::default(),
        }
    }

    /// Whether an event at `at` is asked for.
    fn wants(&self, at: Option<Timestamp>) -> bool {
        at.is_none_or(|at| {
            self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at <= until)
        })
    }
}

/// What the reading met, apart from the events.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Counts of every input, and what a reader should know about how they were read.
    pub coverage: Coverage,
    /// Inputs that could not be read, or not to their end.
    pub failures: Vec<input::Error>,
}
