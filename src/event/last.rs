//! Lines of `last -x`.
//! In: such a line without its time columns. Out: `Last`.
//! Never: reads the times; the record layer does.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Entries of wtmp. Source: util-linux login-utils/last.c.
    pub enum Last {
        /// A boot.
        Reboot "last.reboot" { kernel: Option<Word>, end: Option<Box<str>> }
            = ["reboot system boot", " ", kernel, " ", end] ~ "reboot   system boot  5.14.21-150400.24.179-default"
            = ["reboot system boot", !kernel, !end] ~ "reboot system boot";
        /// An orderly end of a boot.
        Shutdown "last.shutdown" { kernel: Option<Word>, end: Option<Box<str>> }
            = ["shutdown system down", " ", kernel, " ", end] ~ "shutdown system down  6.8.12-4-pve"
            = ["shutdown system down", !kernel, !end] ~ "shutdown system down";
        /// The system reached a run level; 0 and 6 are on the way down.
        Runlevel "last.runlevel" { level: Word, kernel: Option<Word>, end: Option<Box<str>> }
            = ["runlevel (to lvl ", level, ")", " ", kernel, " ", end]
                ~ "runlevel (to lvl 5)   5.14.21-150400.24.179-default"
            = ["runlevel (to lvl ", level, ")", !kernel, !end] ~ "runlevel (to lvl 5)";
        /// A login that no logout and no shutdown ended.
        Crash "last.crash" { user: Word, line: Word, detail: Box<str> }
            = [user, " ", line, " ", detail, "crash"] ~ "root pts/0 10.0.0.1 - crash";
    }
}

/// Reads a message of this program.
pub fn read(message: &str) -> Option<Kind> {
    Last::parse(message, false).map(Kind::Last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Last>();
    }

    #[test]
    fn a_boot_names_its_kernel() {
        assert_eq!(
            Last::parse("reboot system boot 6.8.12-4-pve", false),
            Some(Last::Reboot {
                kernel: Some(Word("6.8.12-4-pve".into())),
                end: Some("".into())
            })
        );
    }

    #[test]
    fn other_logins_are_none() {
        assert_eq!(
            Last::parse("root pts/0 10.0.0.1 gone - no logout", false),
            None
        );
        assert_eq!(Last::parse("wtmp begins", false), None);
    }
}
