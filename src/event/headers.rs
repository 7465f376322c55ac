//! The headers of lines that were seen lately, by which most lines tell at once who says them.
//! In: bytes that begin with a line. Out: who says it, as far as that decides what is looked for in it.
//! Never: changes what is looked for; what a line is asked for depends on that line alone, headers only save work.

use super::literals::{Literals, Speaker};
use crate::record::layout::{Layout, plain_tag};

/// Headers that are kept: a block that merges hosts has several.
const LAYOUTS: usize = 8;
/// Lines in a row of which the header is learnt in vain before only lines that hold any literal are asked for it.
const PATIENCE: u32 = 64;

/// What is known of the lines before.
#[derive(Default)]
pub struct Headers {
    /// The latest first.
    layouts: Vec<Layout>,
    /// Lines in a row whose header was of no use for the next.
    misses: u32,
    programs: Programs,
}

impl Headers {
    /// What the header of the line that `bytes` begins with tells, if it is known.
    pub fn known(&mut self, bytes: &[u8]) -> Option<Known> {
        let mut layouts = self.layouts.iter().enumerate();
        let (layout, tag) = layouts.find_map(|(n, layout)| Some((n, layout.tag_of(bytes)?)))?;
        self.misses = 0;
        let (speaker, tagged) = self.speaker_at(bytes, tag)?;
        Some(Known {
            speaker,
            name: tagged.name,
            message: tag + tagged.length,
            layout,
        })
    }

    /// The header that a line was known by.
    pub fn layout(&self, known: &Known) -> Option<&Layout> {
        self.layouts.get(known.layout)
    }

    /// Whether a line whose header is not known is worth reading.
    pub fn may_say(&mut self, line: &[u8]) -> bool {
        let literals = Literals::get();
        let anyone = || literals.may_say(Speaker::Anyone, line, 0, line.len());
        if self.misses > PATIENCE && !anyone() {
            // Anyone's literals are all there are.
            return false;
        }
        self.misses = self.misses.saturating_add(1);
        let Some(layout) = Layout::learn(line) else {
            return anyone();
        };
        let spoken = layout.tag_of(line).and_then(|tag| {
            let (speaker, tagged) = self.speaker_at(line, tag)?;
            Some(literals.may_say(speaker, line, tag + tagged.length, line.len()))
        });
        if self.misses <= PATIENCE || self.misses.is_multiple_of(PATIENCE) {
            self.layouts.truncate(LAYOUTS - 1);
            self.layouts.insert(0, layout);
        }
        spoken.unwrap_or_else(anyone)
    }

    /// Who says the line in which a tag begins at `tag`, and that tag.
    fn speaker_at(&mut self, bytes: &[u8], tag: usize) -> Option<(Speaker, Tag)> {
        let spoken = self.programs.of(&bytes[tag..])?;
        (spoken.0 != Speaker::Anyone).then_some(spoken)
    }
}

/// A plain tag: bytes of the name in it, and of all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tag {
    name: usize,
    length: usize,
}

/// The tag of the kernel, `kernel:`.
const KERNEL: Tag = Tag { name: 6, length: 7 };

/// What a known header tells of a line.
#[derive(Clone, Copy)]
pub struct Known {
    /// Who says it.
    pub speaker: Speaker,
    /// Bytes of the program's name.
    pub name: usize,
    /// Where its message begins.
    pub message: usize,
    layout: usize,
}

/// Bytes that are compared at once.
const WORD: usize = 16;
/// Programs that are kept; a power of two.
const PROGRAMS: usize = 256;

/// Who the programs are that were seen lately. What is left of a block is handed on, and this is most of it.
struct Programs(Box<[Program; PROGRAMS]>);

/// One of them.
#[derive(Clone, Copy)]
struct Program {
    /// Its name with zeros behind; 0 for none.
    name: u128,
    speaker: Speaker,
}

impl Default for Programs {
    fn default() -> Programs {
        let none = Program {
            name: 0,
            speaker: Speaker::Anyone,
        };
        Programs(Box::new([none; PROGRAMS]))
    }
}

impl Programs {
    /// The speaker whose tag `tagged` begins with, and the tag, if it is plain.
    fn of(&mut self, tagged: &[u8]) -> Option<(Speaker, Tag)> {
        if tagged.starts_with(b"kernel: ") {
            return Some((Speaker::Kernel, KERNEL));
        }
        let Some((name, tag)) = short_tag(tagged) else {
            let (name, behind) = plain_tag(tagged)?;
            let tag = Tag {
                name: name.len(),
                length: tagged.len() - behind.len(),
            };
            return Some((Speaker::of(name), tag));
        };
        let known = &mut self.0[slot(name)];
        if known.name != name {
            let (plain, _) = plain_tag(tagged)?;
            let speaker = Speaker::of(plain);
            *known = Program { name, speaker };
        }
        Some((known.speaker, tag))
    }
}

/// Where a name is kept.
fn slot(name: u128) -> usize {
    let folded = (name as u64) ^ ((name >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PROGRAMS.trailing_zeros())) as usize
}

/// The bytes before the first `[` of `name[pid]:` with zeros behind them, and the tag, if they and the
/// digits are few: fewer than a pid can have at most. A name that is plain once is so every time, since nothing else of the tag decides it.
#[inline]
fn short_tag(tagged: &[u8]) -> Option<(u128, Tag)> {
    let start = u128::from_le_bytes(*tagged.first_chunk::<WORD>()?);
    let length = first_zero(start ^ every(b'['))?;
    let name = start & ((1 << (8 * length)) - 1);
    let behind = tagged[length + 1..].first_chunk::<WORD>()?;
    let digits = first_other_than_digit(*behind.first_chunk()?)?;
    let end = behind[digits..].first_chunk()?;
    let plain = digits > 0
        && length > 0
        && matches!(u32::from_le_bytes(*end) & 0xff_ffff, END_BLANK | END_LINE);
    let tag = Tag {
        name: length,
        length: length + digits + 3,
    };
    plain.then_some((name, tag))
}

/// What ends a plain tag.
const END_BLANK: u32 = u32::from_le_bytes(*b"]: \0");
const END_LINE: u32 = u32::from_le_bytes(*b"]:\n\0");

/// A word of this byte.
const fn every(byte: u8) -> u128 {
    u128::from_le_bytes([byte; WORD])
}

/// The place of the first zero byte. Above it there may be false ones, below it none.
fn first_zero(word: u128) -> Option<usize> {
    let zeros = word.wrapping_sub(every(1)) & !word & every(0x80);
    (zeros != 0).then(|| (zeros.trailing_zeros() / 8) as usize)
}

/// The place of the first byte that is no digit.
fn first_other_than_digit(bytes: [u8; 8]) -> Option<usize> {
    let every = |byte: u8| u64::from_le_bytes([byte; 8]);
    let off = u64::from_le_bytes(bytes) ^ every(b'0');
    // The high bit of a byte is set if it is above 9, without a carry into the next.
    let others = (((off & every(0x7f)) + every(0x76)) | off) & every(0x80);
    (others != 0).then(|| (others.trailing_zeros() / 8) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_program_is_found_again() {
        let mut programs = Programs::default();
        for _ in 0..2 {
            for (tagged, want) in [
                ("corosync[7]: [KNET  ] x", Some(Speaker::Watched)),
                ("sshd[123456789]: something", Some(Speaker::Quiet)),
                ("sshd[1234567890]: something", None),
                ("sshd[]: something and more", None),
                ("sshd[7]:something and more", None),
                ("[7]: something and so on", None),
                ("pve proxy[7]: something more", None),
                ("systemd-journald[7]: something", Some(Speaker::Watched)),
                ("kernel: something and so on", Some(Speaker::Kernel)),
                ("pveproxy[7]:", Some(Speaker::Daemon)),
                ("pveproxy[7]:\nnext line and so on", Some(Speaker::Daemon)),
            ] {
                assert_eq!(
                    programs.of(tagged.as_bytes()).map(|(speaker, _)| speaker),
                    want,
                    "{tagged}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_is_read(
            tags in proptest::collection::vec(
                ("(corosync|pmxcfs|sshd|ker nel|/a|[a-z0-9é\\[/ ]{0,17})", "\\[[0-9x]{0,11}\\]?:?[ \n]?", ".{0,20}"),
                1..40,
            ),
        ) {
            let mut programs = Programs::default();
            for (name, pid, rest) in &tags {
                let tagged = format!("{name}{pid}{rest}");
                let want = plain_tag(tagged.as_bytes())
                    .map(|(name, behind)| {
                        let length = tagged.len() - behind.len();
                        (Speaker::of(name), Tag { name: name.len(), length })
                    });
                prop_assert_eq!(programs.of(tagged.as_bytes()), want);
                prop_assert_eq!(programs.of(tagged.as_bytes()), want);
            }
        }
    }
}
