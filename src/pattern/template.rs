//! Sentences with holes: `Link {link} went down {count} {count|time|times}[, for {span}]`.
//! In: the text of a pattern file and a way to look values up. Out: a sentence.
//! Never: knows what a field means.

use crate::model::{Span, Value};
use serde::de::{Deserialize, Deserializer, Error};

/// A text with holes. `{field}` is a value; a list is joined by blanks; what is not known prints `?`. `{field|one|many}`
/// is `one` when the value is 1 or true; `#` in either is the value. `{field:span}` reads a number of seconds (of milliseconds, if the field ends in
/// `_ms`) as a length of time, `{field:list}` puts commas between the items of a list. `[ ... ]` is left out when a field in it is not known. `{{`, `}}`, `[[` and `]]` are
/// literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Field(String),
    Length(String),
    Items(String),
    Plural(String, String, String),
    Optional(Vec<Piece>),
}

impl Template {
    /// Reads a template, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut rest = text;
        let pieces = pieces(&mut rest, false)?;
        Ok(Template { pieces })
    }

    /// Fills the holes with what `value` gives for names.
    pub fn render(&self, value: impl Fn(&str) -> Value) -> String {
        let mut out = String::new();
        fill(&self.pieces, &value, &mut out);
        out
    }

    /// Every field that it names, in order.
    pub fn fields(&self) -> Vec<&str> {
        let mut names = Vec::new();
        collect(&self.pieces, &mut names);
        names
    }
}

/// Writes the pieces; says whether every field was known.
fn fill(pieces: &[Piece], value: &impl Fn(&str) -> Value, out: &mut String) -> bool {
    let mut known = true;
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Field(name) => {
                let value = value(name);
                known &= !value.is_null() && value != Value::List(Vec::new());
                out.push_str(&value.to_string());
            }
            Piece::Items(name) => {
                let value = value(name);
                known &= !value.is_null() && value != Value::List(Vec::new());
                match value {
                    Value::List(items) => {
                        let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                        out.push_str(&items.join(", "));
                    }
                    one => out.push_str(&one.to_string()),
                }
            }
            Piece::Length(name) => {
                let value = value(name);
                known &= !value.is_null();
                out.push_str(&length(name, &value));
            }
            Piece::Plural(name, one, many) => {
                let value = value(name);
                known &= !value.is_null();
                let is_one = value == Value::Bool(true) || value.as_f64() == Some(1.0);
                out.push_str(&if is_one { one } else { many }.replace('#', &value.to_string()));
            }
            Piece::Optional(inner) => {
                let before = out.len();
                if !fill(inner, value, out) {
                    out.truncate(before);
                }
            }
        }
    }
    known
}

fn length(name: &str, value: &Value) -> String {
    let micros_each = if name.ends_with("_ms") { 1e3 } else { 1e6 };
    match value.as_f64() {
        Some(x) => Span((x * micros_each).round() as i64).to_string(),
        None => value.to_string(),
    }
}

fn collect<'t>(pieces: &'t [Piece], names: &mut Vec<&'t str>) {
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Field(name)
            | Piece::Length(name)
            | Piece::Items(name)
            | Piece::Plural(name, _, _) => names.push(name),
            Piece::Optional(inner) => collect(inner, names),
        }
    }
}

fn pieces(rest: &mut &str, inside: bool) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    while let Some(at) = rest.find(['{', '}', '[', ']']) {
        text.push_str(&rest[..at]);
        let mark = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(doubled) = after.strip_prefix(mark) {
            text.push_str(mark);
            *rest = doubled;
            continue;
        }
        *rest = after;
        match mark {
            "{" => {
                flush(&mut text, &mut pieces);
                let (hole, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
                pieces.push(hole_piece(hole)?);
                *rest = after;
            }
            "[" if inside => return Err("a `[` within `[ ]`; a literal one is `[[`".to_owned()),
            "[" => {
                flush(&mut text, &mut pieces);
                pieces.push(Piece::Optional(self::pieces(rest, true)?));
            }
            "]" if inside => {
                flush(&mut text, &mut pieces);
                return Ok(pieces);
            }
            _ => {
                return Err(format!(
                    "a `{mark}` without its beginning; a literal one is `{mark}{mark}`"
                ));
            }
        }
    }
    if inside {
        return Err("a `[` without its `]`; a literal one is `[[`".to_owned());
    }
    text.push_str(rest);
    flush(&mut text, &mut pieces);
    Ok(pieces)
}

fn flush(text: &mut String, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(std::mem::take(text)));
    }
}

fn hole_piece(hole: &str) -> Result<Piece, String> {
    let parts: Vec<&str> = hole.split('|').collect();
    let (name, piece) = match parts[..] {
        [one] => match one.split_once(':') {
            // The one built-in length reads as a length by itself.
            None if one == "span" => (one, Piece::Length(one.to_owned())),
            None => (one, Piece::Field(one.to_owned())),
            Some((name, "span")) => (name, Piece::Length(name.to_owned())),
            Some((name, "list")) => (name, Piece::Items(name.to_owned())),
            Some((name, form)) => {
                return Err(format!(
                    "`{{{name}:{form}}}`: the only forms are `{{{name}:span}}` and `{{{name}:list}}`"
                ));
            }
        },
        [name, one, many] => (
            name,
            Piece::Plural(name.to_owned(), one.to_owned(), many.to_owned()),
        ),
        _ => return Err(format!("`{{{hole}}}` should be `{{field|one|many}}`")),
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        Ok(piece)
    } else {
        Err(format!(
            "`{{{hole}}}` names no field; a literal brace is `{{{{`"
        ))
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Template, D::Error> {
        let text = String::deserialize(deserializer)?;
        Template::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, sentence: &str) {
        let value = |name: &str| match name {
            "link" => Value::Int(0),
            "count" => Value::Int(1),
            "open" => Value::Bool(true),
            "left" => vec![1u32, 3].into(),
            "down_s" => Value::Float(125.0),
            "late_ms" => Value::Int(1840),
            _ => Value::Null,
        };
        let template = Template::parse(template).unwrap();
        assert_eq!(template.render(value), sentence);
    }

    #[test]
    fn holes_are_filled() {
        check("link {link}, left {left}", "link 0, left 1 3");
        check("{nothing} is not known", "? is not known");
        check("{count} {count|time|times}", "1 time");
        check("{link} {link|time|times}", "0 times");
        check("it {open|is|was} so", "it is so");
        check("{down_s:span} and {late_ms:span}", "2 min 5 s and 1.8 s");
        check("{nothing:span}", "?");
        check("{left:list} left", "1, 3 left");
        check("{link:list}[, {nothing:list}]", "0");
    }

    #[test]
    fn brackets_vanish_with_what_is_not_known() {
        check(
            "down[, for {down_s:span}][ since {nothing}].",
            "down, for 2 min 5 s.",
        );
        check("[[TOTEM ]] {{x}}", "[TOTEM ] {x}");
        check("[kept]", "kept");
    }

    #[test]
    fn wrong_templates_are_refused() {
        for wrong in [
            "{x", "x}", "[x", "x]", "[a [b]]", "{}", "{a b}", "{x|one}", "{x:time}",
        ] {
            assert!(Template::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_are_listed_in_order() {
        let template = Template::parse("{b}[{a:span}] {c|x|y}").unwrap();
        assert_eq!(template.fields(), ["b", "a", "c"]);
    }
}
