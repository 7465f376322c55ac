//! Firewall rules that would keep the nodes of a cluster from hearing each other.
//! In: a `Configuration`. Out: a fault for each rule that drops UDP 5405-5412 between nodes.
//! Never: counts the policy; PVE allows corosync between nodes behind a user's own rules.

use super::Found;
use super::net::{Net, address};
use crate::config::Configuration;
use crate::config::firewall::{Firewall, Rule};
use core::net::IpAddr;

/// The ports that corosync uses: one for each link.
const PORTS: std::ops::RangeInclusive<u16> = 5405..=5412;

/// Every rule that drops, in every file.
pub fn check(configuration: &Configuration) -> Vec<Found> {
    let cluster = configuration
        .firewalls
        .iter()
        .find(|firewall| firewall.node.is_none());
    // Without a word about it the firewall is off; nobody knows where the file was not read.
    let is_off = cluster.map_or(configuration.whole, |cluster| {
        cluster.enabled() != Some(true)
    });
    if is_off {
        return Vec::new();
    }
    let peers: Vec<IpAddr> = configuration
        .corosync
        .iter()
        .flat_map(|conf| &conf.nodes)
        .flat_map(|node| {
            node.addresses
                .iter()
                .filter_map(|(_, text, _)| address(text))
        })
        .collect();
    let mut found = Vec::new();
    for firewall in &configuration.firewalls {
        // The switch of a host stands by itself; it is on unless it says otherwise.
        if firewall.node.is_some() && firewall.enabled() == Some(false) {
            continue;
        }
        let Some(rule) = dropping(firewall, cluster.unwrap_or(firewall), &peers) else {
            continue;
        };
        let mut one = Found::new("firewall-drops-corosync", None)
            .shown_by([&rule.at])
            .with("rule", rule.at.text.trim())
            .with("where", firewall.node.as_deref().unwrap_or("every node"));
        if let Some(cluster) = cluster {
            let enable = cluster.options.iter().find(|option| option.key == "enable");
            one = one.shown_by(enable.map(|option| &option.at));
        }
        one.node.clone_from(&firewall.node);
        found.push(one);
    }
    found
}

/// The rule that decides about a packet of corosync, if it drops it. The first that fits decides.
fn dropping<'f>(
    firewall: &'f Firewall,
    cluster: &'f Firewall,
    peers: &[IpAddr],
) -> Option<&'f Rule> {
    let groups = |name: &str| {
        let mut all = cluster.groups.iter().chain(&firewall.groups);
        all.find(|(known, _)| known == name).map(|(_, rules)| rules)
    };
    let rules = firewall.rules.iter().filter(|rule| !rule.disabled);
    let flat = rules.flat_map(|rule| match rule.direction.as_str() {
        "GROUP" => groups(&rule.action).map_or(Vec::new(), |rules| rules.iter().collect()),
        _ => vec![rule],
    });
    let deciding = flat
        .filter(|rule| !rule.disabled && rule.direction == "IN" && !rule.narrowed)
        .find(|rule| fits(rule, cluster, peers));
    deciding.filter(|rule| matches!(rule.action.as_str(), "DROP" | "REJECT"))
}

/// Whether a packet of corosync from a peer is one that the rule is about. Macros name ports of their own.
fn fits(rule: &Rule, cluster: &Firewall, peers: &[IpAddr]) -> bool {
    let action = matches!(rule.action.as_str(), "DROP" | "REJECT" | "ACCEPT");
    let protocol = rule
        .protocol
        .as_deref()
        .is_none_or(|protocol| protocol.eq_ignore_ascii_case("udp"));
    let ports = rule.ports.as_deref().is_none_or(|ports| {
        ports.split(',').any(|part| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
                (Ok(from), Ok(to)) => from <= *PORTS.end() && to >= *PORTS.start(),
                _ => false,
            }
        })
    });
    let source = rule.source.as_deref().is_none_or(|source| {
        let nets = networks(source, cluster);
        nets.iter()
            .any(|net| peers.iter().any(|peer| net.holds(*peer)))
    });
    action && protocol && ports && source
}

/// The networks that a source names: addresses, ranges of a set, an alias.
fn networks(source: &str, cluster: &Firewall) -> Vec<Net> {
    let named = |name: &str| {
        let short = name.replace("+dc/", "+").replace("dc/", "");
        cluster
            .names
            .iter()
            .find(|(known, _)| *known == short)
            .map(|(_, nets)| nets)
    };
    source
        .split(',')
        .flat_map(|part| match named(part) {
            Some(nets) => nets.iter().filter_map(|net| Net::parse(net)).collect(),
            None => Net::parse(part).into_iter().collect::<Vec<Net>>(),
        })
        .collect()
}
