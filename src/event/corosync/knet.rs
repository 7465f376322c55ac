//! What libknet says of links, hosts and path MTU; corosync 3.
//! In: the message after `[KNET  ] `. Out: `Knet`.
//! Never: judges whether a link that goes down is trouble; `cluster::link` does.

use crate::event::message::messages;
use crate::model::{LinkId, NodeId};

messages! {
    /// Messages of subsystem KNET. Source of all: kronosnet libknet/*.c and corosync exec/totemknet.c.
    pub enum Knet {
        /// No pong from `peer` over `link` for knet_ping_timeout. Source: libknet/links.c.
        LinkDown "corosync.link-down" { peer: NodeId, link: LinkId }
            = ["link: host: ", peer, " link: ", link, " is down"] ~ "link: host: 2 link: 0 is down";
        /// knet_pong_count pongs came. Source: libknet/links.c.
        LinkUp "corosync.link-up" { peer: NodeId, link: LinkId }
            = ["rx: host: ", peer, " link: ", link, " is up"] ~ "rx: host: 2 link: 0 is up"
            = ["link: host: ", peer, " link: ", link, " is up"] ~ "link: host: 2 link: 0 is up";
        /// No link to `peer` is usable; normal at every start. Source: libknet/host.c.
        HostUnreachable "corosync.host-unreachable" { peer: NodeId }
            = ["host: host: ", peer, " has no active links"] ~ "host: host: 2 has no active links";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};

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
}
