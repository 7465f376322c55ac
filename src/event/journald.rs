//! journald.
//! In: a message. Out: `Journald`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of journald.
    pub enum Journald {
        /// first
        Stopped "journald.stopped" {} = ["Journal stopped"] ~ "Journal stopped";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Journald::parse(message, cut).map(Kind::Journald)
}

/// Reads a marker that journalctl prints between boots.
pub fn read_marker(message: &str) -> Option<Kind> {
    let _ = message;
    None
}
