//! What systemd-journald says of itself, and the lines that journalctl puts between boots.
//! In: a message of systemd-journald, or a marker line. Out: `Journald`.
//! Never: judges how a boot ended.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of systemd-journald. Source: systemd src/journal/ where nothing else is said.
    pub enum Journald {
        /// Ends in an orderly way: the end of a boot, or its own restart.
        Stopped "journald.stopped" {} = ["Journal stopped"] ~ "Journal stopped";
        /// Begins: in the first seconds of a boot, or its own restart.
        Started "journald.started" {} = ["Journal started"] ~ "Journal started";
        /// The file was not closed at the end of the boot before. Source: systemd src/libsystemd/sd-journal/.
        Corrupt "journald.corrupt" { path: Box<str> }
            = ["File ", path, " corrupted or uncleanly shut down, renaming and replacing."]
                ~ "File /var/log/journal/1064eace00dd4e3daeb15d4eed400196/system.journal corrupted or uncleanly shut down, renaming and replacing.";
        /// A marker between two boots; `id` since systemd 242.
        BootMarker "journald.boot-marker" { id: Option<Word> }
            = ["-- Boot ", id, " --"] ~ "-- Boot 3f0c6a52b8e94a0f9f4b5b6a1c0f7d11 --"
            = ["-- Reboot --", !id] ~ "-- Reboot --";
        /// Asked to end, by process 1 on an orderly way down.
        StopRequested "journald.stop-requested" { pid: u32, comm: Box<str> }
            = ["Received SIGTERM from PID ", pid, " (", comm, ")."] ~ "Received SIGTERM from PID 1 (systemd).";
        /// The journal in memory is written to disk: early in a boot.
        Flushing "journald.flushing" {}
            = ["Received client request to flush runtime journal."]
                ~ "Received client request to flush runtime journal.";
        /// Size of the journal in memory.
        RuntimeSize "journald.runtime-size" { path: Box<str>, size: Box<str> }
            = ["Runtime Journal (", path, ") is ", size]
                ~ "Runtime Journal (/run/log/journal/1064eace00dd4e3daeb15d4eed400196) is 8.0M, max 78.5M, 70.5M free.";
        /// Size of the journal on disk.
        SystemSize "journald.system-size" { path: Box<str>, size: Box<str> }
            = ["System Journal (", path, ") is ", size]
                ~ "System Journal (/var/log/journal/1064eace00dd4e3daeb15d4eed400196) is 64.0M, max 4.0G, 3.9G free.";
        /// A unit logged too much and lines were thrown away.
        Suppressed "journald.suppressed" { count: u32, unit: Box<str> }
            = ["Suppressed ", count, " messages from ", unit] ~ "Suppressed 1234 messages from pve-cluster.service";
        /// The kernel logged faster than it was read and lines are missing.
        Missed "journald.missed" { count: u32 }
            = ["Missed ", count, " kernel messages"] ~ "Missed 12 kernel messages";
        /// No message: the last line that any program logged before a boot or the end of an input, where nothing else
        /// is known of that line. A sign of life; the sample stands for all of them. Where it is of the kernel, `before` is
        /// another program heard shortly before it: the log holds more than the kernel's lines then.
        LastLine "log.last-line" { program: Option<Word>, before: Option<Word> }
            = ["-- Last line, of ", program, " behind ", before, " --"] ~ "-- Last line, of kernel behind CRON --";
        /// No message: zeros in a file of text. Its length was written before the power went, and its text was not: what
        /// stands behind them is of a later boot. `bytes` as far as the line was read; the sample stands for all of them.
        NulRun "log.nul-run" { bytes: u64 }
            = ["-- ", bytes, " zero bytes --"] ~ "-- 2048 zero bytes --";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Journald::parse(message, cut)
        .filter(|found| {
            !matches!(
                found,
                Journald::BootMarker { .. } | Journald::LastLine { .. } | Journald::NulRun { .. }
            )
        })
        .map(Kind::Journald)
}

/// Reads a marker that journalctl prints between boots.
pub fn read_marker(message: &str) -> Option<Kind> {
    let marker = message.starts_with("-- ");
    let found = marker.then(|| Journald::parse(message, false)).flatten();
    found
        .filter(|found| matches!(found, Journald::BootMarker { .. }))
        .map(Kind::Journald)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Journald>();
    }

    #[test]
    fn markers_between_boots_have_an_id_or_none() {
        assert_eq!(
            read_marker("-- Boot 3f0c6a52b8e94a0f9f4b5b6a1c0f7d11 --"),
            Some(Kind::Journald(Journald::BootMarker {
                id: Some(Word("3f0c6a52b8e94a0f9f4b5b6a1c0f7d11".into()))
            }))
        );
        assert_eq!(
            read_marker("-- Reboot --"),
            Some(Kind::Journald(Journald::BootMarker { id: None }))
        );
        assert_eq!(read_marker("-- No entries --"), None);
        assert_eq!(read_marker("-- Last line, of sshd --"), None);
        assert_eq!(read("-- Reboot --", false), None);
    }
}
