//! systemd.
//! In: a message. Out: `Systemd`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of systemd.
    pub enum Systemd {
        /// first
        Dummy "systemd.x" {} = ["xxx"] ~ "xxx";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Systemd::parse(message, cut).map(Kind::Systemd)
}
