//! last.
//! In: a message. Out: `Last`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of last.
    pub enum Last {
        /// first
        Dummy "last.x" {} = ["xxx"] ~ "xxx";
    }
}

/// Reads a message of this program.
pub fn read(message: &str) -> Option<Kind> {
    Last::parse(message, false).map(Kind::Last)
}
