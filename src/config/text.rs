//! Texts, their lines, and where something stands in them.
//! In: the text of one file, or of a part of one. Out: a `Document` whose lines know their numbers; `Spot`s; `Notes`.
//! Never: knows a format.

use std::sync::Arc;

/// A line of a file: what a finding shows as its evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// Its line, from 1.
    pub line: u64,
    /// The line.
    pub text: Arc<str>,
}

/// A file, or the part of a report that shows one file or the output of one command.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    /// The file that it was read from.
    pub file: Arc<str>,
    /// The path of the file that it shows, when it is known.
    pub path: Option<String>,
    /// The command that printed it, when that is known.
    pub command: Option<String>,
    /// The node that it was taken on, when that is known.
    pub node: Option<String>,
    /// The number of its first line.
    pub first: u64,
    /// Its text.
    pub text: &'t str,
}

impl<'t> Document<'t> {
    /// A whole file.
    pub fn file(name: &str, text: &'t str) -> Document<'t> {
        Document {
            file: name.into(),
            path: Some(name.to_owned()),
            command: None,
            node: None,
            first: 1,
            text,
        }
    }

    /// Its lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &'t str)> + use<'t> {
        let first = self.first;
        self.text
            .lines()
            .enumerate()
            .map(move |(n, line)| (first + n as u64, line))
    }

    /// Where a line stands.
    pub fn spot(&self, line: u64, text: &str) -> Spot {
        Spot {
            file: self.file.clone(),
            line,
            text: text.trim_end().into(),
        }
    }

    /// Where it begins: its first line that holds anything.
    pub fn head(&self) -> Spot {
        let (line, text) = self
            .lines()
            .find(|(_, line)| !line.trim().is_empty())
            .unwrap_or((self.first, ""));
        self.spot(line, text)
    }

    /// Lines that hold anything: of a text that can only be read as a whole, all are read.
    pub fn filled(&self) -> u64 {
        let filled = self.lines().filter(|(_, line)| !line.trim().is_empty());
        filled.count() as u64
    }

    /// The last part of its path.
    pub fn base(&self) -> &str {
        let path = self.path.as_deref().unwrap_or("");
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The node in whose folder it lies: `nodes/NAME/…`, or else the node that it was taken on.
    pub fn owner(&self) -> Option<String> {
        let path = self.path.as_deref().unwrap_or("");
        let parts: Vec<&str> = path.split('/').collect();
        parts
            .windows(3)
            // A copy may lie below a folder of that name.
            .rfind(|three| three[0] == "nodes" && !three[1].is_empty())
            .map(|three| three[1].to_owned())
            .or_else(|| self.node.clone())
    }
}

/// What a parser could not use: told, never dropped.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Lines that were read.
    pub understood: u64,
    /// Keys that are kept, but of which nothing is known.
    pub unknown: Vec<Spot>,
    /// Lines that are broken, and why.
    pub broken: Vec<(Spot, String)>,
}

impl Notes {
    /// A line that is broken.
    pub fn broken(&mut self, at: Spot, why: impl Into<String>) {
        self.broken.push((at, why.into()));
    }
}

/// A key, its value, and where they stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The key.
    pub key: String,
    /// The value; empty for a flag that stands alone.
    pub value: String,
    /// The line.
    pub at: Spot,
}

/// Whether the value of a flag means yes. A flag that stands alone does.
pub fn is_yes(value: &str) -> bool {
    matches!(value, "" | "1" | "yes" | "on" | "true")
}

/// The parts of a list, whatever parts it: `,`, `;` or blanks.
pub fn list(value: &str) -> Vec<String> {
    value
        .split([',', ';', ' ', '\t'])
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_numbers_and_files_their_nodes() {
        let document = Document {
            first: 7,
            ..Document::file("copy/nodes/elm/lxc/200.conf", "\n a: 1\n")
        };
        assert_eq!(document.head().line, 8);
        assert_eq!(document.base(), "200.conf");
        assert_eq!(document.owner().as_deref(), Some("elm"));
        let deep = Document::file("/srv/nodes/copy/nodes/oak/lrm_status", "");
        assert_eq!(deep.owner().as_deref(), Some("oak"));
        assert_eq!(Document::file("nodes", "").owner(), None);
    }

    #[test]
    fn flags_and_lists_are_read_as_they_are_written() {
        assert!(is_yes("") && is_yes("1") && !is_yes("0"));
        assert_eq!(list("a, b;c  d"), ["a", "b", "c", "d"]);
    }
}
