//! corosync.conf.
//! In: a document of braces and `key: value` lines. Out: `Corosync`: nodes, links, votes, timing.
//! Never: fills in a default; whoever asks does.

use super::text::{Document, Notes, Property, Spot};

/// What corosync.conf says.
#[derive(Clone, Debug, PartialEq)]
pub struct Corosync {
    /// Its first line.
    pub at: Spot,
    /// `totem.cluster_name`.
    pub cluster_name: Option<Property>,
    /// `totem.config_version`.
    pub config_version: Option<(u64, Spot)>,
    /// `nodelist.node`, in order.
    pub nodes: Vec<CorosyncNode>,
    /// `totem.token` in milliseconds.
    pub token: Option<(u64, Spot)>,
    /// `totem.token_coefficient` in milliseconds.
    pub token_coefficient: Option<(u64, Spot)>,
    /// `quorum.two_node` is 1.
    pub two_node: Option<Spot>,
    /// `quorum.wait_for_all`.
    pub wait_for_all: Option<(bool, Spot)>,
    /// `quorum.expected_votes`.
    pub expected_votes: Option<(u64, Spot)>,
    /// `quorum.device`.
    pub device: Option<Device>,
    /// Links that `totem.interface` names, with their priority if one is set, and its line or else that of its section.
    pub interfaces: Vec<(u32, Option<u64>, Spot)>,
    /// Every key with its path, `totem.token`, in order.
    pub properties: Vec<Property>,
}

/// One node of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct CorosyncNode {
    /// Its name.
    pub name: Option<String>,
    /// Its id.
    pub id: Option<u32>,
    /// Its votes; one when the file does not say.
    pub votes: u64,
    /// Links and addresses.
    pub addresses: Vec<(u32, String, Spot)>,
    /// The line of its name, or of its beginning.
    pub at: Spot,
}

/// The external vote.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Its votes, when the file says.
    pub votes: Option<u64>,
    /// `net`, as a rule.
    pub model: Option<String>,
    /// Its host.
    pub host: Option<String>,
    /// The line it begins on.
    pub at: Spot,
}

impl Corosync {
    /// The votes of the nodes.
    pub fn node_votes(&self) -> u64 {
        self.nodes.iter().map(|node| node.votes).sum()
    }

    /// The votes of nodes and device; a device that does not say gives one, as PVE sets it up.
    pub fn votes(&self) -> u64 {
        let device = self.device.as_ref();
        self.node_votes() + device.map_or(0, |device| device.votes.unwrap_or(1))
    }

    /// Votes that quorum needs.
    pub fn quorum(&self) -> u64 {
        let expected = self.expected_votes.as_ref().map(|(votes, _)| *votes);
        expected.unwrap_or_else(|| self.votes()) / 2 + 1
    }

    /// The token timeout that results: what is set or 3000 ms, and so much more for each node beyond two.
    pub fn token_ms(&self) -> u64 {
        let token = self.token.as_ref().map_or(3_000, |(token, _)| *token);
        let more = self.token_coefficient.as_ref().map_or(650, |(ms, _)| *ms);
        let beyond = self.nodes.len().saturating_sub(2) as u64;
        token.saturating_add(more.saturating_mul(beyond))
    }

    /// The priority of a link, when the file sets one.
    pub fn priority(&self, link: u32) -> Option<u64> {
        let set = self.interfaces.iter().filter(|(of, ..)| *of == link);
        set.filter_map(|(_, priority, _)| *priority).next_back()
    }

    /// The links of all nodes, in order.
    pub fn links(&self) -> Vec<u32> {
        let mut links: Vec<u32> = self
            .nodes
            .iter()
            .flat_map(|node| node.addresses.iter().map(|(link, ..)| *link))
            .collect();
        links.sort_unstable();
        links.dedup();
        links
    }
}

/// Keys that PVE writes, and those that people add.
const KNOWN: &[&str] = &[
    "logging.debug",
    "logging.to_syslog",
    "logging.to_stderr",
    "logging.to_logfile",
    "logging.logfile",
    "logging.timestamp",
    "logging.logger_subsys.subsys",
    "logging.logger_subsys.debug",
    "nodelist.node.name",
    "nodelist.node.nodeid",
    "nodelist.node.quorum_votes",
    "quorum.provider",
    "quorum.two_node",
    "quorum.wait_for_all",
    "quorum.expected_votes",
    "quorum.last_man_standing",
    "quorum.auto_tie_breaker",
    "quorum.device.model",
    "quorum.device.votes",
    "quorum.device.net.algorithm",
    "quorum.device.net.host",
    "quorum.device.net.tls",
    "quorum.device.net.port",
    "totem.cluster_name",
    "totem.config_version",
    "totem.interface.linknumber",
    "totem.interface.ringnumber",
    "totem.interface.bindnetaddr",
    "totem.interface.knet_link_priority",
    "totem.interface.knet_transport",
    "totem.interface.knet_ping_interval",
    "totem.interface.knet_ping_timeout",
    "totem.interface.knet_pong_count",
    "totem.interface.mcastaddr",
    "totem.interface.mcastport",
    "totem.ip_version",
    "totem.link_mode",
    "totem.rrp_mode",
    "totem.secauth",
    "totem.transport",
    "totem.version",
    "totem.token",
    "totem.token_coefficient",
    "totem.token_retransmit",
    "totem.token_retransmits_before_loss_const",
    "totem.consensus",
    "totem.join",
    "totem.hold",
    "totem.merge",
    "totem.knet_mtu",
    "totem.netmtu",
    "totem.window_size",
    "totem.max_messages",
    "totem.crypto_cipher",
    "totem.crypto_hash",
    "totem.keyfile",
];

/// Reads the file.
pub fn parse(document: &Document, notes: &mut Notes) -> Corosync {
    let mut corosync = Corosync {
        at: document.head(),
        cluster_name: None,
        config_version: None,
        nodes: Vec::new(),
        token: None,
        token_coefficient: None,
        two_node: None,
        wait_for_all: None,
        expected_votes: None,
        device: None,
        interfaces: Vec::new(),
        properties: Vec::new(),
    };
    let mut open: Vec<(String, Spot)> = Vec::new();
    for (n, line) in document.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let at = document.spot(n, line);
        if let Some(name) = text.strip_suffix('{') {
            notes.understood += 1;
            open.push((name.trim().to_owned(), at.clone()));
            corosync.begin(&path(&open), at);
        } else if text == "}" {
            match open.pop() {
                Some(_) => notes.understood += 1,
                None => notes.broken(at, "closes a section that nothing opened"),
            }
        } else if let Some((key, value)) = text.split_once(':') {
            let key = match path(&open) {
                outside if outside.is_empty() => key.trim().to_owned(),
                section => format!("{section}.{}", key.trim()),
            };
            notes.understood += 1;
            let property = Property {
                key,
                value: value.trim().to_owned(),
                at,
            };
            corosync.set(&property, notes);
            corosync.properties.push(property);
        } else {
            notes.broken(at, "is neither a section nor `key: value`");
        }
    }
    for (name, at) in open {
        notes.broken(at, format!("opens the section `{name}`, which never ends"));
    }
    corosync
}

fn path(open: &[(String, Spot)]) -> String {
    let names: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
    names.join(".")
}

impl Corosync {
    fn begin(&mut self, section: &str, at: Spot) {
        match section {
            "nodelist.node" => self.nodes.push(CorosyncNode {
                name: None,
                id: None,
                votes: 1,
                addresses: Vec::new(),
                at,
            }),
            "quorum.device" => {
                self.device = Some(Device {
                    votes: None,
                    model: None,
                    host: None,
                    at,
                });
            }
            "totem.interface" => self.interfaces.push((0, None, at)),
            _ => {}
        }
    }

    fn set(&mut self, property: &Property, notes: &mut Notes) {
        let at = || property.at.clone();
        let number = || property.value.parse::<u64>().ok();
        let wants_number = match property.key.as_str() {
            "totem.cluster_name" => {
                self.cluster_name = Some(property.clone());
                false
            }
            "totem.config_version" => {
                self.config_version = number().map(|n| (n, at()));
                true
            }
            "totem.token" => {
                self.token = number().map(|n| (n, at()));
                true
            }
            "totem.token_coefficient" => {
                self.token_coefficient = number().map(|n| (n, at()));
                true
            }
            "totem.interface.linknumber" | "totem.interface.ringnumber" => {
                if let (Some(interface), Some(link)) = (self.interfaces.last_mut(), small(number()))
                {
                    interface.0 = link;
                }
                true
            }
            "totem.interface.knet_link_priority" => {
                if let Some(interface) = self.interfaces.last_mut() {
                    interface.1 = number();
                    interface.2 = at();
                }
                true
            }
            "quorum.two_node" => {
                self.two_node = (number() == Some(1)).then(at);
                true
            }
            "quorum.wait_for_all" => {
                self.wait_for_all = number().map(|n| (n == 1, at()));
                true
            }
            "quorum.expected_votes" => {
                self.expected_votes = number().map(|n| (n, at()));
                true
            }
            "quorum.device.votes" => {
                if let Some(device) = &mut self.device {
                    device.votes = number();
                }
                true
            }
            "quorum.device.model" => {
                if let Some(device) = &mut self.device {
                    device.model = Some(property.value.clone());
                }
                false
            }
            "quorum.device.net.host" => {
                if let Some(device) = &mut self.device {
                    device.host = Some(property.value.clone());
                }
                false
            }
            key => match (key.strip_prefix("nodelist.node."), self.nodes.last_mut()) {
                (Some(key), Some(node)) => node.set(key, property, notes),
                _ => {
                    if !KNOWN.contains(&key) {
                        notes.unknown.push(at());
                    }
                    false
                }
            },
        };
        if wants_number && number().is_none() {
            notes.broken(at(), format!("`{}` is no number", property.value));
        }
    }
}

impl CorosyncNode {
    /// Sets a key of the node; true when it has to be a number.
    fn set(&mut self, key: &str, property: &Property, notes: &mut Notes) -> bool {
        let number = property.value.parse::<u64>().ok();
        match key {
            "name" => {
                self.name = Some(property.value.clone());
                self.at = property.at.clone();
            }
            "nodeid" => {
                self.id = small(number);
                return true;
            }
            "quorum_votes" => {
                self.votes = number.unwrap_or(self.votes);
                return true;
            }
            key => {
                let link = key
                    .strip_prefix("ring")
                    .and_then(|k| k.strip_suffix("_addr"));
                match link.and_then(|link| link.parse::<u32>().ok()) {
                    Some(link) => {
                        let address = property.value.clone();
                        self.addresses.push((link, address, property.at.clone()));
                    }
                    None => notes.unknown.push(property.at.clone()),
                }
            }
        }
        false
    }

    /// What it is called: its name, or else its id.
    pub fn call(&self) -> String {
        match (&self.name, self.id) {
            (Some(name), _) => name.clone(),
            (None, Some(id)) => format!("node {id}"),
            (None, None) => "a node without a name".to_owned(),
        }
    }
}

fn small(number: Option<u64>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
totem {
  cluster_name: grove
  config_version: 7
  interface {
    linknumber: 1
    knet_link_priority: 10
  }
  token: 5000
  colour: green
}
nodelist {
  node {
    name: elm
    nodeid: 1
    quorum_votes: 1
    ring0_addr: 10.1.0.1
    ring1_addr: 10.2.0.1
  }
  node {
    name: oak
    nodeid: two
    ring0_addr: 10.1.0.2
  }
}
quorum {
  provider: corosync_votequorum
  device {
    model: net
    votes: 1
    net {
      host: 10.9.0.9
    }
  }
nonsense
";

    #[test]
    fn nodes_links_votes_and_timing_are_read() {
        let mut notes = Notes::default();
        let conf = parse(&Document::file("corosync.conf", TEXT), &mut notes);
        assert_eq!(conf.cluster_name.as_ref().unwrap().value, "grove");
        assert_eq!(conf.config_version.as_ref().unwrap().0, 7);
        assert_eq!(
            (conf.votes(), conf.quorum(), conf.token_ms()),
            (3, 2, 5_000)
        );
        assert_eq!(conf.links(), [0, 1]);
        assert_eq!(conf.nodes[0].addresses[1].1, "10.2.0.1");
        assert_eq!(conf.nodes[0].at.line, 13);
        assert_eq!(conf.interfaces[0].0, 1);
        assert_eq!(
            conf.device.as_ref().unwrap().host.as_deref(),
            Some("10.9.0.9")
        );
        let unknown: Vec<u64> = notes.unknown.iter().map(|at| at.line).collect();
        assert_eq!(unknown, [9]);
        let broken: Vec<&str> = notes.broken.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(
            broken,
            [
                "`two` is no number",
                "is neither a section nor `key: value`",
                "opens the section `quorum`, which never ends"
            ]
        );
    }

    #[test]
    fn eight_nodes_have_the_token_of_the_founding_log() {
        let nodes: String = (1..=8)
            .map(|n| format!(" node {{\n nodeid: {n}\n }}\n"))
            .collect();
        let text = format!("nodelist {{\n{nodes}}}\n");
        let conf = parse(
            &Document::file("corosync.conf", &text),
            &mut Notes::default(),
        );
        assert_eq!(
            (conf.token_ms(), conf.votes(), conf.quorum()),
            (6_900, 8, 5)
        );
    }
}
