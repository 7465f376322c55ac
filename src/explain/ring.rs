//! What a ring id says: who represents the ring, its sequence, and which corosync wrote it.
//! In: a ring id in any of its notations. Out: its parts, in decimal.
//! Never: compares two rings.

use super::Explanation;
use crate::event::message::Field;
use crate::model::RingId;
use crate::model::node::{Representative, RingNotation};

/// The parts of a ring id in words.
pub(super) fn say(ring: &RingId) -> String {
    let who = match &ring.representative {
        Representative::Node(node) => format!("node id {node}"),
        Representative::Address(address) => format!("the node with the address {address}"),
    };
    let notation = match ring.notation {
        RingNotation::Hex => "hexadecimal with a dot: corosync 3.0.3 and later",
        RingNotation::Decimal => "decimal with a colon: corosync 3.0.0 to 3.0.2",
        RingNotation::Address => "an address: corosync 2",
    };
    format!(
        "represented by {who}, the lowest node of the ring and not necessarily the one that logs; sequence {} in decimal; {notation}",
        ring.sequence
    )
}

/// Reads a ring id that is the whole text.
pub(super) fn read(text: &str) -> Option<RingId> {
    match RingId::read(text, None) {
        Ok(("", ring)) => Some(ring),
        Ok(_) | Err(_) => None,
    }
}

/// A ring id, also as status commands print it (`1/3408`).
pub(super) fn explain(text: &str) -> Option<Explanation> {
    let said = match read(text) {
        Some(ring) => say(&ring),
        None => {
            let (node, sequence) = text.split_once('/')?;
            let node: u32 = node.parse().ok()?;
            let sequence: u64 = sequence.parse().ok()?;
            format!(
                "represented by node id {node}, sequence {sequence}, both decimal: status command of corosync before 3.0.3; \
                 in a `members:` line it would be node id and pid of a pmxcfs"
            )
        }
    };
    Some(Explanation {
        subject: format!("ring id {text}"),
        meaning: format!("A ring: {said}."),
        fields: Vec::new(),
        next: vec![
            "The sequence grows by 4 with every round in which a ring was attempted: a step of 4 is one round; larger steps mean failed rounds between, or a merge. Each start of corosync adds 1 since 3.0.3.".to_owned(),
            "Nodes with the same ring id saw the same membership; use it to line up logs of nodes whose clocks differ.".to_owned(),
        ],
        source: "corosync exec/totemsrp.c, include/corosync/corotypes.h".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_tells_the_version_and_the_base() {
        let said = |text| explain(text).map(|e| e.meaning).unwrap_or_default();
        assert!(said("1.d50").contains("sequence 3408 in decimal"));
        assert!(said("1.d50").contains("3.0.3 and later"));
        assert!(said("a.10").contains("node id 10,"));
        assert!(said("1:3408").contains("3.0.0 to 3.0.2"));
        assert!(said("10.0.0.11:3408").contains("corosync 2"));
        assert!(said("1/3408").contains("sequence 3408"));
        assert_eq!(explain("vm:100"), None);
        assert_eq!(explain("14"), None);
    }
}
