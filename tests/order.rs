//! The answer depends on the log alone: not on threads, blocks, the files it came in, or the speed of a pipe.
//! In: the incident of `testdata/encodings`, cut and dealt in many ways. Out: nothing.
//! Never: compares what must differ, the names of files and the numbers of lines in them.

mod support;

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

#[test]
fn files_may_be_named_in_any_order_where_stamps_decide() {
    // Three hosts' logs of one time, no two lines at the same instant.
    let files = Files::new("permuted");
    let mut stamps = std::collections::BTreeSet::new();
    let paths: Vec<PathBuf> = [("alder", 1), ("birch", 0), ("cedar", 2)]
        .iter()
        .map(|(host, shift)| {
            let text: String = log("short-unix.log")
                .lines()
                .map(|line| {
                    let (stamp, rest) = line.split_once(' ').expect("a stamp");
                    let (seconds, micros) = stamp.split_once('.').expect("a fraction");
                    let micros: u64 = micros.parse().expect("a number");
                    let stamp = format!("{seconds}.{:06}", micros + shift * 17);
                    assert!(stamps.insert(stamp.clone()), "{stamp} twice");
                    format!("{stamp} {}\n", rest.replacen("birch", host, 1))
                })
                .collect();
            files.add(&format!("{host}.log"), text)
        })
        .collect();
    let tell = |order: [usize; 3]| {
        let paths: Vec<PathBuf> = order.iter().map(|n| paths[*n].clone()).collect();
        let report = report_of_files(&paths, &options(), &patterns());
        let json = rendered(&report, Format::Json);
        let mut value: Value = serde_json::from_str(&json).expect("JSON");
        let inputs = value["inputs"].as_array_mut().expect("inputs");
        inputs.sort_by_key(|input| input["path"].as_str().map(str::to_owned));
        value.as_object_mut().expect("an object").remove("remarks");
        value
    };
    let want = tell([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(difference(&tell(order), &want), None, "{order:?}");
    }
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
