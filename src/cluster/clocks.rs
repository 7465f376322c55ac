//! Comparing the clocks of hosts by what several of them log of one thing.
//! In: events of several hosts, in each one's own order. Out: every clock against the median one.
//! Never: trusts a single line; says that clocks differ where the stamps are too coarse to tell; orders anything.

// All members of a ring log its id when it is formed, and all members of a process group log the request for a
// synchronisation. Both pass around the ring within milliseconds, so stamps of one ring id differ by what the clocks
// differ by, unless a process was late. Sources: corosync exec/totemsrp.c, pve-cluster src/dfsm.c.

use super::handover::{Handover, Handovers};
use super::roster;
use crate::event::chrony::Chrony;
use crate::event::corosync::{Corosync, totem::Totem};
use crate::event::journald::Journald;
use crate::event::kernel::Kernel;
use crate::event::pmxcfs::Pmxcfs;
use crate::event::systemd::Systemd;
use crate::event::{Event, Kind};
use crate::model::{ClockPiece, HostClock, Name, SourceId, Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Shared things that are compared: of more, every second, third and so on.
const SHARED_MAX: usize = 1_000;
/// Hosts that are compared, those first that tell the most: no cluster has more.
const HOSTS_MAX: usize = 64;
/// Seconds between two lines of one thing from one host beyond which they are not of one thing.
const SAME_S: f64 = 60.0;
/// Seconds by which a stamp may be off from those around it: more is a late line, or a clock that was set.
const AGREE_S: f64 = 1.0;
/// Seconds that clocks kept by NTP, and the rounds of the ring, may differ by.
const NOISE_S: f64 = 0.2;
/// Points, and seconds from the first to the last, from which on a clock's drift can be told.
const DRIFT: (usize, f64) = (4, 10_800.0);
/// Rounds of comparing each host with all others.
const ROUNDS: usize = 3;

/// Whose clock stamped a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The host that it names.
    Host(Name),
    /// The log it is in, where no line before it named a host.
    Source(SourceId),
}

/// Tells whose clock stamped each line of a log, one line after the other.
#[derive(Clone, Debug, Default)]
pub struct Stampers {
    of_source: BTreeMap<SourceId, (Option<Name>, Whose)>,
}

impl Stampers {
    /// Whose clock stamped this line.
    pub fn of(&mut self, event: &Event) -> &Whose {
        let source = event.place.source;
        let (spelled, whose) = self
            .of_source
            .entry(source)
            .or_insert_with(|| (None, Whose::Source(source)));
        if event.host.is_some() && event.host != *spelled {
            spelled.clone_from(&event.host);
            let host = event.host.as_deref().unwrap_or_default();
            *whose = Whose::Host(roster::key_of(host));
        }
        whose
    }
}

/// The clocks of all hosts.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    hosts: BTreeMap<Whose, HostClock>,
    /// When things happened that logs without stamps may tell too, by the median clock.
    shared: BTreeMap<Shared, Timestamp>,
}

impl Clocks {
    /// Compares the clocks of all hosts in these logs.
    pub fn compare<'e>(events: impl Iterator<Item = &'e Event>) -> Clocks {
        let mut table = Table::default();
        let mut stampers = Stampers::default();
        for event in events {
            table.take(event, &mut stampers);
        }
        table.compare()
    }

    /// By how much the clock that stamped a line was ahead of the median one.
    pub fn ahead(&self, whose: &Whose, own: Timestamp) -> Span {
        self.hosts
            .get(whose)
            .map_or(Span(0), |clock| clock.ahead_at(own))
    }

    /// Whether any clock is to be corrected.
    pub fn differ(&self) -> bool {
        self.hosts.values().any(HostClock::is_off)
    }

    /// When the thing that a line tells of happened, if others log it too.
    pub fn happened(&self, event: &Event) -> Option<Timestamp> {
        self.shared.get(&Shared::of(&event.kind)?).copied()
    }

    /// Moves a clock as little as is needed for a lock not to be taken before it was lost.
    fn obey(&mut self, handover: &Handover) {
        let ((loser, lost), (taker, taken)) = (&handover.lost, &handover.taken);
        let true_time =
            |whose: &Whose, own: Timestamp| own.since(Timestamp(self.ahead(whose, own).0));
        let early = (true_time(loser, *lost).0 - true_time(taker, *taken).0) as f64 / 1e6;
        if early <= 0.0 {
            return;
        }
        let error = |whose: &Whose, own: Timestamp| {
            let piece = self.hosts.get(whose)?.piece(own)?;
            Some(piece.error.seconds())
        };
        match (error(loser, *lost), error(taker, *taken)) {
            // Both are known, and not well enough.
            (Some(a), Some(b)) => {
                if early <= a + b + AGREE_S {
                    let own = *taken;
                    let clock = self.hosts.get_mut(taker);
                    if let Some(piece) = clock.and_then(|clock| clock.piece_mut(own)) {
                        piece.ahead = Span(piece.ahead.0 - span(early.ceil()).0);
                    }
                }
            }
            // The manager's lock goes round; what a log leaves out may make two turns look like one.
            _ if !handover.fence => {}
            (None, Some(_)) => self.at_least(loser, span(early.ceil()), *lost),
            (_, None) => self.at_least(taker, span(-early.ceil()), *taken),
        }
    }

    fn at_least(&mut self, whose: &Whose, ahead: Span, own: Timestamp) {
        let clock = self.hosts.entry(whose.clone()).or_default();
        (clock.host, clock.source) = match whose {
            Whose::Host(name) => (Some(name.clone()), None),
            Whose::Source(source) => (None, Some(*source)),
        };
        clock.pieces = vec![ClockPiece::at_least(ahead, own)];
    }

    /// The clock of every host that could be compared.
    pub fn all(&self) -> Vec<HostClock> {
        let compared = |clock: &&HostClock| !clock.pieces.is_empty();
        self.hosts.values().filter(compared).cloned().collect()
    }
}

/// Something that several hosts log at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    /// A ring was formed.
    Ring(String),
    /// A process group is asked to synchronise: which, and its epoch.
    Sync(Name, u32, u32, u64),
}

impl Shared {
    fn of(kind: &Kind) -> Option<Shared> {
        match kind {
            Kind::Corosync(Corosync::Totem(Totem::MembershipFormed { ring, .. })) => {
                Some(Shared::Ring(ring.to_string()))
            }
            Kind::Pmxcfs(
                domain,
                Pmxcfs::SyncRequest {
                    epoch_node,
                    epoch_pid,
                    epoch,
                },
            ) => {
                let group = Name::from(domain.word());
                Some(Shared::Sync(group, epoch_node.0, *epoch_pid, epoch.0))
            }
            _ => None,
        }
    }
}

/// Whether a clock may run otherwise behind this line.
fn may_step(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Kernel(Kernel::LinuxVersion { .. })
            | Kind::Journald(Journald::BootMarker { .. })
            | Kind::Systemd(Systemd::TimeChanged {})
            | Kind::Chrony(Chrony::ClockStepped { .. })
    )
}

/// A stamp of a shared thing, in seconds.
#[derive(Clone, Copy, Debug)]
struct Stamp {
    own: Timestamp,
    source: SourceId,
}

/// What one host logged.
#[derive(Debug, Default)]
struct Host {
    stamps: BTreeMap<Shared, Stamp>,
    /// Told apart by nothing: said twice, at different times.
    ambiguous: BTreeSet<Shared>,
    steps: Vec<Timestamp>,
    /// Whether its stamps in a log have a fraction of a second.
    fine: BTreeMap<SourceId, bool>,
}

/// All that is compared.
#[derive(Debug, Default)]
struct Table {
    hosts: BTreeMap<Whose, Host>,
    handovers: Handovers,
}

impl Table {
    fn take(&mut self, event: &Event, stampers: &mut Stampers) {
        let Some(own) = event.at else {
            return;
        };
        let source = event.place.source;
        let whose = stampers.of(event);
        if !self.hosts.contains_key(whose) {
            self.hosts.insert(whose.clone(), Host::default());
        }
        let Some(host) = self.hosts.get_mut(whose) else {
            return;
        };
        *host.fine.entry(source).or_default() |= own.0 % 1_000_000 != 0;
        if may_step(&event.kind) {
            host.steps.push(own);
        }
        if let Some(shared) = Shared::of(&event.kind) {
            host.take(shared, Stamp { own, source });
        }
        self.handovers.take(event, whose, own);
    }

    fn compare(self) -> Clocks {
        let mut hosts: Vec<(Whose, Host)> = self.hosts.into_iter().collect();
        hosts.retain(|(_, host)| !host.stamps.is_empty());
        hosts.sort_by(|(a, one), (b, other)| {
            let most = other.stamps.len().cmp(&one.stamps.len());
            most.then_with(|| a.cmp(b))
        });
        hosts.truncate(HOSTS_MAX);
        hosts.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut happened: BTreeMap<&Shared, Row> = BTreeMap::new();
        for (n, (_, host)) in hosts.iter().enumerate() {
            for (shared, stamp) in &host.stamps {
                let at = seconds(stamp.own) + host.cut(stamp.source);
                happened.entry(shared).or_default().push((n, at));
            }
        }
        let rows: Vec<&Row> = happened.values().filter(|row| row.len() > 1).collect();
        let step = rows.len().div_ceil(SHARED_MAX).max(1);
        let rows: Vec<&Row> = rows.into_iter().step_by(step).collect();
        let mut tracks = first_guess(hosts.len(), &rows);
        for _ in 0..ROUNDS {
            tracks = refined(&hosts, &tracks, &rows);
        }
        let tracks = against_the_median(tracks, &hosts);
        let shared = happened
            .into_iter()
            .filter_map(|(shared, row)| {
                let corrected = row.iter().map(|(n, at)| at - ahead(&tracks[*n], *at));
                Some((shared.clone(), timestamp(median(corrected.collect())?)))
            })
            .collect();
        let whose = hosts.into_iter().map(|(whose, _)| whose);
        let mut clocks = Clocks {
            hosts: whose.zip(tracks).collect(),
            shared,
        };
        for handover in self.handovers.certain() {
            clocks.obey(&handover);
        }
        clocks
    }
}

/// When one thing happened, by each host that tells of it.
type Row = Vec<(usize, f64)>;

/// By how much a clock was ahead when it showed `own`, to the fraction of a second.
fn ahead(track: &Track, own: f64) -> f64 {
    let own = timestamp(own);
    track
        .piece(own)
        .map_or(0.0, |piece| piece.ahead_at(own).seconds())
}

/// Compares each host with what all hosts tell of each thing.
fn refined(hosts: &[(Whose, Host)], tracks: &[Track], rows: &[&Row]) -> Vec<Track> {
    let mut points: Vec<Vec<Point>> = vec![Vec::new(); tracks.len()];
    let weight = |n: usize| tracks[n].pieces.iter().map(|p| p.shared).sum::<usize>();
    for row in rows {
        let seen: Vec<(usize, f64, f64)> = row
            .iter()
            .filter(|(n, _)| !tracks[*n].pieces.is_empty())
            .map(|(n, at)| (*n, *at, at - ahead(&tracks[*n], *at)))
            .collect();
        let truth = match seen.len() {
            0 | 1 => continue,
            // Of two nobody knows which is right: the one that more is known of.
            2 => seen
                .iter()
                .max_by_key(|(n, ..)| (weight(*n), std::cmp::Reverse(*n)))
                .map(|(.., at)| *at),
            _ => median(seen.iter().map(|(.., at)| *at).collect()),
        };
        let Some(truth) = truth else { continue };
        for (n, at, _) in seen {
            points[n].push(Point {
                own: at,
                ahead: at - truth,
            });
        }
    }
    let hosts = hosts.iter().zip(points);
    hosts
        .map(|((whose, logged), points)| {
            let coarse = logged.coarsest() > 0.0;
            let (host, source) = match whose {
                Whose::Host(name) => (Some(name.clone()), None),
                Whose::Source(source) => (None, Some(*source)),
            };
            HostClock {
                host,
                source,
                whole_seconds: coarse,
                pieces: pieces(points, &logged.steps, coarse),
            }
        })
        .collect()
}

impl Host {
    /// Half of what its stamps in a log are cut to: the middle of a second is the best guess.
    fn cut(&self, source: SourceId) -> f64 {
        match self.fine.get(&source) {
            Some(true) => 0.0,
            _ => 0.5,
        }
    }

    /// The most that stamps are cut to.
    fn coarsest(&self) -> f64 {
        let cuts = self.stamps.values().map(|stamp| self.cut(stamp.source));
        cuts.fold(0.0, f64::max)
    }

    fn take(&mut self, shared: Shared, stamp: Stamp) {
        if self.ambiguous.contains(&shared) {
            return;
        }
        match self.stamps.get_mut(&shared) {
            None => {
                self.stamps.insert(shared, stamp);
            }
            Some(have) if stamp.own.since(have.own).seconds().abs() > SAME_S => {
                self.stamps.remove(&shared);
                self.ambiguous.insert(shared);
            }
            // The same line from another log of this host: the one that has a fraction.
            Some(have) if have.own.0 % 1_000_000 == 0 => *have = stamp,
            Some(_) => {}
        }
    }
}

/// A clock while it is being compared.
type Track = HostClock;

/// One comparison: what the clock showed, and by how much that was ahead.
#[derive(Clone, Copy, Debug)]
struct Point {
    own: f64,
    ahead: f64,
}

/// One offset for each host, along the pairs that share the most.
fn first_guess(hosts: usize, rows: &[&Row]) -> Vec<Track> {
    let mut pairs: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for row in rows {
        for (a, at) in *row {
            for (b, other) in row.iter().filter(|(b, _)| b != a) {
                pairs.entry((*a, *b)).or_default().push(other - at);
            }
        }
    }
    let mut tracks = vec![Track::default(); hosts];
    let shared = |n: usize| {
        rows.iter()
            .filter(|row| row.iter().any(|(m, _)| *m == n))
            .count()
    };
    let counts: Vec<usize> = (0..hosts).map(shared).collect();
    let known = |tracks: &[Track], n: usize| !tracks[n].pieces.is_empty();
    // Hosts that share nothing with the first form groups of their own.
    while let Some(root) = (0..hosts)
        .filter(|n| counts[*n] > 0 && !known(&tracks, *n))
        .max_by_key(|n| (counts[*n], std::cmp::Reverse(*n)))
    {
        tracks[root].pieces = vec![constant(0.0, counts[root])];
        while let Some(((a, b), differences)) = pairs
            .iter()
            .filter(|((a, b), _)| known(&tracks, *a) && !known(&tracks, *b))
            .max_by_key(|(pair, differences)| (differences.len(), std::cmp::Reverse(**pair)))
        {
            let from = tracks[*a].pieces.first().map_or(0.0, |p| p.ahead.seconds());
            let ahead = from + median(differences.clone()).unwrap_or(0.0);
            tracks[*b].pieces = vec![constant(ahead, counts[*b])];
        }
    }
    tracks
}

fn constant(ahead: f64, shared: usize) -> ClockPiece {
    ClockPiece {
        from: None,
        ahead: span(ahead),
        at: Timestamp(0),
        drift: 0.0,
        compared: (Timestamp(0), Timestamp(0)),
        error: Span(0),
        shared,
    }
}

/// The times in which a clock ran evenly. A point that no neighbour agrees with is a late line.
fn pieces(mut points: Vec<Point>, steps: &[Timestamp], coarse: bool) -> Vec<ClockPiece> {
    points.sort_by(|a, b| a.own.total_cmp(&b.own));
    let agree = AGREE_S + if coarse { 1.0 } else { 0.0 };
    let mut steps = steps.to_vec();
    steps.sort();
    let stepped = |a: f64, b: f64| {
        let next = steps.partition_point(|step| seconds(*step) <= a);
        steps.get(next).filter(|step| seconds(**step) <= b)
    };
    let mut runs: Vec<Vec<Point>> = Vec::new();
    for (n, point) in points.iter().enumerate() {
        // Of its neighbours, those that no step stands between.
        let near: Vec<f64> = points[n.saturating_sub(2)..(n + 3).min(points.len())]
            .iter()
            .filter(|near| {
                let (a, b) = (near.own.min(point.own), near.own.max(point.own));
                stepped(a, b).is_none()
            })
            .map(|near| near.ahead)
            .collect();
        let alone = near.len() < 2;
        if alone || median(near).is_none_or(|level| (point.ahead - level).abs() > agree) {
            continue;
        }
        let goes_on = runs.last().and_then(|run| run.last()).is_some_and(|last| {
            let level = (last.ahead - point.ahead).abs() <= agree;
            level && (stepped(last.own, point.own).is_none() || steady(&runs, point, agree))
        });
        match runs.last_mut() {
            Some(run) if goes_on => run.push(*point),
            _ => runs.push(vec![*point]),
        }
    }
    runs.retain(|run| run.len() > 1);
    // Where most of it does not fit, these are not the same things: ring ids of another cluster, or of another life of it.
    let kept: usize = runs.iter().map(Vec::len).sum();
    if kept * 2 < points.len() {
        return Vec::new();
    }
    let mut pieces: Vec<ClockPiece> = Vec::new();
    let mut before: Option<f64> = None;
    for run in runs {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let from = before.map(|before| match stepped(before, first.own) {
            Some(step) => *step,
            None => timestamp(f64::midpoint(before, first.own)),
        });
        before = Some(last.own);
        pieces.push(fitted(&run, from, coarse));
    }
    pieces
}

/// Whether a step changed nothing: then the piece goes on over it.
fn steady(runs: &[Vec<Point>], point: &Point, agree: f64) -> bool {
    runs.last()
        .and_then(|run| median(run.iter().map(|p| p.ahead).collect()))
        .is_some_and(|level| (level - point.ahead).abs() <= agree / 2.0)
}

/// One piece through points that agree.
fn fitted(run: &[Point], from: Option<Timestamp>, coarse: bool) -> ClockPiece {
    let count = run.len() as f64;
    let first = run.first().map_or(0.0, |p| p.own);
    let last = run.last().map_or(0.0, |p| p.own);
    let mean = |of: fn(&Point) -> f64| run.iter().map(of).sum::<f64>() / count;
    // Stamps of whole seconds say more together than the middle one of them does.
    let level = match coarse {
        true => mean(|p| p.ahead),
        false => median(run.iter().map(|p| p.ahead).collect()).unwrap_or(0.0),
    };
    let middle = mean(|p| p.own);
    let (mut up, mut across) = (0.0, 0.0);
    for point in run {
        up += (point.own - middle) * (point.ahead - mean(|p| p.ahead));
        across += (point.own - middle).powi(2);
    }
    let drift = if across > 0.0 { up / across } else { 0.0 };
    let off = |drift: f64| {
        let square = |p: &Point| (p.ahead - level - (p.own - middle) * drift).powi(2);
        (run.iter().map(square).sum::<f64>() / count).sqrt()
    };
    let long = run.len() >= DRIFT.0 && last - first >= DRIFT.1;
    let drift = match long && (drift * (last - first)).abs() > 4.0 * off(drift) + NOISE_S {
        true => drift,
        false => 0.0,
    };
    let spread = off(drift).max(if coarse { 0.3 } else { 0.02 });
    ClockPiece {
        from,
        ahead: span(level),
        at: timestamp(middle),
        drift,
        compared: (timestamp(first), timestamp(last)),
        error: span(2.0 * spread / count.sqrt() + if coarse { 0.1 } else { 0.01 }),
        shared: run.len(),
    }
}

/// Clocks against the median one; what the stamps are too coarse to tell is no difference.
fn against_the_median(mut tracks: Vec<Track>, hosts: &[(Whose, Host)]) -> Vec<Track> {
    let usual = |track: &Track| track.firmest().map(|piece| piece.ahead.seconds());
    let levels: Vec<f64> = tracks.iter().filter_map(usual).collect();
    let middle = lower_median(levels).unwrap_or(0.0);
    // A clock is only told as well as those that it is compared with.
    let cuts = hosts.iter().map(|(_, host)| host.coarsest());
    let cut = cuts.fold(0.0, f64::max);
    for track in &mut tracks {
        for piece in &mut track.pieces {
            let ahead = piece.ahead.seconds() - middle;
            let told = ahead.abs() > NOISE_S + cut + piece.error.seconds();
            piece.ahead = if told { span(ahead) } else { Span(0) };
            if !told {
                piece.drift = 0.0;
            }
        }
        track.pieces.dedup_by(|b, a| {
            let same = a.ahead == Span(0) && b.ahead == Span(0);
            if same {
                a.shared += b.shared;
                a.compared.1 = b.compared.1;
                a.error = a.error.min(b.error);
            }
            same
        });
    }
    tracks
}

fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1e6
}

fn timestamp(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1e6) as i64)
}

fn span(seconds: f64) -> Span {
    Span((seconds * 1e6) as i64)
}

/// The middle one; of an even number the mean of the two.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    match values.len() % 2 {
        0 => Some(f64::midpoint(upper, values[values.len() / 2 - 1])),
        _ => Some(upper),
    }
}

/// The middle one; of an even number the smaller of the two, so that one clock is the measure.
fn lower_median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    const HOUR: i64 = 3600;

    /// A host that forms ring `sequence` at a second and some milliseconds.
    fn formed(host: &str, sequence: u64, millis: i64) -> Event {
        let text = format!("[TOTEM ] A new membership (1.{sequence:x}) was formed. Members");
        let kind = crate::event::corosync::read(&text, false).expect("a message");
        event(host, millis, kind)
    }

    fn event(host: &str, millis: i64, kind: Kind) -> Event {
        Event {
            at: Some(Timestamp(millis * 1000)),
            host: Some(Name::from(host)),
            place: Place {
                source: SourceId(host.bytes().map(u32::from).sum()),
                line: 1,
            },
            program: Name::from("corosync"),
            pid: None,
            boot: None,
            repeat: 1,
            kind,
            text: "".into(),
        }
    }

    /// Rings every ten minutes; `ahead` of a host and a ring, in milliseconds.
    fn compared(rings: u64, ahead: impl Fn(&str, u64) -> i64) -> Clocks {
        let mut events = Vec::new();
        for ring in 1..=rings {
            for (n, host) in ["a", "b", "c"].into_iter().enumerate() {
                let at = ring as i64 * 600_000 + 7 * (n as i64 + ring as i64);
                events.push(formed(host, ring, at + 123 + ahead(host, ring)));
            }
        }
        Clocks::compare(events.iter())
    }

    fn told(clocks: &Clocks, host: &str) -> Vec<f64> {
        let clock = &clocks.hosts[&Whose::Host(Name::from(host))];
        let tenth = |piece: &ClockPiece| (piece.ahead.seconds() * 10.0).round() / 10.0;
        clock.pieces.iter().map(tenth).collect()
    }

    #[test]
    fn one_clock_is_off_and_the_others_are_not() {
        let clocks = compared(4, |host, _| if host == "b" { -4_200 } else { 0 });
        assert_eq!(told(&clocks, "a"), [0.0]);
        assert_eq!(told(&clocks, "b"), [-4.2]);
        assert_eq!(told(&clocks, "c"), [0.0]);
        let whose = Whose::Host(Name::from("b"));
        let ahead = clocks.ahead(&whose, Timestamp::from_seconds(600));
        assert!((ahead.seconds() + 4.2).abs() < 0.05, "{ahead}");
    }

    #[test]
    fn a_late_line_pulls_nothing() {
        let clocks = compared(
            6,
            |host, ring| {
                if host == "b" && ring == 3 { 40_000 } else { 0 }
            },
        );
        for host in ["a", "b", "c"] {
            assert_eq!(told(&clocks, host), [0.0], "{host}");
        }
    }

    #[test]
    fn a_single_shared_line_proves_nothing() {
        let clocks = compared(1, |host, _| if host == "b" { 9_000 } else { 0 });
        assert!(!clocks.differ());
        assert!(told(&clocks, "b").is_empty());
    }

    #[test]
    fn a_clock_that_was_set_has_two_pieces() {
        let clocks = compared(
            8,
            |host, ring| {
                if host == "c" && ring < 5 { 30_000 } else { 0 }
            },
        );
        assert_eq!(told(&clocks, "c"), [30.0, 0.0]);
        assert_eq!(told(&clocks, "a"), [0.0]);
    }

    #[test]
    fn a_clock_that_gains_is_followed() {
        // 20 seconds a day.
        let clocks = compared(100, |host, ring| {
            if host == "c" {
                5_000 + ring as i64 * 139
            } else {
                0
            }
        });
        let whose = Whose::Host(Name::from("c"));
        for ring in [1, 50, 100] {
            let own = Timestamp::from_seconds(ring * 600 + 5 + ring * 139 / 1000);
            let off = clocks.ahead(&whose, own).seconds() - 5.0 - ring as f64 * 0.139;
            assert!(off.abs() < 0.2, "ring {ring}: {off}");
        }
    }

    #[test]
    fn another_zone_is_found_whatever_the_hours() {
        let clocks = compared(3, |host, _| if host == "a" { 2 * HOUR * 1000 } else { 0 });
        assert_eq!(told(&clocks, "a"), [7200.0]);
        assert_eq!(told(&clocks, "b"), [0.0]);
    }

    #[test]
    fn rings_of_another_cluster_tell_nothing() {
        let clocks = compared(40, |host, ring| match host {
            "c" => (ring * ring * 7_919 % 86_400_000) as i64,
            _ => 0,
        });
        assert!(told(&clocks, "c").is_empty());
        assert_eq!(told(&clocks, "a"), [0.0]);
    }

    /// The lock of node a, lost by its LRM or taken by another's CRM.
    fn lock(host: &str, seconds: i64, taken: bool) -> Event {
        let read = match taken {
            true => {
                let text = "successfully acquired lock 'ha_agent_a_lock'";
                crate::event::pve_ha_crm::read(text, false)
            }
            false => {
                let text =
                    "lost lock 'ha_agent_a_lock - cfs lock update failed - Permission denied";
                crate::event::pve_ha_lrm::read(text, false)
            }
        };
        event(host, seconds * 1000, read.expect("a message"))
    }

    #[test]
    fn a_lock_is_not_taken_before_it_was_given_back() {
        let handed = |lost: i64, taken: i64| {
            let events = [lock("a", lost, false), lock("b", taken, true)];
            Clocks::compare(events.iter())
        };
        assert!(!handed(100, 104).differ());
        let clocks = handed(140, 104);
        assert_eq!(told(&clocks, "b"), [-36.0]);
        let clock = clocks.all().into_iter().next().expect("one");
        assert!(clock.pieces[0].is_least());
    }

    #[test]
    fn a_lock_that_goes_back_and_forth_tells_nothing() {
        let events = [
            lock("a", 140, false),
            lock("b", 104, true),
            lock("b", 300, false),
            lock("a", 301, true),
        ];
        assert!(!Clocks::compare(events.iter()).differ());
    }

    #[test]
    fn a_clock_that_is_known_moves_no_further_than_its_error() {
        for (early, moved) in [(1, true), (30, false)] {
            let mut events = Vec::new();
            for ring in 1..=4_u64 {
                for host in ["a", "b", "c"] {
                    events.push(formed(host, ring, ring as i64 * 600_000));
                }
            }
            events.push(lock("a", 3_000, false));
            events.push(lock("b", 3_000 - early, true));
            assert_eq!(Clocks::compare(events.iter()).differ(), moved, "{early} s");
        }
    }

    #[test]
    fn whole_seconds_invent_no_difference() {
        let mut events = Vec::new();
        for ring in 1..=9_u64 {
            for (n, host) in ["a", "b", "c"].into_iter().enumerate() {
                let at = ring as i64 * 600_370 + 90 * n as i64;
                events.push(formed(host, ring, at / 1000 * 1000));
            }
        }
        assert!(!Clocks::compare(events.iter()).differ());
    }

    #[test]
    fn a_log_without_stamps_tells_when_by_what_it_shares() {
        let clocks = compared(2, |_, _| 0);
        let mut bare = formed("d", 2, 0);
        bare.at = None;
        let at = clocks.happened(&bare).expect("others log it");
        assert!((at.since(Timestamp::from_seconds(1200)).seconds()).abs() < 1.0);
        assert_eq!(clocks.happened(&formed("d", 77, 0)), None);
    }
}
