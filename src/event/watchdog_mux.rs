//! watchdog_mux.
//! In: a message. Out: `WatchdogMux`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of watchdog_mux.
    pub enum WatchdogMux {
        /// first
        CleanExit "watchdog-mux.clean-exit" {} = ["clean exit"] ~ "clean exit";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    WatchdogMux::parse(message, cut).map(Kind::WatchdogMux)
}
