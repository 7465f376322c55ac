//! The entries of some programs, found by what a journal itself keeps of who said what.
//! In: a journal that was closed, and names of programs. Out: their entries as lines; each of the others as an empty one.
//! Never: believes an index that contradicts itself, or one of a file that was still written to: then every entry is looked at.

// Source: systemd docs/JOURNAL_FILE_FORMAT.md. A table of fields leads to the values of each field, and every value to the entries
// that have it, in arrays that are chained. The entries of the whole file are in such a chain too, which tells the place of each
// among all.

use super::entries::{Entries, WANTED};
use super::object::{self, DATA, Header, Object, Window};
use super::page::{self, ByPlace, Field, IDENTIFIER, Page};
use super::sieve::Only;
use std::io;

const FIELD: u8 = 2;
const ENTRY_ARRAY: u8 = 6;
/// Bytes of these objects before what they hold.
const FIELD_HEADER: u64 = 40;
const ARRAY_HEADER: u64 = 24;
/// Fields that are looked through for the one that is wanted; a journal has some hundred.
const FIELDS: usize = 100_000;
/// Bytes of a table of fields; journald's own has 1023 rows of 16.
const TABLE_BYTES: u64 = 1 << 22;
/// Entries of one journal; journald's own files have some hundred thousand.
const ENTRIES: u64 = 1 << 26;
/// Bytes that are read around an entry, and how many of them stand before it: what only it names was written right before.
const AROUND: usize = 2 * 1024;
const BEFORE: u64 = 1024;
/// Bytes that an entry has at most, nearly always.
const ENTRY_BYTES: u64 = 512;
/// Data objects whose field is kept.
const KEPT: usize = 16 * 1024;

/// The entries of some programs.
pub struct Chosen {
    page: Page,
    /// Where they are: the number of each among all entries, from 0, and its place.
    places: std::vec::IntoIter<(u64, u64)>,
    /// How many entries the journal has.
    all: u64,
    /// Lines that were written.
    told: u64,
    fields: ByPlace<Option<Field>>,
}

impl Chosen {
    /// Those that `places` found.
    pub fn new(page: Page, found: Found) -> Chosen {
        Chosen {
            page,
            places: found.places.into_iter(),
            all: found.all,
            told: 0,
            fields: ByPlace::default(),
        }
    }

    /// Empty lines for the entries up to one.
    fn pass_over(&mut self, number: u64, out: &mut Vec<u8>) {
        let passed = number.saturating_sub(self.told) as usize;
        out.resize(out.len() + passed, b'\n');
        self.told = number;
    }
}

impl Entries for Chosen {
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let Some((number, place)) = self.places.next() else {
            let ended = self.told == self.all;
            self.pass_over(self.all, out);
            return Ok(!ended);
        };
        self.pass_over(number, out);
        self.told += 1;
        if !self.page.file.holds(place, ENTRY_BYTES) {
            let start = place.saturating_sub(BEFORE);
            self.page.file.advance_by(start, AROUND)?;
        }
        let kept = &mut self.fields;
        let mut field_at = |file: &Window, header: &Header, offset| {
            if let Some(known) = kept.get(&offset) {
                return *known;
            }
            let field = field_at(file, header, offset);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(offset, field);
            field
        };
        self.page.write(place, out, &mut field_at)?;
        Ok(true)
    }
}

/// Which of the wanted fields a data object is of.
fn field_at(file: &Window, header: &Header, offset: u64) -> Option<Field> {
    let begin = header.data_header() as usize;
    let mut start = [0; 72 + page::NAME];
    let start = &mut start[..begin + page::NAME];
    let read = file.copy(offset, start).ok()?;
    let object = Object::of(start.get(..read)?, header, offset)?;
    if object.kind != DATA {
        return None;
    }
    let end = (object.size as usize).min(read);
    if object.flags == 0 {
        return page::field(start.get(begin..end)?);
    }
    let mut payload = Vec::new();
    page::payload(file, header, &object, &mut payload).ok()?;
    page::field(&payload)
}

/// Entries that were found.
pub struct Found {
    places: Vec<(u64, u64)>,
    all: u64,
}

/// Where the entries of these programs are, if the journal was closed and its index says so without a contradiction.
pub fn places(file: &Window, header: &Header, only: &Only) -> Option<Found> {
    if !header.closed || header.missing > 0 || header.entries > ENTRIES {
        return None;
    }
    let mut chosen = Vec::new();
    for data in values(file, header)? {
        let mut payload = Vec::new();
        page::payload(file, header, &data.object, &mut payload).ok()?;
        let name = WANTED[usize::from(IDENTIFIER)];
        let value = payload.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        if only.takes(value) {
            chosen.push(data.first);
            array(file, header, data.others, data.entries - 1, &mut chosen)?;
        }
    }
    chosen.sort_unstable();
    let mut all = Vec::new();
    array(file, header, header.entry_array, header.entries, &mut all)?;
    let in_order = all.is_sorted_by(|a, b| a < b);
    let mut numbers = all.iter().zip(0..);
    let places: Option<Vec<(u64, u64)>> = chosen
        .into_iter()
        .map(|place| {
            let (_, number) = numbers.find(|(other, _)| **other == place)?;
            Some((number, place))
        })
        .collect();
    let places = places.filter(|_| in_order)?;
    let all = header.entries;
    Some(Found { places, all })
}

/// A value of the field that names programs, and the entries that have it.
struct Value {
    object: Object,
    first: u64,
    others: u64,
    entries: u64,
}

/// Every program that the journal names.
fn values(file: &Window, header: &Header) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    let Some(mut offset) = first_value(file, header)? else {
        return Some(values);
    };
    while offset != 0 {
        let object = Object::read(file, header, offset).ok()??;
        let mut head = [0; 64];
        if object.kind != DATA || file.copy(offset, &mut head).ok()? < head.len() {
            return None;
        }
        let value = Value {
            object,
            first: number(&head, 40),
            others: number(&head, 48),
            entries: number(&head, 56),
        };
        // Of values that are no entry's any more nothing is needed.
        if value.entries > header.entries {
            return None;
        }
        if value.entries > 0 {
            values.push(value);
        }
        // The latest comes first.
        let next = number(&head, 32);
        if next >= offset {
            return None;
        }
        offset = next;
    }
    Some(values)
}

/// Where the latest value of the field is; nothing where no entry has the field.
fn first_value(file: &Window, header: &Header) -> Option<Option<u64>> {
    let (start, length) = header.field_table;
    if length == 0 || length > TABLE_BYTES {
        return None;
    }
    let mut table = Vec::new();
    file.read(start, length as usize, &mut table).ok()?;
    if table.len() as u64 != length {
        return None;
    }
    let wanted = WANTED[usize::from(IDENTIFIER)].as_bytes();
    let mut seen = 0;
    for row in table.chunks_exact(16) {
        let mut offset = number(row, 0);
        while offset != 0 {
            seen += 1;
            let object = Object::read(file, header, offset).ok()??;
            let mut head = [0; FIELD_HEADER as usize];
            let whole = file.copy(offset, &mut head).ok()? == head.len();
            if object.kind != FIELD || !whole || seen > FIELDS {
                return None;
            }
            let mut name = Vec::new();
            let length = object
                .size
                .saturating_sub(FIELD_HEADER)
                .min(wanted.len() as u64 + 1);
            file.read(offset + FIELD_HEADER, length as usize, &mut name)
                .ok()?;
            if name == wanted {
                return Some(Some(number(&head, 32)));
            }
            offset = number(&head, 24);
        }
    }
    Some(None)
}

/// Appends so many places of entries from a chain of arrays.
fn array(
    file: &Window,
    header: &Header,
    mut offset: u64,
    mut left: u64,
    out: &mut Vec<u64>,
) -> Option<()> {
    let item = if header.compact { 4 } else { 8 };
    let mut items = Vec::new();
    while left > 0 {
        let object = Object::read(file, header, offset).ok()??;
        let mut head = [0; ARRAY_HEADER as usize];
        let whole = file.copy(offset, &mut head).ok()? == head.len();
        if object.kind != ENTRY_ARRAY || !whole {
            return None;
        }
        let held = (object.size.saturating_sub(ARRAY_HEADER) / item).min(left);
        let length = (held * item) as usize;
        file.read(offset + ARRAY_HEADER, length, &mut items).ok()?;
        let places = items
            .chunks_exact(item as usize)
            .map(|place| match header.compact {
                true => u64::from(u32::from_le_bytes(object::array(place))),
                false => number(place, 0),
            });
        out.extend(places);
        if items.len() != length || held == 0 {
            return None;
        }
        left -= held;
        // An array is appended when the one before it is full.
        let next = number(&head, 16);
        if left > 0 && next <= offset {
            return None;
        }
        offset = next;
    }
    Some(())
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(object::array(&bytes[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// What systemd wrote, closed.
    fn written(packed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_end(&mut bytes)
            .expect("a journal");
        bytes[16] = 2;
        bytes
    }

    fn journals() -> [Vec<u8>; 2] {
        [
            written(include_bytes!("../../testdata/journals/regular.journal.gz")),
            written(include_bytes!("../../testdata/journals/compact.journal.gz")),
        ]
    }

    fn found(bytes: Vec<u8>, names: &[&str]) -> Option<(Vec<u64>, u64)> {
        let mut file = Window::new(Box::new(bytes));
        let header = Header::read(&mut file).expect("a header");
        let only = Only(names.iter().map(|name| Box::from(*name)).collect());
        let found = places(&file, &header, &only)?;
        let numbers = found.places.iter().map(|(number, _)| *number);
        Some((numbers.collect(), found.all))
    }

    #[test]
    fn entries_are_found_in_both_layouts() {
        let [regular, compact] = journals().map(|bytes| found(bytes, &["corosync", "pmxcfs"]));
        let (numbers, all) = regular.expect("an index");
        assert!(numbers.len() > 10 && numbers.len() < all as usize);
        assert!(numbers.is_sorted_by(|a, b| a < b));
        assert_eq!(compact, Some((numbers, all)));
        for bytes in journals() {
            assert_eq!(found(bytes, &["nobody"]), Some((Vec::new(), all)));
        }
    }

    #[test]
    fn an_index_that_is_not_whole_is_not_believed() {
        for bytes in journals() {
            let (numbers, _) = found(bytes.clone(), &["corosync"]).expect("an index");
            let number = |at: usize| number(&bytes, at) as usize;
            let (fields, entries) = (number(120), number(176));
            let mut open = bytes.clone();
            open[16] = ONLINE_STATE;
            assert_eq!(found(open, &["corosync"]), None, "it is still written to");
            for broken in [
                // The first array of entries is none, names other entries, or says that there are fewer.
                entries,
                entries + ARRAY_HEADER as usize,
                entries + 8,
                // The count of all entries.
                152,
            ] {
                let mut torn = bytes.clone();
                torn[broken] ^= 0x41;
                let have = found(torn, &["corosync"]);
                assert!(have.is_none_or(|(have, _)| have == numbers), "{broken}");
            }
            let mut torn = bytes.clone();
            torn[fields..fields + 1023 * 16].fill(0x11);
            assert_eq!(found(torn, &["corosync"]), None, "the table of fields");
        }
    }

    const ONLINE_STATE: u8 = 1;
}
