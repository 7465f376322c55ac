//! How the cluster stands at an instant inside its logs.
//! In: machines that were given every event up to then, and which nodes go on. Out: the same machines, none of which waits for
//! a line to come.
//! Never: learns a state from a line after that instant; names and ids are no state.

use super::{Cluster, Roster};
use crate::model::{Line, Observer, When};

impl Cluster {
    /// Lets it be `now`: what a machine holds back for the next line stands, and what takes too long by now hangs. The time of a
    /// node that does not go on ends with its last line.
    pub fn settle(&mut self, now: When, goes_on: &dyn Fn(Observer) -> bool) {
        let expected = self.configured().map(|known| known.value);
        let sink = &mut self.sink;
        for (observer, node) in &mut self.nodes {
            sink.node = Some(*observer);
            let until = match node.last_heard {
                Some(heard) if !goes_on(*observer) => heard,
                _ => now,
            };
            node.quorum.settle(sink);
            let quorate = node.quorum.quorate();
            node.membership.flush(quorate, expected, sink);
            node.token.tick(until, sink);
            node.filesystem.tick(until, quorate, sink);
        }
        sink.changes.clear();
    }

    /// Takes names and ids from a cluster that was given the same events and those after them.
    pub fn identified_by(&mut self, later: &Roster) {
        self.roster = later.clone();
    }

    /// Since when the HA manager has not seen a node.
    pub fn missed(&self, node: Observer) -> Option<When> {
        self.manager.missed(node)
    }

    /// The line by which the HA manager acknowledged the fence of a node, if it was one that was not planned.
    pub fn fence_acknowledged(&self, node: Observer) -> Option<(When, Line)> {
        self.manager.acknowledgement(node)
    }
}
