//! What systemd says as process 1 of the units and targets that matter to a cluster.
//! In: a message of systemd. Out: `Systemd`.
//! Never: reports other units; their messages are nothing of ours.

use super::Kind;
use super::message::until;
use super::message::{Field, Message, Word, messages};
use crate::model::Value;
use nom::combinator::rest;
use nom::{IResult, Parser};

/// A unit that matters here, by its name; systemd up to 249 prints descriptions, which are translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit(pub Box<str>);

/// Units by the description that systemd up to 249 prints for them. Source: the unit files of each package.
const DESCRIPTIONS: [(&str, &str); 37] = [
    ("Corosync Cluster Engine", "corosync.service"),
    ("Corosync Qdevice daemon", "corosync-qdevice.service"),
    ("The Proxmox VE cluster filesystem", "pve-cluster.service"),
    ("PVE API Daemon", "pvedaemon.service"),
    ("PVE API Proxy Server", "pveproxy.service"),
    ("PVE Status Daemon", "pvestatd.service"),
    ("Proxmox VE scheduler", "pvescheduler.service"),
    ("PVE Local HA Resource Manager Daemon", "pve-ha-lrm.service"),
    (
        "PVE Local HA Ressource Manager Daemon",
        "pve-ha-lrm.service",
    ),
    (
        "PVE Cluster HA Resource Manager Daemon",
        "pve-ha-crm.service",
    ),
    ("PVE Cluster Resource Manager Daemon", "pve-ha-crm.service"),
    ("PVE Cluster Ressource Manager Daemon", "pve-ha-crm.service"),
    ("Proxmox VE watchdog multiplexer", "watchdog-mux.service"),
    ("Proxmox VE firewall", "pve-firewall.service"),
    ("PVE SPICE Proxy Server", "spiceproxy.service"),
    ("PVE guests", "pve-guests.service"),
    ("PVE Qemu Event Daemon", "qmeventd.service"),
    ("Proxmox VE LXC Syscall Daemon", "pve-lxc-syscalld.service"),
    ("Journal Service", "systemd-journald.service"),
    ("chrony, an NTP client/server", "chrony.service"),
    ("PVE Storage Target", "pve-storage.target"),
    ("Multi-User System", "multi-user.target"),
    ("Graphical Interface", "graphical.target"),
    ("Rescue Mode", "rescue.target"),
    ("Emergency Mode", "emergency.target"),
    ("Shutdown", "shutdown.target"),
    ("System Shutdown", "shutdown.target"),
    ("Unmount All Filesystems", "umount.target"),
    ("Final Step", "final.target"),
    ("Late Shutdown Services", "final.target"),
    ("Reboot", "reboot.target"),
    ("System Reboot", "reboot.target"),
    ("Power-Off", "poweroff.target"),
    ("Power Off", "poweroff.target"),
    ("System Power Off", "poweroff.target"),
    ("Halt", "halt.target"),
    ("System Halt", "halt.target"),
];

/// Targets that matter, without `.target`.
const TARGETS: [&str; 12] = [
    "reboot",
    "poweroff",
    "shutdown",
    "halt",
    "kexec",
    "rescue",
    "emergency",
    "multi-user",
    "graphical",
    "final",
    "umount",
    "pve-storage",
];

/// Services that matter, without `.service`, besides those that begin with `pve`.
const SERVICES: [&str; 12] = [
    "corosync",
    "corosync-qdevice",
    "pmxcfs",
    "spiceproxy",
    "watchdog-mux",
    "qmeventd",
    "systemd-journald",
    "chrony",
    "chronyd",
    "systemd-reboot",
    "systemd-poweroff",
    "systemd-halt",
];

/// Jobs of Proxmox VE that timers start so often that their units tell nothing.
const TIMERS: [&str; 4] = ["pvesr", "pve-daily-update", "pvebanner", "pveupdate"];

/// Every unit that matters by a name or a description of its own, as systemd prints it.
#[cfg(test)]
pub fn units() -> Vec<String> {
    let targets = TARGETS.iter().map(|stem| format!("{stem}.target"));
    let services = SERVICES.iter().map(|stem| format!("{stem}.service"));
    let of_proxmox = [
        "pvestatd",
        "pvedaemon",
        "pveproxy",
        "pvescheduler",
        "pve-cluster",
        "pve-ha-lrm",
        "pve-ha-crm",
    ];
    let of_proxmox = of_proxmox.iter().flat_map(|stem| {
        let described = DESCRIPTIONS
            .iter()
            .find(|(_, unit)| unit.strip_suffix(".service") == Some(stem));
        described.map(|(description, unit)| format!("{unit} - {description}"))
    });
    let descriptions = DESCRIPTIONS
        .iter()
        .map(|(description, _)| (*description).to_owned());
    targets
        .chain(services)
        .chain(of_proxmox)
        .chain(descriptions)
        .collect()
}

impl Unit {
    /// `name.service`, `name.service - description` or a description, if the unit matters.
    fn known(text: &str) -> Option<Unit> {
        let name = text.split_once(" - ").map_or(text, |(name, _)| name);
        let matters = match name.rsplit_once('.') {
            Some((stem, "service")) => {
                SERVICES.contains(&stem) || stem.starts_with("pve") && !TIMERS.contains(&stem)
            }
            Some((stem, "target")) => TARGETS.contains(&stem),
            Some((stem, "scope")) => !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        };
        if matters {
            return Some(Unit(name.into()));
        }
        let described = DESCRIPTIONS.iter().find(|(text, _)| *text == name);
        described.map(|(_, unit)| Unit((*unit).into()))
    }
}

impl Field for Unit {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, text) = match stop {
            // The dots at the end of a sentence are the last ones; names of units hold dots too.
            Some("." | "...") => {
                let text = input.trim_end_matches('.');
                (input.get(text.len()..).unwrap_or_default(), text)
            }
            Some(stop) => until(stop, input)?,
            None => rest.parse(input)?,
        };
        match Unit::known(text) {
            Some(unit) => Ok((after, unit)),
            None => Err(nom::Err::Error(nom::error::Error::new(
                input,
                nom::error::ErrorKind::Verify,
            ))),
        }
    }
    fn value(&self) -> Value {
        self.0.clone().into()
    }
}

messages! {
    /// Messages of systemd. Source: systemd src/core/job.c, unit.c, service.c where nothing else is said.
    pub enum Systemd {
        /// Start of a unit begins.
        Starting "systemd.starting" { unit: Unit }
            = ["Starting ", unit, "..."] ~ "Starting corosync.service - Corosync Cluster Engine..."
            = ["Starting ", unit, "..."] ~ "Starting The Proxmox VE cluster filesystem...";
        /// A unit is up; units that run once say that they finished.
        Started "systemd.started" { unit: Unit }
            = ["Started ", unit, "."] ~ "Started pve-cluster.service - The Proxmox VE cluster filesystem."
            = ["Finished ", unit, "."] ~ "Finished pve-guests.service - PVE guests.";
        /// Packages are upgraded by the timer. Source: apt debian/apt-daily-upgrade.service.
        UpgradeBegan "systemd.upgrade-began" {}
            = ["Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities..."]
                ~ "Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities..."
            = ["Starting Daily apt upgrade and clean activities..."] ~ "Starting Daily apt upgrade and clean activities...";
        /// The upgrade by the timer is over.
        UpgradeDone "systemd.upgrade-done" {}
            = ["Finished apt-daily-upgrade.service - Daily apt upgrade and clean activities."]
                ~ "Finished apt-daily-upgrade.service - Daily apt upgrade and clean activities."
            = ["Finished Daily apt upgrade and clean activities."] ~ "Finished Daily apt upgrade and clean activities."
            = ["Started Daily apt upgrade and clean activities."] ~ "Started Daily apt upgrade and clean activities.";
        /// The upgrade by the timer failed.
        UpgradeFailed "systemd.upgrade-failed" {}
            = ["Failed to start apt-daily-upgrade.service - Daily apt upgrade and clean activities."]
                ~ "Failed to start apt-daily-upgrade.service - Daily apt upgrade and clean activities."
            = ["Failed to start Daily apt upgrade and clean activities."]
                ~ "Failed to start Daily apt upgrade and clean activities.";
        /// An orderly stop of a unit begins.
        Stopping "systemd.stopping" { unit: Unit }
            = ["Stopping ", unit, "..."] ~ "Stopping corosync.service - Corosync Cluster Engine...";
        /// A target is left: a planned end of the boot, or of a part of it.
        StoppedTarget "systemd.stopped-target" { target: Unit }
            = ["Stopped target ", target, "."] ~ "Stopped target multi-user.target - Multi-User System.";
        /// An orderly stop of a unit is done.
        Stopped "systemd.stopped" { unit: Unit }
            = ["Stopped ", unit, "."] ~ "Stopped corosync.service - Corosync Cluster Engine.";
        /// A target is reached; reboot, poweroff, shutdown and final prove a planned end. Source: src/core/target.c.
        ReachedTarget "systemd.reached-target" { target: Unit }
            = ["Reached target ", target, "."] ~ "Reached target multi-user.target - Multi-User System."
            = ["Reached target ", target, "."] ~ "Reached target Shutdown.";
        /// A unit reads its configuration again.
        Reloading "systemd.reloading" { unit: Unit } = ["Reloading ", unit, "..."] ~ "Reloading PVE API Daemon...";
        /// A unit has read its configuration again.
        Reloaded "systemd.reloaded" { unit: Unit } = ["Reloaded ", unit, "."] ~ "Reloaded PVE API Daemon.";
        /// A unit could not read its configuration.
        ReloadFailed "systemd.reload-failed" { unit: Unit }
            = ["Reload failed for ", unit, "."] ~ "Reload failed for PVE API Daemon.";
        /// A unit did not start.
        StartFailed "systemd.start-failed" { unit: Unit }
            = ["Failed to start ", unit, "."] ~ "Failed to start corosync.service - Corosync Cluster Engine.";
        /// A unit did not start in time.
        StartTimeout "systemd.start-timeout" { unit: Unit }
            = ["Timed out starting ", unit, "."] ~ "Timed out starting pve-guests.service - PVE guests.";
        /// A unit did not stop in time.
        StopTimeout "systemd.stop-timeout" { unit: Unit }
            = ["Timed out stopping ", unit, "."] ~ "Timed out stopping pve-guests.service - PVE guests.";
        /// What a unit needs failed.
        DependencyFailed "systemd.dependency-failed" { unit: Unit }
            = ["Dependency failed for ", unit, "."] ~ "Dependency failed for pve-storage.target - PVE Storage Target.";
        /// A unit is not started because a condition does not hold, as corosync without corosync.conf.
        Skipped "systemd.skipped" { unit: Unit, condition: Option<Box<str>> }
            = ["Condition check resulted in ", unit, " being skipped.", !condition]
                ~ "Condition check resulted in Corosync Cluster Engine being skipped."
            = [unit, " was skipped because of an unmet condition check (", condition, ")."]
                ~ "corosync.service - Corosync Cluster Engine was skipped because of an unmet condition check (ConditionPathExists=/etc/corosync/corosync.conf)."
            = [unit, " was skipped because of a failed condition check (", condition, ")."]
                ~ "corosync.service - Corosync Cluster Engine was skipped because of a failed condition check (ConditionPathExists=/etc/corosync/corosync.conf).";
        /// The main process of a unit ended; `status` is a number and the name of the signal or code.
        MainExited "systemd.main-exited" { unit: Unit, code: Word, status: Box<str> }
            = [unit, ": Main process exited, code=", code, ", status=", status]
                ~ "corosync.service: Main process exited, code=killed, status=6/ABRT"
            = [unit, ": main process exited, code=", code, ", status=", status]
                ~ "corosync.service: main process exited, code=killed, status=9/KILL";
        /// A helper process of a unit ended, as one for start or stop.
        ControlExited "systemd.control-exited" { unit: Unit, code: Word, status: Box<str> }
            = [unit, ": Control process exited, code=", code, ", status=", status]
                ~ "pveproxy.service: Control process exited, code=exited, status=1/FAILURE"
            = [unit, ": control process exited, code=", code, " status=", status]
                ~ "pvedaemon.service: control process exited, code=exited status=2";
        /// systemctl was asked for something and it failed. Source: systemd src/systemctl.
        JobFailed "systemd.job-failed" { unit: Unit, reason: Box<str> }
            = ["Job for ", unit, " failed because ", reason]
                ~ "Job for pvedaemon.service failed because the control process exited with error code.";
        /// A unit ended in failure.
        Failed "systemd.failed" { unit: Unit, result: Word }
            = [unit, ": Failed with result '", result, "'."] ~ "pve-cluster.service: Failed with result 'exit-code'."
            = [unit, ": Unit entered ", result, " state."] ~ "corosync.service: Unit entered failed state."
            = ["Unit ", unit, " entered ", result, " state."] ~ "Unit corosync.service entered failed state.";
        /// A unit ended in order.
        Deactivated "systemd.deactivated" { unit: Unit }
            = [unit, ": Deactivated successfully."] ~ "corosync.service: Deactivated successfully."
            = [unit, ": Succeeded."] ~ "corosync.service: Succeeded.";
        /// A unit took too long to start or stop, and what is done about it.
        StateTimeout "systemd.state-timeout" { unit: Unit, state: Word, action: Box<str> }
            = [unit, ": State '", state, "' timed out. ", action]
                ~ "pve-cluster.service: State 'stop-sigterm' timed out. Killing.";
        /// A process of a unit is ended by force.
        Killing "systemd.killing" { unit: Unit, pid: u32, comm: Box<str>, signal: Word }
            = [unit, ": Killing process ", pid, " (", comm, ") with signal ", signal, "."]
                ~ "pve-cluster.service: Killing process 1450 (pmxcfs) with signal SIGKILL.";
        /// A unit with a watchdog of its own hangs; not the watchdog of HA.
        ServiceWatchdog "systemd.service-watchdog" { unit: Unit, limit: Box<str> }
            = [unit, ": Watchdog timeout (limit ", limit, ")!"]
                ~ "systemd-journald.service: Watchdog timeout (limit 3min)!";
        /// A failed unit is started again; `count` times so far, where it is said.
        RestartScheduled "systemd.restart-scheduled" { unit: Unit, count: Option<u32> }
            = [unit, ": Scheduled restart job, restart counter is at ", count, "."]
                ~ "pve-cluster.service: Scheduled restart job, restart counter is at 1."
            = [unit, ": Service hold-off time over, scheduling restart.", !count]
                ~ "pve-cluster.service: Service hold-off time over, scheduling restart.";
        /// A failed unit is given up.
        TooQuickly "systemd.too-quickly" { unit: Unit }
            = [unit, ": Start request repeated too quickly."]
                ~ "pve-cluster.service: Start request repeated too quickly.";
        /// Memory ran out and a process of the unit was killed; `100.scope` is guest 100.
        OomKilled "systemd.oom-killed" { unit: Unit }
            = [unit, ": A process of this unit has been killed by the OOM killer."]
                ~ "100.scope: A process of this unit has been killed by the OOM killer.";
        /// The processor time that a unit used.
        Consumed "systemd.consumed" { unit: Unit, time: Box<str>, detail: Box<str> }
            = [unit, ": Consumed ", time, " CPU time", detail] ~ "pve-ha-crm.service: Consumed 1.049s CPU time.";
        /// systemd itself feeds the hardware watchdog. Source: src/shared/watchdog.c.
        HardwareWatchdog "systemd.hardware-watchdog" { name: Box<str>, version: Word, device: Option<Word> }
            = ["Using hardware watchdog '", name, "', version ", version, ", device ", device]
                ~ "Using hardware watchdog 'iTCO_wdt', version 0, device /dev/watchdog0"
            = ["Hardware watchdog '", name, "', version ", version, !device] ~ "Hardware watchdog 'iTCO_wdt', version 0";
        /// The hardware watchdog of systemd is set, as on the way down. Source: src/shared/watchdog.c.
        WatchdogSet "systemd.watchdog-set" { timeout: Box<str> }
            = ["Set hardware watchdog to ", timeout, "."] ~ "Set hardware watchdog to 10min."
            = ["Watchdog running with a timeout of ", timeout, "."] ~ "Watchdog running with a timeout of 10min.";
        /// The first line of systemd in a boot. Source: src/core/main.c.
        RunningIn "systemd.running-in" { version: Box<str>, features: Box<str> }
            = ["systemd ", version, " running in system mode (", features, ")"]
                ~ "systemd 257.7-1 running in system mode (+PAM +AUDIT +SELINUX)"
            = ["systemd ", version, " running in system mode. (", features, ")"]
                ~ "systemd 241 running in system mode. (+PAM +AUDIT +SELINUX)";
        /// The boot is complete. Source: src/core/manager.c.
        StartupFinished "systemd.startup-finished" { times: Box<str> }
            = ["Startup finished in ", times]
                ~ "Startup finished in 9.112s (firmware) + 4.012s (loader) + 5.511s (kernel) + 41.203s (userspace) = 59.839s.";
        /// Process 1 hands over to systemd-shutdown. Source: src/core/main.c.
        ShuttingDown "systemd.shutting-down" {} = ["Shutting down."] ~ "Shutting down.";
        /// The clock was set. Source: src/core/manager.c.
        TimeChanged "systemd.time-changed" {} = ["Time has been changed"] ~ "Time has been changed";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Systemd::parse(message, cut).map(Kind::Systemd)
}

/// Reads what systemctl prints on a terminal.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    read(message, cut).filter(|kind| matches!(kind, Kind::Systemd(Systemd::JobFailed { .. })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Systemd>();
    }

    #[test]
    fn other_units_are_nothing_of_ours() {
        for message in [
            "logrotate.service: Succeeded.",
            "Finished Rotate log files.",
            "Finished logrotate.service - Rotate log files.",
            "Started Session 5 of user root.",
            "session-5.scope: Deactivated successfully.",
            "Starting pvesr.service - Proxmox VE replication runner...",
            "Reached target timers.target - Timer Units.",
            "Reached target Basic System.",
            "ceph-osd@12.service: Deactivated successfully.",
        ] {
            assert_eq!(read(message, false), None, "{message}");
        }
    }

    #[test]
    fn a_description_and_a_name_are_the_same_unit() {
        let started = |unit: &str| {
            Some(Systemd::Started {
                unit: Unit(unit.into()),
            })
        };
        for message in [
            "Started The Proxmox VE cluster filesystem.",
            "Started pve-cluster.service - The Proxmox VE cluster filesystem.",
        ] {
            assert_eq!(
                Systemd::parse(message, false),
                started("pve-cluster.service"),
                "{message}"
            );
        }
        assert_eq!(
            Systemd::parse("Reached target System Reboot.", false),
            Some(Systemd::ReachedTarget {
                target: Unit("reboot.target".into())
            })
        );
    }

    #[test]
    fn how_a_process_ended_is_kept() {
        assert_eq!(
            Systemd::parse(
                "corosync.service: Main process exited, code=dumped, status=11/SEGV",
                false
            ),
            Some(Systemd::MainExited {
                unit: Unit("corosync.service".into()),
                code: Word("dumped".into()),
                status: "11/SEGV".into()
            })
        );
    }
}
