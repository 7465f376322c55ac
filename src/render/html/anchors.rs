//! Places of a page that others point to: findings and lines.
//! In: a report. Out: which of them the page holds, and the ids of these.
//! Never: an id that nothing bears, or that two bear.

use super::markup::{Html, is_id};
use crate::render::audit::common;
use crate::render::escape;
use crate::report::meanwhile::TASKS;
use crate::report::{Evidence, Finding, Report};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Bytes that lines may take: what a page may have, less what stories and findings need.
const LINES_BYTES: usize = 1_500_000;
/// Bytes that the lines around them may take.
const AROUND_BYTES: usize = 500_000;
/// How near to a line that proves something these must stand.
const NEAR: u64 = 2;
/// Bytes that findings may take.
const FINDINGS_BYTES: usize = 1_200_000;
/// Beside its text, a line costs this.
const MARKUP: usize = 160;
/// Characters of a text that a page shows at most.
const LINE: usize = 1_200;

/// What the page holds.
pub(super) struct Anchors<'r> {
    inputs: Vec<&'r str>,
    nodes: HashMap<Option<&'r str>, Vec<usize>>,
    lines: BTreeMap<(usize, u64), &'r str>,
    /// What stands around them, or has no other proof than a picture.
    around: BTreeMap<(usize, u64), &'r str>,
    findings: Vec<(String, &'r Finding)>,
    by_id: HashMap<&'r str, usize>,
    lines_left_out: usize,
}

impl<'r> Anchors<'r> {
    pub(super) fn new(report: &'r Report) -> Anchors<'r> {
        let mut all = Anchors {
            inputs: Vec::new(),
            nodes: HashMap::new(),
            lines: BTreeMap::new(),
            around: BTreeMap::new(),
            findings: Vec::new(),
            by_id: HashMap::new(),
            lines_left_out: 0,
        };
        for input in &report.inputs {
            let n = all.input(&input.path);
            all.nodes.entry(input.node.as_deref()).or_default().push(n);
        }
        all.take_findings(report);
        let mut left = LINES_BYTES;
        let outages = report.outages.iter().flat_map(|outage| &outage.evidence);
        let boots = report.boots.iter().flat_map(|boot| &boot.evidence);
        let tasks = report.incidents.iter().flat_map(|i| &i.meanwhile);
        let tasks = tasks.map(|meanwhile| &meanwhile.evidence);
        let findings: Vec<&Finding> = all.findings.iter().map(|(_, f)| *f).collect();
        // The first line of each before all lines of the first.
        let first = findings.iter().filter_map(|f| f.evidence.first());
        let rest = findings.iter().flat_map(|f| f.evidence.iter().skip(1));
        let mut skipped = BTreeSet::new();
        for evidence in first.chain(tasks).chain(outages).chain(boots).chain(rest) {
            let place = (all.input(&evidence.input), evidence.line);
            if all.lines.contains_key(&place) {
                continue;
            }
            let cost = MARKUP + cost(&evidence.text);
            if cost > left {
                skipped.insert(place);
                continue;
            }
            left -= cost;
            all.lines.insert(place, &evidence.text);
        }
        all.lines_left_out = skipped.len();
        all.take_around(report);
        all
    }

    /// Lines that begin a state of a picture, then those that stand around lines that are held.
    fn take_around(&mut self, report: &'r Report) {
        let begins: BTreeSet<(Option<&str>, u64)> = report
            .lanes
            .iter()
            .filter(|lane| lane.name != TASKS)
            .flat_map(|lane| lane.spans.iter().map(|s| (lane.node.as_deref(), s.line)))
            .collect();
        let node_of: HashMap<&str, Option<&str>> = report
            .inputs
            .iter()
            .map(|input| (&*input.path, input.node.as_deref()))
            .collect();
        let (drawn, near): (Vec<&Evidence>, Vec<&Evidence>) =
            report.around.iter().partition(|line| {
                let node = node_of.get(&*line.input).copied().flatten();
                begins.contains(&(node, line.line))
            });
        let mut left = AROUND_BYTES;
        for (evidence, drawn) in drawn
            .into_iter()
            .map(|line| (line, true))
            .chain(near.into_iter().map(|line| (line, false)))
        {
            let n = self.input(&evidence.input);
            let place = (n, evidence.line);
            let first = (n, evidence.line.saturating_sub(NEAR));
            let last = (n, evidence.line + NEAR);
            let is_near = || self.lines.range(first..=last).next().is_some();
            let cost = MARKUP + cost(&evidence.text);
            if self.lines.contains_key(&place) || cost > left || !(drawn || is_near()) {
                continue;
            }
            left -= cost;
            self.around.insert(place, &evidence.text);
        }
    }

    /// Findings of stories before others, the worst first, as far as they fit.
    fn take_findings(&mut self, report: &'r Report) {
        let by_id: HashMap<&str, &Finding> = report.findings.iter().map(|f| (&*f.id, f)).collect();
        let of_stories = report.incidents.iter().flat_map(|i| {
            let own = i.findings.iter().filter_map(|id| by_id.get(&**id).copied());
            let mut own: Vec<&Finding> = own.collect();
            own.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            own
        });
        let mut others: Vec<&Finding> = report.findings.iter().collect();
        others.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let mut left = FINDINGS_BYTES;
        for finding in of_stories.chain(others) {
            if self.by_id.contains_key(&*finding.id) {
                continue;
            }
            let details: usize = finding
                .details
                .iter()
                .map(|(n, v)| n.len() + cost(&v.to_string()))
                .sum();
            let cost = 6 * MARKUP + cost(&finding.text) + details + 64 * finding.evidence.len();
            if cost > left {
                continue;
            }
            left -= cost;
            let n = self.findings.len();
            let id = match is_id(&finding.id) {
                true => format!("f-{}", finding.id),
                false => format!("f_{n}"),
            };
            self.by_id.insert(&finding.id, n);
            self.findings.push((id, finding));
        }
    }

    fn input(&mut self, path: &'r str) -> usize {
        match self.inputs.iter().position(|known| *known == path) {
            Some(n) => n,
            None => {
                self.inputs.push(path);
                self.inputs.len() - 1
            }
        }
    }

    /// Findings that the page holds, the worst of each story first, with their ids.
    pub(super) fn findings(&self) -> &[(String, &'r Finding)] {
        &self.findings
    }

    /// The id of a finding, if the page holds it.
    pub(super) fn finding(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(|n| &*self.findings[*n].0)
    }

    /// Lines that the page holds, input by input.
    pub(super) fn lines(&self) -> Vec<Shown<'r>> {
        let proofs = self.lines.iter().map(|(place, text)| (place, text, true));
        let around = self.around.iter().map(|(place, text)| (place, text, false));
        let mut all: Vec<_> = proofs.chain(around).collect();
        all.sort_by_key(|(place, ..)| **place);
        let shown = all
            .into_iter()
            .map(|(&(input, number), text, proves)| Shown {
                input: self.inputs[input],
                id: id_of(input, number),
                number,
                text,
                proves,
            });
        shown.collect()
    }

    /// Whether lines around others are held.
    pub(super) fn has_around(&self) -> bool {
        !self.around.is_empty()
    }

    /// Lines that did not fit.
    pub(super) fn lines_left_out(&self) -> usize {
        self.lines_left_out
    }

    /// The id of a line of an input, if the page holds it.
    pub(super) fn line(&self, input: &str, line: u64) -> Option<String> {
        let n = self.inputs.iter().position(|known| *known == input)?;
        self.holds(n, line).then(|| id_of(n, line))
    }

    fn holds(&self, input: usize, line: u64) -> bool {
        let place = (input, line);
        self.lines.contains_key(&place) || self.around.contains_key(&place)
    }

    /// The id of a line of a node's own log.
    pub(super) fn line_of(&self, node: Option<&str>, line: u64) -> Option<String> {
        let own = self.nodes.get(&node).or_else(|| self.nodes.get(&None))?;
        let mut held = own.iter().filter(|n| self.holds(**n, line));
        let n = held.next()?;
        // Of several logs of one node, nobody can tell which was meant.
        held.next().is_none().then(|| id_of(*n, line))
    }

    /// `ash:28` as a link to that line, or as text where the page does not hold it; `line 28` of a lone input.
    pub(super) fn write_place(&self, report: &Report, input: &str, line: u64, h: &mut Html) {
        let place = match is_lone(report, input) {
            true => format!("line {line}"),
            false => format!("{}:{line}", short(report, input)),
        };
        self.write_link(&place, input, line, h);
    }

    fn write_link(&self, place: &str, input: &str, line: u64, h: &mut Html) {
        match self.line(input, line) {
            Some(id) => {
                h.raw("<a class=\"at\"")
                    .attr("href", &format!("#{id}"))
                    .raw(">");
                h.name(place).raw("</a>");
            }
            None => {
                h.raw("<span class=\"at\">").name(place).raw("</span>");
            }
        }
    }

    /// Links to lines, the first few by name.
    pub(super) fn write_places(&self, report: &Report, evidence: &[Evidence], h: &mut Html) {
        const MOST: usize = 12;
        let mut places: Vec<(&str, u64)> = Vec::new();
        for one in evidence {
            let place = (&*one.input, one.line);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        for (n, (input, line)) in places.iter().take(MOST).enumerate() {
            h.raw(if n == 0 { "" } else { " " });
            match is_lone(report, input) {
                true => self.write_link(&line.to_string(), input, *line, h),
                false => self.write_place(report, input, *line, h),
            }
        }
        if places.len() > MOST {
            h.raw(" and ")
                .count((places.len() - MOST) as u64)
                .raw(" more");
        }
    }
}

/// The shortest name that tells an input from the others: its node, else the end of its path.
pub(super) fn short<'a>(report: &'a Report, input: &'a str) -> String {
    let of_path = report.inputs.iter().find(|i| i.path == input);
    let node = of_path.and_then(|i| i.node.as_deref()).filter(|node| {
        let same = report
            .inputs
            .iter()
            .filter(|i| i.node.as_deref() == Some(*node));
        same.count() == 1
    });
    match (node, report.inputs.len()) {
        (Some(node), 2..) => node.to_owned(),
        _ => {
            let root = common(report.inputs.iter().map(|input| input.path.as_str()));
            let name = input.strip_prefix(root.as_str()).unwrap_or(input);
            escape::cut_front(&escape::visible(name, false), 48, false)
        }
    }
}

/// Whether it is the only input, which need not be named.
fn is_lone(report: &Report, input: &str) -> bool {
    matches!(&report.inputs[..], [only] if only.path == input)
}

/// A line that the page holds.
pub(super) struct Shown<'r> {
    pub(super) input: &'r str,
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) text: &'r str,
    /// Whether something rests on it; else it stands around one on which something does.
    pub(super) proves: bool,
}

fn id_of(input: usize, line: u64) -> String {
    format!("l-{input}-{line}")
}

/// Bytes that a text takes at most once it is written.
fn cost(text: &str) -> usize {
    let shown = text.chars().take(LINE);
    let of_char = |c: char| match c {
        ' '..='~' if !"&<>'\"".contains(c) => 1,
        '&' | '<' | '>' | '\'' | '"' => 6,
        _ => 10,
    };
    shown.map(of_char).sum()
}
