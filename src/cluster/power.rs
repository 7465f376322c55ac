//! Boots and ends of a node: was it fenced, did it panic, was it shut down, or did it just stop?
//! In: boot markers, shutdown, panic and watchdog lines of one node, and how its HA, quorum and /etc/pve stood. Out: `boot.judged`,
//! `fence.self`, `power.shutdown`.
//! Never: takes a log that simply ends for a reboot, nor a missing line for a proof.

use super::{ChangeKind, Seen, Sink};
use crate::event::Kind;
use crate::event::journald::Journald;
use crate::event::kernel::Kernel;
use crate::event::last::Last;
use crate::event::logind::Logind;
use crate::event::pve_lock::PveLock;
use crate::event::shutdown::Shutdown;
use crate::event::systemd::Systemd;
use crate::event::watchdog_mux::WatchdogMux;
use crate::event::{corosync, corosync::Corosync};
use crate::model::{Basis, Line, Name, Observer, When};

/// Lines this long after the marker belong to the boot: file system recovery, journald's complaint.
const SETTLE_S: f64 = 120.0;
/// Without stamps, this many events after the marker.
const SETTLE_EVENTS: u32 = 200;
/// What was said this long before the end bears on it.
const BEARING_S: f64 = 300.0;
/// A node that loses quorum with its watchdog armed is reset this many seconds later: 35 to 55 s until the watchdog
/// expires, 10 s until the hardware acts (behaviour of watchdog-mux), and the journal may miss the last seconds.
const FENCE_WINDOW_S: std::ops::RangeInclusive<f64> = 25.0..=90.0;

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
    /// The new boot found nothing unclean.
    NoUncleanMarkers,
    /// `last -x` shows no shutdown between two boots.
    NoShutdownRecord,
}

impl Sign {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Sign::WatchdogExpired => "watchdog-expired",
            Sign::ClientDied => "watchdog-client-died",
            Sign::MuxExitActive => "watchdog-mux-exit-active",
            Sign::SoftdogFired => "softdog-fired",
            Sign::AboutToExpire => "watchdog-about-to-expire",
            Sign::Panic => "kernel-panic",
            Sign::Oops => "kernel-oops",
            Sign::MachineCheck => "machine-check",
            Sign::Lockup => "cpu-lockup",
            Sign::Shutdown => "orderly-shutdown",
            Sign::PowerKey => "power-key",
            Sign::CorosyncStopped => "corosync-stopped",
            Sign::JournalStopped => "journal-stopped",
            Sign::QuorumLostBeforeEnd => "quorum-lost-before-end",
            Sign::AgentLockLost => "agent-lock-lost",
            Sign::Armed => "watchdog-armed",
            Sign::NotArmed => "watchdog-not-armed",
            Sign::CfsStuck => "cfs-stuck",
            Sign::NoShutdownLine => "no-shutdown-line",
            Sign::NoWatchdogLine => "no-watchdog-line",
            Sign::UncleanMarkers => "unclean-markers",
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
    unclean: Vec<Line>,
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
}

/// The power of one node.
#[derive(Debug, Default)]
pub struct Power {
    booting: Option<Booting>,
    signs: Vec<(Sign, When, Line)>,
    last: Option<(When, Line)>,
    boot_id: Option<Name>,
    shutdown_said: bool,
    /// `last -x` records: the latest boot, and whether a shutdown came after it.
    recorded_boot: Option<(When, Line)>,
    recorded_shutdown: bool,
}

impl Power {
    /// Takes one event. Says whether it begins a new boot, so that the other machines of the node start afresh.
    pub fn step(&mut self, seen: &Seen<'_>, standing: &Standing, out: &mut Sink) -> bool {
        if let Kind::Last(record) = &seen.event.kind {
            self.record(record, seen, out);
            return false;
        }
        let marker = self.marker(seen);
        let begins = marker.is_some_and(|marker| self.begins_boot(marker));
        if begins {
            self.judge(seen.node, out);
            self.begin(seen, standing, marker);
        } else if let (Some(marker), Some(booting)) = (marker, &mut self.booting) {
            booting.markers.push(marker);
            push_few(&mut booting.lines, seen.line.clone());
            booting.when.at = booting.when.at.or(seen.when.at);
        }
        self.sign(seen, out);
        if let Some(booting) = &mut self.booting {
            booting.events += 1;
            booting.when.at = booting.when.at.or(seen.when.at);
            if unclean(&seen.event.kind) {
                push_few(&mut booting.unclean, seen.line.clone());
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
        self.last = Some((seen.when, seen.line.clone()));
        begins
    }

    /// The log ends: judges a boot that is still young, and a fence without a boot after it.
    pub fn finish(&mut self, node: Observer, standing: &Standing, out: &mut Sink) {
        self.judge(node, out);
        let Some((last, _)) = self.last else {
            return;
        };
        let decisive = self.signs.iter().find(|(sign, when, _)| {
            let fatal = matches!(
                sign,
                Sign::WatchdogExpired | Sign::ClientDied | Sign::SoftdogFired | Sign::MuxExitActive
            );
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
    }

    /// Whether an orderly shutdown was seen since the last boot.
    pub fn shut_down(&self) -> bool {
        self.shutdown_said
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

    /// A marker begins a boot unless it is one more marker of the boot that is beginning.
    fn begins_boot(&self, marker: Marker) -> bool {
        self.booting
            .as_ref()
            .is_none_or(|booting| booting.markers.contains(&marker))
    }

    fn begin(&mut self, seen: &Seen<'_>, standing: &Standing, marker: Option<Marker>) {
        let signs = std::mem::take(&mut self.signs);
        let ended = self.last.take().map(|(last, last_line)| Ended {
            last,
            last_line,
            signs,
            standing: standing.clone(),
        });
        self.shutdown_said = false;
        self.booting = Some(Booting {
            when: seen.when,
            lines: vec![seen.line.clone()],
            markers: marker.into_iter().collect(),
            events: 0,
            unclean: Vec::new(),
            ended,
        });
    }

    fn sign(&mut self, seen: &Seen<'_>, out: &mut Sink) {
        let Some(sign) = sign_of(&seen.event.kind) else {
            return;
        };
        if matches!(sign, Sign::Shutdown | Sign::PowerKey)
            && !std::mem::replace(&mut self.shutdown_said, true)
        {
            out.push(
                seen,
                Basis::Stated,
                ChangeKind::ShutDown {
                    verdict: "graceful",
                    sign: sign.name(),
                },
            );
        }
        if let Kind::Kernel(Kernel::Panic { reason }) = &seen.event.kind {
            let change = ChangeKind::Panicked {
                verdict: "panic",
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
        self.signs.push((sign, seen.when, seen.line.clone()));
    }

    /// Judges the boot that is beginning, and how the one before ended.
    fn judge(&mut self, node: Observer, out: &mut Sink) {
        let Some(booting) = self.booting.take() else {
            return;
        };
        let unclean = !booting.unclean.is_empty();
        let Some(ended) = booting.ended else {
            // The log begins with this boot: only its own complaints tell of the end before it.
            if unclean {
                let change = ChangeKind::BootJudged {
                    verdict: "unclean",
                    gap_s: None,
                    signs_for: vec![Sign::UncleanMarkers.name()],
                    signs_against: Vec::new(),
                };
                out.push_for(node, booting.when, Basis::Inferred, change, booting.unclean);
            }
            return;
        };
        let judgement = judge_end(&ended, unclean);
        let gap_s = booting.when.since(ended.last).map(|span| span.seconds());
        let mut lines: Vec<Line> = judgement.lines.clone();
        push_few(&mut lines, ended.last_line.clone());
        lines.extend(booting.lines.iter().chain(&booting.unclean).cloned());
        let change = ChangeKind::BootJudged {
            verdict: judgement.verdict,
            gap_s,
            signs_for: judgement.signs_for.iter().map(|s| s.name()).collect(),
            signs_against: judgement.signs_against.iter().map(|s| s.name()).collect(),
        };
        out.push_for(node, ended.last, judgement.basis, change, lines.clone());
        if judgement.verdict == "fenced" {
            let change = ChangeKind::SelfFenced {
                proof: "boot",
                cause: cause(judgement.signs_for[0], &ended.standing),
                used_s: None,
            };
            out.push_for(node, ended.last, judgement.basis, change, lines);
        }
    }

    fn record(&mut self, record: &Last, seen: &Seen<'_>, out: &mut Sink) {
        match record {
            Last::Reboot { .. } => {
                let before = self.recorded_boot.replace((seen.when, seen.line.clone()));
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
                    out.push_for(
                        seen.node,
                        seen.when,
                        Basis::Inferred,
                        change,
                        vec![line, seen.line.clone()],
                    );
                }
            }
            Last::Shutdown { .. } => self.recorded_shutdown = true,
            // A run of the last boot that the records begin in: it was up, so a boot after it ended it.
            Last::Runlevel { .. } => {
                if self.recorded_boot.is_none() {
                    self.recorded_boot = Some((seen.when, seen.line.clone()));
                }
            }
            Last::Crash { .. } => {}
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
fn judge_end(ended: &Ended, unclean: bool) -> Judgement {
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
    let orderly = pick(&[
        Sign::Shutdown,
        Sign::PowerKey,
        Sign::CorosyncStopped,
        Sign::JournalStopped,
    ]);
    let shutdown = orderly
        .iter()
        .any(|(sign, _, _)| matches!(sign, Sign::Shutdown | Sign::PowerKey));
    let standing = standing_signs(ended);
    let marker = if unclean {
        Sign::UncleanMarkers
    } else {
        Sign::NoUncleanMarkers
    };

    let proven = |verdict, basis, signs: &[&(Sign, When, Line)], signs_against: Vec<Sign>| {
        let mut signs_for: Vec<Sign> = signs.iter().map(|(sign, _, _)| *sign).collect();
        signs_for.dedup();
        if verdict != "graceful" && unclean {
            signs_for.push(Sign::UncleanMarkers);
        }
        Judgement {
            verdict,
            basis,
            signs_for,
            signs_against,
            lines: signs.iter().map(|(_, _, line)| line.clone()).collect(),
        }
    };
    if !panic.is_empty() {
        return proven("panic", Basis::Stated, &panic, Vec::new());
    }
    if !watchdog.is_empty() {
        let against = if shutdown {
            vec![Sign::Shutdown]
        } else {
            Vec::new()
        };
        let mut judgement = proven("fenced", Basis::Inferred, &watchdog, against);
        judgement
            .signs_for
            .extend(standing.iter().filter(|s| **s != Sign::NotArmed));
        return judgement;
    }
    if shutdown {
        let against = if unclean {
            vec![Sign::UncleanMarkers]
        } else {
            Vec::new()
        };
        return proven("graceful", Basis::Inferred, &orderly, against);
    }
    if !oops.is_empty() {
        return proven("panic", Basis::Inferred, &oops, vec![Sign::NoShutdownLine]);
    }
    let silent_fence = standing.contains(&Sign::Armed)
        && (standing.contains(&Sign::QuorumLostBeforeEnd) || standing.contains(&Sign::CfsStuck));
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
    if !orderly.is_empty() {
        return proven(
            "graceful",
            Basis::Inferred,
            &orderly,
            vec![Sign::NoShutdownLine, marker],
        );
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
    if standing.agent_lock_lost.is_some() {
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
        _ if standing.quorum_lost.is_some() => "quorum-lost",
        _ if standing.cfs_stuck.is_some() => "cfs-stuck",
        _ => "unknown",
    }
}

fn sign_of(kind: &Kind) -> Option<Sign> {
    Some(match kind {
        Kind::WatchdogMux(WatchdogMux::Expired { .. }) => Sign::WatchdogExpired,
        Kind::WatchdogMux(WatchdogMux::DidNotStop { .. }) => Sign::ClientDied,
        Kind::WatchdogMux(WatchdogMux::ExitActive {}) => Sign::MuxExitActive,
        Kind::WatchdogMux(WatchdogMux::AboutToExpire { .. }) => Sign::AboutToExpire,
        Kind::Kernel(Kernel::SoftdogFired {} | Kernel::SoftdogPanic {}) => Sign::SoftdogFired,
        Kind::Kernel(Kernel::Panic { .. } | Kernel::PanicRebooting { .. }) => Sign::Panic,
        Kind::Kernel(Kernel::Oops { .. }) => Sign::Oops,
        Kind::Kernel(Kernel::MachineCheck { .. }) => Sign::MachineCheck,
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
        | Kind::Systemd(Systemd::ShuttingDown {})
        | Kind::PveLock(PveLock::GuestsStopped {}) => Sign::Shutdown,
        Kind::Systemd(Systemd::ReachedTarget { target }) if is_end_target(&target.0) => {
            Sign::Shutdown
        }
        // journald also stops when it is upgraded: a sign only together with a boot that follows.
        Kind::Journald(Journald::Stopped {}) => Sign::JournalStopped,
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

fn push_few(lines: &mut Vec<Line>, line: Line) {
    if lines.len() < 6 {
        lines.push(line);
    }
}
