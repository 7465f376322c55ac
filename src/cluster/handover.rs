//! Locks that go from one node to another: nobody has one before it was lost or given back.
//! In: HA's lines of locks, of every host. Out: pairs of stamps of which the first is certainly not the later one.
//! Never: pairs lines where a lock was lost or taken more than once; then it is not clear which belong together.

// Sources: pve-ha-manager src/PVE/HA/Env/PVE2.pm, CRM.pm and NodeStatus.pm. A lock lives in /etc/pve: it is free when its holder
// gave it back, or 120 s after the holder refreshed it last, and a holder says that it lost it long before that.

use super::clocks::Whose;
use crate::event::ha::Ha;
use crate::event::message::Field;
use crate::event::pve_ha_crm::PveHaCrm;
use crate::event::{Event, Kind};
use crate::model::Timestamp;
use std::collections::BTreeMap;

const MANAGER: &str = "ha_manager_lock";
/// Stamps of one lock that are kept: more than one of a kind are one too many already.
const KEPT: usize = 8;

type Stamps = Vec<(Whose, Timestamp)>;

/// What every host says of every lock.
#[derive(Debug, Default)]
pub struct Handovers {
    /// Who lost it or gave it back, and who took it.
    of_lock: BTreeMap<String, (Stamps, Stamps)>,
}

/// A stamp of one host, and one of another that is not earlier.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    /// Whether it is the lock of the node that lost it: another takes that only as proof of a fence.
    pub fence: bool,
    /// Who lost the lock, and when by its own clock.
    pub lost: (Whose, Timestamp),
    /// Who took it, and when by its own clock.
    pub taken: (Whose, Timestamp),
}

impl Handovers {
    /// Takes one event.
    pub fn take(&mut self, event: &Event, whose: &Whose, own: Timestamp) {
        let (lock, taken) = match &event.kind {
            Kind::Ha(_, Ha::LockLost { lock, .. }) => (lock.value().to_string(), false),
            Kind::PveHaCrm(PveHaCrm::VoluntaryRelease {}) => (MANAGER.to_owned(), false),
            Kind::Ha(_, Ha::LockAcquired { lock }) => (lock.value().to_string(), true),
            _ => return,
        };
        let (losses, gains) = self.of_lock.entry(lock).or_default();
        let stamps = if taken { gains } else { losses };
        if stamps.len() < KEPT {
            stamps.push((whose.clone(), own));
        }
    }

    /// Every hand-over that is told by one loss and one gain.
    pub fn certain(&self) -> Vec<Handover> {
        let pairs = self.of_lock.iter();
        let only = pairs.filter_map(|(lock, (losses, gains))| match (&losses[..], &gains[..]) {
            ([lost], [taken]) if lost.0 != taken.0 => Some(Handover {
                fence: lock != MANAGER,
                lost: lost.clone(),
                taken: taken.clone(),
            }),
            _ => None,
        });
        only.collect()
    }
}
