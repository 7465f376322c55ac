//! Which findings belong to one story, and which caused which.
//! In: matches in order of their beginning, with the kinds that each explains. Out: groups with causes.
//! Never: joins what neither a cause nor a shared time joins.

use crate::model::{Severity, Span, Timestamp, When};
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
    let kinds = Kinds::of(matches);
    let explains = |cause: usize, effect: usize| {
        kinds.explain(cause, effect) && allow(&matches[cause], &matches[effect])
    };
    (0..matches.len())
        .map(|effect| {
            let mut found = kinds.candidates(effect, matches);
            found.retain(|cause| {
                *cause != effect
                    && explains(*cause, effect)
                    && !(explains(effect, *cause) && *cause > effect)
            });
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

/// Which kinds of matches explain which, and where the matches of each are. A log of a year holds thousands of matches: not
/// every one can be asked of every other.
struct Kinds {
    /// The kind of each match, as a number.
    of: Vec<usize>,
    /// Whether a kind explains another.
    explain: Vec<Vec<bool>>,
    /// The matches of each kind, by their beginning, each with the latest end until there; `None` where stamps are missing.
    by_time: Option<Vec<Vec<Placed>>>,
}

/// A match of some kind.
struct Placed {
    index: usize,
    began: Timestamp,
    latest_end: Timestamp,
}

impl Kinds {
    fn of(matches: &[Match]) -> Kinds {
        let mut kinds: Vec<&Match> = Vec::new();
        let mut of = Vec::new();
        for found in matches {
            let id = found.pattern.id();
            let known = kinds.iter().position(|kind| kind.pattern.id() == id);
            of.push(known.unwrap_or(kinds.len()));
            if known.is_none() {
                kinds.push(found);
            }
        }
        let explains = |cause: &Match| -> Vec<bool> {
            let effects = kinds.iter();
            effects
                .map(|effect| cause.pattern.explains.has(effect.pattern.id()))
                .collect()
        };
        let explain = kinds.iter().map(|cause| explains(cause)).collect();
        let by_time = (0..kinds.len())
            .map(|kind| placed(matches, (0..of.len()).filter(|n| of[*n] == kind)))
            .collect();
        Kinds {
            of,
            explain,
            by_time,
        }
    }

    fn explain(&self, cause: usize, effect: usize) -> bool {
        self.explain[self.of[cause]][self.of[effect]]
    }

    /// The matches that may have caused one, as far as kinds and times tell at once; in order.
    fn candidates(&self, effect: usize, matches: &[Match]) -> Vec<usize> {
        let (Some(by_time), Some(began)) = (&self.by_time, matches[effect].began.at) else {
            return (0..matches.len()).collect();
        };
        let after = |seconds: f64| began.plus(Span((seconds * 1e6) as i64));
        let (latest, earliest) = (after(LATE_S), after(-CAUSE_S));
        let kinds = (0..by_time.len()).filter(|kind| self.explain[*kind][self.of[effect]]);
        let mut found: Vec<usize> = kinds
            .flat_map(|kind| {
                let all = &by_time[kind];
                let before = all.partition_point(|placed| placed.began <= latest);
                let near = all[..before].iter().rev();
                near.take_while(|placed| placed.latest_end >= earliest)
                    .map(|placed| placed.index)
            })
            .collect();
        found.sort_unstable();
        found
    }
}

/// These matches by their beginning, if all have stamps.
fn placed(matches: &[Match], which: impl Iterator<Item = usize>) -> Option<Vec<Placed>> {
    let mut all = which
        .map(|index| {
            Some(Placed {
                index,
                began: matches[index].began.at?,
                latest_end: end(&matches[index]).at?,
            })
        })
        .collect::<Option<Vec<Placed>>>()?;
    all.sort_by_key(|placed| placed.began);
    for n in 1..all.len() {
        all[n].latest_end = all[n].latest_end.max(all[n - 1].latest_end);
    }
    Some(all)
}

/// Whether the times allow that one match caused another.
fn allow(cause: &Match, effect: &Match) -> bool {
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
    if is_tried_again(found) {
        let since = log_end.since(found.latest);
        return since.is_none_or(|since| since.seconds() <= NEXT_TRY_S);
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

/// A replication job that failed is tried again after 30 minutes at the latest, and says so when it fails again; that it
/// succeeds it does not say, and while its target is away it is not tried.
const NEXT_TRY_S: f64 = 2_100.0;

/// Whether what failed is tried again by itself, so that it is not known to go on once a try is due that says nothing.
pub fn is_tried_again(found: &Match) -> bool {
    found.pattern.id() == "replication-failure"
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
