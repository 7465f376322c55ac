//! datacenter.cfg and jobs.cfg: settings of the whole cluster.
//! In: documents. Out: `Datacenter`; backup jobs as sections.
//! Never: interprets a schedule.

use super::section::{self, Section};
use super::text::{Document, Notes, Property};

/// Settings of the whole cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Datacenter {
    /// Every key.
    pub properties: Vec<Property>,
}

impl Datacenter {
    /// The part `name` of a property of parts, `migration: secure,network=10.0.0.0/24`, with the property.
    pub fn part(&self, key: &str, name: &str) -> Option<(&str, &Property)> {
        let property = self
            .properties
            .iter()
            .find(|property| property.key == key)?;
        property.value.split(',').find_map(|part| {
            let (known, value) = part.trim().split_once('=')?;
            (known == name).then_some((value, property))
        })
    }
}

const KEYS: &[&str] = &[
    "bwlimit",
    "console",
    "crs",
    "description",
    "email_from",
    "fencing",
    "ha",
    "http_proxy",
    "keyboard",
    "language",
    "location",
    "mac_prefix",
    "max_workers",
    "migration",
    "migration_unsecure",
    "next-id",
    "notify",
    "registered-tags",
    "replication",
    "tag-style",
    "u2f",
    "user-tag-access",
    "webauthn",
    "consent-text",
];

/// Reads datacenter.cfg.
pub fn parse(document: &Document, notes: &mut Notes) -> Datacenter {
    let mut datacenter = Datacenter::default();
    for (n, line) in document.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let at = document.spot(n, line);
        let Some((key, value)) = text.split_once(':') else {
            notes.broken(at, "is no `key: value`");
            continue;
        };
        notes.understood += 1;
        if !KEYS.contains(&key) {
            notes.unknown.push(at.clone());
        }
        datacenter.properties.push(Property {
            key: key.to_owned(),
            value: value.trim().to_owned(),
            at,
        });
    }
    datacenter
}

/// Reads jobs.cfg.
pub fn jobs(document: &Document, notes: &mut Notes) -> Vec<Section> {
    let keys = [
        "schedule",
        "enabled",
        "all",
        "vmid",
        "storage",
        "mode",
        "mailto",
        "mailnotification",
        "compress",
        "node",
        "pool",
        "exclude",
        "prune-backups",
        "notes-template",
        "comment",
        "repeat-missed",
        "fleecing",
        "bwlimit",
        "notification-mode",
        "notification-target",
        "notification-policy",
        "performance",
        "protected",
        "zstd",
        "remove",
        "starttime",
        "dow",
        "realm",
        "scope",
        "enable-new",
        "remove-vanished",
    ];
    section::parse(document, &["vzdump", "realm-sync"], &keys, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_setting_have_names() {
        let text = "keyboard: de\nmigration: secure,network=10.1.0.0/24\nsecret: 1\nwhat\n";
        let mut notes = Notes::default();
        let datacenter = parse(&Document::file("datacenter.cfg", text), &mut notes);
        let (network, property) = datacenter.part("migration", "network").unwrap();
        assert_eq!((network, property.at.line), ("10.1.0.0/24", 2));
        assert_eq!(datacenter.part("migration", "type"), None);
        assert_eq!((notes.unknown.len(), notes.broken.len()), (1, 1));
        let jobs = jobs(
            &Document::file("jobs.cfg", "vzdump: nightly\n\tstorage b\n"),
            &mut notes,
        );
        assert_eq!(jobs[0].value("storage"), Some("b"));
    }
}
