//! What is inside of files that are no text: packed bytes, journals, exports of journals.
//! In: bytes, as a stream or at any place. Out: a stream of text lines, and what the bytes were taken for.
//! Never: opens anything; goes by a name; unpacks to disk.

pub mod archive;
mod entries;
mod export;
mod index;
pub mod journal;
pub mod kept;
mod object;
mod packed;
mod page;
mod pretty;
mod sieve;
mod utf16;
mod verbose;

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kept::Kept;
pub use object::Written;
pub use sieve::{Only, Says, Sieve, Worth};

/// Bytes that somebody else may read on another thread.
pub type Reader = Box<dyn Read + Send>;

/// Layers of packing that are opened: a bundle holds packed logs, and nobody packs deeper.
const DEPTH: usize = 4;
/// A journal that cannot be read in place is kept in memory, packed, up to this size; journald's own files end at 128 MiB.
const JOURNAL_BYTES: u64 = 256 << 20;
/// Bytes by which all forms are told from each other.
const START: usize = 64;

/// Bytes that can be read at any place.
pub trait At: Send {
    /// How many there are.
    fn length(&self) -> io::Result<u64>;
    /// Reads what there is at `offset`, at most as much as fits.
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl At for Vec<u8> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.get(start..).unwrap_or_default();
        rest.read(into)
    }
}

/// What could not be read as it should, counted while it is read.
#[derive(Debug, Default)]
pub struct Damage(AtomicU64);

impl Damage {
    /// Counts one more place.
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Places so far.
    pub fn places(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The text inside.
pub struct Decoded {
    /// Its lines.
    pub reader: Reader,
    /// What the bytes were, from the inside out: `text`, `text in gzip`, `journal in zstd`.
    pub form: String,
    /// What was passed over.
    pub damage: Arc<Damage>,
    /// Whether an empty line stands for an entry that a sieve held back.
    pub sifted: bool,
}

/// What bytes may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Packed(packed::Packing),
    Journal,
    Export,
    Pretty,
    Verbose,
    Utf16,
    Text,
}

impl Form {
    fn of(start: &[u8]) -> Form {
        if let Some(packing) = packed::Packing::of(start) {
            return Form::Packed(packing);
        }
        match start {
            _ if start.starts_with(journal::MAGIC) => Form::Journal,
            _ if export::starts(start) => Form::Export,
            _ if pretty::starts(start) => Form::Pretty,
            _ if verbose::starts(start) => Form::Verbose,
            _ if utf16::starts(start) => Form::Utf16,
            _ => Form::Text,
        }
    }

    /// Whether more bytes than these could make something else of it.
    fn is_open(start: &[u8]) -> bool {
        let marks = packed::Packing::marks().chain(utf16::MARKS).chain([
            journal::MAGIC,
            export::MARK,
            pretty::MARK,
        ]);
        let mut open = marks.filter(|mark| mark.starts_with(start));
        start.len() < START && (open.next().is_some() || verbose::may_start(start))
    }
}

/// The lines in a stream of bytes; of a journal those that a sieve lets through.
pub fn stream(reader: Reader, sieve: Option<Sieve>) -> io::Result<Decoded> {
    let damage = Arc::new(Damage::default());
    let sifts = sieve.is_some();
    let (start, whole, outer) = opened(reader)?;
    let (word, inner): (&str, Reader) = match Form::of(&start) {
        Form::Journal => {
            let mut whole = whole;
            let kept = Arc::new(Kept::of(&mut whole, JOURNAL_BYTES)?);
            let places = Box::new(kept.places(None));
            ("journal", journal::lines(places, sieve, &damage)?)
        }
        Form::Export => ("journal export", export::lines(whole, &damage)),
        Form::Pretty => ("journal JSON", pretty::lines(whole)),
        Form::Verbose => ("verbose journal", verbose::lines(whole)),
        Form::Utf16 => ("text in UTF-16", utf16::text(whole)),
        Form::Packed(_) | Form::Text => ("text", whole),
    };
    Ok(Decoded {
        reader: inner,
        form: form(word, &outer),
        damage,
        sifted: word == "journal" && sifts,
    })
}

/// What is inside of all packing, as it is.
pub fn unpacked(reader: Reader) -> io::Result<Reader> {
    let (_, whole, _) = opened(reader)?;
    Ok(whole)
}

/// What is inside of all packing: its first bytes, all of it, and what it was packed in.
fn opened(mut reader: Reader) -> io::Result<(Vec<u8>, Reader, Vec<&'static str>)> {
    let mut outer = Vec::new();
    let mut taken = None;
    loop {
        let (start, whole) = peek(reader)?;
        match Form::of(&start) {
            Form::Packed(_) if outer.len() == DEPTH => {
                return Err(io::Error::other("packed more than four times over"));
            }
            Form::Packed(packing) => {
                outer.push(packing.word());
                reader = packing.open(whole, &mut taken)?;
            }
            _ => return Ok((start, whole, outer)),
        }
    }
}

/// The entries of a journal that can be read in place; those that a sieve lets through.
pub fn journal(bytes: Box<dyn At>, sieve: Option<Sieve>) -> io::Result<Decoded> {
    let damage = Arc::new(Damage::default());
    let sifted = sieve.is_some();
    Ok(Decoded {
        reader: journal::lines(bytes, sieve, &damage)?,
        form: "journal".to_owned(),
        damage,
        sifted,
    })
}

/// Whether these are the first bytes of a journal.
pub fn is_journal(start: &[u8]) -> bool {
    start.starts_with(journal::MAGIC)
}

fn form(inner: &str, outer: &[&str]) -> String {
    let layers = outer.iter().rev();
    layers.fold(inner.to_owned(), |form, layer| format!("{form} in {layer}"))
}

/// The first bytes, and all of them. A pipe is asked for more only while what came could be the beginning of a mark.
fn peek(mut reader: Reader) -> io::Result<(Vec<u8>, Reader)> {
    let mut start = vec![0; START];
    let mut length = 0;
    while length < START && Form::is_open(&start[..length]) {
        match reader.read(&mut start[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    start.truncate(length);
    let whole = Cursor::new(start.clone()).chain(reader);
    Ok((start, Box::new(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, String) {
        let decoded = stream(Box::new(Cursor::new(bytes.to_vec())), None).expect("bytes");
        let mut text = String::new();
        let mut reader = decoded.reader;
        reader.read_to_string(&mut text).expect("text");
        (decoded.form, text)
    }

    #[test]
    fn text_is_handed_on_as_it_is() {
        for text in [
            "",
            "x",
            "L",
            "LPKS",
            "__CURS",
            "Nov 22 08:49:04 pve1 x: y\n",
        ] {
            assert_eq!(read(text.as_bytes()), ("text".to_owned(), text.to_owned()));
        }
    }
}
