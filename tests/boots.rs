//! One boot of each node is chosen as `journalctl -b` does, its end is still told, and all boots are listed.
//! In: a node that reset itself and one that was shut down, as journals and as text. Out: nothing.
//! Never: needs systemd; where it is there it is asked, too.

mod support;

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::Files;
use support::journal::{Entry, export, journal, layouts};

const IDS: [&str; 3] = [
    "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a",
    "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b",
    "3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c",
];

/// Three boots of one node: the first ends in a shutdown, the second breaks off; and what was said in them.
const SAID: [(usize, i64, &str, &str); 17] = [
    (
        0,
        0,
        "kernel",
        "Linux version 6.8.12-4-pve (build@proxmox) (gcc) #1 SMP",
    ),
    (
        0,
        9,
        "corosync",
        "[MAIN  ] Corosync Cluster Engine  starting up",
    ),
    (0, 20, "corosync", "[KNET  ] link: host: 2 link: 0 is down"),
    (0, 30, "corosync", "[KNET  ] link: host: 2 link: 0 is up"),
    (0, 600, "systemd-logind", "The system will reboot now!"),
    (0, 610, "systemd-journald", "Journal stopped"),
    (
        1,
        700,
        "kernel",
        "Linux version 6.8.12-4-pve (build@proxmox) (gcc) #1 SMP",
    ),
    (1, 701, "systemd-journald", "Journal started"),
    (
        1,
        710,
        "corosync",
        "[MAIN  ] Corosync Cluster Engine  starting up",
    ),
    (
        1,
        900,
        "corosync",
        "[TOTEM ] Token has not been received in 2737 ms",
    ),
    (
        1,
        902,
        "corosync",
        "[QUORUM] This node is within the non-primary component and will NOT provide any services.",
    ),
    (1, 903, "pmxcfs", "[status] notice: node lost quorum"),
    (
        2,
        1200,
        "kernel",
        "Linux version 6.8.12-4-pve (build@proxmox) (gcc) #1 SMP",
    ),
    (2, 1202, "kernel", "EXT4-fs (dm-1): recovery complete"),
    (
        2,
        1210,
        "corosync",
        "[MAIN  ] Corosync Cluster Engine  starting up",
    ),
    (
        2,
        1230,
        "corosync",
        "[KNET  ] link: host: 3 link: 1 is down",
    ),
    (2, 1250, "corosync", "[KNET  ] link: host: 3 link: 1 is up"),
];

/// 2026-02-11T21:00:00Z.
const BEGIN: i64 = 1_770_843_600;

fn entries(host: &str) -> Vec<Entry> {
    let entry = |(boot, second, program, message): (usize, i64, &str, &str)| {
        let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        vec![
            field("__REALTIME_TIMESTAMP", &format!("{}000000", BEGIN + second)),
            field("__MONOTONIC_TIMESTAMP", &format!("{}000000", second + 1)),
            field("_BOOT_ID", IDS[boot]),
            field("_MACHINE_ID", "5ca1ab1e0ddba11ca11ab1e0fee1dead"),
            field("_HOSTNAME", host),
            field("SYSLOG_IDENTIFIER", program),
            field("MESSAGE", message),
        ]
    };
    SAID.into_iter().map(entry).collect()
}

/// As `journalctl -o short-iso` prints them, with a line between boots.
fn text(host: &str) -> String {
    let mut text = String::new();
    let mut before = 0;
    for (boot, second, program, message) in SAID {
        if boot != before {
            text += &format!("-- Boot {} --\n", IDS[boot]);
            before = boot;
        }
        let (minute, second) = (second / 60, second % 60);
        text +=
            &format!("2026-02-11T21:{minute:02}:{second:02}+0000 {host} {program}: {message}\n");
    }
    text
}

fn run(arguments: &[&str], paths: &[&Path], input: Option<&[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(arguments)
        .args(paths)
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
        pipe.write_all(input).expect("written");
    }
    child.wait_with_output().expect("an end")
}

fn told(arguments: &[&str], paths: &[&Path]) -> Value {
    let output = run(&[&["-o", "json"], arguments].concat(), paths, None);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Index, id, first, last and end of each boot that is listed.
fn listed(report: &Value) -> Vec<String> {
    let nodes = report["cluster"]["nodes"].as_array().expect("nodes").iter();
    let boots = nodes.flat_map(|node| node["boots"].as_array().into_iter().flatten());
    let row = |boot: &Value| {
        let fields = ["index", "id", "first", "last", "ended"].map(|name| match &boot[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        fields.join(" ")
    };
    boots.map(row).collect()
}

fn kinds(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter_map(|finding| finding["kind"].as_str())
        .collect()
}

#[test]
fn all_boots_are_listed_with_how_each_ended() {
    let files = Files::new("boots");
    let want = |first: &str| {
        [
            format!("-2 {first} 2026-02-11T21:00:00Z 2026-02-11T21:10:10Z graceful"),
            format!(
                "-1 {} 2026-02-11T21:11:40Z 2026-02-11T21:15:03Z unclean",
                IDS[1]
            ),
            format!(
                "0 {} 2026-02-11T21:20:00Z 2026-02-11T21:20:50Z null",
                IDS[2]
            ),
        ]
    };
    for (n, layout) in layouts().into_iter().enumerate() {
        let path = files.add(&format!("{n}.journal"), journal(&entries("ash"), layout));
        assert_eq!(listed(&told(&[], &[&path])), want(IDS[0]), "{layout:?}");
    }
    let path = files.add("ash.log", text("ash"));
    assert_eq!(listed(&told(&[], &[&path])), want("null"));
    let screen = run(&[], &[&path], None).stdout;
    let screen = String::from_utf8(screen).expect("text");
    let table = screen.split(" BOOTS ").nth(1).expect("a table");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .take(4)
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0], ["node", "boot", "from", "to", "its", "end"]);
    assert_eq!(rows[1], ["ash", "0", "21:20:00", "21:20:50", "not", "seen"]);
    assert_eq!(rows[2], ["ash", "-1", "21:11:40", "21:15:03", "unclean"]);
    assert_eq!(rows[3], ["ash", "-2", "21:00:00", "21:10:10", "graceful"]);
    let page = run(&["-o", "html"], &[&path], None).stdout;
    let page = scraper::Html::parse_document(&String::from_utf8(page).expect("text"));
    let row = scraper::Selector::parse("[aria-label='Table of boots'] tbody tr").expect("rows");
    let rows: Vec<String> = page
        .select(&row)
        .map(|row| {
            row.text()
                .collect::<Vec<_>>()
                .join("|")
                .replace(&path.display().to_string(), "LOG")
        })
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(
        rows[0].ends_with("|2026-02-11 21:20:50|not seen: the log ends with it"),
        "{rows:?}"
    );
    assert!(rows[2].starts_with("ash|-2|LOG|:1|"), "{rows:?}");
    assert!(
        rows[2].ends_with("|2026-02-11 21:00:00|2026-02-11 21:10:10|graceful"),
        "{rows:?}"
    );
}

#[test]
fn one_boot_is_told_and_how_it_ended() {
    let files = Files::new("boot");
    let of_journal = files.add("system.journal", journal(&entries("ash"), layouts()[0]));
    let of_text = files.add("ash.log", text("ash"));
    let all = told(&[], &[&of_journal]);
    for path in [&of_journal, &of_text] {
        // The first ended in order, and has a flap of its own.
        for word in ["-2", "1"] {
            let report = told(&["-b", word], &[path]);
            assert_eq!(kinds(&report), ["link-flap", "graceful-reboot"], "{word}");
            assert_eq!(report["boots"][0]["verdict"], "graceful");
        }
        let report = told(&["-b", "-1"], &[path]);
        assert_eq!(
            kinds(&report),
            ["token-loss", "quorum-loss", "sudden-reboot"]
        );
        assert_eq!(report["boots"][0]["verdict"], "unclean");
        // The complaint of the next boot counts.
        let signs = report["boots"][0]["for"].to_string();
        assert!(signs.contains("had not been closed"), "{signs}");
        // Of the next boot nothing else is used.
        assert!(!report.to_string().contains("link: host: 3"), "{report}");
        let by_id = told(&[&format!("--boot={}", &IDS[1][..12])], &[path]);
        assert_eq!(kinds(&by_id), kinds(&report));
        for words in [&["-b"][..], &["-b", "0"], &["--boot"]] {
            let report = told(words, &[path]);
            // What it found at its beginning is of its own.
            assert_eq!(kinds(&report), ["sudden-reboot", "link-flap"], "{words:?}");
            assert_eq!(report["boots"][0]["verdict"], "unclean");
            assert!(!report.to_string().contains("link: host: 2"), "{report}");
        }
        // All boots are listed, whichever was chosen.
        let report = told(&["-b", "-2"], &[path]);
        assert_eq!(listed(&report)[1..], listed(&all)[1..]);
        let remark = report["remarks"][0].as_str().expect("a remark");
        assert_eq!(
            remark,
            "boot -2 alone was used: ash 2026-02-11 21:00:00 to 2026-02-11 21:10:10"
        );
    }
}

#[test]
fn a_pipe_is_kept_so_that_it_can_be_read_twice() {
    for bytes in [text("ash").into_bytes(), export(&entries("ash"))] {
        let output = run(&["-q", "-b", "-1"], &[], Some(&bytes));
        let said = String::from_utf8(output.stdout).expect("text");
        assert!(
            said.contains("Quorum lost") || said.contains("quorum lost"),
            "{said}"
        );
        let output = run(&["events", "-b", "-2", "-"], &[], Some(&bytes));
        let said = String::from_utf8(output.stdout).expect("text");
        // And the line that the next boot begins with.
        assert!(said.lines().count() <= 8, "{said}");
        assert!(
            said.contains("\"peer\":2") && !said.contains("\"peer\":3"),
            "{said}"
        );
    }
    let output = run(&["-b", "-o", "jsonl"], &[], Some(b"x"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn of_other_nodes_the_lines_of_that_time_are_used() {
    let files = Files::new("boot-of-one");
    let ash = files.add("ash.log", text("ash"));
    let birch = "2026-02-11T21:00:25+0000 birch corosync[7]:   [KNET  ] link: host: 1 link: 0 is down\n\
        2026-02-11T21:14:00+0000 birch corosync[7]:   [KNET  ] link: host: 1 link: 1 is down\n\
        2026-02-11T21:21:00+0000 birch corosync[7]:   [KNET  ] link: host: 1 link: 2 is down\n";
    let birch = files.add("birch.log", birch);
    let report = told(&["--no-skew", "-b", "-1"], &[&ash, &birch]);
    let text = report["findings"].to_string();
    assert!(
        text.contains("host: 1 link: 1") && !text.contains("host: 1 link: 0"),
        "{text}"
    );
    assert!(!text.contains("host: 1 link: 2"), "{text}");
    let remark = report["remarks"][0].as_str().expect("a remark");
    assert!(
        remark.contains("of birch, which has no such boot"),
        "{remark}"
    );
    // What no node has, is said with what there is.
    let output = run(&["-b", "-7"], &[&ash, &birch], None);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("there is no boot -7: ash has 3 boots, birch has 1 boot"),
        "{said}"
    );
}

#[test]
fn a_path_behind_the_option_is_a_path() {
    let files = Files::new("boot-path");
    let path = files.add("ash.log", text("ash"));
    assert_eq!(
        kinds(&told(&["-b"], &[&path])),
        ["sudden-reboot", "link-flap"]
    );
    let folder = files.0.to_str().expect("a name");
    let report = told(&["-D", folder, "-b", "-1"], &[]);
    assert_eq!(
        kinds(&report),
        ["token-loss", "quorum-loss", "sudden-reboot"]
    );
}

#[test]
fn the_journals_of_several_machines_may_be_in_one_folder() {
    let files = Files::new("machines");
    for (machine, host) in [("5ca1ab1e", "ash"), ("0ddba11c", "birch")] {
        let folder = files.0.join(machine.repeat(4));
        std::fs::create_dir(&folder).expect("a folder");
        let entries = entries(host);
        for (name, part) in [
            ("system@1-1-1.journal", &entries[..8]),
            ("system.journal", &entries[8..]),
            ("user-1000.journal", &entries[..0]),
        ] {
            std::fs::write(folder.join(name), journal(part, layouts()[1])).expect("a journal");
        }
    }
    let report = told(&["-b", "-1", "-D", files.0.to_str().expect("a name")], &[]);
    let both = ["token-loss", "quorum-loss", "sudden-reboot"];
    let mut found = kinds(&report);
    found.sort_unstable();
    let mut want: Vec<&str> = both.iter().flat_map(|kind| [*kind; 2]).collect();
    want.sort_unstable();
    assert_eq!(found, want);
    assert_eq!(listed(&report).len(), 6);
    let inputs = report["inputs"].as_array().expect("inputs");
    assert_eq!(inputs.len(), 6);
}

#[test]
fn boots_are_those_that_journalctl_lists() {
    let files = Files::new("list-boots");
    let Some(path) = support::journal::by_systemd(&files, &export(&entries("ash")), &[]) else {
        eprintln!("skipped: systemd-journal-remote is not here");
        return;
    };
    let output = Command::new("journalctl")
        .args(["--list-boots", "--utc", "--file"])
        .arg(&path)
        .output()
        .expect("journalctl");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let theirs: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().take(2).collect())
        .filter(|row: &Vec<&str>| row.get(1).is_some_and(|id| id.len() == 32))
        .collect();
    assert_eq!(theirs.len(), 3, "{text}");
    let report = told(&[], &[&path]);
    for (own, theirs) in listed(&report).iter().zip(theirs) {
        assert!(own.starts_with(&theirs.join(" ")), "{own}: {theirs:?}");
    }
}
