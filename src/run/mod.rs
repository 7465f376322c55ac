//! The wiring: reading in parallel, reasoning in order.
//! In: a plan. Out: a report, events, or what differs from a case's expectations.
//! Never: words a finding; knows clap.

pub mod again;
pub mod batch;
pub mod boot;
pub mod events;
pub mod examples;
pub mod follow;
pub mod live;
mod marker;
pub mod moment;
mod order;
mod progress;
pub mod redact;
mod sieve;
mod tail;
#[cfg(test)]
mod tests;
mod twice;
pub mod verify;

use crate::analyzer::Analyzer;
pub use crate::cluster::given::{Given, Holds, Link, Storage};
use crate::config::{self, Configuration};
pub use crate::event::OF_CLUSTER;
use crate::event::{Event, chatter};
use crate::input::{self, Only, Source, Taken};
use crate::model::{Coverage, InputCoverage, Limits, Name, Timestamp};
use crate::pattern::Pattern;
use crate::record::Tz;
use crate::report::Report;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// What is called at every block, from whichever thread reads it.
#[derive(Clone)]
pub struct Tick(Arc<dyn Fn() + Send + Sync>);

impl Tick {
    /// Calls this.
    pub fn new(call: impl Fn() + Send + Sync + 'static) -> Tick {
        Tick(Arc::new(call))
    }
}

impl std::fmt::Debug for Tick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tick")
    }
}

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
    /// Folders of nodes by their own names, for lines that name no host.
    pub folders: Vec<(Name, PathBuf)>,
    /// Events before this are left out; events without any stamp stay.
    pub since: Option<Timestamp>,
    /// Events after this are left out.
    pub until: Option<Timestamp>,
    /// The boots that are read; all when none was chosen.
    pub boot: Option<Arc<boot::Chosen>>,
    /// Threads that scan blocks.
    pub threads: usize,
    /// Whether an input with few lines of ours is scanned by one of them: more would wait for memory more than they save.
    pub sparing: bool,
    /// Whether clocks of several hosts are compared, and their stamps corrected.
    pub skew: bool,
    /// Whether what several inputs hold counts once.
    pub once: bool,
    /// Whether events are wanted that an analysis leaves out.
    pub chatter: bool,
    /// The programs whose lines are read, where not all are.
    pub only: Option<Only>,
    /// Who is told that the reading goes on.
    pub tick: Option<Tick>,
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
            folders: Vec::new(),
            since: None,
            until: None,
            boot: None,
            threads: 1,
            sparing: false,
            skew: true,
            once: true,
            chatter: false,
            only: None,
            tick: None,
            limits: Limits::default(),
        }
    }

    /// Asks for chatter if one of these patterns does.
    fn listen(&mut self, patterns: &[Arc<Pattern>]) {
        let names = chatter::names();
        self.chatter |= patterns
            .iter()
            .flat_map(|pattern| pattern.form.clauses())
            .any(|clause| clause.see.iter().any(|name| names.contains(name)));
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

/// What is to be read, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files, directories, `-`; standard input when there is none.
    pub paths: Vec<PathBuf>,
    /// How.
    pub read: ReadOptions,
    /// What the configuration of the cluster says.
    pub given: Given,
}

/// A report, and what stood in its way.
#[derive(Debug)]
pub struct Verdict {
    /// The report over what could be read.
    pub report: Report,
    /// What could not be read.
    pub failures: Vec<input::Error>,
    /// Whether anything that was read looks like a log.
    pub recognised: bool,
}

/// What a plan's paths hold.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Logs, and whatever was named itself.
    sources: Vec<Source>,
    /// Files of configuration that stand beside the logs in folders and archives.
    settings: Vec<Source>,
    /// Files in folders and archives that are neither.
    left_out: Vec<String>,
    /// What became of the configuration.
    remarks: Vec<String>,
    /// What could not be looked at.
    failures: Vec<input::Error>,
    /// What was read of the logs.
    taken: Taken,
    /// Whether they are read twice.
    twice: bool,
}

impl Inputs {
    fn of((sources, failures): (Vec<Source>, Vec<input::Error>)) -> Inputs {
        let mut inputs = batch::choose(sources);
        inputs.failures = failures;
        for source in &mut inputs.sources {
            source.taken = inputs.taken.clone();
        }
        inputs
    }

    /// Bytes that the logs have, packed as they are; `None` where nobody knows.
    pub fn size(&self) -> Option<u64> {
        let once: Option<u64> = self.sources.iter().map(Source::size).sum();
        once.map(|bytes| bytes * if self.twice { 2 } else { 1 })
    }

    /// Whether all are files in which nothing is; then nothing will be read of them either.
    pub fn are_empty(&mut self) -> bool {
        let empty: Option<Vec<Source>> = self.sources.iter().map(Source::if_empty).collect();
        match empty {
            // What could not be looked at may hold anything, and has to be told.
            Some(sources) if !sources.is_empty() && self.failures.is_empty() => {
                self.sources = sources;
                true
            }
            _ => false,
        }
    }

    /// Makes sure that they can be read twice: what comes through a pipe is kept in memory.
    pub fn read_twice(&mut self) {
        self.twice = true;
        for source in std::mem::take(&mut self.sources) {
            match source.again() {
                Ok(source) => self.sources.push(source),
                Err(why) => self.failures.push(why),
            }
        }
    }

    /// The logs, to look at them a second time.
    pub fn sources(&self) -> Vec<Source> {
        self.sources.clone()
    }

    /// How many logs there are.
    pub fn count(&self) -> usize {
        self.sources.len()
    }

    /// What counts them when they are read.
    pub fn taken(&self) -> Taken {
        self.taken.clone()
    }

    /// The configuration that stands beside the logs, if it is one of a cluster.
    pub fn configuration(&mut self) -> Option<Configuration> {
        let settings = std::mem::take(&mut self.settings);
        let names: Vec<String> = settings.iter().map(|file| file.name.clone()).collect();
        let found = config::beside(settings);
        let used: Vec<String> = found
            .iter()
            .flat_map(|c| &c.files)
            .map(|f| f.name.clone())
            .collect();
        self.left_out.extend(names.into_iter().filter(|name| {
            !used.contains(name) && !self.sources.iter().any(|source| source.name == *name)
        }));
        if !used.is_empty() {
            self.remarks.push(format!(
                "configuration that stands beside the logs was used: {}",
                some(&used)
            ));
        }
        found
    }

    /// Leaves that configuration alone, where another was named.
    pub fn leave_configuration(&mut self) {
        let names: Vec<String> = self.settings.drain(..).map(|file| file.name).collect();
        if !names.is_empty() {
            self.remarks.push(format!(
                "configuration that stands beside the logs was left alone, since another is given: {}",
                some(&names)
            ));
        }
    }
}

impl Plan {
    /// Looks at what the paths hold.
    pub fn find(&self) -> Inputs {
        Inputs::of(input::discover(&self.named()))
    }

    /// The same, for who waits for the end of a pipe anyway: it may bring an archive.
    pub fn find_whole(&self) -> Inputs {
        Inputs::of(input::discover_whole(&self.named()))
    }

    fn named(&self) -> Vec<PathBuf> {
        match self.paths.is_empty() {
            true => vec![PathBuf::from("-")],
            false => self.paths.clone(),
        }
    }
}

/// Reads what the plan names and hands every event on in order of time; those of a single pipe as they come, with `flush` after
/// everything that came at once.
pub fn read(
    plan: &Plan,
    consume: &mut dyn FnMut(&[String], &Event),
    flush: &mut dyn FnMut(),
) -> (Outcome, Vec<String>) {
    gather(plan.find(), &plan.read, Source::is_pipe, consume, flush)
}

/// The same of what was found already.
pub fn read_found(
    inputs: Inputs,
    options: &ReadOptions,
    consume: &mut dyn FnMut(&[String], &Event),
    flush: &mut dyn FnMut(),
) -> (Outcome, Vec<String>) {
    gather(inputs, options, Source::is_pipe, consume, flush)
}

/// Reads everything; a single source of which `is_live` says so is handed on as its lines come.
fn gather(
    inputs: Inputs,
    options: &ReadOptions,
    is_live: fn(&Source) -> bool,
    consume: &mut dyn FnMut(&[String], &Event),
    flush: &mut dyn FnMut(),
) -> (Outcome, Vec<String>) {
    let Inputs {
        sources,
        settings,
        mut left_out,
        remarks,
        mut failures,
        taken: _,
        twice: _,
    } = inputs;
    // Nobody asked for it.
    left_out.extend(settings.into_iter().map(|file| file.name));
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let mut choice = options.boot.as_deref().map(boot::Chosen::choice);
    let mut consume = |event: &Event| {
        if choice.as_mut().is_none_or(|choice| choice.takes(event)) {
            consume(&names, event);
        }
    };
    let mut outcome = match &sources[..] {
        [only] if is_live(only) => {
            let mut flush = || {
                flush();
                ControlFlow::Continue(())
            };
            follow::follow(only, options, &mut consume, &mut flush)
        }
        _ => batch::read_all(sources, options, &mut consume),
    };
    outcome.coverage.remarks.extend(remarks);
    if let Some(Only(only)) = &options.only {
        outcome.coverage.remarks.push(format!(
            "only lines of {} were read: what other programs said is not known",
            only.join(", ")
        ));
    }
    outcome.coverage.left_out.clone_from(&left_out);
    match (names.is_empty(), left_out.len()) {
        (_, 0) => {}
        (true, files) => {
            let name = some(&left_out);
            failures.push(input::Error::NoLogs { name, files });
        }
        (false, 1) => outcome.coverage.remarks.push(format!(
            "1 file is no log and was left out: {}",
            some(&left_out)
        )),
        (false, files) => outcome.coverage.remarks.push(format!(
            "{files} files are no logs and were left out: {}",
            some(&left_out)
        )),
    }
    // What could not even be looked at is part of the answer too; what broke while it was read is said by the reader.
    outcome
        .coverage
        .remarks
        .extend(failures.iter().map(ToString::to_string));
    failures.append(&mut outcome.failures);
    outcome.failures = failures;
    (outcome, names)
}

/// Files that are named when they are left out.
const NAMED: usize = 3;

fn some(files: &[String]) -> String {
    let mut names = files[..files.len().min(NAMED)].join(", ");
    if files.len() > NAMED {
        names += &format!(" and {} more", files.len() - NAMED);
    }
    names
}

/// Reads what was found for the plan and tells what happened.
pub fn analyze(plan: &Plan, inputs: Inputs, patterns: &[Arc<Pattern>]) -> Verdict {
    let mut options = plan.read.clone();
    options.listen(patterns);
    let analyzer = Analyzer::new(patterns.to_vec(), &options.limits);
    let mut analyzer = analyzer.given(&plan.given).silent();
    let mut news = Vec::new();
    // Nothing is told before the end, so a pipe may be put in order like a file.
    let (outcome, names) = gather(
        inputs,
        &options,
        |_| false,
        &mut |_, event| analyzer.push(event, &mut news),
        &mut || {},
    );
    let recognised = recognised(&outcome.coverage);
    let mut report = analyzer.finish(outcome.coverage, names);
    if let Some(chosen) = &options.boot {
        chosen.tell(&mut report);
    }
    Verdict {
        report,
        failures: outcome.failures,
        recognised,
    }
}

/// Whether anything that was read looks like a log.
fn recognised(coverage: &Coverage) -> bool {
    coverage.inputs.iter().any(InputCoverage::is_log)
}
