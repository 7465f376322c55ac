//! Field values of events and changes, as patterns and outputs see them.
//! In: typed fields. Out: a small closed set of values with text, order and JSON forms.
//! Never: parses.

use super::{LinkId, Member, Name, NodeId, RingId, Span};
use serde::{Serialize, Serializer};
use std::fmt;

/// The value of one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Not known. Never the same as zero.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(Box<str>),
    /// Several.
    List(Vec<Value>),
}

/// Named values in the order in which the message states them.
pub type Fields = Vec<(&'static str, Value)>;

impl Value {
    /// The number, if this is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(i) => Some(*i as f64),
            Value::Float(x) => Some(*x),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) => None,
        }
    }

    /// Whether nothing is known.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

impl fmt::Display for Value {
    /// As a sentence would hold it: lists with blanks, nothing known as `?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("?"),
            Value::Bool(b) => b.fmt(f),
            Value::Int(i) => i.fmt(f),
            Value::Float(x) => write!(f, "{x:.1}"),
            Value::Text(t) => f.write_str(t),
            Value::List(items) => {
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        f.write_str(" ")?;
                    }
                    item.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(i) => serializer.serialize_i64(*i),
            // Milliseconds and seconds with many digits would differ by the last bit between ways of summing them.
            Value::Float(x) => serializer.serialize_f64((x * 1e6).round() / 1e6),
            Value::Text(t) => serializer.serialize_str(t),
            Value::List(items) => serializer.collect_seq(items),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => |$x:ident| $value:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($x: $from) -> Value {
                $value
            }
        })*
    };
}

value_from! {
    bool => |b| Value::Bool(b);
    u32 => |n| Value::Int(n.into());
    i64 => |n| Value::Int(n);
    u64 => |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    usize => |n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    f64 => |x| Value::Float(x);
    &str => |t| Value::Text(t.into());
    String => |t| Value::Text(t.into());
    Box<str> => |t| Value::Text(t);
    &Name => |n| Value::Text(n.as_str().into());
    // corosync counts its nodes from 1; 0 is nobody's.
    NodeId => |n| if n.0 == 0 { Value::Null } else { Value::Int(n.0.into()) };
    LinkId => |n| Value::Int(n.0.into());
    Member => |m| Value::Text(m.to_string().into());
    &RingId => |r| Value::Text(r.to_string().into());
    Span => |s| Value::Float(s.seconds());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        Value::List(values.into_iter().map(Into::into).collect())
    }
}
