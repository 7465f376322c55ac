//! The answer on a terminal: verdict first, picture second, evidence last.
//! In: a `Report`. Out: lines that fit the width.
//! Never: says what the report does not hold.

use super::clock::{self, Clock};
use super::paint::{Ink, Page, Text};
use super::{Look, Verbosity, evidence, incident};
use crate::model::{Basis, Severity};
use crate::report::{Graded, NodePart, Report};
use std::io::{self, Write};

/// Column at which everything but titles begins; labels stand before it, pictures line up with it.
pub(super) const GUTTER: usize = 12;
/// Behind the longest word of severity.
const TITLE: usize = 15;
/// Nodes whose end state is told line by line.
const FEW_NODES: usize = 4;

/// Writes the whole answer.
pub(super) fn write(report: &Report, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, look);
    if page.verbosity() == Verbosity::Quiet {
        return quiet(report, page);
    }
    let clock = Clock::new(report);
    header(report, &clock, page)?;
    if is_calm(report) {
        let text = calm_sentence(report, &clock, page);
        page.block(page.text(), 1, &text)?;
        who(report, page)?;
    } else {
        who(report, page)?;
        page.blank()?;
        if report.incidents.len() != 1 || outside_is_worse(report) {
            title(report.verdict.severity, &report.verdict.text, page)?;
        }
    }
    for (n, story) in report.incidents.iter().enumerate() {
        if n > 0 || report.incidents.len() > 1 {
            page.blank()?;
        }
        incident::write(report, story, &clock, page)?;
    }
    state_at_end(report, page)?;
    evidence::write_rest(report, &clock, page)
}

/// A severity and what it is about.
pub(super) fn title(severity: Severity, text: &str, page: &mut Page) -> io::Result<()> {
    let word = severity.word().to_uppercase();
    let lead = page.text().with(Ink::Body, " ");
    let lead = lead.with(Ink::from(severity), &word);
    let body = page.text().with(Ink::Strong, text);
    page.block(lead, TITLE, &body)
}

/// What stands under a title.
pub(super) fn subtitle(body: &Text, page: &mut Page) -> io::Result<()> {
    page.block(page.text(), TITLE, body)
}

/// A label in the gutter and prose behind it.
pub(super) fn labelled(ink: Ink, label: &str, body: &Text, page: &mut Page) -> io::Result<()> {
    let lead = page.text().with(Ink::Body, " ").with(ink, label);
    page.block(lead, GUTTER, body)
}

fn quiet(report: &Report, page: &mut Page) -> io::Result<()> {
    title(report.verdict.severity, &report.verdict.text, page)?;
    if report.incidents.len() > 1 {
        for story in &report.incidents {
            title(story.severity, &story.title, page)?;
        }
    }
    Ok(())
}

/// Nothing is wrong.
fn is_calm(report: &Report) -> bool {
    report.incidents.is_empty() && report.verdict.severity == Severity::Info
}

/// Something outside the only incident is worse than it, or stands beside it.
fn outside_is_worse(report: &Report) -> bool {
    report
        .incidents
        .iter()
        .all(|story| story.severity < report.verdict.severity)
}

fn header(report: &Report, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let mut body = page.text();
    let (paths, more) = match report.inputs.as_slice() {
        [] => ("no input".to_owned(), String::new()),
        [one] => (one.path.clone(), String::new()),
        many => {
            let mut nodes: Vec<&str> = many.iter().filter_map(|i| i.node.as_deref()).collect();
            nodes.dedup();
            let some = (1..=FEW_NODES).contains(&nodes.len());
            let of = if some {
                format!(" of {}", nodes.join(" "))
            } else {
                String::new()
            };
            (format!("{} logs", many.len()), of)
        }
    };
    body.put(Ink::Strong, &paths).put(Ink::Body, &more);
    body.put(Ink::Body, "  ");
    body.put(Ink::Body, &coverage(report));
    body.put(Ink::Body, "; ");
    match (clock::first(report), clock::last(report)) {
        (Some(first), Some(last)) => {
            let times = format!(
                "{} to {} {} ({})",
                first.date_clock(),
                clock.at(last),
                page.zone(),
                last.since(first)
            );
            body.put(Ink::Body, &times);
        }
        _ => {
            body.put(Ink::Body, "no timestamps: order only");
        }
    }
    labelled(Ink::Strong, "fencepost", &body, page)
}

/// `137 of 137 cluster lines understood, 15 others, 12 notes`.
fn coverage(report: &Report) -> String {
    let sum = |part: fn(&crate::report::CoveragePart) -> u64| -> u64 {
        report.inputs.iter().map(|i| part(&i.coverage)).sum()
    };
    let mut text = format!(
        "{} of {} cluster lines understood",
        sum(|c| c.understood),
        sum(|c| c.known_programs)
    );
    let rest = [
        (sum(|c| c.others), "others"),
        (sum(|c| c.notes), "notes"),
        (sum(|c| c.cut), "cut"),
        (sum(|c| c.damaged), "damaged"),
    ];
    for (count, word) in rest {
        if count > 0 {
            let word = match (count, word) {
                (1, "others") => "other",
                (1, "notes") => "note",
                _ => word,
            };
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text
}

/// The verdict on a healthy log, with the numbers that it rests on.
fn calm_sentence(report: &Report, clock: &Clock, page: &Page) -> Text {
    let lines: u64 = report
        .inputs
        .iter()
        .map(|i| i.coverage.known_programs)
        .sum();
    let verdict = &report.verdict.text;
    let body = page.text();
    if lines == 0 {
        return body.with(Ink::Good, verdict);
    }
    let noun = if lines == 1 { "line" } else { "lines" };
    let mut sentence = format!("Nothing wrong was found in {lines} cluster {noun}");
    if let (Some(first), Some(last)) = (clock::first(report), clock::last(report)) {
        sentence.push_str(&format!(
            " from {} to {} {}",
            first.date_clock(),
            clock.at(last),
            page.zone()
        ));
    }
    body.with(Ink::Good, &format!("{sentence}."))
}

/// Whose logs these are, and how big the cluster is.
fn who(report: &Report, page: &mut Page) -> io::Result<()> {
    let cluster = &report.cluster;
    let own: Vec<&NodePart> = cluster.nodes.iter().filter(|n| n.has_log).collect();
    let mut parts = page.text();
    let begin = |text: &mut Text| {
        if !text.is_empty() {
            text.put(Ink::Body, "; ");
        }
    };
    if !own.is_empty() {
        let names: Vec<String> = own.iter().map(|n| full_name(n)).collect();
        let noun = if own.len() == 1 { "" } else { "logs of " };
        parts.put(Ink::Strong, &format!("{noun}{}", names.join(", ")));
        let basis = own.iter().filter_map(|n| n.basis).max();
        parts.put(Ink::Dim, &parenthesis(basis, None));
    }
    if own.len() < cluster.nodes.len() {
        begin(&mut parts);
        let names: Vec<String> = cluster.nodes.iter().map(short_name).collect();
        parts.put(Ink::Body, &format!("seen {}", names.join(" ")));
    }
    let verbose = page.verbosity() == Verbosity::Verbose;
    let words: [(&Graded, &str, &str, bool); 4] = [
        (&cluster.configured, "", " nodes configured", true),
        (&cluster.quorum, "quorum ", "", verbose),
        (&cluster.margin, "margin ", "", verbose),
        (&cluster.token_ms, "token ", " ms", verbose),
    ];
    for (graded, before, after, explain) in words {
        if graded.value.is_null() {
            continue;
        }
        begin(&mut parts);
        let after = match (after, graded.value.as_f64()) {
            (" nodes configured", Some(1.0)) => " node configured",
            _ => after,
        };
        parts.put(Ink::Strong, &format!("{before}{}{after}", graded.value));
        // A rule is worth its room where it was needed.
        let weak = graded.basis >= Some(Basis::Inferred) || verbose;
        let because = graded.because.as_deref().filter(|_| explain && weak);
        parts.put(Ink::Dim, &parenthesis(graded.basis, because));
    }
    if parts.is_empty() {
        return Ok(());
    }
    labelled(Ink::Dim, "cluster", &parts, page)
}

fn parenthesis(basis: Option<Basis>, because: Option<&str>) -> String {
    match (basis, because) {
        (Some(basis), Some(because)) => format!(" ({basis}: {because})"),
        (Some(basis), None) => format!(" ({basis})"),
        (None, _) => String::new(),
    }
}

fn full_name(node: &NodePart) -> String {
    match (node.id, &node.name) {
        (Some(id), Some(name)) => format!("node {id} \"{name}\""),
        (Some(id), None) => format!("node {id}"),
        (None, Some(name)) => name.clone(),
        (None, None) => "an unnamed node".to_owned(),
    }
}

fn short_name(node: &NodePart) -> String {
    match (&node.name, node.id) {
        (Some(name), _) => name.clone(),
        (None, Some(id)) => id.to_string(),
        (None, None) => "?".to_owned(),
    }
}

/// How the nodes stood when their logs ended: what every advice rests on.
fn state_at_end(report: &Report, page: &mut Page) -> io::Result<()> {
    let known = |n: &&NodePart| n.has_log && n.state.iter().any(|(_, v)| !v.is_null());
    let nodes: Vec<&NodePart> = report.cluster.nodes.iter().filter(known).collect();
    let wanted = nodes.len() <= FEW_NODES || page.verbosity() == Verbosity::Verbose;
    if report.incidents.is_empty() || nodes.is_empty() || !wanted {
        return Ok(());
    }
    page.blank()?;
    for (n, node) in nodes.iter().enumerate() {
        let said = node.state.iter().filter(|(_, value)| !value.is_null());
        let said: Vec<String> = said
            .map(|(name, value)| match value {
                crate::model::Value::Bool(true) => name.replace('_', " "),
                crate::model::Value::Bool(false) => format!("not {}", name.replace('_', " ")),
                _ => format!("{} {value}", name.replace('_', " ")),
            })
            .collect();
        let name = if nodes.len() > 1 {
            format!("{}: ", short_name(node))
        } else {
            String::new()
        };
        let body = page.text().with(Ink::Strong, &name);
        let body = body.with(Ink::Body, &said.join(", "));
        let label = if n == 0 { "at the end" } else { "" };
        labelled(Ink::Dim, label, &body, page)?;
    }
    Ok(())
}
