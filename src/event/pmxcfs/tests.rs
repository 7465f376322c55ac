//! Tests of what pmxcfs says.
//! In: messages. Out: nothing.
//! Never: part of the program.

use super::*;
use crate::event::message::{check_samples, fold_blanks};

fn member(node: u32, pid: u32) -> Member {
    Member {
        node: NodeId(node),
        pid,
    }
}

fn cs(code: u32, text: &str) -> CsError {
    CsError {
        code: Some(code),
        text: text.into(),
    }
}

#[test]
fn samples_are_read() {
    check_samples::<Pmxcfs>();
}

#[test]
fn samples_are_read_with_their_prefix() {
    for sample in Pmxcfs::SAMPLES {
        let line = format!("[status] crit: {}", sample.message);
        match read(&fold_blanks(&line), false) {
            Some(Kind::Pmxcfs(Domain::Status, m)) => assert_eq!(m.name(), sample.name),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn the_prefix_names_the_domain() {
    assert_eq!(
        read("[dcdb] notice: members: 5/3703, 12/88", false),
        Some(Kind::Pmxcfs(
            Domain::Dcdb,
            Pmxcfs::Members {
                members: vec![member(5, 3703), member(12, 88)]
            }
        ))
    );
    assert_eq!(
        read("node has quorum", false),
        Some(Kind::Pmxcfs(
            Domain::Other("".into()),
            Pmxcfs::QuorumGained {}
        ))
    );
    assert_eq!(
        read("[status] node lost quorum", false),
        Some(Kind::Pmxcfs(Domain::Status, Pmxcfs::QuorumLost {}))
    );
}

#[test]
fn an_epoch_is_hexadecimal_and_its_owner_decimal() {
    assert_eq!(
        Pmxcfs::parse("received sync request (epoch 1/3409/000000A6)", false),
        Some(Pmxcfs::SyncRequest {
            epoch_node: NodeId(1),
            epoch_pid: 3409,
            epoch: Hex(0xa6)
        })
    );
}

#[test]
fn errors_of_corosync_are_numbers_or_names() {
    let parse = |text| Pmxcfs::parse(text, false);
    assert_eq!(
        parse("cpg_join failed: 14"),
        Some(Pmxcfs::JoinFailed {
            error: cs(14, "14")
        })
    );
    assert_eq!(
        parse("cpg_join failed: CS_ERR_EXIST"),
        Some(Pmxcfs::JoinFailed {
            error: cs(14, "CS_ERR_EXIST")
        })
    );
    assert_eq!(
        parse("cmap_initialize failed: CS_ERR_LIBRARY (failed to connect to corosync)"),
        Some(Pmxcfs::InitializeFailed {
            what: Library::Cmap,
            error: cs(2, "CS_ERR_LIBRARY (failed to connect to corosync)")
        })
    );
    assert_eq!(
        parse("quorum_dispatch failed: 2"),
        Some(Pmxcfs::DispatchFailed {
            what: Library::Quorum,
            error: cs(2, "2")
        })
    );
    assert_eq!(
        parse("quorum_trackstart failed: CS_ERR_TRY_AGAIN - trying again"),
        Some(Pmxcfs::TrackFailed {
            error: cs(6, "CS_ERR_TRY_AGAIN"),
            reaction: "trying again".into()
        })
    );
    assert_eq!(read("[main] crit: foo_dispatch failed: 2", false), None);
}

#[test]
fn two_blanks_stand_before_the_cluster_name_or_one() {
    for line in [
        "[status] notice: update cluster info (cluster name  prod, version = 7)",
        "[status] notice: update cluster info (cluster name prod, version = 7)",
    ] {
        assert_eq!(
            read(&fold_blanks(line), false),
            Some(Kind::Pmxcfs(
                Domain::Status,
                Pmxcfs::ClusterInfo {
                    name: "prod".into(),
                    version: 7
                }
            ))
        );
    }
}

#[test]
fn what_debugging_adds_is_not_part_of_the_message() {
    assert_eq!(
        read(
            "[dcdb] notice: all data is up to date (dfsm.c:468:dfsm_set_mode)",
            false
        ),
        Some(Kind::Pmxcfs(Domain::Dcdb, Pmxcfs::UpToDate {}))
    );
}

#[test]
fn a_list_of_members_that_was_cut_is_not_believed() {
    assert_eq!(read("[dcdb] notice: members: 1/3409, 3/71", true), None);
    assert!(read("[dcdb] notice: starting data sync", true).is_some());
}

#[test]
fn without_program_and_prefix_only_clear_words_count() {
    let alone = |text| read_alone(text, false);
    assert!(alone("[dcdb] notice: received all states").is_some());
    assert_eq!(alone("[other] notice: received all states"), None);
    assert_eq!(alone("received all states"), None);
    assert_eq!(
        alone("received write while not quorate - trigger resync"),
        Some(Kind::Pmxcfs(
            Domain::Other("".into()),
            Pmxcfs::WriteNotQuorate {}
        ))
    );
    assert_eq!(alone("members: "), None);
}

#[test]
fn a_leader_and_those_in_sync_are_members() {
    assert_eq!(
        Pmxcfs::parse("leader is 1/1450", false),
        Some(Pmxcfs::Leader {
            member: member(1, 1450)
        })
    );
    assert_eq!(
        Pmxcfs::parse("wrong checksum 0A != 0B - restarting", false),
        Some(Pmxcfs::WrongChecksum {
            theirs: Hex(10),
            mine: Hex(11)
        })
    );
    assert_eq!(
        Pmxcfs::parse("exit proxmox configuration filesystem (-1)", false),
        Some(Pmxcfs::Exit { code: -1 })
    );
}
