//! Who says a line of journal JSON, and whether it may say something, before it is parsed.
//! In: a line. Out: whether it is worth parsing.
//! Never: parses; passes over what it does not know for sure.

use super::literals::{Literals, Speaker};
use crate::record::tag::own_name;
use memchr::{memchr, memmem};
use std::sync::LazyLock;

/// A quotation mark within a value has a backslash before it, so that no value can hold these.
static PROGRAM: LazyLock<memmem::Finder> =
    LazyLock::new(|| memmem::Finder::new("\"SYSLOG_IDENTIFIER\":\""));
static NO_TEXT: LazyLock<memmem::Finder> = LazyLock::new(|| memmem::Finder::new("\"MESSAGE\":["));
static MESSAGE: LazyLock<memmem::Finder> = LazyLock::new(|| memmem::Finder::new("\"MESSAGE\":\""));

/// Whether an object is worth parsing; with `chatter` whenever anybody but a quiet program says it. `None` for what does not
/// look like an object of journalctl.
pub fn may_say(line: &[u8], chatter: bool) -> Option<bool> {
    if !line.starts_with(b"{") || !line.trim_ascii_end().ends_with(b"}") {
        return None;
    }
    let start = PROGRAM.find(line)? + PROGRAM.needle().len();
    let program = &line[start..];
    let program = &program[..memchr(b'"', program)?];
    // A path or a unit is another name of who is known.
    if std::str::from_utf8(program).is_ok_and(|name| own_name(name) != name) {
        return None;
    }
    // What is escaped in a name is nobody's that is known.
    match Speaker::of(program) {
        Speaker::Watched => Some(true),
        Speaker::Quiet => Some(false),
        _ if chatter => Some(true),
        Speaker::Anyone => None,
        // Units stand in other fields, too: which words begin a message cannot be told as in a line of text.
        speaker => {
            let Some(start) = MESSAGE.find(line) else {
                // What is no text, or came twice, is not searched as it is.
                return NO_TEXT.find(line).map(|_| true);
            };
            let start = start + MESSAGE.needle().len();
            Some(Literals::get().may_say(speaker, line, start, line.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(program: &str, message: &str) -> String {
        format!(
            r#"{{"__REALTIME_TIMESTAMP":"1","SYSLOG_IDENTIFIER":"{program}","MESSAGE":"{message}","_PID":"7"}}"#
        )
    }

    #[test]
    fn what_is_worth_parsing_is_told_by_program_and_message() {
        for (program, message, want) in [
            ("corosync", "anything", Some(true)),
            ("sshd", "corosync lost quorum", Some(false)),
            ("kernel", "reboot: Power down", Some(true)),
            ("kernel", "usb 1-1: new device", Some(false)),
            (
                "systemd",
                "Started corosync.service - Corosync Cluster Engine.",
                Some(true),
            ),
            ("systemd", "Started session-7.scope.", Some(false)),
            ("pvedaemon", "worker exit", Some(false)),
            ("pvedaemon", "cfs-lock 'x' error: no quorum!", Some(true)),
            ("", "corosync", None),
        ] {
            let have = may_say(object(program, message).as_bytes(), false);
            assert_eq!(have, want, "{program} {message}");
        }
    }

    #[test]
    fn what_is_not_sure_is_left_to_who_reads_it() {
        for line in [
            r#"{"MESSAGE":"x"}"#,
            r#"{ "SYSLOG_IDENTIFIER" : "sshd" }"#,
            r#"{"SYSLOG_IDENTIFIER":"/usr/sbin/corosync","MESSAGE":"x"}"#,
            r#"{"SYSLOG_IDENTIFIER":"pve-cluster.service","MESSAGE":"x"}"#,
            r#"{"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"cut of"#,
            r#"{"MESSAGE":"say \"SYSLOG_IDENTIFIER\":\"sshd\""}"#,
        ] {
            assert_eq!(may_say(line.as_bytes(), false), None, "{line}");
        }
        let numbers = br#"{"SYSLOG_IDENTIFIER":"kernel","MESSAGE":[82,101]}"#;
        assert_eq!(may_say(numbers, false), Some(true));
        let other = object("pvestatd", "worker exit");
        assert_eq!(may_say(other.as_bytes(), true), Some(true));
    }
}
