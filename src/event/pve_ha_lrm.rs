//! What pve-ha-lrm says: the daemon on every node that starts, stops and moves the services of its node.
//! In: its message. Out: `PveHaLrm`, or `Ha` where both HA daemons print it.
//! Never: knows in which state the daemon is; `StatusChange` only repeats what the line says.

use super::Kind;
use super::ha::{self, Daemon, ServiceId};
use super::message::{Field, Message, Word, messages, words};
use crate::model::Value;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::opt;
use nom::{IResult, Parser};

words! {
    /// States of the LRM. Source: pve-ha-manager src/PVE/HA/LRM.pm.
    pub enum LrmState {
        /// Before the first round.
        Startup = "startup",
        /// Idle: no lock, no watchdog.
        WaitForAgentLock = "wait_for_agent_lock",
        /// Holds its lock and feeds its watchdog.
        Active = "active",
        /// The services are being moved away.
        Maintenance = "maintenance",
        /// The lock is gone and the watchdog is not fed.
        LostAgentLock = "lost_agent_lock",
    }
}

words! {
    /// What the administrator configured for shutdowns of a node.
    pub enum ShutdownPolicy { Conditional = "conditional", Freeze = "freeze", Failover = "failover", Migrate = "migrate" }
}

words! {
    /// How the node goes down.
    pub enum ShutdownKind { Reboot = "reboot", Shutdown = "shutdown" }
}

/// Whether the line says that the node is in maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuringMaintenance(pub bool);

impl Field for DuringMaintenance {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        opt(alt((
            tag(" during maintenance mode"),
            tag(" during maintenance"),
        )))
        .map(|said: Option<&str>| DuringMaintenance(said.is_some()))
        .parse(input)
    }
    fn absent() -> Option<Self> {
        Some(DuringMaintenance(false))
    }
    fn value(&self) -> Value {
        self.0.into()
    }
}

messages! {
    /// Messages of pve-ha-lrm. Source of all: pve-ha-manager src/PVE/HA/LRM.pm.
    pub enum PveHaLrm {
        /// One step of the state machine.
        StatusChange "pve-ha-lrm.status-change" { from: LrmState, to: LrmState }
            = ["status change ", from, " => ", to] ~ "status change active => lost_agent_lock";
        /// The master wants this node fenced; the daemon stops feeding its watchdog. Reworded in 5.1.2.
        NeedsFence "pve-ha-lrm.needs-fence" { during_maintenance: DuringMaintenance }
            = ["node needs to be fenced", during_maintenance, " - releasing agent_lock"] ~ "node needs to be fenced - releasing agent_lock"
            = ["node need to be fenced", during_maintenance, " - releasing agent_lock"] ~ "node need to be fenced during maintenance mode - releasing agent_lock";
        /// No service was here for this many rounds, 60 or about 10 min: lock and watchdog are given back.
        Idle "pve-ha-lrm.idle" { rounds: u32 }
            = ["node had no service configured for ", rounds, " rounds, going idle."] ~ "node had no service configured for 60 rounds, going idle.";
        /// systemd takes the node down; everything after it is planned.
        ShutdownPolicy "pve-ha-lrm.shutdown-policy" { policy: ShutdownPolicy }
            = ["got shutdown request with shutdown policy '", policy, "'"] ~ "got shutdown request with shutdown policy 'conditional'";
        /// datacenter.cfg names a policy that does not exist.
        UnknownPolicy "pve-ha-lrm.unknown-policy" { policy: Box<str> }
            = ["unknown shutdown policy '", policy, "', fall back to conditional"] ~ "unknown shutdown policy 'xyz', fall back to conditional";
        /// Services stop, the cluster starts them elsewhere.
        ShutdownStop "pve-ha-lrm.shutdown-stop" {}
            = ["shutdown LRM, stop all services"] ~ "shutdown LRM, stop all services";
        /// Only the daemon restarts; the services run on.
        RestartFreeze "pve-ha-lrm.restart-freeze" {}
            = ["restart LRM, freeze all services"] ~ "restart LRM, freeze all services";
        /// The daemon restarts in maintenance and waits until its services are gone.
        RestartMaintenance "pve-ha-lrm.restart-maintenance" {}
            = ["Restarting LRM in maintenance mode may be delayed until all services are moved"] ~ "Restarting LRM in maintenance mode may be delayed until all services are moved";
        /// The cluster could not be told of the shutdown, so it may count this node as dead.
        UpdateStatusFailed "pve-ha-lrm.update-status-failed" { error: Box<str> }
            = ["unable to update lrm status file - ", error] ~ "unable to update lrm status file - not quorate?";
        /// The node's status could not be written; the error tells whether quorum or the process group is missing.
        WriteStatusFailed "pve-ha-lrm.write-status-failed" { path: Option<Box<str>>, error: Box<str> }
            = ["unable to write lrm status file - unable to open file '", path, "' - ", error] ~ "unable to write lrm status file - unable to open file '/etc/pve/nodes/pve1/lrm_status.tmp.1423' - Permission denied"
            = ["unable to write lrm status file - ", error, !path] ~ "unable to write lrm status file - close (rename) atomic file failed: Device or resource busy";
        /// The master's status file could not be read.
        ReadStatusFailed "pve-ha-lrm.read-status-failed" { error: Box<str> }
            = ["updating service status from manager failed: ", error] ~ "updating service status from manager failed: malformed JSON string";
        /// A shutdown came without lock and with services still running: the daemon stays and the watchdog decides.
        ShutdownWhileLost "pve-ha-lrm.shutdown-while-lost" { services: u32 }
            = ["got shutdown request in state 'lost_agent_lock' - detected ", services, " running services"] ~ "got shutdown request in state 'lost_agent_lock' - detected 2 running services"
            = ["get shutdown request in state 'lost_agent_lock' - detected ", services, " running services"] ~ "get shutdown request in state 'lost_agent_lock' - detected 2 running services";
        /// A restart without lock took over 90 s; the watchdog should have fired.
        GiveUp "pve-ha-lrm.give-up" {}
            = ["lost agent lock and restart request for over 90 seconds - giving up!"] ~ "lost agent lock and restart request for over 90 seconds - giving up!";
        /// HA was disarmed for the whole cluster; this node gives back lock and watchdog.
        Disarm "pve-ha-lrm.disarm" { during_maintenance: DuringMaintenance }
            = ["HA disarm requested", during_maintenance, ", releasing agent lock and watchdog"] ~ "HA disarm requested, releasing agent lock and watchdog";
        /// A service gets started.
        ServiceStarting "pve-ha-lrm.service-starting" { service: ServiceId }
            = ["starting service ", service] ~ "starting service vm:100";
        /// A started service was seen running.
        ServiceStarted "pve-ha-lrm.service-started" { service: ServiceId }
            = ["service status ", service, " started"] ~ "service status vm:100 started";
        /// The start ended and the service does not run.
        ServiceStartFailed "pve-ha-lrm.service-start-failed" { service: ServiceId }
            = ["unable to start service ", service] ~ "unable to start service vm:100";
        /// Another start on this node; which one.
        ServiceRetry "pve-ha-lrm.service-retry" { retry: u32, service: ServiceId }
            = ["restart policy: retry number ", retry, " for service '", service, "'"] ~ "restart policy: retry number 1 for service 'vm:100'";
        /// No start is left on this node.
        ServiceRetriesDone "pve-ha-lrm.service-retries-done" { service: ServiceId, retries: u32 }
            = ["unable to start service ", service, " on local node after ", retries, " retries"] ~ "unable to start service vm:100 on local node after 1 retries";
        /// A service gets stopped; the time it has for that in seconds, if one was given.
        ServiceStopping "pve-ha-lrm.service-stopping" { service: ServiceId, timeout: Option<u32> }
            = ["stopping service ", service, " (timeout=", timeout, ")"] ~ "stopping service vm:100 (timeout=60)"
            = ["stopping service ", service, !timeout] ~ "stopping service vm:100";
        /// A service is down.
        ServiceStopped "pve-ha-lrm.service-stopped" { service: ServiceId }
            = ["service status ", service, " stopped"] ~ "service status vm:100 stopped";
        /// A service still runs after its stop.
        ServiceStopFailed "pve-ha-lrm.service-stop-failed" { service: ServiceId }
            = ["unable to stop service ", service, " (still running)"] ~ "unable to stop service vm:100 (still running)"
            = ["unable to stop stop service ", service, " (still running)"] ~ "unable to stop stop service vm:100 (still running)";
        /// The configuration of a service is on another node than the master thinks.
        ServiceWrongNode "pve-ha-lrm.service-wrong-node" { service: ServiceId }
            = ["service '", service, "' not on this node"] ~ "service 'vm:100' not on this node";
        /// A migration ended and the service is still here.
        ServiceNotMoved "pve-ha-lrm.service-not-moved" { service: ServiceId }
            = ["service ", service, " not moved (migration error)"] ~ "service vm:100 not moved (migration error)";
        /// HA keeps its hands off a service until an administrator acts.
        ServiceErrorState "pve-ha-lrm.service-error-state" { service: ServiceId }
            = ["service ", service, " is in an error state and needs manual intervention. Look up 'ERROR RECOVERY' in the documentation."] ~ "service vm:100 is in an error state and needs manual intervention. Look up 'ERROR RECOVERY' in the documentation."
            = ["service '", service, "' in error state, must be disabled and fixed first"] ~ "service 'vm:100' in error state, must be disabled and fixed first";
        /// A service is missing in resources.cfg.
        ServiceNoConfig "pve-ha-lrm.service-no-config" { service: ServiceId }
            = ["missing resource configuration for '", service, "'"] ~ "missing resource configuration for 'vm:100'";
        /// A service is of a type that this release does not know.
        ServiceTypeUnknown "pve-ha-lrm.service-type-unknown" { kind: Box<str> }
            = ["service type '", kind, "' not implemented"] ~ "service type 'fa' not implemented";
        /// The process that works for a service could not run.
        AgentFailed "pve-ha-lrm.agent-failed" { service: ServiceId }
            = ["resource agent ", service, " finished - failed to execute"] ~ "resource agent vm:100 finished - failed to execute";
        /// The process that works for a service was killed by this signal.
        AgentKilled "pve-ha-lrm.agent-killed" { service: ServiceId, signal: u32 }
            = ["resource agent ", service, " finished - got signal ", signal] ~ "resource agent vm:100 finished - got signal 9";
        /// No process could be started.
        ForkFailed "pve-ha-lrm.fork-failed" { error: Box<str> }
            = ["forking worker failed - ", error] ~ "forking worker failed - Cannot allocate memory"
            = ["fork worker failed - ", error] ~ "fork worker failed - Cannot allocate memory";
        /// A service that should be placed anew at its start already runs.
        RebalanceIgnored "pve-ha-lrm.rebalance-ignored" { service: ServiceId }
            = ["ignoring rebalance-on-start for service ", service, " - already running"] ~ "ignoring rebalance-on-start for service vm:100 - already running";
        /// A worker of the LRM begins a task. Source: pve-common RESTEnvironment.pm.
        TaskStarting "pve-ha-lrm.task-starting" { user: Option<Word>, upid: Word }
            = ["<", user, "> starting task ", upid]
                ~ "<root@pam> starting task UPID:elm:00000F3A:0012D3A1:66E80C2D:qmstart:101:root@pam:"
            = ["starting task ", upid, !user]
                ~ "starting task UPID:elm:0001A2B3:0138E1F0:66E80C2D:qmstart:100:root@pam:";
        /// A task of a worker ended. Source: pve-common RESTEnvironment.pm.
        TaskEnded "pve-ha-lrm.task-ended" { user: Word, upid: Word, status: Box<str> }
            = ["<", user, "> end task ", upid, " ", status]
                ~ "<root@pam> end task UPID:elm:00000F3A:0012D3A1:66E80C2D:qmstart:101:root@pam: OK";
        /// A guest is started by a task. Source: qemu-server and pve-container API2.
        GuestStarting "pve-ha-lrm.guest-starting" { guest: u32, upid: Word }
            = ["start VM ", guest, ": ", upid]
                ~ "start VM 101: UPID:elm:00000F3A:0012D3A1:66E80C2D:qmstart:101:root@pam:"
            = ["starting CT ", guest, ": ", upid]
                ~ "starting CT 205: UPID:elm:00000F3A:0012D3A1:66E80C2D:vzstart:205:root@pam:";
        /// A guest runs. Source: qemu-server QemuServer.pm.
        GuestStarted "pve-ha-lrm.guest-started" { guest: u32, process: Box<str> }
            = ["VM ", guest, " started with PID ", process] ~ "VM 101 started with PID 4242.";
        /// A guest could not be started by a task. Source: qemu-server QemuServer.pm.
        GuestStartFailed "pve-ha-lrm.guest-start-failed" { error: Box<str> }
            = ["start failed: ", error] ~ "start failed: QEMU exited with code 1";
        /// A guest is stopped or shut down by a task. Source: qemu-server and pve-container API2.
        GuestStopping "pve-ha-lrm.guest-stopping" { guest: u32, upid: Word }
            = ["shutdown VM ", guest, ": ", upid]
                ~ "shutdown VM 120: UPID:elm:00000F3A:0012D3A1:66E80C2D:qmshutdown:120:root@pam:"
            = ["shutdown CT ", guest, ": ", upid]
                ~ "shutdown CT 131: UPID:elm:00000F3A:0012D3A1:66E80C2D:vzshutdown:131:root@pam:"
            = ["stop VM ", guest, ": ", upid]
                ~ "stop VM 120: UPID:elm:00000F3A:0012D3A1:66E80C2D:qmstop:120:root@pam:"
            = ["stopping CT ", guest, ": ", upid]
                ~ "stopping CT 131: UPID:elm:00000F3A:0012D3A1:66E80C2D:vzstop:131:root@pam:";
        // Last come those that no word of their own begins: whatever else a line is, is told sooner.
        /// Services stop and stay bound to this node.
        RebootFreeze "pve-ha-lrm.reboot-freeze" { how: ShutdownKind }
            = [how, " LRM, stop and freeze all services"] ~ "reboot LRM, stop and freeze all services";
        /// Services are moved away before the node goes down.
        ShutdownMigrate "pve-ha-lrm.shutdown-migrate" { how: ShutdownKind }
            = [how, " LRM, doing maintenance, removing this node from active list"] ~ "reboot LRM, doing maintenance, removing this node from active list";
        /// The node goes down under the policy migrate and is in maintenance already.
        ShutdownInMaintenance "pve-ha-lrm.shutdown-in-maintenance" { how: ShutdownKind }
            = [how, " LRM, ignore maintenance policy, already in maintenance mode"] ~ "reboot LRM, ignore maintenance policy, already in maintenance mode";
        /// The node goes down while an administrator has it in maintenance; the policy does not count.
        ShutdownManualMaintenance "pve-ha-lrm.shutdown-manual-maintenance" { how: ShutdownKind, policy: ShutdownPolicy }
            = [how, " LRM, ignore ", policy, " policy as manual maintenance mode is enabled"] ~ "reboot LRM, ignore conditional policy as manual maintenance mode is enabled";
    }
}

impl PveHaLrm {
    /// Whether this line is printed because the whole node goes down, and not only the daemon.
    pub fn is_node_shutdown(&self) -> bool {
        matches!(
            self,
            PveHaLrm::RebootFreeze { .. }
                | PveHaLrm::ShutdownStop {}
                | PveHaLrm::ShutdownMigrate { .. }
                | PveHaLrm::ShutdownInMaintenance { .. }
                | PveHaLrm::ShutdownManualMaintenance { .. }
        )
    }
}

/// Reads a message of pve-ha-lrm.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let message = ha::plain(message);
    let cut = cut && message.len() >= ha::ENOUGH;
    PveHaLrm::parse(message, cut)
        .map(Kind::PveHaLrm)
        .or_else(|| ha::read(Daemon::Lrm, message, cut))
}

/// Reads a message whose program is not named: only what no other program would say.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    let message = ha::plain(message);
    let cut = cut && message.len() >= ha::ENOUGH;
    match PveHaLrm::parse(message, cut) {
        Some(PveHaLrm::StatusChange { from, to }) => {
            is_step(&from, &to).then_some(Kind::PveHaLrm(PveHaLrm::StatusChange { from, to }))
        }
        Some(PveHaLrm::ForkFailed { .. } | PveHaLrm::ServiceTypeUnknown { .. }) => None,
        Some(lrm) => Some(Kind::PveHaLrm(lrm)),
        None => ha::read_alone(Daemon::Lrm, message, cut),
    }
}

/// Whether both are states of the LRM, and one of them a state that the CRM does not have.
fn is_step(from: &LrmState, to: &LrmState) -> bool {
    let known = |state: &LrmState| !matches!(state, LrmState::Other(_));
    let own = |state: &LrmState| known(state) && *state != LrmState::Startup;
    known(from) && known(to) && (own(from) || own(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ha::{Ha, Lock};
    use crate::event::message::check_samples;

    fn vm(id: &str) -> ServiceId {
        ServiceId(id.into())
    }

    #[test]
    fn samples_are_read() {
        check_samples::<PveHaLrm>();
    }

    #[test]
    fn a_status_change_has_both_states() {
        assert_eq!(
            PveHaLrm::parse("status change active => lost_agent_lock", false),
            Some(PveHaLrm::StatusChange {
                from: LrmState::Active,
                to: LrmState::LostAgentLock
            })
        );
    }

    #[test]
    fn a_fence_request_says_whether_the_node_is_in_maintenance() {
        let read = |text| PveHaLrm::parse(text, false);
        let maintenance = |said| {
            Some(PveHaLrm::NeedsFence {
                during_maintenance: DuringMaintenance(said),
            })
        };
        assert_eq!(
            read("node need to be fenced - releasing agent_lock"),
            maintenance(false)
        );
        assert_eq!(
            read("node needs to be fenced during maintenance mode - releasing agent_lock"),
            maintenance(true)
        );
        assert_eq!(
            read("HA disarm requested during maintenance, releasing agent lock and watchdog"),
            Some(PveHaLrm::Disarm {
                during_maintenance: DuringMaintenance(true)
            })
        );
    }

    #[test]
    fn why_a_status_could_not_be_written_is_a_field_of_its_own() {
        let text = "unable to write lrm status file - unable to open file '/etc/pve/nodes/a/lrm_status.tmp.1' - Device or resource busy";
        assert_eq!(
            PveHaLrm::parse(text, false),
            Some(PveHaLrm::WriteStatusFailed {
                path: Some("/etc/pve/nodes/a/lrm_status.tmp.1".into()),
                error: "Device or resource busy".into()
            })
        );
    }

    #[test]
    fn services_are_read_with_their_numbers() {
        let read = |text| PveHaLrm::parse(text, false);
        assert_eq!(
            read("unable to start service vm:100 on local node after 2 retries"),
            Some(PveHaLrm::ServiceRetriesDone {
                service: vm("vm:100"),
                retries: 2
            })
        );
        assert_eq!(
            read("stopping service ct:7"),
            Some(PveHaLrm::ServiceStopping {
                service: vm("ct:7"),
                timeout: None
            })
        );
        assert_eq!(
            read("starting service vm:100 on node 'b' failed, relocating service."),
            None
        );
    }

    #[test]
    fn an_error_word_before_the_message_does_not_matter() {
        let text = "ERROR: unable to open watchdog socket - No such file or directory";
        assert_eq!(
            read(text, false),
            Some(Kind::Ha(
                Daemon::Lrm,
                Ha::WatchdogOpenFailed {
                    error: "No such file or directory".into()
                }
            ))
        );
    }

    #[test]
    fn alone_a_status_change_needs_a_state_that_only_this_daemon_has() {
        assert!(read_alone("status change startup => wait_for_agent_lock", false).is_some());
        assert_eq!(read_alone("status change slave => master", false), None);
        assert_eq!(read_alone("status change startup => x", false), None);
        assert_eq!(
            read_alone("status change wait_for_quorum => active", false),
            None
        );
        assert_eq!(
            read_alone("successfully acquired lock 'ha_agent_pve1_lock'", false),
            Some(Kind::Ha(
                Daemon::Lrm,
                Ha::LockAcquired {
                    lock: Lock::Agent {
                        node: "pve1".into()
                    }
                }
            ))
        );
    }
}
