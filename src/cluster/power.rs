//! Boots and ends of a node: was it fenced, did it panic, was it shut down, or did it just stop?
//! In: boot markers, shutdown, panic and watchdog lines of one node, and how its HA, quorum and /etc/pve stood. Out: `boot.judged`,
//! `fence.self`, `power.shutdown`.
//! Never: takes a log that simply ends for a reboot, nor a missing line for a proof.

use super::{Change, ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::chrony::Chrony;
use crate::event::ha::Ha;
use crate::event::journald::Journald;
use crate::event::kernel::Kernel;
use crate::event::last::Last;
use crate::event::logind::Logind;
use crate::event::pmxcfs::Pmxcfs;
use crate::event::pve_daemon::PveDaemon;
use crate::event::pve_ha_crm::{CrmState, PveHaCrm};
use crate::event::pve_ha_lrm::{LrmState, PveHaLrm};
use crate::event::pve_lock::PveLock;
use crate::event::pve_replication::PveReplication;
use crate::event::pve_storage::PveStorage;
use crate::event::pve_task::PveTask;
use crate::event::shutdown::Shutdown;
use crate::event::systemd::Systemd;
use crate::event::watchdog_mux::WatchdogMux;
use crate::event::{corosync, corosync::Corosync};
use crate::model::{Basis, Line, Name, Observer, Span, When};

/// Lines this long after the marker belong to the boot: file system recovery, journald's complaint.
const SETTLE_S: f64 = 120.0;
/// Without stamps, this many events after the marker.
const SETTLE_EVENTS: u32 = 200;
/// A forward step of the clock by this many seconds uses up a watchdog client's time. Source: watchdog-mux.c, time(NULL).
const CLOCK_STEP_S: f64 = 10.0;
/// What supports a shutdown must be among the last words: daemons also stop while a node goes on.
const LAST_WORDS_S: f64 = 90.0;
/// Without stamps, among this many events.
const LAST_WORDS_EVENTS: u64 = 30;
/// A warning of the multiplexer that is not taken back leads to a reset within this time.
const WARNED_S: f64 = 30.0;
/// A node that logs on for this long after a shutdown was announced was not shut down.
const STALE_S: f64 = 900.0;
/// A lock that was lost this long before the end, with the watchdog armed, lets the node be reset: the lock is lost some
/// 15 s after the last feed, the reset comes 71 s after it.
const LOCK_WINDOW_S: std::ops::RangeInclusive<f64> = 0.0..=90.0;
/// What was said this long before the end bears on it.
const BEARING_S: f64 = 300.0;
/// A node that loses quorum with its watchdog armed is reset this many seconds later: 35 to 55 s until the watchdog
/// expires, 10 s until the hardware acts (behaviour of watchdog-mux), and the journal may miss the last seconds.
const FENCE_WINDOW_S: std::ops::RangeInclusive<f64> = 25.0..=90.0;

/// What kills at least the task that the kernel was working for; other faults that it calls a BUG are warnings by themselves.
const DEADLY: [&str; 6] = [
    "Oops: ",
    "NULL pointer dereference",
    "unable to handle",
    "general protection fault",
    "kernel BUG at ",
    "stack guard page was hit",
];

/// Whether an event that came so long behind the beginning of a boot tells how the boot before it ended.
pub fn tells_of_end(kind: &Kind, events: u32, behind: Option<Span>) -> bool {
    let early = events <= SETTLE_EVENTS && behind.is_none_or(|span| span.seconds() <= SETTLE_S);
    let begins = matches!(
        kind,
        Kind::Journald(Journald::BootMarker { .. })
            | Kind::Kernel(Kernel::LinuxVersion { .. } | Kernel::CommandLine { .. })
    );
    early && (begins || unclean(kind))
}

/// What speaks for a kind of end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// watchdog-mux: a client expired, updates disabled.
    WatchdogExpired,
    /// watchdog-mux: a client vanished without closing.
    ClientDied,
    /// watchdog-mux ended with clients open.
    MuxExitActive,
    /// The kernel's softdog fired.
    SoftdogFired,
    /// watchdog-mux warned that a client is about to expire.
    AboutToExpire,
    /// The kernel's watchdog was left running when its owner closed it: ordinary at a shutdown, a reset elsewhere.
    DidNotStop,
    /// Somebody reset the machine by hand (SysRq).
    ManualReset,
    /// The wall clock stepped forward, which the multiplexer takes for silence.
    ClockStepped,
    /// Kernel panic.
    Panic,
    /// Oops or BUG.
    Oops,
    /// Machine check.
    MachineCheck,
    /// Soft or hard lockup.
    Lockup,
    /// An orderly shutdown was announced or seen.
    Shutdown,
    /// The power key was pressed.
    PowerKey,
    /// corosync ended in an orderly way.
    CorosyncStopped,
    /// The journal was closed.
    JournalStopped,
    /// A daemon of the cluster ended in an orderly way.
    DaemonStopped,
    /// All guests were stopped at once: by a shutdown, or by an administrator.
    GuestsStopped,
    /// Quorum was lost and not regained before the end, with the time between fitting a fence.
    QuorumLostBeforeEnd,
    /// The agent lock was lost at the end.
    AgentLockLost,
    /// The LRM or a CRM master had the watchdog open.
    Armed,
    /// The LRM was idle and no master here: nothing could fence this node.
    NotArmed,
    /// /etc/pve was stuck at the end, so the lock could not be refreshed.
    CfsStuck,
    /// Nothing of a shutdown before the end.
    NoShutdownLine,
    /// Nothing of the watchdog before the end; proves nothing up to PVE 8.
    NoWatchdogLine,
    /// The new boot found a journal or file system that was not closed.
    UncleanMarkers,
    /// The log has zeros where its last lines should be.
    ZerosInLog,
    /// The new boot found nothing unclean.
    NoUncleanMarkers,
    /// `last -x` shows no shutdown between two boots.
    NoShutdownRecord,
}

impl Sign {
    /// Whether a reset follows, whatever else happens.
    fn is_fatal(self) -> bool {
        matches!(
            self,
            Sign::WatchdogExpired | Sign::ClientDied | Sign::SoftdogFired | Sign::MuxExitActive
        )
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Sign::WatchdogExpired => "watchdog-expired",
            Sign::ClientDied => "watchdog-client-died",
            Sign::MuxExitActive => "watchdog-mux-exit-active",
            Sign::SoftdogFired => "softdog-fired",
            Sign::AboutToExpire => "watchdog-about-to-expire",
            Sign::DidNotStop => "watchdog-did-not-stop",
            Sign::ManualReset => "manual-reset",
            Sign::ClockStepped => "clock-stepped",
            Sign::Panic => "kernel-panic",
            Sign::Oops => "kernel-oops",
            Sign::MachineCheck => "machine-check",
            Sign::Lockup => "cpu-lockup",
            Sign::Shutdown => "orderly-shutdown",
            Sign::PowerKey => "power-key",
            Sign::CorosyncStopped => "corosync-stopped",
            Sign::JournalStopped => "journal-stopped",
            Sign::DaemonStopped => "daemon-stopped",
            Sign::GuestsStopped => "guests-stopped",
            Sign::QuorumLostBeforeEnd => "quorum-lost-before-end",
            Sign::AgentLockLost => "agent-lock-lost",
            Sign::Armed => "watchdog-armed",
            Sign::NotArmed => "watchdog-not-armed",
            Sign::CfsStuck => "cfs-stuck",
            Sign::NoShutdownLine => "no-shutdown-line",
            Sign::NoWatchdogLine => "no-watchdog-line",
            Sign::UncleanMarkers => "unclean-markers",
            Sign::ZerosInLog => "zeros-in-log",
            Sign::NoUncleanMarkers => "no-unclean-markers",
            Sign::NoShutdownRecord => "no-shutdown-record",
        }
    }
}

/// How the rest of the node stood when its log broke off.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Whether a silent watchdog client would reset the node.
    pub armed: Option<bool>,
    /// Quorum is lost since.
    pub quorum_lost: Option<When>,
    /// /etc/pve is stuck since.
    pub cfs_stuck: Option<When>,
    /// The agent lock is lost since.
    pub agent_lock_lost: Option<When>,
}

/// A boot whose first lines are still coming.
#[derive(Debug)]
struct Booting {
    when: When,
    lines: Vec<Line>,
    markers: Vec<Marker>,
    events: u32,
    unclean: Vec<(Sign, Line)>,
    ended: Option<Ended>,
}

/// How the log of the boot before broke off.
#[derive(Debug)]
struct Ended {
    last: When,
    last_line: Line,
    signs: Vec<(Sign, When, Line)>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    Journal,
    Version,
    CommandLine,
    BootId,
    /// Daemons start anew after something that only a reset or a shutdown can follow: a boot without its own lines.
    Start,
}

/// The power of one node.
#[derive(Debug, Default)]
pub struct Power {
    booting: Option<Booting>,
    signs: Vec<(Sign, When, Line)>,
    last: Option<(When, Line)>,
    boot_id: Option<Name>,
    /// Something else than errors and the kernel was logged, so that a shutdown would have been logged too.
    spoke: bool,
    shutdown_said: bool,
    /// `last -x` records: the latest boot, and whether a shutdown came after it.
    recorded_boot: Option<(When, Line)>,
    recorded_shutdown: bool,
    /// Zeros in the file: the power went before its text was written. They tell of a boot that begins right behind them.
    hole: Option<(u64, Line)>,
    /// The last line before the first of the daemons that start now, when the log does not say yet whether a boot is why.
    before_start: Option<((When, Line), When)>,
}

impl Power {
    /// Takes one event. Says whether it begins a new boot, so that the other machines of the node start afresh.
    pub fn step(&mut self, seen: &Seen<'_>, standing: &Standing, out: &mut Sink) -> bool {
        if let Kind::Last(record) = &seen.event.kind {
            self.record(record, seen, out);
            return false;
        }
        if matches!(&seen.event.kind, Kind::Journald(Journald::NulRun { .. })) {
            // Nobody logged it, so it is no sign of life.
            self.hole = Some((seen.when.order, seen.line()));
            return false;
        }
        self.forget_stale(seen.when);
        self.note_start(seen);
        let marker = self
            .marker(seen)
            .filter(|_| self.follows(seen))
            .or_else(|| self.start_marker(seen, standing));
        let begins = marker.is_some_and(|marker| self.begins_boot(marker));
        if begins {
            self.judge(seen.node, out);
            self.begin(seen, standing, marker);
        } else if let (Some(marker), Some(booting)) = (marker, &mut self.booting) {
            booting.markers.push(marker);
            push_few(&mut booting.lines, seen.line());
            booting.when.at = booting.when.at.or(seen.when.at);
        }
        self.sign(seen, out);
        if let Some(booting) = &mut self.booting {
            booting.events += 1;
            booting.when.at = booting.when.at.or(seen.when.at);
            if unclean(&seen.event.kind) {
                push_few(&mut booting.unclean, (Sign::UncleanMarkers, seen.line()));
            }
            let settled = booting.events > SETTLE_EVENTS
                || seen
                    .when
                    .since(booting.when)
                    .is_some_and(|span| span.seconds() > SETTLE_S);
            if settled {
                self.judge(seen.node, out);
            }
        }
        if self.follows(seen) {
            self.last = Some((seen.when, seen.line()));
        }
        self.spoke = self.spoke || !is_narrow(&seen.event.kind, &seen.event.text);
        begins
    }

    /// The log ends: judges a boot that is still young, and a fence without a boot after it.
    pub fn finish(&mut self, node: Observer, standing: &Standing, out: &mut Sink) {
        self.judge(node, out);
        let Some((last, _)) = self.last else {
            return;
        };
        let decisive = self.signs.iter().find(|(sign, when, _)| {
            let fatal = sign.is_fatal();
            // There is no way back after `expired`: the reset follows within some 15 s. A log that goes on for longer
            // contradicts it.
            fatal && last.since(*when).is_none_or(|span| span.seconds() < 30.0)
        });
        if let Some((sign, when, line)) = decisive {
            let change = ChangeKind::SelfFenced {
                proof: "end",
                cause: cause(*sign, standing),
                used_s: None,
            };
            out.push_for(node, *when, Basis::Inferred, change, vec![line.clone()]);
        }
        // No boot follows in this log: whether the kernel went on is not known, but that it erred is said.
        let oopses = self.signs.iter().filter(|(sign, _, line)| {
            let said = line.text.message();
            *sign == Sign::Oops && DEADLY.iter().any(|word| said.contains(word))
        });
        let lines: Vec<(When, Line)> = oopses
            .map(|(_, when, line)| (*when, line.clone()))
            .collect();
        if let Some((when, line)) = lines.first() {
            let change = ChangeKind::Panicked {
                verdict: "oops",
                died: false,
                reason: line.text.message().to_owned(),
            };
            let lines = lines.iter().map(|(_, line)| line.clone()).collect();
            out.push_for(node, *when, Basis::Stated, change, lines);
        }
    }

    /// Another node acknowledged the fence of this one after its log ended with the lock lost.
    pub fn fenced_by_peers(
        &self,
        node: Observer,
        acknowledged: (When, Line),
        standing: &Standing,
        out: &mut Sink,
    ) {
        let (when, ack) = acknowledged;
        let Some((last, line)) = &self.last else {
            return;
        };
        let ended_before = last.order < when.order;
        let could_not_feed = standing.agent_lock_lost.is_some() || standing.quorum_lost.is_some();
        if ended_before && could_not_feed && standing.armed == Some(true) && !self.shutdown_said {
            let cause = cause(Sign::AgentLockLost, standing);
            let change = ChangeKind::SelfFenced {
                proof: "peers",
                cause,
                used_s: None,
            };
            out.push_for(
                node,
                *last,
                Basis::Inferred,
                change,
                vec![line.clone(), ack],
            );
        }
    }

    /// Whether an orderly shutdown was seen since the last boot.
    pub fn shut_down(&self) -> bool {
        self.shutdown_said
    }

    /// The line that the node was last heard with.
    pub fn last_line(&self) -> Option<&(When, Line)> {
        self.last.as_ref()
    }

    /// The line of this boot that announces its end most plainly, as far as it has come: the watchdog that will reset the node,
    /// a panic, an orderly shutdown.
    pub fn announced(&self) -> Option<&(Sign, When, Line)> {
        let ends = |sign: &Sign| match sign {
            Sign::Panic => 1,
            Sign::Shutdown => 2,
            fatal if fatal.is_fatal() => 0,
            _ => 3,
        };
        let told = self.signs.iter().filter(|(sign, _, _)| ends(sign) < 3);
        told.min_by_key(|(sign, _, _)| ends(sign))
    }

    /// How a boot ended that no other follows: it fenced itself, it panicked, it was shut down. `changes` are those of the end.
    pub fn ended(&self, node: Observer, changes: &[Change]) -> Option<&'static str> {
        let fenced = |change: &Change| {
            let itself = matches!(
                change.kind,
                ChangeKind::SelfFenced {
                    proof: "end" | "peers",
                    ..
                }
            );
            itself && change.node == Some(node)
        };
        match self.announced() {
            _ if changes.iter().any(fenced) => Some("fenced"),
            Some((Sign::Panic, ..)) => Some("panic"),
            Some((Sign::Shutdown, ..)) => Some("graceful"),
            _ => None,
        }
    }

    /// When the node was last heard of.
    pub fn last_heard(&self) -> Option<When> {
        self.last.as_ref().map(|(when, _)| *when)
    }

    fn marker(&mut self, seen: &Seen<'_>) -> Option<Marker> {
        let by_id = match (&seen.event.boot, &self.boot_id) {
            (Some(new), Some(old)) if new != old => Some(Marker::BootId),
            _ => None,
        };
        if seen.event.boot.is_some() {
            self.boot_id.clone_from(&seen.event.boot);
        }
        let by_line = match &seen.event.kind {
            Kind::Journald(Journald::BootMarker { .. }) => Some(Marker::Journal),
            Kind::Kernel(Kernel::LinuxVersion { .. }) => Some(Marker::Version),
            Kind::Kernel(Kernel::CommandLine { .. }) => Some(Marker::CommandLine),
            _ => None,
        };
        by_id.or(by_line)
    }

    /// Whether a line can follow the last one in time. A kernel line that has only an uptime in a log with stamps, or one
    /// of an older file below a newer one, is no boot after it.
    fn follows(&self, seen: &Seen<'_>) -> bool {
        let Some((last, _)) = &self.last else {
            return true;
        };
        let bare_kernel = matches!(&seen.event.kind, Kind::Kernel(_))
            && seen.when.at.is_none()
            && last.at.is_some();
        let earlier = seen
            .when
            .since(*last)
            .is_some_and(|span| span.seconds() < -60.0);
        !bare_kernel && !earlier
    }

    /// A daemon that starts anew after a sign that nothing but a reset or a shutdown can follow: there was a boot between,
    /// although its own lines are missing (`journalctl -u`, grep).
    fn start_marker(&self, seen: &Seen<'_>, standing: &Standing) -> Option<Marker> {
        if self.booting.is_some() || !is_start(&seen.event.kind) {
            return None;
        }
        let decisive = self
            .signs
            .iter()
            .any(|(sign, _, _)| sign.is_fatal() || matches!(sign, Sign::Panic | Sign::Shutdown));
        // An LRM that starts while its predecessor had lost the lock and had not stopped, or a watchdog multiplexer that
        // starts while a client was open: the node went down between.
        let starts = matches!(
            &seen.event.kind,
            Kind::PveHaLrm(PveHaLrm::StatusChange {
                from: LrmState::Startup,
                ..
            }) | Kind::WatchdogMux(WatchdogMux::Driver { .. })
        );
        let lost = starts && standing.armed == Some(true) && standing.agent_lock_lost.is_some();
        (decisive || lost).then_some(Marker::Start)
    }

    /// Remembers what was last heard before daemons began to start: if a later line shows that a boot is why, the old boot
    /// ended there.
    fn note_start(&mut self, seen: &Seen<'_>) {
        let over = self.before_start.as_ref().is_some_and(|(_, since)| {
            seen.when
                .since(*since)
                .is_none_or(|span| span.seconds() > SETTLE_S)
        });
        if over {
            self.before_start = None;
        }
        if is_start(&seen.event.kind) && self.before_start.is_none() {
            self.before_start = self.last.clone().map(|last| (last, seen.when));
        }
    }

    /// Takes back what the log itself refutes: a daemon that starts again had only been restarted, and a node that logs on
    /// for long was not shut down.
    fn forget_stale(&mut self, now: When) {
        let stale = |sign: &Sign, when: When| {
            matches!(sign, Sign::Shutdown | Sign::PowerKey | Sign::GuestsStopped)
                && now.since(when).is_some_and(|span| span.seconds() > STALE_S)
        };
        if self.signs.iter().any(|(sign, when, _)| stale(sign, *when)) {
            self.signs.retain(|(sign, when, _)| !stale(sign, *when));
            self.shutdown_said = self
                .signs
                .iter()
                .any(|(sign, _, _)| *sign == Sign::Shutdown);
        }
    }

    /// A daemon came back: its end before was a restart.
    fn take_back(&mut self, kind: &Kind) {
        let back = match kind {
            Kind::Journald(Journald::Started {}) => Sign::JournalStopped,
            Kind::Corosync(Corosync::Main(corosync::main::Main::Starting { .. })) => {
                Sign::CorosyncStopped
            }
            Kind::WatchdogMux(WatchdogMux::Averted { .. }) => Sign::AboutToExpire,
            Kind::WatchdogMux(WatchdogMux::Driver { .. })
            | Kind::Pmxcfs(_, Pmxcfs::Resolved { .. })
            | Kind::Ha(_, Ha::ServerStarting {}) => Sign::DaemonStopped,
            _ => return,
        };
        self.signs.retain(|(sign, _, _)| *sign != back);
    }

    /// A marker begins a boot unless it is one more marker of the boot that is beginning.
    fn begins_boot(&self, marker: Marker) -> bool {
        self.booting
            .as_ref()
            .is_none_or(|booting| booting.markers.contains(&marker))
    }

    fn begin(&mut self, seen: &Seen<'_>, standing: &Standing, marker: Option<Marker>) {
        let signs = std::mem::take(&mut self.signs);
        let weak = marker == Some(Marker::Start);
        let last = match (weak, self.before_start.take()) {
            (true, Some((last, _))) => Some(last),
            _ => self.last.take(),
        };
        let ended = last.map(|(last, last_line)| Ended {
            last,
            last_line,
            signs,
            standing: standing.clone(),
        });
        self.shutdown_said = false;
        let close = |(order, _): &(u64, Line)| seen.when.order - order <= u64::from(SETTLE_EVENTS);
        let hole = self.hole.take().filter(close);
        self.booting = Some(Booting {
            when: seen.when,
            lines: vec![seen.line()],
            markers: marker.into_iter().collect(),
            events: 0,
            unclean: hole
                .into_iter()
                .map(|(_, line)| (Sign::ZerosInLog, line))
                .collect(),
            ended,
        });
    }

    fn sign(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        self.take_back(&seen.event.kind);
        let Some(sign) = sign_of(&seen.event.kind, &seen.event.text) else {
            return;
        };
        if sign == Sign::Shutdown && !std::mem::replace(&mut self.shutdown_said, true) {
            out.push(
                seen,
                Basis::Stated,
                ChangeKind::ShutDown {
                    verdict: "graceful",
                    sign: sign.name(),
                },
            );
        }
        if let (Sign::Panic, Kind::Kernel(Kernel::Panic { reason })) = (sign, &seen.event.kind) {
            let change = ChangeKind::Panicked {
                verdict: "panic",
                died: true,
                reason: reason.to_string(),
            };
            out.push(seen, Basis::Stated, change);
        }
        let same = self.signs.iter().filter(|(s, _, _)| *s == sign).count();
        if same >= 3 {
            // The first two and the latest: enough to quote, whatever the log repeats.
            if let Some(latest) = self.signs.iter().rposition(|(s, _, _)| *s == sign) {
                self.signs.remove(latest);
            }
        }
        self.signs.push((sign, seen.when, seen.line()));
    }

    /// Judges the boot that is beginning, and how the one before ended.
    fn judge(&mut self, node: Observer, out: &mut Sink) {
        let Some(booting) = self.booting.take() else {
            return;
        };
        // What the new boot found says more than what the old one left.
        let unclean = booting.unclean.iter().map(|(sign, _)| *sign).min();
        let traces: Vec<Line> = booting.unclean.into_iter().map(|(_, line)| line).collect();
        let Some(ended) = booting.ended else {
            // The log begins with this boot: only its own complaints tell of the end before it.
            if let Some(sign) = unclean {
                let change = ChangeKind::BootJudged {
                    verdict: "unclean",
                    gap_s: None,
                    signs_for: vec![sign.name()],
                    signs_against: Vec::new(),
                };
                out.push_for(node, booting.when, Basis::Inferred, change, traces);
            }
            return;
        };
        let mut judgement = judge_end(&ended, unclean, self.spoke);
        let gap_s = booting.when.since(ended.last).map(|span| span.seconds());
        // Lines of the new boot stand before its beginning: what is missing between the two tells nothing.
        if gap_s.is_some_and(|gap| gap < 0.0) && judgement.verdict == "unclean" && unclean.is_none()
        {
            judgement.verdict = "unknown";
        }
        let mut lines: Vec<Line> = judgement.lines.clone();
        push_few(&mut lines, ended.last_line.clone());
        lines.extend(booting.lines.iter().chain(&traces).cloned());
        let change = ChangeKind::BootJudged {
            verdict: judgement.verdict,
            gap_s,
            signs_for: judgement.signs_for.iter().map(|s| s.name()).collect(),
            signs_against: judgement.signs_against.iter().map(|s| s.name()).collect(),
        };
        out.push_for(node, ended.last, judgement.basis, change, lines.clone());
        // A verdict that no line had announced by itself is told as what it stands for.
        match judgement.verdict {
            "graceful" if !judgement.signs_for.contains(&Sign::Shutdown) => {
                let sign = judgement.signs_for[0].name();
                let change = ChangeKind::ShutDown {
                    verdict: "graceful",
                    sign,
                };
                out.push_for(node, ended.last, judgement.basis, change, lines.clone());
            }
            "panic" if !judgement.signs_for.contains(&Sign::Panic) => {
                let reason = lines
                    .first()
                    .map_or_else(String::new, |line| line.text.to_string());
                let change = ChangeKind::Panicked {
                    verdict: "panic",
                    died: true,
                    reason,
                };
                out.push_for(node, ended.last, judgement.basis, change, lines.clone());
            }
            _ => {}
        }
        if judgement.verdict == "fenced" {
            let change = ChangeKind::SelfFenced {
                proof: if booting.markers == [Marker::Start] {
                    "restart"
                } else {
                    "boot"
                },
                cause: cause(
                    if judgement.signs_for.contains(&Sign::ClockStepped) {
                        Sign::ClockStepped
                    } else {
                        judgement.signs_for[0]
                    },
                    &ended.standing,
                ),
                used_s: None,
            };
            out.push_for(node, ended.last, judgement.basis, change, lines);
        }
    }

    fn record(&mut self, record: &Last, seen: &Seen<'_>, out: &mut Sink) {
        match record {
            Last::Reboot { .. } => {
                let before = self.recorded_boot.replace((seen.when, seen.line()));
                let orderly = std::mem::take(&mut self.recorded_shutdown);
                if let Some((_, line)) = before {
                    let (verdict, sign) = if orderly {
                        ("graceful", Sign::Shutdown)
                    } else {
                        ("unclean", Sign::NoShutdownRecord)
                    };
                    let change = ChangeKind::BootJudged {
                        verdict,
                        gap_s: None,
                        signs_for: vec![sign.name()],
                        signs_against: Vec::new(),
                    };
                    let lines = vec![line, seen.line()];
                    if orderly {
                        let shutdown = ChangeKind::ShutDown {
                            verdict: "graceful",
                            sign: sign.name(),
                        };
                        out.push_for(
                            seen.node,
                            seen.when,
                            Basis::Inferred,
                            shutdown,
                            lines.clone(),
                        );
                    }
                    out.push_for(seen.node, seen.when, Basis::Inferred, change, lines);
                }
            }
            Last::Shutdown { .. } => self.recorded_shutdown = true,
            // A run of the last boot that the records begin in: it was up, so a boot after it ended it.
            Last::Runlevel { .. } => {
                if self.recorded_boot.is_none() {
                    self.recorded_boot = Some((seen.when, seen.line()));
                }
            }
            // A session that `last` calls crashed: a boot follows without a shutdown before it.
            Last::Crash { .. } => {
                self.recorded_boot
                    .get_or_insert_with(|| (seen.when, seen.line()));
                self.recorded_shutdown = false;
            }
        }
    }
}

struct Judgement {
    verdict: &'static str,
    basis: Basis,
    signs_for: Vec<Sign>,
    signs_against: Vec<Sign>,
    lines: Vec<Line>,
}

/// Which end it was. The order of the questions is the order of their force: a watchdog that expired resets the node even in
/// the middle of a shutdown; a panic leaves lines that nothing else does.
fn judge_end(ended: &Ended, trace: Option<Sign>, spoke: bool) -> Judgement {
    let bearing: Vec<&(Sign, When, Line)> = ended
        .signs
        .iter()
        .filter(|(_, when, _)| {
            ended
                .last
                .since(*when)
                .is_none_or(|span| span.seconds() <= BEARING_S)
        })
        .collect();
    let pick = |wanted: &[Sign]| -> Vec<&(Sign, When, Line)> {
        bearing
            .iter()
            .filter(|(sign, _, _)| wanted.contains(sign))
            .copied()
            .collect()
    };
    let watchdog = pick(&[
        Sign::WatchdogExpired,
        Sign::ClientDied,
        Sign::SoftdogFired,
        Sign::MuxExitActive,
    ]);
    let panic = pick(&[Sign::Panic]);
    let oops = pick(&[Sign::Oops, Sign::MachineCheck]);
    let shutdown = pick(&[Sign::Shutdown]);
    // What also happens while a node goes on: it supports a shutdown and proves none.
    let supporting = pick(&[
        Sign::PowerKey,
        Sign::CorosyncStopped,
        Sign::JournalStopped,
        Sign::DaemonStopped,
        Sign::GuestsStopped,
    ])
    .into_iter()
    .filter(|(_, when, _)| match ended.last.since(*when) {
        Some(span) => span.seconds() <= LAST_WORDS_S,
        None => ended.last.order.saturating_sub(when.order) <= LAST_WORDS_EVENTS,
    })
    .collect::<Vec<_>>();
    let standing = standing_signs(ended);
    let unclean = trace.is_some();
    let marker = trace.unwrap_or(Sign::NoUncleanMarkers);

    let proven = |verdict, basis, signs: &[&(Sign, When, Line)], signs_against: Vec<Sign>| {
        let mut signs_for: Vec<Sign> = signs.iter().map(|(sign, _, _)| *sign).collect();
        signs_for.dedup();
        if verdict != "graceful" && unclean {
            signs_for.push(marker);
        }
        Judgement {
            verdict,
            basis,
            signs_for,
            signs_against,
            lines: signs.iter().map(|(_, _, line)| line.clone()).collect(),
        }
    };
    // A panic after the watchdog had given up is one way in which it resets.
    let watchdog_first = watchdog
        .first()
        .zip(panic.first())
        .is_some_and(|(w, p)| w.1.order <= p.1.order);
    if !panic.is_empty() && !watchdog_first {
        return proven("panic", Basis::Stated, &panic, Vec::new());
    }
    // A shutdown also ends the multiplexer. Where the boot behind it finds nothing torn, it came to its own end before the armed
    // hardware did.
    let mux_ended = watchdog
        .iter()
        .all(|(sign, _, _)| *sign == Sign::MuxExitActive);
    let orderly = mux_ended && !shutdown.is_empty() && !unclean;
    if !watchdog.is_empty() && !orderly {
        let against = if shutdown.is_empty() {
            Vec::new()
        } else {
            vec![Sign::Shutdown]
        };
        let clock = pick(&[Sign::ClockStepped]);
        let signs: Vec<_> = watchdog.iter().chain(&clock).copied().collect();
        let mut judgement = proven("fenced", Basis::Inferred, &signs, against);
        judgement
            .signs_for
            .extend(standing.iter().filter(|s| **s != Sign::NotArmed));
        return judgement;
    }
    let manual = pick(&[Sign::ManualReset]);
    if !manual.is_empty() {
        return proven("unclean", Basis::Stated, &manual, Vec::new());
    }
    // An announced shutdown that never came to its end, of a node that could not feed its watchdog.
    let could_not_feed = standing.contains(&Sign::Armed)
        && (standing.contains(&Sign::AgentLockLost)
            || standing.contains(&Sign::QuorumLostBeforeEnd));
    let cut_short = unclean && could_not_feed && supporting.is_empty();
    if !shutdown.is_empty() && !cut_short {
        let mut against = if unclean { vec![marker] } else { Vec::new() };
        against.extend(watchdog.first().map(|(sign, _, _)| *sign));
        let signs: Vec<_> = shutdown.iter().chain(&supporting).copied().collect();
        return proven("graceful", Basis::Inferred, &signs, against);
    }
    if !oops.is_empty() {
        return proven("panic", Basis::Inferred, &oops, vec![Sign::NoShutdownLine]);
    }
    let warned: Vec<_> = pick(&[Sign::AboutToExpire, Sign::DidNotStop])
        .into_iter()
        .filter(|(_, when, _)| {
            ended
                .last
                .since(*when)
                .is_none_or(|span| span.seconds() <= WARNED_S)
        })
        .collect();
    if !warned.is_empty() && supporting.is_empty() {
        let mut judgement = proven(
            "fenced",
            Basis::Inferred,
            &warned,
            vec![Sign::NoWatchdogLine],
        );
        judgement
            .signs_for
            .extend(standing.iter().filter(|s| **s != Sign::NotArmed));
        return judgement;
    }
    let silent_fence = standing.contains(&Sign::Armed)
        && [
            Sign::QuorumLostBeforeEnd,
            Sign::CfsStuck,
            Sign::AgentLockLost,
        ]
        .iter()
        .any(|sign| standing.contains(sign));
    if silent_fence {
        let mut signs_for = standing;
        signs_for.extend(
            pick(&[Sign::AboutToExpire])
                .first()
                .map(|(sign, _, _)| *sign),
        );
        signs_for.push(Sign::NoShutdownLine);
        // The wording of the cause comes from the first sign.
        signs_for.sort();
        let signs_against = vec![Sign::NoWatchdogLine];
        let lines = pick(&[Sign::AboutToExpire])
            .iter()
            .map(|(_, _, line)| line.clone())
            .collect();
        if unclean {
            signs_for.push(marker);
        }
        return Judgement {
            verdict: "fenced",
            basis: Basis::Inferred,
            signs_for,
            signs_against,
            lines,
        };
    }
    if !supporting.is_empty() && !unclean {
        return proven(
            "graceful",
            Basis::Inferred,
            &supporting,
            vec![Sign::NoShutdownLine],
        );
    }
    if !unclean && !spoke {
        // A log of errors or of the kernel alone (`journalctl -p err`, `journalctl -k`) could not show a shutdown.
        return Judgement {
            verdict: "unknown",
            basis: Basis::Inferred,
            signs_for: vec![Sign::NoShutdownLine],
            signs_against: vec![Sign::NoUncleanMarkers],
            lines: Vec::new(),
        };
    }
    let mut signs_for = vec![Sign::NoShutdownLine, Sign::NoWatchdogLine];
    let mut signs_against = Vec::new();
    if unclean {
        signs_for.push(marker);
    } else {
        signs_against.push(marker);
    }
    signs_for.extend(
        standing
            .iter()
            .filter(|sign| matches!(sign, Sign::NotArmed)),
    );
    signs_against.extend(
        standing
            .iter()
            .filter(|sign| !matches!(sign, Sign::NotArmed)),
    );
    Judgement {
        verdict: "unclean",
        basis: Basis::Inferred,
        signs_for,
        signs_against,
        lines: Vec::new(),
    }
}

/// What the node's standing says of a fence: quorum lost, lock lost, /etc/pve stuck, watchdog armed or not.
fn standing_signs(ended: &Ended) -> Vec<Sign> {
    let standing = &ended.standing;
    let fits = |since: When| {
        ended
            .last
            .since(since)
            .is_none_or(|span| FENCE_WINDOW_S.contains(&span.seconds()))
    };
    let mut signs = Vec::new();
    if standing.quorum_lost.is_some_and(fits) {
        signs.push(Sign::QuorumLostBeforeEnd);
    }
    let lock_fits = |since: When| {
        ended
            .last
            .since(since)
            .is_none_or(|span| LOCK_WINDOW_S.contains(&span.seconds()))
    };
    if standing.agent_lock_lost.is_some_and(lock_fits) {
        signs.push(Sign::AgentLockLost);
    }
    match standing.armed {
        Some(true) => signs.push(Sign::Armed),
        Some(false) => signs.push(Sign::NotArmed),
        None => {}
    }
    if standing.cfs_stuck.is_some_and(fits) {
        signs.push(Sign::CfsStuck);
    }
    signs
}

/// The word for why the watchdog was not fed.
fn cause(sign: Sign, standing: &Standing) -> &'static str {
    match sign {
        Sign::ClientDied => "client-died",
        Sign::ClockStepped => "clock-step",
        _ if standing.quorum_lost.is_some() => "quorum-lost",
        _ if standing.cfs_stuck.is_some() => "cfs-stuck",
        _ if standing.agent_lock_lost.is_some() => "lock-lost",
        _ => "unknown",
    }
}

fn sign_of(kind: &Kind, text: &str) -> Option<Sign> {
    Some(match kind {
        Kind::WatchdogMux(WatchdogMux::Expired { .. }) => Sign::WatchdogExpired,
        Kind::WatchdogMux(WatchdogMux::DidNotStop { .. }) => Sign::ClientDied,
        Kind::WatchdogMux(WatchdogMux::ExitActive {}) => Sign::MuxExitActive,
        Kind::WatchdogMux(WatchdogMux::AboutToExpire { .. }) => Sign::AboutToExpire,
        Kind::Kernel(Kernel::SoftdogFired {} | Kernel::SoftdogPanic {}) => Sign::SoftdogFired,
        Kind::Kernel(Kernel::Panic { reason }) if is_watchdog_panic(reason) => Sign::SoftdogFired,
        Kind::Kernel(Kernel::Panic { .. } | Kernel::PanicRebooting { .. }) => Sign::Panic,
        Kind::Kernel(Kernel::Oops { .. }) => Sign::Oops,
        Kind::Kernel(Kernel::MachineCheck { .. }) => Sign::MachineCheck,
        Kind::Kernel(Kernel::WatchdogDidNotStop { .. }) => Sign::DidNotStop,
        Kind::Kernel(Kernel::Sysrq { .. }) => Sign::ManualReset,
        Kind::Chrony(Chrony::ClockStepped { seconds, .. } | Chrony::ClockWrong { seconds })
            if *seconds > CLOCK_STEP_S =>
        {
            Sign::ClockStepped
        }
        Kind::Kernel(Kernel::SoftLockup { .. } | Kernel::HardLockup { .. }) => Sign::Lockup,
        Kind::Kernel(Kernel::Restarting {} | Kernel::PowerDown {}) => Sign::Shutdown,
        Kind::Logind(Logind::PowerKey { .. }) => Sign::PowerKey,
        Kind::Logind(
            Logind::Rebooting { .. }
            | Logind::PoweringDown { .. }
            | Logind::Halting { .. }
            | Logind::WillReboot {}
            | Logind::WillPowerOff {},
        )
        | Kind::Shutdown(
            Shutdown::SyncingFilesystems {}
            | Shutdown::Sigterm {}
            | Shutdown::Sigkill {}
            | Shutdown::Unmounting {}
            | Shutdown::Rebooting {}
            | Shutdown::PoweringOff {}
            | Shutdown::Halting {}
            | Shutdown::PowerFail {},
        )
        | Kind::Systemd(Systemd::ShuttingDown {}) => Sign::Shutdown,
        Kind::PveLock(PveLock::GuestsStopped {}) => Sign::GuestsStopped,
        // The last word of a daemon that is not read otherwise, as in the log of its unit alone.
        Kind::Journald(Journald::LastLine { .. }) if ended_in_order(text) => Sign::DaemonStopped,
        Kind::WatchdogMux(WatchdogMux::CleanExit {})
        | Kind::Pmxcfs(_, Pmxcfs::Exit { code: 0 })
        | Kind::Ha(_, Ha::ServerStopped {}) => Sign::DaemonStopped,
        Kind::Systemd(Systemd::ReachedTarget { target }) if is_end_target(&target.0) => {
            Sign::Shutdown
        }
        // journald also stops when it is upgraded: a sign only together with a boot that follows.
        Kind::Journald(Journald::Stopped {}) => Sign::JournalStopped,
        // systemd stops these targets only on the way down.
        Kind::Systemd(Systemd::StoppedTarget { target }) if is_base_target(&target.0) => {
            Sign::Shutdown
        }
        Kind::PveHaLrm(line) if line.is_node_shutdown() => Sign::Shutdown,
        Kind::Corosync(Corosync::Main(
            corosync::main::Main::SignalShutdown {} | corosync::main::Main::ExitOk {},
        )) => Sign::CorosyncStopped,
        _ => return None,
    })
}

/// Whether reaching this target means that the machine goes down.
fn is_end_target(target: &str) -> bool {
    [
        "reboot.target",
        "poweroff.target",
        "shutdown.target",
        "halt.target",
        "final.target",
        "umount.target",
    ]
    .iter()
    .any(|name| target.contains(name))
        || [
            "Reboot",
            "System Reboot",
            "Power-Off",
            "System Power Off",
            "Shutdown",
            "Final Step",
            "System Shutdown",
        ]
        .contains(&target)
}

/// Whether a line stands in a log of the kernel or of errors alone, too.
fn is_narrow(kind: &Kind, text: &str) -> bool {
    if let Kind::Journald(Journald::LastLine { program, before }) = kind {
        let kernel = program.as_ref().is_none_or(|name| &*name.0 == "kernel");
        let text = text.to_ascii_lowercase();
        let error = || ERROR_WORDS.iter().any(|word| text.contains(word));
        return before.is_none() && (kernel || error());
    }
    // These are no errors, unlike what else stands in their families.
    match kind {
        Kind::PveStorage(PveStorage::UpdateSlow { .. }) => return false,
        Kind::PveTask(PveTask::Ended { status, .. }) if &**status == "OK" => return false,
        _ => {}
    }
    matches!(
        kind,
        Kind::Pmxcfs(
            _,
            Pmxcfs::InitializeFailed { .. }
                | Pmxcfs::DispatchFailed { .. }
                | Pmxcfs::CantInitialize {}
                | Pmxcfs::JoinFailed { .. }
                | Pmxcfs::SendFailed { .. }
                | Pmxcfs::LeaveFailed { .. }
                | Pmxcfs::LeavingGroup {}
                | Pmxcfs::WriteNotQuorate {}
        ) | Kind::Journald(Journald::BootMarker { .. })
            | Kind::Systemd(Systemd::StartFailed { .. } | Systemd::Failed { .. })
            | Kind::Kernel(_)
            | Kind::PveStorage(_)
            | Kind::PveLock(_)
            | Kind::PveReplication(
                PveReplication::JobFailed { .. } | PveReplication::NoBase { .. }
            )
            | Kind::PveTask(
                PveTask::Failed { .. } | PveTask::Ended { .. } | PveTask::BackupFailed { .. }
            )
            | Kind::PveDaemon(PveDaemon::Failed { .. })
    )
}

/// Words of which a program that nobody reads here makes its errors.
const ERROR_WORDS: [&str; 7] = [
    "error",
    "fail",
    "unable to",
    "cannot",
    "can't",
    "not online",
    "refused",
];

/// Whether a daemon says with its last line that it ends.
fn ended_in_order(text: &str) -> bool {
    [
        "server stopped",
        "Deactivated successfully.",
        "exiting normally",
    ]
    .iter()
    .any(|end| text.ends_with(end))
}

/// Targets that stay up as long as the machine does.
fn is_base_target(target: &str) -> bool {
    [
        "sysinit.target",
        "basic.target",
        "local-fs.target",
        "multi-user.target",
        "graphical.target",
    ]
    .iter()
    .any(|name| target.contains(name))
}

fn unclean(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Journald(Journald::Corrupt { .. })
            | Kind::Kernel(
                Kernel::Ext4Recovery { .. }
                    | Kernel::Ext4Orphans { .. }
                    | Kernel::FatDirty { .. }
                    | Kernel::BertRecords {}
            )
    )
}

/// Whether a panic is the watchdog's own way to reset: softdog with soft_panic, or a pretimeout governor.
fn is_watchdog_panic(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    reason.contains("watchdog timer expired") || reason.contains("watchdog pretimeout")
}

/// Whether a daemon of the cluster starts with this line.
fn is_start(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Corosync(Corosync::Main(corosync::main::Main::Starting { .. }))
            | Kind::Pmxcfs(_, Pmxcfs::Resolved { .. })
            | Kind::PveHaLrm(PveHaLrm::StatusChange {
                from: LrmState::Startup,
                ..
            })
            | Kind::PveHaCrm(PveHaCrm::StatusChange {
                from: CrmState::Startup,
                ..
            })
            | Kind::WatchdogMux(WatchdogMux::Driver { .. })
    )
}

fn push_few<T>(lines: &mut Vec<T>, line: T) {
    if lines.len() < 6 {
        lines.push(line);
    }
}
