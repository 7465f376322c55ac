//! One entry of a journal as a line: its items, and the fields that they stand for.
//! In: the place of an entry, and which field a data object has. Out: a line of JSON.
//! Never: keeps more values than a few thousand; asks for a field that nobody wants.

use super::Damage;
use super::entries::{Entry, RECEIVED, WANTED};
use super::object::{self, ENTRY_HEADER, Header, OBJECT_HEADER, Object, Window};
use super::sieve::{Says, Sieve, Worth};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::sync::Arc;

/// Bytes of a field that are kept; no message that is understood is longer.
const FIELD_BYTES: usize = 64 * 1024;
/// Fields of one entry; journald itself takes no more than 1024.
const ITEMS: u64 = 4096;
/// Values that are kept in memory: those that many entries share are short.
const SHORT: usize = 96;
/// How many of them; who needs more begins anew.
const KEPT: usize = 16 * 1024;
/// Bytes that are read at once of what stands far away.
const FAR: usize = 256;
/// The longest name among those that are wanted, and `=`.
pub const NAME: usize = 28;

/// A field that is wanted: its place in `WANTED`.
pub type Field = u8;
pub const MESSAGE: Field = 0;
pub const IDENTIFIER: Field = 1;
const SENT: Field = 7;
const BOOT: Field = 8;
/// A message that is longer than nearly all.
pub const LONG_MESSAGE: Field = 9;

/// The field that a payload begins with, if it is wanted.
pub fn field(payload: &[u8]) -> Option<Field> {
    let begins = |name: &&str| {
        payload.get(name.len()) == Some(&b'=') && payload.starts_with(name.as_bytes())
    };
    WANTED.iter().position(begins).map(|n| n as Field)
}

/// Places of objects are multiples of eight and come in order: nothing is gained by hashing them well.
#[derive(Default)]
pub struct Place(u64);

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
        self.0 ^ (self.0 >> 32)
    }
}

/// Something by the place of an object.
pub type ByPlace<T> = HashMap<u64, T, BuildHasherDefault<Place>>;

/// A journal that entries are read from.
pub struct Page {
    pub header: Header,
    pub file: Window,
    /// What could not be read.
    pub damage: Arc<Damage>,
    /// Fields that entries share, as they are written.
    written: ByPlace<(Field, Box<[u8]>)>,
    /// What programs are worth.
    worth: ByPlace<Worth>,
    /// What messages say that stand far before the entries that name them, and by whom.
    said: ByPlace<(u8, Says)>,
    /// The boot of the entry before, and its field as it is written.
    boot: ([u8; 16], Vec<u8>),
    /// Room for an entry, and for a value.
    entry: Vec<u8>,
    value: Vec<u8>,
}

impl Page {
    pub fn new(file: Window, header: Header, damage: &Arc<Damage>) -> Page {
        Page {
            header,
            file,
            damage: Arc::clone(damage),
            written: HashMap::default(),
            worth: HashMap::default(),
            said: HashMap::default(),
            boot: ([0; 16], boot_field([0; 16])),
            entry: Vec::new(),
            value: Vec::new(),
        }
    }

    /// Bytes that are read of an entry.
    fn entry_length(&self, object: &Object) -> u64 {
        let item = self.header.item();
        let items = (object.size.saturating_sub(ENTRY_HEADER) / item).min(ITEMS);
        ENTRY_HEADER + items * item
    }

    /// Whether an entry is one: as long as it says, and there.
    pub fn is_entry(&mut self, object: &Object) -> io::Result<bool> {
        let length = self.entry_length(object);
        let whole = object.size >= ENTRY_HEADER
            && (self.file.holds(object.offset, length) || {
                self.file
                    .read(object.offset, length as usize, &mut self.entry)?;
                self.entry.len() as u64 == length
            });
        if !whole {
            self.damage.count();
        }
        Ok(whole)
    }

    /// What an entry says to a sieve.
    pub fn says(
        &mut self,
        entry: &Object,
        sieve: &Sieve,
        field_at: &mut dyn FnMut(&Window, &Header, u64) -> Option<Field>,
    ) -> io::Result<Says> {
        let length = self.entry_length(entry);
        let (mut program, mut message) = (None, None);
        let mut long = false;
        let mut look = |bytes: &[u8]| {
            for offset in items(bytes, self.header.compact) {
                let of_two = match field_at(&self.file, &self.header, offset) {
                    Some(MESSAGE) => &mut message,
                    Some(LONG_MESSAGE) => {
                        long = true;
                        break;
                    }
                    Some(IDENTIFIER) => &mut program,
                    Some(_) | None => continue,
                };
                of_two.get_or_insert(offset);
                if program.is_some() && message.is_some() {
                    break;
                }
            }
        };
        match self.file.from(entry.offset, length) {
            Some(bytes) => look(&bytes[..length as usize]),
            None => {
                let mut bytes = std::mem::take(&mut self.entry);
                self.file.read(entry.offset, length as usize, &mut bytes)?;
                look(&bytes);
                self.entry = bytes;
            }
        }
        if long {
            return Ok(Says::Boot);
        }
        let who = match self.worth(program, sieve) {
            Worth::Everything => return Ok(Says::Something),
            Worth::Nothing => return Ok(Says::Nothing),
            Worth::ByMessage(who) => who,
        };
        match message {
            Some(message) => Ok(self.said(message, who, sieve)),
            // It is no record then.
            None => Ok(Says::Nothing),
        }
    }

    /// What the lines of a program are worth, whose name is at an offset.
    fn worth(&mut self, program: Option<u64>, sieve: &Sieve) -> Worth {
        // No object is at the beginning of the file.
        let offset = program.unwrap_or(0);
        if let Some(worth) = self.worth.get(&offset) {
            return *worth;
        }
        let mut payload = std::mem::take(&mut self.value);
        let name = match program {
            Some(offset) if self.read(offset, &mut payload).is_ok() => {
                payload.get(WANTED[usize::from(IDENTIFIER)].len() + 1..)
            }
            Some(_) | None => None,
        };
        let worth = sieve.worth(name.unwrap_or_default());
        self.value = payload;
        make_room(&mut self.worth);
        self.worth.insert(offset, worth);
        worth
    }

    /// What the message at an offset says.
    fn said(&mut self, offset: u64, who: u8, sieve: &Sieve) -> Says {
        const BEFORE: u64 = "MESSAGE=".len() as u64;
        let begin = offset + self.header.data_header() + BEFORE;
        // What stands far behind is looked for once.
        if self.file.holds(offset, begin - offset)
            && let Ok(Some(object)) = Object::read(&self.file, &self.header, offset)
            && object.flags == 0
            && object.size >= begin - offset
            && let Some(bytes) = self.file.from(begin, object.size - (begin - offset))
        {
            let length = (object.size - (begin - offset)) as usize;
            return (sieve.message)(who, bytes, length);
        }
        if let Some((by, says)) = self.said.get(&offset)
            && *by == who
        {
            return *says;
        }
        let mut payload = std::mem::take(&mut self.value);
        let says = match self.read(offset, &mut payload) {
            Ok(()) => {
                let bytes = payload.get(BEFORE as usize..).unwrap_or_default();
                (sieve.message)(who, bytes, bytes.len())
            }
            // Who writes it will say so.
            Err(_) => Says::Something,
        };
        self.value = payload;
        make_room(&mut self.said);
        self.said.insert(offset, (who, says));
        says
    }

    /// Writes the entry at `place` as a line.
    pub fn write(
        &mut self,
        place: u64,
        out: &mut Vec<u8>,
        field_at: &mut dyn FnMut(&Window, &Header, u64) -> Option<Field>,
    ) -> io::Result<()> {
        let Some(object) = Object::read(&self.file, &self.header, place)? else {
            // It was there a moment ago.
            out.push(b'\n');
            return Ok(());
        };
        let length = self.entry_length(&object) as usize;
        let mut bytes = std::mem::take(&mut self.entry);
        self.file.read(place, length, &mut bytes)?;
        bytes.resize(length, 0);
        self.write_items(&bytes, out, field_at);
        self.entry = bytes;
        Ok(())
    }

    /// Writes the entry in `bytes`.
    fn write_items(
        &mut self,
        bytes: &[u8],
        out: &mut Vec<u8>,
        field_at: &mut dyn FnMut(&Window, &Header, u64) -> Option<Field>,
    ) {
        let received = u64::from_le_bytes(object::array(&bytes[24..]));
        let boot: [u8; 16] = object::array(&bytes[40..]);
        if boot != self.boot.0 {
            self.boot = (boot, boot_field(boot));
        }
        let mut entry = Entry::default();
        entry.field(RECEIVED, received.to_string().as_bytes(), out);
        entry.written(&self.boot.1, out);
        let mut seen = [false; WANTED.len()];
        // The entry names its boot itself.
        seen[usize::from(BOOT)] = true;
        let mut message = None;
        for offset in items(bytes, self.header.compact) {
            match field_at(&self.file, &self.header, offset) {
                // Of a field that came twice the last one counts.
                Some(MESSAGE | LONG_MESSAGE) => {
                    message.get_or_insert(offset);
                }
                Some(field) if !std::mem::replace(&mut seen[usize::from(field)], true) => {
                    self.write_field(field, offset, &mut entry, out);
                }
                Some(_) | None => {}
            }
        }
        // At the end, so that a line is known by what the message says, and not by what stands behind it.
        if let Some(message) = message {
            self.write_field(MESSAGE, message, &mut entry, out);
        }
        entry.end(out);
    }

    fn write_field(&mut self, field: Field, offset: u64, entry: &mut Entry, out: &mut Vec<u8>) {
        if let Some((known, written)) = self.written.get(&offset)
            && *known == field
        {
            entry.written(written, out);
            return;
        }
        let mut payload = std::mem::take(&mut self.value);
        // What stands far before an entry was written for another, and will be named again.
        let far = !self.file.holds(offset, OBJECT_HEADER);
        match self.read(offset, &mut payload) {
            Ok(()) => {
                let name = WANTED[usize::from(field)];
                let value = payload.get(name.len() + 1..).unwrap_or_default();
                let start = out.len();
                entry.field(name, value, out);
                // Of these nearly every entry has one of its own.
                let own = matches!(field, MESSAGE | SENT);
                if (far || !own) && value.len() <= SHORT {
                    make_room(&mut self.written);
                    self.written
                        .insert(offset, (field, out[start + 1..].into()));
                }
            }
            Err(_) => self.damage.count(),
        }
        self.value = payload;
    }

    /// The payload of the data object at an offset, unpacked, as far as anybody reads it.
    fn read(&mut self, offset: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let begin = self.header.data_header() as usize;
        if !self.file.holds(offset, OBJECT_HEADER) {
            // One look tells of most that stand far away what they are and what they hold.
            let mut start = [0; FAR];
            let read = self.file.copy(offset, &mut start)?;
            let object = Object::of(&start[..read], &self.header, offset);
            if let Some(object) = object.filter(|object| object.flags == 0)
                && let Some(whole) = start[..read].get(begin..object.size as usize)
            {
                out.clear();
                out.extend_from_slice(whole);
                return Ok(());
            }
        }
        let object = Object::read(&self.file, &self.header, offset)?;
        self.payload(&object.ok_or(io::ErrorKind::InvalidData)?, out)
    }

    /// What a data object holds, unpacked.
    pub fn payload(&self, object: &Object, out: &mut Vec<u8>) -> io::Result<()> {
        payload(&self.file, &self.header, object, out)
    }
}

/// What a data object holds, unpacked.
pub fn payload(
    file: &Window,
    header: &Header,
    object: &Object,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let begin = header.data_header();
    let length = object.size.saturating_sub(begin);
    let packed = object.flags != 0;
    // What is packed must be whole; of the rest its beginning is enough.
    let most = if packed { 1 << 26 } else { FIELD_BYTES as u64 };
    let length = length.min(most) as usize;
    file.read(object.offset + begin, length, out)?;
    if packed {
        *out = object::unpacked(object.flags, out, FIELD_BYTES)?;
    }
    Ok(())
}

/// The data objects that an entry names, the last one first.
fn items(entry: &[u8], compact: bool) -> impl Iterator<Item = u64> {
    let item = if compact { 4 } else { 16 };
    let items = entry.get(ENTRY_HEADER as usize..).unwrap_or_default();
    items.chunks_exact(item).rev().map(move |at| match compact {
        true => u64::from(u32::from_le_bytes(object::array(at))),
        false => u64::from_le_bytes(object::array(at)),
    })
}

/// The field that names a boot.
fn boot_field(boot: [u8; 16]) -> Vec<u8> {
    let digits: String = boot.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"_BOOT_ID\":\"{digits}\"").into_bytes()
}

fn make_room<T>(kept: &mut ByPlace<T>) {
    if kept.len() >= KEPT {
        kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wanted_field_is_known_by_its_beginning() {
        for (n, name) in WANTED.iter().enumerate() {
            assert_eq!(field(format!("{name}=x").as_bytes()), Some(n as Field));
            assert_eq!(field(name.as_bytes()), None);
            assert_eq!(field(format!("{name}X=x").as_bytes()), None);
            assert!(name.len() < NAME);
        }
        assert_eq!(WANTED[usize::from(SENT)], "_SOURCE_REALTIME_TIMESTAMP");
        assert_eq!(WANTED[usize::from(BOOT)], "_BOOT_ID");
        assert_eq!(WANTED[usize::from(MESSAGE)], "MESSAGE");
        assert_eq!(WANTED[usize::from(IDENTIFIER)], "SYSLOG_IDENTIFIER");
    }
}
