//! Lines that pve-ha-lrm and pve-ha-crm share.
//! In: a message of either daemon. Out: `Ha`.
//! Never: tells the daemons apart; the caller does.

use super::message::{messages, words};

words! {
    /// Which of the two HA daemons printed a line.
    pub enum Daemon { Lrm = "pve-ha-lrm", Crm = "pve-ha-crm" }
}

messages! {
    /// Messages that both HA daemons print.
    pub enum Ha {
        /// first
        WatchdogActive "ha.watchdog-active" {} = ["watchdog active"] ~ "watchdog active";
    }
}
