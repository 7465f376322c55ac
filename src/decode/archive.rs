//! Archives: tar and zip, plain or packed.
//! In: a stream of bytes. Out: the files in it, one after the other, each with its name and date.
//! Never: writes anything; follows links; goes by a name.

use super::Reader;
use super::packed::Bounded;
use chrono::NaiveDate;
use std::io::{self, Cursor, Read};

/// Where a tar says what it is, and how (POSIX pax, GNU and old ustar alike).
const MARK_AT: usize = 257;
const MARK: &[u8] = b"ustar";
/// A block of a tar.
const BLOCK: usize = 512;
/// What a zip begins with, and what one without any file is.
const ZIP_MARKS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// A zip is read from its end: up to this size it is taken into memory.
const ZIP_BYTES: u64 = 1 << 30;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path in the archive.
    pub name: String,
    /// How many there are.
    pub size: u64,
    /// When it was last written, in seconds.
    pub modified: u64,
}

/// What is done with a member: its bytes may be read, or left.
pub type Visit<'v> = &'v mut dyn FnMut(Member, &mut dyn Read) -> io::Result<()>;

/// Visits every regular file of an archive. `None` if the bytes are none, else what it was: `tar`, `zip`, `tar in gzip`.
pub fn members(reader: Reader, visit: Visit<'_>) -> io::Result<Option<String>> {
    let (_, mut whole, outer) = super::opened(reader)?;
    let mut start = Vec::new();
    whole.by_ref().take(BLOCK as u64).read_to_end(&mut start)?;
    if !is_tar(&start) && !is_zip(&start) {
        return Ok(None);
    }
    let zip = is_zip(&start);
    let whole = Cursor::new(start).chain(whole);
    match zip {
        true => of_zip(whole, visit)?,
        false => of_tar(whole, visit)?,
    }
    Ok(Some(super::form(if zip { "zip" } else { "tar" }, &outer)))
}

fn of_tar(whole: impl Read, visit: Visit<'_>) -> io::Result<()> {
    let mut archive = tar::Archive::new(whole);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let member = Member {
            name: String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
            size: entry.size(),
            modified: entry.header().mtime().unwrap_or(0),
        };
        visit(member, &mut entry)?;
    }
    Ok(())
}

fn of_zip(whole: impl Read, visit: Visit<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    whole.take(ZIP_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > ZIP_BYTES {
        return Err(io::Error::other(
            "the zip is larger than can be taken into memory: unpack it and name the folder",
        ));
    }
    // Members may share their bytes, and what the list says of their sizes is only said.
    let (packed, mut given) = (bytes.len() as u64, 0);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    for index in 0..archive.len() {
        let file = archive.by_index(index)?;
        if !file.is_file() {
            continue;
        }
        let member = Member {
            name: file.name()?.replace('\\', "/"),
            size: file.size(),
            modified: file.last_modified().and_then(seconds).unwrap_or(0),
        };
        let mut file = Bounded::new(file, packed, given);
        visit(member, &mut file)?;
        given = file.given();
    }
    Ok(())
}

/// The clock on the wall of whoever packed it: which zone that was is not said.
fn seconds(at: zip::DateTime) -> Option<u64> {
    let day = NaiveDate::from_ymd_opt(at.year().into(), at.month().into(), at.day().into())?;
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let at = day.and_hms_opt(hour.into(), minute.into(), second.into())?;
    u64::try_from(at.and_utc().timestamp()).ok()
}

/// Whether these are the first bytes of a tar.
fn is_tar(start: &[u8]) -> bool {
    start
        .get(MARK_AT..)
        .is_some_and(|rest| rest.starts_with(MARK))
}

/// Whether these are the first bytes of a zip.
fn is_zip(start: &[u8]) -> bool {
    ZIP_MARKS.iter().any(|mark| start.starts_with(mark))
}
