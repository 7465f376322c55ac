//! Named streams of bytes.
//! In: paths as the user gave them, `-` for standard input. Out: `Source`s that can be opened, or an `Error` in words.
//! Never: looks into what it reads; `decode` does.

pub mod archive;
pub mod file;
mod hash;
pub mod small;
pub mod stdin;

use crate::decode;
pub use crate::decode::{Damage, Decoded, Only, Reader, Says, Sieve, Worth};
use crate::model::{Name, Timestamp};
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something that can be read, by the name that reports give it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// As the user named it, or as a directory holds it.
    pub name: String,
    /// Where the bytes come from.
    pub kind: Kind,
    /// The date of the file; `None` for a pipe.
    pub modified: Option<Timestamp>,
    /// Whether it was found in a folder or an archive, and not named itself: then it may be no log at all.
    pub walked: bool,
    /// The node that its folder in an archive is called for.
    pub node: Option<Name>,
    /// What counts the bytes that are read of it.
    pub taken: Taken,
}

/// Bytes that were read of several sources together.
#[derive(Clone, Debug, Default)]
pub struct Taken(Arc<AtomicU64>);

impl Taken {
    /// How many so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Sources are equal whoever counts.
impl PartialEq for Taken {
    fn eq(&self, _: &Taken) -> bool {
        true
    }
}

/// Counts what is read.
struct Counted<R> {
    reader: R,
    taken: Taken,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.taken.add(read as u64);
        Ok(read)
    }
}

/// What the header of a journal says of what was written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The same in every copy of the file, and in none other.
    pub file: [u8; 16],
    /// How many entries it has.
    pub entries: u64,
    /// When the first was written.
    pub first: Timestamp,
    /// When the last was written; only of a file that was closed.
    pub last: Option<Timestamp>,
    /// Whether it is known that no end of it is missing.
    pub whole: bool,
}

/// Where the bytes of a source come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A file.
    File(PathBuf),
    /// A file in an archive.
    Part(archive::Part),
    /// Standard input, and what was read of it already.
    Stdin(Arc<[u8]>),
}

impl Source {
    /// Where it is, as far as it has a path.
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::File(path) => path,
            Kind::Part(part) => &part.path,
            Kind::Stdin(_) => Path::new("-"),
        }
    }

    /// Opens it as a log: the lines in it, whatever it is.
    pub fn open(&self) -> Result<Decoded, Error> {
        self.sift(None)
    }

    /// Opens it as a log, of which, if it is a journal, only those entries are wanted that a sieve lets through.
    pub fn sift(&self, sieve: Option<Sieve>) -> Result<Decoded, Error> {
        let opened = match &self.kind {
            Kind::File(path) => file::open(path, &self.taken, sieve),
            Kind::Part(part) => part.open(&self.taken, sieve),
            Kind::Stdin(before) => stdin::open(before).and_then(|reader| {
                let taken = self.taken.clone();
                decode::stream(Box::new(Counted { reader, taken }), sieve)
            }),
        };
        opened.map_err(|why| self.refused(why))
    }

    /// Opens it as a text: what is packed in it, as it is.
    pub fn unpack(&self) -> Result<Reader, Error> {
        let opened = match &self.kind {
            Kind::File(path) => file::bytes(path),
            Kind::Part(part) => Ok(part.bytes()),
            Kind::Stdin(before) => stdin::open(before),
        };
        let unpacked = opened.and_then(decode::unpacked);
        unpacked.map_err(|why| self.refused(why))
    }

    /// The same, so that it can be read again: what comes through a pipe is kept in memory.
    pub fn again(self) -> Result<Source, Error> {
        let opened = match &self.kind {
            _ if self.is_file() => return Ok(self),
            Kind::File(path) => file::bytes(path),
            Kind::Part(part) => Ok(part.bytes()),
            Kind::Stdin(before) => stdin::open(before),
        };
        let mut bytes = opened.map_err(|why| self.refused(why))?;
        match archive::Part::kept(Path::new(&self.name), &mut bytes) {
            Ok(part) => Ok(Source {
                kind: Kind::Part(part),
                ..self
            }),
            Err(why) => Err(self.failed(why)),
        }
    }

    /// What the header of a journal says of what was written to it; nothing of what can be read but once, or is no journal.
    pub fn written(&self) -> Option<Written> {
        if !self.is_file() {
            return None;
        }
        let mut start = Vec::new();
        let header = self.unpack().ok()?.take(decode::Written::BYTES);
        { header }.read_to_end(&mut start).ok()?;
        let said = decode::Written::read(&start)?;
        let instant = |micros: u64| i64::try_from(micros).ok().map(Timestamp);
        let in_place = matches!(self.kind, Kind::File(_));
        Some(Written {
            file: said.file,
            entries: said.entries,
            first: instant(said.first)?,
            last: said.last.and_then(instant),
            whole: in_place && self.size().is_some_and(|size| size >= said.length),
        })
    }

    /// A source in memory of what a reader gives.
    pub fn kept(
        path: &Path,
        modified: Option<Timestamp>,
        bytes: &mut dyn Read,
    ) -> io::Result<Source> {
        Ok(Source {
            name: shown(path),
            kind: Kind::Part(archive::Part::kept(path, bytes)?),
            modified,
            walked: false,
            node: None,
            taken: Taken::default(),
        })
    }

    /// The same, if it is a file and nothing is in it: then nothing will be, whatever is written to the file from now on.
    pub fn if_empty(&self) -> Option<Source> {
        let Kind::File(path) = &self.kind else {
            return None;
        };
        if !self.is_file() || self.size() != Some(0) {
            return None;
        }
        // Some files say that they have no bytes and have some, those of the kernel.
        let read = file::bytes(path).ok()?.read(&mut [0]).ok()?;
        let kept = archive::Part::kept(path, &mut io::empty()).ok()?;
        (read == 0).then(|| Source {
            kind: Kind::Part(kept),
            ..self.clone()
        })
    }

    /// What is said when it cannot be read to its end.
    pub fn failed(&self, why: io::Error) -> Error {
        Error::Read {
            name: self.name.clone(),
            why,
        }
    }

    fn refused(&self, why: io::Error) -> Error {
        Error::Open {
            name: self.name.clone(),
            why,
        }
    }

    /// Bytes that it has, packed as it is; `None` where nobody knows.
    pub fn size(&self) -> Option<u64> {
        match &self.kind {
            Kind::File(path) => std::fs::metadata(path).ok().map(|file| file.len()),
            Kind::Part(part) => Some(part.size()),
            Kind::Stdin(_) => stdin::size(),
        }
    }

    /// Whether more of it is known to be there already: a pipe whose writer is ahead.
    pub fn waits(&self) -> bool {
        matches!(self.kind, Kind::Stdin(_)) && stdin::waits()
    }

    /// Whether it can be opened again: a path may name a pipe, as `<(journalctl)` does, which is read but once.
    pub fn is_file(&self) -> bool {
        match self.kind {
            Kind::File(_) => self.modified.is_some(),
            Kind::Part(_) => true,
            Kind::Stdin(_) => false,
        }
    }

    /// Whether it is a pipe or a terminal, which is to be followed as lines come.
    pub fn is_pipe(&self) -> bool {
        match self.kind {
            Kind::File(_) | Kind::Part(_) => false,
            Kind::Stdin(_) => stdin::is_pipe(),
        }
    }
}

/// The sources that `paths` name, directories replaced by their files; and what could not be looked at.
pub fn discover(paths: &[PathBuf]) -> (Vec<Source>, Vec<Error>) {
    add(paths, |sources, _| sources.push(stdin::source()))
}

/// The same, for who waits for the end of standard input anyway: it may bring an archive.
pub fn discover_whole(paths: &[PathBuf]) -> (Vec<Source>, Vec<Error>) {
    add(paths, archive::from_stdin)
}

fn add(
    paths: &[PathBuf],
    from_stdin: fn(&mut Vec<Source>, &mut Vec<Error>),
) -> (Vec<Source>, Vec<Error>) {
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match path.as_os_str() == "-" {
            true => from_stdin(&mut sources, &mut errors),
            false => file::discover(path, &mut sources, &mut errors),
        }
    }
    (sources, errors)
}

/// Endings of files that are packed.
const PACKED: [&str; 5] = [".gz", ".zst", ".xz", ".lz4", ".bz2"];

/// What files are sorted by: of each part of the path the log and the rotation, the oldest first. `syslog.2.gz` goes before
/// `syslog.1`, `syslog-20261101` before `syslog-20261108`, and all of them before `syslog`; of a journal likewise.
fn rotation(path: &Path) -> Vec<(String, i64)> {
    path.iter()
        .map(|part| rotated(&part.to_string_lossy()))
        .collect()
}

/// What a name is sorted by.
fn rotated(name: &str) -> (String, i64) {
    let name = PACKED
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    let digits = |text: &str, radix: u32| i64::from_str_radix(text, radix).ok();
    // `system@<id>-<number>-<microseconds>.journal`, and `system@<microseconds>-<random>.journal~` of one that was torn.
    if let Some((log, rest)) = name.split_once('@') {
        let closed = rest.strip_suffix(".journal");
        let closed = closed.and_then(|rest| rest.rsplit('-').next());
        let torn = rest.strip_suffix(".journal~");
        let torn = torn.and_then(|rest| rest.split('-').next());
        if let Some(at) = closed.or(torn).and_then(|at| digits(at, 16)) {
            return (format!("{log}.journal"), at);
        }
    }
    let numbered = name.rsplit_once('.').and_then(|(log, n)| {
        let n = digits(n, 10).filter(|n| n.to_string() == name[log.len() + 1..])?;
        (n < 10_000).then_some((log, -n))
    });
    let dated = name.rsplit_once('-').and_then(|(log, day)| {
        let is_day = (8..=10).contains(&day.len()) && day.bytes().all(|b| b.is_ascii_digit());
        is_day.then(|| digits(day, 10)).flatten().map(|n| (log, n))
    });
    let (log, age) = numbered.or(dated).unwrap_or((name, i64::MAX));
    (log.to_owned(), age)
}

/// Folders that are called for what is in them and not for a node.
const NO_NODES: [&str; 12] = [
    "log", "logs", "var", "journal", "input", "syslog", "corosync", "data", "tmp", "pve",
    "cluster", "archive",
];

/// Folders that hold the log of one node each, with the node's name: several that are named, or all in one that is.
pub fn folders_of_nodes(paths: &[PathBuf]) -> Vec<(Name, PathBuf)> {
    let named: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir()).cloned().collect();
    let of_nodes = match &named[..] {
        [one] if paths.len() == 1 => folders(one).unwrap_or_default(),
        several => several.to_vec(),
    };
    if of_nodes.len() < 2 {
        return Vec::new();
    }
    let name = |folder: &PathBuf| Some((node_of(folder)?, folder.clone()));
    of_nodes.iter().filter_map(name).collect()
}

/// The node that a folder is called for: `pve1/var/log` is of pve1.
fn node_of(folder: &Path) -> Option<Name> {
    let parts = || folder.iter().rev().filter_map(|part| part.to_str());
    let reported = parts().find_map(host_of_report);
    let mut called = parts().filter(|part| !NO_NODES.contains(part) && !part.starts_with('.'));
    reported.or_else(|| called.next()).map(Name::from)
}

/// The host that a report of sos is of: `sosreport-pve1-2026-02-17-xhqkzpa`, with the number of a case before the day or not.
fn host_of_report(part: &str) -> Option<&str> {
    let rest = part.strip_prefix("sosreport-")?;
    let shape: Vec<u8> = rest
        .bytes()
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte })
        .collect();
    let day = shape.windows(12).position(|part| part == b"-0000-00-00-")?;
    let host = &rest[..day];
    let without_case = host
        .rsplit_once('-')
        .filter(|(_, case)| case.parse::<u64>().is_ok());
    Some(without_case.map_or(host, |(host, _)| host))
}

/// Endings of archives.
const ARCHIVES: [&str; 8] = [
    ".tar", ".tgz", ".zip", ".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2", ".tar.lz4",
];

/// Says of the files of an archive whose they are, by the folders in it, where it holds those of several nodes.
fn name_nodes(archive: &Path, sources: &mut [Source]) {
    for source in &mut *sources {
        let reported = source.path().iter().filter_map(|part| part.to_str());
        source.node = reported
            .filter_map(host_of_report)
            .next_back()
            .map(Name::from);
    }
    let mut root = archive.to_owned();
    loop {
        let below = |source: &Source| {
            let mut rest = source.path().strip_prefix(&root).ok()?.iter();
            let first = rest.next()?.to_owned();
            // A file beside the folders: they are not called for nodes.
            rest.next().map(|_| first)
        };
        let folders: Option<Vec<_>> = sources.iter().map(below).collect();
        let Some(mut folders) = folders else { return };
        folders.sort();
        folders.dedup();
        match &folders[..] {
            [] => return,
            [only] => root.push(only),
            _ => break,
        }
    }
    for source in sources {
        let rest = source.path().strip_prefix(&root).ok();
        let first = rest.and_then(|rest| rest.iter().next()?.to_str());
        let Some(first) = first.filter(|first| !NO_NODES.contains(first)) else {
            continue;
        };
        let called = ARCHIVES
            .iter()
            .find_map(|ending| first.strip_suffix(ending));
        let called = Name::from(called.unwrap_or(first));
        source.node.get_or_insert(called);
    }
}

/// Whether there is a file at `path`.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// The folders directly in `dir`, in the order of their names.
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut folders: Vec<PathBuf> = entries(dir)?
        .into_iter()
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    Ok(folders)
}

/// The files directly in `dir` whose names end in `ending`, in the order of their names.
pub fn files(dir: &Path, ending: &str) -> Result<Vec<PathBuf>, Error> {
    let mut files: Vec<PathBuf> = entries(dir)?
        .into_iter()
        .filter(|path| path.is_file() && path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    Ok(files)
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let open = |why| Error::Open {
        name: dir.display().to_string(),
        why,
    };
    std::fs::read_dir(dir)
        .map_err(open)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(open))
        .collect()
}

/// The whole text of a small file, a pattern or a case.
pub fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|why| Error::Open {
        name: path.display().to_string(),
        why,
    })
}

/// A folder for answers, made if it is not there.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|why| Error::Create {
        name: shown(path),
        why,
    })
}

/// A file for an answer, new or emptied.
pub fn create(path: &Path) -> Result<Box<dyn Write>, Error> {
    match std::fs::File::create(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(why) => Err(Error::Create {
            name: shown(path),
            why,
        }),
    }
}

/// What kept an input from being read, or an answer from being written.
#[derive(Debug)]
pub enum Error {
    /// It cannot be written to.
    Create {
        /// Which.
        name: String,
        /// Why.
        why: io::Error,
    },
    /// It cannot be opened.
    Open {
        /// Which.
        name: String,
        /// Why.
        why: io::Error,
    },
    /// It cannot be read to its end.
    Read {
        /// Which.
        name: String,
        /// Why.
        why: io::Error,
    },
    /// Folders and archives hold files, and none of them is a log.
    NoLogs {
        /// Some of them.
        name: String,
        /// How many.
        files: usize,
    },
    /// The directory cannot be listed.
    List {
        /// Which.
        name: String,
        /// Why.
        why: io::Error,
    },
}

impl Error {
    /// The same of an input that is called otherwise.
    pub fn renamed(mut self, to: &str) -> Error {
        match &mut self {
            Error::Create { name, .. }
            | Error::Open { name, .. }
            | Error::Read { name, .. }
            | Error::NoLogs { name, .. }
            | Error::List { name, .. } => *name = to.to_owned(),
        }
        self
    }

    /// What can be done about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::NoLogs { .. } => {
                Some("a file that is named itself is read, whatever it is".to_owned())
            }
            Error::Create { .. } => {
                Some("name a file in a folder that you may write to".to_owned())
            }
            Error::Open { why, .. } | Error::Read { why, .. } | Error::List { why, .. } => {
                match why.kind() {
                    io::ErrorKind::PermissionDenied => {
                        Some("run as root, or join the group that owns the file".to_owned())
                    }
                    io::ErrorKind::NotFound => {
                        Some("check the path; `-` names standard input".to_owned())
                    }
                    _ => None,
                }
            }
        }
    }

    /// Which input it is about.
    pub fn name(&self) -> &str {
        match self {
            Error::Create { name, .. }
            | Error::Open { name, .. }
            | Error::Read { name, .. }
            | Error::List { name, .. }
            | Error::NoLogs { name, .. } => name,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Create { name, why } => write!(f, "cannot write {name}: {}", reason(why)),
            Error::Open { name, why } => write!(f, "cannot open {name}: {}", reason(why)),
            Error::Read { name, why } => {
                write!(f, "cannot read {name} to its end: {}", reason(why))
            }
            Error::List { name, why } => write!(f, "cannot list {name}: {}", reason(why)),
            Error::NoLogs { name, files: 1 } => write!(f, "the only file is no log: {name}"),
            Error::NoLogs { name, files } => write!(f, "none of {files} files is a log: {name}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Create { why, .. }
            | Error::Open { why, .. }
            | Error::Read { why, .. }
            | Error::List { why, .. } => Some(why),
            Error::NoLogs { .. } => None,
        }
    }
}

/// The system's reason in lower case and without its number.
fn reason(why: &io::Error) -> String {
    let text = why.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => why.kind().to_string(),
    }
}

/// The name of a path in messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_cannot_be_done_to_which_and_why() {
        let missing = PathBuf::from("/nonexistent/syslog");
        let (sources, errors) = discover(&[missing]);
        assert_eq!(sources, vec![]);
        let error = errors.first().expect("an error");
        assert_eq!(
            error.to_string(),
            "cannot open /nonexistent/syslog: no such file or directory"
        );
        assert_eq!(
            error.help().as_deref(),
            Some("check the path; `-` names standard input")
        );
        assert_eq!(error.name(), "/nonexistent/syslog");
    }

    #[test]
    fn reports_are_called_for_their_hosts() {
        for (part, host) in [
            ("sosreport-pve1-2026-02-17-xhqkzpa", Some("pve1")),
            (
                "sosreport-pve-a-0123456-2026-02-17-xhqkzpa.tar.xz",
                Some("pve-a"),
            ),
            ("sosreport-2026-02-17-xhqkzpa", None),
            ("pve1", None),
        ] {
            assert_eq!(host_of_report(part), host, "{part}");
        }
        let node = |path: &str| node_of(Path::new(path)).map(|name| name.to_string());
        assert_eq!(node("ash/var/log").as_deref(), Some("ash"));
        assert_eq!(
            node("x/sosreport-ash-2026-02-17-abcdefg/var/log").as_deref(),
            Some("ash")
        );
    }

    #[test]
    fn rotated_logs_stand_before_those_that_came_behind_them() {
        let order = [
            "auth.log",
            "messages-20261101.xz",
            "messages-20261108",
            "messages",
            "syslog.10.gz",
            "syslog.2.gz",
            "syslog.1",
            "syslog",
            "system@0b1a2c3d4e5f60718293a4b5c6d7e8f9-0000000000000001-00063f0000000000.journal",
            "system@00064f0000000000-c7bf1a2e5d3b4f60.journal~",
            "system@0b1a2c3d4e5f60718293a4b5c6d7e8f9-0000000000008001-00065f0000000000.journal",
            "system.journal",
            "user-1000.journal",
            "v10.20",
            "v10.30a",
        ];
        let mut sorted: Vec<&str> = order.iter().rev().copied().collect();
        sorted.sort_by_cached_key(|name| rotation(Path::new(name)));
        assert_eq!(sorted, order);
        assert_eq!(rotated("host-1").0, "host-1");
        assert_eq!(rotated("pve.01").0, "pve.01");
    }

    #[test]
    fn a_directory_is_its_visible_files_in_order() {
        let root = std::env::temp_dir().join(format!("fencepost-input-{}", std::process::id()));
        std::fs::create_dir_all(root.join("b")).expect("a directory");
        for name in ["b/z", "c", "a", ".hidden", "b/.also"] {
            std::fs::write(root.join(name), "x\n").expect("a file");
        }
        let (sources, errors) = discover(std::slice::from_ref(&root));
        std::fs::remove_dir_all(&root).expect("removed");
        let names: Vec<&str> = sources
            .iter()
            .filter_map(|s| s.name.strip_prefix(&format!("{}/", root.display())))
            .collect();
        assert_eq!(names, ["a", "b/z", "c"]);
        assert!(sources.iter().all(|s| s.modified.is_some()));
        assert!(errors.is_empty());
    }
}
