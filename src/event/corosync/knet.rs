//! What libknet says of links, hosts and path MTU; corosync 3.
//! In: the message after `[KNET  ] `. Out: `Knet`.
//! Never: judges whether a link that goes down is trouble; `cluster::link` does.

use crate::event::message::{Message, Word, messages};
use crate::model::{LinkId, NodeId};

messages! {
    /// Messages of subsystem KNET. Source of all: kronosnet libknet/*.c and corosync exec/totemknet.c.
    pub enum Knet {
        /// No pong from `peer` over `link` for knet_ping_timeout. Source: libknet/threads_heartbeat.c.
        LinkDown "corosync.link-down" { peer: NodeId, link: LinkId }
            = ["link: host: ", peer, " link: ", link, " is down"] ~ "link: host: 2 link: 0 is down";
        /// knet_pong_count pongs came. Source: libknet/threads_rx.c; older ones say it under the word `link`.
        LinkUp "corosync.link-up" { peer: NodeId, link: LinkId }
            = ["rx: host: ", peer, " link: ", link, " is up"] ~ "rx: host: 2 link: 0 is up"
            = ["link: host: ", peer, " link: ", link, " is up"] ~ "link: host: 2 link: 0 is up";
        /// The link to use was chosen anew; said with a stale number also when none is left. Source: libknet/host.c.
        LinkSelected "corosync.link-selected" { peer: NodeId, link: Option<LinkId>, priority: Option<u32> }
            = ["host: host: ", peer, " (passive) best link: ", link, " (pri: ", priority, ")"]
                ~ "host: host: 2 (passive) best link: 1 (pri: 1)";
        /// No link to `peer` is usable; normal at every start. Source: libknet/host.c.
        HostUnreachable "corosync.host-unreachable" { peer: NodeId }
            = ["host: host: ", peer, " has no active links"] ~ "host: host: 2 has no active links";
        /// How many links to `peer` are usable in the active and round robin modes. Source: libknet/host.c.
        ActiveLinks "corosync.active-links" { peer: NodeId, count: u32 }
            = ["host: host: ", peer, " has ", count, " active links"] ~ "host: host: 2 has 2 active links";
        /// The path MTU of a link changed, in bytes; 469 is where a search begins. Source: libknet/threads_pmtud.c.
        MtuChanged "corosync.mtu-changed" { peer: NodeId, link: LinkId, from: u32, to: u32 }
            = ["pmtud: PMTUD link change for host: ", peer, " link: ", link, " from ", from, " to ", to]
                ~ "pmtud: PMTUD link change for host: 2 link: 0 from 469 to 1397";
        /// The smallest MTU over all links changed, in bytes. Source: libknet/threads_pmtud.c.
        MtuGlobal "corosync.mtu-global" { mtu: u32 }
            = ["pmtud: Global data MTU changed to: ", mtu] ~ "pmtud: Global data MTU changed to: 1397";
        /// A peer came back and the search for its path MTU starts over. Source: libknet/links.c.
        MtuReset "corosync.mtu-reset" { link: LinkId, peer: NodeId }
            = ["link: Resetting MTU for link ", link, " because host ", peer, " joined"]
                ~ "link: Resetting MTU for link 0 because host 3 joined";
        /// The search found no usable MTU. Source: libknet/threads_pmtud.c.
        MtuInvalid "corosync.mtu-invalid" { peer: NodeId, link: LinkId, mtu: u32 }
            = ["pmtud: Invalid MTU detected for host: ", peer, " link: ", link, " mtu: ", mtu]
                ~ "pmtud: Invalid MTU detected for host: 2 link: 0 mtu: 0";
        /// The peer does not acknowledge packets of the size that the interface allows; bytes. Source: libknet/threads_pmtud.c.
        MtuMisconfigured "corosync.mtu-misconfigured" { mtu: u32, peer: NodeId, link: LinkId }
            = ["pmtud: possible MTU misconfiguration detected. kernel is reporting MTU: ", mtu, " bytes for host ", peer,
               " link ", link, " but the other node is not acknowledging packets of this size."]
                ~ "pmtud: possible MTU misconfiguration detected. kernel is reporting MTU: 9000 bytes for host 3 link 0 but the other node is not acknowledging packets of this size. ";
        /// Explains the line before it. Source: libknet/threads_pmtud.c.
        MtuHint "corosync.mtu-hint" { detail: Box<str> }
            = ["pmtud: This can be caused by this node interface MTU too big", detail]
                ~ "pmtud: This can be caused by this node interface MTU too big or a network device that does not support or has been misconfigured to manage MTU of this size, or packet loss. knet will continue to run but performances might be affected.";
        /// The search for the MTU gave up. Source: libknet/threads_pmtud.c.
        MtuAborted "corosync.mtu-aborted" {}
            = ["pmtud: Aborting PMTUD process: Too many attempts. MTU might have changed during discovery."]
                ~ "pmtud: Aborting PMTUD process: Too many attempts. MTU might have changed during discovery.";
        /// knet_mtu is set by hand, in bytes; 0 means that it is searched. Source: libknet/threads_pmtud.c.
        MtuManual "corosync.mtu-manual" { mtu: u32 }
            = ["pmtud: MTU manually set to: ", mtu] ~ "pmtud: MTU manually set to: 0";
        /// Packets of a peer come that this node has no working link to. Source: libknet/threads_rx.c.
        SourceUnreachable "corosync.source-unreachable" { peer: NodeId }
            = ["rx: Source host ", peer, " not reachable yet"] ~ "rx: Source host 1 not reachable yet";
        /// A packet failed authentication: another key or a foreign cluster. Source: libknet/crypto_openssl.c, crypto_nss.c.
        DigestMismatch "corosync.digest-mismatch" {}
            = ["nsscrypto: Digest does not match"] ~ "nsscrypto: Digest does not match"
            = ["nsscrypto: Digest does not match. Check crypto key and configuration."]
                ~ "nsscrypto: Digest does not match. Check crypto key and configuration."
            = ["opensslcrypto: Digest does not match"] ~ "opensslcrypto: Digest does not match"
            = ["opensslcrypto: Digest does not match. Check crypto key and configuration."]
                ~ "opensslcrypto: Digest does not match. Check crypto key and configuration.";
        /// A packet could not be decrypted; `address` where its sender is known. Source: libknet/threads_rx.c.
        DecryptFailed "corosync.decrypt-failed" { address: Option<Box<str>>, bytes: u32 }
            = ["rx: Unable to decrypt packet from unknown host/port (size ", !address, bytes, ")!"]
                ~ "rx: Unable to decrypt packet from unknown host/port (size 80)!"
            = ["rx: Unable to decrypt packet from ", address, " (size ", bytes, ")!"]
                ~ "rx: Unable to decrypt packet from 10.0.0.14:5405 (size 80)!";
        /// The sender is no configured node, or its packets take another way. Source: libknet/threads_rx.c.
        PacketRejected "corosync.packet-rejected" { address: Word }
            = ["rx: Packet rejected from ", address] ~ "rx: Packet rejected from 10.0.9.20:5405";
        /// A link with dynamic address saw a new source. Source: libknet/threads_rx.c.
        NewConnection "corosync.new-connection" { peer: NodeId, link: LinkId, address: Word }
            = ["rx: host: ", peer, " link: ", link, " new connection established from: ", address]
                ~ "rx: host: 2 link: 0 new connection established from: 10.0.0.12:5405";
        /// A peer's address could not be written as text. Source: libknet/links.c.
        ResolveFailed "corosync.resolve-failed" { peer: NodeId, link: LinkId, err: Box<str> }
            = ["link: Unable to resolve host: ", peer, " link: ", link, " destination addr/port: ", err]
                ~ "link: Unable to resolve host: 2 link: 0 destination addr/port: Success";
        /// The address of a link is on no interface, or its port is taken. Source: libknet/transport_udp.c.
        BindFailed "corosync.bind-failed" { err: Box<str> }
            = ["udp: Unable to bind listener socket: ", err]
                ~ "udp: Unable to bind listener socket: Cannot assign requested address";
        /// A message to the node itself could not be delivered. Source: libknet/threads_tx.c.
        LoopbackFailed "corosync.loopback-failed" { err: Box<str> }
            = ["loopback: send local failed. error=", err]
                ~ "loopback: send local failed. error=Resource temporarily unavailable";
        /// The kernel caps the socket buffers, in bytes. Source: libknet/transport_common.c.
        SocketBufferCapped "corosync.socket-buffer-capped" { option: u32, wanted: u64, got: u64 }
            = ["transport: Failed to set socket buffer via option ", option, " to value ", wanted, ": capped at ", got]
                ~ "transport: Failed to set socket buffer via option 8 to value 8388608: capped at 425984";
        /// A module for ciphers or compression was loaded. Source: libknet/common.c.
        ModuleLoaded "corosync.module-loaded" { module: Word, path: Box<str> }
            = ["common: ", module, " has been loaded from ", path]
                ~ "common: crypto_nss.so has been loaded from /usr/lib/x86_64-linux-gnu/kronosnet/crypto_nss.so";
        /// The knet transport is up. Source: corosync exec/totemknet.c.
        TransportReady "corosync.transport-ready" {} = ["totemknet initialized"] ~ "totemknet initialized";
        /// Local address and port of a link. Source: corosync exec/totemknet.c.
        LinkConfigured "corosync.link-configured" { link: LinkId, address: Box<str>, port: u32 }
            = ["Configured link number ", link, ": local addr: ", address, ", port=", port]
                ~ "Configured link number 0: local addr: 10.0.0.11, port=5405";
        /// A packet was larger than the buffer. Source: corosync exec/totemknet.c.
        PacketTruncated "corosync.packet-truncated" {}
            = ["Received truncated packet. Please report this bug. Dropping packet."]
                ~ "Received truncated packet. Please report this bug. Dropping packet.";
        /// Ciphers in force, at start or after a change at run time. Source: corosync exec/totemknet.c.
        CryptoSet "corosync.crypto-set" { index: Option<u32>, crypto: Box<str> }
            = ["kronosnet crypto reconfigured on index ", index, ": ", crypto]
                ~ "kronosnet crypto reconfigured on index 2: nss/aes256/sha256"
            = ["kronosnet crypto initialized: ", !index, crypto] ~ "kronosnet crypto initialized: aes256/sha256";
        /// The ciphers could not be set up: a bad key or an unknown cipher. Source: corosync exec/totemknet.c.
        CryptoFailed "corosync.crypto-failed" { index: u32, err: Box<str> }
            = ["knet_handle_crypto_set_config (index ", index, ") failed: ", err]
                ~ "knet_handle_crypto_set_config (index 1) failed: Invalid argument";
        /// A host line that lost its end without a mark of the cut.
        HostLineCut "corosync.host-line-cut" { peer: Option<NodeId> }
            = ["host: host: ", peer] ~ "host: host: 31"
            = ["host: host: ", peer, " (pa"] ~ "host: host: 1 (pa"
            = ["host:", !peer] ~ "host:";
    }
}

/// Subsystems of libknet whose name begins a message; some copies lack it. Source: libknet/logging.c.
const SUBSYSTEMS: [&str; 8] = [
    "link: ",
    "rx: ",
    "host: ",
    "pmtud: ",
    "common: ",
    "udp: ",
    "loopback: ",
    "transport: ",
];

/// Reads a message that lacks the name of its libknet subsystem.
pub fn read_without_subsystem(message: &str, cut: bool) -> Option<Knet> {
    SUBSYSTEMS.iter().find_map(|subsystem| {
        let message = format!("{subsystem}{message}");
        Knet::parse(&message, cut).filter(|m| !matches!(m, Knet::HostLineCut { .. }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Knet>();
    }

    #[test]
    fn the_host_of_a_link_line_is_the_peer() {
        assert_eq!(
            Knet::parse("link: host: 8 link: 1 is down", false),
            Some(Knet::LinkDown {
                peer: NodeId(8),
                link: LinkId(1)
            })
        );
    }

    #[test]
    fn a_message_without_its_subsystem_is_read_too() {
        assert_eq!(
            read_without_subsystem("host: 3 has no active links", false),
            Some(Knet::HostUnreachable { peer: NodeId(3) })
        );
        assert_eq!(
            read_without_subsystem("host: 3 link: 1 is down", false),
            Some(Knet::LinkDown {
                peer: NodeId(3),
                link: LinkId(1)
            })
        );
    }

    #[test]
    fn a_cut_selection_keeps_the_peer() {
        assert_eq!(
            Knet::parse("host: host: 1 (passive) be", true),
            Some(Knet::LinkSelected {
                peer: NodeId(1),
                link: None,
                priority: None
            })
        );
    }

    #[test]
    fn mtu_values_are_bytes_before_and_after() {
        assert_eq!(
            Knet::parse(
                "pmtud: PMTUD link change for host: 2 link: 1 from 1397 to 469",
                false
            ),
            Some(Knet::MtuChanged {
                peer: NodeId(2),
                link: LinkId(1),
                from: 1397,
                to: 469
            })
        );
    }
}
