//! Votes over time: how many members each node counted, against what quorum needs.
//! In: the lanes of members, and the numbers of the cluster. Out: a step chart, and the same as a table.
//! Never: a count where no line tells one; votes of unequal weight as if they were known.

use super::lanes::{away, told};
use super::markup::Html;
use super::{Page, marks};
use crate::render::axis::Axis;
use crate::render::escape;
use crate::render::lanes::belongs;
use crate::render::rings::{MEMBERS, members_of};
use crate::report::{Incident, Lane, Report};

/// Size of the chart, and the room beside and above it.
const WIDTH: f64 = 1000.0;
const TOP: f64 = 30.0;
const LEFT: f64 = 136.0;
const RIGHT: f64 = 150.0;
const PLOT: f64 = WIDTH - LEFT - RIGHT;
const LETTER: f64 = 6.7;
/// Courses that are drawn: nodes that counted the same are one.
const COURSES: usize = 8;
/// Steps of one course.
const STEPS: usize = 300;
/// Rows of the table.
const ROWS: usize = 120;
/// The tallest that a count is drawn exactly.
const TALLEST: u64 = 64;

/// What some nodes counted: from where on, how many; `None` where a ring does not tell.
struct Course<'l> {
    nodes: Vec<&'l str>,
    steps: Vec<(f64, Option<u64>)>,
}

/// Writes the chart of the `n`th story; nothing where the number of members never changed.
pub(super) fn write(page: &Page, incident: &Incident, n: usize, h: &mut Html) {
    let report = page.report;
    let lanes = report
        .lanes
        .iter()
        .filter(|lane| lane.name == MEMBERS && belongs(lane, incident));
    let lanes: Vec<&Lane> = lanes.collect();
    let axis = Axis::new(report, incident, &lanes, 1);
    let courses = courses(report, &lanes, &axis);
    let counts = || {
        courses
            .iter()
            .flat_map(|course| &course.steps)
            .filter_map(|(_, count)| *count)
    };
    let (Some(least), Some(most)) = (counts().min(), counts().max()) else {
        return;
    };
    let quorum = report
        .cluster
        .quorum
        .value
        .as_f64()
        .filter(|votes| *votes >= 1.0 && *votes <= TALLEST as f64);
    if least == most && quorum.is_none_or(|quorum| least as f64 >= quorum) || most > TALLEST {
        return;
    }
    let configured = report
        .cluster
        .configured
        .value
        .as_f64()
        .filter(|votes| *votes <= TALLEST as f64);
    let tallest = configured
        .unwrap_or(0.0)
        .max(most as f64)
        .max(quorum.unwrap_or(0.0));
    h.raw("<section class=\"part\"")
        .attr("id", &format!("s{n}-votes"))
        .raw(">\n<h3>Votes and margin over time</h3>\n<figure>\n");
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Chart of votes, wider than a small screen\">\n");
    chart(&axis, &courses, (tallest, quorum), n, h);
    h.raw("</div>\n<figcaption><p class=\"dim\">The members of the ring as each node counted them; one vote each, unless the configuration gives other weights. ");
    match report.cluster.quorum.basis {
        Some(basis) if quorum.is_some() => {
            h.raw("Quorum needs ")
                .text(&report.cluster.quorum.value.to_string())
                .raw(" ");
            marks::basis(basis, h);
            h.raw("; below it, shaded, a node stops. ");
        }
        _ => {
            h.raw("How many votes quorum needs is unknown. ");
        }
    }
    h.raw("A line begins with the first ring that the node's log tells of: before it, and behind the last line of that log, the number is unknown.");
    h.raw("</p></figcaption>\n</figure>\n");
    table(page, &lanes, quorum, h);
    h.raw("</section>\n");
}

fn courses<'l>(report: &Report, lanes: &[&'l Lane], axis: &Axis) -> Vec<Course<'l>> {
    let mut all: Vec<Course> = Vec::new();
    for lane in lanes {
        let mut steps: Vec<(f64, Option<u64>)> = Vec::new();
        for span in &lane.spans {
            let Some(at) = axis.position(span) else {
                continue;
            };
            let share = axis.share(at);
            let count = members_of(&span.label);
            if share > 1.0 {
                break;
            }
            // What began before the picture lasts into it.
            let share = share.max(0.0);
            match steps.last_mut() {
                Some(last) if last.1 == count => {}
                Some(last) if (share - last.0) * PLOT < 0.5 => {
                    // Within a column the least shows.
                    last.1 = if share > 0.0 {
                        last.1.min(count)
                    } else {
                        count
                    };
                }
                _ => steps.push((share, count)),
            }
        }
        let node = lane.node.as_deref().unwrap_or("?");
        // A node that is off counts nobody.
        for (from, to) in away(report, node, axis) {
            let at = steps.partition_point(|(share, _)| *share <= from);
            let until = steps.get(at).map_or(1.0, |(share, _)| *share);
            let counted = at > 0 && steps[at - 1].1.is_some();
            if counted && until >= to {
                steps.insert(at, (from, None));
            }
        }
        // Behind the last line of its log, or what is drawn of it, nothing is known.
        let (_, told) = told(report, node, axis);
        let beyond = steps.get(STEPS).map(|(share, _)| *share);
        steps.truncate(STEPS);
        if let (Some(last), Some(end)) = (steps.last(), beyond.or(told).filter(|end| *end < 0.996))
        {
            let end = end.max(last.0);
            steps.push((end, None));
        }
        if steps.iter().all(|(_, count)| count.is_none()) {
            continue;
        }
        let alike = |course: &&mut Course| {
            course.steps.len() == steps.len()
                && course
                    .steps
                    .iter()
                    .zip(&steps)
                    .all(|(a, b)| a.1 == b.1 && (a.0 - b.0).abs() < 0.01)
        };
        match all.iter_mut().find(alike) {
            Some(course) => course.nodes.push(node),
            None => all.push(Course {
                nodes: vec![node],
                steps,
            }),
        }
    }
    all
}

fn chart(
    axis: &Axis,
    courses: &[Course],
    (tallest, quorum): (f64, Option<f64>),
    n: usize,
    h: &mut Html,
) {
    let step = (140.0 / tallest).clamp(8.0, 30.0);
    let base = TOP + step * tallest;
    let height = base + 26.0;
    let y = |count: f64| base - step * count;
    let x = |share: f64| LEFT + share.clamp(0.0, 1.0) * PLOT;
    h.raw("<svg class=\"votes\" role=\"img\"")
        .attr("viewBox", &format!("0 0 {WIDTH:.0} {height:.0}"));
    h.attr("aria-labelledby", &format!("s{n}-vt s{n}-vd"))
        .raw(">\n<title")
        .attr("id", &format!("s{n}-vt"));
    h.raw(">Members over time</title>\n<desc")
        .attr("id", &format!("s{n}-vd"))
        .raw(">");
    h.raw("Each line is the number of members that some nodes counted. The same numbers stand in the table below.</desc>\n");
    if let Some(quorum) = quorum {
        h.raw("<rect class=\"under\"")
            .px("x", LEFT)
            .px("y", y(quorum - 0.5))
            .px("width", PLOT);
        h.px("height", base - y(quorum - 0.5))
            .raw("/>\n<line class=\"need\"")
            .px("x1", LEFT)
            .px("x2", LEFT + PLOT);
        h.px("y1", y(quorum - 0.5))
            .px("y2", y(quorum - 0.5))
            .raw("/>\n");
    }
    let every = if step * 1.0 >= 12.0 { 1 } else { 2 };
    for count in (0..=tallest as u64).step_by(every) {
        let at = y(count as f64);
        h.raw("<line class=\"tick\"")
            .px("x1", LEFT - 4.0)
            .px("x2", LEFT + PLOT)
            .px("y1", at)
            .px("y2", at)
            .raw("/>");
        beside(LEFT - 8.0, at + 4.0, &count.to_string(), h);
        if let Some(quorum) = quorum {
            beside(LEFT - 44.0, at + 4.0, &margin(count, quorum), h);
        }
    }
    beside(LEFT - 8.0, TOP - 16.0, "votes", h);
    if let Some(quorum) = quorum {
        beside(LEFT - 50.0, TOP - 16.0, "margin", h);
        h.raw("<text class=\"nm strong\" x=\"4\"")
            .px("y", y(quorum) + 4.0)
            .raw(">quorum</text>\n");
    }
    for (share, label) in axis.marks((PLOT / LETTER) as usize) {
        let at = x(share);
        h.raw("<line class=\"tick\"")
            .px("x1", at)
            .px("x2", at)
            .px("y1", base)
            .px("y2", base + 6.0)
            .raw("/>");
        h.raw("<text class=\"tl\"")
            .px("x", at + 2.0)
            .px("y", base + 17.0)
            .raw(">")
            .text(&label)
            .raw("</text>\n");
    }
    let mut ends: Vec<f64> = Vec::new();
    for (which, course) in courses.iter().take(COURSES).enumerate() {
        // Courses that meet lie side by side.
        let shift = (which as f64 - (courses.len().min(COURSES) - 1) as f64 / 2.0) * 2.6;
        let mut path = String::new();
        let mut before: Option<u64> = None;
        for (at, (share, count)) in course.steps.iter().enumerate() {
            let until = course.steps.get(at + 1).map_or(1.0, |(share, _)| *share);
            if let Some(count) = count {
                let height = y(*count as f64) + shift;
                let go = if before.is_some() { 'L' } else { 'M' };
                path.push_str(&format!("{go}{:.1} {height:.1}H{:.1}", x(*share), x(until)));
            }
            before = *count;
        }
        h.raw("<path")
            .attr("class", CLASSES[which % CLASSES.len()])
            .attr("d", &path)
            .raw("><title>");
        h.text(&course.nodes.join(", ")).raw("</title></path>\n");
        let last = course.steps.iter().rev().find_map(|(_, count)| *count);
        let last = last.unwrap_or(0);
        let ended = course.steps.last().filter(|(_, count)| count.is_none());
        let end = x(ended.map_or(1.0, |(share, _)| *share));
        let mut at = y(last as f64) + shift + 4.0;
        while ends.iter().any(|end| (end - at).abs() < 12.0) {
            at += 12.0;
        }
        ends.push(at);
        // Below the chart nothing stands beside its axis.
        let words = label(&course.nodes);
        h.raw("<text class=\"halo\"")
            .px("x", end + 6.0)
            .px("y", at.min(height - 3.0))
            .raw(">");
        h.text(&words).raw("</text>\n");
        h.raw("<path").attr("class", CLASSES[which % CLASSES.len()]);
        h.attr("d", &format!("M{end:.1} {:.1}h4", at - 4.0))
            .raw("/>\n");
    }
    h.raw("</svg>\n");
    let more = courses.len().saturating_sub(COURSES);
    super::left_out(more, "courses, in the table", h);
}

/// A word that ends beside the chart.
fn beside(x: f64, y: f64, word: &str, h: &mut Html) {
    h.raw("<text class=\"nm end\"")
        .px("x", x)
        .px("y", y)
        .raw(">")
        .text(word)
        .raw("</text>\n");
}

/// How many votes could be lost without losing quorum; below zero, how many are missing.
fn margin(count: u64, quorum: f64) -> String {
    match count as i64 - quorum as i64 {
        0 => "0".to_owned(),
        more @ 1.. => format!("+{more}"),
        less => format!("\u{2212}{}", -less),
    }
}

/// Lines that are told apart without colours.
const CLASSES: [&str; 4] = ["co c-a", "co c-b", "co c-c", "co c-d"];

fn label(nodes: &[&str]) -> String {
    let room = ((RIGHT - 10.0) / LETTER) as usize;
    let all = escape::visible(&nodes.join(" "), false);
    if escape::width(&all) <= room {
        return all;
    }
    let more = format!(" +{}", nodes.len() - 1);
    let first = escape::visible(nodes.first().unwrap_or(&""), false);
    let first = escape::cut(&first, room.saturating_sub(more.len()), false);
    if nodes.len() > 1 {
        first + &more
    } else {
        first
    }
}

fn table(page: &Page, lanes: &[&Lane], quorum: Option<f64>, h: &mut Html) {
    let rows: Vec<_> = lanes
        .iter()
        .flat_map(|lane| lane.spans.iter().map(move |span| (lane, span)))
        .collect();
    h.raw("<details class=\"data\"><summary>This chart as a table</summary>\n<table><thead><tr><th scope=\"col\">Node</th>");
    h.raw("<th scope=\"col\">From</th><th scope=\"col\">Members</th><th scope=\"col\">Margin</th><th scope=\"col\">Ring</th></tr></thead>\n<tbody>\n");
    for (lane, span) in rows.iter().take(ROWS) {
        h.raw("<tr><th scope=\"row\">")
            .name(lane.node.as_deref().unwrap_or("?"))
            .raw("</th><td class=\"num\">");
        match span.at {
            Some(at) => h.text(&page.clock.at(at)),
            None => h.raw("line ").count(span.line),
        };
        match members_of(&span.label) {
            Some(count) => h.raw("</td><td class=\"num\">").count(count),
            None => h.raw("</td><td class=\"na\">unknown"),
        };
        match members_of(&span.label).zip(quorum) {
            Some((count, quorum)) => h
                .raw("</td><td class=\"num\">")
                .text(&margin(count, quorum)),
            None => h.raw("</td><td class=\"na\">unknown"),
        };
        h.raw("</td><td>").text(&span.label).raw("</td></tr>\n");
    }
    h.raw("</tbody></table>\n");
    super::left_out(rows.len().saturating_sub(ROWS), "in -o json", h);
    h.raw("</details>\n");
}
