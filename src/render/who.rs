//! What was read, whose it is, and how those nodes stood at the end.
//! In: inputs and cluster of the report. Out: the lines above the verdict, and the line that advice rests on.
//! Never: a value without the word for how it is known.

use super::Verbosity;
use super::clock::{self, Clock};
use super::paint::{Ink, Page, Text};
use super::term::labelled;
use crate::model::{Basis, Span, Value};
use crate::report::{CoveragePart, Graded, Incident, NodePart, Report, Status};
use std::io;

/// Nodes that are told one by one.
const FEW_NODES: usize = 4;
/// Nodes that are named at all unless everything is wanted.
const MOST_NODES: usize = 12;

/// Inputs, coverage and time.
pub(super) fn header(
    report: &Report,
    times: bool,
    clock: &Clock,
    page: &mut Page,
) -> io::Result<()> {
    let mut body = page.text();
    match report.inputs.as_slice() {
        [one] => body.put(Ink::Strong, &one.path),
        many => body.put(Ink::Strong, &format!("{} logs", many.len())),
    };
    body.put(Ink::Body, &format!("  {}", coverage(report)));
    match (clock::first(report), clock::last(report)) {
        _ if !times => {}
        (Some(first), Some(last)) => {
            let times = format!(
                "; {} to {} {} ({})",
                first.date_clock(),
                clock.at(last),
                page.zone(),
                last.since(first)
            );
            body.put(Ink::Body, &times);
        }
        _ => {
            body.put(Ink::Body, "; no timestamps: order only");
        }
    }
    labelled(Ink::Strong, "fencepost", &body, page)
}

/// `137 of 137 cluster lines understood, 15 others, 12 notes`.
pub(super) fn coverage(report: &Report) -> String {
    let sum = |part: fn(&CoveragePart) -> u64| -> u64 {
        report.inputs.iter().map(|i| part(&i.coverage)).sum()
    };
    let known = sum(|c| c.known_programs);
    let mut text = if known == 0 {
        "no cluster lines".to_owned()
    } else {
        let understood = sum(|c| c.understood);
        let noun = plural(known, "line", "lines");
        format!("{understood} of {known} cluster {noun} understood")
    };
    let (others, notes) = (sum(|c| c.others), sum(|c| c.notes));
    let rest = [
        (others, plural(others, "other", "others")),
        (notes, plural(notes, "note", "notes")),
        (sum(|c| c.cut), "cut"),
        (sum(|c| c.damaged), "damaged"),
    ];
    for (count, word) in rest.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {count} {word}"));
    }
    text
}

/// Whose logs these are, and how big the cluster is.
pub(super) fn write(report: &Report, page: &mut Page) -> io::Result<()> {
    let cluster = &report.cluster;
    let own: Vec<&NodePart> = cluster.nodes.iter().filter(|n| n.has_log).collect();
    // Who was seen matters when somebody was not.
    let seen_all = cluster.configured.value.as_f64() == Some(cluster.nodes.len() as f64);
    let verbose = page.verbosity() == Verbosity::Verbose;
    // Ids that no line joins with a name are those of the nodes whose logs these are, if all are given.
    let all_given = cluster.configured.value.as_f64() == Some(own.len() as f64);
    let told = own.len() == cluster.nodes.len() || (seen_all || all_given) && !verbose;
    let mut body = page.text();
    if !own.is_empty() {
        let names: Vec<String> = own
            .iter()
            .take(if verbose { own.len() } else { MOST_NODES })
            .map(|node| match (&node.name, node.id) {
                (Some(name), Some(id)) if own.len() == 1 => format!("node {id} \"{name}\""),
                (None, Some(id)) if own.len() == 1 => format!("node {id}"),
                (Some(name), Some(id)) if own.len() <= FEW_NODES => format!("{name} (node {id})"),
                _ => short_name(node),
            })
            .collect();
        let comma = if own.len() <= FEW_NODES { ", " } else { " " };
        body.put(Ink::Strong, &names.join(comma));
        if names.len() < own.len() {
            let more = format!(" and {} more", own.len() - names.len());
            body.put(Ink::Strong, &more);
        }
        // One word is enough for names and numbers that are known in the same way.
        let basis = own.iter().filter_map(|n| n.basis).max();
        let shared = told
            && numbers(report)
                .next()
                .is_some_and(|(n, _)| n.basis == basis);
        body.put(Ink::Dim, &parenthesis(basis.filter(|_| !shared)));
    }
    if !told {
        separate(&mut body, "; ");
        body.put(Ink::Body, &format!("seen {}", seen(&cluster.nodes)));
    }
    let mut pending = None;
    for (number, text) in numbers(report) {
        // Values that are known in one way share its word.
        if pending.is_some() && pending != Some(number.basis) {
            body.put(Ink::Dim, &parenthesis(pending.flatten()));
            separate(&mut body, "; ");
        } else {
            separate(&mut body, if pending.is_some() { ", " } else { "; " });
        }
        body.put(Ink::Strong, &text);
        pending = Some(number.basis);
    }
    body.put(Ink::Dim, &parenthesis(pending.flatten()));
    if body.is_empty() {
        return Ok(());
    }
    labelled(Ink::Dim, "cluster", &body, page)
}

/// Whose clocks differ from the others', and by how much.
pub(super) fn clocks(report: &Report, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let told = |node: &&NodePart| {
        let of = node.clock.as_ref();
        of.is_some_and(|of| {
            of.offset_s != 0.0 || of.pieces.iter().any(|piece| piece.offset_s != 0.0)
        })
    };
    let off: Vec<&NodePart> = report.cluster.nodes.iter().filter(told).collect();
    if off.is_empty() {
        return Ok(());
    }
    let most = match page.verbosity() {
        Verbosity::Verbose => off.len(),
        _ => FEW_NODES,
    };
    let compared = report.cluster.nodes.iter().filter(|n| n.clock.is_some());
    let compared: Vec<&NodePart> = compared.collect();
    let mut told: Vec<String> = off
        .iter()
        .take(most)
        .filter_map(|node| clock_of(node, clock))
        .collect();
    // Nobody can tell which of two clocks is wrong.
    if let [a, b] = compared[..] {
        let other = if a.name == off[0].name { b } else { a };
        told.push(format!(
            "against {}, which may be the wrong one",
            short_name(other)
        ));
    }
    if off.len() > most {
        told.push(format!("and {} more nodes", off.len() - most));
    }
    let mut body = page.text().with(Ink::Body, &told.join("; "));
    let measured = off.iter().any(|node| {
        let clock = node.clock.as_ref();
        clock.is_some_and(|clock| clock.error_s.is_some())
    });
    let how = if measured { " (measured)" } else { "" };
    let rest = "; times here are corrected, lines keep their own";
    body.put(Ink::Dim, &format!("{how}{rest}"));
    labelled(Ink::Dim, "clocks", &body, page)
}

/// `pve4 37.5 s ahead (±0.2 s, 9 shared lines)`.
pub(super) fn clock_of(node: &NodePart, clock: &Clock) -> Option<String> {
    let of = node.clock.as_ref()?;
    let name = short_name(node);
    let shift = |seconds: f64| match seconds {
        0.0 => "with the others".to_owned(),
        _ => {
            let span = Span((seconds.abs() * 1e6) as i64);
            format!("{span} {}", if seconds > 0.0 { "ahead" } else { "behind" })
        }
    };
    if of.pieces.len() > 1 {
        let pieces = of.pieces.iter().map(|piece| match piece.from {
            Some(from) => format!("{} from its {} on", shift(piece.offset_s), clock.at(from)),
            None => shift(piece.offset_s),
        });
        return Some(format!("{name} {}", pieces.collect::<Vec<_>>().join(", ")));
    }
    let Some(error_s) = of.error_s else {
        return Some(format!(
            "{name} {} at least, by a lock that changed hands (inferred)",
            shift(of.offset_s)
        ));
    };
    let mut text = format!(
        "{name} {} (within {}, {} shared lines)",
        shift(of.offset_s),
        Span((error_s * 1e6) as i64),
        of.shared
    );
    if let Some(drift) = of
        .pieces
        .first()
        .map(|piece| piece.drift_s_per_day)
        .filter(|d| *d != 0.0)
    {
        let way = if drift > 0.0 { "gains" } else { "loses" };
        text.push_str(&format!(", {way} {:.1} s a day", drift.abs()));
    }
    if let Some(zone) = zone(of.offset_s) {
        text.push_str(&format!(", {zone} as in another time zone"));
    }
    Some(text)
}

/// Seconds by which a clock in another zone may be off besides.
const ZONE_S: f64 = 60.0;

/// The hours between two zones, if that is what the clock is off by.
fn zone(offset_s: f64) -> Option<String> {
    let quarters = (offset_s / 900.0).round();
    let whole = (offset_s - quarters * 900.0).abs() <= ZONE_S;
    // Zones are half an hour apart at least, but for three.
    (whole && quarters.abs() >= 2.0).then(|| format!("{:+} h", quarters / 4.0))
}

/// The numbers of the cluster that are known, in words.
pub(super) fn numbers(report: &Report) -> impl Iterator<Item = (&Graded, String)> {
    let cluster = &report.cluster;
    let configured = &cluster.configured.value;
    let nodes = if configured.as_f64() == Some(1.0) {
        "node"
    } else {
        "nodes"
    };
    let all = [
        (
            &cluster.configured,
            format!("{configured} {nodes} configured"),
        ),
        (&cluster.quorum, format!("quorum {}", cluster.quorum.value)),
        (&cluster.margin, format!("margin {}", cluster.margin.value)),
        (
            &cluster.token_ms,
            format!("token {} ms", cluster.token_ms.value),
        ),
    ];
    all.into_iter()
        .filter(|(graded, _)| !graded.value.is_null())
}

/// The rules behind what was concluded or assumed; everything's when all is wanted.
pub(super) fn rules(report: &Report, page: &mut Page) -> io::Result<()> {
    let all = page.verbosity() == Verbosity::Verbose;
    let weak = |graded: &Graded| all || graded.basis >= Some(Basis::Inferred);
    page.gap()?;
    let mut label = "known by";
    for (graded, text) in numbers(report).filter(|(graded, _)| weak(graded)) {
        if let Some(because) = &graded.because {
            let body = page.text().with(Ink::Dim, &format!("{text}: {because}"));
            labelled(Ink::Dim, std::mem::take(&mut label), &body, page)?;
        }
    }
    for given in &report.cluster.given {
        let text = format!("{}: {}", given.what.join(", "), given.from);
        let body = page.text().with(Ink::Dim, &text);
        labelled(Ink::Dim, std::mem::take(&mut label), &body, page)?;
    }
    if all {
        links(report, page)?;
    }
    Ok(())
}

/// The links that a configuration gives, with the addresses of the nodes.
fn links(report: &Report, page: &mut Page) -> io::Result<()> {
    for of_link in report.cluster.links.chunk_by(|a, b| a.link == b.link) {
        let ends = of_link.iter().map(|end| match (&end.node, end.id) {
            (Some(name), _) => format!("{name} {}", end.address),
            (None, Some(id)) => format!("node {id} {}", end.address),
            (None, None) => end.address.clone(),
        });
        let mut text = ends.collect::<Vec<_>>().join(", ");
        if let Some(priority) = of_link.iter().find_map(|end| end.priority) {
            text.push_str(&format!("; priority {priority}"));
        }
        let label = of_link.first().map_or(0, |end| end.link);
        let body = page.text().with(Ink::Dim, &text);
        labelled(Ink::Dim, &format!("link {label}"), &body, page)?;
    }
    Ok(())
}

/// How the nodes of an incident stood when their logs ended: what its advice rests on.
pub(super) fn state_at_end(
    report: &Report,
    incident: &Incident,
    page: &mut Page,
) -> io::Result<()> {
    let all = page.verbosity() == Verbosity::Verbose;
    if incident.status == Status::Over && !all {
        return Ok(());
    }
    let mut states: Vec<(String, Vec<String>)> = Vec::new();
    for node in report.cluster.nodes.iter().filter(|n| n.has_log) {
        let concerned = node
            .name
            .as_ref()
            .is_none_or(|n| incident.nodes.contains(n));
        let state = state(node);
        if !concerned || state.is_empty() {
            continue;
        }
        match states.iter_mut().find(|(known, _)| *known == state) {
            Some((_, nodes)) => nodes.push(short_name(node)),
            None => states.push((state, vec![short_name(node)])),
        }
    }
    if states.len() > FEW_NODES && !all {
        return Ok(());
    }
    let lone = states.len() == 1;
    let mut label = "at the end";
    for (state, nodes) in states {
        let mut body = page.text();
        if !lone || nodes.len() > 1 {
            body.put(Ink::Strong, &format!("{}: ", nodes.join(", ")));
        }
        body.put(Ink::Body, &state);
        labelled(Ink::Strong, std::mem::take(&mut label), &body, page)?;
    }
    Ok(())
}

/// How a node stood when its log ended, in words; empty where nothing is known.
pub(super) fn state(node: &NodePart) -> String {
    let words = node.state.iter().filter_map(|(word, value)| {
        let name = match *word {
            "etc_pve" => "/etc/pve".to_owned(),
            "lrm" => "LRM".to_owned(),
            "crm" => "CRM".to_owned(),
            "armed" => "watchdog armed".to_owned(),
            other => other.replace('_', " "),
        };
        match value {
            Value::Null => None,
            Value::Bool(true) => Some(name),
            Value::Bool(false) if *word == "armed" => Some("watchdog not armed".to_owned()),
            Value::Bool(false) => Some(format!("not {name}")),
            _ => Some(format!("{name} {value}")),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Every node that was seen: by name if all have one, else by id where there is one.
fn seen(nodes: &[NodePart]) -> String {
    let named = nodes.iter().all(|node| node.name.is_some());
    let names = nodes.iter().map(|node| match node.id {
        Some(id) if !named => id.to_string(),
        _ => short_name(node),
    });
    names.collect::<Vec<_>>().join(" ")
}

/// Its name, else its id.
pub(super) fn short_name(node: &NodePart) -> String {
    match (&node.name, node.id) {
        (Some(name), _) => name.clone(),
        (None, Some(id)) => format!("node {id}"),
        (None, None) => "a node without a name".to_owned(),
    }
}

fn separate(text: &mut Text, by: &str) {
    if !text.is_empty() {
        text.put(Ink::Body, by);
    }
}

fn parenthesis(basis: Option<Basis>) -> String {
    basis.map_or_else(String::new, |basis| format!(" ({basis})"))
}

/// `one` or `many`.
pub(super) fn plural<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
