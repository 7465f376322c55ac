//! Archives that are named as inputs: of `/var/log`, of reports, of several nodes, one inside the other.
//! In: the path of a file. Out: a `Source` for every file in it that may be a log.
//! Never: unpacks to disk; what it holds is kept in memory, packed anew.

use super::{Error, Kind, Source, Taken, shown, stdin};
use crate::decode::archive::{self, Member};
use crate::decode::kept::{Kept, Told};
use crate::decode::{self, At, Decoded, Reader, Sieve};
use crate::model::Timestamp;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Archives inside of archives that are opened.
const DEPTH: usize = 3;
/// What is kept in memory of archives, packed anew; five to ten times as much text goes in.
const KEPT_BYTES: u64 = 1 << 30;
/// What is unpacked of an archive and of those inside of it, however small it is when it is packed anew.
const UNPACKED_BYTES: u64 = 32 << 30;
/// Files of an archive and of those inside of it.
const FILES: usize = 100_000;
/// Folders of reports that hold the state of a kernel and no logs. `run` is none: journals that do not outlive a boot are there.
const NO_LOGS: [&str; 2] = ["proc", "sys"];

/// A file in an archive.
#[derive(Clone, PartialEq)]
pub struct Part {
    /// Where it would be if the archive were a folder.
    pub path: PathBuf,
    /// What it is in: `tar`, `tar in gzip`.
    pub within: String,
    kept: Arc<Kept>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {}", self.path.display(), self.within)
    }
}

impl Part {
    /// Keeps what a reader gives, as a file of no archive.
    pub fn kept(path: &Path, bytes: &mut dyn Read) -> io::Result<Part> {
        Ok(Part {
            path: path.to_owned(),
            within: String::new(),
            kept: Arc::new(Kept::of(bytes, KEPT_BYTES)?),
        })
    }

    /// Its bytes.
    pub fn bytes(&self) -> Reader {
        self.kept.stream(None)
    }

    /// How many are kept of it.
    pub fn size(&self) -> u64 {
        self.kept.size()
    }

    /// The lines in it. A journal is read in place.
    pub fn open(&self, taken: &Taken, sieve: Option<Sieve>) -> io::Result<Decoded> {
        let counter = taken.clone();
        let told: Told = Box::new(move |bytes| counter.add(bytes));
        let mut start = [0; 16];
        let read = self.kept.places(None).read_at(&mut start, 0)?;
        let mut decoded = match decode::is_journal(&start[..read]) {
            true => decode::journal(Box::new(self.kept.places(Some(told))), sieve)?,
            false => decode::stream(self.kept.stream(Some(told)), sieve)?,
        };
        if !self.within.is_empty() {
            decoded.form = format!("{} in {}", decoded.form, self.within);
        }
        Ok(decoded)
    }
}

/// Adds the files of an archive. False if the file is none.
pub fn discover(path: &Path, sources: &mut Vec<Source>, errors: &mut Vec<Error>) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let mut walk = Walk::default();
    let found = walk.members(Box::new(file), path, DEPTH);
    super::name_nodes(path, &mut walk.sources);
    let none = walk.sources.is_empty();
    sources.append(&mut walk.sources);
    match found {
        Ok(is_archive) => is_archive,
        // What cannot be unpacked is told when it is read; a torn archive gives what came before.
        Err(_) if none => false,
        Err(why) => {
            errors.push(Error::Read {
                name: shown(path),
                why,
            });
            true
        }
    }
}

/// Adds standard input: the files of an archive, if one comes, else what comes from its first byte on.
pub fn from_stdin(sources: &mut Vec<Source>, errors: &mut Vec<Error>) {
    let mut walk = Walk::default();
    let name = Path::new(stdin::NAME);
    let (found, before) = stdin::try_out(|reader| walk.members(reader, name, DEPTH));
    // What cannot be unpacked is told when it is read, from its beginning if that is still there.
    let again = match &found {
        Ok(is_archive) => !is_archive,
        Err(_) => walk.sources.is_empty() && before.len() < stdin::TRIED_BYTES,
    };
    if again {
        sources.push(Source {
            kind: Kind::Stdin(before),
            ..stdin::source()
        });
        return;
    }
    super::name_nodes(name, &mut walk.sources);
    sources.append(&mut walk.sources);
    errors.extend(found.err().map(|why| Error::Read {
        name: stdin::NAME.to_owned(),
        why,
    }));
}

/// An archive on its way to sources.
#[derive(Default)]
struct Walk {
    /// Bytes that are kept of it.
    kept: u64,
    /// Bytes that they were before they were packed anew.
    unpacked: u64,
    /// Files that were met.
    files: usize,
    sources: Vec<Source>,
}

/// What is unpacked, as far as that is not more than so many bytes.
struct Metered<'r> {
    reader: &'r mut dyn Read,
    left: u64,
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other("it unpacks to more than 32 GiB: unpack it, and name the folder")
        })?;
        Ok(read)
    }
}

impl Walk {
    /// Adds the members of an archive that is called `name`.
    fn members(&mut self, reader: Reader, name: &Path, depth: usize) -> io::Result<bool> {
        let from = self.sources.len();
        let within = archive::members(reader, &mut |member, bytes| {
            self.member(&member, bytes, name, depth)
        })?;
        let Some(within) = within else {
            return Ok(false);
        };
        // As in a folder, whoever packed it.
        self.sources[from..].sort_by_cached_key(|source| super::rotation(source.path()));
        for source in &mut self.sources[from..] {
            if let Kind::Part(part) = &mut source.kind {
                part.within = match part.within.is_empty() {
                    true => within.clone(),
                    false => format!("{} in {within}", part.within),
                };
            }
        }
        Ok(true)
    }

    fn member(
        &mut self,
        member: &Member,
        bytes: &mut dyn Read,
        name: &Path,
        depth: usize,
    ) -> io::Result<()> {
        let hidden = |part: &str| part.starts_with('.') && part.len() > 1 && part != "..";
        let parts: Vec<&str> = member.name.split('/').filter(|part| *part != ".").collect();
        let state = parts.iter().take(2).any(|part| NO_LOGS.contains(part));
        if member.size == 0 || state || parts.iter().any(|part| hidden(part)) {
            return Ok(());
        }
        self.files += 1;
        if self.files > FILES {
            return Err(io::Error::other(
                "it holds more than 100000 files: unpack it, and name the folders of logs",
            ));
        }
        let path = name.join(parts.join("/").trim_start_matches('/'));
        let mut bytes = Metered {
            reader: bytes,
            left: UNPACKED_BYTES - self.unpacked,
        };
        let kept = Arc::new(Kept::of(&mut bytes, KEPT_BYTES - self.kept)?);
        self.unpacked = UNPACKED_BYTES - bytes.left;
        // Of an archive that is torn, what came before counts.
        let before = self.sources.len();
        let nested =
            depth > 0 && matches!(self.members(kept.stream(None), &path, depth - 1), Ok(true));
        if nested || self.sources.len() > before {
            return Ok(());
        }
        self.kept += kept.size();
        let modified = i64::try_from(member.modified).unwrap_or(0);
        self.sources.push(Source {
            name: shown(&path),
            kind: Kind::Part(Part {
                path,
                within: String::new(),
                kept,
            }),
            walked: true,
            node: None,
            taken: Taken::default(),
            modified: (modified > 0).then(|| Timestamp::from_seconds(modified)),
        });
        Ok(())
    }
}
