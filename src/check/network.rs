//! corosync.conf by itself, and against .members, the running version, and the other users of its network.
//! In: a `Configuration`. Out: a fault for each.
//! Never: guesses a netmask without saying so.

use super::Found;
use super::net::{Net, address};
use crate::config::{Configuration, Corosync, Spot};
use crate::model::{Basis, Severity};
use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

/// All of them.
pub fn check(configuration: &Configuration) -> Vec<Found> {
    let mut found = Vec::new();
    if let Some(conf) = configuration.corosync.first() {
        found.extend(one_link(conf));
        found.extend(incomplete_links(conf));
        found.extend(one_subnet(configuration, conf));
        found.extend(even_votes(conf));
        found.extend(two_node(conf));
        found.extend(token(conf));
        found.extend(shared(configuration, conf));
        found.extend(members(configuration, conf));
        found.extend(addresses(configuration, conf));
    }
    found.extend(versions(configuration));
    found.extend(names(configuration));
    found
}

fn one_link(conf: &Corosync) -> Option<Found> {
    let links = conf.links();
    let lines = conf
        .nodes
        .iter()
        .flat_map(|node| node.addresses.iter().map(|(.., at)| at));
    (links.len() == 1 && conf.nodes.len() > 1).then(|| {
        Found::new("corosync-one-link", None)
            .shown_by(lines)
            .with("nodes", conf.nodes.len())
    })
}

/// Nodes without an address on a link that others have.
fn incomplete_links(conf: &Corosync) -> Vec<Found> {
    let links = conf.links();
    let mut found = Vec::new();
    for node in &conf.nodes {
        let lacks: Vec<u32> = links
            .iter()
            .copied()
            .filter(|link| !node.addresses.iter().any(|(known, ..)| known == link))
            .collect();
        if !lacks.is_empty() {
            let names: Vec<String> = lacks.iter().map(|link| format!("link {link}")).collect();
            let mut one = Found::new("corosync-link-incomplete", names.join(", "))
                .shown_by([&node.at])
                .with("where", node.call())
                .with("links", names);
            one.node.clone_from(&node.name);
            found.push(one);
        }
    }
    found
}

/// A network, and the line that says how large it is; `None` where that is assumed.
#[derive(Clone, Debug)]
struct Sized<'c> {
    net: Net,
    by: Option<&'c Spot>,
}

/// The network of an address: as an interface of a node has it, or as a setting of the cluster names it, or of the usual size.
fn network_of(configuration: &Configuration, ip: IpAddr) -> Sized<'_> {
    let own = configuration
        .interfaces
        .iter()
        .find(|one| one.address == ip);
    let interfaces = configuration.interfaces.iter();
    let of_interfaces = interfaces.map(|one| (Net::of(one.address, one.bits), &one.at));
    let datacenter = configuration.datacenter.as_ref();
    let settings = ["migration", "replication"]
        .into_iter()
        .filter_map(|key| datacenter?.part(key, "network"))
        .map(|(network, property)| (network, &property.at));
    let aliases = configuration.firewalls.iter();
    let aliases = aliases
        .filter_map(|firewall| firewall.local_network.as_ref())
        .map(|alias| (alias.value.as_str(), &alias.at));
    let of_settings = settings
        .chain(aliases)
        .filter_map(|(text, at)| Some((Net::parse(text)?, at)));
    // A single address tells of no network.
    let single = if ip.is_ipv4() { 32 } else { 128 };
    let usual = Net::around(ip);
    let mut known: Vec<(Net, &Spot)> = match own {
        Some(own) => vec![(Net::of(own.address, own.bits), &own.at)],
        None => of_interfaces.collect(),
    };
    known.retain(|(net, _)| net.holds(ip) && net.bits() < single);
    if known.is_empty() {
        // A setting may name several networks at once by what they have in common: only a narrow one shows a size.
        let shows = |net: &Net| net.holds(ip) && (usual.bits()..single).contains(&net.bits());
        known = of_settings.filter(|(net, _)| shows(net)).collect();
    }
    // The narrowest that holds it tells most.
    match known.into_iter().max_by_key(|(net, _)| net.bits()) {
        Some((net, at)) => Sized { net, by: Some(at) },
        None => Sized {
            net: usual,
            by: None,
        },
    }
}

/// The networks of each link; empty when one of its addresses is a name.
fn networks<'c>(
    configuration: &'c Configuration,
    conf: &Corosync,
) -> BTreeMap<u32, Vec<Sized<'c>>> {
    let mut networks: BTreeMap<u32, Vec<Sized>> = BTreeMap::new();
    for (link, text, _) in conf.nodes.iter().flat_map(|node| &node.addresses) {
        let nets = networks.entry(*link).or_default();
        if let Some(ip) = address(text) {
            let sized = network_of(configuration, ip);
            if !nets.iter().any(|known| known.net == sized.net) {
                nets.push(sized);
            }
        }
    }
    networks
}

fn of_links<'c>(conf: &'c Corosync, links: &[u32]) -> Vec<&'c Spot> {
    let first = conf.nodes.first();
    let addresses = first.map_or(&[][..], |node| &node.addresses);
    let mine = addresses.iter().filter(|(link, ..)| links.contains(link));
    mine.map(|(.., at)| at).collect()
}

fn one_subnet(configuration: &Configuration, conf: &Corosync) -> Vec<Found> {
    let networks: Vec<(u32, Vec<Sized>)> = networks(configuration, conf).into_iter().collect();
    let mut found = Vec::new();
    for (n, (a, of_a)) in networks.iter().enumerate() {
        for (b, of_b) in &networks[n + 1..] {
            let same = |one: &&Sized| of_b.iter().any(|other| other.net == one.net);
            let Some(one) = of_a.iter().find(same) else {
                continue;
            };
            let note = match one.by {
                Some(_) => "",
                None => " (the size of the network is assumed, for no file shows it)",
            };
            let mut found_one = Found::new("corosync-one-subnet", format!("links {a} and {b}"))
                .shown_by(of_links(conf, &[*a, *b]))
                .shown_by(one.by)
                .with("a", *a)
                .with("b", *b)
                .with("net", one.net.to_string())
                .with("note", note);
            found_one.basis = match one.by {
                Some(_) => Basis::Inferred,
                None => Basis::Assumed,
            };
            found.push(found_one);
        }
    }
    found
}

fn even_votes(conf: &Corosync) -> Option<Found> {
    let votes = conf.votes();
    let alone = conf.device.is_none() && conf.two_node.is_none();
    if votes == 0 || votes % 2 == 1 || !alone {
        return None;
    }
    let mut found = Found::new("corosync-even-votes", None)
        .shown_by(conf.nodes.iter().map(|node| &node.at))
        .with("votes", votes)
        .with("half", votes / 2)
        .with("quorum", conf.quorum());
    if conf.nodes.len() == 2 {
        found.severity = Some(Severity::Medium);
        found = found.with("note", "; with two nodes, losing either one stops both");
    }
    Some(found)
}

fn two_node(conf: &Corosync) -> Option<Found> {
    let at = conf.two_node.as_ref()?;
    let way = match (&conf.device, conf.nodes.len()) {
        (Some(_), _) => "qdevice",
        (None, 0..=2) => "two",
        (None, _) => "more",
    };
    let note = match way {
        "qdevice" => "; together with an external vote corosync refuses it",
        "more" => "; with more than two nodes it is wrong",
        _ => "",
    };
    let waits = conf.wait_for_all.as_ref().filter(|(waits, _)| !waits);
    let mut found = Found::new("corosync-two-node", None)
        .shown_by([at])
        .with("note", note);
    if let Some((_, line)) = waits {
        found = found.shown_by([line]);
    }
    Some(found.with("nodes", conf.nodes.len()))
}

/// The token timeout set by hand. PVE itself writes a coefficient of 125 for new clusters.
fn token(conf: &Corosync) -> Option<Found> {
    let token = conf.token.as_ref();
    let coefficient = conf.token_coefficient.as_ref().filter(|(ms, _)| *ms != 125);
    let lines: Vec<&Spot> = token.iter().chain(&coefficient).map(|(_, at)| at).collect();
    if lines.is_empty() {
        return None;
    }
    let token = conf.token_ms();
    // A failed token is followed by a consensus of 1.2 times as long, all within the 60 s of the watchdog.
    let silence = token.saturating_mul(22) / 10;
    let mut found = Found::new("corosync-token", None)
        .shown_by(lines)
        .with("token_ms", token)
        .with("silence_s", silence / 1_000);
    let (way, note) = match token {
        0..1_000 => (
            "short",
            "; that is short: any hiccup of the network is taken for the loss of a node",
        ),
        20_000.. => (
            "long",
            "; that leaves HA little of the 60 s before a node fences itself",
        ),
        _ => ("fine", "; that is within reason"),
    };
    found = found.with("way", way).with("note", note);
    if way != "fine" {
        found.severity = Some(Severity::Medium);
    }
    found.basis = Basis::Inferred;
    Some(found)
}

/// Links that carry migration or storage too.
fn shared(configuration: &Configuration, conf: &Corosync) -> Vec<Found> {
    let mut found = Vec::new();
    let all = networks(configuration, conf);
    for (link, nets) in &all {
        let mut users: Vec<String> = Vec::new();
        let mut assumed = None;
        let mut lines = of_links(conf, &[*link]);
        let addresses: Vec<_> = conf
            .nodes
            .iter()
            .flat_map(|node| &node.addresses)
            .filter(|(of, ..)| of == link)
            .filter_map(|(_, text, _)| address(text))
            .collect();
        if let Some(datacenter) = &configuration.datacenter
            && let Some((network, property)) = datacenter.part("migration", "network")
            && let Some(net) = Net::parse(network)
            && addresses.iter().any(|ip| net.holds(*ip))
        {
            users.push("migration".to_owned());
            lines.push(&property.at);
        }
        for storage in configuration
            .storages
            .iter()
            .filter(|storage| !storage.disabled)
        {
            let server = ["server", "portal", "monhost"]
                .iter()
                .find_map(|key| storage.section.get(key));
            let Some(server) = server else {
                continue;
            };
            let mut hosts = server.value.split([',', ';', ' ']).filter_map(address);
            let holding = hosts.find_map(|ip| nets.iter().find(|sized| sized.net.holds(ip)));
            if let Some(sized) = holding {
                users.push(format!("storage {}", storage.id()));
                lines.push(&server.at);
                match sized.by {
                    Some(at) => lines.push(at),
                    None => assumed = Some(sized.net),
                }
            }
        }
        if users.is_empty() {
            continue;
        }
        let mut one = Found::new("corosync-network-shared", format!("link {link}"))
            .shown_by(lines)
            .with("link", *link)
            .with("users", users);
        if all.len() == 1 {
            one.severity = Some(Severity::Medium);
            one = one.with("note", ", and there is no other link");
        }
        if let Some(net) = assumed {
            one = one.with(
                "size",
                format!(" (the network is assumed to be {net}, for no file shows its size)"),
            );
        }
        one.basis = match assumed {
            Some(_) => Basis::Assumed,
            None => Basis::Inferred,
        };
        found.push(one);
    }
    found
}

/// Names and ids in .members and in corosync.conf.
fn members(configuration: &Configuration, conf: &Corosync) -> Vec<Found> {
    let mut found = Vec::new();
    for list in &configuration.members {
        for node in &conf.nodes {
            let Some(name) = &node.name else {
                continue;
            };
            let seen = list.nodes.iter().find(|member| member.name == *name);
            let what = match seen {
                None => "is not in it".to_owned(),
                Some(member)
                    if member.id.is_some() && node.id.is_some() && member.id != node.id =>
                {
                    format!(
                        "has the id {} there, not {}",
                        member.id.unwrap_or(0),
                        node.id.unwrap_or(0)
                    )
                }
                Some(_) => continue,
            };
            found.push(member_found(
                name,
                &what,
                [&node.at, seen.map_or(&list.at, |m| &m.at)],
            ));
        }
        for member in &list.nodes {
            if !conf
                .nodes
                .iter()
                .any(|node| node.name.as_ref() == Some(&member.name))
            {
                found.push(member_found(
                    &member.name,
                    "is in it, and not in corosync.conf",
                    [&member.at, &conf.at],
                ));
            }
        }
    }
    found
}

fn member_found(name: &str, what: &str, lines: [&Spot; 2]) -> Found {
    let mut found = Found::new("corosync-members-differ", None)
        .shown_by(lines)
        .with("where", name)
        .with("what", what);
    found.node = Some(name.to_owned());
    found
}

/// Addresses that corosync uses, against those of the file; and addresses that belong to another node.
fn addresses(configuration: &Configuration, conf: &Corosync) -> Vec<Found> {
    let mut found = Vec::new();
    let mut differ = |name: &str, here: (&str, &Spot), there: (&str, &Spot)| {
        let mut one = Found::new("corosync-address-differs", None)
            .shown_by([here.1, there.1])
            .with("where", name)
            .with("here", here.0)
            .with("there", there.0);
        one.node = Some(name.to_owned());
        found.push(one);
    };
    for node in &conf.nodes {
        let name = node.call();
        for status in &configuration.pasted.quorum {
            let row = status
                .members
                .iter()
                .find(|row| Some(row.id) == node.id && row.id != 0);
            // quorumtool shows one address, of the lowest link.
            if let (Some(row), Some((_, text, at))) = (row, node.addresses.first())
                && let (Some(used), Some(written)) = (address(&row.name), address(text))
                && used != written
            {
                differ(&name, (text, at), (&row.name, &row.at));
            }
        }
        let members = configuration.members.iter().flat_map(|list| &list.nodes);
        for member in members.filter(|member| Some(&member.name) == node.name.as_ref()) {
            let Some(ip) = member.ip.as_deref().and_then(address) else {
                continue;
            };
            let others = conf.nodes.iter().filter(|other| other.name != node.name);
            let mut addresses = others.flat_map(|other| &other.addresses);
            if let Some((_, text, at)) = addresses.find(|(_, text, _)| address(text) == Some(ip)) {
                differ(
                    &name,
                    (text, at),
                    (member.ip.as_deref().unwrap_or(""), &member.at),
                );
            }
        }
    }
    found
}

/// The version that runs, and those of all copies.
fn versions(configuration: &Configuration) -> Option<Found> {
    let files = configuration
        .corosync
        .iter()
        .filter_map(|conf| conf.config_version.as_ref());
    let running = configuration
        .pasted
        .quorum
        .iter()
        .filter_map(|status| status.config_version.as_ref());
    let all: Vec<&(u64, Spot)> = files.chain(running).collect();
    let versions: BTreeSet<u64> = all.iter().map(|(version, _)| *version).collect();
    (versions.len() > 1).then(|| {
        Found::new("corosync-version-differs", None)
            .shown_by(all.iter().map(|(_, at)| at))
            .with("versions", versions.into_iter().collect::<Vec<u64>>())
    })
}

/// More than one name of the cluster.
fn names(configuration: &Configuration) -> Option<Found> {
    let mut named: BTreeMap<String, Vec<&Spot>> = BTreeMap::new();
    for name in configuration
        .corosync
        .iter()
        .filter_map(|conf| conf.cluster_name.as_ref())
    {
        named.entry(name.value.clone()).or_default().push(&name.at);
    }
    for list in &configuration.members {
        if let Some(name) = &list.cluster {
            named.entry(name.clone()).or_default().push(&list.at);
        }
    }
    for status in &configuration.pasted.quorum {
        if let Some(name) = &status.cluster {
            named.entry(name.clone()).or_default().push(&status.at);
        }
    }
    (named.len() > 1).then(|| {
        let names: Vec<String> = named.keys().cloned().collect();
        Found::new("cluster-names-differ", None)
            .shown_by(named.into_values().flatten())
            .with("names", names)
    })
}
