//! logind.
//! In: a message. Out: `Logind`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of logind.
    pub enum Logind {
        /// first
        WillReboot "logind.will-reboot" {} = ["The system will reboot now!"] ~ "The system will reboot now!";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Logind::parse(message, cut).map(Kind::Logind)
}
