//! What reading promises of whole sets of files.
//! In: small texts. Out: failures that name what was lost.
//! Never: asks what is wrong in a configuration.

use super::*;

const CONF: &str = "totem {\n cluster_name: grove\n config_version: 3\n}\nnodelist {\n node {\n name: elm\n nodeid: 1\n ring0_addr: 10.1.0.1\n }\n}\n";

#[test]
fn a_copy_of_the_folder_knows_what_is_not_there() {
    let whole = from_texts(&[
        ("pve/corosync.conf", CONF),
        (
            "pve/nodes/elm/qemu-server/100.conf",
            "cores: 1\nscsi0: tank:vm-100-disk-0\n",
        ),
        (
            "pve/qemu-server/100.conf",
            "cores: 1\nscsi0: tank:vm-100-disk-0\n",
        ),
    ]);
    assert!(whole.knows(Form::Resources) && whole.knows(Form::Replication));
    assert_eq!(
        whole.guests.len(),
        1,
        "the link beside the folder is no second guest"
    );
    assert_eq!(whole.nodes().into_iter().collect::<Vec<_>>(), ["elm"]);
    let part = from_texts(&[("corosync.conf", CONF)]);
    assert!(part.knows(Form::Corosync) && !part.knows(Form::Resources));
}

#[test]
fn a_report_holds_many_files_and_says_which_are_absent() {
    let report = format!(
        "==== general system info ====\n\n# hostname\nelm\n\n# pveversion --verbose\nproxmox-ve: 8.4.0 (running kernel: 6.8)\n\n\
         ==== info about virtual guests ====\n\n# qm list\n VMID NAME\n\n# cat /etc/pve/qemu-server/100.conf\ncores: 1\nlock: backup\n\n\
         ==== info about cluster ====\n\n# cat /etc/pve/replication.cfg\ncat: /etc/pve/replication.cfg: No such file or directory\n\n\
         # cat /etc/pve/corosync.conf 2>/dev/null\n{CONF}"
    );
    let configuration = from_texts(&[("report.txt", &report)]);
    assert_eq!(configuration.version.as_ref().map(|v| v.0), Some(8));
    let guest = &configuration.guests[0];
    assert_eq!((guest.id, guest.node.as_deref()), (100, Some("elm")));
    assert_eq!(guest.lock.as_ref().unwrap().at.line, 16);
    assert!(configuration.knows(Form::Replication) && !configuration.knows(Form::Resources));
    assert_eq!(configuration.corosync[0].nodes[0].at.line, 30);
}

#[test]
fn what_is_foreign_is_not_recognised() {
    assert!(!from_texts(&[("notes.txt", "Dear diary,\nnothing worked.\n")]).is_recognised());
    assert!(!from_texts(&[("empty", "")]).is_recognised());
    let log = "Nov 22 08:49:04 pve1 corosync[1423]:   [KNET  ] link: host: 2 link: 0 is down\n";
    assert!(!from_texts(&[("syslog", log)]).is_recognised());
}
