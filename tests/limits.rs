//! What is bounded stays bounded: lines without end, NULs, floods, inputs that grow, readers that go.
//! In: generated input. Out: nothing.
//! Never: measures speed.

mod support;

use fencepost::model::InputCoverage;
use fencepost::run::{Plan, Tick};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use support::{Files, adds_up, follow, options, patterns, rendered, report};

const DOWN: &str =
    "Feb 11 21:04:11 birch corosync[1423]:   [KNET  ] link: host: 3 link: 0 is down\n";

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fencepost"));
    command
        .args(["--year", "2026"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn a_line_without_end_is_one_line() {
    for byte in [b'x', 0, 0xff, b'[', b'>', b'{'] {
        let endless = io::repeat(byte).take(16 << 20);
        let whole = DOWN
            .as_bytes()
            .chain(endless)
            .chain(&b"\n"[..])
            .chain(DOWN.as_bytes());
        let mut found = 0;
        let coverage = follow(whole, &options(), &mut |_| found += 1);
        let input = &coverage.inputs[0];
        assert!(adds_up(&coverage));
        assert_eq!((found, input.lines, input.cut), (2, 3, 1), "{byte}");
        assert_eq!(input.bytes, (16 << 20) + 1 + 2 * DOWN.len() as u64);
    }
}

#[test]
fn a_long_line_of_a_watched_program_is_read_as_far_as_it_is_kept() {
    for (start, end) in [
        (
            "birch corosync[1423]:   [TOTEM ] Retransmit List: ",
            "1be7 ",
        ),
        ("birch pmxcfs[1391]: [dcdb] notice: members: ", "1/1377, "),
        ("{\"MESSAGE\":\"", "\\\""),
        ("| `", "` `"),
        ("> > > > ", "> "),
    ] {
        let text = format!("Feb 11 21:04:11 {start}{}\n", end.repeat(400_000));
        let coverage = follow(io::Cursor::new(text.clone()), &options(), &mut |event| {
            assert!(event.text.len() <= 1_000);
        });
        assert!(adds_up(&coverage), "{start}");
        let bare = text.trim_start_matches("Feb 11 21:04:11 ").to_owned();
        assert!(
            adds_up(&follow(io::Cursor::new(bare), &options(), &mut |_| {})),
            "{start}"
        );
    }
}

#[test]
fn a_flood_is_told_in_few_words() {
    let mut flood = String::new();
    for n in 0..30_000_u32 {
        let stamp = format!("Feb 11 {:02}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60);
        let say = match n % 6 {
            0 => "corosync[1423]:   [KNET  ] link: host: 3 link: 0 is down".to_owned(),
            1 => "corosync[1423]:   [KNET  ] rx: host: 3 link: 0 is up".to_owned(),
            2 => format!(
                "corosync[1423]:   [TOTEM ] Retransmit List: {n:x} {:x}",
                n + 1
            ),
            3 => format!(
                "pmxcfs[1391]: [status] notice: unheard of {}",
                "z".repeat(n as usize % 400)
            ),
            4 => "pmxcfs[1391]: [status] notice: cpg_send_message retry 10".to_owned(),
            _ => {
                format!("corosync[1423]:   [TOTEM ] A new membership (1.{n:x}) was formed. Members")
            }
        };
        flood.push_str(&format!("{stamp} birch {say}\n"));
    }
    let report = report(flood.as_bytes(), &patterns());
    for finding in &report.findings {
        assert!(finding.evidence.len() <= options().limits.evidence_lines);
    }
    let json = rendered(&report, fencepost::render::Format::Json);
    assert!(json.len() < 16 << 20, "{} bytes", json.len());
    let unknown: usize = report
        .inputs
        .iter()
        .map(|input| input.coverage.unknown.len())
        .sum();
    assert!(unknown <= options().limits.unknown_messages);
}

/// What the program reports of `paths`, as JSON.
fn told(paths: &[&Path]) -> serde_json::Value {
    let output = program(&["-o", "json"])
        .args(paths)
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    serde_json::from_slice(&output.stdout).expect("a report")
}

#[test]
fn a_thousand_nodes_are_not_compared_all_with_all() {
    let mut log = String::new();
    for n in 0..8_000_usize {
        let stamp = format!(
            "2026-02-11T{:02}:{:02}:{:02}.{n:06}+00:00 birch{}",
            n / 3600,
            n / 60 % 60,
            n % 60,
            n % 1_000
        );
        let say = match n % 3 {
            0 => format!("link: host: {} link: {} is down", n % 977, n % 8),
            _ => String::new(),
        };
        log.push_str(&match say.is_empty() {
            true => format!(
                "{stamp} corosync[9]:   [TOTEM ] A new membership (1.{:x}) was formed. Members\n",
                4 * (n / 1_000)
            ),
            false => format!("{stamp} corosync[9]:   [KNET  ] {say}\n"),
        });
    }
    let files = Files::new("thousand-nodes");
    let report = told(&[&files.add("central.log", log)]);
    let coverage = &report["inputs"][0]["coverage"];
    assert_eq!(coverage["understood"], 8_000, "{coverage}");
    let remarks = report["remarks"].to_string();
    assert!(
        remarks.contains("4000 events of nodes beyond the limit"),
        "{remarks}"
    );
}

#[test]
fn one_line_said_over_and_over_in_two_logs_that_overlap() {
    let of = |hours: std::ops::Range<u32>| {
        let mut log = String::new();
        for hour in hours {
            let stamp = format!("2026-02-11T{hour:02}:00:00+00:00 birch pmxcfs[77]:");
            log.push_str(&format!("{stamp} [status] notice: node has quorum\n"));
            let same = format!("{stamp} [dcdb] crit: cpg_send_message failed: 6\n");
            log.push_str(&same.repeat(20_000));
        }
        log
    };
    let files = Files::new("over-and-over");
    let (early, late) = (
        files.add("early.log", of(9..12)),
        files.add("late.log", of(10..13)),
    );
    let report = told(&[&early, &late]);
    let twice: u64 = report["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .filter_map(|input| input["coverage"]["twice"].as_u64())
        .sum();
    assert_eq!(twice, 40_002);
}

/// The most memory that a process has held, in KiB.
fn peak(child: &Child) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("a peak");
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}

#[test]
fn memory_does_not_grow_with_the_input() {
    let mut noise = String::new();
    for n in 0..2_000 {
        noise.push_str(&format!(
            "Feb 11 21:04:11 birch sshd[{n}]: Accepted publickey for root\n"
        ));
    }
    let line = vec![b'y'; 1 << 20];
    let nuls = vec![0; 1 << 20];
    for piece in [noise.as_bytes(), &line, &nuls] {
        let mut child = program(&["-o", "json"]).spawn().expect("the program");
        let mut stdin = child.stdin.take().expect("a pipe");
        let mut peaks = Vec::new();
        for megabytes in [8 << 20, 40 << 20] {
            let mut left: usize = megabytes;
            while left > 0 {
                stdin.write_all(piece).expect("written");
                left = left.saturating_sub(piece.len());
            }
            peaks.push(peak(&child));
        }
        drop(stdin);
        child.wait_with_output().expect("an end");
        assert!(
            peaks[1] < 128 << 10 && peaks[1] < peaks[0] + (16 << 10),
            "{peaks:?} KiB"
        );
    }
}

#[test]
fn a_long_reading_tells_how_far_it_is() {
    let said = |word: &str| {
        let mut child = program(&["--progress", word]).spawn().expect("the program");
        let mut stdin = child.stdin.take().expect("a pipe");
        for _ in 0..15 {
            // A block and more each time.
            stdin
                .write_all(DOWN.repeat(8_000).as_bytes())
                .expect("written");
            std::thread::sleep(Duration::from_millis(100));
        }
        drop(stdin);
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let told = said("always");
    assert!(told.contains(" read, ") && told.contains("/s"), "{told}");
    // Where nobody looks at a terminal, nobody asked.
    assert_eq!(said("auto"), "");
    assert_eq!(said("never"), "");
}

/// Reads a file to which something happens while it is read; what was counted, and how many inputs failed.
fn while_read(files: &Files, bytes: &[u8], act: fn(&Path)) -> (InputCoverage, usize) {
    let path = files.add("log", bytes);
    let mut options = options();
    options.limits.block_bytes = 4096;
    let (blocks, own) = (AtomicU32::new(0), path.clone());
    options.tick = Some(Tick::new(move || {
        // Behind the beginning that is looked at first.
        if blocks.fetch_add(1, Ordering::Relaxed) == 20 {
            act(&own);
        }
    }));
    let plan = Plan {
        paths: vec![path],
        read: options,
        given: Default::default(),
    };
    let (outcome, _) = fencepost::run::read(&plan, &mut |_, _| {}, &mut || {});
    assert!(adds_up(&outcome.coverage));
    let failed = outcome.failures.len();
    (outcome.coverage.inputs[0].clone(), failed)
}

fn grow(path: &Path) {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(path)
        .expect("a file");
    file.write_all(DOWN.repeat(100).as_bytes())
        .expect("written");
}

fn shrink(path: &Path) {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("a file");
    file.set_len(file.metadata().expect("a file").len() / 3)
        .expect("cut");
}

fn vanish(path: &Path) {
    std::fs::remove_file(path).expect("removed");
}

#[test]
fn a_file_may_grow_shrink_or_vanish_while_it_is_read() {
    let files = Files::new("changes");
    let lines = 40_000;
    let text = DOWN.repeat(lines);
    let read = |act| while_read(&files, text.as_bytes(), act);
    let (grown, failed) = read(grow);
    assert_eq!((grown.lines, failed), (lines as u64 + 100, 0));
    let (shrunk, failed) = read(shrink);
    assert!(
        shrunk.lines > 1_000 && shrunk.lines < lines as u64,
        "{}",
        shrunk.lines
    );
    assert_eq!(failed, 0);
    let (gone, failed) = read(vanish);
    assert_eq!((gone.lines, failed), (lines as u64, 0));
    // A journal, which is read in place; its room is large, as journald makes it.
    let entries: Vec<_> = std::iter::repeat_with(support::journal::entries)
        .take(100)
        .flatten()
        .collect();
    let mut journal = support::journal::journal(&entries, support::journal::layouts()[0]);
    let used = journal.len() as u64;
    journal.resize(64 << 20, 0);
    journal[96..104].copy_from_slice(&((64_u64 << 20) - 272).to_le_bytes());
    let read = |act| while_read(&files, &journal, act);
    let (whole, _) = read(grow);
    assert_eq!((whole.lines, whole.torn), (entries.len() as u64, 0));
    assert_eq!(read(vanish).0.lines, whole.lines);
    let (shrunk, failed) = read(|path| {
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(path)
            .expect("a file");
        file.set_len(300_000).expect("cut");
    });
    assert!(used > 600_000);
    assert!(
        shrunk.lines > 100 && shrunk.lines < whole.lines,
        "{} lines",
        shrunk.lines
    );
    assert!(shrunk.torn > 0);
    assert_eq!(failed, 0);
    // What is packed breaks off, and says so.
    let mut dice = support::Dice(4);
    let noise: String = (0..lines)
        .map(|_| format!("{} {}", dice.roll(1 << 30), DOWN))
        .collect();
    let (shrunk, failed) = while_read(&files, &support::pack::gzip(noise.as_bytes()), shrink);
    assert!(
        shrunk.lines > 1_000 && shrunk.lines < lines as u64,
        "{} lines",
        shrunk.lines
    );
    assert_eq!(failed, 1);
    assert!(shrunk.failed.is_some_and(|why| why.contains("to its end")));
}

/// The lines that a child prints, as they come.
fn lines_of(child: &mut Child) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

#[test]
fn a_finding_is_written_while_the_log_goes_on() {
    let mut child = program(&["-o", "jsonl"]).spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = lines_of(&mut child);
    let mut expect = |text: &str, want: &str| {
        // Slowly, in pieces that end inside of lines.
        for piece in text.as_bytes().chunks(23) {
            stdin.write_all(piece).expect("written");
            stdin.flush().expect("flushed");
        }
        loop {
            let line = lines
                .recv_timeout(Duration::from_secs(20))
                .unwrap_or_else(|_| panic!("no {want}"));
            if line.contains(want) {
                break;
            }
        }
    };
    expect(
        "Feb 11 21:04:13 birch corosync[1423]:   [TOTEM ] Token has not been received in 2737 ms \n\
         Feb 11 21:04:14 birch corosync[1423]:   [TOTEM ] A processor failed, forming new configuration: token timed out (3650ms), waiting 4380ms for consensus.\n",
        "\"kind\":\"token-loss\"",
    );
    expect(
        "Feb 11 21:04:18 birch corosync[1423]:   [QUORUM] This node is within the non-primary component and will NOT provide any services.\n\
         Feb 11 21:04:18 birch pmxcfs[1391]: [status] notice: node lost quorum\n",
        "\"kind\":\"quorum-loss\"",
    );
    drop(stdin);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn an_event_is_written_while_the_log_goes_on() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .arg("events")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = lines_of(&mut child);
    // Also where it comes as an export, of which an entry has many lines.
    let export = "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1770843601200037\nSYSLOG_IDENTIFIER=corosync\n\
         _HOSTNAME=birch\nMESSAGE=  [KNET  ] link: host: 3 link: 0 is down\n\n";
    for _ in 0..2 {
        stdin.write_all(export.as_bytes()).expect("written");
        stdin.flush().expect("flushed");
        let line = lines
            .recv_timeout(Duration::from_secs(20))
            .expect("an event, while more may come");
        assert!(line.contains("corosync.link-down"), "{line}");
    }
    drop(stdin);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn a_reader_that_goes_is_no_error() {
    let files = Files::new("broken-pipe");
    let path = files.add("log", DOWN.repeat(50_000)).display().to_string();
    for args in [
        &["events", &path][..],
        &["-o", "json", "-v", &path],
        &["-o", "jsonl", &path],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fencepost"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut out = child.stdout.take().expect("a pipe");
        out.read_exact(&mut [0; 10]).expect("some output");
        drop(out);
        let output = child.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && said.is_empty(),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_told() {
    let files = Files::new("unreadable");
    let good = files.add("good.log", DOWN).display().to_string();
    let packed = files
        .add("packed.gz", b"\x1f\x8b\x08\xff\xff")
        .display()
        .to_string();
    let missing = files.0.join("missing.log").display().to_string();
    let output = program(&["-o", "json", &packed, &good, &missing])
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["findings"][0]["kind"], "link-flap");
    let said = String::from_utf8_lossy(&output.stderr);
    let remarks = report["remarks"].to_string();
    for name in [&packed, &missing] {
        assert!(
            said.contains(name.as_str()) && remarks.contains(name.as_str()),
            "{said}{remarks}"
        );
    }
    let kept = program(&["--keep-going", &good, &missing])
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    assert_eq!(kept.status.code(), Some(0));
}
