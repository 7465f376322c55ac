//! Putting a small input in the order of time.
//! In: all events of one input in the order of its lines. Out: the same events in the order in which they happened.
//! Never: reorders what one host said, but for a log that is newest first as a whole.

use crate::event::corosync::{Corosync, quorum::Quorum};
use crate::event::ha::Ha;
use crate::event::journald::Journald;
use crate::event::kernel::Kernel;
use crate::event::pmxcfs::Pmxcfs;
use crate::event::{Event, Kind};
use crate::model::{Name, Timestamp};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What had to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arranged {
    /// Nothing.
    AsRead,
    /// It was newest first.
    Reversed,
    /// Blocks of hosts were merged by time.
    ByHost,
}

/// Steps backwards, without one forwards, that make a log newest first; a single one may be a clock that was set.
const STEPS_BACK: usize = 2;

/// Arranges the events of one input.
pub fn arrange(mut events: Vec<Event>) -> (Vec<Event>, Arranged) {
    let steps = Steps::of(events.iter().filter(|e| !is_last_line(e)).map(|e| e.at));
    if steps.back == 0 {
        return (events, Arranged::AsRead);
    }
    if steps.newest_first() || (steps.forth == 0 && told_backwards(&events)) {
        // What was taken for the last line before something is the first one behind it.
        events.retain(|event| !is_last_line(event));
        events.reverse();
        return (events, Arranged::Reversed);
    }
    let order = merged(&events);
    if order.iter().enumerate().all(|(n, index)| n == *index) {
        return (events, Arranged::AsRead);
    }
    let mut taken: Vec<Option<Event>> = events.into_iter().map(Some).collect();
    let arranged = order
        .iter()
        .filter_map(|index| taken[*index].take())
        .collect();
    (arranged, Arranged::ByHost)
}

/// Drops what is said of a watchdog without stamp, host and pid in a log whose other lines have stamps: people quote in such
/// words what they looked for, or read of elsewhere, and a fence must not rest on that. Where those lines leave a node without
/// quorum or its lock, it may well be what that came to, and stays. Returns how many were dropped.
pub fn drop_quotations(events: &mut Vec<Event>) -> usize {
    let quoted = |event: &Event| {
        let bare = event.at.is_none() && event.host.is_none() && event.pid.is_none();
        // A time without a date is no stamp either.
        let undated = !event.text.head().contains(|c: char| c.is_ascii_digit());
        bare && undated && matches!(event.kind, Kind::WatchdogMux(_))
    };
    let stamped = events.iter().any(|event| event.at.is_some());
    if !stamped || !events.iter().any(quoted) || ends_unfed(events) {
        return 0;
    }
    let before = events.len();
    events.retain(|event| !quoted(event));
    before - events.len()
}

/// Whether quorum or a lock was lost and not regained when a boot begins or the log ends: a watchdog may have gone unfed.
fn ends_unfed(events: &[Event]) -> bool {
    let mut lost = false;
    for event in events {
        match &event.kind {
            Kind::Corosync(Corosync::Quorum(Quorum::NonPrimary {}))
            | Kind::Pmxcfs(_, Pmxcfs::QuorumLost {})
            | Kind::Ha(_, Ha::LockLost { .. }) => lost = true,
            Kind::Corosync(Corosync::Quorum(Quorum::Primary {}))
            | Kind::Pmxcfs(_, Pmxcfs::QuorumGained {})
            | Kind::Ha(_, Ha::LockAcquired { .. }) => lost = false,
            Kind::Journald(Journald::BootMarker { .. })
            | Kind::Kernel(Kernel::LinuxVersion { .. })
                if lost =>
            {
                return true;
            }
            _ => {}
        }
    }
    lost
}

/// The last line before a boot stands right before it, and in a log of several hosts behind later lines of others.
pub fn is_last_line(event: &Event) -> bool {
    matches!(event.kind, Kind::Journald(Journald::LastLine { .. }))
}

/// How often stamps go backwards and forwards.
#[derive(Default)]
struct Steps {
    back: usize,
    forth: usize,
}

impl Steps {
    fn of(stamps: impl Iterator<Item = Option<Timestamp>>) -> Steps {
        let mut steps = Steps::default();
        let mut last = None;
        for at in stamps.flatten() {
            steps.back += usize::from(last.is_some_and(|last| at < last));
            steps.forth += usize::from(last.is_some_and(|last| at > last));
            last = Some(at);
        }
        steps
    }

    fn newest_first(&self) -> bool {
        self.forth == 0 && self.back >= STEPS_BACK
    }
}

/// Steps of one round of a daemon, which it says in this order: where the stamps of a short log are too coarse to tell, these
/// do. Sources: corosync exec/sync.c and exec/totemsrp.c, pve-cluster src/dfsm.c.
const ROUNDS: [[&str; 2]; 6] = [
    ["corosync.token-warning", "corosync.token-lost"],
    ["corosync.sync-members", "corosync.membership-formed"],
    ["corosync.membership-formed", "corosync.sync-done"],
    ["corosync.link-up", "corosync.mtu-reset"],
    ["pmxcfs.sync-start", "pmxcfs.all-states"],
    ["pmxcfs.initialize-failed", "pmxcfs.cant-initialize"],
];

/// Whether the rounds of daemons run backwards. Two rounds one after the other hold a step of each direction, hence a majority.
fn told_backwards(events: &[Event]) -> bool {
    let mut forth = 0;
    let mut back = 0;
    for [first, then] in ROUNDS {
        let mut last = None;
        for name in events.iter().map(|event| event.kind.name()) {
            if name != first && name != then {
                continue;
            }
            match last {
                Some(before) if before == first && name == then => forth += 1,
                Some(before) if before == then && name == first => back += 1,
                Some(_) | None => {}
            }
            last = Some(name);
        }
    }
    back > forth
}

/// Whose lines belong together. The table of `last` is a log of its own, newest first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Lane {
    host: Option<Name>,
    wtmp: bool,
}

/// The indices of `events` in the order of time: each host's own lines as they are, hosts merged by their stamps.
fn merged(events: &[Event]) -> Vec<usize> {
    let mut lanes: BTreeMap<Lane, Vec<usize>> = BTreeMap::new();
    let mut lane = None;
    for (index, event) in events.iter().enumerate() {
        let own = Lane {
            host: event.host.clone(),
            wtmp: matches!(event.kind, Kind::Last(_)),
        };
        // A line that names no host goes with the line before it.
        let speaks = own.host.is_some() || own.wtmp || lane.is_none();
        let chosen = match (speaks, lane) {
            (false, Some(lane)) => lane,
            (true, _) | (_, None) => own,
        };
        lanes.entry(chosen.clone()).or_default().push(index);
        lane = Some(chosen);
    }
    let keys = carried(events);
    let mut queues: Vec<std::vec::IntoIter<(Timestamp, usize)>> = Vec::new();
    for mut indices in lanes.into_values() {
        if Steps::of(indices.iter().map(|i| events[*i].at)).newest_first() {
            indices.reverse();
        }
        let first = indices.iter().find_map(|i| events[*i].at);
        let mut key = first.unwrap_or(Timestamp(i64::MIN));
        let keyed: Vec<(Timestamp, usize)> = indices
            .into_iter()
            .map(|index| {
                // A lane without any stamp goes by the lines around it.
                let stamp = if first.is_some() {
                    events[index].at
                } else {
                    keys[index]
                };
                key = key.max(stamp.unwrap_or(key));
                (key, index)
            })
            .collect();
        queues.push(keyed.into_iter());
    }
    let mut heads: BinaryHeap<Reverse<(Timestamp, usize, usize)>> = BinaryHeap::new();
    let push = |heads: &mut BinaryHeap<_>,
                queues: &mut Vec<std::vec::IntoIter<(Timestamp, usize)>>,
                lane: usize| {
        if let Some((key, index)) = queues[lane].next() {
            heads.push(Reverse((key, index, lane)));
        }
    };
    for lane in 0..queues.len() {
        push(&mut heads, &mut queues, lane);
    }
    let mut order = Vec::with_capacity(events.len());
    while let Some(Reverse((_, index, lane))) = heads.pop() {
        order.push(index);
        push(&mut heads, &mut queues, lane);
    }
    order
}

/// The stamp of each event, or the latest one before it.
fn carried(events: &[Event]) -> Vec<Option<Timestamp>> {
    let mut last = None;
    events
        .iter()
        .map(|event| {
            last = event.at.or(last);
            last
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::kernel::Kernel;
    use crate::model::{Place, SourceId};

    /// Events from `host second` pairs, `-` for none.
    fn events(rows: &[(&str, &str)]) -> Vec<Event> {
        let event = |(line, (host, second)): (usize, &(&str, &str))| Event {
            at: second.parse().ok().map(Timestamp::from_seconds),
            host: (*host != "-").then(|| Name::from(*host)),
            place: Place {
                source: SourceId(0),
                line: line as u64,
            },
            program: Name::from("kernel"),
            pid: None,
            boot: None,
            repeat: 1,
            kind: Kind::Kernel(Kernel::PowerDown {}),
            text: "".into(),
        };
        rows.iter().enumerate().map(event).collect()
    }

    fn check(rows: &[(&str, &str)], want: &[u64], arranged: Arranged) {
        let (events, how) = arrange(events(rows));
        let lines: Vec<u64> = events.iter().map(|e| e.place.line).collect();
        assert_eq!((lines.as_slice(), how), (want, arranged), "{rows:?}");
    }

    #[test]
    fn a_log_in_order_stays() {
        check(
            &[("a", "1"), ("-", "-"), ("b", "1"), ("a", "2")],
            &[0, 1, 2, 3],
            Arranged::AsRead,
        );
    }

    #[test]
    fn a_log_that_is_newest_first_is_turned() {
        check(
            &[("a", "3"), ("a", "2"), ("a", "2"), ("a", "1")],
            &[3, 2, 1, 0],
            Arranged::Reversed,
        );
    }

    #[test]
    fn a_clock_that_was_set_back_turns_nothing() {
        check(&[("a", "5"), ("a", "3")], &[0, 1], Arranged::AsRead);
        check(
            &[("a", "5"), ("a", "3"), ("a", "4")],
            &[0, 1, 2],
            Arranged::AsRead,
        );
    }

    #[test]
    fn blocks_of_hosts_are_merged() {
        check(
            &[
                ("b", "10"),
                ("b", "12"),
                ("-", "-"),
                ("a", "9"),
                ("a", "11"),
                ("a", "12"),
            ],
            &[3, 0, 4, 1, 2, 5],
            Arranged::ByHost,
        );
    }

    #[test]
    fn a_host_that_is_out_of_order_keeps_its_own() {
        check(
            &[("b", "10"), ("b", "8"), ("b", "11"), ("a", "9")],
            &[3, 0, 1, 2],
            Arranged::ByHost,
        );
    }
}
