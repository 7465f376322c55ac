//! What is wrong in a configuration before anything happens.
//! In: a `Configuration`. Out: a `Report` with a finding for every fault, and a table of the guests at risk.
//! Never: reads a text, or tells a fault that the files do not show.

pub mod against;
pub mod backup;
pub mod firewall;
pub mod guests;
pub mod net;
pub mod network;
pub mod quorum;
pub mod replicas;
pub mod seat;
pub mod words;
mod write;

use crate::config::{Configuration, Spot};
use crate::model::{Basis, Fields, Severity};
use crate::report::{Callout, Finding, Report, Status, build};

/// A fault, before it has words: those of its check are filled with its fields.
#[derive(Clone, Debug)]
pub struct Found {
    /// The id of its check.
    pub check: &'static str,
    /// How bad, where the evidence says other than the check.
    pub severity: Option<Severity>,
    /// The node it is about.
    pub node: Option<String>,
    /// What it is about, `vm:100`.
    pub subject: Option<String>,
    /// How it is known.
    pub basis: Basis,
    /// The lines that show it.
    pub evidence: Vec<Spot>,
    /// What fills its words.
    pub fields: Fields,
}

impl Found {
    /// A fault that its lines state.
    pub fn new(check: &'static str, subject: impl Into<Option<String>>) -> Found {
        Found {
            check,
            severity: None,
            node: None,
            subject: subject.into(),
            basis: Basis::Stated,
            evidence: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// With lines that show it.
    pub fn shown_by<'s>(mut self, spots: impl IntoIterator<Item = &'s Spot>) -> Found {
        for spot in spots {
            if !self.evidence.contains(spot) {
                self.evidence.push(spot.clone());
            }
        }
        self
    }

    /// With a field.
    pub fn with(mut self, name: &'static str, value: impl Into<crate::model::Value>) -> Found {
        self.fields.push((name, value.into()));
        self
    }
}

/// Every fault, in the order in which the checks are made.
pub fn found(configuration: &Configuration, seats: &[seat::Seat]) -> Vec<Found> {
    let mut found = replicas::check(configuration, seats);
    found.extend(quorum::check(configuration));
    found.extend(guests::check(configuration, seats));
    found.extend(backup::check(configuration));
    found.extend(network::check(configuration));
    found.extend(firewall::check(configuration));
    found
}

/// Adds to what a log shows of a guest what its configuration says of it: the fault that was there before it went off. Both
/// are findings of one kind about one guest.
pub fn explain(report: &mut Report, configuration: &Configuration) {
    let predicted = check(configuration).findings;
    for fault in predicted {
        let same = |finding: &&mut Finding| {
            finding.kind == fault.kind
                && finding.subject.is_some()
                && finding.subject == fault.subject
        };
        let Some(finding) = report.findings.iter_mut().find(same) else {
            continue;
        };
        finding
            .details
            .push(("configuration", fault.text.as_str().into()));
        finding.evidence.extend(fault.evidence);
        let id = finding.id.clone();
        for incident in report
            .incidents
            .iter_mut()
            .filter(|i| i.findings.contains(&id))
        {
            let cause = format!("the configuration allowed it: {}", fault.text);
            incident.causes.insert(0, cause);
            incident.causes_from.insert(0, Some(id.clone()));
        }
    }
    contradict(report, configuration);
}

/// Adds what the log states and the configuration states otherwise: findings, and one incident of all of them.
fn contradict(report: &mut Report, configuration: &Configuration) {
    let (found, at): (Vec<Found>, Vec<_>) = against::check(&report.stated, configuration)
        .into_iter()
        .unzip();
    let Some((mut findings, mut incident)) = write::story("log-differs", &found) else {
        return;
    };
    for (finding, at) in findings.iter_mut().zip(&at) {
        (finding.began, finding.ended, finding.open) = (*at, *at, false);
        // The parts of its sentence are told by that.
        let kept = ["check", "log_value", "file_value"];
        finding.details.retain(|(name, _)| kept.contains(name));
    }
    // Neither of the two says which of them is true by now.
    incident.status = Status::Unknown;
    incident.status_because = "no later line says that corosync read its file anew".to_owned();
    incident.callouts = findings
        .iter()
        .map(|finding| Callout {
            label: "differs",
            text: finding.text.clone(),
        })
        .collect();
    (incident.began, incident.ended) = (
        at.iter().flatten().min().copied(),
        at.iter().flatten().max().copied(),
    );
    for finding in findings {
        let later = |other: &Finding| finding.began.is_some() && other.began > finding.began;
        let place = report.findings.iter().position(later);
        let place = place.unwrap_or(report.findings.len());
        report.findings.insert(place, finding);
    }
    report.incidents.push(incident);
    report
        .incidents
        .sort_by_key(|incident| std::cmp::Reverse(incident.severity));
    if let Some(verdict) = build::over(&report.incidents) {
        report.verdict = verdict;
    }
}

/// The whole answer.
pub fn check(configuration: &Configuration) -> Report {
    let seats = seat::seats(configuration);
    let found = found(configuration, &seats);
    write::report(configuration, &seats, &found)
}
