//! Where a guest under HA may run, and where it could: has its disks, has its storage.
//! In: a `Configuration`. Out: one `Seat` for each guest under HA, with a cell for each node.
//! Never: judges; the checks do.

use crate::config::{Configuration, Disk, Form, Guest, Job, JobState, Placement, Resource, Spot};
use std::collections::BTreeSet;

/// A guest under HA, and every node as seen from it.
#[derive(Clone, Debug)]
pub struct Seat<'c> {
    /// `vm:100`.
    pub service: String,
    /// How HA knows it.
    pub resource: &'c Resource,
    /// Its configuration, when that was read.
    pub guest: Option<&'c Guest>,
    /// The node it is on.
    pub home: Option<String>,
    /// The group or rule that binds it.
    pub placement: Option<&'c Placement>,
    /// A rule that would bind it, but is switched off.
    pub idle: Option<&'c Placement>,
    /// Its replication jobs.
    pub jobs: Vec<&'c Job>,
    /// Jobs that are switched off, fail or are late, each with the reason.
    pub stale: Vec<(&'c Job, String, Option<Spot>)>,
    /// Its disks on storages that every node has for itself.
    pub local: Vec<&'c Disk>,
    /// The nodes.
    pub cells: Vec<Cell>,
}

/// One node, as seen from a guest.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its name.
    pub node: String,
    /// Whether the guest is there.
    pub home: bool,
    /// Whether HA may start it there.
    pub may_run: bool,
    /// Whether its disks are there.
    pub copy: Copy,
    /// Whether the storages of its disks are there; `None` when no file tells.
    pub storage: Option<bool>,
}

/// Whether the disks of a guest are on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// They are, or are the same everywhere.
    Yes,
    /// A replica that is not kept up to date.
    Stale,
    /// They are not.
    No,
    /// No file tells.
    Unknown,
}

impl Seat<'_> {
    /// Whether HA has to find it a copy of its disks elsewhere.
    pub fn needs_copy(&self) -> bool {
        !self.jobs.is_empty() || !self.local.is_empty()
    }

    /// Whether all nodes but those of its placement are forbidden.
    pub fn is_strict(&self) -> bool {
        self.placement.is_some_and(|placement| placement.strict)
    }

    /// The names of the nodes for which something holds.
    pub fn nodes(&self, holds: impl Fn(&Cell) -> bool) -> Vec<String> {
        let cells = self.cells.iter().filter(|cell| holds(cell));
        cells.map(|cell| cell.node.clone()).collect()
    }

    /// Nodes where HA may start it without its disks.
    pub fn bad(&self) -> Vec<String> {
        self.nodes(|cell| cell.may_run && cell.copy == Copy::No)
    }

    /// Nodes that hold its disks: where it is, and the targets of its jobs.
    pub fn owners(&self) -> Vec<String> {
        self.nodes(|cell| matches!(cell.copy, Copy::Yes | Copy::Stale))
    }

    /// The lines that say where HA may start it.
    pub fn placement_lines(&self) -> Vec<&Spot> {
        let mut lines = vec![&self.resource.section.at];
        lines.extend(self.resource.section.get("group").map(|group| &group.at));
        if let Some(placement) = self.placement.or(self.idle) {
            lines.push(&placement.section.at);
            for key in ["nodes", "restricted", "strict", "disable"] {
                lines.extend(placement.section.get(key).map(|property| &property.at));
            }
        }
        lines
    }

    /// The lines that say where its replicas are.
    pub fn job_lines(&self) -> Vec<&Spot> {
        let lines = self.jobs.iter().flat_map(|job| {
            let target = job.section.get("target").map(|target| &target.at);
            std::iter::once(&job.section.at).chain(target)
        });
        lines.collect()
    }
}

/// A copy that is older than this many seconds is one of yesterday.
const OLD: i64 = 86_400;

/// The guests that HA would start elsewhere.
pub fn seats(configuration: &Configuration) -> Vec<Seat<'_>> {
    let nodes = configuration.nodes();
    let mut seats: Vec<Seat> = configuration
        .resources
        .iter()
        .filter(|resource| resource.is_recovered())
        .map(|resource| seat(configuration, resource, &nodes))
        .collect();
    seats.sort_by_key(|seat| seat.resource.guest);
    seats
}

fn seat<'c>(
    configuration: &'c Configuration,
    resource: &'c Resource,
    nodes: &BTreeSet<String>,
) -> Seat<'c> {
    let service = resource.service();
    let guest = configuration.guest(resource.guest);
    let jobs: Vec<&Job> = configuration
        .jobs
        .iter()
        .filter(|job| job.guest == resource.guest && !job.leaving)
        .collect();
    let (placement, idle) = placement(configuration, resource, &service);
    let stated = guest
        .and_then(|guest| guest.node.clone())
        .or_else(|| jobs.iter().find_map(|job| job.source.clone()))
        .or_else(|| {
            let known = configuration
                .services
                .iter()
                .find(|known| known.service == service);
            known.and_then(|known| known.node.clone())
        });
    let home = stated.or_else(|| guessed_home(placement, &jobs));
    let stale = stale(configuration, &jobs);
    let local: Vec<&Disk> = guest.map_or(Vec::new(), |guest| {
        let is_local = |disk: &&Disk| {
            let storage = configuration.storage(&disk.storage);
            !disk.shared && storage.is_some_and(|storage| !storage.shared)
        };
        guest.disks.iter().filter(is_local).collect()
    });
    let told = !local.is_empty() || guest.is_some() && configuration.knows(Form::Storage);
    let mut all = nodes.clone();
    all.extend(home.clone());
    let cells = all
        .into_iter()
        .map(|node| {
            let is_home = home.as_deref() == Some(&node);
            let job = jobs.iter().find(|job| job.target.as_deref() == Some(&node));
            let is_stale = |job: &&&Job| stale.iter().any(|(late, ..)| late.id() == job.id());
            let copy = match job {
                _ if is_home => Copy::Yes,
                Some(_) if job.as_ref().is_some_and(is_stale) => Copy::Stale,
                Some(_) => Copy::Yes,
                None if jobs.is_empty() && local.is_empty() && told => Copy::Yes,
                None if jobs.is_empty() && (!told || !configuration.knows(Form::Replication)) => {
                    Copy::Unknown
                }
                None => Copy::No,
            };
            let strict = placement.filter(|placement| placement.strict);
            Cell {
                may_run: strict.is_none_or(|strict| strict.nodes.contains(&node)),
                storage: has_storages(configuration, guest, &node),
                home: is_home,
                copy,
                node,
            }
        })
        .collect();
    Seat {
        service,
        resource,
        guest,
        home,
        placement,
        idle,
        jobs,
        stale,
        local,
        cells,
    }
}

/// What binds a guest: a rule of PVE 9, else the group of its resource; and a rule that is switched off.
fn placement<'c>(
    configuration: &'c Configuration,
    resource: &Resource,
    service: &str,
) -> (Option<&'c Placement>, Option<&'c Placement>) {
    let mine = |rule: &&Placement| rule.services.iter().any(|known| known == service);
    let mut rules = configuration.rules.iter().filter(mine);
    let rule = rules.clone().find(|rule| !rule.disabled);
    let group = resource.group.as_ref().and_then(|name| {
        let mut groups = configuration.groups.iter();
        groups.find(|group| group.id() == name)
    });
    (rule.or(group), rules.find(|rule| rule.disabled))
}

/// Without any word about it: the one node of a strict placement that is no target has to be where the guest is.
fn guessed_home(placement: Option<&Placement>, jobs: &[&Job]) -> Option<String> {
    let strict = placement.filter(|placement| placement.strict && !jobs.is_empty())?;
    let is_target = |node: &&String| jobs.iter().any(|job| job.target.as_ref() == Some(node));
    let mut others = strict.nodes.iter().filter(|node| !is_target(node));
    let first = others.next()?;
    others.next().is_none().then(|| first.clone())
}

/// Whether a node has the storages of all disks.
fn has_storages(configuration: &Configuration, guest: Option<&Guest>, node: &str) -> Option<bool> {
    let guest = guest.filter(|_| configuration.knows(Form::Storage))?;
    Some(guest.disks.iter().all(|disk| {
        let storage = configuration.storage(&disk.storage);
        storage.is_some_and(|storage| storage.is_on(node))
    }))
}

/// Jobs whose copies are not kept up to date.
fn stale<'c>(
    configuration: &'c Configuration,
    jobs: &[&'c Job],
) -> Vec<(&'c Job, String, Option<Spot>)> {
    let newest = configuration
        .job_states
        .iter()
        .filter_map(|state| state.last_sync)
        .max();
    let mut stale = Vec::new();
    for job in jobs {
        let state = configuration
            .job_states
            .iter()
            .find(|state| state.job == job.id());
        if job.disabled {
            let at = job.section.get("disable").map(|disable| disable.at.clone());
            stale.push((*job, "is switched off".to_owned(), at));
        } else if let Some((state, why)) =
            state.and_then(|state| Some((state, trouble(state, job, newest)?)))
        {
            stale.push((*job, why, Some(state.at.clone())));
        }
    }
    stale
}

/// What is wrong with a job, if anything is.
fn trouble(state: &JobState, job: &Job, newest: Option<i64>) -> Option<String> {
    if state.fails > 0 {
        let times = if state.fails == 1 {
            "once".to_owned()
        } else {
            format!("{} times", state.fails)
        };
        return Some(format!("failed {times} ({})", state.state));
    }
    match (state.last_sync, newest) {
        (None, _) => Some("never ran to its end".to_owned()),
        (Some(last), Some(newest)) if job.is_daily() && newest - last > OLD => Some(format!(
            "is {} hours behind the others",
            (newest - last) / 3_600
        )),
        _ => None,
    }
}
