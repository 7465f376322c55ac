//! What a configuration states that a log would only imply.
//! In: a `Configuration`. Out: `Given`, with the files that gave it.
//! Never: reads a file, or judges what stands in it.

use crate::config::text::list;
use crate::config::{self, Configuration, Form};
use crate::model::{LinkId, Name, NodeId};
use crate::run::{Given, Holds, Link, Storage};

/// All of it.
pub fn given(read: &Configuration) -> Given {
    let small = |number: u64| u32::try_from(number).ok();
    let corosync = read.corosync.first();
    let status = read
        .pasted
        .quorum
        .iter()
        .find(|status| status.expected.is_some());
    let service = |resource: &config::ha::Resource| {
        let kind = &resource.section.kind;
        format!("{kind}:{}", resource.guest)
    };
    let pasted = status.and_then(|status| status.expected.as_ref());
    Given {
        nodes: read
            .names()
            .into_iter()
            .map(|(id, name)| (NodeId(id), Name::from(name.as_str())))
            .collect(),
        votes: match corosync {
            Some(corosync) => small(corosync.votes()),
            None => pasted.and_then(|(votes, _)| small(*votes)),
        },
        token_ms: corosync.and_then(|corosync| small(corosync.token_ms())),
        links: corosync.map_or_else(Vec::new, links),
        storages: read.storages.iter().map(|one| storage(read, one)).collect(),
        under_ha: read.resources.iter().map(service).collect(),
        sources: sources(read),
        compared: true,
    }
}

/// The ends of the links.
fn links(corosync: &config::Corosync) -> Vec<Link> {
    let ends = corosync.nodes.iter().flat_map(|node| {
        let of_node = node.addresses.iter().map(|(link, address, _)| Link {
            link: LinkId(*link),
            node: NodeId(node.id.unwrap_or(0)),
            address: Name::from(address.as_str()),
            priority: corosync.priority(*link),
        });
        of_node.filter(|_| node.id.is_some())
    });
    ends.collect()
}

/// Which file gave what of it, in words.
fn sources(read: &Configuration) -> Vec<(Name, Vec<String>)> {
    let mut sources: Vec<(Name, Vec<String>)> = Vec::new();
    let mut tell = |file: &str, what: &str| {
        let known = sources.iter_mut().find(|(known, _)| &**known == file);
        match known {
            Some((_, words)) => words.push(what.to_owned()),
            None => sources.push((Name::from(file), vec![what.to_owned()])),
        }
    };
    let conf = read.corosync.first().filter(|conf| !conf.nodes.is_empty());
    if let Some(conf) = conf {
        tell(&conf.at.file, "names and ids of nodes");
        tell(&conf.at.file, "votes");
        tell(&conf.at.file, "token timeout");
        if !conf.links().is_empty() {
            tell(&conf.at.file, "links");
        }
    } else {
        if let Some(list) = read.members.first() {
            tell(&list.at.file, "names and ids of nodes");
        }
        let statuses = &read.pasted.quorum;
        if let Some((_, at)) = statuses.iter().find_map(|status| status.expected.as_ref()) {
            tell(&at.file, "votes");
        }
    }
    if let Some(storage) = read.storages.first() {
        tell(&storage.section.at.file, "storages");
    }
    if let Some(resource) = read.resources.first() {
        tell(&resource.section.at.file, "guests under HA");
    }
    sources
}

/// A storage with what lives on it: the disks of guests and the backups of jobs that were read, else what its content may be.
fn storage(read: &Configuration, storage: &config::Storage) -> Storage {
    let section = &storage.section;
    let content = list(section.value("content").unwrap_or_default());
    let may = |kinds: &[&str]| content.iter().any(|kind| kinds.contains(&&**kind));
    let guests: Vec<(Name, Option<Name>)> = read
        .guests
        .iter()
        .filter(|guest| guest.disks.iter().any(|disk| disk.storage == storage.id()))
        .map(|guest| {
            let node = guest.node.as_deref().map(Name::from);
            (Name::from(guest.service().as_str()), node)
        })
        .collect();
    // Whoever read a guest read them all, or what is missing cannot be told.
    let guests_known = read.knows(Form::Guest(None, false)) || !read.guests.is_empty();
    let has_disks = !guests.is_empty() || !guests_known && may(&["images", "rootdir"]);
    let backed_up = |job: &config::Section| job.value("storage") == Some(storage.id());
    let holds = if has_disks {
        Holds::Disks
    } else if may(&["backup"]) || section.kind == "pbs" || read.backups.iter().any(backed_up) {
        Holds::Backups
    } else {
        Holds::Other
    };
    let mounted = matches!(&*section.kind, "nfs" | "cifs" | "cephfs" | "glusterfs");
    let default = || format!("/mnt/pve/{}", storage.id());
    let mount = section.value("path").map(str::to_owned);
    Storage {
        id: storage.id().to_owned(),
        server: section.value("server").map(str::to_owned),
        mount: mount
            .filter(|_| mounted || section.kind == "dir")
            .or_else(|| mounted.then(default))
            .map(|mount| Name::from(mount.as_str())),
        holds,
        guests,
    }
}
