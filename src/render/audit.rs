//! The answer to `fencepost check` on a terminal: verdict, faults with their lines, and guests against nodes.
//! In: a `Report` of a configuration. Out: lines that fit the width.
//! Never: says what the report does not hold.

use super::incident::{findings_of, now};
use super::paint::{Ink, Page, Text};
use super::term::{GUTTER, labelled, subtitle, title};
use super::who::plural;
use super::{Look, Verbosity, escape};
use crate::model::Severity;
use crate::report::{Advice, Evidence, Finding, GuestNode, Incident, Report};
use std::io::{self, Write};

/// Findings of one kind that are told one by one.
const TOLD: usize = 12;
/// Lines of evidence of one finding.
const LINES: usize = 6;
/// Advice of one kind.
const ADVICE: usize = 8;
/// Broken lines and other remarks.
const REMARKS: usize = 12;

/// Writes the whole answer.
pub(super) fn write(report: &Report, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, look);
    if page.verbosity() == Verbosity::Quiet {
        return title(report.verdict.severity, &report.verdict.text, page);
    }
    header(report, page)?;
    page.gap()?;
    if report.verdict.severity == Severity::Info && report.incidents.is_empty() {
        let calm = page.text().with(Ink::Good, &report.verdict.text);
        page.block(page.text(), 1, &calm)?;
    } else {
        title(report.verdict.severity, &report.verdict.text, page)?;
    }
    for (n, incident) in report.incidents.iter().enumerate() {
        // A lone story bears the title of the verdict.
        if report.incidents.len() > 1 || incident.title != report.verdict.text {
            page.gap()?;
            title(incident.severity, &incident.title, page)?;
        }
        story(report, incident, page)?;
        if n + 1 == report.incidents.len() {
            page.gap()?;
        }
    }
    guests(report, page)?;
    remarks(report, page)
}

/// What was read, and the cluster that it describes.
fn header(report: &Report, page: &mut Page) -> io::Result<()> {
    let mut body = page.text();
    match report.inputs.as_slice() {
        [one] => body.put(Ink::Strong, &one.path),
        many => {
            let root = common(many.iter().map(|input| input.path.as_str()));
            if !root.is_empty() {
                body.put(Ink::Strong, &format!("{root}  "));
            }
            body.put(Ink::Strong, &format!("{} files", many.len()))
        }
    };
    let lines: u64 = report
        .inputs
        .iter()
        .map(|input| input.coverage.understood)
        .sum();
    body.put(
        Ink::Body,
        &format!("  {lines} {} understood", plural(lines, "line", "lines")),
    );
    let others: u64 = report
        .inputs
        .iter()
        .map(|input| input.coverage.others)
        .sum();
    let broken: u64 = report
        .inputs
        .iter()
        .map(|input| input.coverage.damaged)
        .sum();
    for (count, word) in [(others, "of other things"), (broken, "broken")] {
        if count > 0 {
            body.put(Ink::Body, &format!(", {count} {word}"));
        }
    }
    labelled(Ink::Strong, "fencepost", &body, page)?;
    let names: Vec<&str> = report
        .cluster
        .nodes
        .iter()
        .filter_map(|node| node.name.as_deref())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let count = names.len() as u64;
    let mut body = page.text().with(Ink::Strong, &names.join(" "));
    body.put(
        Ink::Body,
        &format!(" ({count} {}", plural(count, "node", "nodes")),
    );
    let state = report.cluster.nodes.first().map(|node| &node.state);
    if let Some((_, generation)) =
        state.and_then(|state| state.iter().find(|(name, _)| *name == "pve"))
    {
        let of = if generation.to_string() == "8" {
            "8 or before"
        } else {
            "9"
        };
        body.put(Ink::Body, &format!(", PVE {of}"));
    }
    body.put(Ink::Body, ")");
    for (graded, before, after) in [
        (&report.cluster.configured, "", " votes configured"),
        (&report.cluster.quorum, "quorum ", ""),
        (&report.cluster.margin, "margin ", ""),
        (&report.cluster.token_ms, "token ", " ms"),
    ] {
        if !graded.value.is_null() {
            body.put(Ink::Body, &format!("; {before}{}{after}", graded.value));
            if let Some(basis) = graded
                .basis
                .filter(|basis| *basis > crate::model::Basis::Stated)
            {
                body.put(Ink::Dim, &format!(" ({basis})"));
            }
        }
    }
    labelled(Ink::Strong, "cluster", &body, page)
}

/// One kind of fault: why it is bad, each with its lines, what to do.
fn story(report: &Report, incident: &Incident, page: &mut Page) -> io::Result<()> {
    let findings = findings_of(report, incident);
    for cause in &incident.causes {
        subtitle(&page.text().with(Ink::Dim, cause), page)?;
    }
    let verbose = page.verbosity() == Verbosity::Verbose;
    let told = if verbose { findings.len() } else { TOLD };
    for finding in findings.iter().take(told) {
        fault(report, finding, incident.severity, page)?;
    }
    more(findings.len().saturating_sub(told), page)?;
    let told = if verbose {
        incident.advice.len()
    } else {
        ADVICE
    };
    let advice: Vec<Advice> = incident.advice.iter().take(told).cloned().collect();
    now(&advice, page)?;
    more(incident.advice.len().saturating_sub(told), page)
}

fn more(left: usize, page: &mut Page) -> io::Result<()> {
    if left == 0 {
        return Ok(());
    }
    let text = page
        .text()
        .with(Ink::Dim, &format!("and {left} more; -v tells all"));
    page.block(page.text(), GUTTER, &text)
}

/// A fault and the lines that show it.
fn fault(report: &Report, finding: &Finding, usual: Severity, page: &mut Page) -> io::Result<()> {
    let what = finding
        .subject
        .as_deref()
        .or(finding.node.as_deref())
        .unwrap_or("cluster");
    // The label says it already.
    let text = finding
        .text
        .strip_prefix(what)
        .filter(|rest| rest.starts_with(' '));
    let text = text.map_or(finding.text.as_str(), str::trim_start);
    let mut body = page.text().with(Ink::Body, text);
    if finding.severity != usual {
        body.put(
            Ink::from(finding.severity),
            &format!(" ({})", finding.severity),
        );
    }
    if finding.basis > crate::model::Basis::Stated {
        body.put(Ink::Dim, &format!(" ({})", finding.basis));
    }
    labelled(Ink::Strong, what, &body, page)?;
    let verbose = page.verbosity() == Verbosity::Verbose;
    let kept = if verbose {
        finding.evidence.len()
    } else {
        LINES
    };
    for evidence in finding.evidence.iter().take(kept) {
        quote(report, evidence, page)?;
    }
    if verbose {
        let details = finding.details.iter().filter(|(_, value)| !value.is_null());
        let details: Vec<String> = details
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let text = page.text().with(Ink::Dim, &details.join(", "));
        page.block(page.text(), GUTTER, &text)?;
    }
    Ok(())
}

/// `ha/rules.cfg:12 │ nodes elm,oak`: the place is never cut from behind, for it is to be found again.
fn quote(report: &Report, evidence: &Evidence, page: &mut Page) -> io::Result<()> {
    let root = common(report.inputs.iter().map(|input| input.path.as_str()));
    let name = evidence
        .input
        .strip_prefix(root.as_str())
        .unwrap_or(&evidence.input);
    let name = escape::visible(name, page.ascii());
    let name = match page.verbosity() {
        Verbosity::Verbose => name,
        _ => escape::cut_front(&name, page.width() / 2, page.ascii()),
    };
    let mut line = page.text();
    line.pad_to(GUTTER);
    line.put(Ink::Dim, &format!("{name}:{}", evidence.line));
    line.put(Ink::Dim, page.sign(" │ ", " | "));
    let words: Vec<&str> = evidence.text.split_whitespace().collect();
    line.put(Ink::Body, &words.join(" "));
    page.line(&line)
}

/// The folder that all paths have in common, with its `/`.
pub(super) fn common<'p>(paths: impl Iterator<Item = &'p str>) -> String {
    let folder = |path: &'p str| &path[..path.rfind('/').map_or(0, |at| at + 1)];
    let shared = paths.map(folder).reduce(|a, b| {
        let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
        // A slash is one byte, so what it ends is whole characters.
        let same = a.as_bytes()[..same]
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |at| at + 1);
        &a[..same]
    });
    shared.unwrap_or("").to_owned()
}

/// A line for each guest at risk, a column for each node.
fn guests(report: &Report, page: &mut Page) -> io::Result<()> {
    let Some(first) = report.guests.first() else {
        return Ok(());
    };
    page.gap()?;
    let label = report
        .guests
        .iter()
        .map(|row| row.guest.len())
        .max()
        .unwrap_or(0)
        .max("guest".len())
        + 2;
    let nodes: Vec<&str> = first.nodes.iter().map(|node| node.node.as_str()).collect();
    let column = nodes
        .iter()
        .map(|name| escape::width(&escape::visible(name, page.ascii())))
        .max()
        .unwrap_or(0);
    let column = column.clamp(4, 16) + 2;
    let fits = (page.width().saturating_sub(GUTTER + label) / column).max(1);
    for (n, begin) in (0..nodes.len()).step_by(fits).enumerate() {
        if n > 0 {
            page.gap()?;
        }
        let end = (begin + fits).min(nodes.len());
        let mut line = page.text().with(Ink::Body, " ");
        line.put(Ink::Strong, if n == 0 { "GUESTS" } else { "" })
            .pad_to(GUTTER);
        line.put(Ink::Dim, "guest");
        for (at, node) in nodes[begin..end].iter().enumerate() {
            line.pad_to(GUTTER + label + at * column);
            let name = escape::visible(node, page.ascii());
            line.put(Ink::Dim, &escape::cut(&name, column - 2, page.ascii()));
        }
        page.line(&line)?;
        for row in &report.guests {
            let mut line = page.text();
            line.pad_to(GUTTER);
            line.put(Ink::Strong, &row.guest);
            for (at, node) in row.nodes[begin.min(row.nodes.len())..end.min(row.nodes.len())]
                .iter()
                .enumerate()
            {
                line.pad_to(GUTTER + label + at * column);
                cell(node, &mut line);
            }
            page.line(&line)?;
        }
    }
    for legend in [
        "r HA may run it there  c its disks are there  s its storages are",
        "* it is there now  ! it would not start, or from an old copy (~)",
    ] {
        page.block(page.text(), GUTTER, &page.text().with(Ink::Dim, legend))?;
    }
    if report
        .guests
        .iter()
        .flat_map(|row| &row.nodes)
        .any(|node| node.has_replica.is_none() || node.has_storage.is_none())
    {
        page.block(
            page.text(),
            GUTTER,
            &page.text().with(Ink::Dim, "? no file tells"),
        )?;
    }
    Ok(())
}

/// `rcs*`, `r-s!`.
fn cell(node: &GuestNode, line: &mut Text) {
    let sign = |known: Option<bool>, yes: &'static str| match known {
        Some(true) => yes,
        Some(false) => "-",
        None => "?",
    };
    let copy = if node.stale {
        "~"
    } else {
        sign(node.has_replica, "c")
    };
    let lacks = node.has_replica == Some(false) || node.has_storage == Some(false) || node.stale;
    let bad = node.may_run && !node.home && lacks;
    let ink = match (bad, node.may_run) {
        (true, _) => Ink::Bad,
        (false, true) => Ink::Good,
        (false, false) => Ink::Dim,
    };
    line.put(ink, sign(Some(node.may_run), "r"));
    line.put(ink, copy);
    line.put(ink, sign(node.has_storage, "s"));
    line.put(
        ink,
        if bad {
            "!"
        } else if node.home {
            "*"
        } else {
            ""
        },
    );
}

/// What could not be used, and what could not be checked.
fn remarks(report: &Report, page: &mut Page) -> io::Result<()> {
    if report.remarks.is_empty() {
        return Ok(());
    }
    page.gap()?;
    let told = match page.verbosity() {
        Verbosity::Verbose => report.remarks.len(),
        _ => REMARKS,
    };
    for (n, remark) in report.remarks.iter().take(told).enumerate() {
        let body = page.text().with(Ink::Dim, remark);
        labelled(Ink::Strong, if n == 0 { "NOTES" } else { "" }, &body, page)?;
    }
    more(report.remarks.len().saturating_sub(told), page)?;
    if page.verbosity() == Verbosity::Verbose {
        for input in &report.inputs {
            for unknown in &input.coverage.unknown {
                let text = format!("kept, not understood: {} {}", input.path, unknown.message);
                page.block(page.text(), GUTTER, &page.text().with(Ink::Dim, &text))?;
            }
        }
    }
    Ok(())
}
