//! What the totem protocol says: token, membership, retransmits, transports and packets that it refuses.
//! In: the message after `[TOTEM ] `. Out: `Totem`.
//! Never: remembers the ring before; judges whether a lost token is trouble.

use crate::event::message::{Hex, MemberChanges, Word, messages, words};
use crate::model::{LinkId, NodeId, RingId};

words! {
    /// States of the membership protocol that a debug line announces on entry.
    pub enum TotemState {
        /// The ring is up.
        Operational = "OPERATIONAL",
        /// The members of the new ring agree on it.
        Commit = "COMMIT",
        /// Messages of the old ring are recovered.
        Recovery = "RECOVERY",
        /// The nodes look for each other.
        Gather = "GATHER",
    }
}

messages! {
    /// Messages of subsystem TOTEM. Source: corosync exec/totemsrp.c where nothing else is said.
    pub enum Totem {
        /// No token for `ms` milliseconds: 75 percent of its timeout by default. Since corosync 3.
        TokenWarning "corosync.token-warning" { ms: u32 }
            = ["Token has not been received in ", ms, " ms"] ~ "Token has not been received in 2737 ms ";
        /// The token timeout of an operational ring ran out and the nodes look for each other. Milliseconds since 3.1.0.
        TokenLost "corosync.token-lost" { token_ms: Option<u32>, consensus_ms: Option<u32> }
            = ["A processor failed, forming new configuration: token timed out (", token_ms, "ms), waiting ", consensus_ms,
               "ms for consensus."]
                ~ "A processor failed, forming new configuration: token timed out (3650ms), waiting 4380ms for consensus."
            = ["A processor failed, forming new configuration: token timed out (", token_ms, "ms)", !consensus_ms]
                ~ "A processor failed, forming new configuration: token timed out (3650ms)"
            = ["A processor failed, forming new configuration.", !token_ms, !consensus_ms]
                ~ "A processor failed, forming new configuration.";
        /// A ring was agreed upon: its id, and who joined and left since the ring before.
        MembershipFormed "corosync.membership-formed" { ring: RingId, changes: MemberChanges }
            = ["A new membership (", ring, ") was formed. Members", changes]
                ~ "A new membership (2.528) was formed. Members left: 1"
            = ["A new membership (", ring, ") was formed.", !changes] ~ "A new membership (1:1234) was formed."
            = ["A processor joined or left the membership and a new membership (", ring, ") was formed.", !changes]
                ~ "A processor joined or left the membership and a new membership (10.0.0.11:1740) was formed.";
        /// These nodes left the ring without announcing it: crash, cut or reset.
        LeaveMissing "corosync.leave-missing" { failed: Vec<NodeId> }
            = ["Failed to receive the leave message. failed:", " ", failed]
                ~ "Failed to receive the leave message. failed: 1";
        /// Messages that some node missed and that are sent again.
        Retransmit "corosync.retransmit" { sequences: Vec<Hex> }
            = ["Retransmit List:", " ", sequences] ~ "Retransmit List: 3a1 3a2 3a5 ";
        /// The process did not run for `ms` milliseconds, more than half of the token timeout.
        ProcessPause "corosync.process-pause" { ms: u32 }
            = ["Process pause detected for ", ms, " ms, flushing membership messages."]
                ~ "Process pause detected for 6152 ms, flushing membership messages.";
        /// Tokens arrive here but messages do not, for fail_recv_const rounds of the token.
        FailedToReceive "corosync.failed-to-receive" {} = ["FAILED TO RECEIVE"] ~ "FAILED TO RECEIVE";
        /// Debug: the search for members begins, and why.
        Gather "corosync.gather" { code: u32, reason: Box<str> }
            = ["entering GATHER state from ", code, "(", reason, ")."]
                ~ "entering GATHER state from 0(consensus timeout).";
        /// Debug: another state of the protocol begins.
        State "corosync.totem-state" { state: TotemState }
            = ["entering ", state, " state."] ~ "entering OPERATIONAL state.";
        /// Debug: the token was lost while messages of the old ring were recovered.
        LostInRecovery "corosync.token-lost-in-recovery" {}
            = ["The token was lost in the RECOVERY state."] ~ "The token was lost in the RECOVERY state.";
        /// Debug: the token of an operational ring was lost.
        LostInOperational "corosync.token-lost-in-operational" {}
            = ["The token was lost in the OPERATIONAL state."] ~ "The token was lost in the OPERATIONAL state.";
        /// Debug: the token was lost while the members agreed on a ring.
        LostInCommit "corosync.token-lost-in-commit" {}
            = ["The token was lost in the COMMIT state."] ~ "The token was lost in the COMMIT state.";
        /// Debug: the members did not agree in time.
        ConsensusExpired "corosync.consensus-expired" {}
            = ["The consensus timeout expired."] ~ "The consensus timeout expired.";
        /// Debug: the commit token came around.
        CommitToken "corosync.commit-token" {} = ["got commit token"] ~ "got commit token";
        /// Debug: a member of the old ring (`TRANS`) or the place of a member in the new one (`position`).
        RingMember "corosync.ring-member" { index: u32, address: Box<str> }
            = ["TRANS [", index, "] member ", address, ":"] ~ "TRANS [0] member 10.9.61.15:"
            = ["position [", index, "] member ", address, ":"] ~ "position [0] member 10.9.61.15:";
        /// Debug: the ring that a member comes from; `sequence` is hexadecimal.
        PreviousRing "corosync.previous-ring" { sequence: Hex, representative: Word }
            = ["previous ring seq ", sequence, " rep ", representative] ~ "previous ring seq 2d8 rep 10.9.61.15";
        /// Debug: how far a member received the messages of its old ring.
        MemberProgress "corosync.member-progress" { aru: Hex, delivered: Hex, received: u32 }
            = ["aru ", aru, " high delivered ", delivered, " received flag ", received]
                ~ "aru 94 high delivered 94 received flag 1";
        /// Debug: nothing of the old ring must be sent again.
        NothingToRecover "corosync.nothing-to-recover" {}
            = ["Did not need to originate any messages in recovery."]
                ~ "Did not need to originate any messages in recovery.";
        /// Debug: the recovery failed and the counters of the old ring are put back.
        AruRestored "corosync.aru-restored" { aru: Hex, received: Hex }
            = ["Restoring instance->my_aru ", aru, " my high seq received ", received]
                ~ "Restoring instance->my_aru 94 my high seq received 94";
        /// A leave message was dropped in the flush after a process pause; node 0 where the message names none.
        LeaveDiscarded "corosync.leave-discarded" { node: NodeId }
            = ["Discarding LEAVE message during flush, nodeid=", node]
                ~ "Discarding LEAVE message during flush, nodeid=3";
        /// A join message was dropped in the flush after a process pause.
        JoinDiscarded "corosync.join-discarded" { node: Option<NodeId> }
            = ["Discarding JOIN message during flush, nodeid=", node]
                ~ "Discarding JOIN message during flush, nodeid=3"
            = ["JOIN or LEAVE message was thrown away during flush operation.", !node]
                ~ "JOIN or LEAVE message was thrown away during flush operation.";
        /// No room to note that a node leaves.
        LeaveNotNoted "corosync.leave-not-noted" { node: NodeId }
            = ["Cannot set LEAVE nodeid=", node] ~ "Cannot set LEAVE nodeid=4";
        /// A join message does not fit: too many nodes.
        JoinTooLong "corosync.join-too-long" {}
            = ["memb_join_message too long. Ignoring message."] ~ "memb_join_message too long. Ignoring message.";
        /// First line of a start: the transport in use. Source: exec/totemnet.c.
        TransportInit "corosync.transport-init" { transport: Box<str> }
            = ["Initializing transport (", transport, ")."] ~ "Initializing transport (Kronosnet).";
        /// Ciphers of corosync 2. Source: exec/totemcrypto.c.
        CryptoInitOld "corosync.crypto-init-old" { cipher: Word, hash: Word }
            = ["Initializing transmit/receive security (NSS) crypto: ", cipher, " hash: ", hash]
                ~ "Initializing transmit/receive security (NSS) crypto: aes256 hash: sha1";
        /// A knet link is set up, at start or by a reload. Source: exec/totemconfig.c.
        ConfiguringLink "corosync.configuring-link" { link: LinkId }
            = ["Configuring link ", link] ~ "Configuring link 0";
        /// A reload cannot change an address while corosync runs. Source: exec/totemconfig.c.
        LinkAddressFixed "corosync.link-address-fixed" { link: LinkId, from: Box<str>, to: Box<str> }
            = ["new config has different address for link ", link, " (addr changed from ", from, " to ", to,
               "). Internal value was NOT changed."]
                ~ "new config has different address for link 0 (addr changed from 10.0.0.12 to 10.0.1.12). Internal value was NOT changed.";
        /// A reload cannot change the transport of a link. Source: exec/totemconfig.c.
        LinkTransportFixed "corosync.link-transport-fixed" { link: LinkId }
            = ["New config has different knet transport for link ", link, ". Internal value was NOT changed."]
                ~ "New config has different knet transport for link 1. Internal value was NOT changed.";
        /// A packet of `bytes` is too short for a totem header.
        PacketTooShort "corosync.packet-too-short" { address: Box<str>, bytes: u32 }
            = ["Message received from ", address, " is too short... Ignoring ", bytes, "."]
                ~ "Message received from 10.0.0.12 is too short...  Ignoring 12.";
        /// The sender is of another corosync generation or encrypts otherwise.
        BadMagic "corosync.bad-magic" { address: Box<str>, guess: Box<str> }
            = ["Message received from ", address, " has bad magic number (probably sent by ", guess, ").. Ignoring"]
                ~ "Message received from 10.0.0.12 has bad magic number (probably sent by Corosync 2.3+).. Ignoring";
        /// The sender speaks a totem protocol of another version.
        BadVersion "corosync.bad-version" { address: Box<str>, version: u32 }
            = ["Message received from ", address, " has unsupported version ", version, "... Ignoring"]
                ~ "Message received from 10.0.0.12 has unsupported version 4... Ignoring";
        /// A packet of unknown type.
        WrongType "corosync.wrong-type" { address: Box<str>, number: u32 }
            = ["Message received from ", address, " has wrong type... ignoring ", number, "."]
                ~ "Message received from 10.0.0.12 has wrong type...  ignoring 77.";
        /// A malformed message of totem: `memb_join`, `mcast`, `orf_token` and the like.
        MessageTooShort "corosync.message-too-short" { message: Word }
            = ["Received ", message, " message is too short... ignoring."]
                ~ "Received memb_join message is too short...  ignoring.";
        /// A malformed group message. Source: exec/totempg.c.
        GroupMessageTooShort "corosync.group-message-too-short" { peer: NodeId }
            = ["Message (totempg_mcast) received from node ", peer, " is too short... Ignoring."]
                ~ "Message (totempg_mcast) received from node 2 is too short...  Ignoring.";
        /// A packet failed authentication: another key, or a foreign cluster. corosync 2; source: exec/totemudp.c.
        InvalidDigest "corosync.invalid-digest" {}
            = ["Received message has invalid digest... ignoring."] ~ "Received message has invalid digest... ignoring.";
        /// Said along with an invalid digest. corosync 2; source: exec/totemudp.c, exec/totemudpu.c.
        InvalidPacket "corosync.invalid-packet" {} = ["Invalid packet data"] ~ "Invalid packet data";
        /// The hash of a packet is another: keys differ. corosync 2; source: exec/totemcrypto.c.
        DigestMismatch "corosync.digest-mismatch-old" {} = ["Digest does not match"] ~ "Digest does not match";
        /// The sender uses another crypto_hash. corosync 2; source: exec/totemcrypto.c.
        HashTypeDiffers "corosync.hash-type-differs" {}
            = ["Incoming packet has different hash type. Rejecting"]
                ~ "Incoming packet has different hash type. Rejecting";
        /// A corosync of another generation sends to this one. corosync 2.4; source: exec/totemcrypto.c.
        UnsupportedPacket "corosync.unsupported-packet" { guess: Box<str> }
            = ["Unsupported incoming packet (probably sent by ", guess, "). Rejecting"]
                ~ "Unsupported incoming packet (probably sent by Corosync 3.x). Rejecting";
        /// The interface of a UDP ring is usable. Source: exec/totemudp.c, exec/totemudpu.c.
        InterfaceUp "corosync.interface-up" { address: Box<str> }
            = ["The network interface [", address, "] is now up."] ~ "The network interface [10.0.0.11] is now up.";
        /// The interface of a UDP ring is gone; the node binds to loopback. Source: exec/totemudp.c, exec/totemudpu.c.
        InterfaceDown "corosync.interface-down" {}
            = ["The network interface is down."] ~ "The network interface is down.";
        /// The address of the ring is on loopback. Source: exec/totemudpu.c.
        BoundToLocalhost "corosync.bound-to-localhost" {}
            = ["One of your ip addresses are now bound to localhost. Corosync would not work correctly."]
                ~ "One of your ip addresses are now bound to localhost. Corosync would not work correctly.";
        /// A peer of the UDPU transport. Source: exec/totemudpu.c.
        UdpuAdded "corosync.udpu-added" { address: Box<str> }
            = ["adding new UDPU member {", address, "}"] ~ "adding new UDPU member {10.0.0.12}";
        /// No longer a peer of the UDPU transport. Source: exec/totemudpu.c.
        UdpuRemoved "corosync.udpu-removed" { address: Box<str> }
            = ["removing UDPU member {", address, "}"] ~ "removing UDPU member {10.0.0.12}";
        /// One of the redundant rings of corosync 2 is bad; the other carries on. Source: exec/totemrrp.c.
        RingFaulty "corosync.ring-faulty" { link: LinkId, address: Box<str>, sequence: Option<u32> }
            = ["Marking ringid ", link, " interface ", address, " FAULTY", !sequence]
                ~ "Marking ringid 1 interface 192.168.8.11 FAULTY"
            = ["Marking seqid ", sequence, " ringid ", link, " interface ", address, " FAULTY"]
                ~ "Marking seqid 90345 ringid 0 interface 10.0.0.11 FAULTY";
        /// One ring missed a token that the other brought. corosync 2; source: exec/totemrrp.c.
        RingProblem "corosync.ring-problem" { sequence: u32, address: Box<str>, count: u32, max: u32 }
            = ["Incrementing problem counter for seqid ", sequence, " iface ", address, " to [", count, " of ", max, "]"]
                ~ "Incrementing problem counter for seqid 8812 iface 192.168.8.11 to [3 of 10]";
        /// A ring behaved for a while. corosync 2; source: exec/totemrrp.c.
        RingBetter "corosync.ring-better" { address: Box<str>, count: u32, max: u32 }
            = ["Decrementing problem counter for iface ", address, " to [", count, " of ", max, "]"]
                ~ "Decrementing problem counter for iface 192.168.8.11 to [2 of 10]";
        /// A bad ring is used again. corosync 2; source: exec/totemrrp.c.
        RingRecovered "corosync.ring-recovered" { link: LinkId }
            = ["Automatically recovered ring ", link] ~ "Automatically recovered ring 1";
        /// The nodes disagree on addresses. corosync 2; source: exec/totemrrp.c.
        WrongJoinList "corosync.wrong-join-list" {}
            = ["Membership join list contains incorrect address. This is sign of misconfiguration between nodes!"]
                ~ "Membership join list contains incorrect address. This is sign of misconfiguration between nodes!";
        /// An oversized UDP packet was dropped. Source: exec/totemudp.c, exec/totemudpu.c.
        TooBig "corosync.message-too-big" { detail: Box<str> }
            = ["Received too big message. This may be because something bad is happening", detail]
                ~ "Received too big message. This may be because something bad is happening on the network (attack?), or you tried join more nodes than corosync is compiled with (384) or bug in the code (bad estimation of the UDP_RECEIVE_FRAME_SIZE_MAX). Dropping packet.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};
    use crate::model::node::{Representative, RingNotation};

    fn membership(message: &str) -> (RingId, MemberChanges) {
        match Totem::parse(message, false) {
            Some(Totem::MembershipFormed { ring, changes }) => (ring, changes),
            other => panic!("{message}: {other:?}"),
        }
    }

    #[test]
    fn samples_are_read() {
        check_samples::<Totem>();
    }

    #[test]
    fn ring_ids_are_hexadecimal_after_a_dot_and_node_ids_decimal() {
        let (ring, changes) =
            membership("A new membership (10.1d50) was formed. Members joined: 10 11 left: 12");
        assert_eq!(ring.representative, Representative::Node(NodeId(16)));
        assert_eq!(ring.sequence, 0x1d50);
        assert_eq!(ring.notation, RingNotation::Hex);
        assert_eq!(changes.joined, [NodeId(10), NodeId(11)]);
        assert_eq!(changes.left, [NodeId(12)]);
    }

    #[test]
    fn ring_ids_with_a_colon_are_decimal_with_a_node_id_or_an_address() {
        let (ring, _) = membership("A new membership (1:14912) was formed. Members");
        assert_eq!(ring.sequence, 14912);
        assert_eq!(ring.notation, RingNotation::Decimal);
        let (ring, changes) =
            membership("A new membership (10.0.0.13:120996) was formed. Members left: 1");
        assert_eq!(
            ring.representative,
            Representative::Address("10.0.0.13".into())
        );
        assert_eq!(ring.sequence, 120_996);
        assert_eq!(changes.left, [NodeId(1)]);
        let (ring, _) = membership("A new membership (fd00::1:2:3408) was formed. Members");
        assert_eq!(
            ring.representative,
            Representative::Address("fd00::1:2".into())
        );
        assert_eq!(ring.sequence, 3408);
    }

    #[test]
    fn a_membership_without_changes_has_empty_lists_under_stable_names() {
        let formed =
            Totem::parse("A new membership (2.1e) was formed. Members", false).expect("membership");
        let names: Vec<_> = formed.fields().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["ring", "joined", "left"]);
        let sample = Totem::SAMPLES
            .iter()
            .find(|s| s.name == "corosync.membership-formed");
        assert_eq!(sample.expect("sample").fields, ["ring", "joined", "left"]);
        assert_eq!(
            serde_json::to_string(&formed.fields()[2].1).expect("json"),
            "[]"
        );
    }

    #[test]
    fn retransmit_lists_are_hexadecimal() {
        assert_eq!(
            Totem::parse("Retransmit List: 3a1 1f", false),
            Some(Totem::Retransmit {
                sequences: vec![Hex(0x3a1), Hex(0x1f)]
            })
        );
    }

    #[test]
    fn a_token_loss_may_lack_its_numbers_or_be_cut_before_them() {
        let none = Totem::TokenLost {
            token_ms: None,
            consensus_ms: None,
        };
        assert_eq!(
            Totem::parse("A processor failed, forming new configuration.", false),
            Some(none.clone())
        );
        assert_eq!(
            Totem::parse("A processor failed, forming new configuration: tok", true),
            Some(none)
        );
        assert_eq!(
            Totem::parse(
                "A processor failed, forming new configuration: token timed out (3000ms)",
                false
            ),
            Some(Totem::TokenLost {
                token_ms: Some(3000),
                consensus_ms: None
            })
        );
    }

    #[test]
    fn the_debug_lines_of_a_gather_keep_code_and_reason() {
        assert_eq!(
            Totem::parse(
                "entering GATHER state from 5(The token was lost in the RECOVERY state.).",
                false
            ),
            Some(Totem::Gather {
                code: 5,
                reason: "The token was lost in the RECOVERY state.".into()
            })
        );
    }
}
