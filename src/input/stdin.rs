//! Standard input.
//! In: the process's own descriptor. Out: a `Source` called `<stdin>`, read without a buffer in between.
//! Never: waits for more than one read needs.

use super::{Kind, Reader, Source, Taken, file};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::sync::{Arc, Mutex, PoisonError};

/// What reports call it.
pub const NAME: &str = "<stdin>";

/// A pipe holds this much at most for an ordinary user; fewer, larger reads cost less.
const PIPE_BYTES: usize = 1 << 20;

/// What is read of a pipe at most to see what it brings: a block of bzip2 holds 900 kB.
pub const TRIED_BYTES: usize = 4 << 20;

/// Standard input; with a date when it is a file.
pub fn source() -> Source {
    let metadata = descriptor().and_then(|file| file.metadata());
    Source {
        name: NAME.to_owned(),
        kind: Kind::Stdin(Arc::default()),
        modified: metadata.ok().and_then(|m| file::modified(&m)),
        walked: false,
        node: None,
        taken: Taken::default(),
    }
}

/// Bytes that it has, where it is a file.
pub fn size() -> Option<u64> {
    let metadata = descriptor().and_then(|file| file.metadata()).ok()?;
    metadata.is_file().then_some(metadata.len())
}

/// Whether lines come as somebody writes them.
pub fn is_pipe() -> bool {
    let Ok(metadata) = descriptor().and_then(|file| file.metadata()) else {
        return false;
    };
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_socket() || kind.is_char_device()
}

/// Whether more of it is there to be read, or its end: who reads on does not wait.
pub fn waits() -> bool {
    let stdin = io::stdin();
    let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut asked, Some(&at_once)).is_ok_and(|ready| ready > 0)
}

/// Opens it; `before` was read of it already. A pipe is enlarged, if the system lets us.
pub fn open(before: &Arc<[u8]>) -> io::Result<Reader> {
    let file = descriptor()?;
    let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE_BYTES);
    match before.is_empty() {
        true => Ok(Box::new(file)),
        false => Ok(Box::new(Cursor::new(Arc::clone(before)).chain(file))),
    }
}

/// Lets somebody look at what comes; and what he read of it, for when he finds nothing.
pub fn try_out<T>(look: impl FnOnce(Reader) -> io::Result<T>) -> (io::Result<T>, Arc<[u8]>) {
    let taken: Arc<Mutex<Vec<u8>>> = Arc::default();
    let found = open(&Arc::default()).and_then(|reader| {
        look(Box::new(Recorded {
            reader,
            taken: Arc::clone(&taken),
        }))
    });
    let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
    (found, taken.into())
}

/// Keeps the beginning of what it hands on.
struct Recorded {
    reader: Reader,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Read for Recorded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() < TRIED_BYTES {
            taken.extend_from_slice(&into[..read]);
        }
        Ok(read)
    }
}

/// A descriptor of its own: the standard library's puts a small buffer before each read.
fn descriptor() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}
