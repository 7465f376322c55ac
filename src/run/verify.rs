//! Cases: logs in a folder with what must be found in them.
//! In: a folder of case folders, each with `case.toml` and `input/`. Out: for every case what differs from its expectations.
//! Never: stops at the first case that fails; never writes.

use super::{Plan, Verdict, analyze};
use crate::input;
use crate::model::{Severity, Timestamp, Value};
use crate::pattern::Pattern;
use crate::report::{Report, Status};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a case says of itself and of what must be found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What happened, in words; for readers.
    #[allow(
        dead_code,
        reason = "read by people; required so that no case is without a story"
    )]
    about: String,
    /// How the logs are to be read.
    #[serde(default)]
    read: Read,
    /// What must come out.
    expect: Expect,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    year: Option<i32>,
    tz: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Findings above `info` by kind; other kinds above `info` must not appear unless `others` allows them.
    #[serde(default)]
    kinds: BTreeMap<String, u64>,
    /// Findings of severity `info` by kind, each of which must appear.
    #[serde(default)]
    info: BTreeMap<String, u64>,
    /// Kinds above `info` that may appear or not.
    #[serde(default)]
    others: Vec<String>,
    /// Kinds that must not appear above `info`, said although `kinds` excludes them already: what the case is about.
    #[serde(default)]
    never: Vec<String>,
    /// Verdicts of boots, `NODE: VERDICT`, in order.
    boots: Option<Vec<String>>,
    /// Guests that were down, `GUEST: FROM -> TO`, in order.
    outages: Option<Vec<String>>,
    /// Severity of the whole.
    severity: Option<Severity>,
    /// Status of the worst incident.
    status: Option<String>,
    /// Number of incidents.
    incidents: Option<usize>,
    /// States at the end, by node: `elm = { quorate = true, lrm = "active" }`.
    #[serde(default)]
    last: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// Least share of the lines of watched programs that must be understood, from 0 to 1.
    coverage: Option<f64>,
}

/// One case after its run.
#[derive(Debug)]
pub struct Outcome {
    /// The folder's name.
    pub name: String,
    /// What differs; empty when nothing does.
    pub differences: Vec<String>,
}

/// Runs every case folder below `dir`, or `dir` itself if it is one, in the order of their names.
pub fn verify(
    dir: &Path,
    patterns: &[Arc<Pattern>],
    plan: &Plan,
) -> Result<Vec<Outcome>, input::Error> {
    let mut folders: Vec<PathBuf> = if input::is_file(&dir.join("case.toml")) {
        vec![dir.to_owned()]
    } else {
        input::folders(dir)?
            .into_iter()
            .filter(|folder| input::is_file(&folder.join("case.toml")))
            .collect()
    };
    folders.sort();
    Ok(folders
        .iter()
        .map(|folder| run(folder, patterns, plan))
        .collect())
}

fn run(folder: &Path, patterns: &[Arc<Pattern>], plan: &Plan) -> Outcome {
    let name = folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let differences = match report(folder, patterns, plan) {
        Ok((case, verdict)) => differences(&case.expect, &verdict),
        Err(why) => vec![why],
    };
    Outcome { name, differences }
}

/// The report of a case folder, and its expectations.
fn report(
    folder: &Path,
    patterns: &[Arc<Pattern>],
    plan: &Plan,
) -> Result<(Case, Verdict), String> {
    let path = folder.join("case.toml");
    let text = input::text(&path).map_err(|error| error.to_string())?;
    let case: Case = toml::from_str(&text)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut plan = plan.clone();
    plan.paths = vec![folder.join("input")];
    plan.read.year = case.read.year;
    // Years are inferred from a date that does not move, so that a case says the same in every year.
    plan.read.now = Timestamp::from_seconds(1_893_456_000);
    plan.read.tz = match &case.read.tz {
        Some(zone) => Some(
            zone.parse()
                .map_err(|_| format!("{}: no time zone is called `{zone}`", path.display()))?,
        ),
        None => None,
    };
    let verdict = analyze(&plan, plan.find(), patterns);
    Ok((case, verdict))
}

/// The report of one case folder, for snapshots.
pub fn case_report(
    folder: &Path,
    patterns: &[Arc<Pattern>],
    plan: &Plan,
) -> Result<Report, String> {
    report(folder, patterns, plan).map(|(_, verdict)| verdict.report)
}

fn differences(expect: &Expect, verdict: &Verdict) -> Vec<String> {
    let report = &verdict.report;
    let mut out: Vec<String> = verdict.failures.iter().map(ToString::to_string).collect();
    let mut loud: BTreeMap<&str, u64> = BTreeMap::new();
    let mut quiet: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        let of = if finding.severity > Severity::Info {
            &mut loud
        } else {
            &mut quiet
        };
        *of.entry(&finding.kind).or_default() += 1;
    }
    for (wanted, found, word) in [
        (&expect.kinds, &loud, "above info"),
        (&expect.info, &quiet, "of severity info"),
    ] {
        for (kind, count) in wanted {
            let got = found.get(kind.as_str()).copied().unwrap_or(0);
            if got != *count {
                out.push(format!("{kind}: {got} {word}, expected {count}"));
            }
        }
    }
    for (kind, count) in &loud {
        let known =
            expect.kinds.contains_key(*kind) || expect.others.iter().any(|other| other == kind);
        if !known {
            out.push(format!("{kind}: {count} above info, expected none"));
        }
    }
    for kind in expect
        .never
        .iter()
        .filter(|kind| loud.contains_key(kind.as_str()))
    {
        out.push(format!(
            "{kind}: found, and this case is about that it must not be"
        ));
    }
    let boots: Vec<String> = report
        .boots
        .iter()
        .map(|boot| format!("{}: {}", boot.node.as_deref().unwrap_or("?"), boot.verdict))
        .collect();
    compare("boots", expect.boots.as_ref(), &boots, &mut out);
    let outages: Vec<String> = report
        .outages
        .iter()
        .map(|outage| {
            let node = |name: &Option<String>| name.clone().unwrap_or_else(|| "?".to_owned());
            format!(
                "{}: {} -> {}",
                outage.guest,
                node(&outage.from_node),
                node(&outage.to_node)
            )
        })
        .collect();
    compare("outages", expect.outages.as_ref(), &outages, &mut out);
    compare(
        "severity",
        expect.severity.as_ref(),
        &report.verdict.severity,
        &mut out,
    );
    compare(
        "incidents",
        expect.incidents.as_ref(),
        &report.incidents.len(),
        &mut out,
    );
    let status = report
        .incidents
        .first()
        .map_or("none", |incident| match incident.status {
            Status::Ongoing => "ongoing",
            Status::Over => "over",
            Status::Unknown => "unknown",
        });
    compare(
        "status",
        expect.status.as_deref().map(str::to_owned).as_ref(),
        &status.to_owned(),
        &mut out,
    );
    for (node, states) in &expect.last {
        let found = report
            .cluster
            .nodes
            .iter()
            .find(|part| part.name.as_deref() == Some(node));
        for (name, wanted) in states {
            let got = found
                .and_then(|part| part.state.iter().find(|(key, _)| key == name))
                .map_or(&Value::Null, |(_, value)| value);
            if !same(wanted, got) {
                out.push(format!(
                    "last state of {node}: {name} is {got}, expected {wanted}"
                ));
            }
        }
    }
    if let Some(least) = expect.coverage {
        let (watched, understood) =
            report
                .inputs
                .iter()
                .fold((0, 0), |(watched, understood), input| {
                    (
                        watched + input.coverage.known_programs,
                        understood + input.coverage.understood,
                    )
                });
        let share = if watched == 0 {
            1.0
        } else {
            understood as f64 / watched as f64
        };
        if share < least {
            out.push(format!("coverage: {understood} of {watched} lines of watched programs understood, expected {least} of them"));
        }
    }
    out
}

fn compare<T: PartialEq + std::fmt::Debug>(
    what: &str,
    wanted: Option<&T>,
    got: &T,
    out: &mut Vec<String>,
) {
    if let Some(wanted) = wanted.filter(|wanted| *wanted != got) {
        out.push(format!("{what}: {got:?}, expected {wanted:?}"));
    }
}

fn same(wanted: &toml::Value, got: &Value) -> bool {
    match (wanted, got) {
        (toml::Value::Boolean(a), Value::Bool(b)) => a == b,
        (toml::Value::Integer(a), Value::Int(b)) => a == b,
        (toml::Value::String(a), Value::Null) => a == "unknown",
        (toml::Value::String(a), Value::Text(b)) => **a == **b,
        _ => false,
    }
}
