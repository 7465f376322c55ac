//! The pure heart: events in, a report out.
//! In: events in time order. Out: updates while the log goes on, and a `Report` at its end.
//! Never: reads, prints, owns a thread, or asks what time it is.

use crate::cluster::given::Given;
use crate::cluster::{Change, ChangeKind, Cluster};
use crate::event::corosync::{Corosync, main::Main};
use crate::event::{Event, Kind, Message};
use crate::incident::lanes::Lanes;
use crate::incident::spells::Spells;
use crate::model::{Basis, Coverage, Limits, Line, Span, Timestamp, When};
use crate::pattern::engine::Engine;
use crate::pattern::{Fact, Match, Pattern, Update, Vocabulary};
use crate::report::Report;
use crate::report::build::{Material, Timeline};
use std::sync::Arc;

/// Log time that passes between two looks at what has become stale.
const TICK: Span = Span(1_000_000);
/// Changes kept for timelines; a story longer than that is told by its findings.
const TIMELINE: usize = 4_000;

/// What patterns may name: events, changes, and the state at the end of the log that advice may ask of.
pub fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::of_events(&crate::event::vocabulary());
    // Which service of pmxcfs, or which HA daemon, printed a line stands beside the message's own fields.
    for sample in crate::event::pmxcfs::Pmxcfs::SAMPLES {
        vocabulary.add(sample.name, &["domain"]);
    }
    for sample in crate::event::ha::Ha::SAMPLES {
        vocabulary.add(sample.name, &["daemon"]);
    }
    for sample in ChangeKind::VOCABULARY {
        vocabulary.add(sample.name, sample.fields);
    }
    vocabulary.add_state(&crate::report::story::STATE);
    vocabulary
}

/// What follow mode tells while the log goes on.
#[derive(Clone, Debug)]
pub enum News {
    /// A finding began.
    Opened(Match),
    /// A finding grew.
    Grew(Match),
    /// A finding ended.
    Closed(Match),
}

/// Turns events into a report. Batch and follow drive the same value.
pub struct Analyzer {
    cluster: Cluster,
    engine: Engine,
    lanes: Lanes,
    spells: Spells,
    boots: Vec<Change>,
    timeline: Vec<Change>,
    timeline_left_out: u64,
    changes: Vec<Change>,
    order: u64,
    latest: Option<Timestamp>,
    ticked: Option<Timestamp>,
}

impl Analyzer {
    /// An analyzer that has seen nothing.
    pub fn new(patterns: Vec<Arc<Pattern>>, limits: &Limits) -> Analyzer {
        Analyzer {
            cluster: Cluster::default(),
            engine: Engine::new(patterns, limits),
            lanes: Lanes::new(limits),
            spells: Spells::new(limits),
            boots: Vec::new(),
            timeline: Vec::new(),
            timeline_left_out: 0,
            changes: Vec::new(),
            order: 0,
            latest: None,
            ticked: None,
        }
    }

    /// The same analyzer, told what the configuration of the cluster says.
    pub fn given(mut self, given: &Given) -> Analyzer {
        self.cluster = Cluster::given(given);
        self
    }

    /// The same analyzer without news, for logs that are read to their end at once.
    pub fn silent(mut self) -> Analyzer {
        self.engine = self.engine.silent();
        self
    }

    /// Takes the next event; appends what it did to the findings.
    pub fn push(&mut self, event: &Event, news: &mut Vec<News>) {
        self.order += 1;
        let when = When {
            at: event.at,
            order: self.order,
        };
        let mut updates = Vec::new();
        if let Some(at) = event.at {
            self.latest = self.latest.max(Some(at));
            if self.ticked.is_none_or(|ticked| at.since(ticked) >= TICK) {
                self.ticked = Some(at);
                self.engine.tick(when, &mut updates);
            }
        }
        let mut changes = std::mem::take(&mut self.changes);
        let Some(node) = self.cluster.step(event, when, &mut changes) else {
            self.changes = changes;
            news.extend(updates.into_iter().map(News::from));
            return;
        };
        let corosync = matches!(event.kind, Kind::Corosync(_));
        let starting = matches!(
            event.kind,
            Kind::Corosync(Corosync::Main(Main::Starting { .. }))
        );
        self.spells.hear(node, when, corosync, starting);
        let name = event.kind.name();
        if self.engine.wants(name) {
            let fact = Fact {
                name,
                when,
                node: Some(node),
                fields: event.kind.fields(),
                basis: Basis::Stated,
                lines: vec![Line {
                    place: event.place,
                    at: event.at,
                    text: event.text.clone(),
                }],
            };
            self.engine.see(fact, &mut updates);
        }
        self.take(&mut changes, &mut updates);
        self.changes = changes;
        news.extend(updates.into_iter().map(News::from));
    }

    /// The report, now that the log is over.
    pub fn finish(mut self, coverage: Coverage, paths: Vec<String>) -> Report {
        let end = self.end();
        let engine = std::mem::replace(
            &mut self.engine,
            Engine::new(Vec::new(), &Limits::default()),
        );
        let (matches, left_out) = engine.finish(end);
        self.material(matches, left_out, coverage, paths, end)
    }

    /// The report as it would be if nothing but `matches` had been found so far, for streams that go on.
    pub fn snapshot(&self, matches: Vec<Match>, paths: Vec<String>) -> Report {
        let end = When {
            at: self.latest,
            order: self.order + 1,
        };
        self.material(matches, 0, Coverage::default(), paths, end)
    }

    fn material(
        &self,
        matches: Vec<Match>,
        left_out: u64,
        coverage: Coverage,
        paths: Vec<String>,
        end: When,
    ) -> Report {
        crate::report::build::report(Material {
            cluster: &self.cluster,
            matches,
            matches_left_out: left_out,
            lanes: &self.lanes,
            spells: &self.spells,
            boots: &self.boots,
            timeline: Timeline::of(&self.timeline),
            timeline_left_out: self.timeline_left_out,
            coverage,
            paths: paths.into_iter().map(Arc::from).collect(),
            end,
        })
    }

    /// The matches alone, and the cluster at the end: what a pattern's own examples are judged by.
    pub fn finish_matches(mut self) -> (Vec<Match>, Cluster) {
        let end = self.end();
        let (matches, _) = self.engine.finish(end);
        (matches, self.cluster)
    }

    /// Says to the machines that the log is over.
    fn end(&mut self) -> When {
        let end = When {
            at: self.latest,
            order: self.order + 1,
        };
        let mut changes = Vec::new();
        let mut updates = Vec::new();
        self.cluster.finish(end, &mut changes);
        self.take(&mut changes, &mut updates);
        end
    }

    fn take(&mut self, changes: &mut Vec<Change>, updates: &mut Vec<Update>) {
        for change in changes.drain(..) {
            self.lanes.step(&change);
            self.spells.step(&change);
            if matches!(change.kind, ChangeKind::BootJudged { .. }) {
                self.boots.push(change.clone());
            }
            if !matches!(change.kind, ChangeKind::NetworkSign { .. }) {
                if self.timeline.len() < TIMELINE {
                    self.timeline.push(change.clone());
                } else {
                    self.timeline_left_out += 1;
                }
            }
            if self.engine.wants(change.kind.name()) {
                let fact = Fact {
                    name: change.kind.name(),
                    when: change.when,
                    node: change.node,
                    fields: change.kind.fields(),
                    basis: change.basis,
                    lines: change.lines,
                };
                self.engine.see(fact, updates);
            }
        }
    }
}

impl From<Update> for News {
    fn from(update: Update) -> News {
        match update {
            Update::Opened(found) => News::Opened(found),
            Update::Grew(found) => News::Grew(found),
            Update::Closed(found) => News::Closed(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_pattern_is_right() {
        if let Err(errors) = crate::pattern::builtin::builtin(&vocabulary()) {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", told.join("\n"));
        }
    }
}
