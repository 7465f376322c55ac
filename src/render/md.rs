//! A post-mortem to edit: what happened, whom it hit, when, why, what held, what is open, what to do.
//! In: a `Report`. Out: Markdown that GitHub, GitLab and forums show alike.
//! Never: lets a text of a log become markup, a link or a mention; answers what the report leaves open.

use super::clock::{self, Clock};
use super::escape::{cut, visible};
use super::incident::{boot_belongs, findings_of};
use crate::report::{
    Advice, Evidence, Finding, Incident, OutageLine, Report, Safety, Status, TimelineEntry, Witness,
};
use std::io::{self, Write};

/// Entries of a timeline; of a longer one the first and the last.
const ENTRIES: usize = 60;
/// Incidents that are told in full.
const STORIES: usize = 10;
/// Findings of an incident that are quoted, and lines of each.
const QUOTED: usize = 12;
const LINES: usize = 3;
/// Columns of a quoted line.
const COLUMNS: usize = 300;

/// Writes the whole draft; with `mermaid`, the chain of causes as a picture that GitHub and GitLab draw.
pub(super) fn write(report: &Report, mermaid: bool, out: &mut dyn Write) -> io::Result<()> {
    let clock = Clock::new(report);
    writeln!(out, "# {}\n", text(&report.verdict.text))?;
    summary(report, &clock, out)?;
    for (n, incident) in report.incidents.iter().take(STORIES).enumerate() {
        if report.incidents.len() > 1 {
            let (n, all) = (n + 1, report.incidents.len());
            writeln!(out, "## Incident {n} of {all}: {}\n", text(&incident.title))?;
        }
        story(report, incident, &clock, mermaid, out)?;
    }
    let more = report.incidents.get(STORIES..).unwrap_or_default();
    if !more.is_empty() {
        writeln!(out, "## Further incidents\n")?;
        for incident in more {
            let when = clock.incident(incident);
            writeln!(
                out,
                "- {}: {} ({when})",
                incident.severity,
                text(&incident.title)
            )?;
        }
        writeln!(out)?;
    }
    sources(report, out)
}

fn summary(report: &Report, clock: &Clock, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Summary\n")?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| Severity | **{}** |", report.verdict.severity)?;
    if let [incident] = &report.incidents[..] {
        writeln!(out, "| When | {} UTC |", text(&when(incident, clock)))?;
        let status = format!("{}: {}", status(incident.status), incident.status_because);
        writeln!(out, "| Over? | {} |", text(status.trim_end_matches(": ")))?;
    }
    if let (Some(first), Some(last)) = (clock::first(report), clock::last(report)) {
        let logs = format!("{} to {} UTC", first.date_clock(), last.date_clock());
        writeln!(out, "| Logs from | {logs} |")?;
    }
    let nodes: Vec<String> = report
        .cluster
        .nodes
        .iter()
        .filter_map(|n| n.name.clone())
        .collect();
    if !nodes.is_empty() {
        writeln!(out, "| Nodes | {} |", text(&nodes.join(", ")))?;
    }
    writeln!(out)
}

fn story(
    report: &Report,
    incident: &Incident,
    clock: &Clock,
    mermaid: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if report.incidents.len() > 1 {
        let status = status(incident.status);
        writeln!(
            out,
            "{}; {}; {status}\n",
            incident.severity,
            text(&when(incident, clock))
        )?;
    }
    let findings = findings_of(report, incident);
    impact(report, incident, clock, out)?;
    timeline(&incident.timeline, clock, out)?;
    cause(incident, mermaid, out)?;
    went_well(report, incident, &findings, out)?;
    questions(incident, clock, out)?;
    actions(&incident.advice, out)?;
    evidence(&findings, clock, out)
}

fn impact(
    report: &Report,
    incident: &Incident,
    clock: &Clock,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "### Impact\n")?;
    if !incident.nodes.is_empty() {
        writeln!(out, "- Nodes: {}", text(&incident.nodes.join(", ")))?;
    }
    for boot in report
        .boots
        .iter()
        .filter(|boot| boot_belongs(boot, incident))
    {
        let node = boot.node.as_deref().unwrap_or("a node without a name");
        let ended = boot
            .ended
            .map_or_else(String::new, |at| format!(", log ends {}", clock.at(at)));
        let began = boot
            .began
            .map_or_else(String::new, |at| format!(", next boot {}", clock.at(at)));
        writeln!(
            out,
            "- Boot of {}: **{}**{ended}{began}",
            text(node),
            boot.verdict
        )?;
    }
    for callout in &incident.callouts {
        writeln!(out, "- {}: {}", text(callout.label), text(&callout.text))?;
    }
    let hit: Vec<&OutageLine> = report
        .outages
        .iter()
        .filter(|o| hits(o, incident))
        .collect();
    match hit.is_empty() {
        true => writeln!(out, "- Guests: these logs show none that was down")?,
        false => {
            writeln!(
                out,
                "\n| Guest | From | To | Down | Back | Known |\n|---|---|---|---|---|---|"
            )?;
            for outage in hit {
                let node = |name: &Option<String>| text(name.as_deref().unwrap_or("?"));
                writeln!(
                    out,
                    "| {} | {} | {} | {} | {} | {} |",
                    text(&outage.guest),
                    node(&outage.from_node),
                    node(&outage.to_node),
                    down(outage),
                    outage
                        .up_at
                        .map_or_else(|| outage.end.to_owned(), |at| clock.at(at)),
                    outage.basis,
                )?;
            }
        }
    }
    writeln!(out)
}

/// Whether a guest was down in the time of an incident.
fn hits(outage: &OutageLine, incident: &Incident) -> bool {
    let within = |at| {
        incident.began.is_none_or(|began| began <= at)
            && (incident.status != Status::Over || incident.ended.is_none_or(|ended| at <= ended))
    };
    outage.down_from.or(outage.up_at).is_none_or(within)
}

/// `10 to 75 s`, `at least 8 s`, `unknown`.
fn down(outage: &OutageLine) -> String {
    match (outage.min_s, outage.max_s) {
        (Some(least), Some(most)) if most - least < 1.0 => format!("{most:.0} s"),
        (Some(least), Some(most)) => format!("{least:.0} to {most:.0} s"),
        (Some(least), None) => format!("at least {least:.0} s"),
        (None, Some(most)) => format!("at most {most:.0} s"),
        (None, None) => "unknown".to_owned(),
    }
}

fn timeline(entries: &[TimelineEntry], clock: &Clock, out: &mut dyn Write) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let stamped = entries.iter().any(|entry| entry.at.is_some());
    writeln!(out, "### Timeline\n")?;
    writeln!(
        out,
        "| {} | Node | What | Line |\n|---|---|---|---|",
        if stamped { "UTC" } else { "" }
    )?;
    let folded = entries.len().saturating_sub(ENTRIES);
    let half = if folded > 0 {
        ENTRIES / 2
    } else {
        entries.len()
    };
    for (n, entry) in entries.iter().enumerate() {
        if folded > 0 && n == half {
            writeln!(out, "| | | *{folded} more* | |")?;
        }
        if folded > 0 && (half..half + folded).contains(&n) {
            continue;
        }
        writeln!(
            out,
            "| {} | {} | {} | {}:{} |",
            entry.at.map_or_else(String::new, |at| clock.at(at)),
            text(entry.node.as_deref().unwrap_or("")),
            text(&entry.text),
            text(base(&entry.input)),
            entry.line,
        )?;
    }
    writeln!(out)
}

fn cause(incident: &Incident, mermaid: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Cause\n")?;
    if mermaid && incident.causes.len() > 1 {
        writeln!(out, "```mermaid\nflowchart LR")?;
        for (n, cause) in incident.causes.iter().enumerate() {
            let from = if n == 0 {
                String::new()
            } else {
                format!("c{} --> ", n - 1)
            };
            writeln!(out, "  {from}c{n}[\"{}\"]", node_text(cause))?;
        }
        writeln!(out, "```\n")?;
    } else {
        for (n, cause) in incident.causes.iter().enumerate() {
            writeln!(out, "{}. {}", n + 1, text(cause))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Confidence: **{}**.\n", incident.confidence)?;
    for (label, sentences) in [
        ("For it", &incident.confidence_for),
        ("Against it", &incident.confidence_against),
    ] {
        for sentence in sentences {
            writeln!(out, "- {label}: {}", text(sentence))?;
        }
    }
    for suspect in incident.blame.iter().flat_map(|blame| &blame.suspects) {
        let (some, all) = (suspect.explains, suspect.observers);
        let instead = if suspect.instead {
            ", instead of the one before"
        } else {
            ""
        };
        let sure = suspect.confidence;
        writeln!(
            out,
            "- Suspect: {} (explains what {some} of {all} observers saw, confidence {sure}{instead})",
            text(&suspect.text),
        )?;
    }
    for meanwhile in &incident.meanwhile {
        writeln!(out, "- Meanwhile: {}", text(&meanwhile.text))?;
    }
    writeln!(out)
}

/// What lines show to have held. Nothing is praised that nobody saw.
fn went_well(
    report: &Report,
    incident: &Incident,
    findings: &[&Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut held = Vec::new();
    if incident.status == Status::Over {
        held.push(format!("It is over: {}", incident.status_because));
    }
    let hit: Vec<&OutageLine> = report
        .outages
        .iter()
        .filter(|o| hits(o, incident))
        .collect();
    let back = hit.iter().filter(|outage| outage.end == "running").count();
    if back > 0 {
        held.push(match hit.len() {
            1 => "The guest that was down ran again in these logs".to_owned(),
            all => format!("{back} of {all} guests that were down ran again in these logs"),
        });
    }
    let is = |kinds: &[&str]| {
        findings
            .iter()
            .any(|finding| kinds.contains(&&*finding.kind))
    };
    if is(&["quorum-loss"]) && !is(&["self-fence", "node-fenced", "watchdog-expired"]) {
        held.push("No node was fenced in these logs".to_owned());
    }
    if is(&["membership-change", "node-fenced"]) && !is(&["quorum-loss"]) {
        held.push("No node whose log was read lost quorum".to_owned());
    }
    writeln!(out, "### What went well\n")?;
    if held.is_empty() {
        held.push("*These logs show nothing of it; add what you know.*".to_owned());
        return writeln!(out, "- {}\n", held[0]);
    }
    for sentence in held {
        writeln!(out, "- {}", text(&sentence))?;
    }
    writeln!(out)
}

fn questions(incident: &Incident, clock: &Clock, out: &mut dyn Write) -> io::Result<()> {
    let mut asked = Vec::new();
    match incident.status {
        Status::Over => {}
        Status::Ongoing => {
            asked.push("It was going on when the log ended: is it over now?".to_owned())
        }
        Status::Unknown => asked.push("The log ended first: is it over?".to_owned()),
    }
    for rival in &incident.rivals {
        asked.push(format!("Was it something else? {rival}"));
    }
    for settled in &incident.settled_by {
        asked.push(format!("Who looks at what would settle it? {settled}"));
    }
    let witnesses = incident.blame.iter().flat_map(|blame| &blame.witnesses);
    asked.extend(witnesses.map(|witness| witness_question(witness, clock)));
    if asked.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Open questions\n")?;
    for question in asked {
        writeln!(out, "- {}", text(&question))?;
    }
    writeln!(out)
}

fn witness_question(witness: &Witness, clock: &Clock) -> String {
    let when = match (witness.from, witness.until) {
        (Some(from), Some(until)) => format!(" from {}", clock.between(from, until)),
        _ => String::new(),
    };
    format!(
        "What does the log of {} say{when}? {}",
        witness.node, witness.look_for
    )
}

fn actions(advice: &[Advice], out: &mut dyn Write) -> io::Result<()> {
    if advice.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&Advice> = advice.iter().collect();
    sorted.sort_by_key(|advice| advice.safety);
    writeln!(out, "### Actions\n")?;
    for advice in sorted {
        let because = advice
            .because
            .as_ref()
            .map_or_else(String::new, |why| format!(" ({why})"));
        let say = text(&format!("{}{because}", advice.say));
        let lead = match advice.safety {
            Safety::Safe => "- [ ]",
            Safety::Risky => "- [ ] **Risky:**",
            Safety::Never => "- **Never:**",
        };
        writeln!(out, "{lead} {say}")?;
        // What must not be done is not made easy to copy.
        let commands = advice
            .run
            .as_deref()
            .filter(|_| advice.safety != Safety::Never);
        if let Some(commands) = commands {
            block(commands.lines(), "sh", "  ", out)?;
        }
    }
    writeln!(out)
}

fn evidence(findings: &[&Finding], clock: &Clock, out: &mut dyn Write) -> io::Result<()> {
    let quoted = findings.iter().take(QUOTED);
    let quoted: Vec<&&Finding> = quoted
        .filter(|finding| !finding.evidence.is_empty())
        .collect();
    if quoted.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Evidence\n")?;
    for finding in quoted {
        let when = clock.finding(finding);
        let (kind, basis) = (text(&finding.kind), finding.basis);
        writeln!(
            out,
            "**{kind}** ({}, {when}, {basis}): {}\n",
            finding.severity,
            text(&finding.text)
        )?;
        let line = |line: &Evidence| {
            let shown = cut(&visible(&line.text, false), COLUMNS, false);
            format!(
                "{}:{}: {shown}",
                visible(base(&line.input), false),
                line.line
            )
        };
        let lines: Vec<String> = finding.evidence.iter().take(LINES).map(line).collect();
        block(lines.iter().map(String::as_str), "text", "", out)?;
    }
    if findings.len() > QUOTED {
        writeln!(
            out,
            "{} more findings are in the JSON report.\n",
            findings.len() - QUOTED
        )?;
    }
    Ok(())
}

fn sources(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## What was read\n")?;
    writeln!(
        out,
        "| Input | Taken for | Lines | Of the cluster | Understood |\n|---|---|---|---|---|"
    )?;
    for input in &report.inputs {
        let form = if input.form.is_empty() {
            "nothing"
        } else {
            &input.form
        };
        let (known, understood) = (input.coverage.known_programs, input.coverage.understood);
        writeln!(
            out,
            "| {} | {} | {} | {known} | {understood} |",
            text(&input.path),
            text(form),
            input.lines,
        )?;
    }
    writeln!(out)?;
    for remark in &report.remarks {
        writeln!(out, "- {}", text(remark))?;
    }
    if !report.remarks.is_empty() {
        writeln!(out)?;
    }
    let tool = &report.tool;
    writeln!(
        out,
        "*Drafted by {} {} from these logs; all times are UTC.*",
        tool.name, tool.version
    )
}

fn when(incident: &Incident, clock: &Clock) -> String {
    let date = incident.began.map(|at| at.date_clock());
    match date.as_deref().and_then(|date| date.get(..10)) {
        Some(day) => format!("{day} {}", clock.incident(incident)),
        None => clock.incident(incident),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Over => "over",
        Status::Ongoing => "still going on at the end of the log",
        Status::Unknown => "unknown, the log ended first",
    }
}

/// The last part of a path: in a table the folder only takes room.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Lines as a block of code, fenced by more backticks than any of them holds.
fn block<'l>(
    lines: impl Iterator<Item = &'l str> + Clone,
    language: &str,
    indent: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let longest = lines.clone().map(|line| {
        let runs = line.split(|c| c != '`').map(str::len);
        runs.max().unwrap_or(0)
    });
    let fence = "`".repeat(longest.max().unwrap_or(0).max(2) + 1);
    writeln!(out, "{indent}{fence}{language}")?;
    for line in lines {
        writeln!(out, "{indent}{line}")?;
    }
    writeln!(out, "{indent}{fence}\n")
}

/// A text in which nothing is markup. An underscore within a word is none, and stays readable.
fn text(raw: &str) -> String {
    let raw = visible(raw, false);
    let mut out = String::with_capacity(raw.len());
    let mut before = ' ';
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let behind = chars.peek().copied().unwrap_or(' ');
        match c {
            // A mention would call a stranger.
            '@' => out.push_str("&#64;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '_' if before.is_alphanumeric() && behind.is_alphanumeric() => out.push('_'),
            // `://` and `www.` become links by themselves.
            ':' if behind == '/' => out.push_str("&#58;"),
            '#' if behind.is_ascii_digit() => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        before = c;
    }
    match out.starts_with(['#', '-', '+', '=']) {
        true => format!("\\{out}"),
        false => out.replace("www.", "www&#46;"),
    }
}

/// A text in a box of Mermaid, which knows entities and no backslashes.
fn node_text(raw: &str) -> String {
    let mut out = String::new();
    for c in visible(raw, false).chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | ',' | '.' | '-' | '/' => out.push(c),
            _ => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        for (raw, want) in [
            ("lost_agent_lock", "lost_agent_lock"),
            ("_emphasis_", "\\_emphasis\\_"),
            ("a|b", "a\\|b"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("[x](http://y)", "\\[x\\](http&#58;//y)"),
            ("root@pam #12", "root&#64;pam &#35;12"),
            ("# head", "\\# head"),
            ("`a`\u{202e}", "\\`a\\`\\\\u{202e}"),
        ] {
            assert_eq!(text(raw), want);
        }
        assert_eq!(node_text("a \"b\" [c]"), "a #34;b#34; #91;c#93;");
    }

    #[test]
    fn a_block_is_fenced_by_more_than_it_holds() {
        let mut out = Vec::new();
        block(["a ```` b"].into_iter(), "text", "", &mut out).expect("memory");
        let out = String::from_utf8(out).expect("text");
        assert_eq!(out, "`````text\na ```` b\n`````\n\n");
    }
}
