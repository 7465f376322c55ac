//! Where a line is.
//! In: counters of the readers. Out: a place that can be shown and compared.
//! Never: the text itself.

use serde::Serialize;

/// Which input; an index into the report's list of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceId(pub u32);

/// Where a line is: which source, and which line of it, counted from 1 over every line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The input.
    pub source: SourceId,
    /// Line number, from 1.
    pub line: u64,
}

/// A line that proves something, kept beyond its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it is.
    pub place: Place,
    /// Its own stamp.
    pub at: Option<super::Timestamp>,
    /// Its text, cut to what a reader needs.
    pub text: std::sync::Arc<str>,
}
