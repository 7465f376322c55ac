//! What the quorum service says: primary or not, and who is a member.
//! In: the message after `[QUORUM] `. Out: `Quorum`.
//! Never: counts votes; compares two views.

use crate::event::message::{Word, messages};
use crate::model::NodeId;

messages! {
    /// Messages of subsystem QUORUM. Source: corosync exec/vsf_quorum.c.
    ///
    /// A list longer than the line goes on in a further line of the same form: fewer nodes than `count`.
    pub enum Quorum {
        /// This partition became quorate; said on the change only.
        Primary "corosync.primary" {}
            = ["This node is within the primary component and will provide service."]
                ~ "This node is within the primary component and will provide service.";
        /// This partition lost quorum; said on the change only.
        NonPrimary "corosync.non-primary" {}
            = ["This node is within the non-primary component and will NOT provide any services."]
                ~ "This node is within the non-primary component and will NOT provide any services.";
        /// The members at each change of membership, quorate or not.
        Members "corosync.members" { count: u32, nodes: Vec<NodeId> }
            = ["Members[", count, "]:", " ", nodes] ~ "Members[3]: 1 2 3";
        /// Members of the ring that begins to synchronise, before its membership line. Since 3.1.0.
        SyncMembers "corosync.sync-members" { count: u32, nodes: Vec<NodeId> }
            = ["Sync members[", count, "]:", " ", nodes] ~ "Sync members[2]: 1 2";
        /// Who is new since the ring before. Since 3.1.0.
        SyncJoined "corosync.sync-joined" { count: u32, nodes: Vec<NodeId> }
            = ["Sync joined[", count, "]:", " ", nodes] ~ "Sync joined[1]: 3";
        /// Who is gone since the ring before. Since 3.1.0.
        SyncLeft "corosync.sync-left" { count: u32, nodes: Vec<NodeId> }
            = ["Sync left[", count, "]:", " ", nodes] ~ "Sync left[1]: 1";
        /// The module that decides on quorum, at start.
        Provider "corosync.quorum-provider" { provider: Word }
            = ["Using quorum provider ", provider] ~ "Using quorum provider corosync_votequorum";
        /// The module refused its configuration and corosync ends.
        ProviderFailed "corosync.quorum-provider-failed" { provider: Word }
            = ["Quorum provider: ", provider, " failed to initialize."]
                ~ "Quorum provider: corosync_votequorum failed to initialize.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};

    #[test]
    fn samples_are_read() {
        check_samples::<Quorum>();
    }

    fn nodes(ids: &[u32]) -> Vec<NodeId> {
        ids.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn a_list_keeps_its_order_and_count() {
        assert_eq!(
            Quorum::parse("Members[6]: 7 2 3 4 5 6", false),
            Some(Quorum::Members {
                count: 6,
                nodes: nodes(&[7, 2, 3, 4, 5, 6])
            })
        );
    }

    #[test]
    fn a_continued_list_drops_the_number_that_the_line_may_have_cut() {
        assert_eq!(
            Quorum::parse("Members[24]: 101 102 1\\", false),
            Some(Quorum::Members {
                count: 24,
                nodes: nodes(&[101, 102])
            })
        );
        assert_eq!(
            Quorum::parse("Members[24]: 101 102 \\", false),
            Some(Quorum::Members {
                count: 24,
                nodes: nodes(&[101, 102])
            })
        );
    }

    #[test]
    fn a_cut_component_line_is_read_when_it_tells_which() {
        assert_eq!(
            Quorum::parse("This node is within the non-primary component and", true),
            Some(Quorum::NonPrimary {})
        );
        assert_eq!(Quorum::parse("This node is within the", true), None);
    }
}
