//! Entries of a journal in the forms that journald and journalctl give them.
//! In: names and values of fields. Out: the bytes of a file.
//! Never: needs systemd.

use super::pack::{Pack, xz, zstd};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The fields of an entry, in their order.
pub type Entry = Vec<(String, Vec<u8>)>;

/// How a journal is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub compact: bool,
    pub packing: Option<(u8, u32, Pack)>,
}

/// A block of LZ4 with its size before it, as journald writes it.
pub fn lz4_block(bytes: &[u8]) -> Vec<u8> {
    let size = (bytes.len() as u64).to_le_bytes();
    [&size[..], &lz4_flex::block::compress(bytes)].concat()
}

/// A journal with these entries: header, and data and entries as they come.
pub fn journal(entries: &[Entry], layout: Layout) -> Vec<u8> {
    let mut file = vec![0; 272];
    let mut known = BTreeMap::new();
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
    let mut file = sealed(file, layout);
    let stamps = entries.iter().filter_map(stamp);
    let (first, last) = (stamps.clone().min(), stamps.max());
    file[152..160].copy_from_slice(&(entries.len() as u64).to_le_bytes());
    file[184..192].copy_from_slice(&first.unwrap_or(0).to_le_bytes());
    file[192..200].copy_from_slice(&last.unwrap_or(0).to_le_bytes());
    file
}

/// When journald took an entry.
fn stamp(entry: &Entry) -> Option<u64> {
    let field = entry
        .iter()
        .find(|(name, _)| name == "__REALTIME_TIMESTAMP");
    String::from_utf8_lossy(&field?.1).parse().ok()
}

/// A journal of these objects, with the room behind them that journald keeps.
pub fn sealed(mut file: Vec<u8>, layout: Layout) -> Vec<u8> {
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
pub fn append(file: &mut Vec<u8>, kind: u8, flags: u8, body: &[u8]) -> u64 {
    file.resize(file.len().next_multiple_of(8), 0);
    let offset = file.len() as u64;
    file.extend_from_slice(&[kind, flags, 0, 0, 0, 0, 0, 0]);
    file.extend_from_slice(&(body.len() as u64 + 16).to_le_bytes());
    file.extend_from_slice(body);
    offset
}

/// The entries of `testdata/encodings/journal.json`.
pub fn entries() -> Vec<Entry> {
    let text =
        fs::read_to_string(super::testdata().join("encodings/journal.json")).expect("entries");
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
pub fn verbose() -> String {
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
pub fn pretty() -> String {
    let text =
        fs::read_to_string(super::testdata().join("encodings/journal.json")).expect("entries");
    let entry = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("an object");
        let text = serde_json::to_string_pretty(&value).expect("an object");
        text.replace("\n  ", "\n\t") + "\n"
    };
    text.lines().map(entry).collect()
}

pub fn layouts() -> Vec<Layout> {
    let packings: [Option<(u8, u32, Pack)>; 4] = [
        None,
        Some((1, 1, xz)),
        Some((2, 2, lz4_block)),
        Some((4, 8, zstd)),
    ];
    let of = |packing| [false, true].map(|compact| Layout { compact, packing });
    packings.into_iter().flat_map(of).collect()
}

/// The same entries as `journalctl -o export` prints them: what holds a line end goes with its size.
pub fn export(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        out.extend_from_slice(format!("__CURSOR=s=1;i={n:x}\n").as_bytes());
        for (name, value) in entry {
            if name == "__CURSOR" {
                continue;
            }
            out.extend_from_slice(name.as_bytes());
            if value.contains(&b'\n') || std::str::from_utf8(value).is_err() {
                out.push(b'\n');
                out.extend_from_slice(&(value.len() as u64).to_le_bytes());
            } else {
                out.push(b'=');
            }
            out.extend_from_slice(value);
            out.push(b'\n');
        }
        out.push(b'\n');
    }
    out
}

/// The same as systemd-journal-remote writes it, with these settings of its environment; nothing where that is not installed.
pub fn by_systemd(
    files: &super::Files,
    export: &[u8],
    settings: &[(&str, &str)],
) -> Option<PathBuf> {
    let program = Path::new("/lib/systemd/systemd-journal-remote");
    if !program.is_file() {
        return None;
    }
    let entries = files.add("entries.export", export);
    let name: String = settings
        .iter()
        .map(|(_, value)| format!("-{value}"))
        .collect();
    let journal = files.0.join(format!("remote{name}.journal"));
    let (own, remote): (Vec<_>, Vec<_>) = settings
        .iter()
        .partition(|(name, _)| name.starts_with("--"));
    let output = Command::new(program)
        .arg("-o")
        .arg(&journal)
        .arg("--split-mode=none")
        .args(own.iter().map(|(name, value)| format!("{name}={value}")))
        .arg(entries)
        .envs(remote)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    Some(journal)
}
