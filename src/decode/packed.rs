//! gzip, zstd, xz, lz4 and bzip2, with all members and frames that follow each other in one file.
//! In: a stream that begins with one of their marks. Out: a stream of what is in it.
//! Never: ends at the first frame; gives out without end what came from next to nothing.

use super::Reader;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The format of XZ Utils.
    Xz,
    /// The frame format of LZ4.
    Lz4,
    /// bzip2.
    Bzip2,
}

const MARKS: [(&[u8], Packing); 5] = [
    (b"\x1f\x8b\x08", Packing::Gzip),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"\xfd7zXZ\0", Packing::Xz),
    (b"\x04\x22\x4d\x18", Packing::Lz4),
    (b"BZh", Packing::Bzip2),
];

/// Memory that an xz file may ask for: `xz -9` asks for 64 MiB.
const XZ_MEMORY_KIB: u32 = 256 * 1024;
/// A window that a zstd file may ask for: `zstd --long` asks for 128 MiB.
const ZSTD_WINDOW: u64 = 128 << 20;

/// What is let through whatever it was packed from.
const FREE_BYTES: u64 = 1 << 30;
/// Beyond that, text that was packed better than this is no log.
const MOST_RATIO: u64 = 1_000;

impl Packing {
    /// What begins with these bytes.
    pub fn of(start: &[u8]) -> Option<Packing> {
        let begins = |(mark, _): &&(&[u8], Packing)| start.starts_with(mark);
        let (mark, packing) = MARKS.iter().find(begins)?;
        let level = start.get(mark.len());
        let bzip = *packing != Packing::Bzip2 || level.is_some_and(u8::is_ascii_digit);
        bzip.then_some(*packing)
    }

    /// What they all begin with.
    pub fn marks() -> impl Iterator<Item = &'static [u8]> {
        MARKS.iter().map(|(mark, _)| *mark)
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
            Packing::Xz => "xz",
            Packing::Lz4 => "lz4",
            Packing::Bzip2 => "bzip2",
        }
    }

    /// What is in `reader`. Of layers one in the other `outermost` counts what was taken of the first.
    pub fn open(self, reader: Reader, outermost: &mut Option<Taken>) -> io::Result<Reader> {
        let taken = Taken::default();
        let source = BufReader::with_capacity(
            64 * 1024,
            Counted {
                reader,
                taken: Arc::clone(&taken),
            },
        );
        let inner: Reader = match self {
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(source)),
            Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(source)),
            Packing::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
                source,
                true,
                XZ_MEMORY_KIB,
            )),
            Packing::Zstd => Box::new(Frames::new(source, zstd_frame)),
            Packing::Lz4 => Box::new(Frames::new(source, lz4_frame)),
        };
        Ok(Box::new(Bounded {
            reader: inner,
            given: 0,
            taken: Arc::clone(outermost.get_or_insert(taken)),
        }))
    }
}

/// Bytes that were taken so far.
pub type Taken = Arc<AtomicU64>;

type Source = BufReader<Counted>;

/// Counts what is taken from a reader.
struct Counted {
    reader: Reader,
    taken: Taken,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Ends where far more comes out than any log packs to.
pub struct Bounded<R> {
    reader: R,
    given: u64,
    taken: Taken,
}

impl<R> Bounded<R> {
    /// What was packed in so many bytes, of which so many were given already.
    pub fn new(reader: R, packed: u64, given: u64) -> Bounded<R> {
        Bounded {
            reader,
            given,
            taken: Arc::new(AtomicU64::new(packed)),
        }
    }

    /// How much was given so far.
    pub fn given(&self) -> u64 {
        self.given
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.given += read as u64;
        let taken = self.taken.load(Ordering::Relaxed);
        if self.given > FREE_BYTES && self.given / MOST_RATIO > taken {
            return Err(io::Error::other(
                "it unpacks to more than a thousand times its size: that is no log",
            ));
        }
        Ok(read)
    }
}

/// One frame, until it is over and gives its source back.
enum Frame {
    Zstd(Box<ruzstd::decoding::StreamingDecoder<Source, ruzstd::decoding::FrameDecoder>>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Source>>),
}

impl Frame {
    fn into_source(self) -> Source {
        match self {
            Frame::Zstd(frame) => frame.into_inner(),
            Frame::Lz4(frame) => frame.into_inner(),
        }
    }
}

impl Read for Frame {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Frame::Zstd(frame) => frame.read(into),
            Frame::Lz4(frame) => frame.read(into),
        }
    }
}

/// Frames one after the other: the decoders end at the end of each.
struct Frames {
    open: fn(Source) -> io::Result<Frame>,
    between: Option<Source>,
    frame: Option<Frame>,
}

impl Frames {
    fn new(source: Source, open: fn(Source) -> io::Result<Frame>) -> Frames {
        Frames {
            open,
            between: Some(source),
            frame: None,
        }
    }
}

impl Read for Frames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(into)?;
                if read > 0 || into.is_empty() {
                    return Ok(read);
                }
                self.between = self.frame.take().map(Frame::into_source);
            }
            let Some(mut source) = self.between.take() else {
                return Ok(0);
            };
            pass_skippable(&mut source)?;
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some((self.open)(source)?);
        }
    }
}

fn zstd_frame(source: Source) -> io::Result<Frame> {
    use ruzstd::decoding::StreamingDecoder;
    StreamingDecoder::new_with_max_window_size(source, ZSTD_WINDOW)
        .map(|frame| Frame::Zstd(Box::new(frame)))
        .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why.to_string()))
}

fn lz4_frame(source: Source) -> io::Result<Frame> {
    Ok(Frame::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(
        source,
    ))))
}

/// Passes over frames that hold no data; zstd and lz4 share their marks (RFC 8878, 3.1.2).
fn pass_skippable(source: &mut Source) -> io::Result<()> {
    loop {
        let start = source.fill_buf()?;
        let is_skippable = matches!(start, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
        if !is_skippable {
            return Ok(());
        }
        let mut head = [0; 8];
        source.read_exact(&mut head)?;
        let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        let passed = io::copy(&mut source.by_ref().take(length), &mut io::sink())?;
        if passed < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
