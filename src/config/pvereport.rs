//! `pvereport`, and whatever else shows commands with their output below them.
//! In: the text of a file. Out: its parts as `Document`s, each with the command or the path that it shows.
//! Never: reads a part.

use super::text::Document;

/// Commands whose output says something here. Without the headings of a report only they begin a part.
const COMMANDS: &[&str] = &[
    "cat",
    "pvecm",
    "pvesm",
    "pvesr",
    "qm",
    "pct",
    "ha-manager",
    "corosync-cfgtool",
    "corosync-quorumtool",
    "hostname",
    "ip",
    "pveversion",
];

/// The parts of a text: the text itself when it shows no commands.
pub fn parts<'t>(name: &str, text: &'t str) -> Vec<Document<'t>> {
    let mut parts: Vec<Document<'t>> = Vec::new();
    let report = is_report(text);
    let mut node = None;
    let mut current = Document::file(name, "");
    let (mut begin, mut end, mut after_gap) = (0, 0, true);
    for (n, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.trim_end();
        let begun = heading(line, report && after_gap);
        if begun.is_some() || report && is_title(line) {
            current.text = &text[begin..end];
            parts.push(current.clone());
            let (of, command) = begun.unwrap_or_default();
            node = of.or(node);
            begin = end + whole.len();
            current = Document {
                path: path(&command),
                command: Some(command),
                node: node.clone(),
                first: n as u64 + 2,
                ..Document::file(name, "")
            };
        }
        after_gap = line.trim().is_empty() || is_title(line);
        end += whole.len();
    }
    current.text = &text[begin..end];
    parts.push(current);
    if parts.len() > 1 && parts[0].text.trim().is_empty() {
        parts.remove(0);
    }
    // `hostname` stands once, and is true of everything.
    let host = parts.iter().find_map(|part| {
        let is_hostname = part
            .command
            .as_deref()
            .is_some_and(|command| command.trim() == "hostname");
        let name = part.text.trim();
        (is_hostname && !name.is_empty() && !name.contains(char::is_whitespace))
            .then(|| name.to_owned())
    });
    for part in &mut parts {
        part.node = part.node.take().or_else(|| host.clone());
    }
    parts
}

/// Whether a text has the titles of a report.
pub fn is_report(text: &str) -> bool {
    text.lines().any(is_title)
}

/// `==== info about storage ====`.
fn is_title(line: &str) -> bool {
    line.len() > 10 && line.starts_with("==== ") && line.trim_end().ends_with(" ====")
}

/// The node, if the line names one, and the command: `# pvecm status`, `root@elm:~# pvecm status`.
fn heading(line: &str, any: bool) -> Option<(Option<String>, String)> {
    let (node, command) = match line.strip_prefix("# ").or_else(|| line.strip_prefix("$ ")) {
        Some(command) => (None, command),
        None => prompt(line)?,
    };
    let first = command.split_whitespace().next()?;
    let known = COMMANDS.contains(&first);
    (known || any && line.starts_with("# ")).then(|| (node, command.trim().to_owned()))
}

/// `root@elm:/etc/pve# cat storage.cfg`.
fn prompt(line: &str) -> Option<(Option<String>, &str)> {
    let (user, rest) = line.split_once('@')?;
    let (host, rest) = rest.split_once(':')?;
    let (folder, command) = rest.split_once(['#', '$'])?;
    let word = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !text.is_empty() && text.chars().all(fits)
    };
    let fits = word(user) && word(host) && !folder.contains(char::is_whitespace);
    fits.then(|| (Some(host.to_owned()), command.trim()))
}

/// The file that a command prints.
fn path(command: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    let is_cat = words.next() == Some("cat");
    words.next().filter(|_| is_cat).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_cut_at_its_commands() {
        let text = "\
==== general system info ====

# hostname
elm

# cat /etc/hosts
127.0.0.1 localhost
# a note

==== info about storage ====

# cat /etc/pve/storage.cfg
dir: local
\tpath /var/lib/vz

# lspci
";
        let parts = parts("report.txt", text);
        let told: Vec<(Option<&str>, u64, &str)> = parts
            .iter()
            .map(|p| {
                (
                    p.path.as_deref(),
                    p.first,
                    p.text.trim().lines().next().unwrap_or(""),
                )
            })
            .collect();
        assert_eq!(told[1], (None, 4, "elm"));
        assert_eq!(told[2], (Some("/etc/hosts"), 7, "127.0.0.1 localhost"));
        assert!(parts[2].text.contains("# a note"));
        let storage = parts.iter().find(|p| p.base() == "storage.cfg").unwrap();
        assert_eq!((storage.first, storage.node.as_deref()), (13, Some("elm")));
    }

    #[test]
    fn prompts_and_plain_files() {
        let parts_of = parts(
            "paste",
            "root@oak:~# pvecm status\nQuorum information\nroot@oak:~# date\nnow\n",
        );
        assert_eq!(parts_of.len(), 1);
        assert_eq!(parts_of[0].command.as_deref(), Some("pvecm status"));
        assert_eq!(parts_of[0].node.as_deref(), Some("oak"));
        let plain = parts("100.conf", "# a note\ncores: 1\n");
        assert_eq!((plain.len(), plain[0].first), (1, 1));
    }
}
