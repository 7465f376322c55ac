//! pve_ha_lrm.
//! In: a message. Out: `PveHaLrm`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of pve_ha_lrm.
    pub enum PveHaLrm {
        /// first
        RestartFreeze "pve-ha-lrm.restart-freeze" {} = ["restart LRM, freeze all services"] ~ "restart LRM, freeze all services";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    PveHaLrm::parse(message, cut).map(Kind::PveHaLrm)
}
