//! The picture of a story: every thing that has a state, over time, node by node.
//! In: the lanes of an incident's nodes, its tasks, fences and moved guests. Out: SVG, and the same as a table.
//! Never: draws what is unknown as if it were known, or a sign that no legend names.

use super::markup::Html;
use super::{Page, marks};
use crate::model::{Span, Timestamp};
use crate::render::axis::Axis;
use crate::render::fold::{self, Block, MANY_NODES};
use crate::render::lanes::belongs;
use crate::render::rings::Rings;
use crate::render::row::{Row, Run, rank};
use crate::render::{clock, escape, who};
use crate::report::meanwhile::TASKS;
use crate::report::{Finding, Incident, Input, Lane, Report, Tone};
use std::collections::BTreeSet;

/// Width of the picture, and of the names before it.
const WIDTH: f64 = 1000.0;
const NAMES: f64 = 150.0;
const PLOT: f64 = WIDTH - NAMES - 8.0;
/// Of a letter of the picture.
const LETTER: f64 = 7.25;
/// Heights: of a lane, of the row with a node's name, of the strips on top.
const LANE: f64 = 20.0;
pub(super) const HEAD: f64 = 22.0;
const STRIP: f64 = 17.0;
/// Below a node.
const GAP: f64 = 6.0;
/// Columns, finest first: what has too many states is drawn coarser.
const BINS: [usize; 4] = [428, 214, 107, 54];
/// States of one picture.
const MOST_RUNS: usize = 2_000;
/// Nodes of one picture.
const MOST_NODES: usize = 40;
/// Strips of tasks.
const MOST_TASKS: usize = 4;
/// Rings that are drawn through all nodes.
const MOST_RINGS: usize = 30;
/// Rows of the table.
const MOST_ROWS: usize = 250;
/// The lane that goes on while a node is off.
const POWER: &str = "power";
/// Letters of the name of a lane.
const LANE_NAME: usize = 18;

/// A picture on its way to the page.
pub(super) struct Picture<'p, 'r> {
    pub(super) page: &'p Page<'r>,
    pub(super) incident: &'p Incident,
    pub(super) axis: Axis,
    pub(super) blocks: Vec<Drawn>,
    /// Where lanes begin, below the strips.
    pub(super) top: f64,
    height: f64,
    /// What of the signs is used, for the legend.
    pub(super) used: BTreeSet<&'static str>,
    /// What was left out, in words.
    pub(super) folded: Vec<String>,
}

/// A node of the picture.
pub(super) struct Drawn {
    pub(super) block: Block,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Parts of its head that letters stand in already.
    pub(super) taken: Vec<(f64, f64)>,
}

/// Draws the picture of the `n`th story; nothing where nothing changed.
pub(super) fn write(
    page: &Page,
    incident: &Incident,
    findings: &[&Finding],
    n: usize,
    h: &mut Html,
) {
    let report = page.report;
    let of_story = report
        .lanes
        .iter()
        .filter(|lane| !lane.spans.is_empty() && lane.name != TASKS);
    let lanes: Vec<&Lane> = of_story.filter(|lane| belongs(lane, incident)).collect();
    let Some((axis, blocks)) = blocks(page, incident, &lanes) else {
        return;
    };
    let rings = Rings::of(&lanes, &axis);
    let tasks = tasks(page, incident, &axis);
    let mut folded = Vec::new();
    let hidden = blocks.len().saturating_sub(MOST_NODES);
    if hidden > 0 {
        folded.push(format!("{hidden} nodes are not drawn"));
    }
    let strips = tasks.len().min(MOST_TASKS);
    let top = STRIP * (strips as f64) + if rings.is_empty() { 0.0 } else { STRIP } + STRIP + 6.0;
    let mut y = top;
    let mut drawn = Vec::new();
    for block in blocks.into_iter().take(MOST_NODES) {
        let rows = block.rows.len().max(1);
        let bottom = y + HEAD + LANE * rows as f64;
        drawn.push(Drawn {
            block,
            top: y,
            bottom,
            taken: Vec::new(),
        });
        y = bottom + GAP;
    }
    let mut picture = Picture {
        page,
        incident,
        axis,
        blocks: drawn,
        top,
        height: y,
        used: BTreeSet::new(),
        folded,
    };
    let mut svg = Html::default();
    picture.svg(&rings, &tasks, findings, n, &mut svg);

    h.raw("<section class=\"part\"")
        .attr("id", &format!("s{n}-lanes"));
    h.raw(">\n<h3>What happened, node by node</h3>\n<figure>\n");
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the lanes, wider than a small screen\">\n");
    h.add(&svg).raw("</div>\n<figcaption>\n");
    picture.legend(h);
    picture.notes(h);
    h.raw("</figcaption>\n</figure>\n");
    picture.table(&lanes, &rings, h);
    h.raw("</section>\n");
}

/// The rows of every node, on an axis fine enough and no finer.
fn blocks(page: &Page, incident: &Incident, lanes: &[&Lane]) -> Option<(Axis, Vec<Block>)> {
    let mut names: Vec<Option<&str>> = Vec::new();
    for lane in lanes {
        if !names.contains(&lane.node.as_deref()) {
            names.push(lane.node.as_deref());
        }
    }
    // Nodes stand in the order in which everything else names them.
    let nodes = &page.report.cluster.nodes;
    let place = |name: &Option<&str>| nodes.iter().position(|node| node.name.as_deref() == *name);
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    let drawn = |bins: usize| {
        let axis = Axis::new(page.report, incident, lanes, bins);
        let rings = Rings::of(lanes, &axis);
        let of_node = |node: &Option<&str>| {
            let placed = |l: &Lane| l.spans.iter().any(|s| axis.position(s).is_some());
            let own = lanes
                .iter()
                .filter(|l| l.node.as_deref() == *node && placed(l));
            let rows = own.map(|lane| {
                let mut row = Row::new(lane, &axis);
                rings.mark(&mut row);
                row
            });
            Block {
                node: node.unwrap_or("a node without a name").to_owned(),
                rows: rows.collect(),
                alike: Vec::new(),
            }
        };
        let blocks: Vec<Block> = names.iter().map(of_node).collect();
        (axis, blocks)
    };
    let (mut axis, mut all) = drawn(BINS[0]);
    if all.iter().flat_map(|block| &block.rows).all(Row::is_steady) {
        return None;
    }
    for bins in &BINS[1..] {
        let runs: usize = all
            .iter()
            .flat_map(|b| &b.rows)
            .map(|row| row.runs.len())
            .sum();
        if runs <= MOST_RUNS {
            break;
        }
        (axis, all) = drawn(*bins);
    }
    if all.len() > MANY_NODES {
        all = fold::blocks(all, LANE_NAME, &axis);
    } else {
        let several = all.len() > 1;
        for block in &mut all {
            fold::rows(block, several, LANE_NAME, &axis);
        }
    }
    // A node that the story is about and whose log nobody read is there, too: as unknown.
    let known = |name: &String, all: &[Block]| {
        all.iter()
            .any(|b| b.node == *name || b.alike.contains(name))
    };
    for name in &incident.nodes {
        if !known(name, &all) {
            all.push(Block {
                node: name.clone(),
                rows: Vec::new(),
                alike: Vec::new(),
            });
        }
    }
    Some((axis, all))
}

/// A task on top of the picture.
struct Task {
    from: f64,
    to: f64,
    open: bool,
    text: String,
    line: Option<String>,
}

/// Tasks that ran when the story began, those that fit in one row in one.
fn tasks(page: &Page, incident: &Incident, axis: &Axis) -> Vec<Vec<Task>> {
    let mut rows: Vec<Vec<Task>> = Vec::new();
    for task in &incident.meanwhile {
        let Some(from) = axis.place(task.began, task.evidence.line) else {
            continue;
        };
        let to = task
            .ended
            .and_then(|at| axis.place(Some(at), 0).filter(|_| task.began.is_some()));
        let node = task
            .node
            .as_ref()
            .map_or(String::new(), |node| format!(" on {node}"));
        let one = Task {
            from: axis.share(from).clamp(0.0, 1.0),
            to: to.map_or(1.0, |to| axis.share(to)).clamp(0.0, 1.0),
            open: to.is_none(),
            text: format!("{}{node}", task.what),
            line: page.anchors.line(&task.evidence.input, task.evidence.line),
        };
        match rows
            .iter_mut()
            .find(|row| row.iter().all(|t| t.to <= one.from || t.from >= one.to))
        {
            Some(row) => row.push(one),
            None => rows.push(vec![one]),
        }
    }
    rows
}

pub(super) fn x(share: f64) -> f64 {
    NAMES + share.clamp(0.0, 1.0) * PLOT
}

/// Where on an axis of time the lines of a node begin and end.
pub(super) fn told(report: &Report, node: &str, axis: &Axis) -> (Option<f64>, Option<f64>) {
    let of_node = |input: &&Input| input.node.as_deref() == Some(node);
    let own = || report.inputs.iter().filter(of_node);
    let place = |at: Option<Timestamp>| {
        // An axis of lines has no place for a stamp.
        axis.length(Span(1))?;
        axis.place(Some(at?), 0).map(|at| axis.share(at))
    };
    let first = own().filter_map(|i| clock::corrected(report, i, i.first));
    let last = own().filter_map(|i| clock::corrected(report, i, i.last));
    (place(first.min()), place(last.max()))
}

/// When a node was off: between the last line of a boot and the first of the next.
pub(super) fn away(report: &Report, node: &str, axis: &Axis) -> Vec<(f64, f64)> {
    let own = report
        .boots
        .iter()
        .filter(|boot| boot.node.as_deref() == Some(node));
    let between = own.filter_map(|boot| Some((boot.ended?, boot.began?)));
    let placed = between.filter_map(|(ended, began)| {
        let share = |at: Timestamp| Some(axis.share(axis.place(Some(at), 0)?));
        // An axis of lines has no place for a stamp.
        axis.length(Span(1))?;
        Some((share(ended)?.max(0.0), share(began)?.min(1.0)))
    });
    placed.filter(|(from, to)| to - from > 0.002).collect()
}

/// `text` in as many letters as `room` holds, if that is enough of it.
fn fit(text: &str, room: f64) -> Option<String> {
    let text = escape::visible(text, false);
    let letters = (room / LETTER).max(0.0) as usize;
    let whole = escape::width(&text) <= letters;
    (!text.is_empty() && (whole || letters >= 9)).then(|| escape::cut(&text, letters, false))
}

fn width(text: &str) -> f64 {
    escape::width(&escape::visible(text, false)) as f64 * LETTER
}

pub(super) fn put(text: &str, class: &'static str, x: f64, y: f64, h: &mut Html) {
    h.raw("<text")
        .attr("class", class)
        .px("x", x)
        .px("y", y)
        .raw(">")
        .text(text)
        .raw("</text>\n");
}

pub(super) fn rect(
    class: &'static str,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    h: &mut Html,
) {
    h.raw("<rect").attr("class", class).px("x", x).px("y", y);
    h.px("width", width.max(0.0))
        .px("height", height.max(0.0))
        .raw("/>");
}

pub(super) fn line(class: &'static str, (x1, y1): (f64, f64), (x2, y2): (f64, f64), h: &mut Html) {
    h.raw("<line")
        .attr("class", class)
        .px("x1", x1)
        .px("y1", y1)
        .px("x2", x2)
        .px("y2", y2)
        .raw("/>\n");
}

impl Picture<'_, '_> {
    fn svg(
        &mut self,
        rings: &Rings,
        tasks: &[Vec<Task>],
        findings: &[&Finding],
        n: usize,
        h: &mut Html,
    ) {
        h.raw("<svg class=\"lanes\" role=\"img\"")
            .attr("viewBox", &format!("0 0 {WIDTH:.0} {:.0}", self.height));
        h.attr("aria-labelledby", &format!("s{n}-lt s{n}-ld"))
            .raw(">\n");
        h.raw("<title")
            .attr("id", &format!("s{n}-lt"))
            .raw(">States of ");
        h.count(self.blocks.len() as u64)
            .raw(" nodes during the incident</title>\n<desc");
        h.attr("id", &format!("s{n}-ld")).raw(">");
        h.text(&self.incident.title)
            .raw(". The same states stand in the table below the picture.</desc>\n");
        self.strips(rings, tasks, h);
        for at in 0..self.blocks.len() {
            self.budget(at, findings, h);
            self.node(at, h);
        }
        if rings.iter().count() > MOST_RINGS {
            let words = "so many rings that they are marked where nodes formed them, and not through all nodes";
            self.folded.push(words.to_owned());
        } else {
            self.rings(rings, h);
        }
        self.guests(h);
        for at in 0..self.blocks.len() {
            self.fence(at, findings, h);
            self.ends(at, h);
        }
        h.raw("</svg>\n");
    }

    /// Rings that several logs name, through all nodes.
    fn rings(&mut self, rings: &Rings, h: &mut Html) {
        for (column, ring) in rings.iter() {
            let x = self.column(column);
            self.used.insert("ring");
            h.raw("<g><title>ring ").text(ring).raw("</title>");
            line("ring", (x, self.top - 2.0), (x, self.height - GAP), h);
            h.raw("</g>\n");
        }
    }

    fn column(&self, column: usize) -> f64 {
        NAMES + PLOT * column as f64 / self.axis.bins() as f64
    }

    /// Tasks, shared rings and the axis.
    fn strips(&mut self, rings: &Rings, tasks: &[Vec<Task>], h: &mut Html) {
        let mut y = 0.0;
        for (row, tasks) in tasks.iter().take(MOST_TASKS).enumerate() {
            if row == 0 {
                put("tasks", "nm", 4.0, y + 12.5, h);
            }
            self.used.insert("task");
            for task in tasks {
                let (from, to) = (x(task.from), x(task.to).max(x(task.from) + 3.0));
                h.raw("<g><title>").text(&task.text);
                h.raw(if task.open {
                    "; its end is unknown"
                } else {
                    ""
                })
                .raw("</title>");
                let linked = open_link(task.line.as_deref(), h);
                rect(
                    if task.open { "task open" } else { "task" },
                    (from, y + 2.0),
                    (to - from, 13.0),
                    h,
                );
                if linked {
                    h.raw("</a>");
                }
                h.raw("</g>\n");
                // Short ones have room behind them.
                if let Some(text) = fit(&task.text, to - from - 6.0) {
                    put(&text, "in", from + 4.0, y + 12.5, h);
                } else if tasks.len() == 1
                    && let Some(text) = fit(&task.text, NAMES + PLOT - to - 6.0)
                {
                    put(&text, "halo", to + 4.0, y + 12.5, h);
                }
            }
            y += STRIP;
        }
        if tasks.len() > MOST_TASKS {
            self.folded.push(format!(
                "{} rows of tasks are not drawn",
                tasks.len() - MOST_TASKS
            ));
        }
        if !rings.is_empty() {
            put("rings", "nm", 4.0, y + 12.5, h);
            let all: Vec<(f64, &str)> = rings
                .iter()
                .map(|(c, ring)| (self.column(c), ring))
                .collect();
            let mut free = NAMES;
            for (n, (at, ring)) in all.iter().enumerate() {
                let next = all.get(n + 1).map_or(WIDTH, |(next, _)| *next);
                let wide = width(ring) + 8.0;
                if at + wide <= next {
                    put(ring, "rl", at + 3.0, y + 12.5, h);
                    free = at + wide;
                } else if next >= WIDTH && at - wide >= free {
                    put(ring, "rl end", at - 3.0, y + 12.5, h);
                }
                line("ring", (*at, y + 3.0), (*at, y + STRIP), h);
            }
            y += STRIP;
        }
        let title = self.axis.title(self.page.report, "UTC");
        put(&title, "nm", 4.0, y + 12.5, h);
        for (share, label) in self.axis.marks((PLOT / LETTER) as usize) {
            let at = x(share);
            line("tick", (at, y + 13.0), (at, self.height - GAP), h);
            if at + width(&label) <= WIDTH - 2.0 {
                put(&label, "tl", at + 3.0, y + 12.5, h);
            }
        }
    }

    /// One node: its name, its lanes, and where its log tells nothing.
    fn node(&mut self, at: usize, h: &mut Html) {
        let gaps = self.gaps(&self.blocks[at].block.node);
        let away = away(self.page.report, &self.blocks[at].block.node, &self.axis);
        let offset = self.clock_error(&self.blocks[at].block.node);
        let Drawn {
            block, top, bottom, ..
        } = &self.blocks[at];
        let (top, bottom) = (*top, *bottom);
        line("node", (0.0, top), (WIDTH, top), h);
        h.raw("<g class=\"lane-node\"")
            .attr("data-node", &block.node)
            .raw(">\n<text class=\"nn\" x=\"4\"")
            .px("y", top + 15.0);
        let name = escape::cut(&escape::visible(&block.node, false), 17, false);
        h.raw("><title>")
            .text(&block.node)
            .raw("</title>")
            .text(&name)
            .raw("</text>\n");
        let mut used = BTreeSet::new();
        let mut named = None;
        if !block.alike.is_empty() {
            let alike = format!("and in the same course: {}", block.alike.join(", "));
            // What the budget says may stand there already.
            let ends = self.blocks[at].taken.iter().map(|(_, end)| *end);
            let from = ends.fold(NAMES, f64::max);
            if let Some(text) = fit(&alike, (PLOT / 2.0).min(WIDTH - from - 8.0)) {
                h.raw("<g><title>").text(&alike).raw("</title>");
                put(&text, "halo dimmed", from + 4.0, top + 15.0, h);
                h.raw("</g>\n");
                named = Some((from, from + width(&text) + 8.0));
            }
        }
        let mut y = top + HEAD;
        for row in &block.rows {
            h.raw("<g class=\"lane\"")
                .attr("data-lane", &row.name)
                .raw(">\n");
            put(
                &escape::cut(&escape::visible(&row.name, false), LANE_NAME, false),
                "nm",
                12.0,
                y + 13.0,
                h,
            );
            self.lane(&block.node, row, y, offset, &mut used, h);
            // Its power alone is known while a node is off.
            for (from, to) in away.iter().filter(|_| row.name != POWER) {
                used.insert("away");
                rect("away", (x(*from), y + 1.0), ((to - from) * PLOT, 16.0), h);
            }
            h.raw("</g>\n");
            y += LANE;
        }
        if block.rows.is_empty() {
            used.insert("unknown");
            rect("u", (NAMES, y + 2.0), (PLOT, 14.0), h);
            put(
                "no log of this node tells of its states",
                "halo",
                NAMES + 6.0,
                y + 13.0,
                h,
            );
        }
        for (from, to, _) in &gaps {
            used.insert("gap");
            rect(
                "gap",
                (x(*from), top + HEAD - 2.0),
                ((to - from) * PLOT, bottom - top - HEAD),
                h,
            );
        }
        h.raw("</g>\n");
        self.blocks[at].taken.extend(named);
        self.used.extend(used);
    }

    /// Where the log of a node begins and ends, in words.
    fn ends(&mut self, at: usize, h: &mut Html) {
        let gaps = self.gaps(&self.blocks[at].block.node);
        for (from, to, words) in gaps {
            let (from, to) = (x(from), x(to));
            let label = if from <= NAMES + 0.5 {
                "first cluster line"
            } else {
                "last cluster line"
            };
            let at_x = if from <= NAMES + 0.5 { to } else { from };
            self.label(at, at_x, label, words, h);
        }
    }

    /// One lane.
    fn lane(
        &self,
        node: &str,
        row: &Row,
        y: f64,
        error: f64,
        used: &mut BTreeSet<&'static str>,
        h: &mut Html,
    ) {
        let mut said: BTreeSet<&str> = BTreeSet::new();
        let of_node = Some(node).filter(|_| {
            self.page
                .report
                .lanes
                .iter()
                .any(|l| l.node.as_deref() == Some(node))
        });
        for run in &row.runs {
            let (from, to) = (self.column(run.from), self.column(run.to));
            let trouble = rank(run.tone) >= rank(Tone::Warn);
            let wide = if trouble {
                (to - from).max(2.5)
            } else {
                to - from
            };
            let (down, high) = match run.tone {
                Tone::Bad | Tone::Warn | Tone::Unknown => (2.0, 14.0),
                Tone::Plain => (6.0, 6.0),
                Tone::Good => (7.5, 3.0),
            };
            used.insert(match run.tone {
                Tone::Good => "good",
                Tone::Plain => "neutral",
                Tone::Warn => "degraded",
                Tone::Bad => "broken",
                Tone::Unknown => "unknown",
            });
            let id = (run.line > 0 && run.tone != Tone::Unknown)
                .then(|| self.page.anchors.line_of(of_node, run.line));
            let linked = open_link(id.flatten().as_deref(), h);
            h.raw("<rect")
                .attr("class", marks::tone(run.tone))
                .px("x", from)
                .px("y", y + down);
            h.px("width", wide).px("height", high);
            if run.label.is_empty() && !trouble {
                h.raw("/>");
            } else {
                h.raw("><title>");
                self.say(node, row, run, h);
                h.raw("</title></rect>");
            }
            if linked {
                h.raw("</a>");
            }
            h.raw("\n");
            if error >= 1.0 && run.from > 0 && run.tone != Tone::Unknown {
                used.insert("soft");
                rect("soft", (from - error, y + 4.0), (2.0 * error, 10.0), h);
            }
            if run.marked {
                h.raw("<path class=\"dia\"")
                    .attr("d", &format!("M{from:.1} {:.1}l4 4l-4 4l-4 -4z", y + 5.0))
                    .raw("/>\n");
            }
            let lead: f64 = if run.marked { 8.0 } else { 4.0 };
            let lead = if run.from > 0 {
                lead.max(error + 2.0)
            } else {
                lead
            };
            let room = wide - lead - 2.0;
            if (trouble || said.insert(&run.label))
                && run.tone != Tone::Unknown
                && let Some(label) = fit(&run.label, room)
            {
                if !trouble {
                    let ground = width(&label) + lead + 3.0;
                    let mark = if run.marked { 6.0 } else { 0.0 };
                    rect("bg", (from + mark, y + 2.0), (ground - mark, 14.0), h);
                }
                let class = match run.tone {
                    Tone::Bad => "inb",
                    Tone::Warn => "inw",
                    _ => "halo",
                };
                put(&label, class, from + lead, y + 13.0, h);
            }
        }
    }

    /// What a state is, in words.
    fn say(&self, node: &str, row: &Row, run: &Run, h: &mut Html) {
        h.text(node).raw(", ").text(&row.name).raw(": ");
        h.text(if run.label.is_empty() {
            marks::tone_word(run.tone)
        } else {
            &run.label
        });
        match (run.at, run.line) {
            (Some(at), _) => {
                h.raw(", from ").text(&self.page.clock.at(at));
            }
            (None, line @ 1..) => {
                h.raw(", from line ").count(line);
            }
            _ => {}
        }
    }

    /// Parts of the axis of which the log of a node says nothing.
    fn gaps(&self, node: &str) -> Vec<(f64, f64, &'static str)> {
        let (first, last) = told(self.page.report, node, &self.axis);
        let mut gaps = Vec::new();
        if let Some(share) = first.filter(|share| *share > 0.004) {
            gaps.push((0.0, share.min(1.0), "no line before it tells of this node"));
        }
        if let Some(share) = last.filter(|share| *share < 0.996) {
            gaps.push((share.max(0.0), 1.0, "no line behind it tells of this node"));
        }
        gaps
    }

    /// How far the stamps of a node may be off, in the picture.
    fn clock_error(&self, node: &str) -> f64 {
        let of_node = self
            .page
            .report
            .cluster
            .nodes
            .iter()
            .find(|n| n.name.as_deref() == Some(node));
        let error = of_node
            .and_then(|n| n.clock.as_ref())
            .and_then(|clock| clock.error_s);
        let share = error.and_then(|s| self.axis.length(Span((s * 1e6) as i64)));
        (share.unwrap_or(0.0) * PLOT).min(60.0)
    }

    /// Words in the head of a node, where there is room for them beside `x`.
    pub(super) fn label(&mut self, at: usize, x: f64, words: &str, whole: &str, h: &mut Html) {
        /// As far as words may stand from what they name.
        const FAR: f64 = 180.0;
        let wide = width(words) + 10.0;
        let block = &mut self.blocks[at];
        let blocker = |from: f64| {
            let hit = block
                .taken
                .iter()
                .filter(|(a, b)| from < *b && from + wide > *a);
            hit.map(|(_, b)| *b).fold(None, |most: Option<f64>, b| {
                Some(most.map_or(b, |most| most.max(b)))
            })
        };
        let fits = |from: f64| from >= NAMES && from + wide <= WIDTH && blocker(from).is_none();
        let mut beside = x + 2.0;
        while let Some(behind) = blocker(beside).filter(|_| beside < x + FAR) {
            beside = behind + 0.5;
        }
        let places = [beside, x - wide - 4.0];
        if let Some(from) = places.into_iter().find(|from| fits(*from)) {
            block.taken.push((from, from + wide));
            h.raw("<g><title>").text(whole).raw("</title>");
            put(words, "halo", from + 4.0, block.top + 15.0, h);
            h.raw("</g>\n");
        }
    }

    /// Words in the head of a node, between two places.
    pub(super) fn inside(&mut self, at: usize, (from, to): (f64, f64), words: &str, h: &mut Html) {
        let block = &mut self.blocks[at];
        if let Some(text) = fit(words, to - from - 6.0) {
            block.taken.push((from, from + width(&text) + 8.0));
            put(&text, "halo dimmed", from + 4.0, block.top + 15.0, h);
        }
    }

    /// What the signs mean; only those that are there.
    fn legend(&self, h: &mut Html) {
        h.raw("<ul class=\"legend\">\n");
        for (sign, words, drawing) in LEGEND {
            if self.used.contains(sign) {
                h.raw("<li><svg viewBox=\"0 0 30 14\" aria-hidden=\"true\" focusable=\"false\">")
                    .raw(drawing);
                h.raw("</svg>").raw(words).raw("</li>\n");
            }
        }
        h.raw("</ul>\n");
    }

    /// What was folded, whose clocks were corrected, whose logs are missing.
    fn notes(&self, h: &mut Html) {
        let report = self.page.report;
        let mut notes = self.folded.clone();
        if self.axis.bins() < BINS[0] {
            notes.push(
                "so many states that each column shows the worst of a longer time".to_owned(),
            );
        }
        if self.axis.length(Span(1)).is_none() {
            notes.push(
                "the log has no stamps: lanes count lines, and no length of time can be told"
                    .to_owned(),
            );
        }
        let alike = self.blocks.iter().map(|drawn| &drawn.block);
        for block in alike.filter(|block| !block.alike.is_empty()) {
            let names = block.alike.join(", ");
            notes.push(format!("in the same course as {}: {names}", block.node));
        }
        let drawn = |name: &String| {
            self.blocks
                .iter()
                .any(|d| d.block.node == *name || d.block.alike.contains(name))
        };
        let silent = report
            .cluster
            .nodes
            .iter()
            .filter(|n| !n.has_log && !n.name.as_ref().is_some_and(drawn));
        let silent: Vec<String> = silent.take(20).map(who::short_name).collect();
        if !silent.is_empty() && !report.lanes.is_empty() {
            notes.push(format!(
                "not drawn, for no log of theirs was read: {}",
                silent.join(", ")
            ));
        }
        let off = report.cluster.nodes.iter().filter(|node| {
            node.clock
                .as_ref()
                .is_some_and(|clock| clock.offset_s != 0.0 || clock.pieces.len() > 1)
        });
        let off: Vec<String> = off
            .filter_map(|node| who::clock_of(node, &self.page.clock))
            .take(8)
            .collect();
        if !off.is_empty() {
            notes.push(format!(
                "clocks: {}; times here are corrected, lines keep their own",
                off.join("; ")
            ));
        }
        notes.push("a click on a bar leads to its line".to_owned());
        h.raw("<p class=\"dim\">");
        for (n, note) in notes.iter().enumerate() {
            h.raw(if n == 0 { "" } else { " · " }).text(note);
        }
        h.raw("</p>\n");
    }

    /// The picture as a table.
    fn table(&self, lanes: &[&Lane], rings: &Rings, h: &mut Html) {
        let within = |at: i64| (0.0..=1.0).contains(&self.axis.share(at));
        let mut rows = Vec::new();
        for lane in lanes {
            for (n, span) in lane.spans.iter().enumerate() {
                let begun = self.axis.position(span);
                let until = lane
                    .spans
                    .get(n + 1)
                    .and_then(|next| self.axis.position(next));
                // What began before the picture and lasted into it belongs to it.
                let carried = begun.is_none_or(|at| self.axis.share(at) < 0.0)
                    && until.is_none_or(|at| self.axis.share(at) > 0.0);
                if begun.is_some_and(within) || carried {
                    rows.push((lane, span, lane.spans.get(n + 1)));
                }
            }
        }
        let all = rows.len();
        if all > MOST_ROWS {
            rows.retain(|(_, span, _)| rank(span.tone) >= rank(Tone::Warn));
        }
        let kept = rows.len().min(MOST_ROWS);
        h.raw("<details class=\"data\"><summary>This picture as a table (")
            .count(kept as u64);
        h.raw(" states)</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of states\">\n");
        h.raw("<table><thead><tr><th scope=\"col\">Node</th><th scope=\"col\">Lane</th><th scope=\"col\">From</th>");
        h.raw("<th scope=\"col\">Until</th><th scope=\"col\">State</th><th scope=\"col\">Which is</th></tr></thead>\n<tbody>\n");
        for (lane, span, next) in rows.iter().take(MOST_ROWS) {
            h.raw("<tr><th scope=\"row\">")
                .name(lane.node.as_deref().unwrap_or("?"))
                .raw("</th><td>")
                .text(&lane.name)
                .raw("</td><td>");
            let id = self
                .page
                .anchors
                .line_of(lane.node.as_deref(), span.line)
                .filter(|_| span.line > 0);
            if let Some(id) = &id {
                h.raw("<a").attr("href", &format!("#{id}")).raw(">");
            }
            match (span.at, span.line) {
                (Some(at), _) => h.text(&self.page.clock.at(at)),
                (None, 0) => h.raw("before"),
                (None, line) => h.raw("line ").count(line),
            };
            h.raw(if id.is_some() { "</a>" } else { "" })
                .raw("</td><td>");
            match next.map(|next| (next.at, next.line)) {
                Some((Some(at), _)) => h.text(&self.page.clock.at(at)),
                Some((None, line)) => h.raw("line ").count(line),
                None => h.raw("the end of its log"),
            };
            h.raw("</td><td>").text(if span.label.is_empty() {
                "as it should be"
            } else {
                &span.label
            });
            h.raw("</td><td>")
                .raw(marks::tone_word(span.tone))
                .raw("</td></tr>\n");
        }
        h.raw("</tbody></table>\n</div>\n");
        if all > kept {
            h.raw("<p class=\"more\">").count((all - kept) as u64);
            h.raw(" more states are folded: the good ones first; -o json has all</p>\n");
        }
        if !rings.is_empty() {
            let ids: Vec<&str> = rings.iter().map(|(_, ring)| ring).take(60).collect();
            h.raw("<p>Rings that several of these logs name, in order: ")
                .text(&ids.join(", "))
                .raw("</p>\n");
        }
        h.raw("</details>\n");
    }
}

/// Opens a link from a picture to a line. Who has no mouse reaches the same lines through the table.
fn open_link(id: Option<&str>, h: &mut Html) -> bool {
    if let Some(id) = id {
        h.raw("<a tabindex=\"-1\"")
            .attr("href", &format!("#{id}"))
            .raw(">");
    }
    id.is_some()
}

/// Sign, words, drawing.
const LEGEND: [(&str, &str, &str); 16] = [
    (
        "good",
        "good",
        "<rect class=\"g\" x=\"1\" y=\"5.5\" width=\"28\" height=\"3\"/>",
    ),
    (
        "neutral",
        "neutral",
        "<rect class=\"p\" x=\"1\" y=\"4\" width=\"28\" height=\"6\"/>",
    ),
    (
        "degraded",
        "degraded",
        "<rect class=\"w\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/>",
    ),
    (
        "broken",
        "broken",
        "<rect class=\"b\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/>",
    ),
    (
        "unknown",
        "unknown",
        "<rect class=\"u\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/>",
    ),
    (
        "gap",
        "before the first or behind the last cluster line of its log",
        "<rect class=\"gap\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/>",
    ),
    (
        "away",
        "the node was off: faded is what its daemons were before",
        "<rect class=\"b\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/><rect class=\"away\" x=\"8\" y=\"0\" width=\"22\" height=\"14\"/>",
    ),
    (
        "soft",
        "as far as the clock may be off",
        "<rect class=\"p\" x=\"15\" y=\"4\" width=\"14\" height=\"6\"/><rect class=\"soft\" x=\"10\" y=\"2\" width=\"10\" height=\"10\"/>",
    ),
    (
        "ring",
        "a ring that several of these logs name",
        "<line class=\"ring\" x1=\"15\" y1=\"0\" x2=\"15\" y2=\"14\"/><path class=\"dia\" d=\"M15 3l4 4l-4 4l-4 -4z\"/>",
    ),
    (
        "budget",
        "the watchdog is not fed: 60 s until a reset",
        "<rect class=\"budget\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/>",
    ),
    (
        "due",
        "here it would have reset the node",
        "<line class=\"due\" x1=\"15\" y1=\"0\" x2=\"15\" y2=\"14\"/>",
    ),
    (
        "fence",
        "the node fenced itself",
        "<line class=\"fence\" x1=\"15\" y1=\"0\" x2=\"15\" y2=\"14\"/><path class=\"tip\" d=\"M15 9l-5 -8h10z\"/>",
    ),
    (
        "acknowledged",
        "the others said so",
        "<line class=\"ack\" x1=\"15\" y1=\"0\" x2=\"15\" y2=\"14\"/>",
    ),
    (
        "guest",
        "a guest started on another node",
        "<path class=\"arrow\" d=\"M3 7H26\" marker-end=\"url(#m-arrow)\"/><circle class=\"tip\" r=\"3\" cx=\"4\" cy=\"7\"/>",
    ),
    (
        "lost",
        "a guest that was to start there and is not seen to run",
        "<path class=\"arrow lost\" d=\"M3 7H26\" marker-end=\"url(#m-arrow)\"/><circle class=\"tip\" r=\"3\" cx=\"4\" cy=\"7\"/>",
    ),
    (
        "task",
        "a task",
        "<rect class=\"task\" x=\"1\" y=\"0\" width=\"28\" height=\"14\"/>",
    ),
];
