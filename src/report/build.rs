//! Puts the report together.
//! In: matches, changes, lanes, the cluster's end, coverage. Out: a `Report`.
//! Never: reads a line; what it says was found below.

use super::meanwhile::{self, Rates};
use super::{
    Boot, BootPart, ClockPart, ClusterPart, CoveragePart, Evidence, Finding, GivenPart, Graded,
    Input, Lane, LaneSpan, LinkPart, NodeClock, NodePart, OutageLine, Report, Stated, Tone, Tool,
    UnknownMessage, Verdict, explain, story,
};
use crate::cluster::lives::{Life, Lives};
use crate::cluster::{Change, ChangeKind, Cluster, Known};
use crate::incident::group;
use crate::incident::lanes::{self, Lanes, Thing};
use crate::incident::spells::Spells;
use crate::model::{
    Basis, ClockPiece, Coverage, Fields, HostClock, Line, LinkId, NodeId, Observer, Severity,
    SourceId, Span, Timestamp, Value, When,
};
use crate::pattern::Match;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a report is made of.
pub struct Material<'a> {
    /// The machines at the end of the log.
    pub cluster: &'a Cluster,
    /// Everything that was found.
    pub matches: Vec<Match>,
    /// Findings beyond the limit.
    pub matches_left_out: u64,
    /// States over time.
    pub lanes: &'a Lanes,
    /// Every time that a link was down.
    pub spells: &'a Spells,
    /// Judged boots.
    pub boots: &'a [Change],
    /// Changes for timelines.
    pub timeline: Timeline<'a>,
    /// Changes beyond the limit.
    pub timeline_left_out: u64,
    /// What was read.
    pub coverage: Coverage,
    /// Names of the inputs.
    pub paths: Vec<Arc<str>>,
    /// Where the log ends.
    pub end: When,
}

/// The report.
pub fn report(mut material: Material<'_>) -> Report {
    drop_weaker(&mut material.matches);
    mark_who_lived(&mut material.matches, material.cluster);
    let causes = group::causes(&material.matches);
    let groups = group::groups(&material.matches, &causes);
    let ids: Vec<String> = material
        .matches
        .iter()
        .map(|found| id(found, &material))
        .collect();
    let findings: Vec<Finding> = material
        .matches
        .iter()
        .enumerate()
        .map(|(n, found)| {
            let caused_by = causes[n].iter().map(|cause| ids[*cause].clone()).collect();
            finding(found, ids[n].clone(), caused_by, &material)
        })
        .collect();
    let cluster = cluster_part(&material);
    let rates = Rates::of(&groups, &material);
    let mut incidents: Vec<super::Incident> = groups
        .iter()
        .map(|group| story::incident(group, &causes, &findings, &rates, &material))
        .collect();
    incidents.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then(a.line.cmp(&b.line))
            .then(a.id.cmp(&b.id))
    });
    let verdict = over(&incidents).unwrap_or_else(|| calm(&material.coverage));
    let mut remarks = material.coverage.remarks.clone();
    remarks.extend(material.cluster.roster.doubles().map(|node| {
        let name = material.cluster.roster.call(node);
        format!(
            "two nodes log as {name}: this report mixes them; name their logs with -n NAME=PATH"
        )
    }));
    for (count, what) in [
        (material.matches_left_out, "findings"),
        (material.timeline_left_out, "changes of the timeline"),
        (material.lanes.left_out(), "states of the lanes"),
        (material.cluster.outages_left_out(), "outages of guests"),
        (material.spells.left_out(), "downs of links"),
        (material.cluster.unheard(), "events of nodes"),
    ] {
        if count > 0 {
            remarks.push(format!(
                "{count} {what} beyond the limit were counted and left out"
            ));
        }
    }
    let mut boots = boots(&material);
    boots.sort_by(|a, b| (a.ended, &a.node, a.line).cmp(&(b.ended, &b.node, b.line)));
    Report {
        schema: "fencepost/1",
        tool: Tool {
            name: "fencepost",
            version: env!("CARGO_PKG_VERSION"),
        },
        verdict,
        inputs: inputs(&material),
        remarks,
        left_out: material.coverage.left_out.clone(),
        cluster,
        incidents,
        findings,
        boots,
        outages: outages(&material),
        guests: Vec::new(),
        lanes: lane_parts(&material)
            .into_iter()
            .chain(meanwhile::lanes(&material))
            .collect(),
        stated: stated_parts(&material),
        around: Vec::new(),
    }
}

/// What lines state of things that the configuration states too.
fn stated_parts(material: &Material<'_>) -> Vec<Stated> {
    let shown = |line: &Line| evidence(line, &material.paths);
    let said = material.cluster.said();
    said.map(|said| Stated {
        what: said.what.clone(),
        node: named(said.node, material),
        at: said.line.at,
        evidence: shown(&said.line),
        read: said.read.as_ref().map(shown),
    })
    .collect()
}

/// A reboot that a fence explains is told as the fence; the same for a panic.
fn drop_weaker(matches: &mut Vec<Match>) {
    let stronger: Vec<(Option<Observer>, When)> = matches
        .iter()
        .filter(|found| matches!(found.pattern.id(), "self-fence" | "kernel-panic"))
        .map(|found| (found.node, found.began))
        .collect();
    matches.retain(|found| {
        found.pattern.id() != "sudden-reboot"
            || found.count > 1
            || !stronger.iter().any(|(node, when)| {
                *node == found.node
                    && found
                        .began
                        .since(*when)
                        .is_none_or(|span| span.seconds().abs() < 300.0)
            })
    });
}

/// A fence that reset nothing says so.
fn mark_who_lived(matches: &mut [Match], cluster: &Cluster) {
    for found in matches {
        let lived = |node| cluster.lived_through(node, found.began, found.latest);
        if found.pattern.id() == "node-fenced" && found.node.is_some_and(lived) {
            found.details.retain(|(name, _)| *name != "reset");
            found.details.push(("reset", false.into()));
        }
    }
}

/// One finding with its sentences.
pub fn finding(
    found: &Match,
    id: String,
    caused_by: Vec<String>,
    material: &Material<'_>,
) -> Finding {
    let node = found.node.map(|node| material.cluster.roster.call(node));
    let call = node.clone().unwrap_or_else(|| "the cluster".to_owned());
    let mut details = found.details.clone();
    if let Some(because) = &found.severity_because {
        details.push(("severity_because", because.as_str().into()));
    }
    details.extend(end_of_link(&details, material.cluster));
    let open = group::goes_on(found, material.end);
    Finding {
        id,
        kind: found.pattern.id().to_owned(),
        severity: found.severity,
        node: found.node.and_then(|node| named(node, material)),
        subject: found.subject.clone(),
        text: found.render(&found.pattern.say.text.get_ref().clone(), &call),
        began: found.began.at,
        // A window that counts has no end of its own: its latest sign is the last that is known, open or not.
        ended: match (&found.pattern.form, open) {
            (crate::pattern::form::Form::Span { .. }, true) => None,
            (crate::pattern::form::Form::Span { .. }, false) => {
                found.ended.and_then(|when| when.at)
            }
            _ => found.ended.unwrap_or(found.latest).at,
        },
        line: found.lines.first().map_or(0, |line| line.place.line),
        last_line: found.lines.last().map_or(0, |line| line.place.line),
        open,
        count: found.count,
        basis: found.basis,
        caused_by,
        evidence: found
            .lines
            .iter()
            .map(|line| evidence(line, &material.paths))
            .collect(),
        evidence_left_out: found.lines_left_out,
        details,
        clock_offset_s: ahead(found.node, found.began.at, material),
    }
}

/// The name that outputs use for a node: its name, else `node 5`, else nothing.
pub fn named(node: Observer, material: &Material<'_>) -> Option<String> {
    let roster = &material.cluster.roster;
    match (roster.name(node), roster.id(node)) {
        (Some(name), _) => Some(name.to_string()),
        (None, Some(id)) => Some(format!("node {id}")),
        (None, None) => None,
    }
}

/// Changes by their order, so that those of an incident are found without a look at the others.
pub struct Timeline<'a>(Vec<&'a Change>);

impl<'a> Timeline<'a> {
    /// Puts them in order.
    pub fn of(changes: &'a [Change]) -> Timeline<'a> {
        let mut sorted: Vec<&Change> = changes.iter().collect();
        sorted.sort_by_key(|change| change.when.order);
        Timeline(sorted)
    }

    /// Those from one order to another, both included.
    pub fn between(&self, first: u64, last: u64) -> impl Iterator<Item = &'a Change> {
        let from = self.0.partition_point(|change| change.when.order < first);
        let those = self.0[from..].iter().copied();
        those.take_while(move |change| change.when.order <= last)
    }
}

/// A line as evidence.
pub fn evidence(line: &Line, paths: &[Arc<str>]) -> Evidence {
    Evidence {
        input: path(line.place.source, paths),
        line: line.place.line,
        at: line.at,
        text: line.text.clone(),
    }
}

/// The name of an input.
pub fn path(source: SourceId, paths: &[Arc<str>]) -> Arc<str> {
    paths
        .get(source.0 as usize)
        .map_or_else(|| "".into(), Arc::clone)
}

/// An id made from what a finding says, so that it is equal on every run, in every order of inputs and in every form of a log.
fn id(found: &Match, material: &Material<'_>) -> String {
    let node = found
        .node
        .and_then(|node| named(node, material))
        .unwrap_or_default();
    let began = found.began.at.map(|at| at.to_string()).unwrap_or_default();
    let first = found.lines.first().map_or("", |line| line.text.message());
    let first: Vec<&str> = first.split_whitespace().collect();
    content_id(&[
        found.pattern.id(),
        &node,
        found.subject.as_deref().unwrap_or(""),
        &began,
        &first.join(" "),
    ])
}

/// FNV-1a over parts; ids need to be stable across versions of the compiler, which its own hasher does not promise.
pub fn content_id(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

fn inputs(material: &Material<'_>) -> Vec<Input> {
    let coverage = &material.coverage.inputs;
    material
        .paths
        .iter()
        .enumerate()
        .map(|(n, path)| {
            let of = coverage.get(n).cloned().unwrap_or_default();
            let mut unknown: Vec<UnknownMessage> = of
                .unknown_messages
                .iter()
                .map(|(message, count)| UnknownMessage {
                    message: message.to_string(),
                    count: *count,
                })
                .collect();
            unknown.sort_by(|a, b| {
                b.count
                    .cmp(&a.count)
                    .then_with(|| a.message.cmp(&b.message))
            });
            Input {
                path: path.to_string(),
                form: of.form.clone(),
                node: input_node(SourceId(u32::try_from(n).unwrap_or(u32::MAX)), material),
                first: of.first,
                last: of.last,
                lines: of.lines,
                coverage: CoveragePart {
                    known_programs: of.watched(),
                    understood: of.understood,
                    unknown,
                    others: of.others,
                    notes: of.notes,
                    blank: of.blank,
                    cut: of.cut,
                    damaged: of.damaged,
                    twice: of.twice,
                    torn: of.torn,
                    skipped: of.skipped,
                    failed: of.failed,
                },
                sha256: None,
            }
        })
        .collect()
}

/// The node whose log an input is, when all its lines are of one node.
fn input_node(source: SourceId, material: &Material<'_>) -> Option<String> {
    let mut nodes = material.cluster.nodes_of(source);
    let first = nodes.next()?;
    nodes
        .next()
        .is_none()
        .then(|| named(first, material))
        .flatten()
}

fn graded(known: Option<Known<u32>>, because: Option<String>) -> Graded {
    match known {
        Some(known) => Graded {
            value: known.value.into(),
            basis: Some(known.basis),
            because,
        },
        None => Graded::unknown(),
    }
}

/// Who states it.
fn stated<T>(known: &Known<T>) -> String {
    match &known.line {
        Some(_) => "a line says so".to_owned(),
        None => "the configuration of the cluster says so".to_owned(),
    }
}

/// Configured votes, with the rule or line that they rest on.
pub fn configured(cluster: &Cluster) -> Graded {
    let known = cluster.configured();
    let token = cluster.token_ms();
    let because = known.as_ref().map(|known| match (known.basis, &token) {
        (Basis::Stated, _) => stated(known),
        (_, Some(token)) => format!(
            "corosync's default timing: {} ms = 3000 or 1000 + 650 x ({} - 2)",
            token.value, known.value
        ),
        _ => "member counts with and without quorum leave no other number".to_owned(),
    });
    graded(known, because)
}

fn cluster_part(material: &Material<'_>) -> ClusterPart {
    let cluster = material.cluster;
    let configured = cluster.configured();
    let token = cluster.token_ms();
    let needed = configured.as_ref().map(|known| known.value / 2 + 1);
    let basis = configured
        .as_ref()
        .map(|known| known.basis.max(Basis::Inferred));
    let present = cluster
        .nodes()
        .filter_map(|(_, node)| node.membership.present())
        .max();
    let margin = needed
        .zip(present)
        .map(|(needed, present)| present as i64 - i64::from(needed));
    let token_because = token.as_ref().map(|known| {
        let steps: usize = cluster
            .nodes()
            .map(|(_, node)| node.token.agreeing_steps(known.value))
            .sum();
        match known.basis {
            Basis::Inferred => format!("{steps} steps between token notices agree with it"),
            _ => stated(known),
        }
    });
    ClusterPart {
        nodes: node_parts(material, needed),
        configured: self::configured(cluster),
        quorum: Graded {
            value: needed.into(),
            basis,
            because: needed.map(|_| "more than half of the configured votes".to_owned()),
        },
        margin: Graded {
            value: margin.into(),
            basis: margin.and(basis),
            because: None,
        },
        token_ms: graded(token, token_because),
        links: link_parts(cluster),
        given: given_parts(cluster),
    }
}

/// The links that the configuration gave.
fn link_parts(cluster: &Cluster) -> Vec<LinkPart> {
    let ends = cluster.known_before().links.iter();
    let mut links: Vec<LinkPart> = ends
        .map(|end| LinkPart {
            link: end.link.0,
            id: Some(end.node.0),
            node: cluster
                .roster
                .with_id(end.node)
                .and_then(|node| cluster.roster.name(node))
                .map(ToString::to_string),
            address: end.address.to_string(),
            priority: end.priority,
        })
        .collect();
    links.sort_by_key(|end| (end.link, end.id));
    links
}

fn given_parts(cluster: &Cluster) -> Vec<GivenPart> {
    let sources = cluster.known_before().sources.iter();
    sources
        .map(|(file, what)| GivenPart {
            what: what.clone(),
            from: file.to_string(),
        })
        .collect()
}

/// The address of the peer on the link that a finding is about, and the priority of that link, where the configuration gives
/// them: what an admin looks for on the switch.
fn end_of_link(details: &Fields, cluster: &Cluster) -> Fields {
    let id = |name| number(details, name).map(|id| id as u32);
    let end = id("peer")
        .zip(id("link"))
        .and_then(|(peer, link)| cluster.known_before().link(NodeId(peer), LinkId(link)));
    let Some(end) = end else {
        return Fields::new();
    };
    let mut fields = vec![("address", end.address.as_str().into())];
    fields.extend(end.priority.map(|priority| ("priority", priority.into())));
    fields
}

fn node_parts(material: &Material<'_>, needed: Option<u32>) -> Vec<NodePart> {
    let cluster = material.cluster;
    let mut told: BTreeSet<u32> = BTreeSet::new();
    let mut nodes: Vec<NodePart> = Vec::new();
    for (observer, identity) in cluster.roster.iter() {
        let id = cluster.roster.id(observer).map(|id| id.0);
        told.extend(id);
        let bases = [
            identity.id.as_ref().map(|k| k.basis),
            identity.name.as_ref().map(|k| k.basis),
        ];
        nodes.push(NodePart {
            id,
            name: identity.name.as_ref().map(|known| known.value.to_string()),
            basis: bases.into_iter().flatten().max(),
            has_log: identity.has_log,
            state: cluster
                .node(observer)
                .map_or_else(Vec::new, |node| end_state(cluster, observer, node, needed)),
            clock: clock_of(observer, material).and_then(node_clock),
            boots: cluster
                .node(observer)
                .map_or_else(Vec::new, |node| boot_parts(&node.lives, &material.paths)),
        });
    }
    let named_by_members: BTreeSet<u32> = cluster
        .nodes()
        .flat_map(|(_, node)| node.membership.seen.iter().map(|id| id.0))
        .collect();
    for id in named_by_members.difference(&told) {
        nodes.push(NodePart {
            id: Some(*id),
            name: None,
            basis: Some(Basis::Stated),
            has_log: false,
            state: Vec::new(),
            clock: None,
            boots: Vec::new(),
        });
    }
    // A nameless node that says nothing of itself is no node of its own: stray lines without a host.
    nodes.retain(|node| {
        node.id.is_some()
            || node.name.is_some()
            || node.state.iter().any(|(_, value)| !value.is_null())
    });
    nodes.sort_by(|a, b| {
        (a.id.unwrap_or(u32::MAX), &a.name).cmp(&(b.id.unwrap_or(u32::MAX), &b.name))
    });
    nodes
}

/// The boots of a node, with the names of inputs.
pub fn boot_parts(lives: &Lives, paths: &[Arc<str>]) -> Vec<BootPart> {
    let newest = lives.iter().len() as i64 - 1;
    let part = |(n, life): (usize, &Life)| BootPart {
        index: n as i64 - newest,
        id: life.id.as_ref().map(ToString::to_string),
        first: life.first.at,
        last: life.last.at,
        input: path(life.line.place.source, paths).to_string(),
        line: life.line.place.line,
        ended: life.ended,
    };
    lives.iter().enumerate().map(part).collect()
}

/// The clock of a node, if it was compared with others.
pub fn clock_of<'m>(node: Observer, material: &'m Material<'_>) -> Option<&'m HostClock> {
    let cluster = material.cluster;
    let whose = |clock: &&HostClock| match (&clock.host, clock.source) {
        (Some(host), _) => cluster.roster.known(host) == Some(node),
        (None, Some(source)) => cluster.nodes_of(source).next() == Some(node),
        (None, None) => false,
    };
    let compared = |clock: &&HostClock| !clock.pieces.is_empty();
    let mut clocks = material.coverage.clocks.iter();
    clocks.find(|clock| compared(clock) && whose(clock))
}

fn node_clock(clock: &HostClock) -> Option<NodeClock> {
    let firmest = clock.firmest()?;
    let told = |piece: &ClockPiece| ClockPart {
        from: piece.from,
        offset_s: millis(piece.ahead.seconds()),
        error_s: millis(piece.error.seconds()),
        drift_s_per_day: millis(piece.drift * 86_400.0),
        shared: piece.shared,
    };
    let even = clock.pieces.len() == 1 && firmest.drift == 0.0;
    Some(NodeClock {
        offset_s: millis(firmest.ahead.seconds()),
        error_s: (!firmest.is_least()).then(|| millis(firmest.error.seconds())),
        shared: clock.pieces.iter().map(|piece| piece.shared).sum(),
        pieces: match even {
            true => Vec::new(),
            false => clock.pieces.iter().map(told).collect(),
        },
    })
}

/// Seconds to the millisecond: more is never known.
fn millis(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// By how much the clock of a node was ahead at a corrected instant, if it was.
fn ahead(node: Option<Observer>, at: Option<Timestamp>, material: &Material<'_>) -> Option<f64> {
    let clock = clock_of(node?, material)?;
    let at = at?;
    // The clock showed about this: the piece is looked up by what it showed.
    let about = at.plus(clock.ahead_at(at));
    let ahead = clock.ahead_at(about);
    (ahead != Span(0)).then(|| millis(ahead.seconds()))
}

/// How a node stood when its log ended.
pub fn end_state(
    cluster: &Cluster,
    observer: Observer,
    node: &crate::cluster::Node,
    needed: Option<u32>,
) -> Fields {
    let present = node.membership.present();
    // As many members as quorum needs have it, unless a line says otherwise.
    let enough = needed
        .zip(present)
        .map(|(needed, present)| present >= needed as usize);
    let quorate = cluster
        .quorate_at_end(observer)
        .or(enough.filter(|enough| *enough));
    let etc_pve = match (node.filesystem.stuck_since(), quorate) {
        (Some(_), _) => Some("stuck"),
        (None, Some(false)) => Some("read-only"),
        (None, Some(true)) => Some("usable"),
        (None, None) => None,
    };
    vec![
        ("quorate", quorate.into()),
        ("members", present.into()),
        (
            "margin",
            needed
                .zip(present)
                .map(|(needed, present)| present as i64 - i64::from(needed))
                .into(),
        ),
        ("etc_pve", etc_pve.into()),
        (
            "lrm",
            node.agent.lrm().map(|state| state.word().to_owned()).into(),
        ),
        ("crm", node.agent.crm().into()),
        ("armed", node.agent.armed().into()),
        (
            "peers_seen",
            // Who saw nobody, not even itself, was not asked.
            node.membership.seen.len().checked_sub(1).into(),
        ),
    ]
}

fn boots(material: &Material<'_>) -> Vec<Boot> {
    material
        .boots
        .iter()
        .filter_map(|change| {
            let ChangeKind::BootJudged {
                verdict,
                gap_s,
                signs_for,
                signs_against,
            } = &change.kind
            else {
                return None;
            };
            let words = |signs: &[&'static str]| {
                signs
                    .iter()
                    .map(|sign| explain::boot_sign(sign).to_owned())
                    .collect()
            };
            let ended = change.when.at;
            let began = ended
                .zip(*gap_s)
                .map(|(at, gap)| at.plus(crate::model::Span((gap * 1e6) as i64)));
            Some(Boot {
                node: change.node.and_then(|node| named(node, material)),
                ended,
                began,
                line: change.lines.first().map_or(0, |line| line.place.line),
                verdict: (*verdict).to_owned(),
                signs_for: words(signs_for),
                signs_against: words(signs_against),
                evidence: change
                    .lines
                    .iter()
                    .map(|line| evidence(line, &material.paths))
                    .collect(),
            })
        })
        .collect()
}

fn outages(material: &Material<'_>) -> Vec<OutageLine> {
    material
        .cluster
        .outages()
        .iter()
        .map(|outage| {
            let at = |when: Option<When>| when.and_then(|when| when.at);
            let up = at(outage.up);
            let seconds = |from: Option<crate::model::Timestamp>| {
                up.zip(from)
                    .map(|(up, from)| up.since(from).seconds())
                    .filter(|s| *s >= 0.0)
            };
            OutageLine {
                guest: outage.service.clone(),
                under_ha: outage.under_ha,
                from_node: named(outage.from, material),
                to_node: outage.to.and_then(|node| named(node, material)),
                why: outage.why.word(),
                end: outage.end.word(),
                basis: outage.basis(),
                down_from: at(outage.down_latest()).or(at(outage.down_earliest)),
                up_at: up,
                min_s: seconds(at(outage.down_latest())),
                max_s: seconds(at(outage.down_earliest)),
                evidence: outage
                    .lines
                    .iter()
                    .map(|line| evidence(line, &material.paths))
                    .collect(),
            }
        })
        .collect()
}

fn lane_parts(material: &Material<'_>) -> Vec<Lane> {
    material
        .lanes
        .iter()
        .map(|(node, thing, stretches)| {
            let own = material.cluster.roster.id(node);
            Lane {
                node: named(node, material),
                name: lane_name(thing, own.map(|id| id.0)),
                spans: stretches
                    .iter()
                    .map(|stretch| LaneSpan {
                        at: stretch.began.and_then(|began| began.at),
                        order: stretch.began.map_or(0, |began| began.order),
                        line: stretch.line,
                        label: stretch.label.clone(),
                        tone: match stretch.tone {
                            lanes::Tone::Good => Tone::Good,
                            lanes::Tone::Warn => Tone::Warn,
                            lanes::Tone::Bad => Tone::Bad,
                            lanes::Tone::Plain => Tone::Plain,
                        },
                    })
                    .collect(),
            }
        })
        .collect()
}

fn lane_name(thing: &Thing, _own: Option<u32>) -> String {
    match thing {
        Thing::Link(link, peer) if peer.0 == 0 => format!("ring {link}"),
        Thing::Link(link, peer) => format!("link {link}->{peer}"),
        Thing::Token => "token".to_owned(),
        Thing::Members => "members".to_owned(),
        Thing::Quorum => "quorum".to_owned(),
        Thing::EtcPve => "/etc/pve".to_owned(),
        Thing::Lrm => "LRM".to_owned(),
        Thing::Crm => "CRM".to_owned(),
        Thing::Watchdog => "watchdog".to_owned(),
        Thing::Power => "power".to_owned(),
    }
}

/// The verdict where nothing was found.
fn calm(coverage: &Coverage) -> Verdict {
    let watched: u64 = coverage
        .inputs
        .iter()
        .map(|input| input.watched().saturating_sub(input.twice))
        .sum();
    let text = match watched {
        0 => "Nothing of a cluster in here".to_owned(),
        lines => format!("Nothing wrong was found in {lines} cluster lines"),
    };
    Verdict {
        severity: Severity::Info,
        text,
    }
}

/// The verdict over incidents, the worst first, if there are any.
pub fn over(incidents: &[super::Incident]) -> Option<Verdict> {
    let (worst, rest) = incidents.split_first()?;
    let text = match rest.len() {
        0 => worst.title.clone(),
        1 => format!("{} (and 1 more incident)", worst.title),
        more => format!("{} (and {more} more incidents)", worst.title),
    };
    Some(Verdict {
        severity: worst.severity,
        text,
    })
}

/// A number of a finding's details.
pub fn number(fields: &Fields, name: &str) -> Option<f64> {
    fields
        .iter()
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| value.as_f64())
}

/// A value of a finding's details.
pub fn value<'f>(fields: &'f Fields, name: &str) -> Option<&'f Value> {
    fields
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
