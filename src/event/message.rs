//! The grammar of messages: format strings as data, read piece by piece; their fields are read with nom in `field.rs`.
//! In: one message whose blanks are folded. Out: the variant whose format string it is, with typed fields.
//! Never: sees stamps, hosts or programs; keeps state.

pub use super::field::{CsError, Field, Hex, MemberChanges, Word, until};
use crate::model::Fields;

/// What every enum of messages can say of itself.
pub trait Message: Sized {
    /// Every kind with a line that is one, in the order of the source: test, vocabulary and documentation in one.
    const SAMPLES: &'static [Sample];
    /// Reads a message whose blanks are folded; `cut` allows its end to be missing.
    fn parse(message: &str, cut: bool) -> Option<Self>;
    /// The stable name, `program.what`.
    fn name(&self) -> &'static str;
    /// One of the message's own fields, if it is a text.
    fn text(&self, name: &str) -> Option<&str>;
    /// The message's own fields, under names that never change.
    fn fields(&self) -> Fields;
}

/// One kind of message: its stable name and a message that is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Stable name, `program.what`.
    pub name: &'static str,
    /// A message as the program prints it, without the program's prefix.
    pub message: &'static str,
    /// Names of the fields that its events carry.
    pub fields: &'static [&'static str],
}

/// Reads one format string piece by piece.
pub struct Reader<'a> {
    rest: &'a str,
    cut: bool,
    /// Whether a cut message says enough to be told from others: it is long, or a field was read.
    telling: bool,
    /// Bytes of literals that were read.
    literal_bytes: usize,
    ended: bool,
}

/// Bytes of literals without which a cut message could be anything.
const LITERAL_BYTES: usize = 10;

impl<'a> Reader<'a> {
    /// Starts at the beginning of `message`.
    pub fn new(message: &'a str, cut: bool) -> Reader<'a> {
        Reader {
            rest: message,
            cut,
            telling: message.len() >= 12,
            literal_bytes: 0,
            ended: false,
        }
    }

    /// Reads the literal text of the format string. A cut message may end inside it, once 12 bytes or a field told it apart.
    pub fn literal(&mut self, literal: &'static str) -> Option<()> {
        if self.ended {
            return Some(());
        }
        match self.rest.strip_prefix(literal) {
            Some(rest) => {
                self.rest = rest;
                self.literal_bytes += literal.len();
                Some(())
            }
            // The blank before a piece that is missing at the end of a line is often trimmed with it.
            None if self.rest.is_empty() && literal.trim().is_empty() => Some(()),
            None if self.cut
                && self.telling
                && self.literal_bytes + self.rest.len() >= LITERAL_BYTES
                && literal.starts_with(self.rest) =>
            {
                self.ended = true;
                self.rest = "";
                Some(())
            }
            None => None,
        }
    }

    /// Reads a field that ends where `stop`, the literal after it, begins.
    pub fn field<T: Field>(&mut self, stop: Option<&'static str>) -> Option<T> {
        if self.ended {
            return T::absent();
        }
        match T::read(self.rest, stop) {
            Ok((rest, value)) if self.cut && T::may_go_on(rest) => {
                self.ended = true;
                self.rest = "";
                value.incomplete()
            }
            Ok((rest, value)) => {
                self.rest = rest;
                self.telling = true;
                Some(value)
            }
            Err(_) if self.cut => {
                self.ended = true;
                self.rest = "";
                T::absent()
            }
            Err(_) => None,
        }
    }

    /// Whether the whole message was read.
    pub fn end(&self) -> Option<()> {
        self.rest.trim_end().is_empty().then_some(())
    }

    /// Whether the message ended before the format string did.
    pub fn ended_early(&self) -> bool {
        self.ended
    }
}

/// What a cut message may be: one kind, or several and so none.
pub struct Candidates<M> {
    one: Option<M>,
    several: bool,
}

impl<M> Candidates<M> {
    /// Nothing yet.
    pub fn new() -> Candidates<M> {
        Candidates {
            one: None,
            several: false,
        }
    }

    /// Adds what the message may be.
    pub fn add(&mut self, found: M) {
        match &self.one {
            _ if self.several => {}
            None => self.one = Some(found),
            Some(one) if std::mem::discriminant(one) == std::mem::discriminant(&found) => {}
            Some(_) => {
                self.one = None;
                self.several = true;
            }
        }
    }

    /// The kind, if it is the only one.
    pub fn only(self) -> Option<M> {
        self.one
    }
}

impl<M> Default for Candidates<M> {
    fn default() -> Self {
        Candidates::new()
    }
}

/// An enum whose variants are words that a program prints; an unknown word stays what it is.
///
/// ```text
/// words! { /// doc
///     pub enum LrmState { Active = "active", Lost = "lost_agent_lock" } }
/// ```
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* #[doc = concat!("`", $word, "`")] $variant,)*
            /// A word that no known version prints.
            Other(Box<str>),
        }
        impl $name {
            /// The variant of a word that a known version prints.
            pub fn known(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
            /// The word as the program prints it.
            pub fn word(&self) -> &str {
                match self { $(Self::$variant => $word,)* Self::Other(word) => word }
            }
        }
        impl $crate::event::message::Field for $name {
            fn read<'a>(input: &'a str, stop: Option<&'static str>) -> nom::IResult<&'a str, Self> {
                let (rest, word) = $crate::event::message::Word::text(input, stop)?;
                let word = match Self::known(word) {
                    Some(known) => known,
                    None => Self::Other($crate::event::message::Word::before(word, rest, stop)?.into()),
                };
                Ok((rest, word))
            }
            fn value(&self) -> $crate::model::Value {
                self.word().into()
            }
        }
    };
}

/// Declares an enum of messages: variants with typed fields, the format strings they are printed with, and a sample of each.
///
/// A format string is a list of pieces: a literal in quotes, or the name of a field. `!field` says that this wording does
/// not print the field. A variant may have several wordings; the first that fits wins. Blanks in messages are folded to
/// one before they are read, so literals hold single blanks.
///
/// ```text
/// messages! {
///     /// What libknet says of links and hosts.
///     pub enum Knet {
///         /// No packet came from `peer` over `link` for knet_ping_timeout. Source: libknet/links.c.
///         LinkDown "corosync.link-down" { peer: NodeId, link: LinkId }
///             = ["link: host: ", peer, " link: ", link, " is down"] ~ "link: host: 2 link: 0 is down";
///     }
/// }
/// ```
macro_rules! messages {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $(
                $(#[$vmeta:meta])*
                $variant:ident $kind:literal $fields:tt
                $( = [ $($piece:tt)* ] ~ $sample:literal )+ ;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $( $(#[$vmeta])*
               #[allow(missing_docs, reason = "a field is named as the placeholder of its format string")]
               $variant $fields, )*
        }

        impl $crate::event::message::Message for $name {
            const SAMPLES: &'static [$crate::event::message::Sample] = &[
                $($(
                    $crate::event::message::Sample {
                        name: $kind,
                        message: $sample,
                        fields: $crate::event::message::variant!(names $fields),
                    },
                )+)*
            ];

            fn parse(message: &str, cut: bool) -> Option<Self> {
                let mut candidates = $crate::event::message::Candidates::new();
                let start = $crate::event::message::Start::of(message, cut);
                $($(
                    $crate::event::message::variant!(read message, start, cut, candidates, $name $variant $fields [$($piece)*]);
                )+)*
                candidates.only()
            }

            fn name(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $kind, )* }
            }

            fn text(&self, name: &str) -> Option<&str> {
                $( $crate::event::message::variant!(text self, name, $name $variant $fields); )*
                None
            }

            fn fields(&self) -> $crate::model::Fields {
                $( $crate::event::message::variant!(values self, $name $variant $fields); )*
                Vec::new()
            }
        }
    };
}

/// What [`messages!`] needs of one variant: its field names, a read of one wording, its field values.
macro_rules! variant {
    (names { $($fields:tt)* }) => { $crate::event::message::variant!(list [] $($fields)*) };
    (list [$($done:expr),*]) => { &[$($done),*] };
    (list [$($done:expr),*] $field:ident : MemberChanges $(, $($rest:tt)*)?) => {
        $crate::event::message::variant!(list [$($done,)* "joined", "left"] $($($rest)*)?)
    };
    (list [$($done:expr),*] $field:ident : $type:ty $(, $($rest:tt)*)?) => {
        $crate::event::message::variant!(list [$($done,)* stringify!($field)] $($($rest)*)?)
    };
    (read $message:ident, $start:ident, $cut:ident, $candidates:ident, $name:ident $variant:ident { $($field:ident : $type:ty),* $(,)? } [$($piece:tt)*]) => {
        if $start.may_be(const { $crate::event::message::Start::first($crate::event::message::first!($($piece)*)) }) {
            fn read(message: &str, cut: bool) -> Option<($name, bool)> {
                let mut reader = $crate::event::message::Reader::new(message, cut);
                $crate::event::message::pieces!(reader; $($piece)*);
                reader.end()?;
                Some(($name::$variant { $($field),* }, reader.ended_early()))
            }
            match read($message, $cut) {
                Some((found, false)) => return Some($candidates.only().unwrap_or(found)),
                Some((found, true)) => $candidates.add(found),
                None => {}
            }
        }
    };
    (text $this:ident, $wanted:ident, $name:ident $variant:ident { $($field:ident : $type:ty),* $(,)? }) => {
        if let $name::$variant { $($field),* } = $this {
            $(
                if $wanted == stringify!($field) {
                    return $crate::event::message::Field::text($field);
                }
            )*
            return None;
        }
    };
    (values $this:ident, $name:ident $variant:ident { $($field:ident : $type:ty),* $(,)? }) => {
        if let $name::$variant { $($field),* } = $this {
            #[allow(unused_mut, reason = "a message without fields adds none")]
            let mut fields = $crate::model::Fields::new();
            $( $crate::event::message::Field::entries($field, stringify!($field), &mut fields); )*
            return fields;
        }
    };
}

/// The first eight bytes of a message or of a format string, which tell most of them apart at once.
#[derive(Clone, Copy)]
pub struct Start {
    bytes: u64,
    /// The bits of them that must be equal.
    known: u64,
}

impl Start {
    /// Of a message. One that is cut is told by its first byte alone, since it may end before a format string does.
    #[inline]
    pub fn of(message: &str, cut: bool) -> Start {
        let bytes = message.as_bytes();
        let mut first = [0; 8];
        let length = bytes.len().min(8);
        first[..length].copy_from_slice(&bytes[..length]);
        Start {
            bytes: u64::from_le_bytes(first),
            known: match (bytes.is_empty(), cut) {
                (true, _) => 0,
                (false, true) => 0xff,
                (false, false) => u64::MAX,
            },
        }
    }

    /// Of the literal that a format string begins with.
    pub const fn first(literal: &str) -> Start {
        let all = literal.as_bytes();
        let (mut bytes, mut known) = (0, 0);
        let mut n = 0;
        while n < all.len() && n < 8 {
            bytes |= (all[n] as u64) << (8 * n);
            known |= 0xff << (8 * n);
            n += 1;
        }
        Start { bytes, known }
    }

    /// Whether a message that begins like this may be of a format string that begins like `first`.
    #[inline]
    pub const fn may_be(self, first: Start) -> bool {
        (self.bytes ^ first.bytes) & self.known & first.known == 0
    }
}

/// The literal that a format string begins with, or nothing; part of [`messages!`].
macro_rules! first {
    ($literal:literal $($rest:tt)*) => {
        $literal
    };
    ($($rest:tt)*) => {
        ""
    };
}

/// Reads the pieces of one format string in turn; part of [`messages!`].
macro_rules! pieces {
    ($r:ident;) => {};
    ($r:ident; $literal:literal $(, $($rest:tt)*)?) => {
        $r.literal($literal)?;
        $crate::event::message::pieces!($r; $($($rest)*)?);
    };
    ($r:ident; ! $field:ident $(, $($rest:tt)*)?) => {
        let $field = $crate::event::message::Field::absent()?;
        $crate::event::message::pieces!($r; $($($rest)*)?);
    };
    ($r:ident; $field:ident, $literal:literal $(, $($rest:tt)*)?) => {
        let $field = $r.field(Some($literal))?;
        $crate::event::message::pieces!($r; $literal $(, $($rest)*)?);
    };
    ($r:ident; $field:ident $(, $($rest:tt)*)?) => {
        let $field = $r.field(None)?;
        $crate::event::message::pieces!($r; $($($rest)*)?);
    };
}

pub(crate) use {first, messages, pieces, variant, words};

/// A message with its runs of blanks folded to one and its ends trimmed: copies collapse the two blanks that several
/// daemons print, so no format string may depend on them.
pub fn fold_blanks(message: &str) -> std::borrow::Cow<'_, str> {
    let trimmed = match message.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => message,
        _ => message.trim(),
    };
    // What pads the name of a subsystem is read as it stands: `[KNET  ] `.
    let behind = match trimmed.as_bytes() {
        [b'[', _, _, _, _, _, _, b']', ..] => SUBSYSTEM_BYTES - 1,
        [b'[', inside @ ..] => {
            let mut inside = inside.iter().take(SUBSYSTEM_BYTES - 1);
            inside.position(|byte| *byte == b']').map_or(0, |n| n + 1)
        }
        _ => 0,
    };
    if !folds(&trimmed.as_bytes()[behind..]) {
        return std::borrow::Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    for word in trimmed
        .split([' ', '\t', '\u{a0}'])
        .filter(|w| !w.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    std::borrow::Cow::Owned(out)
}

/// Bytes of the longest subsystem of corosync with its brackets.
const SUBSYSTEM_BYTES: usize = 8;

/// Whether a text may hold a run of blanks or a blank of another kind; a no-break space is `c2 a0`. Sixteen bytes are asked at
/// a time, the last ones twice if need be: that tells of nearly every message that there is nothing to fold.
fn folds(bytes: &[u8]) -> bool {
    const AT_ONCE: usize = 16;
    let is = |one: u8, two: u8| (one == b' ') & (two == b' ') | (one == b'\t') | (one == 0xc2);
    let ask = |part: &[u8; AT_ONCE + 1]| {
        (0..AT_ONCE).fold(false, |any, n| any | is(part[n], part[n + 1]))
    };
    let mut left = bytes;
    while let Some(part) = left.first_chunk() {
        if ask(part) {
            return true;
        }
        left = &left[AT_ONCE..];
    }
    match bytes.last_chunk() {
        Some(last) => ask(last),
        None => bytes.windows(2).any(|two| is(two[0], two[1])),
    }
}

/// Fails unless every sample of `M` is read as its own kind; for the unit tests of program files.
#[cfg(test)]
pub fn check_samples<M: Message + std::fmt::Debug>() {
    for sample in M::SAMPLES {
        let folded = fold_blanks(sample.message);
        match M::parse(&folded, false) {
            Some(message) => assert_eq!(message.name(), sample.name, "{}", sample.message),
            None => panic!("no message reads {:?} ({})", sample.message, sample.name),
        }
    }
}
