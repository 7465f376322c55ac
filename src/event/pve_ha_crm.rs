//! What pve-ha-crm says: the daemon on every node of which one, the master, decides where services run.
//! In: its message. Out: `PveHaCrm`, or `Ha` where both HA daemons print it.
//! Never: tells a fencing from a planned power-off; the master prints the same lines for both.

use super::Kind;
use super::ha::{self, Daemon, Motion, NodeNames, ServiceId};
use super::message::{Message, Word, messages, words};

words! {
    /// States of the CRM. Source: pve-ha-manager src/PVE/HA/CRM.pm.
    pub enum CrmState {
        /// Before the first round.
        Startup = "startup",
        /// No quorum, or nothing to do.
        WaitForQuorum = "wait_for_quorum",
        /// Another node is the master.
        Slave = "slave",
        /// Holds the manager lock and decides.
        Master = "master",
        /// A master whose lock is gone.
        LostManagerLock = "lost_manager_lock",
    }
}

words! {
    /// How the master sees a node. Source: pve-ha-manager src/PVE/HA/NodeStatus.pm.
    pub enum NodeState {
        /// In the quorate partition.
        Online = "online",
        /// Its services are being moved away or are gone.
        Maintenance = "maintenance",
        /// Not in the quorate partition; it may still run.
        Unknown = "unknown",
        /// Its fencing was decided and is not proven yet.
        Fence = "fence",
        /// Not a member of the cluster.
        Gone = "gone",
    }
}

words! {
    /// What the master wants of a service. Source: pve-ha-manager src/PVE/HA/Manager.pm.
    pub enum ServiceState {
        /// It does not run and shall not.
        Stopped = "stopped",
        /// It is being stopped.
        RequestStop = "request_stop",
        /// It is going to be started.
        RequestStart = "request_start",
        /// It is being moved before its start.
        RequestStartBalance = "request_start_balance",
        /// It runs or shall run.
        Started = "started",
        /// It waits until its node is fenced.
        Fence = "fence",
        /// Its node is fenced and it needs a new one.
        Recovery = "recovery",
        /// It moves while it runs.
        Migrate = "migrate",
        /// It moves by a stop and a start.
        Relocate = "relocate",
        /// It is left alone while its node or LRM restarts.
        Freeze = "freeze",
        /// HA gave up on it.
        Error = "error",
    }
}

words! {
    /// Which node a service got at its start.
    pub enum Choice { New = "new", Current = "current" }
}

messages! {
    /// Messages of pve-ha-crm. Source where none is named: pve-ha-manager src/PVE/HA/Manager.pm.
    pub enum PveHaCrm {
        /// One step of the daemon's state machine. Source: src/PVE/HA/CRM.pm.
        StatusChange "pve-ha-crm.status-change" { from: CrmState, to: CrmState }
            = ["status change ", from, " => ", to] ~ "status change slave => master";
        /// The master sees a node in another state. Source: src/PVE/HA/NodeStatus.pm.
        NodeState "pve-ha-crm.node-state" { node: Word, from: NodeState, to: NodeState }
            = ["node '", node, "': state changed from '", from, "' => '", to, "'"] ~ "node 'pve2': state changed from 'online' => 'unknown'";
        /// The master got the lock of a node, which proves that nothing of it runs. Source: src/PVE/HA/NodeStatus.pm.
        FenceAcknowledged "pve-ha-crm.fence-acknowledged" { node: Word }
            = ["fencing: acknowledged - got agent lock for node '", node, "'"] ~ "fencing: acknowledged - got agent lock for node 'pve2'";
        /// The mail that the manager sends when it decides to fence a node. Source: src/PVE/HA/NodeStatus.pm.
        FenceMail "pve-ha-crm.fence-mail" { node: Word }
            = ["Try to fence node '", node, "'"] ~ "Try to fence node 'pve2'";
        /// The master wants another thing of a service; the node it runs on, the one it goes to, seconds, other parameters.
        ServiceState "pve-ha-crm.service-state" { service: ServiceId, from: ServiceState, to: ServiceState, node: Option<Word>, target: Option<Word>, timeout: Option<u32>, params: Option<Box<str>> }
            = ["service '", service, "': state changed from '", from, "' to '", to, "' (node = ", node, ", target = ", target, ")", !timeout, !params] ~ "service 'vm:100': state changed from 'started' to 'migrate' (node = pve1, target = pve2)"
            = ["service '", service, "': state changed from '", from, "' to '", to, "' (node = ", node, ")", !target, !timeout, !params] ~ "service 'vm:100': state changed from 'recovery' to 'started'  (node = pve3)"
            = ["service '", service, "': state changed from '", from, "' to '", to, "' (timeout = ", timeout, ")", !node, !target, !params] ~ "service 'vm:100': state changed from 'started' to 'request_stop' (timeout = 60)"
            = ["service '", service, "': state changed from '", from, "' to '", to, "' (", params, ")", !node, !target, !timeout] ~ "service 'vm:100': state changed from 'started' to 'error' (x = 1)"
            = ["service '", service, "': state changed from '", from, "' to '", to, "'", !node, !target, !timeout, !params] ~ "service 'vm:100': state changed from 'started' to 'fence'";
        /// A service of a fenced node gets a new node.
        Recover "pve-ha-crm.recover" { service: ServiceId, from: Word, to: Word }
            = ["recover service '", service, "' from fenced node '", from, "' to node '", to, "'"] ~ "recover service 'vm:100' from fenced node 'pve2' to node 'pve3'";
        /// A service may only run where it ran, and that node is back.
        RecoverSame "pve-ha-crm.recover-same" { service: ServiceId, node: Word }
            = ["recover service '", service, "' to previous failed and fenced node '", node, "' again"] ~ "recover service 'vm:100' to previous failed and fenced node 'pve2' again";
        /// No node may take a service of a fenced node; repeated every round.
        RecoverFailed "pve-ha-crm.recover-failed" { service: ServiceId, node: Word }
            = ["recovering service '", service, "' from fenced node '", node, "' failed, no recovery node found"] ~ "recovering service 'vm:100' from fenced node 'pve2' failed, no recovery node found";
        /// A recovered guest carried a lock of an operation that its node took to the grave; it was removed.
        LeftoverLock "pve-ha-crm.leftover-lock" { lock: Word, service: ServiceId }
            = ["removed leftover lock '", lock, "' from recovered service '", service, "' to allow its start."] ~ "removed leftover lock 'backup' from recovered service 'vm:100' to allow its start.";
        /// A node is being fenced and no service needs it.
        FenceNoServices "pve-ha-crm.fence-no-services" { node: Word }
            = ["node '", node, "' in fence state but no services to-fence! admin interference?!"] ~ "node 'pve2' in fence state but no services to-fence! admin interference?!";
        /// A node that left the cluster an hour ago is forgotten. Source: src/PVE/HA/NodeStatus.pm.
        NodeDeleted "pve-ha-crm.node-deleted" { node: Word }
            = ["deleting gone node '", node, "', not a cluster member anymore."] ~ "deleting gone node 'pve4', not a cluster member anymore.";
        /// The master does not see itself online and skips the round.
        MasterOffline "pve-ha-crm.master-offline" {}
            = ["master seems offline"] ~ "master seems offline";
        /// A master stops in order; another takes over at once. Source: src/PVE/HA/CRM.pm.
        VoluntaryRelease "pve-ha-crm.voluntary-release" {}
            = ["voluntary release CRM lock"] ~ "voluntary release CRM lock";
        /// A stopping master could not give back its lock; another waits up to 120 s for it. Source: src/PVE/HA/CRM.pm.
        ReleaseFailed "pve-ha-crm.release-failed" {}
            = ["CRM lock release failed, let the lock timeout"] ~ "CRM lock release failed, let the lock timeout";
        /// No service exists for this many rounds, 90 or about 15 min: lock and watchdog are given back. Source: src/PVE/HA/CRM.pm.
        Idle "pve-ha-crm.idle" { rounds: u32 }
            = ["cluster had no service configured for ", rounds, " rounds, going idle."] ~ "cluster had no service configured for 90 rounds, going idle.";
        /// The master's own status file could not be read. Source: src/PVE/HA/CRM.pm.
        ReadStatusFailed "pve-ha-crm.read-status-failed" { error: Box<str> }
            = ["could not read manager status: ", error] ~ "could not read manager status: malformed JSON string";
        /// The list of services could not be read. Source: src/PVE/HA/CRM.pm.
        ReadConfigFailed "pve-ha-crm.read-config-failed" { error: Box<str> }
            = ["could not read service config: ", error] ~ "could not read service config: parse error";
        /// A service came under HA.
        ServiceAdded "pve-ha-crm.service-added" { service: ServiceId, node: Word }
            = ["adding new service '", service, "' on node '", node, "'"] ~ "adding new service 'vm:100' on node 'pve1'";
        /// A service is under HA no more.
        ServiceRemoved "pve-ha-crm.service-removed" { service: ServiceId, reason: Box<str> }
            = ["removing stale service '", service, "' (", reason, ")"] ~ "removing stale service 'vm:100' (no config)";
        /// An administrator or the API wants something.
        Command "pve-ha-crm.command" { command: Box<str> }
            = ["got crm command: ", command] ~ "got crm command: migrate vm:100 pve2";
        /// A command names a service that does not exist.
        CommandNoService "pve-ha-crm.command-no-service" { command: Box<str> }
            = ["crm command error - no such service: ", command] ~ "crm command error - no such service: migrate vm:999 pve2";
        /// A command wants a service on a node that is not online.
        CommandNodeOffline "pve-ha-crm.command-node-offline" { command: Box<str> }
            = ["crm command error - node not online: ", command] ~ "crm command error - node not online: migrate vm:100 pve2";
        /// A command wants a service where it is.
        CommandAlready "pve-ha-crm.command-already" { command: Box<str> }
            = ["ignore crm command - service already on target node: ", command] ~ "ignore crm command - service already on target node: migrate vm:100 pve1";
        /// A command that this release does not know.
        CommandUnknown "pve-ha-crm.command-unknown" { command: Box<str> }
            = ["unable to parse crm command: ", command] ~ "unable to parse crm command: foo bar";
        /// A command would put services together that a rule keeps apart.
        CommandAffinity "pve-ha-crm.command-affinity" { command: Box<str>, detail: Box<str> }
            = ["crm command '", command, "' error - ", detail] ~ "crm command 'migrate vm:100 pve2' error - service 'vm:101' on node 'pve2' in negative affinity with service 'vm:100'";
        /// A command takes other services along, because a rule keeps them together.
        CommandFollows "pve-ha-crm.command-follows" { command: Box<str>, detail: Box<str> }
            = ["crm command '", command, "' - ", detail] ~ "crm command 'migrate vm:100 pve2' - migrate service 'vm:101' to node 'pve2' (service 'vm:101' in positive affinity with service 'vm:100')";
        /// A queued request can no longer be done.
        RequestIgnored "pve-ha-crm.request-ignored" { service: ServiceId, request: Word, reason: Box<str> }
            = ["ignore service '", service, "' ", request, " request - ", reason] ~ "ignore service 'vm:100' migrate request - node 'pve2' not online";
        /// A service moves to a node while it runs: by HA's own decision, or a queued request.
        Migrate "pve-ha-crm.migrate" { service: ServiceId, node: Word }
            = ["migrate service '", service, "' to node '", node, "' (running)"] ~ "migrate service 'vm:100' to node 'pve2' (running)"
            = ["migrate service '", service, "' to node '", node, "'"] ~ "migrate service 'vm:100' to node 'pve2'";
        /// A service moves to a node by a stop and a start.
        Relocate "pve-ha-crm.relocate" { service: ServiceId, node: Word }
            = ["relocate service '", service, "' to node '", node, "'"] ~ "relocate service 'ct:101' to node 'pve2'";
        /// A start failed on a node and another node gets its turn.
        StartFailed "pve-ha-crm.start-failed" { service: ServiceId, node: Word }
            = ["starting service ", service, " on node '", node, "' failed, relocating service."] ~ "starting service vm:100 on node 'pve2' failed, relocating service.";
        /// Starts failed wherever they were allowed; the service stays down in error.
        RecoveryPolicyFailed "pve-ha-crm.recovery-policy-failed" { service: ServiceId, nodes: NodeNames }
            = ["recovery policy for service ", service, " failed, entering error state. Failed nodes: ", nodes] ~ "recovery policy for service vm:100 failed, entering error state. Failed nodes: pve2, pve3";
        /// A service started after it had failed on other nodes.
        RelocationDone "pve-ha-crm.relocation-done" { service: ServiceId, node: Word, nodes: NodeNames }
            = ["relocation policy successful for '", service, "' on node '", node, "', failed nodes: ", nodes] ~ "relocation policy successful for 'vm:100' on node 'pve3', failed nodes: pve2";
        /// No untried node is left for a service.
        TriedAll "pve-ha-crm.tried-all" { service: ServiceId, nodes: NodeNames }
            = ["Start Error Recovery: Tried all available nodes for service '", service, "', retry start on current node. Tried nodes: ", nodes] ~ "Start Error Recovery: Tried all available  nodes for service 'vm:100', retry start on current node. Tried nodes: pve1, pve2";
        /// An LRM reported that a service cannot be helped; its exit code.
        Unrecoverable "pve-ha-crm.unrecoverable" { service: ServiceId, code: u32 }
            = ["service '", service, "' got unrecoverable error (exit code ", code, ")"] ~ "service 'vm:100' got unrecoverable error (exit code 3)"
            = ["service '", service, "' got unrecoverable error (exit code ", code, "))"] ~ "service 'vm:100' got unrecoverable error (exit code 3))";
        /// An LRM could not stop a service; its exit code.
        StopFailed "pve-ha-crm.stop-failed" { service: ServiceId, code: u32 }
            = ["service '", service, "' stop failed (exit code ", code, ")"] ~ "service 'vm:100' stop failed (exit code 1)";
        /// An LRM could not move a service, which stays; its exit code.
        MigrationFailed "pve-ha-crm.migration-failed" { service: ServiceId, code: u32 }
            = ["service '", service, "' - migration failed (exit code ", code, ")"] ~ "service 'vm:100' - migration failed (exit code 1)";
        /// A service is on another node than HA thinks.
        WrongNode "pve-ha-crm.wrong-node" { service: ServiceId }
            = ["service '", service, "' - migration failed: service registered on wrong node!"] ~ "service 'vm:100' - migration failed: service registered on wrong node!";
        /// A service was moved by somebody else than HA; from where, to where.
        LocationFixed "pve-ha-crm.location-fixed" { service: ServiceId, from: Word, to: Word }
            = ["fixup service '", service, "' location (", from, " => ", to, ")"] ~ "fixup service 'vm:100' location (pve1 => pve2)";
        /// A service goes back to a node that ended its maintenance.
        MovingBack "pve-ha-crm.moving-back" { service: ServiceId, node: Word }
            = ["moving service '", service, "' back to '", node, "', node came back from maintenance."] ~ "moving service 'vm:100' back to 'pve1', node came back from maintenance.";
        /// A command stops a service without giving it time.
        StopHard "pve-ha-crm.stop-hard" { service: ServiceId }
            = ["request immediate service hard-stop for service '", service, "'"] ~ "request immediate service hard-stop for service 'vm:100'";
        /// A command stops a service; seconds that it has for that.
        StopGraceful "pve-ha-crm.stop-graceful" { timeout: u32, service: ServiceId }
            = ["request graceful stop with timeout '", timeout, "' for service '", service, "'"] ~ "request graceful stop with timeout '60' for service 'vm:100'";
        /// resources.cfg wants a state that does not exist.
        BadConfigState "pve-ha-crm.bad-config-state" { service: ServiceId, state: Box<str> }
            = ["service '", service, "' - unknown state '", state, "' in service configuration"] ~ "service 'vm:100' - unknown state 'enable' in service configuration";
        /// How the master chooses nodes.
        Scheduler "pve-ha-crm.scheduler" { mode: Word }
            = ["using scheduler mode '", mode, "'"] ~ "using scheduler mode 'static'"
            = ["switching scheduler mode from 'basic' to '", mode, "'"] ~ "switching scheduler mode from 'basic' to 'static'";
        /// The configured way to choose nodes does not work now.
        SchedulerFallback "pve-ha-crm.scheduler-fallback" { mode: Word, error: Box<str> }
            = ["fallback to 'basic' scheduler mode, init for '", mode, "' failed - ", error] ~ "fallback to 'basic' scheduler mode, init for 'static' failed - did not get static service usage information for vm:100";
        /// Where a service is going to start.
        Rebalance "pve-ha-crm.rebalance" { service: ServiceId, choice: Choice, node: Word }
            = ["service ", service, ": re-balance selected ", choice, " node ", node, " for startup"] ~ "service vm:100: re-balance selected new node pve3 for startup";
        /// The scheduler moves a service because nodes are loaded unevenly.
        AutoRebalance "pve-ha-crm.auto-rebalance" { how: Motion, service: ServiceId, node: Word, detail: Box<str> }
            = ["auto rebalance - ", how, " ", service, " to ", node, " (", detail, ")"] ~ "auto rebalance - migrate vm:100 to pve3 (expected change for imbalance from 0.82 to 0.41)";
        /// A node is asked into maintenance and is in it.
        MaintenanceAlready "pve-ha-crm.maintenance-already" { node: Word }
            = ["ignoring crm command - node ", node, " is already in maintenance state"] ~ "ignoring crm command - node pve2 is already in maintenance state";
        /// A node is asked out of maintenance and is not in it.
        MaintenanceClear "pve-ha-crm.maintenance-clear" { node: Word, state: NodeState }
            = ["clearing maintenance of node ", node, " requested, but it's in state ", state] ~ "clearing maintenance of node pve2 requested, but it's in state online";
        /// A rule cannot be met and does not count. Source: src/PVE/HA/Rules.pm.
        RuleDropped "pve-ha-crm.rule-dropped" { rule: Box<str>, reason: Box<str> }
            = ["Drop rule '", rule, "', because ", reason] ~ "Drop rule 'keep-apart', because rule defines more resources than available nodes.";
        /// The first master of release 9 turns groups into rules.
        GroupsMigration "pve-ha-crm.groups-migration" {}
            = ["start ha group migration..."] ~ "start ha group migration...";
        /// One step or finding of that change.
        GroupsStep "pve-ha-crm.groups-step" { detail: Box<str> }
            = ["ha groups migration: ", detail] ~ "ha groups migration: node 'pve1' is in state 'online'";
        /// Groups are rules now.
        GroupsMigrated "pve-ha-crm.groups-migrated" {}
            = ["ha groups migration successful"] ~ "ha groups migration successful";
        /// Groups stay as they are for now.
        GroupsAborted "pve-ha-crm.groups-aborted" { error: Option<Box<str>> }
            = ["abort ha groups migration: ", error] ~ "abort ha groups migration: node 'pve3' is not online"
            = ["ha groups migration failed", !error] ~ "ha groups migration failed";
        /// A new master starts while HA is disarmed and needs no watchdog. Source: src/PVE/HA/CRM.pm.
        DisarmedMaster "pve-ha-crm.disarmed-master" {}
            = ["taking over as disarmed master, skipping watchdog"] ~ "taking over as disarmed master, skipping watchdog";
        /// HA is disarmed, the master gives back its watchdog. Source: src/PVE/HA/CRM.pm.
        DisarmRelease "pve-ha-crm.disarm-release" {}
            = ["HA stack fully disarmed, releasing CRM watchdog"] ~ "HA stack fully disarmed, releasing CRM watchdog";
        /// HA protects services again. Source: src/PVE/HA/CRM.pm.
        Rearm "pve-ha-crm.rearm" {}
            = ["re-arming HA stack"] ~ "re-arming HA stack";
        /// No LRM has a watchdog any more: nothing is fenced and nothing recovered.
        Disarmed "pve-ha-crm.disarmed" {}
            = ["all LRMs disarmed, HA stack is now fully disarmed"] ~ "all LRMs disarmed, HA stack is now fully disarmed";
        /// A service in this state must settle before HA can be disarmed.
        DisarmDeferred "pve-ha-crm.disarm-deferred" { service: ServiceId, state: ServiceState }
            = ["deferring disarm - service '", service, "' is in '", state, "' state"] ~ "deferring disarm - service 'vm:100' is in 'migrate' state";
        /// A service is frozen because HA gets disarmed; the state it was in.
        DisarmFreezing "pve-ha-crm.disarm-freezing" { service: ServiceId, state: ServiceState }
            = ["disarm: freezing service '", service, "' (was '", state, "')"] ~ "disarm: freezing service 'vm:100' (was 'started')";
        /// A service is no longer watched because HA gets disarmed.
        DisarmSuspending "pve-ha-crm.disarm-suspending" { service: ServiceId }
            = ["disarm: suspending HA tracking for service '", service, "'"] ~ "disarm: suspending HA tracking for service 'vm:100'";
        /// A hardware fence device is asked to fence a node. Source of this and of those below: src/PVE/HA/Fence.pm.
        FenceStart "pve-ha-crm.fence-start" { node: Word }
            = ["Start fencing node '", node, "'"] ~ "Start fencing node 'pve2'";
        /// The command that asks the device.
        FenceCommand "pve-ha-crm.fence-command" { node: Word, command: Box<str> }
            = ["[fence '", node, "'] execute cmd: ", command] ~ "[fence 'pve2'] execute cmd: fence_ipmilan --ip=10.0.5.2";
        /// The device did not confirm.
        FenceJobFailed "pve-ha-crm.fence-job-failed" { node: Word, command: Box<str>, code: i64 }
            = ["fence job for node '", node, "' failed, command '", command, "' exited with '", code, "'"] ~ "fence job for node 'pve2' failed, command 'fence_ipmilan' exited with '1'";
        /// Every device of a node failed.
        FenceTriedAll "pve-ha-crm.fence-tried-all" { node: Word }
            = ["tried all fence devices for node '", node, "'"] ~ "tried all fence devices for node 'pve2'";
        /// No device is configured for a node.
        FenceNoCommands "pve-ha-crm.fence-no-commands" { node: Word }
            = ["no fence commands for node '", node, "'"] ~ "no fence commands for node 'pve2'";
    }
}

/// Reads a message of pve-ha-crm.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let message = ha::plain(message);
    let cut = cut && message.len() >= ha::ENOUGH;
    PveHaCrm::parse(message, cut)
        .map(Kind::PveHaCrm)
        .or_else(|| ha::read(Daemon::Crm, message, cut))
}

/// Reads a message whose program is not named: only what no other program would say.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    let message = ha::plain(message);
    let cut = cut && message.len() >= ha::ENOUGH;
    match PveHaCrm::parse(message, cut) {
        Some(PveHaCrm::StatusChange { from, to }) => {
            is_step(&from, &to).then_some(Kind::PveHaCrm(PveHaCrm::StatusChange { from, to }))
        }
        Some(PveHaCrm::MasterOffline {}) => None,
        Some(crm) => Some(Kind::PveHaCrm(crm)),
        None => ha::read_alone(Daemon::Crm, message, cut),
    }
}

/// Whether both are states of the CRM, and one of them a state that the LRM does not have.
fn is_step(from: &CrmState, to: &CrmState) -> bool {
    let known = |state: &CrmState| !matches!(state, CrmState::Other(_));
    let own = |state: &CrmState| known(state) && *state != CrmState::Startup;
    known(from) && known(to) && (own(from) || own(to))
}

#[cfg(test)]
mod tests;
