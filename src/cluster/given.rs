//! What the configuration of the cluster says, over what would be inferred.
//! In: nothing. Out: `Given`, made by whoever read the configuration.
//! Never: reads a file.

use crate::model::{LinkId, Name, NodeId};

/// What is known without a log line: names and ids of nodes, votes, the token timeout, links, storages, guests under HA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Nodes by their corosync ids.
    pub nodes: Vec<(NodeId, Name)>,
    /// Configured votes.
    pub votes: Option<u32>,
    /// The token timeout in milliseconds.
    pub token_ms: Option<u32>,
    /// The ends of links.
    pub links: Vec<Link>,
    /// Storages.
    pub storages: Vec<Storage>,
    /// Services of HA, `vm:100`.
    pub under_ha: Vec<String>,
    /// Which of these each file gave, in words.
    pub sources: Vec<(Name, Vec<String>)>,
    /// Whether what lines state of the same things is to be kept, so that both can be compared.
    pub compared: bool,
}

/// The end of a link at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The link.
    pub link: LinkId,
    /// The node.
    pub node: NodeId,
    /// Its address there, or a name of it.
    pub address: Name,
    /// The priority of the link, when one is set.
    pub priority: Option<u64>,
}

/// A storage, and what lives on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Its id.
    pub id: String,
    /// The server behind it.
    pub server: Option<String>,
    /// Where it is mounted.
    pub mount: Option<Name>,
    /// The most important of what it holds.
    pub holds: Holds,
    /// Guests with disks there, each with its node where that is known.
    pub guests: Vec<(Name, Option<Name>)>,
}

/// What a storage holds, the least important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holds {
    /// Images of installers, templates, snippets, or nothing.
    Other,
    /// Backups.
    Backups,
    /// Disks, but of no guest of the node that cannot use it.
    DisksElsewhere,
    /// Disks of guests.
    Disks,
}

impl Holds {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Holds::Other => "other",
            Holds::Backups => "backups",
            Holds::DisksElsewhere => "disks-elsewhere",
            Holds::Disks => "disks",
        }
    }
}

impl Given {
    /// The end of a link at a node, if it is known.
    pub fn link(&self, node: NodeId, link: LinkId) -> Option<&Link> {
        let mut links = self.links.iter();
        links.find(|end| end.node == node && end.link == link)
    }
}
