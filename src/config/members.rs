//! .members: who pmxcfs sees.
//! In: its JSON. Out: `Members`.
//! Never: resolves a name.

use super::ha::line_with;
use super::text::{Document, Notes, Spot};

/// The list of members, as one node saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    /// The node that saw it.
    pub node: Option<String>,
    /// The name of the cluster.
    pub cluster: Option<String>,
    /// Whether it was quorate.
    pub quorate: Option<bool>,
    /// Everybody.
    pub nodes: Vec<MemberNode>,
    /// Its first line.
    pub at: Spot,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberNode {
    /// Its name.
    pub name: String,
    /// Its corosync id.
    pub id: Option<u32>,
    /// Whether it was there.
    pub online: Option<bool>,
    /// The address that its name resolves to.
    pub ip: Option<String>,
    /// The line.
    pub at: Spot,
}

/// Reads the file.
pub fn parse(document: &Document, notes: &mut Notes) -> Option<Members> {
    let root = match serde_json::from_str::<serde_json::Value>(document.text) {
        Ok(root) => root,
        Err(why) => {
            notes.broken(document.head(), format!("no JSON: {why}"));
            return None;
        }
    };
    notes.understood += document.filled();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let yes = |value: &serde_json::Value| value.as_u64().map(|n| n == 1).or(value.as_bool());
    let nodes = root["nodelist"].as_object().into_iter().flatten();
    Some(Members {
        node: text(&root["nodename"]),
        cluster: text(&root["cluster"]["name"]),
        quorate: yes(&root["cluster"]["quorate"]),
        nodes: nodes
            .map(|(name, node)| MemberNode {
                name: name.clone(),
                id: node["id"].as_u64().and_then(|id| u32::try_from(id).ok()),
                online: yes(&node["online"]),
                ip: text(&node["ip"]),
                at: line_with(document, &format!("\"{name}\": {{")),
            })
            .collect(),
        at: document.head(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_ids_and_addresses() {
        let text = "{\n\"nodename\": \"elm\",\n\"cluster\": { \"name\": \"grove\", \"quorate\": 1 },\n\"nodelist\": {\n  \"oak\": { \"id\": 2, \"online\": 0, \"ip\": \"10.1.0.2\"}\n  }\n}\n";
        let members = parse(&Document::file(".members", text), &mut Notes::default()).unwrap();
        assert_eq!(members.quorate, Some(true));
        let oak = &members.nodes[0];
        assert_eq!((oak.id, oak.online, oak.at.line), (Some(2), Some(false), 5));
    }
}
