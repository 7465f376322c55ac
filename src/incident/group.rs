//! Which findings belong to one story, and which caused which.
//! In: matches in order of their beginning, with the kinds that each explains. Out: groups with causes.
//! Never: joins what neither a cause nor a shared time joins.

use crate::model::{Severity, Span, When};
use crate::pattern::form::Form;
use crate::pattern::{Match, Outcome};

/// An effect begins at most this long after its cause: a fence is acknowledged some two minutes after the quorum was lost.
const CAUSE_S: f64 = 240.0;
/// What is over explains only what begins right then: a link that was up again cannot lose a token later.
const OVER_S: f64 = 30.0;
/// Findings whose spans lie this close belong to one story.
const TOGETHER_S: f64 = 120.0;
/// A cause may be logged this much after its effect: different daemons, different clocks.
const LATE_S: f64 = 15.0;

/// One story.
#[derive(Debug, Clone)]
pub struct Group {
    /// Indices of its matches, in order of their beginning.
    pub members: Vec<usize>,
}

/// For every match the indices of those that caused it, the nearest first, at most three.
pub fn causes(matches: &[Match]) -> Vec<Vec<usize>> {
    (0..matches.len())
        .map(|effect| {
            let mut found: Vec<usize> = (0..matches.len())
                .filter(|cause| *cause != effect && explains(&matches[*cause], &matches[effect]))
                .filter(|cause| !(explains(&matches[effect], &matches[*cause]) && *cause > effect))
                .collect();
            // The nearest of a kind, and the same node's own before a peer's.
            found.sort_by_key(|cause| {
                let same_node = matches[*cause].node == matches[effect].node;
                (!same_node, std::cmp::Reverse(matches[*cause].began.order))
            });
            let mut kinds = Vec::new();
            found.retain(|cause| {
                let kind = matches[*cause].pattern.id().to_owned();
                let new = !kinds.contains(&kind);
                kinds.push(kind);
                new
            });
            found.truncate(3);
            found
        })
        .collect()
}

/// Whether one match may have caused another: its kind explains the other's, and the times allow it.
fn explains(cause: &Match, effect: &Match) -> bool {
    let kind = effect.pattern.id();
    if !cause.pattern.explains.iter().any(|word| word == kind) {
        return false;
    }
    let begins_before = match effect.began.since(cause.began) {
        Some(span) => span.seconds() >= -LATE_S,
        None => cause.began.order <= effect.began.order.saturating_add(20),
    };
    let reach_s = if cause.ended.is_some() {
        OVER_S
    } else {
        CAUSE_S
    };
    let near = match effect.began.since(end(cause)) {
        Some(span) => span.seconds() <= reach_s,
        None => true,
    };
    begins_before && near
}

/// Stories: what a cause joins, and what happens at the same time. Findings that are no fault join a story that they
/// explain or are explained by, and make none.
pub fn groups(matches: &[Match], causes: &[Vec<usize>]) -> Vec<Group> {
    let mut parent: Vec<usize> = (0..matches.len()).collect();
    let loud = |n: usize| matches[n].severity > Severity::Info;
    for (effect, list) in causes.iter().enumerate() {
        for cause in list {
            if loud(effect) && loud(*cause) {
                join(&mut parent, effect, *cause);
            }
        }
    }
    // Matches come in order of their beginning, so what overlaps a later one overlaps the latest end so far.
    let mut open: Option<(usize, When)> = None;
    for n in (0..matches.len()).filter(|n| loud(*n)) {
        let until = end(&matches[n]);
        open = Some(match open {
            Some((holder, latest)) if together(latest, matches[n].began) => {
                join(&mut parent, holder, n);

                if later_than(until, latest) {
                    (n, until)
                } else {
                    (holder, latest)
                }
            }
            _ => (n, until),
        });
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut index: Vec<Option<usize>> = vec![None; matches.len()];
    for n in (0..matches.len()).filter(|n| loud(*n)) {
        let root = find(&mut parent, n);
        match index[root] {
            Some(group) => groups[group].members.push(n),
            None => {
                index[root] = Some(groups.len());
                groups.push(Group { members: vec![n] });
            }
        }
    }
    groups
}

/// When a match ended, or was last seen.
pub fn end(of: &Match) -> When {
    of.ended.unwrap_or(of.latest)
}

/// Whether a match was still going on when the log ended. A span says so itself. What counts signs goes on while their
/// rhythm is not broken: when the log ends sooner after the latest sign than two of them are apart on the average.
pub fn goes_on(found: &Match, log_end: When) -> bool {
    if found.outcome != Outcome::LogEnded {
        return false;
    }
    let Form::Count(_) = &found.pattern.form else {
        return true;
    };
    let gaps = found.count.saturating_sub(1).max(1) as f64;
    let (whole, since) = match (found.latest.since(found.began), log_end.since(found.latest)) {
        (Some(whole), Some(since)) => (whole.seconds(), since.seconds()),
        _ => (
            found.latest.order.saturating_sub(found.began.order) as f64,
            log_end.order.saturating_sub(found.latest.order) as f64,
        ),
    };
    since <= 2.0 * whole / gaps
}

fn together(latest_end: When, begins: When) -> bool {
    begins
        .since(latest_end)
        .is_none_or(|gap| gap <= Span::from_secs(TOGETHER_S as i64))
}

fn later_than(a: When, b: When) -> bool {
    match a.since(b) {
        Some(span) => span.0 > 0,
        None => a.order > b.order,
    }
}

fn find(parent: &mut [usize], mut n: usize) -> usize {
    while parent[n] != n {
        parent[n] = parent[parent[n]];
        n = parent[n];
    }
    n
}

fn join(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(parent, a), find(parent, b));
    // The earlier one stays the root, so that groups keep the order of their beginning.
    parent[a.max(b)] = a.min(b);
}
