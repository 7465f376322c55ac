//! What systemd-logind says of reboots, power off and the power button.
//! In: a message of systemd-logind. Out: `Logind`.
//! Never: reports sessions of users.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of systemd-logind. Source: systemd src/login/logind-dbus.c, logind-button.c.
    pub enum Logind {
        /// A reboot was asked for; `reason` is the wall message, if one was given.
        Rebooting "logind.rebooting" { reason: Option<Box<str>> }
            = ["System is rebooting.", !reason] ~ "System is rebooting."
            = ["System is rebooting (", reason, ")."] ~ "System is rebooting (kernel update).";
        /// Power off was asked for.
        PoweringDown "logind.powering-down" { reason: Option<Box<str>> }
            = ["System is powering down.", !reason] ~ "System is powering down."
            = ["System is powering down (", reason, ")."] ~ "System is powering down (maintenance).";
        /// A halt was asked for.
        Halting "logind.halting" { reason: Option<Box<str>> }
            = ["System is halting.", !reason] ~ "System is halting."
            = ["System is halting (", reason, ")."] ~ "System is halting (maintenance).";
        /// A reboot was asked for, as systemd 252 and later say it.
        WillReboot "logind.will-reboot" {}
            = ["The system will reboot now!"] ~ "The system will reboot now!";
        /// Power off was asked for, as systemd 252 and later say it.
        WillPowerOff "logind.will-power-off" {}
            = ["The system will power off now!"] ~ "The system will power off now!";
        /// The button was pressed, or the hypervisor said so.
        PowerKey "logind.power-key" { detail: Option<Word> }
            = ["Power key pressed.", !detail] ~ "Power key pressed."
            = ["Power key pressed ", detail, "."] ~ "Power key pressed short.";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Logind::parse(message, cut).map(Kind::Logind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Logind>();
    }

    #[test]
    fn sessions_are_none_of_our_business() {
        assert_eq!(read("New session 5 of user root.", false), None);
        assert_eq!(
            read(
                "Watching system buttons on /dev/input/event9 (Power Button)",
                false
            ),
            None
        );
    }

    #[test]
    fn a_wall_message_is_the_reason() {
        assert_eq!(
            Logind::parse("System is rebooting (kernel (6.8) update).", false),
            Some(Logind::Rebooting {
                reason: Some("kernel (6.8) update".into())
            })
        );
    }
}
