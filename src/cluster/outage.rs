//! Guests that were down: since when at the earliest and at the latest, where they ran, and where they came back.
//! In: what HA and tasks say of starts and stops, fences, and the boots of nodes. Out: the outage ledger.
//! Never: says of a guest whose start no line shows that it ran; counts a stop that somebody asked for alone.

use crate::event::Kind;
use crate::event::pve_ha_lrm::PveHaLrm;
use crate::event::pve_task::PveTask;
use crate::model::{Basis, Line, Observer, When};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A guest that was stopped this long before the last line of a node that was shut down was stopped for that.
const FOR_BOOT_S: f64 = 900.0;
/// Outages that are kept.
const OUTAGES: usize = 5_000;
/// Lines that prove one outage.
const LINES: usize = 6;

/// Why a guest was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// HA gave its node up and moved it.
    Fenced,
    /// Its node was switched off as it should be, and HA moved it.
    SwitchedOff,
    /// Its node booted.
    Booted,
    /// HA gave its node up and moved it, and the node was never reset: whether it was down at all is unknown.
    NeverReset,
}

impl Why {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Why::Fenced => "fenced",
            Why::SwitchedOff => "switched-off",
            Why::Booted => "booted",
            Why::NeverReset => "never-reset",
        }
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It runs again.
    Running,
    /// HA could not start it and gave up.
    Error,
    /// HA found no node for it.
    NoNode,
    /// No line tells.
    NotSeen,
}

impl End {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            End::Running => "running",
            End::Error => "error",
            End::NoNode => "no-node",
            End::NotSeen => "not-seen",
        }
    }
}

/// One outage of a guest.
#[derive(Clone, Debug)]
pub struct Outage {
    /// The service id.
    pub service: String,
    /// Whether HA manages it.
    pub under_ha: bool,
    /// The node it was lost with.
    pub from: Observer,
    /// The node it was moved to, or came back on.
    pub to: Option<Observer>,
    /// When it may have stopped at the earliest: the last sign of life of its node.
    pub down_earliest: Option<When>,
    /// When it was stopped, by the line that says so.
    pub stopped: Option<When>,
    /// When the fence of its node was acknowledged.
    pub acknowledged: Option<When>,
    /// When its node booted.
    pub booted: Option<When>,
    /// When it ran again, by the line that says so.
    pub up: Option<When>,
    /// Why.
    pub why: Why,
    /// What became of it.
    pub end: End,
    /// The lines that tell of it.
    pub lines: Vec<Line>,
}

impl Outage {
    /// HA and stops are stated. That a guest still ran when its node ended is inferred from its last start: one that was shut
    /// down from inside leaves no line.
    pub fn basis(&self) -> Basis {
        match (self.why, self.stopped) {
            (Why::Booted, None) => Basis::Inferred,
            _ => Basis::Stated,
        }
    }

    /// When it had stopped for certain: it was stopped, the fence was acknowledged, or its node booted.
    pub fn down_latest(&self) -> Option<When> {
        let proven = match (self.acknowledged, self.booted) {
            (Some(acknowledged), Some(booted)) if is_before(booted, acknowledged) => Some(booted),
            (acknowledged, booted) => firmer(acknowledged, booted),
        };
        self.stopped.or(proven)
    }
}

/// What a line says of where a guest runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestMove {
    /// It was started on the node that logs this.
    Started,
    /// It was stopped there.
    Stopped,
    /// It went to another node, or is no more.
    Left,
}

impl GuestMove {
    /// The guest and what happened to it: by HA's own word, or by a task that ended well.
    pub fn of(kind: &Kind) -> Option<(Cow<'_, str>, GuestMove)> {
        let (task, id) = match kind {
            Kind::PveHaLrm(PveHaLrm::ServiceStarted { service }) => {
                return Some((Cow::Borrowed(&service.0), GuestMove::Started));
            }
            Kind::PveHaLrm(PveHaLrm::ServiceStopped { service }) => {
                return Some((Cow::Borrowed(&service.0), GuestMove::Stopped));
            }
            Kind::PveTask(PveTask::Ended {
                task, id, status, ..
            }) if &**status == "OK" => (task, id),
            _ => return None,
        };
        let (kind, what) = [("qm", "vm"), ("vz", "ct")]
            .iter()
            .find_map(|(tool, kind)| Some((*kind, task.strip_prefix(tool)?)))?;
        let moved = match what {
            "start" => GuestMove::Started,
            "stop" | "shutdown" => GuestMove::Stopped,
            "igrate" | "migrate" | "destroy" => GuestMove::Left,
            _ => return None,
        };
        Some((format!("{kind}:{id}").into(), moved))
    }
}

/// What is known of how a node went when HA moves a guest away from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loss {
    /// When the manager did not see it any more, or a peer missed it.
    pub missed: Option<When>,
    /// When its fence was acknowledged.
    pub acknowledged: Option<When>,
    /// Its own last line so far, if its log is read.
    pub heard: Option<When>,
    /// Whether it was switched off as it should be.
    pub planned: bool,
}

/// The ledger.
#[derive(Debug, Default)]
pub struct Ledger {
    outages: Vec<Outage>,
    /// Where in it the latest outage of a guest is.
    latest: BTreeMap<String, usize>,
    /// Where guests run, as far as lines tell.
    runs: BTreeMap<String, Observer>,
    /// Where and when guests were stopped, and the line.
    stopped: BTreeMap<String, (Observer, When, Line)>,
    /// The latest boot of each node: the last line before it, and its first.
    boots: BTreeMap<Observer, (Option<When>, When)>,
    /// The node that booted last, if the line of its boot has no stamp.
    undated: Option<Observer>,
    under_ha: BTreeSet<String>,
    left_out: u64,
}

impl Ledger {
    /// All outages, in the order in which they became known.
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// Outages beyond those kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// A node whose fence was acknowledged then was never reset. Returns the guests that were moved away from it.
    pub fn never_reset(&mut self, node: Observer, acknowledged: When) -> Vec<String> {
        let of_it = |outage: &&mut Outage| {
            let same = outage.acknowledged.map(|when| when.order) == Some(acknowledged.order);
            outage.from == node && same
        };
        let mut guests = Vec::new();
        for outage in self.outages.iter_mut().filter(of_it) {
            outage.why = Why::NeverReset;
            (outage.down_earliest, outage.acknowledged) = (None, None);
            guests.push(outage.service.clone());
        }
        guests
    }

    /// Says that HA manages a guest.
    pub fn manage(&mut self, service: &str) {
        if !self.under_ha.contains(service) {
            self.under_ha.insert(service.to_owned());
        }
    }

    /// The node that a guest was moved to last.
    pub fn moved_to(&self, service: &str) -> Option<Observer> {
        self.open(service)?.to
    }

    /// HA moves a guest away from a node; `to` nobody if it found no node for it.
    pub fn moved(
        &mut self,
        service: &str,
        from: Observer,
        to: Option<Observer>,
        loss: Loss,
        line: Line,
    ) {
        self.manage(service);
        // A boot since the node was missed ended the guest, and its log tells when it lived last.
        let since = |boot: &When| loss.missed.is_none_or(|missed| is_before(missed, *boot));
        let boot = self.boots.get(&from).filter(|(_, boot)| since(boot));
        // A node that logs on behind the acknowledgement was not dead by then: its last line tells nothing.
        let before = |heard: &When| loss.acknowledged.is_none_or(|ack| is_before(*heard, ack));
        let heard = boot.map_or(loss.heard, |(heard, _)| *heard).filter(before);
        let booted = boot.map(|(_, boot)| *boot);
        let stopped = self
            .stopped
            .remove(service)
            .filter(|(node, ..)| *node == from)
            .map(|(_, when, _)| when);
        self.runs.remove(service);
        let why = if loss.planned {
            Why::SwitchedOff
        } else {
            Why::Fenced
        };
        let end = if to.is_some() {
            End::NotSeen
        } else {
            End::NoNode
        };
        let open = self.latest.get(service).copied();
        if let Some(outage) = open.and_then(|n| self.outages.get_mut(n))
            && outage.up.is_none()
            && outage.from == from
        {
            (outage.to, outage.end) = (to.or(outage.to), end);
            outage.acknowledged = outage.acknowledged.or(loss.acknowledged);
            if outage.why == Why::Booted {
                outage.why = why;
            }
            push(&mut outage.lines, line);
            return;
        }
        self.add(Outage {
            service: service.to_owned(),
            under_ha: true,
            from,
            to,
            down_earliest: stopped.or(firmer(heard, loss.missed)),
            stopped,
            acknowledged: loss.acknowledged,
            booted,
            up: None,
            why,
            end,
            lines: vec![line],
        });
    }

    /// A guest runs on a node.
    pub fn started(
        &mut self,
        service: &str,
        node: Observer,
        when: When,
        line: impl FnOnce() -> Line,
    ) {
        self.stopped.remove(service);
        let open = self.latest.get(service).copied();
        if let Some(outage) = open.and_then(|n| self.outages.get_mut(n))
            && outage.up.is_none()
        {
            if outage.to.is_some_and(|to| to != node) {
                return;
            }
            (outage.to, outage.up, outage.end) = (Some(node), Some(when), End::Running);
            push(&mut outage.lines, line());
        }
        self.runs.insert(service.to_owned(), node);
    }

    /// Somebody stopped a guest.
    pub fn stopped(
        &mut self,
        service: &str,
        node: Observer,
        when: When,
        line: impl FnOnce() -> Line,
    ) {
        self.runs.remove(service);
        self.stopped
            .insert(service.to_owned(), (node, when, line()));
    }

    /// A guest was moved alive: nobody says where to.
    pub fn left(&mut self, service: &str) {
        self.runs.remove(service);
        self.stopped.remove(service);
    }

    /// HA gave a guest up.
    pub fn failed(&mut self, service: &str, line: impl FnOnce() -> Line) {
        let open = self.latest.get(service).copied();
        if let Some(outage) = open.and_then(|n| self.outages.get_mut(n))
            && outage.up.is_none()
            && outage.end == End::NotSeen
        {
            outage.end = End::Error;
            push(&mut outage.lines, line());
        }
    }

    /// A node booted: what ran on it was down. `orderly` if it had been shut down: then what was stopped for that was, too.
    pub fn booted(
        &mut self,
        node: Observer,
        heard: Option<When>,
        boot: When,
        orderly: bool,
        line: &Line,
    ) {
        self.boots.insert(node, (heard, boot));
        self.undated = boot.at.is_none().then_some(node);
        for outage in self
            .outages
            .iter_mut()
            .filter(|o| o.from == node && o.up.is_none())
        {
            if outage.stopped.is_some() || outage.booted.is_some() {
                continue;
            }
            outage.booted = Some(boot);
            // Its own log tells best when it lived last.
            let ack = outage.acknowledged;
            let before = |heard: &When| ack.is_none_or(|ack| is_before(*heard, ack));
            outage.down_earliest = firmer(heard.filter(before), outage.down_earliest);
        }
        let lost: Vec<String> = self
            .runs
            .iter()
            .filter(|(_, at)| **at == node)
            .map(|(service, _)| service.clone())
            .collect();
        for service in lost {
            self.runs.remove(&service);
            self.down(&service, node, (heard, None), boot, vec![line.clone()]);
        }
        let recent = |when: &When| {
            let span = heard.unwrap_or(boot).since(*when);
            span.is_none_or(|span| span.seconds() <= FOR_BOOT_S)
        };
        let stopped: Vec<String> = self
            .stopped
            .iter()
            .filter(|(_, (at, when, _))| orderly && *at == node && recent(when))
            .map(|(service, _)| service.clone())
            .collect();
        for service in stopped {
            if let Some((_, when, stop)) = self.stopped.remove(&service) {
                let lines = vec![stop, line.clone()];
                self.down(&service, node, (Some(when), Some(when)), boot, lines);
            }
        }
    }

    /// A line of a node that booted lately: the first stamp dates a boot whose own line has none.
    pub fn dates(&mut self, node: Observer, when: When) {
        if when.at.is_none() || self.undated != Some(node) {
            return;
        }
        self.undated = None;
        let Some((_, boot)) = self.boots.get_mut(&node) else {
            return;
        };
        boot.at = when.at;
        let ends = self
            .outages
            .iter_mut()
            .filter_map(|outage| outage.booted.as_mut());
        for end in ends.filter(|end| end.order == boot.order) {
            end.at = when.at;
        }
    }

    fn down(
        &mut self,
        service: &str,
        from: Observer,
        (down_earliest, stopped): (Option<When>, Option<When>),
        booted: When,
        lines: Vec<Line>,
    ) {
        self.add(Outage {
            service: service.to_owned(),
            under_ha: self.under_ha.contains(service),
            from,
            to: None,
            down_earliest,
            stopped,
            acknowledged: None,
            booted: Some(booted),
            up: None,
            why: Why::Booted,
            end: End::NotSeen,
            lines,
        });
    }

    fn add(&mut self, outage: Outage) {
        if self.outages.len() == OUTAGES {
            self.left_out += 1;
            return;
        }
        self.latest
            .insert(outage.service.clone(), self.outages.len());
        self.outages.push(outage);
    }

    /// The latest outage of a guest, if it is not over.
    fn open(&self, service: &str) -> Option<&Outage> {
        let outage = self.outages.get(*self.latest.get(service)?)?;
        outage.up.is_none().then_some(outage)
    }
}

/// The first, unless only the second has a stamp.
fn firmer(a: Option<When>, b: Option<When>) -> Option<When> {
    let stamped = |when: &When| when.at.is_some();
    a.filter(stamped).or(b.filter(stamped)).or(a).or(b)
}

/// Whether one is before the other: by their stamps, as a line without one does not stand where it belongs.
fn is_before(a: When, b: When) -> bool {
    match a.at.zip(b.at) {
        Some((a, b)) => a < b,
        None => a.order < b.order,
    }
}

fn push(lines: &mut Vec<Line>, line: Line) {
    if lines.len() < LINES {
        lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, SourceId, Timestamp};

    const PVE1: Observer = Observer(0);
    const PVE2: Observer = Observer(1);

    fn when(second: i64) -> When {
        When {
            at: Some(Timestamp::from_seconds(second)),
            order: second as u64,
        }
    }

    fn line() -> Line {
        Line {
            place: Place {
                source: SourceId(0),
                line: 1,
            },
            at: None,
            text: "x".into(),
        }
    }

    fn seconds(when: Option<When>) -> Option<i64> {
        Some(when?.at?.0 / 1_000_000)
    }

    #[test]
    fn a_guest_outside_ha_is_down_from_the_last_line_of_its_node() {
        let mut ledger = Ledger::default();
        ledger.started("vm:7", PVE1, when(10), line);
        ledger.started("vm:8", PVE2, when(10), line);
        ledger.booted(PVE1, Some(when(500)), when(590), false, &line());
        ledger.started("vm:7", PVE1, when(640), line);
        let [outage] = ledger.outages() else {
            panic!("{:?}", ledger.outages());
        };
        assert_eq!((&*outage.service, outage.under_ha), ("vm:7", false));
        assert_eq!((outage.why, outage.end), (Why::Booted, End::Running));
        assert_eq!(outage.basis(), Basis::Inferred);
        assert_eq!(seconds(outage.down_earliest), Some(500));
        assert_eq!(seconds(outage.down_latest()), Some(590));
        assert_eq!(seconds(outage.up), Some(640));
    }

    #[test]
    fn what_was_stopped_for_the_boot_counts_and_what_was_stopped_before_does_not() {
        let mut ledger = Ledger::default();
        ledger.stopped("vm:7", PVE1, when(100), line);
        ledger.stopped("vm:8", PVE1, when(9_000), line);
        ledger.booted(PVE1, Some(when(9_030)), when(9_100), true, &line());
        let down: Vec<&str> = ledger.outages().iter().map(|o| &*o.service).collect();
        assert_eq!(down, ["vm:8"]);
        assert_eq!(ledger.outages()[0].basis(), Basis::Stated);
        assert_eq!(seconds(ledger.outages()[0].down_earliest), Some(9_000));
    }

    #[test]
    fn what_ran_on_a_node_that_was_never_reset_was_not_down() {
        let mut ledger = Ledger::default();
        let loss = Loss {
            missed: Some(when(60)),
            acknowledged: Some(when(190)),
            ..Loss::default()
        };
        ledger.moved("vm:7", PVE1, Some(PVE2), loss, line());
        ledger.started("vm:7", PVE2, when(195), line);
        assert!(ledger.never_reset(PVE2, when(190)).is_empty());
        assert_eq!(ledger.never_reset(PVE1, when(190)), ["vm:7"]);
        let outage = &ledger.outages()[0];
        assert_eq!((outage.why, outage.end), (Why::NeverReset, End::Running));
        assert_eq!(outage.down_latest(), None);
        assert_eq!(outage.down_earliest, None);
    }

    #[test]
    fn what_somebody_stopped_before_a_crash_was_not_stopped_by_it() {
        let mut ledger = Ledger::default();
        ledger.stopped("vm:8", PVE1, when(9_000), line);
        ledger.booted(PVE1, Some(when(9_030)), when(9_100), false, &line());
        assert!(ledger.outages().is_empty());
    }

    #[test]
    fn a_boot_before_the_acknowledgement_ended_the_guest() {
        let loss = Loss {
            missed: Some(when(20)),
            acknowledged: Some(when(150)),
            heard: Some(when(60)),
            planned: false,
        };
        let mut ledger = Ledger::default();
        ledger.booted(PVE1, Some(when(60)), when(110), false, &line());
        ledger.moved("vm:7", PVE1, Some(PVE2), loss, line());
        ledger.started("vm:7", PVE2, when(160), line);
        let outage = &ledger.outages()[0];
        assert_eq!((outage.why, outage.to), (Why::Fenced, Some(PVE2)));
        assert_eq!(seconds(outage.down_earliest), Some(60));
        assert_eq!(seconds(outage.down_latest()), Some(110));
        // It came back elsewhere: what its old node says later is not of this outage.
        ledger.started("vm:7", PVE1, when(170), line);
        assert_eq!(seconds(ledger.outages()[0].up), Some(160));
    }

    #[test]
    fn a_guest_that_ha_gave_up_is_in_error_and_one_without_a_node_is_said_so() {
        let mut ledger = Ledger::default();
        ledger.moved("vm:7", PVE1, Some(PVE2), Loss::default(), line());
        ledger.failed("vm:7", line);
        ledger.moved("vm:8", PVE1, None, Loss::default(), line());
        let ends: Vec<End> = ledger.outages().iter().map(|o| o.end).collect();
        assert_eq!(ends, [End::Error, End::NoNode]);
    }
}
