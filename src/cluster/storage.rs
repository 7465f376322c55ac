//! Storages that cannot be used, and pools that lose devices, under one name for all wordings.
//! In: what pvestatd, tasks, mount, zed and the kernel say. Out: `storage.trouble`, `storage.back`, `pool.degraded`.
//! Never: knows what lives on a storage; knows which storage a server is behind.

use super::{ChangeKind, Seen, Sink};
use crate::event::kernel::Kernel;
use crate::event::pve_storage::PveStorage;
use crate::event::zed::Zed;
use crate::event::{Event, Kind};
use crate::model::Basis;

/// Takes one event.
pub fn step(seen: &Seen<'_>, out: &mut Sink) {
    if let Some(change) = trouble(seen.event).or_else(|| other(seen.event)) {
        out.push(seen, Basis::Stated, change);
    }
}

/// What cannot be used, why, and the storage's own name if it has one.
fn trouble(event: &Event) -> Option<ChangeKind> {
    let storage = |storage: &str, why: &str| {
        let why = why.to_owned();
        (format!("storage {storage}"), Some(storage.to_owned()), why)
    };
    let server = |server: &str, why: &str| (format!("server {server}"), None, why.to_owned());
    let (what, storage, why) = match &event.kind {
        Kind::PveStorage(said) => match said {
            PveStorage::NotOnline { storage: id } => storage(id, "it is not online"),
            PveStorage::CheckFailed { storage: id, err }
            | PveStorage::NotActivated { storage: id, err } => storage(id, err),
            PveStorage::Unreachable { storage: id, path } => {
                storage(id, &format!("{path} does not exist or is unreachable"))
            }
            PveStorage::NotMounted { storage: id, path } => {
                storage(id, &format!("nothing is mounted at {path}"))
            }
            PveStorage::DatastoresFailed { storage: id, err } => storage(id, err),
            PveStorage::MountFailed { err } => ("a share".to_owned(), None, err.to_string()),
            PveStorage::ZfsError { err } if no_pool(err) => {
                ("a pool".to_owned(), None, err.to_string())
            }
            PveStorage::NoVolumeGroup { vg } => (
                format!("volume group {vg}"),
                None,
                "it is not visible".to_owned(),
            ),
            _ => return None,
        },
        Kind::Kernel(said) => match said {
            Kernel::NfsWaiting { server: name } | Kernel::NfsTimedOut { server: name } => {
                server(name, "it does not answer")
            }
            Kernel::CifsReconnect { server: name, .. } => server(name, "it does not answer"),
            Kernel::CifsMountFailed { code } => (
                "a share".to_owned(),
                None,
                format!("mounting failed with code {code}"),
            ),
            Kernel::IscsiTimeout { connection, .. } => (
                format!("iSCSI connection {}", &*connection.0),
                None,
                "it does not answer".to_owned(),
            ),
            _ => return None,
        },
        _ => return None,
    };
    Some(ChangeKind::StorageTrouble { what, storage, why })
}

fn other(event: &Event) -> Option<ChangeKind> {
    match &event.kind {
        Kind::Kernel(Kernel::NfsOk { server }) => Some(ChangeKind::StorageBack {
            what: format!("server {server}"),
        }),
        Kind::Zed(Zed::StateChanged {
            pool, vdev, state, ..
        }) => {
            let bad = matches!(&*state.0, "FAULTED" | "UNAVAIL" | "REMOVED" | "DEGRADED");
            bad.then(|| ChangeKind::PoolDegraded {
                pool: pool.to_string(),
                device: vdev.0.to_string(),
                state: state.0.to_string(),
            })
        }
        _ => None,
    }
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
