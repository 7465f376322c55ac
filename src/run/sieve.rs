//! Which entries of a journal an analysis can do without.
//! In: the name of a program, a message. Out: whether the scanner would read such a line.
//! Never: holds back what the scanner reads of the same words in a text.

use super::ReadOptions;
use crate::event::literals::{Literals, Speaker};
use crate::input::{Says, Sieve, Worth};
use crate::record::tag::own_name;
use memchr::memmem;

/// Those whose messages decide, by the numbers that a sieve calls them.
const ASKED: [Speaker; 6] = [
    Speaker::Kernel,
    Speaker::System,
    Speaker::Power,
    Speaker::Daemon,
    Speaker::Zed,
    Speaker::Anyone,
];

/// How the kernel says that a boot begins, however blanks are set: these events ask for the lines before them (`tail.rs`).
const BOOTS: [&[u8]; 2] = [b"Linux", b"ommand"];

/// The sieve of a reading; none where chatter is wanted too, and of every program.
pub fn of(options: &ReadOptions) -> Option<Sieve> {
    let program = if options.chatter { everything } else { worth };
    (!options.chatter || options.only.is_some()).then(|| Sieve {
        only: options.only.clone(),
        program,
        message: says,
    })
}

fn everything(_: &[u8]) -> Worth {
    Worth::Everything
}

fn worth(program: &[u8]) -> Worth {
    // A name that cannot stand in a line of JSON as it is, is looked for in other fields of the entry; and a path or a unit
    // is another name of who is known.
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\');
    let known = std::str::from_utf8(program)
        .ok()
        .filter(|name| name.bytes().all(plain) && own_name(name) == *name);
    let speaker = Speaker::of(known.unwrap_or_default().as_bytes());
    match (speaker, ASKED.iter().position(|asked| *asked == speaker)) {
        (Speaker::Quiet, _) => Worth::Nothing,
        (_, Some(who)) => Worth::ByMessage(who as u8),
        (_, None) => Worth::Everything,
    }
}

fn says(who: u8, bytes: &[u8], length: usize) -> Says {
    let speaker = ASKED.get(usize::from(who)).copied();
    match speaker.unwrap_or(Speaker::Anyone) {
        // Who has no name may be anybody, and is seldom.
        Speaker::Anyone => Says::Boot,
        speaker if !Literals::get().may_say(speaker, bytes, 0, length) => {
            match std::str::from_utf8(&bytes[..length]) {
                Ok(_) => Says::Nothing,
                Err(_) => Says::Something,
            }
        }
        Speaker::Kernel
            if BOOTS
                .iter()
                .any(|word| memmem::find(&bytes[..length], word).is_some()) =>
        {
            Says::Boot
        }
        _ => Says::Something,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::scan::{self, Manner};
    use crate::event::{Event, vocabulary};
    use crate::model::{Limits, SourceId};
    use crate::record::{Anchor, Clock};

    /// Every kind of speaker, and those whose names decide how their messages are read.
    const PROGRAMS: [&str; 32] = [
        "corosync",
        "corosync-qdevice",
        "pmxcfs",
        "pve-cluster",
        "pve-ha-lrm",
        "pve-ha-crm",
        "watchdog-mux",
        "kernel",
        "systemd",
        "systemd-logind",
        "systemd-shutdown",
        "systemd-journald",
        "nut-monitor",
        "upsmon",
        "chronyd",
        "ntpd",
        "zed",
        "journalctl",
        "last",
        "",
        "pvedaemon",
        "pvestatd",
        "pvescheduler",
        "qm",
        "vzdump",
        "task",
        "100-0",
        "cp",
        "/usr/sbin/corosync",
        "/usr/sbin/sshd",
        "pve-cluster.service",
        "init.scope",
    ];

    fn asked(program: &str, message: &str) -> Says {
        match worth(program.as_bytes()) {
            Worth::Everything => Says::Something,
            Worth::Nothing => Says::Nothing,
            Worth::ByMessage(who) => says(who, message.as_bytes(), message.len()),
        }
    }

    /// What is found in an entry without a sieve.
    fn found(program: &str, message: &str) -> scan::Scanned {
        let line = format!(r#"{{"SYSLOG_IDENTIFIER":{program:?},"MESSAGE":{message:?}}}"#);
        let clock = Clock::utc(Anchor::Year(2026));
        let (limits, manner) = (Limits::default(), Manner::default());
        scan::block(line.as_bytes(), SourceId(0), 1, &clock, &limits, manner)
    }

    fn begins_boot(event: &Event) -> bool {
        [
            "kernel.linux-version",
            "kernel.command-line",
            "journald.boot-marker",
        ]
        .contains(&event.kind.name())
    }

    #[test]
    fn what_is_found_is_never_held_back() {
        let mut seen = 0;
        for sample in vocabulary() {
            let ends = 1..=sample.message.len();
            for end in ends.filter(|end| sample.message.is_char_boundary(*end)) {
                let message = &sample.message[..end];
                for program in PROGRAMS {
                    let found = found(program, message);
                    let coverage = &found.coverage;
                    if coverage.understood + coverage.unknown == 0 {
                        continue;
                    }
                    seen += 1;
                    let said = asked(program, message);
                    assert_ne!(said, Says::Nothing, "{program}: {message}");
                    if found.events.iter().any(begins_boot) {
                        assert_eq!(said, Says::Boot, "{program}: {message}");
                    }
                }
            }
        }
        assert!(seen > 10_000);
    }

    #[test]
    fn what_is_no_text_is_not_held_back() {
        let said = |message: &[u8]| says(0, message, message.len());
        assert_eq!(said(b"usb 1-1: new device"), Says::Nothing);
        assert_eq!(said(b"usb 1-1: new device \xff"), Says::Something);
    }
}
