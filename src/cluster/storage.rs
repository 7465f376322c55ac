//! Storages that cannot be used, and pools that lose devices, under one name for all wordings.
//! In: what pvestatd, tasks, mount, zed and the kernel say; what the configuration says lives on a storage. Out: `storage.*`,
//! `pool.degraded`.
//! Never: takes silence for an answer where nobody asks again.

use super::given::{Given, Holds, Storage};
use super::{ChangeKind, Seen, Sink};
use crate::event::kernel::Kernel;
use crate::event::pve_storage::PveStorage;
use crate::event::zed::Zed;
use crate::event::{Event, Kind};
use crate::model::{Basis, Line, Name, Observer, When};
use std::collections::BTreeMap;

/// pvestatd asks every storage about every ten seconds, and each dead server holds a round up for ten more. Nothing is printed
/// when one answers again, so after this much without a complaint it did.
const SILENCE_S: f64 = 300.0;

/// The storages that cannot be used at present.
#[derive(Debug, Default)]
pub struct Storages {
    given: Vec<Storage>,
    troubled: BTreeMap<(Observer, String), Trouble>,
}

/// The latest complaint.
#[derive(Debug)]
struct Trouble {
    last: When,
    /// Only a line ends it: the kernel says once that it waits, and no more until it need not.
    waits: bool,
    /// A long round of pvestatd since, in seconds.
    slow: Option<(f64, Line)>,
}

/// A complaint.
struct Complaint {
    what: String,
    storage: Option<String>,
    server: Option<String>,
    mount: Option<String>,
    why: String,
    waits: bool,
}

impl Storages {
    /// Learns from the configuration what lives where.
    pub fn give(&mut self, given: &Given) {
        self.given.clone_from(&given.storages);
    }

    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        if !self.troubled.is_empty() {
            self.silence(seen.node, seen.when, out);
        }
        if let Some(complaint) = complaint(seen.event) {
            self.complain(complaint, seen, out);
            return;
        }
        match &seen.event.kind {
            Kind::Kernel(Kernel::NfsOk { server }) => {
                let what = format!("server {server}");
                self.troubled.remove(&(seen.node, what.clone()));
                let how = "said";
                out.push(seen, Basis::Stated, ChangeKind::StorageBack { what, how });
            }
            Kind::PveStorage(PveStorage::UpdateSlow { what, seconds }) if &**what == "status" => {
                let here = |(of, _): &(&(Observer, String), &mut Trouble)| of.0 == seen.node;
                for (_, trouble) in self.troubled.iter_mut().filter(here) {
                    trouble.slow = Some((*seconds, seen.line()));
                }
            }
            Kind::Zed(Zed::StateChanged {
                pool, vdev, state, ..
            }) if matches!(&*state.0, "FAULTED" | "UNAVAIL" | "REMOVED" | "DEGRADED") => {
                let change = ChangeKind::PoolDegraded {
                    pool: pool.to_string(),
                    device: vdev.0.to_string(),
                    state: state.0.to_string(),
                };
                out.push(seen, Basis::Stated, change);
            }
            _ => {}
        }
    }

    /// Whatever was not usable before a node booted, nothing tells of it now.
    pub fn booted(&mut self, node: Observer) {
        self.troubled.retain(|(of, _), _| *of != node);
    }

    /// The log of a node ends.
    pub fn finish(&mut self, node: Observer, end: When, out: &mut Sink) {
        self.silence(node, end, out);
    }

    fn complain(&mut self, complaint: Complaint, seen: &Seen<'_>, out: &mut Sink) {
        let Complaint {
            what,
            storage,
            server,
            mount,
            why,
            waits,
        } = complaint;
        let trouble = Trouble {
            last: seen.when,
            waits,
            slow: None,
        };
        let before = self.troubled.insert((seen.node, what.clone()), trouble);
        let slow = before.and_then(|before| before.slow);
        let here = |known: &&Storage| {
            let server = server.as_deref().filter(|_| known.server.is_some());
            storage.as_deref() == Some(&known.id)
                || server.is_some() && server == known.server.as_deref()
        };
        let mut known = self.given.iter().filter(here).peekable();
        let host = seen.event.host.as_deref();
        let at_node = |node: &Option<Name>| match (node, host) {
            (Some(node), Some(host)) => **node == *host,
            _ => true,
        };
        let mount = mount.or_else(|| known.peek()?.mount.as_deref().map(str::to_owned));
        let (mut guests, mut holds) = (Vec::new(), None);
        for storage in known {
            let here = storage.guests.iter().filter(|(_, node)| at_node(node));
            let before = guests.len();
            guests.extend(here.map(|(guest, _)| guest.to_string()));
            let elsewhere = guests.len() == before && !storage.guests.is_empty();
            holds = holds.max(Some(match storage.holds {
                Holds::Disks if elsewhere => Holds::DisksElsewhere,
                holds => holds,
            }));
        }
        let change = ChangeKind::StorageTrouble {
            what,
            storage,
            why,
            mount,
            round_s: slow.as_ref().map(|(seconds, _)| *seconds),
            severity_range: match holds {
                Some(_) => None,
                None => Some("low to high".to_owned()),
            },
            holds: holds.map(|holds| holds.word()),
            guests: (!guests.is_empty()).then_some(guests),
        };
        let mut lines: Vec<Line> = slow.into_iter().map(|(_, line)| line).collect();
        lines.push(seen.line());
        out.push_for(seen.node, seen.when, Basis::Stated, change, lines);
    }

    /// Ends what nobody complained of for long, although somebody would.
    fn silence(&mut self, node: Observer, now: When, out: &mut Sink) {
        self.troubled.retain(|(of, what), trouble| {
            let silent = now.since(trouble.last);
            let over = *of == node
                && !trouble.waits
                && silent.is_some_and(|silent| silent.seconds() > SILENCE_S);
            if over {
                let when = When {
                    at: trouble.last.at,
                    order: now.order,
                };
                let what = what.clone();
                let how = "silence";
                out.push_for(
                    node,
                    when,
                    Basis::Inferred,
                    ChangeKind::StorageBack { what, how },
                    trouble
                        .slow
                        .take()
                        .into_iter()
                        .map(|(_, line)| line)
                        .collect(),
                );
            }
            !over
        });
    }
}

/// What cannot be used, and why.
fn complaint(event: &Event) -> Option<Complaint> {
    let other = |what: &str, why: &str| Complaint {
        what: what.to_owned(),
        storage: None,
        server: None,
        mount: None,
        why: why.to_owned(),
        waits: false,
    };
    let storage = |storage: &str, why: &str| Complaint {
        storage: Some(storage.to_owned()),
        ..other(&format!("storage {storage}"), why)
    };
    let at = |id: &str, path: &str, why: &str| Complaint {
        mount: Some(path.to_owned()),
        ..storage(id, why)
    };
    let server = |server: &str, waits: bool| Complaint {
        server: Some(server.to_owned()),
        waits,
        ..other(&format!("server {server}"), "it does not answer")
    };
    Some(match &event.kind {
        Kind::PveStorage(said) => match said {
            PveStorage::NotOnline { storage: id } => storage(id, "it is not online"),
            PveStorage::CheckFailed { storage: id, err }
            | PveStorage::NotActivated { storage: id, err } => storage(id, err),
            PveStorage::Unreachable { storage: id, path } => at(
                id,
                path,
                &format!("{path} does not exist or is unreachable"),
            ),
            PveStorage::NotMounted { storage: id, path } => {
                at(id, path, &format!("nothing is mounted at {path}"))
            }
            PveStorage::DatastoresFailed { storage: id, err } => storage(id, err),
            PveStorage::MountFailed { err } => other("a share", err),
            PveStorage::ZfsError { err } if no_pool(err) => other("a pool", err),
            PveStorage::NoVolumeGroup { vg } => {
                other(&format!("volume group {vg}"), "it is not visible")
            }
            _ => return None,
        },
        Kind::Kernel(said) => match said {
            Kernel::NfsWaiting { server: name } => server(name, true),
            Kernel::NfsTimedOut { server: name } | Kernel::CifsReconnect { server: name, .. } => {
                server(name, false)
            }
            Kernel::CifsMountFailed { code } => {
                other("a share", &format!("mounting failed with code {code}"))
            }
            Kernel::IscsiTimeout { connection, .. } => other(
                &format!("iSCSI connection {}", &*connection.0),
                "it does not answer",
            ),
            _ => return None,
        },
        _ => return None,
    })
}

/// Whether a pool is missing, and not only a dataset in it.
fn no_pool(err: &str) -> bool {
    [
        "no such pool",
        "got timeout",
        "pool I/O is currently suspended",
    ]
    .iter()
    .any(|word| err.contains(word))
}
