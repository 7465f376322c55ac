//! corosync and the libraries that log through it.
//! In: a message of corosync. Out: `Corosync`, one variant per subsystem.
//! Never: keeps state.

pub mod cfg;
pub mod knet;
pub mod main;
pub mod quorum;
pub mod service;
pub mod totem;
pub mod votequorum;

use super::Kind;
use super::message::{Message, Sample};
use crate::model::Fields;

/// A message of corosync, by subsystem.
#[derive(Clone, Debug, PartialEq)]
pub enum Corosync {
    /// libknet.
    Knet(knet::Knet),
    /// The totem protocol.
    Totem(totem::Totem),
    /// The quorum service.
    Quorum(quorum::Quorum),
    /// votequorum.
    Votequorum(votequorum::Votequorum),
    /// The main process.
    Main(main::Main),
    /// The configuration services.
    Cfg(cfg::Cfg),
    /// Services, process groups, libqb and corosync's own watchdog.
    Service(service::Service),
}

/// Runs one expression on whichever subsystem's message it is.
macro_rules! each_subsystem {
    ($corosync:expr, $message:ident => $body:expr) => {
        match $corosync {
            Corosync::Knet($message) => $body,
            Corosync::Totem($message) => $body,
            Corosync::Quorum($message) => $body,
            Corosync::Votequorum($message) => $body,
            Corosync::Main($message) => $body,
            Corosync::Cfg($message) => $body,
            Corosync::Service($message) => $body,
        }
    };
}

impl Corosync {
    /// The stable name.
    pub fn name(&self) -> &'static str {
        each_subsystem!(self, message => message.name())
    }
    /// The message's field of that name, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        each_subsystem!(self, message => message.text(name))
    }
    /// The message's fields.
    pub fn fields(&self) -> Fields {
        each_subsystem!(self, message => message.fields())
    }
}

/// Which enum reads a message.
#[derive(Clone, Copy, PartialEq)]
enum Subsystem {
    Knet,
    Totem,
    Quorum,
    Votequorum,
    Main,
    Cfg,
    Service,
}

impl Subsystem {
    /// In the order in which they are tried.
    const ALL: [Subsystem; 7] = [
        Subsystem::Knet,
        Subsystem::Totem,
        Subsystem::Quorum,
        Subsystem::Main,
        Subsystem::Votequorum,
        Subsystem::Cfg,
        Subsystem::Service,
    ];

    /// By the name in brackets, which blanks may pad.
    fn named(name: &str) -> Option<Subsystem> {
        Some(match name.trim_end() {
            "KNET" => Subsystem::Knet,
            "TOTEM" => Subsystem::Totem,
            "QUORUM" => Subsystem::Quorum,
            "VOTEQ" => Subsystem::Votequorum,
            "MAIN" => Subsystem::Main,
            "CFG" | "CMAP" => Subsystem::Cfg,
            "SERV" | "CPG" | "QB" | "WD" | "MON" => Subsystem::Service,
            _ => return None,
        })
    }

    fn parse(self, message: &str, cut: bool) -> Option<Corosync> {
        match self {
            Subsystem::Knet => knet::Knet::parse(message, cut).map(Corosync::Knet),
            Subsystem::Totem => totem::Totem::parse(message, cut).map(Corosync::Totem),
            Subsystem::Quorum => quorum::Quorum::parse(message, cut).map(Corosync::Quorum),
            Subsystem::Votequorum => {
                votequorum::Votequorum::parse(message, cut).map(Corosync::Votequorum)
            }
            Subsystem::Main => main::Main::parse(message, cut).map(Corosync::Main),
            Subsystem::Cfg => cfg::Cfg::parse(message, cut).map(Corosync::Cfg),
            Subsystem::Service => service::Service::parse(message, cut).map(Corosync::Service),
        }
    }
}

/// Bytes of `[TOTEM ] `.
const PREFIX_BYTES: usize = 9;

/// Finds `[TOTEM ] ` or `[TOTEM] `, wherever it is: corosync 2 may put a second stamp before it. Source: exec/logsys.c.
fn split_prefix(message: &str) -> Option<(Subsystem, &str)> {
    // Nearly every message begins with one, in the width that corosync gives it.
    if let Some((start, text)) = message.split_at_checked(PREFIX_BYTES)
        && let Some(name) = start.strip_prefix('[').and_then(|s| s.strip_suffix("] "))
        && let Some(subsystem) = Subsystem::named(name)
    {
        return Some((subsystem, text.trim_start()));
    }
    let mut rest = message;
    while let Some((_, after)) = rest.split_once('[') {
        if let Some((name, text)) = after.split_once(']')
            && let Some(subsystem) = Subsystem::named(name)
        {
            return Some((subsystem, text.trim_start()));
        }
        rest = after;
    }
    None
}

/// Whether another program could print the message, so that only a prefix proves it to be of corosync.
fn could_be_anybodys(message: &Corosync) -> bool {
    use cfg::Cfg;
    use knet::Knet;
    use main::Main;
    use service::Service;
    use totem::Totem;
    use votequorum::Votequorum;
    matches!(
        message,
        Corosync::Knet(Knet::HostLineCut { .. } | Knet::ModuleLoaded { .. })
            | Corosync::Totem(
                Totem::InvalidPacket {}
                    | Totem::DigestMismatch {}
                    | Totem::CommitToken {}
                    | Totem::State { .. }
                    | Totem::MessageTooShort { .. }
                    | Totem::PacketTooShort { .. }
                    | Totem::WrongType { .. }
                    | Totem::BadVersion { .. }
                    | Totem::InterfaceDown {}
            )
            | Corosync::Votequorum(Votequorum::ConfigError { .. } | Votequorum::WriteFailed { .. })
            | Corosync::Main(
                Main::KeyUnreadable { .. }
                    | Main::KeyTooShort { .. }
                    | Main::NoPriority { .. }
                    | Main::NoRealtime { .. }
                    | Main::CgroupFailed {}
                    | Main::ClientDenied { .. }
                    | Main::MemoryNotLocked { .. }
            )
            | Corosync::Cfg(
                Cfg::ReloadFailed { .. } | Cfg::ReloadInvalid { .. } | Cfg::ReloadCrypto { .. }
            )
            | Corosync::Service(
                Service::ServerName { .. }
                    | Service::WatchdogMissing { .. }
                    | Service::WatchdogBusy { .. }
                    | Service::ResourceIncomplete { .. }
                    | Service::ResourceFailed { .. }
                    | Service::ClientNotReady { .. }
            )
    )
}

/// Reads a message of corosync, with or without its `[KNET  ] ` prefix.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let found = match split_prefix(message) {
        // Some messages changed their subsystem between versions, so the others come next.
        Some((subsystem, text)) => subsystem
            .parse(text, cut)
            .or_else(|| {
                let mut others = Subsystem::ALL.iter().filter(|s| **s != subsystem);
                others.find_map(|s| s.parse(text, cut))
            })
            .or_else(|| match subsystem {
                Subsystem::Knet => knet::read_without_subsystem(text, cut).map(Corosync::Knet),
                _ => None,
            }),
        None => Subsystem::ALL
            .iter()
            .find_map(|s| s.parse(message, cut))
            .filter(|found| !could_be_anybodys(found)),
    };
    found.map(Kind::Corosync)
}

/// Every kind of corosync message.
pub fn samples() -> Vec<Sample> {
    [
        knet::Knet::SAMPLES,
        totem::Totem::SAMPLES,
        quorum::Quorum::SAMPLES,
        votequorum::Votequorum::SAMPLES,
        main::Main::SAMPLES,
        cfg::Cfg::SAMPLES,
        service::Service::SAMPLES,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LinkId, NodeId};

    fn name(message: &str) -> Option<&'static str> {
        read(message, false).map(|kind| kind.name())
    }

    #[test]
    fn the_prefix_may_be_padded_or_not_and_may_follow_a_second_stamp() {
        for message in [
            "[TOTEM ] Token has not been received in 2737 ms",
            "[TOTEM] Token has not been received in 2737 ms",
            "Feb 22 15:09:05 notice [TOTEM ] Token has not been received in 2737 ms",
            "Token has not been received in 2737 ms",
        ] {
            assert_eq!(name(message), Some("corosync.token-warning"), "{message}");
        }
    }

    #[test]
    fn messages_are_read_under_the_prefix_of_another_subsystem() {
        assert_eq!(
            name("[TOTEM ] totemknet initialized"),
            Some("corosync.transport-ready")
        );
        assert_eq!(
            name("[TOTEM ] Configured link number 0: local addr: 10.0.0.11, port=5405"),
            Some("corosync.link-configured")
        );
    }

    #[test]
    fn a_knet_message_may_lack_the_name_of_its_part_of_libknet() {
        assert_eq!(
            read("[KNET ] host: 3 link: 1 is down", false),
            Some(Kind::Corosync(Corosync::Knet(knet::Knet::LinkDown {
                peer: NodeId(3),
                link: LinkId(1)
            })))
        );
    }

    #[test]
    fn messages_that_could_be_anybodys_need_the_prefix() {
        for message in [
            "Digest does not match",
            "Could not open /etc/x: No such file or directory",
            "host:",
        ] {
            assert_eq!(name(message), None, "{message}");
            assert!(name(&format!("[TOTEM ] {message}")).is_some(), "{message}");
        }
    }

    #[test]
    fn lines_that_a_pager_cut_are_read_when_one_kind_begins_so() {
        for (message, expected) in [
            (
                "[QUORUM] This node is within the non-primary component and",
                Some("corosync.non-primary"),
            ),
            ("[QUORUM] This node is within the", None),
            (
                "[MAIN ] Completed service synchronization, ready to provid",
                Some("corosync.sync-done"),
            ),
            (
                "[TOTEM ] A processor failed, forming new configuration: tok",
                Some("corosync.token-lost"),
            ),
            ("[KNET ] host: host: 1 (pa", Some("corosync.link-selected")),
            ("[KNET ] link: host: 1 link: 0 is", None),
        ] {
            assert_eq!(
                read(message, true).map(|kind| kind.name()),
                expected,
                "{message}"
            );
        }
    }

    #[test]
    fn doubled_blanks_are_folded_before_a_message_is_read() {
        let message = crate::event::message::fold_blanks(
            "  [TOTEM ] Message received from 10.0.0.12 is too short...  Ignoring 12.",
        );
        assert_eq!(name(&message), Some("corosync.packet-too-short"));
    }

    #[test]
    fn every_sample_is_read_as_its_kind_behind_a_prefix_and_names_are_unique_per_meaning() {
        for sample in samples() {
            let folded = crate::event::message::fold_blanks(sample.message).into_owned();
            let tag = if knet::Knet::SAMPLES.contains(&sample) {
                "[KNET ]"
            } else {
                "[MAIN ]"
            };
            let digest = sample.name == "corosync.digest-mismatch-old";
            if !digest {
                assert_eq!(name(&format!("{tag} {folded}")), Some(sample.name));
            }
        }
    }
}
