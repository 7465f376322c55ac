//! Quorum and links as they were pasted: who is missing, what is left to spare, what one more failure would do.
//! In: a `Configuration`. Out: a fault for each.
//! Never: says that a status of some hour is the state of now.

use super::Found;
use crate::config::Configuration;
use crate::config::pasted::QuorumStatus;
use crate::model::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// All of them.
pub fn check(configuration: &Configuration) -> Vec<Found> {
    let mut found = Vec::new();
    for status in &configuration.pasted.quorum {
        if status.total.is_some() {
            found.extend(votes(configuration, status));
            found.extend(lowered(configuration, status));
        }
    }
    // Reports of several nodes repeat what is true of all.
    let mut seen = BTreeSet::new();
    found.retain(|one: &Found| {
        let fields: Vec<String> = one
            .fields
            .iter()
            .map(|(_, value)| value.to_string())
            .collect();
        seen.insert((one.check, fields))
    });
    found.extend(links(configuration));
    found
}

/// The nodes of corosync.conf, or else of .members, that the status does not show.
fn missing(configuration: &Configuration, status: &QuorumStatus) -> Vec<String> {
    let ids = configuration.node_ids();
    let absent = ids
        .iter()
        .filter(|(id, _)| !status.members.iter().any(|row| row.id == **id));
    absent.map(|(_, name)| name.clone()).collect()
}

fn votes(configuration: &Configuration, status: &QuorumStatus) -> Option<Found> {
    let (total, _) = status.total.as_ref()?;
    let (needed, _) = status.needed.as_ref()?;
    let expected = status.expected.as_ref().map(|(votes, _)| *votes);
    let margin = status.margin()?;
    let gone = expected.unwrap_or(*total).saturating_sub(*total);
    let missing = if status.members.is_empty() {
        Vec::new()
    } else {
        missing(configuration, status)
    };
    let quorate = status.quorate.as_ref().is_none_or(|(quorate, _)| *quorate) && margin >= 0;
    if quorate && gone == 0 && margin > 0 {
        return None;
    }
    let who = match (missing.is_empty(), gone) {
        (false, _) => format!("; missing: {}", missing.join(", ")),
        (true, 0) => String::new(),
        (true, 1) => "; one vote is missing".to_owned(),
        (true, votes) => format!("; {votes} votes are missing"),
    };
    let next = match margin {
        ..0 => "nothing can be written to /etc/pve, and nodes with HA active fence themselves",
        0 => {
            "one more node lost stops the whole cluster, and nodes with HA active fence themselves"
        }
        1 => "one more node may be lost, and no second",
        _ => "more nodes may be lost",
    };
    let lines = [
        &status.quorate.as_ref().map(|q| q.1.clone()),
        &status.expected.as_ref().map(|e| e.1.clone()),
    ];
    let lines = lines.into_iter().flatten();
    let lines: Vec<_> = lines.cloned().collect();
    let votes = [&status.total, &status.needed]
        .into_iter()
        .flatten()
        .map(|(_, at)| at);
    let mut found = Found::new(
        if quorate {
            "quorum-margin"
        } else {
            "quorum-lost"
        },
        None,
    )
    .shown_by(&lines)
    .shown_by(votes)
    .with("total", *total)
    .with("needed", *needed)
    .with("expected", expected)
    .with("margin", margin)
    .with("who", who)
    .with("next", next)
    .with("missing", missing);
    found.severity = match (quorate, margin, gone) {
        (true, 0, 1..) => Some(Severity::High),
        _ => None,
    };
    Some(found)
}

/// Fewer votes expected than configured: `pvecm expected`.
fn lowered(configuration: &Configuration, status: &QuorumStatus) -> Option<Found> {
    let (expected, at) = status.expected.as_ref()?;
    let conf = configuration.corosync.first()?;
    let written = conf
        .expected_votes
        .as_ref()
        .map_or_else(|| conf.votes(), |(votes, _)| *votes);
    (*expected < written).then(|| {
        Found::new("quorum-expected-lowered", None)
            .shown_by([at])
            .shown_by(conf.nodes.iter().map(|node| &node.at))
            .with("expected", *expected)
            .with("configured", written)
    })
}

/// Links that were not connected, by peer.
fn links(configuration: &Configuration) -> Vec<Found> {
    let ids = configuration.node_ids();
    let mut by_peer: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for link in &configuration.pasted.links {
        by_peer.entry(link.peer).or_default().push(link);
    }
    by_peer
        .into_iter()
        .filter_map(|(peer, links)| {
            let down: Vec<_> = links.iter().filter(|link| !link.connected).collect();
            if down.is_empty() {
                return None;
            }
            let numbers: BTreeSet<u32> = down.iter().map(|link| link.link).collect();
            let numbers: Vec<String> = numbers.iter().map(|link| format!("link {link}")).collect();
            let name = ids.get(&peer).map_or_else(
                || format!("node {peer}"),
                |name| format!("{name} (node {peer})"),
            );
            let all = down.len() == links.len();
            let mut found = Found::new(
                "link-not-connected",
                format!("{} to node {peer}", numbers.join(", ")),
            )
            .shown_by(down.iter().map(|link| &link.at))
            .with("links", numbers)
            .with("where", name)
            .with(
                "note",
                if all {
                    ", and no other link goes there"
                } else {
                    ", which leaves the others"
                },
            );
            if all {
                found.severity = Some(Severity::High);
            }
            Some(found)
        })
        .collect()
}
