//! Questions about field values: `where` of a fact, `when` of a match or of the state at the end.
//! In: fields. Out: whether the condition holds.
//! Never: holds for what is not known, unless that is the question (`{ known = false }`).

use super::words::Word;
use crate::model::{Fields, Value};
use regex::Regex;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// Conditions on named fields, all of which must hold. Empty ones always hold.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Conditions(pub BTreeMap<Word, Condition>);

impl Conditions {
    /// Whether every condition holds of `fields`; a field that is missing or null is not known.
    pub fn holds(&self, fields: &Fields) -> bool {
        self.holds_of(|name| lookup(fields, name).cloned().unwrap_or(Value::Null))
    }

    /// Whether every condition holds of the values that `value` gives for names.
    pub fn holds_of(&self, value: impl Fn(&str) -> Value) -> bool {
        self.0
            .iter()
            .all(|(name, condition)| condition.holds(&value(name.get_ref())))
    }
}

/// The value of `name`, if it is there and known.
pub fn lookup<'f>(fields: &'f Fields, name: &str) -> Option<&'f Value> {
    fields
        .iter()
        .find(|(field, value)| *field == name && !value.is_null())
        .map(|(_, value)| value)
}

/// A condition on one value. Of a list it holds when it holds of one item.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `true` or `false`.
    Bool(bool),
    /// A number, equal.
    Number(f64),
    /// A regex that is found in the value's text. It is not anchored.
    Text(Regex),
    /// One of several conditions.
    Any(Vec<Condition>),
    /// A table, every part of which must hold.
    Table(Box<Parts>),
}

/// The table form of a condition: `{ min = 1, max = 5 }`, `{ known = false }`, `{ not = 'lo' }`, `{ size = { min = 1 } }`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// Whether anything is known.
    pub known: Option<bool>,
    /// Known, and this does not hold.
    pub not: Option<Condition>,
    /// Holds of the number of items of a list.
    pub size: Option<Condition>,
}

impl Condition {
    /// Whether it holds of `value`.
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Condition::Any(conditions) => conditions.iter().any(|c| c.holds(value)),
            Condition::Table(parts) => parts.hold(value),
            Condition::Bool(want) => any_item(value, |v| *v == Value::Bool(*want)),
            Condition::Number(want) => any_item(value, |v| v.as_f64() == Some(*want)),
            Condition::Text(regex) => any_item(value, |v| match v {
                Value::Text(text) => regex.is_match(text),
                Value::Null => false,
                other => regex.is_match(&other.to_string()),
            }),
        }
    }
}

impl Parts {
    fn hold(&self, value: &Value) -> bool {
        if value.is_null() {
            let asks_more = self.min.is_some()
                || self.max.is_some()
                || self.not.is_some()
                || self.size.is_some();
            return self.known == Some(false) && !asks_more;
        }
        let in_range = |v: &Value| {
            v.as_f64().is_some_and(|x| {
                self.min.is_none_or(|min| x >= min) && self.max.is_none_or(|max| x <= max)
            })
        };
        let items = match value {
            Value::List(items) => items.len(),
            _ => 1,
        };
        self.known != Some(false)
            && (self.min.is_none() && self.max.is_none() || any_item(value, in_range))
            && self.not.as_ref().is_none_or(|c| !c.holds(value))
            && self.size.as_ref().is_none_or(|c| c.holds(&items.into()))
    }
}

fn any_item(value: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    match value {
        Value::List(items) => items.iter().any(holds),
        one => holds(one),
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Condition, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, a number, a 'regex', a list of these, or a table of min, max, known, not, size")
            }

            fn visit_bool<E>(self, b: bool) -> Result<Condition, E> {
                Ok(Condition::Bool(b))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Condition, E> {
                Ok(Condition::Number(n as f64))
            }

            fn visit_f64<E>(self, x: f64) -> Result<Condition, E> {
                Ok(Condition::Number(x))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Condition, E> {
                Regex::new(text).map(Condition::Text).map_err(|e| {
                    let why = e.to_string();
                    let why = why.lines().last().unwrap_or_default();
                    E::custom(format!("no regex: {}", why.trim_start_matches("error: ")))
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Condition, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Condition::Any)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Condition, A::Error> {
                Parts::deserialize(MapAccessDeserializer::new(map))
                    .map(|parts| Condition::Table(Box::new(parts)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(condition: &str, value: impl Into<Value>, holds: bool) {
        let conditions: Conditions = toml::from_str(&format!("x = {condition}")).unwrap();
        let fields = vec![("x", value.into())];
        assert_eq!(
            conditions.holds(&fields),
            holds,
            "{condition} of {fields:?}"
        );
    }

    #[test]
    fn conditions_ask_of_values() {
        check("true", true, true);
        check("true", false, false);
        check("3", 3u32, true);
        check("3", 3.0, true);
        check("3", "3", false);
        check("'ost$'", "lost", true);
        check("'ost$'", "loster", false);
        check("'^8$'", 8u32, true);
        check("{ min = 100 }", 100u32, true);
        check("{ min = 100, max = 200.5 }", 201u32, false);
        check("{ min = 1 }", "text", false);
        check("['^a$', '^b$', 3]", "b", true);
        check("['^a$', '^b$', 3]", 3u32, true);
        check("{ not = 'a' }", "b", true);
        check("{ not = 'a' }", "a", false);
    }

    #[test]
    fn a_list_satisfies_what_one_of_its_items_does() {
        check("8", vec![1u32, 8], true);
        check("{ min = 5 }", vec![1u32, 4], false);
        check("{ size = 0 }", Vec::<u32>::new(), true);
        check("{ size = { min = 2 } }", vec![1u32, 4], true);
        check("{ not = 8 }", vec![1u32, 8], false);
    }

    #[test]
    fn what_is_not_known_satisfies_nothing_else() {
        for condition in [
            "true",
            "0",
            "''",
            "{ min = 0 }",
            "{ not = 1 }",
            "{ known = true }",
            "{}",
        ] {
            check(condition, Value::Null, false);
        }
        check("{ known = false }", Value::Null, true);
        check("{ known = false }", 0u32, false);
        check("{ known = true }", 0u32, true);
        check("[{ known = false }, { max = 0 }]", Value::Null, true);
        assert!(
            !toml::from_str::<Conditions>("y = 1")
                .unwrap()
                .holds(&vec![("x", Value::Int(1))])
        );
    }
}
