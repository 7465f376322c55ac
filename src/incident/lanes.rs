//! Lanes: every state of every node from its beginning to the next one's.
//! In: changes in order. Out: per node and thing a list of states with their tone.
//! Never: draws; never guesses a state that no line implies.

use crate::cluster::{Change, ChangeKind};
use crate::model::{Limits, LinkId, NodeId, Observer, Span, When};
use std::collections::BTreeMap;

/// What a lane shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A link to a peer.
    Link(LinkId, NodeId),
    /// The token.
    Token,
    /// The membership.
    Members,
    /// Quorum.
    Quorum,
    /// /etc/pve.
    EtcPve,
    /// The LRM.
    Lrm,
    /// The CRM.
    Crm,
    /// The HA watchdog.
    Watchdog,
    /// Power: boots and ends.
    Power,
}

/// How good a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Degraded.
    Warn,
    /// Broken.
    Bad,
    /// Neither.
    Plain,
}

/// One state of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// When it began; `None` for a state that a later line implies from the beginning of the log.
    pub began: Option<When>,
    /// The line it began with.
    pub line: u64,
    /// The state in a word or two.
    pub label: String,
    /// How good it is.
    pub tone: Tone,
}

/// Every lane.
#[derive(Debug, Default)]
pub struct Lanes {
    lanes: BTreeMap<(Observer, Thing), Vec<Stretch>>,
    max: usize,
    left_out: u64,
    read_only: BTreeMap<Observer, bool>,
}

impl Lanes {
    /// Lanes that keep as many states as the limits allow.
    pub fn new(limits: &Limits) -> Lanes {
        Lanes {
            max: limits.lane_intervals,
            ..Lanes::default()
        }
    }

    /// Every lane, by node and thing.
    pub fn iter(&self) -> impl Iterator<Item = (Observer, &Thing, &[Stretch])> {
        self.lanes
            .iter()
            .map(|((node, thing), stretches)| (*node, thing, stretches.as_slice()))
    }

    /// States beyond the limit.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes one change.
    pub fn step(&mut self, change: &Change) {
        let Some(node) = change.node else { return };
        let mut put = |thing, label: String, tone, before: Option<&str>| {
            self.put(node, thing, change, label, tone, before);
        };
        match &change.kind {
            ChangeKind::LinkDown {
                peer,
                link,
                graceful,
            } => {
                let (label, tone) = if *graceful {
                    ("peer left", Tone::Plain)
                } else {
                    ("down", Tone::Bad)
                };
                put(
                    Thing::Link(*link, *peer),
                    label.to_owned(),
                    tone,
                    Some("up"),
                );
            }
            ChangeKind::LinkUp { peer, link, .. } => {
                put(Thing::Link(*link, *peer), "up".to_owned(), Tone::Good, None)
            }
            ChangeKind::TokenLate { ms, .. } => {
                put(Thing::Token, format!("late {ms} ms"), Tone::Warn, Some(""))
            }
            ChangeKind::TokenLost { .. } => {
                put(Thing::Token, "lost".to_owned(), Tone::Bad, Some(""))
            }
            ChangeKind::TokenBack { .. } => put(Thing::Token, String::new(), Tone::Good, None),
            ChangeKind::MembershipFormed { ring, size, .. } => {
                let label = match size {
                    Some(1) => format!("alone {ring}"),
                    Some(size) => format!("{size} in {ring}"),
                    None => ring.clone(),
                };
                put(Thing::Members, label, Tone::Plain, None);
            }
            ChangeKind::QuorumLost { .. } => {
                put(Thing::Quorum, "lost".to_owned(), Tone::Bad, Some("quorate"));
                let stuck = self.is(node, &Thing::EtcPve, Tone::Bad);
                self.read_only.insert(node, true);
                if !stuck {
                    self.put(
                        node,
                        Thing::EtcPve,
                        change,
                        "read-only".to_owned(),
                        Tone::Warn,
                        Some("usable"),
                    );
                }
            }
            ChangeKind::QuorumGained { .. } => {
                put(Thing::Quorum, "quorate".to_owned(), Tone::Good, None);
                let was = self.read_only.insert(node, false);
                if was == Some(true) && !self.is(node, &Thing::EtcPve, Tone::Bad) {
                    self.put(
                        node,
                        Thing::EtcPve,
                        change,
                        "usable".to_owned(),
                        Tone::Good,
                        None,
                    );
                }
            }
            ChangeKind::CfsStuck { .. } => {
                put(Thing::EtcPve, "stuck".to_owned(), Tone::Bad, Some("usable"))
            }
            ChangeKind::CfsUsable { .. } => {
                let (label, tone) = if self.read_only.get(&node) == Some(&true) {
                    ("read-only", Tone::Warn)
                } else {
                    ("usable", Tone::Good)
                };
                self.put(node, Thing::EtcPve, change, label.to_owned(), tone, None);
            }
            ChangeKind::LrmState { from, to } => {
                put(Thing::Lrm, to.clone(), ha_tone(to), Some(from))
            }
            ChangeKind::CrmState { from, to } => {
                put(Thing::Crm, to.clone(), ha_tone(to), Some(from))
            }
            ChangeKind::HaLockLost {
                daemon: "pve-ha-lrm",
                ..
            } => {
                put(
                    Thing::Watchdog,
                    "not fed".to_owned(),
                    Tone::Warn,
                    Some("fed"),
                );
            }
            ChangeKind::HaLockRegained {
                daemon: "pve-ha-lrm",
                ..
            } => {
                put(Thing::Watchdog, "fed".to_owned(), Tone::Good, None);
            }
            ChangeKind::SelfFenced { .. } => {
                // The boot behind it may have been told already.
                let power = self.lanes.entry((node, Thing::Power)).or_default();
                let began = |last: &Stretch| last.began.and_then(|when| when.at);
                let again = power.pop_if(|last| began(last) > change.when.at);
                self.put(
                    node,
                    Thing::Power,
                    change,
                    "reset".to_owned(),
                    Tone::Bad,
                    Some("on"),
                );
                self.lanes
                    .entry((node, Thing::Power))
                    .or_default()
                    .extend(again);
            }
            ChangeKind::ShutDown { .. } => put(
                Thing::Power,
                "shutting down".to_owned(),
                Tone::Plain,
                Some("on"),
            ),
            ChangeKind::BootJudged { verdict, gap_s, .. } => {
                let tone = if *verdict == "graceful" {
                    Tone::Plain
                } else {
                    Tone::Bad
                };
                put(Thing::Power, format!("boot: {verdict}"), tone, Some("on"));
                // It was judged by how the next boot began, and then it was on again.
                if let (Some(ended), Some(gap)) = (change.when.at, gap_s) {
                    let mut again = change.clone();
                    again.when.at = Some(ended.plus(Span((gap * 1e6) as i64)));
                    again.lines.clear();
                    self.put(
                        node,
                        Thing::Power,
                        &again,
                        "on".to_owned(),
                        Tone::Good,
                        None,
                    );
                }
            }
            _ => {}
        }
    }

    fn is(&self, node: Observer, thing: &Thing, tone: Tone) -> bool {
        self.lanes
            .get(&(node, thing.clone()))
            .and_then(|stretches| stretches.last())
            .is_some_and(|last| last.tone == tone)
    }

    /// Adds a state; `before` is the state that this one implies until now when it is the lane's first.
    fn put(
        &mut self,
        node: Observer,
        thing: Thing,
        change: &Change,
        label: String,
        tone: Tone,
        before: Option<&str>,
    ) {
        let line = change.lines.first().map_or(0, |line| line.place.line);
        let before_tone = match thing {
            Thing::Lrm | Thing::Crm => before.map_or(Tone::Plain, ha_tone),
            _ => Tone::Good,
        };
        let stretches = self.lanes.entry((node, thing)).or_default();
        if let (true, Some(before)) = (stretches.is_empty(), before) {
            stretches.push(Stretch {
                began: None,
                line: 0,
                label: before.to_owned(),
                tone: before_tone,
            });
        }
        if stretches
            .last()
            .is_some_and(|last| last.label == label && last.tone == tone)
        {
            return;
        }
        if stretches.len() < self.max {
            stretches.push(Stretch {
                began: Some(change.when),
                line,
                label,
                tone,
            });
        } else {
            self.left_out += 1;
        }
    }
}

fn ha_tone(state: &str) -> Tone {
    match state {
        "active" | "master" => Tone::Good,
        "lost_agent_lock" | "lost_manager_lock" => Tone::Bad,
        "wait_for_quorum" => Tone::Warn,
        _ => Tone::Plain,
    }
}
