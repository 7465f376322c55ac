//! The local resource manager of a node, its agent lock, and the fence clock; the local CRM's state beside it.
//! In: pve-ha-lrm, pve-ha-crm and watchdog-mux lines of one node, and what its token tells of silence. Out: `lrm.*`, `crm.*`,
//! `ha.*`.
//! Never: declares a node fenced; `power` does, at a boot or an end.

use super::token::Token;
use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::ha::{Daemon, Ha, Lock};
use crate::event::message::Field;
use crate::event::pve_ha_crm::{CrmState, PveHaCrm};
use crate::event::pve_ha_lrm::{LrmState, PveHaLrm};
use crate::event::watchdog_mux::WatchdogMux;
use crate::model::{Basis, Line, Span, Timestamp, When};

/// Seconds that a watchdog client may be silent before the node is reset. Source: pve-ha-manager watchdog-mux.c.
pub const BUDGET_S: f64 = 60.0;
/// A client is fed once per round, so the last feed may lie this long before the last token. Source: LRM.pm.
const ROUND_S: f64 = 11.0;

/// When the watchdog was last certainly fed, as far as lines tell.
#[derive(Clone, Copy, Debug)]
struct Unfed {
    /// The latest instant at which a feed was still possible.
    since: Option<Timestamp>,
    /// Silence of the token that the node had gathered by then, in seconds.
    silence_s: f64,
}

/// A lock that was lost.
#[derive(Clone, Debug)]
struct Lost {
    when: When,
    /// The lock's name.
    lock: String,
    line: Line,
    unfed: Unfed,
    armed: Option<bool>,
}

/// HA as one node's own daemons tell it.
#[derive(Debug, Default)]
pub struct Agent {
    lrm: Option<LrmState>,
    lrm_since: Option<When>,
    crm: Option<String>,
    crm_since: Option<When>,
    /// Whether the LRM's watchdog client is open.
    armed: Option<bool>,
    /// Whether the CRM's is: a master's hang or crash resets its node even when the LRM is idle.
    crm_armed: Option<bool>,
    agent_lost: Option<Lost>,
    manager_lost: Option<Lost>,
    /// Since when a client had been silent at least, by the multiplexer's warning.
    warned: Option<Timestamp>,
    /// The LRM said that it stops, restarts or hands its services over: a lock that goes with that is no loss.
    releasing: bool,
    /// Set when quorum was lost: a refresh cannot succeed from the token before that on.
    trouble: Option<Unfed>,
}

impl Agent {
    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>, token: &Token, out: &mut Sink) {
        match &seen.event.kind {
            Kind::PveHaLrm(PveHaLrm::StatusChange { from, to }) => {
                if *from == LrmState::Startup {
                    self.releasing = false;
                    if let Some(lost) = self.agent_lost.take() {
                        Self::settled("pve-ha-lrm", lost, seen, out);
                    }
                }
                self.lrm = Some(to.clone());
                self.lrm_since = Some(seen.when);
                match to {
                    LrmState::Active => self.armed = Some(true),
                    LrmState::WaitForAgentLock => self.armed = Some(false),
                    // A lock is only lost by who held it, and who holds it has its watchdog open.
                    LrmState::LostAgentLock => self.armed = self.armed.or(Some(true)),
                    _ => {}
                }
                let change = ChangeKind::LrmState {
                    from: from.word().to_owned(),
                    to: to.word().to_owned(),
                };
                out.push(seen, Basis::Stated, change);
            }
            Kind::PveHaLrm(
                PveHaLrm::RestartFreeze {}
                | PveHaLrm::ShutdownPolicy { .. }
                | PveHaLrm::Disarm { .. },
            ) => {
                self.releasing = true;
            }
            Kind::PveHaLrm(line) if line.is_node_shutdown() => self.releasing = true,
            Kind::PveHaCrm(PveHaCrm::StatusChange { from, to }) => {
                // Whoever is slave or master again, or waits for quorum with its watchdog closed, has settled with a lock
                // that it had lost.
                let settled = [CrmState::Slave, CrmState::Master, CrmState::WaitForQuorum];
                if settled.contains(to)
                    && let Some(lost) = self.manager_lost.take()
                {
                    Self::settled("pve-ha-crm", lost, seen, out);
                }
                // The CRM closes its client before it steps down; only a master holds one.
                self.crm_armed = match to {
                    CrmState::Master => Some(true),
                    CrmState::LostManagerLock => self.crm_armed,
                    _ => Some(false),
                };
                self.crm = Some(to.word().to_owned());
                self.crm_since = Some(seen.when);
                let change = ChangeKind::CrmState {
                    from: from.word().to_owned(),
                    to: to.word().to_owned(),
                };
                out.push(seen, Basis::Stated, change);
            }
            // 50 s of a client's 60 are used when the multiplexer warns, whatever other lines say.
            Kind::WatchdogMux(WatchdogMux::AboutToExpire { .. }) => {
                let warned = seen.when.at.map(|at| at.plus(Span::from_secs(-50)));
                self.warned = warned.or(self.warned);
            }
            Kind::Ha(daemon, message) => self.shared(daemon, message, seen, token, out),
            _ => {}
        }
    }

    fn shared(
        &mut self,
        daemon: &Daemon,
        message: &Ha,
        seen: &Seen<'_>,
        token: &Token,
        out: &mut Sink,
    ) {
        let lrm = matches!(daemon, Daemon::Lrm);
        match message {
            // A daemon that ended or starts has no client; one that vanished with its client open says so by itself.
            Ha::ServerStopped {} | Ha::ServerStarting {} => {
                *self.client(lrm) = Some(false);
                if lrm {
                    self.agent_lost = None;
                }
            }
            Ha::WatchdogActive {} => *self.client(lrm) = Some(true),
            Ha::WatchdogClosed {} => *self.client(lrm) = Some(false),
            // Up to 5.1.1 a release inside the same process could print this line; harmless then.
            Ha::LockLost { .. } if lrm && self.releasing => {}
            Ha::LockLost { lock, reason } => {
                let armed = *self.client(lrm);
                // An active LRM has its client open even when the log begins after it was opened.
                let armed = if lrm { armed.or(Some(true)) } else { armed };
                let unfed = self.trouble.unwrap_or(Unfed {
                    since: seen.when.at,
                    silence_s: token.silence_s,
                });
                let lost = Lost {
                    when: seen.when,
                    lock: lock.value().to_string(),
                    line: seen.line(),
                    unfed,
                    armed,
                };
                match lock {
                    Lock::Agent { .. } if lrm => self.agent_lost = Some(lost),
                    Lock::Manager => self.manager_lost = Some(lost),
                    _ => {}
                }
                let change = ChangeKind::HaLockLost {
                    lock: lock.value().to_string(),
                    daemon: if lrm { "pve-ha-lrm" } else { "pve-ha-crm" },
                    reason: reason.as_ref().map(|r| r.to_string()),
                    armed: if lrm { armed } else { None },
                };
                out.push(seen, Basis::Stated, change);
            }
            Ha::LockAcquired { lock } => self.acquired(lock, lrm, seen, token, out),
            _ => {}
        }
    }

    /// A lock that was lost is no open question any more, although nobody says that it was acquired again.
    fn settled(daemon: &'static str, lost: Lost, seen: &Seen<'_>, out: &mut Sink) {
        let change = ChangeKind::HaLockSettled {
            lock: lost.lock,
            daemon,
        };
        out.push_at(
            seen.when,
            Basis::Inferred,
            change,
            vec![seen.line(), lost.line],
        );
    }

    fn acquired(&mut self, lock: &Lock, lrm: bool, seen: &Seen<'_>, token: &Token, out: &mut Sink) {
        let lost = match lock {
            Lock::Agent { .. } if lrm => self.agent_lost.take(),
            Lock::Manager => self.manager_lost.take(),
            _ => None,
        };
        let Some(lost) = lost else {
            return;
        };
        let used_s = if lrm {
            self.used_s(&lost.unfed, lost.when, seen.when, token)
        } else {
            None
        };
        let change = ChangeKind::HaLockRegained {
            lock: lock.value().to_string(),
            daemon: if lrm { "pve-ha-lrm" } else { "pve-ha-crm" },
            used_s,
            used_max_s: used_s
                .filter(|_| seen.when.at.is_some())
                .map(|s| s + ROUND_S),
            budget_s: lrm.then_some(BUDGET_S),
            margin_s: used_s.map(|s| BUDGET_S - s),
            near_miss: lrm && lost.armed != Some(false),
        };
        let basis = if lrm { Basis::Inferred } else { Basis::Stated };
        out.push_at(seen.when, basis, change, vec![seen.line(), lost.line]);
    }

    /// How much of the 60 s had been used by `now`, at least: by stamps since the last token, else by the silence that token
    /// notices measured.
    fn used_s(&self, unfed: &Unfed, began: When, now: When, token: &Token) -> Option<f64> {
        let since = match (
            unfed.since,
            self.warned.filter(|at| {
                began
                    .at
                    .is_none_or(|began| at.since(began).seconds().abs() < 90.0)
            }),
        ) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match (since, now.at) {
            (Some(since), Some(now)) => Some(now.since(since).seconds()).filter(|s| *s >= 0.0),
            _ => Some(token.silence_s + token.running_silence_s() - unfed.silence_s)
                .filter(|s| *s > 0.0),
        }
    }

    /// Quorum was lost: from the token before it on, nothing can have been fed.
    pub fn quorum_lost(&mut self, when: When, token: &Token) {
        self.trouble = Some(Unfed {
            since: token.last_token.or(when.at),
            silence_s: token.silence_s - token.last_silence_s,
        });
    }

    /// Quorum is back; a lock that is lost by now keeps the clock it was lost with.
    pub fn quorum_gained(&mut self) {
        self.trouble = None;
    }

    /// The LRM's state, if a line told it.
    pub fn lrm(&self) -> Option<&LrmState> {
        self.lrm.as_ref()
    }

    /// Since when it has that state.
    pub fn lrm_since(&self) -> Option<When> {
        self.lrm_since
    }

    /// The CRM's state, if a line told it.
    pub fn crm(&self) -> Option<&str> {
        self.crm.as_deref()
    }

    /// Since when it has that state.
    pub fn crm_since(&self) -> Option<When> {
        self.crm_since
    }

    /// The manager lock is lost, since when.
    pub fn manager_lock_lost(&self) -> Option<When> {
        self.manager_lost.as_ref().map(|lost| lost.when)
    }

    /// The fence clock while it runs: an agent lock that is lost, or a lost quorum that lets no lock be refreshed, with the
    /// watchdog open. Tells since when, and how much of the 60 s is used by `now`, at least.
    pub fn clock(&self, now: When, token: &Token) -> Option<(When, Option<f64>)> {
        let by_lock = self.agent_lost.as_ref();
        if let Some(lost) = by_lock.filter(|lost| lost.armed != Some(false)) {
            return Some((lost.when, self.used_s(&lost.unfed, lost.when, now, token)));
        }
        let trouble = self.trouble.filter(|_| self.armed() == Some(true))?;
        let began = When {
            at: trouble.since,
            order: now.order,
        };
        Some((began, self.used_s(&trouble, began, now, token)))
    }

    /// Whether a silent client would reset this node: the LRM's or a master's.
    pub fn armed(&self) -> Option<bool> {
        match (self.armed, self.crm_armed) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), _) => Some(false),
            (None, _) => None,
        }
    }

    /// The agent lock is lost, since when.
    pub fn agent_lock_lost(&self) -> Option<When> {
        self.agent_lost.as_ref().map(|lost| lost.when)
    }

    /// The log ends: an agent lock that is lost with the watchdog armed is a clock that runs.
    pub fn finish(&self, end: When, token: &Token, node: crate::model::Observer, out: &mut Sink) {
        let Some(lost) = self
            .agent_lost
            .as_ref()
            .filter(|lost| lost.armed != Some(false))
        else {
            return;
        };
        let used_s = self.used_s(&lost.unfed, lost.when, end, token);
        let change = ChangeKind::FenceClockOpen {
            used_s,
            budget_s: Some(BUDGET_S),
            margin_s: used_s.map(|s| BUDGET_S - s),
        };
        out.push_for(
            node,
            lost.when,
            Basis::Inferred,
            change,
            vec![lost.line.clone()],
        );
    }

    fn client(&mut self, lrm: bool) -> &mut Option<bool> {
        if lrm {
            &mut self.armed
        } else {
            &mut self.crm_armed
        }
    }
}
