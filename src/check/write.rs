//! Faults written up as a report.
//! In: a `Configuration`, seats and faults. Out: a `Report`: one incident for each check that found something.
//! Never: looks for a fault.

use super::seat::{Copy, Seat};
use super::words::{self, AdviceWords, Words, fill};
use super::{Found, replicas};
use crate::config::{Configuration, Corosync, File, Form};
use crate::model::{Basis, Severity, Value};
use crate::report::build::content_id;
use crate::report::{
    Advice, ClusterPart, CoveragePart, Evidence, Finding, Graded, GuestNode, GuestRow, Incident,
    Input, LinkPart, NodePart, Report, Status, Tool, UnknownMessage, Verdict,
};
use std::collections::BTreeSet;

/// The report.
pub fn report(configuration: &Configuration, seats: &[Seat], found: &[Found]) -> Report {
    let mut findings = Vec::new();
    let mut incidents = Vec::new();
    for words in words::all() {
        let Some((told, one)) = story(&words.id, found) else {
            continue;
        };
        incidents.push(one);
        findings.extend(told);
    }
    // Stable: checks of one severity keep the order of their list.
    incidents.sort_by_key(|incident| std::cmp::Reverse(incident.severity));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let guests = guests(seats, &findings);
    Report {
        schema: "fencepost/1",
        tool: Tool {
            name: "fencepost",
            version: env!("CARGO_PKG_VERSION"),
        },
        verdict: verdict(configuration, &incidents, &findings, &guests),
        inputs: configuration.files.iter().map(input).collect(),
        remarks: remarks(configuration),
        left_out: Vec::new(),
        cluster: cluster(configuration),
        incidents,
        findings,
        boots: Vec::new(),
        outages: Vec::new(),
        guests,
        lanes: Vec::new(),
        stated: Vec::new(),
        around: Vec::new(),
    }
}

/// The findings of one check, and the incident that they are; `None` when there are none.
pub fn story(check: &str, found: &[Found]) -> Option<(Vec<Finding>, Incident)> {
    let words = words::of(check)?;
    let mine: Vec<&Found> = found.iter().filter(|one| one.check == check).collect();
    if mine.is_empty() {
        return None;
    }
    let told: Vec<Finding> = mine.iter().map(|one| finding(words, one)).collect();
    let incident = incident(words, &mine, &told);
    Some((told, incident))
}

fn finding(words: &Words, found: &Found) -> Finding {
    let text = fill(&words.text, found);
    let first = found.evidence.first();
    let mut details = vec![("check", Value::from(words.id.as_str()))];
    details.extend(found.fields.iter().cloned());
    Finding {
        id: content_id(&[
            &words.id,
            found.node.as_deref().unwrap_or(""),
            found.subject.as_deref().unwrap_or(""),
            &text,
        ]),
        kind: words.kind.clone(),
        severity: found.severity.unwrap_or(words.severity),
        node: found.node.clone(),
        subject: found.subject.clone(),
        text,
        began: None,
        ended: None,
        line: first.map_or(0, |spot| spot.line),
        last_line: found.evidence.last().map_or(0, |spot| spot.line),
        open: true,
        count: 1,
        basis: found.basis,
        caused_by: Vec::new(),
        evidence: found
            .evidence
            .iter()
            .map(|spot| Evidence {
                input: spot.file.clone(),
                line: spot.line,
                at: None,
                text: (&*spot.text).into(),
            })
            .collect(),
        evidence_left_out: 0,
        details,
        clock_offset_s: None,
    }
}

fn incident(words: &Words, found: &[&Found], findings: &[Finding]) -> Incident {
    let title = match found {
        [one] => fill(&words.one, one),
        many => words.many.replace("{count}", &many.len().to_string()),
    };
    let advice = words
        .advice
        .iter()
        .filter_map(|template| {
            let fitting: Vec<&Found> = found
                .iter()
                .copied()
                .filter(|one| template.fits(one))
                .collect();
            advice(template, &fitting)
        })
        .collect();
    let nodes: BTreeSet<String> = found.iter().filter_map(|one| one.node.clone()).collect();
    let worst = findings.iter().map(|finding| finding.severity).max();
    Incident {
        id: content_id(&[&words.id, &title]),
        title,
        severity: worst.unwrap_or(words.severity),
        status: Status::Ongoing,
        status_because: "the files say so".to_owned(),
        began: None,
        ended: None,
        line: findings.first().map_or(0, |finding| finding.line),
        last_line: findings.last().map_or(0, |finding| finding.last_line),
        nodes: nodes.into_iter().collect(),
        causes: vec![
            found
                .first()
                .map_or_else(String::new, |one| fill(&words.why, one)),
        ],
        causes_from: vec![None],
        confidence: match found.iter().map(|one| one.basis).max() {
            Some(Basis::Measured | Basis::Stated) | None => "high",
            Some(Basis::Inferred) => "medium",
            Some(Basis::Assumed) => "low",
        },
        confidence_for: Vec::new(),
        confidence_against: Vec::new(),
        rivals: Vec::new(),
        settled_by: Vec::new(),
        callouts: Vec::new(),
        blame: None,
        meanwhile: Vec::new(),
        findings: findings.iter().map(|finding| finding.id.clone()).collect(),
        timeline: Vec::new(),
        advice,
    }
}

/// One advice for all that it is for: said once, with the command of each.
fn advice(template: &AdviceWords, found: &[&Found]) -> Option<Advice> {
    let all = together(found)?;
    let mut commands: Vec<String> = Vec::new();
    for run in found
        .iter()
        .filter_map(|one| Some(words::command(template.run.as_ref()?, one)))
    {
        if !commands.contains(&run) {
            commands.push(run);
        }
    }
    Some(Advice {
        say: fill(&template.say, &all),
        run: (!commands.is_empty()).then(|| commands.join("\n")),
        safety: template.safety,
        because: template.because.as_ref().map(|because| fill(because, &all)),
    })
}

/// One fault that has the fields of all: where they differ, a list of them.
fn together(found: &[&Found]) -> Option<Found> {
    let (first, rest) = found.split_first()?;
    let mut all = (*first).clone();
    for (name, value) in rest.iter().flat_map(|one| &one.fields) {
        let Some((_, have)) = all.fields.iter_mut().find(|(known, _)| known == name) else {
            continue;
        };
        if have != value {
            let mut items = flat(have);
            items.extend(
                flat(value)
                    .into_iter()
                    .filter(|item| !items.contains(item))
                    .collect::<Vec<_>>(),
            );
            *have = Value::List(items);
        }
    }
    Some(all)
}

fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.clone(),
        other => vec![other.clone()],
    }
}

/// A row for every guest that a finding names.
fn guests(seats: &[Seat], findings: &[Finding]) -> Vec<GuestRow> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for finding in findings
        .iter()
        .filter(|finding| finding.kind == "ha-replication-mismatch")
    {
        named.extend(finding.subject.as_deref());
        for (_, value) in finding.details.iter().filter(|(name, _)| *name == "guests") {
            if let Value::List(items) = value {
                named.extend(items.iter().filter_map(|item| match item {
                    Value::Text(text) => Some(&**text),
                    _ => None,
                }));
            }
        }
    }
    seats
        .iter()
        .filter(|seat| named.contains(seat.service.as_str()))
        .map(|seat| GuestRow {
            guest: seat.service.clone(),
            name: seat.guest.and_then(|guest| guest.name.clone()),
            home: seat.home.clone(),
            bound_by: seat.placement.map(|placement| placement.id().to_owned()),
            strict: seat.is_strict(),
            nodes: seat
                .cells
                .iter()
                .map(|cell| GuestNode {
                    node: cell.node.clone(),
                    home: cell.home,
                    may_run: cell.may_run,
                    has_replica: match cell.copy {
                        Copy::Yes | Copy::Stale => Some(true),
                        Copy::No => Some(false),
                        Copy::Unknown => None,
                    },
                    stale: cell.copy == Copy::Stale,
                    has_storage: cell.storage,
                })
                .collect(),
        })
        .collect()
}

/// The worst of it in one sentence.
fn verdict(
    configuration: &Configuration,
    incidents: &[Incident],
    findings: &[Finding],
    guests: &[GuestRow],
) -> Verdict {
    let severity = incidents
        .iter()
        .map(|one| one.severity)
        .max()
        .unwrap_or(Severity::Info);
    let text = match incidents {
        [] if !configuration.is_recognised() => {
            "Nothing of a Proxmox VE configuration was recognised".to_owned()
        }
        [] => "Nothing wrong was found in what was given".to_owned(),
        [only] => only.title.clone(),
        [worst, rest @ ..] => {
            let bombs = guests_hit(findings, guests);
            let head = if bombs > 1 && severity == Severity::Catastrophic {
                format!(
                    "A time bomb: {bombs} guests under HA would not find their disks, or find old ones"
                )
            } else {
                worst.title.clone()
            };
            let others = findings.len() - worst.findings.len();
            match (bombs > 1 && severity == Severity::Catastrophic, others) {
                (true, _) => format!("{head}; {} findings in all", findings.len()),
                (false, 1) => format!("{head}; and one more finding"),
                (false, _) => format!("{head}; and {others} more findings of {} kinds", rest.len()),
            }
        }
    };
    Verdict { severity, text }
}

/// Guests whose recovery would fail, or lose data.
fn guests_hit(findings: &[Finding], guests: &[GuestRow]) -> usize {
    let bombs: Vec<&Finding> = findings
        .iter()
        .filter(|finding| {
            finding.kind == "ha-replication-mismatch" && finding.severity == Severity::Catastrophic
        })
        .collect();
    guests
        .iter()
        .filter(|row| {
            bombs.iter().any(|finding| {
                finding.subject.as_deref() == Some(&row.guest)
                    || finding.details.iter().any(|(name, value)| {
                        *name == "guests" && matches!(value, Value::List(items) if items.contains(&Value::from(row.guest.as_str())))
                    })
            })
        })
        .count()
}

fn input(file: &File) -> Input {
    let notes = &file.notes;
    let most = file.lines.saturating_sub(file.blank + file.comments);
    let known = (notes.understood + notes.broken.len() as u64).min(most);
    Input {
        path: file.name.clone(),
        form: "text".to_owned(),
        node: file.node.clone(),
        first: None,
        last: None,
        lines: file.lines,
        coverage: CoveragePart {
            known_programs: known,
            understood: known.saturating_sub(notes.broken.len() as u64),
            unknown: notes
                .unknown
                .iter()
                .map(|spot| UnknownMessage {
                    message: format!("line {}: {}", spot.line, spot.text.trim()),
                    count: 1,
                })
                .collect(),
            others: most - known,
            notes: file.comments,
            blank: file.blank,
            cut: 0,
            damaged: notes.broken.len() as u64,
            twice: 0,
            torn: 0,
            skipped: None,
            failed: None,
        },
        sha256: None,
    }
}

/// Broken lines, files that are nothing of ours, and what could not be checked for want of a file.
fn remarks(configuration: &Configuration) -> Vec<String> {
    let mut remarks = configuration.remarks.clone();
    for file in &configuration.files {
        for (spot, why) in &file.notes.broken {
            remarks.push(format!(
                "{}:{}: {why}: {}",
                spot.file,
                spot.line,
                spot.text.trim()
            ));
        }
    }
    let foreign: Vec<&str> = configuration
        .files
        .iter()
        .filter(|file| file.forms.is_empty())
        .map(|file| file.name.as_str())
        .collect();
    const NAMED: usize = 3;
    match foreign.as_slice() {
        [] => {}
        few if few.len() <= NAMED => remarks.push(format!("not recognised: {}", few.join(", "))),
        many => remarks.push(format!(
            "not recognised: {} and {} more",
            many[..NAMED].join(", "),
            many.len() - NAMED
        )),
    }
    let unknown: usize = configuration
        .files
        .iter()
        .map(|file| file.notes.unknown.len())
        .sum();
    if unknown > 0 {
        let first = configuration
            .files
            .iter()
            .find_map(|file| file.notes.unknown.first());
        let example = first.map_or_else(String::new, |spot| {
            format!(
                ", such as {}:{}: {}",
                spot.file,
                spot.line,
                spot.text.trim()
            )
        });
        let noun = if unknown == 1 { "key" } else { "keys" };
        remarks.push(format!(
            "{unknown} {noun} kept of which nothing is known{example}"
        ));
    }
    if configuration.is_recognised() {
        let needed = [
            Form::Resources,
            Form::Replication,
            Form::Guest(None, false),
            Form::Storage,
        ];
        let lacking: Vec<&str> = needed
            .into_iter()
            .filter(|form| !configuration.knows(*form))
            .map(Form::word)
            .collect();
        if !configuration.resources.is_empty() && !configuration.nodes_are_listed() {
            remarks.push(
                "which nodes the cluster has is gathered from what names them: corosync.conf or .members would tell".to_owned(),
            );
        }
        let vague: Vec<String> = configuration
            .resources
            .iter()
            .filter_map(|resource| configuration.vague_rule(&resource.service()))
            .map(|row| row.id.clone())
            .collect::<BTreeSet<String>>()
            .into_iter()
            .collect();
        if !vague.is_empty() {
            remarks.push(format!(
                "to which nodes the HA rules {} bind is not known, for `ha-manager rules config` does not show it: ha/rules.cfg would tell",
                vague.join(", ")
            ));
        }
        if !lacking.is_empty() {
            remarks.push(format!(
                "HA against replication was checked only as far as that goes without {}",
                lacking.join(", ")
            ));
        }
    }
    remarks
}

/// The ends of the links.
fn links(conf: &Corosync) -> Vec<LinkPart> {
    let mut links: Vec<LinkPart> = conf
        .nodes
        .iter()
        .flat_map(|node| {
            node.addresses.iter().map(|(link, address, _)| LinkPart {
                link: *link,
                id: node.id,
                node: node.name.clone(),
                address: address.clone(),
                priority: conf.priority(*link),
            })
        })
        .collect();
    links.sort_by_key(|end| (end.link, end.id));
    links
}

fn cluster(configuration: &Configuration) -> ClusterPart {
    let stated = |value: Value, because: &str| Graded {
        value,
        basis: Some(Basis::Stated),
        because: Some(because.to_owned()),
    };
    let conf = configuration.corosync.first();
    let status = configuration
        .pasted
        .quorum
        .iter()
        .find(|status| status.total.is_some());
    let ids = configuration.node_ids();
    ClusterPart {
        nodes: configuration
            .nodes()
            .into_iter()
            .map(|name| NodePart {
                id: ids.iter().find(|(_, known)| **known == name).map(|(id, _)| *id),
                name: Some(name),
                basis: Some(if configuration.nodes_are_listed() { Basis::Stated } else { Basis::Inferred }),
                has_log: false,
                state: match replicas::generation(configuration) {
                    Some(generation) => vec![("pve", generation.into())],
                    None => Vec::new(),
                },
                clock: None,
                boots: Vec::new(),
            })
            .collect(),
        configured: match (conf, status) {
            (Some(conf), _) => stated(conf.votes().into(), "corosync.conf"),
            (None, Some(status)) => {
                stated(status.expected.as_ref().map(|(votes, _)| *votes).into(), "Expected votes")
            }
            (None, None) => Graded::unknown(),
        },
        quorum: match (status, conf) {
            (Some(status), _) => stated(status.needed.as_ref().map(|(votes, _)| *votes).into(), "Quorum"),
            (None, Some(conf)) => stated(conf.quorum().into(), "corosync.conf"),
            (None, None) => Graded::unknown(),
        },
        margin: status.and_then(|status| status.margin()).map_or_else(Graded::unknown, |margin| Graded {
            value: margin.into(),
            basis: Some(Basis::Measured),
            because: Some("Total votes less Quorum".to_owned()),
        }),
        links: conf.map_or_else(Vec::new, links),
        given: Vec::new(),
        token_ms: conf.filter(|conf| !conf.nodes.is_empty()).map_or_else(Graded::unknown, |conf| Graded {
            value: conf.token_ms().into(),
            basis: Some(Basis::Inferred),
            because: Some("token and token_coefficient of corosync.conf, with corosync 3.1's defaults for what it leaves out".to_owned()),
        }),
    }
}
