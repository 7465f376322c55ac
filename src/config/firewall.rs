//! cluster.fw and host.fw.
//! In: a document of sections in brackets. Out: a `Firewall`: options, rules in order, groups and sets of addresses.
//! Never: judges a rule.

use super::text::{Document, Notes, Property, Spot};

/// One file of firewall rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Firewall {
    /// The node that it is for; `None` is the whole cluster.
    pub node: Option<String>,
    /// `[OPTIONS]`.
    pub options: Vec<Property>,
    /// `[RULES]`, in order.
    pub rules: Vec<Rule>,
    /// `[group NAME]`.
    pub groups: Vec<(String, Vec<Rule>)>,
    /// `[IPSET name]` and `[ALIASES]`: a name and what it stands for.
    pub names: Vec<(String, Vec<String>)>,
    /// The alias `local_network`: the network that the nodes of the cluster are in.
    pub local_network: Option<Property>,
    /// Its first line.
    pub at: Spot,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `IN`, `OUT`, `GROUP`, `FORWARD`.
    pub direction: String,
    /// `DROP`, `SSH(ACCEPT)`, or the name of a group.
    pub action: String,
    /// `-p`.
    pub protocol: Option<String>,
    /// `-dport`.
    pub ports: Option<String>,
    /// `-source`.
    pub source: Option<String>,
    /// Anything else that narrows it: `-dest`, `-sport`, `-i`.
    pub narrowed: bool,
    /// Switched off by `|` in front.
    pub disabled: bool,
    /// The line.
    pub at: Spot,
}

impl Firewall {
    /// Whether `enable` is set, when it is.
    pub fn enabled(&self) -> Option<bool> {
        let enable = self.options.iter().find(|option| option.key == "enable")?;
        Some(enable.value != "0")
    }
}

/// Where the rules that follow go.
enum Place {
    Options,
    Rules,
    Group,
    Names,
    Set,
    Elsewhere,
}

/// Reads the file.
pub fn parse(document: &Document, notes: &mut Notes) -> Firewall {
    let mut firewall = Firewall {
        node: match document.base() {
            // `local/host.fw` is that of the node whose name nobody wrote down.
            "host.fw" => Some(document.owner().unwrap_or_else(|| "its node".to_owned())),
            _ => None,
        },
        options: Vec::new(),
        rules: Vec::new(),
        groups: Vec::new(),
        names: Vec::new(),
        local_network: None,
        at: document.head(),
    };
    let mut place = Place::Elsewhere;
    for (n, line) in document.lines() {
        let text = line.split('#').next().unwrap_or("").trim();
        if text.is_empty() {
            continue;
        }
        let at = document.spot(n, line);
        notes.understood += 1;
        if let Some(head) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            place = firewall.section(head.0, &at, notes);
            continue;
        }
        match place {
            Place::Options => match text.split_once(':') {
                Some((key, value)) => firewall.options.push(Property {
                    key: key.trim().to_owned(),
                    value: value.trim().to_owned(),
                    at,
                }),
                None => notes.broken(at, "is no `key: value`"),
            },
            Place::Rules | Place::Group => match rule(text, at.clone()) {
                Some(rule) => match (&place, firewall.groups.last_mut()) {
                    (Place::Group, Some((_, rules))) => rules.push(rule),
                    _ => firewall.rules.push(rule),
                },
                None => notes.broken(at, "is no rule"),
            },
            Place::Names => {
                let mut words = text.split_whitespace();
                let name = words.next().unwrap_or("").to_owned();
                let nets: Vec<String> = words.map(str::to_owned).collect();
                if let ("local_network", [net]) = (name.as_str(), nets.as_slice()) {
                    firewall.local_network = Some(Property {
                        key: name.clone(),
                        value: net.clone(),
                        at,
                    });
                }
                firewall.names.push((name, nets));
            }
            Place::Set => {
                if let (Some((_, entries)), Some(entry)) =
                    (firewall.names.last_mut(), text.split_whitespace().next())
                {
                    entries.push(entry.to_owned());
                }
            }
            Place::Elsewhere => {}
        }
    }
    firewall
}

impl Firewall {
    fn section(&mut self, head: &str, at: &Spot, notes: &mut Notes) -> Place {
        let mut words = head.split_whitespace();
        let kind = words.next().unwrap_or("").to_lowercase();
        let name = words.next().unwrap_or("").to_owned();
        match kind.as_str() {
            "options" => Place::Options,
            "rules" => Place::Rules,
            "aliases" => Place::Names,
            "group" => {
                self.groups.push((name, Vec::new()));
                Place::Group
            }
            "ipset" => {
                self.names.push((format!("+{name}"), Vec::new()));
                Place::Set
            }
            _ => {
                notes.unknown.push(at.clone());
                Place::Elsewhere
            }
        }
    }
}

/// `|IN DROP -source 10.0.0.0/8 -p udp -dport 5405:5412 -log nolog`.
fn rule(text: &str, at: Spot) -> Option<Rule> {
    let (disabled, text) = match text.strip_prefix('|') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut words = text.split_whitespace();
    let direction = words.next()?.to_uppercase();
    if !matches!(direction.as_str(), "IN" | "OUT" | "GROUP" | "FORWARD") {
        return None;
    }
    let mut rule = Rule {
        direction,
        action: words.next()?.to_owned(),
        protocol: None,
        ports: None,
        source: None,
        narrowed: false,
        disabled,
        at,
    };
    while let Some(option) = words.next() {
        let value = words.next().map(str::to_owned);
        match option.trim_start_matches('-') {
            "p" | "proto" => rule.protocol = value,
            "dport" => rule.ports = value,
            "source" => rule.source = value,
            "log" => {}
            _ => rule.narrowed = true,
        }
    }
    Some(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_rules_groups_and_sets_are_read() {
        let text = "\
[OPTIONS]
enable: 1
[IPSET trees] # ours
10.1.0.0/24
[RULES]
|IN DROP
GROUP web
IN DROP -source +trees -p udp -dport 5405:5412 -log nolog # oops
sideways
[group web]
IN HTTP(ACCEPT)
";
        let mut notes = Notes::default();
        let firewall = parse(&Document::file("firewall/cluster.fw", text), &mut notes);
        assert_eq!(
            (firewall.enabled(), firewall.node.is_none()),
            (Some(true), true)
        );
        assert_eq!(firewall.rules.len(), 3);
        assert!(firewall.rules[0].disabled);
        let drop = &firewall.rules[2];
        assert_eq!(drop.ports.as_deref(), Some("5405:5412"));
        assert_eq!((drop.at.line, drop.narrowed), (8, false));
        assert_eq!(firewall.names[0].1, ["10.1.0.0/24"]);
        assert_eq!(firewall.groups[0].1[0].action, "HTTP(ACCEPT)");
        assert_eq!(notes.broken.len(), 1);
    }
}
