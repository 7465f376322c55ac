//! What the admin wrote, and what the cluster said of itself: typed, with the line of everything.
//! In: texts of configuration files, reports and pasted status. Out: a `Configuration`.
//! Never: judges; drops a file, a key or a line in silence.

pub mod corosync_conf;
pub mod datacenter;
pub mod firewall;
pub mod form;
pub mod guest;
pub mod ha;
pub mod interfaces;
pub mod members;
pub mod pasted;
pub mod pvereport;
pub mod replication;
pub mod section;
pub mod storage;
#[cfg(test)]
mod tests;
pub mod text;

use crate::input;
pub use corosync_conf::Corosync;
pub use form::Form;
pub use guest::{Disk, Guest};
pub use ha::{Affinity, Placement, Resource};
pub use replication::{Job, JobState};
pub use section::Section;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
pub use storage::Storage;
pub use text::{Document, Notes, Property, Spot};

/// Everything that was read. What is not in it was not read, which is not the same as not being there: see `knows`.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What was read.
    pub files: Vec<File>,
    /// The forms that were read, or of which a whole copy shows that there are none.
    known: BTreeSet<&'static str>,
    /// What was read is all there is.
    pub whole: bool,
    /// The major version of PVE, with its line.
    pub version: Option<(u32, Spot)>,
    /// corosync.conf; several when a node's own copy was read too.
    pub corosync: Vec<Corosync>,
    /// storage.cfg.
    pub storages: Vec<Storage>,
    /// replication.cfg.
    pub jobs: Vec<Job>,
    /// How the jobs stood.
    pub job_states: Vec<JobState>,
    /// ha/resources.cfg.
    pub resources: Vec<Resource>,
    /// ha/groups.cfg.
    pub groups: Vec<Placement>,
    /// Node affinity of ha/rules.cfg.
    pub rules: Vec<Placement>,
    /// Resource affinity of ha/rules.cfg.
    pub affinities: Vec<Affinity>,
    /// How services stood.
    pub services: Vec<ha::ServiceState>,
    /// How agents stood.
    pub agents: Vec<ha::AgentState>,
    /// Guests.
    pub guests: Vec<Guest>,
    /// datacenter.cfg.
    pub datacenter: Option<datacenter::Datacenter>,
    /// jobs.cfg.
    pub backups: Vec<Section>,
    /// .members.
    pub members: Vec<members::Members>,
    /// cluster.fw, host.fw.
    pub firewalls: Vec<firewall::Firewall>,
    /// Addresses of nodes with the size of their networks.
    pub interfaces: Vec<interfaces::Interface>,
    /// Status of commands.
    pub pasted: pasted::Pasted,
    /// Nodes that have a folder below nodes/.
    pub folders: BTreeSet<String>,
    /// What a reader should know about how this was read.
    pub remarks: Vec<String>,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// As it was named.
    pub name: String,
    /// The node that it was taken on.
    pub node: Option<String>,
    /// What was recognised in it; empty when nothing was.
    pub forms: Vec<Form>,
    /// All lines.
    pub lines: u64,
    /// Lines without anything.
    pub blank: u64,
    /// Lines that are comments, or commands of a report.
    pub comments: u64,
    /// What could not be used of it.
    pub notes: Notes,
}

/// Reads what `paths` name: files, directories, `-`. What cannot be read is told beside it.
pub fn read(paths: &[PathBuf]) -> (Configuration, Vec<input::Error>) {
    let small = input::small::read(paths);
    let texts: Vec<(&str, &str)> = small
        .files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut configuration = from_texts(&texts);
    configuration.remarks.extend(small.remarks);
    (configuration, small.errors)
}

/// Reads files that were found beside logs. What holds nothing of a configuration is left out.
pub fn beside(sources: Vec<input::Source>) -> Option<Configuration> {
    let small = input::small::of(sources);
    let texts: Vec<(&str, &str)> = small
        .files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut configuration = from_texts(&texts);
    configuration.files.retain(|file| !file.forms.is_empty());
    configuration.remarks.extend(small.remarks);
    configuration
        .remarks
        .extend(small.errors.iter().map(ToString::to_string));
    configuration.is_recognised().then_some(configuration)
}

/// Whether a file of a folder of logs may hold configuration: by its name, or because it begins as a report does.
pub fn may_hold(name: &str, start: &[u8]) -> bool {
    let start = String::from_utf8_lossy(start);
    let of_guest = ["/qemu-server/", "/lxc/"]
        .iter()
        .any(|part| name.contains(part));
    match form::by_name(&Document::file(name, "")) {
        Some(Form::Guest(..)) => of_guest,
        Some(_) => true,
        None => pvereport::is_report(&start),
    }
}

/// Whether a text that begins so is a report of support.
pub fn is_report(start: &[u8]) -> bool {
    pvereport::is_report(&String::from_utf8_lossy(start))
}

/// Reads texts, each with the name of its file.
pub fn from_texts(texts: &[(&str, &str)]) -> Configuration {
    let mut configuration = Configuration::default();
    for (name, text) in texts {
        configuration.file(name, text);
    }
    configuration.settle();
    if is_whole_copy(texts.iter().map(|(name, _)| *name)) {
        configuration.is_whole();
    }
    configuration
}

/// Whether files are a copy of /etc/pve: folders of nodes, and beside them the files of the cluster.
fn is_whole_copy<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let (mut roots, mut tops) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        if let Some((root, rest)) = name.rsplit_once("nodes/")
            && (root.is_empty() || root.ends_with('/'))
            && rest.contains('/')
        {
            roots.insert(root);
        } else if let Some(root) = ["storage.cfg", "corosync.conf"]
            .iter()
            .find_map(|top| name.strip_suffix(top))
        {
            tops.insert(root);
        }
    }
    roots.intersection(&tops).next().is_some()
}

impl Configuration {
    /// Whether anything was recognised.
    pub fn is_recognised(&self) -> bool {
        self.files.iter().any(|file| !file.forms.is_empty())
    }

    /// Whether a file of this form was read, or is known not to be there.
    pub fn knows(&self, form: Form) -> bool {
        self.known.contains(form.word())
    }

    /// Says that what was read is all there is: a file that is missing does not exist.
    pub fn is_whole(&mut self) {
        self.whole = true;
        for form in [
            Form::Corosync,
            Form::Storage,
            Form::Replication,
            Form::Resources,
            Form::Groups,
            Form::Rules,
            Form::Guest(None, false),
            Form::Datacenter,
            Form::Jobs,
            Form::Firewall,
        ] {
            self.known.insert(form.word());
        }
    }

    /// The nodes of the cluster by the firmest list there is: corosync.conf, .members, then whatever names one.
    pub fn nodes(&self) -> BTreeSet<String> {
        let listed: BTreeSet<String> = self
            .corosync
            .iter()
            .flat_map(|conf| conf.nodes.iter().filter_map(|node| node.name.clone()))
            .collect();
        if !listed.is_empty() {
            return listed;
        }
        let members = self.members.iter().flat_map(|list| &list.nodes);
        let seen: BTreeSet<String> = members.map(|node| node.name.clone()).collect();
        if !seen.is_empty() {
            return seen;
        }
        let mut named = self.folders.clone();
        named.extend(self.agents.iter().map(|agent| agent.node.clone()));
        named.extend(
            self.groups
                .iter()
                .chain(&self.rules)
                .flat_map(|p| p.nodes.clone()),
        );
        named.extend(
            self.jobs
                .iter()
                .flat_map(|job| [job.target.clone(), job.source.clone()])
                .flatten(),
        );
        named.extend(
            self.storages
                .iter()
                .filter_map(|storage| storage.nodes.clone())
                .flatten(),
        );
        named.extend(self.guests.iter().filter_map(|guest| guest.node.clone()));
        named
    }

    /// Whether the nodes are listed somewhere, and not only gathered from what happens to name them.
    pub fn nodes_are_listed(&self) -> bool {
        !self.corosync.is_empty() || !self.members.is_empty()
    }

    /// Names of the nodes by their corosync ids.
    pub fn node_ids(&self) -> BTreeMap<u32, String> {
        let mut ids = BTreeMap::new();
        for node in self.members.iter().flat_map(|list| &list.nodes) {
            ids.extend(node.id.map(|id| (id, node.name.clone())));
        }
        for node in self.corosync.iter().flat_map(|conf| &conf.nodes) {
            ids.extend(node.id.zip(node.name.clone()));
        }
        ids
    }

    /// Names of the nodes by their ids, also from what `pvecm nodes` printed where no file lists them.
    pub fn names(&self) -> BTreeMap<u32, String> {
        let mut ids = self.node_ids();
        if ids.is_empty() {
            let rows = self.pasted.quorum.iter().flat_map(|status| &status.members);
            // `pvecm status` shows addresses in the place of names, and the external vote beside the nodes.
            let named = rows.filter(|row| {
                let address = row.name.parse::<core::net::IpAddr>().is_ok();
                row.id != 0 && !address && !row.name.is_empty()
            });
            ids.extend(named.map(|row| (row.id, row.name.clone())));
        }
        ids
    }

    /// The storage of an id.
    pub fn storage(&self, id: &str) -> Option<&Storage> {
        self.storages.iter().find(|storage| storage.id() == id)
    }

    /// The rule that binds a service, of which nobody wrote down to which nodes: only its row in a table was pasted.
    pub fn vague_rule(&self, service: &str) -> Option<&pasted::RuleRow> {
        self.pasted.rules.iter().find(|row| {
            let read = self.rules.iter().any(|rule| rule.id() == row.id);
            let binds = row.services.iter().any(|known| known == service);
            row.kind == "node-affinity" && row.enabled && binds && !read
        })
    }

    /// The guest of a number.
    pub fn guest(&self, id: u32) -> Option<&Guest> {
        self.guests.iter().find(|guest| guest.id == id)
    }

    /// Reads one file, part by part.
    fn file(&mut self, name: &str, text: &str) {
        let mut notes = Notes::default();
        let mut forms: Vec<Form> = Vec::new();
        // A file that PVE names is itself; its comments may look like the commands of a report.
        let whole = Document::file(name, text);
        let parts = match form::by_name(&whole) {
            Some(_) => vec![whole],
            None => pvereport::parts(name, text),
        };
        let node = parts.iter().find_map(Document::owner);
        self.folders.extend(Document::file(name, "").owner());
        for part in &parts {
            let form = form::of(part);
            if self.part(part, form, &mut notes) && !forms.contains(&form) {
                forms.push(form);
            }
        }
        self.files.push(File {
            name: name.to_owned(),
            node,
            forms,
            lines: text.lines().count() as u64,
            blank: text.lines().filter(|line| line.trim().is_empty()).count() as u64,
            comments: text
                .lines()
                .filter(|line| line.trim_start().starts_with('#'))
                .count() as u64,
            notes,
        });
    }

    /// Reads one part; false when nothing was recognised in it.
    fn part(&mut self, part: &Document, form: Form, notes: &mut Notes) -> bool {
        match form {
            Form::Corosync => {
                let conf = corosync_conf::parse(part, notes);
                if conf.properties.is_empty() {
                    return false;
                }
                self.corosync.push(conf);
            }
            Form::Storage => self.storages.extend(storage::parse(part, notes)),
            Form::Replication => self.jobs.extend(replication::parse(part, notes)),
            Form::ReplicationState => self.job_states.extend(replication::states(part, notes)),
            Form::Resources => self.resources.extend(ha::resources(part, notes)),
            Form::Groups => self.groups.extend(ha::groups(part, notes)),
            Form::Rules => {
                let (placements, affinities) = ha::rules(part, notes);
                self.rules.extend(placements);
                self.affinities.extend(affinities);
            }
            Form::ManagerStatus => self.services.extend(ha::manager_status(part, notes)),
            Form::LrmStatus => self.agents.extend(ha::lrm_status(part, notes)),
            Form::Datacenter => self.datacenter = Some(datacenter::parse(part, notes)),
            Form::Jobs => self.backups.extend(datacenter::jobs(part, notes)),
            Form::Guest(Some(id), container) => {
                self.guests.push(guest::parse(part, id, container, notes))
            }
            Form::Guest(None, container) => {
                // Without a number it can be read, but not be joined with anything.
                let nameless = guest::parse(part, 0, container, notes);
                self.guests
                    .extend(volume_owner(&nameless).map(|id| Guest { id, ..nameless }));
            }
            Form::Members => self.members.extend(members::parse(part, notes)),
            Form::Firewall => {
                let firewall = firewall::parse(part, notes);
                // Rules of a guest, `100.fw`, do not touch the node.
                let of_guest = part
                    .base()
                    .strip_suffix(".fw")
                    .is_some_and(|stem| stem.parse::<u32>().is_ok());
                if !of_guest {
                    self.firewalls.push(firewall);
                }
            }
            Form::Interfaces => self.interfaces.extend(interfaces::parse(part, notes)),
            Form::Version => self.version = self.version.take().or_else(|| version(part, notes)),
            Form::Absent => match form::by_name(part) {
                Some(absent) => {
                    self.known.insert(absent.word());
                    return false;
                }
                None => return false,
            },
            Form::Other => {
                let mut told = pasted::Pasted::default();
                let mut some = pasted::read(part, &mut told, notes) > 0;
                self.paste(told);
                for section in pasted::sections(part) {
                    let form = form::of(&section);
                    some |= form != Form::Other && self.part(&section, form, notes);
                }
                if !some {
                    return false;
                }
            }
        }
        self.known.insert(form.word());
        true
    }

    fn paste(&mut self, told: pasted::Pasted) {
        self.job_states.extend(told.jobs);
        self.services.extend(told.services);
        self.agents.extend(told.agents);
        self.pasted.quorum.extend(told.quorum);
        self.pasted.links.extend(told.links);
        self.pasted.storages.extend(told.storages);
        self.pasted.rules.extend(told.rules);
        if let Some(jobs) = told.listed {
            // It lists the jobs of all nodes.
            self.known.insert(Form::Replication.word());
            self.jobs.extend(jobs);
        }
        if told.ha_quorum.is_some() {
            self.pasted.ha_quorum = told.ha_quorum;
        }
    }

    /// Joins what stands in two places: a guest in nodes/NAME and in the link beside it, a file that was read twice.
    fn settle(&mut self) {
        let mut guests: Vec<Guest> = Vec::new();
        // Those whose node is known come first, so that the copy without one is the one to go.
        self.guests.sort_by_key(|guest| guest.node.is_none());
        for guest in std::mem::take(&mut self.guests) {
            let same = |have: &Guest| {
                have.id == guest.id && (guest.node.is_none() || have.node == guest.node)
            };
            if !guests.iter().any(same) {
                guests.push(guest);
            }
        }
        guests.sort_by(|a, b| (a.id, &a.node).cmp(&(b.id, &b.node)));
        self.guests = guests;
        unique(&mut self.storages, |storage| storage.section.id.clone());
        unique(&mut self.jobs, |job| job.section.id.clone());
        unique(&mut self.resources, Resource::service);
        unique(&mut self.groups, |group| group.section.id.clone());
        unique(&mut self.rules, |rule| rule.section.id.clone());
        unique(&mut self.affinities, |rule| rule.section.id.clone());
        // The state file knows jobs by guest and target; the others know their numbers.
        for state in &mut self.job_states {
            if let Some((guest, target)) = state.job.split_once(':')
                && let Some(job) = self.jobs.iter().find(|job| {
                    job.guest.to_string() == guest && job.target.as_deref() == Some(target)
                })
            {
                state.job = job.section.id.clone();
            }
        }
    }
}

/// Keeps the first of those with the same key.
fn unique<T>(all: &mut Vec<T>, key: impl Fn(&T) -> String) {
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(key(one)));
}

/// The number in the name of a volume: `vm-100-disk-0`, `subvol-200-disk-1`.
fn volume_owner(guest: &Guest) -> Option<u32> {
    let disk = guest.disks.first()?;
    let name = disk.volume.rsplit('/').next()?;
    name.split('-').nth(1)?.parse().ok()
}

/// The major version of PVE that `pveversion` prints.
fn version(document: &Document, notes: &mut Notes) -> Option<(u32, Spot)> {
    let (n, line, number) = document.lines().find_map(|(n, line)| {
        let rest = ["pve-manager/", "pve-manager: ", "proxmox-ve: "]
            .iter()
            .find_map(|lead| line.trim().strip_prefix(lead))?;
        let number = rest.split('.').next()?.parse().ok()?;
        Some((n, line, number))
    })?;
    notes.understood += 1;
    Some((number, document.spot(n, line)))
}
