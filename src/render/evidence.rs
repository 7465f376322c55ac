//! What an answer rests on: findings with their lines, boots, outages, and what was not understood.
//! In: lists of the report. Out: the lower half of a terminal answer, one or two lines each.
//! Never: leaves something out without a count of it.

use super::clock::{self, Clock};
use super::incident::boot_belongs;
use super::paint::{Ink, Page, Text};
use super::term::{GUTTER, labelled};
use super::who::plural;
use super::{Verbosity, escape};
use crate::model::{Basis, Severity, Span};
use crate::report::{Boot, BootPart, Evidence, Finding, Incident, NodePart, OutageLine, Report};
use std::collections::HashSet;
use std::io;

/// Findings listed one by one unless everything is wanted.
const MOST_FINDINGS: usize = 16;
const MOST_ON_TIMELINE: usize = 8;
const MOST_GUESTS: usize = 12;
const MOST_BOOTS: usize = 12;
const MOST_UNKNOWN: usize = 3;
/// Behind the longest word of severity.
const KIND: usize = 15;

/// A list of findings under `label`.
pub(super) fn findings(
    label: &str,
    of: &str,
    report: &Report,
    findings: &[&Finding],
    clock: &Clock,
    page: &mut Page,
) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    page.gap()?;
    let verbose = page.verbosity() == Verbosity::Verbose;
    let most = if verbose {
        findings.len()
    } else {
        MOST_FINDINGS
    };
    let noun = plural(findings.len() as u64, "finding", "findings");
    let count = format!("{} {noun}{of}", findings.len());
    labelled(
        Ink::Strong,
        label,
        &page.text().with(Ink::Dim, &count),
        page,
    )?;
    let widest = findings.iter().map(|f| escape::width(&f.kind)).max();
    let column = KIND + widest.unwrap_or(0).min(24) + 2;
    for finding in findings.iter().take(most) {
        let mut lead = page.text().with(Ink::Body, " ");
        lead.put(Ink::from(finding.severity), finding.severity.word());
        lead.pad_to(KIND);
        lead.put(Ink::Strong, &finding.kind);
        let summary = summary(report, finding, clock, page);
        // A narrow page has no room for a third column.
        if column + 24 <= page.width() {
            page.block(lead, column, &summary)?;
        } else {
            page.line(&lead)?;
            page.block(page.text(), KIND, &summary)?;
        }
        if verbose {
            page.block(
                page.text(),
                KIND,
                &page.text().with(Ink::Body, &finding.text),
            )?;
            details(report, finding, page)?;
        }
        let kept = if verbose { finding.evidence.len() } else { 1 };
        for evidence in finding.evidence.iter().take(kept) {
            quote(report, evidence, page)?;
        }
        if finding.evidence.is_empty() && !verbose {
            page.block(
                page.text(),
                KIND,
                &page.text().with(Ink::Dim, &finding.text),
            )?;
        }
        if verbose && finding.evidence_left_out > 0 {
            let more = format!("and {} more lines", finding.evidence_left_out);
            page.block(page.text(), KIND, &page.text().with(Ink::Dim, &more))?;
        }
    }
    left_out(findings.len().saturating_sub(most), page)
}

/// Who, when, how often, how known.
fn summary(report: &Report, finding: &Finding, clock: &Clock, page: &Page) -> Text {
    // In the log of one node, everything happened to it.
    let told = matches!(report.inputs.as_slice(), [one] if one.node == finding.node);
    let node = finding.node.as_ref().filter(|_| !told);
    let subject = finding
        .subject
        .as_deref()
        .map(|subject| called(subject, finding));
    let whose = [node.cloned(), subject];
    let whose: Vec<String> = whose.into_iter().flatten().collect();
    let mut parts = vec![];
    if !whose.is_empty() {
        parts.push(whose.join(" "));
    }
    parts.push(clock.finding(finding));
    if finding.count > 1 {
        parts.push(format!("{} times", finding.count));
    }
    let body = page.text().with(Ink::Body, &parts.join(", "));
    body.with(Ink::Dim, &format!(", {}", finding.basis))
}

/// `link 0 to node 8 (10.10.0.8)`, where a configuration gives the address.
fn called(subject: &str, finding: &Finding) -> String {
    let address = finding.details.iter().find(|(name, _)| *name == "address");
    match address {
        Some((_, address)) if subject.starts_with("link ") => format!("{subject} ({address})"),
        _ => subject.to_owned(),
    }
}

fn details(report: &Report, finding: &Finding, page: &mut Page) -> io::Result<()> {
    let known = finding.details.iter().filter(|(_, value)| !value.is_null());
    let mut known: Vec<String> = known.map(|(n, v)| format!("{n} {v}")).collect();
    let causes = report
        .findings
        .iter()
        .filter(|f| finding.caused_by.contains(&f.id));
    let mut causes: Vec<&str> = causes.map(|cause| &*cause.kind).collect();
    causes.dedup();
    if !causes.is_empty() {
        known.push(format!("caused by {}", causes.join(" and ")));
    }
    if known.is_empty() {
        return Ok(());
    }
    let body = page.text().with(Ink::Dim, &known.join(", "));
    page.block(page.text(), KIND, &body)
}

/// A line of a log with its number: on one line, or whole when everything is wanted.
fn quote(report: &Report, evidence: &Evidence, page: &mut Page) -> io::Result<()> {
    let place = place(report, &evidence.input, evidence.line, page);
    let mut line = page.text();
    line.pad_to(KIND);
    line.put(Ink::Dim, &place);
    line.put(Ink::Dim, page.sign(" │ ", " | "));
    if page.verbosity() == Verbosity::Verbose {
        let hang = line.width();
        let whole = page.text().with(Ink::Body, evidence.text.trim());
        return page.block(line, hang, &whole);
    }
    let said = without_stamp(evidence.text.trim());
    let said: Vec<&str> = said.split(' ').filter(|word| !word.is_empty()).collect();
    line.put(Ink::Body, &said.join(" ").replace(" ]", "]"));
    page.line(&line)
}

/// A line from its program on: the finding above it says when and where already.
pub(super) fn without_stamp(text: &str) -> &str {
    let head = text.split(": ").next().unwrap_or(text);
    // A subsystem in brackets stands where the program is left out.
    let cut = head.find(" [").or_else(|| head.rfind(' '));
    match cut.filter(|_| head.len() < text.len() && begins_stamped(text)) {
        Some(blank) => &text[blank + 1..],
        None => text,
    }
}

/// Whether a line begins as stamps do: with a digit, a month or a day of the week.
fn begins_stamped(text: &str) -> bool {
    const WORDS: &str =
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun";
    let word = text.split(' ').next().unwrap_or_default();
    text.starts_with(|c: char| c.is_ascii_digit()) || WORDS.split(' ').any(|known| known == word)
}

/// The line number; with several inputs, behind the shortest name that tells them apart, and always behind that of a file of
/// the configuration.
fn place(report: &Report, input: &str, line: u64, page: &Page) -> String {
    let of_path = report.inputs.iter().find(|i| i.path == input);
    // What is no input is a file of the configuration, whose lines nobody could find by their number alone.
    if report.inputs.len() < 2 && of_path.is_some() {
        return line.to_string();
    }
    let node = of_path.and_then(|i| i.node.as_deref()).filter(|node| {
        let same = |i: &&crate::report::Input| i.node.as_deref() == Some(*node);
        report.inputs.iter().filter(same).count() == 1
    });
    let name = escape::visible(node.unwrap_or(input), page.ascii());
    format!(
        "{}:{line}",
        escape::cut_front(&name, page.width() / 4, page.ascii())
    )
}

/// The main events of an incident in order.
pub(super) fn timeline(
    report: &Report,
    incident: &Incident,
    clock: &Clock,
    page: &mut Page,
) -> io::Result<()> {
    if incident.timeline.is_empty() {
        return Ok(());
    }
    page.gap()?;
    for (n, entry) in incident.timeline.iter().enumerate() {
        let mut body = page.text();
        if let Some(at) = entry.at {
            body.put(Ink::Body, &format!("{}  ", clock.at(at)));
        }
        let place = place(report, &entry.input, entry.line, page);
        body.put(Ink::Dim, &format!("{place:<4}  "));
        if let Some(node) = &entry.node {
            body.put(Ink::Strong, &format!("{node}  "));
        }
        body.put(Ink::Body, &entry.text);
        labelled(
            Ink::Strong,
            if n == 0 { "TIMELINE" } else { "" },
            &body,
            page,
        )?;
    }
    Ok(())
}

/// How a boot ended, and what speaks for and against it.
pub(super) fn boot(report: &Report, boot: &Boot, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let ink = match &*boot.verdict {
        "graceful" => Ink::Good,
        "fenced" | "panic" | "unclean" => Ink::Bad,
        _ => Ink::Warn,
    };
    let mut body = page.text();
    body.put(Ink::Strong, boot.node.as_deref().unwrap_or("?"));
    body.put(Ink::Body, ": ").put(ink, &boot.verdict);
    let when = match (boot.ended, boot.began) {
        (Some(ended), Some(began)) => format!(
            "; log ends {}, next boot {} ({} later)",
            clock.at(ended),
            clock.at(began),
            began.since(ended)
        ),
        (Some(ended), None) => format!("; log ends {}, no later boot in it", clock.at(ended)),
        (None, Some(began)) => format!("; boot {}", clock.at(began)),
        (None, None) => format!("; after line {}", boot.line),
    };
    body.put(Ink::Body, &when);
    labelled(Ink::Strong, "BOOT", &body, page)?;
    for (label, signs) in [("for", &boot.signs_for), ("against", &boot.signs_against)] {
        for (n, sign) in signs.iter().enumerate() {
            let body = page.text().with(Ink::Body, sign);
            labelled(Ink::Dim, if n == 0 { label } else { "" }, &body, page)?;
        }
    }
    if page.verbosity() == Verbosity::Verbose {
        for evidence in &boot.evidence {
            quote(report, evidence, page)?;
        }
    }
    Ok(())
}

/// Everything that belongs to no incident.
pub(super) fn write_rest(report: &Report, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let told = report.incidents.iter().flat_map(|i| &i.findings);
    let told: HashSet<&String> = told.collect();
    let outside = |f: &&Finding| !told.contains(&f.id);
    let (calm, mut others): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .filter(outside)
        .partition(|f| f.severity == Severity::Info);
    others.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings("OTHERS", "", report, &others, clock, page)?;
    also(&calm, clock, page)?;
    boots(report, clock, page)?;
    let alone = |b: &&Boot| !report.incidents.iter().any(|i| boot_belongs(b, i));
    let mut first = true;
    for one in report.boots.iter().filter(alone) {
        if std::mem::take(&mut first) {
            page.gap()?;
        }
        boot(report, one, clock, page)?;
    }
    not_understood(report, page)?;
    remarks(report, page)
}

/// Guests that were down.
pub(super) fn outages(outages: &[OutageLine], clock: &Clock, page: &mut Page) -> io::Result<()> {
    if outages.is_empty() {
        return Ok(());
    }
    page.gap()?;
    let most = match page.verbosity() {
        Verbosity::Verbose => outages.len(),
        _ => MOST_GUESTS,
    };
    let more = outages.len().saturating_sub(most);
    let outages = &outages[..outages.len() - more];
    let at = |at: Option<_>, none: &str| at.map_or_else(|| none.to_owned(), |at| clock.at(at));
    let node = |node: &Option<String>| node.clone().unwrap_or_else(|| "?".to_owned());
    let head = ["guest", "from", "to", "down", "back", "for"].map(str::to_owned);
    let rows = outages.iter().map(|o| {
        [
            o.guest.clone(),
            node(&o.from_node),
            node(&o.to_node),
            at(o.down_from, "?"),
            at(o.up_at, back(o)),
            length(o),
        ]
    });
    table("GUESTS", head, rows.collect(), page)?;
    left_out(more, page)
}

/// The boots of every node that has more than one in these logs, as `journalctl --list-boots` lists them, and how each ended.
fn boots(report: &Report, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let nodes = report.cluster.nodes.iter();
    let listed = nodes.filter(|node| node.boots.len() > 1);
    let all: Vec<(&NodePart, &BootPart)> = listed
        .flat_map(|node| node.boots.iter().rev().map(move |boot| (node, boot)))
        .collect();
    if all.is_empty() {
        return Ok(());
    }
    page.gap()?;
    let most = match page.verbosity() {
        Verbosity::Verbose => all.len(),
        _ => MOST_BOOTS,
    };
    let at = |at: Option<_>, none: String| match at {
        None => none,
        Some(at) if clock.is_of_its_day(at) => clock.at(at),
        Some(at) => clock::to_the_minute(at),
    };
    let rows = all.iter().take(most).map(|(node, boot)| {
        [
            node.name.clone().unwrap_or_else(|| "?".to_owned()),
            boot.index.to_string(),
            at(boot.first, format!("line {}", boot.line)),
            at(boot.last, "?".to_owned()),
            boot.ended.unwrap_or("not seen").to_owned(),
        ]
    });
    let head = ["node", "boot", "from", "to", "its end"].map(str::to_owned);
    table("BOOTS", head, rows.collect(), page)?;
    left_out(all.len().saturating_sub(most), page)
}

/// Rows in columns below a dim head.
fn table<const N: usize>(
    label: &str,
    head: [String; N],
    rows: Vec<[String; N]>,
    page: &mut Page,
) -> io::Result<()> {
    let rows: Vec<[String; N]> = std::iter::once(head).chain(rows).collect();
    for (n, row) in rows.iter().enumerate() {
        let ink = if n == 0 { Ink::Dim } else { Ink::Body };
        let mut line = page.text().with(Ink::Body, " ");
        line.put(Ink::Strong, if n == 0 { label } else { "" });
        let mut column = GUTTER;
        for (c, cell) in row.iter().enumerate() {
            line.pad_to(column);
            line.put(ink, cell);
            let widest = rows.iter().map(|r| escape::width(&r[c])).max();
            column += widest.unwrap_or(0) + 2;
        }
        page.line(&line)?;
    }
    Ok(())
}

/// What is said of a guest that is not back.
pub(super) fn back(outage: &OutageLine) -> &'static str {
    match outage.end {
        "error" => "in error",
        "no-node" => "no node",
        _ => "not seen",
    }
}

/// How long a guest was down, as far as that is known.
pub(super) fn length(outage: &OutageLine) -> String {
    let say = |seconds: f64| Span((seconds * 1e6).round() as i64).to_string();
    let length = match (outage.min_s, outage.max_s) {
        (Some(min), Some(max)) if (max - min).abs() < 1.0 => say(max),
        (Some(min), Some(max)) => format!("{} to {}", say(min), say(max)),
        (Some(min), None) => format!("at least {}", say(min)),
        (None, Some(max)) => format!("at most {}", say(max)),
        (None, None) => "unknown".to_owned(),
    };
    match outage.basis {
        Basis::Stated => length,
        weaker => format!("{length} ({weaker})"),
    }
}

/// What happened too, though nothing was wrong with it.
fn also(calm: &[&Finding], clock: &Clock, page: &mut Page) -> io::Result<()> {
    if calm.is_empty() {
        return Ok(());
    }
    page.gap()?;
    let verbose = page.verbosity() == Verbosity::Verbose;
    let most = if verbose {
        calm.len()
    } else {
        MOST_ON_TIMELINE
    };
    for (n, finding) in calm.iter().take(most).enumerate() {
        let mut body = page.text();
        if let Some(node) = finding.node.as_ref().filter(|n| !finding.text.contains(*n)) {
            body.put(Ink::Strong, &format!("{node} "));
        }
        body.put(Ink::Body, finding.text.trim_end_matches('.'));
        body.put(Ink::Dim, &format!(", {}", clock.finding(finding)));
        labelled(Ink::Dim, if n == 0 { "also" } else { "" }, &body, page)?;
    }
    left_out(calm.len().saturating_sub(most), page)
}

/// Messages that nobody reads yet: what might be missing from the answer.
fn not_understood(report: &Report, page: &mut Page) -> io::Result<()> {
    let mut unknown: Vec<(&str, u64)> = Vec::new();
    for message in report.inputs.iter().flat_map(|i| &i.coverage.unknown) {
        match unknown
            .iter_mut()
            .find(|(text, _)| *text == message.message)
        {
            Some((_, count)) => *count += message.count,
            None => unknown.push((&message.message, message.count)),
        }
    }
    unknown.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    if unknown.is_empty() {
        return Ok(());
    }
    page.gap()?;
    let verbose = page.verbosity() == Verbosity::Verbose;
    let most = if verbose { unknown.len() } else { MOST_UNKNOWN };
    let lines: u64 = unknown.iter().map(|(_, count)| count).sum();
    let head = format!(
        "{lines} cluster {} not understood:",
        plural(lines, "line was", "lines were")
    );
    labelled(
        Ink::Warn,
        "UNREAD",
        &page.text().with(Ink::Body, &head),
        page,
    )?;
    for (text, count) in unknown.iter().take(most) {
        let mut line = page.text();
        line.pad_to(GUTTER);
        line.put(Ink::Dim, &format!("{count:>4} x  {text}"));
        page.line(&line)?;
    }
    left_out(unknown.len().saturating_sub(most), page)
}

fn remarks(report: &Report, page: &mut Page) -> io::Result<()> {
    if !report.remarks.is_empty() {
        page.gap()?;
    }
    for (n, remark) in report.remarks.iter().enumerate() {
        let body = page.text().with(Ink::Body, remark);
        labelled(Ink::Dim, if n == 0 { "notes" } else { "" }, &body, page)?;
    }
    Ok(())
}

fn left_out(count: usize, page: &mut Page) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let text = format!("and {count} more: -v shows them");
    labelled(Ink::Dim, "", &page.text().with(Ink::Dim, &text), page)
}

#[cfg(test)]
mod tests {
    use super::without_stamp;

    #[test]
    fn a_line_is_cut_before_its_program_and_nowhere_else() {
        for (line, want) in [
            (
                "Nov 22 08:49:04 pve1 corosync[1423]:   [KNET  ] link: host: 2",
                "corosync[1423]:   [KNET  ] link: host: 2",
            ),
            (
                "2026-11-22T08:49:04+00:00 pve1 kernel: reboot: Power down",
                "kernel: reboot: Power down",
            ),
            (
                "Nov 22 08:49:05 [KNET  ] link: host: 2",
                "[KNET  ] link: host: 2",
            ),
            (
                "Sun 2026-11-22 08:49:04 UTC pve1 pmxcfs[7]: [dcdb] x",
                "pmxcfs[7]: [dcdb] x",
            ),
            // Nothing stands before these.
            (
                "[KNET  ] link: host: 2 link: 0 is down",
                "[KNET  ] link: host: 2 link: 0 is down",
            ),
            (
                "lost lock 'ha_manager_lock - cfs lock update failed: x",
                "lost lock 'ha_manager_lock - cfs lock update failed: x",
            ),
            ("corosync[7]: link: host: 2", "corosync[7]: link: host: 2"),
            ("node has quorum", "node has quorum"),
            ("", ""),
        ] {
            assert_eq!(without_stamp(line), want);
        }
    }
}
