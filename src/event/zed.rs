//! What the ZFS event daemon says of pools and their devices.
//! In: a message of zed. Out: `Zed`.
//! Never: judges the health of a pool.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of zed. Fields come in one order and each may be missing. Source: openzfs cmd/zed/zed.d/all-syslog.sh.
    pub enum Zed {
        /// A device of a pool changed its state: ONLINE, DEGRADED, FAULTED, REMOVED, UNAVAIL, OFFLINE.
        StateChanged "zed.state-changed" { eid: u32, pool: Box<str>, vdev: Word, state: Word }
            = ["eid=", eid, " class=statechange pool='", pool, "' vdev=", vdev, " vdev_state=", state]
                ~ "eid=25 class=statechange pool='tank' vdev=ata-X-part1 vdev_state=FAULTED";
        /// Data did not match its checksum.
        Checksum "zed.checksum" { eid: u32, pool: Box<str>, detail: Box<str> }
            = ["eid=", eid, " class=checksum pool='", pool, "' ", detail]
                ~ "eid=31 class=checksum pool='tank' vdev=ata-X-part1 algorithm=fletcher4 size=8192 offset=1234944 priority=0 err=52 flags=0x808aa bookmark=68:1:0:13";
        /// A device could not read or write.
        Io "zed.io" { eid: u32, pool: Box<str>, detail: Box<str> }
            = ["eid=", eid, " class=io pool='", pool, "' ", detail]
                ~ "eid=30 class=io pool='tank' vdev=ata-X-part1 size=4096 offset=270336 priority=0 err=5 flags=0x380881";
        /// A device took longer than 30 seconds.
        Delay "zed.delay" { eid: u32, pool: Box<str>, detail: Box<str> }
            = ["eid=", eid, " class=delay pool='", pool, "' ", detail]
                ~ "eid=33 class=delay pool='tank' vdev=ata-X-part1 size=131072 offset=4096 priority=3 err=0 flags=0x40080480 delay=31000ms";
        /// Care of a pool: scrubs, resilvers, imports.
        Care "zed.care" { eid: u32, class: Word, pool: Box<str>, detail: Option<Box<str>> }
            = ["eid=", eid, " class=", class, " pool='", pool, "' ", detail]
                ~ "eid=44 class=resilver_finish pool='tank' pool_state=ONLINE"
            = ["eid=", eid, " class=", class, " pool='", pool, "'", !detail]
                ~ "eid=40 class=history_event pool='tank'";
    }
}

/// Reads a message of zed.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Zed::parse(message, cut).map(Kind::Zed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Zed>();
    }
}
