//! Journal files as systemd-journald writes them, read without it.
//! In: the bytes of a file, whole or torn. Out: its entries as lines of JSON, in the order in which they were written.
//! Never: follows a chain that could be broken; a file that was cut off gives what is whole.

// Objects are only ever appended, and an entry is appended behind the data that it is the first to name. So one walk over all
// objects meets everything in order, and needs neither the hash tables nor the arrays of entries, which a crash tears first.

use super::entries::Lines;
use super::index::{self, Chosen};
use super::object::{DATA, ENTRY, Header, OBJECT_HEADER, Object, Window};
use super::page::{self, ByPlace, Field, LONG_MESSAGE, MESSAGE, Page};
use super::sieve::{Route, Says, Sieve, Sifted};
use super::{At, Damage, Reader};
use std::io;
use std::sync::Arc;

pub use super::object::MAGIC;

/// The entries of a journal; with a sieve, those that it holds back are empty lines.
pub fn lines(file: Box<dyn At>, sieve: Option<Sieve>, damage: &Arc<Damage>) -> io::Result<Reader> {
    let mut file = Window::new(file);
    let header = Header::read(&mut file)?;
    if header.missing > 0 {
        damage.count();
    }
    let only = sieve.as_ref().and_then(|sieve| sieve.only.as_ref());
    if let Some(found) = only.and_then(|only| index::places(&file, &header, only)) {
        let page = Page::new(file, header, damage);
        return Ok(Box::new(Lines::new(Chosen::new(page, found))));
    }
    let all = sieve.is_none();
    let walk = Walk {
        at: header.begin,
        fields: Fields::default(),
        page: Page::new(file, header, damage),
        sieve,
    };
    Ok(Box::new(Lines::new(Sifted::new(walk, all))))
}

/// Bytes of a file whose data objects are remembered together.
const STRETCH: u64 = 1 << 20;

/// The fields of data objects, by their places: four bits for every eight bytes of a stretch that has any.
#[derive(Default)]
struct Fields {
    /// The stretch that the latest one is in: nearly all are asked for right behind.
    latest: u64,
    here: Box<[u8]>,
    others: ByPlace<Box<[u8]>>,
}

impl Fields {
    fn set(&mut self, offset: u64, field: Field) {
        let stretch = offset / STRETCH * 8;
        if stretch != self.latest || self.here.is_empty() {
            let next = self.others.remove(&stretch);
            let next = next.unwrap_or_else(|| vec![0; STRETCH as usize / 16].into());
            let before = std::mem::replace(&mut self.here, next);
            if !before.is_empty() {
                self.others.insert(self.latest, before);
            }
            self.latest = stretch;
        }
        let place = (offset % STRETCH / 8) as usize;
        self.here[place / 2] |= (field + 1) << (4 * (place % 2));
    }

    fn get(&self, offset: u64) -> Option<Field> {
        let stretch = offset / STRETCH * 8;
        let known = match stretch == self.latest {
            true => &self.here,
            false => self.others.get(&stretch)?,
        };
        let place = (offset % STRETCH / 8) as usize;
        let both = known.get(place / 2).filter(|_| offset.is_multiple_of(8))?;
        ((both >> (4 * (place % 2))) & 15).checked_sub(1)
    }
}

/// A line that is too long to be read as a whole is counted, whoever says it: an entry with a longer message is written, and
/// once another field is longer than no name is, every entry behind it. What is escaped grows up to six times.
const LONG: u64 = 4 * 1024;
const LONG_NAME: u64 = 512;

/// A walk over all objects.
struct Walk {
    page: Page,
    /// Where the next object is.
    at: u64,
    /// The data objects so far whose field is wanted.
    fields: Fields,
    sieve: Option<Sieve>,
}

impl Route for Walk {
    fn next(&mut self) -> io::Result<Option<(u64, Says)>> {
        while let Some(object) = self.object()? {
            match object.kind {
                DATA => self.learn(&object),
                ENTRY if self.page.is_entry(&object)? => {
                    return Ok(Some((object.offset, self.says(&object)?)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn write(&mut self, place: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let fields = &self.fields;
        // What stands behind the entry was not there when it was written.
        let mut before = |_: &Window, _: &Header, offset| {
            let known = fields.get(offset);
            known.filter(|_| offset < place)
        };
        self.page.write(place, out, &mut before)
    }
}

impl Walk {
    /// The next object. Where none can be, the next place where one can.
    fn object(&mut self) -> io::Result<Option<Object>> {
        let Page {
            header,
            file,
            damage,
            ..
        } = &mut self.page;
        let mut lost = false;
        while self.at.saturating_add(OBJECT_HEADER) <= header.end {
            if !file.holds(self.at, OBJECT_HEADER) {
                file.advance(self.at)?;
            }
            if let Some(object) = Object::read(file, header, self.at)? {
                if !file.holds(self.at, object.size) && file.fits(object.size) {
                    file.advance(self.at)?;
                }
                self.at = object.next();
                return Ok(Some(object));
            }
            // A file that became shorter while it is read has nothing there any more.
            if !file.holds(self.at, 1) {
                damage.count();
                self.at = header.end;
                break;
            }
            // Behind the last object journald keeps room that is all zeros.
            let empty = file.zeros(self.at) / 8 * 8;
            if empty > 0 {
                self.at += empty;
                continue;
            }
            if !lost {
                damage.count();
            }
            lost = true;
            self.at += 8;
        }
        Ok(None)
    }

    /// Remembers a data object if its field is wanted.
    fn learn(&mut self, object: &Object) {
        let begin = self.page.header.data_header();
        if object.size < begin {
            self.page.damage.count();
            return;
        }
        let mut whole = object.size - begin;
        let length = whole.min(page::NAME as u64);
        let start = object.offset + begin;
        let field = match (object.flags, self.page.file.from(start, length)) {
            (0, Some(bytes)) => page::field(&bytes[..length as usize]),
            _ => {
                let mut payload = Vec::new();
                if self.page.payload(object, &mut payload).is_err() {
                    self.page.damage.count();
                    return;
                }
                whole = whole.max(payload.len() as u64);
                page::field(&payload)
            }
        };
        match field {
            Some(MESSAGE) if whole > LONG => self.fields.set(object.offset, LONG_MESSAGE),
            Some(field) => {
                self.fields.set(object.offset, field);
                // No program has such a name, and no host.
                if field != MESSAGE && whole > LONG_NAME {
                    self.sieve = None;
                }
            }
            None => {}
        }
    }

    /// What an entry says; everything where nobody asks.
    fn says(&mut self, entry: &Object) -> io::Result<Says> {
        let Some(sieve) = &self.sieve else {
            return Ok(Says::Something);
        };
        let fields = &self.fields;
        let mut known = |_: &Window, _: &Header, offset| fields.get(offset);
        self.page.says(entry, sieve, &mut known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_by_their_places_alone() {
        let mut fields = Fields::default();
        let far = 1 << 62;
        let places = [264, 272, STRETCH - 8, STRETCH, 5 * STRETCH + 16, far];
        for (n, place) in places.iter().enumerate() {
            fields.set(*place, n as Field);
        }
        fields.set(far + 8, LONG_MESSAGE);
        for (n, place) in places.iter().enumerate() {
            assert_eq!(fields.get(*place), Some(n as Field));
            assert_eq!(fields.get(place + 4), None);
        }
        assert_eq!(fields.get(far + 8), Some(LONG_MESSAGE));
        assert_eq!(fields.get(280), None);
        assert_eq!(fields.get(2 * STRETCH), None);
        assert_eq!(fields.get(u64::MAX), None);
    }
}
