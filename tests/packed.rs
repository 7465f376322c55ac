//! A log is the same log in whatever it is packed, and whatever wrote it down.
//! In: one incident, packed here; journals that systemd wrote; journals in every layout, written here. Out: nothing.
//! Never: asks a torn file for more than is whole in it.

mod support;

use fencepost::decode::archive;
use fencepost::event::Event;
use fencepost::input::{self, Only, Source};
use fencepost::pattern::Pattern;
use fencepost::run::{Plan, ReadOptions};
use serde_json::Value;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::journal::{
    Entry, append, by_systemd, entries, export, journal, layouts, pretty, sealed, verbose,
};
use support::pack::{PACKINGS, gzip, tar, xz, zip, zstd};
use support::{Dice, Files, adds_up, options, patterns, rendered, report_of_files, testdata};

/// One incident of one node, in text.
fn log() -> Vec<u8> {
    fs::read(testdata().join("encodings/short-iso.log")).expect("a log")
}

/// A report without what may differ: how the input is called, what it was taken for, how many bytes it had.
fn told(path: &Path) -> (String, String) {
    let report = report_of_files(&[path.to_owned()], &options(), &patterns());
    let form = report.inputs[0].form.clone();
    let text = rendered(&report, fencepost::render::Format::Json);
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    let name = path.display().to_string();
    value["inputs"][0]["form"] = Value::Null;
    if let Some(remarks) = value["remarks"].as_array_mut() {
        remarks.retain(|remark| !remark.as_str().unwrap_or("").contains(": read as "));
    }
    (form, value.to_string().replace(&name, "LOG"))
}

#[test]
fn what_is_packed_is_told_as_if_it_were_not() {
    let files = Files::new("packed");
    let (form, want) = told(&files.add("log", log()));
    assert_eq!(form, "text");
    for (name, pack) in PACKINGS {
        let (form, have) = told(&files.add("packed", pack(&log())));
        assert_eq!(form, format!("text in {name}"));
        assert_eq!(have, want, "{name}");
    }
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(String::from_utf8(log()).expect("text").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let (form, have) = told(&files.add("wide", wide));
    assert_eq!((&*form, have), ("text in UTF-16", want.clone()));
    // Editors put a mark before the text, and their own ends behind its lines.
    let marked = [b"\xef\xbb\xbf", &log()[..]].concat();
    assert_eq!(told(&files.add("marked", marked)).1, want);
    let ends = String::from_utf8(log())
        .expect("text")
        .replace('\n', "\r\n");
    assert_eq!(told(&files.add("ends", &ends)).1, want);
    let both: Vec<u8> = std::iter::once(0xfeff)
        .chain(ends.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(told(&files.add("both", both)).1, want);
    let (form, have) = told(&files.add("nested", gzip(&zstd(&xz(&log())))));
    assert_eq!(form, "text in xz in zstd in gzip");
    assert_eq!(have, want);
}

#[test]
fn members_and_frames_follow_each_other() {
    let files = Files::new("members");
    let log = log();
    let middle = log.len() / 2;
    let (_, want) = told(&files.add("log", &log));
    for (name, pack) in PACKINGS {
        // A cut in the middle of a line, and an empty member between.
        let both = [pack(&log[..middle]), pack(b""), pack(&log[middle..])].concat();
        let (_, have) = told(&files.add("packed", both));
        assert_eq!(have, want, "{name}");
    }
    // A frame that holds no data.
    let skipped = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &[]].concat();
    let both = [zstd(&log[..middle]), skipped, zstd(&log[middle..])].concat();
    assert_eq!(told(&files.add("packed", both)).1, want);
}

/// Events of paths, what was counted, and whether all could be read to the end.
fn read(paths: &[PathBuf]) -> (Vec<Event>, bool) {
    read_with(paths, options())
}

fn read_with(paths: &[PathBuf], options: ReadOptions) -> (Vec<Event>, bool) {
    let plan = Plan {
        paths: paths.to_vec(),
        read: ReadOptions {
            threads: 2,
            ..options
        },
        given: Default::default(),
    };
    let mut events = Vec::new();
    let (outcome, _) = fencepost::run::read(
        &plan,
        &mut |_, event| events.push(event.clone()),
        &mut || {},
    );
    assert!(adds_up(&outcome.coverage));
    (events, outcome.failures.is_empty())
}

/// What an event says, without where it stands.
fn said(events: &[Event]) -> Vec<String> {
    let said = |event: &Event| {
        format!(
            "{:?} {:?} {:?} {:?} {}",
            event.at, event.host, event.pid, event.kind, &*event.text
        )
    };
    events.iter().map(said).collect()
}

#[test]
fn what_is_cut_off_is_told_as_far_as_it_goes() {
    let files = Files::new("cut");
    // Blocks of some formats give nothing before they are whole, so there must be several.
    let mut dice = Dice(7);
    let mut long = Vec::new();
    for n in 0..30_000_u32 {
        let (h, m, s) = (n / 3600, n / 60 % 60, n % 60);
        let list: Vec<String> = (0..20)
            .map(|_| format!("{:x}", dice.roll(1 << 24)))
            .collect();
        let say = format!("[TOTEM ] Retransmit List: {}", list.join(" "));
        let line = format!("2026-02-11T{h:02}:{m:02}:{s:02}+00:00 birch corosync[1423]:   {say}\n");
        long.extend_from_slice(line.as_bytes());
    }
    for (name, pack) in PACKINGS {
        let mut packed = pack(&long);
        packed.truncate(packed.len() * 3 / 4);
        let (events, whole) = read(&[files.add(name, &packed)]);
        assert!(!whole, "{name}: the end is missing");
        assert!(events.len() > 1_000, "{name}: {} events", events.len());
    }
}

#[test]
fn what_never_ends_is_no_log() {
    let files = Files::new("bomb");
    let mut packed = Vec::new();
    let member = gzip(&vec![0; 8 << 20]);
    for _ in 0..160 {
        packed.extend_from_slice(&member);
    }
    // Packed twice it is far smaller still.
    let path = files.add("bomb.gz", gzip(&packed));
    let sources: Vec<Source> = input::discover(&[path]).0;
    let mut reader = sources[0].open().expect("a file").reader;
    let mut room = vec![0; 1 << 20];
    let mut given: u64 = 0;
    let why = loop {
        match reader.read(&mut room) {
            Ok(0) => panic!("all of it was given out"),
            Ok(read) => given += read as u64,
            Err(why) => break why,
        }
    };
    assert!(why.to_string().contains("a thousand times"), "{why}");
    assert!(given <= (1 << 30) + (1 << 20));
}

#[test]
fn members_of_a_zip_are_bounded_together() {
    // One member, which the list at the end names many times over.
    let small = zip(&[("a", &vec![0; 64 << 20])]);
    let end = small.len() - 22;
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|n| small[at + n])) as usize;
    let (size, start) = (number(end + 12), number(end + 16));
    let mut many = small[..start].to_vec();
    let names = b'a'..=b'z';
    for name in names.clone() {
        let mut entry = small[start..start + size].to_vec();
        entry[46] = name;
        many.extend_from_slice(&entry);
    }
    let count = names.len() as u16;
    let mut last = small[end..].to_vec();
    last[8..10].copy_from_slice(&count.to_le_bytes());
    last[10..12].copy_from_slice(&count.to_le_bytes());
    last[12..16].copy_from_slice(&(size as u32 * u32::from(count)).to_le_bytes());
    many.extend_from_slice(&last);
    let (mut met, mut given) = (0, 0);
    let read = archive::members(Box::new(Cursor::new(many)), &mut |_, bytes| {
        met += 1;
        given += std::io::copy(bytes, &mut std::io::sink())?;
        Ok(())
    });
    let why = read.expect_err("too much").to_string();
    assert!(why.contains("a thousand times its size"), "{why}");
    assert_eq!((met, given), (17, 1 << 30));
}

/// The journals that systemd wrote, and the same entries as `journalctl -o export` prints them.
fn journals() -> PathBuf {
    testdata().join("journals")
}

#[test]
fn a_journal_is_read_as_journalctl_prints_it() {
    let (want, whole) = read(&[journals().join("entries.export.gz")]);
    assert!(whole && want.len() > 60);
    for layout in ["regular", "compact"] {
        let path = journals().join(format!("{layout}.journal.gz"));
        let (have, whole) = read(std::slice::from_ref(&path));
        assert!(whole);
        assert_eq!(said(&have), said(&want), "{layout}");
        // In place, and in its place.
        let files = Files::new(layout);
        let mut bytes = Vec::new();
        let packed = fs::File::open(&path).expect("a journal");
        flate2::read::GzDecoder::new(packed)
            .read_to_end(&mut bytes)
            .expect("a journal");
        let journal = files.add("system.journal", &bytes);
        assert_eq!(said(&read(std::slice::from_ref(&journal)).0), said(&want));
        if let Some(printed) = journalctl(&journal) {
            let printed = files.add("printed.json", printed);
            assert_eq!(
                said(&read(&[printed]).0),
                said(&want),
                "journalctl, {layout}"
            );
        }
    }
}

/// The journals that systemd wrote, with their indexes.
fn indexed() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    ["regular", "compact"].into_iter().map(|layout| {
        let packed = fs::File::open(journals().join(format!("{layout}.journal.gz")));
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed.expect("a journal"))
            .read_to_end(&mut bytes)
            .expect("a journal");
        (layout, bytes)
    })
}

/// Events of some programs alone, as they are told when only those are asked for, and whether all could be read.
fn read_only(path: &Path, only: &[&str]) -> (Vec<Event>, bool) {
    let only = only.iter().map(|name| Box::from(*name)).collect();
    let options = ReadOptions {
        only: Some(Only(only)),
        ..options()
    };
    read_with(&[path.to_owned()], options)
}

#[test]
fn a_damaged_index_leads_to_no_wrong_entry() {
    let files = Files::new("index");
    for (layout, bytes) in indexed() {
        for seed in 0..seeds() {
            let mut bytes = bytes.clone();
            damage(&mut bytes, &mut Dice(seed));
            // As if it had been closed: else no index is looked at.
            if let Some(state) = bytes.get_mut(16) {
                *state = 0;
            }
            let path = files.add(&format!("{layout}.journal"), &bytes);
            let (events, _) = read_only(&path, &["corosync", "pve-ha-lrm"]);
            let other = events
                .iter()
                .find(|event| !matches!(&*event.program, "corosync" | "pve-ha-lrm"));
            assert_eq!(other, None, "{layout} {seed}");
        }
    }
}

#[test]
fn some_programs_are_read_alone_by_the_index_of_a_journal_or_without_one() {
    let files = Files::new("only");
    let mut forms = vec![
        files.add("entries.json", pretty()),
        files.add("entries.export", export(&entries())),
    ];
    for (layout, mut bytes) in indexed() {
        // Closed, and as if the power had gone while it was written to.
        for state in [0, 1, 2] {
            bytes[16] = state;
            forms.push(files.add(&format!("{layout}-{state}.journal"), &bytes));
        }
        // An index that contradicts itself.
        let arrays = u64::from_le_bytes(bytes[176..184].try_into().expect("eight bytes")) as usize;
        bytes[arrays] = 0;
        forms.push(files.add(&format!("{layout}-torn.journal"), &bytes));
    }
    for path in &forms {
        let (all, _) = read(std::slice::from_ref(path));
        for only in [&["corosync"][..], &["pmxcfs", "pve-ha-lrm"], &["nobody"]] {
            let of_them = |event: &&Event| only.contains(&&*event.program);
            let want: Vec<&Event> = all.iter().filter(of_them).collect();
            let (have, whole) = read_only(path, only);
            assert!(whole);
            assert_eq!(
                have.iter().collect::<Vec<_>>(),
                want,
                "{} {only:?}",
                path.display()
            );
            assert_eq!(have.is_empty(), only == ["nobody"]);
        }
    }
}

/// The entries of the incident with stamps of whole seconds, which every form can hold.
fn in_seconds() -> Vec<Entry> {
    let mut entries = entries();
    for entry in &mut entries {
        entry.retain(|(name, _)| name != "_SOURCE_REALTIME_TIMESTAMP");
        for (name, value) in entry {
            if name == "__REALTIME_TIMESTAMP" {
                let end = value.len() - 6;
                value[end..].fill(b'0');
            }
        }
    }
    entries
}

/// The line of an entry, with its stamp in a form of chrono's.
fn line(entry: &Entry, form: &str) -> String {
    let field = |wanted: &str| {
        let found = entry.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let micros = field("__REALTIME_TIMESTAMP").and_then(|text| text.parse().ok());
    let at = chrono::DateTime::from_timestamp_micros(micros.expect("a stamp")).expect("a date");
    let pid = field("_PID").map_or(String::new(), |pid| format!("[{pid}]"));
    let [host, program, message] =
        ["_HOSTNAME", "SYSLOG_IDENTIFIER", "MESSAGE"].map(|name| field(name).expect("a field"));
    format!("{} {host} {program}{pid}: {message}\n", at.format(form))
}

/// Takes stamp and host from every line that is quoted as it stands, which is so as its form has it.
fn bare(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(bare),
        Value::Object(fields) => fields.values_mut().for_each(bare),
        Value::String(text) => {
            let head = text.find(" birch ").filter(|at| *at < 40);
            let numbers = head.is_some_and(|at| text[..at].bytes().any(|b| b.is_ascii_digit()));
            if let (Some(at), true) = (head, numbers) {
                text.drain(..at + " birch ".len());
            }
            // Of the blanks before a message JSON keeps none.
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn one_incident_is_told_the_same_in_whatever_it_comes() {
    let entries = in_seconds();
    let text = |form: &str| -> Vec<u8> {
        let lines: String = entries.iter().map(|entry| line(entry, form)).collect();
        lines.into_bytes()
    };
    let classic = text("%b %d %H:%M:%S");
    let object = |entry: &Entry| {
        let field = |(name, value): &(String, Vec<u8>)| {
            (name.clone(), Value::from(String::from_utf8_lossy(value)))
        };
        let object: serde_json::Map<String, Value> = entry.iter().map(field).collect();
        format!("{}\n", Value::Object(object))
    };
    let json: String = entries.iter().map(object).collect();
    let mut forms: Vec<(String, Vec<u8>)> = vec![
        ("ISO".to_owned(), text("%Y-%m-%dT%H:%M:%S+0000")),
        (
            "ISO with a colon".to_owned(),
            text("%Y-%m-%dT%H:%M:%S+00:00"),
        ),
        ("full".to_owned(), text("%a %Y-%m-%d %H:%M:%S UTC")),
        ("unix".to_owned(), text("%s.000000")),
        ("JSON".to_owned(), json.into_bytes()),
        ("export".to_owned(), export(&entries)),
        (
            "tar.gz".to_owned(),
            gzip(&tar(&[("var/log/syslog", &classic)])),
        ),
        (
            "tar.zst".to_owned(),
            zstd(&tar(&[("var/log/syslog", &classic)])),
        ),
        ("zip".to_owned(), zip(&[("var/log/syslog", &classic)])),
    ];
    for (name, pack) in PACKINGS {
        forms.push((name.to_owned(), pack(&classic)));
    }
    for layout in layouts() {
        forms.push((format!("{layout:?}"), journal(&entries, layout)));
    }
    let files = Files::new("forms");
    let told = |bytes: &[u8]| -> (String, Value) {
        let path = files.add("log", bytes);
        let report = report_of_files(std::slice::from_ref(&path), &options(), &patterns());
        let name = report.inputs[0].path.clone();
        let text = rendered(&report, fencepost::render::Format::Json).replace(&name, "LOG");
        let mut value: Value = serde_json::from_str(&text).expect("JSON");
        for own in ["inputs", "remarks"] {
            value[own] = Value::Null;
        }
        let findings = value["findings"].to_string();
        bare(&mut value);
        (findings, value)
    };
    let (findings, want) = told(&classic);
    assert!(
        want["findings"]
            .as_array()
            .is_some_and(|found| found.len() > 5)
    );
    for (name, bytes) in forms {
        let (found, have) = told(&bytes);
        assert_eq!(found, findings, "{name}: not the same byte for byte");
        if let Some(difference) = support::difference(&have, &want) {
            panic!("{name}{difference}");
        }
    }
}

#[test]
fn journals_that_systemd_writes_here_are_read_as_journalctl_prints_them() {
    let files = Files::new("by-systemd");
    let long = mixed(&mut Dice(3), 1_500);
    for compact in ["0", "1"] {
        for keyed in ["0", "1"] {
            for packed in ["no", "yes"] {
                let settings = [
                    ("SYSTEMD_JOURNAL_COMPACT", compact),
                    ("SYSTEMD_JOURNAL_KEYED_HASH", keyed),
                    ("--compress", packed),
                ];
                let Some(path) = by_systemd(&files, &export(&long), &settings) else {
                    eprintln!("skipped: systemd-journal-remote is not here");
                    return;
                };
                let mut start = [0; 16];
                let mut file = fs::File::open(&path).expect("a journal");
                file.read_exact(&mut start).expect("a header");
                let flags = u32::from_le_bytes([start[12], start[13], start[14], start[15]]);
                let set = |flag: u32, wanted: &str| (flags & flag != 0) == (wanted == "1");
                assert!(
                    set(16, compact) && set(4, keyed),
                    "{settings:?}: {flags:#x}"
                );
                let printed = Command::new("journalctl")
                    .args(["-o", "export", "--all", "--file"])
                    .arg(&path)
                    .output()
                    .expect("journalctl");
                let printed = files.add("printed.export", printed.stdout);
                let (have, whole) = read(std::slice::from_ref(&path));
                let (want, _) = read(std::slice::from_ref(&printed));
                assert!(whole && want.len() > 20, "{} events", want.len());
                assert_eq!(said(&have), said(&want), "{settings:?}");
                let lines = |path: &Path| {
                    let sources = input::discover(&[path.to_owned()]).0;
                    let mut text = String::new();
                    let mut reader = sources[0].open().expect("a file").reader;
                    reader.read_to_string(&mut text).expect("lines");
                    text.lines().map(sorted).collect::<Vec<_>>()
                };
                assert_eq!(lines(&path), lines(&printed), "{settings:?}");
            }
        }
    }
}

/// An object with its fields in the order of their names.
fn sorted(line: &str) -> String {
    let value: Value = serde_json::from_str(line).expect("an object");
    let fields = value.as_object().expect("an object");
    let mut fields: Vec<String> = fields.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    fields.sort();
    fields.join(", ")
}

#[test]
fn an_entry_that_several_journals_hold_counts_once() {
    let files = Files::new("twice");
    let entries = entries();
    let layouts = layouts();
    let whole = files.add("whole.journal", journal(&entries, layouts[0]));
    let essence = |paths: &[PathBuf]| {
        let report = report_of_files(paths, &options(), &patterns());
        let mut text = rendered(&report, fencepost::render::Format::Json);
        for path in paths {
            text = text.replace(&path.display().to_string(), "LOG");
        }
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let rows = |part: &str| {
            let rows = value[part].as_array().expect("rows").iter();
            let fields = [
                "kind", "title", "severity", "node", "began", "ended", "count",
            ];
            rows.map(|row| fields.map(|name| row[name].to_string()).join(" "))
                .collect::<Vec<_>>()
        };
        [rows("findings"), rows("incidents"), rows("boots")].concat()
    };
    let want = essence(std::slice::from_ref(&whole));
    assert!(want.len() > 5);
    // A copy of the file that is written, and the same when it was rotated; in another layout, or packed.
    for (n, layout) in layouts.into_iter().enumerate() {
        let copy = files.add("system.journal", journal(&entries[..50], layout));
        let rest = files.add("system@1-2-3.journal", journal(&entries[30..], layout));
        let packed = files.add("copy.gz", gzip(&journal(&entries, layout)));
        assert_eq!(essence(&[whole.clone(), packed]), want, "{n}");
        assert_eq!(essence(&[rest.clone(), copy.clone()]), want, "{n}");
        assert_eq!(essence(&[copy, whole.clone(), rest]), want, "{n}");
    }
}

#[test]
fn an_earlier_copy_of_a_journal_is_not_read() {
    let files = Files::new("copies");
    let entries = entries();
    let layout = layouts()[0];
    let with_id = |entries: &[Entry], id: u8| {
        let mut bytes = journal(entries, layout);
        bytes[24..40].fill(id);
        bytes
    };
    // What is written now, a copy of it from before, and the same file closed.
    let now = files.add("system.journal", with_id(&entries, 7));
    let before = files.add("before.journal", with_id(&entries[..60], 7));
    let other = files.add("user-1000.journal", with_id(&entries[..60], 8));
    let skipped = |paths: &[&PathBuf]| -> Vec<bool> {
        let paths: Vec<PathBuf> = paths.iter().copied().cloned().collect();
        let report = report_of_files(&paths, &options(), &patterns());
        let inputs = report.inputs.iter();
        inputs
            .map(|input| input.coverage.skipped.is_some())
            .collect()
    };
    // In the order of their names.
    assert_eq!(skipped(&[&now, &before]), [true, false]);
    assert_eq!(skipped(&[&now, &other]), [false, false]);
    let again = files.add("system@1-2-3.journal", with_id(&entries, 7));
    assert_eq!(
        skipped(&[&now, &again, &before])
            .iter()
            .filter(|s| **s)
            .count(),
        2
    );
    // One that is torn proves nothing.
    let whole = with_id(&entries, 7);
    let torn = files.add("torn.journal", &whole[..whole.len() - 5_000]);
    assert_eq!(skipped(&[&torn, &before]), [false, false]);
    let report = report_of_files(&[now, before], &options(), &patterns());
    let remarks = report.remarks.join("\n");
    assert!(
        remarks.contains("before.journal: not read: a copy of "),
        "{remarks}"
    );
}

#[test]
fn a_journal_of_another_time_is_not_read_and_nothing_is_lost() {
    let files = Files::new("another-time");
    let month = 30 * 86_400_000_000;
    let later = |by: u64| -> Vec<Entry> {
        let mut entries = entries();
        for entry in &mut entries {
            for (name, value) in entry {
                if name.ends_with("REALTIME_TIMESTAMP") {
                    let at: u64 = String::from_utf8_lossy(value).parse().expect("a stamp");
                    *value = (at + by).to_string().into_bytes();
                }
            }
        }
        entries
    };
    let layout = layouts()[0];
    let mut paths: Vec<PathBuf> = (0..3)
        .map(|n| files.add(&format!("{n}.journal"), journal(&later(n * month), layout)))
        .collect();
    paths.push(files.add("3.journal.gz", gzip(&journal(&later(3 * month), layout))));
    let middle = fencepost::model::Timestamp::from_seconds(1_770_843_600 + 30 * 86_400);
    let day = fencepost::model::Span(86_400_000_000);
    let asked = ReadOptions {
        since: Some(middle.plus(fencepost::model::Span(-day.0))),
        until: Some(middle.plus(day)),
        ..options()
    };
    let report = report_of_files(&paths, &asked, &patterns());
    let skipped: Vec<Option<&str>> = report
        .inputs
        .iter()
        .map(|input| input.coverage.skipped.as_deref())
        .collect();
    let before =
        "its last entry is of 2026-02-11T22:00:01.300037Z, before the time that is asked for";
    assert_eq!(skipped[0], Some(before));
    assert_eq!(skipped[1], None);
    assert!(skipped[2].is_some_and(|why| why.contains("behind the time that is asked for")));
    assert!(skipped[3].is_some());
    assert_eq!(report.inputs[0].lines, 0);
    assert!(report.inputs[1].lines > 70);
    let alone = report_of_files(&paths[1..2], &asked, &patterns());
    assert_eq!(report.verdict.text, alone.verdict.text);
    assert_eq!(report.findings.len(), alone.findings.len());
    let remarks = report.remarks.join("\n");
    assert!(
        remarks.contains("not read: all its entries are of another time than is asked for"),
        "{remarks}"
    );
    // Of a file that is being written, or was when the power went, the header tells no end.
    let mut open = fs::read(&paths[0]).expect("a journal");
    open[16] = 1;
    let open = files.add("0.journal", open);
    let report = report_of_files(&[open], &asked, &patterns());
    assert_eq!(report.inputs[0].coverage.skipped, None);
}

/// What the system's own reader prints, where there is one.
fn journalctl(path: &Path) -> Option<Vec<u8>> {
    let mut command = Command::new("journalctl");
    let output = command
        .arg("--file")
        .arg(path)
        .args(["-o", "json", "--all"])
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    // An old one does not know the newer layout.
    (!output.stdout.is_empty()).then_some(output.stdout)
}

#[test]
fn every_layout_of_a_journal_is_read() {
    let files = Files::new("layouts");
    let (want, _) = read(&[testdata().join("encodings/journal.json")]);
    for (n, layout) in layouts().into_iter().enumerate() {
        let path = files.add(&format!("{n}.journal"), journal(&entries(), layout));
        let (have, whole) = read(&[path]);
        assert!(whole);
        assert_eq!(said(&have), said(&want), "{layout:?}");
    }
}

#[test]
fn a_journal_with_features_of_tomorrow_is_refused_in_words() {
    let files = Files::new("tomorrow");
    let mut bytes = journal(&entries(), layouts()[0]);
    bytes[13] = 4;
    let sources = input::discover(&[files.add("system.journal", bytes)]).0;
    let why = sources[0].open().err().expect("refused").to_string();
    assert!(
        why.contains("features that are not known here (flags 0x400)"),
        "{why}"
    );
}

/// Damages that are tried of each form; more by the environment, for a long run.
fn seeds() -> u64 {
    let asked = std::env::var("FENCEPOST_SEEDS").ok();
    asked.and_then(|seeds| seeds.parse().ok()).unwrap_or(25)
}

/// Damages bytes in a few places.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(bytes.len());
        match dice.roll(5) {
            0 => bytes[at] ^= 1 << dice.roll(8),
            1 => bytes[at] = 0xff,
            2 => bytes.truncate(at.max(1)),
            3 => {
                let end = (at + dice.roll(400)).min(bytes.len());
                bytes[at..end].fill(0);
            }
            _ => {
                let end = (at + dice.roll(400)).min(bytes.len());
                bytes.drain(at..end);
                bytes.push(0);
            }
        }
    }
}

#[test]
fn whatever_is_damaged_is_read_to_its_end() {
    let files = Files::new("damaged");
    let mut whole: Vec<(String, Vec<u8>)> = PACKINGS
        .iter()
        .map(|(name, pack)| ((*name).to_owned(), pack(&log())))
        .collect();
    for (n, layout) in layouts().into_iter().enumerate() {
        whole.push((format!("{n}.journal"), journal(&entries(), layout)));
    }
    let export = fs::read(journals().join("entries.export.gz")).expect("an export");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&export[..])
        .read_to_end(&mut text)
        .expect("an export");
    whole.push(("export".to_owned(), text));
    let two = [("ash/syslog", &*log()), ("birch/syslog", &*log())];
    whole.push(("tar".to_owned(), tar(&two)));
    whole.push(("tgz".to_owned(), gzip(&tar(&two))));
    whole.push(("zip".to_owned(), zip(&two)));
    whole.push(("verbose".to_owned(), verbose().into_bytes()));
    whole.push(("pretty".to_owned(), pretty().into_bytes()));
    let wide = String::from_utf8(log()).expect("text");
    let wide: Vec<u16> = std::iter::once(0xfeff).chain(wide.encode_utf16()).collect();
    let wide = wide.into_iter().flat_map(u16::to_le_bytes).collect();
    whole.push(("utf16".to_owned(), wide));
    // A long run may be of some forms only, by a part of their names.
    let only = std::env::var("FENCEPOST_ONLY").ok();
    for (name, bytes) in &whole {
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        for seed in 0..seeds() {
            let mut dice = Dice(seed);
            let mut bytes = bytes.clone();
            damage(&mut bytes, &mut dice);
            // Reading checks that every line is counted once; that it ends is the rest of the promise.
            let _ = read(&[files.add(name, &bytes)]);
        }
    }
}

#[test]
fn a_journal_that_was_cut_off_gives_what_is_whole() {
    let files = Files::new("torn");
    let bytes = journal(&entries(), layouts()[0]);
    let (all, _) = read(&[files.add("whole.journal", &bytes)]);
    let half = files.add("half.journal", &bytes[..bytes.len() / 2]);
    let report = report_of_files(std::slice::from_ref(&half), &options(), &patterns());
    let remarks = report.remarks.join("\n");
    assert!(remarks.contains("torn at "), "{remarks}");
    let (events, _) = read(&[half]);
    assert!(events.len() > 10 && events.len() < all.len());
    // A hole in the middle costs what was in it.
    let mut holed = bytes.clone();
    let middle = holed.len() / 2;
    holed[middle..middle + 2000].fill(0xaa);
    let (events, _) = read(&[files.add("holed.journal", holed)]);
    assert!(events.len() > all.len() / 2 && events.len() < all.len());
}

/// A report as JSON with all that was counted, of a journal and of every line in it; the form and the name left out.
fn whole(path: &Path, patterns: &[Arc<Pattern>]) -> String {
    let plan = Plan {
        paths: vec![path.to_owned()],
        read: options(),
        given: Default::default(),
    };
    let mut events = Vec::new();
    let (outcome, _) = fencepost::run::read(
        &plan,
        &mut |_, event| events.push(event.clone()),
        &mut || {},
    );
    assert!(adds_up(&outcome.coverage));
    let mut coverage = outcome.coverage;
    for input in &mut coverage.inputs {
        // The bytes are those of the lines as they were handed on.
        (input.bytes, input.torn, input.form) = (0, 0, String::new());
    }
    coverage.remarks.clear();
    let verdict = fencepost::run::analyze(&plan, plan.find(), patterns);
    let mut report = verdict.report;
    for input in &mut report.inputs {
        input.form.clear();
        input.coverage.torn = 0;
    }
    report
        .remarks
        .retain(|remark| !remark.contains(": read as ") && !remark.contains(": torn at "));
    let text = rendered(&report, fencepost::render::Format::Json);
    let told = format!("{text}\n{events:#?}\n{coverage:#?}");
    told.replace(&path.display().to_string(), "LOG")
}

/// Reads a journal as an analysis does, which passes over what says nothing, and every line of it: that is the same log.
/// Returns how many lines it has.
fn passes_over_nothing(files: &Files, bytes: &[u8], patterns: &[Arc<Pattern>]) -> usize {
    let path = files.add("some.journal", bytes);
    let sources = input::discover(std::slice::from_ref(&path)).0;
    let Ok(mut every) = sources[0].open() else {
        return 0;
    };
    // Without its first bytes it is none.
    if every.form != "journal" {
        return 0;
    }
    let mut lines = String::new();
    every.reader.read_to_string(&mut lines).expect("lines");
    assert!(lines.lines().all(|line| line.starts_with('{')));
    let text = files.add("every.json", &lines);
    let have = whole(&path, patterns);
    let want = whole(&text, patterns);
    if have != want {
        let kept = std::env::temp_dir().join("fencepost-held-back.journal");
        fs::write(&kept, bytes).expect("a file");
        let first = have.lines().zip(want.lines()).find(|(a, b)| a != b);
        panic!("{}: {first:?}", kept.display());
    }
    let torn = |n: u64| match n {
        0 => None,
        1 => Some("torn at one place, which was passed over".to_owned()),
        n => Some(format!("torn at {n} places, which were passed over")),
    };
    let report = report_of_files(std::slice::from_ref(&path), &options(), patterns);
    let told = report
        .remarks
        .iter()
        .find(|remark| remark.contains(": torn at "));
    let told = told.and_then(|remark| Some(remark.split_once(": ")?.1.to_owned()));
    assert_eq!(told, torn(every.damage.places()));
    let count = lines.lines().count();
    assert_eq!(report.inputs[0].lines, count as u64);
    count
}

/// A journal's worth of entries: those of the test data among many that say nothing, and some that are odd.
fn mixed(dice: &mut Dice, count: usize) -> Vec<Vec<(String, Vec<u8>)>> {
    let known = entries();
    let field = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    let mut boot = "5f0e6cc0a1b94d5e8c7d6b5a49382716".to_owned();
    let mut at: u64 = 1_763_800_000_000_000;
    let mut made = Vec::new();
    for n in 0..count {
        at += dice.roll(20_000_000) as u64;
        let one = |program: &str, message: &[u8]| {
            vec![
                field("SYSLOG_IDENTIFIER", program.as_bytes()),
                field("MESSAGE", message),
                field("_HOSTNAME", b"ash"),
                field("_PID", format!("{}", 100 + n % 7).as_bytes()),
            ]
        };
        let seldom = dice.roll(40) == 0;
        let mut entry = match dice.roll(if seldom { 16 } else { 6 }) {
            0 => one(
                "sshd",
                format!("Accepted publickey for root, corosync {n}").as_bytes(),
            ),
            1 => one(
                "kernel",
                format!("usb 1-1: new device number {n}").as_bytes(),
            ),
            2 => one("systemd", format!("Started session-{n}.scope.").as_bytes()),
            3 => one("pvedaemon", b"worker exit"),
            4 => one("CRON", b"(root) CMD (true)"),
            5 => one("smartd", b"Device: /dev/sda, 100"),
            6 => one(
                "kernel",
                b"Linux version 6.8.12-4-pve (build@proxmox) (gcc) #1 SMP",
            ),
            7 => one("corosync", format!("[NEWS  ] something new {n}").as_bytes()),
            8 => one("sshd", &vec![1; 40_000]),
            9 => one("sshd", format!("{}{n}", "long ".repeat(4_000)).as_bytes()),
            10 => one("kernel", b"reboot: Restarting system \xff"),
            11 => one("pve\"daemon", b"cfs-lock 'x' error: no quorum!"),
            12 => one("/usr/sbin/corosync", b"[QUORUM] Members[1]: 1"),
            13 => one("/usr/sbin/sshd", b"cfs-lock 'x' error: no quorum!"),
            14 => vec![field(
                "MESSAGE",
                b"[TOTEM ] Token has not been received in 2737 ms",
            )],
            _ => vec![field("SYSLOG_IDENTIFIER", b"sshd")],
        };
        if dice.roll(60) == 0 {
            entry = known[dice.roll(known.len())].clone();
            entry.retain(|(name, _)| {
                !name.starts_with("__") && name != "_SOURCE_REALTIME_TIMESTAMP"
            });
        }
        if dice.roll(300) == 0 {
            boot = format!("{:032x}", dice.roll(1 << 30));
        }
        entry.retain(|(name, _)| name != "_BOOT_ID");
        entry.push(field("_BOOT_ID", boot.as_bytes()));
        entry.push(field("__REALTIME_TIMESTAMP", at.to_string().as_bytes()));
        made.push(entry);
    }
    made
}

#[test]
fn a_journal_that_is_passed_over_in_parts_is_the_same_log() {
    let files = Files::new("sieved");
    let patterns = patterns();
    for layout in ["regular", "compact"] {
        let packed = fs::File::open(journals().join(format!("{layout}.journal.gz")));
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed.expect("a journal"))
            .read_to_end(&mut bytes)
            .expect("a journal");
        assert!(passes_over_nothing(&files, &bytes, &patterns) > 60);
    }
    for (n, layout) in layouts().into_iter().enumerate() {
        let entries = mixed(&mut Dice(n as u64), 3_000);
        let bytes = journal(&entries, layout);
        assert_eq!(passes_over_nothing(&files, &bytes, &patterns), 3_000);
    }
}

#[test]
fn a_damaged_journal_that_is_passed_over_in_parts_is_the_same_log() {
    let files = Files::new("sieved");
    let patterns = patterns();
    let mut whole = Vec::new();
    for (n, layout) in layouts().into_iter().enumerate() {
        whole.push(journal(&entries(), layout));
        whole.push(journal(&mixed(&mut Dice(n as u64), 1_500), layout));
    }
    for seed in 0..4 * seeds() {
        let mut dice = Dice(seed);
        let mut bytes = whole[dice.roll(whole.len())].clone();
        damage(&mut bytes, &mut dice);
        passes_over_nothing(&files, &bytes, &patterns);
    }
}

#[test]
fn a_journal_without_entries_and_data_behind_their_entry_are_read() {
    let files = Files::new("few");
    let patterns = patterns();
    for layout in layouts() {
        let empty = journal(&[], layout);
        assert_eq!(passes_over_nothing(&files, &empty, &patterns), 0);
        // What an entry names stands behind it, and before the next one.
        let payload = |text: &str| {
            let head = vec![0; if layout.compact { 56 } else { 48 }];
            [&head[..], text.as_bytes()].concat()
        };
        let mut file = vec![0; 272];
        let program = append(&mut file, 1, 0, &payload("SYSLOG_IDENTIFIER=pmxcfs"));
        let entry = |message: u64| {
            let mut body = vec![0; 48];
            for item in [program, message] {
                match layout.compact {
                    true => body.extend_from_slice(&(item as u32).to_le_bytes()),
                    false => body.extend_from_slice(&[item.to_le_bytes(), [0; 8]].concat()),
                }
            }
            body
        };
        let first = file.len().next_multiple_of(8) as u64;
        let length = 16 + entry(0).len() as u64;
        let message = (first + length).next_multiple_of(8);
        assert_eq!(append(&mut file, 3, 0, &entry(message)), first);
        let said = payload("MESSAGE=[status] notice: node lost quorum");
        assert_eq!(append(&mut file, 1, 0, &said), message);
        append(&mut file, 3, 0, &entry(message));
        let bytes = sealed(file, layout);
        assert_eq!(passes_over_nothing(&files, &bytes, &patterns), 2);
        let (events, _) = read(&[files.add("behind.journal", &bytes)]);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].place.line, 2);
    }
}
