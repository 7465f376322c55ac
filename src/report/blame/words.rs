//! What is said of a suspect: what it is, what speaks for it and what against it, and how sure that is.
//! In: a case and a verdict. Out: a `Suspect`.
//! Never: names an end that the logs cannot tell from the other.

use super::super::{Suspect, explain};
use super::case::{Case, Drop};
use super::suspects::{HostSign, Verdict, Who};
use crate::model::{LinkId, Timestamp, When};
use std::collections::{BTreeMap, BTreeSet};

/// Names that one sentence holds.
const NAMES: usize = 6;

/// Everything that sentences are made of.
pub struct Scene<'a> {
    pub case: &'a Case,
    pub signs: &'a [HostSign],
    /// Tasks that load the network and ran when it began, in words.
    pub loads: &'a [String],
}

/// A verdict in words.
pub fn suspect(scene: &Scene<'_>, verdict: &Verdict) -> Suspect {
    let told = Told::new(scene, verdict);
    let (kind, node, peer) = told.kind();
    let (speaks_for, mut against) = told.reasons();
    if kind != "host" {
        against.extend(scene.loads.iter().cloned());
    }
    Suspect {
        kind,
        node: node.map(|node| told.name(node)),
        peer: peer.map(|node| told.name(node)),
        link: verdict.fault.link.map(|link| link.0),
        text: told.text(),
        explains: told.observers.len() as u64,
        observers: told.concerned as u64,
        downs: verdict.drops.len() as u64,
        instead: verdict.same_as_before,
        speaks_for,
        against,
        confidence: told.confidence(),
    }
}

/// A verdict and what its sentences count.
struct Told<'a> {
    scene: &'a Scene<'a>,
    case: &'a Case,
    verdict: &'a Verdict,
    drops: Vec<&'a Drop>,
    /// Who saw what it explains.
    observers: BTreeSet<usize>,
    /// Whose logs were read for that time.
    asked: BTreeSet<usize>,
    /// Those among them who would see it.
    concerned: usize,
}

impl<'a> Told<'a> {
    fn new(scene: &'a Scene<'a>, verdict: &'a Verdict) -> Told<'a> {
        let case = scene.case;
        let drops: Vec<&Drop> = verdict.drops.iter().map(|n| &case.drops[*n]).collect();
        let parties = case.parties.iter().enumerate();
        let asked: BTreeSet<usize> = parties
            .filter(|(_, party)| drops.iter().any(|drop| party.listens(drop.began)))
            .map(|(n, _)| n)
            .collect();
        let would_see = |by: &&usize| {
            let of = case.parties[**by].peers.iter().map(|of| Some(*of));
            let mut of = of.chain([None].into_iter().filter(|_| case.rings()));
            of.any(|of| {
                case.links
                    .iter()
                    .any(|link| verdict.fault.hits_cell((**by, of, *link)))
            })
        };
        Told {
            scene,
            case,
            verdict,
            observers: drops.iter().map(|drop| drop.by).collect(),
            concerned: asked.iter().filter(would_see).count(),
            asked,
            drops,
        }
    }

    fn kind(&self) -> (&'static str, Option<usize>, Option<usize>) {
        let fault = &self.verdict.fault;
        match (&fault.who, fault.link) {
            (Who::One(node), _) if fault.host.is_some() => ("host", Some(*node), None),
            (Who::One(node), Some(_)) if !self.may_have_crashed(*node) => {
                ("nic", Some(*node), None)
            }
            (Who::One(node), Some(_)) => ("node", Some(*node), None),
            (Who::One(node), None) => ("node", Some(*node), None),
            (Who::All, Some(_)) => ("switch", None, None),
            (Who::All, None) => ("everything", None, None),
            (Who::Cut(_), _) => ("uplink", None, None),
            (Who::Pair(a, b), _) => ("path", Some(*a), Some(*b)),
            (Who::Toward(deaf, far), _) => ("direction", Some(*deaf), Some(*far)),
        }
    }

    fn name(&self, party: usize) -> String {
        self.case.parties[party].name.clone()
    }

    fn names(&self, parties: impl IntoIterator<Item = usize>) -> String {
        let mut names: Vec<String> = parties.into_iter().map(|n| self.name(n)).collect();
        let more = names.len().saturating_sub(NAMES);
        if more > 1 {
            names.truncate(NAMES);
            names.push(format!("{more} more"));
        }
        explain::and(&names)
    }

    /// ` on link 0`, or nothing where all links are meant.
    fn on(&self) -> String {
        let link = self.verdict.fault.link;
        link.map_or_else(String::new, |link| format!(" on link {link}"))
    }

    fn has_log(&self, party: usize) -> bool {
        self.asked.contains(&party)
    }

    /// The only log, when one was read.
    fn lone(&self) -> Option<usize> {
        match self.asked.len() {
            1 => self.asked.first().copied(),
            _ => None,
        }
    }

    fn text(&self) -> String {
        let fault = &self.verdict.fault;
        let links = fault
            .link
            .map_or("all links".to_owned(), |link| format!("link {link}"));
        match &fault.who {
            Who::One(node) if fault.host.is_some() => {
                format!("{} itself, not the network", self.name(*node))
            }
            Who::One(node) if self.may_have_crashed(*node) => {
                format!("{} as a whole, or its port on {links}", self.name(*node))
            }
            Who::One(node) if fault.link.is_some() => {
                format!(
                    "{links} of {}: its card, cable or switch port",
                    self.name(*node)
                )
            }
            Who::One(node) => format!("{} as a whole, {links}", self.name(*node)),
            Who::All if self.case.rings() => format!("the network of ring{}", &links[4..]),
            Who::All if fault.link.is_some() => format!("the switch of {links}"),
            Who::All => "the whole cluster network, all links at once".to_owned(),
            Who::Cut(side) => {
                let others = (0..self.case.parties.len()).filter(|n| !side.contains(n));
                let (near, far) = (self.names(side.iter().copied()), self.names(others));
                format!("what joins {near} with {far}, {links}")
            }
            Who::Pair(a, b) => {
                format!(
                    "the path between {} and {}, {links}",
                    self.name(*a),
                    self.name(*b)
                )
            }
            Who::Toward(deaf, far) => {
                let (deaf, far) = (self.name(*deaf), self.name(*far));
                format!("one direction, {links}: {far} hears {deaf}, {deaf} does not hear {far}")
            }
        }
    }

    fn reasons(&self) -> (Vec<String>, Vec<String>) {
        let fault = &self.verdict.fault;
        let (mut pro, con) = match &fault.who {
            Who::One(node) => self.of_one(*node),
            Who::All => self.of_all(),
            Who::Cut(side) => self.of_cut(side),
            Who::Pair(a, b) => self.of_pair(*a, *b),
            Who::Toward(deaf, far) => self.of_direction(*deaf, *far),
        };
        if let Some(sign) = fault.host.and_then(|n| self.scene.signs.get(n)) {
            pro.insert(0, sign.text.clone());
        }
        (pro, con)
    }

    fn of_one(&self, node: usize) -> (Vec<String>, Vec<String>) {
        let (name, on) = (self.name(node), self.on());
        let mut pro = Vec::new();
        let mut con = Vec::new();
        let far: Vec<&&Drop> = self.drops.iter().filter(|drop| drop.by != node).collect();
        let lost_by: BTreeSet<usize> = far.iter().map(|drop| drop.by).collect();
        let others: BTreeSet<usize> = self.asked.iter().copied().filter(|n| *n != node).collect();
        let most = times(self.most_often(&far));
        let only = others
            .first()
            .filter(|_| others.len() == 1 && lost_by.len() == 1);
        if let Some(own) = only {
            pro.push(format!("{} lost {name}{on} {most}", self.name(*own)));
        } else if !lost_by.is_empty() {
            let (seen, of) = (lost_by.len(), count(others.len(), "other observer"));
            let who = self.names(lost_by.iter().copied());
            pro.push(format!("{seen} of {of} lost {name}{on} ({who}), {most}"));
        }
        pro.extend(self.kept_each_other(node, &others, &lost_by));
        let own: BTreeSet<usize> = self.own_losses(node);
        let peers = self.case.parties[node].peers.len();
        if !own.is_empty() {
            pro.push(format!(
                "{name} itself lost {} of {} peers{on}{}",
                own.len(),
                peers,
                self.at_once(node)
            ));
        }
        pro.extend(self.other_links(node));
        pro.extend(self.cards(&BTreeSet::from([node])));
        let silent: Vec<usize> = others.difference(&lost_by).copied().collect();
        if !silent.is_empty() && self.lone().is_none() {
            con.push(format!("{} never lost {name}{on}", self.names(silent)));
        }
        match self.lone() {
            Some(own) if own == node => con.push(format!(
                "only the log of {name} was read: the switch{on} would look the same"
            )),
            Some(own) => con.push(self.far_end(own, node)),
            None if !self.has_log(node) => con.push(self.unread(node)),
            None if own.is_empty() => con.push(format!(
                "the log of {name} shows none of these downs: who waits for a processor or a disk is lost like that"
            )),
            None => {}
        }
        if self.is_short() && self.cards(&BTreeSet::from([node])).is_empty() {
            con.push(format!(
                "so short a spell may be a pause of {name} of which corosync does not tell"
            ));
        }
        (pro, con)
    }

    /// Whether it happened once, and for a few seconds only.
    fn is_short(&self) -> bool {
        let all: Vec<&&Drop> = self.drops.iter().collect();
        let short = |drop: &&Drop| {
            let lasted = drop.lasted;
            !drop.open && lasted.is_some_and(|span| span.seconds() <= self.case.window_s)
        };
        let host = self.verdict.fault.host.is_some();
        !host && self.drops.iter().all(short) && self.most_often(&all) == 1
    }

    /// Whether it went down once with all links that are known of it, and nobody asked it.
    fn may_have_crashed(&self, node: usize) -> bool {
        let far: Vec<&&Drop> = self.drops.iter().filter(|drop| drop.by != node).collect();
        let all = self.verdict.fault.link.is_none() || self.case.links.len() < 2;
        all && !self.has_log(node)
            && self.verdict.fault.host.is_none()
            && self.most_often(&far) == 1
    }

    /// How often the one that saw the most of it saw it.
    fn most_often(&self, drops: &[&&Drop]) -> usize {
        let mut often: BTreeMap<(usize, Option<usize>, LinkId), usize> = BTreeMap::new();
        for drop in drops {
            *often.entry((drop.by, drop.of, drop.link)).or_default() += 1;
        }
        often.into_values().max().unwrap_or(0)
    }

    /// What cannot be told without its own log.
    fn unread(&self, node: usize) -> String {
        let name = self.name(node);
        let link = self.verdict.fault.link;
        let other = self
            .case
            .links
            .iter()
            .find(|other| link.is_some_and(|link| **other != link));
        let held = other.filter(|other| {
            let mut drops = self.case.drops.iter().filter(|drop| drop.link == **other);
            !drops.any(|drop| drop.of == Some(node))
        });
        match held {
            Some(_) => format!(
                "the log of {name} was not read: its kernel would tell a card from a cable or a port"
            ),
            None => format!(
                "the log of {name} was not read: a crash or a pause of it looks the same from outside"
            ),
        }
    }

    /// What one log alone can tell of the far end.
    fn far_end(&self, own: usize, node: usize) -> String {
        let lost: BTreeSet<usize> = self.case.drops.iter().filter_map(|drop| drop.of).collect();
        let peers = &self.case.parties[own].peers;
        let kept: Vec<usize> = peers.difference(&lost).copied().collect();
        let (mine, far) = (self.name(own), self.name(node));
        let start = format!(
            "only the log of {mine} was read: whether its own port or that of {far} failed cannot be told"
        );
        if kept.is_empty() {
            start
        } else {
            let kept = self.names(kept);
            format!("{start}; that {mine} never lost {kept} speaks for the far end")
        }
    }

    fn own_losses(&self, node: usize) -> BTreeSet<usize> {
        let own = self.drops.iter().filter(|drop| drop.by == node);
        own.filter_map(|drop| drop.of).collect()
    }

    /// Within how many seconds a node lost several peers, at the worst.
    fn at_once(&self, node: usize) -> String {
        let own = self.drops.iter().filter(|drop| drop.by == node);
        let mut stamps: Vec<Timestamp> = own.filter_map(|drop| drop.began.at).collect();
        stamps.sort();
        let mut first = 0;
        let spreads = stamps.iter().map(|at| {
            while at.since(stamps[first]).seconds() > self.case.window_s {
                first += 1;
            }
            at.since(stamps[first]).0
        });
        match spreads.max() {
            Some(most) if self.own_losses(node).len() > 1 => {
                let whole = (most as f64 / 1e6).ceil().max(1.0);
                format!(", within {whole:.0} s")
            }
            _ => String::new(),
        }
    }

    /// The others never lost each other.
    fn kept_each_other(
        &self,
        node: usize,
        others: &BTreeSet<usize>,
        lost_by: &BTreeSet<usize>,
    ) -> Option<String> {
        let link = self.verdict.fault.link;
        let among = |drop: &&Drop| drop.by != node && drop.of != Some(node);
        let mut lost = self.case.drops.iter().filter(among);
        let quiet = !lost.any(|drop| link.is_none_or(|own| own == drop.link));
        let several = others.len() > 1 && lost_by.len() > 1;
        (quiet && several).then(|| format!("the others never lost each other{}", self.on()))
    }

    /// How its other links fared: no trouble, or trouble of their own.
    fn other_links(&self, node: usize) -> Option<String> {
        let own = self.verdict.fault.link?;
        let others = |link: LinkId| -> usize {
            let drops = self.case.drops.iter().filter(|drop| drop.link == link);
            let far = drops
                .filter_map(pair)
                .filter(|(a, b)| *a == node || *b == node);
            far.collect::<BTreeSet<_>>().len()
        };
        let links = self.case.links.iter().filter(|link| **link != own);
        let counted: Vec<(LinkId, usize)> = links.map(|link| (*link, others(*link))).collect();
        let named = |fits: &dyn Fn(usize) -> bool| {
            let fitting = counted.iter().filter(|(_, pairs)| fits(*pairs));
            let ids: Vec<String> = fitting.map(|(link, _)| link.to_string()).collect();
            let word = if ids.len() == 1 { "link" } else { "links" };
            (!ids.is_empty()).then(|| format!("{word} {}", explain::and(&ids)))
        };
        // A link to one peer alone may have failed at that peer.
        match (named(&|pairs| pairs == 0), named(&|pairs| pairs > 1)) {
            (Some(up), _) => Some(format!("its {up} stayed up")),
            (None, Some(down)) => Some(format!("its {down} failed at another time")),
            (None, None) => None,
        }
    }

    /// What kernels say of cards.
    fn cards(&self, nodes: &BTreeSet<usize>) -> Vec<String> {
        let mut whens: Vec<When> = self.drops.iter().map(|drop| drop.began).collect();
        whens.sort_by_key(|when| (when.at, when.order));
        let stamped = whens.iter().all(|when| when.at.is_some());
        let before = |sign: &&HostSign| match sign.earliest().filter(|_| stamped) {
            Some(earliest) => {
                let next = whens.partition_point(|when| when.at < Some(earliest));
                whens.get(next).is_some_and(|when| sign.precedes(*when))
            }
            None => whens.iter().any(|when| sign.precedes(*when)),
        };
        let signs = self.scene.signs.iter().filter(|sign| sign.is_card());
        signs
            .filter(|sign| nodes.contains(&sign.party))
            .filter(before)
            .map(|sign| sign.text.clone())
            .collect()
    }

    fn of_all(&self) -> (Vec<String>, Vec<String>) {
        let on = self.on();
        let mut pro = Vec::new();
        let mut con = Vec::new();
        let pairs: BTreeSet<(usize, usize)> = self.drops.iter().filter_map(|d| pair(d)).collect();
        let could: BTreeSet<(usize, usize)> = self.pairs();
        if self.case.rings() {
            pro.push(format!(
                "{} of {} held it for faulty, {}",
                self.observers.len(),
                count(self.asked.len(), "observer"),
                times(self.drops.len())
            ));
        } else {
            pro.push(format!(
                "{} of {} lost each other{on}{}, as {} {}",
                pairs.len(),
                count(could.len(), "pair"),
                self.within(),
                self.names(self.observers.iter().copied()),
                if self.observers.len() == 1 {
                    "says"
                } else {
                    "say"
                }
            ));
        }
        pro.extend(self.cards(&self.asked));
        let kept: Vec<String> = could
            .difference(&pairs)
            .take(3)
            .map(|(a, b)| format!("{} and {}", self.name(*a), self.name(*b)))
            .collect();
        if !kept.is_empty() && !self.case.rings() {
            con.push(format!("never lost each other{on}: {}", kept.join("; ")));
        }
        if let Some(own) = self.lone() {
            let name = self.name(own);
            con.push(format!(
                "only the log of {name} was read: its own port would look the same, and is likelier"
            ));
        }
        (pro, con)
    }

    /// Every pair of which one at least was read.
    fn pairs(&self) -> BTreeSet<(usize, usize)> {
        let asked = self.asked.iter();
        asked
            .flat_map(|by| {
                self.case.parties[*by]
                    .peers
                    .iter()
                    .map(|of| (*by.min(of), *by.max(of)))
            })
            .collect()
    }

    /// Within how many seconds everything of one time began, at the worst.
    fn within(&self) -> String {
        let mut first = None;
        let mut most: Option<i64> = None;
        for drop in &self.drops {
            match first {
                Some(start) if self.case.near(start, drop.began) => {
                    most = most.max(drop.began.since(start).map(|span| span.0.abs()));
                }
                _ => first = Some(drop.began),
            }
        }
        most.map_or_else(String::new, |most| {
            format!(" within {:.0} s", (most as f64 / 1e6).ceil().max(1.0))
        })
    }

    fn of_cut(&self, side: &BTreeSet<usize>) -> (Vec<String>, Vec<String>) {
        let across = |(a, b): &&(usize, usize)| side.contains(a) != side.contains(b);
        let could = self.pairs();
        let pairs: BTreeSet<(usize, usize)> = self.drops.iter().filter_map(|d| pair(d)).collect();
        let on = self.on();
        let mut pro = vec![format!(
            "{} of {} across lost each other{on}{}",
            pairs.len(),
            count(could.iter().filter(across).count(), "pair"),
            self.within()
        )];
        let inside = self.case.drops.iter().filter(|drop| {
            let pair = pair(drop);
            pair.is_some_and(|pair| !across(&&pair))
        });
        let mut con = Vec::new();
        match inside.count() {
            0 => pro.push("on neither side did two nodes lose each other".to_owned()),
            n => con.push(format!("{} between nodes of one side", count(n, "down"))),
        }
        let others = (0..self.case.parties.len()).filter(|n| !side.contains(n));
        for one in [side.iter().copied().collect::<Vec<_>>(), others.collect()] {
            if !one.iter().any(|n| self.has_log(*n)) {
                let names = self.names(one);
                con.push(format!(
                    "no log of {names} was read: that they all went down looks the same"
                ));
            }
        }
        (pro, con)
    }

    fn of_pair(&self, a: usize, b: usize) -> (Vec<String>, Vec<String>) {
        let on = self.on();
        let side = |by: usize, of: usize| {
            let n = self.drops.iter().filter(|drop| drop.by == by).count();
            (n > 0).then(|| format!("{} lost {} {}", self.name(by), self.name(of), times(n)))
        };
        let lost: Vec<String> = [side(a, b), side(b, a)].into_iter().flatten().collect();
        let mut pro = vec![format!("{}{on}", lost.join(", "))];
        let mut con = Vec::new();
        let link = self.verdict.fault.link;
        let involved = |n: usize| {
            self.case.drops.iter().any(|drop| {
                link.is_none_or(|own| own == drop.link)
                    && (drop.by == n || drop.of == Some(n))
                    && pair(drop) != Some((a.min(b), a.max(b)))
            })
        };
        let others: Vec<usize> = self
            .asked
            .iter()
            .copied()
            .filter(|n| ![a, b].contains(n))
            .collect();
        if !others.is_empty() && !involved(a) && !involved(b) {
            pro.push(format!("{} lost neither of them{on}", self.names(others)));
        }
        pro.extend(self.cards(&BTreeSet::from([a, b])));
        let unread: Vec<usize> = [a, b].into_iter().filter(|n| !self.has_log(*n)).collect();
        if !unread.is_empty() {
            let names = self.names(unread);
            con.push(format!(
                "the log of {names} was not read: whose end it is cannot be told"
            ));
        } else if self.case.parties.len() == 2 {
            con.push(
                "of two nodes nobody can tell whose end it is: either port, a cable or the switch"
                    .to_owned(),
            );
        } else {
            con.push("corosync does not say which direction fails: its ping needs both".to_owned());
        }
        (pro, con)
    }

    fn of_direction(&self, deaf: usize, far: usize) -> (Vec<String>, Vec<String>) {
        let (mine, other, on) = (self.name(deaf), self.name(far), self.on());
        let pro = vec![
            format!("{mine} lost {other} {}{on}", times(self.drops.len())),
            format!("{other}, whose log was read, never lost {mine}{on}"),
        ];
        let con = vec![format!(
            "corosync's ping needs both directions: that one end alone sees it fits spells as short as its timeout, or a pause of {mine}, too"
        )];
        (pro, con)
    }

    fn confidence(&self) -> &'static str {
        let verdict = self.verdict;
        let card = |node: &usize| !self.cards(&BTreeSet::from([*node])).is_empty();
        if verdict.same_as_before {
            return "low";
        }
        let clear = verdict.rival <= 0.75;
        match (&verdict.fault.who, self.lone()) {
            (_, _) if verdict.fault.host.is_some() => {
                if self.observers.len() > 1 {
                    "high"
                } else {
                    "medium"
                }
            }
            (Who::One(node), Some(own)) if own == *node && card(node) => "high",
            // All at once: its own side is likelier. One of several: the far one is.
            (Who::One(node), Some(own))
                if own == *node || self.case.parties[own].peers.len() > 2 =>
            {
                "medium"
            }
            (_, Some(_)) => "low",
            (Who::Toward(..), None) => "low",
            (Who::Pair(a, b), None) if !(self.has_log(*a) && self.has_log(*b)) => "low",
            (Who::Pair(..), None) if self.case.parties.len() == 2 => "low",
            (Who::One(node), None) if card(node) && self.observers.len() > 1 => "high",
            (Who::One(node), None) if !self.has_log(*node) => "medium",
            (Who::One(_), None) if self.is_short() => "medium",
            (_, None) if clear && verdict.precision >= 0.75 && self.observers.len() > 1 => "high",
            (_, None) if verdict.precision >= 0.3 => "medium",
            _ => "low",
        }
    }
}

fn pair(drop: &Drop) -> Option<(usize, usize)> {
    drop.of.map(|of| (drop.by.min(of), drop.by.max(of)))
}

fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn count(n: usize, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}
