//! The answer as a stream, while the log goes on.
//! In: a pipe. Out: a JSON line for every finding and incident when it opens, changes or closes; the rest at the end.
//! Never: holds a line back that a finding waits for, or a finding that nothing waits behind.

use super::{Plan, Verdict, follow, recognised};
use crate::analyzer::{Analyzer, News};
use crate::input::Source;
use crate::pattern::{Match, Pattern};
use crate::render;
use crate::report::Report;
use serde::Serialize;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Findings that are compared at every step; older ones have been told.
const RECENT: usize = 200;
/// Reads of a log that is there already between two looks at what they brought, at most.
const PATIENCE: u32 = 31;

/// Follows `source` and writes what changes; returns the whole report at its end, to which `finish` has added what only a
/// whole report lets it say.
pub fn stream(
    source: &Source,
    plan: &Plan,
    patterns: &[Arc<Pattern>],
    finish: &dyn Fn(&mut Report),
    out: &mut dyn Write,
) -> io::Result<Verdict> {
    let mut read = plan.read.clone();
    read.listen(patterns);
    let mut analyzer = Analyzer::new(patterns.to_vec(), &read.limits).given(&plan.given);
    let state = std::cell::RefCell::new((&mut analyzer, Vec::new()));
    let mut told = Told {
        out,
        written: BTreeMap::new(),
        recent: Vec::new(),
        untold: false,
        opened: 0,
        reads: 0,
        patience: 0,
        failed: None,
    };
    let names = vec![source.name.clone()];
    let outcome = follow::follow(
        source,
        &read,
        &mut |event| {
            let (analyzer, news) = &mut *state.borrow_mut();
            analyzer.push(event, news);
        },
        &mut || {
            let (analyzer, news) = &mut *state.borrow_mut();
            told.take(news);
            if told.is_due(source) {
                let report = analyzer.snapshot(told.recent.clone(), names.clone());
                told.tell(&report);
            }
            // Whoever read it has gone, or the disk is full: there is nobody to read the rest for.
            match told.failed {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        },
    );
    if let Some(error) = told.failed.take() {
        return Err(error);
    }
    let recognised = recognised(&outcome.coverage);
    let mut report = analyzer.finish(outcome.coverage, names);
    finish(&mut report);
    told.tell(&report);
    told.end(&report)?;
    Ok(Verdict {
        report,
        failures: outcome.failures,
        recognised,
    })
}

/// What has been written.
struct Told<'o> {
    out: &'o mut dyn Write,
    /// What the last line written of a finding or incident hashes to, by its id.
    written: BTreeMap<String, u64>,
    recent: Vec<Match>,
    /// Whether there is news since what was told last.
    untold: bool,
    /// How many findings began since then.
    opened: usize,
    /// Reads since then behind which more waited, and how many of them are waited for.
    reads: u32,
    patience: u32,
    failed: Option<io::Error>,
}

impl Told<'_> {
    /// Takes what the engine says of its matches.
    fn take(&mut self, news: &mut Vec<News>) {
        self.untold |= !news.is_empty();
        for item in news.drain(..) {
            self.opened += usize::from(matches!(item, News::Opened(_)));
            let (News::Opened(found) | News::Grew(found) | News::Closed(found)) = item;
            let same = |other: &Match| {
                other.pattern.id() == found.pattern.id()
                    && other.node == found.node
                    && other.subject == found.subject
                    && other.began.order == found.began.order
            };
            match self.recent.iter().position(same) {
                Some(n) => self.recent[n] = found,
                None => self.recent.push(found),
            }
        }
        self.recent.sort_by_key(|found| found.began.order);
        if self.recent.len() > RECENT {
            self.recent.drain(..self.recent.len() - RECENT);
        }
    }

    /// Whether there is something to be told, and now is the time. A report is made for it: a log that is there already and
    /// full of findings would wait for one behind every read. The first finding is told at once, and the last.
    fn is_due(&mut self, source: &Source) -> bool {
        if !self.untold {
            return false;
        }
        if !source.waits() {
            (self.reads, self.patience) = (0, 0);
            return true;
        }
        self.reads += 1;
        if self.reads <= self.patience && self.opened < RECENT / 2 {
            return false;
        }
        self.reads = 0;
        self.patience = PATIENCE.min(2 * self.patience + 1);
        true
    }

    /// Writes the findings and incidents that are new or have changed.
    fn tell(&mut self, report: &Report) {
        (self.untold, self.opened) = (false, 0);
        for finding in &report.findings {
            self.line("finding", &finding.id, finding);
        }
        for incident in &report.incidents {
            self.line("incident", &incident.id, incident);
        }
        if self.failed.is_none() {
            self.failed = self.out.flush().err();
        }
    }

    fn line(&mut self, kind: &str, id: &str, value: &impl Serialize) {
        let mut line = Vec::new();
        if render::jsonl_update(kind, value, &mut line).is_err() {
            return;
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(&line);
        let hash = hasher.finish();
        let known = self.written.insert(format!("{kind} {id}"), hash);
        if self.failed.is_none() && known != Some(hash) {
            self.failed = self.out.write_all(&line).err();
        }
    }

    /// Writes what is only known at the end.
    fn end(&mut self, report: &Report) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        for input in &report.inputs {
            render::jsonl_update("input", input, self.out)?;
        }
        render::jsonl_update("cluster", &report.cluster, self.out)?;
        for boot in &report.boots {
            render::jsonl_update("boot", boot, self.out)?;
        }
        for outage in &report.outages {
            render::jsonl_update("outage", outage, self.out)?;
        }
        render::jsonl_update("verdict", &report.verdict, self.out)?;
        self.out.flush()
    }
}
