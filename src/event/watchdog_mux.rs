//! What watchdog-mux says: the daemon that feeds the hardware watchdog for the HA daemons.
//! In: its message. Out: `WatchdogMux`.
//! Never: decides whether a node fenced itself; one expired client is only one sign of it.

use super::Kind;
use super::message::{Hex, Message, messages};

messages! {
    /// Messages of watchdog-mux. Source of all: pve-ha-manager src/watchdog-mux.c; the texts carry a pid since 5.1.2.
    pub enum WatchdogMux {
        /// A client wrote nothing for 60 s; the device is not fed any more and resets the node about 10 s later.
        Expired "watchdog-mux.expired" { pid: Option<u32> }
            = ["client (PID ", pid, ") watchdog expired - disable watchdog updates"] ~ "client (PID 1423) watchdog expired - disable watchdog updates"
            = ["client watchdog expired - disable watchdog updates", !pid] ~ "client watchdog expired - disable watchdog updates"
            = ["watchdog expired - disable watchdog updates", !pid] ~ "watchdog expired - disable watchdog updates"
            = ["client (PID ", pid, ") watchdog expired — disable watchdog updates"] ~ "client (PID 1423) watchdog expired — disable watchdog updates"
            = ["client watchdog expired — disable watchdog updates", !pid] ~ "client watchdog expired — disable watchdog updates"
            = ["watchdog expired — disable watchdog updates", !pid] ~ "watchdog expired — disable watchdog updates";
        /// A client wrote nothing for 50 s, 10 s remain to it.
        AboutToExpire "watchdog-mux.about-to-expire" { pid: Option<u32> }
            = ["client (PID ", pid, ") watchdog is about to expire"] ~ "client (PID 1423) watchdog is about to expire"
            = ["client watchdog is about to expire", !pid] ~ "client watchdog is about to expire"
            = ["watchdog is about to expire", !pid] ~ "watchdog is about to expire";
        /// The client wrote again after the warning: no reset.
        Averted "watchdog-mux.averted" { pid: Option<u32> }
            = ["client (PID ", pid, ") watchdog was updated before expiring"] ~ "client (PID 1423) watchdog was updated before expiring"
            = ["client watchdog was updated before expiring", !pid] ~ "client watchdog was updated before expiring"
            = ["watchdog was updated before expiring", !pid] ~ "watchdog was updated before expiring";
        /// A client went away without saying goodbye; the device is not fed any more.
        DidNotStop "watchdog-mux.did-not-stop" { pid: Option<u32> }
            = ["client (PID ", pid, ") did not stop watchdog - disable watchdog updates"] ~ "client (PID 1423) did not stop watchdog - disable watchdog updates"
            = ["client did not stop watchdog - disable watchdog updates", !pid] ~ "client did not stop watchdog - disable watchdog updates"
            = ["client (PID ", pid, ") did not stop watchdog — disable watchdog updates"] ~ "client (PID 1423) did not stop watchdog — disable watchdog updates"
            = ["client did not stop watchdog — disable watchdog updates", !pid] ~ "client did not stop watchdog — disable watchdog updates";
        /// An HA daemon became active and is watched from now on.
        ClientAdded "watchdog-mux.client-added" { pid: u32 }
            = ["added new client (PID ", pid, ") to watch"] ~ "added new client (PID 1423) to watch";
        /// A watched daemon closed its connection in order.
        ClientLeft "watchdog-mux.client-left" { pid: u32 }
            = ["client (PID ", pid, ") has disconnected cleanly. Removing it gracefully from the watch"] ~ "client (PID 1423) has disconnected cleanly. Removing it gracefully from the watch";
        /// Nobody is watched any more.
        AllClosed "watchdog-mux.all-closed" {}
            = ["all watchdog client connections to the multiplexer closed"] ~ "all watchdog client connections to the multiplexer closed";
        /// It was asked to stop by a signal.
        Terminate "watchdog-mux.terminate" {}
            = ["got terminate request"] ~ "got terminate request";
        /// It ends although somebody is watched: the device stays armed.
        ExitActive "watchdog-mux.exit-active" {}
            = ["exit watchdog-mux with active connections"] ~ "exit watchdog-mux with active connections";
        /// It ended with the device disarmed.
        CleanExit "watchdog-mux.clean-exit" {}
            = ["clean exit"] ~ "clean exit";
        /// It opened the device; the version is that of its firmware, hexadecimal.
        Driver "watchdog-mux.driver" { name: Box<str>, version: Hex }
            = ["Watchdog driver '", name, "', version ", version] ~ "Watchdog driver 'Software Watchdog', version 0";
        /// A kernel module that the administrator configured gets loaded.
        Loading "watchdog-mux.loading" { module: Box<str> }
            = ["Loading watchdog module '", module, "'"] ~ "Loading watchdog module 'iTCO_wdt'";
        /// An earlier watchdog-mux died while somebody was watched, a new one may not take over.
        UnableToRestart "watchdog-mux.unable-to-restart" {}
            = ["watchdog active - unable to restart watchdog-mux"] ~ "watchdog active - unable to restart watchdog-mux";
        /// The device cannot be opened.
        OpenFailed "watchdog-mux.open-failed" { error: Box<str> }
            = ["watchdog open: ", error] ~ "watchdog open: Device or resource busy";
        /// The device refuses a timeout of 10 s.
        SetTimeoutFailed "watchdog-mux.set-timeout-failed" { error: Box<str> }
            = ["watchdog set timeout: ", error] ~ "watchdog set timeout: Invalid argument";
        /// The device could not be fed.
        UpdateFailed "watchdog-mux.update-failed" { error: Box<str> }
            = ["watchdog update failed: ", error] ~ "watchdog update failed: No such device";
        /// A hang-up signal came and does nothing.
        Sighup "watchdog-mux.sighup" {}
            = ["got SIGHUP - ignored"] ~ "got SIGHUP - ignored";
    }
}

/// Reads a message of watchdog-mux.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let message = message.strip_prefix("ERROR: ").unwrap_or(message);
    WatchdogMux::parse(message, cut && message.len() >= super::ha::ENOUGH).map(Kind::WatchdogMux)
}

/// Reads a message whose program is not named: only what no other program would say.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    use WatchdogMux::{CleanExit, Sighup, Terminate};
    read(message, cut).filter(|kind| {
        !matches!(
            kind,
            Kind::WatchdogMux(CleanExit {} | Terminate {} | Sighup {})
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<WatchdogMux>();
    }

    #[test]
    fn an_expired_client_is_known_with_and_without_pid_and_with_a_dash_of_an_editor() {
        let read = |text| WatchdogMux::parse(text, false);
        let with = Some(WatchdogMux::Expired { pid: Some(1423) });
        let without = Some(WatchdogMux::Expired { pid: None });
        assert_eq!(
            read("client (PID 1423) watchdog expired - disable watchdog updates"),
            with
        );
        assert_eq!(
            read("client watchdog expired - disable watchdog updates"),
            without
        );
        assert_eq!(read("watchdog expired — disable watchdog updates"), without);
    }

    #[test]
    fn the_driver_line_names_the_device() {
        assert_eq!(
            WatchdogMux::parse("Watchdog driver 'iTCO_wdt', version 1a", false),
            Some(WatchdogMux::Driver {
                name: "iTCO_wdt".into(),
                version: Hex(0x1a)
            })
        );
    }

    #[test]
    fn a_clean_exit_could_be_anybodys() {
        assert!(read("clean exit", false).is_some());
        assert_eq!(read_alone("clean exit", false), None);
        assert!(read_alone("watchdog open: Device or resource busy", false).is_some());
    }

    #[test]
    fn a_message_that_was_cut_early_is_nothing() {
        assert_eq!(read("client", true), None);
        assert!(matches!(
            read("client (PID 1423) watchdog is about", true),
            Some(Kind::WatchdogMux(WatchdogMux::AboutToExpire {
                pid: Some(1423)
            }))
        ));
    }
}
