//! Whatever bytes a decoder gets: it ends, says the same in whatever pieces they come, and hands on nothing but lines.
//! In: documents in every form, damaged in ways that know the forms; bytes without sense behind a form's own mark. Out: nothing.
//! Never: takes more than a few megabytes out of one document. `PROPTEST_CASES=200000 cargo test --test hostile` is a long run.

mod support;

use fencepost::decode::{self, archive};
use proptest::prelude::*;
use proptest::sample::Index;
use std::fs;
use std::io::{self, Cursor, Read};
use std::sync::LazyLock;
use support::journal::{entries, export, journal, layouts, pretty, verbose};
use support::pack::{PACKINGS, gzip, tar, xz, zip, zstd};
use support::{adds_up, events, testdata};

/// What is taken of one document: one that unpacks to more is left there.
const MOST: usize = 2 << 20;

/// How a document is damaged: an even hand would seldom hit a size.
#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Put(Index, Vec<u8>),
    /// A number where numbers stand, of eight bytes or of four.
    Number(Index, u64, bool),
    Cut(Index, usize),
    Double(Index, Index, usize),
    End(Index),
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..300_u64,
        any::<u64>(),
        (0..64_u32).prop_map(|bit| 1 << bit),
        (0..64_u32).prop_map(|bit| (1 << bit) - 1),
        Just(u64::MAX),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Edit::Flip(at, bits)),
        2 => (any::<Index>(), proptest::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(at, bytes)| Edit::Put(at, bytes)),
        4 => (any::<Index>(), number(), any::<bool>())
            .prop_map(|(at, number, long)| Edit::Number(at, number, long)),
        1 => (any::<Index>(), 0..400_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        1 => (any::<Index>(), any::<Index>(), 0..400_usize)
            .prop_map(|(from, to, length)| Edit::Double(from, to, length)),
        1 => any::<Index>().prop_map(Edit::End),
    ]
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec(edit(), 0..7)
}

fn damaged(document: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = document.to_vec();
    for edit in edits {
        let length = bytes.len();
        if length == 0 {
            break;
        }
        let upto = |at: usize, by: usize| (at + by).min(length);
        match edit {
            Edit::Flip(at, bits) => bytes[at.index(length)] ^= bits,
            Edit::Put(at, piece) => {
                let at = at.index(length);
                bytes.splice(at..at, piece.iter().copied());
            }
            Edit::Number(at, number, long) => {
                let number = number.to_le_bytes();
                let size = if *long { 8 } else { 4 };
                let at = at.index(length) / size * size;
                let end = upto(at, size);
                bytes[at..end].copy_from_slice(&number[..end - at]);
            }
            Edit::Cut(at, by) => {
                let at = at.index(length);
                bytes.drain(at..upto(at, *by));
            }
            Edit::Double(from, to, by) => {
                let from = from.index(length);
                let piece = bytes[from..upto(from, *by)].to_vec();
                let to = to.index(length);
                bytes.splice(to..to, piece);
            }
            Edit::End(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

/// A reader that hands out at most so many bytes at once, as a pipe may.
struct Pieces {
    bytes: Cursor<Vec<u8>>,
    most: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.most);
        self.bytes.read(&mut into[..most])
    }
}

fn pieces(bytes: &[u8], most: usize) -> decode::Reader {
    Box::new(Pieces {
        bytes: Cursor::new(bytes.to_vec()),
        most,
    })
}

/// What came out of a document.
#[derive(Debug, PartialEq)]
struct Told {
    form: String,
    bytes: Vec<u8>,
    /// Whether it was read to its end.
    whole: bool,
    places: u64,
}

fn told(bytes: &[u8], most: usize) -> Told {
    let mut told = Told {
        form: String::new(),
        bytes: Vec::new(),
        whole: false,
        places: 0,
    };
    if let Ok(mut decoded) = decode::stream(pieces(bytes, most), None) {
        told.form = decoded.form;
        let read = (&mut decoded.reader)
            .take(MOST as u64)
            .read_to_end(&mut told.bytes);
        told.whole = read.is_ok();
        told.places = decoded.damage.places();
    }
    told
}

/// Reads a document in whole and in pieces, and holds what every decoder promises.
fn check(bytes: &[u8], most: usize) -> Result<(), TestCaseError> {
    let whole = told(bytes, usize::MAX);
    let some = told(bytes, most);
    prop_assert_eq!(some.whole, whole.whole);
    match whole.whole {
        true => prop_assert!(some == whole, "in pieces of {most} it says something else"),
        // How much comes before what is broken may depend on the pieces, and so whether it shows what it is; what comes may not.
        false => prop_assert!(
            whole.bytes.starts_with(&some.bytes) || some.bytes.starts_with(&whole.bytes)
        ),
    }
    let is = |form: &str| whole.form.starts_with(form);
    let ended = whole.bytes.len() < MOST;
    if is("text in UTF-16") && ended {
        prop_assert!(std::str::from_utf8(&whole.bytes).is_ok());
    }
    let entries =
        is("journal in") || whole.form == "journal" || is("journal export") || is("verbose");
    if entries {
        prop_assert!(!ended || whole.bytes.is_empty() || whole.bytes.ends_with(b"\n"));
        let end = whole.bytes.iter().rposition(|byte| *byte == b'\n');
        for line in whole.bytes[..end.unwrap_or(0)].split(|byte| *byte == b'\n') {
            let object: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(line);
            prop_assert!(
                line.is_empty() || line.starts_with(b"{") && object.is_ok(),
                "{}",
                String::from_utf8_lossy(line)
            );
        }
    }
    Ok(())
}

/// Files of an archive: their names, sizes, and how much of each could be read.
fn members(bytes: &[u8], most: usize) -> (Option<String>, bool, Vec<(String, u64, u64)>) {
    let mut found = Vec::new();
    let mut left = MOST as u64;
    let read = archive::members(pieces(bytes, most), &mut |member, bytes| {
        let read = io::copy(&mut bytes.take(left), &mut io::sink());
        left -= *read.as_ref().unwrap_or(&0);
        found.push((member.name, member.size, *read.as_ref().unwrap_or(&0)));
        match left {
            0 => Err(io::Error::other("enough")),
            _ => read.map(|_| ()),
        }
    });
    match read {
        Ok(form) => (form, true, found),
        Err(_) => (None, false, found),
    }
}

fn log() -> Vec<u8> {
    fs::read(testdata().join("encodings/short-iso.log")).expect("a log")
}

fn wide(order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = String::from_utf8(log()).expect("text") + "Grüße 🦀\r\n";
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units
        .collect::<Vec<u16>>()
        .into_iter()
        .flat_map(order)
        .collect()
}

static JOURNALS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let entries = entries();
    let few = |layout| journal(&entries[..40], layout);
    let mut documents: Vec<Vec<u8>> = layouts().into_iter().map(few).collect();
    // The beginning of one that systemd wrote: with its tables, and torn.
    for layout in ["regular", "compact"] {
        let path = testdata().join(format!("journals/{layout}.journal.gz"));
        let packed = fs::File::open(path).expect("a journal");
        let mut bytes = Vec::new();
        let unpacked = flate2::read::GzDecoder::new(packed).take(192 << 10);
        { unpacked }.read_to_end(&mut bytes).expect("a journal");
        documents.push(bytes);
    }
    documents
});
static EXPORTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut odd = entries()[..20].to_vec();
    for (n, entry) in odd.iter_mut().enumerate() {
        entry.push(("NOTE".to_owned(), vec![n as u8, b'\n', 0xff]));
        if n % 3 == 0 {
            entry.push(("MESSAGE".to_owned(), b"one\ntwo \xff".to_vec()));
        }
    }
    vec![export(&entries()[..20]), export(&odd)]
});
static PACKED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let log = log();
    let mut documents: Vec<Vec<u8>> = PACKINGS.iter().map(|(_, pack)| pack(&log)).collect();
    for (_, pack) in PACKINGS {
        documents.push([pack(&log[..900]), pack(b""), pack(&log[900..])].concat());
    }
    documents.push(gzip(&zstd(&xz(&log))));
    documents
});
static ARCHIVES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let log = log();
    let packed = gzip(&log);
    let long = format!("{}/syslog", "var/log/".repeat(30));
    let files: [(&str, &[u8]); 4] = [
        ("ash/syslog", &log),
        ("birch/syslog.gz", &packed),
        (&long, &log[..3000]),
        ("empty", b""),
    ];
    let (tar, zip) = (tar(&files), zip(&files));
    vec![gzip(&tar), zstd(&zip), tar, zip]
});

/// One of several documents.
fn one(which: Index, documents: &[Vec<u8>]) -> &[u8] {
    &documents[which.index(documents.len())]
}

/// What the forms begin with.
const MARKS: [&[u8]; 15] = [
    b"",
    b"LPKSHHRH",
    b"__CURSOR=",
    b"{\n",
    b"\xff\xfe",
    b"\xfe\xff",
    b"Sun 2026-11-22 09:02:47.907697 UTC [s=3a;t=6]\n",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ\0",
    b"\x04\x22\x4d\x18",
    b"BZh9",
    b"\x50\x2a\x4d\x18",
    b"PK\x03\x04",
    b"PK\x05\x06",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn journals(which in any::<Index>(), edits in edits(), most in 1..9_000_usize) {
        check(&damaged(one(which, &JOURNALS), &edits), most)?;
    }

    #[test]
    fn exports(which in any::<Index>(), edits in edits(), most in 1..300_usize) {
        check(&damaged(one(which, &EXPORTS), &edits), most)?;
    }

    #[test]
    fn verbose_and_pretty_entries(long in any::<bool>(), edits in edits(), most in 1..300_usize) {
        let document = if long { verbose() } else { pretty() };
        check(&damaged(&document.as_bytes()[..9_000], &edits), most)?;
    }

    #[test]
    fn wide_text(little in any::<bool>(), edits in edits(), most in 1..300_usize) {
        let order = if little { u16::to_le_bytes } else { u16::to_be_bytes };
        check(&damaged(&wide(order), &edits), most)?;
    }

    #[test]
    fn packed_text(which in any::<Index>(), edits in edits(), most in 1..300_usize) {
        check(&damaged(one(which, &PACKED), &edits), most)?;
    }

    #[test]
    fn archives(which in any::<Index>(), edits in edits(), most in 1..300_usize) {
        let bytes = damaged(one(which, &ARCHIVES), &edits);
        let (form, ended, found) = members(&bytes, usize::MAX);
        let some = members(&bytes, most);
        prop_assert_eq!(&some.0, &form);
        prop_assert_eq!(some.1, ended);
        if ended {
            prop_assert_eq!(some.2, found);
        }
    }

    #[test]
    fn objects_of_sequences_and_events(seq in any::<bool>(), edits in edits()) {
        let name = if seq { "json-seq.log" } else { "json-sse.log" };
        let bytes = fs::read(testdata().join("encodings").join(name)).expect("a log");
        let (_, coverage) = events(&damaged(&bytes[..12_000], &edits));
        prop_assert!(adds_up(&coverage));
    }

    #[test]
    fn anything_behind_a_mark(
        mark in any::<Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        most in 1..300_usize,
    ) {
        let bytes = [MARKS[mark.index(MARKS.len())], &bytes].concat();
        check(&bytes, most)?;
        let whole = members(&bytes, usize::MAX);
        prop_assert_eq!(members(&bytes, most).1, whole.1);
    }
}
