//! Tests: the same events whatever the blocks and threads, merged by time.
//! In: logs generated here, in files of a temporary directory. Out: nothing.
//! Never: a line of somebody's real log.

use super::*;
use crate::event::Event;
use crate::input::Source;
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes away with the test.
struct Files(PathBuf);

impl Files {
    fn new() -> Files {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "fencepost-run-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let root = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&root).expect("a directory");
        Files(root)
    }

    fn add(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn sources(&self) -> Vec<Source> {
        let (sources, errors) = input::discover(std::slice::from_ref(&self.0));
        assert!(errors.is_empty());
        sources
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn options() -> ReadOptions {
    ReadOptions {
        year: Some(2025),
        ..ReadOptions::new(Timestamp::from_seconds(1_760_000_000))
    }
}

fn read(sources: Vec<Source>, options: &ReadOptions) -> (Vec<Event>, Outcome) {
    let mut events = Vec::new();
    let outcome = batch::read_all(sources, options, &mut |event| events.push(event.clone()));
    (events, outcome)
}

/// `source:line` of each event.
fn places(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|e| format!("{}:{}", e.place.source.0, e.place.line))
        .collect()
}

const OFF: &str = "kernel: reboot: Power down";

/// A log of `lines` lines, about every third of them ours, stamps never going back.
fn generated(host: &str, lines: u64, seed: u64) -> String {
    let mut text = String::new();
    let (mut state, mut second) = (seed, 0);
    for n in 0..lines {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let dice = state >> 40;
        second += dice % 3;
        let stamp = format!(
            "Mar 04 {:02}:{:02}:{:02}",
            second / 3600 % 24,
            second / 60 % 60,
            second % 60
        );
        match dice % 11 {
            0 | 1 => text.push_str(&format!("{stamp} {host} {OFF}\n")),
            2 => text.push_str(&format!(
                "{stamp} {host} pmxcfs[7]: nobody reads this {n}\n"
            )),
            3 => text.push_str("// a note on corosync\n"),
            4 => text.push('\n'),
            7 if dice % 2 == 0 => text.push_str(&format!("-- Boot {dice} --\n")),
            5 => text.push_str(&format!("{OFF}\n")),
            6 => text.push_str(&format!(
                "{stamp} {host} systemd-logind[9]: The system will reboot now!\n"
            )),
            _ => text.push_str(&format!(
                "{stamp} {host} sshd[{n}]: {}\n",
                "x".repeat((dice % 90) as usize)
            )),
        }
    }
    text
}

#[test]
fn the_result_does_not_depend_on_blocks_and_threads() {
    let files = Files::new();
    files.add("a.log", generated("n1", 700, 1));
    files.add("b.log", generated("n2", 900, 2).trim_end());
    files.add("c.log", format!("{OFF}\n{}\n{OFF}", "y".repeat(5000)));
    let small = |block_bytes, threads, reorder_events| {
        let mut options = options();
        options.threads = threads;
        options.limits.block_bytes = block_bytes;
        options.limits.line_bytes = 1024;
        options.limits.reorder_events = reorder_events;
        let (events, outcome) = read(files.sources(), &options);
        (events, outcome.coverage)
    };
    let want = small(1 << 20, 1, 50_000);
    assert!(want.0.len() > 400);
    let cut: u64 = want.1.inputs.iter().map(|i| i.cut).sum();
    assert_eq!(cut, 1);
    for block_bytes in [64, 100, 1000, 4096, 4 << 20] {
        for threads in [1, 8] {
            assert_eq!(
                small(block_bytes, threads, 50_000),
                want,
                "{block_bytes} bytes, {threads} threads"
            );
        }
    }
    assert_eq!(
        small(64, 8, 1).0,
        want.0,
        "streaming a log in order gives what buffering gives"
    );
    for input in &want.1.inputs {
        assert_eq!(
            input.lines,
            input.understood + input.unknown + input.others + input.notes + input.blank
        );
    }
}

#[test]
fn inputs_are_merged_by_time_and_those_without_stamps_stand_where_they_are_named() {
    let files = Files::new();
    files.add(
        "1.log",
        format!("Mar 04 00:00:01 a {OFF}\n{OFF}\nMar 04 00:00:05 a {OFF}\n"),
    );
    files.add("2.log", format!("{OFF}\n{OFF}\n"));
    files.add(
        "3.log",
        format!("{OFF}\nMar 04 00:00:03 b {OFF}\nMar 04 00:00:07 b {OFF}\n"),
    );
    let (events, outcome) = read(files.sources(), &options());
    assert_eq!(
        places(&events),
        ["0:1", "0:2", "2:1", "2:2", "0:3", "1:1", "1:2", "2:3"]
    );
    assert!(outcome.failures.is_empty());
}

#[test]
fn since_and_until_leave_events_out() {
    let files = Files::new();
    files.add("1.log", format!("{OFF}\nMar 04 00:00:01 a {OFF}\n{OFF}\nMar 04 00:00:05 a {OFF}\nMar 04 00:00:09 a {OFF}\n"));
    let (all, _) = read(files.sources(), &options());
    let mut narrow = options();
    narrow.since = all
        .get(1)
        .and_then(|e| e.at)
        .map(|at| at.plus(crate::model::Span::from_secs(1)));
    narrow.until = all.get(3).and_then(|e| e.at);
    let (events, outcome) = read(files.sources(), &narrow);
    assert_eq!(places(&events), ["0:4"]);
    assert_eq!(
        outcome.coverage.inputs.first().map(|i| i.understood),
        Some(5)
    );
}

#[test]
fn a_name_that_is_given_wins_and_that_of_a_folder_fills_in() {
    let files = Files::new();
    let path = files.add("1.log", format!("{OFF}\nMar 04 00:00:01 a {OFF}\n"));
    let mut named = options();
    named.names = vec![(Name::from("n9"), path)];
    let (events, _) = read(files.sources(), &named);
    let hosts: Vec<_> = events.iter().map(|e| e.host.as_deref()).collect();
    assert_eq!(hosts, [Some("n9"), Some("n9")]);
    let mut folders = options();
    folders.folders = vec![(Name::from("n9"), files.0.clone())];
    let (events, _) = read(files.sources(), &folders);
    let hosts: Vec<_> = events.iter().map(|e| e.host.as_deref()).collect();
    assert_eq!(hosts, [Some("n9"), Some("a")]);
}

#[test]
fn remarks_say_how_inputs_were_read() {
    let files = Files::new();
    files.add(
        "1.log",
        format!("Mar 04 00:00:05 a {OFF}\nMar 04 00:00:03 a {OFF}\nMar 04 00:00:01 a {OFF}\n"),
    );
    files.add(
        "2.log",
        format!("Mar 04 00:00:05 b {OFF}\nMar 04 00:00:03 b {OFF}\n"),
    );
    files.add("3.gz", b"\x1f\x8b\x08 corosync");
    let (events, outcome) = read(files.sources(), &options());
    assert_eq!(places(&events), ["0:3", "0:2", "0:1", "1:1", "1:2"]);
    let root = files.0.display();
    let want = [
        format!("{root}/1.log, {root}/2.log: stamps have no year: 2025, as --year says"),
        format!("{root}/1.log, {root}/2.log: stamps have no zone: read as UTC, --tz names another"),
        format!("{root}/1.log: newest lines first: read from the end"),
        format!(
            "{root}/2.log: 1 lines are stamped earlier than the line before them: order of the file kept"
        ),
        format!("cannot open {root}/3.gz: invalid gzip header"),
    ];
    assert_eq!(outcome.coverage.remarks, want);
    assert_eq!(outcome.failures.len(), 1);
    assert_eq!(outcome.coverage.inputs.len(), 3);
}

#[test]
fn the_year_comes_from_the_input() {
    let files = Files::new();
    files.add("1.log", format!("Mar 04 00:00:05 a {OFF}\n"));
    files.add(
        "2.log",
        format!("2019-03-05T00:00:00Z a x\nMar 04 00:00:05 a {OFF}\n"),
    );
    let mut sources = files.sources();
    sources[0].modified = Some(Timestamp::from_seconds(1_456_790_400));
    let (events, outcome) = read(
        sources,
        &ReadOptions::new(Timestamp::from_seconds(1_760_000_000)),
    );
    let years: Vec<String> = events
        .iter()
        .filter_map(|e| e.at)
        .map(|at| at.date_clock())
        .collect();
    assert_eq!(years, ["2015-03-04 00:00:05", "2019-03-04 00:00:05"]);
    let said = outcome.coverage.remarks.join("\n");
    assert!(
        said.contains("1.log: stamps have no year: year inferred from the file's date 2016-03-01"),
        "{said}"
    );
    assert!(said.contains("2.log: stamps have no year: year inferred from a full stamp in the same input or beside it, 2019-03-05"), "{said}");
}

#[test]
fn a_missing_file_does_not_end_the_run() {
    let files = Files::new();
    let path = files.add("1.log", format!("{OFF}\n"));
    files.add("2.log", format!("{OFF}\n"));
    let sources = files.sources();
    std::fs::remove_file(path).expect("removed");
    let (events, outcome) = read(sources, &options());
    assert_eq!(places(&events), ["1:1"]);
    assert_eq!(outcome.failures.len(), 1);
}

/// `line host` of the markers that are left.
fn boots(text: &str) -> Vec<(u64, Option<String>)> {
    let files = Files::new();
    files.add("1.log", text);
    let mut small = options();
    small.limits.block_bytes = 1;
    let (events, outcome) = read(files.sources(), &options());
    let (again, other) = read(files.sources(), &small);
    assert_eq!((&again, &other.coverage), (&events, &outcome.coverage));
    events
        .iter()
        .filter(|event| event.kind.name() == "journald.boot-marker")
        .map(|event| (event.place.line, event.host.as_deref().map(str::to_owned)))
        .collect()
}

#[test]
fn a_marker_is_a_boot_of_the_host_behind_it_unless_only_the_host_changes() {
    let (a, b) = (
        "Mar 04 00:00:01 n1 sshd[1]: x\n",
        "Mar 04 00:00:01 n2 sshd[1]: x\n",
    );
    let event = format!("Mar 04 00:00:01 n1 {OFF}\n");
    let n1 = Some("n1".to_owned());
    let n2 = Some("n2".to_owned());
    let (one, two, three) = ("-- Boot 1 --\n", "-- Boot 2 --\n", "-- Boot 3 --\n");
    for (text, want) in [
        (format!("{event}{one}{a}"), vec![(2, n1.clone())]),
        (format!("{event}{one}"), vec![(2, None)]),
        (format!("{event}{one}{b}"), vec![]),
        (format!("{event}{one}{b}{two}{a}{one}{b}{two}{a}"), vec![]),
        (
            format!("{event}{one}{b}{two}{a}{three}{b}"),
            vec![(6, n2.clone())],
        ),
        (format!("{event}{one}{b}{three}{b}"), vec![(4, n2.clone())]),
        (
            format!("{a}{event}-- Reboot --\n{b}-- Reboot --\n{b}"),
            vec![(5, n2)],
        ),
        // Before the first marker only events tell whose lines they are.
        (format!("{a}{one}{b}"), vec![(2, Some("n2".to_owned()))]),
        (format!("{OFF}\n{one}{OFF}\n"), vec![(2, None)]),
    ] {
        assert_eq!(boots(&text), want, "{text}");
    }
}

#[test]
fn following_gives_what_a_batch_gives() {
    let files = Files::new();
    let text = generated("n1", 500, 9);
    files.add("1.log", &text);
    let mut sources = files.sources();
    let (want, batch) = read(sources.clone(), &options());
    let source = sources.remove(0);
    let (mut events, mut flushes) = (Vec::new(), 0);
    let outcome = follow::follow(
        &source,
        &options(),
        &mut |event| events.push(event.clone()),
        &mut || {
            flushes += 1;
            ControlFlow::Continue(())
        },
    );
    assert_eq!(events, want);
    assert_eq!(outcome.coverage, batch.coverage);
    assert!(flushes >= 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_bytes_give_the_same_in_any_blocks(
        rows in proptest::collection::vec(
            prop_oneof![
                Just(format!("Mar 04 05:06:07 n4 {OFF}\n").into_bytes()),
                Just(format!("Mar 04 05:06:08 n5 {OFF}\r\n").into_bytes()),
                Just(b"Mar 04 05:06:06 n4 pmxcfs[1]: new thing\n".to_vec()),
                Just(b"\n".to_vec()),
                Just(b"// note\n".to_vec()),
                Just(b"-- Boot 0a --\n".to_vec()),
                Just(b"-- Boot 0b --\n".to_vec()),
                Just(b"-- Reboot --\n".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..60),
            ],
            0..40,
        ),
        end in 0usize..2000,
        block_bytes in 1usize..300,
        line_bytes in 30usize..100,
    ) {
        let text: Vec<u8> = rows.concat();
        let files = Files::new();
        files.add("1.log", &text[..end.min(text.len())]);
        let mut whole = options();
        whole.limits.line_bytes = line_bytes;
        let mut pieces = whole.clone();
        pieces.limits.block_bytes = block_bytes;
        let (want, wanted) = read(files.sources(), &whole);
        let (events, outcome) = read(files.sources(), &pieces);
        prop_assert_eq!(events, want);
        prop_assert_eq!(&outcome.coverage, &wanted.coverage);
        for input in &outcome.coverage.inputs {
            prop_assert_eq!(input.lines, input.understood + input.unknown + input.others + input.notes + input.blank);
            prop_assert_eq!(input.bytes, end.min(text.len()) as u64);
        }
    }
}

/// `line program` of the last lines that are told, which no cutting into blocks may change.
fn last_lines(text: &str) -> Vec<(u64, String)> {
    let files = Files::new();
    files.add("1.log", text);
    let (events, outcome) = read(files.sources(), &options());
    for block_bytes in [1, 40, 300, 5_000] {
        let mut small = options();
        small.limits.block_bytes = block_bytes;
        let (again, other) = read(files.sources(), &small);
        assert_eq!((&again, &other.coverage), (&events, &outcome.coverage));
    }
    let of = |event: &Event| (event.place.line, event.program.as_str().to_owned());
    events
        .iter()
        .filter(|event| event.kind.name() == "log.last-line")
        .map(of)
        .collect()
}

#[test]
fn the_last_line_before_a_boot_and_at_the_end_is_told() {
    let event = format!("Mar 04 00:00:01 n1 {OFF}\n");
    let cron = "Mar 04 00:00:30 n1 CRON[7]: x\n";
    let late = "Mar 04 00:02:00 n1 CRON[8]: y\n";
    let kernel = "Mar 04 00:02:00 n1 kernel: Linux version 6.8.12-1-pve (a@b) #1 SMP\n";
    let other = "Mar 04 00:00:31 n2 sshd[7]: x\n";
    let noise = "what somebody writes\n// a note\n\n";
    let far = "Mar 04 00:00:32 n2 sshd[7]: x\n".repeat(400);
    let last = |found: &[(u64, &str)]| -> Vec<(u64, String)> {
        found
            .iter()
            .map(|(n, who)| (*n, (*who).to_owned()))
            .collect()
    };
    for (text, want) in [
        (
            format!("{event}{cron}-- Boot 1 --\n{kernel}"),
            last(&[(2, "CRON")]),
        ),
        (
            format!("{event}{cron}{noise}-- Boot 1 --\n{late}{event}"),
            last(&[(2, "CRON")]),
        ),
        (format!("{event}{cron}-- Boot 1 --\n"), last(&[(2, "CRON")])),
        (
            format!("{event}-- Boot 1 --\n{kernel}{late}"),
            last(&[(4, "CRON")]),
        ),
        // Lines of the new boot that rsyslog wrote before the kernel's, and lines of other hosts.
        (format!("{event}{cron}{late}{kernel}"), last(&[(2, "CRON")])),
        (
            format!("{event}{cron}{other}{kernel}"),
            last(&[(2, "CRON")]),
        ),
        (format!("{event}{cron}{far}{kernel}"), last(&[])),
        // At the end only of hosts whose lines are read, and only in logs that hold an event.
        (format!("{event}{cron}{other}"), last(&[(2, "CRON")])),
        (format!("{cron}{other}"), last(&[])),
        (format!("{cron}{event}"), last(&[])),
    ] {
        assert_eq!(last_lines(&text), want, "{text}");
    }
}

#[test]
fn the_year_comes_from_another_input_before_the_date_of_the_file() {
    let files = Files::new();
    files.add("1.log", format!("Mar 04 00:00:05 n1 {OFF}\n"));
    files.add("2.log", format!("2019-03-04T00:00:07Z n2 {OFF}\n"));
    let json = r#"{"MESSAGE":"reboot: Power down","SYSLOG_IDENTIFIER":"kernel","__REALTIME_TIMESTAMP":"1551657608000000"}"#;
    let options = ReadOptions {
        year: None,
        ..options()
    };
    let days = |events: &[Event]| -> Vec<String> {
        let at = events.iter().filter_map(|event| event.at);
        at.map(|at| at.date_clock()).collect()
    };
    let (events, _) = read(files.sources(), &options);
    assert_eq!(
        days(&events),
        ["2019-03-04 00:00:05", "2019-03-04 00:00:07"]
    );
    files.add("2.log", format!("{json}\n"));
    let (events, _) = read(files.sources(), &options);
    assert_eq!(
        days(&events),
        ["2019-03-04 00:00:05", "2019-03-04 00:00:08"]
    );
}

#[test]
fn a_watchdog_that_is_quoted_among_stamped_lines_is_no_event() {
    let quoted = "why does it never say\nwatchdog-mux: client watchdog expired - disable watchdog updates\nin here:\n";
    let log = "Mar 03 10:00:00 elm pmxcfs[745]: [dcdb] notice: data verification successful\n";
    let lost = "Mar 03 10:00:00 elm pmxcfs[745]: [status] notice: node lost quorum\n";
    let kinds = |text: &str| {
        let files = Files::new();
        files.add("a.log", text);
        let (events, outcome) = read(files.sources(), &options());
        let remarks = outcome.coverage.remarks.join("; ");
        let kinds = events.iter().map(|event| event.kind.name());
        (kinds.collect::<Vec<_>>(), remarks.contains("quotation"))
    };
    assert_eq!(
        kinds(&format!("{quoted}{log}")),
        (vec!["pmxcfs.verify-ok"], true)
    );
    // In a log without stamps it is as good as the others, and so is one that has a stamp or a pid.
    let said = "watchdog-mux[640]: client watchdog expired - disable watchdog updates\n";
    for text in [
        quoted,
        &format!("{said}{log}"),
        // It may be what came of it.
        &format!("{quoted}{lost}"),
        &format!("12:00:13  watchdog expired - disable watchdog updates\n{log}"),
        &format!("Mar 03 09:00:00 elm {said}{log}"),
    ] {
        let (found, dropped) = kinds(text);
        assert!(
            found.contains(&"watchdog-mux.expired") && !dropped,
            "{text}: {found:?}"
        );
    }
}

#[test]
fn years_of_a_short_log_do_not_jump() {
    // Today is 2025-10-09: of these days the first two could be of this year.
    let line = |day: &str| {
        format!("{day} 10:00:00 elm corosync[812]:   [KNET  ] link: host: 2 link: 0 is down\n")
    };
    let told = |days: &[&str]| {
        let files = Files::new();
        let text: String = days.iter().map(|day| line(day)).collect();
        let path = files.add("a.log", text);
        let file = std::fs::File::options()
            .append(true)
            .open(path)
            .expect("a file");
        let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_760_000_000);
        file.set_modified(modified).expect("a date");
        let options = ReadOptions::new(Timestamp::from_seconds(1_760_000_000));
        let (events, _) = read(files.sources(), &options);
        let days = events
            .iter()
            .filter_map(|event| event.at.map(|at| at.to_string()));
        days.map(|at| at[..10].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&["Oct 05", "Oct 08", "Oct 12"]),
        ["2024-10-05", "2024-10-08", "2024-10-12"]
    );
    assert_eq!(told(&["Dec 30", "Jan 02"]), ["2024-12-30", "2025-01-02"]);
    assert_eq!(told(&["Oct 05", "Oct 08"]), ["2025-10-05", "2025-10-08"]);
    // The newest first.
    assert_eq!(
        told(&["Oct 12", "Oct 08", "Oct 05"]),
        ["2024-10-05", "2024-10-08", "2024-10-12"]
    );
}
