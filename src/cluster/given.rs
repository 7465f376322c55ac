//! What the configuration of the cluster says, over what would be inferred.
//! In: nothing. Out: `Given`, made by whoever read the configuration.
//! Never: reads a file.

use crate::model::{Name, NodeId};

/// What is known without a log line: names and ids of nodes, votes, the token timeout, guests under HA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Nodes by their corosync ids.
    pub nodes: Vec<(NodeId, Name)>,
    /// Configured votes.
    pub votes: Option<u32>,
    /// The token timeout in milliseconds.
    pub token_ms: Option<u32>,
    /// Services of HA, `vm:100`.
    pub under_ha: Vec<String>,
    /// Whether what lines state of the same things is to be kept, so that both can be compared.
    pub compared: bool,
}
