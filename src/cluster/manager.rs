//! The HA manager's view: who was declared dead and fenced, which services moved, how long guests were down.
//! In: pve-ha-crm lines of whichever node is master, service lines of every LRM, and how nodes left. Out: `manager.*`, `service.*`,
//! and what goes into the outage ledger.
//! Never: takes the fence lines that follow a planned power-off for a crash.

use super::outage::{GuestMove, Ledger, Loss};
use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::message::Field;
use crate::event::pve_ha_crm::{NodeState, PveHaCrm, ServiceState};
use crate::event::pve_ha_lrm::PveHaLrm;
use crate::model::{Basis, Line, Observer, When};
use std::collections::{BTreeMap, BTreeSet};

/// A decision and its acknowledgement this close together were made in one round of the manager.
const ROUND_S: f64 = 11.0;

/// What others know of how a node went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Departure {
    /// Its own log shows an orderly shutdown.
    pub shut_down: bool,
    /// It left the membership without having failed, as a peer saw it; `None` when no peer's line tells.
    pub left_cleanly: Option<bool>,
    /// Since when it may have been silent at the earliest, as a peer saw it go.
    pub silent: Option<When>,
}

/// The node that a line says is gone and how it went, the node that takes its guests, and when the gone one was last heard.
pub type Departed = (
    Option<(Observer, Departure)>,
    Option<Observer>,
    Option<When>,
);

/// A node that the manager has given up, or is about to.
#[derive(Debug)]
struct Fencing {
    /// Seen as unknown for the first time: its guests may still have run.
    unknown: Option<When>,
    decided: Option<(When, Line)>,
    acknowledged: Option<(When, Line)>,
    planned: bool,
    by: Observer,
    master_since: Option<When>,
}

/// The manager as the logs show it.
#[derive(Debug, Default)]
pub struct Manager {
    master: Option<(Observer, When)>,
    fencing: BTreeMap<Observer, Fencing>,
    /// Nodes whose fence was told, or that were seen online: of these the manager says for long that they were fenced, while
    /// their services find no other node.
    settled: BTreeSet<Observer>,
    /// Services that could not be brought back, with the node they were to run on.
    failed: BTreeMap<String, Observer>,
    /// The outage ledger.
    pub ledger: Ledger,
}

impl Manager {
    /// The node that a line declares dead or brings back, so that the caller can say how it went.
    pub fn subject(kind: &Kind) -> Option<&str> {
        match kind {
            Kind::PveHaCrm(
                PveHaCrm::NodeState { node, .. }
                | PveHaCrm::FenceMail { node }
                | PveHaCrm::FenceAcknowledged { node },
            ) => Some(node),
            Kind::PveHaCrm(PveHaCrm::Recover { from, .. }) => Some(from),
            Kind::PveHaCrm(PveHaCrm::RecoverFailed { node, .. }) => Some(node),
            _ => None,
        }
    }

    /// Takes one event; `subject` is the node that it speaks of and how that node went, `target` the node a service goes to,
    /// `heard` the last line of `subject` so far.
    pub fn step(
        &mut self,
        seen: &Seen<'_>,
        moved: Option<(&str, GuestMove)>,
        (subject, target, heard): Departed,
        out: &mut Sink,
    ) {
        match &seen.event.kind {
            Kind::PveHaCrm(message) => self.crm(message, seen, subject, (target, heard), out),
            Kind::PveHaLrm(PveHaLrm::ServiceErrorState { service }) => {
                // Said again and again by the LRM; the manager's own line says it once.
                let service = service.value().to_string();
                if !self.failed.contains_key(&service) {
                    self.failed.insert(service.clone(), seen.node);
                    let change = ChangeKind::ServiceFailed {
                        service,
                        why: "error-state",
                        name: None,
                    };
                    out.push(seen, Basis::Stated, change);
                }
            }
            _ => {}
        }
        if let Some((guest, moved)) = moved {
            if matches!(seen.event.kind, Kind::PveHaLrm(_)) {
                self.ledger.manage(guest);
            }
            let (node, when, line) = (seen.node, seen.when, || seen.line());
            match moved {
                GuestMove::Started => self.ledger.started(guest, node, when, line),
                GuestMove::Stopped => self.ledger.stopped(guest, node, when, line),
                GuestMove::Left => self.ledger.left(guest),
            }
        }
    }

    fn crm(
        &mut self,
        message: &PveHaCrm,
        seen: &Seen<'_>,
        subject: Option<(Observer, Departure)>,
        (target, heard): (Option<Observer>, Option<When>),
        out: &mut Sink,
    ) {
        match message {
            PveHaCrm::StatusChange { to, .. } if to.word() == "master" => {
                self.master = Some((seen.node, seen.when));
            }
            PveHaCrm::NodeState {
                node: name,
                from,
                to,
            } => {
                let Some(subject) = subject else { return };
                self.node_state(subject, name, (from, to), seen, out);
            }
            // The mail says it in its subject and again in its body.
            PveHaCrm::FenceMail { node: name } => {
                let Some(subject) = subject else { return };
                let decided = |fencing: &Fencing| fencing.decided.is_some();
                if !self.fencing.get(&subject.0).is_some_and(decided) {
                    let change = (&NodeState::Unknown, &NodeState::Fence);
                    self.node_state(subject, name, change, seen, out);
                }
            }
            PveHaCrm::FenceAcknowledged { node: name } => {
                let Some((node, departure)) = subject else {
                    return;
                };
                self.acknowledged(node, name, departure, seen, out);
            }
            PveHaCrm::Recover { service, from, to } => {
                let Some((node, departure)) = subject else {
                    return;
                };
                // Only the lock of a node that is fenced lets its services go.
                if !self.is_acknowledged(node) && !self.settled.contains(&node) {
                    self.acknowledged(node, from, departure, seen, out);
                }
                let service = service.value().to_string();
                let loss = self.loss(node, departure, heard);
                let planned = loss.planned;
                self.ledger.moved(&service, node, target, loss, seen.line());
                let change = ChangeKind::ServiceRecovered {
                    service,
                    from: (**from).to_owned(),
                    to: (**to).to_owned(),
                    planned,
                };
                out.push_for(
                    target.unwrap_or(seen.node),
                    seen.when,
                    Basis::Stated,
                    change,
                    vec![seen.line()],
                );
            }
            PveHaCrm::ServiceState {
                service,
                to: ServiceState::Started | ServiceState::Stopped,
                ..
            } => {
                let service = service.value().to_string();
                if let Some(node) = self.failed.remove(&service) {
                    let change = ChangeKind::ServiceBack { service };
                    out.push_for(node, seen.when, Basis::Stated, change, vec![seen.line()]);
                }
            }
            PveHaCrm::RecoverFailed {
                service,
                node: name,
            } => {
                let Some((node, departure)) = subject else {
                    return;
                };
                // Said every round, also long after: it tells the end of a decision, and no fence by itself.
                let decided = self.fencing.get(&node).is_some_and(|f| f.decided.is_some());
                if decided && !self.is_acknowledged(node) {
                    self.acknowledged(node, name, departure, seen, out);
                }
                let service = service.value().to_string();
                if self.failed.insert(service.clone(), node).is_none() {
                    let loss = self.loss(node, departure, heard);
                    self.ledger.moved(&service, node, None, loss, seen.line());
                }
                let change = ChangeKind::ServiceFailed {
                    service,
                    why: "no-node",
                    name: Some((**name).to_owned()),
                };
                out.push_for(node, seen.when, Basis::Stated, change, vec![seen.line()]);
            }
            PveHaCrm::ServiceState {
                service,
                to: ServiceState::Error,
                ..
            } => {
                let service = service.value().to_string();
                let node = self.ledger.moved_to(&service).unwrap_or(seen.node);
                self.ledger.failed(&service, || seen.line());
                self.failed.insert(service.clone(), node);
                let change = ChangeKind::ServiceFailed {
                    service,
                    why: "error-state",
                    name: None,
                };
                out.push_for(node, seen.when, Basis::Stated, change, vec![seen.line()]);
            }
            _ => {}
        }
    }

    /// Whether a line told that the manager has the lock of a node that it gave up.
    fn is_acknowledged(&self, node: Observer) -> bool {
        let fencing = self.fencing.get(&node);
        fencing.is_some_and(|fencing| fencing.acknowledged.is_some())
    }

    /// What is known of how a node went.
    fn loss(&self, node: Observer, departure: Departure, heard: Option<When>) -> Loss {
        let fencing = self.fencing.get(&node);
        let acknowledged = fencing.and_then(|fencing| fencing.acknowledged.as_ref());
        Loss {
            missed: departure
                .silent
                .or(fencing.and_then(|fencing| fencing.unknown))
                .or(fencing.and_then(|fencing| Some(fencing.decided.as_ref()?.0))),
            acknowledged: acknowledged.map(|(when, _)| *when),
            heard,
            planned: fencing.is_some_and(|fencing| fencing.planned),
        }
    }

    fn node_state(
        &mut self,
        (node, departure): (Observer, Departure),
        name: &str,
        (from, to): (&NodeState, &NodeState),
        seen: &Seen<'_>,
        out: &mut Sink,
    ) {
        match to {
            NodeState::Unknown => {
                // fence => unknown follows the acknowledgement and is no new loss: where that is not in the log, it tells it.
                if *from == NodeState::Fence && !self.is_acknowledged(node) {
                    self.acknowledged(node, name, departure, seen, out);
                    return;
                }
                self.fencing.entry(node).or_insert_with(|| Fencing {
                    unknown: Some(seen.when),
                    decided: None,
                    acknowledged: None,
                    planned: false,
                    by: seen.node,
                    master_since: None,
                });
            }
            NodeState::Fence => {
                self.settled.remove(&node);
                let master_since = self
                    .master
                    .filter(|(master, _)| *master == seen.node)
                    .map(|(_, since)| since);
                let fencing = self.fencing.entry(node).or_insert_with(|| Fencing {
                    unknown: None,
                    decided: None,
                    acknowledged: None,
                    planned: false,
                    by: seen.node,
                    master_since,
                });
                fencing.decided = Some((seen.when, seen.line()));
                fencing.acknowledged = None;
                fencing.planned = false;
                fencing.by = seen.node;
                fencing.master_since = master_since;
            }
            NodeState::Online => {
                self.settled.insert(node);
                // A decision that was never acknowledged is still one: the node came back before its lock ran out.
                if let Some(fencing) = self.fencing.remove(&node)
                    && let (Some((when, line)), None) = (fencing.decided, fencing.acknowledged)
                {
                    let change = ChangeKind::NodeFencing {
                        by: None,
                        planned: false,
                        acknowledged: false,
                        name: name.to_owned(),
                        reset: None,
                    };
                    out.push_for(node, when, Basis::Stated, change, vec![line, seen.line()]);
                }
            }
            _ => {}
        }
    }

    fn acknowledged(
        &mut self,
        node: Observer,
        name: &str,
        departure: Departure,
        seen: &Seen<'_>,
        out: &mut Sink,
    ) {
        let fencing = self.fencing.entry(node).or_insert_with(|| Fencing {
            unknown: None,
            decided: None,
            acknowledged: None,
            planned: false,
            by: seen.node,
            master_since: None,
        });
        let gap_s = fencing
            .decided
            .as_ref()
            .and_then(|(when, _)| seen.when.since(*when))
            .map(|span| span.seconds());
        // The lock was free or stale when both come in one round. That means a planned power-off only under a master that
        // did not change meanwhile, and for a node that left without failing.
        let same_round = gap_s.is_some_and(|gap| gap <= ROUND_S);
        let new_master = fencing.master_since.is_some_and(|since| {
            fencing
                .unknown
                .is_none_or(|unknown| since.order > unknown.order)
        });
        // A real fence waits for the lock to run out; a node that also failed was not shut down, whatever it had said before.
        let waited =
            gap_s.is_some_and(|gap| gap > ROUND_S) && departure.left_cleanly == Some(false);
        fencing.planned = (departure.shut_down && !waited)
            || (same_round && !new_master && departure.left_cleanly == Some(true));
        fencing.acknowledged = Some((seen.when, seen.line()));
        self.settled.insert(node);
        let mut lines: Vec<Line> = fencing
            .decided
            .iter()
            .map(|(_, line)| line.clone())
            .collect();
        lines.push(seen.line());
        let change = ChangeKind::NodeFenced {
            by: None,
            planned: fencing.planned,
            acknowledged: true,
            gap_s,
            name: name.to_owned(),
            reset: None,
        };
        let basis = if fencing.planned {
            Basis::Inferred
        } else {
            Basis::Stated
        };
        out.push_for(node, seen.when, basis, change, lines);
    }

    /// Since when the manager has not seen a node.
    pub fn missed(&self, node: Observer) -> Option<When> {
        let fencing = self.fencing.get(&node)?;
        fencing
            .unknown
            .or(fencing.decided.as_ref().map(|(when, _)| *when))
    }

    /// The acknowledgement of this node's fence, if it was one that was not planned.
    pub fn acknowledgement(&self, node: Observer) -> Option<(When, Line)> {
        let fencing = self.fencing.get(&node)?;
        fencing.acknowledged.clone().filter(|_| !fencing.planned)
    }

    /// The log ends: a decision without an acknowledgement is said as one.
    pub fn finish(&self, call: impl Fn(Observer) -> String, out: &mut Sink) {
        for (node, fencing) in &self.fencing {
            if let (Some((when, line)), None) = (&fencing.decided, &fencing.acknowledged) {
                let change = ChangeKind::NodeFencing {
                    by: Some(call(fencing.by)),
                    planned: false,
                    acknowledged: false,
                    name: call(*node),
                    reset: None,
                };
                out.push_for(*node, *when, Basis::Stated, change, vec![line.clone()]);
            }
        }
    }
}
