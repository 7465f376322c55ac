//! Reading inputs that end, several blocks at a time.
//! In: sources. Out: their events in the order of time, one after the other.
//! Never: holds more bytes than a few blocks of each input, or more events than the limits say.

use super::order::{self, Arranged};
use super::progress::{self, Progress, Remarks, Scanner};
use super::{Inputs, Outcome, ReadOptions, Tick, sieve, twice};
use crate::cluster::clocks::{Clocks, Stampers};
use crate::config;
use crate::event::Event;
use crate::event::scan::{Left, Scanned};
use crate::frame::{Block, Blocks};
use crate::input::{Error, Reader, Source, Written, small};
use crate::model::{Name, SourceId, Span, Timestamp};
use rayon::ThreadPool;
use rayon::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Cursor, Read};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, OnceLock};

/// The beginning of an input that is looked at for a full stamp.
const SAMPLE_BYTES: u64 = 64 * 1024;

/// Reads everything and hands the events on: merged by time, each input's own order kept. An event without a stamp goes
/// with the one before it; an input without any stamp goes where it stands among the inputs.
pub fn read_all(
    inputs: Vec<Source>,
    options: &ReadOptions,
    consume: &mut dyn FnMut(&Event),
) -> Outcome {
    // Of one input this thread reads the bytes and uses the events, and may be busy with that as long as another one scans.
    let others = match options.threads {
        0 | 1 => 0,
        threads if inputs.len() > 1 => threads,
        threads => threads - 1,
    };
    let workers = Workers::new(others);
    // Several inputs are opened and begun side by side; one may not need more than this thread.
    let pool = (inputs.len() > 1).then(|| workers.pool()).flatten();
    let share = match inputs.len() {
        0 | 1 => options.limits.reorder_events,
        several => options.limits.compared_events / several,
    };
    let unneeded = unneeded(&inputs, options);
    let open = |(index, source): (usize, &Source)| {
        let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
        match unneeded.get(&index) {
            Some(why) => Stream::passed_over(id, source, options, why),
            None => Stream::open(id, source, options),
        }
    };
    let mut streams: Vec<Stream> = match pool {
        Some(pool) => pool.install(|| inputs.par_iter().enumerate().map(open).collect()),
        None => inputs.iter().enumerate().map(open).collect(),
    };
    // Logs that are given together are of one time, whatever the dates of files that were copied since.
    let newest = streams.iter().filter_map(|s| s.progress.full_stamp()).max();
    let prepare = |stream: &mut Stream, workers: Option<&Workers>| {
        if let Some(newest) = newest {
            stream.progress.go_by(newest);
        }
        stream.prepare(workers, share.max(1000));
    };
    match pool {
        // A thread of the pool must not wait for the pool: of several inputs each is read by one.
        Some(pool) => pool.install(|| streams.par_iter_mut().for_each(|one| prepare(one, None))),
        None => streams
            .iter_mut()
            .for_each(|one| prepare(one, Some(&workers))),
    }
    if options.once {
        let mut queues: Vec<_> = streams.iter_mut().map(|one| &mut one.queue).collect();
        let dropped = twice::drop(&mut queues);
        for (stream, dropped) in streams.iter_mut().zip(dropped) {
            stream.progress.counts_elsewhere(dropped);
        }
    }
    let clocks = Arc::new(match options.skew {
        true => Clocks::compare(streams.iter().flat_map(|stream| &stream.queue)),
        false => Clocks::default(),
    });
    for stream in &mut streams {
        stream.go_by(&clocks);
    }
    rank(&mut streams);
    while let Some((turn, limit)) = next_turn(&streams) {
        let stream = &mut streams[turn];
        if limit.is_none() {
            // No other is left.
            let events = std::mem::take(&mut stream.queue);
            for event in &events {
                stream.stamp = stream.stamp_of(event);
                if options.wants(stream.stamp) {
                    consume(event);
                }
            }
            if let Some(left) = stream.left.last_mut() {
                left.take_back(events.into());
            }
            stream.refill(Some(&workers));
            continue;
        }
        while let Some(event) = stream.next() {
            if options.wants(stream.stamp) {
                consume(&event);
            }
            if stream.queue.is_empty() {
                stream.refill(Some(&workers));
            }
            let key = stream.key();
            if !key.is_some_and(|key| goes_before(&key, limit.as_ref())) {
                break;
            }
        }
    }
    let mut outcome = Outcome::default();
    let mut remarks: Vec<Remarks> = Vec::new();
    for stream in streams {
        let (mut coverage, said) = stream.progress.finish();
        coverage.failed = stream.failure.as_ref().map(Error::to_string);
        outcome.coverage.inputs.push(coverage);
        remarks.push(said);
        outcome.failures.extend(stream.failure);
    }
    outcome.coverage.clocks = clocks.all();
    outcome.coverage.remarks = progress::fold(remarks);
    outcome
        .coverage
        .remarks
        .extend(outcome.failures.iter().map(Error::to_string));
    outcome
}

/// Tells logs, files of configuration and others from each other by looking at the beginning of every file. Logs with
/// stamps are put in the order of their names: in which order they were given tells nothing then.
pub fn choose(sources: Vec<Source>) -> Inputs {
    let mut chosen = Inputs::default();
    let alone = sources.len() == 1;
    let mut stamped = true;
    for source in sources {
        // A report may be named as a log is: its configuration is used, and its lines are read if it is all there is.
        let reported = !source.walked && source.is_file() && is_report(&source);
        if reported {
            chosen.settings.push(source.clone());
        }
        if alone && !source.walked || !source.is_file() {
            stamped = false;
            chosen.sources.push(source);
            continue;
        }
        if source.walked && small::is_secret(source.path()) {
            chosen.left_out.push(source.name);
            continue;
        }
        let sample = source
            .open()
            .and_then(|decoded| sampled(&source, decoded.reader));
        // What cannot be read is told by who reads it.
        let sample = sample.map_or(Vec::new(), |(sample, _)| sample);
        let has_stamps = progress::has_stamps(&sample);
        if reported && !has_stamps {
            continue;
        }
        if source.walked && !sample.is_empty() {
            let is_log = has_stamps || progress::speaks(&sample);
            let settles = config::may_hold(&source.name, &sample);
            match (settles, is_log) {
                (true, true) => chosen.settings.push(source.clone()),
                (true, false) => {
                    chosen.settings.push(source);
                    continue;
                }
                (false, true) => {}
                (false, false) => {
                    chosen.left_out.push(source.name);
                    continue;
                }
            }
        }
        stamped &= has_stamps;
        chosen.sources.push(source);
    }
    if stamped {
        chosen.sources.sort_by(|a, b| a.name.cmp(&b.name));
    }
    chosen
}

/// Whether a file begins as a report of support does.
fn is_report(source: &Source) -> bool {
    let Ok(text) = source.unpack() else {
        return false;
    };
    let mut start = Vec::new();
    let read = text.take(REPORT_BYTES).read_to_end(&mut start);
    read.is_ok() && config::is_report(&start)
}

/// The beginning of a file that tells whether it is a report of support.
const REPORT_BYTES: u64 = 4 * 1024;

/// Threads that are started when they are first needed: memory is had more cheaply while there is but one.
struct Workers {
    threads: usize,
    pool: OnceLock<Option<ThreadPool>>,
}

impl Workers {
    fn new(threads: usize) -> Workers {
        Workers {
            threads,
            pool: OnceLock::new(),
        }
    }

    /// The threads, if there are to be any.
    fn pool(&self) -> Option<&ThreadPool> {
        let build = || {
            let builder = rayon::ThreadPoolBuilder::new().num_threads(self.threads);
            (self.threads > 0).then(|| builder.build().ok()).flatten()
        };
        self.pool.get_or_init(build).as_ref()
    }
}

/// Of two lines of one instant, that of the log that began earlier goes first: a rotated log goes before the one behind it.
fn rank(streams: &mut [Stream]) {
    let mut order: Vec<usize> = (0..streams.len()).collect();
    order.sort_by_key(|n| (streams[*n].stamp, *n));
    for (rank, n) in order.into_iter().enumerate() {
        streams[n].rank = rank;
    }
}

/// A place in the merged order: the stamp an event goes by, its host, and the rank of its input. Lines of one instant go
/// by their hosts, however these are spread over files.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key(Option<Timestamp>, Option<Name>, usize);

/// Which stream is next, and the key of the stream after it. An input without stamps waits for those named before it.
fn next_turn(streams: &[Stream]) -> Option<(usize, Option<Key>)> {
    let mut best: Option<(Key, usize)> = None;
    let mut second: Option<Key> = None;
    let mut earlier_left = false;
    for (index, stream) in streams.iter().enumerate() {
        let Some(key) = stream.key() else {
            continue;
        };
        let waits = key.0.is_none() && earlier_left;
        earlier_left = true;
        if waits {
            continue;
        }
        match &best {
            Some((least, _)) if *least <= key => {
                if second.as_ref().is_none_or(|second| key < *second) {
                    second = Some(key);
                }
            }
            _ => second = best.replace((key, index)).map(|(key, _)| key),
        }
    }
    best.map(|(_, index)| (index, second))
}

/// Whether an event with this key may follow at once, before the next stream's turn.
fn goes_before(key: &Key, limit: Option<&Key>) -> bool {
    // Without a stamp the order among all streams must be asked anew, but for a stream that is alone.
    limit.is_none_or(|limit| key.0.is_some() && key < limit)
}

/// One input on its way.
struct Stream {
    progress: Progress,
    name: String,
    /// `None` once it was read to its end.
    blocks: Option<Blocks<Reader>>,
    tick: Option<Tick>,
    /// What reads its blocks, from the first one on.
    scanner: Option<Arc<Scanner>>,
    /// What blocks left for those behind them: as much of it as blocks are scanned at once.
    left: Vec<Left>,
    /// Blocks that were read, in their order.
    ahead: VecDeque<Ahead>,
    /// Whether `ahead` will stay empty.
    ended: bool,
    /// Whether the pool is left alone while few lines are ours.
    sparing: bool,
    /// Bytes of its blocks.
    block_bytes: usize,
    queue: VecDeque<Event>,
    /// Where it stands among the inputs, by when they begin.
    rank: usize,
    /// The stamp that the latest event from the queue went by: one without a stamp goes by it too.
    stamp: Option<Timestamp>,
    /// What its stamps are corrected by, once that is known.
    clocks: Option<Arc<Clocks>>,
    stampers: Stampers,
    failure: Option<Error>,
}

impl Stream {
    fn open(id: SourceId, source: &Source, options: &ReadOptions) -> Stream {
        let mut damage = Arc::default();
        let mut form = String::new();
        let mut sifted = false;
        let opened = source.sift(sieve::of(options)).and_then(|decoded| {
            (damage, form, sifted) = (decoded.damage, decoded.form, decoded.sifted);
            sampled(source, decoded.reader)
        });
        let (sample, opened) = match opened {
            Ok((sample, reader)) => (sample, Ok(reader)),
            Err(error) => (Vec::new(), Err(error)),
        };
        let mut progress = Progress::new(id, source, &sample, options);
        progress.taken_for(form, damage, sifted);
        let short = (sample.len() as u64) < SAMPLE_BYTES;
        progress.short = short;
        if short {
            progress.settle_years(&sample);
        }
        let (blocks, failure) = match opened {
            Ok(reader) => {
                let whole: Reader = Box::new(Cursor::new(sample).chain(reader));
                let mut limits = options.limits.clone();
                if short {
                    // One block: which lines belong together must not depend on where blocks end.
                    limits.block_bytes = SAMPLE_BYTES as usize;
                }
                (Some(Blocks::new(whole, &limits)), None)
            }
            Err(error) => (None, Some(error)),
        };
        Stream::of(progress, source, options, blocks, failure)
    }

    fn passed_over(id: SourceId, source: &Source, options: &ReadOptions, why: &Unneeded) -> Stream {
        let mut progress = Progress::new(id, source, b"", options);
        let folded = why.folded.clone().unwrap_or_else(|| why.why.clone());
        progress.passed_over(why.why.clone(), folded);
        Stream::of(progress, source, options, None, None)
    }

    fn of(
        progress: Progress,
        source: &Source,
        options: &ReadOptions,
        blocks: Option<Blocks<Reader>>,
        failure: Option<Error>,
    ) -> Stream {
        Stream {
            progress,
            name: source.name.clone(),
            ended: blocks.is_none(),
            tick: options.tick.clone(),
            sparing: options.sparing,
            block_bytes: options.limits.block_bytes,
            blocks,
            scanner: None,
            left: Vec::new(),
            ahead: VecDeque::new(),
            queue: VecDeque::new(),
            rank: 0,
            stamp: None,
            clocks: None,
            stampers: Stampers::default(),
            failure,
        }
    }

    /// Reads up to `most` events; an input that ends before is arranged as a whole.
    fn prepare(&mut self, workers: Option<&Workers>, most: usize) {
        let mut events = Vec::new();
        while !self.ended && events.len() <= most {
            events.extend(self.read(workers));
        }
        if self.ended && events.len() <= most {
            self.progress.quoted = order::drop_quotations(&mut events);
            let (arranged, how) = order::arrange(events);
            events = arranged;
            self.progress.reversed = how == Arranged::Reversed;
            self.progress.rearranged = how == Arranged::ByHost;
        }
        // What comes before the first stamp goes with it.
        self.stamp = events.iter().find_map(|event| event.at);
        self.enqueue(events);
        if self.queue.is_empty() {
            self.refill(workers);
        }
    }

    /// Reads on until there is an event or the end.
    fn refill(&mut self, workers: Option<&Workers>) {
        while self.queue.is_empty() && !self.ended {
            let events = self.read(workers);
            self.enqueue(events);
        }
    }

    /// Corrects its stamps from here on. A log without stamps goes by what it shares with others.
    fn go_by(&mut self, clocks: &Arc<Clocks>) {
        self.clocks = Some(Arc::clone(clocks));
        let mut events = Vec::from(std::mem::take(&mut self.queue));
        self.correct(&mut events);
        if clocks.differ() {
            // Lines of hosts whose clocks differ stood in the order of their stamps.
            (events, _) = order::arrange(events);
        }
        let first = events.iter().find_map(|event| event.at);
        let shared = || events.iter().find_map(|event| clocks.happened(event));
        self.stamp = first.or_else(shared);
        self.queue = events.into();
    }

    /// Makes every stamp one of the median clock.
    fn correct(&mut self, events: &mut [Event]) {
        let Some(clocks) = self.clocks.as_ref().filter(|clocks| clocks.differ()) else {
            return;
        };
        for event in events {
            let whose = self.stampers.of(event);
            if let Some(own) = event.at {
                event.at = Some(own.plus(Span(-clocks.ahead(whose, own).0)));
            }
        }
    }

    fn enqueue(&mut self, mut events: Vec<Event>) {
        self.correct(&mut events);
        match self.queue.is_empty() {
            true => self.queue = events.into(),
            false => self.queue.extend(events),
        }
    }

    /// Where the next event stands.
    fn key(&self) -> Option<Key> {
        let event = self.queue.front()?;
        Some(Key(self.stamp_of(event), event.host.clone(), self.rank))
    }

    /// The stamp that an event goes by: its own, that of what it shares with another log, or the one before it.
    fn stamp_of(&self, event: &Event) -> Option<Timestamp> {
        let shared = || self.clocks.as_ref()?.happened(event);
        event.at.or_else(shared).or(self.stamp)
    }

    fn next(&mut self) -> Option<Event> {
        let event = self.queue.pop_front()?;
        self.stamp = self.stamp_of(&event);
        Some(event)
    }

    /// The events of the next block. With a pool, the blocks behind it are scanned while these events are used.
    fn read(&mut self, workers: Option<&Workers>) -> Vec<Event> {
        let wanted = !self.sparing || self.progress.is_dense();
        let pool = workers.filter(|_| wanted).and_then(Workers::pool);
        let at_once = pool.map_or(1, |pool| {
            BLOCKS_PER_THREAD * (pool.current_num_threads() + 1)
        });
        // The events of a block that one thread scans and uses are to stay near it; others are to be worth handing over.
        if let Some(blocks) = &mut self.blocks
            && !self.progress.short
        {
            blocks.fill(match pool.is_none() && self.progress.is_dense() {
                true => self.block_bytes / PARTS,
                false => self.block_bytes,
            });
        }
        while self.ahead.len() < at_once
            && let Some(block) = self.next_block()
        {
            let ahead = self.send(block, pool);
            self.ahead.push_back(ahead);
        }
        // Who would only wait for the next block reads one behind it meanwhile.
        while self.ahead.front_mut().is_some_and(Ahead::is_awaited)
            && self.ahead.len() < 2 * at_once
            && let Some(block) = self.next_block()
        {
            let ahead = self.send(block, None);
            self.ahead.push_back(ahead);
        }
        let Some(done) = self.ahead.pop_front().and_then(Ahead::wait) else {
            self.ended = true;
            return self.progress.end();
        };
        let Done {
            block,
            scanned,
            left,
        } = done;
        self.left.push(left);
        let events = self.progress.absorb(&block, scanned);
        if let Some(blocks) = &mut self.blocks {
            blocks.recycle(block);
        }
        events
    }

    fn next_block(&mut self) -> Option<Block> {
        if let Some(Tick(call)) = &self.tick {
            call();
        }
        match self.blocks.as_mut()?.next_block() {
            Ok(Some(block)) => return Some(block),
            Ok(None) => {}
            Err(why) => {
                self.failure = Some(Error::Read {
                    name: self.name.clone(),
                    why,
                });
            }
        }
        self.blocks = None;
        None
    }

    /// Has a block scanned: by the pool, or at once.
    fn send(&mut self, block: Block, pool: Option<&ThreadPool>) -> Ahead {
        let progress = &self.progress;
        let scanner = self
            .scanner
            .get_or_insert_with(|| Arc::new(progress.scanner()));
        let scanner = Arc::clone(scanner);
        let mut left = self.left.pop().unwrap_or_default();
        let scan = move || {
            let scanned = scanner.scan(&block, &mut left);
            Done {
                block,
                scanned,
                left,
            }
        };
        let Some(pool) = pool else {
            return Ahead::Done(Box::new(scan()));
        };
        let (done, coming) = mpsc::sync_channel(1);
        pool.spawn(move || {
            // Nobody waits any more when a report is not wanted any more.
            let _ = done.send(scan());
        });
        Ahead::Coming(coming)
    }
}

/// How far a clock may be off, or be set back, while a journal is written: one that ends by so much before the time that is
/// asked for, or begins so much behind it, holds nothing of it.
const CLOCKS: Span = Span(86_400_000_000);

/// Why nothing need be read of a journal.
struct Unneeded {
    why: String,
    /// The same in words that many share.
    folded: Option<String>,
}

/// Journals of which nothing need be read, by their places: all their entries are of another time, or in a later copy.
fn unneeded(inputs: &[Source], options: &ReadOptions) -> BTreeMap<usize, Unneeded> {
    let of_a_time = options.since.is_some() || options.until.is_some();
    let once = options.once && inputs.len() > 1;
    if !of_a_time && !once {
        return BTreeMap::new();
    }
    let headers = inputs.iter().map(Source::written).enumerate();
    let headers: Vec<(usize, Written)> = headers
        .filter_map(|(n, written)| Some((n, written?)))
        .collect();
    let mut found = BTreeMap::new();
    for (n, written) in &headers {
        if let Some(why) = of_another_time(written, options) {
            let folded = "all its entries are of another time than is asked for";
            let folded = Some(folded.to_owned());
            found.insert(*n, Unneeded { why, folded });
        }
    }
    for (n, written) in headers.iter().filter(|_| once) {
        let copy = |other: &&(usize, Written)| is_earlier_copy((*n, written), (other.0, &other.1));
        if let Some((other, _)) = headers.iter().find(copy) {
            let why = format!(
                "a copy of {}, which holds all its entries",
                inputs[*other].name
            );
            found.entry(*n).or_insert(Unneeded { why, folded: None });
        }
    }
    found
}

/// Why nothing need be read of a journal that is of another time.
fn of_another_time(written: &Written, options: &ReadOptions) -> Option<String> {
    let first = written.first;
    let early = options.since.zip(written.last);
    let early = early.filter(|(since, last)| last.plus(CLOCKS) < *since);
    let late = options.until.filter(|until| until.plus(CLOCKS) < first);
    match (early, late) {
        (Some((_, last)), _) => Some(format!(
            "its last entry is of {last}, before the time that is asked for"
        )),
        (None, Some(_)) => Some(format!(
            "its first entry is of {first}, behind the time that is asked for"
        )),
        (None, None) => None,
    }
}

/// Whether of two copies of one file the first holds nothing that the second does not: entries are only ever appended. Of two
/// that are equal the first one goes, if both were closed.
fn is_earlier_copy((n, one): (usize, &Written), (m, other): (usize, &Written)) -> bool {
    let closed = one.last.is_some() && other.last.is_some();
    let equal = one.entries == other.entries && closed && m < n && one.whole;
    let same = one.file == other.file && one.file != [0; 16];
    n != m && same && other.whole && (one.entries < other.entries || equal)
}

/// The part of a block that is scanned at once where nearly every line is an event.
const PARTS: usize = 4;

/// Blocks per thread that are read before they are needed.
const BLOCKS_PER_THREAD: usize = 2;

/// A block that is scanned, what it holds, and what it leaves.
struct Done {
    block: Block,
    scanned: Scanned,
    left: Left,
}

/// A block that is scanned, or about to be.
enum Ahead {
    Done(Box<Done>),
    Coming(Receiver<Done>),
}

impl Ahead {
    /// Whether the pool has not given it back yet.
    fn is_awaited(&mut self) -> bool {
        if let Ahead::Coming(coming) = self
            && let Ok(done) = coming.try_recv()
        {
            *self = Ahead::Done(Box::new(done));
        }
        matches!(self, Ahead::Coming(_))
    }

    fn wait(self) -> Option<Done> {
        match self {
            Ahead::Done(done) => Some(*done),
            Ahead::Coming(coming) => coming.recv().ok(),
        }
    }
}

/// The beginning of an input, which is then read again with the rest.
fn sampled(source: &Source, mut reader: Reader) -> Result<(Vec<u8>, Reader), Error> {
    let mut sample = Vec::new();
    let read = reader.by_ref().take(SAMPLE_BYTES).read_to_end(&mut sample);
    match read {
        Ok(_) => Ok((sample, reader)),
        Err(why) if sample.is_empty() => Err(Error::Read {
            name: source.name.clone(),
            why,
        }),
        // What breaks off within its first bytes is read as far as it goes.
        Err(why) => Ok((sample, Box::new(Broken(Some(why))))),
    }
}

/// What is left of an input that broke off.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
