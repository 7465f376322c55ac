//! qdevice.
//! In: a message. Out: `Qdevice`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of qdevice.
    pub enum Qdevice {
        /// first
        ConnectTimeout "qdevice.connect-timeout" {} = ["Connect timeout"] ~ "Connect timeout";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Qdevice::parse(message, cut).map(Kind::Qdevice)
}
