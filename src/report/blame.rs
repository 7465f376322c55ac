//! Whose link it was: what every observer saw of every peer on every link, suspects, and whose log would settle it.
//! In: the spells of links in the time of an incident, what hosts said of themselves, tasks. Out: a `Blame`.
//! Never: counts a peer that left, booted or crashed as trouble of cables, or a task as a cause.

mod case;
mod suspects;
#[cfg(test)]
mod tests;
mod words;

use super::build::{Material, number};
use super::{Apart, Blame, BlameCell, Meanwhile, Suspect, Witness, explain};
use crate::cluster::ChangeKind;
use crate::incident::group::end;
use crate::model::{Coverage, NodeId, Severity, Span, Timestamp};
use crate::pattern::Match;
use case::Case;
use std::collections::{BTreeMap, BTreeSet};
use suspects::HostSign;

/// Windows of logs that are asked for begin and end at whole half minutes, a minute around the trouble.
const ROUND_S: i64 = 30;
const AROUND_S: i64 = 60;
/// Nodes that one sentence asks for.
const ASKED: usize = 6;

/// Whom an incident with link or token trouble is blamed on; nothing for another one.
pub fn blame(matches: &[&Match], tasks: &[Meanwhile], material: &Material<'_>) -> Option<Blame> {
    let of_network = |found: &&&Match| {
        found.severity > Severity::Info
            && matches!(
                found.pattern.id(),
                "link-flap" | "token-loss" | "network-degradation" | "nic-down"
            )
    };
    matches.iter().find(of_network)?;
    let first = matches.iter().map(|found| found.began.order).min()?;
    let last = matches.iter().map(|found| end(found).order).max()?;
    let case = case::case((first, last), material);
    let signs = signs(matches, &case);
    let loads = loads(tasks);
    let scene = words::Scene {
        case: &case,
        signs: &signs,
        loads: &loads,
    };
    let mut suspects: Vec<Suspect> = suspects::verdicts(&case, &signs)
        .iter()
        .map(|verdict| words::suspect(&scene, verdict))
        .collect();
    let judged = case.drops.len().min(suspects::JUDGED);
    if let Some(suspect) = suspects.first_mut().filter(|_| judged < case.drops.len()) {
        let all = case.drops.len();
        suspect
            .against
            .push(format!("judged by the first {judged} of {all} downs"));
    }
    let span = span(&case, matches);
    let witnesses = witnesses(&case, matches, span, (first, last), material);
    let observers: Vec<String> = case
        .parties
        .iter()
        .filter(|party| matches.iter().any(|found| party.listens(found.began)))
        .map(|party| party.name.clone())
        .collect();
    let blame = Blame {
        observers,
        matrix: matrix(&case),
        apart: case.apart.clone(),
        suspects,
        witnesses,
    };
    let empty = blame.matrix.is_empty() && blame.apart.is_empty() && blame.witnesses.is_empty();
    (!empty).then_some(blame)
}

/// What every observer saw.
fn matrix(case: &Case) -> Vec<BlameCell> {
    let mut cells: BTreeMap<_, (BlameCell, Option<Span>, Option<Span>)> = BTreeMap::new();
    for drop in &case.drops {
        let key = (drop.link, drop.by, drop.of);
        let (cell, all, longest) = cells.entry(key).or_insert_with(|| {
            let peer = drop.of.map(|of| &case.parties[of]);
            let cell = BlameCell {
                observer: case.parties[drop.by].name.clone(),
                peer: peer.map(|peer| peer.name.clone()),
                peer_id: peer.and_then(|peer| peer.id).map(|id| id.0),
                link: drop.link.0,
                downs: 0,
                down_s: None,
                longest_s: None,
                open: false,
            };
            (cell, Some(Span(0)), Some(Span(0)))
        });
        cell.downs += 1;
        cell.open |= drop.open;
        // One of unknown length makes the sum unknown.
        *all = all.zip(drop.lasted).map(|(all, own)| Span(all.0 + own.0));
        *longest = longest
            .zip(drop.lasted)
            .map(|(longest, own)| longest.max(own));
    }
    cells
        .into_values()
        .map(|(mut cell, all, longest)| {
            cell.down_s = all.map(Span::seconds);
            cell.longest_s = longest.map(Span::seconds);
            cell
        })
        .collect()
}

/// What the hosts said of themselves: cards that lost their carrier, and what keeps corosync from running.
fn signs(matches: &[&Match], case: &Case) -> Vec<HostSign> {
    let kinds = [
        "nic-down",
        "cpu-starvation",
        "disk-io-stall",
        "out-of-memory",
    ];
    let of_host = matches
        .iter()
        .filter(|found| kinds.contains(&found.pattern.id()));
    of_host.filter_map(|found| sign(found, case)).collect()
}

fn sign(found: &Match, case: &Case) -> Option<HostSign> {
    let node = found.node?;
    let party = case
        .parties
        .iter()
        .position(|party| party.observer == Some(node))?;
    let kind = found.pattern.id();
    // What is said of a wait is said at its end.
    let waited_s = match kind {
        "cpu-starvation" => number(&found.details, "longest_ms").map(|ms| ms / 1e3),
        "disk-io-stall" => number(&found.details, "seconds"),
        _ => None,
    };
    let waited = Span((waited_s.unwrap_or(0.0) * 1e6) as i64);
    let until = end(found).at;
    let span = found
        .began
        .at
        .zip(until)
        .map(|(from, until)| (from.plus(Span(-waited.0)), until));
    let name = &case.parties[party].name;
    let at = found
        .began
        .at
        .map_or_else(String::new, |at| format!(" at {}", at.clock()));
    let how_often = match found.count {
        1 => String::new(),
        n => format!(", {n} times"),
    };
    let text = match kind {
        "nic-down" => format!(
            "the kernel of {name} said{at} that {} lost its carrier or hung{how_often}",
            found.subject.as_deref().unwrap_or("an interface")
        ),
        "cpu-starvation" => match waited_s {
            Some(s) => format!(
                "corosync of {name} was not scheduled for up to {s:.1} s, said{at}{how_often}"
            ),
            None => format!("a processor of {name} was locked up, said{at}{how_often}"),
        },
        "disk-io-stall" => format!("disks of {name} stalled, said{at}{how_often}"),
        _ => format!("{name} ran out of memory{at}{how_often}"),
    };
    Some(HostSign {
        party,
        kind: kind.to_owned(),
        span,
        // Who waited for a processor is heard again at once; disks and memory go on to ail.
        reach_s: if kind == "cpu-starvation" { 10.0 } else { 60.0 },
        orders: (found.began.order, end(found).order),
        text,
    })
}

/// Tasks that send much over the network.
fn loads(tasks: &[Meanwhile]) -> Vec<String> {
    let heavy = |task: &&Meanwhile| {
        ["backup", "migration", "replication", "restore"]
            .iter()
            .any(|word| task.what.starts_with(word))
    };
    let said = tasks.iter().filter(heavy).map(|task| {
        let on = task.node.as_deref().unwrap_or("this node");
        format!(
            "{} ran on {on}: load looks like this too (a hint, see meanwhile)",
            task.what
        )
    });
    said.take(1).collect()
}

/// The time of the trouble.
fn span(case: &Case, matches: &[&Match]) -> Option<(Timestamp, Timestamp)> {
    let ends = case.drops.iter().map(|drop| {
        let at = drop.began.at?;
        Some((at, at.plus(drop.lasted.unwrap_or_default())))
    });
    let of_matches = matches.iter().filter(|found| {
        matches!(
            found.pattern.id(),
            "token-loss" | "membership-change" | "quorum-loss"
        )
    });
    let of_matches = of_matches.map(|found| found.began.at.zip(end(found).at));
    let all: Option<Vec<_>> = ends.chain(of_matches).collect();
    let all = all?;
    let from = all.iter().map(|(from, _)| *from).min()?;
    let until = all.iter().map(|(_, until)| *until).max()?;
    Some((from, until))
}

/// The window of a log that is needed: the trouble with a minute around it, rounded outwards.
fn window((from, until): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
    let round = ROUND_S * 1_000_000;
    let from = from.plus(Span::from_secs(-AROUND_S)).0;
    let until = until.plus(Span::from_secs(AROUND_S)).0;
    let down = from.div_euclid(round) * round;
    let up = until.div_euclid(round) * round
        + if until.rem_euclid(round) == 0 {
            0
        } else {
            round
        };
    (Timestamp(down), Timestamp(up))
}

/// Nodes that took part, and whose logs were not read for that time.
fn witnesses(
    case: &Case,
    matches: &[&Match],
    span: Option<(Timestamp, Timestamp)>,
    orders: (u64, u64),
    material: &Material<'_>,
) -> Vec<Witness> {
    let mut took_part: BTreeSet<usize> = case.drops.iter().filter_map(|drop| drop.of).collect();
    let gone = gone(matches, orders, material);
    let place = |id: &NodeId| case.parties.iter().position(|party| party.id == Some(*id));
    took_part.extend(gone.iter().filter_map(place));
    let when = case.drops.first().map(|drop| drop.began);
    let when = when.or_else(|| matches.first().map(|found| found.began));
    let unread = took_part.into_iter().filter(|n| {
        let party = &case.parties[*n];
        let own = case.drops.iter().any(|drop| drop.by == *n);
        !own && !case.may_log(*n) && !when.is_some_and(|when| party.listens(when))
    });
    let asked = span.map(window);
    let ring = ring(matches, orders, material);
    unread
        .map(|n| {
            let party = &case.parties[n];
            let lost_by: BTreeSet<usize> = case
                .drops
                .iter()
                .filter(|drop| drop.of == Some(n))
                .map(|drop| drop.by)
                .collect();
            let names: Vec<String> = lost_by
                .iter()
                .take(ASKED)
                .map(|by| case.parties[*by].name.clone())
                .collect();
            let what = match names.len() {
                0 => "whether it left, crashed or lost its links".to_owned(),
                _ => format!(
                    "whether it lost {} too, was busy, or was away",
                    explain::and(&names)
                ),
            };
            let place = match (&asked, &ring) {
                (None, Some(ring)) => format!("around the ring {ring}: "),
                _ => String::new(),
            };
            Witness {
                node: party.name.clone(),
                from: asked.map(|(from, _)| from),
                until: asked.map(|(_, until)| until),
                look_for: format!("{place}{what}"),
            }
        })
        .collect()
}

/// Who left a membership without a farewell.
fn gone(
    matches: &[&Match],
    (first, last): (u64, u64),
    material: &Material<'_>,
) -> BTreeSet<NodeId> {
    let nodes: BTreeSet<_> = matches.iter().filter_map(|found| found.node).collect();
    let changes = material.timeline.between(first, last);
    let changes = changes.filter(|change| change.node.is_some_and(|node| nodes.contains(&node)));
    let left = changes.filter_map(|change| match &change.kind {
        ChangeKind::MembershipFormed {
            left, unclean: 1, ..
        } => Some(left),
        _ => None,
    });
    left.flatten().copied().collect()
}

/// The first ring that was formed in the incident: the same in all logs, where there are no stamps.
fn ring(matches: &[&Match], (first, last): (u64, u64), material: &Material<'_>) -> Option<String> {
    let nodes: BTreeSet<_> = matches.iter().filter_map(|found| found.node).collect();
    material
        .timeline
        .between(first, last)
        .filter(|change| change.node.is_some_and(|node| nodes.contains(&node)))
        .find_map(|change| match &change.kind {
            // A ring of one is in no other log.
            ChangeKind::MembershipFormed { ring, size, .. }
                if ring != "?" && size.is_none_or(|size| size > 1) =>
            {
                Some(ring.clone())
            }
            _ => None,
        })
}

/// Whose logs would settle it, as one sentence.
pub fn asked_for(blame: &Blame, coverage: &Coverage) -> Option<String> {
    let first = blame.witnesses.first()?;
    let names = plain(&blame.witnesses);
    let words = match blame.witnesses.len() {
        1 => format!("the log of {names}"),
        _ => format!("the logs of {names}"),
    };
    let what = match blame.witnesses.len() {
        1 => first.look_for.clone(),
        _ => {
            let (place, _) = first.look_for.split_once(": ").unwrap_or(("", ""));
            let place = if place.is_empty() {
                String::new()
            } else {
                format!("{place}: ")
            };
            format!("{place}whether they lost links too, were busy, or were away")
        }
    };
    Some(match first.from.zip(first.until) {
        Some((from, until)) => {
            let (from, until) = clocks(from, until, coverage);
            format!("{words}, {from} to {until}: {what}")
        }
        None => format!("{words} for the same minutes, {what}"),
    })
}

/// `pve8`, `nodes 1, 3 and 8`.
fn plain(witnesses: &[Witness]) -> String {
    let more = witnesses.len().saturating_sub(ASKED);
    let kept = if more > 1 { ASKED } else { witnesses.len() };
    let shown: Vec<&str> = witnesses[..kept].iter().map(|w| &*w.node).collect();
    let ids: Option<Vec<&str>> = shown
        .iter()
        .map(|name| name.strip_prefix("node "))
        .collect();
    let (word, names) = match ids {
        Some(ids) if ids.len() > 1 => ("nodes ", ids),
        _ => ("", shown),
    };
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    if more > 1 {
        names.push(format!("{more} more"));
    }
    format!("{word}{}", explain::and(&names))
}

/// Both ends of a window, with the day where the logs hold several.
fn clocks(from: Timestamp, until: Timestamp, coverage: &Coverage) -> (String, String) {
    let firsts = coverage.inputs.iter().filter_map(|input| input.first);
    let day = |at: Timestamp| at.0.div_euclid(86_400_000_000);
    let first = firsts.map(day).min().unwrap_or(day(from));
    let said = |at: Timestamp, before: i64| {
        if day(at) == before {
            at.clock()
        } else {
            at.date_clock()
        }
    };
    (said(from, first), said(until, day(from)))
}
