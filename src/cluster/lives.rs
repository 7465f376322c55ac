//! The boots of a node, as `journalctl --list-boots` lists them, and how each ended.
//! In: the events of one node, which of them begins a boot, and how boots were judged. Out: a list, the oldest first.
//! Never: judges; keeps more than the newest boots.

use super::Seen;
use super::change::{Change, ChangeKind};
use crate::event::journald::Journald;
use crate::event::{Event, Kind};
use crate::model::{Line, Name, Observer, When};
use std::collections::VecDeque;

/// Boots that are kept of a node; of older ones it is known that they were.
const KEPT: usize = 500;

/// One boot, from its first line that is understood to its last.
#[derive(Clone, Debug)]
pub struct Life {
    /// Its id, where a line or the journal names it.
    pub id: Option<Name>,
    /// Its first line.
    pub first: When,
    /// The same, as it stands.
    pub line: Line,
    /// Its last line.
    pub last: When,
    /// How it ended; `None` where the logs end with it.
    pub ended: Option<&'static str>,
}

/// All boots of one node.
#[derive(Clone, Debug, Default)]
pub struct Lives {
    lives: VecDeque<Life>,
    /// Older ones that are not kept.
    forgotten: u32,
}

impl Lives {
    /// Takes one event. `begins` says that it is the first one of a boot.
    pub fn step(&mut self, seen: &Seen<'_>, begins: bool) {
        // What is told of boots by those who were not there, or by nobody, is no line of one.
        if matches!(
            &seen.event.kind,
            Kind::Last(_) | Kind::Journald(Journald::NulRun { .. })
        ) {
            return;
        }
        match self.lives.back_mut() {
            Some(life) if !begins => {
                let earlier = seen.when.since(life.last).is_some_and(|span| span.0 < 0);
                if !earlier {
                    life.last = seen.when;
                }
                life.first.at = life.first.at.or(seen.when.at);
                life.id = life.id.take().or_else(|| id_of(seen.event));
            }
            _ => {
                if self.lives.len() == KEPT {
                    self.lives.pop_front();
                    self.forgotten += 1;
                }
                self.lives.push_back(Life {
                    id: id_of(seen.event),
                    first: seen.when,
                    line: seen.line(),
                    last: seen.when,
                    ended: None,
                });
            }
        }
    }

    /// Takes how the boot before the newest one ended, before the next one begins.
    pub fn judged<'c>(&mut self, node: Observer, changes: impl IntoIterator<Item = &'c Change>) {
        for change in changes {
            let ChangeKind::BootJudged { verdict, .. } = &change.kind else {
                continue;
            };
            let before = self.lives.len().checked_sub(2);
            if change.node == Some(node)
                && let Some(life) = before.and_then(|n| self.lives.get_mut(n))
            {
                life.ended = Some(verdict);
                life.last = change.when;
            }
        }
    }

    /// Says how the newest one ended, where its own lines or those of others tell although no boot follows.
    pub fn over(&mut self, ended: Option<&'static str>) {
        if let Some(life) = self.lives.back_mut() {
            life.ended = life.ended.or(ended);
        }
    }

    /// All that are kept, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Life> + ExactSizeIterator {
        self.lives.iter()
    }

    /// Older ones that are not kept.
    pub fn forgotten(&self) -> u32 {
        self.forgotten
    }
}

/// The boot that an event says it is of.
fn id_of(event: &Event) -> Option<Name> {
    let marker = match &event.kind {
        Kind::Journald(Journald::BootMarker { id }) => id.as_ref().map(|id| Name::from(&*id.0)),
        _ => None,
    };
    marker.or_else(|| event.boot.clone())
}
