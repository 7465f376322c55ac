//! Daemons of Proxmox VE that died, hang, do not start, or refuse their configuration.
//! In: what systemd, the kernel and the daemons themselves say. Out: `daemon.failed`, `daemon.runs`,
//! `config.refused`.
//! Never: takes a clean stop, a reload or an upgrade for a failure.

use super::{ChangeKind, Seen, Sink};
use crate::event::corosync::{
    Corosync, cfg::Cfg, main::Main, service::Service, votequorum::Votequorum,
};
use crate::event::ha::Ha;
use crate::event::kernel::Kernel;
use crate::event::pmxcfs::Pmxcfs;
use crate::event::pve_daemon::PveDaemon;
use crate::event::pve_storage::PveStorage;
use crate::event::systemd::Systemd;
use crate::event::watchdog_mux::WatchdogMux;
use crate::event::{Event, Kind};
use crate::model::{Basis, Line, Observer, When};
use std::collections::BTreeMap;

/// Services whose failure is told, by the name of their unit.
const SERVICES: [&str; 15] = [
    "corosync",
    "corosync-qdevice",
    "pve-cluster",
    "pvedaemon",
    "pveproxy",
    "pvestatd",
    "pvescheduler",
    "spiceproxy",
    "pve-ha-lrm",
    "pve-ha-crm",
    "watchdog-mux",
    "pve-firewall",
    "pve-guests",
    "qmeventd",
    "pve-lxc-syscalld",
];

/// What a process said before it died may be written down so much later, in seconds.
const LAST_WORDS_S: f64 = 2.0;

/// pmxcfs asks for corosync every few seconds. At a start it waits some seconds for it; this long it waits for one that is
/// not there.
const UNREACHED_S: f64 = 60.0;

/// Of these, those that do something once and end.
const ONCE: [&str; 1] = ["pve-guests"];

/// Services that failed and were not heard of since.
#[derive(Debug, Default)]
pub struct Daemons {
    down: BTreeMap<(Observer, &'static str), When>,
    /// Since when pmxcfs finds no corosync; `None` where corosync was stopped in order.
    unreached: BTreeMap<Observer, Option<(When, Line)>>,
}

impl Daemons {
    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        if let Some((what, detail, stops)) = refusal(&seen.event.kind) {
            let what = what.to_owned();
            let change = ChangeKind::ConfigRefused {
                what,
                detail,
                stops,
            };
            out.push(seen, Basis::Stated, change);
        }
        self.reach(seen, out);
        if let Some((service, how, detail)) = failure(seen.event) {
            let change = ChangeKind::DaemonFailed {
                service: service.to_owned(),
                how,
                detail,
            };
            out.push(seen, Basis::Stated, change);
            // A worker crashes as its parent does, but of the parent's end systemd tells too. Some only run once.
            if matches!(how, "crashed" | "reload-failed") || ONCE.contains(&service) {
                if !self.down.contains_key(&(seen.node, service)) {
                    runs(service, "went-on", seen, out);
                }
            } else {
                self.down.insert((seen.node, service), seen.when);
            }
        } else if !self.down.is_empty()
            && let Some((service, how)) = sign_of_life(seen.event)
            && let Some(since) = self.down.get(&(seen.node, service))
            && (how == "started" || is_later(*since, seen.when))
        {
            self.down.remove(&(seen.node, service));
            runs(service, how, seen, out);
        }
    }

    /// Follows whether pmxcfs finds corosync: where the log is of pmxcfs alone, nothing else tells that it is not running.
    fn reach(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        match &seen.event.kind {
            Kind::Corosync(Corosync::Main(Main::SignalShutdown {} | Main::ExitOk {})) => {
                self.unreached.insert(seen.node, None);
            }
            Kind::Systemd(Systemd::Stopping { unit } | Systemd::Stopped { unit })
                if unit.0.starts_with("corosync.service") =>
            {
                self.unreached.insert(seen.node, None);
            }
            Kind::Corosync(_) => {
                self.unreached.remove(&seen.node);
            }
            Kind::Pmxcfs(_, Pmxcfs::QuorumGained {} | Pmxcfs::Members { .. }) => {
                self.unreached.remove(&seen.node);
                if self.down.remove(&(seen.node, "corosync")).is_some() {
                    runs("corosync", "reached", seen, out);
                }
            }
            Kind::Pmxcfs(_, Pmxcfs::InitializeFailed { .. }) => {
                let first = || Some((seen.when, seen.line()));
                let Some((since, line)) = self.unreached.entry(seen.node).or_insert_with(first)
                else {
                    return;
                };
                let long = seen.when.since(*since);
                let long = long.is_some_and(|span| span.seconds() >= UNREACHED_S);
                if long && !self.down.contains_key(&(seen.node, "corosync")) {
                    let lines = vec![line.clone(), seen.line()];
                    self.down.insert((seen.node, "corosync"), seen.when);
                    let change = ChangeKind::DaemonFailed {
                        service: "corosync".to_owned(),
                        how: "not-reached",
                        detail: Some("pmxcfs cannot connect to it".to_owned()),
                    };
                    out.push_for(seen.node, *since, Basis::Inferred, change, lines);
                }
            }
            _ => {}
        }
    }

    /// Nothing that failed before a boot is down because of it.
    pub fn booted(&mut self, node: Observer) {
        self.down.retain(|(of, _), _| *of != node);
        self.unreached.remove(&node);
    }
}

fn runs(service: &str, how: &'static str, seen: &Seen<'_>, out: &mut Sink) {
    let service = service.to_owned();
    out.push(seen, Basis::Stated, ChangeKind::DaemonRuns { service, how });
}

/// Whether a line is no last word of a process that died, nor one that another daemon wrote down first.
fn is_later(failed: When, when: When) -> bool {
    let since = when.since(failed);
    since.is_some_and(|since| since.seconds() >= LAST_WORDS_S)
}

/// The service that a line shows to run, and how: it was started, or it says something.
fn sign_of_life(event: &Event) -> Option<(&'static str, &'static str)> {
    match &event.kind {
        Kind::Systemd(Systemd::Started { unit }) => {
            Some((service(unit.0.strip_suffix(".service")?)?, "started"))
        }
        Kind::Systemd(_) | Kind::Kernel(_) => None,
        // Tasks run on when the daemon that forked them is gone.
        Kind::PveTask(_) | Kind::PveLock(_) | Kind::PveReplication(_) => None,
        Kind::PveDaemon(PveDaemon::Starting {}) => Some((service(&event.program)?, "started")),
        Kind::PveDaemon(_) => None,
        _ => Some((of_process(&event.program)?, "heard")),
    }
}

/// Which service failed, how, and what is said of it.
fn failure(event: &Event) -> Option<(&'static str, &'static str, Option<String>)> {
    let text = |text: &str| Some(text.to_owned());
    match &event.kind {
        Kind::Systemd(said) => {
            let (unit, how, detail) = match said {
                Systemd::Failed { unit, result } => (unit, "failed", text(result)),
                Systemd::StartFailed { unit } => (unit, "start-failed", None),
                Systemd::JobFailed { unit, reason } => (unit, "job-failed", text(reason)),
                Systemd::ReloadFailed { unit } => (unit, "reload-failed", None),
                Systemd::StartTimeout { unit } => (unit, "start-timeout", None),
                Systemd::TooQuickly { unit } => (unit, "restarts-too-quickly", None),
                Systemd::ServiceWatchdog { unit, .. } => (unit, "watchdog", None),
                Systemd::MainExited { unit, code, status } => {
                    (unit, exit(code, status)?, text(status))
                }
                _ => return None,
            };
            Some((service(unit.0.strip_suffix(".service")?)?, how, detail))
        }
        Kind::Kernel(Kernel::Segfault { comm, .. } | Kernel::UserTrap { comm, .. }) => {
            Some((of_process(comm)?, "crashed", None))
        }
        Kind::Ha(_, Ha::WatchdogOpenFailed { error }) => {
            Some((service(&event.program)?, "error", text(error)))
        }
        Kind::WatchdogMux(WatchdogMux::OpenFailed { error }) => {
            Some(("watchdog-mux", "error", text(error)))
        }
        Kind::Corosync(Corosync::Main(Main::ExitError { status, .. })) if *status != 0 => {
            Some(("corosync", "exited", Some(format!("status {status}"))))
        }
        Kind::Pmxcfs(_, said) => {
            let (how, detail) = match said {
                Pmxcfs::DatabaseOpenFailed { path } => ("database-not-opened", text(path)),
                Pmxcfs::StepFailed { error }
                | Pmxcfs::CommitFailed { error }
                | Pmxcfs::BeginFailed { error } => ("database-error", text(error)),
                Pmxcfs::DuplicateName { name, .. } => {
                    ("database-error", Some(format!("{name} is in it twice")))
                }
                Pmxcfs::LoadFailed {} => ("database-not-loaded", None),
                Pmxcfs::MountFailed { error } => ("not-mounted", text(error)),
                _ => return None,
            };
            Some(("pve-cluster", how, detail))
        }
        // Backups that pvescheduler runs print their own errors under its name.
        Kind::PveDaemon(PveDaemon::Failed { err }) if event.program.as_str() != "pvescheduler" => {
            Some((service(&event.program)?, "error", text(err)))
        }
        _ => None,
    }
}

/// What of a configuration is refused, why, and whether the daemon does not run with it.
fn refusal(kind: &Kind) -> Option<(&'static str, Option<String>, bool)> {
    const COROSYNC: &str = "corosync.conf";
    const KEY: &str = "the key of corosync";
    let text = |text: &str| Some(text.to_owned());
    Some(match kind {
        Kind::Corosync(Corosync::Main(said)) => match said {
            Main::ParseError { reason } => (COROSYNC, text(reason), true),
            Main::NoLocalName {} => (COROSYNC, text("it does not name this node"), true),
            Main::NoInterfaces {} => (COROSYNC, text("it has no interfaces"), true),
            Main::KeyUnreadable { path, err } => (KEY, Some(format!("{}: {err}", &**path)), true),
            Main::KeyTooShort { bits, minimum, .. } => {
                let need = format!("{bits} bits, {minimum} are needed");
                (KEY, Some(need), true)
            }
            _ => return None,
        },
        Kind::Corosync(Corosync::Votequorum(Votequorum::ConfigError { reason })) => {
            (COROSYNC, text(reason), false)
        }
        Kind::Corosync(Corosync::Service(Service::LoadFailed { reason, .. })) => {
            let reason = reason.strip_prefix("configuration error: ")?;
            (COROSYNC, text(reason), true)
        }
        Kind::Corosync(Corosync::Cfg(said)) => match said {
            Cfg::NotAtRunTime { key } => (COROSYNC, Some(format!("{key} needs a restart")), false),
            Cfg::ReloadFailed { err }
            | Cfg::ReloadInvalid { err }
            | Cfg::ReloadInterfaces { err }
            | Cfg::ReloadCrypto { err } => (COROSYNC, text(err), false),
            Cfg::ConfigVersion { theirs, mine } => {
                let differ = format!("version {mine} here, {theirs} at a peer");
                (COROSYNC, Some(differ), true)
            }
            _ => return None,
        },
        Kind::Pmxcfs(_, said) => match said {
            Pmxcfs::ResolveFailed { node } => {
                let node = node.as_deref().unwrap_or("this node");
                let why = format!("{node} does not resolve to an address that others reach");
                ("/etc/hosts", Some(why), true)
            }
            Pmxcfs::ConfNewer {} => (
                COROSYNC,
                text("the local one is newer than the cluster's"),
                false,
            ),
            Pmxcfs::ConfNoVersion {} => (COROSYNC, text("it has no version"), false),
            _ => return None,
        },
        Kind::PveStorage(PveStorage::SectionSkipped {
            path, section, err, ..
        }) => (
            "a section of a file",
            Some(format!("{path}, {section}: {err}")),
            false,
        ),
        Kind::PveStorage(PveStorage::NoSuch { storage }) => {
            let why = format!("storage {storage} does not exist");
            ("the configuration of a guest or job", Some(why), false)
        }
        _ => return None,
    })
}

/// How a main process ended; `None` for an end as asked for.
fn exit(code: &str, status: &str) -> Option<&'static str> {
    match code {
        "killed" | "dumped" if !status.ends_with("/TERM") => Some("killed"),
        "exited" if !status.starts_with('0') => Some("exited"),
        _ => None,
    }
}

fn service(name: &str) -> Option<&'static str> {
    SERVICES.into_iter().find(|service| *service == name)
}

/// The service that a process belongs to; the kernel cuts names to 15 bytes.
fn of_process(comm: &str) -> Option<&'static str> {
    match comm.split(' ').next()? {
        "pmxcfs" => Some("pve-cluster"),
        "task" => None,
        name => service(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_as_asked_for_is_no_failure() {
        assert_eq!(exit("killed", "15/TERM"), None);
        assert_eq!(exit("exited", "0/SUCCESS"), None);
        assert_eq!(exit("killed", "11/SEGV"), Some("killed"));
        assert_eq!(exit("exited", "8/n/a"), Some("exited"));
    }

    #[test]
    fn processes_belong_to_services() {
        assert_eq!(of_process("pmxcfs"), Some("pve-cluster"));
        assert_eq!(of_process("pveproxy worker"), Some("pveproxy"));
        assert_eq!(of_process("task UPID:elm:"), None);
        assert_eq!(of_process("nginx"), None);
    }
}
