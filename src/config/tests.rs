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

#[test]
fn what_commands_print_of_a_configuration_is_read_like_its_files() {
    let paste = "\
root@elm:~# ha-manager config
vm:100
\tgroup trees
\tmax_restart 1
\tstate started

ct:200
\tstate started

root@elm:~# ha-manager groupconfig
group: trees
\tnodes elm,oak
\tnofailback 0
\trestricted 1

root@elm:~# pvesr list
JobID                Target                 Schedule  Rate  Enabled
100-0                local/ash                  */15     -      yes
";
    // Without prompts the lines are the same.
    let bare: String = paste
        .lines()
        .filter(|line| !line.starts_with("root@"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for text in [paste, &format!("Quorate: Yes\n{bare}")] {
        let read = from_texts(&[("paste", text)]);
        let services: Vec<String> = read.resources.iter().map(Resource::service).collect();
        assert_eq!(services, ["vm:100", "ct:200"]);
        assert_eq!(read.resources[0].group.as_deref(), Some("trees"));
        assert_eq!(read.groups[0].nodes, ["elm", "oak"]);
        assert!(read.groups[0].strict);
        assert_eq!(read.jobs[0].target.as_deref(), Some("ash"));
        assert!(read.knows(Form::Resources) && read.knows(Form::Groups));
        assert!(read.knows(Form::Replication) && !read.knows(Form::Rules));
    }
    let none = from_texts(&[(
        "paste",
        "root@elm:~# ha-manager rules list\nroot@elm:~# ha-manager config\nvm:100\n",
    )]);
    assert!(none.knows(Form::Rules) && none.rules.is_empty());
}

#[test]
fn rules_are_read_from_json_and_known_by_name_from_their_table() {
    let json = "root@elm:~# ha-manager rules list --output-format json-pretty\n[\n   {\n      \"nodes\" : \"elm:2,oak\",\n      \"resources\" : \"vm:100\",\n      \"rule\" : \"keep\",\n      \"strict\" : 1,\n      \"type\" : \"node-affinity\"\n   }\n]\n";
    let read = from_texts(&[("paste", json)]);
    assert_eq!(read.rules[0].nodes, ["elm", "oak"]);
    assert!(read.rules[0].strict && !read.rules[0].disabled);
    assert_eq!(read.rules[0].section.at.line, 6);
    let table = "| enabled | rule | type | resources |\n| 1 | keep | node-affinity | vm:100 |\n";
    let vague = from_texts(&[("paste", table)]);
    assert!(vague.rules.is_empty(), "its nodes are not known");
    assert_eq!(
        vague.vague_rule("vm:100").map(|row| row.id.as_str()),
        Some("keep")
    );
    assert_eq!(vague.vague_rule("vm:101"), None);
    let both = from_texts(&[("paste", table), ("json", json)]);
    assert_eq!(both.vague_rule("vm:100"), None);
}
