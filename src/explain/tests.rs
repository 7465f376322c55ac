//! Tests of what is explained.
//! In: lines and words. Out: nothing.
//! Never: part of the program.

use super::*;

fn explained(text: &str) -> Explanation {
    line(text).unwrap_or_else(|| panic!("{text}"))
}

fn note(explanation: &Explanation, name: &str) -> FieldNote {
    let found = explanation.fields.iter().find(|field| field.name == name);
    found
        .cloned()
        .unwrap_or_else(|| panic!("{name}: {explanation:?}"))
}

fn subjects(text: &str) -> Vec<String> {
    code(text).into_iter().map(|e| e.subject).collect()
}

#[test]
fn a_whole_line_is_explained_with_its_fields() {
    let text = "Jun 01 11:26:34 store2 pve-ha-lrm[4526]: status change active => lost_agent_lock";
    let found = explained(text);
    assert_eq!(
        found.subject,
        "pve-ha-lrm.status-change: status change active => lost_agent_lock"
    );
    assert!(!found.meaning.is_empty() && !found.next.is_empty() && !found.source.is_empty());
    let to = note(&found, "to");
    assert_eq!(to.value, "lost_agent_lock");
    assert!(to.meaning.contains("watchdog is not fed"), "{}", to.meaning);
}

#[test]
fn a_message_alone_is_explained_too() {
    let found = explained(
        "lost lock 'ha_agent_pve1_lock - cfs lock update failed - Device or resource busy",
    );
    assert!(note(&found, "reason").meaning.contains("stuck"));
    assert!(note(&found, "lock").meaning.contains("proof"));
    assert_eq!(line("nothing that anybody prints"), None);
}

#[test]
fn an_error_of_corosync_is_named_and_explained() {
    let found = explained("pmxcfs[1450]: [dcdb] crit: cpg_join failed: 14");
    let error = note(&found, "error");
    assert_eq!(error.value, "CS_ERR_EXIST");
    assert!(
        error.meaning.contains("14 CS_ERR_EXIST"),
        "{}",
        error.meaning
    );
    assert!(error.meaning.contains("still knows"), "{}", error.meaning);
    assert!(note(&found, "domain").meaning.contains("/etc/pve"));
}

#[test]
fn an_error_of_the_system_is_found_inside_its_text() {
    let found = explained("watchdog-mux[343]: watchdog open: Device or resource busy");
    assert!(note(&found, "error").meaning.contains("another program"));
    let found = explained(
        "pve-ha-lrm[1]: unable to write lrm status file - unable to open file '/etc/pve/x' - Permission denied",
    );
    assert!(note(&found, "error").meaning.contains("no quorum"));
}

#[test]
fn states_mean_what_they_mean_in_their_place() {
    let found =
        explained("pve-ha-crm[1]: service 'vm:100': state changed from 'fence' to 'recovery'");
    assert!(
        note(&found, "from")
            .meaning
            .contains("until that node is fenced")
    );
    let found = explained("pve-ha-crm[1]: node 'pve2': state changed from 'unknown' => 'fence'");
    assert!(note(&found, "to").meaning.contains("was decided"));
}

#[test]
fn a_field_that_the_line_does_not_have_is_not_listed() {
    let found =
        explained("pve-ha-crm[1]: service 'vm:100': state changed from 'started' to 'fence'");
    assert!(found.fields.iter().all(|field| field.name != "target"));
}

#[test]
fn numbers_and_names_are_explained_wherever_they_occur() {
    assert_eq!(subjects("14"), ["corosync library error 14 (CS_ERR_EXIST)"]);
    assert_eq!(subjects("CS_ERR_EXIST"), subjects("14"));
    assert_eq!(subjects("cs_err_exist"), subjects("14"));
    assert_eq!(
        subjects("2"),
        [
            "corosync library error 2 (CS_ERR_LIBRARY)",
            "exit code of a service command 2",
            "system error 2 (ENOENT, No such file or directory)",
        ]
    );
    assert_eq!(
        subjects("EBUSY"),
        ["system error 16 (EBUSY, Device or resource busy)"]
    );
    assert_eq!(
        subjects("20"),
        ["corosync library error 20 (CS_ERR_BAD_OPERATION)"]
    );
}

#[test]
fn states_locks_rings_and_kinds_are_explained() {
    assert_eq!(subjects("lost_agent_lock"), ["LRM state lost_agent_lock"]);
    assert_eq!(
        subjects("fence"),
        ["node state fence", "service state fence"]
    );
    assert_eq!(
        subjects("ha_agent_pve1_lock"),
        ["cluster lock of the LRM of pve1"]
    );
    assert_eq!(
        subjects("ha_manager_lock"),
        ["cluster lock ha_manager_lock"]
    );
    assert_eq!(subjects("1.d50"), ["ring id 1.d50"]);
    assert_eq!(subjects("watchdog-mux.expired"), ["watchdog-mux.expired"]);
    assert_eq!(subjects("5266 ms"), ["5266 ms without token"]);
    assert_eq!(
        subjects("Permission denied"),
        [
            "reason of a lost lock Permission denied",
            "system error 13 (EACCES, Permission denied)",
        ]
    );
    assert!(any("nobody knows this").is_empty());
    assert_eq!(any("watchdog expired — disable watchdog updates").len(), 1);
}

#[test]
fn an_epoch_is_counted() {
    let found = explained("[dcdb] notice: received sync request (epoch 1/3409/000000A6)");
    assert!(note(&found, "epoch").meaning.ends_with("166 in decimal"));
}

#[test]
fn every_sample_is_explained_when_its_program_is_named() {
    for (prefix, program) in [
        ("pmxcfs.", "pmxcfs"),
        ("ha.", "pve-ha-lrm"),
        ("pve-ha-lrm.", "pve-ha-lrm"),
        ("pve-ha-crm.", "pve-ha-crm"),
        ("watchdog-mux.", "watchdog-mux"),
    ] {
        for sample in event::vocabulary() {
            if sample.name.starts_with(prefix) {
                let text = format!("{program}[1]: {}", sample.message);
                let found = explained(&text);
                assert!(found.subject.starts_with(sample.name), "{text}: {found:?}");
                assert!(!found.meaning.is_empty(), "{text}");
            }
        }
    }
}
