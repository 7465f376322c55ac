//! What is redacted tells the same, and names nobody.
//! In: `testdata/cases`. Out: the verdict before and after, and every form of the answer searched for every name.
//! Never: trusts what the redactor believes to be a name; names are taken from the reports and lines as they are.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FORMS: [&str; 7] = ["json", "term", "jsonl", "html", "md", "csv", "junit"];

fn fencepost(args: &[&str]) -> (Option<i32>, Vec<u8>) {
    let output = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    (output.status.code(), output.stdout)
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("cases")
        .map(|entry| entry.expect("an entry").path().join("input"))
        .filter(|input| input.is_dir())
        .collect();
    cases.sort();
    cases
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// What must not change: how bad, which kinds when, how boots ended, what incidents are and whether they are over.
fn gist(report: &Value) -> Vec<String> {
    let mut gist = vec![format!("severity {}", report["verdict"]["severity"])];
    for finding in array(report, "findings") {
        let what = [
            "kind", "severity", "status", "began", "ended", "line", "basis",
        ];
        let what: Vec<String> = what.iter().map(|key| finding[key].to_string()).collect();
        gist.push(format!("finding {}", what.join(" ")));
    }
    for boot in array(report, "boots") {
        gist.push(format!("boot {} {}", boot["verdict"], boot["began"]));
    }
    for incident in array(report, "incidents") {
        gist.push(format!(
            "incident {} {}",
            incident["severity"], incident["status"]
        ));
    }
    for outage in array(report, "outages") {
        gist.push(format!(
            "outage {} {}",
            outage["down_from"], outage["up_at"]
        ));
    }
    gist.sort();
    gist
}

/// Names that stand in a case, as its reports and its lines tell them.
fn secrets(report: &Value, input: &Path) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    let mut add = |value: &Value| {
        if let Some(name) = value.as_str() {
            secrets.insert(name.to_owned());
        }
    };
    for node in array(&report["cluster"], "nodes") {
        add(&node["name"]);
    }
    for outage in array(report, "outages") {
        add(&outage["guest"]);
    }
    for finding in array(report, "findings") {
        add(&finding["node"]);
        if let Some(subject) = finding["subject"].as_str() {
            for prefix in ["vm:", "ct:", "storage "] {
                if subject.starts_with(prefix) {
                    add(&Value::from(subject.trim_start_matches("storage ")));
                }
            }
        }
    }
    for file in fs::read_dir(input).expect("inputs") {
        let file = file.expect("a file").path();
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap_or_default()).into_owned();
        for word in
            text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '@')))
        {
            let word = word.trim_matches([':', '.']);
            let is_address = word.parse::<std::net::Ipv4Addr>().is_ok();
            let is_address6 =
                word.matches(':').count() > 1 && word.parse::<std::net::Ipv6Addr>().is_ok();
            let user = word.split_once('@').filter(|(user, realm)| {
                !["root", "pve"].contains(user)
                    && !user.is_empty()
                    && realm.starts_with(|c: char| c.is_ascii_lowercase())
            });
            if let Some((user, _)) = user {
                secrets.insert(user.to_owned());
            }
            let is_card =
                word.len() == 17 && word.split(':').filter(|pair| pair.len() == 2).count() == 6;
            if is_address || is_address6 || is_card {
                secrets.insert(word.to_owned());
            }
        }
        for called in ["VM ", "CT ", "vm:", "ct:"] {
            for (at, _) in text.match_indices(called) {
                let digits = text[at + called.len()..].chars();
                let id: String = digits.take_while(char::is_ascii_digit).collect();
                if id.len() > 2 {
                    secrets.insert(format!("{called}{id}"));
                }
            }
        }
    }
    // Storages that every installation has tell nothing.
    secrets.retain(|name| !["local", "local-lvm", "local-zfs"].contains(&&**name));
    secrets
}

/// Whether a name stands in a text as a word of its own.
fn holds(text: &str, name: &str) -> bool {
    let of_name = |c: char| c.is_alphanumeric();
    // How a page looks is no text of a log.
    let text = text.split_once("</style>").map_or(text, |(_, body)| body);
    let text = text.replace("<main", "<").replace("</main", "</");
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(of_name) && !text[at + name.len()..].starts_with(of_name)
    })
}

#[test]
fn the_same_is_told_without_names() {
    let mut faults = Vec::new();
    for input in cases() {
        let case = input.parent().expect("a case").file_name().expect("a name");
        let case = case.to_string_lossy().into_owned();
        let path = input.to_string_lossy().into_owned();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("redact")
            .join(&case);
        fs::create_dir_all(&folder).expect("a folder");
        let (_, plain) = fencepost(&["-o", "json", &path]);
        let plain: Value = serde_json::from_slice(&plain).expect("JSON");
        let outputs: Vec<String> = FORMS
            .iter()
            .map(|form| format!("{form}={}", folder.join(form).display()))
            .collect();
        let mut args = vec!["--redact", "-v", "--mermaid"];
        args.extend(outputs.iter().flat_map(|output| ["-o", output]));
        args.push(&path);
        let (code, _) = fencepost(&args);
        assert_eq!(code, Some(0), "{case}");
        let texts = FORMS.map(|form| fs::read_to_string(folder.join(form)).expect("text"));
        let redacted: Value = serde_json::from_str(&texts[0]).expect("JSON");
        let (before, after) = (gist(&plain), gist(&redacted));
        for line in &before {
            if !after.contains(line) {
                faults.push(format!("{case}: lost {line}"));
            }
        }
        if before.len() != after.len() {
            faults.push(format!(
                "{case}: {} lines and {}",
                before.len(),
                after.len()
            ));
        }
        // The log itself, and what is told of it then.
        let logs = folder.join("logs");
        let _ = fs::remove_dir_all(&logs);
        let (code, _) = fencepost(&["redact", "-d", &logs.to_string_lossy(), &path]);
        assert_eq!(code, Some(0), "{case}");
        let (_, told) = fencepost(&["-o", "json", &logs.to_string_lossy()]);
        let told: Value = serde_json::from_slice(&told).expect("JSON");
        let told = gist(&told);
        for line in before.iter().filter(|line| !told.contains(line)) {
            faults.push(format!("{case}: the redacted log lost {line}"));
        }
        if before.len() != told.len() {
            faults.push(format!(
                "{case}: {} lines and {} of the redacted log",
                before.len(),
                told.len()
            ));
        }
        let mut written = String::new();
        for log in fs::read_dir(&logs).expect("logs") {
            written += &fs::read_to_string(log.expect("a log").path()).expect("text");
        }
        let searched = FORMS.iter().zip(&texts).chain([(&"redact", &written)]);
        for secret in secrets(&plain, &input) {
            for (form, text) in searched.clone() {
                if holds(text, &secret) {
                    let line = text
                        .lines()
                        .find(|line| holds(line, &secret))
                        .unwrap_or_default();
                    let line: String = line.chars().take(300).collect();
                    faults.push(format!("{case}: {form} tells {secret}: {line}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// What nobody may learn, wherever in a line it stands.
const PLANTED: [&str; 22] = [
    "mondsee",
    "attersee",
    "lake.example.org",
    "10.91.7.31",
    "10.91.7.32",
    "173737759",
    "a5b071f",
    "fd91:7:31::5",
    "fe80::be24:11ff:fe3c:77a1",
    "bc:24:11:3c:77:a1",
    "31337",
    "31338",
    "walhalla",
    "ottokar",
    "payroll",
    "S5XANS0R512345",
    "5002538f31a0b7c4",
    "hunter2",
    "6f1c9a52-77b0-4a0e-9d1f-5b8f7f3f0a11",
    "0d9f7c1b8e6a4b35a2c4d6e8f0123456",
    "Grünsee",
    "geheim",
];

/// Messages that are understood with a secret in every place that a name can have, and lines that are not understood.
const SAID: [(&str, &str); 34] = [
    ("corosync[812]", "  [KNET  ] link: host: 2 link: 0 is down"),
    (
        "corosync[812]",
        "  [TOTEM ] A new membership (10.91.7.31:2668) was formed. Members left: 173737759",
    ),
    (
        "corosync[812]",
        "  [TOTEM ] A new membership (a5b071f.1c4) was formed. Members joined: 173737759",
    ),
    ("corosync[812]", "  [QUORUM] Members[1]: 173737759"),
    (
        "corosync[812]",
        "  [QUORUM] This node is within the non-primary component and will NOT provide any services.",
    ),
    (
        "corosync[812]",
        "  [TOTEM ] Message received from 10.91.7.32 has bad magic number (probably sent by encrypted Kronosnet/Corosync 2.0/2.1/1.x/OpenAIS or unknown)... Ignoring",
    ),
    ("pmxcfs[801]", "[dcdb] notice: members: 173737759/801"),
    (
        "pmxcfs[801]",
        "[status] notice: update cluster info (cluster name  mondsee, version = 7)",
    ),
    (
        "pmxcfs[801]",
        "[main] notice: resolved node name 'mondsee' to '10.91.7.31' for default node IP address",
    ),
    (
        "pve-ha-lrm[901]",
        "lost lock 'ha_agent_mondsee_lock - cfs lock update failed - Permission denied",
    ),
    (
        "pve-ha-crm[900]",
        "recover service 'vm:31337' from fenced node 'attersee' to node 'mondsee'",
    ),
    (
        "pve-ha-crm[900]",
        "service 'ct:31338': state changed from 'started' to 'fence'",
    ),
    ("pve-ha-lrm[905]", "service status vm:31337 started"),
    (
        "pve-ha-crm[900]",
        "[fence 'attersee'] execute cmd: fence_ipmilan --ip=10.91.7.32 --username=ottokar --password=hunter2",
    ),
    ("pvestatd[77]", "storage 'walhalla' is not online"),
    (
        "pvestatd[77]",
        "mount error: mount.nfs: Connection timed out for 10.91.7.32:/export/walhalla",
    ),
    (
        "pvedaemon[70]",
        "<ottokar@pve> starting task UPID:mondsee:0000EB92:033F3E57:6A4E140F:vncproxy:31337:ottokar@pve!geheim:",
    ),
    (
        "pvedaemon[70]",
        "<ottokar@pve> end task UPID:mondsee:0000EB92:033F3E57:6A4E140F:qmstart:31337:ottokar@pve: start failed: org.freedesktop: payroll-db failed",
    ),
    (
        "pvedaemon[70]",
        "authentication failure; rhost=fd91:7:31::5 user=ottokar@lake.example.org msg=geheim",
    ),
    (
        "pvescheduler[71]",
        "ERROR: Backup of VM 31337 failed - unable to open file '/mnt/pve/walhalla/dump/vzdump-qemu-31337-payroll-db.vma.zst'",
    ),
    (
        "pvescheduler[71]",
        "31337-0: got unexpected replication job error - command 'ssh -o HostKeyAlias=attersee root@10.91.7.32' failed",
    ),
    (
        "pvescheduler[71]",
        "INFO: starting new backup job: vzdump 31337 31338 --storage walhalla --mailto ottokar@lake.example.org --mode snapshot",
    ),
    (
        "kernel",
        "igb 0000:05:00.0 eno3: igb: eno3 NIC Link is Down",
    ),
    (
        "kernel",
        "IPv6: vmbr0: IPv6 duplicate address fe80::be24:11ff:fe3c:77a1 used by bc:24:11:3c:77:a1 detected!",
    ),
    (
        "kernel",
        "vmbr0: received packet on tap31337i0 with own address as source address (addr:bc:24:11:3c:77:a1, vlan:0)",
    ),
    (
        "kernel",
        "Command line: BOOT_IMAGE=/boot/vmlinuz root=UUID=6f1c9a52-77b0-4a0e-9d1f-5b8f7f3f0a11 ro quiet",
    ),
    (
        "kernel",
        "nfs: server 10.91.7.32 not responding, still trying",
    ),
    (
        "kernel",
        "Out of memory: Killed process 20812 (payroll) total-vm:9123456kB, anon-rss:8388608kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:17012kB oom_score_adj:0",
    ),
    (
        "zed",
        "eid=21 class=statechange pool='walhalla' vdev=ata-Samsung_S5XANS0R512345-part3 vdev_state=FAULTED",
    ),
    (
        "smartd[79]",
        "Device: /dev/sda, S/N:S5XANS0R512345, WWN:5-002538-f31a0b7c4, 5002538f31a0b7c4",
    ),
    (
        "sshd[80]",
        "Accepted publickey for ottokar from fd91:7:31::5 port 51611",
    ),
    (
        "sudo",
        "ottokar : TTY=pts/0 ; PWD=/home/ottokar/Grünsee ; USER=root ; COMMAND=/usr/bin/mysql -phunter2",
    ),
    ("systemd[1]", "Started 31337.scope."),
    (
        "postfix/smtp[90]",
        "to=<ottokar@lake.example.org>, relay=attersee.lake.example.org[10.91.7.32]:25",
    ),
];

#[test]
fn what_nobody_may_learn_is_nowhere() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redact/ottokar");
    fs::create_dir_all(&folder).expect("a folder");
    let (mut text, mut journal) = (String::new(), String::new());
    for (second, (program, message)) in SAID.iter().enumerate() {
        let host = ["mondsee", "attersee", "attersee.lake.example.org"][second % 3];
        text += &format!("2026-11-21T10:00:{second:02}+00:00 {host} {program}: {message}\n");
        let (name, pid) = program.split_once('[').unwrap_or((program, "7]"));
        let entry = serde_json::json!({
            "__REALTIME_TIMESTAMP": format!("{}", 1_795_255_200_000_000_u64 + second as u64 * 1_000_000),
            "_BOOT_ID": "0d9f7c1b8e6a4b35a2c4d6e8f0123456",
            "_MACHINE_ID": "0d9f7c1b8e6a4b35a2c4d6e8f0123456",
            "_CMDLINE": "/usr/bin/geheim --password=hunter2",
            "_HOSTNAME": host,
            "SYSLOG_IDENTIFIER": name,
            "_PID": pid.trim_end_matches(']'),
            "MESSAGE": message,
        });
        journal += &format!("{entry}\n");
    }
    let text = format!(
        "// ottokar says that mondsee is geheim\n-- Boot 0d9f7c1b8e6a4b35a2c4d6e8f0123456 --\n{text}"
    );
    let mut faults = Vec::new();
    for (name, content) in [("mondsee.log", &text), ("journal.json", &journal)] {
        for secret in PLANTED {
            let there = content.contains(secret);
            assert!(
                there || secret == "0d9f7c1b8e6a4b35a2c4d6e8f0123456" || name == "journal.json",
                "{secret} is not in {name}"
            );
        }
        let path = folder.join(name);
        fs::write(&path, content).expect("a file");
        let path = path.to_string_lossy().into_owned();
        let mut answers: Vec<(String, String)> = Vec::new();
        for form in FORMS {
            let (code, out) = fencepost(&[
                "--redact",
                "-v",
                "-n",
                &format!("mondsee={path}"),
                "-o",
                form,
                &path,
            ]);
            assert_eq!(code, Some(0), "{name} as {form}");
            answers.push((form.to_owned(), String::from_utf8(out).expect("text")));
        }
        let (_, out) = fencepost(&["redact", &path]);
        answers.push(("redact".to_owned(), String::from_utf8(out).expect("text")));
        let (_, out) = fencepost(&["--redact", "--at", "2026-11-21 10:00:20", &path]);
        answers.push(("at".to_owned(), String::from_utf8(out).expect("text")));
        for (form, answer) in &answers {
            for secret in PLANTED {
                let lower = answer.to_lowercase();
                if let Some(line) = lower
                    .lines()
                    .find(|line| line.contains(&secret.to_lowercase()))
                {
                    let line: String = line.chars().take(240).collect();
                    faults.push(format!("{name} as {form} tells {secret}: {line}"));
                }
            }
        }
        // It still tells what happened.
        let named = format!("mondsee={path}");
        let (_, plain) = fencepost(&["-n", &named, "-o", "json", &path]);
        let plain: Value = serde_json::from_slice(&plain).expect("JSON");
        let redacted: Value = serde_json::from_str(&answers[0].1).expect("JSON");
        assert_eq!(gist(&plain), gist(&redacted), "{name}");
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
