//! pve_lock.
//! In: a message. Out: `PveLock`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of pve_lock.
    pub enum PveLock {
        /// first
        NoQuorum "pve.no-quorum" {} = ["cluster not ready - no quorum?"] ~ "cluster not ready - no quorum?";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    PveLock::parse(message, cut).map(Kind::PveLock)
}
