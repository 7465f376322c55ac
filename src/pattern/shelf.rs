//! Where matches end up: bounded, the worse ones first to stay.
//! In: live matches as they begin, grow and end. Out: finished matches, updates, the count of those left out.
//! Never: changes a match.

use super::live::Live;
use super::{Match, Update};
use crate::model::{Limits, Severity};

/// Finished matches and the news of a fact.
pub(super) struct Shelf {
    done: Vec<Match>,
    /// Live matches of all patterns.
    live: usize,
    by_severity: [usize; Severity::ALL.len()],
    left_out: u64,
    findings_max: usize,
    lines_max: usize,
    /// Whether anybody listens.
    pub tells: bool,
    /// The news since the last fact.
    pub news: Vec<Update>,
}

impl Shelf {
    pub fn new(limits: &Limits) -> Shelf {
        Shelf {
            done: Vec::new(),
            live: 0,
            by_severity: [0; Severity::ALL.len()],
            left_out: 0,
            findings_max: limits.findings,
            lines_max: limits.evidence_lines,
            tells: true,
            news: Vec::new(),
        }
    }

    /// Lines that a match keeps.
    pub fn lines_max(&self) -> usize {
        self.lines_max
    }

    /// Matches that found no room, or lost it to worse ones. One that found none is counted each time it tries to begin.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Makes room for one more live match, if need be at the cost of the latest of the mildest finished ones.
    pub fn make_room(&mut self, severity: Severity) -> bool {
        if self.live + self.done.len() >= self.findings_max {
            self.left_out += 1;
            let milder = (0..severity as usize).find(|n| self.by_severity[*n] > 0);
            let Some(mildest) = milder else { return false };
            let is_mildest = |done: &Match| done.severity as usize == mildest;
            let Some(at) = self.done.iter().rposition(is_mildest) else {
                return false;
            };
            self.done.remove(at);
            self.by_severity[mildest] -= 1;
        }
        self.live += 1;
        true
    }

    /// Takes a match that nothing can join any more.
    pub fn put(&mut self, live: Live) {
        let done = live.into_match();
        self.live = self.live.saturating_sub(1);
        self.by_severity[done.severity as usize] += 1;
        self.done.push(done);
    }

    /// Tells that a match began or grew.
    pub fn tell_growth(&mut self, live: &mut Live) {
        if self.tells {
            let shown = live.to_match();
            self.news.push(if std::mem::replace(&mut live.begun, true) {
                Update::Grew(shown)
            } else {
                Update::Opened(shown)
            });
        }
    }

    /// Tells once that a match ended.
    pub fn tell_end(&mut self, live: &mut Live) {
        if self.tells && !std::mem::replace(&mut live.told, true) {
            self.news.push(Update::Closed(live.to_match()));
        }
    }

    /// All finished matches, in the order in which they began.
    pub fn into_matches(self) -> Vec<Match> {
        let mut done = self.done;
        done.sort_by(|a, b| {
            let order = |m: &Match| m.began.order;
            order(a)
                .cmp(&order(b))
                .then_with(|| a.pattern.id().cmp(b.pattern.id()))
                .then_with(|| a.node.cmp(&b.node))
                .then_with(|| a.subject.cmp(&b.subject))
        });
        done
    }
}
