//! The configuration against the log: where both state the same thing, and not the same of it.
//! In: a `Configuration`, and what lines state. Out: a fault for each contradiction, with the lines of both.
//! Never: compares what was inferred from a log; says which of the two is right.

use super::Found;
use super::net::address;
use crate::config::{Configuration, Corosync, Spot};
use crate::model::{Basis, Severity, Timestamp, Value};
use crate::report::{Evidence, Stated, Statement};

/// Lines of the log that one contradiction shows.
const LINES: usize = 4;
/// A timer may fire so much late, in milliseconds.
const LATE_MS: u64 = 5;
/// The part of the token timeout after which corosync warns, in percent, unless it is told otherwise.
const WARNING: u64 = 75;

/// What the file says instead, and where.
struct Other<'c> {
    /// `the token timeout`: what it is about, and the subject of the finding.
    thing: String,
    /// `says a token timeout of 3650 ms`.
    says: String,
    /// `makes it 10650 ms`.
    but: String,
    /// The lines of the configuration.
    lines: Vec<&'c Spot>,
    basis: Basis,
    severity: Option<Severity>,
    /// What the log and the file say, as values.
    log: Value,
    file: Value,
    /// What would explain it.
    note: Option<String>,
}

impl<'c> Other<'c> {
    fn new(thing: impl Into<String>, says: String, but: String) -> Other<'c> {
        Other {
            thing: thing.into(),
            says,
            but,
            lines: Vec::new(),
            basis: Basis::Stated,
            severity: None,
            log: Value::Null,
            file: Value::Null,
            note: None,
        }
    }

    fn at(mut self, lines: impl IntoIterator<Item = &'c Spot>) -> Other<'c> {
        self.lines.extend(lines);
        self
    }

    fn values(mut self, log: impl Into<Value>, file: impl Into<Value>) -> Other<'c> {
        (self.log, self.file) = (log.into(), file.into());
        self
    }
}

/// Every contradiction, each with the time of its last line.
pub fn check(stated: &[Stated], configuration: &Configuration) -> Vec<(Found, Option<Timestamp>)> {
    let mut all: Vec<(Other, Vec<&Stated>)> = Vec::new();
    for said in stated {
        if !is_best(said, stated) {
            continue;
        }
        let Some(other) = contradiction(said, configuration) else {
            continue;
        };
        // Nodes that say the same are one contradiction.
        match all.iter_mut().find(|(known, _)| known.says == other.says) {
            Some((_, by)) => by.push(said),
            None => all.push((other, vec![said])),
        }
    }
    // Of two clusters everything differs, and nothing of it means anything.
    if let Some(n) = all.iter().position(|(other, _)| other.thing == CLUSTER) {
        all = vec![all.swap_remove(n)];
    }
    let version = version(stated, configuration);
    all.into_iter()
        .map(|(other, by)| found(other, &by, version))
        .collect()
}

const CLUSTER: &str = "cluster name";
const VERSION: &str = "config_version";

fn found(other: Other, by: &[&Stated], version: Option<(u64, u64)>) -> (Found, Option<Timestamp>) {
    let at = by.iter().filter_map(|said| said.at).max();
    let when = match at {
        Some(at) => format!("The log of {}", &at.date_clock()[..10]),
        None => "The log".to_owned(),
    };
    let file = match other.lines.first() {
        Some(spot) => {
            let base = spot.file.rsplit('/').next().unwrap_or(&spot.file);
            format!("{base}:{}", spot.line)
        }
        None => "corosync.conf".to_owned(),
    };
    let note = other.note.unwrap_or_else(|| match version {
        _ if other.thing == VERSION => NOT_OF_ONE_TIME.to_owned(),
        Some((log, file)) if log == file => format!(
            "both are of config_version {file}, so the file was changed without a new version, or corosync did not load all of it"
        ),
        Some((log, file)) => format!(
            "the log is of config_version {log} and the file of {file}, so the file was changed in between"
        ),
        None => NOT_OF_ONE_TIME.to_owned(),
    });
    let spot = |line: &Evidence| Spot {
        file: line.input.clone(),
        line: line.line,
        text: (&*line.text).into(),
    };
    let mut lines: Vec<Spot> = by
        .iter()
        .map(|said| spot(&said.evidence))
        .take(LINES)
        .collect();
    lines.extend(
        by.iter()
            .filter_map(|said| said.read.as_ref())
            .map(spot)
            .take(1),
    );
    let mut found = Found::new("log-differs", Some(other.thing.clone()))
        .shown_by(&lines)
        .shown_by(other.lines)
        .with("thing", other.thing)
        .with("when", when)
        .with("says", other.says)
        .with("file", file)
        .with("but", other.but)
        .with("note", note)
        .with("log_value", other.log)
        .with("file_value", other.file);
    found.basis = other.basis;
    found.severity = other.severity;
    let mut nodes: Vec<&String> = by.iter().filter_map(|said| said.node.as_ref()).collect();
    nodes.sort();
    nodes.dedup();
    if let ([node], true) = (&nodes[..], by.iter().all(|said| said.node.is_some())) {
        found.node = Some((*node).clone());
    }
    (found, at)
}

const NOT_OF_ONE_TIME: &str =
    "one of the two is not of the same time as the other, or the file was never loaded";

/// The version that the log ended with, and that of the file.
fn version(stated: &[Stated], configuration: &Configuration) -> Option<(u64, u64)> {
    let of_log = stated.iter().filter_map(|said| match said.what {
        Statement::Version(version) => Some(version),
        _ => None,
    });
    let conf = configuration.corosync.first()?;
    let (file, _) = conf.config_version.as_ref()?;
    Some((of_log.max()?, *file))
}

/// Whether nothing tells better of the same: a notice bounds a timeout that another line may state, and the shortest does best.
fn is_best(said: &Stated, stated: &[Stated]) -> bool {
    let Statement::Notice(ms) = said.what else {
        return true;
    };
    !stated.iter().any(|other| match other.what {
        Statement::Token(_) => true,
        Statement::Notice(other) => other < ms,
        _ => false,
    })
}

/// What the configuration states instead of what a line does, if it does.
fn contradiction<'c>(said: &Stated, configuration: &'c Configuration) -> Option<Other<'c>> {
    if let Some(conf) = configuration.corosync.first() {
        return of_conf(said, conf);
    }
    let status = configuration
        .pasted
        .quorum
        .iter()
        .find(|status| status.expected.is_some())?;
    match &said.what {
        Statement::Version(version) => {
            let (pasted, at) = status.config_version.as_ref()?;
            (version != pasted).then(|| of_version(*version, *pasted).at([at]))
        }
        Statement::Expected(expected) => {
            let (pasted, at) = status.expected.as_ref()?;
            (u64::from(*expected) != *pasted).then(|| of_votes(*expected, *pasted).at([at]))
        }
        Statement::Cluster(name) => {
            let pasted = status.cluster.as_ref()?;
            (**name != **pasted).then(|| of_cluster(name, pasted).at([&status.at]))
        }
        _ => None,
    }
}

fn of_conf<'c>(said: &Stated, conf: &'c Corosync) -> Option<Other<'c>> {
    match &said.what {
        Statement::Host(host) => of_host(host, conf),
        Statement::Id(id) => of_id(id.0, conf),
        Statement::OwnId(host, id) => {
            let node = named(conf, host)?;
            let known = node.id.filter(|known| *known != id.0)?;
            let mut other = Other::new(
                format!("id of {}", short(host)),
                format!("says that {} is node {id}", short(host)),
                format!("makes it node {known}"),
            );
            // No passing of time gives a node another id while it keeps its name.
            other.severity = Some(Severity::Medium);
            Some(other.at([&node.at]).values(id.0, known))
        }
        Statement::Cluster(name) => {
            let known = conf.cluster_name.as_ref()?;
            (known.value != **name).then(|| of_cluster(name, &known.value).at([&known.at]))
        }
        Statement::Version(version) => {
            let (known, at) = conf.config_version.as_ref()?;
            (version != known).then(|| of_version(*version, *known).at([at]))
        }
        Statement::Token(ms) => of_token(*ms, conf),
        Statement::Notice(ms) => of_notice(*ms, conf),
        Statement::Expected(expected) => {
            let counts = conf
                .device
                .as_ref()
                .is_none_or(|device| device.votes.is_some());
            let known = match &conf.expected_votes {
                Some((votes, _)) => *votes,
                None if counts && !conf.nodes.is_empty() => conf.votes(),
                None => return None,
            };
            let lines = conf.expected_votes.iter().map(|(_, at)| at);
            let nodes = conf.nodes.iter().map(|node| &node.at);
            let other = (u64::from(*expected) != known).then(|| of_votes(*expected, known))?;
            Some(match &conf.expected_votes {
                Some(_) => other.at(lines),
                None => other.at(nodes),
            })
        }
        Statement::Link(link) => {
            let links = conf.links();
            if links.is_empty() || links.contains(&link.0) {
                return None;
            }
            let known: Vec<String> = links.iter().map(ToString::to_string).collect();
            let (noun, verb) = if links.len() == 1 {
                ("link", "is")
            } else {
                ("links", "are")
            };
            let lines = conf
                .nodes
                .first()
                .into_iter()
                .flat_map(|node| &node.addresses);
            let other = Other::new(
                format!("link {link}"),
                format!("says that there is a link {link}"),
                format!(
                    "has no address for it: its {noun} {verb} {}",
                    known.join(" and ")
                ),
            );
            Some(
                other
                    .at(lines.map(|(.., at)| at))
                    .values(link.0, links.clone()),
            )
        }
        Statement::Address(host, link, text) => {
            let node = named(conf, host)?;
            let (_, known, at) = node.addresses.iter().find(|(of, ..)| *of == link.0)?;
            let (here, there) = (address(text)?, address(known)?);
            (here != there).then(|| {
                let whose = short(host);
                Other::new(
                    format!("address of {whose} on link {link}"),
                    format!("says that {whose} has the address {here} on link {link}"),
                    format!("gives it {there}"),
                )
                .at([at])
                .values(here.to_string(), there.to_string())
            })
        }
        Statement::Priority(link, priority) => of_priority(link.0, *priority, conf),
        Statement::Mode { passive } => {
            let known = conf
                .properties
                .iter()
                .find(|property| property.key == "totem.link_mode")?;
            (*passive != (known.value == "passive")).then(|| {
                let mode = if *passive { "passive" } else { "active or rr" };
                Other::new(
                    "link_mode",
                    format!("says that the mode of the links is {mode}"),
                    format!("makes it {}", known.value),
                )
                .at([&known.at])
                .values(mode, known.value.as_str())
            })
        }
    }
}

/// The node of a host; names are compared without their domains and whatever their case.
fn named<'c>(
    conf: &'c Corosync,
    host: &str,
) -> Option<&'c crate::config::corosync_conf::CorosyncNode> {
    let is = |name: &String| short(name).eq_ignore_ascii_case(short(host));
    conf.nodes
        .iter()
        .find(|node| node.name.as_ref().is_some_and(is))
}

/// A host name without its domain.
fn short(host: &str) -> &str {
    match host.split_once('.') {
        Some((short, _)) if address(host).is_none() && !short.is_empty() => short,
        _ => host,
    }
}

fn of_host<'c>(host: &str, conf: &'c Corosync) -> Option<Other<'c>> {
    let names: Option<Vec<String>> = conf.nodes.iter().map(|node| node.name.clone()).collect();
    let names = names.filter(|names| !names.is_empty())?;
    // An address, or the name that every machine has, is no name of a node.
    if address(host).is_some() || host == "localhost" || named(conf, host).is_some() {
        return None;
    }
    let host = short(host);
    let other = Other::new(
        format!("node {host}"),
        format!("says that {host} runs corosync"),
        format!("has no node of that name, only {}", names.join(", ")),
    );
    Some(
        other
            .at(conf.nodes.iter().map(|node| &node.at))
            .values(host, names),
    )
}

fn of_id<'c>(id: u32, conf: &'c Corosync) -> Option<Other<'c>> {
    let ids: Option<Vec<u32>> = conf.nodes.iter().map(|node| node.id).collect();
    let ids = ids.filter(|ids| !ids.is_empty() && !ids.contains(&id) && id != 0)?;
    let known: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let other = Other::new(
        format!("node {id}"),
        format!("says that there is a node {id}"),
        format!("has no such id, only {}", known.join(", ")),
    );
    Some(
        other
            .at(conf.nodes.iter().map(|node| &node.at))
            .values(id, ids),
    )
}

fn of_cluster<'c>(log: &str, file: &str) -> Other<'c> {
    let mut other = Other::new(
        CLUSTER,
        format!("says that the cluster is called {log}"),
        format!("calls it {file}"),
    )
    .values(log, file);
    other.severity = Some(Severity::Medium);
    other.note = Some(
        "the configuration may be that of another cluster; nothing else of the two was compared"
            .to_owned(),
    );
    other
}

fn of_version<'c>(log: u64, file: u64) -> Other<'c> {
    let mut other = Other::new(
        VERSION,
        format!("says that the configuration in use has version {log}"),
        format!("is version {file}"),
    )
    .values(log, file);
    other.note = Some(if log < file {
        "the file was changed after that, or corosync never loaded it".to_owned()
    } else {
        "the file is older than the log".to_owned()
    });
    other
}

fn of_votes<'c>(log: u32, file: u64) -> Other<'c> {
    Other::new(
        "expected votes",
        format!("says that {log} votes are expected"),
        format!("makes it {file}"),
    )
    .values(log, file)
}

/// The lines that make the token timeout what it is.
fn token_lines(conf: &Corosync) -> Vec<&Spot> {
    let set = [&conf.token, &conf.token_coefficient];
    let lines: Vec<&Spot> = set.into_iter().flatten().map(|(_, at)| at).collect();
    if lines.is_empty() {
        vec![&conf.at]
    } else {
        lines
    }
}

fn of_token<'c>(log: u32, conf: &'c Corosync) -> Option<Other<'c>> {
    let file = conf.token_ms();
    let coefficient = conf.token_coefficient.as_ref().map_or(650, |(ms, _)| *ms);
    let beyond = coefficient.saturating_mul((conf.nodes.len() as u64).saturating_sub(2));
    // Without a token in the file it is corosync's own, which was 1000 ms before 3.1.
    let older = conf.token.is_none().then(|| beyond.saturating_add(1_000));
    let log_ms = u64::from(log);
    if conf.nodes.is_empty() || log_ms == file || Some(log_ms) == older {
        return None;
    }
    let mut other = Other::new(
        "token timeout",
        format!("says a token timeout of {log} ms"),
        format!("makes it {file} ms"),
    )
    .at(token_lines(conf))
    .values(log, file);
    if conf.token.is_none() || conf.token_coefficient.is_none() && conf.nodes.len() > 2 {
        other.basis = Basis::Inferred;
        other.but = format!("makes it {file} ms with the defaults of corosync 3.1");
    }
    // So many nodes in the list would explain it.
    let base = file.saturating_sub(beyond);
    let nodes = log_ms
        .checked_sub(base)
        .filter(|more| coefficient > 0 && more % coefficient == 0);
    if let Some(nodes) = nodes
        .map(|more| more / coefficient + 2)
        .filter(|nodes| *nodes <= 64)
    {
        other.note = Some(format!(
            "a list of {nodes} nodes instead of {} would explain it: one of the two is not of the same time as the other",
            conf.nodes.len()
        ));
    }
    Some(other)
}

/// A warning comes at three quarters of the timeout, never before: it bounds the timeout.
fn of_notice<'c>(ms: u32, conf: &'c Corosync) -> Option<Other<'c>> {
    let told_otherwise = conf
        .properties
        .iter()
        .any(|property| property.key == "totem.token_warning");
    let file = conf.token_ms();
    let most = (u64::from(ms) * 100).div_ceil(WARNING);
    if told_otherwise
        || conf.nodes.is_empty()
        || file.saturating_mul(WARNING) / 100 <= u64::from(ms) + LATE_MS
    {
        return None;
    }
    let mut other = Other::new(
        "token timeout",
        format!("warns of a token that is missing for {ms} ms, which it does after three quarters of the timeout: that is at most {most} ms"),
        format!("makes it {file} ms"),
    )
    .at(token_lines(conf))
    .values(most, file);
    other.basis = Basis::Inferred;
    Some(other)
}

fn of_priority<'c>(link: u32, log: u32, conf: &'c Corosync) -> Option<Other<'c>> {
    if !conf.links().contains(&link) {
        return None;
    }
    let set = conf
        .interfaces
        .iter()
        .find(|(of, priority, _)| *of == link && priority.is_some_and(|p| p > 0));
    let other = |file: u64, but: String| {
        Other::new(
            format!("priority of link {link}"),
            format!("says that link {link} has the priority {log}"),
            but,
        )
        .values(log, file)
    };
    match set {
        Some((_, Some(file), at)) => {
            (u64::from(log) != *file).then(|| other(*file, format!("gives it {file}")).at([at]))
        }
        _ => (log != 1).then(|| {
            let address = conf
                .nodes
                .iter()
                .flat_map(|node| &node.addresses)
                .find(|(of, ..)| *of == link);
            let mut other =
                other(1, "sets none, which is 1".to_owned()).at(address.map(|(.., at)| at));
            other.basis = Basis::Inferred;
            other
        }),
    }
}
