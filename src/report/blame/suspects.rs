//! Which single faults explain the downs of an incident best: the fewest that explain the most.
//! In: a case, and what hosts said of themselves. Out: verdicts, each with what it explains and what it would predict besides.
//! Never: words anything.

use super::case::{Case, Drop};
use crate::model::{LinkId, Span, Timestamp, When};
use std::collections::{BTreeMap, BTreeSet};

/// Faults that one incident is explained by.
const MOST: usize = 6;
/// Downs that are judged; the matrix counts all.
pub const JUDGED: usize = 4_000;
/// Ways to cut a cluster in two that are tried.
const CUTS: usize = 64;
/// Nodes of an incident that is judged: no cluster has more.
const NODES: usize = 64;
/// Sets of nodes that could tell of a down which are told apart; what is behind them goes by the last.
const SETS: usize = 24;
/// What a link that should have gone down, and did not, takes away from an explanation: knet does not see every short spell.
const MISSING: f64 = 0.6;
/// A host that waits may be missed by any of its peers.
const MISSING_OF_HOST: f64 = 0.1;
/// The worth of a down of which an intermittent fault is the explanation, not one that hits all at once.
const INTERMITTENT: f64 = 0.4;
/// What a line of the host itself adds.
const HOST_SAYS: f64 = 1.0;
/// Clocks of kernel and corosync, and of two nodes.
const HOST_BEFORE_S: f64 = 2.0;

/// Whom a fault hits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// One node and all others.
    One(usize),
    /// The pairs between some nodes and the others.
    Cut(BTreeSet<usize>),
    /// All pairs.
    All,
    /// Two nodes.
    Pair(usize, usize),
    /// One node does not hear the other.
    Toward(usize, usize),
}

/// A fault that may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The host was the cause: an index into what hosts said.
    pub host: Option<usize>,
    /// Whom.
    pub who: Who,
    /// Which link; `None`: all of them.
    pub link: Option<LinkId>,
}

impl Fault {
    /// Whether a down is one that it causes.
    pub fn hits(&self, drop: &Drop) -> bool {
        self.hits_cell((drop.by, drop.of, drop.link))
    }

    /// The same of a cell of the matrix.
    pub fn hits_cell(&self, (by, of, link): Cell) -> bool {
        let pair = match (&self.who, of) {
            (Who::One(node), of) => by == *node || of == Some(*node),
            (Who::All, _) => true,
            (Who::Cut(side), Some(of)) => side.contains(&by) != side.contains(&of),
            (Who::Pair(a, b), Some(of)) => (by, of) == (*a, *b) || (of, by) == (*a, *b),
            (Who::Toward(deaf, far), Some(of)) => (by, of) == (*deaf, *far),
            (_, None) => false,
        };
        pair && self.link.is_none_or(|own| own == link)
    }

    /// Of two that explain the same, the simpler comes first.
    fn simplicity(&self, parties: usize) -> u8 {
        match (&self.who, self.link, self.host) {
            (_, _, Some(_)) => 0,
            // Of two nodes nobody can tell whose end it is.
            (Who::Pair(..), Some(_), _) if parties == 2 => 1,
            (Who::Pair(..), None, _) if parties == 2 => 2,
            (Who::One(_), Some(_), _) => 3,
            (Who::One(_), None, _) => 4,
            (Who::Cut(_), Some(_), _) => 5,
            (Who::Cut(_), None, _) => 6,
            (Who::All, Some(_), _) => 7,
            (Who::All, None, _) => 8,
            (Who::Pair(..), ..) => 9,
            (Who::Toward(..), ..) => 10,
        }
    }
}

/// What a host said of itself.
#[derive(Clone, Debug)]
pub struct HostSign {
    /// The node.
    pub party: usize,
    /// The kind of the finding.
    pub kind: String,
    /// From when to when it explains what happens; `None` without stamps.
    pub span: Option<(Timestamp, Timestamp)>,
    /// For how many seconds behind that.
    pub reach_s: f64,
    /// The same in orders.
    pub orders: (u64, u64),
    /// A sentence.
    pub text: String,
}

impl HostSign {
    /// Whether the node's card or cable failed, and not the node.
    pub fn is_card(&self) -> bool {
        self.kind == "nic-down"
    }

    /// When something that it explains may have happened at the earliest; `None` without stamps.
    pub fn earliest(&self) -> Option<Timestamp> {
        let before = Span((HOST_BEFORE_S * 1e6) as i64);
        Some(self.span?.0.plus(Span(-before.0)))
    }

    /// Whether it comes before something, or along with it.
    pub fn precedes(&self, when: When) -> bool {
        match (self.span, when.at) {
            (Some((from, until)), Some(at)) => {
                at.since(from).seconds() >= -HOST_BEFORE_S
                    && at.since(until).seconds() <= self.reach_s
            }
            _ => {
                let (first, last) = self.orders;
                let reach = super::case::NEAR_EVENTS;
                (first.saturating_sub(reach)..=last.saturating_add(reach)).contains(&when.order)
            }
        }
    }
}

/// A fault with what it explains.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub fault: Fault,
    /// Places of the drops that it explains.
    pub drops: Vec<usize>,
    /// The share of what it predicts for these events that happened.
    pub precision: f64,
    /// The best other explanation is worth that much of it, at most 1.
    pub rival: f64,
    /// It explains just what the one before it does.
    pub same_as_before: bool,
}

/// Which faults a down may be caused by, without asking each.
struct Causes {
    /// Those that name nodes, by whom and by link.
    named: BTreeMap<(Who, Option<LinkId>), usize>,
    /// Cuts and hosts, which are few.
    others: Vec<usize>,
}

impl Causes {
    fn of(faults: &[Fault]) -> Causes {
        let mut causes = Causes {
            named: BTreeMap::new(),
            others: Vec::new(),
        };
        for (n, fault) in faults.iter().enumerate() {
            match (&fault.who, fault.host) {
                (Who::Cut(_), _) | (_, Some(_)) => causes.others.push(n),
                (who, None) => {
                    causes.named.insert((who.clone(), fault.link), n);
                }
            }
        }
        causes
    }

    fn of_cell(&self, cell: Cell, faults: &[Fault]) -> Vec<usize> {
        let (by, of, link) = cell;
        let mut whom = vec![Who::All, Who::One(by)];
        if let Some(of) = of.filter(|of| *of != by) {
            whom.extend([
                Who::One(of),
                Who::Pair(by.min(of), by.max(of)),
                Who::Toward(by, of),
            ]);
        }
        let named = whom
            .into_iter()
            .flat_map(|who| [(who.clone(), Some(link)), (who, None)])
            .filter_map(|key| self.named.get(&key).copied());
        let others = self.others.iter().copied();
        named
            .chain(others.filter(|n| faults[*n].hits_cell(cell)))
            .collect()
    }
}

/// By whom, of whom, which link.
pub type Cell = (usize, Option<usize>, LinkId);

/// Downs at the same time.
struct Event {
    /// Places of its drops.
    drops: Vec<usize>,
    cells: BTreeSet<Cell>,
    /// Which set of listeners there was.
    listeners: usize,
}

/// The verdicts over a case, the best explanation first.
pub fn verdicts(case: &Case, signs: &[HostSign]) -> Vec<Verdict> {
    if case.parties.len() > NODES {
        return Vec::new();
    }
    Court::new(case, signs).judge()
}

struct Court<'c> {
    case: &'c Case,
    signs: &'c [HostSign],
    /// Those of them that are of cards.
    cards: Vec<&'c HostSign>,
    drops: &'c [Drop],
    events: Vec<Event>,
    listeners: Vec<Vec<bool>>,
    faults: Vec<Fault>,
    /// Of each fault, how many cells it predicts for each set of listeners.
    predicted: Vec<Vec<usize>>,
    /// Of each fault, the share of these cells that ever went down.
    ever: Vec<f64>,
    /// Of each fault, the events that it could have caused a part of.
    events_of: Vec<Vec<usize>>,
}

impl<'c> Court<'c> {
    fn new(case: &'c Case, signs: &'c [HostSign]) -> Court<'c> {
        let drops = &case.drops[..case.drops.len().min(JUDGED)];
        let (events, listeners) = events(case, drops);
        let faults = faults(case, drops, &events, signs);
        let causes = Causes::of(&faults);
        let mut court = Court {
            case,
            signs,
            cards: signs.iter().filter(|sign| sign.is_card()).collect(),
            drops,
            predicted: vec![vec![0; listeners.len()]; faults.len()],
            ever: vec![0.0; faults.len()],
            events_of: vec![Vec::new(); faults.len()],
            events,
            listeners,
            faults,
        };
        let mut could: BTreeSet<Cell> = BTreeSet::new();
        for set in 0..court.listeners.len() {
            for cell in court.cells(&court.listeners[set]) {
                for fault in causes.of_cell(cell, &court.faults) {
                    court.predicted[fault][set] += 1;
                }
                could.insert(cell);
            }
        }
        let down: BTreeSet<Cell> = drops.iter().map(cell).collect();
        let count = |cells: &BTreeSet<Cell>| {
            let mut counts = vec![0_usize; court.faults.len()];
            for cell in cells {
                for fault in causes.of_cell(*cell, &court.faults) {
                    counts[fault] += 1;
                }
            }
            counts
        };
        let shares = count(&down).into_iter().zip(count(&could));
        court.ever = shares
            .map(|(down, could)| down as f64 / could.max(1) as f64)
            .collect();
        for (place, event) in court.events.iter().enumerate() {
            let cells = event.cells.iter();
            let faults: BTreeSet<usize> = cells
                .flat_map(|cell| causes.of_cell(*cell, &court.faults))
                .collect();
            for fault in faults {
                court.events_of[fault].push(place);
            }
        }
        court
    }

    /// Every cell that could go down in the sight of these listeners.
    fn cells(&self, listeners: &[bool]) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (by, party) in self.case.parties.iter().enumerate() {
            for link in self.case.links.iter().filter(|_| listeners[by]) {
                if self.case.rings() {
                    cells.push((by, None, *link));
                } else {
                    cells.extend(party.peers.iter().map(|of| (by, Some(*of), *link)));
                }
            }
        }
        cells
    }

    fn judge(&self) -> Vec<Verdict> {
        let mut left = vec![true; self.drops.len()];
        let mut out: Vec<Verdict> = Vec::new();
        while out.len() < MOST && left.iter().any(|left| *left) {
            let mut ranked: Vec<(usize, f64)> = (0..self.faults.len())
                .map(|n| (n, self.worth(n, &left)))
                .filter(|(_, worth)| *worth > 0.0)
                .collect();
            let parties = self.case.parties.len();
            ranked.sort_by(|(a, worth_a), (b, worth_b)| {
                let simple = |n: usize| (self.faults[n].simplicity(parties), &self.faults[n]);
                worth_b
                    .total_cmp(worth_a)
                    .then_with(|| simple(*a).cmp(&simple(*b)))
            });
            let Some(&(best, _)) = ranked.first() else {
                break;
            };
            let (drops, events) = self.explained(best, &left);
            if drops.is_empty() {
                break;
            }
            let here = |n: usize| -> f64 {
                let places = self.events_of[n].iter();
                // Both are in order.
                let both = places.filter(|place| events.binary_search(place).is_ok());
                both.map(|place| self.worth_in(n, &self.events[*place], &left))
                    .sum()
            };
            let own = here(best);
            let others = ranked.iter().filter(|(n, _)| self.differs(best, *n));
            let other = others
                .map(|(n, _)| (*n, here(*n) / own))
                .max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)));
            let rival = other.map_or(0.0, |(_, share)| share);
            let verdict = Verdict {
                fault: self.faults[best].clone(),
                precision: self.precision(best, &events),
                rival,
                same_as_before: false,
                drops: drops.clone(),
            };
            let twin =
                (0..self.faults.len()).find(|n| self.is_twin(best, *n) && here(*n) >= own * 0.999);
            out.push(verdict.clone());
            out.extend(twin.map(|n| Verdict {
                fault: self.faults[n].clone(),
                same_as_before: true,
                ..verdict
            }));
            for n in drops {
                left[n] = false;
            }
        }
        self.rank(&mut out);
        out
    }

    /// What a fault explains of what is left, less what it would have caused besides.
    fn worth(&self, fault: usize, left: &[bool]) -> f64 {
        self.events_of[fault]
            .iter()
            .map(|place| self.worth_in(fault, &self.events[*place], left))
            .sum()
    }

    fn worth_in(&self, n: usize, event: &Event, left: &[bool]) -> f64 {
        let fault = &self.faults[n];
        let hit = |drop: &&usize| fault.hits(&self.drops[**drop]);
        let open: BTreeSet<Cell> = event
            .drops
            .iter()
            .filter(hit)
            .filter(|drop| left[**drop])
            .map(|drop| cell(&self.drops[*drop]))
            .collect();
        if open.is_empty() {
            return 0.0;
        }
        let first = event
            .drops
            .iter()
            .find(hit)
            .map(|drop| self.drops[*drop].began);
        let said = |sign: &HostSign| first.is_some_and(|when| sign.precedes(when));
        if fault.host.is_some_and(|sign| !said(&self.signs[sign])) {
            return 0.0;
        }
        let whole = event.cells.iter().filter(|c| fault.hits_cell(**c)).count();
        let missing = self.predicted[n][event.listeners].saturating_sub(whole) as f64;
        let rate = if fault.host.is_some() {
            MISSING_OF_HOST
        } else {
            MISSING
        };
        let at_once = open.len() as f64 - rate * missing;
        let now_and_then = if event.cells.iter().all(|c| fault.hits_cell(*c)) {
            open.len() as f64 * INTERMITTENT * self.ever[n]
        } else {
            0.0
        };
        let worth = at_once.max(now_and_then);
        if worth <= 0.0 {
            return 0.0;
        }
        let mut cards = self.cards.iter();
        let bonus = match &fault.who {
            _ if fault.host.is_some() => HOST_SAYS,
            Who::One(node) if cards.any(|sign| sign.party == *node && said(sign)) => HOST_SAYS,
            Who::All => {
                let parties = cards.filter(|sign| said(sign)).map(|sign| sign.party);
                match parties.collect::<BTreeSet<usize>>().len() {
                    0 | 1 => 0.0,
                    several => HOST_SAYS * several as f64,
                }
            }
            _ => 0.0,
        };
        worth + bonus
    }

    /// The drops that a fault explains: those of events that are its own, all of them or the better part of what it predicts.
    fn explained(&self, n: usize, left: &[bool]) -> (Vec<usize>, Vec<usize>) {
        let fault = &self.faults[n];
        let mut drops = Vec::new();
        let mut events = Vec::new();
        for &place in &self.events_of[n] {
            let event = &self.events[place];
            let whole = event.cells.iter().filter(|c| fault.hits_cell(**c)).count();
            let all = event.cells.len() == whole;
            let half = whole * 2 >= self.predicted[n][event.listeners];
            if !(all || half) || self.worth_in(n, event, left) <= 0.0 {
                continue;
            }
            let own = event
                .drops
                .iter()
                .filter(|d| left[**d] && fault.hits(&self.drops[**d]));
            drops.extend(own);
            events.push(place);
        }
        (drops, events)
    }

    fn precision(&self, n: usize, events: &[usize]) -> f64 {
        let fault = &self.faults[n];
        let hit = |place: &usize| {
            let cells = self.events[*place].cells.iter();
            cells.filter(|c| fault.hits_cell(**c)).count()
        };
        let predicted = |place: &usize| self.predicted[n][self.events[*place].listeners];
        let hits: usize = events.iter().map(hit).sum();
        let all: usize = events.iter().map(predicted).sum();
        hits as f64 / all.max(1) as f64
    }

    /// Whether two faults are other places to look at: a node as a whole is its port, too.
    fn differs(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.faults[a], &self.faults[b]);
        a.who != b.who || a.host != b.host
    }

    /// Whether the other one is worth a line of its own although it explains the very same: the switch behind the port of a
    /// lone observer.
    fn is_twin(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.faults[a], &self.faults[b]);
        matches!((&a.who, &b.who), (Who::One(_), Who::All)) && a.host.is_none() && a.link == b.link
    }

    /// By how many observers it explains, then by how often its node failed at all, then by how much it explains.
    fn rank(&self, verdicts: &mut [Verdict]) {
        let mut of_node: BTreeMap<usize, usize> = BTreeMap::new();
        for verdict in verdicts.iter().filter(|verdict| !verdict.same_as_before) {
            if let Who::One(node) = verdict.fault.who {
                *of_node.entry(node).or_default() += verdict.drops.len();
            }
        }
        let key = |verdict: &Verdict| {
            let observers: BTreeSet<usize> = self.observers(verdict).collect();
            let kin = match verdict.fault.who {
                Who::One(node) => of_node.get(&node).copied().unwrap_or(0),
                _ => verdict.drops.len(),
            };
            let first = verdict.drops.first().copied();
            (
                std::cmp::Reverse((observers.len(), kin, verdict.drops.len())),
                first,
                verdict.same_as_before,
            )
        };
        verdicts.sort_by_cached_key(key);
    }

    fn observers(&self, verdict: &Verdict) -> impl Iterator<Item = usize> {
        verdict.drops.iter().map(|drop| self.drops[*drop].by)
    }
}

fn cell(drop: &Drop) -> Cell {
    (drop.by, drop.of, drop.link)
}

/// Drops by time: what comes within the window of the first belongs to it. And the sets of nodes that could tell of them.
fn events(case: &Case, drops: &[Drop]) -> (Vec<Event>, Vec<Vec<bool>>) {
    let mut events: Vec<Event> = Vec::new();
    let mut listeners: Vec<Vec<bool>> = Vec::new();
    let mut first: Option<When> = None;
    for (n, drop) in drops.iter().enumerate() {
        if !first.is_some_and(|first| case.near(first, drop.began)) {
            first = Some(drop.began);
            let set: Vec<bool> = case.parties.iter().map(|p| p.listens(drop.began)).collect();
            let known = listeners.iter().position(|known| *known == set);
            if known.is_none() && listeners.len() < SETS {
                listeners.push(set);
            }
            events.push(Event {
                drops: Vec::new(),
                cells: BTreeSet::new(),
                listeners: known.unwrap_or(listeners.len() - 1),
            });
        }
        if let Some(event) = events.last_mut() {
            event.drops.push(n);
            event.cells.insert(cell(drop));
        }
    }
    (events, listeners)
}

/// Every fault that may be, in a fixed order.
fn faults(case: &Case, drops: &[Drop], events: &[Event], signs: &[HostSign]) -> Vec<Fault> {
    let mut who: BTreeSet<Who> = BTreeSet::from([Who::All]);
    let seen: BTreeSet<(usize, Option<usize>)> = drops.iter().map(|d| (d.by, d.of)).collect();
    for (by, of) in seen {
        who.insert(Who::One(by));
        if let Some(of) = of {
            who.insert(Who::One(of));
            who.insert(Who::Pair(by.min(of), by.max(of)));
            if one_sided(case, drops, by, of) {
                who.insert(Who::Toward(by, of));
            }
        }
    }
    who.extend(cuts(case, events).into_iter().map(Who::Cut));
    let mut links: Vec<Option<LinkId>> = case.links.iter().copied().map(Some).collect();
    if links.len() > 1 {
        links.push(None);
    }
    let mut faults: Vec<Fault> = Vec::new();
    for who in who {
        for link in &links {
            let (who, link) = (who.clone(), *link);
            faults.push(Fault {
                host: None,
                who,
                link,
            });
        }
    }
    let hosts = signs.iter().enumerate().filter(|(_, sign)| !sign.is_card());
    faults.extend(hosts.map(|(n, sign)| Fault {
        host: Some(n),
        who: Who::One(sign.party),
        link: None,
    }));
    faults
}

/// Whether one node lost the other, again or for long, and the other, whose log was read, never lost it. Spells as short as
/// knet's timeout are seen by one end only by chance.
fn one_sided(case: &Case, drops: &[Drop], deaf: usize, far: usize) -> bool {
    let of = |by: usize, of: usize| drops.iter().filter(move |d| d.by == by && d.of == Some(of));
    let long = |drop: &&Drop| {
        let lasted = drop.lasted;
        lasted.is_some_and(|span| span.seconds() > 3.0 * case.window_s)
    };
    of(far, deaf).next().is_none()
        && of(deaf, far).all(|drop| case.parties[far].listens(drop.began))
        && (of(deaf, far).count() > 1 || of(deaf, far).any(|drop| long(&drop)))
}

/// Ways to cut the cluster in two that some node saw: those whom it lost, and those whom it kept.
fn cuts(case: &Case, events: &[Event]) -> BTreeSet<BTreeSet<usize>> {
    let mut cuts = BTreeSet::new();
    for event in events {
        let observers: BTreeSet<usize> = event.cells.iter().map(|(by, ..)| *by).collect();
        for by in observers {
            let own = event.cells.iter().filter(|(other, ..)| *other == by);
            let lost: BTreeSet<usize> = own.filter_map(|(_, of, _)| *of).collect();
            let kept: BTreeSet<usize> = (0..case.parties.len())
                .filter(|n| !lost.contains(n))
                .collect();
            if lost.len() < 2 || kept.len() < 2 || cuts.len() == CUTS {
                continue;
            }
            // One side stands for both: the one with the first node.
            cuts.insert(if kept.contains(&0) { kept } else { lost });
        }
    }
    cuts
}
