use super::*;

fn told(lines: &str) -> String {
    let mut redactor = Redactor::default();
    let lines = lines.lines().map(|line| redactor.line(line.as_bytes()));
    let lines: Vec<String> = lines
        .map(|line| String::from_utf8(line).expect("text"))
        .collect();
    lines.join("\n")
}

#[test]
fn names_give_way_and_words_stay() {
    assert_eq!(
        told("\
2026-03-02T04:05:06+00:00 quince corosync[812]:   [KNET  ] link: host: 2 link: 0 is down
2026-03-02T04:05:06+00:00 quince pve-ha-lrm[901]: lost lock 'ha_agent_quince_lock - cfs lock update failed - Permission denied
2026-03-02T04:07:06+00:00 medlar pve-ha-crm[900]: recover service 'vm:4711' from fenced node 'quince' to node 'medlar'
2026-03-02T04:07:07+00:00 medlar secretd[17]: the password of quince is hunter2"),
        "\
2026-03-02T04:05:06+00:00 xnode1 corosync[812]:   [KNET  ] link: host: 2 link: 0 is down
2026-03-02T04:05:06+00:00 xnode1 pve-ha-lrm[901]: lost lock 'ha_agent_xnode1_lock - cfs lock update failed - Permission denied
2026-03-02T04:07:06+00:00 xnode2 pve-ha-crm[900]: recover service 'vm:900001' from fenced node 'xnode1' to node 'xnode2'
2026-03-02T04:07:07+00:00 xnode2 xname1[17]: -"
    );
}

/// Where nobody gave a node an id, corosync takes its address for one.
#[test]
fn an_id_that_is_an_address_is_one() {
    assert_eq!(
        told("\
2026-03-02T04:05:06+00:00 quince corosync[812]:   [QUORUM] Members[2]: 173737759 173737760
2026-03-02T04:05:06+00:00 quince corosync[812]:   [TOTEM ] A new membership (a5b071f.1c4) was formed. Members left: 173737761
2026-03-02T04:05:07+00:00 quince pmxcfs[801]: [dcdb] notice: members: 173737759/801, 173737760/799
2026-03-02T04:05:08+00:00 quince corosync[812]:   [TOTEM ] A new membership (10.91.7.31:2668) was formed. Members left: 2"),
        "\
2026-03-02T04:05:06+00:00 xnode1 corosync[812]:   [QUORUM] Members[2]: 3323068417 3323068418
2026-03-02T04:05:06+00:00 xnode1 corosync[812]:   [TOTEM ] A new membership (c6120001.1c4) was formed. Members left: 3323068419
2026-03-02T04:05:07+00:00 xnode1 pmxcfs[801]: [dcdb] notice: members: 3323068417/801, 3323068418/799
2026-03-02T04:05:08+00:00 xnode1 corosync[812]:   [TOTEM ] A new membership (198.18.0.1:2668) was formed. Members left: 2"
    );
}

/// What is understood must not get lost: every message that there is says the same without its names.
#[test]
fn every_message_survives() {
    let mut lost = Vec::new();
    for sample in event::vocabulary() {
        let program = words::speaker(sample.name);
        let line = format!(
            "2026-03-02T04:05:06+00:00 quince {program}[17]: {}",
            sample.message
        );
        let kind = |line: &str| match read(line) {
            Line::Record(record) => understood(&record).map(|kind| kind.name()),
            _ => None,
        };
        let before = kind(&line);
        let after = kind(&told(&line));
        if before != after {
            lost.push(format!("{}: {line}\n    {}", sample.name, told(&line)));
        }
    }
    assert!(lost.is_empty(), "{}\n{}", lost.len(), lost.join("\n"));
}

/// journalctl's own lines part the boots, whatever these are called.
#[test]
fn markers_between_boots_stay() {
    assert_eq!(
        told(
            "\
-- Boot 0d9f7c1b8e6a4b35a2c4d6e8f0123456 --
-- Reboot --
-- Boot 1d9f7c1b8e6a4b35a2c4d6e8f0123456 --"
        ),
        "\
-- Boot 00000000000000000000000000000001 --
-- Reboot --
-- Boot 00000000000000000000000000000002 --"
    );
}

/// A host's full name and its short one are those of one host.
#[test]
fn full_names_keep_their_parts() {
    assert_eq!(
        told("\
2026-03-02T04:05:06+00:00 quince.orchard.example corosync[812]:   [KNET  ] link: host: 2 link: 0 is down
2026-03-02T04:05:06+00:00 quince pve-ha-lrm[901]: lost lock 'ha_agent_quince_lock - cfs lock update failed - Permission denied
2026-03-02T04:07:06+00:00 medlar.orchard.example pve-ha-crm[900]: node 'quince': state changed from 'online' => 'unknown'"),
        "\
2026-03-02T04:05:06+00:00 xnode1.xname1 corosync[812]:   [KNET  ] link: host: 2 link: 0 is down
2026-03-02T04:05:06+00:00 xnode1 pve-ha-lrm[901]: lost lock 'ha_agent_xnode1_lock - cfs lock update failed - Permission denied
2026-03-02T04:07:06+00:00 xnode2.xname1 pve-ha-crm[900]: node 'xnode1': state changed from 'online' => 'unknown'"
    );
}
