//! Backup jobs against the storages, nodes and guests that they name.
//! In: a `Configuration`. Out: a fault for each job that cannot do what it says.
//! Never: judges a job that is switched off, or the guests of a pool, whose members no file here lists.

use super::Found;
use super::words::word;
use crate::config::text::list;
use crate::config::{Configuration, Form, Guest, Section, Spot, Storage};
use std::collections::BTreeSet;

/// Types of storage that can hold backups.
const ABLE: [&str; 7] = ["dir", "btrfs", "nfs", "cifs", "cephfs", "glusterfs", "pbs"];

/// All of them.
pub fn check(configuration: &Configuration) -> Vec<Found> {
    let jobs = configuration
        .backups
        .iter()
        .filter(|job| job.kind == "vzdump" && !is_off(job));
    let mut found = Vec::new();
    for job in jobs {
        found.extend(storage(configuration, job));
        found.extend(missing_guests(configuration, job));
    }
    found
}

/// Only an `enabled 0` switches a job off.
fn is_off(job: &Section) -> bool {
    job.get("enabled").is_some() && !job.is_set("enabled")
}

/// The fields of every fault about the storage of a job.
fn about(check: &'static str, job: &Section, storage: &str) -> Found {
    let line = job.get("storage").map(|property| &property.at);
    Found::new(check, format!("backup {}", job.id))
        .shown_by([&job.at])
        .shown_by(line)
        .with("job", job.id.as_str())
        .with("storage", storage)
}

/// What keeps the storage of a job from taking its backups; the first reason is enough.
fn storage(configuration: &Configuration, job: &Section) -> Option<Found> {
    let name = job.value("storage")?;
    if !configuration.knows(Form::Storage) {
        return None;
    }
    let Some(storage) = configuration.storage(name) else {
        let known: Vec<&str> = configuration.storages.iter().map(Storage::id).collect();
        return Some(about("backup-storage-unknown", job, name).with("known", known.join(", ")));
    };
    let lines_of = |key: &str| -> Vec<&Spot> {
        let line = storage.section.get(key).map(|property| &property.at);
        std::iter::once(&storage.section.at).chain(line).collect()
    };
    if storage.disabled {
        let found = about("backup-storage-disabled", job, name);
        return Some(found.shown_by(lines_of("disable")));
    }
    if let Some(content) = storage.section.value("content") {
        let mut content = list(content);
        if !content.iter().any(|kind| kind == "backup") {
            let way = if ABLE.contains(&storage.kind()) {
                "able"
            } else {
                "unable"
            };
            let held = content.join(" and ");
            content.push("backup".to_owned());
            let found = about("backup-storage-content", job, name)
                .shown_by(lines_of("content"))
                .with("kind", storage.kind())
                .with("content", held)
                .with(
                    "open",
                    format!(
                        "pvesm set {} --content {}",
                        word(name),
                        word(&content.join(","))
                    ),
                )
                .with("way", way);
            return Some(found);
        }
    }
    elsewhere(configuration, job, storage, &lines_of("nodes"))
}

/// Nodes on which the job runs and its storage is not.
fn elsewhere(
    configuration: &Configuration,
    job: &Section,
    storage: &Storage,
    lines: &[&Spot],
) -> Option<Found> {
    let allowed = storage.nodes.as_ref()?;
    let guests = guests(configuration, job);
    let mut shown: Vec<&Spot> = Vec::new();
    let nodes: BTreeSet<String> = match job.get("node") {
        Some(node) => {
            shown.push(&node.at);
            std::iter::once(node.value.clone()).collect()
        }
        None => {
            let away = guests.iter().filter(|guest| {
                let node = guest.node.as_ref();
                node.is_some_and(|node| !allowed.contains(node))
            });
            shown.extend(away.map(|guest| &guest.at).take(3));
            guests
                .iter()
                .filter_map(|guest| guest.node.clone())
                .collect()
        }
    };
    let lacking: Vec<String> = nodes
        .into_iter()
        .filter(|node| !allowed.contains(node))
        .collect();
    if lacking.is_empty() {
        return None;
    }
    let lost: Vec<String> = guests
        .iter()
        .filter(|guest| {
            guest
                .node
                .as_ref()
                .is_some_and(|node| lacking.contains(node))
        })
        .map(|guest| guest.service())
        .collect();
    let note = match lost.len() {
        0 => String::new(),
        1 => format!("; {} gets no backup from it", lost[0]),
        many => format!("; {many} guests get no backup from it"),
    };
    let mut wanted = allowed.clone();
    wanted.extend(lacking.iter().cloned());
    let found = about("backup-storage-excludes-node", job, storage.id())
        .shown_by(lines.iter().copied())
        .shown_by(shown)
        .with("missing", lacking)
        .with("guests", lost)
        .with("note", note)
        .with(
            "open",
            format!(
                "pvesm set {} --nodes {}",
                word(storage.id()),
                word(&wanted.join(","))
            ),
        );
    Some(found)
}

/// The guests of a job, as far as files tell: those of a pool are not known.
fn guests<'c>(configuration: &'c Configuration, job: &Section) -> Vec<&'c Guest> {
    let named = |key: &str| list(job.value(key).unwrap_or(""));
    let (chosen, excluded) = (named("vmid"), named("exclude"));
    let all = job.is_set("all");
    let mine = |guest: &&Guest| {
        let id = guest.id.to_string();
        (all || chosen.contains(&id)) && !excluded.contains(&id)
    };
    configuration.guests.iter().filter(mine).collect()
}

/// Guests that a job names and that do not exist; only a whole copy shows that.
fn missing_guests(configuration: &Configuration, job: &Section) -> Option<Found> {
    let line = job.get("vmid").filter(|_| configuration.whole)?;
    let missing: Vec<String> = list(&line.value)
        .into_iter()
        .filter(|id| {
            let id = id.parse::<u32>();
            id.is_ok_and(|id| configuration.guest(id).is_none())
        })
        .collect();
    if missing.is_empty() {
        return None;
    }
    let noun = if missing.len() == 1 {
        "guest"
    } else {
        "guests"
    };
    let found = Found::new("backup-guest-missing", format!("backup {}", job.id))
        .shown_by([&job.at, &line.at])
        .with("job", job.id.as_str())
        .with("noun", noun)
        .with("missing", missing);
    Some(found)
}
