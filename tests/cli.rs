//! The command line keeps its promises: options, exit codes, errors with a way out, and the JSON contract.
//! In: small logs in folders of their own. Out: failures that show what was printed.
//! Never: judges what a finding says; cases do.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A node loses a link and, alone, its quorum; all comes back.
const TROUBLE: &str = "\
2026-11-21T10:00:00.000000+00:00 pve1 corosync[812]:   [KNET  ] link: host: 2 link: 0 is down
2026-11-21T10:00:02.000000+00:00 pve1 corosync[812]:   [TOTEM ] Token has not been received in 2737 ms
2026-11-21T10:00:08.000000+00:00 pve1 corosync[812]:   [QUORUM] Sync members[1]: 1
2026-11-21T10:00:08.000100+00:00 pve1 corosync[812]:   [QUORUM] Sync left[2]: 2 3
2026-11-21T10:00:08.000200+00:00 pve1 corosync[812]:   [TOTEM ] A new membership (1.2b4) was formed. Members left: 2 3
2026-11-21T10:00:08.000300+00:00 pve1 corosync[812]:   [TOTEM ] Failed to receive the leave message. failed: 2 3
2026-11-21T10:00:08.000400+00:00 pve1 corosync[812]:   [QUORUM] This node is within the non-primary component and will NOT provide any services.
2026-11-21T10:00:08.100000+00:00 pve1 pmxcfs[745]: [status] notice: node lost quorum
2026-11-21T10:00:30.000000+00:00 pve1 corosync[812]:   [KNET  ] rx: host: 2 link: 0 is up
2026-11-21T10:00:32.000000+00:00 pve1 corosync[812]:   [QUORUM] Sync members[3]: 1 2 3
2026-11-21T10:00:32.000100+00:00 pve1 corosync[812]:   [QUORUM] Sync joined[2]: 2 3
2026-11-21T10:00:32.000200+00:00 pve1 corosync[812]:   [TOTEM ] A new membership (1.2b9) was formed. Members joined: 2 3
2026-11-21T10:00:33.000000+00:00 pve1 corosync[812]:   [QUORUM] This node is within the primary component and will provide service.
2026-11-21T10:00:33.100000+00:00 pve1 pmxcfs[745]: [status] notice: node has quorum
";

/// A cluster in which nothing happens.
const CALM: &str = "\
2026-11-21T10:00:00.000000+00:00 pve1 pmxcfs[745]: [status] notice: all data is up to date
2026-11-21T10:05:00.000000+00:00 pve1 pmxcfs[745]: [status] notice: received log
";

/// A host that is in no cluster.
const ELSEWHERE: &str = "\
2026-11-21T10:00:00.000000+00:00 web cron[812]: (root) CMD (true)
2026-11-21T10:05:00.000000+00:00 web sshd[745]: Accepted publickey for root from 192.0.2.7 port 50000 ssh2
";

const PROSE: &str = "Dear diary,\ntoday nothing worked.\n";

/// A pattern that finds a link down, and names it as the test wishes.
const PATTERN: &str = r#"
id       = "my-link"
title    = "A link went down"
meaning  = "a link went down"
severity = "high"

[on]
see = "corosync.link-down"

[say]
text = "{node} lost a link."

[[example]]
about = "one"
lines = '''
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [KNET  ] link: host: 2 link: 0 is down
'''

[[counterexample]]
about = "none"
lines = '''
2026-11-21T10:00:00+00:00 pve1 corosync[812]:   [KNET  ] rx: host: 2 link: 0 is up
'''
"#;

/// A folder of its own for one test.
struct Dir(PathBuf);

impl Dir {
    fn new(test: &str) -> Dir {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("cli")
            .join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Dir(path)
    }

    fn with(self, name: &str, text: &str) -> Dir {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fencepost"));
        command
            .args(args)
            .current_dir(&self.0)
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = self
            .command(args)
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        Ran::new(args, output)
    }

    /// Runs with `text` on standard input, through a pipe.
    fn pipe(&self, text: &str, args: &[&str]) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        let text = text.to_owned();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(text.as_bytes());
        });
        let output = child.wait_with_output().expect("it ends");
        writer.join().expect("the writer ends");
        Ran::new(args, output)
    }
}

/// What a run left behind.
struct Ran {
    args: Vec<String>,
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn new(args: &[&str], output: Output) -> Ran {
        Ran {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    #[track_caller]
    fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{}", self.told());
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Ran {
        assert!(self.out.contains(text), "no {text:?} in\n{}", self.told());
        self
    }

    #[track_caller]
    fn complains(self, text: &str) -> Ran {
        assert!(self.err.contains(text), "no {text:?} in\n{}", self.told());
        self
    }

    #[track_caller]
    fn quiet_on_stderr(self) -> Ran {
        assert!(self.err.is_empty(), "{}", self.told());
        self
    }

    fn told(&self) -> String {
        format!(
            "fencepost {:?} exited with {:?}\n--- out\n{}--- err\n{}",
            self.args, self.code, self.out, self.err
        )
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("no JSON ({why}):\n{}", self.told()))
    }
}

#[test]
fn findings_alone_are_no_failure() {
    let dir = Dir::new("findings").with("a.log", TROUBLE);
    dir.run(&["a.log"])
        .exits(0)
        .says("CATASTROPHIC")
        .quiet_on_stderr();
    dir.run(&["analyze", "a.log"]).exits(0).says("CATASTROPHIC");
}

#[test]
fn fail_on_makes_them_one() {
    let dir = Dir::new("fail-on")
        .with("a.log", TROUBLE)
        .with("calm.log", CALM);
    dir.run(&["--fail-on", "catastrophic", "a.log"])
        .exits(1)
        .says("CATASTROPHIC");
    dir.run(&["--fail-on", "low", "a.log"]).exits(1);
    dir.run(&["--fail-on", "info", "calm.log"]).exits(0);
    dir.run(&["--fail-on", "medium", "-o", "json", "a.log"])
        .exits(1);
    dir.pipe(TROUBLE, &["--fail-on", "high", "-o", "jsonl"])
        .exits(1);
}

#[test]
fn wrong_usage_is_2_and_says_what_is_right() {
    let dir = Dir::new("usage").with("a.log", TROUBLE);
    dir.run(&["--no-such-option"])
        .exits(2)
        .complains("--no-such-option");
    dir.run(&["--fail-on", "bad", "a.log"])
        .exits(2)
        .complains("catastrophic");
    dir.run(&["-o", "pdf", "a.log"]).exits(2).complains("jsonl");
    dir.run(&["-o", "md=", "a.log"]).exits(2).complains("md=");
    dir.run(&["-o", "md", "-o", "json", "a.log"])
        .exits(2)
        .complains("standard output")
        .complains("help: ");
    dir.run(&["-o", "md=x", "-o", "json=x", "a.log"])
        .exits(2)
        .complains("cannot both go to x");
    dir.run(&["-o", "html", "--at", "2026-11-21 10:00:20", "a.log"])
        .exits(2)
        .complains("--at");
    dir.run(&["--tz", "Mars/Olympus", "a.log"])
        .exits(2)
        .complains("help: ");
    dir.run(&["-S", "soon", "a.log"])
        .exits(2)
        .complains("yesterday");
    dir.run(&["-n", "pve1", "a.log"])
        .exits(2)
        .complains("NAME=PATH");
    dir.run(&["--year", "12", "a.log"]).exits(2);
    dir.run(&["-q", "-v", "a.log"]).exits(2);
    dir.run(&["patterns"]).exits(2);
    dir.run(&["patterns", "show"]).exits(2);
    dir.run(&["verify"]).exits(2);
    dir.run(&["--patterns", "nowhere", "a.log"])
        .exits(2)
        .complains("nowhere");
}

#[test]
fn what_cannot_be_read_is_3_and_the_rest_is_analysed() {
    let dir = Dir::new("unread").with("a.log", TROUBLE);
    dir.run(&["nowhere.log"])
        .exits(3)
        .complains("error: cannot open nowhere.log: ")
        .complains("help: ");
    dir.run(&["a.log", "nowhere.log"])
        .exits(3)
        .says("CATASTROPHIC")
        .complains("nowhere.log");
    dir.run(&["--keep-going", "a.log", "nowhere.log"])
        .exits(0)
        .complains("nowhere.log");
    dir.run(&["--keep-going", "nowhere.log"]).exits(3);
    dir.run(&["events", "a.log", "nowhere.log"])
        .exits(3)
        .says("corosync.link-down");
    dir.run(&["events", "--keep-going", "a.log", "nowhere.log"])
        .exits(0);
    dir.run(&["verify", "nowhere"])
        .exits(3)
        .complains("nowhere");
}

#[test]
fn the_report_says_what_is_missing() {
    let dir = Dir::new("missing").with("a.log", TROUBLE);
    dir.run(&["a.log", "nowhere.log"]).says("nowhere.log");
    dir.run(&["-o", "json", "a.log", "nowhere.log"])
        .says("nowhere.log");
}

#[test]
fn unread_outranks_failed() {
    let dir = Dir::new("rank").with("a.log", TROUBLE);
    dir.run(&["--fail-on", "low", "a.log", "nowhere.log"])
        .exits(3);
    dir.run(&["--fail-on", "low", "--keep-going", "a.log", "nowhere.log"])
        .exits(1);
}

#[test]
fn what_is_no_log_is_3_and_a_log_of_no_cluster_is_0() {
    let dir = Dir::new("recognised")
        .with("prose.txt", PROSE)
        .with("web.log", ELSEWHERE)
        .with("calm.log", CALM)
        .with("empty.log", "");
    for command in [&["prose.txt"][..], &["events", "prose.txt"]] {
        dir.run(command)
            .exits(3)
            .complains("error: ")
            .complains("help: ");
    }
    dir.run(&["prose.txt", "-o", "json"]).exits(3).json();
    dir.run(&["empty.log"])
        .exits(3)
        .complains("empty")
        .complains("help: ");
    dir.pipe("", &[]).exits(3).complains("journalctl");
    dir.run(&["web.log"])
        .exits(0)
        .says("Nothing of a cluster in here")
        .quiet_on_stderr();
    dir.run(&["--fail-on", "info", "web.log"]).exits(0);
    dir.run(&["events", "web.log"]).exits(0).quiet_on_stderr();
    dir.run(&["calm.log"]).exits(0).quiet_on_stderr();
}

#[test]
fn a_closed_pipe_is_quiet() {
    let mut text = String::new();
    for n in 0..20_000 {
        text += &format!(
            "corosync[812]:   [KNET  ] link: host: {} link: 0 is down\n",
            n % 50 + 2
        );
    }
    let dir = Dir::new("closed").with("long.log", &text);
    for args in [
        &["events", "long.log"][..],
        &["-v", "long.log"],
        &["-o", "json", "long.log"],
        &["events", "--kinds"],
        &["patterns", "show", "quorum-loss"],
        &["schema"],
    ] {
        let mut child = dir
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut out = child.stdout.take().expect("a pipe");
        let mut first = [0; 1];
        out.read_exact(&mut first).expect("at least one byte");
        drop(out);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            (
                output.status.code(),
                String::from_utf8_lossy(&output.stderr).as_ref()
            ),
            (Some(0), ""),
            "{args:?}"
        );
    }
}

#[test]
fn one_reading_answers_in_several_forms() {
    let dir = Dir::new("forms").with("a.log", TROUBLE);
    let alone = |form: &str| dir.run(&["-o", form, "a.log"]).exits(0).out;
    let (json, md, csv) = (alone("json"), alone("md"), alone("csv"));
    let forms = [
        "-o",
        "md=post.md",
        "-o",
        "json",
        "-o",
        "csv=t.csv",
        "-o",
        "term=t.txt",
    ];
    let ran = dir.run(&[&forms[..], &["a.log"]].concat()).exits(0);
    let written = |name: &str| fs::read_to_string(dir.0.join(name)).expect("it was written");
    assert_eq!(ran.out, json);
    assert_eq!(written("post.md"), md);
    assert_eq!(written("t.csv"), csv);
    assert!(written("t.txt").contains("CATASTROPHIC"));
    assert!(!written("t.txt").contains('\u{1b}'));
    assert!(md.starts_with("# ") && csv.starts_with("at,node,what"));
    assert_eq!(
        csv.lines().count(),
        1 + ran.json()["incidents"][0]["timeline"]
            .as_array()
            .expect("a timeline")
            .len()
    );
    assert!(!md.contains("```mermaid"));
}

#[test]
fn junit_fails_what_fail_on_fails() {
    let dir = Dir::new("junit")
        .with("a.log", TROUBLE)
        .with("calm.log", CALM);
    let failures = |args: &[&str]| {
        let text = dir.run(&[args, &["-o", "junit"]].concat()).out;
        let (_, rest) = text.split_once("failures=\"").expect("a count");
        let (number, _) = rest.split_once('"').expect("its end");
        number.parse::<usize>().expect("a number")
    };
    let (low, high) = (
        failures(&["a.log"]),
        failures(&["--fail-on", "catastrophic", "a.log"]),
    );
    assert_eq!(failures(&["calm.log"]), 0);
    assert_eq!(high, 1);
    assert!(low > high);
}

#[test]
fn redacted_logs_go_where_they_are_told() {
    let dir = Dir::new("redacted")
        .with("a.log", TROUBLE)
        .with("b.log", CALM);
    let one = dir.run(&["redact", "a.log"]).exits(0).quiet_on_stderr();
    assert_eq!(one.out.lines().count(), TROUBLE.lines().count());
    assert!(!one.out.contains("pve1"), "{}", one.told());
    assert_eq!(dir.pipe(TROUBLE, &["redact"]).exits(0).out, one.out);
    dir.run(&["redact", "a.log", "b.log"])
        .exits(2)
        .complains("redact -d DIR");
    dir.run(&["redact", "-d", "new/folder", "a.log", "b.log"])
        .exits(0);
    let first = fs::read_to_string(dir.0.join("new/folder/log1.log"));
    assert_eq!(first.expect("it was written"), one.out);
    dir.run(&["redact", "-d", "a.log", "b.log"])
        .exits(3)
        .complains("a.log");
    dir.run(&["redact", "nowhere.log"])
        .exits(3)
        .complains("nowhere.log");
    dir.run(&["--redact", "-c", "x", "a.log"])
        .exits(2)
        .complains("--config");
    dir.run(&["--redact", "a.log"]).exits(0).says("xnode1");
}

#[test]
fn a_file_that_cannot_be_made_is_said_before_anything_is_read() {
    let dir = Dir::new("unmakeable").with("a.log", TROUBLE);
    dir.run(&["-o", "json=no/such/folder.json", "a.log"])
        .exits(3)
        .complains("no/such/folder.json");
}

#[test]
fn an_output_that_cannot_be_written_is_3() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let dir = Dir::new("full").with("a.log", TROUBLE);
    let output = dir
        .command(&["a.log"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .expect("it runs");
    Ran::new(&["a.log"], output)
        .exits(3)
        .complains("cannot write the output")
        .complains("help: ");
}

#[test]
fn quiet_is_the_verdict() {
    let dir = Dir::new("quiet")
        .with("a.log", TROUBLE)
        .with("calm.log", CALM);
    for log in ["a.log", "calm.log"] {
        let ran = dir.run(&["-q", log]).exits(0).quiet_on_stderr();
        let lines = ran.out.trim_end().lines().count();
        assert!((1..=2).contains(&lines), "{}", ran.told());
    }
}

const KEYS: [&str; 10] = [
    "schema",
    "tool",
    "verdict",
    "inputs",
    "remarks",
    "cluster",
    "incidents",
    "findings",
    "boots",
    "outages",
];

#[track_caller]
fn has(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "no `{key}` in {value:#}");
    }
}

#[test]
fn json_is_one_object_with_the_keys_of_the_contract() {
    let dir = Dir::new("json").with("a.log", TROUBLE);
    let value = dir.run(&["-o", "json", "a.log"]).exits(0).json();
    has(&value, &KEYS);
    assert_eq!(value["schema"], "fencepost/1");
    has(&value["verdict"], &["severity", "text"]);
    has(
        &value["inputs"][0],
        &["path", "node", "first", "last", "lines", "coverage"],
    );
    has(
        &value["inputs"][0]["coverage"],
        &["known_programs", "understood", "unknown"],
    );
    has(
        &value["cluster"],
        &["nodes", "configured", "quorum", "margin", "token_ms"],
    );
    has(&value["cluster"]["nodes"][0], &["id", "name", "basis"]);
    has(&value["cluster"]["quorum"], &["value", "basis"]);
    let incident = &value["incidents"][0];
    has(
        incident,
        &[
            "id", "title", "severity", "status", "began", "ended", "nodes", "causes", "findings",
            "timeline", "advice",
        ],
    );
    has(&incident["advice"][0], &["say", "run", "safety", "because"]);
    let finding = &value["findings"][0];
    has(
        finding,
        &[
            "id",
            "kind",
            "severity",
            "node",
            "subject",
            "began",
            "ended",
            "open",
            "count",
            "basis",
            "caused_by",
            "evidence",
            "details",
        ],
    );
    has(&finding["evidence"][0], &["input", "line", "text"]);
    // Ids of findings are those of the list.
    let ids: Vec<&Value> = value["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| &finding["id"])
        .collect();
    for id in incident["findings"].as_array().expect("ids") {
        assert!(ids.contains(&id), "{id} is no finding");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let dir = Dir::new("same").with("a.log", TROUBLE);
    let first = dir.run(&["-o", "json", "a.log"]).out;
    for args in [
        &["-o", "json", "a.log"][..],
        &["-o", "json", "--threads", "1", "a.log"],
        &[
            "-o",
            "json",
            "--threads",
            "8",
            "--block-bytes",
            "7",
            "a.log",
        ],
    ] {
        assert!(dir.run(args).out == first, "{args:?}");
    }
}

#[test]
fn a_stream_ends_with_its_reader() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fencepost"));
    program.args(["-o", "jsonl"]);
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(TROUBLE.as_bytes()).expect("room in a pipe");
    let mut output = child.stdout.take().expect("a pipe");
    output.read_exact(&mut [0]).expect("a finding");
    drop(output);
    // Each is news; once one cannot be told, the pipe is not read any more.
    let refused = (1..100_000).any(|hour| {
        let stamp = format!("2026-12-{:02}T{:02}:00", 1 + hour / 24 % 28, hour % 24);
        let line = format!(
            "{stamp}:00+00:00 pve1 corosync[812]:   [KNET  ] link: host: 3 link: 0 is down\n"
        );
        input.write_all(line.as_bytes()).is_err()
    });
    assert!(refused, "it went on to read");
    assert!(child.wait().expect("its end").success());
}

#[test]
fn jsonl_is_one_object_a_line() {
    let dir = Dir::new("jsonl").with("a.log", TROUBLE);
    for ran in [
        dir.run(&["-o", "jsonl", "a.log"]),
        dir.pipe(TROUBLE, &["-o", "jsonl"]),
        dir.run(&["events", "a.log"]),
    ] {
        let ran = ran.exits(0);
        assert!(ran.out.lines().count() > 3, "{}", ran.told());
        for line in ran.out.lines() {
            let value: Value =
                serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
            assert!(value.is_object(), "{line}");
            let key = if ran.args[0] == "events" {
                "kind"
            } else {
                "type"
            };
            has(&value, &[key]);
        }
    }
}

#[test]
fn events_have_the_keys_of_the_contract() {
    let dir = Dir::new("events").with("a.log", TROUBLE);
    let ran = dir.run(&["events", "a.log"]).exits(0);
    let first: Value = serde_json::from_str(ran.out.lines().next().expect("a line")).expect("JSON");
    has(
        &first,
        &[
            "input", "line", "at", "node", "program", "pid", "kind", "text", "peer", "link",
        ],
    );
    assert_eq!(first["kind"], "corosync.link-down");
    assert_eq!(first["at"], "2026-11-21T10:00:00Z");
    dir.run(&["events", "--unknown", "a.log"]).exits(0);
    dir.pipe(
        "Nov 22 08:49:04 pve1 corosync[812]:   [KNET  ] never heard of 42\n",
        &["events", "--unknown"],
    )
    .exits(0)
    .says("never heard of");
}

#[test]
fn colours_are_for_terminals() {
    let dir = Dir::new("colours").with("a.log", TROUBLE);
    let coloured = |args: &[&str]| dir.run(args).exits(0).out.contains('\u{1b}');
    assert!(!coloured(&["a.log"]));
    assert!(!coloured(&["--color", "never", "a.log"]));
    assert!(coloured(&["--color", "always", "a.log"]));
    let forced = dir
        .command(&["a.log"])
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .expect("it runs");
    assert!(!forced.stdout.contains(&0x1b), "NO_COLOR wins");
}

#[test]
fn ascii_is_ascii() {
    let dir = Dir::new("ascii").with("a.log", TROUBLE);
    for args in [
        &["--ascii", "a.log"][..],
        &["--ascii", "-v", "a.log"],
        &["--ascii", "-q", "a.log"],
    ] {
        let ran = dir.run(args).exits(0);
        assert!(ran.out.is_ascii(), "{}", ran.told());
    }
}

#[test]
fn eighty_columns_are_enough() {
    let long = "/a/very/long/folder/".repeat(6);
    let dir = Dir::new("width")
        .with("a.log", TROUBLE)
        .with(&format!("{}b.log", &long[1..]), TROUBLE);
    for (args, width) in [
        (&["a.log"][..], 80),
        (&["-v", "a.log"], 80),
        (&["-q", "a.log"], 80),
        (&["--width", "60", "a.log"], 60),
        (&["--ascii", "a.log"], 80),
        (&["explain", "cpg_join failed: 14"], 80),
        (&["--help"], 80),
        (&["verify", "--help"], 80),
        (&["redact", "--help"], 80),
    ] {
        let ran = dir.run(args).exits(0);
        for line in ran.out.lines() {
            // A command stays whole, so that it can be copied.
            let command = line.trim_start().starts_with("fencepost ")
                || line.contains("corosync-cfgtool")
                || line.contains("/etc/pve/.probe");
            assert!(
                command || line.chars().count() <= width,
                "{args:?}: wider than {width}: {line}"
            );
        }
    }
}

#[test]
fn a_users_pattern_adds_its_findings() {
    let dir = Dir::new("pattern")
        .with("a.log", TROUBLE)
        .with("mine/my-link.toml", PATTERN);
    let value = dir
        .run(&["--patterns", "mine", "-o", "json", "a.log"])
        .exits(0)
        .json();
    let kinds: Vec<&str> = value["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["kind"].as_str())
        .collect();
    assert!(
        kinds.contains(&"my-link") && kinds.contains(&"quorum-loss"),
        "{kinds:?}"
    );
    dir.run(&["patterns", "list", "--patterns", "mine"])
        .exits(0)
        .says("my-link");
    dir.run(&["patterns", "show", "my-link", "--patterns", "mine"])
        .exits(0)
        .says("[on]");
    dir.run(&["patterns", "test", "mine"])
        .exits(0)
        .says("0 faults");
}

#[test]
fn a_users_pattern_replaces_one_of_the_same_id() {
    let text = PATTERN
        .replace("my-link", "link-flap")
        .replace("\"high\"", "\"catastrophic\"");
    let dir = Dir::new("replace")
        .with("a.log", TROUBLE)
        .with("mine/link-flap.toml", &text);
    let listed = dir
        .run(&["patterns", "list", "--patterns", "mine"])
        .exits(0);
    let rows: Vec<&str> = listed
        .out
        .lines()
        .filter(|row| row.starts_with("link-flap "))
        .collect();
    assert!(
        rows.len() == 1 && rows[0].contains("catastrophic"),
        "{}",
        listed.told()
    );
}

#[test]
fn a_faulty_pattern_is_shown_where_it_is_faulty() {
    let dir = Dir::new("faulty").with("a.log", TROUBLE).with(
        "mine/my-link.toml",
        &PATTERN.replace("corosync.link-down", "corosync.link-donw"),
    );
    let line = PATTERN
        .lines()
        .position(|line| line.starts_with("see = "))
        .expect("a line")
        + 1;
    for args in [
        &["--patterns", "mine", "a.log"][..],
        &["patterns", "test", "mine"],
    ] {
        let ran = dir
            .run(args)
            .exits(2)
            .complains("corosync.link-donw")
            .complains("corosync.link-down")
            .complains("my-link.toml")
            .complains("^^^");
        assert!(
            ran.err.contains(&format!("my-link.toml:{line}:")),
            "{}",
            ran.told()
        );
        assert!(ran.out.is_empty(), "{}", ran.told());
    }
}

#[test]
fn an_example_that_does_not_hold_is_1() {
    let text = PATTERN.replacen(
        "link: host: 2 link: 0 is down",
        "rx: host: 2 link: 0 is up",
        1,
    );
    let dir = Dir::new("example").with("mine/my-link.toml", &text);
    dir.run(&["patterns", "test", "mine"])
        .exits(1)
        .says("my-link.toml: one: ");
}

#[test]
fn a_pattern_that_is_not_there_is_suggested() {
    let dir = Dir::new("suggest");
    dir.run(&["patterns", "show", "nosuch"])
        .exits(2)
        .complains("patterns list");
    dir.run(&["patterns", "show", "link-flop"])
        .exits(2)
        .complains("did you mean `link-flap`?");
    dir.run(&["patterns", "show", "link-flap"])
        .exits(0)
        .says("id       = \"link-flap\"");
}

#[test]
fn explain_explains() {
    let dir = Dir::new("explain");
    dir.run(&["explain", "cpg_join failed: 14"])
        .exits(0)
        .says("pmxcfs.join-failed")
        .says("CS_ERR_EXIST");
    dir.run(&["explain", "cpg_join", "failed:", "14"])
        .exits(0)
        .says("pmxcfs.join-failed");
    dir.run(&[
        "explain",
        "corosync[3813]:   [TOTEM ] Token has not been received in 5266 ms",
    ])
    .exits(0)
    .says("5266")
    .says("8 nodes");
    dir.run(&["explain", "quorum-loss"])
        .exits(0)
        .says("patterns show quorum-loss");
    dir.run(&["explain", "lost_agent_lock"]).exits(0);
    dir.pipe(TROUBLE, &["explain"])
        .exits(0)
        .says("corosync.link-down")
        .says("pmxcfs.quorum-lost");
    dir.run(&["explain", "the moon is down"])
        .exits(3)
        .complains("the moon is down")
        .complains("help: ");
    // What is not known is told without what a terminal would obey.
    let ran = dir.run(&["explain", "\u{1b}[2J"]).exits(3);
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.told());
}

#[test]
fn a_log_without_hosts_gets_one() {
    let text: String = TROUBLE
        .lines()
        .filter_map(|line| Some(format!("{}\n", line.split_once(" pve1 ")?.1)))
        .collect();
    let dir = Dir::new("names").with("a.log", &text);
    for args in [
        &["-n", "elm=a.log", "-o", "json"][..],
        &["-n", "elm=a.log", "-o", "json", "a.log"],
    ] {
        let value = dir.run(args).exits(0).json();
        assert_eq!(value["inputs"].as_array().map(Vec::len), Some(1));
        assert_eq!(value["inputs"][0]["node"], "elm");
        assert_eq!(value["findings"][0]["node"], "elm");
        assert_eq!(value["findings"][0]["began"], Value::Null);
    }
}

#[test]
fn year_and_zone_are_supplied() {
    let dir = Dir::new("zone").with(
        "a.log",
        "Jul 22 08:49:04 pve1 corosync[812]:   [KNET  ] link: host: 2 link: 0 is down\n",
    );
    let at = |args: &[&str]| {
        let ran = dir.run(args).exits(0);
        let value: Value = serde_json::from_str(ran.out.trim()).expect("one event");
        value["at"].as_str().expect("a stamp").to_owned()
    };
    assert_eq!(
        at(&["events", "--year", "2024", "a.log"]),
        "2024-07-22T08:49:04Z"
    );
    assert_eq!(
        at(&["events", "--year", "2024", "--tz", "Europe/Vienna", "a.log"]),
        "2024-07-22T06:49:04Z"
    );
}

#[test]
fn since_and_until_leave_out_the_rest() {
    let dir = Dir::new("since").with("a.log", TROUBLE);
    let count = |args: &[&str]| dir.run(args).exits(0).out.lines().count();
    assert_eq!(count(&["events", "a.log"]), 14);
    assert_eq!(count(&["events", "-S", "2026-11-21 10:00:30", "a.log"]), 6);
    assert_eq!(count(&["events", "-U", "2026-11-21T10:00:02Z", "a.log"]), 2);
    assert_eq!(
        count(&[
            "events",
            "-S",
            "@1795255202",
            "-U",
            "2026-11-21 10:00:10",
            "a.log"
        ]),
        7
    );
}

#[test]
fn verify_tells_what_differs() {
    let case = |expect: &str| format!("about = \"a test\"\n[expect]\n{expect}\n");
    let dir = Dir::new("verify")
        .with("good/one/case.toml", &case("others = [\"quorum-loss\", \"link-flap\", \"token-loss\", \"membership-change\", \"network-degradation\", \"pmxcfs-desync\"]\nseverity = \"catastrophic\""))
        .with("good/one/input/a.log", TROUBLE)
        .with("bad/two/case.toml", &case("kinds = { self-fence = 1 }\nseverity = \"low\""))
        .with("bad/two/input/a.log", TROUBLE)
        .with("broken/three/case.toml", "about = ")
        .with("broken/three/input/a.log", TROUBLE)
        .with("none/readme.txt", "no case here");
    dir.run(&["verify", "good"])
        .exits(0)
        .says("ok      one")
        .says("1 case, 0 failed");
    dir.run(&["verify", "good/one"]).exits(0);
    dir.run(&["verify", "bad", "-o", "junit"])
        .exits(1)
        .says("<testcase name=\"two\" classname=\"fencepost\">")
        .says("failures=\"1\"");
    dir.run(&["verify", "bad"])
        .exits(1)
        .says("FAILED  two")
        .says("self-fence: 0 above info, expected 1")
        .says("quorum-loss: 1 above info, expected none")
        .says("expected Low");
    dir.run(&["verify", "broken"]).exits(1).says("case.toml");
    dir.run(&["verify", "none"]).exits(2).complains("case.toml");
}

#[test]
fn the_schema_describes_what_is_printed() {
    let dir = Dir::new("schema").with("a.log", TROUBLE);
    let schema = dir.run(&["schema"]).exits(0).json();
    let described = schema["properties"].as_object().expect("properties");
    let printed = dir.run(&["-o", "json", "a.log"]).json();
    for key in printed.as_object().expect("an object").keys() {
        assert!(described.contains_key(key), "the schema lacks `{key}`");
    }
}

#[test]
fn every_help_has_an_example() {
    let dir = Dir::new("help");
    for args in [
        &["--help"][..],
        &["-h"],
        &["analyze", "--help"],
        &["events", "--help"],
        &["explain", "--help"],
        &["patterns", "--help"],
        &["patterns", "list", "--help"],
        &["patterns", "show", "--help"],
        &["patterns", "test", "--help"],
        &["verify", "--help"],
        &["schema", "--help"],
    ] {
        let ran = dir.run(args).exits(0);
        assert!(
            ran.out.contains("Example") && ran.out.contains("\n  fencepost ")
                || ran.out.contains("| fencepost"),
            "{}",
            ran.told()
        );
    }
    dir.run(&["--version"]).exits(0).says("fencepost ");
}

#[test]
fn configuration_states_what_a_log_does_not() {
    let conf = "nodelist {\n  node {\n    name: pve1\n    nodeid: 1\n    quorum_votes: 1\n    ring0_addr: 192.0.2.1\n  }\n  \
         node {\n    name: pve2\n    nodeid: 2\n    quorum_votes: 1\n    ring0_addr: 192.0.2.2\n  }\n  \
         node {\n    name: pve3\n    nodeid: 3\n    quorum_votes: 1\n    ring0_addr: 192.0.2.3\n  }\n}\n\
         totem {\n  version: 2\n  cluster_name: grove\n  config_version: 3\n  token: 10000\n}\n";
    let dir = Dir::new("config")
        .with("a.log", TROUBLE)
        .with("nothing.txt", PROSE)
        .with("corosync.conf", conf);
    let told = |args: &[&str]| -> Value {
        let ran = dir.run(args).exits(0);
        let report: Value = serde_json::from_str(&ran.out).expect("JSON");
        report["cluster"].clone()
    };
    let with = told(&["-o", "json", "-c", "corosync.conf", "a.log"]);
    let because = "the configuration of the cluster says so";
    assert_eq!(with["configured"]["value"], 3);
    assert_eq!(with["configured"]["because"], because);
    assert_eq!(with["token_ms"]["value"], 10650);
    assert_eq!(with["token_ms"]["basis"], "stated");
    let names: Vec<&Value> = with["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|n| &n["name"])
        .collect();
    assert!(
        ["pve1", "pve2", "pve3"]
            .iter()
            .all(|name| names.contains(&&Value::from(*name))),
        "{names:?}"
    );
    assert_eq!(with["links"][1]["address"], "192.0.2.2");
    assert_eq!(with["links"][1]["node"], "pve2");
    assert_eq!(with["given"][0]["from"], "corosync.conf");
    let ran = dir.run(&["-o", "json", "-c", "corosync.conf", "a.log"]);
    let report: Value = serde_json::from_str(&ran.exits(0).out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let flap = findings.iter().find(|f| f["kind"] == "link-flap");
    let flap = flap.expect("a link went down");
    assert_eq!(flap["subject"], "link 0 to node 2");
    assert_eq!(flap["details"]["address"], "192.0.2.2");
    dir.run(&["-v", "-c", "corosync.conf", "a.log"])
        .exits(0)
        .says("link 0 to node 2 (192.0.2.2)")
        .says("names and ids of nodes, votes, token timeout, links: corosync.conf")
        .says("pve1 192.0.2.1, pve2 192.0.2.2, pve3 192.0.2.3");
    let without = told(&["-o", "json", "a.log"]);
    assert_eq!(without.get("links"), None);
    assert_ne!(without["configured"]["because"], because);
    dir.run(&["-c", "nothing.txt", "a.log"])
        .exits(2)
        .complains("configuration");
    dir.run(&["-c", "absent.conf", "a.log"])
        .exits(2)
        .complains("absent.conf");
}

/// Where log and configuration state different things, both are shown, and neither is called wrong.
#[test]
fn what_log_and_configuration_contradict_is_a_finding() {
    let log = "2026-05-03T10:00:00+00:00 elm pmxcfs[745]: [status] notice: update cluster info (cluster name  grove, version = 3)\n\
               2026-05-03T10:00:01+00:00 elm corosync[812]:   [KNET  ] host: host: 2 (passive) best link: 0 (pri: 1)\n\
               2026-05-03T10:00:02+00:00 elm corosync[812]:   [TOTEM ] A processor failed, forming new configuration: token timed out (5000ms), waiting 6000ms for consensus.\n";
    let reload = "2026-05-03T11:00:00+00:00 elm corosync[812]:   [CFG   ] Config reload requested by node 2\n";
    let conf = "totem {\n  cluster_name: grove\n  config_version: 3\n  token: 10000\n}\n\
                nodelist {\n  node {\n    name: elm\n    nodeid: 1\n    ring0_addr: 192.0.2.1\n  }\n  \
                node {\n    name: oak\n    nodeid: 2\n    ring0_addr: 192.0.2.2\n  }\n}\n";
    let dir = Dir::new("contradicted")
        .with("a.log", log)
        .with("reloaded.log", &format!("{log}{reload}"))
        .with("etc/corosync.conf", conf);
    let errors = |report: &Value| -> Vec<Value> {
        let findings = report["findings"].as_array().expect("findings");
        let of_kind = findings.iter().filter(|f| f["kind"] == "config-error");
        of_kind.cloned().collect()
    };
    let told = |log: &str| -> Vec<Value> {
        let ran = dir
            .run(&["-o", "json", "-c", "etc/corosync.conf", log])
            .exits(0);
        errors(&serde_json::from_str(&ran.out).expect("JSON"))
    };
    let found = told("a.log");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["subject"], "token timeout");
    assert_eq!(found[0]["severity"], "low");
    assert_eq!(found[0]["details"]["log_value"], 5000);
    assert_eq!(found[0]["details"]["file_value"], 10000);
    let lines: Vec<(&str, u64)> = found[0]["evidence"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|e| {
            (
                e["input"].as_str().expect("a name"),
                e["line"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(lines, [("a.log", 3), ("etc/corosync.conf", 4)]);
    let text = found[0]["text"].as_str().expect("a sentence");
    assert!(
        text.starts_with("The log of 2026-05-03 says a token timeout of 5000 ms, corosync.conf:4 makes it 10000 ms; both are of config_version 3"),
        "{text}"
    );
    assert_eq!(
        told("reloaded.log"),
        Vec::<Value>::new(),
        "the file was read anew"
    );
    // With one input its lines need no name; those of the configuration do.
    let ran = dir
        .run(&["-v", "-c", "etc/corosync.conf", "a.log"])
        .exits(0)
        .says("Log and configuration differ: token timeout")
        .says("etc/corosync.conf:4 │ token: 10000");
    assert!(!ran.out.contains("a.log:3"), "{}", ran.told());
    // A pipe is told the same as a file.
    let ran = dir
        .pipe(log, &["-o", "jsonl", "-c", "etc/corosync.conf"])
        .exits(0);
    let piped = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let piped: Vec<Value> = piped
        .filter(|line| line["kind"] == "config-error")
        .collect();
    assert_eq!(piped.len(), 1);
    assert_eq!(piped[0]["text"], found[0]["text"]);
}

/// What `check` predicts, a log shows going off, and the configuration explains it: one incident.
#[test]
fn the_task_index_tells_whether_the_owner_of_a_lock_ended() {
    let log = "2026-03-03T14:30:00+00:00 larch corosync[801]:   [KNET  ] link: host: 2 link: 0 is down\n\
               2026-03-03T14:30:04+00:00 larch corosync[801]:   [KNET  ] rx: host: 2 link: 0 is up\n\
               2026-03-03T15:00:00+00:00 larch pvedaemon[1210]: <root@pam> starting task UPID:larch:0000C001:0148E1F0:69A6F770:qmstart:231:root@pam:\n\
               2026-03-03T15:00:01+00:00 larch pvedaemon[1210]: <root@pam> end task UPID:larch:0000C001:0148E1F0:69A6F770:qmstart:231:root@pam: VM is locked (backup)\n";
    // Three nights; the last backup was killed, and a link failed while it ran.
    let index = "UPID:larch:0000A1B2:0130E1F0:69A41C00:vzdump:231:root@pam: 69A42F00 OK\n\
                 UPID:larch:0000A2B2:0134E1F0:69A56D80:vzdump:231:root@pam: 69A58000 OK\n\
                 UPID:larch:0000A3B2:0138E1F0:69A6EE00:vzdump:231:root@pam: 69A6F200 unexpected status\n";
    let dir = Dir::new("index")
        .with("larch.log", log)
        .with("index", index);
    let ran = dir.run(&["-o", "json", "larch.log", "index"]).exits(0);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let lock = findings
        .iter()
        .find(|f| f["kind"] == "stuck-guest-lock")
        .expect("the lock");
    assert_eq!(
        (&lock["subject"], &lock["details"]["owner_state"]),
        (&"vm:231".into(), &"failed".into())
    );
    let incidents = report["incidents"].as_array().expect("incidents");
    let met: Vec<&Value> = incidents
        .iter()
        .flat_map(|i| i["meanwhile"].as_array().expect("tasks"))
        .collect();
    assert_eq!(met.len(), 1, "{met:?}");
    assert_eq!(
        (&met[0]["what"], &met[0]["runs"], &met[0]["met"]),
        (&"backup of 231".into(), &3.into(), &1.into())
    );
    assert_eq!(met[0]["evidence"]["input"], "index");
}

#[test]
fn a_storage_is_as_bad_as_what_lives_on_it() {
    let grove = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/configs/grove");
    let grove = grove.to_str().expect("a path");
    let dir = Dir::new("storages").with(
        "larch.log",
        "Nov 03 04:10:00 larch kernel: nfs: server 10.40.0.6 not responding, still trying\n\
         Nov 03 04:12:11 larch pvestatd[1544]: vault: error fetching datastores - 500 Can't connect to 10.40.0.5:8007 (Connection timed out)\n\
         Nov 03 04:12:11 larch pvestatd[1544]: could not activate storage 'tank', zfs error: cannot import 'tank': no such pool available\n\
         Nov 03 04:12:15 beech pvestatd[1521]: could not activate storage 'fast', zfs error: cannot import 'fast': no such pool available\n\
         Nov 03 04:12:21 larch pvestatd[1544]: unable to activate storage 'media' - directory '/mnt/pve/media' does not exist or is unreachable\n\
         Nov 03 04:19:21 larch corosync[801]:   [KNET  ] link: host: 2 link: 0 is down\n\
         Nov 03 04:19:21 beech corosync[811]:   [KNET  ] link: host: 5 link: 0 is down\n",
    );
    let told = |args: &[&str]| -> BTreeMap<String, (String, Value)> {
        let ran = dir.run(args).exits(0);
        let report: Value = serde_json::from_str(&ran.out).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        findings
            .iter()
            .filter(|f| f["kind"] == "storage-offline")
            .map(|f| (text(&f["subject"]), (text(&f["severity"]), f.clone())))
            .collect()
    };
    let alone = told(&["-o", "json", "larch.log"]);
    assert_eq!(alone.len(), 5);
    for (severity, found) in alone.values() {
        assert_eq!(
            (&**severity, &found["details"]["severity_range"]),
            ("medium", &"low to high".into())
        );
    }
    // The kernel says nothing more until the server answers; pvestatd would say it again.
    let open: Vec<&String> = alone
        .keys()
        .filter(|what| alone[*what].1["open"] == true)
        .collect();
    assert_eq!(open, ["server 10.40.0.6"]);
    let known = told(&["-o", "json", "-c", grove, "larch.log"]);
    for (what, severity, holds) in [
        ("server 10.40.0.6", "low", "other"),
        ("storage media", "low", "other"),
        ("storage tank", "high", "disks"),
        // The guest with a disk there is on another node.
        ("storage fast", "medium", "disks-elsewhere"),
        ("storage vault", "medium", "backups"),
    ] {
        let (told, found) = &known[what];
        assert_eq!(
            (&**told, &found["details"]["holds"]),
            (severity, &holds.into()),
            "{what}"
        );
        assert_eq!(found["details"]["severity_range"], Value::Null);
    }
    let guests = known["storage tank"].1["details"]["guests"]
        .as_array()
        .expect("guests");
    assert!(
        guests
            .iter()
            .all(|guest| guest.as_str().is_some_and(|id| id.contains(':')))
    );
    assert_eq!(
        known["storage media"].1["details"]["mount"],
        "/mnt/pve/media"
    );
}

#[test]
fn a_time_bomb_is_predicted_and_explained() {
    let grove = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/configs/grove");
    let grove = grove.to_str().expect("a path");
    let dir = Dir::new("bomb").with(
        "larch.log",
        "Nov 03 04:12:11 larch pve-ha-crm[1544]: fencing: acknowledged - got agent lock for node 'beech'\n\
         Nov 03 04:12:11 larch pve-ha-crm[1544]: service 'vm:104': state changed from 'fence' to 'recovery'\n\
         Nov 03 04:12:11 larch pve-ha-crm[1544]: recover service 'vm:104' from fenced node 'beech' to node 'larch'\n\
         Nov 03 04:12:11 larch pve-ha-crm[1544]: service 'vm:104': state changed from 'recovery' to 'started'  (node = larch)\n\
         Nov 03 04:12:18 larch pve-ha-lrm[7002]: volume 'tank:vm-104-disk-0' does not exist\n\
         Nov 03 04:12:41 larch pve-ha-crm[1544]: service 'vm:104': state changed from 'started' to 'error'\n",
    );
    let told = |args: &[&str]| -> Value {
        let ran = dir.run(args).exits(0);
        serde_json::from_str(&ran.out).expect("JSON")
    };
    let mismatch = |report: &Value| -> Value {
        let findings = report["findings"].as_array().expect("findings");
        let of_guest =
            |f: &&Value| f["kind"] == "ha-replication-mismatch" && f["subject"] == "vm:104";
        findings
            .iter()
            .find(of_guest)
            .expect("the mismatch")
            .clone()
    };
    let predicted = mismatch(&told(&["check", "-o", "json", grove]));
    assert_eq!(predicted["severity"], "catastrophic");
    let report = told(&["-o", "json", "-c", grove, "larch.log"]);
    let shown = mismatch(&report);
    assert_eq!(shown["details"]["configuration"], predicted["text"]);
    let inputs: Vec<&str> = shown["evidence"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|e| e["input"].as_str())
        .collect();
    assert!(
        inputs.contains(&"larch.log") && inputs.iter().any(|i| i.ends_with("replication.cfg")),
        "{inputs:?}"
    );
    let incidents = report["incidents"].as_array().expect("incidents");
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    let cause = incidents[0]["causes"][0].as_str().expect("a cause");
    assert!(
        cause.starts_with("the configuration allowed it: vm:104"),
        "{cause}"
    );
    dir.run(&["-c", grove, "larch.log"])
        .exits(0)
        .says("the configuration allowed it");
}

#[test]
fn an_instant_is_told_instead_of_a_story() {
    let dir = Dir::new("at").with("pve1.log", TROUBLE);
    let output = dir.run(&["--at", "2026-11-21 10:00:20", "pve1.log"]);
    assert_eq!(output.code, Some(0));
    let screen = &output.out;
    assert!(
        screen.contains("NO QUORUM  node 1 since 10:00:08 (stated)")
            || screen.contains("NO QUORUM  pve1 since 10:00:08 (stated)"),
        "{screen}"
    );
    assert!(!screen.contains("10:00:3"), "nothing later: {screen}");
    let analyze = dir.run(&["analyze", "--at", "2026-11-21 10:00:20", "pve1.log"]);
    assert_eq!(analyze.out, output.out);

    let json = dir.run(&["--at", "2026-11-21 10:00:20", "-o", "json", "pve1.log"]);
    let value: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(value["schema"], "fencepost/1");
    assert_eq!(value["at"], "2026-11-21T10:00:20Z");
    assert_eq!(value["nodes"][0]["quorate"]["value"], false);
    assert_eq!(value["nodes"][0]["etc_pve"]["value"], "read-only");

    let after = dir.run(&["--at", "2026-11-22", "pve1.log"]);
    assert_eq!(after.code, Some(0));
    assert!(after.out.contains("the end of the logs"));
}

#[test]
fn an_instant_that_cannot_be_told_is_an_error_with_a_way_out() {
    let dir = Dir::new("not-at").with("pve1.log", TROUBLE).with(
        "bare.log",
        "corosync[812]:   [KNET  ] link: host: 2 link: 0 is down\n",
    );
    let cases: [(&[&str], i32, &str); 5] = [
        (&["--at", "2026-11-20", "pve1.log"], 3, "the logs begin at"),
        (&["--at", "2026-11-20", "bare.log"], 3, "--at needs stamps"),
        (&["--at", "soon", "pve1.log"], 2, "--at cannot be read"),
        (&["--at", "now", "-o", "jsonl", "pve1.log"], 2, "-o jsonl"),
        (
            &["--at", "now", "--fail-on", "high", "pve1.log"],
            2,
            "cannot be used with",
        ),
    ];
    for (args, code, says) in cases {
        let output = dir.run(args);
        let error = &output.err;
        assert_eq!(output.code, Some(code), "{args:?}: {error}");
        assert!(error.contains(says), "{args:?}: {error}");
        assert!(output.out.is_empty(), "{args:?}");
    }
}

#[test]
fn what_no_line_ends_is_not_over_because_the_log_is_quiet() {
    const SUSPENDED: &str = "2026-03-03T10:00:00+00:00 elm kernel: WARNING: Pool 'tank' has encountered an uncorrectable I/O failure and has been suspended.\n";
    const HUNG: &str = "2026-03-03T10:00:00+00:00 elm kernel: INFO: task txg_sync:1288 blocked for more than 120 seconds.\n";
    const QUIET: &str =
        "2026-03-03T13:00:00+00:00 elm pmxcfs[947]: [status] notice: received log\n";
    const BOOTED: &str = "2026-03-03T12:00:00+00:00 elm systemd[1]: Reached target shutdown.target - System Shutdown.\n\
        2026-03-03T12:02:00+00:00 elm kernel: Linux version 6.8.12-4-pve (build@example) #1 SMP\n";
    let dir = Dir::new("lasts");
    for (log, want) in [
        (format!("{SUSPENDED}{QUIET}"), "unknown"),
        (format!("{HUNG}{QUIET}"), "over"),
        (format!("{SUSPENDED}{BOOTED}{QUIET}"), "over"),
    ] {
        let report = dir.pipe(&log, &["-o", "json"]).exits(0).json();
        let stalled = report["incidents"].as_array().and_then(|all| {
            let of_disks = |one: &&Value| one.to_string().contains("isk");
            all.iter().find(of_disks)
        });
        let stalled = stalled.expect("an incident");
        assert_eq!(stalled["status"], want, "{log}{stalled:#}");
    }
}

#[test]
fn only_the_programs_that_are_named_are_read() {
    let log = "2026-03-03T10:00:00+00:00 elm corosync[812]:   [KNET  ] link: host: 2 link: 0 is down\n\
        2026-03-03T10:00:01+00:00 elm pmxcfs[947]: [status] notice: node lost quorum\n\
        2026-03-03T10:00:02+00:00 elm kernel: Kernel panic - not syncing: Fatal exception\n";
    let dir = Dir::new("only").with("elm.log", log);
    let kinds = |args: &[&str]| {
        let told = dir
            .run(&[args, &["elm.log", "-o", "json"]].concat())
            .exits(0);
        let report = told.json();
        let findings = report["findings"].as_array().cloned().unwrap_or_default();
        let kinds: Vec<String> = findings
            .iter()
            .map(|f| f["kind"].as_str().unwrap_or("").to_owned())
            .collect();
        (
            kinds,
            report["remarks"].to_string(),
            report["inputs"][0]["lines"].as_u64(),
        )
    };
    let (all, remarks, lines) = kinds(&[]);
    assert!(
        all.contains(&"kernel-panic".to_owned()) && all.contains(&"link-flap".to_owned()),
        "{all:?}"
    );
    assert!(!remarks.contains("only lines of"));
    assert_eq!(lines, Some(3));
    let (of_one, remarks, lines) = kinds(&["-t", "corosync"]);
    assert_eq!((of_one, lines), (vec!["link-flap".to_owned()], Some(3)));
    assert!(
        remarks.contains("only lines of corosync were read: what other programs said is not known"),
        "{remarks}"
    );
    let (of_cluster, remarks, _) = kinds(&["--identifier", "cluster"]);
    assert!(
        of_cluster.contains(&"quorum-loss".to_owned())
            && !of_cluster.contains(&"kernel-panic".to_owned())
    );
    assert!(
        remarks.contains("corosync, corosync-qdevice, pmxcfs"),
        "{remarks}"
    );
}

#[test]
fn a_path_that_is_not_there_is_told_beside_an_empty_file() {
    let dir = Dir::new("missing").with("empty.log", "");
    dir.run(&["empty.log"])
        .exits(3)
        .complains("nothing to read: the input is empty");
    dir.run(&["empty.log", "missing.log"])
        .exits(3)
        .complains("missing.log");
}
