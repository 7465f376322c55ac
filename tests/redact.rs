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
            let is_card =
                word.len() == 17 && word.split(':').filter(|pair| pair.len() == 2).count() == 6;
            if is_address || is_card {
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
        for secret in secrets(&plain, &input) {
            for (form, text) in FORMS.iter().zip(&texts) {
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
