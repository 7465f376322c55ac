//! Output of commands, as people paste it: pvecm, corosync-quorumtool, corosync-cfgtool, ha-manager, pvesr, pvesm.
//! In: any lines. Out: what they say of quorum, links, HA, replication and storages; how many lines said something; parts that
//! are sections of a file.
//! Never: needs the command in front of its output, or the columns that a copy lost.

use super::ha::{AgentState, ServiceState};
use super::replication::{Job, JobState};
use super::section::{self, Section};
use super::text::{Document, Notes, Property, Spot, list};

/// Everything that was pasted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pasted {
    /// `pvecm status`, `corosync-quorumtool`.
    pub quorum: Vec<QuorumStatus>,
    /// Peers of links that are not connected, and those that are.
    pub links: Vec<LinkStatus>,
    /// `ha-manager status`: the line of its quorum and whether it is good.
    pub ha_quorum: Option<(bool, Spot)>,
    /// `lrm NODE (…)`.
    pub agents: Vec<AgentState>,
    /// `service vm:100 (NODE, STATE)`.
    pub services: Vec<ServiceState>,
    /// `pvesr status`.
    pub jobs: Vec<JobState>,
    /// `pvesr list`: `None` when nobody pasted it, for an empty list says that there are no jobs.
    pub listed: Option<Vec<Job>>,
    /// `ha-manager rules config`: rules without their nodes.
    pub rules: Vec<RuleRow>,
    /// `pvesm status`: name, type, status.
    pub storages: Vec<StorageStatus>,
}

/// A row of `ha-manager rules config`, which shows which guests a rule binds, but neither to which nodes nor how firmly.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRow {
    /// The rule.
    pub id: String,
    /// `node-affinity`.
    pub kind: String,
    /// The services.
    pub services: Vec<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The line.
    pub at: Spot,
}

/// What votequorum said.
#[derive(Clone, Debug, PartialEq)]
pub struct QuorumStatus {
    /// The name of the cluster.
    pub cluster: Option<String>,
    /// The version of the configuration that runs.
    pub config_version: Option<(u64, Spot)>,
    /// Whether there is quorum.
    pub quorate: Option<(bool, Spot)>,
    /// `Expected votes`.
    pub expected: Option<(u64, Spot)>,
    /// `Total votes`.
    pub total: Option<(u64, Spot)>,
    /// `Quorum`: votes that are needed.
    pub needed: Option<(u64, Spot)>,
    /// `2Node`, `WaitForAll`, `Qdevice`.
    pub flags: Vec<String>,
    /// Who is there.
    pub members: Vec<MemberRow>,
    /// Its first line.
    pub at: Spot,
}

/// A row of `Membership information`.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberRow {
    /// The node id; 0 is the external vote.
    pub id: u32,
    /// Its votes.
    pub votes: u64,
    /// Its name or address.
    pub name: String,
    /// The node that was asked.
    pub local: bool,
    /// The line.
    pub at: Spot,
}

/// A link to a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkStatus {
    /// The link.
    pub link: u32,
    /// The peer.
    pub peer: u32,
    /// Whether it is connected.
    pub connected: bool,
    /// The line.
    pub at: Spot,
}

/// A row of `pvesm status`.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageStatus {
    /// The storage.
    pub id: String,
    /// `active`, `inactive`, `disabled`.
    pub status: String,
    /// The line.
    pub at: Spot,
}

/// Which table the lines belong to.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Nothing,
    Quorum,
    Membership,
    Link(u32),
    Peers(u32),
    /// Whether there is a column `Enabled` before the target.
    Jobs(bool),
    JobList,
    Storages,
}

/// Reads the lines of a document into `pasted`; says how many told something.
pub fn read(document: &Document, pasted: &mut Pasted, notes: &mut Notes) -> u64 {
    let mut part = Part::Nothing;
    let mut table = Table::default();
    let mut told = 0;
    for (n, line) in document.lines() {
        let text = line.trim().trim_start_matches("> ").trim();
        if text.is_empty() || text.starts_with("---") || text.starts_with("~~~") {
            continue;
        }
        let at = document.spot(n, line);
        if let Some(cells) = cells(text) {
            told += u64::from(table.row(&cells, &at, pasted));
            continue;
        }
        if let Some(next) = pasted.heading(text, part, &at) {
            part = next;
            told += 1;
            continue;
        }
        let known = match part {
            Part::Quorum => pasted.quorum_line(text, &at),
            Part::Membership => pasted.member_row(text, &at),
            Part::Link(link) => pasted.link_line(link, text, &at),
            Part::Peers(peer) => pasted.peer_line(peer, text, &at),
            Part::Jobs(enabled) => pasted.job_row(text, enabled, &at),
            Part::JobList => pasted.job_listed(text, &at),
            Part::Storages => pasted.storage_row(text, &at),
            Part::Nothing => false,
        };
        if known || pasted.ha_line(text, &at) {
            told += 1;
        }
    }
    notes.understood += told;
    told
}

impl Pasted {
    fn heading(&mut self, text: &str, part: Part, at: &Spot) -> Option<Part> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["Cluster", "information"] => {
                self.quorum.push(QuorumStatus::at(at));
                Some(Part::Quorum)
            }
            ["Quorum", "information"] => {
                // `pvecm status` has begun its status already.
                let begun = self
                    .quorum
                    .last()
                    .is_some_and(|status| status.expected.is_none());
                if !(begun && part == Part::Quorum) {
                    self.quorum.push(QuorumStatus::at(at));
                }
                Some(Part::Quorum)
            }
            ["Votequorum", "information"] => Some(Part::Quorum),
            ["Membership", "information"] => {
                if self.quorum.is_empty() {
                    self.quorum.push(QuorumStatus::at(at));
                }
                Some(Part::Membership)
            }
            ["Nodeid", "Votes", .., "Name"] => {
                if self.quorum.is_empty() {
                    self.quorum.push(QuorumStatus::at(at));
                }
                Some(Part::Membership)
            }
            ["LINK" | "RING", "ID", link, ..] => link.parse().ok().map(Part::Link),
            ["nodeid:", peer, "reachable", ..] => peer.parse().ok().map(Part::Peers),
            ["Local", "node", "ID", ..] => Some(Part::Nothing),
            ["JobID", "Enabled", "Target", ..] => Some(Part::Jobs(true)),
            ["JobID", "Target", "LastSync", ..] => Some(Part::Jobs(false)),
            ["JobID", "Target", "Schedule", "Rate", "Enabled"] => {
                self.listed.get_or_insert_with(Vec::new);
                Some(Part::JobList)
            }
            ["Name", "Type", "Status", "Total", ..] => Some(Part::Storages),
            _ => None,
        }
    }

    fn quorum_line(&mut self, text: &str, at: &Spot) -> bool {
        let Some(status) = self.quorum.last_mut() else {
            return false;
        };
        let Some((key, value)) = text.split_once(':') else {
            return false;
        };
        let value = value.trim();
        // `Quorum: 2 Activity blocked`.
        let number = || {
            value
                .split_whitespace()
                .next()?
                .parse()
                .ok()
                .map(|n| (n, at.clone()))
        };
        match key.trim() {
            "Name" => status.cluster = Some(value.to_owned()),
            "Config Version" => status.config_version = number(),
            "Quorate" => status.quorate = Some((value.starts_with("Yes"), at.clone())),
            "Expected votes" => status.expected = number(),
            "Total votes" => status.total = number(),
            "Quorum" => status.needed = number(),
            "Flags" => status.flags = value.split_whitespace().map(str::to_owned).collect(),
            "Transport" | "Secure auth" | "Date" | "Quorum provider" | "Nodes" | "Node ID"
            | "Ring ID" | "Highest expected" => {}
            _ => return false,
        }
        true
    }

    fn member_row(&mut self, text: &str, at: &Spot) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [id, votes, rest @ ..] = words.as_slice() else {
            return false;
        };
        let id = match id.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => id.parse().ok(),
        };
        let (Some(id), Ok(votes), Some(status)) = (id, votes.parse(), self.quorum.last_mut())
        else {
            return false;
        };
        let local = rest.last() == Some(&"(local)");
        // The column of the external vote, `A,V,NMW` or `NR`, stands before the name.
        let name = rest.iter().rev().find(|word| !word.starts_with('('));
        status.members.push(MemberRow {
            id,
            votes,
            name: name.map_or_else(String::new, |name| (*name).to_owned()),
            local,
            at: at.clone(),
        });
        true
    }

    /// `nodeid: 2: disconnected`, and `status = …` of corosync 2.
    fn link_line(&mut self, link: u32, text: &str, at: &Spot) -> bool {
        if text.starts_with("addr") || text.starts_with("status") || text.starts_with("id\t") {
            return true;
        }
        let Some(rest) = text
            .strip_prefix("nodeid")
            .map(|rest| rest.trim_start_matches(':'))
        else {
            return false;
        };
        let Some((peer, state)) = rest.split_once(':') else {
            return false;
        };
        let Ok(peer) = peer.trim().parse() else {
            return false;
        };
        let state = state.trim();
        if !state.starts_with("localhost") {
            self.links.push(LinkStatus {
                link,
                peer,
                connected: state.starts_with("connected"),
                at: at.clone(),
            });
        }
        true
    }

    /// `LINK: 0 udp (src->dst) enabled connected mtu: 1397`.
    fn peer_line(&mut self, peer: u32, text: &str, at: &Spot) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["LINK:", link, ..] = words.as_slice() else {
            return false;
        };
        let Ok(link) = link.parse() else {
            return false;
        };
        self.links.push(LinkStatus {
            link,
            peer,
            connected: words.contains(&"connected"),
            at: at.clone(),
        });
        true
    }

    /// `100-0  Yes  local/oak  2026-11-22_08:45:01  2026-11-22_09:00:00  3.1  0  OK`; the second word came later.
    fn job_row(&mut self, text: &str, enabled: bool, at: &Spot) -> bool {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        if enabled && words.len() > 1 {
            words.remove(1);
        }
        let [job, _, last, _, _, fails, state @ ..] = words.as_slice() else {
            return false;
        };
        let (Some(_), Ok(fails)) = (guest_of(job), fails.parse()) else {
            return false;
        };
        self.jobs.push(JobState {
            job: (*job).to_owned(),
            last_sync: seconds(last),
            fails,
            state: state.join(" "),
            at: at.clone(),
        });
        true
    }

    /// `100-0  local/oak  mon..fri 22:00  10  yes`: a schedule may have blanks in it, what stands around it has none.
    fn job_listed(&mut self, text: &str, at: &Spot) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [id, target, schedule @ .., rate, enabled @ ("yes" | "no")] = words.as_slice() else {
            return false;
        };
        let (Some(guest), false) = (guest_of(id), schedule.is_empty()) else {
            return false;
        };
        let target = target.rsplit('/').next().unwrap_or(target);
        let property = |key: &str, value: &str| Property {
            key: key.to_owned(),
            value: value.to_owned(),
            at: at.clone(),
        };
        let schedule = schedule.join(" ");
        let mut properties = vec![property("target", target), property("schedule", &schedule)];
        if *rate != "-" {
            properties.push(property("rate", rate));
        }
        let disabled = *enabled == "no";
        if disabled {
            properties.push(property("disable", "1"));
        }
        self.listed.get_or_insert_with(Vec::new).push(Job {
            section: Section {
                kind: "local".to_owned(),
                id: (*id).to_owned(),
                at: at.clone(),
                properties,
            },
            guest,
            target: Some(target.to_owned()),
            source: None,
            schedule,
            disabled,
            leaving: false,
        });
        true
    }

    fn storage_row(&mut self, text: &str, at: &Spot) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [id, kind, status, ..] = words.as_slice() else {
            return false;
        };
        if !super::storage::is_type(kind) || !matches!(*status, "active" | "inactive" | "disabled")
        {
            return false;
        }
        self.storages.push(StorageStatus {
            id: (*id).to_owned(),
            status: (*status).to_owned(),
            at: at.clone(),
        });
        true
    }

    /// `quorum OK`, `master elm (…)`, `lrm oak (…)`, `service vm:100 (elm, started)`.
    fn ha_line(&mut self, text: &str, at: &Spot) -> bool {
        if text == "quorum OK" || text.starts_with("quorum No quorum on node") {
            self.ha_quorum = Some((text == "quorum OK", at.clone()));
            return true;
        }
        let Some((head, rest)) = text.split_once(" (") else {
            return text.starts_with("fencing armed") || text.starts_with("fencing standby");
        };
        let Some(inside) = rest.strip_suffix(')') else {
            return false;
        };
        let first = inside.split(", ").next().unwrap_or("");
        let words: Vec<&str> = head.split(' ').collect();
        match words.as_slice() {
            ["master", _] => true,
            ["fencing", _] => true,
            ["lrm", node] => {
                self.agents.push(AgentState {
                    node: (*node).to_owned(),
                    state: first.to_owned(),
                    at: at.clone(),
                });
                true
            }
            ["service", service] if service.contains(':') => {
                self.services.push(ServiceState {
                    service: (*service).to_owned(),
                    node: Some(first.to_owned()),
                    state: inside.rsplit(", ").next().unwrap_or("").to_owned(),
                    at: at.clone(),
                });
                true
            }
            _ => false,
        }
    }
}

/// The guest of a job, `100-0`.
fn guest_of(job: &str) -> Option<u32> {
    let (guest, number) = job.split_once('-')?;
    number.parse::<u32>().ok()?;
    guest.parse().ok()
}

/// The cells of a line of a table with borders: `│ keep │ node-affinity │`; `None` for a line that is none.
fn cells(text: &str) -> Option<Vec<&str>> {
    const RULES: [char; 8] = ['┌', '├', '╞', '└', '╘', '╒', '┍', '+'];
    if text.starts_with(RULES) && !text.chars().any(char::is_alphanumeric) {
        return Some(Vec::new());
    }
    let inside = text
        .strip_prefix(['│', '|'])
        .and_then(|rest| rest.strip_suffix(['│', '|']))?;
    Some(inside.split(['│', '|']).map(str::trim).collect())
}

/// A table of rules that is being read.
#[derive(Default)]
struct Table {
    columns: Vec<String>,
}

impl Table {
    /// Takes a row; true when it says something.
    fn row(&mut self, cells: &[&str], at: &Spot, pasted: &mut Pasted) -> bool {
        if ["rule", "type", "resources"]
            .iter()
            .all(|name| cells.contains(name))
        {
            self.columns = cells.iter().map(|name| (*name).to_owned()).collect();
            return true;
        }
        if self.columns.is_empty() || cells.len() != self.columns.len() {
            return false;
        }
        let cell = |name: &str| {
            let column = self.columns.iter().position(|known| known == name);
            column.map_or("", |column| cells[column])
        };
        match (cell("rule"), pasted.rules.last_mut()) {
            // A cell that is too long goes on in the next line, where the others are empty.
            ("", Some(last)) if !cell("resources").is_empty() => {
                last.services.extend(list(cell("resources")));
                true
            }
            ("", _) => false,
            (id, _) => {
                pasted.rules.push(RuleRow {
                    id: id.to_owned(),
                    kind: cell("type").to_owned(),
                    services: list(cell("resources")),
                    enabled: cell("enabled") != "0",
                    at: at.clone(),
                });
                true
            }
        }
    }
}

/// The parts of a document that are sections of a file: `ha-manager config` and `groupconfig` print them.
pub fn sections<'t>(document: &Document<'t>) -> Vec<Document<'t>> {
    let mut parts: Vec<Document<'t>> = Vec::new();
    // First line, first byte, and the kind of what is open.
    let mut open: Option<(u64, usize, &str)> = None;
    let mut at = 0;
    let mut close = |open: &mut Option<(u64, usize, &str)>, end: usize| {
        if let Some((first, begin, _)) = open.take() {
            let part = Document {
                first,
                path: None,
                text: &document.text[begin..end],
                ..document.clone()
            };
            let says_nodes = || {
                let mut lines = part.text.lines();
                lines.any(|line| line.trim_start().starts_with("nodes "))
            };
            let is_group = part.text.starts_with("group:");
            if !is_group || says_nodes() {
                parts.push(part);
            }
        }
    };
    for (number, line) in (document.first..).zip(document.text.split_inclusive('\n')) {
        let head = section::header(line.trim_end()).filter(|(kind, id)| match *kind {
            "vm" | "ct" => id.parse::<u32>().is_ok(),
            kind => kind == "group",
        });
        let kind = head.map(|(kind, _)| if kind == "group" { "group" } else { "resource" });
        let inside = line.starts_with([' ', '\t']) || line.trim().is_empty();
        match (kind, &open) {
            (Some(kind), Some((.., known))) if kind == *known => {}
            (Some(kind), _) => {
                close(&mut open, at);
                open = Some((number, at, kind));
            }
            (None, Some(_)) if inside => {}
            (None, _) => close(&mut open, at),
        }
        at += line.len();
    }
    close(&mut open, at);
    parts
}

impl QuorumStatus {
    fn at(at: &Spot) -> QuorumStatus {
        QuorumStatus {
            cluster: None,
            config_version: None,
            quorate: None,
            expected: None,
            total: None,
            needed: None,
            flags: Vec::new(),
            members: Vec::new(),
            at: at.clone(),
        }
    }

    /// The votes that are there beyond those needed.
    pub fn margin(&self) -> Option<i64> {
        let (total, needed) = (self.total.as_ref()?.0, self.needed.as_ref()?.0);
        Some(i64::try_from(total).ok()? - i64::try_from(needed).ok()?)
    }
}

/// `2026-11-22_08:45:01` as seconds of that clock.
fn seconds(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('_')?;
    let numbers = |text: &str, by: char| -> Option<[i64; 3]> {
        let parts: Option<Vec<i64>> = text.split(by).map(|part| part.parse().ok()).collect();
        parts?.try_into().ok()
    };
    let [year, month, day] = numbers(day, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if ![hour, minute, second].iter().all(|n| (0..=60).contains(n)) {
        return None;
    }
    // Days by the calendar that begins its year in March, so that the leap day is the last.
    let (y, m) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(text: &str) -> (Pasted, u64) {
        let mut pasted = Pasted::default();
        let told = read(
            &Document::file("paste", text),
            &mut pasted,
            &mut Notes::default(),
        );
        (pasted, told)
    }

    #[test]
    fn quorum_is_read_with_its_members() {
        let text = "\
Cluster information
-------------------
Name:             grove
Config Version:   12

Quorum information
------------------
Date:             Sun Nov 22 09:01:01 2026
Nodes:            2
Node ID:          0x00000002
Quorate:          No

Votequorum information
----------------------
Expected votes:   4
Highest expected: 4
Total votes:      2
Quorum:           3 Activity blocked
Flags:

Membership information
----------------------
    Nodeid      Votes    Qdevice Name
0x00000001          1    A,V,NMW 10.1.0.1
0x0000000a          1         NR 10.1.0.10 (local)
0x00000000          1            Qdevice
";
        let (pasted, told) = pasted(text);
        assert_eq!(told, 19);
        let status = &pasted.quorum[0];
        assert_eq!(pasted.quorum.len(), 1);
        assert_eq!(status.config_version.as_ref().unwrap().0, 12);
        assert_eq!(status.quorate.as_ref().map(|q| q.0), Some(false));
        assert_eq!(status.margin(), Some(-1));
        let rows: Vec<(u32, &str, bool)> = status
            .members
            .iter()
            .map(|m| (m.id, m.name.as_str(), m.local))
            .collect();
        assert_eq!(
            rows,
            [
                (1, "10.1.0.1", false),
                (10, "10.1.0.10", true),
                (0, "Qdevice", false)
            ]
        );
    }

    #[test]
    fn jobs_are_read_as_they_are_listed_and_as_they_stand() {
        let (told, _) = pasted(
            "JobID                Target                 Schedule  Rate  Enabled\n\
             100-0                local/oak                  */15     -      yes\n\
             101-1                local/ash       mon..fri 22:00    10       no\n\
             JobID                Target                         LastSync             NextSync   Duration  FailCount State\n\
             100-0                local/oak           2026-11-22_08:45:01  2026-11-22_09:00:00        3.1          2 no route\n",
        );
        let listed = told.listed.as_ref().unwrap();
        let jobs: Vec<(&str, Option<&str>, &str, bool)> = listed
            .iter()
            .map(|job| {
                (
                    job.id(),
                    job.target.as_deref(),
                    job.schedule.as_str(),
                    job.disabled,
                )
            })
            .collect();
        assert_eq!(
            jobs,
            [
                ("100-0", Some("oak"), "*/15", false),
                ("101-1", Some("ash"), "mon..fri 22:00", true)
            ]
        );
        assert_eq!(listed[1].section.get("disable").unwrap().at.line, 3);
        assert_eq!(
            (told.jobs[0].fails, told.jobs[0].state.as_str()),
            (2, "no route")
        );
        let (none, _) = pasted("JobID  Target  Schedule  Rate  Enabled\n");
        assert_eq!(none.listed, Some(Vec::new()), "no jobs is an answer");
        assert_eq!(pasted("nothing\n").0.listed, None);
    }

    #[test]
    fn rules_are_read_from_their_table() {
        let text = "\
┌─────────┬────────┬──────┬───────────────┬───────────┬─────────┐
│ enabled │ state  │ rule │ type          │ resources │ comment │
╞═════════╪════════╪══════╪═══════════════╪═══════════╪═════════╡
│ 1       │ in use │ keep │ node-affinity │ vm:100,   │         │
│         │        │      │               │ ct:200    │         │
├─────────┼────────┼──────┼───────────────┼───────────┼─────────┤
│ 0       │ in use │ off  │ node-affinity │ vm:101    │         │
└─────────┴────────┴──────┴───────────────┴───────────┴─────────┘
";
        for text in [
            text.to_owned(),
            text.replace('│', "|")
                .replace(['┌', '├', '└', '╞'], "+")
                .replace(['─', '═'], "-")
                .replace(['┬', '┼', '┴', '╪', '┐', '┤', '┘', '╡'], "+"),
        ] {
            let (told, lines) = pasted(&text);
            assert_eq!(lines, 4, "{text}");
            let rows: Vec<(&str, Vec<String>, bool, u64)> = told
                .rules
                .iter()
                .map(|row| {
                    (
                        row.id.as_str(),
                        row.services.clone(),
                        row.enabled,
                        row.at.line,
                    )
                })
                .collect();
            assert_eq!(
                rows,
                [
                    (
                        "keep",
                        vec!["vm:100".to_owned(), "ct:200".to_owned()],
                        true,
                        4
                    ),
                    ("off", vec!["vm:101".to_owned()], false, 7)
                ]
            );
        }
    }

    #[test]
    fn sections_among_other_lines_are_parts_of_their_own() {
        let text = "quorum OK\nvm:100\n\tgroup trees\n\tstate started\n\nct:200\n\tstate started\n\ngroup: trees\n\tnodes elm,oak\n\trestricted 1\n\nservice vm:100 (elm, started)\ngroup: wheel\n";
        let document = Document::file("paste", text);
        let parts: Vec<(u64, &str)> = sections(&document)
            .iter()
            .map(|part| (part.first, part.text.lines().next().unwrap()))
            .collect();
        assert_eq!(parts, [(2, "vm:100"), (9, "group: trees")]);
    }

    #[test]
    fn links_are_read_in_both_forms() {
        let (pasted, _) = pasted(
            "Local node ID 1, transport knet\nLINK ID 0 udp\n\taddr\t= 10.1.0.1\n\tstatus:\n\t\tnodeid:          1:\tlocalhost\n\t\tnodeid:          2:\tdisconnected\n\
             nodeid: 3 reachable   onwire (min/max/cur): 0, 1, 1\n   LINK: 1 udp (10.2.0.1->10.2.0.3) enabled connected mtu: 1397\n",
        );
        let links: Vec<(u32, u32, bool)> = pasted
            .links
            .iter()
            .map(|l| (l.link, l.peer, l.connected))
            .collect();
        assert_eq!(links, [(0, 2, false), (1, 3, true)]);
    }

    #[test]
    fn ha_replication_and_storages_are_read() {
        let (pasted, told) = pasted(
            "quorum OK\nmaster elm (active, Sun Nov 22 09:01:01 2026)\nlrm oak (old timestamp - dead?, Sun Nov 22 08:01:01 2026)\nservice vm:100 (elm, started)\n\
             JobID      Enabled    Target                LastSync             NextSync   Duration  FailCount State\n\
             100-0      Yes        local/oak  2026-11-22_08:45:01  2026-11-22_09:00:00        3.1          2 no route to host\n\
             101-0      Yes        local/oak                    -                  pending     -           0 OK\n\
             Name             Type     Status           Total            Used       Available        %\n\
             tank          zfspool     inactive               0               0               0    0.00%\n",
        );
        assert_eq!(told, 9);
        assert_eq!(pasted.agents[0].state, "old timestamp - dead?");
        assert_eq!(pasted.services[0].state, "started");
        assert_eq!(pasted.jobs[0].last_sync, Some(1_795_337_101));
        assert_eq!(
            (pasted.jobs[0].fails, pasted.jobs[0].state.as_str()),
            (2, "no route to host")
        );
        assert_eq!(pasted.jobs[1].last_sync, None);
        assert_eq!(pasted.storages[0].status, "inactive");
    }

    #[test]
    fn prose_and_logs_say_nothing() {
        let (pasted, told) = pasted(
            "Dear diary,\nNov 22 08:49:04 pve1 corosync[1423]:   [KNET  ] link: host: 2 link: 0 is down\nlrm is fine\n",
        );
        assert_eq!((pasted, told), (Pasted::default(), 0));
    }
}
