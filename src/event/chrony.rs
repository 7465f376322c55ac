//! What chronyd and other time daemons say of the clock.
//! In: a message of chronyd, ntpd or ntpdate. Out: `Chrony`.
//! Never: corrects a stamp.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of time daemons. Source: chrony reference.c, sched.c, sources.c; ntp ntpd/ntp_loopfilter.c, ntpdate/ntpdate.c.
    pub enum Chrony {
        /// The clock jumped by `seconds`, forward when positive.
        ClockStepped "chrony.clock-stepped" { seconds: f64, server: Option<Word> }
            = ["System clock was stepped by ", seconds, " seconds", !server]
                ~ "System clock was stepped by -3600.123456 seconds"
            = ["time reset ", seconds, " s", !server] ~ "time reset +12.880310 s"
            = ["step time server ", server, " offset ", seconds, " sec"]
                ~ "step time server 192.0.2.123 offset -88.120011 sec";
        /// The clock is off by `seconds` and is being corrected.
        ClockWrong "chrony.clock-wrong" { seconds: f64 }
            = ["System clock wrong by ", seconds, " seconds"] ~ "System clock wrong by 12.345678 seconds"
            = ["System clock wrong by ", seconds, " seconds, adjustment started"]
                ~ "System clock wrong by 12.345678 seconds, adjustment started";
        /// Somebody else set the clock ahead, or the machine was paused.
        JumpedForward "chrony.jumped-forward" {}
            = ["Forward time jump detected!"] ~ "Forward time jump detected!";
        /// Somebody else set the clock back.
        JumpedBackward "chrony.jumped-backward" {}
            = ["Backward time jump detected!"] ~ "Backward time jump detected!";
        /// No time server is good enough.
        NoSource "chrony.no-source" {}
            = ["Can't synchronise: no selectable sources"] ~ "Can't synchronise: no selectable sources";
        /// The time server in use.
        SourceSelected "chrony.source-selected" { source: Word, detail: Option<Box<str>> }
            = ["Selected source ", source, !detail] ~ "Selected source 192.0.2.1"
            = ["Selected source ", source, " (", detail, ")"] ~ "Selected source 192.0.2.1 (ntp.example.com)";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Chrony::parse(message, cut).map(Kind::Chrony)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Chrony>();
    }

    #[test]
    fn steps_keep_their_sign() {
        assert_eq!(
            Chrony::parse("System clock was stepped by -0.5 seconds", false),
            Some(Chrony::ClockStepped {
                seconds: -0.5,
                server: None
            })
        );
    }
}
