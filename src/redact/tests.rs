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
