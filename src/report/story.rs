//! One incident as a story: title, causes, doubts, what to do.
//! In: a group of findings with their causes, and how the cluster stood at the end. Out: an `Incident`.
//! Never: claims a fence, or its absence, beyond the logs that were read.

use super::blame::{self, blame};
use super::build::{Material, content_id, number, value};
use super::meanwhile::Rates;
use super::{Advice, Blame, Callout, Finding, Incident, Safety, Status, TimelineEntry, explain};
use crate::cluster::{Change, ChangeKind};
use crate::incident::group::{Group, end, goes_on, is_tried_again};
use crate::model::{Fields, Severity, Span, Value, When};
use crate::pattern::{Match, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// Entries of an incident's timeline.
const TIMELINE: usize = 200;
/// Nodes that a sentence names; more are counted.
const FEW_NODES: usize = 4;
/// A log that goes on for this long after the last trouble shows that it is over.
const QUIET_S: f64 = 300.0;

/// The incident that a group of findings makes.
pub fn incident(
    group: &Group,
    causes: &[Vec<usize>],
    findings: &[Finding],
    rates: &Rates<'_>,
    material: &Material<'_>,
) -> Incident {
    let matches: Vec<&Match> = group
        .members
        .iter()
        .map(|n| &material.matches[*n])
        .collect();
    let of: Vec<&Finding> = group.members.iter().map(|n| &findings[*n]).collect();
    let severity = of
        .iter()
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Info);
    let lead = lead(&matches);
    let (status, status_because) = status(&matches, material);
    let state = end_state(&matches, material);
    let chain = chain(group, causes, material);
    let meanwhile = rates.meanwhile(group, material);
    let blame = blame(&matches, &meanwhile, material);
    let (confidence, confidence_for, confidence_against) =
        confidence(&matches, &of, &chain, blame.as_ref(), material);
    let began = of.iter().filter_map(|finding| finding.began).min();
    let ended = match status {
        Status::Ongoing => None,
        Status::Over | Status::Unknown => matches.iter().filter_map(|found| end(found).at).max(),
    };
    let mut nodes: Vec<String> = of
        .iter()
        .filter_map(|finding| finding.node.clone())
        .collect();
    nodes.sort();
    nodes.dedup();
    let line = of.iter().map(|finding| finding.line).min().unwrap_or(0);
    let ids: Vec<String> = of.iter().map(|finding| finding.id.clone()).collect();
    Incident {
        // The first finding names the story, so that its id stays while it grows.
        id: content_id(&["incident", ids.first().map_or("", String::as_str)]),
        title: title(lead, &matches, status, material),
        severity,
        status,
        status_because,
        began,
        ended,
        line,
        last_line: of
            .iter()
            .map(|finding| finding.last_line)
            .max()
            .unwrap_or(line),
        nodes,
        causes: chain
            .iter()
            .map(|n| clause(&material.matches[*n], material))
            .collect(),
        causes_from: chain
            .iter()
            .map(|n| Some(findings[*n].id.clone()))
            .collect(),
        confidence,
        confidence_for,
        confidence_against,
        rivals: rivals(&matches, &state),
        settled_by: settled_by(&matches, &state, blame.as_ref(), material),
        callouts: callouts(&matches, material),
        blame,
        meanwhile,
        findings: ids,
        timeline: timeline(&matches, material),
        advice: advice(&matches, &state, material),
    }
}

/// The finding that leads: the one whose kind explains the most of the others, then the worst, then the first.
fn lead<'m>(matches: &[&'m Match]) -> &'m Match {
    let kinds: BTreeSet<&str> = matches.iter().map(|found| found.pattern.id()).collect();
    let mut explains: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for found in matches {
        let known = found
            .pattern
            .explains
            .iter()
            .filter(|kind| kinds.contains(kind));
        explains.insert(found.pattern.id(), known.collect());
    }
    let reach = |kind: &str| -> usize {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut todo = vec![kind];
        while let Some(kind) = todo.pop() {
            for next in explains.get(kind).into_iter().flatten() {
                if *next != kind && seen.insert(next) {
                    todo.push(next);
                }
            }
        }
        seen.len()
    };
    // What a node saw of its network says less than what came of it.
    let is_sign = |found: &Match| {
        matches!(
            found.pattern.id(),
            "link-flap" | "token-loss" | "cfs-lock-timeout" | "pmxcfs-readonly"
        )
    };
    let rank = |found: &Match| {
        // A sickness that lasts says more than its single signs, although each explains the other.
        let lasting = found.pattern.id() == "network-degradation";
        (
            !is_sign(found),
            reach(found.pattern.id()) + usize::from(lasting),
            found.severity,
            std::cmp::Reverse(found.began.order),
        )
    };
    matches
        .iter()
        .max_by_key(|found| rank(found))
        .copied()
        .expect("a group has a member")
}

fn call(found: &Match, material: &Material<'_>) -> String {
    found.node.map_or_else(
        || "the cluster".to_owned(),
        |node| material.cluster.roster.call(node),
    )
}

/// A finding in a few words.
fn clause(found: &Match, material: &Material<'_>) -> String {
    let say = &found.pattern.say;
    let template = say.clause.as_ref().unwrap_or(&found.pattern.title);
    found.render(template.get_ref(), &call(found, material))
}

/// Headline of the lead, the worst consequences, and what is known of fences.
fn title(lead: &Match, matches: &[&Match], status: Status, material: &Material<'_>) -> String {
    let headline = lead
        .pattern
        .say
        .headline
        .as_ref()
        .unwrap_or(&lead.pattern.title);
    let hit: BTreeSet<String> = matches
        .iter()
        .filter(|found| found.pattern.id() == lead.pattern.id() && found.severity > Severity::Info)
        .map(|found| call(found, material))
        .collect();
    let hit: Vec<String> = hit.into_iter().collect();
    let mut title = lead.render(headline.get_ref(), &explain::and(&hit));
    let mut worst: Vec<&&Match> = matches
        .iter()
        .filter(|found| {
            found.pattern.id() != lead.pattern.id() && found.severity >= Severity::Medium
        })
        .filter(|found| !matches!(found.pattern.id(), "self-fence" | "node-fenced"))
        .collect();
    if worst.iter().any(|found| found.severity >= Severity::High) {
        worst.retain(|found| found.severity >= Severity::High);
    }
    worst.sort_by_key(|found| (std::cmp::Reverse(found.severity), found.began.order));
    let mut clauses: Vec<String> = Vec::new();
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    let mut told: Vec<&Match> = vec![lead];
    for found in worst {
        // What a clause that is told already explains adds nothing to a headline.
        let implied = found.severity < Severity::Catastrophic
            && told
                .iter()
                .any(|other: &&Match| other.pattern.explains.has(found.pattern.id()));
        if kinds.insert(found.pattern.id()) && !implied && clauses.len() < 2 {
            told.push(found);
            let hit = matches
                .iter()
                .filter(|other| other.pattern.id() == found.pattern.id())
                .filter_map(|other| other.node);
            let hit: BTreeSet<_> = hit.collect();
            // Nodes count differently: the one that saw the most tells how often.
            let alike = matches.iter().filter(|other| {
                other.pattern.id() == found.pattern.id() && other.severity == found.severity
            });
            let most =
                alike.max_by_key(|other| (other.count, std::cmp::Reverse(other.began.order)));
            let mut text = clause(most.unwrap_or(found), material);
            if hit.len() > 1 && found.pattern.id() == "quorum-loss" {
                text = format!("quorum lost on {} nodes", hit.len());
            }
            clauses.push(text);
        }
    }
    let lead_is_fence = matches!(lead.pattern.id(), "self-fence" | "node-fenced");
    if !lead_is_fence {
        clauses.extend(fences(matches, material));
    }
    if status == Status::Ongoing {
        clauses.push("still going on at the end of the log".to_owned());
    }
    if !clauses.is_empty() {
        title += ": ";
        title += &clauses.join(", ");
    }
    title
}

/// Who was fenced, or that these logs show none: said only where a fence was possible at all.
fn fences(matches: &[&Match], material: &Material<'_>) -> Option<String> {
    let fences = matches.iter().filter(|found| {
        matches!(found.pattern.id(), "self-fence" | "node-fenced")
            && found.severity > Severity::Info
    });
    let (mut fenced, mut alive) = (BTreeSet::new(), BTreeSet::new());
    for found in fences {
        let reset = value(&found.details, "reset") != Some(&Value::Bool(false));
        let told = if reset { &mut fenced } else { &mut alive };
        told.insert(call(found, material));
    }
    let said = |names: BTreeSet<String>, what: &str| {
        let names: Vec<String> = names.into_iter().collect();
        (!names.is_empty()).then(|| format!("{} {what}", explain::and(&names)))
    };
    let told = [
        said(fenced, "fenced"),
        said(alive, "declared fenced and never reset"),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if !told.is_empty() {
        return Some(told.join(", "));
    }
    let kinds: BTreeSet<&str> = matches.iter().map(|found| found.pattern.id()).collect();
    let clock_runs = matches.iter().any(|found| {
        found.pattern.id() == "ha-lock-lost"
            && found.outcome == Outcome::LogEnded
            && is_agent_lock(found)
    });
    if clock_runs {
        return Some("whether a node was fenced is unknown: the log ended first".to_owned());
    }
    let unclear: BTreeSet<String> = material
        .boots
        .iter()
        .filter(|change| match &change.kind {
            ChangeKind::BootJudged {
                verdict, signs_for, ..
            } => {
                matches!(*verdict, "unclean" | "unknown")
                    && !signs_for.contains(&"watchdog-not-armed")
            }
            _ => false,
        })
        .filter_map(|change| change.node)
        .filter(|node| matches.iter().any(|found| found.node == Some(*node)))
        .map(|node| material.cluster.roster.call(node))
        .collect();
    let matters = ["quorum-loss", "ha-lock-lost", "pmxcfs-desync"]
        .iter()
        .any(|kind| kinds.contains(kind));
    if !unclear.is_empty() && matters {
        let names: Vec<String> = unclear.into_iter().collect();
        return Some(format!(
            "whether {} was fenced is not shown: the log breaks off",
            explain::and(&names)
        ));
    }
    (kinds.contains("quorum-loss") || kinds.contains("ha-lock-lost"))
        .then(|| "no node fenced in these logs".to_owned())
}

fn is_agent_lock(found: &Match) -> bool {
    found
        .subject
        .as_deref()
        .is_some_and(|subject| subject.contains("ha_agent_"))
}

fn status(matches: &[&Match], material: &Material<'_>) -> (Status, String) {
    let worst_open = matches
        .iter()
        .filter(|found| goes_on(found, material.end) && found.severity > Severity::Info)
        .max_by_key(|found| found.severity);
    if let Some(found) = worst_open {
        let clause = clause(found, material);
        return (
            Status::Ongoing,
            format!("{clause}: not over when the log ended"),
        );
    }
    if let Some(why) = open_question(matches, material) {
        return (Status::Unknown, why);
    }
    let lasting = matches
        .iter()
        .filter(|found| found.severity > Severity::Info && lasts(found, material));
    if let Some(found) = lasting.max_by_key(|found| found.severity) {
        let clause = clause(found, material);
        return (
            Status::Unknown,
            format!("{clause}: no line tells when that is over"),
        );
    }
    let last = matches
        .iter()
        .map(|found| end(found))
        .max_by_key(|when| when.order);
    let quiet = last.and_then(|last| material.end.since(last));
    let closed = matches
        .iter()
        .all(|found| found.outcome == Outcome::Matched)
        && matches.iter().any(|found| found.ended.is_some());
    match (quiet, closed) {
        (Some(quiet), _) if quiet.seconds() >= QUIET_S => (
            Status::Over,
            format!("{quiet} of log without trouble after it"),
        ),
        (Some(quiet), true) => (
            Status::Over,
            format!("everything that had begun came to its end; the log ends {quiet} later"),
        ),
        (Some(quiet), false) => (
            Status::Unknown,
            format!("the log ends {quiet} after the last of it, too soon to tell"),
        ),
        (None, true) => (
            Status::Over,
            "everything that had begun came to its end".to_owned(),
        ),
        (None, false) => (
            Status::Unknown,
            "without time stamps the log does not tell".to_owned(),
        ),
    }
}

/// Whether it came to a state that lasts, and its node did not boot since.
fn lasts(found: &Match, material: &Material<'_>) -> bool {
    let booted = |since: When| {
        let mut boots = material.boots.iter();
        boots.any(|boot| boot.node == found.node && boot.when.order >= since.order)
    };
    found.lasting.is_some_and(|since| !booted(since))
}

/// What the log leaves open although every span is closed: who dropped out and was not seen again, and whether a node that
/// booted found its cluster again.
fn open_question(matches: &[&Match], material: &Material<'_>) -> Option<String> {
    let silent = |found: &&&Match| found.outcome == Outcome::LogEnded && is_tried_again(found);
    if let Some(found) = matches.iter().find(silent) {
        let job = found.subject.as_deref().unwrap_or("the job");
        return Some(format!(
            "whether {job} works again is not shown: a run that ends well says nothing, nor does one whose target is away"
        ));
    }
    let dropped = matches.iter().filter(|found| {
        found.pattern.id() == "membership-change" && found.severity > Severity::Info
    });
    let mut missing: BTreeSet<u32> = BTreeSet::new();
    for node in dropped.filter_map(|found| material.cluster.node(found.node?)) {
        missing.extend(node.membership.missing().iter().map(|id| id.0));
    }
    if !missing.is_empty() {
        let ids: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let word = if ids.len() == 1 { "node" } else { "nodes" };
        return Some(format!(
            "{word} {} had not come back when the log ended",
            explain::and(&ids)
        ));
    }
    let booted = matches.iter().find(|found| {
        let unknown = found
            .node
            .is_some_and(|node| material.cluster.quorate_at_end(node).is_none());
        matches!(found.pattern.id(), "quorum-loss" | "ha-lock-lost")
            && !found.value("cut_by").is_null()
            && unknown
    })?;
    Some(format!(
        "{} booted; the log does not tell whether it found quorum again",
        call(booted, material)
    ))
}

/// How the nodes that the incident hit stood at the end: the worse of their states counts.
fn end_state(matches: &[&Match], material: &Material<'_>) -> Fields {
    let needed = material
        .cluster
        .configured()
        .map(|known| known.value / 2 + 1);
    let nodes: BTreeSet<_> = matches
        .iter()
        .flat_map(|found| found.node.into_iter().chain(found.nodes.iter().copied()))
        .collect();
    let states: Vec<Fields> = nodes
        .iter()
        .filter_map(|node| Some((*node, material.cluster.node(*node)?)))
        .map(|(observer, node)| super::build::end_state(material.cluster, observer, node, needed))
        .collect();
    let of = |name: &'static str| {
        states
            .iter()
            .filter_map(move |state| value(state, name))
            .filter(|value| !value.is_null())
    };
    let all_quorate = of("quorate").all(|value| *value == Value::Bool(true));
    let known_quorate = of("quorate").next().is_some();
    let least = of("margin")
        .filter_map(Value::as_f64)
        .fold(f64::INFINITY, f64::min);
    let peers = of("peers_seen")
        .filter_map(Value::as_f64)
        .fold(f64::NEG_INFINITY, f64::max);
    let any = |name: &'static str, wanted: &Value| of(name).any(|value| value == wanted);
    vec![
        ("quorate", known_quorate.then_some(all_quorate).into()),
        ("margin", least.is_finite().then_some(least as i64).into()),
        (
            "armed",
            if any("armed", &Value::Bool(true)) {
                true.into()
            } else {
                of("armed").next().map(|_| false).into()
            },
        ),
        (
            "stuck",
            of("etc_pve")
                .next()
                .map(|_| any("etc_pve", &"stuck".into()))
                .into(),
        ),
        (
            "peers_seen",
            peers.is_finite().then_some(peers as i64).into(),
        ),
        ("unread", unread(material).into()),
    ]
}

/// How many nodes lines name whose own log is not among the inputs.
fn unread(material: &Material<'_>) -> usize {
    let roster = &material.cluster.roster;
    let logs = roster.iter().filter(|(_, identity)| identity.has_log);
    let named = logs.filter(|(_, identity)| identity.name.is_some()).count();
    let configured = material
        .cluster
        .configured()
        .map(|known| known.value as usize);
    // Ids that no line joins with a name are those of the nodes whose logs these are.
    if configured == Some(named) {
        return 0;
    }
    let read: BTreeSet<u32> = roster
        .iter()
        .filter(|(_, identity)| identity.has_log)
        .filter_map(|(node, _)| roster.id(node))
        .map(|id| id.0)
        .collect();
    let named: BTreeSet<u32> = material
        .cluster
        .nodes()
        .flat_map(|(_, node)| node.membership.seen.iter().map(|id| id.0))
        .collect();
    named.difference(&read).count()
}

/// Names of the fields that advice may ask of the end of the log.
pub const STATE: [&str; 6] = [
    "quorate",
    "margin",
    "armed",
    "stuck",
    "peers_seen",
    "unread",
];

/// The chain of causes: from a finding that nothing here explains to the worst, one finding per kind.
fn chain(group: &Group, causes: &[Vec<usize>], material: &Material<'_>) -> Vec<usize> {
    let matches = &material.matches;
    let worst = group.members.iter().copied().max_by_key(|n| {
        (
            matches[*n].severity,
            causes[*n].len(),
            std::cmp::Reverse(matches[*n].began.order),
        )
    });
    let Some(mut at) = worst else {
        return Vec::new();
    };
    let mut chain = vec![at];
    let mut kinds: BTreeSet<&str> = BTreeSet::from([matches[at].pattern.id()]);
    while let Some(cause) = causes[at]
        .iter()
        .copied()
        .find(|cause| !kinds.contains(matches[*cause].pattern.id()))
    {
        kinds.insert(matches[cause].pattern.id());
        chain.push(cause);
        at = cause;
    }
    chain.reverse();
    // What the worst finding led to in turn.
    let mut last = *chain.last().unwrap_or(&at);
    while let Some(effect) = group
        .members
        .iter()
        .copied()
        .find(|n| causes[*n].contains(&last) && !kinds.contains(matches[*n].pattern.id()))
    {
        kinds.insert(matches[effect].pattern.id());
        chain.push(effect);
        last = effect;
    }
    chain
}

/// How sure the chain is, with what speaks for and against it.
fn confidence(
    matches: &[&Match],
    findings: &[&Finding],
    chain: &[usize],
    blame: Option<&Blame>,
    material: &Material<'_>,
) -> (&'static str, Vec<String>, Vec<String>) {
    let mut speaks_for = Vec::new();
    let mut against = Vec::new();
    let cells = blame.map_or(&[][..], |blame| &blame.matrix);
    let mut silences: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in matches
        .iter()
        .filter(|found| found.pattern.id() == "token-loss")
    {
        let Value::List(rounds) = found.value("rounds") else {
            continue;
        };
        let rounds = rounds.len();
        let word = if rounds == 1 { "round" } else { "rounds" };
        let node = call(found, material);
        if let Some(silence) = number(&found.details, "no_token_total_s").filter(|s| *s > 0.0) {
            let lost = format!("{rounds} {word}, at least {silence:.1} s without it");
            silences.entry(lost).or_default().insert(node.clone());
        }
        let lone = number(&found.details, "rounds_without_link").unwrap_or(0.0);
        // The token passes all nodes: who lost no peer may have lost it because others did.
        if lone > 0.0 && cells.iter().any(|cell| cell.observer == node) {
            against.push(format!(
                "{node} lost the token in {lone:.0} of {rounds} {word} without any link down: it is not only those links"
            ));
        }
    }
    let mut told: Vec<String> = silences
        .iter()
        .map(|(lost, nodes)| match nodes.len() {
            0..=FEW_NODES => {
                let names: Vec<String> = nodes.iter().cloned().collect();
                let each = if names.len() > 1 { " each" } else { "" };
                format!(
                    "{} {}",
                    explain::and(&names),
                    lost.replacen(',', &format!("{each},"), 1)
                )
            }
            many => format!("{many} nodes {}", lost.replacen(',', " each,", 1)),
        })
        .collect();
    told.sort();
    if !told.is_empty() {
        speaks_for.push(format!("token lost: {}", told.join("; ")));
    }
    let unseen: u64 = within(matches, material)
        .map(|change| match &change.kind {
            ChangeKind::MembershipFormed {
                attempts_unseen, ..
            } => *attempts_unseen,
            _ => 0,
        })
        .sum();
    if unseen > 0 {
        speaks_for.push(format!(
            "ring numbers jump: {unseen} attempts to form a ring failed unseen"
        ));
    }
    let weakest = findings.iter().map(|finding| finding.basis).max();
    let word = match (chain.len(), weakest) {
        (0 | 1, _) => "low",
        (_, Some(crate::model::Basis::Assumed)) => "low",
        (2, _) => "medium",
        // Links that went down speak for it, too; they are told with their suspects.
        _ if against.len() > speaks_for.len() + usize::from(!cells.is_empty()) => "medium",
        _ => "high",
    };
    (word, speaks_for, against)
}

/// The changes of the incident's nodes within its span, in order.
fn within<'a>(matches: &[&Match], material: &'a Material<'_>) -> impl Iterator<Item = &'a Change> {
    let first = matches
        .iter()
        .map(|found| found.began.order)
        .min()
        .unwrap_or(0);
    let last = matches
        .iter()
        .map(|found| end(found).order)
        .max()
        .unwrap_or(u64::MAX);
    let nodes: BTreeSet<_> = matches
        .iter()
        .flat_map(|found| found.node.into_iter().chain(found.nodes.iter().copied()))
        .collect();
    let changes = material.timeline.between(first, last);
    changes.filter(move |change| change.node.is_none_or(|node| nodes.contains(&node)))
}

/// Other explanations that no line excludes.
fn rivals(matches: &[&Match], state: &Fields) -> Vec<String> {
    let kinds: BTreeSet<&str> = matches.iter().map(|found| found.pattern.id()).collect();
    let mut rivals: BTreeSet<String> = BTreeSet::new();
    for found in matches {
        for settle in &found.pattern.settle {
            let applies = settle
                .when
                .holds_of(|name| state_or_detail(name, state, found));
            for rival in settle
                .rivals
                .iter()
                .filter(|rival| applies && !kinds.contains(rival))
            {
                rivals.insert(format!("{rival}: no line shows it, none excludes it"));
            }
        }
    }
    rivals.into_iter().collect()
}

/// What would settle it; the logs of nodes that were not read are named.
fn settled_by(
    matches: &[&Match],
    state: &Fields,
    blame: Option<&Blame>,
    material: &Material<'_>,
) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let asked = blame.and_then(|blame| blame::asked_for(blame, &material.coverage));
    let named = asked.is_some();
    out.extend(asked);
    for found in matches {
        for settle in &found.pattern.settle {
            let text = found.render(settle.say.get_ref(), &call(found, material));
            // Which logs are missing was said above, or none is.
            let about_logs = match found.pattern.id() {
                "link-flap" | "network-degradation" => true,
                "quorum-loss" => named,
                _ => false,
            };
            if !about_logs
                && !out.contains(&text)
                && out.len() < 4
                && settle
                    .when
                    .holds_of(|name| state_or_detail(name, state, found))
            {
                out.push(text);
            }
        }
    }
    out
}

fn state_or_detail(name: &str, state: &Fields, found: &Match) -> Value {
    value(state, name)
        .cloned()
        .unwrap_or_else(|| found.value(name))
}

/// How the node of a finding stood at the end, for what is asked of that very node.
fn own_state(found: &Match, material: &Material<'_>) -> Option<Fields> {
    found.node?;
    Some(end_state(&[found], material))
}

fn advice(matches: &[&Match], state: &Fields, material: &Material<'_>) -> Vec<Advice> {
    let mut out: Vec<Advice> = Vec::new();
    let mut ordered: Vec<&&Match> = matches.iter().collect();
    ordered.sort_by_key(|found| std::cmp::Reverse(found.severity));
    for found in ordered {
        for advice in &found.pattern.advice {
            let own = own_state(found, material);
            if !advice
                .when
                .holds_of(|name| state_or_detail(name, own.as_ref().unwrap_or(state), found))
            {
                continue;
            }
            let node = call(found, material);
            let text = |template: &crate::pattern::Template| found.render(template, &node);
            let advice = Advice {
                say: text(advice.say.get_ref()),
                run: advice.run.as_ref().map(|run| text(run.get_ref())),
                safety: match advice.safety {
                    crate::pattern::file::Safety::Safe => Safety::Safe,
                    crate::pattern::file::Safety::Risky => Safety::Risky,
                    crate::pattern::file::Safety::Never => Safety::Never,
                },
                because: advice
                    .because
                    .as_ref()
                    .map(|because| text(because.get_ref())),
            };
            let told = out.iter().any(|other| match (&other.run, &advice.run) {
                (Some(a), Some(b)) => a == b,
                _ => other.say == advice.say,
            });
            if !told {
                out.push(advice);
            }
        }
    }
    out.sort_by_key(|advice| advice.safety);
    out
}

/// What a reader must not miss: near misses, and states that look better than they were.
fn callouts(matches: &[&Match], material: &Material<'_>) -> Vec<Callout> {
    let mut out = Vec::new();
    for found in matches
        .iter()
        .filter(|found| found.pattern.id() == "ha-lock-lost" && is_agent_lock(found))
    {
        let node = call(found, material);
        let used = number(&found.details, "used_s");
        let armed = value(&found.details, "near_miss") == Some(&Value::Bool(true));
        match (found.outcome, used) {
            (Outcome::Matched, Some(used)) if armed && found.ended.is_some() => out.push(Callout {
                label: "near miss",
                text: format!("{node} used at least {used:.1} s of the 60 s before a self-fence (inferred)"),
            }),
            (Outcome::Matched, None) if armed && found.ended.is_some() => out.push(Callout {
                label: "near miss",
                text: format!("{node} lost its lock with the watchdog armed and got it back; how much of the 60 s was used is unknown"),
            }),
            (Outcome::LogEnded, _) => out.push(Callout {
                label: "fence clock",
                text: format!("{node} had lost its lock with the watchdog armed when the log ended: a fence may have followed"),
            }),
            _ => {}
        }
    }
    for found in matches {
        if found.pattern.id() == "split-brain-risk" && found.severity > Severity::Info {
            out.push(Callout {
                label: "twice",
                text: found.render(found.pattern.say.text.get_ref(), "the cluster"),
            });
        }
    }
    if let Some(configured) = material.cluster.configured() {
        let needed = configured.value / 2 + 1;
        let mut alike: Vec<((u32, usize), BTreeSet<String>)> = Vec::new();
        for found in matches
            .iter()
            .filter(|found| found.pattern.id() == "quorum-loss")
        {
            let (Some(present), Value::List(left)) =
                (number(&found.details, "present"), found.value("left"))
            else {
                continue;
            };
            // Those who are missing are at most all others of the configured votes that this node had seen.
            if !left.is_empty() && (left.len() as u32) < needed {
                let votes = (present as u32, left.len());
                let node = call(found, material);
                match alike.iter_mut().find(|(known, _)| *known == votes) {
                    Some((_, nodes)) => _ = nodes.insert(node),
                    None => alike.push((votes, BTreeSet::from([node]))),
                }
            }
        }
        for ((present, missing), nodes) in alike {
            let nodes: Vec<String> = nodes.into_iter().collect();
            out.push(Callout {
                label: "votes",
                text: format!(
                    "while {} {}held {present} of {} votes ({}), the {missing} that were missing held {missing}: with {needed} needed, nobody can have been quorate",
                    explain::and(&nodes),
                    if nodes.len() > 1 { "each " } else { "" },
                    configured.value,
                    configured.basis,
                ),
            });
        }
    }
    for (node, from, to) in quorate_but_stuck(matches, material) {
        out.push(Callout {
            label: "trap",
            text: format!("{node}, lines {from}-{to}: quorate, yet /etc/pve was stuck; 'pvecm status' would have said Quorate: Yes"),
        });
    }
    out
}

/// Stretches in which a node was quorate and its /etc/pve stuck, by lines.
fn quorate_but_stuck(matches: &[&Match], material: &Material<'_>) -> Vec<(String, u64, u64)> {
    use crate::incident::lanes::{Thing, Tone};
    let mut out = Vec::new();
    for found in matches
        .iter()
        .filter(|found| found.pattern.id() == "pmxcfs-desync")
    {
        let Some(node) = found.node else { continue };
        let lane = |wanted: &Thing| {
            material
                .lanes
                .iter()
                .find(|(n, thing, _)| *n == node && *thing == wanted)
                .map(|(_, _, s)| s)
        };
        let (Some(quorum), Some(files)) = (lane(&Thing::Quorum), lane(&Thing::EtcPve)) else {
            continue;
        };
        for (n, stuck) in files
            .iter()
            .enumerate()
            .filter(|(_, stretch)| stretch.tone == Tone::Bad)
        {
            let during = found.began.order..=end(found).order;
            let Some(from) = stuck.began.filter(|when| during.contains(&when.order)) else {
                continue;
            };
            let until = files.get(n + 1).map_or(
                (u64::MAX, found.lines.last().map_or(0, |l| l.place.line)),
                |s| (s.began.map_or(u64::MAX, |w| w.order), s.line),
            );
            let gained = quorum
                .iter()
                .filter(|stretch| stretch.tone == Tone::Good)
                .filter_map(|stretch| Some((stretch.began?.order, stretch.line)))
                .find(|(order, _)| *order > from.order && *order < until.0);
            if let Some((_, line)) = gained.filter(|(_, line)| *line < until.1) {
                out.push((material.cluster.roster.call(node), line, until.1));
            }
        }
    }
    out.dedup();
    out
}

/// The changes of the incident's nodes within its span, repeats folded.
fn timeline(matches: &[&Match], material: &Material<'_>) -> Vec<TimelineEntry> {
    let mut out: Vec<TimelineEntry> = Vec::new();
    for change in within(matches, material) {
        let Some(text) = explain::change(&change.kind) else {
            continue;
        };
        let node = change.node.map(|node| material.cluster.roster.call(node));
        if out
            .last()
            .is_some_and(|entry| entry.text == text && entry.node == node)
        {
            continue;
        }
        if out.len() == TIMELINE {
            break;
        }
        let line = change.lines.first();
        out.push(TimelineEntry {
            at: change.when.at,
            input: line.map_or_else(
                || "".into(),
                |line| super::build::path(line.place.source, &material.paths),
            ),
            line: line.map_or(0, |line| line.place.line),
            node,
            text,
        });
    }
    out
}

/// `2 min 5 s`, or nothing when it is not known.
pub fn lasted(
    began: Option<crate::model::Timestamp>,
    ended: Option<crate::model::Timestamp>,
) -> Option<Span> {
    Some(ended?.since(began?))
}
