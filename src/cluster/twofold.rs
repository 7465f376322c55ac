//! What was done twice: two HA masters at once, a guest on two nodes, a node that lives on behind its fence.
//! In: what nodes say of masters and starts, which nodes face each other, memberships. Out: `twofold.*`.
//! Never: goes by clocks alone; two that are quorate apart, or a ring that both name, stand behind every claim.

use super::membership::Formed;
use super::outage::GuestMove;
use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::corosync::{Corosync, main::Main};
use crate::event::pve_ha_crm::{CrmState, PveHaCrm};
use crate::model::{Basis, Line, Observer, When};
use std::collections::{BTreeMap, BTreeSet};

/// Guests whose starts are remembered.
const GUESTS_MAX: usize = 10_000;

/// Who does what at the moment.
#[derive(Debug, Default)]
pub struct Twofold {
    masters: BTreeMap<Observer, Line>,
    /// Where guests were started and not stopped, as far as lines tell.
    runs: BTreeMap<String, BTreeMap<Observer, Line>>,
    /// The first line of a node since its last boot, or since its corosync started.
    since: BTreeMap<Observer, When>,
    /// What was told of which pair, until they meet again.
    told: BTreeSet<(Observer, Observer, Option<String>)>,
    lived: BTreeSet<(Observer, u64)>,
    /// The latest ring of each node, and when it was formed.
    rings: BTreeMap<Observer, (When, u64)>,
    /// The last ring of a node before the fence that was acknowledged then.
    before: BTreeMap<(Observer, u64), u64>,
}

impl Twofold {
    /// Takes one event. `rivals` are the nodes that are quorate in a component of their own while this one is, too.
    pub fn step(
        &mut self,
        seen: &Seen<'_>,
        moved: Option<(&str, GuestMove)>,
        rivals: &[Observer],
        call: impl Fn(Observer) -> String,
        out: &mut Sink,
    ) {
        let node = seen.node;
        self.since.entry(node).or_insert(seen.when);
        match &seen.event.kind {
            Kind::Corosync(Corosync::Main(Main::Starting { .. })) => {
                self.since.insert(node, seen.when);
            }
            Kind::PveHaCrm(PveHaCrm::StatusChange { to, .. }) => {
                self.masters.remove(&node);
                if *to == CrmState::Master {
                    self.masters.insert(node, seen.line());
                }
            }
            _ => {}
        }
        let started = match moved {
            Some((guest, GuestMove::Started)) => self.start(guest.to_owned(), seen, rivals),
            Some((guest, _)) => {
                self.stop(guest, node);
                None
            }
            None => None,
        };
        for rival in rivals {
            self.compare(seen, *rival, started.as_deref(), &call, out);
        }
    }

    /// The node booted: nothing of it runs.
    pub fn booted(&mut self, node: Observer, when: When) {
        self.masters.remove(&node);
        for places in self.runs.values_mut() {
            places.remove(&node);
        }
        self.runs.retain(|_, places| !places.is_empty());
        self.since.insert(node, when);
        self.told.retain(|(a, b, _)| *a != node && *b != node);
    }

    /// A node formed a ring.
    ///
    /// Returns whether it now meets others again after its fence was acknowledged, and did not boot between; once for each fence.
    /// That no line shows a boot is not enough: the lines may be left out. Every start of corosync adds 1 to the sequence of
    /// its ring and every round adds 4, so the ring tells too.
    pub fn formed(&mut self, node: Observer, formed: &Formed, acknowledged: Option<When>) -> bool {
        let sequence = formed.ring.as_ref().map(|ring| ring.sequence);
        let latest = match sequence {
            Some(sequence) => self.rings.insert(node, (formed.when, sequence)),
            None => self.rings.get(&node).copied(),
        };
        if formed.first || formed.joined.is_empty() {
            return self.lives(node, latest, acknowledged, None);
        }
        self.told.retain(|(a, b, _)| *a != node && *b != node);
        self.lives(node, latest, acknowledged, Some((formed.when, sequence)))
    }

    fn lives(
        &mut self,
        node: Observer,
        latest: Option<(When, u64)>,
        acknowledged: Option<When>,
        met: Option<(When, Option<u64>)>,
    ) -> bool {
        let Some(acknowledged) = acknowledged else {
            return false;
        };
        let fence = (node, acknowledged.order);
        if let Some((when, sequence)) = latest
            && when.order < acknowledged.order
        {
            self.before.insert(fence, sequence);
        }
        let Some((when, Some(sequence))) = met else {
            return false;
        };
        let since = self.since.get(&node).map(|when| when.order);
        let same_life = since.is_some_and(|since| since < acknowledged.order);
        let rounds = self
            .before
            .get(&fence)
            .and_then(|before| sequence.checked_sub(*before));
        same_life
            && acknowledged.order < when.order
            && rounds.is_some_and(|rounds| rounds.is_multiple_of(4))
            && self.lived.insert(fence)
    }

    /// Whether a node is known to have lived through a fence that was acknowledged between these two.
    pub fn lived_through(&self, node: Observer, from: When, to: When) -> bool {
        let between = (node, from.order)..=(node, to.order);
        self.lived.range(between).next().is_some()
    }

    fn compare(
        &mut self,
        seen: &Seen<'_>,
        rival: Observer,
        started: Option<&str>,
        call: &impl Fn(Observer) -> String,
        out: &mut Sink,
    ) {
        let node = seen.node;
        let pair = (node.min(rival), node.max(rival));
        let both =
            |call: &dyn Fn(Observer) -> String| format!("{} and {}", call(pair.0), call(pair.1));
        if let (Some(mine), Some(theirs)) = (self.masters.get(&node), self.masters.get(&rival))
            && self.told.insert((pair.0, pair.1, None))
        {
            let lines = vec![theirs.clone(), mine.clone(), seen.line()];
            let masters = both(call);
            let change = ChangeKind::TwoMasters { masters };
            out.push_cluster(seen.when, Basis::Inferred, change, lines);
        }
        if let Some(guest) = started
            && let Some(theirs) = self.runs.get(guest).and_then(|places| places.get(&rival))
            && self.told.insert((pair.0, pair.1, Some(guest.to_owned())))
        {
            let lines = vec![theirs.clone(), seen.line()];
            let change = ChangeKind::RunsTwice {
                guest: guest.to_owned(),
                places: both(call),
            };
            out.push_cluster(seen.when, Basis::Inferred, change, lines);
        }
    }

    /// Wherever a guest ran before, only in another quorate part it may run on.
    fn start(&mut self, guest: String, seen: &Seen<'_>, rivals: &[Observer]) -> Option<String> {
        if self.runs.len() >= GUESTS_MAX && !self.runs.contains_key(&guest) {
            return None;
        }
        let places = self.runs.entry(guest.clone()).or_default();
        places.retain(|node, _| rivals.contains(node));
        places.insert(seen.node, seen.line());
        Some(guest)
    }

    fn stop(&mut self, guest: &str, node: Observer) {
        if let Some(places) = self.runs.get_mut(guest) {
            places.remove(&node);
            if places.is_empty() {
                self.runs.remove(guest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cluster::{ChangeKind, Cluster};
    use crate::model::When;
    use crate::run::examples;

    fn told(log: &str) -> Vec<ChangeKind> {
        let mut cluster = Cluster::default();
        let mut changes = Vec::new();
        for (n, event) in examples::events(log).iter().enumerate() {
            let when = When {
                at: event.at,
                order: n as u64 + 1,
            };
            cluster.step(event, when, &mut changes);
        }
        let twofold = |kind: &ChangeKind| {
            matches!(
                kind,
                ChangeKind::TwoMasters { .. }
                    | ChangeKind::RunsTwice { .. }
                    | ChangeKind::FencedLives { .. }
            )
        };
        let kinds = changes.into_iter().map(|change| change.kind);
        kinds.filter(twofold).collect()
    }

    #[test]
    fn a_master_that_another_follows_and_a_guest_that_moved_are_not_twice() {
        let log = "\
Mar 03 09:00:00 elm pve-ha-crm[930]: status change slave => master
Mar 03 09:01:00 elm pve-ha-lrm[960]: service status vm:104 started
Mar 03 10:00:08 oak corosync[745]:   [QUORUM] Sync members[2]: 2 3
Mar 03 10:00:08 oak corosync[745]:   [TOTEM ] A new membership (2.2b4) was formed. Members left: 1
Mar 03 10:00:08 oak corosync[745]:   [TOTEM ] Failed to receive the leave message. failed: 1
Mar 03 10:00:08 oak corosync[745]:   [QUORUM] Members[2]: 2 3
Mar 03 10:00:08 oak corosync[745]:   [MAIN  ] Completed service synchronization, ready to provide service.
Mar 03 10:02:12 oak pve-ha-crm[918]: status change slave => master
Mar 03 10:03:31 oak pve-ha-lrm[941]: service status vm:104 started
";
        assert_eq!(told(log), []);
    }

    #[test]
    fn who_rejoins_after_its_corosync_started_anew_is_not_said_to_have_lived() {
        let fenced = "\
Mar 03 09:00:00 elm corosync[812]:   [TOTEM ] A new membership (1.2b0) was formed. Members
Mar 03 10:02:20 oak pve-ha-crm[930]: fencing: acknowledged - got agent lock for node 'elm'
";
        let again = "\
Mar 03 10:09:00 elm corosync[912]:   [MAIN  ] Corosync Cluster Engine 3.1.9 starting up
";
        let joins = "\
Mar 03 10:09:08 elm corosync[812]:   [TOTEM ] A new membership (1.2b8) was formed. Members joined: 2 3
Mar 03 10:09:08 elm corosync[812]:   [QUORUM] Members[3]: 1 2 3
Mar 03 10:09:08 elm corosync[812]:   [MAIN  ] Completed service synchronization, ready to provide service.
";
        assert_eq!(told(&format!("{fenced}{again}{joins}")), []);
        assert_eq!(told(&format!("{fenced}{joins}")).len(), 1);
        // The line of the start is left out, and the ring has counted it.
        let counted = joins.replace("1.2b8", "1.2b9");
        assert_eq!(told(&format!("{fenced}{counted}")), []);
    }
}
