//! Archives: tar, plain or packed.
//! In: a stream of bytes. Out: the files in it, one after the other, each with its name and date.
//! Never: writes anything; follows links; goes by a name.

use super::Reader;
use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;

/// Where a tar says what it is, and how (POSIX pax, GNU and old ustar alike).
const MARK_AT: usize = 257;
const MARK: &[u8] = b"ustar";
/// A block of a tar.
const BLOCK: usize = 512;

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

/// Visits every regular file of an archive. `None` if the bytes are none, else what it was: `tar`, `tar in gzip`.
pub fn members(reader: Reader, visit: Visit<'_>) -> io::Result<Option<String>> {
    let (_, mut whole, outer) = super::opened(reader)?;
    let mut start = Vec::new();
    whole.by_ref().take(BLOCK as u64).read_to_end(&mut start)?;
    if !is_archive(&start) {
        return Ok(None);
    }
    let mut archive = tar::Archive::new(Cursor::new(start).chain(whole));
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
    Ok(Some(super::form("tar", &outer)))
}

/// Whether these are the first bytes of an archive.
fn is_archive(start: &[u8]) -> bool {
    start
        .get(MARK_AT..)
        .is_some_and(|rest| rest.starts_with(MARK))
}

/// The bytes of a member, packed so that they can be kept.
pub fn keep(bytes: &mut dyn Read) -> io::Result<Arc<[u8]>> {
    let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
    io::copy(bytes, &mut out)?;
    out.flush()?;
    let packed = out.finish().map_err(io::Error::other)?;
    Ok(packed.into())
}

/// What was kept.
pub fn recall(kept: &Arc<[u8]>) -> Reader {
    let bytes = Cursor::new(Arc::clone(kept));
    Box::new(lz4_flex::frame::FrameDecoder::new(bytes))
}
