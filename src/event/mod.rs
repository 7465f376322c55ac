//! Things that daemons say and that we understand.
//! In: `Record`s. Out: `Event`s that own what later layers ask for; everything before this seam borrows.
//! Never: relates two lines to each other; a parser knows no state.

pub mod chatter;
pub mod chrony;
pub mod corosync;
mod ends;
pub mod field;
pub mod ha;
pub mod headers;
pub mod journald;
pub mod kernel;
pub mod last;
pub mod literals;
pub mod logind;
pub mod message;
mod object;
pub mod pmxcfs;
pub mod pve_daemon;
pub mod pve_ha_crm;
pub mod pve_ha_lrm;
pub mod pve_lock;
pub mod pve_replication;
pub mod pve_storage;
pub mod pve_task;
pub mod qdevice;
pub mod scan;
pub mod shutdown;
mod sweep;
pub mod systemd;
pub mod watchdog_mux;
pub mod zed;

use crate::model::{Fields, Name, Place, Text, Timestamp};
use crate::record::Record;
pub use message::{Message, Sample};

/// The programs that make up a cluster, as their lines name them.
pub const OF_CLUSTER: [&str; 7] = [
    "corosync",
    "corosync-qdevice",
    "pmxcfs",
    "pve-cluster",
    "pve-ha-crm",
    "pve-ha-lrm",
    "watchdog-mux",
];

/// Something a daemon said that we understand. Owns only what later layers ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The line's own stamp; `None` where it has none.
    pub at: Option<Timestamp>,
    /// The host that logged it, if the line says.
    pub host: Option<Name>,
    /// Which line it is.
    pub place: Place,
    /// The program, as the line names it.
    pub program: Name,
    /// The logging process.
    pub pid: Option<u32>,
    /// The boot it belongs to, where the encoding says.
    pub boot: Option<Name>,
    /// How often it happened, by the line's own word.
    pub repeat: u32,
    /// What was said.
    pub kind: Kind,
    /// The line.
    pub text: Text,
}

/// One variant per program; each program's enum has one variant per message.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// corosync, any subsystem.
    Corosync(corosync::Corosync),
    /// corosync-qdevice.
    Qdevice(qdevice::Qdevice),
    /// pmxcfs: which of its services, and what it said.
    Pmxcfs(pmxcfs::Domain, pmxcfs::Pmxcfs),
    /// Lines that pve-ha-lrm and pve-ha-crm share, with who printed it.
    Ha(ha::Daemon, ha::Ha),
    /// pve-ha-lrm.
    PveHaLrm(pve_ha_lrm::PveHaLrm),
    /// pve-ha-crm.
    PveHaCrm(pve_ha_crm::PveHaCrm),
    /// watchdog-mux.
    WatchdogMux(watchdog_mux::WatchdogMux),
    /// The kernel.
    Kernel(kernel::Kernel),
    /// systemd as process 1.
    Systemd(systemd::Systemd),
    /// systemd-logind.
    Logind(logind::Logind),
    /// systemd-shutdown.
    Shutdown(shutdown::Shutdown),
    /// systemd-journald, and the markers that journalctl prints between boots.
    Journald(journald::Journald),
    /// Cluster lock errors, which any PVE daemon or tool prints.
    PveLock(pve_lock::PveLock),
    /// Tasks and backups.
    PveTask(pve_task::PveTask),
    /// Storages, and rounds of pvestatd.
    PveStorage(pve_storage::PveStorage),
    /// Replication jobs.
    PveReplication(pve_replication::PveReplication),
    /// The life of daemons of Proxmox VE.
    PveDaemon(pve_daemon::PveDaemon),
    /// The ZFS event daemon.
    Zed(zed::Zed),
    /// Clock steps of chronyd.
    Chrony(chrony::Chrony),
    /// Lines of `last -x`.
    Last(last::Last),
}

/// Runs one expression on whichever program's message a kind holds.
macro_rules! each_program {
    ($kind:expr, $message:ident => $body:expr) => {
        match $kind {
            Kind::Corosync($message) => $body,
            Kind::Qdevice($message) => $body,
            Kind::Pmxcfs(_, $message) => $body,
            Kind::Ha(_, $message) => $body,
            Kind::PveHaLrm($message) => $body,
            Kind::PveHaCrm($message) => $body,
            Kind::WatchdogMux($message) => $body,
            Kind::Kernel($message) => $body,
            Kind::Systemd($message) => $body,
            Kind::Logind($message) => $body,
            Kind::Shutdown($message) => $body,
            Kind::Journald($message) => $body,
            Kind::PveLock($message) => $body,
            Kind::PveTask($message) => $body,
            Kind::PveStorage($message) => $body,
            Kind::PveReplication($message) => $body,
            Kind::PveDaemon($message) => $body,
            Kind::Zed($message) => $body,
            Kind::Chrony($message) => $body,
            Kind::Last($message) => $body,
        }
    };
}

impl Kind {
    /// The stable name, `program.what`.
    pub fn name(&self) -> &'static str {
        each_program!(self, message => message.name())
    }

    /// Whether only a program says this that runs on nodes of a cluster: a sign that the node is one of it and lives.
    pub fn is_of_cluster(&self) -> bool {
        matches!(
            self,
            Kind::Corosync(_)
                | Kind::Pmxcfs(..)
                | Kind::PveHaLrm(_)
                | Kind::PveHaCrm(_)
                | Kind::Ha(..)
                | Kind::WatchdogMux(_)
        )
    }

    /// The message's own field of that name, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        each_program!(self, message => message.text(name))
    }

    /// The message's fields under their stable names.
    pub fn fields(&self) -> Fields {
        let mut fields = each_program!(self, message => message.fields());
        match self {
            Kind::Pmxcfs(domain, _) => fields.insert(0, ("domain", domain.word().into())),
            Kind::Ha(daemon, _) => fields.insert(0, ("daemon", daemon.word().into())),
            _ => {}
        }
        fields
    }
}

/// What a record turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Understood.
    Event(Kind),
    /// A message of a watched program that nobody reads yet.
    Unknown,
    /// Nothing of ours.
    Other,
}

/// Bytes of a message that may be read as one whose end is missing.
const CUT_BYTES: usize = 20;

/// Reads a record: by its program, or by its message alone where the line names none. A message that nothing reads may
/// be one that was cut at a width, without a mark.
pub fn read(record: &Record<'_>) -> Reading {
    match read_whole(record) {
        Reading::Event(kind) => Reading::Event(kind),
        reading => read_cut(record).map_or(reading, Reading::Event),
    }
}

/// Reads a record as one whose end is missing, if it is the beginning of exactly one message. Only of programs whose
/// messages are told apart by their own words, or behind a subsystem in brackets.
pub fn read_cut(record: &Record<'_>) -> Option<Kind> {
    let own = match record.program {
        "" => record.message.starts_with('['),
        "corosync" | "corosync-qdevice" | "pmxcfs" | "pve-cluster" | "pve-ha-lrm"
        | "pve-ha-crm" | "watchdog-mux" | "kernel" | "systemd" | "systemd-logind"
        | "systemd-journald" => true,
        _ => false,
    };
    if record.cut || !own || record.message.trim().len() < CUT_BYTES {
        return None;
    }
    let cut = Record {
        cut: true,
        ..record.clone()
    };
    match read_whole(&cut) {
        Reading::Event(kind) => Some(kind),
        Reading::Unknown | Reading::Other => None,
    }
}

/// Reads a record as it stands.
pub fn read_whole(record: &Record<'_>) -> Reading {
    let message = message::fold_blanks(&record.message);
    let (kind, watched) = match record.program {
        "corosync" => (corosync::read(&message, record.cut), true),
        "corosync-qdevice" => (qdevice::read(&message, record.cut), true),
        "pmxcfs" | "pve-cluster" => (pmxcfs::read(&message, record.cut), true),
        // The tasks that HA starts print under its name.
        "pve-ha-lrm" => (
            pve_ha_lrm::read(&message, record.cut).or_else(|| of_daemon(&message, record.cut)),
            true,
        ),
        "pve-ha-crm" => (
            pve_ha_crm::read(&message, record.cut).or_else(|| of_daemon(&message, record.cut)),
            true,
        ),
        "watchdog-mux" => (watchdog_mux::read(&message, record.cut), true),
        "kernel" => (kernel::read(&message, record.cut), false),
        "systemd" => (systemd::read(&message, record.cut), false),
        "systemd-logind" => (logind::read(&message, record.cut), false),
        "systemd-shutdown" | "nut-monitor" | "upsmon" => {
            (shutdown::read(&message, record.cut), false)
        }
        "systemd-journald" => (journald::read(&message, record.cut), false),
        "journalctl" => (journald::read_marker(&message), false),
        "chronyd" | "ntpd" | "ntpdate" => (chrony::read(&message, record.cut), false),
        "last" => (last::read(&message), false),
        "" => (read_message_alone(&message, record.cut), false),
        "zed" => (zed::read(&message, record.cut), false),
        program => (read_any(program, &message, record.cut), false),
    };
    match (kind, watched) {
        (Some(kind), _) => Reading::Event(kind),
        (None, true) => Reading::Unknown,
        (None, false) => Reading::Other,
    }
}

/// Reads a message whose program the line does not name (`-o cat`, a forum post, a table cell): whichever program prints
/// a message of this form. Programs whose messages could be anybody's come last or not at all.
pub fn read_message_alone(message: &str, cut: bool) -> Option<Kind> {
    corosync::read(message, cut)
        .or_else(|| pmxcfs::read_alone(message, cut))
        .or_else(|| watchdog_mux::read_alone(message, cut))
        .or_else(|| pve_ha_lrm::read_alone(message, cut))
        .or_else(|| pve_ha_crm::read_alone(message, cut))
        .or_else(|| journald::read_marker(message))
        .or_else(|| kernel::read(message, cut).filter(kernel::is_unmistakable))
        .or_else(|| pve_lock::read_cluster(message, cut))
        .or_else(|| pve_replication::read(message, cut))
        .or_else(|| {
            let backup = message.starts_with("ERROR: Backup of VM ");
            backup.then(|| of_proxmox(message, cut)).flatten()
        })
        .or_else(|| pve_lock::read(message, cut))
        .or_else(|| pve_storage::read_alone(message, cut))
        .or_else(|| pve_task::read_alone(message, cut))
        .or_else(|| systemd::read_alone(message, cut))
}

/// Reads a message of a program that has no file of its own: a daemon or tool of Proxmox VE, the name of a job in its own
/// log, or a word before a colon in what somebody pasted from a terminal.
fn read_any(program: &str, message: &str, cut: bool) -> Option<Kind> {
    let is_proxmox = program.starts_with("pve")
        || matches!(
            program,
            "spiceproxy" | "qm" | "pct" | "vzdump" | "qmeventd" | "task"
        );
    if is_proxmox {
        return of_daemon(message, cut);
    }
    if pve_replication::is_job(program) {
        return pve_replication::read(&format!("{program}: {message}"), cut);
    }
    pve_lock::read(message, cut)
}

/// Reads what a daemon of Proxmox VE prints, of its tasks and of itself.
fn of_daemon(message: &str, cut: bool) -> Option<Kind> {
    of_proxmox(message, cut).or_else(|| pve_daemon::read(message, cut))
}

/// Reads what tasks and daemons of Proxmox VE print under whatever name they run.
fn of_proxmox(message: &str, cut: bool) -> Option<Kind> {
    let task = match pve_task::parse(message, cut) {
        // What a task failed for says more than that it did, but the end of one is needed to know that it ended.
        Some(task @ pve_task::PveTask::Ended { .. }) => {
            return pve_lock::read_cluster(message, cut).or(Some(Kind::PveTask(task)));
        }
        // It names the guest, which the error in it does not.
        Some(task @ pve_task::PveTask::BackupFailed { .. }) => {
            return pve_lock::read_cluster(message, cut)
                .or_else(|| pve_storage::read(message, cut))
                .or(Some(Kind::PveTask(task)));
        }
        Some(task) if !task.is_error() => return Some(Kind::PveTask(task)),
        task => task.map(Kind::PveTask),
    };
    pve_lock::read_cluster(message, cut)
        .or_else(|| pve_replication::read(message, cut))
        .or_else(|| pve_lock::read(message, cut))
        .or_else(|| pve_storage::read(message, cut))
        .or(task)
}

/// Every kind of event with a sample line, in the order of programs: what `events --kinds` prints and patterns are
/// checked against.
pub fn vocabulary() -> Vec<Sample> {
    [
        corosync::samples(),
        qdevice::Qdevice::SAMPLES.to_vec(),
        pmxcfs::Pmxcfs::SAMPLES.to_vec(),
        ha::Ha::SAMPLES.to_vec(),
        pve_ha_lrm::PveHaLrm::SAMPLES.to_vec(),
        pve_ha_crm::PveHaCrm::SAMPLES.to_vec(),
        watchdog_mux::WatchdogMux::SAMPLES.to_vec(),
        kernel::Kernel::SAMPLES.to_vec(),
        systemd::Systemd::SAMPLES.to_vec(),
        logind::Logind::SAMPLES.to_vec(),
        shutdown::Shutdown::SAMPLES.to_vec(),
        journald::Journald::SAMPLES.to_vec(),
        pve_lock::PveLock::SAMPLES.to_vec(),
        pve_task::PveTask::SAMPLES.to_vec(),
        pve_storage::PveStorage::SAMPLES.to_vec(),
        pve_replication::PveReplication::SAMPLES.to_vec(),
        pve_daemon::PveDaemon::SAMPLES.to_vec(),
        zed::Zed::SAMPLES.to_vec(),
        chrony::Chrony::SAMPLES.to_vec(),
        last::Last::SAMPLES.to_vec(),
    ]
    .concat()
}
