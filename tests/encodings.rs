//! One incident in every encoding gives the same events and the same findings.
//! In: `testdata/encodings/journal.json`, which holds every fact, and the same entries as every other program writes them.
//! Never: asks an encoding for what it does not carry.

mod support;

use chrono::{DateTime, FixedOffset, Utc};
use fencepost::event::Event;
use fencepost::event::literals::Speaker;
use fencepost::model::Timestamp;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use support::{adds_up, events, options, patterns, report};

/// An entry of the journal.
struct Entry {
    host: String,
    identifier: String,
    unit: Option<String>,
    pid: Option<String>,
    boot_micros: i64,
    at: Timestamp,
    message: String,
    object: String,
}

fn folder() -> PathBuf {
    support::testdata().join("encodings")
}

fn entries() -> Vec<Entry> {
    let text = fs::read_to_string(folder().join("journal.json")).expect("the journal");
    text.lines().map(entry).collect()
}

fn entry(line: &str) -> Entry {
    let object: Value = serde_json::from_str(line).expect("an object");
    let field = |name: &str| object[name].as_str().map(str::to_owned);
    let number = |name: &str| field(name).and_then(|text| text.parse::<i64>().ok());
    let received = number("__REALTIME_TIMESTAMP").expect("a stamp");
    Entry {
        host: field("_HOSTNAME").expect("a host"),
        identifier: field("SYSLOG_IDENTIFIER").expect("an identifier"),
        unit: field("_SYSTEMD_UNIT"),
        pid: field("_PID"),
        boot_micros: number("__MONOTONIC_TIMESTAMP").expect("an uptime"),
        at: Timestamp(number("_SOURCE_REALTIME_TIMESTAMP").unwrap_or(received)),
        message: field("MESSAGE").expect("a message"),
        object: line.to_owned(),
    }
}

impl Entry {
    fn utc(&self) -> DateTime<Utc> {
        self.at.to_utc().expect("a date")
    }

    /// `program[pid]: message`.
    fn tagged(&self, program: &str) -> String {
        let pid = self
            .pid
            .as_ref()
            .map_or(String::new(), |pid| format!("[{pid}]"));
        format!("{program}{pid}: {}", self.message)
    }

    /// The line with the given stamp.
    fn line(&self, stamp: &str) -> String {
        format!("{stamp} {} {}\n", self.host, self.tagged(&self.identifier))
    }

    fn civil(&self, form: &str) -> String {
        self.utc().format(form).to_string()
    }

    fn east(&self, form: &str) -> String {
        let zone = FixedOffset::east_opt(3600).expect("a zone");
        self.utc().with_timezone(&zone).format(form).to_string()
    }
}

/// What an encoding carries beside kinds and fields.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Times {
    Micros,
    Millis,
    Seconds,
    None,
}

struct Encoding {
    file: &'static str,
    times: Times,
    host: bool,
    program: bool,
    write: fn(&Entry) -> Option<String>,
    /// What becomes of the whole.
    whole: fn(String) -> String,
}

impl Encoding {
    const fn of(file: &'static str, times: Times, write: fn(&Entry) -> Option<String>) -> Encoding {
        Encoding {
            file,
            times,
            host: true,
            program: true,
            write,
            whole: |text| text,
        }
    }

    fn written(&self, entries: &[Entry]) -> String {
        (self.whole)(entries.iter().filter_map(self.write).collect())
    }
}

const SHORT: &str = "%b %d %H:%M:%S";

fn encodings() -> Vec<Encoding> {
    use Times::{Micros, Millis, Seconds};
    vec![
        Encoding::of("short.log", Seconds, |e| Some(e.line(&e.civil(SHORT)))),
        Encoding::of("short-precise.log", Micros, |e| {
            Some(e.line(&e.civil("%b %d %H:%M:%S%.6f")))
        }),
        Encoding::of("short-iso.log", Seconds, |e| {
            Some(e.line(&e.civil("%Y-%m-%dT%H:%M:%S+0000")))
        }),
        Encoding::of("short-iso-east.log", Seconds, |e| {
            Some(e.line(&e.east("%Y-%m-%dT%H:%M:%S+01:00")))
        }),
        Encoding::of("short-full.log", Seconds, |e| {
            Some(e.line(&e.civil("%a %Y-%m-%d %H:%M:%S UTC")))
        }),
        Encoding::of("with-unit.log", Seconds, |e| {
            let program = e.unit.as_ref().unwrap_or(&e.identifier);
            let stamp = e.civil("%a %Y-%m-%d %H:%M:%S UTC");
            Some(format!("{stamp} {} {}\n", e.host, e.tagged(program)))
        }),
        Encoding::of("short-unix.log", Micros, |e| {
            Some(e.line(&format!("{}.{:06}", e.at.0 / 1_000_000, e.at.0 % 1_000_000)))
        }),
        Encoding::of("short-monotonic.log", Times::None, |e| {
            let micros = e.boot_micros;
            Some(e.line(&format!(
                "[{:5}.{:06}]",
                micros / 1_000_000,
                micros % 1_000_000
            )))
        }),
        Encoding::of("rsyslog.log", Micros, |e| {
            Some(e.line(&e.east("%Y-%m-%dT%H:%M:%S%.6f+01:00")))
        }),
        Encoding::of("rfc5424.log", Micros, |e| {
            let pid = e.pid.as_deref().unwrap_or("-");
            let stamp = e.east("%Y-%m-%dT%H:%M:%S%.6f+01:00");
            Some(format!(
                "<30>1 {stamp} {} {} {pid} - - {}\n",
                e.host, e.identifier, e.message
            ))
        }),
        Encoding::of("corosync.log", Millis, |e| {
            let pid = e.pid.as_ref()?;
            let stamp = e.civil("%b %d %H:%M:%S%.3f");
            (e.identifier == "corosync")
                .then(|| format!("{stamp} [{pid}] {} corosync notice{}\n", e.host, e.message))
        }),
        Encoding::of("json-seq.log", Micros, |e| {
            Some(format!("\u{1e}{}\n", e.object))
        }),
        Encoding::of("json-sse.log", Micros, |e| {
            Some(format!("data: {}\n\n", e.object))
        }),
        Encoding {
            host: false,
            program: false,
            ..Encoding::of("cat.log", Times::None, |e| Some(format!("{}\n", e.message)))
        },
        Encoding {
            host: false,
            ..Encoding::of("no-hostname.log", Seconds, |e| {
                Some(format!("{} {}\n", e.civil(SHORT), e.tagged(&e.identifier)))
            })
        },
        Encoding {
            whole: |text| text.lines().rev().map(|line| format!("{line}\n")).collect(),
            ..Encoding::of("reversed.log", Seconds, |e| Some(e.line(&e.civil(SHORT))))
        },
        Encoding::of("quoted.log", Seconds, |e| {
            Some(format!("> {}", e.line(&e.civil(SHORT))))
        }),
        Encoding {
            whole: |text| text.replace('\n', "\r\n"),
            ..Encoding::of("crlf.log", Seconds, |e| Some(e.line(&e.civil(SHORT))))
        },
    ]
}

/// Writes the files that the other tests read: `cargo test --test encodings -- --ignored`, after the journal was changed.
#[test]
#[ignore = "writes test data"]
fn write_the_files() {
    let entries = entries();
    for encoding in encodings() {
        fs::write(folder().join(encoding.file), encoding.written(&entries)).expect("written");
    }
}

#[test]
fn every_file_is_the_journal_in_its_encoding() {
    let entries = entries();
    let mut names: Vec<String> = support::files_below(&folder())
        .iter()
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .collect();
    names.retain(|name| name != "journal.json");
    let mut known = Vec::new();
    for encoding in encodings() {
        let text = fs::read_to_string(folder().join(encoding.file)).expect(encoding.file);
        assert!(
            text == encoding.written(&entries),
            "{} is out of date",
            encoding.file
        );
        known.push(encoding.file.to_owned());
    }
    known.sort();
    assert_eq!(names, known);
}

/// The events of a file as a batch reads it, which may put them in order.
fn read(file: &str) -> Vec<Event> {
    let plan = fencepost::run::Plan {
        paths: vec![folder().join(file)],
        read: options(),
        given: Default::default(),
    };
    let mut events = Vec::new();
    let (outcome, _) = fencepost::run::read(
        &plan,
        &mut |_, event| events.push(event.clone()),
        &mut || {},
    );
    assert!(adds_up(&outcome.coverage), "{file}");
    let lines: u64 = outcome
        .coverage
        .inputs
        .iter()
        .map(|input| input.unknown)
        .sum();
    assert_eq!(lines, 0, "{file}: messages that nobody reads");
    events
}

/// An event as far as an encoding carries it.
fn told(event: &Event, by: &Encoding) -> Value {
    let at = event.at.map(|at| match by.times {
        Times::Micros => at.0,
        Times::Millis => at.0 / 1_000 * 1_000,
        Times::Seconds => at.0 / 1_000_000 * 1_000_000,
        Times::None => panic!("{}: a time from nowhere", by.file),
    });
    json!({
        "at": at,
        "host": by.host.then_some(event.host.as_deref()),
        "program": by.program.then(|| (&*event.program, event.pid)),
        "kind": event.kind.name(),
        "fields": event.kind.fields().iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
    })
}

/// Whether a message is known without its program: it reads as one, and holds one of the literals that are looked for.
fn is_told_by_its_words(event: &Event) -> bool {
    let (_, message) = event.text.split_once(": ").expect("a tag");
    fencepost::event::read_message_alone(message, false).is_some()
        && Speaker::Anyone.may_say(message.as_bytes())
}

#[test]
fn the_events_are_the_same_in_every_encoding() {
    let all = read("journal.json");
    assert!(all.len() > 60, "{} events", all.len());
    for encoding in encodings() {
        let only_corosync = encoding.file == "corosync.log";
        let want: Vec<Value> = all
            .iter()
            // Which line is the last depends on the order of the file.
            .filter(|event| event.kind.name() != "log.last-line")
            .filter(|event| !only_corosync || &*event.program == "corosync")
            .filter(|event| encoding.program || is_told_by_its_words(event))
            .map(|event| {
                let mut event = event.clone();
                if encoding.times == Times::None {
                    event.at = None;
                }
                told(&event, &encoding)
            })
            .collect();
        let have: Vec<Value> = read(encoding.file)
            .iter()
            .filter(|event| event.kind.name() != "log.last-line")
            .map(|e| told(e, &encoding))
            .collect();
        for (have, want) in have.iter().zip(&want) {
            assert_eq!(have, want, "{}", encoding.file);
        }
        assert_eq!(have.len(), want.len(), "{}", encoding.file);
    }
}

/// Kind, node, subject, severity, whether it is open, and where every line names its program, how often it happened.
fn findings(file: &str, encoding: Option<&Encoding>) -> Vec<Value> {
    let paths = [folder().join(file)];
    let report = support::report_of_files(&paths, &options(), &patterns());
    let name = |node: &Option<String>| match encoding {
        Some(encoding) if !encoding.host => None,
        Some(_) | None => node.clone(),
    };
    let mut findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let count = encoding
                .is_none_or(|by| by.program)
                .then_some(finding.count);
            json!([
                finding.kind,
                name(&finding.node),
                finding.subject,
                finding.severity,
                finding.open,
                count
            ])
        })
        .collect();
    findings.sort_by_key(Value::to_string);
    findings
}

#[test]
fn the_findings_are_the_same_where_the_facts_are() {
    for encoding in encodings() {
        // One program's own log holds a part of the facts only.
        if encoding.file == "corosync.log" {
            continue;
        }
        let want = findings("journal.json", Some(&encoding));
        assert!(want.len() > 5, "{want:?}");
        assert_eq!(
            findings(encoding.file, Some(&encoding)),
            want,
            "{}",
            encoding.file
        );
    }
}

#[test]
fn a_pipe_tells_what_a_file_tells() {
    let patterns = patterns();
    for encoding in encodings() {
        // A pipe that is followed line by line is not put in order.
        if encoding.file == "reversed.log" {
            continue;
        }
        let path = folder().join(encoding.file);
        let bytes = fs::read(&path).expect("a file");
        let (_, coverage) = events(&bytes);
        assert!(adds_up(&coverage));
        let piped = report(&bytes, &patterns);
        let file = support::report_of_files(&[path], &options(), &patterns);
        assert_eq!(piped.verdict.text, file.verdict.text, "{}", encoding.file);
        assert_eq!(
            piped.findings.len(),
            file.findings.len(),
            "{}",
            encoding.file
        );
    }
}

/// A journal of two hosts, as `journalctl --merge` prints it: a marker stands at every change of host.
fn merged(between: &str) -> String {
    let line = |second: u32, host: &str, message: &str| {
        format!("Feb 11 10:00:{second:02} {host} corosync[7]:   {message}\n")
    };
    let marker = |id: char| format!("-- Boot {} --\n{between}", String::from(id).repeat(32));
    [
        line(1, "larch", "[KNET  ] link: host: 2 link: 0 is down"),
        marker('b'),
        line(1, "maple", "[KNET  ] link: host: 1 link: 0 is down"),
        marker('a'),
        line(
            2,
            "larch",
            "[TOTEM ] Token has not been received in 2737 ms",
        ),
        marker('b'),
        line(
            3,
            "maple",
            "[TOTEM ] Token has not been received in 2737 ms",
        ),
    ]
    .concat()
}

#[test]
fn a_change_of_host_is_no_boot() {
    let plain = merged("");
    let (found, coverage) = events(plain.as_bytes());
    assert_eq!(found.len(), 4);
    assert!(adds_up(&coverage));
    assert_eq!(coverage.inputs[0].others, 3);
    let told = report(plain.as_bytes(), &patterns());
    assert!(told.boots.is_empty(), "{:?}", told.boots);
}

#[test]
fn another_boot_of_a_host_in_a_merged_journal_is_one() {
    let log = format!(
        "{}-- Boot {} --\nFeb 11 10:02:00 maple kernel: Linux version 6.8.12-4-pve (build@x) (gcc)\n",
        merged(""),
        "c".repeat(32)
    );
    let (found, _) = events(log.as_bytes());
    let marker = &found[found.len() - 2];
    assert_eq!(marker.kind.name(), "journald.boot-marker");
    assert_eq!(marker.host.as_deref(), Some("maple"));
    let told = report(log.as_bytes(), &patterns());
    let nodes: Vec<_> = told.boots.iter().map(|boot| boot.node.as_deref()).collect();
    assert_eq!(nodes, [Some("maple")]);
}
