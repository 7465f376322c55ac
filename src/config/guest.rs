//! Configurations of guests, from their files or from `qm config` and `pct config`.
//! In: a document of `key: value` lines, then snapshots in brackets. Out: a `Guest` with its lock and its disks.
//! Never: follows a disk to its storage.

use super::text::{Document, Notes, Property, Spot, is_yes};

/// One guest.
#[derive(Clone, Debug, PartialEq)]
pub struct Guest {
    /// Its number.
    pub id: u32,
    /// A container, no virtual machine.
    pub container: bool,
    /// The node in whose folder its file lies.
    pub node: Option<String>,
    /// `name` or `hostname`.
    pub name: Option<String>,
    /// Its lock.
    pub lock: Option<Property>,
    /// Disks that it needs to start, in the order of the file.
    pub disks: Vec<Disk>,
    /// A template, which never starts.
    pub template: bool,
    /// Names of its snapshots.
    pub snapshots: Vec<String>,
    /// Every key before the first bracket.
    pub properties: Vec<Property>,
    /// Its first line.
    pub at: Spot,
}

/// A disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Disk {
    /// `scsi0`, `rootfs`.
    pub key: String,
    /// The storage.
    pub storage: String,
    /// The volume on it.
    pub volume: String,
    /// `replicate=0`: left out of replication.
    pub unreplicated: bool,
    /// `shared=1`: said to be the same on every node.
    pub shared: bool,
    /// The line.
    pub at: Spot,
}

impl Guest {
    /// The id that HA knows it by: `vm:100`.
    pub fn service(&self) -> String {
        format!("{}:{}", if self.container { "ct" } else { "vm" }, self.id)
    }
}

/// Keys of which at least two make a text without a name a configuration.
const TELLING: &[&str] = &[
    "cores",
    "memory",
    "ostype",
    "boot",
    "bootdisk",
    "sockets",
    "smbios1",
    "vmgenid",
    "scsihw",
    "numa",
    "net0",
    "rootfs",
    "hostname",
    "unprivileged",
    "arch",
    "swap",
    "scsi0",
    "virtio0",
    "agent",
    "meta",
    "features",
    "cpu",
];

/// How many of the lines have a key that only guests have.
pub fn telling_lines(text: &str) -> usize {
    let of_guest = |line: &&str| {
        line.split_once(": ")
            .is_some_and(|(key, _)| TELLING.contains(&key))
    };
    text.lines().filter(of_guest).count()
}

/// Reads the configuration of guest `id`.
pub fn parse(document: &Document, id: u32, container: bool, notes: &mut Notes) -> Guest {
    let mut guest = Guest {
        id,
        container,
        node: document.owner(),
        name: None,
        lock: None,
        disks: Vec::new(),
        template: false,
        snapshots: Vec::new(),
        properties: Vec::new(),
        at: document.head(),
    };
    let mut current = true;
    for (n, line) in document.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let at = document.spot(n, line);
        if let Some(name) = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            notes.understood += 1;
            current = false;
            if !matches!(name, "PENDING" | "pve:pending") && !name.starts_with("special:") {
                guest.snapshots.push(name.to_owned());
            }
            continue;
        }
        let Some((key, value)) = text.split_once(':').filter(|(key, _)| is_key(key)) else {
            notes.broken(at, "is no `key: value`");
            continue;
        };
        notes.understood += 1;
        if !current {
            continue;
        }
        let property = Property {
            key: key.to_owned(),
            value: value.trim().to_owned(),
            at,
        };
        guest.set(&property);
        guest.properties.push(property);
    }
    guest
}

impl Guest {
    fn set(&mut self, property: &Property) {
        match property.key.as_str() {
            "lock" => self.lock = Some(property.clone()),
            "name" | "hostname" => self.name = Some(property.value.clone()),
            "template" => self.template = is_yes(&property.value),
            key if is_disk(key, self.container) => self.disks.extend(disk(property)),
            _ => {}
        }
    }
}

fn is_key(key: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    !key.is_empty() && key.bytes().all(fits)
}

/// Whether a key names a disk: `scsi0`, `rootfs`. What is unused is not needed to start.
fn is_disk(key: &str, container: bool) -> bool {
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    if container {
        return key == "rootfs" || stem == "mp" && key != "mp";
    }
    let buses = ["ide", "sata", "scsi", "virtio", "efidisk", "tpmstate"];
    stem != key && buses.contains(&stem)
}

/// `tank:vm-100-disk-0,size=8G`; no disk is an empty drive, a medium, or a path of the host.
fn disk(property: &Property) -> Option<Disk> {
    let mut parts = property.value.split(',');
    let volume = parts.next()?;
    let volume = volume
        .strip_prefix("file=")
        .or(volume.strip_prefix("volume="))
        .unwrap_or(volume);
    let options: Vec<&str> = parts.collect();
    let (storage, volume) = volume.split_once(':')?;
    if storage.is_empty() || storage.starts_with('/') || options.contains(&"media=cdrom") {
        return None;
    }
    Some(Disk {
        key: property.key.clone(),
        storage: storage.to_owned(),
        volume: volume.to_owned(),
        unreplicated: options.contains(&"replicate=0"),
        shared: options.contains(&"shared=1"),
        at: property.at.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
#a note: with a colon
boot: order=scsi0;net0
ide2: local:iso/debian.iso,media=cdrom
ide3: none,media=cdrom
efidisk0: tank:vm-100-disk-1,size=1M
lock: backup
name: mail
scsi0: tank:vm-100-disk-0,iothread=1,replicate=0,size=32G
scsi1: /dev/sdx
scsihw: virtio-scsi-single
unused0: tank:vm-100-disk-9
broken line

[before]
lock: snapshot
scsi0: other:vm-100-disk-0

[PENDING]
memory: 4096
";

    #[test]
    fn lock_and_disks_stand_before_the_first_bracket() {
        let mut notes = Notes::default();
        let document = Document::file("nodes/elm/qemu-server/100.conf", TEXT);
        let guest = parse(&document, 100, false, &mut notes);
        assert_eq!(guest.service(), "vm:100");
        assert_eq!(guest.node.as_deref(), Some("elm"));
        let lock = guest.lock.as_ref().unwrap();
        assert_eq!((lock.value.as_str(), lock.at.line), ("backup", 6));
        let disks: Vec<(&str, &str, bool)> = guest
            .disks
            .iter()
            .map(|d| (d.key.as_str(), d.storage.as_str(), d.unreplicated))
            .collect();
        assert_eq!(
            disks,
            [("efidisk0", "tank", false), ("scsi0", "tank", true)]
        );
        assert_eq!(guest.snapshots, ["before"]);
        assert_eq!(notes.broken[0].0.line, 12);
    }

    #[test]
    fn a_container_has_a_root_and_mount_points() {
        let text = "arch: amd64\nhostname: web\nrootfs: tank:subvol-200-disk-0,size=8G\nmp0: /srv,mp=/srv\nmp1: big:subvol-200-disk-1,mp=/data,shared=1\n";
        let guest = parse(
            &Document::file("200.conf", text),
            200,
            true,
            &mut Notes::default(),
        );
        let keys: Vec<&str> = guest.disks.iter().map(|disk| disk.key.as_str()).collect();
        assert_eq!(keys, ["rootfs", "mp1"]);
        assert!(guest.disks[1].shared);
        assert_eq!(telling_lines(text), 3);
    }
}
