//! A log is the same log in whatever it is packed, and whatever wrote it down.
//! In: one incident, packed here; journals that systemd wrote; journals in every layout, written here. Out: nothing.
//! Never: asks a torn file for more than is whole in it.

mod support;

use fencepost::event::Event;
use fencepost::input::{self, Source};
use fencepost::run::{Plan, ReadOptions};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use support::pack::{bzip2, gzip, lz4, tar, xz, zip, zstd};
use support::{Dice, Files, adds_up, options, patterns, rendered, report_of_files, testdata};

/// One incident of one node, in text.
fn log() -> Vec<u8> {
    fs::read(testdata().join("encodings/short-iso.log")).expect("a log")
}

type Pack = fn(&[u8]) -> Vec<u8>;

const PACKINGS: [(&str, Pack); 5] = [
    ("gzip", gzip),
    ("zstd", zstd),
    ("xz", xz),
    ("lz4", lz4),
    ("bzip2", bzip2),
];

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
    let plan = Plan {
        paths: paths.to_vec(),
        read: ReadOptions {
            threads: 2,
            ..options()
        },
        given: Default::default(),
    };
    let mut events = Vec::new();
    let (outcome, _) = fencepost::run::read(&plan, &mut |_, event| events.push(event), &mut || {});
    assert!(adds_up(&outcome.coverage));
    (events, outcome.failures.is_empty())
}

/// What an event says, without where it stands.
fn said(events: &[Event]) -> Vec<String> {
    let said = |event: &Event| {
        format!(
            "{:?} {:?} {:?} {:?} {}",
            event.at, event.host, event.pid, event.kind, event.text
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

/// What the system's own reader prints, where there is one.
fn journalctl(path: &Path) -> Option<Vec<u8>> {
    let mut command = std::process::Command::new("journalctl");
    let output = command
        .arg("--file")
        .arg(path)
        .args(["-o", "json", "--all"])
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    // An old one does not know the newer layout.
    (!output.stdout.is_empty()).then_some(output.stdout)
}

/// How a journal is laid out.
#[derive(Clone, Copy, Debug)]
struct Layout {
    compact: bool,
    packing: Option<(u8, u32, Pack)>,
}

/// A block of LZ4 with its size before it, as journald writes it.
fn lz4_block(bytes: &[u8]) -> Vec<u8> {
    let size = (bytes.len() as u64).to_le_bytes();
    [&size[..], &lz4_flex::block::compress(bytes)].concat()
}

/// A journal with these entries: header, and data and entries as they come.
fn journal(entries: &[Vec<(String, Vec<u8>)>], layout: Layout) -> Vec<u8> {
    let mut file = vec![0; 272];
    let mut known = std::collections::BTreeMap::new();
    for (n, entry) in entries.iter().enumerate() {
        let mut items = Vec::new();
        for (name, value) in entry {
            if name.starts_with("__") {
                continue;
            }
            let payload = [name.as_bytes(), b"=", value].concat();
            let offset = *known.entry(payload.clone()).or_insert_with(|| {
                let (flags, payload) = match layout.packing {
                    Some((flag, _, pack)) if payload.len() > 60 => (flag, pack(&payload)),
                    _ => (0, payload),
                };
                let head = vec![0; if layout.compact { 56 } else { 48 }];
                append(&mut file, 1, flags, &[head, payload].concat())
            });
            items.push(offset);
        }
        let number = |name: &str| {
            let field = entry.iter().find(|(known, _)| known == name);
            field.map_or(0, |(_, v)| {
                String::from_utf8_lossy(v).parse::<u64>().unwrap_or(0)
            })
        };
        let boot = entry.iter().find(|(known, _)| known == "_BOOT_ID");
        let boot = boot.map_or(String::new(), |(_, v)| {
            String::from_utf8_lossy(v).into_owned()
        });
        let mut body = Vec::new();
        body.extend_from_slice(&(n as u64 + 1).to_le_bytes());
        body.extend_from_slice(&number("__REALTIME_TIMESTAMP").to_le_bytes());
        body.extend_from_slice(&number("__MONOTONIC_TIMESTAMP").to_le_bytes());
        for at in 0..16 {
            let byte = boot.get(2 * at..2 * at + 2).unwrap_or("0");
            body.push(u8::from_str_radix(byte, 16).unwrap_or(0));
        }
        body.extend_from_slice(&[0; 8]);
        items.sort_unstable();
        for item in items {
            match layout.compact {
                true => body.extend_from_slice(&(item as u32).to_le_bytes()),
                false => {
                    body.extend_from_slice(&item.to_le_bytes());
                    body.extend_from_slice(&[0; 8]);
                }
            }
        }
        append(&mut file, 3, 0, &body);
    }
    file.resize(file.len() + 4096, 0);
    let arena = file.len() as u64 - 272;
    let flags = layout.packing.map_or(0, |(_, flag, _)| flag) | if layout.compact { 16 } else { 0 };
    file[..8].copy_from_slice(b"LPKSHHRH");
    file[12..16].copy_from_slice(&flags.to_le_bytes());
    file[88..96].copy_from_slice(&272_u64.to_le_bytes());
    file[96..104].copy_from_slice(&arena.to_le_bytes());
    file
}

/// Appends an object; returns where it is.
fn append(file: &mut Vec<u8>, kind: u8, flags: u8, body: &[u8]) -> u64 {
    file.resize(file.len().next_multiple_of(8), 0);
    let offset = file.len() as u64;
    file.extend_from_slice(&[kind, flags, 0, 0, 0, 0, 0, 0]);
    file.extend_from_slice(&(body.len() as u64 + 16).to_le_bytes());
    file.extend_from_slice(body);
    offset
}

/// The entries of `testdata/encodings/journal.json`.
fn entries() -> Vec<Vec<(String, Vec<u8>)>> {
    let text = fs::read_to_string(testdata().join("encodings/journal.json")).expect("entries");
    let entry = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("an object");
        let fields = value.as_object().expect("an object").iter();
        let field = |(name, value): (&String, &Value)| {
            Some((name.clone(), value.as_str()?.as_bytes().to_vec()))
        };
        fields.filter_map(field).collect()
    };
    text.lines().map(entry).collect()
}

/// The same entries as `journalctl -o verbose` prints them.
fn verbose() -> String {
    let mut out = String::new();
    for entry in entries() {
        out += "Sun 2026-11-22 09:02:47.907697 UTC [s=3a;i=1;b=4b;m=1a;t=660d9bdbff596;x=fc]\n";
        for (name, value) in entry {
            out += &format!("    {name}={}\n", String::from_utf8_lossy(&value));
        }
    }
    out
}

/// The same entries as `journalctl -o json-pretty` prints them.
fn pretty() -> String {
    let text = fs::read_to_string(testdata().join("encodings/journal.json")).expect("entries");
    let entry = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("an object");
        let text = serde_json::to_string_pretty(&value).expect("an object");
        text.replace("\n  ", "\n\t") + "\n"
    };
    text.lines().map(entry).collect()
}

fn layouts() -> Vec<Layout> {
    let packings: [Option<(u8, u32, Pack)>; 4] = [
        None,
        Some((1, 1, xz)),
        Some((2, 2, lz4_block)),
        Some((4, 8, zstd)),
    ];
    let of = |packing| [false, true].map(|compact| Layout { compact, packing });
    packings.into_iter().flat_map(of).collect()
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

/// Damages that are tried; more by the environment, for a long run.
fn seeds() -> u64 {
    let asked = std::env::var("FENCEPOST_SEEDS").ok();
    asked.and_then(|seeds| seeds.parse().ok()).unwrap_or(400)
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
    for seed in 0..seeds() {
        let mut dice = Dice(seed);
        let (name, bytes) = &whole[dice.roll(whole.len())];
        let mut bytes = bytes.clone();
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
        // Reading checks that every line is counted once; that it ends is the rest of the promise.
        let _ = read(&[files.add(name, &bytes)]);
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
