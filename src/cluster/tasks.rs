//! Tasks: what somebody or a schedule had a node do, from its beginning to its end.
//! In: lines of tasks, of replication jobs, of zed, and of a configuration that was read anew. Out: `Task`s.
//! Never: says that a task caused anything.

use super::Seen;
use crate::event::Kind;
use crate::event::corosync::{Corosync, cfg::Cfg};
use crate::event::pve_replication::PveReplication;
use crate::event::pve_task::PveTask;
use crate::event::systemd::Systemd;
use crate::event::zed::Zed;
use crate::model::{Line, Observer, Span, Timestamp, When};
use std::collections::VecDeque;

/// Tasks that are remembered.
const TASKS: usize = 5_000;
/// The kind of the upgrade that a timer starts.
const UPGRADE: &str = "upgrade";
/// A task without an end that began longer ago is not taken to run still.
const LONGEST_S: f64 = 86_400.0;

/// The latest tasks.
#[derive(Debug, Default)]
pub struct Tasks {
    all: VecDeque<Task>,
    /// Those before them.
    left_out: u64,
}

/// A task.
#[derive(Debug)]
pub struct Task {
    /// Where it runs.
    pub node: Observer,
    /// Its process.
    pub pid: Option<u64>,
    /// Its type, `vzdump`, `qmigrate`; `replication`, `scrub_start`, `upgrade`, `corosync.conf` for what is no task of Proxmox VE.
    pub kind: String,
    /// What it works on: the number of a guest, a job, a pool; empty for several guests.
    pub id: String,
    /// When it began.
    pub began: When,
    /// When it ended, or when its node booted.
    pub ended: Option<When>,
    /// How far it is.
    pub state: State,
    /// The line of its beginning.
    pub line: Line,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No line tells of an end.
    Running,
    /// Its node booted before it ended.
    Dead,
    /// It ended with an error.
    Failed,
    /// It ended well.
    Done,
}

impl State {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Dead => "dead",
            State::Failed => "failed",
            State::Done => "done",
        }
    }
}

impl Task {
    /// How far it is, as far as that is known: which guest a job of several is at is not.
    pub fn word(&self, now: When) -> &'static str {
        match self.state {
            State::Running if self.id.is_empty() || !self.is_young(now) => "maybe-running",
            state => state.word(),
        }
    }

    /// Whether it may still run although no line tells of an end.
    fn is_young(&self, now: When) -> bool {
        let young = |span: Span| span.seconds() <= LONGEST_S;
        now.since(self.began).is_none_or(young)
    }

    /// Whether it ran at an instant.
    pub fn ran_at(&self, when: When) -> bool {
        let not_after = |a: When, b: When| match b.since(a) {
            Some(span) => span.0 >= 0,
            None => a.order <= b.order,
        };
        let ended = self.ended.map(|ended| not_after(when, ended));
        not_after(self.began, when) && ended.unwrap_or_else(|| self.is_young(when))
    }

    /// What it is, if it is one that loads or changes a node.
    pub fn load(&self) -> Option<&'static str> {
        let of_guest = |kind: &str| self.kind.ends_with(kind);
        Some(match &*self.kind {
            "vzdump" => "backup",
            "replication" => "replication",
            "corosync.conf" => "change of corosync.conf",
            "scrub_start" => "scrub",
            "resilver_start" => "resilver",
            UPGRADE => "upgrade of packages",
            _ if of_guest("migrate") => "migration",
            _ if of_guest("restore") => "restore",
            _ if of_guest("clone") => "clone",
            "qmmove" | "move_volume" => "move of a disk",
            _ if of_guest("snapshot") => "snapshot",
            _ => return None,
        })
    }
}

impl Tasks {
    /// All that are remembered, in the order in which they began.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.all.iter()
    }

    /// Tasks that are not remembered any more.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>) {
        match &seen.event.kind {
            Kind::PveTask(PveTask::Started { task, id, pid, .. }) => {
                self.begin(task, id, Some(pid.0), seen);
            }
            Kind::PveTask(PveTask::Ended {
                task,
                id,
                pid,
                started,
                status,
                ..
            }) => {
                let fine = &**status == "OK" || status.starts_with("WARNINGS");
                let state = if fine { State::Done } else { State::Failed };
                let same = |known: &&Task| {
                    known.node == seen.node && known.pid == Some(pid.0) && known.kind == **task
                };
                if !self.all.iter().rev().any(|known| same(&known)) {
                    // The index of tasks has but the end of each; a UPID says when it began.
                    self.begin(task, id, Some(pid.0), seen);
                    if let Some(begun) = self.all.back_mut() {
                        let at = i64::try_from(started.0).ok().map(Timestamp::from_seconds);
                        begun.began.at = at.or(begun.began.at);
                    }
                }
                self.end(task, id, state, seen);
            }
            Kind::PveReplication(PveReplication::JobStarted { job }) => {
                self.begin("replication", job, None, seen);
            }
            Kind::PveReplication(PveReplication::JobDone { job }) => {
                self.end("replication", job, State::Done, seen);
            }
            Kind::PveReplication(PveReplication::JobFailed { job, .. }) => {
                self.end("replication", job, State::Failed, seen);
            }
            Kind::Corosync(Corosync::Cfg(Cfg::Reload { .. })) => {
                self.begin("corosync.conf", "", None, seen);
                self.end("corosync.conf", "", State::Done, seen);
            }
            Kind::Systemd(Systemd::UpgradeBegan {}) => self.begin(UPGRADE, "", None, seen),
            Kind::Systemd(Systemd::UpgradeDone {}) => self.end(UPGRADE, "", State::Done, seen),
            Kind::Systemd(Systemd::UpgradeFailed {}) => self.end(UPGRADE, "", State::Failed, seen),
            Kind::Zed(Zed::Care { class, pool, .. }) => match &**class {
                "scrub_start" | "resilver_start" => self.begin(class, pool, None, seen),
                "scrub_finish" | "scrub_abort" => self.end("scrub_start", pool, State::Done, seen),
                "resilver_finish" => self.end("resilver_start", pool, State::Done, seen),
                _ => {}
            },
            _ => {}
        }
    }

    /// Whatever ran on a node is dead when it boots.
    pub fn booted(&mut self, node: Observer, when: When) {
        let running = |task: &&mut Task| task.node == node && task.state == State::Running;
        for task in self.all.iter_mut().filter(running) {
            task.state = State::Dead;
            task.ended = Some(when);
        }
    }

    fn begin(&mut self, kind: &str, id: &str, pid: Option<u64>, seen: &Seen<'_>) {
        if self.all.len() == TASKS {
            self.all.pop_front();
            self.left_out += 1;
        }
        self.all.push_back(Task {
            node: seen.node,
            pid,
            kind: kind.to_owned(),
            id: id.to_owned(),
            began: seen.when,
            ended: None,
            state: State::Running,
            line: seen.line(),
        });
    }

    fn end(&mut self, kind: &str, id: &str, state: State, seen: &Seen<'_>) {
        let own = |task: &&mut Task| {
            let running = task.state == State::Running;
            running && task.node == seen.node && task.kind == kind && task.id == id
        };
        if let Some(task) = self.all.iter_mut().rev().find(own) {
            task.state = state;
            task.ended = Some(seen.when);
        }
    }
}
