//! shutdown.
//! In: a message. Out: `Shutdown`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of shutdown.
    pub enum Shutdown {
        /// first
        Sync "shutdown.sync" {} = ["Syncing filesystems and block devices."] ~ "Syncing filesystems and block devices.";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Shutdown::parse(message, cut).map(Kind::Shutdown)
}
