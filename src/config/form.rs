//! What a document is: told by its name, or else by what is in it.
//! In: a document. Out: its `Form`.
//! Never: reads more of it than that takes.

use super::section::header;
use super::text::Document;
use super::{guest, storage};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// corosync.conf.
    Corosync,
    /// storage.cfg.
    Storage,
    /// replication.cfg.
    Replication,
    /// pve-replication-state.json.
    ReplicationState,
    /// ha/resources.cfg.
    Resources,
    /// ha/groups.cfg.
    Groups,
    /// ha/rules.cfg.
    Rules,
    /// ha/manager_status.
    ManagerStatus,
    /// nodes/NAME/lrm_status.
    LrmStatus,
    /// datacenter.cfg.
    Datacenter,
    /// jobs.cfg.
    Jobs,
    /// A guest: its number when known, and whether it is a container.
    Guest(Option<u32>, bool),
    /// .members.
    Members,
    /// cluster.fw, host.fw.
    Firewall,
    /// /etc/network/interfaces, `ip address`.
    Interfaces,
    /// `pveversion`.
    Version,
    /// A file that `cat` did not find.
    Absent,
    /// Anything else: maybe the output of commands.
    Other,
}

impl Form {
    /// What it is called in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Form::Corosync => "corosync.conf",
            Form::Storage => "storage.cfg",
            Form::Replication => "replication.cfg",
            Form::ReplicationState => "replication state",
            Form::Resources => "ha/resources.cfg",
            Form::Groups => "ha/groups.cfg",
            Form::Rules => "ha/rules.cfg",
            Form::ManagerStatus => "ha/manager_status",
            Form::LrmStatus => "lrm_status",
            Form::Datacenter => "datacenter.cfg",
            Form::Jobs => "jobs.cfg",
            Form::Guest(..) => "guest configuration",
            Form::Members => ".members",
            Form::Firewall => "firewall rules",
            Form::Interfaces => "network interfaces",
            Form::Version => "version",
            Form::Absent | Form::Other => "pasted status",
        }
    }
}

/// The form of a document.
pub fn of(document: &Document) -> Form {
    if document
        .text
        .lines()
        .take(3)
        .any(|line| line.starts_with("cat: "))
    {
        return Form::Absent;
    }
    by_name(document)
        .or_else(|| by_command(document))
        .unwrap_or_else(|| by_content(document))
}

/// The form that a file of this name has.
pub fn by_name(document: &Document) -> Option<Form> {
    let path = document.path.as_deref()?;
    // Copies are called `pve1-corosync.conf` or `storage.cfg.txt`.
    let base = document
        .base()
        .trim_end_matches(".txt")
        .trim_end_matches(".bak");
    let named = |name: &str| {
        base == name || base.ends_with(&format!("-{name}")) || base.ends_with(&format!("_{name}"))
    };
    for (name, form) in [
        ("corosync.conf", Form::Corosync),
        ("storage.cfg", Form::Storage),
        ("replication.cfg", Form::Replication),
        ("pve-replication-state.json", Form::ReplicationState),
        ("resources.cfg", Form::Resources),
        ("groups.cfg", Form::Groups),
        ("rules.cfg", Form::Rules),
        ("manager_status", Form::ManagerStatus),
        ("lrm_status", Form::LrmStatus),
        ("datacenter.cfg", Form::Datacenter),
        ("jobs.cfg", Form::Jobs),
        (".members", Form::Members),
        ("cluster.fw", Form::Firewall),
        ("host.fw", Form::Firewall),
        ("interfaces", Form::Interfaces),
    ] {
        if named(name) {
            return Some(form);
        }
    }
    let id = base
        .strip_suffix(".conf")
        .and_then(|stem| stem.parse().ok())?;
    let container = path.contains("/lxc/")
        || !path.contains("/qemu-server/") && has_key(document.text, "rootfs");
    Some(Form::Guest(Some(id), container))
}

fn by_command(document: &Document) -> Option<Form> {
    let words: Vec<&str> = document.command.as_deref()?.split_whitespace().collect();
    let is_blank = document.text.trim().is_empty();
    match words.as_slice() {
        ["qm", "config", id, ..] => Some(Form::Guest(id.parse().ok(), false)),
        ["pct", "config", id, ..] => Some(Form::Guest(id.parse().ok(), true)),
        ["pveversion", ..] => Some(Form::Version),
        // What prints nothing has nothing to print.
        ["ha-manager", "config"] if is_blank => Some(Form::Resources),
        ["ha-manager", "groupconfig"] if is_blank => Some(Form::Groups),
        ["ha-manager", "rules", "list" | "config"] if is_blank => Some(Form::Rules),
        ["ip", rest @ ..] if rest.iter().any(|word| is_address_command(word)) => {
            Some(Form::Interfaces)
        }
        _ => None,
    }
}

/// `ip address`, which `ip` understands in every shorter form.
fn is_address_command(word: &str) -> bool {
    !word.is_empty() && "address".starts_with(word)
}

fn by_content(document: &Document) -> Form {
    let text = document.text;
    if text.trim_start().starts_with('[') && text.contains("\"rule\"") && text.contains("\"type\"")
    {
        return Form::Rules;
    }
    if text.trim_start().starts_with('{') {
        let has = |word: &str| text.contains(&format!("\"{word}\""));
        return match () {
            () if has("nodename") && has("nodelist") => Form::Members,
            () if has("master_node") || has("service_status") => Form::ManagerStatus,
            () if has("last_sync") && has("fail_count") => Form::ReplicationState,
            () if has("mode") && has("results") => Form::LrmStatus,
            () => Form::Other,
        };
    }
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["totem" | "nodelist" | "quorum", "{"] => return Form::Corosync,
            ["iface", _, "inet" | "inet6", ..] => return Form::Interfaces,
            ["[OPTIONS]" | "[RULES]" | "[ALIASES]", ..] => return Form::Firewall,
            [version, ..] if version.starts_with("pve-manager/") || *version == "proxmox-ve:" => {
                return Form::Version;
            }
            _ => {}
        }
    }
    let first = text.lines().find_map(header);
    match first {
        Some(("vm" | "ct", id)) if id.parse::<u32>().is_ok() => return Form::Resources,
        Some(("group", _)) if text.contains("nodes ") => return Form::Groups,
        Some(("node-affinity" | "resource-affinity", _)) => return Form::Rules,
        Some(("local", id)) if is_job(id) => return Form::Replication,
        Some(("vzdump", _)) => return Form::Jobs,
        Some((kind, _)) if storage::is_type(kind) => return Form::Storage,
        _ => {}
    }
    if guest::telling_lines(text) >= 2 {
        return Form::Guest(None, has_key(text, "rootfs"));
    }
    if ["migration: ", "keyboard: "]
        .iter()
        .any(|key| text.starts_with(key))
    {
        return Form::Datacenter;
    }
    Form::Other
}

fn is_job(id: &str) -> bool {
    let parts = id.split_once('-');
    parts.is_some_and(|(guest, number)| {
        guest.parse::<u32>().is_ok() && number.parse::<u32>().is_ok()
    })
}

fn has_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.starts_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_and_contents_tell_what_names_do_not() {
        let cases = [
            ("x/nodes/elm/lxc/200.conf", "", Form::Guest(Some(200), true)),
            ("100.conf", "cores: 2\n", Form::Guest(Some(100), false)),
            ("pve1-corosync.conf", "", Form::Corosync),
            ("a", "totem {\n", Form::Corosync),
            ("a", "zfspool: tank\n\tpool tank\n", Form::Storage),
            ("a", "vm: 100\n\n", Form::Resources),
            ("a", "group: g\n\tnodes elm\n", Form::Groups),
            ("a", "node-affinity: g\n", Form::Rules),
            ("a", "local: 100-0\n\ttarget elm\n", Form::Replication),
            (
                "a",
                "{\"nodename\": \"elm\", \"nodelist\": {}}",
                Form::Members,
            ),
            ("a", "[RULES]\n", Form::Firewall),
            ("a", "cores: 2\nmemory: 4096\n", Form::Guest(None, false)),
            (
                "a",
                "pve-manager/9.0.3/abc (running kernel: 6.14)\n",
                Form::Version,
            ),
            (
                "a",
                "cat: /etc/pve/ha/rules.cfg: No such file or directory\n",
                Form::Absent,
            ),
            ("a", "Dear diary,\n", Form::Other),
        ];
        for (name, text, form) in cases {
            assert_eq!(of(&Document::file(name, text)), form, "{name}: {text}");
        }
    }
}
