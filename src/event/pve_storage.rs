//! Storages that cannot be used, and rounds of pvestatd that found it out.
//! In: a message of a daemon, a tool or a task, with or without what it puts before the error. Out: `PveStorage`.
//! Never: tells what lives on a storage.

use super::Kind;
use super::literals::Beginnings;
use super::message::{Message, Word, messages};

messages! {
    /// Errors of storages. Source: pve-storage src/PVE/Storage.pm and src/PVE/Storage/*.pm where nothing else is said.
    pub enum PveStorage {
        /// The server of the storage does not answer the connection check.
        NotOnline "pve.storage-not-online" { storage: Box<str> }
            = ["storage '", storage, "' is not online"] ~ "storage 'nfs1' is not online";
        /// The server answers and refuses.
        CheckFailed "pve.storage-check-failed" { storage: Box<str>, err: Box<str> }
            = ["connection check for storage '", storage, "' failed - ", err]
                ~ "connection check for storage 'cifs1' failed - session setup failed: NT_STATUS_LOGON_FAILURE";
        /// The directory did not answer within two seconds, or is not there.
        Unreachable "pve.storage-unreachable" { storage: Box<str>, path: Box<str> }
            = ["unable to activate storage '", storage, "' - directory '", path, "' does not exist or is unreachable"]
                ~ "unable to activate storage 'nfs1' - directory '/mnt/pve/nfs1' does not exist or is unreachable"
            = ["unable to activate storage '", storage, "' - directory '", path, "' does not exist"]
                ~ "unable to activate storage 'nfs1' - directory '/mnt/pve/nfs1' does not exist";
        /// What should be mounted there is not.
        NotMounted "pve.storage-not-mounted" { storage: Box<str>, path: Box<str> }
            = ["unable to activate storage '", storage, "' - directory is expected to be a mount point but is not mounted: '", path, "'"]
                ~ "unable to activate storage 'usb1' - directory is expected to be a mount point but is not mounted: '/mnt/usb1'";
        /// It could not be made ready for another reason.
        NotActivated "pve.storage-not-activated" { storage: Box<str>, err: Box<str> }
            = ["could not activate storage '", storage, "', ", err]
                ~ "could not activate storage 'tank-vm', zfs error: cannot import 'tank': no such pool available"
            = ["could not activate storage '", storage, "': ", err]
                ~ "could not activate storage 'pbs1': pbs1: error fetching datastores - 401 Unauthorized"
            = ["unable to activate storage '", storage, "' - ", err]
                ~ "unable to activate storage 'san1' - no logical volumes";
        /// A Proxmox Backup Server does not answer, or refuses.
        DatastoresFailed "pve.storage-datastores-failed" { storage: Word, err: Box<str> }
            = [storage, ": error fetching datastores - ", err]
                ~ "pbs1: error fetching datastores - 500 Can't connect to 10.0.0.50:8007 (Connection timed out)";
        /// A share could not be mounted; printed by mount.
        MountFailed "pve.mount-failed" { err: Box<str> }
            = ["mount error: ", err] ~ "mount error: mount.nfs: Connection timed out"
            = ["mount error(", err] ~ "mount error(13): Permission denied";
        /// A directory of a mounted storage cannot be made.
        MkdirFailed "pve.storage-mkdir-failed" { storage: Word, path: Box<str>, err: Box<str> }
            = ["mkdir /mnt/pve/", storage, "/", path, ": ", err]
                ~ "mkdir /mnt/pve/nfs1/template: No space left on device at /usr/share/perl5/PVE/Storage/Plugin.pm line 1323.";
        /// A pool or dataset is missing, or the command took too long.
        ZfsError "pve.zfs-error" { err: Box<str> }
            = ["zfs error: ", err] ~ "zfs error: cannot open 'tank': no such pool";
        /// The storage is limited to other nodes.
        NotAvailable "pve.storage-not-available" { storage: Box<str>, node: Box<str> }
            = ["storage '", storage, "' is not available on node '", node, "'"]
                ~ "storage 'local-zfs' is not available on node 'pve3'";
        /// A configuration names a storage that is gone.
        NoSuch "pve.storage-unknown" { storage: Box<str> }
            = ["storage '", storage, "' does not exist"] ~ "storage 'nfs-old' does not exist";
        /// Somebody disabled it.
        Disabled "pve.storage-disabled" { storage: Box<str> }
            = ["storage '", storage, "' is disabled"] ~ "storage 'nfs1' is disabled";
        /// Only local ZFS can be replicated. Source: pve-manager PVE/CLI/pvesr.pm.
        NotReplicatable "pve.storage-not-replicatable" { storage: Box<str> }
            = ["storage '", storage, "' is not replicatable"] ~ "storage 'nfs1' is not replicatable";
        /// A volume group is not visible.
        NoVolumeGroup "pve.no-volume-group" { vg: Box<str> }
            = ["no such volume group '", vg, "'"] ~ "no such volume group 'san'";
        /// A disk of a guest is not on this node.
        NoVolume "pve.no-volume" { volume: Box<str> }
            = ["volume '", volume, "' does not exist"] ~ "volume 'local-zfs:vm-100-disk-0' does not exist";
        /// The device of a ZFS volume did not appear.
        NoZvol "pve.no-zvol" { volume: Box<str>, seconds: u32 }
            = ["timeout: no zvol device link for '", volume, "' found after ", seconds, " sec."]
                ~ "timeout: no zvol device link for 'vm-100-disk-0' found after 300 sec.";
        /// A round of pvestatd or of the firewall took longer than its five seconds. Source: pve-manager PVE/Service/pvestatd.pm.
        UpdateSlow "pve.update-slow" { what: Word, seconds: f64 }
            = [what, " update time (", seconds, " seconds)"] ~ "status update time (20.338 seconds)";
        /// A part of a round failed. Source: pve-manager PVE/Service/pvestatd.pm, pve-firewall.
        UpdateFailed "pve.update-failed" { what: Option<Box<str>>, err: Box<str> }
            = ["status update error: ", err, !what] ~ "status update error: got timeout"
            = [what, " status update error: ", err] ~ "storage status update error: got timeout";
        /// VMs do not answer. Source: pve-manager PVE/Service/pvestatd.pm.
        BalloonFailed "pve.balloon-failed" { err: Box<str> }
            = ["auto ballooning error: ", err] ~ "auto ballooning error: VM 100 qmp command 'balloon' failed - got timeout";
        /// pvestatd starts itself anew because it grew. Source: pve-manager PVE/Service/pvestatd.pm.
        RestartForMemory "pve.restart-for-memory" { cycles: u32, detail: Box<str> }
            = ["restarting server after ", cycles, " cycles to reduce memory usage ", detail]
                ~ "restarting server after 72 cycles to reduce memory usage (free 148112 (5028) KB)";
        /// A section of a configuration file is not understood. Source: pve-common src/PVE/SectionConfig.pm.
        SectionSkipped "pve.section-skipped" { path: Box<str>, line: u32, section: Box<str>, err: Box<str> }
            = ["file ", path, " line ", line, " (skip section '", section, "'): ", err]
                ~ "file /etc/pve/storage.cfg line 23 (skip section 'gv0'): unsupported type 'glusterfs'";
        /// A helper command failed. Source: pve-common src/PVE/Tools.pm.
        CommandFailed "pve.command-failed" { command: Box<str>, err: Box<str> }
            = ["command '", command, "' failed: ", err] ~ "command '/usr/bin/rbd -p vmpool ls' failed: got timeout";
    }
}

/// Words with which an error of a storage begins behind what a program puts before it.
static BEGINNINGS: Beginnings = Beginnings::new(&[
    "could not activate storage '",
    "unable to activate storage '",
    "connection check for storage '",
    "storage '",
    "timeout: no zvol device link",
    "volume '",
    "no such volume group '",
    "mkdir /mnt/pve/",
]);

/// Reads a message of a program of Proxmox VE.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let found = PveStorage::parse(message, cut).or_else(|| inner(message, cut));
    found.map(Kind::PveStorage)
}

/// Reads a message whose program is not known, if nobody else prints it.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    let found = PveStorage::parse(message, cut).or_else(|| inner(message, cut))?;
    let anybody = matches!(
        found,
        PveStorage::CommandFailed { .. }
            | PveStorage::ZfsError { .. }
            | PveStorage::NoVolume { .. }
            | PveStorage::UpdateSlow { .. }
            | PveStorage::UpdateFailed { .. }
    );
    let of_mount = match &found {
        PveStorage::MountFailed { err } => err.starts_with("mount."),
        _ => true,
    };
    (of_mount && !anybody).then_some(Kind::PveStorage(found))
}

/// The error behind what a program puts before it: `ERROR: Backup of VM 100 failed - `.
fn inner(message: &str, cut: bool) -> Option<PveStorage> {
    PveStorage::parse(BEGINNINGS.error_in(message)?, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<PveStorage>();
    }

    #[test]
    fn an_error_inside_another_is_found() {
        let want = Some(Kind::PveStorage(PveStorage::NotOnline {
            storage: "nas".into(),
        }));
        for message in [
            "storage 'nas' is not online",
            "TASK ERROR: storage 'nas' is not online",
            "could not get storage information for 'nas': storage 'nas' is not online",
        ] {
            assert_eq!(read(message, false), want, "{message}");
        }
        assert_eq!(read("storage 'nas' is fine", false), None);
        assert_eq!(read_alone("volume 'x' does not exist", false), None);
    }
}
