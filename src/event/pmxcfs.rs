//! pmxcfs.
//! In: a message. Out: `Pmxcfs`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages, words};

words! {
    /// Which service of pmxcfs printed a line.
    pub enum Domain { Main = "main", Dcdb = "dcdb", Status = "status", Quorum = "quorum", Confdb = "confdb", Database = "database", Ipcs = "ipcs", Libqb = "libqb", Memdb = "memdb", Loop = "loop" }
}

messages! {
    /// Messages of pmxcfs.
    pub enum Pmxcfs {
        /// first
        QuorumGained "pmxcfs.quorum-gained" {} = ["node has quorum"] ~ "[status] notice: node has quorum";
    }
}

/// Reads a message of pmxcfs.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Pmxcfs::parse(message, cut).map(|m| Kind::Pmxcfs(Domain::Status, m))
}
