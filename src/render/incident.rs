//! One story: what it is, its picture, why it happened, what was near, and what to do now.
//! In: an incident of the report. Out: the upper half of a terminal answer.
//! Never: shows a command that must not be run in a form that invites copying.

use super::clock::Clock;
use super::paint::{Ink, Page};
use super::term::{GUTTER, labelled, subtitle, title};
use super::{Verbosity, blame, evidence, lanes, who};
use crate::model::Value;
use crate::report::{Advice, Boot, Callout, Finding, Incident, Report, Safety, Status};
use std::collections::HashSet;
use std::io;

/// Behind the words of safety.
const SAFETY: usize = GUTTER + 7;
/// Nodes that are named one by one.
const MOST_NODES: usize = 6;
/// Columns of the bar of a fence clock.
const BAR: usize = 24;

/// Writes one incident.
pub(super) fn write(
    report: &Report,
    incident: &Incident,
    clock: &Clock,
    page: &mut Page,
) -> io::Result<()> {
    title(incident.severity, &incident.title, page)?;
    status(incident, clock, page)?;
    lanes::write(report, incident, page)?;
    page.gap()?;
    why(incident, page)?;
    blame::write(incident, page)?;
    let of_clock = |callout: &Callout| matches!(callout.label, "near miss" | "fence clock");
    let last_of_clock = incident.callouts.iter().rposition(of_clock);
    for (n, callout) in incident.callouts.iter().enumerate() {
        let body = page.text().with(Ink::Body, &callout.text);
        labelled(Ink::Warn, &callout.label.to_uppercase(), &body, page)?;
        if last_of_clock == Some(n) {
            fence_clocks(&findings_of(report, incident), page)?;
        }
    }
    for (n, meanwhile) in incident.meanwhile.iter().enumerate() {
        let mut body = page.text().with(Ink::Body, &meanwhile.text);
        if let Some(began) = meanwhile.began {
            body.put(Ink::Dim, &format!("; since {}", clock.at(began)));
        }
        labelled(Ink::Dim, if n == 0 { "meanwhile" } else { "" }, &body, page)?;
    }
    for boot in report.boots.iter().filter(|b| boot_belongs(b, incident)) {
        evidence::boot(report, boot, clock, page)?;
    }
    page.gap()?;
    who::state_at_end(report, incident, page)?;
    now(&incident.advice, page)?;
    if page.verbosity() == Verbosity::Verbose {
        evidence::timeline(report, incident, clock, page)?;
    }
    Ok(())
}

/// The findings of an incident, worst first.
pub(super) fn findings_of<'a>(report: &'a Report, incident: &Incident) -> Vec<&'a Finding> {
    let own: HashSet<&String> = incident.findings.iter().collect();
    let all = report.findings.iter();
    let mut findings: Vec<&Finding> = all.filter(|f| own.contains(&f.id)).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Whether a boot is part of a story: one of its nodes, and within its time.
pub(super) fn boot_belongs(boot: &Boot, incident: &Incident) -> bool {
    let here = boot
        .node
        .as_ref()
        .is_some_and(|node| incident.nodes.contains(node));
    let within = match (incident.began, boot.ended.or(boot.began)) {
        (Some(began), Some(at)) => at >= began && incident.ended.is_none_or(|ended| at <= ended),
        _ => (incident.line..=incident.last_line).contains(&boot.line),
    };
    here && within
}

fn status(incident: &Incident, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let word = match incident.status {
        Status::Over => "over",
        Status::Ongoing => "STILL GOING ON at the end of the log",
        Status::Unknown => "the log ended first",
    };
    let mut body = page.text().with(Ink::from(incident.status), word);
    body.put(Ink::Body, &format!("; {}", clock.incident(incident)));
    match incident.nodes.len() {
        0 => {}
        1..=MOST_NODES => {
            body.put(Ink::Body, &format!("; {}", incident.nodes.join(", ")));
        }
        many => {
            body.put(Ink::Body, &format!("; {many} nodes"));
        }
    }
    subtitle(&body, page)?;
    if incident.status_because.is_empty() {
        return Ok(());
    }
    subtitle(&page.text().with(Ink::Dim, &incident.status_because), page)
}

/// The chain of causes, and how sure it is.
fn why(incident: &Incident, page: &mut Page) -> io::Result<()> {
    let arrow = page.sign("→", "->");
    for (n, cause) in incident.causes.iter().enumerate() {
        let mut body = page.text();
        if n > 0 {
            body.put(Ink::Dim, &format!("{arrow} "));
        }
        body.put(Ink::Body, cause.trim_end_matches('.'));
        if n + 1 == incident.causes.len() {
            let sure = format!("  (confidence {})", incident.confidence);
            body.put(Ink::Strong, &sure);
        }
        labelled(Ink::Strong, if n == 0 { "WHY" } else { "" }, &body, page)?;
    }
    let reasons = [
        ("for", &incident.confidence_for),
        ("against", &incident.confidence_against),
        ("rival", &incident.rivals),
        ("settled by", &incident.settled_by),
    ];
    for (label, sentences) in reasons {
        for (n, sentence) in sentences.iter().enumerate() {
            let body = page.text().with(Ink::Body, sentence);
            labelled(Ink::Dim, if n == 0 { label } else { "" }, &body, page)?;
        }
    }
    Ok(())
}

/// A bar for every lock that was lost while the watchdog was armed. On a node that did reset, the clock was not near but
/// out; its boot is told below.
fn fence_clocks(findings: &[&Finding], page: &mut Page) -> io::Result<()> {
    let is_fence =
        |f: &&&Finding| matches!(&*f.kind, "self-fence" | "node-fenced" | "watchdog-expired");
    let fenced: HashSet<_> = findings.iter().filter(is_fence).map(|f| &f.node).collect();
    for finding in findings.iter().filter(|f| !fenced.contains(&f.node)) {
        fence_clock(finding, page)?;
    }
    Ok(())
}

/// How much of the fence clock was used, as a bar.
fn fence_clock(finding: &Finding, page: &mut Page) -> io::Result<()> {
    let number = |name: &str| {
        let of_name = finding.details.iter().find(|(known, _)| *known == name);
        of_name.and_then(|(_, value)| Value::as_f64(value))
    };
    let (Some(used), Some(budget)) = (number("used_s"), number("budget_s")) else {
        return Ok(());
    };
    if budget <= 0.0 {
        return Ok(());
    }
    let ink = if finding.open { Ink::Bad } else { Ink::Warn };
    let share = (used / budget).clamp(0.0, 1.0) * BAR as f64;
    let full = share.round() as usize;
    let mut bar = page.text().with(Ink::Body, "[");
    bar.put(ink, &page.sign("█", "#").repeat(full));
    bar.put(Ink::Dim, &page.sign("░", ".").repeat(BAR - full));
    bar.put(
        Ink::Body,
        &format!("] {used:.1} of {budget:.0} s, at least"),
    );
    labelled(Ink::Body, "", &bar, page)
}

/// What to do, safest first.
pub(super) fn now(advice: &[Advice], page: &mut Page) -> io::Result<()> {
    let mut sorted: Vec<&Advice> = advice.iter().collect();
    sorted.sort_by_key(|advice| advice.safety);
    for (n, advice) in sorted.into_iter().enumerate() {
        let word = match advice.safety {
            Safety::Safe => "safe",
            Safety::Risky => "risky",
            Safety::Never => "never",
        };
        let mut lead = page.text().with(Ink::Body, " ");
        lead.put(Ink::Strong, if n == 0 { "NOW" } else { "" });
        lead.pad_to(GUTTER);
        lead.put(Ink::from(advice.safety), word);
        let mut body = page.text();
        body.put(Ink::Body, advice.say.trim_end_matches('.'));
        let copyable = advice.safety != Safety::Never;
        if let Some(run) = advice.run.as_deref().filter(|_| !copyable)
            && !advice.say.contains(run)
        {
            body.put(Ink::Body, " (").put(Ink::Strong, run);
            body.put(Ink::Body, ")");
        }
        if let Some(because) = &advice.because {
            body.put(Ink::Dim, &format!(": {because}"));
        }
        page.block(lead, SAFETY, &body)?;
        let commands = advice.run.as_deref().filter(|_| copyable);
        for command in commands.iter().flat_map(|run| run.split('\n')) {
            let mut line = page.text();
            line.pad_to(SAFETY + 2);
            line.put(Ink::Command, command);
            page.whole_line(&line)?;
        }
    }
    Ok(())
}
