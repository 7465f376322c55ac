//! What votequorum says: waiting for all nodes, the quorum device, refused configurations.
//! In: the message after `[VOTEQ ] `. Out: `Votequorum`.
//! Never: computes quorum.

use crate::event::message::{Word, messages};
use crate::model::NodeId;

messages! {
    /// Messages of subsystem VOTEQ. Source: corosync exec/votequorum.c.
    pub enum Votequorum {
        /// wait_for_all holds quorum back until every node was seen once.
        WaitForAll "corosync.wait-for-all" { votes: u32, expected: u32 }
            = ["Waiting for all cluster members. Current votes: ", votes, " expected_votes: ", expected]
                ~ "Waiting for all cluster members. Current votes: 1 expected_votes: 2";
        /// Somebody ended wait_for_all by hand.
        WaitForAllReset "corosync.wait-for-all-reset" { node: NodeId }
            = ["wait_for_all_status reset by user on node ", node, "."]
                ~ "wait_for_all_status reset by user on node 1.";
        /// The daemon of the quorum device stopped polling; its votes do not count.
        QdeviceLost "corosync.qdevice-lost" { name: Word }
            = ["lost contact with quorum device ", name] ~ "lost contact with quorum device Qdevice";
        /// The membership changed and the vote of the device is waited for, `ms` milliseconds at most.
        QdeviceWait "corosync.qdevice-wait" { name: Word, ms: u32 }
            = ["waiting for quorum device ", name, " poll (but maximum for ", ms, " ms)"]
                ~ "waiting for quorum device Qdevice poll (but maximum for 30000 ms)";
        /// A device registers although the configuration forbids it.
        QdeviceRefused "corosync.qdevice-refused" {}
            = ["Registration of quorum device is disabled by incorrect corosync.conf. See logs for more information"]
                ~ "Registration of quorum device is disabled by incorrect corosync.conf. See logs for more information";
        /// The quorum device is not used because of the configuration error said before.
        QdeviceOff "corosync.qdevice-off" {}
            = ["disabling quorum device operations"] ~ "disabling quorum device operations";
        /// The configuration contradicts itself; `reason` says how.
        ConfigError "corosync.votequorum-config-error" { reason: Box<str> }
            = ["configuration error: ", reason]
                ~ "configuration error: nodelist or quorum.expected_votes must be configured!"
            = ["configuration error: ", reason]
                ~ "configuration error: two_node and quorum device cannot be configured at the same time!"
            = ["configuration error: ", reason]
                ~ "configuration error: quorum.device.votes is too high or expected_votes is too low";
        /// A reload was refused; the old values stay in force.
        ConfigKept "corosync.votequorum-config-kept" {}
            = ["will continue with current runtime data"] ~ "will continue with current runtime data";
        /// last_man_standing does not go with weighted votes.
        LastManStandingOff "corosync.last-man-standing-off" {}
            = ["Last Man Standing feature is supported only when allcluster nodes votes are set to 1. Disabling LMS."]
                ~ "Last Man Standing feature is supported only when allcluster nodes votes are set to 1. Disabling LMS.";
        /// The state file could not be written: the disk is full or read-only.
        WriteFailed "corosync.votequorum-write-failed" { path: Word }
            = ["Unable to write to ", path] ~ "Unable to write to /var/lib/corosync/ev_tracking";
        /// Debug: what the other services are told, 1 for quorate.
        QuorumCallback "corosync.quorum-callback" { quorate: u32 }
            = ["Sending quorum callback, quorate = ", quorate] ~ "Sending quorum callback, quorate = 1";
        /// Debug: quorum is gone.
        QuorumLost "corosync.quorum-lost-debug" {}
            = ["quorum lost, blocking activity"] ~ "quorum lost, blocking activity";
        /// Debug: quorum is back.
        QuorumRegained "corosync.quorum-regained-debug" {}
            = ["quorum regained, resuming activity"] ~ "quorum regained, resuming activity";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};

    #[test]
    fn samples_are_read() {
        check_samples::<Votequorum>();
    }

    #[test]
    fn votes_and_expected_votes_are_numbers() {
        assert_eq!(
            Votequorum::parse(
                "Waiting for all cluster members. Current votes: 3 expected_votes: 5",
                false
            ),
            Some(Votequorum::WaitForAll {
                votes: 3,
                expected: 5
            })
        );
    }
}
