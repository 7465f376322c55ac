//! Files and directories of files.
//! In: a path. Out: `Source`s in the order of their names and rotations; a reader.
//! Never: follows a directory twice; opens what is no regular file inside a directory.

use super::{Counted, Error, Kind, Source, Taken, archive, rotation, shown};
use crate::decode::{self, At, Decoded, Reader, Sieve};
use crate::model::Timestamp;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

/// Directories inside directories that are looked into.
const DEPTH: usize = 16;

/// Opens a file. A journal is read in place, everything else from its beginning to its end.
pub fn open(path: &Path, taken: &Taken, sieve: Option<Sieve>) -> io::Result<Decoded> {
    let file = File::open(path)?;
    let mut start = [0; 16];
    let regular = file.metadata()?.is_file();
    if regular && file.read_at(&mut start, 0)? > 0 && decode::is_journal(&start) {
        let file = InPlace {
            file,
            taken: taken.clone(),
            furthest: AtomicU64::new(0),
        };
        return decode::journal(Box::new(file), sieve);
    }
    let counted = Counted {
        reader: file,
        taken: taken.clone(),
    };
    decode::stream(Box::new(counted), sieve)
}

/// The bytes of a file.
pub fn bytes(path: &Path) -> io::Result<Reader> {
    Ok(Box::new(File::open(path)?))
}

/// A file that is read at any place.
struct InPlace {
    file: File,
    taken: Taken,
    /// How far into it was read: what lies before that counts as read.
    furthest: AtomicU64,
}

impl At for InPlace {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.file.read_at(into, offset)?;
        let end = offset + read as u64;
        let before = self.furthest.fetch_max(end, Ordering::Relaxed);
        self.taken.add(end.saturating_sub(before));
        Ok(read)
    }
}

/// Adds what `path` names: itself, or the files in it.
pub fn discover(path: &Path, sources: &mut Vec<Source>, errors: &mut Vec<Error>) {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => walk(path, DEPTH, sources, errors),
        Ok(metadata) => add(path, &metadata, false, sources, errors),
        Err(why) => errors.push(Error::Open {
            name: shown(path),
            why,
        }),
    }
}

/// Adds the regular, visible files of a directory, by name, rotated ones before those that came behind them. A link to a file is a file; a link to a directory is left out.
fn walk(directory: &Path, depth: usize, sources: &mut Vec<Source>, errors: &mut Vec<Error>) {
    let listed =
        fs::read_dir(directory).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(why) => {
            errors.push(Error::List {
                name: shown(directory),
                why,
            });
            return;
        }
    };
    entries.sort_by_cached_key(|entry| rotation(Path::new(&entry.file_name())));
    for entry in entries {
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if hidden {
            continue;
        }
        if kind.is_dir() {
            if depth > 0 {
                walk(&path, depth - 1, sources, errors);
            }
        } else if let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
        {
            add(&path, &metadata, true, sources, errors);
        }
    }
}

/// Adds a file, or what is in it if it is an archive.
fn add(
    path: &Path,
    metadata: &Metadata,
    walked: bool,
    sources: &mut Vec<Source>,
    errors: &mut Vec<Error>,
) {
    if metadata.is_file() && archive::discover(path, sources, errors) {
        return;
    }
    sources.push(Source {
        name: shown(path),
        kind: Kind::File(path.to_owned()),
        modified: modified(metadata),
        walked,
        node: None,
        taken: Taken::default(),
    });
}

/// When a regular file was last written.
pub fn modified(metadata: &Metadata) -> Option<Timestamp> {
    if !metadata.is_file() {
        return None;
    }
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp)
}
