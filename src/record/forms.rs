//! Tests: every form of line that people have, by example.
//! In: lines written for these tests. Out: nothing.
//! Never: a line of somebody's real log.

use super::Tz;
use super::*;
use crate::record::clock::Anchor;
use proptest::prelude::*;

const KNET: &str = "[KNET  ] link: host: 4 link: 1 is down";

fn clock() -> Clock {
    Clock {
        tz: Tz::UTC,
        zone_given: false,
        anchor: Anchor::Year(2025),
    }
}

fn read(text: &str) -> Line<'_> {
    line(text, &clock(), &mut Hint::default())
}

fn record(text: &str) -> Record<'_> {
    match read(text) {
        Line::Record(record) => record,
        other => panic!("{text:?} is {other:?}"),
    }
}

/// `at host program pid message` of a line, `-` for what it does not say.
fn row(text: &str) -> String {
    let r = record(text);
    let pid = r.pid.map_or("-".to_owned(), |p| p.to_string());
    let at = r.at.map_or("-".to_owned(), |t| t.to_string());
    let program = if r.program.is_empty() { "-" } else { r.program };
    let cut = if r.cut { "~" } else { "" };
    let repeat = if r.repeat == 1 {
        String::new()
    } else {
        format!(" x{}", r.repeat)
    };
    format!(
        "{at} {} {program} {pid} {}{cut}{repeat}",
        r.host.unwrap_or("-"),
        r.message
    )
}

/// Each line must read as the row of `want`, in which `@` is 2025-03-04T05:06:07Z and `#` the usual message.
fn check(cases: &[(&str, &str)]) {
    for (text, want) in cases {
        let text = text.replace('#', KNET);
        let want = want.replace('@', "2025-03-04T05:06:07Z").replace('#', KNET);
        assert_eq!(row(&text), want, "{text}");
    }
}

#[test]
fn modes_of_journalctl() {
    check(&[
        ("Mar 04 05:06:07 n4 corosync[31]:   #", "@ n4 corosync 31 #"),
        ("Mar  4 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        (
            "Mar 04 05:06:07.000000 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "Tue 2025-03-04 06:06:07 CET n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "Tue 2025-03-04 00:06:07 EST n4 corosync.service[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "Di 2025-03-04 05:06:07 QQQ n4 pve-cluster.service[31]: x",
            "@ n4 pmxcfs 31 x",
        ),
        (
            "2025-03-04T06:06:07+0100 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "2025-03-04T06:06:07+01:00 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "2025-03-04T05:06:07Z n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "2025-03-04T01:36:07.000000-0330 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "1741064767.000000 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        ("[   20.999000] n4 corosync[31]:   #", "- n4 corosync 31 #"),
        (
            "[   20.999000] n4 kernel: softdog: x",
            "- n4 kernel - softdog: x",
        ),
        (
            "[   20.999 <    0.000021 >] n4 corosync[31]:   #",
            "- n4 corosync 31 #",
        ),
        (
            "[   20.999                ] n4 corosync[31]:   #",
            "- n4 corosync 31 #",
        ),
        ("Mar 04 05:06:07 corosync[31]:   #", "@ - corosync 31 #"),
        ("Mar 04 05:06:07 kernel: eth0: x", "@ - kernel - eth0: x"),
        (
            "2025-03-04 05:06:07 ERROR: Backup of VM 7 failed - x",
            "@ - - - ERROR: Backup of VM 7 failed - x",
        ),
        (KNET, "- - - - #"),
        (
            "[status] notice: node lost quorum",
            "- - - - [status] notice: node lost quorum",
        ),
        ("-- Reboot --", "- - journalctl - -- Reboot --"),
        (
            "-- Boot 0123456789abcdef0123456789abcdef --",
            "- - journalctl - -- Boot 0123456789abcdef0123456789abcdef --",
        ),
    ]);
}

#[test]
fn syslog_daemons() {
    check(&[
        (
            "2025-03-04T06:06:07.000000+01:00 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        (
            "2025-03-04T06:06:07.000000+01:00 n4 corosync[31]   #",
            "@ n4 corosync 31 #",
        ),
        (
            "<30>1 2025-03-04T05:06:07Z n4 corosync 31 - -   #",
            "@ n4 corosync 31 #",
        ),
        (
            "1 2025-03-04T05:06:07Z n4 corosync 31 - [x@1 a=\"b \\\" ]\"][y z=\"\"] \u{feff}#",
            "@ n4 corosync 31 #",
        ),
        ("<30>1 - - kernel - - - x", "- - kernel - x"),
        (
            "<30>Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 10.2.3.4 corosync[31]: #",
            "@ 10.2.3.4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 fe80::4 corosync[31]: #",
            "@ fe80::4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 n4.lan.example corosync: #",
            "@ n4.lan.example corosync - #",
        ),
        (
            "2025-03-04 05:06:07  [the node] corosync: #",
            "@ the node corosync - #",
        ),
        (
            "Mar 04 05:06:07 box  04 corosync[31]: #",
            "@ box  04 corosync 31 #",
        ),
        (
            "Mar  4 05:06:07 n4 kernel: [123.456789] x y",
            "@ n4 kernel - x y",
        ),
        (
            "Mar 04 05:06:07 n4 /usr/bin/pmxcfs[31]: x",
            "@ n4 pmxcfs 31 x",
        ),
        (
            "Mar 04 05:06:07 2025-03-04T06:06:07+01:00 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 n4 corosync[31]: message repeated 12 times: [   #]",
            "@ n4 corosync 31 # x12",
        ),
        (
            "Mar 04 05:06:07 n4 corosync[31]: # <7 times>",
            "@ n4 corosync 31 # x7",
        ),
        (
            "Mar 04 05:06:07 n4 corosync[31]: Mar 04 05:06:07 debug   #",
            "@ n4 corosync 31 #",
        ),
    ]);
    assert_eq!(row("<30>1 - - kernel - - - x"), "- - kernel - x");
}

#[test]
fn corosyncs_own_file() {
    check(&[
        (
            "Mar 04 05:06:07.000 [31] n4 corosync notice  #",
            "@ n4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 [31] n4 corosync info    #",
            "@ n4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 [31] N-4 corosync warning #",
            "@ N-4 corosync 31 #",
        ),
        (
            "Mar 04 05:06:07 [31] corosync info    #",
            "@ - corosync 31 #",
        ),
        ("Mar 04 05:06:07 corosync #", "@ - corosync - #"),
        ("Mar 04 05:06:07 [31] notice  #", "@ - corosync 31 #"),
    ]);
}

#[test]
fn months_of_other_languages() {
    check(&[
        ("Mär 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        ("mars 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        ("мар 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        ("3月 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        (
            "3 月 4 日 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        ("ar 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
    ]);
}

#[test]
fn what_pastes_put_in_front() {
    check(&[
        (
            "    Mar 04 05:06:07 n4 corosync[31]:   #",
            "@ n4 corosync 31 #",
        ),
        ("\tMar 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        (
            "> > Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        (
            "⑬\tMar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        ("- Mar 04 05:06:07 n4 corosync[31]: #", "@ n4 corosync 31 #"),
        (
            "- `Mar 04 05:06:07 n4 corosync[31]: #`",
            "@ n4 corosync 31 #",
        ),
        (
            "12: Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        (
            "  12|Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        (
            "./syslog.1:Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        (
            "syslog:12:Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        ("12:corosync[31]:   #", "- - corosync 31 #"),
        (
            "[code]Mar 04 05:06:07 n4 corosync[31]: #",
            "@ n4 corosync 31 #",
        ),
        ("\"Mar 04 05:06:07 n4 kernel: x=3D1", "@ n4 kernel - x=1"),
        ("05:06:07 n4 corosync[31]: #", "- n4 corosync 31 #"),
    ]);
}

#[test]
fn what_pastes_leave_out() {
    check(&[
        ("corosync[31]:   #", "- - corosync 31 #"),
        ("n4 kernel: nfs: x", "- n4 kernel - nfs: x"),
        ("n4 corosync[31]: #", "- n4 corosync 31 #"),
        ("kernel: x y", "- - kernel - x y"),
        ("[   12.345678] softdog: x", "- - kernel - softdog: x"),
        (
            "[   12.345678] e1000e 0000:00:1f.6 eno1: x",
            "- - kernel - e1000e 0000:00:1f.6 eno1: x",
        ),
        (
            "[Tue Mar  4 05:06:07 2025] softdog: x",
            "@ - kernel - softdog: x",
        ),
        (
            "2025-03-04T05:06:07  n4  bond0: now running",
            "@ n4 - - bond0: now running",
        ),
        (
            "Mar 04 05:06:07 n4 corosync[31]: [TOTEM ] A new mem>",
            "@ n4 corosync 31 [TOTEM ] A new mem~",
        ),
        (
            "Mar 04 05:06:07 n4 corosync[31]: [TOTEM ] A new mem…",
            "@ n4 corosync 31 [TOTEM ] A new mem~",
        ),
        (
            "Mar 04 05:06:07 n4 pvedaemon[31]: <root>",
            "@ n4 pvedaemon 31 <root>",
        ),
        (
            "reboot   system boot  6.8.12-9-pve     Tue Mar  4 05:06:07 2025   still running",
            "@ - last - reboot system boot 6.8.12-9-pve still running",
        ),
    ]);
}

#[test]
fn what_is_no_record() {
    for text in [
        "-- Logs begin at Tue 2025-03-04 05:06:07 CET, end at Tue 2025-03-04 05:06:08 CET. --",
        "-- Journal begins at Tue 2025-03-04 05:06:07 CET. --",
        "-- No entries --",
        "```",
        "```text",
        "● corosync.service - Corosync Cluster Engine",
        "     Active: active (running) since Tue 2025-03-04 05:06:07 CET; 9h ago",
        "             └─929 /usr/bin/pmxcfs",
        "root@n4:~# journalctl -u corosync",
        "{\"not\": \"an entry\"}",
    ] {
        assert_eq!(read(text), Line::Other, "{text}");
    }
    assert_eq!(read(""), Line::Blank);
    assert_eq!(read("\r"), Line::Blank);
    assert_eq!(read("// corosync[1]: [KNET  ] was here"), Line::Note);
}

#[test]
fn prose_names_no_program() {
    for text in [
        "Then corosync was restarted, and corosync: nothing.",
        "corosync: what it is and why",
        "We saw kernel panics on pve-ha-lrm hosts.",
        "Error: 500 can't lock file '/var/lock/x.conf' - got timeout",
        "root@n4:~# systemctl restart corosync",
        "(snip)",
        "# a shell comment about pmxcfs",
    ] {
        assert_eq!(record(text).program, "", "{text}");
    }
}

#[test]
fn a_line_borrows() {
    let text = "Mar 04 05:06:07 n4 corosync[31]:   [KNET  ] x";
    assert!(matches!(
        record(text).message,
        std::borrow::Cow::Borrowed(_)
    ));
}

/// Lines of every form, to be damaged.
fn seeds() -> Vec<String> {
    [
        "Mar 04 05:06:07 n4 corosync[31]:   [KNET  ] link: host: 4 link: 1 is down",
        "Tue 2025-03-04 06:06:07 CET n4 pve-cluster.service[31]: [status] notice: x",
        "<30>1 2025-03-04T05:06:07Z n4 corosync 31 - [x@1 a=\"b \\\" ]\"] [KNET  ] x",
        "[   20.999 <    0.000021 >] n4 kernel: [12.3] x",
        "3 月 4 日 05:06:07 [the node] corosync: message repeated 3 times: [   [TOTEM ] x]",
        "> 12: ./a/UPID:n1:1:2:3:4:5:6::7:`x`",
        "| 01:02:03 | w3 | `link: host: 9 link: 1 is down` · `y z` |",
        "reboot   system boot  6.8.12-9-pve     Tue Mar  4 05:06:07 2025   still running",
        "data: {\"MESSAGE\":[1,2],\"_COMM\":\"corosync\",\"__REALTIME_TIMESTAMP\":\"1\"}",
        "Mär 04 05:06:07.5 n4 corosync[31]: Mar 04 05:06:07 debug   [TOTEM ] x…",
    ]
    .map(str::to_owned)
    .to_vec()
}

proptest! {
    #[test]
    fn no_line_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (text, _) = clean(&bytes);
        read(&text);
        Anchor::from_sample(&bytes);
    }

    #[test]
    fn no_splice_panics(a in 0usize..10, b in 0usize..10, x in 0usize..120, y in 0usize..120, noise in "\\PC{0,6}") {
        let seeds = seeds();
        let head: String = seeds[a].chars().take(x).collect();
        let tail: String = seeds[b].chars().skip(y).collect();
        let text = format!("{head}{noise}{tail}");
        read(&text);
        Anchor::from_sample(text.as_bytes());
    }

    #[test]
    fn a_hint_changes_nothing(order in proptest::collection::vec(0usize..10, 1..20)) {
        let seeds = seeds();
        let mut hint = Hint::default();
        for index in order {
            let text = &seeds[index];
            prop_assert_eq!(line(text, &clock(), &mut hint), line(text, &clock(), &mut Hint::default()));
        }
    }
}
