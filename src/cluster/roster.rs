//! Who is who: hosts, node ids and names, as far as lines tell.
//! In: hosts of lines, pids of pmxcfs members, lock names, names that the manager prints. Out: `Observer`s with id and
//! name, each with its basis and the line that says so.
//! Never: guesses an id from the digits of a name.

use crate::model::{Basis, Line, Name, NodeId, Observer, SourceId};
use std::collections::BTreeMap;

/// Something that is known, how, and by which line.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// How it is known.
    pub basis: Basis,
    /// The line that says so, if a line does.
    pub line: Option<Line>,
}

impl<T> Known<T> {
    /// What the configuration of the cluster says.
    pub fn stated(value: T) -> Known<T> {
        Known {
            value,
            basis: Basis::Stated,
            line: None,
        }
    }
}

/// What is known of one node.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Its name.
    pub name: Option<Known<Name>>,
    /// Its corosync node id.
    pub id: Option<Known<NodeId>>,
    /// Whether we read its own log, or only heard of it.
    pub has_log: bool,
}

/// Spellings that are kept: as many as are found faster one by one than by their lower case.
const SPELLINGS: usize = 32;

/// Who was who.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    nodes: Vec<Identity>,
    by_name: BTreeMap<Name, Observer>,
    /// Spellings that were asked for, with whom they name: nearly every line names one of a few.
    spelled: Vec<(Box<str>, Observer)>,
    /// The id that lines of a node told last, and by which line; how often that changed with the input.
    told: BTreeMap<Observer, (NodeId, Line, u32)>,
    /// The node that lines without a host belong to, per source.
    of_source: BTreeMap<SourceId, Observer>,
    /// The line before, which the next one is nearly always like: its input, its host, and the node whose log it is in.
    latest: Option<(SourceId, Option<Name>, Observer)>,
}

impl Roster {
    /// The node whose log a line of `source` is, by its host or, where it names none, by the last host of that source.
    pub fn observer(&mut self, host: Option<&Name>, source: SourceId) -> Observer {
        match &self.latest {
            Some((of, spelled, node)) if *of == source && spelled.as_ref() == host => *node,
            _ => self.observer_anew(host, source),
        }
    }

    fn observer_anew(&mut self, host: Option<&Name>, source: SourceId) -> Observer {
        let observer = match host {
            Some(host) => {
                let observer = self.named(host);
                // Lines before the first host stay with a nameless node: nothing says that they are this host's.
                self.of_source.insert(source, observer);
                observer
            }
            None => match self.of_source.get(&source) {
                Some(&observer) => observer,
                None => {
                    let observer = self.add(Identity::default());
                    self.of_source.insert(source, observer);
                    observer
                }
            },
        };
        self.nodes[observer.0 as usize].has_log = true;
        self.latest = Some((source, host.cloned(), observer));
        observer
    }

    /// The node called `name`, which may be known only by name. A domain suffix is dropped: `pve1.lan` is `pve1`.
    pub fn named(&mut self, name: &str) -> Observer {
        let mut spelled = self.spelled.iter();
        if let Some((_, observer)) = spelled.find(|(known, _)| **known == *name) {
            return *observer;
        }
        let observer = self.called(name);
        if self.spelled.len() < SPELLINGS {
            self.spelled.push((name.into(), observer));
        }
        observer
    }

    /// The node called `name`, by the name that is the same for all spellings.
    fn called(&mut self, name: &str) -> Observer {
        if let Some(observer) = self.known(name) {
            return observer;
        }
        let name = Name::from(short_name(name));
        let key = key_of(&name);
        let observer = self.add(Identity {
            name: Some(Known {
                value: name.clone(),
                basis: Basis::Stated,
                line: None,
            }),
            ..Identity::default()
        });
        self.by_name.insert(key, observer);
        observer
    }

    /// The node that is known by this name, if one is.
    pub fn known(&self, name: &str) -> Option<Observer> {
        self.by_name.get(&key_of(name)).copied()
    }

    fn add(&mut self, identity: Identity) -> Observer {
        let observer = Observer(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(identity);
        observer
    }

    /// What is known of a node.
    pub fn identity(&self, observer: Observer) -> &Identity {
        &self.nodes[observer.0 as usize]
    }

    /// Every node, in order of appearance.
    pub fn iter(&self) -> impl Iterator<Item = (Observer, &Identity)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(n, identity)| (Observer(n as u32), identity))
    }

    /// Learns a node's own id; a firmer basis replaces a weaker one, the first of equal ones stays.
    pub fn learn_id(&mut self, observer: Observer, id: NodeId, basis: Basis, line: &Line) {
        let told = self
            .told
            .entry(observer)
            .or_insert_with(|| (id, line.clone(), 0));
        if told.0 != id {
            let other_log = told.1.place.source != line.place.source;
            *told = (id, line.clone(), told.2 + u32::from(other_log));
        }
        let slot = &mut self.nodes[observer.0 as usize].id;
        if slot.as_ref().is_none_or(|known| basis < known.basis) {
            *slot = Some(Known {
                value: id,
                basis,
                line: Some(line.clone()),
            });
        }
    }

    /// Nodes whose logs tell of two ids in turns: two nodes that have one name.
    pub fn doubles(&self) -> impl Iterator<Item = Observer> {
        let twice = |(_, (.., turns)): &(&Observer, &(NodeId, Line, u32))| *turns > 1;
        self.told.iter().filter(twice).map(|(node, _)| *node)
    }

    /// Learns an id from the configuration of the cluster.
    pub fn give_id(&mut self, observer: Observer, id: NodeId) {
        self.nodes[observer.0 as usize].id = Some(Known::stated(id));
    }

    /// Learns the name of a node whose lines name no host, or only its address.
    pub fn learn_name(&mut self, observer: Observer, name: &str, line: &Line) {
        let short = short_name(name);
        let taken = self.by_name.contains_key(&key_of(short));
        let identity = &mut self.nodes[observer.0 as usize];
        if let Some(known) = &identity.name {
            // What two logs call two names stays two nodes: their machines ran apart.
            if !is_address(&known.value) || taken {
                return;
            }
        }
        let name = Name::from(short);
        identity.name = Some(Known {
            value: name.clone(),
            basis: Basis::Inferred,
            line: Some(line.clone()),
        });
        let key = key_of(short);
        self.by_name.entry(key).or_insert(observer);
        self.spelled.clear();
        self.latest = None;
    }

    /// A node's name, if known.
    pub fn name(&self, observer: Observer) -> Option<&Name> {
        self.identity(observer)
            .name
            .as_ref()
            .map(|known| &known.value)
    }

    /// A node's id, if known.
    pub fn id(&self, observer: Observer) -> Option<NodeId> {
        self.identity(observer).id.as_ref().map(|known| known.value)
    }

    /// The node with this id, if one is known to have it.
    pub fn with_id(&self, id: NodeId) -> Option<Observer> {
        self.iter()
            .find(|(_, identity)| identity.id.as_ref().is_some_and(|known| known.value == id))
            .map(|(observer, _)| observer)
    }

    /// How to call a node: by its name, else by its id, else as the node that wrote the log.
    pub fn call(&self, observer: Observer) -> String {
        match (self.name(observer), self.id(observer)) {
            (Some(name), _) => name.to_string(),
            (None, Some(id)) => format!("node {id}"),
            (None, None) => "this node".to_owned(),
        }
    }
}

/// What a host is known by: names are one whatever their case and domain. The first spelling is shown.
pub(super) fn key_of(host: &str) -> Name {
    Name::from(short_name(host).to_lowercase().as_str())
}

/// A host name without its domain; an address stays whole.
fn short_name(host: &str) -> &str {
    match host.split_once('.') {
        Some((short, _)) if !is_address(host) && !short.is_empty() => short,
        _ => host,
    }
}

fn is_address(host: &str) -> bool {
    host.chars().all(|c| c.is_ascii_digit() || c == '.') || host.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    fn line() -> Line {
        Line {
            place: Place {
                source: SourceId(0),
                line: 1,
            },
            at: None,
            text: "x".into(),
        }
    }

    #[test]
    fn lines_without_a_host_belong_to_the_last_host_of_their_source() {
        let mut roster = Roster::default();
        let a = roster.observer(Some(&"alder".into()), SourceId(0));
        assert_eq!(roster.observer(None, SourceId(0)), a);
        assert_ne!(roster.observer(None, SourceId(1)), a);
        assert_eq!(
            roster.observer(Some(&"alder.example.org".into()), SourceId(1)),
            a
        );
    }

    #[test]
    fn an_inferred_name_never_replaces_a_stated_one() {
        let mut roster = Roster::default();
        let a = roster.observer(Some(&"alder".into()), SourceId(0));
        roster.learn_name(a, "birch", &line());
        assert_eq!(roster.call(a), "alder");
        let b = roster.observer(None, SourceId(1));
        roster.learn_name(b, "birch", &line());
        assert_eq!(roster.call(b), "birch");
        assert_eq!(roster.named("birch"), b);
    }

    #[test]
    fn addresses_are_not_cut_at_their_dots() {
        assert_eq!(short_name("10.0.0.11"), "10.0.0.11");
        assert_eq!(short_name("pve1.lan"), "pve1");
    }

    #[test]
    fn a_host_that_a_relay_calls_by_its_address_gets_the_name_that_its_own_lines_tell() {
        let mut roster = Roster::default();
        let by_address = roster.observer(Some(&"192.0.2.7".into()), SourceId(0));
        roster.learn_name(by_address, "alder", &line());
        assert_eq!(roster.call(by_address), "alder");
        assert_eq!(
            roster.observer(Some(&"192.0.2.7".into()), SourceId(0)),
            by_address
        );
        assert_eq!(roster.named("alder.example.org"), by_address);
        roster.learn_name(by_address, "birch", &line());
        assert_eq!(roster.call(by_address), "alder");
    }
}
