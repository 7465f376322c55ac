//! What lines state of things that a configuration states too, so that both can be held side by side.
//! In: lines of corosync and pmxcfs. Out: the latest statement of each node about each thing, with its line.
//! Never: concludes anything; compares; keeps what a later reading of the configuration may have changed.

use super::Seen;
use crate::event::corosync::{
    Corosync, cfg::Cfg, knet::Knet, main::Main, quorum::Quorum, totem::Totem,
    votequorum::Votequorum,
};
use crate::event::{Kind, pmxcfs::Pmxcfs};
use crate::model::{Line, LinkId, Name, NodeId, Observer};
use std::collections::BTreeMap;

/// What a line states.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// A host of this name runs corosync.
    Host(Name),
    /// A node of this id is a member or a peer.
    Id(NodeId),
    /// The host that logs has this id.
    OwnId(Name, NodeId),
    /// The name of the cluster.
    Cluster(Box<str>),
    /// The version of the configuration that runs.
    Version(u64),
    /// The token timeout in milliseconds.
    Token(u32),
    /// The token was missing for so many milliseconds when the warning came; the shortest of them.
    Notice(u32),
    /// Expected votes.
    Expected(u32),
    /// There is a link of this number.
    Link(LinkId),
    /// The address of the host that logs on this link.
    Address(Name, LinkId, Box<str>),
    /// The priority of a link.
    Priority(LinkId, u32),
    /// How the links are used.
    Mode {
        /// One link at a time is used.
        passive: bool,
    },
}

/// A statement, whose it is, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The node that logged it.
    pub node: Observer,
    /// What.
    pub what: Statement,
    /// Its latest line.
    pub line: Line,
    /// The line by which corosync read its configuration anew, if one stands before it.
    pub read: Option<Line>,
}

/// The statements that nothing has overtaken.
#[derive(Debug, Default)]
pub struct Sayings {
    latest: BTreeMap<(Observer, (u8, u32)), Said>,
    read: BTreeMap<Observer, Line>,
}

impl Sayings {
    /// Takes one event.
    pub fn step(&mut self, seen: &Seen<'_>) {
        match &seen.event.kind {
            Kind::Corosync(message) => {
                self.host(seen);
                self.corosync(message, seen);
            }
            Kind::Pmxcfs(_, Pmxcfs::ClusterInfo { name, version }) => {
                self.say(seen, Statement::Cluster(name.clone()));
                self.say(seen, Statement::Version(*version));
            }
            Kind::Pmxcfs(_, Pmxcfs::LeftGroup { member }) => {
                if let Some(host) = &seen.event.host {
                    self.say(seen, Statement::OwnId(host.clone(), member.node));
                }
            }
            _ => {}
        }
    }

    /// What still stands, in the order of nodes.
    pub fn standing(&self) -> impl Iterator<Item = &Said> {
        self.latest.values()
    }

    fn corosync(&mut self, message: &Corosync, seen: &Seen<'_>) {
        match message {
            Corosync::Cfg(Cfg::Reload { .. }) => {
                // Everybody reads the file anew, and what was said before may have been true of the file before.
                self.latest
                    .retain(|_, said| matches!(said.what, Statement::Cluster(_)));
                self.read.insert(seen.node, seen.line());
            }
            Corosync::Main(Main::Starting { .. }) => {
                let (node, host) = (seen.node, &seen.event.host);
                self.latest.retain(|(of, _), _| *of != node);
                self.read.insert(node, seen.line());
                if let Some(host) = host {
                    self.say(seen, Statement::Host(host.clone()));
                }
            }
            Corosync::Cfg(Cfg::ConfigVersion { mine, .. }) => {
                self.say(seen, Statement::Version(*mine));
            }
            Corosync::Totem(Totem::TokenLost {
                token_ms: Some(ms), ..
            }) => self.say(seen, Statement::Token(*ms)),
            Corosync::Totem(Totem::TokenWarning { ms }) => self.notice(seen, *ms),
            Corosync::Totem(Totem::ConfiguringLink { link }) => {
                self.say(seen, Statement::Link(*link));
            }
            Corosync::Votequorum(Votequorum::WaitForAll { expected, .. }) => {
                self.say(seen, Statement::Expected(*expected));
            }
            Corosync::Quorum(Quorum::Members { nodes, .. } | Quorum::SyncMembers { nodes, .. }) => {
                for id in nodes {
                    self.say(seen, Statement::Id(*id));
                }
            }
            Corosync::Knet(said) => self.knet(said, seen),
            _ => {}
        }
    }

    fn knet(&mut self, message: &Knet, seen: &Seen<'_>) {
        match message {
            Knet::LinkDown { peer, link } | Knet::LinkUp { peer, link } => {
                self.say(seen, Statement::Id(*peer));
                self.say(seen, Statement::Link(*link));
            }
            Knet::LinkSelected {
                peer,
                link: Some(link),
                priority,
            } => {
                self.say(seen, Statement::Id(*peer));
                self.say(seen, Statement::Mode { passive: true });
                // Before its links are set up a host is said to use link 0 with the priority 0, whatever the file says.
                if let Some(priority) = priority.filter(|priority| *priority > 0) {
                    self.say(seen, Statement::Link(*link));
                    self.say(seen, Statement::Priority(*link, priority));
                }
            }
            Knet::ActiveLinks { peer, .. } => {
                self.say(seen, Statement::Id(*peer));
                self.say(seen, Statement::Mode { passive: false });
            }
            Knet::LinkConfigured { link, address, .. } => {
                self.say(seen, Statement::Link(*link));
                if let Some(host) = &seen.event.host {
                    self.say(
                        seen,
                        Statement::Address(host.clone(), *link, address.clone()),
                    );
                }
            }
            _ => {}
        }
    }

    /// A host is told by the first of its lines of corosync, for there are too many to keep the latest; pmxcfs runs without a
    /// cluster too.
    fn host(&mut self, seen: &Seen<'_>) {
        if let Some(host) = &seen.event.host
            && !self.latest.contains_key(&(seen.node, HOST))
        {
            self.say(seen, Statement::Host(host.clone()));
        }
    }

    /// The shortest notice bounds the timeout best.
    fn notice(&mut self, seen: &Seen<'_>, ms: u32) {
        let known = self.latest.get(&(seen.node, NOTICE));
        let shorter = known.is_none_or(|said| match said.what {
            Statement::Notice(known) => ms < known,
            _ => true,
        });
        if shorter {
            self.say(seen, Statement::Notice(ms));
        }
    }

    fn say(&mut self, seen: &Seen<'_>, what: Statement) {
        let said = Said {
            node: seen.node,
            line: seen.line(),
            read: self.read.get(&seen.node).cloned(),
            what,
        };
        self.latest.insert((seen.node, said.what.about()), said);
    }
}

const HOST: (u8, u32) = (0, 0);
const NOTICE: (u8, u32) = (6, 0);

impl Statement {
    /// What it is about: a later statement of the same node about it takes its place.
    fn about(&self) -> (u8, u32) {
        match self {
            Statement::Host(_) => HOST,
            Statement::Id(id) => (1, id.0),
            Statement::OwnId(..) => (2, 0),
            Statement::Cluster(_) => (3, 0),
            Statement::Version(_) => (4, 0),
            Statement::Token(_) => (5, 0),
            Statement::Notice(_) => NOTICE,
            Statement::Expected(_) => (7, 0),
            Statement::Link(link) => (8, link.0),
            Statement::Address(_, link, _) => (9, link.0),
            Statement::Priority(link, _) => (10, link.0),
            Statement::Mode { .. } => (11, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cluster, given::Given};
    use crate::model::When;
    use crate::run::examples;

    fn standing(log: &str) -> Vec<Statement> {
        let mut cluster = Cluster::given(&Given {
            compared: true,
            ..Given::default()
        });
        let mut changes = Vec::new();
        for (n, event) in examples::events(log).iter().enumerate() {
            let when = When {
                at: event.at,
                order: n as u64 + 1,
            };
            cluster.step(event, when, &mut changes);
        }
        cluster.said().map(|said| said.what.clone()).collect()
    }

    #[test]
    fn the_latest_word_of_a_node_stands_until_the_file_is_read_anew() {
        let lost = |ms: u32| {
            format!(
                "Mar 03 10:00:00 elm corosync[812]:   [TOTEM ] A processor failed, forming new configuration: token timed out ({ms}ms), waiting 1ms for consensus.\n"
            )
        };
        let tokens = |log: &str| -> Vec<Statement> {
            let all = standing(log).into_iter();
            all.filter(|what| matches!(what, Statement::Token(_)))
                .collect()
        };
        assert_eq!(
            tokens(&(lost(3_650) + &lost(4_300))),
            [Statement::Token(4_300)]
        );
        let reload =
            "Mar 03 10:00:01 oak corosync[812]:   [CFG   ] Config reload requested by node 1\n";
        assert_eq!(tokens(&(lost(3_650) + reload)), []);
        let start = "Mar 03 10:00:01 oak corosync[812]:   [MAIN  ] Corosync Cluster Engine 3.1.9 starting up\n";
        assert_eq!(
            tokens(&(lost(3_650) + start)),
            [Statement::Token(3_650)],
            "another node began"
        );
    }

    #[test]
    fn the_priority_before_the_links_are_set_up_is_none() {
        let line = |priority: u32| {
            format!(
                "Mar 03 10:00:00 elm corosync[812]:   [KNET  ] host: host: 2 (passive) best link: 0 (pri: {priority})\n"
            )
        };
        let has = |log: &str, what: &Statement| standing(log).contains(what);
        assert!(!has(&line(0), &Statement::Priority(LinkId(0), 0)));
        assert!(has(
            &(line(0) + &line(10)),
            &Statement::Priority(LinkId(0), 10)
        ));
    }

    #[test]
    fn nothing_is_kept_when_there_is_nothing_to_compare_with() {
        let cluster = Cluster::given(&Given::default());
        assert_eq!(cluster.said().count(), 0);
    }
}
