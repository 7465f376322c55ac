//! storage.cfg: which storages there are, and on which nodes.
//! In: a document of sections. Out: `Storage`s.
//! Never: asks whether a storage is reachable.

use super::section::{self, Section};
use super::text::{Document, Notes, list};

/// One storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Storage {
    /// As it is written.
    pub section: Section,
    /// The nodes it is limited to; `None` is every node.
    pub nodes: Option<Vec<String>>,
    /// Whether every node sees the same data.
    pub shared: bool,
    /// Switched off.
    pub disabled: bool,
}

/// The types of storage that PVE knows, and whether each is shared by its nature.
const TYPES: &[(&str, bool)] = &[
    ("dir", false),
    ("btrfs", false),
    ("lvm", false),
    ("lvmthin", false),
    ("zfspool", false),
    ("nfs", true),
    ("cifs", true),
    ("pbs", true),
    ("rbd", true),
    ("cephfs", true),
    ("iscsi", true),
    ("iscsidirect", true),
    ("zfs", true),
    ("glusterfs", true),
    ("esxi", true),
    ("drbd", true),
    ("sheepdog", true),
];

const KEYS: &[&str] = &[
    "path",
    "server",
    "export",
    "share",
    "content",
    "nodes",
    "disable",
    "shared",
    "pool",
    "vgname",
    "thinpool",
    "is_mountpoint",
    "options",
    "mountpoint",
    "sparse",
    "blocksize",
    "portal",
    "target",
    "username",
    "domain",
    "smbversion",
    "prune-backups",
    "maxfiles",
    "datastore",
    "fingerprint",
    "encryption-key",
    "master-pubkey",
    "namespace",
    "port",
    "monhost",
    "krbd",
    "fs-name",
    "subdir",
    "fuse",
    "data-pool",
    "saferemove",
    "saferemove_throughput",
    "tagged_only",
    "base",
    "mkdir",
    "create-base-path",
    "create-subdirs",
    "content-dirs",
    "preallocation",
    "nocow",
    "format",
    "bwlimit",
    "keyring",
    "lio_tpg",
    "iscsiprovider",
    "nowritecache",
    "comstar_hg",
    "comstar_tg",
    "zfs-base-path",
    "max-protected-backups",
    "server2",
    "volume",
    "transport",
    "skip-cert-verification",
    "snapshot-as-volume-chain",
    "authsupported",
    "redundancy",
    "controller",
];

impl Storage {
    /// What it is called.
    pub fn id(&self) -> &str {
        &self.section.id
    }

    /// `zfspool`, `nfs`.
    pub fn kind(&self) -> &str {
        &self.section.kind
    }

    /// Whether PVE can replicate what lies on it.
    pub fn is_replicable(&self) -> bool {
        self.kind() == "zfspool"
    }

    /// Whether a node has it, as far as the file says.
    pub fn is_on(&self, node: &str) -> bool {
        let listed = self.nodes.as_ref();
        !self.disabled && listed.is_none_or(|nodes| nodes.iter().any(|name| name == node))
    }
}

/// Whether a word is a type of storage.
pub fn is_type(word: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == word)
}

/// Reads the file.
pub fn parse(document: &Document, notes: &mut Notes) -> Vec<Storage> {
    let kinds: Vec<&str> = TYPES.iter().map(|(kind, _)| *kind).collect();
    section::parse(document, &kinds, KEYS, notes)
        .into_iter()
        .map(|section| Storage {
            nodes: section.value("nodes").map(list),
            shared: section.is_set("shared")
                || TYPES
                    .iter()
                    .any(|(kind, shared)| *shared && *kind == section.kind),
            disabled: section.is_set("disable"),
            section,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_local_and_what_is_shared_is_told_by_type_and_flag() {
        let text = "dir: local\n\tpath /var/lib/vz\n\nlvm: san\n\tvgname san\n\tshared 1\n\n\
                    zfspool: tank\n\tpool tank\n\tnodes elm,oak\n\nnfs: iso\n\tserver 10.1.0.9\n\tdisable\n";
        let mut notes = Notes::default();
        let storages = parse(&Document::file("storage.cfg", text), &mut notes);
        let told: Vec<(&str, bool, bool)> = storages
            .iter()
            .map(|s| (s.id(), s.shared, s.is_on("ash")))
            .collect();
        assert_eq!(
            told,
            [
                ("local", false, true),
                ("san", true, true),
                ("tank", false, false),
                ("iso", true, false)
            ]
        );
        assert!(storages[2].is_replicable() && !storages[1].is_replicable());
        assert!(notes.unknown.is_empty() && notes.broken.is_empty());
    }
}
