//! HA against replication and storage: would a guest find its disks where HA starts it?
//! In: seats. Out: a fault for each guest, or rule, that has a node too many, too few or too stale.
//! Never: tells one node twice for the same guest.

use super::Found;
use super::seat::{Copy, Seat};
use super::words::word;
use crate::config::{Affinity, Configuration, Form, Job, Spot};
use crate::model::{Basis, Severity};
use std::collections::BTreeSet;

/// All forms in which the two can miss each other.
pub fn check(configuration: &Configuration, seats: &[Seat]) -> Vec<Found> {
    let mut found = Vec::new();
    for seat in seats {
        found.extend(unfounded(configuration, seat));
        found.extend(unused(configuration, seat));
        found.extend(stale(configuration, seat));
        found.extend(incomplete(configuration, seat));
        found.extend(excluded(configuration, seat));
    }
    for rule in &configuration.affinities {
        found.extend(apart(configuration, rule, seats));
    }
    found
}

/// The fields that every one of them has.
fn about(check: &'static str, configuration: &Configuration, seat: &Seat) -> Found {
    let mut about = Found::new(check, seat.service.clone())
        .with("guest", seat.service.as_str())
        .with("id", seat.resource.guest)
        .with("home", seat.home.as_deref())
        .with("owners", seat.owners());
    about = match &seat.home {
        Some(home) => about.with("at", format!(" on {home}")),
        None => about.with(
            "perhaps",
            "; no file tells where it is now, which may be one of these",
        ),
    };
    if let Some(placement) = seat.placement {
        let what = if placement.is_rule() { "rule" } else { "group" };
        about = about.with("placement", format!("{what} `{}`", placement.id()));
    }
    if let Some(generation) = generation(configuration) {
        about = about.with("pve", generation);
    }
    if seat.home.is_none() || !configuration.nodes_are_listed() {
        about.basis = Basis::Inferred;
    }
    about
}

/// `9` has rules, `8` stands for all that have groups.
pub fn generation(configuration: &Configuration) -> Option<&'static str> {
    let grouped = configuration
        .resources
        .iter()
        .any(|resource| resource.group.is_some());
    match &configuration.version {
        Some((major, _)) if *major >= 9 => Some("9"),
        Some(_) => Some("8"),
        None if !configuration.rules.is_empty() || !configuration.affinities.is_empty() => {
            Some("9")
        }
        None if grouped || !configuration.groups.is_empty() => Some("8"),
        None => None,
    }
}

/// HA may start the guest where its disks are not.
fn unfounded(configuration: &Configuration, seat: &Seat) -> Option<Found> {
    let bad = seat.bad();
    if bad.is_empty() || !seat.needs_copy() {
        return None;
    }
    let check = match (seat.jobs.is_empty(), seat.placement) {
        // Nothing replicates it: where it may run is the lesser question.
        (true, _) if !configuration.knows(Form::Replication) => return None,
        (true, _) => "local-disks-under-ha",
        (false, None) if !is_surely_unbound(configuration, seat) => return None,
        (false, None) => "ha-unbound",
        (false, Some(placement)) if !placement.strict => "ha-preferred-only",
        (false, Some(_)) => "ha-node-without-replica",
    };
    let storages: BTreeSet<String> = seat.local.iter().map(|disk| disk.storage.clone()).collect();
    let disks = seat.local.iter().map(|disk| &disk.at);
    let jobs = seat.job_lines();
    let mut found = about(check, configuration, seat)
        .shown_by(seat.placement_lines())
        .shown_by(jobs)
        .shown_by(disks.take(if seat.jobs.is_empty() { 4 } else { 0 }))
        .with("storages", storages.into_iter().collect::<Vec<String>>())
        .with("missing", bad.clone());
    let numbers = free_jobs(seat);
    let copies = numbers
        .zip(&bad)
        .map(|(job, node)| format!("pvesr create-local-job {job} {}", word(node)));
    found = found.with("copy", copies.collect::<Vec<String>>().join("\n"));
    if let Some(idle) = seat.idle.filter(|_| seat.placement.is_none()) {
        found = found.with(
            "idle",
            format!(", for the rule `{}` is switched off", idle.id()),
        );
    }
    Some(mended(found, configuration, seat, &seat.owners()))
}

/// Whether nothing binds a guest, and not only nothing that was read: its group may stand in a file that is not here, and of a
/// rule only its name may be known.
fn is_surely_unbound(configuration: &Configuration, seat: &Seat) -> bool {
    let grouped = seat.resource.group.is_some() && !configuration.knows(Form::Groups);
    !grouped && configuration.vague_rule(&seat.service).is_none()
}

/// The ids that no job of the guest has.
fn free_jobs<'s>(seat: &'s Seat) -> impl Iterator<Item = String> + use<'s> {
    let ids = (0..u32::MAX).map(|number| format!("{}-{number}", seat.resource.guest));
    ids.filter(|id| !seat.jobs.iter().any(|job| job.id() == id))
}

/// With the commands that bind the guest to exactly these nodes.
fn mended(found: Found, configuration: &Configuration, seat: &Seat, nodes: &[String]) -> Found {
    let service = &seat.service;
    let own = format!("keep-{}", service.replace(':', "-"));
    let list = word(&nodes.join(","));
    let add_rule = format!(
        "ha-manager rules add node-affinity {own} --resources {service} --nodes {list} --strict 1"
    );
    let rules = match seat
        .placement
        .or(seat.idle)
        .filter(|placement| placement.is_rule())
    {
        Some(rule) if rule.services.len() == 1 => {
            let wake = if rule.disabled {
                " --delete disable"
            } else {
                ""
            };
            format!(
                "ha-manager rules set node-affinity {} --nodes {list} --strict 1{wake}",
                word(rule.id())
            )
        }
        Some(rule) if !rule.disabled => {
            let others: Vec<&str> = rule
                .services
                .iter()
                .map(String::as_str)
                .filter(|other| other != service)
                .collect();
            format!(
                "ha-manager rules set node-affinity {} --resources {} && {add_rule}",
                word(rule.id()),
                word(&others.join(","))
            )
        }
        _ => add_rule,
    };
    let alone = |name: &str| {
        let mut users = configuration
            .resources
            .iter()
            .filter(|r| r.group.as_deref() == Some(name));
        users.all(|user| user.guest == seat.resource.guest)
    };
    let groups = match seat.placement.filter(|placement| !placement.is_rule()) {
        Some(group) if alone(group.id()) => {
            format!(
                "ha-manager groupset {} --nodes {list} --restricted 1",
                word(group.id())
            )
        }
        _ => format!(
            "ha-manager groupadd {own} --nodes {list} --restricted 1 && ha-manager set {service} --group {own}"
        ),
    };
    found.with("rules", rules).with("groups", groups)
}

/// A replica on a node that HA will never use.
fn unused(configuration: &Configuration, seat: &Seat) -> Option<Found> {
    let placement = seat.placement.filter(|placement| placement.strict)?;
    let is_idle = |job: &&&Job| {
        let target = job.target.as_ref();
        target.is_some_and(|target| {
            !placement.nodes.contains(target) && seat.home.as_ref() != Some(target)
        })
    };
    let idle: Vec<&&Job> = seat.jobs.iter().filter(is_idle).collect();
    if idle.is_empty() {
        return None;
    }
    let targets: Vec<String> = idle.iter().filter_map(|job| job.target.clone()).collect();
    let elsewhere = seat.nodes(|cell| cell.may_run && !cell.home && cell.copy != Copy::No);
    let jobs = idle.iter().flat_map(|job| {
        let target = job.section.get("target").map(|target| &target.at);
        std::iter::once(&job.section.at).chain(target)
    });
    let mut found = about("replica-unused", configuration, seat)
        .shown_by(seat.placement_lines())
        .shown_by(jobs)
        .with("unused", targets);
    if elsewhere.is_empty() {
        found.severity = Some(Severity::High);
        found = found.with("hope", "; it has no other node to go to");
    }
    Some(mended(found, configuration, seat, &seat.owners()))
}

/// A replica that HA would use, and that is old.
fn stale(configuration: &Configuration, seat: &Seat) -> Vec<Found> {
    let used = |job: &Job| {
        let mut cells = seat.cells.iter();
        cells.any(|cell| Some(&cell.node) == job.target.as_ref() && cell.may_run && !cell.home)
    };
    seat.stale
        .iter()
        .filter(|(job, ..)| used(job))
        .map(|(job, why, at)| {
            let way = if job.disabled { "off" } else { "failing" };
            about("replica-stale", configuration, seat)
                .shown_by(std::iter::once(&job.section.at).chain(at))
                .shown_by([&seat.resource.section.at])
                .with("job", job.id())
                .with("target", job.target.as_deref().unwrap_or("?"))
                .with("state", why.as_str())
                .with("way", way)
        })
        .collect()
}

/// Disks that the jobs of the guest leave out.
fn incomplete(configuration: &Configuration, seat: &Seat) -> Option<Found> {
    if seat.jobs.is_empty() {
        return None;
    }
    let left_out: Vec<_> = seat
        .local
        .iter()
        .filter(|disk| {
            let storage = configuration.storage(&disk.storage);
            disk.unreplicated || storage.is_some_and(|storage| !storage.is_replicable())
        })
        .collect();
    let elsewhere = seat.nodes(|cell| cell.may_run && !cell.home);
    if left_out.is_empty() || elsewhere.is_empty() {
        return None;
    }
    let disks: Vec<String> = left_out
        .iter()
        .map(|disk| format!("{} ({}:{})", disk.key, disk.storage, disk.volume))
        .collect();
    let found = about("disk-not-replicated", configuration, seat)
        .shown_by(left_out.iter().map(|disk| &disk.at))
        .shown_by(seat.job_lines())
        .with("disks", disks)
        .with("missing", elsewhere);
    Some(found)
}

/// Nodes that hold the disks, or would, were not a storage kept from them.
fn excluded(configuration: &Configuration, seat: &Seat) -> Option<Found> {
    let guest = seat.guest?;
    let nodes = seat.nodes(|cell| {
        cell.may_run && !cell.home && cell.storage == Some(false) && cell.copy != Copy::No
    });
    if nodes.is_empty() {
        return None;
    }
    let mut storages = BTreeSet::new();
    let mut lines: Vec<&Spot> = Vec::new();
    let mut unknown = false;
    for disk in &guest.disks {
        let storage = configuration.storage(&disk.storage);
        let lacks = |node: &String| storage.is_none_or(|storage| !storage.is_on(node));
        if !nodes.iter().any(lacks) {
            continue;
        }
        storages.insert(disk.storage.clone());
        lines.push(&disk.at);
        match storage {
            Some(storage) => {
                let keys = ["nodes", "disable"]
                    .iter()
                    .filter_map(|key| storage.section.get(key));
                lines.push(&storage.section.at);
                lines.extend(keys.map(|property| &property.at));
            }
            None => unknown = true,
        }
    }
    // What the list of a storage holds already has to stay in it.
    let open: Vec<String> = storages
        .iter()
        .filter_map(|id| {
            let mut wanted = configuration.storage(id)?.nodes.clone()?;
            wanted.extend(
                nodes
                    .iter()
                    .filter(|node| !wanted.contains(node))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            Some(format!(
                "pvesm set {} --nodes {}",
                word(id),
                word(&wanted.join(","))
            ))
        })
        .collect();
    let way = match (unknown, open.is_empty()) {
        (true, _) => "unknown",
        (false, true) => "disabled",
        (false, false) => "excluded",
    };
    let found = about("storage-excludes-node", configuration, seat)
        .shown_by(lines)
        .shown_by([&seat.resource.section.at])
        .with("storages", storages.into_iter().collect::<Vec<String>>())
        .with("missing", nodes)
        .with("way", way)
        .with("open", open.join(" && "));
    Some(found)
}

/// Guests that have to stay together, with disks that are not together.
fn apart(configuration: &Configuration, rule: &Affinity, seats: &[Seat]) -> Option<Found> {
    if !rule.positive || rule.disabled {
        return None;
    }
    let members: Vec<&Seat> = seats
        .iter()
        .filter(|seat| rule.services.contains(&seat.service))
        .collect();
    let replicated: Vec<&&Seat> = members
        .iter()
        .filter(|seat| !seat.jobs.is_empty())
        .collect();
    let places: Vec<BTreeSet<String>> = replicated
        .iter()
        .map(|seat| {
            seat.nodes(|cell| cell.may_run && cell.copy != Copy::No)
                .into_iter()
                .collect()
        })
        .collect();
    let all: BTreeSet<String> = places.iter().flatten().cloned().collect();
    let common: Vec<String> = all
        .iter()
        .filter(|node| places.iter().all(|place| place.contains(*node)))
        .cloned()
        .collect();
    if replicated.len() < 2 || common.len() == all.len() {
        return None;
    }
    let guests: Vec<String> = members.iter().map(|seat| seat.service.clone()).collect();
    let differ: Vec<String> = all
        .into_iter()
        .filter(|node| !common.contains(node))
        .collect();
    let mut found = Found::new(
        "affinity-targets-differ",
        format!("rule {}", rule.section.id),
    )
    .with("rule", rule.section.id.as_str())
    .with("guests", guests)
    .with("missing", differ)
    .with(
        "common",
        if common.is_empty() {
            vec!["no node".to_owned()]
        } else {
            common
        },
    );
    found = found.shown_by([&rule.section.at]);
    let keys = ["resources", "affinity"]
        .iter()
        .filter_map(|key| rule.section.get(key));
    found = found.shown_by(keys.map(|property| &property.at));
    for seat in replicated {
        found = found.shown_by(seat.job_lines());
    }
    if !configuration.nodes_are_listed() {
        found.basis = Basis::Inferred;
    }
    Some(found)
}
