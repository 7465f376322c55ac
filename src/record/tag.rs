//! Who logged a line: host, program and pid.
//! In: a line behind its stamp. Out: a `Header`, and the message.
//! Never: knows what programs say, except that subsystems stand in brackets.

use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::{char, digit1};
use nom::combinator::{map_opt, opt};
use nom::sequence::delimited;
use nom::{IResult, Parser};

/// Who logged a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'b> {
    /// The host, if printed.
    pub host: Option<&'b str>,
    /// The program, empty where none is printed.
    pub program: &'b str,
    /// Its process id.
    pub pid: Option<u32>,
}

/// A program with its pid, and whether the colon stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'b> {
    /// Its own name: without directory and `.service`.
    pub program: &'b str,
    /// Its process id.
    pub pid: Option<u32>,
    /// rsyslog loses the colon when it passes on RFC 5424.
    colon: bool,
}

/// Programs that are read without a pid on a line without a stamp. Others are more likely prose or kernel messages.
pub const KNOWN: [&str; 23] = [
    "kernel",
    "corosync",
    "corosync-qdevice",
    "pmxcfs",
    "pve-ha-lrm",
    "pve-ha-crm",
    "watchdog-mux",
    "systemd",
    "systemd-logind",
    "systemd-shutdown",
    "systemd-journald",
    "chronyd",
    "pvestatd",
    "pvedaemon",
    "pveproxy",
    "pvescheduler",
    "pve-guests",
    "pve-firewall",
    "vzdump",
    "qm",
    "pct",
    "zed",
    "rrdcached",
];

/// Bytes of a host's name; what is longer is none.
pub const HOST_BYTES: usize = 255;
/// Bytes of a program's name; what is longer is none.
pub const NAME_BYTES: usize = 80;

/// Reads `program[pid]: `, `program: ` or `program[pid] `; the rest begins with the message.
pub fn tag(input: &str) -> IResult<&str, Tag<'_>> {
    let name = take_while1(|c: char| {
        !c.is_whitespace()
            && !matches!(
                c,
                ':' | '[' | ']' | '|' | '`' | '"' | '\'' | '{' | '}' | '='
            )
    });
    let pid = delimited(
        char('['),
        map_opt(digit1, |d: &str| d.parse::<u32>().ok()),
        char(']'),
    );
    // People leave out what tells nothing.
    let left_out = delimited(
        char('['),
        take_while1(|c: char| matches!(c, '.' | '…' | 'x' | 'X' | '*' | '#' | '?')),
        char(']'),
    );
    let pid = alt((pid.map(Some), left_out.map(|_| None)));
    let (rest, (name, pid, colon)) = (name, opt(pid), opt(char(':'))).parse(input)?;
    let pid = pid.flatten();
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', '\u{a0}']);
    if !ends || (pid.is_none() && colon.is_none()) || name.len() > NAME_BYTES {
        return Err(nom::Err::Error(nom::error::Error::new(
            input,
            nom::error::ErrorKind::Tag,
        )));
    }
    let tag = Tag {
        program: own_name(name),
        pid,
        colon: colon.is_some(),
    };
    Ok((rest.trim_start(), tag))
}

/// The program's own name: identifiers as they are, units as the identifier of their main process, paths as their last part.
pub fn own_name(name: &str) -> &str {
    let name = match name.rsplit_once('/') {
        Some((_, last)) if name.starts_with('/') => last,
        Some(_) | None => name,
    };
    match name {
        "init.scope" => "systemd",
        "pve-cluster.service" => "pmxcfs",
        "chrony.service" => "chronyd",
        _ => name.strip_suffix(".service").unwrap_or(name),
    }
}

/// Reads host and tag behind a stamp. Where there is no tag, the whole rest is the message, and a host is read only
/// before a message that is plainly one.
pub fn stamped(input: &str) -> (Header<'_>, &str) {
    let nobody = Header {
        host: None,
        program: "",
        pid: None,
    };
    if is_message(input) {
        return (nobody, input);
    }
    if let Ok((message, tag)) = tag(input) {
        return (tag.header(None, input), message_of(tag, input, message));
    }
    let Some((host, after)) = host(input) else {
        return (nobody, input);
    };
    let named = Header {
        host: Some(host),
        ..nobody
    };
    if is_message(after) {
        // corosync's own file may hold neither host nor pid.
        let own = LEVELS.contains(&host);
        let corosync = Header {
            program: "corosync",
            ..nobody
        };
        return (if own { corosync } else { named }, after);
    }
    if let Ok((message, tag)) = tag(after) {
        return (
            tag.header(Some(host), after),
            message_of(tag, after, message),
        );
    }
    // A host name with a blank in it: the tag behind must be beyond doubt.
    if let Some((second, last)) = self::host(after)
        && let Ok((message, tag)) = tag(last)
        && tag.colon
        && (tag.pid.is_some() || KNOWN.contains(&tag.program))
    {
        let both = &input[..input.len() - after.len() + second.len()];
        return (tag.header(Some(both), last), message);
    }
    match KERNEL_STARTS.iter().any(|s| after.starts_with(s)) {
        true => (named, after),
        false => (nobody, input),
    }
}

/// Levels as corosync prints them before a message: no hosts. Source: libqb's qb_log names of priorities.
const LEVELS: [&str; 9] = [
    "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug", "trace",
];

/// Words that corosync counts in brackets behind (`Sync members[2]: 1 2`): no programs.
const COUNTED: [&str; 4] = ["Members", "members", "joined", "left"];

/// Reads a line without a stamp: a tag that is beyond doubt, with or without a host before it, or a bare message.
pub fn unstamped(input: &str) -> Option<(Header<'_>, &str)> {
    if is_message(input) {
        let nobody = Header {
            host: None,
            program: "",
            pid: None,
        };
        return Some((nobody, input));
    }
    if let Ok((message, tag)) = tag(input) {
        let sure = tag.colon && (tag.pid.is_some() || KNOWN.contains(&tag.program));
        let prose = tag.pid.is_none()
            && matches!(tag.program, "corosync" | "pmxcfs")
            && !message.starts_with('[')
            || COUNTED.contains(&tag.program);
        return (sure && !prose).then(|| (tag.header(None, input), message));
    }
    let (host, after) = host(input)?;
    let (message, tag) = tag(after).ok()?;
    let sure = tag.colon
        && (tag.pid.is_some() || tag.program == "kernel")
        && !COUNTED.contains(&tag.program);
    let named =
        host.contains(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) || host == "pve";
    sure.then(|| (tag.header(named.then_some(host), after), message))
}

impl<'b> Tag<'b> {
    /// The header; a name without pid that is the beginning of a kernel message is no program.
    fn header(self, host: Option<&'b str>, input: &str) -> Header<'b> {
        Header {
            host,
            program: if self.is_kernel(input) {
                ""
            } else {
                self.program
            },
            pid: self.pid,
        }
    }

    fn is_kernel(&self, input: &str) -> bool {
        self.pid.is_none() && KERNEL_STARTS.iter().any(|s| input.starts_with(s))
    }
}

/// The message behind a tag, or the whole when the tag belongs to the message.
fn message_of<'b>(tag: Tag<'b>, input: &'b str, message: &'b str) -> &'b str {
    if tag.is_kernel(input) { input } else { message }
}

/// Beginnings of kernel messages that hosts' names or tags would otherwise be read from when `kernel:` is left out; and of
/// what a backup's own log says, which has no tags.
const KERNEL_STARTS: [&str; 25] = [
    "ERROR: Backup of VM ",
    "bond",
    "vmbr",
    "e1000e",
    "igb ",
    "igc ",
    "ixgbe ",
    "i40e ",
    "tg3 ",
    "bnx2",
    "mlx5_core",
    "r8169",
    "eno",
    "enp",
    "softdog:",
    "watchdog:",
    "watchdog0:",
    "INFO:",
    "BUG:",
    "rcu:",
    "mce:",
    "nfs:",
    "EXT4-fs",
    "NETDEV WATCHDOG",
    "Out of memory",
];

/// Whether a message begins here: a subsystem of corosync or a domain of pmxcfs in brackets.
fn is_message(input: &str) -> bool {
    let Some((inside, after)) = input.strip_prefix('[').and_then(|i| i.split_once(']')) else {
        return false;
    };
    let name = inside.trim_end();
    let subsystem = (2..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase());
    let domain = matches!(
        name,
        "main"
            | "dcdb"
            | "status"
            | "quorum"
            | "confdb"
            | "database"
            | "ipcs"
            | "libqb"
            | "memdb"
            | "loop"
    );
    after.starts_with(' ') && (subsystem || domain)
}

/// A host and the text behind it: one word, or a placeholder in brackets.
fn host(input: &str) -> Option<(&str, &str)> {
    let length = match input.strip_prefix('[') {
        Some(inside) => inside.find(']')? + 2,
        None => input.find(char::is_whitespace)?,
    };
    let (host, after) = input.split_at(length);
    let fits =
        host.len() <= HOST_BYTES && !host.ends_with(',') && !host.contains(['`', '"', '|', '=']);
    let after = after.strip_prefix(char::is_whitespace)?.trim_start();
    fits.then(|| (host.trim_matches(['[', ']']), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_behind_a_stamp() {
        for (text, host, program, pid, message) in [
            (
                "n7 corosync[12]:   [KNET  ] x",
                Some("n7"),
                "corosync",
                Some(12),
                "[KNET  ] x",
            ),
            (
                "n7 corosync[12]   [KNET  ] x",
                Some("n7"),
                "corosync",
                Some(12),
                "[KNET  ] x",
            ),
            (
                "n7 corosync: [KNET  ] x",
                Some("n7"),
                "corosync",
                None,
                "[KNET  ] x",
            ),
            ("pmxcfs[5]: [dcdb] x", None, "pmxcfs", Some(5), "[dcdb] x"),
            ("notice  [TOTEM ] x", None, "corosync", None, "[TOTEM ] x"),
            ("n7 corosync[...]: x", Some("n7"), "corosync", None, "x"),
            ("n7  [TOTEM ] x", Some("n7"), "", None, "[TOTEM ] x"),
            ("node 'n7': x", None, "", None, "node 'n7': x"),
            (
                "n  7 corosync[12]: x",
                Some("n  7"),
                "corosync",
                Some(12),
                "x",
            ),
            (
                "[the host] corosync: x",
                Some("the host"),
                "corosync",
                None,
                "x",
            ),
            (
                "fe80::7 corosync[12]: x",
                Some("fe80::7"),
                "corosync",
                Some(12),
                "x",
            ),
            ("10.1.2.3 kernel: x", Some("10.1.2.3"), "kernel", None, "x"),
            (
                "n7.lan pve-cluster.service[9]: x",
                Some("n7.lan"),
                "pmxcfs",
                Some(9),
                "x",
            ),
            (
                "n7 /usr/sbin/corosync[9]: x",
                Some("n7"),
                "corosync",
                Some(9),
                "x",
            ),
            ("n7 init.scope[1]: x", Some("n7"), "systemd", Some(1), "x"),
            (
                "n7 pve-ha-lrm.service[1]: x",
                Some("n7"),
                "pve-ha-lrm",
                Some(1),
                "x",
            ),
            (
                "n7 postfix/smtp[1]: x",
                Some("n7"),
                "postfix/smtp",
                Some(1),
                "x",
            ),
            (
                "[KNET  ] link: host: 1 x",
                None,
                "",
                None,
                "[KNET  ] link: host: 1 x",
            ),
            (
                "n7 [status] notice: x",
                Some("n7"),
                "",
                None,
                "[status] notice: x",
            ),
            ("n7  bond0: now x", Some("n7"), "", None, "bond0: now x"),
            (
                "n7  igc eth0: NIC x",
                Some("n7"),
                "",
                None,
                "igc eth0: NIC x",
            ),
            ("some words only", None, "", None, "some words only"),
            ("", None, "", None, ""),
        ] {
            let (header, rest) = stamped(text);
            assert_eq!(
                (header.host, header.program, header.pid, rest),
                (host, program, pid, message),
                "{text}"
            );
        }
    }

    #[test]
    fn without_a_stamp_only_what_is_beyond_doubt() {
        let read = |text| unstamped(text).map(|(h, m)| (h.host, h.program, m));
        assert_eq!(
            read("corosync[12]:   [KNET  ] x"),
            Some((None, "corosync", "[KNET  ] x"))
        );
        assert_eq!(read("n7 kernel: x"), Some((Some("n7"), "kernel", "x")));
        assert_eq!(read("see corosync[1]: x"), Some((None, "corosync", "x")));
        assert_eq!(read("kernel: x"), Some((None, "kernel", "x")));
        assert_eq!(
            read("corosync: [MAIN  ] x"),
            Some((None, "corosync", "[MAIN  ] x"))
        );
        for prose in [
            "corosync: what it is",
            "then corosync: it stopped",
            "corosync failed",
            "Error: 500",
            "I restarted corosync[1] then",
            "note: corosync[1]: x",
            "Sync members[2]: 1 2",
            "Members[2]: 1 2",
        ] {
            assert_eq!(read(prose), None, "{prose}");
        }
    }
}
