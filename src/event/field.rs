//! What a field of a message can be: numbers, words, ids of rings, lists of nodes, errors.
//! In: the text where a field begins, and the literal that follows it. Out: the typed value and the rest.
//! Never: knows which message it is a part of.

use crate::model::node::{Representative, RingNotation};
use crate::model::{Fields, LinkId, Member, NodeId, RingId, Value};
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit1, hex_digit1};
use nom::combinator::{all_consuming, fail, map_opt, opt, rest};
use nom::multi::separated_list0;
use nom::number::complete::double;
use nom::sequence::{preceded, separated_pair};
use nom::{IResult, Parser};
use std::str::FromStr;

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
    /// The text, of a type that is one as the line prints it.
    fn text(&self) -> Option<&str> {
        None
    }
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
    let places = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    match places
        .map(|(at, _)| at)
        .find(|at| bytes[*at..].starts_with(stop.as_bytes()))
    {
        Some(at) => Ok((&input[at..], &input[..at])),
        None => fail().parse(input),
    }
}

/// Takes what stands before the first blank, or all there is; at least one character.
fn word(input: &str) -> IResult<&str, &str> {
    // A word is short: a search for long texts takes longer to begin.
    let end = input.bytes().position(|byte| byte == b' ');
    let (word, rest) = input.split_at(end.unwrap_or(input.len()));
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
    fn text(&self) -> Option<&str> {
        Some(self)
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
        match word.is_empty() || word.as_bytes().contains(&b' ') {
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
    fn text(&self) -> Option<&str> {
        Some(&self.0)
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
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(Field::text)
    }
}
