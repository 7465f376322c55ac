//! pve_ha_crm.
//! In: a message. Out: `PveHaCrm`.
//! Never: keeps state.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of pve_ha_crm.
    pub enum PveHaCrm {
        /// first
        Release "pve-ha-crm.release" {} = ["voluntary release CRM lock"] ~ "voluntary release CRM lock";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    PveHaCrm::parse(message, cut).map(Kind::PveHaCrm)
}
