//! Guests and HA by themselves: locks, ids, names that lead nowhere, states that were pasted.
//! In: a `Configuration`. Out: a fault for each.
//! Never: says that a lock is stuck; only whether one is there.

use super::Found;
use super::replicas::generation;
use super::seat::Seat;
use crate::config::{Configuration, Form, Guest, Spot};
use crate::model::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// All of them.
pub fn check(configuration: &Configuration, seats: &[Seat]) -> Vec<Found> {
    let mut found: Vec<Found> = configuration.guests.iter().filter_map(locked).collect();
    found.extend(twice(configuration));
    found.extend(missing(configuration));
    found.extend(unknown_groups(configuration));
    found.extend(unknown_nodes(configuration));
    found.extend(services(configuration));
    found.extend(agents(configuration));
    found.extend(failing(configuration, seats));
    found.extend(offline(configuration));
    found
}

/// A lock in the configuration of a guest.
fn locked(guest: &Guest) -> Option<Found> {
    let lock = guest.lock.as_ref()?;
    let way = match lock.value.as_str() {
        "suspended" => "suspended",
        "create" | "import" => "create",
        "migrate" => "migrate",
        _ => "other",
    };
    let tool = if guest.container { "pct" } else { "qm" };
    let mut found = Found::new("guest-lock", guest.service())
        .shown_by([&lock.at])
        .with("guest", guest.service())
        .with("lock", lock.value.as_str())
        .with("where", guest.node.as_deref().unwrap_or("its node"))
        .with("unlock", format!("{tool} unlock {}", guest.id))
        .with("way", way);
    found.node.clone_from(&guest.node);
    if way == "suspended" {
        found.severity = Some(Severity::Info);
    }
    Some(found)
}

/// One number, two configurations.
fn twice(configuration: &Configuration) -> Vec<Found> {
    let mut by_id: BTreeMap<u32, Vec<&Guest>> = BTreeMap::new();
    for guest in &configuration.guests {
        by_id.entry(guest.id).or_default().push(guest);
    }
    by_id
        .into_values()
        .filter(|same| same.len() > 1)
        .map(|same| {
            let nodes: Vec<String> = same.iter().filter_map(|guest| guest.node.clone()).collect();
            Found::new("guest-twice", same[0].service())
                .shown_by(same.iter().map(|guest| &guest.at))
                .with("guest", same[0].service())
                .with("nodes", nodes)
        })
        .collect()
}

/// Resources and jobs of guests that do not exist.
fn missing(configuration: &Configuration) -> Vec<Found> {
    if !configuration.whole {
        return Vec::new();
    }
    let resources = configuration.resources.iter();
    let resources = resources.map(|resource| (resource.guest, &resource.section.at, "HA"));
    let jobs = configuration
        .jobs
        .iter()
        .map(|job| (job.guest, &job.section.at, "replication"));
    resources
        .chain(jobs)
        .filter(|(id, ..)| configuration.guest(*id).is_none())
        .map(|(id, at, by)| {
            Found::new("guest-missing", format!("guest {id}"))
                .shown_by([at])
                .with("id", id)
                .with("by", by)
        })
        .collect()
}

/// Resources in groups that do not exist. PVE 9 has none.
fn unknown_groups(configuration: &Configuration) -> Vec<Found> {
    if !configuration.knows(Form::Groups) || generation(configuration) == Some("9") {
        return Vec::new();
    }
    let resources = configuration.resources.iter();
    resources
        .filter_map(|resource| {
            let name = resource.group.as_deref()?;
            let known = configuration.groups.iter().any(|group| group.id() == name);
            let line = resource.section.get("group")?;
            (!known).then(|| {
                Found::new("ha-group-unknown", resource.service())
                    .shown_by([&resource.section.at, &line.at])
                    .with("guest", resource.service())
                    .with("group", name)
            })
        })
        .collect()
}

/// Names of nodes that the cluster does not have.
fn unknown_nodes(configuration: &Configuration) -> Vec<Found> {
    if !configuration.nodes_are_listed() {
        return Vec::new();
    }
    let nodes = configuration.nodes();
    let mut named: BTreeMap<String, Vec<&Spot>> = BTreeMap::new();
    let mut name = |node: &str, at| {
        if !nodes.contains(node) {
            named.entry(node.to_owned()).or_default().push(at);
        }
    };
    for placement in configuration.groups.iter().chain(&configuration.rules) {
        for node in &placement.nodes {
            name(
                node,
                placement
                    .section
                    .get("nodes")
                    .map_or(&placement.section.at, |p| &p.at),
            );
        }
    }
    for storage in &configuration.storages {
        for node in storage.nodes.iter().flatten() {
            name(
                node,
                storage
                    .section
                    .get("nodes")
                    .map_or(&storage.section.at, |p| &p.at),
            );
        }
    }
    for job in &configuration.jobs {
        if let Some(node) = &job.target {
            name(
                node,
                job.section.get("target").map_or(&job.section.at, |p| &p.at),
            );
        }
    }
    for node in configuration
        .backups
        .iter()
        .filter_map(|job| job.get("node"))
    {
        name(&node.value, &node.at);
    }
    for guest in &configuration.guests {
        if let Some(node) = &guest.node {
            name(node, &guest.at);
        }
    }
    named
        .into_iter()
        .map(|(node, spots)| {
            Found::new("node-unknown", format!("node {node}"))
                .shown_by(spots)
                .with("name", node.as_str())
        })
        .collect()
}

/// Services that HA gave up, or cannot place.
fn services(configuration: &Configuration) -> Vec<Found> {
    let mut told = BTreeSet::new();
    let states = configuration.services.iter();
    states
        .filter(|service| matches!(service.state.as_str(), "error" | "recovery" | "fence"))
        .filter(|service| told.insert(service.service.clone()))
        .map(|service| {
            let mut found = Found::new("service-in-error", service.service.clone())
                .shown_by([&service.at])
                .with("guest", service.service.as_str())
                .with("state", service.state.as_str())
                .with("way", service.state.as_str())
                .with(
                    "where",
                    service.node.as_deref().unwrap_or("an unknown node"),
                );
            found.node.clone_from(&service.node);
            if service.state == "fence" {
                found.severity = Some(Severity::High);
            }
            found
        })
        .collect()
}

/// Agents that do not hold their lock.
fn agents(configuration: &Configuration) -> Vec<Found> {
    let mut told = BTreeSet::new();
    let states = configuration.agents.iter();
    states
        .filter(|agent| {
            agent.state == "lost_agent_lock" || agent.state.starts_with("old timestamp")
        })
        .filter(|agent| told.insert(agent.node.clone()))
        .map(|agent| {
            let mut found = Found::new("agent-not-working", None)
                .shown_by([&agent.at])
                .with("where", agent.node.as_str())
                .with("state", agent.state.as_str());
            found.node = Some(agent.node.clone());
            found
        })
        .collect()
}

/// Jobs that fail, of guests that HA does not start elsewhere: for the others that is told with the replica.
fn failing(configuration: &Configuration, seats: &[Seat]) -> Vec<Found> {
    let states = configuration.job_states.iter();
    states
        .filter(|state| state.fails > 0)
        .filter_map(|state| {
            let guest: u32 = state.job.split(['-', ':']).next()?.parse().ok()?;
            if seats.iter().any(|seat| seat.resource.guest == guest) {
                return None;
            }
            let found = Found::new("replication-failing", format!("job {}", state.job))
                .shown_by([&state.at])
                .with("job", state.job.as_str())
                .with("fails", state.fails)
                .with("state", state.state.as_str());
            Some(found)
        })
        .collect()
}

/// Storages that were not there when somebody looked.
fn offline(configuration: &Configuration) -> Vec<Found> {
    let inactive = configuration
        .pasted
        .storages
        .iter()
        .filter(|storage| storage.status == "inactive");
    inactive
        .map(|storage| {
            let guests: BTreeSet<String> = configuration
                .guests
                .iter()
                .filter(|guest| guest.disks.iter().any(|disk| disk.storage == storage.id))
                .map(Guest::service)
                .collect();
            let mut found = Found::new("storage-inactive", format!("storage {}", storage.id))
                .shown_by([&storage.at])
                .with("storage", storage.id.as_str());
            if !guests.is_empty() {
                found.severity = Some(Severity::High);
                let count = guests.len();
                let noun = if count == 1 { "guest" } else { "guests" };
                found = found.with("note", format!("; {count} {noun} have disks on it"));
            }
            found
        })
        .collect()
}
