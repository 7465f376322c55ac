//! The grammar of messages: format strings as data, read with nom.
//! In: one message whose blanks are folded. Out: the variant whose format string it is, with typed fields.
//! Never: sees stamps, hosts or programs; keeps state.

use crate::model::node::{Representative, RingNotation};
use crate::model::{Fields, LinkId, Member, NodeId, RingId, Value};
use memchr::{memchr, memchr_iter};
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit1, hex_digit1};
use nom::combinator::{all_consuming, fail, map_opt, opt, rest};
use nom::multi::separated_list0;
use nom::number::complete::double;
use nom::sequence::{preceded, separated_pair};
use nom::{IResult, Parser};
use std::str::FromStr;

/// What every enum of messages can say of itself.
pub trait Message: Sized {
    /// Every kind with a line that is one, in the order of the source: test, vocabulary and documentation in one.
    const SAMPLES: &'static [Sample];
    /// Reads a message whose blanks are folded; `cut` allows its end to be missing.
    fn parse(message: &str, cut: bool) -> Option<Self>;
    /// The stable name, `program.what`.
    fn name(&self) -> &'static str;
    /// One of the message's own fields.
    fn field(&self, name: &str) -> Option<Value>;
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

/// A type that a field of a message can have.
pub trait Field: Sized {
    /// Reads the field from the start of `input`; `stop` is the literal that follows it, `None` at the end.
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self>;
    /// The value when a wording does not print the field or the message was cut before it; `None` when it must be there.
    fn absent() -> Option<Self> {
        None
    }
    /// Whether a value that was read up to `rest` may have gone on where the message was cut.
    fn may_go_on(rest: &str) -> bool {
        rest.is_empty()
    }
    /// What is left of a value whose end may be missing: half a number or a list is worse than none.
    fn incomplete(self) -> Option<Self> {
        Self::absent()
    }
    /// The value as patterns and outputs see it.
    fn value(&self) -> Value;
    /// Adds the value to `fields` under `name`; a type that holds several values adds each under a name of its own.
    fn entries(&self, name: &'static str, fields: &mut Fields) {
        fields.push((name, self.value()));
    }
}

/// Takes what stands before the first `stop`, which must be there. A search that is prepared first, as the library's is,
/// takes longer than a message has bytes.
pub fn until<'a>(stop: &str, input: &'a str) -> IResult<&'a str, &'a str> {
    let first = stop.as_bytes().first().copied().unwrap_or(0);
    let bytes = input.as_bytes();
    let mut places = memchr_iter(first, bytes);
    match places.find(|at| bytes[*at..].starts_with(stop.as_bytes())) {
        Some(at) => Ok((&input[at..], &input[..at])),
        None => fail().parse(input),
    }
}

/// Takes what stands before the first blank, or all there is; at least one character.
fn word(input: &str) -> IResult<&str, &str> {
    let (word, rest) = input.split_at(memchr(b' ', input.as_bytes()).unwrap_or(input.len()));
    match word {
        "" => fail().parse(input),
        word => Ok((rest, word)),
    }
}

/// Takes digits behind an optional sign. What the library's parsers build up for it takes longer than the digits.
fn number<T: FromStr>(input: &str) -> IResult<&str, T> {
    let sign = usize::from(input.starts_with('-'));
    let digits = input.as_bytes()[sign..].iter();
    let length = sign + digits.take_while(|b| b.is_ascii_digit()).count();
    match input[..length].parse() {
        Ok(number) => Ok((&input[length..], number)),
        Err(_) => fail().parse(input),
    }
}

macro_rules! number_field {
    ($($t:ty),*) => {$(
        impl Field for $t {
            fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
                number(input)
            }
            fn value(&self) -> Value {
                (*self).into()
            }
        }
    )*};
}

number_field!(u32, u64, i64);

impl Field for f64 {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        double.parse(input)
    }
    fn value(&self) -> Value {
        (*self).into()
    }
}

impl Field for NodeId {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        Field::read(input, stop).map(|(rest, n)| (rest, NodeId(n)))
    }
    fn value(&self) -> Value {
        (*self).into()
    }
}

impl Field for LinkId {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        Field::read(input, stop).map(|(rest, n)| (rest, LinkId(n)))
    }
    fn value(&self) -> Value {
        (*self).into()
    }
}

/// Free text: up to the literal that follows, or to the end; without the blanks around it.
impl Field for Box<str> {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        match stop {
            Some(stop) => until(stop, input),
            None => rest.parse(input),
        }
        .map(|(rest, text): (&str, &str)| (rest, text.trim().into()))
    }
    fn may_go_on(_: &str) -> bool {
        false
    }
    fn value(&self) -> Value {
        self.clone().into()
    }
}

/// One word: no blank in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(pub Box<str>);

impl std::ops::Deref for Word {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Word {
    /// What a word is read from.
    pub fn text<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, &'a str> {
        let (after, word) = match stop {
            Some(stop) if !stop.starts_with(' ') => until(stop, input)?,
            Some(_) | None => return word(input),
        };
        match word.is_empty() || memchr(b' ', word.as_bytes()).is_some() {
            true => fail().parse(input),
            false => Ok((after, word)),
        }
    }

    /// The word, if what must follow it may follow: nothing is kept of one that is read in vain.
    pub fn before<'a>(
        word: &'a str,
        rest: &'a str,
        stop: Option<&'static str>,
    ) -> Result<&'a str, nom::Err<nom::error::Error<&'a str>>> {
        let follows = |stop: &str| rest.starts_with(stop) || stop.starts_with(rest);
        match stop.is_none_or(follows) {
            true => Ok(word),
            false => Err(nom::Err::Error(nom::error::Error::new(
                rest,
                nom::error::ErrorKind::Tag,
            ))),
        }
    }
}

impl Field for Word {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, word) = Word::text(input, stop)?;
        Ok((after, Word(word.into())))
    }
    fn value(&self) -> Value {
        self.0.clone().into()
    }
}

/// A hexadecimal number without prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex(pub u64);

fn hex(input: &str) -> IResult<&str, Hex> {
    let mut number: u64 = 0;
    let mut length = 0;
    for byte in input.bytes() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => break,
        };
        // What does not fit is no number of ours.
        if number >> 60 != 0 {
            return fail().parse(input);
        }
        number = number << 4 | u64::from(digit);
        length += 1;
    }
    match length {
        0 => fail().parse(input),
        length => Ok((&input[length..], Hex(number))),
    }
}

impl Field for Hex {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        hex(input)
    }
    fn value(&self) -> Value {
        format!("{:x}", self.0).into()
    }
}

/// Blank separated decimal node ids, possibly none.
impl Field for Vec<NodeId> {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        let one = map_opt(digit1, |d: &str| d.parse().ok().map(NodeId));
        let (after, mut nodes) = separated_list0(char(' '), one).parse(input)?;
        // vsf_quorum.c ends a part of a long list with a backslash, often in the middle of the last number, and prints
        // that number again in the next part.
        match after.strip_prefix('\\') {
            Some(after) => {
                nodes.pop();
                Ok((after, nodes))
            }
            None => Ok((after.strip_prefix(" \\").unwrap_or(after), nodes)),
        }
    }
    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
    fn value(&self) -> Value {
        self.clone().into()
    }
}

/// Blank separated hexadecimal numbers, as in retransmit lists.
impl Field for Vec<Hex> {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        let mut numbers = Vec::with_capacity((input.len() / 5 + 1).min(32));
        let mut left = input;
        let mut next = input;
        while let Ok((after, one)) = hex(next) {
            numbers.push(one);
            left = after;
            match after.strip_prefix(' ') {
                Some(behind) => next = behind,
                None => break,
            }
        }
        Ok((left, numbers))
    }
    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
    fn incomplete(mut self) -> Option<Self> {
        self.pop();
        Some(self)
    }
    fn value(&self) -> Value {
        Value::List(self.iter().map(Field::value).collect())
    }
}

/// `5/3703`: node id and pid of a group member.
impl Field for Member {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        let number = || map_opt(digit1, |d: &str| d.parse::<u32>().ok());
        let (after, (node, pid)) = separated_pair(number(), char('/'), number()).parse(input)?;
        Ok((
            after,
            Member {
                node: NodeId(node),
                pid,
            },
        ))
    }
    fn value(&self) -> Value {
        (*self).into()
    }
}

/// `1/3409, 3/7179`: the members of a group.
impl Field for Vec<Member> {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        separated_list0(tag(", "), |i: &'a str| Member::read(i, None)).parse(input)
    }
    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
    fn value(&self) -> Value {
        self.clone().into()
    }
}

/// The three notations of a ring id, told apart by what separates the two parts.
impl Field for RingId {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, text) = match stop {
            Some(stop) => until(stop, input)?,
            None => word(input)?,
        };
        ring_id(text).map(|ring| (after, ring)).ok_or_else(|| {
            nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Verify))
        })
    }
    fn value(&self) -> Value {
        self.into()
    }
}

/// `1.d50` (3.0.3 and later), `1:3408` (3.0.0 to 3.0.2) or `10.0.0.11:3408` (2.x; the sequence is after the last colon).
fn ring_id(text: &str) -> Option<RingId> {
    let hex: IResult<&str, (&str, &str)> =
        all_consuming(separated_pair(hex_digit1, char('.'), hex_digit1)).parse(text);
    if let Ok((_, (node, sequence))) = hex {
        return Some(RingId {
            representative: Representative::Node(NodeId(u32::from_str_radix(node, 16).ok()?)),
            sequence: u64::from_str_radix(sequence, 16).ok()?,
            notation: RingNotation::Hex,
        });
    }
    let (representative, sequence) = text.rsplit_once(':')?;
    let sequence = sequence.parse().ok()?;
    match representative.parse() {
        Ok(node) => Some(RingId {
            representative: Representative::Node(NodeId(node)),
            sequence,
            notation: RingNotation::Decimal,
        }),
        Err(_) if representative.contains(['.', ':']) => Some(RingId {
            representative: Representative::Address(representative.into()),
            sequence,
            notation: RingNotation::Address,
        }),
        Err(_) => None,
    }
}

/// What a membership line says after `Members`: ` joined: 2 3`, ` left: 1`, both in this order, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MemberChanges {
    /// Who joined.
    pub joined: Vec<NodeId>,
    /// Who left.
    pub left: Vec<NodeId>,
}

impl Field for MemberChanges {
    fn read<'a>(input: &'a str, _: Option<&'static str>) -> IResult<&'a str, Self> {
        let list = |word: &'static str| {
            opt(preceded(tag(word), |i: &'a str| {
                Vec::<NodeId>::read(i, None)
            }))
            .map(Option::unwrap_or_default)
        };
        let (after, (joined, left)) = (list(" joined: "), list(" left: ")).parse(input)?;
        Ok((after, MemberChanges { joined, left }))
    }
    fn absent() -> Option<Self> {
        Some(MemberChanges::default())
    }
    fn may_go_on(rest: &str) -> bool {
        [" joined: ", " left: "]
            .iter()
            .any(|word| word.starts_with(rest))
    }
    fn value(&self) -> Value {
        Value::List(vec![self.joined.clone().into(), self.left.clone().into()])
    }
    fn entries(&self, _: &'static str, fields: &mut Fields) {
        fields.push(("joined", self.joined.clone().into()));
        fields.push(("left", self.left.clone().into()));
    }
}

/// A corosync library error: a number before June 2025, a name after it (corotypes.h, pve-cluster error_conversion.c).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsError {
    /// The number, where the line prints it or the name is a known one.
    pub code: Option<u32>,
    /// What the line prints.
    pub text: Box<str>,
}

/// Names of the corosync library errors by number, from 1. Source: corosync include/corosync/corotypes.h.
pub const CS_ERRORS: [&str; 31] = [
    "CS_OK",
    "CS_ERR_LIBRARY",
    "CS_ERR_VERSION",
    "CS_ERR_INIT",
    "CS_ERR_TIMEOUT",
    "CS_ERR_TRY_AGAIN",
    "CS_ERR_INVALID_PARAM",
    "CS_ERR_NO_MEMORY",
    "CS_ERR_BAD_HANDLE",
    "CS_ERR_BUSY",
    "CS_ERR_ACCESS",
    "CS_ERR_NOT_EXIST",
    "CS_ERR_NAME_TOO_LONG",
    "CS_ERR_EXIST",
    "CS_ERR_NO_SPACE",
    "CS_ERR_INTERRUPT",
    "CS_ERR_NAME_NOT_FOUND",
    "CS_ERR_NO_RESOURCES",
    "CS_ERR_NOT_SUPPORTED",
    "CS_ERR_BAD_OPERATION",
    "CS_ERR_FAILED_OPERATION",
    "CS_ERR_MESSAGE_ERROR",
    "CS_ERR_QUEUE_FULL",
    "CS_ERR_QUEUE_NOT_AVAILABLE",
    "CS_ERR_BAD_FLAGS",
    "CS_ERR_TOO_BIG",
    "CS_ERR_NO_SECTIONS",
    "CS_ERR_CONTEXT_NOT_FOUND",
    "CS_ERR_29",
    "CS_ERR_TOO_MANY_GROUPS",
    "CS_ERR_SECURITY",
];

impl CsError {
    /// The symbolic name, if the number or name is a known one.
    pub fn symbol(&self) -> Option<&'static str> {
        let index = usize::try_from(self.code?).ok()?.checked_sub(1)?;
        CS_ERRORS.get(index).copied()
    }
}

impl Field for CsError {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, text) = Box::<str>::read(input, stop)?;
        let word = text.split([' ', '(']).next().unwrap_or_default();
        let code = word.parse().ok().or_else(|| {
            let index = CS_ERRORS.iter().position(|name| *name == word)?;
            u32::try_from(index + 1).ok()
        });
        Ok((after, CsError { code, text }))
    }
    fn value(&self) -> Value {
        match self.symbol() {
            Some(symbol) => symbol.into(),
            None => self.text.clone().into(),
        }
    }
}

/// A field that some wordings do not print.
impl<T: Field> Field for Option<T> {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        T::read(input, stop).map(|(rest, value)| (rest, Some(value)))
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn may_go_on(rest: &str) -> bool {
        T::may_go_on(rest)
    }
    fn incomplete(self) -> Option<Self> {
        Some(self.and_then(T::incomplete))
    }
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::value)
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
            /// The word as the program prints it.
            pub fn word(&self) -> &str {
                match self { $(Self::$variant => $word,)* Self::Other(word) => word }
            }
        }
        impl $crate::event::message::Field for $name {
            fn read<'a>(input: &'a str, stop: Option<&'static str>) -> nom::IResult<&'a str, Self> {
                let (rest, word) = $crate::event::message::Word::text(input, stop)?;
                let word = match word {
                    $($word => Self::$variant,)*
                    word => Self::Other($crate::event::message::Word::before(word, rest, stop)?.into()),
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

            fn field(&self, name: &str) -> Option<$crate::model::Value> {
                $( $crate::event::message::variant!(value self, name, $name $variant $fields); )*
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
    (value $this:ident, $wanted:ident, $name:ident $variant:ident { $($field:ident : $type:ty),* $(,)? }) => {
        if let $name::$variant { $($field),* } = $this {
            $(
                if $wanted == stringify!($field) {
                    return Some($crate::event::message::Field::value($field));
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
    let inside = trimmed.as_bytes().iter().take(SUBSYSTEM_BYTES);
    let behind = match inside.clone().next() {
        Some(b'[') => inside.clone().position(|byte| *byte == b']').unwrap_or(0),
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
