//! How corosync names things: node ids, links, rings, group members.
//! In: numbers. Out: types that cannot be mixed up, printed as corosync prints them.
//! Never: host names; `cluster::roster` relates ids and names at a given time.

use serde::{Serialize, Serializer};
use std::fmt;

/// A corosync node id. Never a host name, nor the number in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NodeId(pub u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A knet link number (corosync 3, 0 to 7) or ring number (corosync 2, 0 or 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LinkId(pub u32);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A member of a closed process group: node id and the pid of its pmxcfs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// Node the process runs on.
    pub node: NodeId,
    /// Its pid there; a new pid for the same node means a restart of pmxcfs or of the node.
    pub pid: u32,
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.node, self.pid)
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A ring: who represents it, and its sequence number.
///
/// Three notations exist (exec/totemsrp.c, include/corosync/corotypes.h): `1.d50` in hexadecimal since 3.0.3, `1:3408` in
/// decimal in 3.0.0 to 3.0.2, `10.0.0.11:3408` with the representative's address in 2.x.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RingId {
    /// Who represents the ring: the lowest node id in it.
    pub representative: Representative,
    /// Grows by 4 with every round that a ring was attempted in, by 1 when a daemon starts.
    pub sequence: u64,
    /// How the line wrote it.
    pub notation: RingNotation,
}

/// The representative part of a ring id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Representative {
    /// corosync 3: a node id.
    Node(NodeId),
    /// corosync 2: the node's address.
    Address(Box<str>),
}

/// Which of the three notations a ring id was written in; it tells the corosync version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RingNotation {
    /// `1.d50`: corosync 3.0.3 and later.
    Hex,
    /// `1:3408`: corosync 3.0.0 to 3.0.2.
    Decimal,
    /// `10.0.0.11:3408`: corosync 2.
    Address,
}

impl fmt::Display for RingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.representative, self.notation) {
            (Representative::Node(n), RingNotation::Hex) => {
                write!(f, "{:x}.{:x}", n.0, self.sequence)
            }
            (Representative::Node(n), _) => write!(f, "{}:{}", n, self.sequence),
            (Representative::Address(a), _) => write!(f, "{a}:{}", self.sequence),
        }
    }
}

impl Serialize for RingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A node as the logs know it: one whose log we read, or one that others name. An index into the roster, which alone
/// knows its name and id and may learn them late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Observer(pub u32);
