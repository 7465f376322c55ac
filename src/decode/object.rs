//! The layout of journal files: header, objects, payloads.
//! In: bytes at any place. Out: numbers and payloads, checked against the size of the file.
//! Never: trusts an offset or a size that the file names.

// Source: systemd docs/JOURNAL_FILE_FORMAT.md and src/libsystemd/sd-journal/journal-def.h.

use super::At;
use std::io::{self, Read};

/// The state of a file that is written to.
const ONLINE: u8 = 1;

/// What a journal begins with.
pub const MAGIC: &[u8] = b"LPKSHHRH";

/// Kinds of objects.
pub const DATA: u8 = 1;
pub const ENTRY: u8 = 3;
/// The highest kind there is.
const LAST_KIND: u8 = 7;

/// Bytes before what an object holds.
pub const OBJECT_HEADER: u64 = 16;
/// Bytes of an entry before its items.
pub const ENTRY_HEADER: u64 = 64;

/// Flags of files that only a reader who knows them can read.
const XZ: u32 = 1;
const LZ4: u32 = 2;
const KEYED_HASH: u32 = 4;
const ZSTD: u32 = 8;
const COMPACT: u32 = 16;

/// Bytes that are read at once where objects follow each other.
const WINDOW: usize = 256 * 1024;

/// What the beginning of a file says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where objects begin.
    pub begin: u64,
    /// Where they end: where the header says, or where the file was cut off.
    pub end: u64,
    /// Whether offsets have four bytes.
    pub compact: bool,
    /// Bytes that the header names and the file does not have.
    pub missing: u64,
    /// Whether whoever wrote it has closed it.
    pub closed: bool,
    /// How many entries it has.
    pub entries: u64,
    /// Where the first array of all entries is.
    pub entry_array: u64,
    /// Where the table of fields is, and its bytes.
    pub field_table: (u64, u64),
}

/// The header of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: u8,
    pub flags: u8,
    pub offset: u64,
    pub size: u64,
}

impl Header {
    pub fn read(file: &mut Window) -> io::Result<Header> {
        let mut bytes = [0; 208];
        let read = file.copy(0, &mut bytes)?;
        if read < 176 || !bytes.starts_with(MAGIC) {
            return Err(io::Error::other("the header of the journal is cut off"));
        }
        let number = |at: usize| u64::from_le_bytes(array(&bytes[at..]));
        let incompatible = u32::from_le_bytes(array(&bytes[12..]));
        let unknown = incompatible & !(XZ | LZ4 | KEYED_HASH | ZSTD | COMPACT);
        if unknown != 0 {
            return Err(io::Error::other(format!(
                "the journal has features that are not known here (flags {unknown:#x})"
            )));
        }
        let length = file.length()?;
        let begin = number(88).clamp(176, 1 << 16);
        let arena = begin.saturating_add(number(96));
        Ok(Header {
            begin,
            end: arena.min(length),
            compact: incompatible & COMPACT != 0,
            missing: arena.saturating_sub(length),
            closed: bytes[16] != ONLINE,
            entries: number(152),
            entry_array: number(176),
            field_table: (number(120), number(128)),
        })
    }

    /// Bytes of an item of an entry.
    pub fn item(&self) -> u64 {
        if self.compact { 4 } else { 16 }
    }

    /// Bytes of a data object before its payload.
    pub fn data_header(&self) -> u64 {
        if self.compact { 72 } else { 64 }
    }
}

/// What the first bytes of a journal say of what was written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The same in every copy of the file, and in none other.
    pub file: [u8; 16],
    /// How many entries it has.
    pub entries: u64,
    /// When the first was written, in microseconds since 1970.
    pub first: u64,
    /// When the last was written; only of a file that was closed: of one that is written, or was when the power went, the header
    /// may be older than what stands behind it.
    pub last: Option<u64>,
    /// How many bytes the file has if it is whole.
    pub length: u64,
}

impl Written {
    /// Reads it, if these are the first bytes of a journal with entries.
    pub fn read(start: &[u8]) -> Option<Written> {
        if !start.starts_with(MAGIC) || start.len() < Written::BYTES as usize {
            return None;
        }
        let number = |at: usize| u64::from_le_bytes(array(&start[at..]));
        let (entries, first, last) = (number(152), number(184), number(192));
        let sane = entries > 0 && first > 0 && first <= last;
        sane.then(|| Written {
            file: array(&start[24..]),
            entries,
            first,
            last: (start[16] != ONLINE).then_some(last),
            length: number(88).saturating_add(number(96)),
        })
    }

    /// Bytes that are needed for this.
    pub const BYTES: u64 = 208;
}

impl Object {
    /// The object at `offset`, if one can be there.
    pub fn read(file: &Window, header: &Header, offset: u64) -> io::Result<Option<Object>> {
        let mut bytes = [0; OBJECT_HEADER as usize];
        let read = file.copy(offset, &mut bytes)?;
        Ok(Object::of(&bytes[..read], header, offset))
    }

    /// The object at `offset`, of which these are the first bytes, if one can be there.
    pub fn of(bytes: &[u8], header: &Header, offset: u64) -> Option<Object> {
        let behind = offset.saturating_add(OBJECT_HEADER) > header.end;
        if behind || bytes.len() < OBJECT_HEADER as usize {
            return None;
        }
        let size = u64::from_le_bytes(array(&bytes[8..]));
        let object = Object {
            kind: bytes[0],
            flags: bytes[1],
            offset,
            size,
        };
        let room = header.end - offset;
        let sane = (1..=LAST_KIND).contains(&object.kind)
            && object.flags <= 7
            && bytes[2..8] == [0; 6]
            && (OBJECT_HEADER..=room).contains(&size);
        sane.then_some(object)
    }

    /// Where the next object may begin.
    pub fn next(&self) -> u64 {
        (self.offset + self.size).next_multiple_of(8)
    }
}

/// The first bytes as many as a number has; the caller knows that they are there.
pub fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    for (to, from) in array.iter_mut().zip(bytes) {
        *to = *from;
    }
    array
}

/// What a payload that is packed by itself holds, at most `most` bytes of it.
pub fn unpacked(flags: u8, payload: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let limit = most as u64;
    match u32::from(flags) {
        XZ => {
            let mut reader = lzma_rust2::XzReader::new_mem_limit(payload, false, 64 * 1024);
            Read::by_ref(&mut reader)
                .take(limit)
                .read_to_end(&mut out)?;
        }
        LZ4 => {
            // The size stands before the block.
            let size = u64::from_le_bytes(array(payload)).min(1 << 26) as usize;
            let block = payload.get(8..).unwrap_or_default();
            out = lz4_flex::block::decompress(block, size)
                .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why.to_string()))?;
            out.truncate(most);
        }
        // Of object flags, zstd is the third.
        4 => {
            let mut reader = ruzstd::decoding::StreamingDecoder::new(payload)
                .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why.to_string()))?;
            Read::by_ref(&mut reader)
                .take(limit)
                .read_to_end(&mut out)?;
        }
        _ => return Err(io::ErrorKind::InvalidData.into()),
    }
    Ok(out)
}

/// A file through a window that moves on with the reading; what lies far behind is read by itself.
pub struct Window {
    file: Box<dyn At>,
    buffer: Vec<u8>,
    start: u64,
}

impl Window {
    pub fn new(file: Box<dyn At>) -> Window {
        Window {
            file,
            buffer: Vec::new(),
            start: 0,
        }
    }

    pub fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    /// Moves the window so that it begins at `offset`.
    pub fn advance(&mut self, offset: u64) -> io::Result<()> {
        self.advance_by(offset, WINDOW)
    }

    /// The same of a window of so many bytes.
    pub fn advance_by(&mut self, offset: u64, length: usize) -> io::Result<()> {
        self.buffer.resize(length, 0);
        self.start = offset;
        let read = fill(&*self.file, offset, &mut self.buffer)?;
        self.buffer.truncate(read);
        Ok(())
    }

    /// Whether so many bytes can be in the window.
    pub fn fits(&self, length: u64) -> bool {
        length <= WINDOW as u64
    }

    /// Whether a part of the file is in the window.
    pub fn holds(&self, offset: u64, length: u64) -> bool {
        let end = self.start + self.buffer.len() as u64;
        offset >= self.start && offset.saturating_add(length) <= end
    }

    /// How many zeros stand at `offset`, as far as the window goes.
    pub fn zeros(&self, offset: u64) -> u64 {
        let start = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let rest = self.buffer.get(start..).unwrap_or_default();
        let other = rest.iter().position(|byte| *byte != 0);
        other.unwrap_or(rest.len()) as u64
    }

    /// What the window holds from `offset` on, if that is at least `length` bytes.
    pub fn from(&self, offset: u64, length: u64) -> Option<&[u8]> {
        let holds = self.holds(offset, length);
        holds.then(|| &self.buffer[(offset - self.start) as usize..])
    }

    /// Copies what there is at `offset`; how many bytes that was.
    pub fn copy(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        if self.holds(offset, into.len() as u64) {
            let at = (offset - self.start) as usize;
            into.copy_from_slice(&self.buffer[at..at + into.len()]);
            return Ok(into.len());
        }
        fill(&*self.file, offset, into)
    }

    /// Reads the bytes at `offset`, as many as there are of `length`.
    pub fn read(&self, offset: u64, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
        into.resize(length, 0);
        let read = self.copy(offset, into)?;
        into.truncate(read);
        Ok(())
    }
}

fn fill(file: &dyn At, offset: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < into.len() {
        match file.read_at(&mut into[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
