//! The answer depends on the log alone: not on threads, blocks, the files it came in, or the speed of a pipe.
//! In: the incident of `testdata/encodings`, cut and dealt in many ways. Out: nothing.
//! Never: compares what must differ, the names of files and the numbers of lines in them.

mod support;

use fencepost::event::scan::{self, Manner};
use fencepost::model::{InputCoverage, Limits, SourceId};
use fencepost::record::{Anchor, Clock};
use fencepost::render::Format;
use fencepost::run::ReadOptions;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Dice, Files, difference, options, patterns, rendered, report, report_of_files};

fn log(name: &str) -> String {
    let path = support::testdata().join("encodings").join(name);
    fs::read_to_string(path).expect("a log")
}

/// The incident between many lines of other programs, as stamps of rsyslog; longer than the smallest blocks by far.
fn long_log() -> String {
    let mut dice = Dice(5);
    let mut text = String::new();
    for line in log("rsyslog.log").lines() {
        text.push_str(line);
        text.push('\n');
        let stamp = &line[..32];
        for n in 0..dice.roll(40) {
            let noise = "x".repeat(dice.roll(120));
            text.push_str(&format!("{stamp} birch sshd[{n}]: {noise}\n"));
        }
        match dice.roll(12) {
            0 => text.push_str("// a note about corosync\n"),
            1 => text.push('\n'),
            2 => text.push_str(&format!(
                "{stamp} birch pmxcfs[1391]: [main] notice: unheard of {}\n",
                text.len()
            )),
            _ => {}
        }
    }
    text
}

/// The JSON of files, called by their numbers.
fn told(paths: &[PathBuf], options: &ReadOptions) -> String {
    let report = report_of_files(paths, options, &patterns());
    let mut json = rendered(&report, Format::Json);
    for (n, path) in paths.iter().enumerate() {
        json = json.replace(&path.display().to_string(), &format!("log{n}"));
    }
    json
}

#[test]
fn threads_and_blocks_do_not_matter() {
    let files = Files::new("blocks");
    let path = files.add("a.log", long_log());
    let want = told(std::slice::from_ref(&path), &options());
    assert!(want.contains("quorum-loss"));
    for threads in [1, 2, 8] {
        for block_bytes in [64, 257, 4096, 65_536, 4 << 20] {
            let mut options = options();
            options.threads = threads;
            options.limits.block_bytes = block_bytes;
            let have = told(std::slice::from_ref(&path), &options);
            assert!(have == want, "{threads} threads, {block_bytes} bytes");
        }
    }
}

/// Every file below a directory.
fn below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => below(&path),
            false => vec![path],
        })
        .collect()
}

#[test]
fn lines_that_are_passed_over_say_nothing() {
    let clock = Clock::utc(Anchor::Year(2026));
    let read = |bytes: &[u8], first_line: u64, wrapped: bool| {
        let manner = Manner {
            wrapped,
            ..Manner::default()
        };
        let limits = Limits::default();
        scan::block(bytes, SourceId(0), first_line, &clock, &limits, manner)
    };
    let mut events = 0;
    for path in below(&support::testdata()) {
        if path.extension().is_some_and(|end| end == "snap") {
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        let swept = read(&bytes, 1, false);
        // Where lines may be wrapped, each is looked at, and of one alone nothing can be joined.
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(1..);
        let alone: Vec<_> = lines
            .map(|(line, number)| read(line, number, true))
            .collect();
        let said = alone.iter().flat_map(|line| &line.events);
        let missed = said.clone().filter(|event| !swept.events.contains(event));
        let missed: Vec<&str> = missed.map(|event| &*event.text).collect();
        assert!(missed.is_empty(), "{}: {missed:#?}", path.display());
        assert_eq!(swept.events.len(), said.count(), "{}", path.display());
        let sum =
            |count: fn(&InputCoverage) -> u64| alone.iter().map(|line| count(&line.coverage)).sum();
        for (name, count) in COUNTS {
            let sum: u64 = sum(count);
            assert_eq!(count(&swept.coverage), sum, "{name} of {}", path.display());
        }
        events += swept.events.len();
    }
    assert!(events > 1000);
}

/// A count by its name.
type Count = (&'static str, fn(&InputCoverage) -> u64);

/// What must be the same of a block and of its lines one by one.
const COUNTS: [Count; 5] = [
    ("lines", |coverage| coverage.lines),
    ("understood", |coverage| coverage.understood),
    ("unknown", |coverage| coverage.unknown),
    ("notes", |coverage| coverage.notes),
    ("blank", |coverage| coverage.blank),
];

/// A report without what depends on the files: the list of inputs, and line numbers, which become those of the whole.
fn without_files(json: &str, first_lines: &BTreeMap<String, u64>) -> Value {
    let mut report: Value = serde_json::from_str(json).expect("JSON");
    let object = report.as_object_mut().expect("an object");
    object.remove("inputs");
    object.remove("remarks");
    number(&mut report, first_lines);
    report
}

fn number(value: &mut Value, first_lines: &BTreeMap<String, u64>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| number(item, first_lines)),
        Value::Object(fields) => {
            let first = fields
                .get("input")
                .and_then(Value::as_str)
                .and_then(|input| first_lines.get(input))
                .copied();
            if let (Some(first), Some(line)) = (first, fields.get("line").and_then(Value::as_u64)) {
                fields.insert("line".to_owned(), (first + line).into());
                fields.insert("input".to_owned(), "log".into());
            } else {
                // Callouts name lines in their words.
                fields.retain(|name, _| {
                    !matches!(name.as_str(), "line" | "last_line" | "callouts" | "order")
                });
            }
            fields
                .values_mut()
                .for_each(|field| number(field, first_lines));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_log_may_be_split_over_files() {
    let text = long_log();
    let files = Files::new("split");
    let whole = files.add("whole.log", &text);
    let want = told(&[whole], &options());
    let want = without_files(&want, &BTreeMap::from([("log0".to_owned(), 0)]));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut dice = Dice(99);
    for round in 0..12 {
        let mut cuts: Vec<usize> = (0..1 + dice.roll(5))
            .map(|_| dice.roll(lines.len()))
            .collect();
        cuts.extend([0, lines.len()]);
        cuts.sort();
        let mut paths = Vec::new();
        let mut first_lines = BTreeMap::new();
        for (n, part) in cuts.windows(2).enumerate() {
            first_lines.insert(format!("log{n}"), part[0] as u64);
            let text = lines[part[0]..part[1]].concat();
            paths.push(files.add(&format!("{round}-{n}.log"), text));
        }
        let have = without_files(&told(&paths, &options()), &first_lines);
        assert_eq!(difference(&have, &want), None, "cut at {cuts:?}");
    }
}

/// The logs of every case of several nodes: stamped, and each line with its host.
fn clusters() -> Vec<(String, Vec<PathBuf>, ReadOptions)> {
    let cases = support::testdata().join("cases");
    let mut found = Vec::new();
    for case in fs::read_dir(cases).expect("cases").flatten() {
        if !case.path().is_dir() {
            continue;
        }
        let paths = support::files_below(&case.path().join("input"));
        let text = fs::read_to_string(case.path().join("case.toml")).expect("a case");
        let case_options: toml::Table = text.parse().expect("a table");
        let read = case_options.get("read").and_then(toml::Value::as_table);
        let mut options = options();
        if let Some(year) = read.and_then(|read| read.get("year")) {
            options.year = year.as_integer().and_then(|year| i32::try_from(year).ok());
        }
        let hosts = paths.iter().all(|path| {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or("?");
            let text = fs::read_to_string(path).unwrap_or_default();
            text.lines()
                .take(3)
                .all(|line| line.contains(&format!(" {stem} ")))
        });
        if paths.len() > 1 && hosts {
            found.push((case.path().display().to_string(), paths, options));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() > 8, "too few cases of several nodes");
    found
}

/// The JSON of files as they are called.
fn told_of(paths: &[PathBuf], options: &ReadOptions) -> String {
    rendered(&report_of_files(paths, options, &patterns()), Format::Json)
}

#[test]
fn files_may_be_named_in_any_order_where_stamps_decide() {
    let mut dice = Dice(17);
    for (case, mut paths, options) in clusters() {
        let want = told_of(&paths, &options);
        for _ in 0..4 {
            for n in (1..paths.len()).rev() {
                paths.swap(n, dice.roll(n + 1));
            }
            assert!(told_of(&paths, &options) == want, "{case}: {paths:?}");
        }
    }
}

#[test]
fn a_log_that_is_given_twice_counts_once() {
    let files = Files::new("twice");
    for (case, paths, options) in clusters() {
        let want = without_files(&told_of(&paths, &options), &BTreeMap::new());
        let mut twice = paths.clone();
        for path in &paths {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or("?");
            let text = fs::read(path).expect("a log");
            twice.push(files.add(&format!("~{stem}.log"), text));
        }
        let have = without_files(&told_of(&twice, &options), &BTreeMap::new());
        same(inputless(have), inputless(want), &case);
    }
}

#[test]
fn rotations_may_overlap() {
    let files = Files::new("overlap");
    for (n, (case, paths, options)) in clusters().into_iter().enumerate() {
        let want = without_files(&told_of(&paths, &options), &BTreeMap::new());
        let mut parts = Vec::new();
        for path in &paths {
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or("?");
            let text = fs::read_to_string(path).expect("a log");
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let (early, late) = (lines.len() * 2 / 5, lines.len() * 3 / 5);
            parts.push(files.add(&format!("{n}-{stem}.log.1"), lines[..late].concat()));
            parts.push(files.add(&format!("{n}-{stem}.log"), lines[early..].concat()));
        }
        let have = without_files(&told_of(&parts, &options), &BTreeMap::new());
        same(inputless(have), inputless(want), &case);
    }
}

#[test]
fn the_logs_of_all_nodes_may_be_in_one_file() {
    let files = Files::new("one");
    for (n, (case, paths, options)) in clusters().into_iter().enumerate() {
        let want = without_files(&told_of(&paths, &options), &BTreeMap::new());
        let texts: Vec<String> = paths
            .iter()
            .map(|path| fs::read_to_string(path).expect("a log"))
            .collect();
        let one = files.add(&format!("{n}.log"), texts.concat());
        let have = without_files(&told_of(&[one], &options), &BTreeMap::new());
        same(essence(&have), essence(&want), &case);
    }
}

/// What is told of whom and since when. Where each node's log ends is told by its last line, which one file has but once.
fn essence(report: &Value) -> Vec<String> {
    let rows = |part: &str, fields: &[&str]| -> Vec<String> {
        let rows = report[part].as_array().into_iter().flatten();
        let told = |row: &Value| {
            let fields = fields.iter().map(|field| row[*field].to_string());
            format!("{part}: {}", fields.collect::<Vec<_>>().join(" "))
        };
        rows.map(told).collect()
    };
    let finding = ["kind", "severity", "node", "subject", "began", "count"];
    let mut told = rows("findings", &finding);
    told.sort();
    told.extend(rows("incidents", &["title", "severity", "began", "nodes"]));
    told.extend(rows("boots", &["node", "began", "verdict"]));
    told.extend(rows(
        "outages",
        &["guest", "from_node", "to_node", "down_from", "up_at"],
    ));
    told
}

/// Says the first lines that differ.
fn same(have: Vec<String>, want: Vec<String>, case: &str) {
    let at = have.iter().zip(&want).position(|(a, b)| a != b);
    if let Some(at) = at {
        let around = at.saturating_sub(6)..at + 3;
        panic!(
            "{case}: line {at}\n{:#?}\nwanted\n{:#?}",
            have.get(around.clone()),
            want.get(around)
        );
    }
    assert_eq!(have.len(), want.len(), "{case}");
}

/// A report without the names of inputs, which also stand in ids and sentences, as lines that JSON would print.
fn inputless(mut report: Value) -> Vec<String> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                // How long a log goes on after its last event is told by the last line of each file.
                fields.retain(|name, _| !matches!(name.as_str(), "input" | "status_because"));
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    strip(&mut report);
    let text = serde_json::to_string_pretty(&report).expect("JSON");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn following_tells_what_a_batch_tells() {
    let files = Files::new("follow");
    for text in [
        long_log(),
        log("short.log"),
        log("journal.json"),
        log("cat.log"),
    ] {
        let path = files.add("log", &text);
        let batch = told(std::slice::from_ref(&path), &options()).replace("log0", "log");
        let followed = rendered(&report(text.as_bytes(), &patterns()), Format::Json);
        assert!(
            followed == batch,
            "{}",
            text.lines().next().unwrap_or_default()
        );
    }
}

/// What the program itself prints.
fn printed(args: &[&str], input: Option<&[u8]>) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(["--year", "2026", "-o", "json"])
        .args(args)
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // Pieces that end anywhere, as a slow writer's do.
        for piece in input.chunks(1_777) {
            stdin.write_all(piece).expect("written");
        }
    }
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_pipe_and_a_file_give_the_same_bytes() {
    let files = Files::new("pipe");
    let text = long_log();
    let path = files.add("log", &text);
    let name = Path::new(&path).display().to_string();
    let file = printed(&["--threads", "8", "--block-bytes", "64", &name], None);
    assert_eq!(
        printed(&[], Some(text.as_bytes())),
        file.replace(&name, "<stdin>")
    );
    let reversed: String = log("short.log")
        .lines()
        .rev()
        .map(|line| format!("{line}\n"))
        .collect();
    let path = files.add("reversed", &reversed).display().to_string();
    let file = printed(&[&path], None);
    assert_eq!(
        printed(&[], Some(reversed.as_bytes())),
        file.replace(&path, "<stdin>")
    );
}

#[test]
fn two_nodes_of_one_name_are_told_apart_by_the_names_of_their_logs() {
    let files = Files::new("names");
    let input = support::testdata().join("cases/isolation-with-fence/input");
    let mut paths = Vec::new();
    let mut options = options();
    options.year = Some(2026);
    let mut own = Vec::new();
    for name in ["ash", "birch", "cedar"] {
        let path = input.join(format!("{name}.log"));
        let text = fs::read_to_string(&path).expect("a log");
        // As the installer calls every node, if nobody tells it otherwise.
        paths.push(files.add(
            &format!("{name}.log"),
            text.replace(&format!(" {name} "), " pve "),
        ));
        own.push(path);
    }
    let mixed = report_of_files(&paths, &options, &patterns());
    let warned = mixed
        .remarks
        .iter()
        .any(|remark| remark.contains("two nodes log as pve"));
    assert!(warned, "{:?}", mixed.remarks);
    let want: Value = serde_json::from_str(&told_of(&own, &options)).expect("JSON");
    for (name, path) in ["ash", "birch", "cedar"].iter().zip(&paths) {
        options.names.push(((*name).into(), path.clone()));
    }
    let named: Value = serde_json::from_str(&told_of(&paths, &options)).expect("JSON");
    same(essence(&named), essence(&want), "with -n");
    assert!(!named["remarks"].to_string().contains("two nodes log as"));
}

#[cfg(unix)]
#[test]
fn paths_that_name_pipes_are_read_once() {
    let files = Files::new("fifo");
    let input = support::testdata().join("cases/isolation-with-fence/input");
    let mut fifos = Vec::new();
    let mut own = Vec::new();
    let mut writers = Vec::new();
    for name in ["ash", "birch", "cedar"] {
        let path = input.join(format!("{name}.log"));
        let fifo = files.add(&format!("{name}.log"), "");
        fs::remove_file(&fifo).expect("its name alone");
        let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
        assert!(made.success());
        let (text, to) = (fs::read(&path).expect("a log"), fifo.clone());
        writers.push(std::thread::spawn(move || fs::write(to, text)));
        fifos.push(fifo.display().to_string());
        own.push(path.display().to_string());
    }
    let told = |paths: &[String]| -> Value {
        let args: Vec<&str> = paths.iter().map(String::as_str).collect();
        serde_json::from_str(&printed(&args, None)).expect("JSON")
    };
    let have = essence(&told(&fifos));
    for writer in writers {
        writer.join().expect("a writer").expect("written");
    }
    same(have, essence(&told(&own)), "three pipes");
}
