//! The small words of pattern files: names, pairs of names, lengths of time.
//! In: TOML values. Out: owned words that remember where they stand.
//! Never: knows which words are right; `check` does.

use crate::model::Span;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// A word and the bytes of the file that it stands in.
pub type Word = Spanned<String>;

/// One word or a list of words.
#[derive(Clone, Debug, Default)]
pub struct Words(pub Vec<Word>);

impl Words {
    /// Whether `name` is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|word| word.get_ref() == name)
    }

    /// The words without their positions.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|word| word.get_ref().as_str())
    }
}

/// Fields of a match and fields of a fact: `["lock"]` for equal names, `{ peer = "left" }` where the fact's name differs.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(Word, Word)>);

impl Pairs {
    /// The match's name and the fact's name of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(ours, theirs)| (ours.get_ref().as_str(), theirs.get_ref().as_str()))
    }
}

/// A length of log time, `"90s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub Span);

/// A name that a pattern file adds to those of the facts. Details are keyed by names that live as long as the program;
/// a file is read once in a run, so its few names may too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed(pub &'static str);

/// What may stand for words: one, several, or a table.
enum Shape {
    One(String),
    Many(Vec<Word>),
    Table(BTreeMap<Word, Word>),
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        let shape = Spanned::<Shape>::deserialize(deserializer)?;
        let span = shape.span();
        match shape.into_inner() {
            Shape::One(word) => Ok(Words(vec![Spanned::new(span, word)])),
            Shape::Many(words) => Ok(Words(words)),
            Shape::Table(_) => Err(serde::de::Error::custom(
                "expected a word or a list of words",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
        let shape = Spanned::<Shape>::deserialize(deserializer)?;
        let span = shape.span();
        Ok(Pairs(match shape.into_inner() {
            Shape::One(word) => {
                let word = Spanned::new(span, word);
                vec![(word.clone(), word)]
            }
            Shape::Many(words) => words.into_iter().map(|word| (word.clone(), word)).collect(),
            Shape::Table(table) => table.into_iter().collect(),
        }))
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shape, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }

            fn visit_str<E>(self, word: &str) -> Result<Shape, E> {
                Ok(Shape::One(word.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Shape, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Shape::Many)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Shape, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Shape::Table)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        let text = String::deserialize(deserializer)?;
        length(&text).map(Length).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is no length of time: write `500ms`, `90s`, `10m`, `2h` or `1d`"
            ))
        })
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fixed, D::Error> {
        String::deserialize(deserializer).map(|name| Fixed(name.leak()))
    }
}

/// Reads `500ms`, `90s`, `10m`, `2h`, `1d`.
fn length(text: &str) -> Option<Span> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: i64 = number.parse().ok()?;
    let micros = match unit {
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    number.checked_mul(micros).map(Span)
}

/// The word of `right` that is nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wrong.chars().count();
    let reach = (1 + length / 3).min(length.saturating_sub(1));
    right
        .into_iter()
        .map(|word| (distance(wrong, word), word))
        .filter(|(far, _)| *far <= reach)
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein's distance: single-character changes that make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_one_number_and_one_unit() {
        let cases = [
            ("500ms", Some(Span::from_millis(500))),
            ("90s", Some(Span::from_secs(90))),
            ("10m", Some(Span::from_secs(600))),
            ("2h", Some(Span::from_secs(7200))),
            ("1d", Some(Span::from_secs(86_400))),
            ("90", None),
            ("s", None),
            ("-1s", None),
            ("1 h", None),
            ("9999999999999999d", None),
        ];
        for (text, span) in cases {
            assert_eq!(length(text), span, "{text}");
        }
    }

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        let words = ["quorum.lost", "quorum.gained", "link.down"];
        assert_eq!(nearest("quorum.loss", words), Some("quorum.lost"));
        assert_eq!(nearest("banana", words), None);
        assert_eq!(nearest("y", ["x"]), None, "nothing of it is right");
    }

    #[test]
    fn distance_counts_single_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
