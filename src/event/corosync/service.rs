//! What the service manager, the process groups, libqb and corosync's own watchdog say.
//! In: the message after `[SERV  ] `, `[CPG   ] `, `[QB    ] ` or `[WD    ] `. Out: `Service`.
//! Never: knows what a service does.

use crate::event::message::{Word, messages};

messages! {
    /// Messages of subsystems SERV, CPG, QB and WD. Source: corosync exec/service.c where nothing else is said.
    pub enum Service {
        /// A service is there; one line each at start.
        Loaded "corosync.service-loaded" { name: Box<str>, id: u32 }
            = ["Service engine loaded: ", name, " [", id, "]"]
                ~ "Service engine loaded: corosync vote quorum service v1.0 [5]";
        /// A service is gone; one line each in an orderly stop.
        Unloaded "corosync.service-unloaded" { name: Box<str> }
            = ["Service engine unloaded: ", name] ~ "Service engine unloaded: corosync vote quorum service v1.0";
        /// An orderly stop begins.
        UnloadingAll "corosync.unloading-all" {}
            = ["Unloading all Corosync service engines."] ~ "Unloading all Corosync service engines.";
        /// A service refused to start and corosync ends.
        LoadFailed "corosync.service-load-failed" { name: Box<str>, reason: Box<str> }
            = ["Service engine '", name, "' failed to load for reason '", reason, "'"]
                ~ "Service engine 'corosync_quorum' failed to load for reason 'configuration error: nodelist or quorum.expected_votes must be configured!'";
        /// A group message came from a node outside the view. Source: exec/cpg.c.
        CpgUnknownNode "corosync.cpg-unknown-node" {}
            = ["Unknown node -> we will not deliver message"] ~ "Unknown node -> we will not deliver message";
        /// A client sent to a group that it is not in. Source: exec/cpg.c.
        CpgSendFailed "corosync.cpg-send-failed" { connection: Word, group: Word, state: u32, err: u32 }
            = ["*** ", connection, " can't mcast to group ", group, " state:", state, ", error:", err]
                ~ "*** 0x55d6f2c8d1b0 can't mcast to group pve_dcdb_v1 state:1, error:12";
        /// How many nodes left, by the list that a member sent. Source: exec/cpg.c of corosync 2 and 3.
        CpgDownlist "corosync.cpg-downlist" { left: u32, detail: Option<Box<str>> }
            = ["downlist left_list: ", left, " received", !detail] ~ "downlist left_list: 1 received"
            = ["downlist left_list: ", left, " received ", detail] ~ "downlist left_list: 1 received in state 2";
        /// The list of leaving nodes that all members take. Source: exec/cpg.c of corosync 2.
        CpgDownlistChosen "corosync.cpg-downlist-chosen" { sender: Box<str>, old: u32, left: u32 }
            = ["chosen downlist: sender ", sender, " ; members(old:", old, " left:", left, ")"]
                ~ "chosen downlist: sender r(0) ip(10.0.0.11) ; members(old:3 left:1)";
        /// An orderly stop, one line per service. Source: libqb lib/ipc_setup.c.
        SocketsWithdrawn "corosync.sockets-withdrawn" {}
            = ["withdrawing server sockets"] ~ "withdrawing server sockets";
        /// A service accepts clients, one line each at start. Source: libqb lib/ipc_setup.c.
        ServerName "corosync.server-name" { name: Word } = ["server name: ", name] ~ "server name: votequorum";
        /// A client came while a service was not ready. Source: libqb lib/ipc_setup.c.
        ClientNotReady "corosync.client-not-ready" { connection: Box<str> }
            = ["Denied connection, is not ready (", connection, ")"]
                ~ "Denied connection, is not ready (/dev/shm/qb-12416-12444-30-N8KyEk/qb)";
        /// No shared memory for a client: /dev/shm is full. Source: libqb lib/ipc_shm.c.
        BufferFailed "corosync.buffer-failed" { buffer: Word, err: Box<str> }
            = ["qb_rb_open:", buffer, ": ", err] ~ "qb_rb_open:REQUEST: No space left on device (28)";
        /// corosync does not own the watchdog; normal with watchdog-mux. Source: exec/wd.c.
        WatchdogNotEnabled "corosync.watchdog-not-enabled" {}
            = ["Watchdog not enabled by configuration"] ~ "Watchdog not enabled by configuration";
        /// corosync shall use a watchdog and there is none. Source: exec/wd.c.
        WatchdogMissing "corosync.watchdog-missing" { device: Word }
            = ["No watchdog ", device, ", try modprobe <a watchdog>"]
                ~ "No watchdog /dev/watchdog, try modprobe <a watchdog>";
        /// Another process, normally watchdog-mux, has the device. Source: exec/wd.c.
        WatchdogBusy "corosync.watchdog-busy" { device: Word }
            = ["Watchdog ", device, " exists but couldn't be opened."]
                ~ "Watchdog /dev/watchdog exists but couldn't be opened.";
        /// Nothing is watched; normal. Source: exec/wd.c.
        NoResources "corosync.no-resources" {} = ["no resources configured."] ~ "no resources configured.";
        /// A resource is not watched for lack of a key; normal. Source: exec/wd.c.
        ResourceIncomplete "corosync.resource-incomplete" { resource: Word, key: Word }
            = ["resource ", resource, " missing a ", key, " key."] ~ "resource load_15min missing a recovery key.";
        /// A resource that corosync watches failed. Source: exec/wd.c.
        ResourceFailed "corosync.resource-failed" { recovery: Word, resource: Box<str> }
            = [recovery, " resource \"", resource, "\" failed!"] ~ "watchdog resource \"load_15min\" failed!";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};

    #[test]
    fn samples_are_read() {
        check_samples::<Service>();
    }

    #[test]
    fn an_error_of_a_group_keeps_its_number() {
        match Service::parse(
            "*** 0x55d6f2c8d1b0 can't mcast to group pve_dcdb_v1 state:1, error:12",
            false,
        ) {
            Some(Service::CpgSendFailed { group, err, .. }) => {
                assert_eq!((&*group.0, err), ("pve_dcdb_v1", 12));
            }
            other => panic!("{other:?}"),
        }
    }
}
