//! How far one input has been read, and what was met on the way.
//! In: scanned blocks in their order. Out: events with their final places; coverage and remarks.
//! Never: depends on where blocks end.

use super::ReadOptions;
use super::marker::Markers;
use super::tail::{Of, Tail};
use crate::event::Event;
use crate::event::scan::{self, Left, Manner, Scanned};
use crate::frame::Block;
use crate::input::{Damage, Only, Source};
use crate::model::{InputCoverage, Limits, Name, SourceId, Span, Timestamp};
use crate::record::{self, Anchor, Clock, Hint, Line, Tz};
use std::sync::Arc;

/// Lines of one log that stand side by side are not so far apart.
const JUMP: Span = Span(300 * 86_400_000_000);

/// How far dates of files may be off: zones, and clocks that were set.
const DAY: Span = Span(86_400_000_000);

/// One line of ours in so many is dense: there threads save more than half of the time.
const DENSE: u64 = 8;

/// The state of one input.
#[derive(Debug)]
pub struct Progress {
    id: SourceId,
    name: String,
    /// Whose log it is, where its lines do not say.
    host: Option<Name>,
    /// Whether somebody said so: then it is the host of every line, whatever the lines say.
    named: bool,
    clock: Clock,
    limits: Limits,
    coverage: InputCoverage,
    markers: Markers,
    tail: Tail,
    last_stamp: Option<Timestamp>,
    year_inferred: bool,
    zone_missing: bool,
    /// Whether the input is one block, in which wrapped lines may be joined: nobody pastes more.
    pub short: bool,
    chatter: bool,
    only: Option<Only>,
    sifted: bool,
    damage: Arc<Damage>,
    /// Why nothing is read of it.
    passed_over: Option<String>,
    /// Whether its events were handed on in the opposite order.
    pub reversed: bool,
    /// Whether its events were put in order host by host.
    pub rearranged: bool,
    /// Lines of it that only quote what a watchdog says.
    pub quoted: usize,
}

/// Lines of a sample that are asked for a stamp.
const STAMPED_LINES: usize = 200;

/// Whether lines of a log have stamps.
pub fn has_stamps(sample: &[u8]) -> bool {
    let clock = Clock::utc(Anchor::Year(2000));
    let mut hint = Hint::default();
    sample
        .split(|byte| *byte == b'\n')
        .take(STAMPED_LINES)
        .any(|line| {
            let (text, _) = record::clean(line);
            match record::line(&text, &clock, &mut hint) {
                Line::Record(record) => record.at.is_some(),
                Line::Records(records) => records.iter().any(|record| record.at.is_some()),
                Line::Note | Line::Blank | Line::Other => false,
            }
        })
}

/// What only logs of a cluster hold, however they are cut.
const WORDS: [&[u8]; 6] = [
    b"corosync[",
    b"pmxcfs[",
    b"pve-ha-",
    b"[TOTEM ]",
    b"[KNET  ]",
    b"[QUORUM]",
];

/// Whether a log without stamps is one of a cluster.
pub fn speaks(sample: &[u8]) -> bool {
    let said = |word: &&[u8]| sample.windows(word.len()).any(|part| part == *word);
    WORDS.iter().any(said)
}

impl Progress {
    /// Before the first block. `sample` is the beginning of the input, where a full stamp is looked for.
    pub fn new(id: SourceId, source: &Source, sample: &[u8], options: &ReadOptions) -> Progress {
        let latest = source.modified.unwrap_or(options.now);
        let anchor = match (options.year, Anchor::from_sample(sample)) {
            (Some(year), _) => Anchor::Year(year),
            (None, Some(anchor)) => anchor.not_after(latest),
            (None, None) => source
                .modified
                .map_or(Anchor::Now(options.now), Anchor::File),
        };
        let path = source.path();
        let named = options.names.iter().find(|(_, of)| path.starts_with(of));
        Progress {
            id,
            name: source.name.clone(),
            host: named
                .or_else(|| options.folders.iter().find(|(_, of)| path.starts_with(of)))
                .map(|(name, _)| name.clone())
                .or_else(|| source.node.clone()),
            named: named.is_some(),
            clock: Clock {
                tz: options.tz.clone().unwrap_or(Tz::UTC),
                zone_given: options.tz.is_some(),
                anchor,
            },
            limits: options.limits.clone(),
            coverage: InputCoverage::default(),
            markers: Markers::default(),
            tail: Tail::default(),
            last_stamp: None,
            year_inferred: false,
            zone_missing: false,
            short: false,
            chatter: options.chatter,
            only: options.only.clone(),
            sifted: false,
            damage: Arc::default(),
            passed_over: None,
            reversed: false,
            rearranged: false,
            quoted: 0,
        }
    }

    /// A full stamp that other inputs can go by, if this one has one.
    pub fn full_stamp(&self) -> Option<Timestamp> {
        match self.clock.anchor {
            Anchor::Sample { at, .. } => Some(at),
            Anchor::Year(_)
            | Anchor::File(_)
            | Anchor::Now(_)
            | Anchor::Newest { .. }
            | Anchor::Begins(_) => None,
        }
    }

    /// Takes the year from a full stamp of another input, where there is none in this one.
    pub fn go_by(&mut self, full: Timestamp) {
        let latest = match self.clock.anchor {
            Anchor::File(latest) | Anchor::Now(latest) | Anchor::Newest { latest, .. } => latest,
            Anchor::Year(_) | Anchor::Sample { .. } | Anchor::Begins(_) => return,
        };
        // A copy makes a file's date later, never earlier: one from before that stamp is of another time.
        if latest.plus(DAY) < full {
            return;
        }
        self.clock.anchor = Anchor::Sample {
            at: full,
            latest: Some(latest),
        };
    }

    /// Takes the years of a short log, of which this is the whole, from its newest line, where they would jump: of dates that
    /// come soon after today's some are this year's and some the last one's.
    pub fn settle_years(&mut self, whole: &[u8]) {
        let (Anchor::File(latest) | Anchor::Now(latest)) = self.clock.anchor else {
            return;
        };
        let mut hint = Hint::default();
        let stamp = |line: &[u8]| {
            let (text, _) = record::clean(line);
            match record::line(&text, &self.clock, &mut hint) {
                Line::Record(record) => record.at,
                Line::Records(_) | Line::Note | Line::Blank | Line::Other => None,
            }
        };
        let stamps: Vec<Timestamp> = whole
            .split(|byte| *byte == b'\n')
            .filter_map(stamp)
            .collect();
        let steps = || stamps.windows(2).map(|two| two[1].since(two[0]));
        if !steps().any(|step| step.0.abs() > JUMP.0) {
            return;
        }
        let near = |step: &Span| step.0.abs() <= JUMP.0;
        let forth = steps().filter(|step| near(step) && step.0 > 0).count();
        let back = steps().filter(|step| near(step) && step.0 < 0).count();
        let newest = if forth >= back {
            stamps.last()
        } else {
            stamps.first()
        };
        if let Some(at) = newest {
            self.clock.anchor = Anchor::Newest { at: *at, latest };
        }
    }

    /// Says what its bytes are, where it is counted what of them cannot be read, and whether it is a journal of which some
    /// entries are empty lines.
    pub fn taken_for(&mut self, form: String, damage: Arc<Damage>, sifted: bool) {
        self.coverage.form = form;
        self.damage = damage;
        self.sifted = sifted;
    }

    /// Says why nothing was read of a journal, in words for itself and in words for all of its kind.
    pub fn passed_over(&mut self, why: String, folded: String) {
        self.coverage.form = "journal".to_owned();
        self.coverage.log_seen = true;
        self.coverage.skipped = Some(why);
        self.passed_over = Some(folded);
    }

    /// Says that so many of its events are in another input too.
    pub fn counts_elsewhere(&mut self, events: u64) {
        self.coverage.twice += events;
    }

    /// Whether many of the lines so far are ours.
    pub fn is_dense(&self) -> bool {
        let coverage = &self.coverage;
        coverage.lines > 0 && coverage.watched() * DENSE >= coverage.lines
    }

    fn manner(&self) -> Manner {
        Manner {
            wrapped: self.short,
            chatter: self.chatter,
            sifted: self.sifted,
            only: self.only.as_ref().map(|only| Arc::clone(&only.0)),
        }
    }

    /// What reads its blocks, as things stand.
    pub fn scanner(&self) -> Scanner {
        Scanner {
            id: self.id,
            clock: self.clock.clone(),
            limits: self.limits.clone(),
            manner: self.manner(),
        }
    }

    /// Takes in the next block's counts and gives its events.
    pub fn absorb(&mut self, block: &Block, mut scanned: Scanned) -> Vec<Event> {
        let before = self.coverage.lines;
        let lines = scanned.coverage.lines;
        scanned.shift(before);
        scanned.coverage.bytes += block.skipped;
        scanned.coverage.cut += block.cut;
        let backwards = match (self.last_stamp, scanned.first_stamp) {
            (Some(last), Some(first)) => first < last,
            (None, _) | (_, None) => false,
        };
        scanned.coverage.backwards += u64::from(backwards);
        self.last_stamp = scanned.last_stamp.or(self.last_stamp);
        self.year_inferred |= scanned.year_inferred;
        self.zone_missing |= scanned.zone_missing;
        self.coverage.add(scanned.coverage, &self.limits);
        for (message, n) in scanned.unknown {
            self.coverage.rank_unknown(message, n, &self.limits);
        }
        if let Some(host) = &self.host {
            for event in &mut scanned.events {
                event.host.get_or_insert_with(|| host.clone());
            }
        }
        let settled = self
            .markers
            .settle(block.bytes(), before + 1, scanned.events, &self.clock);
        // A marker between two hosts tells of nothing that happened.
        self.coverage.understood -= settled.dropped;
        self.coverage.unstamped -= settled.dropped;
        self.coverage.others += settled.dropped;
        let of = Of {
            source: self.id,
            host: self.host.clone(),
            clock: &self.clock,
            manner: self.manner(),
        };
        let mut events = self.tail.weave(block.bytes(), lines, settled.events, &of);
        self.rename(&mut events);
        events
    }

    /// Gives every line the name that was given for the input.
    fn rename(&self, events: &mut [Event]) {
        if self.named {
            for event in events {
                event.host.clone_from(&self.host);
            }
        }
    }

    /// What was held back for a line behind it, now that there is none; and the last line.
    pub fn end(&mut self) -> Vec<Event> {
        let held = self.markers.finish().into_iter().collect();
        let of = Of {
            source: self.id,
            host: self.host.clone(),
            clock: &self.clock,
            manner: self.manner(),
        };
        let mut events = self.tail.weave(&[], 0, held, &of);
        events.extend(self.tail.end(&of));
        self.rename(&mut events);
        events
    }

    /// The counts, and what a reader should know about how this input was read.
    pub fn finish(mut self) -> (InputCoverage, Remarks) {
        let mut texts = Vec::new();
        self.coverage.torn = self.damage.places();
        if let Some(why) = &self.passed_over {
            texts.push(format!("not read: {why}"));
        }
        if self.year_inferred {
            texts.push(match self.clock.anchor {
                Anchor::Year(year) => format!("stamps have no year: {year}, as --year says"),
                anchor => format!("stamps have no year: {anchor}"),
            });
        }
        if self.zone_missing && !self.clock.zone_given {
            texts.push("stamps have no zone: read as UTC, --tz names another".to_owned());
        }
        if self.reversed {
            texts.push("newest lines first: read from the end".to_owned());
        } else if self.rearranged {
            texts.push("blocks of several hosts: put in order by their stamps".to_owned());
        } else if self.coverage.backwards > 0 {
            let n = self.coverage.backwards;
            texts.push(format!(
                "{n} lines are stamped earlier than the line before them: order of the file kept"
            ));
        }
        match self.quoted {
            0 => {}
            1 => texts.push(
                "1 line about a watchdog has neither stamp nor host nor pid, among lines that have: taken for a quotation"
                    .to_owned(),
            ),
            n => texts.push(format!(
                "{n} lines about a watchdog have neither stamp nor host nor pid, among lines that have: taken for quotations"
            )),
        }
        if self.coverage.twice > 0 {
            let n = self.coverage.twice;
            let (lines, are) = if n == 1 {
                ("line", "is")
            } else {
                ("lines", "are")
            };
            texts.push(format!(
                "{n} {lines} {are} in another input too, and counted once"
            ));
        }
        if self.coverage.cut > 0 {
            let bytes = self.limits.line_bytes;
            texts.push(format!(
                "{} lines are longer than {bytes} bytes: their ends were not read",
                self.coverage.cut
            ));
        }
        if !matches!(&*self.coverage.form, "" | "text") && self.coverage.skipped.is_none() {
            texts.push(format!("read as {}", self.coverage.form));
        }
        match self.damage.places() {
            0 => {}
            1 => texts.push("torn at one place, which was passed over".to_owned()),
            n => texts.push(format!("torn at {n} places, which were passed over")),
        }
        let remarks = Remarks {
            name: self.name,
            texts,
        };
        (self.coverage, remarks)
    }
}

/// Reads blocks of one input; several at once, if need be.
#[derive(Debug)]
pub struct Scanner {
    id: SourceId,
    clock: Clock,
    limits: Limits,
    manner: Manner,
}

impl Scanner {
    /// Reads a block, with what others left.
    pub fn scan(&self, block: &Block, left: &mut Left) -> Scanned {
        scan::block_with(
            left,
            block.bytes(),
            self.id,
            1,
            &self.clock,
            &self.limits,
            &self.manner,
        )
    }
}

/// What is to be said about one input.
#[derive(Debug)]
pub struct Remarks {
    name: String,
    texts: Vec<String>,
}

/// Inputs that a remark names; more are counted.
const NAMED: usize = 3;

/// The remarks of all inputs, each said once, with the inputs it is about.
pub fn fold(remarks: Vec<Remarks>) -> Vec<String> {
    let mut folded: Vec<(String, Vec<String>)> = Vec::new();
    for Remarks { name, texts } in remarks {
        for text in texts {
            match folded.iter_mut().find(|(have, _)| *have == text) {
                Some((_, names)) => names.push(name.clone()),
                None => folded.push((text, vec![name.clone()])),
            }
        }
    }
    folded
        .into_iter()
        .map(|(text, names)| match names.len() {
            0..=NAMED => format!("{}: {text}", names.join(", ")),
            n => format!(
                "{} and {} more: {text}",
                names[..NAMED].join(", "),
                n - NAMED
            ),
        })
        .collect()
}
