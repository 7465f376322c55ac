//! What is said: plain owned data with every sentence filled in.
//! In: matches, incidents, the cluster's end state, coverage. Out: a `Report`, the contract of every output.
//! Never: prints, colours, or computes in a renderer's stead.

pub mod blame;
pub mod build;
pub mod components;
pub mod explain;
pub mod meanwhile;
pub mod moment;
pub mod story;

pub use crate::cluster::Statement;
use crate::model::{Basis, Fields, Severity, Text, Timestamp, Value};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::sync::Arc;

/// The contract of `-o json`: fields are added, never renamed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// `fencepost/1`.
    pub schema: &'static str,
    /// Who wrote it.
    pub tool: Tool,
    /// The worst of it in one sentence.
    pub verdict: Verdict,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What a reader should know about how the inputs were read.
    pub remarks: Vec<String>,
    /// Files in folders and archives that are no logs. Not there when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The cluster as far as lines tell.
    pub cluster: ClusterPart,
    /// Findings that belong to one story, worst first.
    pub incidents: Vec<Incident>,
    /// Everything that was found, in order of its beginning.
    pub findings: Vec<Finding>,
    /// Every boot boundary, judged.
    pub boots: Vec<Boot>,
    /// Which guests under HA were down.
    pub outages: Vec<OutageLine>,
    /// Of a configuration: the guests at risk, and every node as seen from them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guests: Vec<GuestRow>,
    /// The state machines' intervals, for pictures.
    pub lanes: Vec<Lane>,
    /// What lines state of things that a configuration states too: for whoever holds both side by side, not for readers.
    #[serde(skip)]
    pub stated: Vec<Stated>,
    /// Lines that prove nothing by themselves, around those that do, where somebody looked a second time: for pages.
    #[serde(skip)]
    pub around: Vec<Evidence>,
}

/// What a line states of something that a configuration states too.
#[derive(Clone, Debug)]
pub struct Stated {
    /// What.
    pub what: Statement,
    /// The node that logged it.
    pub node: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// The line.
    pub evidence: Evidence,
    /// The line before it by which corosync read its configuration anew.
    pub read: Option<Evidence>,
}

/// Name and version.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// `fencepost`.
    pub name: &'static str,
    /// Of the package.
    pub version: &'static str,
}

/// The verdict over everything.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Worst severity of a finding; `info` when nothing is wrong.
    pub severity: Severity,
    /// One sentence.
    pub text: String,
}

/// One input.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// As it was named on the command line, or `<stdin>`.
    pub path: String,
    /// What its bytes were taken for: `text`, `text in gzip`, `journal`; empty where it could not be opened.
    pub form: String,
    /// The node whose log it is, when it is one node's.
    pub node: Option<String>,
    /// Earliest stamp of a line of a watched program.
    pub first: Option<Timestamp>,
    /// Latest one.
    pub last: Option<Timestamp>,
    /// Every line.
    pub lines: u64,
    /// What was understood of it.
    pub coverage: CoveragePart,
    /// Of its bytes, where somebody looked a second time: for pages.
    #[serde(skip)]
    pub sha256: Option<String>,
}

/// The coverage of one input, in lines.
#[derive(Clone, Debug, Serialize)]
pub struct CoveragePart {
    /// Lines of watched programs.
    pub known_programs: u64,
    /// Those that became an event.
    pub understood: u64,
    /// The messages that nobody reads yet, commonest first, digits masked.
    pub unknown: Vec<UnknownMessage>,
    /// Lines of other programs and what is no log line.
    pub others: u64,
    /// Notes of whoever pasted the log.
    pub notes: u64,
    /// Empty lines.
    pub blank: u64,
    /// Lines beyond the length limit.
    pub cut: u64,
    /// Lines that were not UTF-8 or held NULs.
    pub damaged: u64,
    /// Lines among those understood that another input holds too, and that count there. Not there when there are none.
    #[serde(skip_serializing_if = "is_zero")]
    pub twice: u64,
    /// Places that could not be read and were passed over. Not there when there are none.
    #[serde(skip_serializing_if = "is_zero")]
    pub torn: u64,
    /// Why nothing was read of it: a journal of another time than is asked for. Not there when it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Why it could not be read, or not to its end. Not there when it could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A message that nobody reads yet.
#[derive(Clone, Debug, Serialize)]
pub struct UnknownMessage {
    /// Program and text, digits masked.
    pub message: String,
    /// How often it came.
    pub count: u64,
}

/// A value and how it is known.
#[derive(Clone, Debug, Serialize)]
pub struct Graded {
    /// The value, or null.
    pub value: Value,
    /// How it is known; null when it is not.
    pub basis: Option<Basis>,
    /// The rule or line it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

impl Graded {
    /// Nothing is known.
    pub fn unknown() -> Graded {
        Graded {
            value: Value::Null,
            basis: None,
            because: None,
        }
    }
}

/// The cluster.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterPart {
    /// Every node that a line names.
    pub nodes: Vec<NodePart>,
    /// Configured votes.
    pub configured: Graded,
    /// Votes that quorum needs.
    pub quorum: Graded,
    /// Votes present beyond those needed, at the end of the log.
    pub margin: Graded,
    /// Token timeout in milliseconds.
    pub token_ms: Graded,
    /// Links with their addresses, as a configuration gives them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkPart>,
    /// What of all this a configuration gave beside the log, file by file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenPart>,
}

/// The end of a link at a node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkPart {
    /// The link.
    pub link: u32,
    /// The corosync id of the node.
    pub id: Option<u32>,
    /// Its name.
    pub node: Option<String>,
    /// Its address there, or a name of it.
    pub address: String,
    /// The priority of the link, when one is set.
    pub priority: Option<u64>,
}

/// What one file gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GivenPart {
    /// `votes`, `token timeout`.
    pub what: Vec<String>,
    /// The file.
    pub from: String,
}

/// One node, and how it stood at the end of the log.
#[derive(Clone, Debug, Serialize)]
pub struct NodePart {
    /// Its corosync id.
    pub id: Option<u32>,
    /// Its name.
    pub name: Option<String>,
    /// The weaker of the two bases.
    pub basis: Option<Basis>,
    /// Whether one of the inputs is its own log.
    pub has_log: bool,
    /// How it stood when its log ended: quorate, margin, etc_pve, lrm, crm, armed, members; null is unknown.
    #[serde(serialize_with = "map")]
    pub state: Fields,
    /// Its clock, where it could be compared with those of other nodes.
    #[serde(flatten)]
    pub clock: Option<NodeClock>,
    /// Its boots in these logs, the oldest first. Not there when there is but one.
    #[serde(skip_serializing_if = "is_one")]
    pub boots: Vec<BootPart>,
}

fn is_one(boots: &[BootPart]) -> bool {
    boots.len() < 2
}

/// A boot of a node, as `journalctl --list-boots` lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BootPart {
    /// 0 is the newest, -1 the one before it.
    pub index: i64,
    /// Its id; null where no line names it.
    pub id: Option<String>,
    /// Its first line that is understood, or the last line behind it.
    pub first: Option<Timestamp>,
    /// Its last one.
    pub last: Option<Timestamp>,
    /// The input that it begins in.
    pub input: String,
    /// The line that it begins with.
    pub line: u64,
    /// fenced, panic, graceful, unclean or unknown; null where the logs end with it.
    pub ended: Option<&'static str>,
}

/// The clock of a node against the median one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeClock {
    /// By how much it was ahead, in seconds; 0 where the stamps tell no difference.
    #[serde(rename = "clock_offset_s")]
    pub offset_s: f64,
    /// How far that may be off; null where it is only the least that the order of things demands.
    #[serde(rename = "clock_error_s")]
    pub error_s: Option<f64>,
    /// Things that it logged and another node too.
    #[serde(rename = "clock_shared")]
    pub shared: usize,
    /// What it was over time, where it changed.
    #[serde(rename = "clock", skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<ClockPart>,
}

/// A time in which the clock of a node ran evenly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClockPart {
    /// Its first stamp by that clock; null for the first.
    pub from: Option<Timestamp>,
    /// By how much it was ahead of the median one, in seconds.
    pub offset_s: f64,
    /// How far that may be off.
    pub error_s: f64,
    /// Seconds that it gained in a day.
    pub drift_s_per_day: f64,
    /// Things that another node logged too.
    pub shared: usize,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Made from its content: equal on every run.
    pub id: String,
    /// A word of the vocabulary of kinds.
    pub kind: String,
    /// How bad.
    pub severity: Severity,
    /// The node it happened to; null for the whole cluster or an unnamed node.
    pub node: Option<String>,
    /// What of the node, `link 0 to node 8`.
    pub subject: Option<String>,
    /// One sentence.
    pub text: String,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it ended; null while it is open.
    pub ended: Option<Timestamp>,
    /// The line it began with.
    pub line: u64,
    /// The line it ended with, or was last seen.
    pub last_line: u64,
    /// Whether it was going on when the log ended.
    pub open: bool,
    /// How often.
    pub count: u64,
    /// How it is known.
    pub basis: Basis,
    /// Findings that caused it.
    pub caused_by: Vec<String>,
    /// The lines that prove it.
    pub evidence: Vec<Evidence>,
    /// Evidence lines beyond those kept.
    pub evidence_left_out: u64,
    /// Per kind; units end the names.
    #[serde(serialize_with = "map")]
    pub details: Fields,
    /// By how much the clock of its node was ahead: its own stamps are so much later than `began`. Not there when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_s: Option<f64>,
}

/// A line that proves something.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Which input, by its path.
    pub input: Arc<str>,
    /// Which line of it.
    pub line: u64,
    /// When it was said, as it was read.
    pub at: Option<Timestamp>,
    /// The line.
    pub text: Text,
}

// Whoever reads it by machine is given the same in whatever form the log came; the line as it stands is a matter of screens.
impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("input", &self.input)?;
        map.serialize_entry("line", &self.line)?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("text", &self.text.said())?;
        map.end()
    }
}

/// Whether a story is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Still going on when the log ended.
    Ongoing,
    /// Over.
    Over,
    /// The log ended first.
    Unknown,
}

/// One story.
#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    /// Made from its content.
    pub id: String,
    /// One line.
    pub title: String,
    /// The worst of its findings.
    pub severity: Severity,
    /// Whether it is over.
    pub status: Status,
    /// Why that is known or not.
    pub status_because: String,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The line it began with.
    pub line: u64,
    /// The line it ended with.
    pub last_line: u64,
    /// Names of the nodes it hit.
    pub nodes: Vec<String>,
    /// The chain of causes, first cause first, as sentences.
    pub causes: Vec<String>,
    /// The finding behind each of `causes`; null where a cause is told of all.
    pub causes_from: Vec<Option<String>>,
    /// low, medium or high.
    pub confidence: &'static str,
    /// What speaks for the chain.
    pub confidence_for: Vec<String>,
    /// What speaks against it.
    pub confidence_against: Vec<String>,
    /// Other explanations that the lines do not exclude.
    pub rivals: Vec<String>,
    /// What would settle it.
    pub settled_by: Vec<String>,
    /// What a reader must not miss: near misses, traps.
    pub callouts: Vec<Callout>,
    /// Which link, port, node or switch it was, by all whose logs tell; nothing where no link or token was in trouble.
    pub blame: Option<Blame>,
    /// Tasks that ran when it began.
    pub meanwhile: Vec<Meanwhile>,
    /// Ids of its findings.
    pub findings: Vec<String>,
    /// Its main events in order.
    pub timeline: Vec<TimelineEntry>,
    /// What to do, given how things stood at the end of the log.
    pub advice: Vec<Advice>,
}

/// Something that a reader must not miss.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Callout {
    /// `near miss`, `fence clock`, `trap` or `differs`.
    pub label: &'static str,
    /// One sentence.
    pub text: String,
}

/// Whose link it was.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Blame {
    /// The nodes whose logs of corosync were read for that time.
    pub observers: Vec<String>,
    /// What each of them saw, by peer and link; what had no trouble is not there.
    pub matrix: Vec<BlameCell>,
    /// Links that went down because the peer left, booted or crashed: no trouble of cables.
    pub apart: Vec<Apart>,
    /// What may have been at fault, the likeliest first.
    pub suspects: Vec<Suspect>,
    /// Nodes that took part and whose logs were not read.
    pub witnesses: Vec<Witness>,
}

/// How often and how long one node heard nothing from a peer over a link.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlameCell {
    /// Whose log says so.
    pub observer: String,
    /// The peer; null for a ring of corosync 2, which belongs to no peer.
    pub peer: Option<String>,
    /// The corosync id of the peer.
    pub peer_id: Option<u32>,
    /// The link.
    pub link: u32,
    /// How often it went down.
    pub downs: u64,
    /// For how long in all; an open one counts to the end of the observer's log; null without stamps.
    pub down_s: Option<f64>,
    /// The longest.
    pub longest_s: Option<f64>,
    /// Whether it was down when the observer's log ended.
    pub open: bool,
}

/// Links that went down with their peer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Apart {
    /// The peer that was away, or the node that was stopping.
    pub node: String,
    /// left, stopping, booted, crashed, restarted or ended.
    pub why: &'static str,
    /// How many downs that explains.
    pub downs: u64,
    /// One sentence.
    pub text: String,
}

/// What may have been at fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspect {
    /// nic, node, switch, uplink, path, direction, everything or host.
    pub kind: &'static str,
    /// The node; of a path the one end, of a direction the one that does not hear.
    pub node: Option<String>,
    /// Of a path the other end, of a direction the one that is not heard.
    pub peer: Option<String>,
    /// The link; null for all links.
    pub link: Option<u32>,
    /// What it is, in words.
    pub text: String,
    /// How many observers saw downs that it explains.
    pub explains: u64,
    /// Of how many whose logs were read.
    pub observers: u64,
    /// How many downs it explains.
    pub downs: u64,
    /// Whether these are the very downs that the suspect before it explains: one of the two, not both.
    pub instead: bool,
    /// What speaks for it.
    #[serde(rename = "for")]
    pub speaks_for: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// low, medium or high.
    pub confidence: &'static str,
}

/// A node whose log would settle it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Witness {
    /// Its name, else `node 8`.
    pub node: String,
    /// From when its log is needed; null without stamps.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// What to look for in it.
    pub look_for: String,
}

/// A task that ran when an incident began: a hint and no cause.
#[derive(Clone, Debug, Serialize)]
pub struct Meanwhile {
    /// `backup of 101`, `migration of 104`, `scrub of tank`, `change of corosync.conf`.
    pub what: String,
    /// Where it ran; null when that node has no name.
    pub node: Option<String>,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it ended, or its node booted; null when these logs do not show it.
    pub ended: Option<Timestamp>,
    /// How often such a task ran on this node in these logs.
    pub runs: u64,
    /// In how many of these runs an incident began.
    pub met: u64,
    /// One sentence.
    pub text: String,
    /// The line of its beginning.
    pub evidence: Evidence,
}

/// One entry of an incident's timeline.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineEntry {
    /// When.
    pub at: Option<Timestamp>,
    /// Which input.
    pub input: Arc<str>,
    /// Which line.
    pub line: u64,
    /// Where.
    pub node: Option<String>,
    /// What, in a few words.
    pub text: String,
}

/// How dangerous an advice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Looks, or mends without risk.
    Safe,
    /// May do harm in this state.
    Risky,
    /// Must not be done in this state.
    Never,
}

/// One advice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// What to do.
    pub say: String,
    /// The command, if there is one.
    pub run: Option<String>,
    /// How dangerous.
    pub safety: Safety,
    /// Why, in this state.
    pub because: Option<String>,
}

/// A boot boundary.
#[derive(Clone, Debug, Serialize)]
pub struct Boot {
    /// The node.
    pub node: Option<String>,
    /// Last stamp of the boot before.
    pub ended: Option<Timestamp>,
    /// First stamp of the new boot.
    pub began: Option<Timestamp>,
    /// Last line of the boot before.
    pub line: u64,
    /// fenced, panic, graceful, unclean or unknown.
    pub verdict: String,
    /// What speaks for it.
    #[serde(rename = "for")]
    pub signs_for: Vec<String>,
    /// What speaks against it.
    #[serde(rename = "against")]
    pub signs_against: Vec<String>,
    /// The lines.
    pub evidence: Vec<Evidence>,
}

/// A guest that was down.
#[derive(Clone, Debug, Serialize)]
pub struct OutageLine {
    /// The id of a service of HA, `vm:101`; that of a guest outside HA in the same form.
    pub guest: String,
    /// Whether lines show that HA manages it.
    pub under_ha: bool,
    /// The node it was lost with.
    pub from_node: Option<String>,
    /// The node it came back on, or was to.
    pub to_node: Option<String>,
    /// Why it was down: fenced, switched-off (both: HA moved it), booted (its node did).
    pub why: &'static str,
    /// What became of it: running, error (HA gave it up), no-node (HA found none for it), not-seen.
    pub end: &'static str,
    /// How it is known that it was down: inferred where no line shows that it still ran.
    pub basis: Basis,
    /// When it had stopped for certain, or at the earliest.
    pub down_from: Option<Timestamp>,
    /// When it ran again.
    pub up_at: Option<Timestamp>,
    /// Seconds down, at least.
    pub min_s: Option<f64>,
    /// Seconds down, at most.
    pub max_s: Option<f64>,
    /// The lines that tell of it.
    pub evidence: Vec<Evidence>,
}

/// A guest under HA that would not find its disks on every node where HA may start it.
#[derive(Clone, Debug, Serialize)]
pub struct GuestRow {
    /// HA service id.
    pub guest: String,
    /// Its name.
    pub name: Option<String>,
    /// The node it is on.
    pub home: Option<String>,
    /// The group or rule that binds it to nodes.
    pub bound_by: Option<String>,
    /// Whether all other nodes are forbidden.
    pub strict: bool,
    /// Every node of the cluster.
    pub nodes: Vec<GuestNode>,
}

/// A node as seen from a guest.
#[derive(Clone, Debug, Serialize)]
pub struct GuestNode {
    /// Its name.
    pub node: String,
    /// Whether the guest is there.
    pub home: bool,
    /// Whether HA may start it there.
    pub may_run: bool,
    /// Whether its disks are there; null when no file tells.
    pub has_replica: Option<bool>,
    /// Whether that replica is not kept up to date.
    pub stale: bool,
    /// Whether the storages of its disks are there; null when no file tells.
    pub has_storage: Option<bool>,
}

/// How good a state is: what colours and symbols mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// As it should be.
    Good,
    /// Degraded, or waiting.
    Warn,
    /// Broken.
    Bad,
    /// Neither: a state without a value judgement.
    Plain,
    /// Nothing tells.
    Unknown,
}

/// One lane of the picture: a thing that has a state at every moment.
#[derive(Clone, Debug, Serialize)]
pub struct Lane {
    /// The node; null when it has no name.
    pub node: Option<String>,
    /// `link 0->8`, `token`, `members`, `quorum`, `/etc/pve`, `LRM`, `CRM`, `watchdog`, `power`, `tasks`.
    pub name: String,
    /// In order; each lasts until the next.
    pub spans: Vec<LaneSpan>,
}

/// One state of a lane, from its beginning to the next one's.
#[derive(Clone, Debug, Serialize)]
pub struct LaneSpan {
    /// When it began.
    pub at: Option<Timestamp>,
    /// Its order among all events; what an axis without stamps counts by.
    pub order: u64,
    /// The line it began with.
    pub line: u64,
    /// The state in a word or two, `down`, `late 5266 ms`, `5 of 8`, `lost_agent_lock`.
    pub label: String,
    /// How good that is.
    pub tone: Tone,
}

/// Fields as a JSON object.
fn map<S: Serializer>(fields: &Fields, serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_map(Some(fields.len()))?;
    for (name, value) in fields {
        out.serialize_entry(name, value)?;
    }
    out.end()
}
