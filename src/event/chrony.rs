//! chrony.
//! In: a message. Out: `Chrony`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of chrony.
    pub enum Chrony {
        /// first
        Dummy "chrony.x" {} = ["xxx"] ~ "xxx";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Chrony::parse(message, cut).map(Kind::Chrony)
}
