//! Who saw whom at an instant, which of these groups had quorum, and what one node more or less would have done.
//! In: the views of all nodes at that instant. Out: `Component`s with their arithmetic in sentences.
//! Never: counts a view that is older than a ring without its node, nor a vote that is not one node's.

use super::moment::{Life, Material, Sign, Told, Who};
use crate::cluster::{Known, Node};
use crate::model::{Basis, NodeId, Observer, Timestamp, Value};
use serde::Serialize;
use std::collections::BTreeSet;

/// The lines of one ring come within this time, in seconds: until then what was said of the ring before says nothing of it.
const FORMING_S: f64 = 2.0;

/// Nodes that saw the same members.
#[derive(Clone, Debug, Serialize)]
pub struct Component {
    /// Its members, by name or id.
    pub members: Vec<String>,
    /// The nodes whose logs tell it.
    pub seen_by: Vec<String>,
    /// Its ring.
    pub ring: Option<String>,
    /// Since when, by the first node that saw it.
    pub since: Option<Timestamp>,
    /// Whether it was quorate.
    pub quorate: Told,
    /// Its votes: one for each member.
    pub present: u32,
    /// Votes beyond those needed; negative without quorum.
    pub margin: Option<i64>,
    /// Nodes that were missing from it, by name or id.
    pub absent: Vec<String>,
    /// Who would have been enough for quorum; null where there was quorum, or nobody knows.
    pub enough: Option<String>,
    /// What one more failure would have done.
    pub next_failure: Option<String>,
}

/// What one node saw.
pub(super) struct View {
    observer: Observer,
    members: BTreeSet<NodeId>,
    ring: Option<String>,
    since: Option<Timestamp>,
}

/// Every view that still stood.
pub(super) struct Views {
    views: Vec<View>,
}

impl Views {
    /// The views at the instant of `material`.
    pub(super) fn of(material: &Material<'_>) -> Views {
        let all = material.then.nodes();
        let mut views: Vec<(View, Life)> = all
            .filter(|(observer, node)| {
                material.life(*observer) != Life::Down && !is_without_corosync(node)
            })
            .filter_map(|(observer, node)| {
                let formed = node.membership.current()?;
                let view = View {
                    observer,
                    members: formed.members.clone()?,
                    ring: formed.ring.as_ref().map(ToString::to_string),
                    since: formed.when.at,
                };
                Some((view, material.life(observer)))
            })
            .collect();
        let stale: Vec<Observer> = views
            .iter()
            .filter(|(view, life)| *life == Life::Silent && is_overtaken(view, &views, material))
            .map(|(view, _)| view.observer)
            .collect();
        views.retain(|(view, _)| !stale.contains(&view.observer));
        Views {
            views: views.into_iter().map(|(view, _)| view).collect(),
        }
    }

    /// Whether a node's own view is among them.
    pub(super) fn holds(&self, observer: Observer) -> bool {
        self.views.iter().any(|view| view.observer == observer)
    }

    /// The different sets of members, in the order of their lowest ids.
    fn sets(&self) -> BTreeSet<&BTreeSet<NodeId>> {
        self.views.iter().map(|view| &view.members).collect()
    }

    fn seeing<'v>(&'v self, members: &'v BTreeSet<NodeId>) -> impl Iterator<Item = &'v View> {
        self.views
            .iter()
            .filter(move |view| view.members == *members)
    }
}

/// Whether a silent node's view is older than a ring of others without it.
fn is_overtaken(view: &View, all: &[(View, Life)], material: &Material<'_>) -> bool {
    let Some(id) = material.then.roster.id(view.observer) else {
        return false;
    };
    let heard = material
        .then
        .node(view.observer)
        .and_then(|node| node.last_heard?.at);
    all.iter()
        .any(|(other, _)| !other.members.contains(&id) && other.since > heard)
}

/// A node whose corosync is gone sees nobody, whatever its last ring was.
pub(super) fn is_without_corosync(node: &Node) -> bool {
    let gone = node.filesystem.corosync_gone_since();
    let ring = node.membership.current().map(|formed| formed.when.order);
    gone.is_some_and(|gone| ring.is_none_or(|ring| ring < gone.order))
}

/// The components, with what each of them could do.
pub(super) fn of(
    views: &Views,
    who: &[Who],
    configured: Option<&Known<u32>>,
    material: &Material<'_>,
) -> Vec<Component> {
    let sets = views.sets().into_iter();
    sets.map(|members| component(members, views, who, configured, material))
        .collect()
}

fn component(
    members: &BTreeSet<NodeId>,
    views: &Views,
    who: &[Who],
    configured: Option<&Known<u32>>,
    material: &Material<'_>,
) -> Component {
    let present = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let margin = configured.map(|known| i64::from(present) - i64::from(known.value / 2 + 1));
    let absent: Vec<String> = who
        .iter()
        .filter_map(|one| one.id)
        .filter(|id| !members.contains(id))
        .map(|id| material.call(id))
        .collect();
    let quorate = quorate_of(members, views, margin, material);
    let roster = &material.then.roster;
    let rings: BTreeSet<&String> = views
        .seeing(members)
        .filter_map(|view| view.ring.as_ref())
        .collect();
    Component {
        members: members.iter().map(|id| material.call(*id)).collect(),
        seen_by: views
            .seeing(members)
            .map(|view| roster.call(view.observer))
            .collect(),
        ring: match rings.len() {
            1 => rings.first().map(ToString::to_string),
            _ => None,
        },
        since: views.seeing(members).filter_map(|view| view.since).min(),
        present,
        margin,
        enough: enough(&quorate, margin, present, configured, &absent),
        next_failure: next_failure(&quorate, margin, present),
        absent,
        quorate,
    }
}

/// Whether a node was quorate: by its own lines, by those of a node in the same ring, or by the votes that it saw.
pub(super) fn quorate(
    observer: Observer,
    node: &Node,
    views: &Views,
    margin: Option<i64>,
    material: &Material<'_>,
) -> Told {
    if is_without_corosync(node) {
        let since = node.filesystem.corosync_gone_since();
        return Told {
            value: false.into(),
            basis: Some(Basis::Inferred),
            since: since.and_then(|when| when.at),
            because: Some("its corosync was not running".to_owned()),
        };
    }
    if let Some(own) = own_word(node, margin, material) {
        return own;
    }
    let ring = node
        .membership
        .current()
        .and_then(|formed| formed.ring.as_ref())
        .map(ToString::to_string);
    let in_ring = views
        .views
        .iter()
        .filter(|view| ring.is_some() && view.ring == ring && view.observer != observer)
        .filter_map(|view| {
            let other = material.then.node(view.observer)?;
            let word = own_word(other, margin, material)?;
            (word.basis == Some(Basis::Stated)).then_some((view.observer, word))
        });
    if let Some((other, word)) = in_ring.into_iter().next() {
        let name = material.then.roster.call(other);
        return Told {
            value: word.value,
            basis: Some(Basis::Inferred),
            since: None,
            because: Some(format!("a line of {name}, in the same ring, says so")),
        };
    }
    by_votes(margin)
}

/// What a node's own lines say of quorum.
fn own_word(node: &Node, margin: Option<i64>, material: &Material<'_>) -> Option<Told> {
    let quorate = node.quorum.quorate()?;
    let since = node.quorum.since();
    let formed = node.membership.current().map(|formed| formed.when);
    // A ring that has just lost too many is about to be called non-primary.
    let forming = formed.is_some_and(|formed| {
        since.is_none_or(|since| since.order < formed.order)
            && material.before_s(formed.at).is_some_and(|s| s < FORMING_S)
    });
    if forming && quorate && margin.is_some_and(|margin| margin < 0) {
        return None;
    }
    Some(Told {
        value: quorate.into(),
        basis: Some(if since.is_some() {
            Basis::Stated
        } else {
            Basis::Inferred
        }),
        since: since.and_then(|when| when.at),
        because: since
            .is_none()
            .then(|| "it did work that needs quorum".to_owned()),
    })
}

fn by_votes(margin: Option<i64>) -> Told {
    match margin {
        Some(margin) => Told {
            value: (margin >= 0).into(),
            basis: Some(Basis::Inferred),
            since: None,
            because: Some("by its votes; no line of its own says it".to_owned()),
        },
        None => Told::default(),
    }
}

fn quorate_of(
    members: &BTreeSet<NodeId>,
    views: &Views,
    margin: Option<i64>,
    material: &Material<'_>,
) -> Told {
    let mut words: Vec<Told> = views
        .seeing(members)
        .filter_map(|view| material.then.node(view.observer))
        .filter_map(|node| own_word(node, margin, material))
        .collect();
    words.sort_by_key(|word| (word.basis, word.since));
    let Some(first) = words.first() else {
        return by_votes(margin);
    };
    if words.iter().any(|word| word.value != first.value) {
        return Told {
            because: Some("its nodes did not say the same".to_owned()),
            ..Told::default()
        };
    }
    first.clone()
}

/// Which absent nodes would have been enough for quorum.
fn enough(
    quorate: &Told,
    margin: Option<i64>,
    present: u32,
    configured: Option<&Known<u32>>,
    absent: &[String],
) -> Option<String> {
    if quorate.value == Value::Bool(true) {
        return None;
    }
    let short = usize::try_from(-margin?).ok().filter(|short| *short > 0)?;
    let all = usize::try_from(configured?.value.saturating_sub(present)).ok()?;
    let unnamed = all.saturating_sub(absent.len());
    let names = listed(absent);
    let others = match unnamed {
        0 => String::new(),
        1 => " (and one that no line names)".to_owned(),
        more => format!(" (and {more} that no line names)"),
    };
    let of = absent.len() + unnamed;
    Some(match (short, absent.len()) {
        (1, 0) => "any one of the absent nodes, which no line names, would have been enough".into(),
        (1, 1) if unnamed == 0 => format!("{names} would have been enough"),
        (1, _) => format!(
            "any one of {}{others} would have been enough",
            absent.join(", ")
        ),
        (_, 0) => format!(
            "{} of the absent nodes were needed; no line names them",
            number(short)
        ),
        _ if short == of && of == 2 => format!("both absent nodes, {names}{others}, were needed"),
        _ if short >= of => format!(
            "all {} absent nodes were needed: {names}{others}",
            number(of)
        ),
        _ => format!(
            "{} of {} absent nodes were needed: {names}{others}",
            number(short),
            number(of)
        ),
    })
}

/// What one more failure would have done.
fn next_failure(quorate: &Told, margin: Option<i64>, present: u32) -> Option<String> {
    let margin = margin?;
    let lonely = present == 1;
    Some(match (&quorate.value, margin) {
        (Value::Bool(true), 0) => "one more failure would have cost quorum".to_owned(),
        (Value::Bool(true), 1..) => match margin - 1 {
            0 => "one more failure would have left it quorate, with no margin".to_owned(),
            left => format!("one more failure would have left it quorate, with margin {left}"),
        },
        (Value::Bool(true), _) => {
            "quorate with fewer votes than were configured: votes were lowered, a quorum device gave one, or two_node is set"
                .to_owned()
        }
        (Value::Bool(false), ..0) if lonely => return None,
        (Value::Bool(false), ..0) => match 1 - margin {
            2 => "one more failure would have left it two votes short".to_owned(),
            short => format!("one more failure would have left it {short} votes short"),
        },
        (Value::Bool(false), _) => {
            "enough votes, and yet without quorum: after a start corosync may wait for all, or more votes are configured than lines tell"
                .to_owned()
        }
        _ => return None,
    })
}

/// Nodes that no view holds.
pub(super) fn elsewhere(views: &Views, who: &[Who], material: &Material<'_>) -> Vec<String> {
    let held: BTreeSet<NodeId> = views.sets().into_iter().flatten().copied().collect();
    if held.is_empty() {
        return Vec::new();
    }
    who.iter()
        .filter_map(|one| one.id)
        .filter(|id| !held.contains(id))
        .map(|id| material.call(id))
        .collect()
}

/// What holds for no single component.
pub(super) fn notes(views: &Views, material: &Material<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let sets = views.sets();
    if sets.is_empty() {
        notes.push("unknown: no line before this tells who saw whom".to_owned());
    }
    let shown = !sets.is_empty();
    let overlap = |a: &BTreeSet<NodeId>| sets.iter().any(|b| a != *b && !a.is_disjoint(b));
    if sets.iter().any(|set| overlap(set)) {
        notes.push("the nodes did not agree on who is a member".to_owned());
    }
    let running = |wanted: &dyn Fn(&Node) -> bool| -> Vec<String> {
        let nodes = material.then.nodes();
        nodes
            .filter(|(observer, node)| wanted(node) && material.life(*observer) == Life::Running)
            .map(|(observer, _)| material.then.roster.call(observer))
            .collect()
    };
    let unsynced =
        running(&|node| node.membership.synced() == Some(false) && !is_without_corosync(node));
    if !unsynced.is_empty() {
        notes.push(format!(
            "not synchronised at {}: quorum there is still that of the ring before",
            listed(&unsynced)
        ));
    }
    let without = running(&|node| node.token.missing());
    if !without.is_empty() {
        let ring = if shown {
            ": what is said of members is of the last ring that was formed"
        } else {
            ""
        };
        notes.push(format!("no token at {}{ring}", listed(&without)));
    }
    notes
}

/// What the rings of others say of a node.
pub(super) fn signs_of_peers(who: &Who, views: &Views, material: &Material<'_>) -> Vec<Sign> {
    let Some(id) = who.id else {
        return Vec::new();
    };
    let mut signs = Vec::new();
    for members in views.sets() {
        let seers: Vec<&View> = views
            .seeing(members)
            .filter(|view| Some(view.observer) != who.observer)
            .collect();
        let names: Vec<String> = seers
            .iter()
            .map(|view| material.then.roster.call(view.observer))
            .collect();
        if names.is_empty() {
            continue;
        }
        let what = match members.contains(&id) {
            true => "in the ring of",
            false => "not in the ring of",
        };
        signs.push(Sign {
            at: seers.iter().filter_map(|view| view.since).min(),
            text: format!("{what} {}", listed(&names)),
            later: false,
        });
    }
    signs
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Small numbers as words.
fn number(n: usize) -> String {
    const WORDS: [&str; 10] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    WORDS
        .get(n)
        .map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(quorate: bool) -> Told {
        Told {
            value: quorate.into(),
            ..Told::default()
        }
    }

    /// Who would have been enough for `present` of `votes`, with these absent nodes known.
    fn enough_of(present: u32, votes: u32, absent: &[&str]) -> Option<String> {
        let margin = i64::from(present) - i64::from(votes / 2 + 1);
        let absent: Vec<String> = absent.iter().map(|name| (*name).to_owned()).collect();
        let configured = Known::stated(votes);
        let quorate = told(margin >= 0);
        enough(&quorate, Some(margin), present, Some(&configured), &absent)
    }

    #[test]
    fn who_would_have_been_enough_is_counted() {
        let cases: [(u32, u32, &[&str], &str); 7] = [
            (
                2,
                5,
                &["a", "b", "c"],
                "any one of a, b, c would have been enough",
            ),
            (
                1,
                5,
                &["a", "b", "c", "d"],
                "two of four absent nodes were needed: a, b, c and d",
            ),
            (1, 2, &["a"], "a would have been enough"),
            (
                1,
                4,
                &["a", "b"],
                "two of three absent nodes were needed: a and b (and one that no line names)",
            ),
            (
                2,
                5,
                &["a"],
                "any one of a (and 2 that no line names) would have been enough",
            ),
            (
                1,
                3,
                &[],
                "any one of the absent nodes, which no line names, would have been enough",
            ),
            (
                1,
                8,
                &[],
                "four of the absent nodes were needed; no line names them",
            ),
        ];
        for (present, votes, absent, wanted) in cases {
            assert_eq!(
                enough_of(present, votes, absent).as_deref(),
                Some(wanted),
                "{present} of {votes}"
            );
        }
        assert_eq!(enough_of(3, 5, &["a", "b"]), None);
    }

    #[test]
    fn one_more_failure_is_counted() {
        let next = |quorate, margin, present| next_failure(&told(quorate), Some(margin), present);
        let cases = [
            (true, 0, 3, "one more failure would have cost quorum"),
            (
                true,
                1,
                3,
                "one more failure would have left it quorate, with no margin",
            ),
            (
                true,
                3,
                8,
                "one more failure would have left it quorate, with margin 2",
            ),
            (
                false,
                -1,
                2,
                "one more failure would have left it two votes short",
            ),
        ];
        for (quorate, margin, present, wanted) in cases {
            assert_eq!(next(quorate, margin, present).as_deref(), Some(wanted));
        }
        assert_eq!(next(false, -1, 1), None);
        let unknown = next_failure(&Told::default(), Some(1), 2);
        assert_eq!(unknown, None);
    }
}
