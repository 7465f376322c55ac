//! Cheap shared names.
//! In: text. Out: a reference-counted name, ordered by its text.
//! Never: interns globally; equal names from two places are two allocations.

use serde::Serialize;
use std::hash::{Hash, Hasher};
use std::{fmt, ops::Deref, sync::Arc};

/// A host, program, lock or guest name; cheap to clone, ordered by its text.
#[derive(Clone, Debug, Eq, PartialOrd, Ord, Serialize)]
pub struct Name(Arc<str>);

// Two that are one allocation need not be read: names that are asked for are nearly always those of the line before.
impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

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
