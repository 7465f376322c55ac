//! Tests of what pve-ha-crm says.
//! In: messages. Out: nothing.
//! Never: part of the program.

use super::*;
use crate::event::ha::{Ha, Lock};
use crate::event::message::{check_samples, fold_blanks};

fn word(text: &str) -> Word {
    Word(text.into())
}

fn parse(text: &str) -> Option<PveHaCrm> {
    PveHaCrm::parse(&fold_blanks(text), false)
}

#[test]
fn samples_are_read() {
    check_samples::<PveHaCrm>();
}

#[test]
fn a_node_state_has_the_node_and_both_states() {
    assert_eq!(
        parse("node 'pve2': state changed from 'unknown' => 'fence'"),
        Some(PveHaCrm::NodeState {
            node: word("pve2"),
            from: NodeState::Unknown,
            to: NodeState::Fence
        })
    );
}

#[test]
fn parameters_of_a_service_state_are_fields() {
    let state = |to, node, target, timeout, params| {
        Some(PveHaCrm::ServiceState {
            service: ServiceId("vm:100".into()),
            from: ServiceState::Started,
            to,
            node,
            target,
            timeout,
            params,
        })
    };
    let head = "service 'vm:100': state changed from 'started' to ";
    let read = |tail: &str| parse(&format!("{head}{tail}"));
    assert_eq!(
        read("'fence'"),
        state(ServiceState::Fence, None, None, None, None)
    );
    assert_eq!(
        read("'migrate'  (node = pve1, target = pve2)"),
        state(
            ServiceState::Migrate,
            Some(word("pve1")),
            Some(word("pve2")),
            None,
            None
        )
    );
    assert_eq!(
        read("'started' (node = pve3)"),
        state(ServiceState::Started, Some(word("pve3")), None, None, None)
    );
    assert_eq!(
        read("'request_stop' (timeout = 60)"),
        state(ServiceState::RequestStop, None, None, Some(60), None)
    );
    assert_eq!(
        read("'error' (node = a, other = b)"),
        state(
            ServiceState::Error,
            None,
            None,
            None,
            Some("node = a, other = b".into())
        )
    );
}

#[test]
fn a_recovery_names_both_nodes() {
    assert_eq!(
        parse("recover service 'ct:1' from fenced node 'a' to node 'b'"),
        Some(PveHaCrm::Recover {
            service: ServiceId("ct:1".into()),
            from: word("a"),
            to: word("b")
        })
    );
}

#[test]
fn failed_nodes_are_a_list() {
    assert_eq!(
        parse("recovery policy for service vm:1 failed, entering error state. Failed nodes: a, b"),
        Some(PveHaCrm::RecoveryPolicyFailed {
            service: ServiceId("vm:1".into()),
            nodes: NodeNames(vec!["a".into(), "b".into()])
        })
    );
}

#[test]
fn what_both_daemons_say_is_said_by_this_one() {
    assert_eq!(
        read("watchdog closed (disabled)", false),
        Some(Kind::Ha(Daemon::Crm, Ha::WatchdogClosed {}))
    );
    assert_eq!(
        read_alone("lost lock 'ha_manager_lock", false),
        Some(Kind::Ha(
            Daemon::Crm,
            Ha::LockLost {
                lock: Lock::Manager,
                reason: None
            }
        ))
    );
}

#[test]
fn alone_a_status_change_needs_a_state_that_only_this_daemon_has() {
    assert!(read_alone("status change startup => wait_for_quorum", false).is_some());
    assert!(read_alone("status change slave => master", false).is_some());
    assert_eq!(
        read_alone("status change active => lost_agent_lock", false),
        None
    );
}
