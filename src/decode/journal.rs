//! Journal files as systemd-journald writes them, read without it.
//! In: the bytes of a file, whole or torn. Out: its entries as lines of JSON, in the order in which they were written.
//! Never: follows a chain that could be broken; a file that was cut off gives what is whole.

// Objects are only ever appended, and an entry is appended behind the data that it is the first to name. So one walk over all
// objects meets everything in order, and needs neither the hash tables nor the arrays of entries, which a crash tears first.

use super::entries::{Entries, Entry, Lines, RECEIVED, WANTED};
use super::object::{self, DATA, ENTRY, ENTRY_HEADER, Header, OBJECT_HEADER, Object, Window};
use super::{At, Damage, Reader};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{self, Write};
use std::sync::Arc;

pub use super::object::MAGIC;

/// Bytes of a field that are kept; no message that is understood is longer.
const FIELD_BYTES: usize = 64 * 1024;
/// Fields of one entry; journald itself takes no more than 1024.
const ITEMS: u64 = 4096;
/// Values that are kept in memory: those that many entries share are short.
const SHORT: usize = 96;
/// Fields of which nearly every entry has a value of its own.
const UNIQUE: [&str; 2] = ["MESSAGE", "_SOURCE_REALTIME_TIMESTAMP"];
/// The longest name among those that are wanted, and `=`.
const NAME: usize = 28;

/// The entries of a journal.
pub fn lines(file: Box<dyn At>, damage: &Arc<Damage>) -> io::Result<Reader> {
    let mut file = Window::new(file);
    let header = Header::read(&mut file)?;
    if header.missing > 0 {
        damage.count();
    }
    Ok(Box::new(Lines::new(Walk {
        at: header.begin,
        header,
        file,
        data: HashMap::default(),
        values: Vec::new(),
        known: HashMap::new(),
        boot: ([0; 16], "0".repeat(32)),
        scratch: Default::default(),
        damage: Arc::clone(damage),
    })))
}

/// Places of objects are multiples of eight and come in order: nothing is gained by hashing them well.
#[derive(Default)]
struct Place(u64);

impl Hasher for Place {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, place: u64) {
        self.0 = (self.0 ^ (place >> 3)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What a data object holds.
#[derive(Clone, Copy, Debug)]
enum Data {
    /// A value that is kept: which field, which value.
    Kept(u8, u32),
    /// A value that is read when it is asked for.
    Long(u8),
}

struct Walk {
    header: Header,
    file: Window,
    /// Where the next object is.
    at: u64,
    /// The data objects so far whose field is wanted, by their place.
    data: HashMap<u64, Data, BuildHasherDefault<Place>>,
    values: Vec<Box<[u8]>>,
    known: HashMap<Box<[u8]>, u32>,
    /// The boot of the entry before, and how it is written.
    boot: ([u8; 16], String),
    /// Room for an object, and for a value.
    scratch: (Vec<u8>, Vec<u8>),
    damage: Arc<Damage>,
}

impl Entries for Walk {
    fn next(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        while let Some(object) = self.object()? {
            match object.kind {
                DATA => self.learn(&object)?,
                ENTRY if self.write(&object, out)? => return Ok(true),
                _ => {}
            }
        }
        Ok(false)
    }
}

impl Walk {
    /// The next object. Where none can be, the next place where one can.
    fn object(&mut self) -> io::Result<Option<Object>> {
        let mut lost = false;
        while self.at.saturating_add(OBJECT_HEADER) <= self.header.end {
            if !self.file.holds(self.at, OBJECT_HEADER) {
                self.file.advance(self.at)?;
            }
            if let Some(object) = Object::read(&mut self.file, &self.header, self.at)? {
                self.at = object.next();
                return Ok(Some(object));
            }
            // Behind the last object journald keeps room that is all zeros.
            let empty = self.file.zeros(self.at) / 8 * 8;
            if empty > 0 {
                self.at += empty;
                continue;
            }
            if !lost {
                self.damage.count();
            }
            lost = true;
            self.at += 8;
        }
        Ok(None)
    }

    /// Remembers a data object if its field is wanted.
    fn learn(&mut self, object: &Object) -> io::Result<()> {
        let begin = self.header.data_header();
        if object.size < begin {
            self.damage.count();
            return Ok(());
        }
        let length = usize::try_from(object.size - begin).unwrap_or(usize::MAX);
        let mut payload = std::mem::take(&mut self.scratch.0);
        let read = match object.flags {
            0 => {
                let start = length.min(SHORT + NAME);
                self.file.read(object.offset + begin, start, &mut payload)
            }
            _ => self.payload(object, &mut payload),
        };
        match read {
            Ok(()) => self.remember(object, &payload, length),
            Err(_) => self.damage.count(),
        }
        self.scratch.0 = payload;
        Ok(())
    }

    /// Remembers what begins with `payload`, of so many bytes.
    fn remember(&mut self, object: &Object, payload: &[u8], length: usize) {
        let Some(at) = payload.iter().take(NAME).position(|byte| *byte == b'=') else {
            return;
        };
        let wanted = |name: &&str| name.as_bytes() == &payload[..at];
        let Some(field) = WANTED.iter().position(wanted) else {
            return;
        };
        let value = &payload[at + 1..];
        let field = field as u8;
        let whole = object.flags != 0 || payload.len() == length;
        let shared = !UNIQUE.contains(&WANTED[usize::from(field)]);
        let data = match whole && shared && value.len() <= SHORT {
            true => Data::Kept(field, self.kept(value)),
            false => Data::Long(field),
        };
        self.data.insert(object.offset, data);
    }

    fn kept(&mut self, value: &[u8]) -> u32 {
        if let Some(index) = self.known.get(value) {
            return *index;
        }
        let index = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.into());
        self.known.insert(value.into(), index);
        index
    }

    /// What a data object holds, unpacked.
    fn payload(&self, object: &Object, out: &mut Vec<u8>) -> io::Result<()> {
        let begin = self.header.data_header();
        let length = object.size.saturating_sub(begin);
        let packed = object.flags != 0;
        // What is packed must be whole; of the rest its beginning is enough.
        let most = if packed { 1 << 26 } else { FIELD_BYTES as u64 };
        let length = length.min(most) as usize;
        self.file.read(object.offset + begin, length, out)?;
        if packed {
            *out = object::unpacked(object.flags, out, FIELD_BYTES)?;
        }
        Ok(())
    }

    /// Writes an entry as a line; false if it is none.
    fn write(&mut self, object: &Object, out: &mut Vec<u8>) -> io::Result<bool> {
        let item = if self.header.compact { 4 } else { 16 };
        if object.size < ENTRY_HEADER {
            self.damage.count();
            return Ok(false);
        }
        let items = ((object.size - ENTRY_HEADER) / item).min(ITEMS);
        let length = ENTRY_HEADER + items * item;
        let mut bytes = std::mem::take(&mut self.scratch.0);
        self.file.read(object.offset, length as usize, &mut bytes)?;
        let whole = bytes.len() as u64 == length;
        if whole {
            self.write_items(&bytes, item as usize, out);
        } else {
            self.damage.count();
        }
        self.scratch.0 = bytes;
        Ok(whole)
    }

    /// Writes the entry in `bytes`, whose items have `item` bytes each.
    fn write_items(&mut self, bytes: &[u8], item: usize, out: &mut Vec<u8>) {
        let received = u64::from_le_bytes(object::array(&bytes[24..]));
        let boot: [u8; 16] = object::array(&bytes[40..]);
        if boot != self.boot.0 {
            self.boot = (boot, boot.iter().map(|b| format!("{b:02x}")).collect());
        }
        let mut entry = Entry::default();
        let mut number = std::mem::take(&mut self.scratch.1);
        number.clear();
        // Memory takes everything.
        let _ = write!(number, "{received}");
        entry.field(RECEIVED, &number, out);
        self.scratch.1 = number;
        entry.field("_BOOT_ID", self.boot.1.as_bytes(), out);
        let mut written = [false; WANTED.len()];
        for at in bytes[ENTRY_HEADER as usize..].chunks_exact(item).rev() {
            let offset = match self.header.compact {
                true => u64::from(u32::from_le_bytes(object::array(at))),
                false => u64::from_le_bytes(object::array(at)),
            };
            let Some(data) = self.data.get(&offset).copied() else {
                continue;
            };
            let (Data::Kept(field, _) | Data::Long(field)) = data;
            let name = WANTED[usize::from(field)];
            // The entry names its boot itself; of a field that came twice the last one counts.
            if name == "_BOOT_ID" || std::mem::replace(&mut written[usize::from(field)], true) {
                continue;
            }
            match data {
                Data::Kept(_, value) => {
                    let value = self.values.get(value as usize);
                    entry.field(name, value.map_or(&[], |value| value), out);
                }
                Data::Long(_) => {
                    let mut payload = std::mem::take(&mut self.scratch.1);
                    match self.long(offset, &mut payload) {
                        Ok(()) => {
                            let value = payload.get(name.len() + 1..).unwrap_or_default();
                            entry.field(name, value, out);
                        }
                        Err(_) => self.damage.count(),
                    }
                    self.scratch.1 = payload;
                }
            }
        }
        entry.end(out);
    }

    /// A payload that is read again.
    fn long(&mut self, offset: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let object = Object::read(&mut self.file, &self.header, offset)?;
        self.payload(&object.ok_or(io::ErrorKind::InvalidData)?, out)
    }
}
