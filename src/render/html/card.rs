//! The verdict, to be read in five seconds, and the ways into the page.
//! In: verdict, stories, inputs and outages. Out: a card.
//! Never: a number that was not counted.

use super::markup::Html;
use super::{Page, Subject, marks};
use crate::model::Severity;
use crate::render::clock::{self, Clock};
use crate::render::who;
use crate::report::{Incident, Report, Status};

/// Nodes that are named one by one.
const MOST_NODES: usize = 8;

/// Writes the card.
pub(super) fn write(page: &Page, subject: Subject, h: &mut Html) {
    let report = page.report;
    let class = match report.verdict.severity {
        Severity::Catastrophic => "<header class=\"card c5\">\n",
        Severity::High => "<header class=\"card c4\">\n",
        Severity::Medium => "<header class=\"card c3\">\n",
        Severity::Low => "<header class=\"card c2\">\n",
        Severity::Info => "<header class=\"card c1\">\n",
    };
    h.raw(class).raw("<p class=\"top\">");
    marks::severity(report.verdict.severity, h);
    h.raw("<span class=\"what\">");
    h.raw(match subject {
        Subject::Logs => "fencepost · what happened",
        Subject::Configuration => "fencepost · what the configuration allows",
    });
    h.raw("</span></p>\n<h1>")
        .text(&report.verdict.text)
        .raw("</h1>\n");
    h.raw("<dl class=\"facts\">\n");
    match subject {
        Subject::Logs => of_logs(page, h),
        Subject::Configuration => of_configuration(report, h),
    }
    h.raw("</dl>\n");
    if report.incidents.len() > 1 {
        list(page, h);
    }
    ways(report, subject, h);
    h.raw("</header>\n");
}

fn fact(label: &'static str, h: &mut Html) {
    h.raw("<div><dt>").raw(label).raw("</dt><dd>");
}

fn end(h: &mut Html) {
    h.raw("</dd></div>\n");
}

fn of_logs(page: &Page, h: &mut Html) {
    let report = page.report;
    match report.incidents.as_slice() {
        [] => {}
        [one] => {
            fact("When", h);
            when(one, h);
            end(h);
            fact("Lasted", h);
            length(page, one, h);
            end(h);
            fact("Over?", h);
            status(one, h);
            end(h);
            fact("Nodes hit", h);
            names(&one.nodes, h);
            end(h);
            let near = one.callouts.iter().filter(|c| c.label == "near miss");
            for callout in near.take(3) {
                fact("Near miss", h);
                h.text(&callout.text);
                end(h);
            }
        }
        many => {
            fact("Incidents", h);
            h.count(many.len() as u64);
            let going = many.iter().filter(|i| i.status == Status::Ongoing).count();
            let unknown = many.iter().filter(|i| i.status == Status::Unknown).count();
            h.raw(": ")
                .count((many.len() - going - unknown) as u64)
                .raw(" over");
            if going > 0 {
                h.raw(", ")
                    .count(going as u64)
                    .raw(" still going on at the end of the log");
            }
            if unknown > 0 {
                h.raw(", of ")
                    .count(unknown as u64)
                    .raw(" the log ended first");
            }
            end(h);
        }
    }
    fact("Guests", h);
    guests(report, h);
    end(h);
    fact("Cluster", h);
    cluster(report, h);
    end(h);
    fact("Read", h);
    let inputs = report.inputs.len() as u64;
    h.count(inputs)
        .raw(if inputs == 1 { " log: " } else { " logs: " });
    h.text(&who::coverage(report));
    match (clock::first(report), clock::last(report)) {
        (Some(first), Some(last)) => {
            h.raw("; ").text(&first.date_clock()).raw(" to ");
            h.text(&page.clock.at(last)).raw(" UTC");
        }
        _ => {
            h.raw("; no timestamps: the order of lines only");
        }
    }
    end(h);
}

fn of_configuration(report: &Report, h: &mut Html) {
    fact("Faults", h);
    if report.findings.is_empty() {
        h.raw("none");
    } else {
        h.count(report.findings.len() as u64);
        h.raw(", of ").count(report.incidents.len() as u64);
        h.raw(if report.incidents.len() == 1 {
            " kind"
        } else {
            " kinds"
        });
    }
    end(h);
    if !report.guests.is_empty() {
        fact("Guests at risk", h);
        h.count(report.guests.len() as u64);
        end(h);
    }
    let names: Vec<String> = report.cluster.nodes.iter().map(who::short_name).collect();
    if !names.is_empty() {
        fact("Nodes", h);
        self::names(&names, h);
        end(h);
    }
    fact("Cluster", h);
    cluster(report, h);
    end(h);
    fact("Read", h);
    let lines: u64 = report.inputs.iter().map(|i| i.coverage.understood).sum();
    h.count(report.inputs.len() as u64)
        .raw(if report.inputs.len() == 1 {
            " file, "
        } else {
            " files, "
        })
        .count(lines)
        .raw(" lines understood");
    end(h);
}

/// When an incident was; the day is said, for a page is read on another one.
fn when(incident: &Incident, h: &mut Html) {
    let Some(began) = incident.began else {
        h.text(&clock::lines(incident));
        return;
    };
    h.text(began.date_clock().get(..10).unwrap_or("")).raw(", ");
    match incident.ended {
        Some(ended) => h.text(&Clock::on(began).between(began, ended)).raw(" UTC"),
        None => h.raw("from ").text(&began.clock()).raw(" UTC on"),
    };
}

/// For how long.
fn length(page: &Page, incident: &Incident, h: &mut Html) {
    let is_over = incident.status == Status::Over;
    let last = clock::last(page.report).filter(|_| !is_over);
    let (Some(began), Some(ended)) = (incident.began, incident.ended.max(last)) else {
        h.raw("unknown: the log has no stamps");
        return;
    };
    h.text(&ended.since(began).to_string());
    h.raw(if is_over {
        ""
    } else {
        ", and then the log ended"
    });
}

/// Whether it is over, and how that is known.
pub(super) fn status(incident: &Incident, h: &mut Html) {
    h.raw(match incident.status {
        Status::Over => "<strong class=\"st over\"><span aria-hidden=\"true\">✓ </span>over</strong>",
        Status::Ongoing => {
            "<strong class=\"st going\"><span aria-hidden=\"true\">▶ </span>still going on at the end of the log</strong>"
        }
        Status::Unknown => {
            "<strong class=\"st unknown\"><span aria-hidden=\"true\">? </span>the log ended first</strong>"
        }
    });
    if !incident.status_because.is_empty() {
        h.raw(": ").text(&incident.status_because);
    }
}

fn names(names: &[String], h: &mut Html) {
    if names.is_empty() {
        h.raw("no line names one");
    }
    for (n, name) in names.iter().take(MOST_NODES).enumerate() {
        if n > 0 {
            h.raw(", ");
        }
        h.name(name);
    }
    if names.len() > MOST_NODES {
        h.raw(" and ")
            .count((names.len() - MOST_NODES) as u64)
            .raw(" more");
    }
}

fn guests(report: &Report, h: &mut Html) {
    let outages = &report.outages;
    if outages.is_empty() {
        h.raw("none is seen down in these logs");
        return;
    }
    let back = outages.iter().filter(|o| o.end == "running").count();
    h.raw("<a href=\"#guests\">").count(outages.len() as u64);
    h.raw(if outages.len() == 1 {
        " was down"
    } else {
        " were down"
    })
    .raw("</a>: ");
    h.count(back as u64).raw(" ran again");
    for (end, words) in [
        ("error", " ended in error"),
        ("no-node", " found no node"),
        ("not-seen", " not seen again"),
    ] {
        let count = outages.iter().filter(|o| o.end == end).count();
        if count > 0 {
            h.raw(", ").count(count as u64).raw(words);
        }
    }
}

/// The numbers of the cluster, each with how it is known.
fn cluster(report: &Report, h: &mut Html) {
    let mut some = false;
    for (graded, text) in who::numbers(report) {
        if std::mem::replace(&mut some, true) {
            h.raw(" · ");
        }
        h.text(&text);
        if let Some(basis) = graded.basis {
            h.raw(" ");
            marks::basis(basis, h);
        }
    }
    if !some {
        h.raw("size and quorum are unknown");
    }
}

/// The stories, worst first, as links.
fn list(page: &Page, h: &mut Html) {
    h.raw("<ol class=\"stories\">\n");
    for (n, incident) in page
        .report
        .incidents
        .iter()
        .take(super::STORIES)
        .enumerate()
    {
        h.raw("<li>");
        marks::severity(incident.severity, h);
        h.raw(" <a")
            .attr("href", &format!("#s{n}"))
            .raw(">")
            .text(&incident.title)
            .raw("</a>");
        if incident.began.is_some() || !page.report.lanes.is_empty() {
            h.raw(" <span class=\"dim\">")
                .text(&page.clock.incident(incident))
                .raw("</span>");
        }
        h.raw("</li>\n");
    }
    h.raw("</ol>\n");
    let more = page.report.incidents.len().saturating_sub(super::STORIES);
    super::left_out(more, "below", h);
}

fn ways(report: &Report, subject: Subject, h: &mut Html) {
    h.raw("<nav aria-label=\"Parts of this page\">\n");
    if let Some(first) = report.incidents.first() {
        if !first.advice.is_empty() {
            h.raw("<a class=\"now\" href=\"#s0-now\">What to do now</a>\n");
        }
        if subject == Subject::Logs {
            h.raw("<a href=\"#s0\">What happened</a>\n");
        }
    }
    if !report.outages.is_empty() || subject == Subject::Configuration && !report.guests.is_empty()
    {
        h.raw("<a href=\"#guests\">Guests</a>\n");
    }
    if subject == Subject::Logs {
        h.raw("<a href=\"#nodes\">Nodes</a>\n");
    }
    h.raw("<a href=\"#evidence\">Evidence</a>\n<a href=\"#inputs\">Inputs</a>\n</nav>\n");
}
