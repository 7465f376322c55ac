//! Where a line is.
//! In: counters of the readers. Out: a place that can be shown and compared, and a line that is kept with its text.
//! Never: a line that nothing is proved by.

use serde::Serialize;
use std::ops::Deref;
use std::sync::Arc;

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
    /// Its text.
    pub text: Text,
}

/// The text of a line, cut to what a reader needs, and where in it the message begins: what stands before tells when, where
/// and by whom, in the form of whoever wrote the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    whole: Arc<str>,
    message: u16,
}

impl Text {
    /// A text whose message begins at byte `message`; all of it is the message where that is none of its places.
    pub fn new(whole: &str, message: usize) -> Text {
        let message = if whole.is_char_boundary(message) {
            message
        } else {
            0
        };
        Text {
            whole: whole.into(),
            message: u16::try_from(message).unwrap_or(0),
        }
    }

    /// The whole, to be shared.
    pub fn whole(&self) -> Arc<str> {
        Arc::clone(&self.whole)
    }

    /// What stands before the message.
    pub fn head(&self) -> &str {
        &self.whole[..usize::from(self.message)]
    }

    /// What was said: the same in every form of the log, but for blanks.
    pub fn message(&self) -> &str {
        &self.whole[usize::from(self.message)..]
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.whole
    }
}

impl From<&str> for Text {
    fn from(whole: &str) -> Text {
        Text::new(whole, 0)
    }
}

impl From<String> for Text {
    fn from(whole: String) -> Text {
        Text::new(&whole, 0)
    }
}
