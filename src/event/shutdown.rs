//! What systemd-shutdown says in the last stage of an orderly end, and the tools that start one for want of power.
//! In: a message of systemd-shutdown, nut-monitor or upsmon. Out: `Shutdown`.
//! Never: tells a reboot from a power off where the line does not.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of systemd-shutdown and nut-monitor. Source: systemd src/shutdown/*.c where nothing else is said.
    pub enum Shutdown {
        /// Writes what is in memory to the disks.
        SyncingFilesystems "shutdown.syncing-filesystems" {}
            = ["Syncing filesystems and block devices."] ~ "Syncing filesystems and block devices.";
        /// Asks what is left to end.
        Sigterm "shutdown.sigterm" {}
            = ["Sending SIGTERM to remaining processes..."] ~ "Sending SIGTERM to remaining processes...";
        /// Ends what did not listen.
        Sigkill "shutdown.sigkill" {}
            = ["Sending SIGKILL to remaining processes..."] ~ "Sending SIGKILL to remaining processes...";
        /// Unmounts.
        Unmounting "shutdown.unmounting" {} = ["Unmounting file systems."] ~ "Unmounting file systems.";
        /// Everything is unmounted.
        Unmounted "shutdown.unmounted" {}
            = ["All filesystems unmounted."] ~ "All filesystems unmounted."
            = ["All filesystems, swaps, loop devices, MD devices and DM devices detached."]
                ~ "All filesystems, swaps, loop devices, MD devices and DM devices detached.";
        /// Hands over to the kernel for a reboot.
        Rebooting "shutdown.rebooting" {} = ["Rebooting."] ~ "Rebooting.";
        /// Hands over to the kernel to switch off.
        PoweringOff "shutdown.powering-off" {} = ["Powering off."] ~ "Powering off.";
        /// Hands over to the kernel to halt.
        Halting "shutdown.halting" {} = ["Halting system."] ~ "Halting system.";
        /// Watches its own last stage with a hardware watchdog.
        HardwareWatchdog "shutdown.hardware-watchdog" { name: Box<str>, version: Word, device: Word }
            = ["Using hardware watchdog '", name, "', version ", version, ", device ", device]
                ~ "Using hardware watchdog 'iTCO_wdt', version 6, device /dev/watchdog0";
        /// Network UPS Tools end the node for want of power. Source: nut clients/upsmon.c.
        PowerFail "shutdown.power-fail" {}
            = ["Executing automatic power-fail shutdown"] ~ "Executing automatic power-fail shutdown";
        /// The power supply runs on its battery. Source: nut clients/upsmon.c.
        OnBattery "shutdown.on-battery" { ups: Word } = ["UPS ", ups, " on battery"] ~ "UPS ups1@localhost on battery";
        /// Power is back. Source: nut clients/upsmon.c.
        OnLinePower "shutdown.on-line-power" { ups: Word }
            = ["UPS ", ups, " on line power"] ~ "UPS ups1@localhost on line power";
        /// The battery is nearly empty. Source: nut clients/upsmon.c.
        BatteryLow "shutdown.battery-low" { ups: Word }
            = ["UPS ", ups, " battery is low"] ~ "UPS ups1@localhost battery is low";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Shutdown::parse(message, cut).map(Kind::Shutdown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Shutdown>();
    }

    #[test]
    fn the_power_supply_is_named() {
        assert_eq!(
            Shutdown::parse("UPS apc@ups.lan on battery", false),
            Some(Shutdown::OnBattery {
                ups: Word("apc@ups.lan".into())
            })
        );
    }
}
