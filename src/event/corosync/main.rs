//! What the main process says: start, end, configuration, processor time.
//! In: the message after `[MAIN  ] `. Out: `Main`.
//! Never: tells a restart from a first start.

use crate::event::message::{Hex, Word, messages};

messages! {
    /// Messages of subsystem MAIN. Source: corosync exec/main.c where nothing else is said.
    pub enum Main {
        /// corosync starts; corosync 2 says it in the second form.
        Starting "corosync.starting" { version: Word }
            = ["Corosync Cluster Engine ", version, " starting up"] ~ "Corosync Cluster Engine 3.1.9 starting up"
            = ["Corosync Cluster Engine ('", version, "'): started and ready to provide service."]
                ~ "Corosync Cluster Engine ('2.4.4'): started and ready to provide service.";
        /// What this build can do; follows the start.
        Features "corosync.features" { features: Box<str> }
            = ["Corosync built-in features: ", features] ~ "Corosync built-in features: dbus monitoring watchdog augeas";
        /// The process got no processor time for `ms` milliseconds; `at_ms` is when this was seen, in milliseconds since 1970.
        NotScheduled "corosync.not-scheduled" { at_ms: Option<u64>, ms: f64, threshold_ms: f64 }
            = ["Corosync main process was not scheduled (@", at_ms, ") for ", ms, " ms (threshold is ", threshold_ms,
               " ms). Consider token timeout increase."]
                ~ "Corosync main process was not scheduled (@1726488573041) for 5218.1992 ms (threshold is 2920.0000 ms). Consider token timeout increase."
            = ["Corosync main process was not scheduled for ", !at_ms, ms, " ms (threshold is ", threshold_ms,
               " ms). Consider token timeout increase."]
                ~ "Corosync main process was not scheduled for 1920.5542 ms (threshold is 1320.0000 ms). Consider token timeout increase.";
        /// All services are in step; the last line of each change of membership, quorate or not.
        SyncDone "corosync.sync-done" {}
            = ["Completed service synchronization, ready to provide service."]
                ~ "Completed service synchronization, ready to provide service."
            = ["Completed service synchronization, ready to provide service"]
                ~ "Completed service synchronization, ready to provide service"
            = ["Completed service synchronization, ready to provide"]
                ~ "Completed service synchronization, ready to provide";
        /// corosync was asked to end by a signal: an orderly stop begins.
        SignalShutdown "corosync.signal-shutdown" {}
            = ["Node was shut down by a signal"] ~ "Node was shut down by a signal";
        /// An orderly stop is done. Source: exec/util.c.
        ExitOk "corosync.exit-ok" {}
            = ["Corosync Cluster Engine exiting normally"] ~ "Corosync Cluster Engine exiting normally";
        /// corosync ends because of the error said before. Source: exec/util.c.
        ExitError "corosync.exit-error" { status: u32, file: Word, line: u32 }
            = ["Corosync Cluster Engine exiting with status ", status, " at ", file, ":", line, "."]
                ~ "Corosync Cluster Engine exiting with status 8 at main.c:1421."
            = ["Corosync Cluster Engine exiting with status ", status, " at ", file, ":", line]
                ~ "Corosync Cluster Engine exiting with status 20 at service.c:356";
        /// The ring cannot form: firewall, one way traffic, wrong addresses.
        UnableToForm "corosync.unable-to-form" { reason: Option<Box<str>> }
            = ["Totem is unable to form a cluster because of an operating system or network fault (reason: ", reason,
               "). The most common cause of this message is that the local firewall is configured improperly."]
                ~ "Totem is unable to form a cluster because of an operating system or network fault (reason: totem is continuously in gather state). The most common cause of this message is that the local firewall is configured improperly."
            = ["Totem is unable to form a cluster because of an operating system or network fault. The most common cause of this message is that the local firewall is configured improperly.",
               !reason]
                ~ "Totem is unable to form a cluster because of an operating system or network fault. The most common cause of this message is that the local firewall is configured improperly.";
        /// The host's name is none of the node list. Source: exec/totemconfig.c.
        NoLocalName "corosync.no-local-name" {}
            = ["parse error in config: No valid name found for local host"]
                ~ "parse error in config: No valid name found for local host";
        /// No link has a usable address. Source: exec/totemconfig.c.
        NoInterfaces "corosync.no-interfaces" {}
            = ["parse error in config: No interfaces defined"] ~ "parse error in config: No interfaces defined";
        /// corosync.conf is unusable and corosync ends. Source: exec/totemconfig.c.
        ParseError "corosync.parse-error" { reason: Box<str> }
            = ["parse error in config: ", reason]
                ~ "parse error in config: This totem parser can only parse version 2 configurations.";
        /// The key cannot be read and corosync ends. Source: exec/totemconfig.c.
        KeyUnreadable "corosync.key-unreadable" { path: Word, err: Box<str> }
            = ["Could not open ", path, ": ", err] ~ "Could not open /etc/corosync/authkey: No such file or directory";
        /// The key is too short, in bits, and corosync ends. Source: exec/totemconfig.c.
        KeyTooShort "corosync.key-too-short" { bits: u32, minimum: u32, path: Box<str> }
            = ["Could only read ", bits, " bits of minimum ", minimum, " bits from ", path, "."]
                ~ "Could only read 1024 bits of minimum 2048 bits from /etc/corosync/authkey.";
        /// A second start.
        AlreadyRunning "corosync.already-running" {}
            = ["Another Corosync instance is already running."] ~ "Another Corosync instance is already running.";
        /// The process may be swapped out.
        MemoryNotLocked "corosync.memory-not-locked" { err: Box<str> }
            = ["Could not lock memory of service to avoid page faults: ", err]
                ~ "Could not lock memory of service to avoid page faults: Cannot allocate memory (12)"
            = ["Could not increase RLIMIT_MEMLOCK, not locking memory: ", err]
                ~ "Could not increase RLIMIT_MEMLOCK, not locking memory: Operation not permitted (1)";
        /// No real time priority: load can delay corosync.
        NoRealtime "corosync.no-realtime" { priority: i64, err: Box<str> }
            = ["Could not set SCHED_RR at priority ", priority, ": ", err]
                ~ "Could not set SCHED_RR at priority 99: Operation not permitted (1)";
        /// The nice level could not be set.
        NoPriority "corosync.no-priority" { priority: i64, err: Box<str> }
            = ["Could not set priority ", priority, ": ", err]
                ~ "Could not set priority -2147483648: Permission denied (13)";
        /// The process could not be moved to the root cgroup; harmless with cgroup v2.
        CgroupFailed "corosync.cgroup-failed" {}
            = ["Can't open cgroups tasks file for writing"] ~ "Can't open cgroups tasks file for writing";
        /// Messages pile up undelivered and the ring is formed anew on purpose.
        ForcedGather "corosync.forced-gather" {} = ["Forcing into GATHER state"] ~ "Forcing into GATHER state";
        /// The ring id could not be written to disk and corosync ends; the sequence is hexadecimal.
        RingIdNotStored "corosync.ring-id-not-stored" { sequence: Hex, err: Box<str> }
            = ["Couldn't store new ring id ", sequence, " to stable storage: ", err]
                ~ "Couldn't store new ring id 1a8 to stable storage: No space left on device (28)";
        /// No flight recorder: /dev/shm is full. Source: exec/logsys.c.
        NoBlackbox "corosync.no-blackbox" { detail: Box<str> }
            = ["Unable to initialize log flight recorder. ", detail]
                ~ "Unable to initialize log flight recorder. The most common cause of this error is not enough space on /dev/shm. Corosync will continue work, but blackbox will not be available: No space left on device (28)";
        /// A newer corosync sends what this one does not know.
        UnknownMessage "corosync.unknown-message" { number: u32, service: u32, max: u32 }
            = ["discarded unknown message ", number, " for service ", service, " (max id ", max, ")"]
                ~ "discarded unknown message 12 for service 5 (max id 8)";
        /// A slow local client has caught up. Source: exec/ipc_glue.c.
        ClientCaughtUp "corosync.client-caught-up" { queued: u32, sent: u32 }
            = ["Q empty, queued:", queued, " sent:", sent, "."] ~ "Q empty, queued:0 sent:54.";
        /// A process without permission tried to connect. Source: exec/ipc_glue.c.
        ClientDenied "corosync.client-denied" { uid: u32, gid: u32 }
            = ["Denied connection attempt from ", uid, ":", gid] ~ "Denied connection attempt from 1000:1000";
        /// bindnetaddr stands beside a node list and is not used. Source: exec/totemconfig.c.
        BindnetaddrIgnored "corosync.bindnetaddr-ignored" {}
            = ["interface section bindnetaddr is used together with nodelist. Nodelist one is going to be used."]
                ~ "interface section bindnetaddr is used together with nodelist. Nodelist one is going to be used.";
        /// The configuration is of an old form.
        MigrateToNodelist "corosync.migrate-to-nodelist" {}
            = ["Please migrate config file to nodelist."] ~ "Please migrate config file to nodelist.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};

    #[test]
    fn samples_are_read() {
        check_samples::<Main>();
    }

    #[test]
    fn pauses_have_their_decimals_and_the_instant_where_it_is_said() {
        assert_eq!(
            Main::parse(
                "Corosync main process was not scheduled (@1795338381400) for 2946.1226 ms (threshold is 2920.0000 ms). Consider token timeout increase.",
                false
            ),
            Some(Main::NotScheduled {
                at_ms: Some(1_795_338_381_400),
                ms: 2946.1226,
                threshold_ms: 2920.0
            })
        );
    }

    #[test]
    fn a_reason_that_is_known_is_more_than_a_parse_error() {
        assert_eq!(
            Main::parse("parse error in config: No interfaces defined", false),
            Some(Main::NoInterfaces {})
        );
    }
}
