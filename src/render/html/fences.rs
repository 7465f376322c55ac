//! What happens to a node and its guests in the picture: the budget of a watchdog, a reset, a move.
//! In: findings and outages. Out: lines, shades and arrows over the lanes.
//! Never: a moment that no finding tells.

use super::lanes::{HEAD, Picture, line, rect, x};
use super::markup::Html;
use crate::model::{Span, Value};
use crate::report::{Finding, OutageLine};

/// Arrows of guests.
const MOST_ARROWS: usize = 24;
/// What a watchdog that is no longer fed leaves a node: see `budget_s` of the findings; where none says it, the software's own.
const BUDGET_S: f64 = 60.0;

/// Guests that one node lost and another started.
struct Move<'r> {
    from: usize,
    to: usize,
    /// Shares of the axis: when they were down, and when the last of them ran again.
    start: f64,
    end: f64,
    /// Whether they ran again.
    back: bool,
    guests: Vec<&'r OutageLine>,
}

impl Picture<'_, '_> {
    /// When a node was reset, by the findings of the story.
    fn reset(&self, node: &str, findings: &[&Finding]) -> Option<i64> {
        let of_kind = |kind: &str| {
            let mut own = findings
                .iter()
                .filter(|f| f.kind == kind && f.node.as_deref() == Some(node));
            own.find_map(|f| self.axis.place(f.began, f.line))
        };
        of_kind("watchdog-expired").or_else(|| of_kind("self-fence"))
    }

    /// The seconds that a node had before its watchdog reset it, shaded behind its lanes.
    pub(super) fn budget(&mut self, at: usize, findings: &[&Finding], h: &mut Html) {
        let node = self.blocks[at].block.node.clone();
        let (top, bottom) = (self.blocks[at].top + HEAD - 3.0, self.blocks[at].bottom);
        let axis = self.axis.clone();
        let whole = |s: f64| axis.length(Span((s * 1e6) as i64));
        if let Some(reset) = self.reset(&node, findings) {
            let Some(length) = whole(BUDGET_S) else {
                return;
            };
            let end = self.axis.share(reset);
            let (from, to) = (x(end - length), x(end));
            self.used.insert("budget");
            h.raw("<g><title>the 60 s for which the watchdog of ")
                .text(&node);
            h.raw(" was no longer fed</title>");
            rect("budget", (from, top), (to - from, bottom - top), h);
            h.raw("</g>\n");
            self.inside(at, (from, to), "60 s, not fed", h);
            return;
        }
        for finding in findings.iter().filter(|f| f.node.as_deref() == Some(&node)) {
            let number = |name: &str| {
                let of_name = finding.details.iter().find(|(known, _)| *known == name);
                of_name.and_then(|(_, value)| Value::as_f64(value))
            };
            let (Some(used), Some(budget), Some(ended)) =
                (number("used_s"), number("budget_s"), finding.ended)
            else {
                continue;
            };
            let (Some(used_share), Some(all), Some(ended)) =
                (whole(used), whole(budget), self.axis.place(Some(ended), 0))
            else {
                continue;
            };
            let end = self.axis.share(ended);
            let begin = end - used_share;
            let words = format!("{used:.1} of {budget:.0} s used, at least");
            self.used.insert("budget");
            h.raw("<g><title>").text(&words).raw("</title>");
            rect(
                "budget",
                (x(begin), top),
                (x(end) - x(begin), bottom - top),
                h,
            );
            rect(
                "budget rest",
                (x(end), top),
                (x(begin + all) - x(end), bottom - top),
                h,
            );
            if begin + all < 1.0 {
                self.used.insert("due");
                line("due", (x(begin + all), top), (x(begin + all), bottom), h);
            }
            h.raw("</g>\n");
            self.inside(at, (x(begin), x(begin + all)), &words, h);
        }
    }

    /// The moment of a reset, and that at which the others said that it was certain.
    pub(super) fn fence(&mut self, at: usize, findings: &[&Finding], h: &mut Html) {
        let node = self.blocks[at].block.node.clone();
        let (top, bottom) = (self.blocks[at].top, self.blocks[at].bottom);
        let inside = |share: &f64| (0.0..=1.0).contains(share);
        if let Some(share) = self
            .reset(&node, findings)
            .map(|at| self.axis.share(at))
            .filter(inside)
        {
            let x = x(share);
            self.used.insert("fence");
            h.raw("<g class=\"fence-of\"")
                .attr("data-node", &node)
                .raw("><title>")
                .text(&node)
                .raw(" fenced itself</title>");
            line("fence", (x, top + 3.0), (x, bottom), h);
            h.raw("<path class=\"tip\"")
                .attr("d", &format!("M{x:.1} {:.1}l-5 -8h10z", top + 11.0))
                .raw("/></g>\n");
            self.label(at, x + 3.0, "fenced itself", "the node reset itself", h);
        }
        let said = findings
            .iter()
            .filter(|f| f.kind == "node-fenced" && f.node.as_deref() == Some(&node));
        let said = said.filter_map(|f| self.axis.place(f.began, f.line));
        if let Some(share) = said.map(|at| self.axis.share(at)).find(inside) {
            let x = x(share);
            self.used.insert("acknowledged");
            line("ack", (x, top + 3.0), (x, bottom), h);
            self.label(
                at,
                x,
                "fence acknowledged",
                "the HA master said that the node was fenced",
                h,
            );
        }
    }

    /// Guests that came up on another node: arrows from node to node.
    pub(super) fn guests(&mut self, h: &mut Html) {
        let row_of = |name: &Option<String>| {
            let name = name.as_ref()?;
            self.blocks
                .iter()
                .position(|d| d.block.node == *name || d.block.alike.contains(name))
        };
        let inside = |share: &f64| (0.0..=1.0).contains(share);
        let mut moves: Vec<Move> = Vec::new();
        let mut late = 0;
        for outage in &self.page.report.outages {
            let (Some(from), Some(to)) = (row_of(&outage.from_node), row_of(&outage.to_node))
            else {
                continue;
            };
            let line =
                |n: Option<usize>| n.and_then(|n| outage.evidence.get(n)).map_or(0, |e| e.line);
            let start = self.axis.place(outage.down_from, line(Some(0)));
            let end = self
                .axis
                .place(outage.up_at, line(outage.evidence.len().checked_sub(1)));
            let back = outage.end == "running" && end.is_some();
            let (Some(start), Some(end)) = (start, end.filter(|_| back).or(start)) else {
                continue;
            };
            let (start, end) = (self.axis.share(start), self.axis.share(end));
            if from == to || !inside(&start) {
                continue;
            }
            if !inside(&end) {
                late += 1;
                continue;
            }
            let like = |m: &&mut Move| (m.from, m.to, m.back) == (from, to, back);
            match moves.iter_mut().find(like) {
                Some(known) => {
                    known.start = known.start.min(start);
                    known.end = known.end.max(end);
                    known.guests.push(outage);
                }
                None => moves.push(Move {
                    from,
                    to,
                    start,
                    end,
                    back,
                    guests: vec![outage],
                }),
            }
        }
        if late > 0 {
            self.folded.push(format!(
                "{late} guests ran again behind the end of this picture"
            ));
        }
        let more = moves.len().saturating_sub(MOST_ARROWS);
        if more > 0 {
            self.folded
                .push(format!("{more} arrows of guests are not drawn"));
        }
        let mut ends: Vec<f64> = Vec::new();
        for one in moves.into_iter().take(MOST_ARROWS) {
            let (from, to, back, guests) = (one.from, one.to, one.back, one.guests);
            let (start, end) = (one.start, one.end);
            self.used.insert(if back { "guest" } else { "lost" });
            // Arrows that would lie on each other lie side by side.
            let beside = ends
                .iter()
                .filter(|other| (**other - x(end)).abs() < 8.0)
                .count() as f64;
            ends.push(x(end));
            let x1 = x(start);
            let x2 = (x(end) + 9.0 * beside).max(x1 + 4.0);
            let (y1, y2) = (self.blocks[from].top + 11.0, self.blocks[to].top + 11.0);
            let names: Vec<&str> = guests.iter().take(3).map(|outage| &*outage.guest).collect();
            let mut words = names.join(" ");
            if guests.len() > 3 {
                words.push_str(&format!(" and {} more", guests.len() - 3));
            }
            if !back {
                words.push_str(": not seen to run again");
            }
            let whole = guests.first().map_or(String::new(), |outage| {
                let name = |node: &Option<String>| node.clone().unwrap_or_default();
                format!(
                    "{words}, from {} to {}",
                    name(&outage.from_node),
                    name(&outage.to_node)
                )
            });
            h.raw("<g class=\"move\"><title>")
                .text(&whole)
                .raw("</title><path");
            h.attr("class", if back { "arrow" } else { "arrow lost" });
            // Out of the row sideways, so that arrows of one node are told apart.
            let bend = (x2 - x1).abs().max(24.0) * 0.8;
            let path = format!(
                "M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}",
                x1 + bend,
                x2 - bend
            );
            h.attr("d", &path)
                .attr("marker-end", "url(#m-arrow)")
                .raw("/>");
            h.raw("<circle class=\"tip\" r=\"3\"")
                .px("cx", x1)
                .px("cy", y1)
                .raw("/></g>\n");
            self.blocks[from].taken.push((x1 - 4.0, x1 + 5.0));
            self.blocks[to].taken.push((x2 - 9.0, x2 + 2.0));
            self.label(to, x2 + 1.0, &words, &whole, h);
        }
    }
}
