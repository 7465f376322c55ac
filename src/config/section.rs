//! Files of sections: storage.cfg, replication.cfg, jobs.cfg, and those of HA.
//! In: a document. Out: its sections, each with its kind, its id and its properties.
//! Never: knows what a section is for, or drops a line that it cannot place.

use super::text::{Document, Notes, Property, Spot, is_yes};

/// One section: `kind: id`, and what is indented under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The word before the colon.
    pub kind: String,
    /// The word behind it.
    pub id: String,
    /// Its first line.
    pub at: Spot,
    /// In the order of the file.
    pub properties: Vec<Property>,
}

impl Section {
    /// The property of a name.
    pub fn get(&self, key: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.key == key)
    }

    /// The value of a property.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.get(key).map(|property| property.value.as_str())
    }

    /// Whether a flag is set.
    pub fn is_set(&self, key: &str) -> bool {
        self.value(key).is_some_and(is_yes)
    }
}

/// The sections of a document. `kinds` and `keys` are those that are known; others are kept and noted.
pub fn parse(
    document: &Document,
    kinds: &[&str],
    keys: &[&str],
    notes: &mut Notes,
) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (n, line) in document.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let at = document.spot(n, line);
        if let Some((kind, id)) = header(line) {
            notes.understood += 1;
            if !kinds.contains(&kind) {
                notes.unknown.push(at.clone());
            }
            sections.push(Section {
                kind: kind.to_owned(),
                id: id.to_owned(),
                at,
                properties: Vec::new(),
            });
            continue;
        }
        let (key, value) = match text.split_once([' ', '\t']) {
            Some((key, value)) => (key, value.trim()),
            None => (text, ""),
        };
        let Some(section) = sections.last_mut() else {
            notes.broken(at, "stands before the first section");
            continue;
        };
        if !key.bytes().all(is_of_a_word) {
            notes.broken(at, "is neither `type: id` nor `key value`");
            continue;
        }
        notes.understood += 1;
        if !keys.contains(&key) {
            notes.unknown.push(at.clone());
        }
        section.properties.push(Property {
            key: key.to_owned(),
            value: value.to_owned(),
            at,
        });
    }
    sections
}

/// `kind: id` at the beginning of a line. Copies lose the indent of properties, which have no colon behind their first word.
pub fn header(line: &str) -> Option<(&str, &str)> {
    if line.starts_with([' ', '\t']) {
        return None;
    }
    let (kind, id) = line.split_once(':')?;
    let id = id.trim();
    let fits = !kind.is_empty() && kind.bytes().all(is_of_a_word);
    let single = !id.is_empty() && !id.contains(char::is_whitespace);
    (fits && single).then_some((kind, id))
}

fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
orphan 1
dir: local
\tpath /var/lib/vz
\tcontent iso,vztmpl
\tshared

# a note
zfspool: tank
nodes elm,oak
\tstrange thing
\t: what
";

    #[test]
    fn sections_hold_their_properties_with_lines() {
        let mut notes = Notes::default();
        let document = Document::file("storage.cfg", TEXT);
        let keys = ["path", "content", "shared", "nodes"];
        let sections = parse(&document, &["dir", "zfspool"], &keys, &mut notes);
        assert_eq!(sections.len(), 2);
        assert_eq!(sections[0].id, "local");
        assert!(sections[0].is_set("shared"));
        let nodes = sections[1].get("nodes").unwrap();
        assert_eq!((nodes.value.as_str(), nodes.at.line), ("elm,oak", 9));
        let unknown: Vec<u64> = notes.unknown.iter().map(|at| at.line).collect();
        assert_eq!(unknown, [10]);
        assert_eq!(sections[1].value("strange"), Some("thing"));
        let broken: Vec<u64> = notes.broken.iter().map(|(at, _)| at.line).collect();
        assert_eq!(broken, [1, 11]);
    }
}
