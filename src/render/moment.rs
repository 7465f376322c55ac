//! The state at an instant on a terminal: all nodes together first, then each node.
//! In: a `Moment`. Out: lines that fit the width.
//! Never: leaves out that something is not known.

use super::clock::Clock;
use super::paint::{Ink, Page, Text};
use super::term::labelled;
use super::who::plural;
use super::{Look, Verbosity};
use crate::model::{Basis, Span, Timestamp, Value};
use crate::report::components::Component;
use crate::report::moment::{GuestThen, Life, LinkThen, Moment, NodeThen, Sign, Told};
use std::io::{self, Write};

/// What a fence clock runs to, in seconds.
const BUDGET_S: u32 = 60;

/// Writes the whole answer; nothing but the cluster when little is wanted.
pub(super) fn write(moment: &Moment, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, look);
    let clock = Clock::on(moment.told);
    header(moment, page)?;
    cluster(moment, page)?;
    page.gap()?;
    for component in &moment.cluster.components {
        group(component, moment, &clock, page)?;
    }
    rest(moment, &clock, page)?;
    if page.verbosity() == Verbosity::Quiet {
        return Ok(());
    }
    for node in moment.nodes.iter().filter(|node| has_log(node)) {
        page.gap()?;
        one(node, moment, &clock, page)?;
    }
    page.gap()?;
    let mut label = "no log";
    for node in moment.nodes.iter().filter(|node| !has_log(node)) {
        let mut body = page.text().with(Ink::Strong, &called(node));
        signs(&mut body, &node.signs, ": ", "; ", &clock);
        labelled(Ink::Dim, std::mem::take(&mut label), &body, page)?;
    }
    page.gap()?;
    let mut label = "read";
    for remark in &moment.remarks {
        let body = page.text().with(Ink::Dim, remark);
        labelled(Ink::Dim, std::mem::take(&mut label), &body, page)?;
    }
    Ok(())
}

fn has_log(node: &NodeThen) -> bool {
    !matches!(node.life, Life::NoLog)
}

/// The instant, and what tells of it.
fn header(moment: &Moment, page: &mut Page) -> io::Result<()> {
    let zone = page.zone();
    let mut body = page.text();
    let told = format!("{} {zone}", moment.told.date_clock());
    if moment.after_end {
        let gap = moment.at.since(moment.told);
        let asked = format!("{} {zone}", moment.at.date_clock());
        body.put(Ink::Strong, &format!("the end of the logs, {told}"));
        body.put(
            Ink::Body,
            &format!("; {asked}, {gap} later, is behind them"),
        );
    } else {
        body.put(Ink::Strong, &told);
    }
    let logs = match moment.inputs.as_slice() {
        [one] => one.clone(),
        many => format!("{} logs", many.len()),
    };
    body.put(Ink::Body, &format!("; as told by {logs}"));
    labelled(Ink::Strong, "at", &body, page)
}

/// The votes that there were to count.
fn cluster(moment: &Moment, page: &mut Page) -> io::Result<()> {
    let (configured, needed) = (&moment.cluster.configured, &moment.cluster.needed);
    let mut body = page.text();
    match (configured.value.is_null(), configured.basis) {
        (true, _) | (_, None) => {
            body.put(
                Ink::Body,
                "configured votes unknown: no line before this tells",
            );
        }
        (false, Some(basis)) => {
            let votes = format!("{} votes configured ({basis})", configured.value);
            body.put(Ink::Strong, &votes);
            body.put(Ink::Body, &format!(", {} needed", needed.value));
            if let Some(because) = &configured.because {
                body.put(Ink::Dim, &format!("; {because}"));
            }
        }
    }
    labelled(Ink::Dim, "cluster", &body, page)
}

/// A component, and what it could do.
fn group(component: &Component, moment: &Moment, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let (ink, label) = match component.quorate.value {
        Value::Bool(true) => (Ink::Good, "QUORATE"),
        Value::Bool(false) => (Ink::Bad, "NO QUORUM"),
        _ => (Ink::Warn, "QUORUM?"),
    };
    let mut body = page.text();
    body.put(Ink::Strong, &component.members.join(", "));
    put_how(&mut body, &component.quorate, clock);
    let needed = &moment.cluster.needed.value;
    let mut votes = format!(": {}", of_votes(component.present.into(), moment));
    if let Some(margin) = component.margin {
        votes.push_str(&format!(", {needed} needed, margin {margin}"));
    }
    body.put(Ink::Body, &votes);
    if let Some(ring) = &component.ring {
        body.put(Ink::Body, &format!("; ring {ring}"));
        formed(&mut body, component.since, clock);
    }
    because(&mut body, &component.quorate, page);
    labelled(ink, label, &body, page)?;
    let said = [&component.enough, &component.next_failure];
    for sentence in said.into_iter().flatten() {
        labelled(Ink::Body, "", &page.text().with(Ink::Body, sentence), page)?;
    }
    let seen_by = &component.seen_by;
    if seen_by.len() < component.members.len() {
        let told = format!("told by the log of {}", seen_by.join(", "));
        labelled(Ink::Body, "", &page.text().with(Ink::Dim, &told), page)?;
    }
    Ok(())
}

/// `2 of 5 votes`, or `2 votes` where nobody knows of how many.
fn of_votes(present: f64, moment: &Moment) -> String {
    match moment.cluster.configured.value {
        Value::Null => format!("{present} {}", plural(present as u64, "vote", "votes")),
        ref all => format!("{present} of {all} votes"),
    }
}

/// What stands beside the components.
fn rest(moment: &Moment, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let cluster = &moment.cluster;
    if !cluster.elsewhere.is_empty() {
        let names = cluster.elsewhere.join(", ");
        let body = page.text().with(Ink::Strong, &names);
        let body = body.with(Ink::Body, ": in nobody's view");
        labelled(Ink::Warn, "absent", &body, page)?;
    }
    let mut label = "members";
    for note in &cluster.notes {
        let body = page.text().with(Ink::Body, note);
        labelled(Ink::Warn, std::mem::take(&mut label), &body, page)?;
    }
    let mut label = "guests";
    for guest in &moment.guests {
        let body = page.text().with(Ink::Body, &guest_words(guest, clock));
        labelled(Ink::Body, std::mem::take(&mut label), &body, page)?;
    }
    Ok(())
}

fn guest_words(guest: &GuestThen, clock: &Clock) -> String {
    let from = guest.from_node.as_deref().unwrap_or("?");
    let mut text = format!("{} was lost with {from}, ", guest.guest);
    match &guest.to_node {
        Some(to) => text.push_str(&format!("recovered to {to}, ")),
        None => text.push_str("found no other node, "),
    }
    match guest.up_at {
        Some(up) => text.push_str(&format!("runs since {}", clock.at(up))),
        None => text.push_str("no line says that it runs again"),
    }
    text
}

fn called(node: &NodeThen) -> String {
    match (&node.name, node.id) {
        (Some(name), Some(id)) => format!("{name} (node {id})"),
        (Some(name), None) => name.clone(),
        (None, Some(id)) => format!("node {id}"),
        (None, None) => "a node without a name".to_owned(),
    }
}

/// Everything about one node, what nobody knows in one line at the end.
fn one(node: &NodeThen, moment: &Moment, clock: &Clock, page: &mut Page) -> io::Result<()> {
    rule(&called(node), page)?;
    life(node, clock, page)?;
    let mut unknown: Vec<&str> = Vec::new();
    let runs = node.corosync.value.is_null();
    if runs {
        members(node, clock, &mut unknown, page)?;
    } else {
        let mut body = page.text().with(Ink::Bad, "not running");
        put_how(&mut body, &node.corosync, clock);
        because(&mut body, &node.corosync, page);
        labelled(Ink::Body, "corosync", &body, page)?;
    }
    if !node.token.value.is_null() {
        let mut body = page.text().with(Ink::Bad, "missing");
        put_how(&mut body, &node.token, clock);
        body.put(Ink::Body, "; a new ring is to be formed");
        labelled(Ink::Body, "token", &body, page)?;
    }
    quorum(node, moment, clock, &mut unknown, page)?;
    let usable = |word: &str| word == "usable";
    state(
        "/etc/pve",
        &node.etc_pve,
        None,
        usable,
        clock,
        &mut unknown,
        page,
    )?;
    let idle = |word: &str| !word.starts_with("lost");
    state(
        "LRM",
        &node.lrm,
        Some(&node.lrm_lock),
        idle,
        clock,
        &mut unknown,
        page,
    )?;
    state(
        "CRM",
        &node.crm,
        Some(&node.crm_lock),
        idle,
        clock,
        &mut unknown,
        page,
    )?;
    watchdog(node, clock, &mut unknown, page)?;
    if runs {
        links(&node.links, clock, &mut unknown, page)?;
    }
    if !unknown.is_empty() {
        let text = format!("{}: no line before this tells", unknown.join(", "));
        labelled(
            Ink::Dim,
            "unknown",
            &page.text().with(Ink::Dim, &text),
            page,
        )?;
    }
    Ok(())
}

/// A line across the page with a name in it.
fn rule(name: &str, page: &mut Page) -> io::Result<()> {
    let dash = page.sign("─", "-");
    let mut line = page.text().with(Ink::Body, " ");
    line.put(Ink::Dim, &format!("{} ", dash.repeat(2)));
    line.put(Ink::Strong, name);
    line.put(Ink::Dim, " ");
    let rest = page.width().saturating_sub(line.width());
    line.put(Ink::Dim, &dash.repeat(rest));
    page.line(&line)
}

/// Whether it ran, and when it was last heard.
fn life(node: &NodeThen, clock: &Clock, page: &mut Page) -> io::Result<()> {
    let (ink, word) = match node.life {
        Life::Running | Life::Ended => (Ink::Body, ""),
        Life::Silent => (Ink::Warn, "silent"),
        Life::Down => (Ink::Bad, "DOWN"),
        Life::NotYet | Life::NoLog => (Ink::Warn, "no line before this"),
    };
    let mut body = page.text().with(ink, word);
    if let Some(heard) = &node.heard {
        if !word.is_empty() {
            body.put(Ink::Body, "; ");
        }
        body.put(Ink::Body, "last line understood");
        if let Some(at) = heard.at {
            body.put(Ink::Body, &format!(" {}", clock.at(at)));
        }
        if let Some(before) = heard.before_s {
            let span = Span((before * 1e6).round() as i64);
            body.put(Ink::Body, &format!(", {span} before"));
        }
    }
    labelled(Ink::Body, "heard", &body, page)?;
    if page.verbosity() == Verbosity::Verbose
        && let Some(heard) = &node.heard
    {
        let bar = page.sign("│", "|");
        let line = format!("{}:{} {bar} {}", heard.input, heard.line, &*heard.text);
        labelled(Ink::Body, "", &page.text().with(Ink::Dim, &line), page)?;
    }
    for sign in &node.signs {
        let mut body = page.text();
        signs(&mut body, std::slice::from_ref(sign), "", "", clock);
        labelled(Ink::Body, "", &body, page)?;
    }
    if matches!(node.life, Life::Silent | Life::Down) {
        let body = page
            .text()
            .with(Ink::Dim, "as it stood with its last line:");
        labelled(Ink::Body, "", &body, page)?;
    }
    Ok(())
}

/// What tells of a node's silence, one after the other.
fn signs(body: &mut Text, signs: &[Sign], first: &str, between: &str, clock: &Clock) {
    for (n, sign) in signs.iter().enumerate() {
        body.put(Ink::Body, if n == 0 { first } else { between });
        if let Some(at) = sign.at {
            body.put(Ink::Body, &format!("{} ", clock.at(at)));
        }
        body.put(Ink::Body, &sign.text);
        if sign.later {
            body.put(Ink::Dim, " (a later line)");
        }
    }
}

fn members(
    node: &NodeThen,
    clock: &Clock,
    unknown: &mut Vec<&str>,
    page: &mut Page,
) -> io::Result<()> {
    let mut body = page.text();
    match &node.members {
        Some(members) => body.put(Ink::Strong, &members.join(", ")),
        None if node.ring.is_some() => body.put(Ink::Body, "unknown"),
        None => {
            unknown.push("members");
            return Ok(());
        }
    };
    if let Some(ring) = &node.ring {
        body.put(Ink::Body, &format!("; ring {ring}"));
    }
    formed(&mut body, node.members_since, clock);
    if node.synced == Some(false) {
        let told = ", not synchronised yet: quorum is still that of the ring before";
        body.put(Ink::Warn, told);
    }
    labelled(Ink::Body, "members", &body, page)
}

fn quorum(
    node: &NodeThen,
    moment: &Moment,
    clock: &Clock,
    unknown: &mut Vec<&str>,
    page: &mut Page,
) -> io::Result<()> {
    let mut body = page.text();
    match node.quorate.value {
        Value::Bool(true) => body.put(Ink::Good, "yes"),
        Value::Bool(false) => body.put(Ink::Bad, "NO"),
        _ if node.present.value.is_null() => {
            unknown.push("quorum");
            return Ok(());
        }
        _ => body.put(Ink::Warn, "unknown"),
    };
    put_how(&mut body, &node.quorate, clock);
    if let Some(present) = node.present.value.as_f64() {
        let votes = of_votes(present, moment);
        body.put(Ink::Body, &format!("; {votes}"));
    }
    if !node.margin.value.is_null() {
        let needed = &moment.cluster.needed.value;
        let margin = format!(", {needed} needed, margin {}", node.margin.value);
        body.put(Ink::Body, &margin);
    }
    because(&mut body, &node.quorate, page);
    labelled(Ink::Body, "quorum", &body, page)
}

/// A state in a word, with the lock that goes with it.
fn state<'a>(
    label: &'a str,
    told: &Told,
    lock: Option<&Told>,
    good: impl Fn(&str) -> bool,
    clock: &Clock,
    unknown: &mut Vec<&'a str>,
    page: &mut Page,
) -> io::Result<()> {
    let lock = lock.filter(|lock| !lock.value.is_null());
    if told.value.is_null() && lock.is_none() {
        unknown.push(label);
        return Ok(());
    }
    let mut body = page.text();
    match &told.value {
        Value::Null => body.put(Ink::Body, "state unknown"),
        value => {
            let word = value.to_string();
            body.put(if good(&word) { Ink::Body } else { Ink::Bad }, &word);
            put_how(&mut body, told, clock);
            because(&mut body, told, page);
            &mut body
        }
    };
    if let Some(lock) = lock {
        body.put(Ink::Body, "; lock ");
        let lost = lock.value == Value::from("lost");
        body.put(
            if lost { Ink::Bad } else { Ink::Body },
            &lock.value.to_string(),
        );
        if lost {
            put_how(&mut body, lock, clock);
        } else {
            put_basis(&mut body, lock.basis);
        }
    }
    labelled(Ink::Body, label, &body, page)
}

/// The watchdog and how much of the 60 s was used.
fn watchdog(
    node: &NodeThen,
    clock: &Clock,
    unknown: &mut Vec<&str>,
    page: &mut Page,
) -> io::Result<()> {
    let Value::Text(word) = &node.watchdog.value else {
        unknown.push("watchdog");
        return Ok(());
    };
    let (ink, text) = match &**word {
        "fed" => (Ink::Good, "fed"),
        "not-fed" => (Ink::Bad, "NOT FED"),
        "expired" => (Ink::Bad, "EXPIRED"),
        _ => (Ink::Body, "not armed"),
    };
    let mut body = page.text().with(ink, text);
    put_how(&mut body, &node.watchdog, clock);
    match node.used_s {
        Some(used) if used >= f64::from(BUDGET_S) => {
            body.put(Ink::Bad, &format!("; all of the {BUDGET_S} s used"));
        }
        Some(used) => {
            let left = f64::from(BUDGET_S) - used;
            let text =
                format!("; at least {used:.1} of {BUDGET_S} s used, at most {left:.1} s left");
            body.put(Ink::Bad, &text);
        }
        None if &**word == "not-fed" => {
            body.put(
                Ink::Warn,
                &format!("; unknown how much of the {BUDGET_S} s is used"),
            );
        }
        None => {}
    }
    because(&mut body, &node.watchdog, page);
    labelled(Ink::Body, "watchdog", &body, page)
}

/// Links that stand alike, together.
fn links(
    links: &[LinkThen],
    clock: &Clock,
    unknown: &mut Vec<&str>,
    page: &mut Page,
) -> io::Result<()> {
    if links
        .iter()
        .all(|link| link.state.is_none() && link.member != Some(true))
    {
        unknown.push("links");
        return Ok(());
    }
    let mut groups: Vec<(&LinkThen, Vec<&LinkThen>)> = Vec::new();
    for link in links {
        let alike = |(first, _): &&mut (&LinkThen, Vec<&LinkThen>)| {
            let minute = |at: Option<Timestamp>| at.map(Timestamp::clock);
            first.state == link.state
                && first.link == link.link
                && (first.state.is_some() || first.member == link.member)
                && (first.id == 0) == (link.id == 0)
                && (link.state != Some("down") || minute(first.since) == minute(link.since))
        };
        match groups.iter_mut().find(alike) {
            Some((_, all)) => all.push(link),
            None => groups.push((link, vec![link])),
        }
    }
    // What is broken first.
    groups.sort_by_key(|(first, _)| match (first.state, first.member) {
        (Some("down"), _) => 0,
        (Some(_), _) => 1,
        (None, Some(true)) => 2,
        (None, _) => 3,
    });
    let mut label = "links";
    for (first, all) in groups {
        let peers: Vec<&str> = all.iter().filter_map(|link| link.peer.as_deref()).collect();
        let mut body = page.text();
        let which = match (first.id, first.link) {
            (0, Some(ring)) => format!("ring {ring}"),
            (_, Some(link)) => format!("link {link} to {}", peers.join(", ")),
            (_, None) => format!("to {}", peers.join(", ")),
        };
        body.put(Ink::Body, &format!("{which}: "));
        match (first.state, first.member) {
            (Some("down"), _) => {
                body.put(Ink::Bad, "down");
                since(&mut body, first.since, clock);
            }
            (Some(word), _) => {
                body.put(Ink::Good, word);
            }
            (None, Some(true)) => {
                body.put(
                    Ink::Body,
                    "no line tells; one at least is up, for it is a member",
                );
            }
            (None, _) => {
                body.put(Ink::Dim, "unknown: no line before this tells");
            }
        }
        labelled(Ink::Body, std::mem::take(&mut label), &body, page)?;
    }
    Ok(())
}

/// Since when, and how it is known.
fn put_how(body: &mut Text, told: &Told, clock: &Clock) {
    since(body, told.since, clock);
    put_basis(body, told.basis);
}

fn put_basis(body: &mut Text, basis: Option<Basis>) {
    if let Some(basis) = basis {
        body.put(Ink::Dim, &format!(" ({basis})"));
    }
}

fn since(body: &mut Text, at: Option<Timestamp>, clock: &Clock) {
    if let Some(at) = at {
        body.put(Ink::Body, &format!(" since {}", clock.at(at)));
    }
}

/// When a ring was formed.
fn formed(body: &mut Text, at: Option<Timestamp>, clock: &Clock) {
    if let Some(at) = at {
        body.put(Ink::Body, &format!(" formed {}", clock.at(at)));
    }
}

/// The rule behind it, when all is wanted.
fn because(body: &mut Text, told: &Told, page: &Page) {
    // Why something is not known is said in any case.
    if let Some(because) = &told.because
        && (told.value.is_null() || page.verbosity() == Verbosity::Verbose)
    {
        body.put(Ink::Dim, &format!("; {because}"));
    }
}
