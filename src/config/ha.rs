//! The files of HA: resources, groups, rules, and what manager and agents wrote of themselves.
//! In: documents of sections or JSON. Out: `Resource`s, `Placement`s, `Affinity`s, states of services and agents.
//! Never: decides where a guest may run; `check` does.

use super::section::{self, Section};
use super::text::{Document, Notes, Property, Spot, list};

/// A guest under HA.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// As it is written.
    pub section: Section,
    /// Its guest.
    pub guest: u32,
    /// What is asked of it; started when the file does not say.
    pub state: String,
    /// Its group, until PVE 8.
    pub group: Option<String>,
}

/// Nodes that guests are bound to: a group until PVE 8, a rule of node affinity since.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// As it is written.
    pub section: Section,
    /// The nodes.
    pub nodes: Vec<String>,
    /// Whether the others are forbidden: `restricted`, `strict`.
    pub strict: bool,
    /// The services, of a rule.
    pub services: Vec<String>,
    /// Switched off.
    pub disabled: bool,
}

/// A rule that keeps services together, or apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Affinity {
    /// As it is written.
    pub section: Section,
    /// The services.
    pub services: Vec<String>,
    /// Together.
    pub positive: bool,
    /// Switched off.
    pub disabled: bool,
}

/// How a service stood.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceState {
    /// `vm:100`.
    pub service: String,
    /// Where.
    pub node: Option<String>,
    /// `started`, `error`.
    pub state: String,
    /// The line.
    pub at: Spot,
}

/// How the agent of a node stood.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentState {
    /// The node.
    pub node: String,
    /// `active`, `wait_for_agent_lock`.
    pub state: String,
    /// The line.
    pub at: Spot,
}

impl Resource {
    /// The service id: `vm:100`.
    pub fn service(&self) -> String {
        format!("{}:{}", self.section.kind, self.section.id)
    }

    /// Whether HA would start it elsewhere when its node is lost. Of a stopped service it moves the configuration too.
    pub fn is_recovered(&self) -> bool {
        matches!(self.state.as_str(), "started" | "enabled" | "stopped")
    }
}

impl Placement {
    /// What it is called.
    pub fn id(&self) -> &str {
        &self.section.id
    }

    /// A rule, which PVE 9 has, and no group.
    pub fn is_rule(&self) -> bool {
        self.section.kind == "node-affinity"
    }
}

/// Reads ha/resources.cfg.
pub fn resources(document: &Document, notes: &mut Notes) -> Vec<Resource> {
    let keys = [
        "state",
        "group",
        "max_restart",
        "max_relocate",
        "failback",
        "comment",
        "auto-rebalance",
    ];
    let mut resources = Vec::new();
    for section in section::parse(document, &["vm", "ct"], &keys, notes) {
        match section.id.parse() {
            Ok(guest) => resources.push(Resource {
                guest,
                state: section.value("state").unwrap_or("started").to_owned(),
                group: section.value("group").map(str::to_owned),
                section,
            }),
            Err(_) => notes.broken(section.at, "a resource is `vm: NUMBER` or `ct: NUMBER`"),
        }
    }
    resources
}

/// The names of a list of nodes with priorities, `elm:2,oak`.
fn nodes(section: &Section) -> Vec<String> {
    let value = section.value("nodes").unwrap_or("");
    let name = |entry: String| entry.split(':').next().unwrap_or("").to_owned();
    list(value).into_iter().map(name).collect()
}

/// Reads ha/groups.cfg.
pub fn groups(document: &Document, notes: &mut Notes) -> Vec<Placement> {
    let keys = ["nodes", "restricted", "nofailback", "comment"];
    section::parse(document, &["group"], &keys, notes)
        .into_iter()
        .map(|section| Placement {
            nodes: nodes(&section),
            strict: section.is_set("restricted"),
            services: Vec::new(),
            disabled: false,
            section,
        })
        .collect()
}

/// Reads ha/rules.cfg.
pub fn rules(document: &Document, notes: &mut Notes) -> (Vec<Placement>, Vec<Affinity>) {
    let keys = [
        "resources",
        "nodes",
        "strict",
        "affinity",
        "disable",
        "comment",
    ];
    let mut placements = Vec::new();
    let mut affinities = Vec::new();
    let kinds = ["node-affinity", "resource-affinity"];
    let sections = match document.text.trim_start().starts_with('[') {
        true => rules_of_json(document, notes),
        false => section::parse(document, &kinds, &keys, notes),
    };
    for section in sections {
        let services = list(section.value("resources").unwrap_or(""));
        let disabled = section.is_set("disable");
        match section.kind.as_str() {
            "node-affinity" => placements.push(Placement {
                nodes: nodes(&section),
                strict: section.is_set("strict"),
                services,
                disabled,
                section,
            }),
            "resource-affinity" => affinities.push(Affinity {
                positive: section.value("affinity") == Some("positive"),
                services,
                disabled,
                section,
            }),
            _ => {}
        }
    }
    (placements, affinities)
}

/// The rules that `ha-manager rules list --output-format json` prints.
fn rules_of_json(document: &Document, notes: &mut Notes) -> Vec<Section> {
    let root = match serde_json::from_str::<serde_json::Value>(document.text) {
        Ok(root) => root,
        Err(why) => {
            notes.broken(document.head(), format!("no JSON: {why}"));
            return Vec::new();
        }
    };
    notes.understood += document.filled();
    let rules = root.as_array().into_iter().flatten();
    rules
        .filter_map(|rule| {
            let (kind, id) = (rule["type"].as_str()?, rule["rule"].as_str()?);
            let at = line_with(document, &format!("\"{id}\""));
            let value = |value: &serde_json::Value| match value {
                serde_json::Value::String(text) => Some(text.clone()),
                serde_json::Value::Bool(yes) => Some(u8::from(*yes).to_string()),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let of_rule = rule.as_object().into_iter().flatten();
            let properties = of_rule
                .filter_map(|(key, text)| {
                    Some(Property {
                        key: key.clone(),
                        value: value(text)?,
                        at: at.clone(),
                    })
                })
                .collect();
            Some(Section {
                kind: kind.to_owned(),
                id: id.to_owned(),
                at,
                properties,
            })
        })
        .collect()
}

/// Reads ha/manager_status: services, and the states of the nodes.
pub fn manager_status(document: &Document, notes: &mut Notes) -> Vec<ServiceState> {
    let root = match serde_json::from_str::<serde_json::Value>(document.text) {
        Ok(root) => root,
        Err(why) => {
            notes.broken(document.head(), format!("no JSON: {why}"));
            return Vec::new();
        }
    };
    notes.understood += document.filled();
    let services = root["service_status"].as_object().into_iter().flatten();
    services
        .map(|(service, status)| ServiceState {
            service: service.clone(),
            node: status["node"].as_str().map(str::to_owned),
            state: status["state"].as_str().unwrap_or("unknown").to_owned(),
            at: line_with(document, &format!("\"{service}\"")),
        })
        .collect()
}

/// Reads nodes/NAME/lrm_status.
pub fn lrm_status(document: &Document, notes: &mut Notes) -> Option<AgentState> {
    match serde_json::from_str::<serde_json::Value>(document.text) {
        Ok(root) => {
            notes.understood += document.filled();
            Some(AgentState {
                node: document.owner()?,
                state: root["state"].as_str().unwrap_or("unknown").to_owned(),
                at: document.head(),
            })
        }
        Err(why) => {
            notes.broken(document.head(), format!("no JSON: {why}"));
            None
        }
    }
}

/// The line of a JSON text in which a word stands. The whole may be one line, of which only the beginning is shown.
pub fn line_with(document: &Document, word: &str) -> Spot {
    let found = document.lines().find(|(_, line)| line.contains(word));
    match found {
        Some((n, line)) if line.len() > 200 => document.spot(n, &format!("… {word} …")),
        Some((n, line)) => document.spot(n, line),
        None => document.head(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_groups_and_rules_are_read() {
        let mut notes = Notes::default();
        let text = "vm: 100\n\tgroup trees\n\tstate stopped\n\nct: 200\n\nvm: many\n";
        let resources = resources(&Document::file("resources.cfg", text), &mut notes);
        assert_eq!(resources[0].service(), "vm:100");
        assert_eq!(resources[0].group.as_deref(), Some("trees"));
        assert!(resources[0].is_recovered());
        assert_eq!(resources[1].state, "started");
        assert_eq!(notes.broken.len(), 1);

        let text = "group: trees\n\tnodes elm:2,oak\n\trestricted\n";
        let groups = groups(&Document::file("groups.cfg", text), &mut notes);
        assert_eq!(groups[0].nodes, ["elm", "oak"]);
        assert!(groups[0].strict && !groups[0].is_rule());

        let text = "node-affinity: a\n\tresources vm:100, ct:200\n\tnodes elm\n\tstrict 1\n\n\
                    resource-affinity: b\n\tresources vm:100,ct:200\n\taffinity negative\n\tdisable\n";
        let (placements, affinities) = rules(&Document::file("rules.cfg", text), &mut notes);
        assert_eq!(placements[0].services, ["vm:100", "ct:200"]);
        assert!(placements[0].strict && placements[0].is_rule());
        assert!(!affinities[0].positive && affinities[0].disabled);
    }

    #[test]
    fn states_are_read_from_json() {
        let text =
            r#"{"master_node":"elm","service_status":{"vm:100":{"state":"error","node":"oak"}}}"#;
        let mut notes = Notes::default();
        let services = manager_status(&Document::file("manager_status", text), &mut notes);
        assert_eq!(
            (services[0].state.as_str(), services[0].node.as_deref()),
            ("error", Some("oak"))
        );
        let agent = lrm_status(
            &Document::file(
                "nodes/elm/lrm_status",
                r#"{"state":"active","mode":"active"}"#,
            ),
            &mut notes,
        );
        assert_eq!(agent.unwrap().node, "elm");
        assert!(manager_status(&Document::file("manager_status", "{\"a"), &mut notes).is_empty());
        assert_eq!(notes.broken.len(), 1);
    }
}
