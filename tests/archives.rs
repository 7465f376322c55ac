//! Archives, and folders as people pack them: what is in them is found, told apart and used.
//! In: incidents of cases, packed here. Out: nothing.
//! Never: asks a torn archive for more than came before the tear.

mod support;

use fencepost::run::Plan;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::pack::{gzip, tar, xz, zip, zstd};
use support::{Files, options, patterns, rendered, report_of_files, testdata};

/// One log of one node.
fn log() -> Vec<u8> {
    fs::read(testdata().join("encodings/short-iso.log")).expect("a log")
}

/// What is told of paths, as JSON, without names and forms of inputs.
fn story(root: &Path, paths: &[PathBuf]) -> Value {
    let report = report_of_files(paths, &options(), &patterns());
    let text = rendered(&report, fencepost::render::Format::Json);
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    for input in value["inputs"].as_array_mut().expect("inputs") {
        input["form"] = Value::Null;
    }
    value["remarks"] = Value::Null;
    let text = value.to_string();
    let text = text.replace(&format!("{}/", root.display()), "");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value
}

#[test]
fn an_archive_is_the_folder_that_is_in_it() {
    let case = testdata().join("cases/isolation-with-fence/input");
    let log = |name: &str| fs::read(case.join(format!("{name}.log"))).expect("a log");
    let (ash, birch, cedar) = (log("ash"), log("birch"), log("cedar"));
    let files = Files::new("archive");
    let root = files.0.join("logs");
    for (name, bytes) in [("ash", &ash), ("birch", &birch), ("cedar", &cedar)] {
        fs::create_dir_all(root.join(name)).expect("a folder");
        fs::write(root.join(name).join("syslog"), bytes).expect("a log");
    }
    fs::write(root.join("wtmp"), [7; 4000]).expect("a file");
    let want = story(&root, std::slice::from_ref(&root));
    let (packed, rest) = (gzip(&birch), [7; 4000]);
    let flat = tar(&[
        ("ash/syslog", &ash),
        ("birch/syslog", &packed),
        ("cedar/syslog", &cedar),
        ("./wtmp", &rest),
        ("proc/kmsg", &ash),
    ]);
    // A journal that does not outlive its boot is under run/.
    let volatile = files.add(
        "volatile.tar",
        tar(&[("run/log/journal/a/system.log", &ash)]),
    );
    let report = report_of_files(&[volatile], &options(), &patterns());
    assert_eq!(report.inputs.len(), 1);
    let inner = tar(&[("birch/syslog", &birch), ("cedar/syslog", &cedar)]);
    let deep = tar(&[("ash/syslog", &ash), ("rest.tar.xz", &xz(&inner))]);
    for (name, bytes) in [
        ("all.tar", flat.clone()),
        ("all.tar.gz", gzip(&flat)),
        ("all.tar.zst", zstd(&flat)),
    ] {
        let path = files.add(name, bytes);
        assert_eq!(story(&path, std::slice::from_ref(&path)), want, "{name}");
    }
    let path = files.add("deep.tgz", gzip(&deep));
    let report = report_of_files(std::slice::from_ref(&path), &options(), &patterns());
    let forms: Vec<&str> = report.inputs.iter().map(|input| &*input.form).collect();
    let deep = "text in tar in xz in tar in gzip";
    assert_eq!(forms, ["text in tar in gzip", deep, deep]);
    assert_eq!(
        report.verdict.text,
        want["verdict"]["text"].as_str().expect("a text")
    );
}

#[test]
fn reports_of_several_nodes_are_read_node_by_node() {
    let case = testdata().join("cases/isolation-with-fence/input");
    let conf = fs::read(testdata().join("configs/grove/corosync.conf")).expect("a file");
    // A line without a host is of the node that the folder is called for.
    let bare = b"[  812.100000] corosync[7]:   [KNET  ] link: host: 9 link: 7 is down\n".repeat(2);
    let mut reports = Vec::new();
    let mut folders = Vec::new();
    for name in ["ash", "birch", "cedar"] {
        let log = fs::read(case.join(format!("{name}.log"))).expect("a log");
        let cut = log.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
        let old = gzip(&log[..cut]);
        let files: [(&str, &[u8]); 9] = [
            ("etc/pve/corosync.conf", &conf),
            ("etc/pve/priv/authkey.key", b"secret\n"),
            ("etc/hostname", b"host\n"),
            ("proc/version", b"Linux version 6.8\n"),
            ("sys/kernel/x", b"1\n"),
            ("var/log/syslog", &log[cut..]),
            ("var/log/syslog.1.gz", &old),
            ("var/log/corosync/bare.log", &bare),
            ("var/log/wtmp", &[7; 900]),
        ];
        let below = |root: &str| -> Vec<(String, Vec<u8>)> {
            let file = |(path, bytes): &(&str, &[u8])| (format!("{root}/{path}"), bytes.to_vec());
            files.iter().map(file).collect()
        };
        let root = format!("sosreport-{name}-2026-02-17-abcdefg");
        let own = below(&root);
        let own: Vec<(&str, &[u8])> = own.iter().map(|(n, b)| (&**n, &**b)).collect();
        reports.push((format!("{root}.tar.xz"), xz(&tar(&own))));
        folders.extend(below(name));
    }
    let all = |files: &[(String, Vec<u8>)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (&**n, &**b)).collect();
        tar(&files)
    };
    let files = Files::new("reports");
    for (n, bytes) in [
        all(&reports),
        gzip(&all(&folders)),
        zip(&[("all.tar", &all(&folders))]),
    ]
    .into_iter()
    .enumerate()
    {
        let path = files.add("reports", bytes);
        let (report, errors) = piped(
            b"",
            &["--tz", "Europe/Berlin", path.to_str().expect("a name")],
        );
        assert_eq!(errors, "");
        let inputs = report["inputs"].as_array().expect("inputs");
        assert_eq!(inputs.len(), 9, "{n}");
        for (input, name) in inputs
            .iter()
            .zip(["ash", "birch", "cedar"].iter().flat_map(|n| [n; 3]))
        {
            // The older part of a log may hold no event.
            let node = input["node"].as_str();
            assert!(node.is_none_or(|node| node == *name), "{n}: {input}");
            let bare = input["path"]
                .as_str()
                .is_some_and(|path| path.ends_with("bare.log"));
            assert!(!bare || node == Some(name), "{n}: {input}");
        }
        // Rotated parts stand before what came behind them.
        let path = |n: usize| inputs[n]["path"].as_str().expect("a path");
        assert!(
            path(0).ends_with("corosync/bare.log") && path(2).ends_with("syslog"),
            "{n}"
        );
        assert!(path(1).ends_with("syslog.1.gz"), "{n}: {}", path(1));
        let nodes = report["cluster"]["nodes"].as_array().expect("nodes").iter();
        let with_log = nodes.filter(|node| node["has_log"] == true);
        assert_eq!(with_log.count(), 3, "{n}");
        let boots = report["boots"].to_string();
        assert!(
            boots.contains("birch") && boots.contains("fenced"),
            "{n}: {boots}"
        );
        let left_out = report["left_out"].as_array().expect("files");
        assert_eq!(left_out.len(), 9, "{n}: {left_out:?}");
        assert!(
            report["remarks"].to_string().contains("corosync.conf"),
            "{n}"
        );
    }
}

#[test]
fn what_is_no_log_is_left_out_of_a_folder_and_named() {
    let files = Files::new("no-logs");
    files.add("syslog", log());
    files.add("wtmp", [7; 4000]);
    files.add("lastlog", [0; 4000]);
    files.add("notes.txt", "buy a second switch\n");
    let report = report_of_files(std::slice::from_ref(&files.0), &options(), &patterns());
    assert_eq!(report.inputs.len(), 1);
    let remarks = report.remarks.join("\n");
    assert!(
        remarks.contains("3 files are no logs and were left out: "),
        "{remarks}"
    );
    let plan = Plan {
        paths: vec![files.0.join("nothing")],
        read: options(),
        given: Default::default(),
    };
    fs::create_dir_all(files.0.join("nothing")).expect("a folder");
    files.add("nothing/notes.txt", "buy a second switch\n");
    let verdict = fencepost::run::analyze(&plan, plan.find(), &patterns());
    let why: Vec<String> = verdict.failures.iter().map(ToString::to_string).collect();
    assert!(why[0].starts_with("the only file is no log: "), "{why:?}");
    // What is named itself is read, whatever it is.
    let report = report_of_files(&[files.0.join("notes.txt")], &options(), &patterns());
    assert_eq!(report.inputs[0].lines, 1);
}

#[test]
fn an_archive_that_was_cut_off_gives_what_came_before() {
    let files = Files::new("torn-archive");
    let log = log();
    let whole = tar(&[("a/syslog", &log), ("b/syslog", &log)]);
    let path = files.add("torn.tar", &whole[..log.len() + 2000]);
    let plan = Plan {
        paths: vec![path],
        read: options(),
        given: Default::default(),
    };
    let verdict = fencepost::run::analyze(&plan, plan.find(), &patterns());
    assert_eq!(verdict.failures.len(), 1);
    assert!(verdict.report.inputs[0].coverage.understood > 50);
}

#[test]
fn an_archive_of_too_many_files_is_told_as_one() {
    let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = ::tar::Builder::new(packed);
    let mut header = ::tar::Header::new_gnu();
    header.set_size(1);
    for n in 0..100_001 {
        archive
            .append_data(&mut header, format!("log/{n}"), &b"x"[..])
            .expect("memory");
    }
    let bytes = archive
        .into_inner()
        .expect("memory")
        .finish()
        .expect("memory");
    let files = Files::new("many");
    let (sources, errors) = fencepost::input::discover(&[files.add("many.tgz", bytes)]);
    assert_eq!(sources.len(), 100_000);
    let why = errors[0].to_string();
    assert!(why.contains("it holds more than 100000 files"), "{why}");
}

/// What the program tells of what it is piped.
fn piped(bytes: &[u8], arguments: &[&str]) -> (Value, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fencepost"))
        .args(["-o", "json", "--year", "2026"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut pipe = child.stdin.take().expect("a pipe");
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || pipe.write_all(&bytes));
    let output = child.wait_with_output().expect("an end");
    // Who asks for an archive need not read all that comes.
    let _ = writer.join().expect("a thread");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (
        serde_json::from_slice(&output.stdout).expect("JSON"),
        errors,
    )
}

fn names(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let inputs = report["inputs"].as_array().expect("inputs").iter();
    inputs
        .map(|i| (text(&i["path"]), text(&i["form"])))
        .collect()
}

#[test]
fn an_archive_may_come_through_a_pipe() {
    let case = testdata().join("cases/isolation-with-fence/input");
    let log = |name: &str| fs::read(case.join(format!("{name}.log"))).expect("a log");
    let (ash, birch) = (log("ash"), log("birch"));
    let files = [("ash/syslog", &*ash), ("birch/syslog", &*birch)];
    for (bytes, form) in [
        (tar(&files), "text in tar"),
        (gzip(&tar(&files)), "text in tar in gzip"),
        (zip(&files), "text in zip"),
        (zstd(&zip(&files)), "text in zip in zstd"),
    ] {
        let (report, errors) = piped(&bytes, &[]);
        let want = ["ash", "birch"].map(|n| (format!("<stdin>/{n}/syslog"), form.to_owned()));
        assert_eq!(names(&report), want, "{errors}");
    }
    // What is none is read from its first byte.
    for (bytes, form) in [(ash.clone(), "text"), (gzip(&ash), "text in gzip")] {
        let (report, errors) = piped(&bytes, &[]);
        assert_eq!(names(&report), [("<stdin>".to_owned(), form.to_owned())]);
        let lines = ash.split(|b| *b == b'\n').count() as u64 - 1;
        assert_eq!(report["inputs"][0]["lines"], lines, "{errors}");
    }
    let torn = gzip(&tar(&files));
    let (report, errors) = piped(&torn[..torn.len() * 2 / 3], &[]);
    assert!(
        errors.contains("cannot read <stdin> to its end"),
        "{errors}"
    );
    assert_eq!(names(&report).len(), 1);
}

#[test]
fn configuration_that_stands_beside_the_logs_is_used() {
    let case = testdata().join("cases/isolation-with-fence/input");
    let ash = fs::read(case.join("ash.log")).expect("a log");
    let conf = "totem {\n  version: 2\n  cluster_name: wood\n  config_version: 3\n  token: 10000\n}\n\
        nodelist {\n  node {\n    name: ash\n    nodeid: 1\n    quorum_votes: 1\n    ring0_addr: 10.1.1.1\n  }\n  \
        node {\n    name: birch\n    nodeid: 2\n    quorum_votes: 1\n    ring0_addr: 10.1.1.2\n  }\n  \
        node {\n    name: cedar\n    nodeid: 3\n    quorum_votes: 1\n    ring0_addr: 10.1.1.3\n  }\n}\n\
        quorum {\n  provider: corosync_votequorum\n}\n";
    let bundle = zip(&[
        ("ash/etc/pve/corosync.conf", conf.as_bytes()),
        ("ash/etc/pve/priv/storage.cfg", b"rbd: secret\n"),
        ("ash/etc/sysctl.d/10.conf", b"kernel.panic = 5\n"),
        ("ash/var/log/syslog", &ash),
        ("birch/etc/pve/corosync.conf", conf.as_bytes()),
    ]);
    let files = Files::new("beside");
    let bundle = files.add("bundle.zip", bundle);
    let ask = |more: &[&str]| {
        let path = bundle.to_str().expect("a name");
        let arguments: Vec<&str> = [path].into_iter().chain(more.iter().copied()).collect();
        piped(b"", &arguments).0
    };
    let report = ask(&[]);
    assert_eq!(report["cluster"]["configured"]["value"], 3);
    assert_eq!(report["cluster"]["token_ms"]["value"], 10_650);
    let remarks = report["remarks"].to_string();
    let used = "configuration that stands beside the logs was used: ";
    assert!(remarks.contains(used), "{remarks}");
    let left_out = "2 files are no logs and were left out: ";
    let (_, left_out) = remarks.split_once(left_out).expect("a remark");
    assert!(left_out.contains("sysctl.d/10.conf") && left_out.contains("priv/storage.cfg"));
    // What is named goes first.
    let own = files.add("corosync.conf", conf.replace("10000", "5000"));
    let report = ask(&["-c", own.to_str().expect("a name")]);
    assert_eq!(report["cluster"]["token_ms"]["value"], 5_650);
    let remarks = report["remarks"].to_string();
    assert!(
        remarks.contains("was left alone, since another is given: "),
        "{remarks}"
    );
}

#[test]
fn a_report_that_is_named_beside_logs_is_configuration() {
    let report_of = |paths: &[&Path]| {
        let paths: Vec<&str> = paths.iter().map(|p| p.to_str().expect("a name")).collect();
        piped(b"", &paths).0
    };
    let written = testdata().join("configs/grove-report.txt");
    let log = testdata().join("cases/founding-incident/input/incident.log");
    let files = Files::new("named-report");
    let packed = files.add("report.gz", gzip(&fs::read(&written).expect("a report")));
    for named in [&written, &packed] {
        let report = report_of(&[named, &log]);
        assert_eq!(names(&report).len(), 1);
        assert_eq!(report["cluster"]["configured"]["basis"], "stated");
        assert_eq!(report["cluster"]["configured"]["value"], 5);
        let remarks = report["remarks"].to_string();
        assert!(
            remarks.contains("configuration that stands beside the logs was used"),
            "{remarks}"
        );
    }
    // Alone it is read, for whoever named it.
    assert_eq!(names(&report_of(&[&written])).len(), 1);
}
