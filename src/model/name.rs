//! Cheap shared names.
//! In: text. Out: a reference-counted name, ordered by its text.
//! Never: interns globally; equal names from two places are two allocations.

use serde::Serialize;
use std::{fmt, ops::Deref, sync::Arc};

/// A host, program, lock or guest name; cheap to clone, ordered by its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Name(Arc<str>);

impl Name {
    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name(text.into())
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
