//! Lines that pve-ha-lrm and pve-ha-crm share, and the words that both use: locks, service ids, node lists.
//! In: a message of either daemon. Out: `Ha`, `Lock`, `ServiceId`, `NodeNames`.
//! Never: tells the daemons apart; the callers do.

use super::Kind;
use super::message::{Field, Message, Word, messages, words};
use crate::model::Value;
use nom::IResult;
use nom::error::{Error, ErrorKind};

words! {
    /// Which of the two HA daemons printed a line.
    pub enum Daemon { Lrm = "pve-ha-lrm", Crm = "pve-ha-crm" }
}

/// A cut message shorter than this tells no message from another.
pub(super) const ENOUGH: usize = 12;

/// A cluster wide lock, as its directory below `/etc/pve/priv/lock` is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// `ha_manager_lock`: whoever holds it is the HA master.
    Manager,
    /// `ha_agent_<node>_lock`: the node's own LRM holds it; a master that holds it has proof that the node is fenced.
    Agent {
        /// Whose lock it is.
        node: Box<str>,
    },
    /// `domain-<name>`: guards one configuration domain.
    Domain {
        /// Which domain, such as `ha`.
        name: Box<str>,
    },
    /// Any other lock.
    Other(Box<str>),
}

impl Lock {
    /// The lock whose text this is; a quote at its end is not part of it.
    pub fn from_text(text: &str) -> Lock {
        let text = text.trim_end_matches('\'');
        let agent = text
            .strip_prefix("ha_agent_")
            .and_then(|rest| rest.strip_suffix("_lock"));
        match (text, agent, text.strip_prefix("domain-")) {
            ("ha_manager_lock", _, _) => Lock::Manager,
            (_, Some(node), _) if !node.is_empty() => Lock::Agent { node: node.into() },
            (_, _, Some(name)) if !name.is_empty() => Lock::Domain { name: name.into() },
            _ => Lock::Other(text.into()),
        }
    }

    /// The lock's name as it is printed.
    pub fn text(&self) -> String {
        match self {
            Lock::Manager => "ha_manager_lock".to_owned(),
            Lock::Agent { node } => format!("ha_agent_{node}_lock"),
            Lock::Domain { name } => format!("domain-{name}"),
            Lock::Other(text) => text.to_string(),
        }
    }
}

impl Field for Lock {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, word) = Word::read(input, stop)?;
        Ok((after, Lock::from_text(&word.0)))
    }
    fn value(&self) -> Value {
        self.text().into()
    }
}

/// A service under HA: its type, a colon, its name; `vm:100`, `ct:101`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceId(pub Box<str>);

impl Field for ServiceId {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, word) = Word::read(input, stop)?;
        match word.0.split_once(':') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => {
                Ok((after, ServiceId(word.0)))
            }
            _ => Err(nom::Err::Error(Error::new(input, ErrorKind::Verify))),
        }
    }
    fn value(&self) -> Value {
        self.0.clone().into()
    }
    fn text(&self) -> Option<&str> {
        Some(&self.0)
    }
}

/// Node names with commas between them, up to the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeNames(pub Vec<Box<str>>);

impl Field for NodeNames {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let (after, text) = Box::<str>::read(input, stop)?;
        let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
        Ok((after, NodeNames(names.map(Into::into).collect())))
    }
    fn value(&self) -> Value {
        self.0.clone().into()
    }
}

words! {
    /// How a service moves to another node.
    pub enum Motion { Migrate = "migrate", Relocate = "relocate" }
}

messages! {
    /// Messages that both HA daemons print. Source where none is named: pve-ha-manager src/PVE/HA/Env/PVE2.pm.
    pub enum Ha {
        /// The daemon holds a lock that it did not hold before.
        LockAcquired "ha.lock-acquired" { lock: Lock }
            = ["successfully acquired lock '", lock, "'"] ~ "successfully acquired lock 'ha_agent_pve1_lock'";
        /// A held lock could not be refreshed. Printed once per loss, without a quote after the name; why, if it says so.
        LockLost "ha.lock-lost" { lock: Lock, reason: Option<Box<str>> }
            = ["lost lock '", lock, " - cfs lock update failed - ", reason] ~ "lost lock 'ha_agent_pve1_lock - cfs lock update failed - Permission denied"
            = ["lost lock '", lock, " - ", reason] ~ "lost lock 'ha_agent_pve1_lock - can't get cfs lock"
            = ["lost lock '", lock, !reason] ~ "lost lock 'ha_manager_lock";
        /// The daemon is a client of watchdog-mux from now on.
        WatchdogActive "ha.watchdog-active" {} = ["watchdog active"] ~ "watchdog active";
        /// The daemon said goodbye to watchdog-mux; says nothing about the other daemon's client.
        WatchdogClosed "ha.watchdog-closed" {} = ["watchdog closed (disabled)"] ~ "watchdog closed (disabled)";
        /// Saying goodbye to watchdog-mux failed, so it will count the daemon as dead.
        WatchdogCloseFailed "ha.watchdog-close-failed" { error: Box<str> }
            = ["watchdog close failed - ", error] ~ "watchdog close failed - Broken pipe";
        /// watchdog-mux took no sign of life.
        WatchdogUpdateFailed "ha.watchdog-update-failed" { error: Box<str> }
            = ["watchdog update failed - ", error] ~ "watchdog update failed - Broken pipe";
        /// There is no watchdog-mux to connect to; the daemon stops.
        WatchdogOpenFailed "ha.watchdog-open-failed" { error: Box<str> }
            = ["unable to open watchdog socket - ", error] ~ "unable to open watchdog socket - No such file or directory";
        /// pmxcfs did not answer.
        CfsUpdateFailed "ha.cfs-update-failed" { error: Box<str> }
            = ["cluster file system update failed - ", error] ~ "cluster file system update failed - ipcc_send_rec[1] failed: Connection refused";
        /// One round of the daemon lasted this many seconds, more than 30.
        LoopTooLong "ha.loop-too-long" { seconds: u32 }
            = ["loop took too long (", seconds, " seconds)"] ~ "loop took too long (47 seconds)"
            = ["loop take too long (", seconds, " seconds)"] ~ "loop take too long (47 seconds)";
        /// A fencing notification was not delivered.
        NotifyFailed "ha.notify-failed" { error: Box<str> }
            = ["could not notify: ", error] ~ "could not notify: could not send notification";
        /// datacenter.cfg could not be read.
        SettingsFailed "ha.settings-failed" { error: Box<str> }
            = ["unable to get HA settings from datacenter.cfg - ", error] ~ "unable to get HA settings from datacenter.cfg - parse error";
        /// A task that a service waits for still runs; repeated every 5 s. Source: src/PVE/HA/Tools.pm.
        TaskWaiting "ha.task-waiting" { upid: Word }
            = ["Task '", upid, "' still active, waiting"] ~ "Task 'UPID:pve1:0009D2F1:0138E1F0:66E80C2D:qmigrate:100:root@pam:' still active, waiting";
        /// One round ended with an exception. Source: src/PVE/HA/LRM.pm, CRM.pm.
        UnexpectedError "ha.unexpected-error" { error: Box<str> }
            = ["got unexpected error - ", error] ~ "got unexpected error - error during cfs-locked 'domain-ha' operation: no quorum!";
        /// The cluster file system could not be read in this round. Source: src/PVE/HA/LRM.pm, CRM.pm.
        RoundSkipped "ha.round-skipped" {}
            = ["temporary inconsistent cluster state (cfs restart?), skip round"] ~ "temporary inconsistent cluster state (cfs restart?), skip round";
        /// The daemon was asked to stop or to restart. Source: src/PVE/HA/CRM.pm.
        ShutdownRequest "ha.shutdown-request" {}
            = ["server received shutdown request"] ~ "server received shutdown request";
        /// The daemon starts. Source of this and of those below: pve-common src/PVE/Daemon.pm.
        ServerStarting "ha.server-starting" {} = ["starting server"] ~ "starting server";
        /// The daemon starts in place of one that handed over.
        ServerRestarting "ha.server-restarting" {} = ["restarting server"] ~ "restarting server";
        /// The daemon got a signal.
        SignalReceived "ha.signal-received" { signal: Word }
            = ["received signal ", signal] ~ "received signal TERM";
        /// The daemon is closing down.
        ServerClosing "ha.server-closing" {} = ["server closing"] ~ "server closing";
        /// The daemon ends to be started again.
        ServerHandover "ha.server-handover" {} = ["server shutdown (restart)"] ~ "server shutdown (restart)";
        /// The daemon has ended.
        ServerStopped "ha.server-stopped" {} = ["server stopped"] ~ "server stopped";
    }
}

/// The message without the word that the daemons put before some errors.
pub(super) fn plain(message: &str) -> &str {
    // The last ones are of the mail that the manager sends.
    let mut plain = message;
    for prefix in ["ERROR: ", "WARNING: ", "Subject: ", "FENCE: ", "SUCCEED: "] {
        plain = plain.strip_prefix(prefix).unwrap_or(plain);
    }
    plain
}

/// Reads a message that both daemons print; the caller says which one did.
pub(super) fn read(daemon: Daemon, message: &str, cut: bool) -> Option<Kind> {
    Ha::parse(message, cut).map(|ha| Kind::Ha(daemon, ha))
}

/// Reads a message whose program is not named, if the lock in it tells that `daemon` printed it.
pub(super) fn read_alone(daemon: Daemon, message: &str, cut: bool) -> Option<Kind> {
    let ha = Ha::parse(message, cut)?;
    let lock = match &ha {
        Ha::LockAcquired { lock } | Ha::LockLost { lock, .. } => lock,
        _ => return None,
    };
    let owner = match lock {
        Lock::Manager => Daemon::Crm,
        Lock::Agent { .. } => Daemon::Lrm,
        Lock::Domain { .. } | Lock::Other(_) => return None,
    };
    (owner == daemon).then_some(Kind::Ha(daemon, ha))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Ha>();
    }

    #[test]
    fn the_lock_of_a_lost_lock_line_has_no_closing_quote_and_its_reason_is_kept() {
        let lost = |text| Ha::parse(text, false);
        assert_eq!(
            lost("lost lock 'ha_agent_pve-1_lock - cfs lock update failed - Permission denied"),
            Some(Ha::LockLost {
                lock: Lock::Agent {
                    node: "pve-1".into()
                },
                reason: Some("Permission denied".into())
            })
        );
        assert_eq!(
            lost("lost lock 'ha_manager_lock"),
            Some(Ha::LockLost {
                lock: Lock::Manager,
                reason: None
            })
        );
        assert_eq!(
            lost("lost lock 'ha_manager_lock'"),
            lost("lost lock 'ha_manager_lock")
        );
        assert_eq!(
            lost("lost lock 'ha_manager_lock - can't get cfs lock"),
            Some(Ha::LockLost {
                lock: Lock::Manager,
                reason: Some("can't get cfs lock".into())
            })
        );
    }

    #[test]
    fn a_lock_prints_as_it_was_read() {
        for text in ["ha_manager_lock", "ha_agent_pve1_lock", "domain-ha", "x"] {
            assert_eq!(Lock::from_text(text).value(), text.into());
        }
    }

    #[test]
    fn a_service_id_has_a_type_and_a_name() {
        assert!(ServiceId::read("vm:100 x", None).is_ok());
        assert!(ServiceId::read("100", None).is_err());
    }

    #[test]
    fn alone_only_a_lock_tells_the_daemon() {
        let lock = "successfully acquired lock 'ha_manager_lock'";
        assert!(read_alone(Daemon::Crm, lock, false).is_some());
        assert_eq!(read_alone(Daemon::Lrm, lock, false), None);
        assert_eq!(read_alone(Daemon::Lrm, "watchdog active", false), None);
        assert_eq!(read_alone(Daemon::Crm, "watchdog active", false), None);
    }
}
