//! How fast each stage is, and all of them together, on logs made by `benches/logs`: `cargo bench`.
//! In: nothing. Out: criterion's figures, bytes or events a second.
//! Never: asserts; the figures are for comparison on one machine.

mod logs;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fencepost::analyzer::{self, Analyzer};
use fencepost::decode;
use fencepost::event::literals::Speaker;
use fencepost::event::scan::{self, Manner, Scanned};
use fencepost::event::{self, Event};
use fencepost::frame::Blocks;
use fencepost::model::{Coverage, Limits, SourceId, Timestamp};
use fencepost::pattern::{Pattern, builtin};
use fencepost::record::{self, Anchor, Clock, Hint, Line, Record};
use fencepost::render::{self, Format, Look};
use fencepost::report::Report;
use fencepost::run::{self, Plan, ReadOptions};
use logs::{Form, Settings};
use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of the logs; large enough that a block is one of many.
const BYTES: usize = 8 << 20;

fn log(density: f64, form: Form) -> Vec<u8> {
    let settings = Settings {
        seed: 1,
        density,
        form,
    };
    logs::log(BYTES, settings)
}

fn clock() -> Clock {
    Clock::utc(Anchor::Year(2026))
}

fn patterns() -> Vec<Arc<Pattern>> {
    builtin::builtin(&analyzer::vocabulary()).expect("the built-in patterns are right")
}

fn scanned(log: &[u8]) -> Scanned {
    scan::block(
        log,
        SourceId(0),
        1,
        &clock(),
        &Limits::default(),
        Manner::default(),
    )
}

/// The lines that hold a literal.
fn candidates(log: &[u8]) -> Vec<&str> {
    log.split(|byte| *byte == b'\n')
        .filter(|line| Speaker::Anyone.may_say(line))
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect()
}

fn records<'a>(lines: &[&'a str]) -> Vec<Record<'a>> {
    let (clock, mut hint) = (clock(), Hint::default());
    let read = |line: &&'a str| match record::line(line, &clock, &mut hint) {
        Line::Record(record) => Some(record),
        Line::Records(_) | Line::Note | Line::Blank | Line::Other => None,
    };
    lines.iter().filter_map(read).collect()
}

fn reasoned(events: &[Event], patterns: &[Arc<Pattern>]) -> Report {
    let mut analyzer = Analyzer::new(patterns.to_vec(), &Limits::default()).silent();
    let mut news = Vec::new();
    for event in events {
        analyzer.push(event, &mut news);
    }
    analyzer.finish(Coverage::default(), vec!["log".to_owned()])
}

/// Finding and reading the lines of a log of which two in a hundred are ours.
fn reading(c: &mut Criterion) {
    let log = log(2.0, Form::Classic);
    let mut group = c.benchmark_group("reading");
    group.throughput(Throughput::Bytes(log.len() as u64));
    group.bench_function("cut blocks", |b| {
        b.iter(|| {
            let mut blocks = Blocks::new(&log[..], &Limits::default());
            let mut bytes = 0;
            while let Ok(Some(block)) = blocks.next_block() {
                bytes += block.bytes().len();
                blocks.recycle(block);
            }
            bytes
        });
    });
    group.bench_function("literals", |b| {
        b.iter(|| {
            log.split(|byte| *byte == b'\n')
                .filter(|line| Speaker::Anyone.may_say(line))
                .count()
        });
    });
    for (name, form) in [("scan", Form::Classic), ("scan JSON", Form::Json)] {
        let log = self::log(2.0, form);
        group.throughput(Throughput::Bytes(log.len() as u64));
        group.bench_function(name, |b| b.iter(|| scanned(black_box(&log))));
    }
    let export = self::log(2.0, Form::Export);
    group.throughput(Throughput::Bytes(export.len() as u64));
    group.bench_function("decode export", |b| {
        b.iter(|| {
            let bytes = io::Cursor::new(export.clone());
            let mut decoded = decode::stream(Box::new(bytes), None).expect("an export");
            io::copy(&mut decoded.reader, &mut io::sink()).expect("lines")
        });
    });
    group.finish();
}

/// Reading lines that are all ours.
fn lines(c: &mut Criterion) {
    let mut group = c.benchmark_group("lines");
    for (name, form) in [
        ("record classic", Form::Classic),
        ("record RFC 3339", Form::Iso),
        ("record JSON", Form::Json),
    ] {
        let log = log(100.0, form);
        let lines = candidates(&log);
        group.throughput(Throughput::Elements(lines.len() as u64));
        group.bench_function(name, |b| b.iter(|| records(black_box(&lines)).len()));
    }
    let log = log(100.0, Form::Classic);
    let lines = candidates(&log);
    let records = records(&lines);
    group.throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("event", |b| {
        b.iter(|| {
            let read =
                |record: &Record<'_>| matches!(event::read(record), event::Reading::Event(_));
            records.iter().filter(|record| read(record)).count()
        });
    });
    group.finish();
}

/// What comes after reading: the state machines, the patterns and the report, and its forms.
fn telling(c: &mut Criterion) {
    let log = log(100.0, Form::Classic);
    let events = scanned(&log).events;
    let patterns = patterns();
    let mut group = c.benchmark_group("telling");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("reasoning", |b| b.iter(|| reasoned(&events, &patterns)));
    let report = reasoned(&events, &patterns);
    for (name, format) in render::FORMATS {
        group.throughput(Throughput::Elements(report.findings.len() as u64));
        group.bench_function(format!("render {name}"), |b| {
            b.iter_batched(
                io::sink,
                |mut out| render::render(&report, format, &Look::default(), &mut out),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// A file, from its bytes to JSON.
fn end_to_end(c: &mut Criterion) {
    let patterns = patterns();
    let mut group = c.benchmark_group("end to end");
    for (name, density, threads) in [
        ("2 in a hundred, 1 thread", 2.0, 1),
        ("2 in a hundred, 2 threads", 2.0, 2),
        ("all ours, 1 thread", 100.0, 1),
    ] {
        let log = log(density, Form::Classic);
        let path = std::env::temp_dir().join(format!("fencepost-bench-{}", std::process::id()));
        std::fs::write(&path, &log).expect("a file");
        let mut read = ReadOptions::new(Timestamp::from_seconds(1_800_000_000));
        read.threads = threads;
        let plan = Plan {
            paths: vec![path.clone()],
            read,
            given: Default::default(),
        };
        group.throughput(Throughput::Bytes(log.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let verdict = run::analyze(&plan, plan.find(), &patterns);
                render::render(
                    &verdict.report,
                    Format::Json,
                    &Look::default(),
                    &mut io::sink(),
                )
            });
        });
        // Gone with the temporary directory at the latest.
        let _ = std::fs::remove_file(&path);
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = reading, lines, telling, end_to_end
}
criterion_main!(benches);
