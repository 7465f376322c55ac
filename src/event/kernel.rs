//! kernel.
//! In: a message. Out: `Kernel`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of kernel.
    pub enum Kernel {
        /// first
        PowerDown "kernel.power-down" {} = ["reboot: Power down"] ~ "reboot: Power down";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Kernel::parse(message, cut).map(Kind::Kernel)
}
