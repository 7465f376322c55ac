//! Standard input.
//! In: the process's own descriptor. Out: a `Source` called `<stdin>`, read without a buffer in between.
//! Never: waits for more than one read needs.

use super::{Kind, Reader, Source, file};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

/// What reports call it.
pub const NAME: &str = "<stdin>";

/// A pipe holds this much at most for an ordinary user; fewer, larger reads cost less.
const PIPE_BYTES: usize = 1 << 20;

/// Standard input; with a date when it is a file.
pub fn source() -> Source {
    let metadata = descriptor().and_then(|file| file.metadata());
    Source {
        name: NAME.to_owned(),
        kind: Kind::Stdin,
        modified: metadata.ok().and_then(|m| file::modified(&m)),
        walked: false,
    }
}

/// Whether lines come as somebody writes them.
pub fn is_pipe() -> bool {
    let Ok(metadata) = descriptor().and_then(|file| file.metadata()) else {
        return false;
    };
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_socket() || kind.is_char_device()
}

/// Opens it. A pipe is enlarged, if the system lets us.
pub fn open() -> io::Result<Reader> {
    let file = descriptor()?;
    let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE_BYTES);
    Ok(Box::new(file))
}

/// A descriptor of its own: the standard library's puts a small buffer before each read.
fn descriptor() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}
