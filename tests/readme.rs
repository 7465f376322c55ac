//! README.md is true: every command in it runs, every screen in it is what the program prints.
//! In: the fenced blocks of README.md. Out: failures that name the command; with `REFRESH=1`, screens written anew.
//! Never: reaches out of its own sandbox; `journalctl` and `ssh` are stand-ins that print a small log.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The `cargo` commands that README may give. The tests cannot run `cargo test` inside `cargo test`; `.ci/run` does.
const CARGO: [&str; 3] = [
    "cargo run --release -- testdata/cases/founding-incident/input",
    "cargo test --locked",
    "cargo install --path . --locked",
];

/// What `journalctl` prints here: a healthy log.
const HEALTHY: &str = "\
2026-11-21T09:00:00.000000+00:00 pve1 corosync[812]:   [MAIN  ] Completed service synchronization, ready to provide service.
2026-11-21T09:00:00.100000+00:00 pve1 pmxcfs[745]: [status] notice: all data is up to date
";

/// The logs that commands of README name.
fn logs() -> Vec<(&'static str, String)> {
    let node = |name: &str, id: u32| {
        format!(
            "2026-11-21T10:00:00.{id}00000+00:00 {name} corosync[812]:   [KNET  ] link: host: 9 link: 0 is down\n\
             2026-11-21T10:00:05.{id}00000+00:00 {name} corosync[812]:   [KNET  ] rx: host: 9 link: 0 is up\n"
        )
    };
    let retransmits = (1..=4).fold(String::new(), |mut text, n| {
        let _ = writeln!(
            text,
            "2026-11-21T10:00:0{n}+00:00 pve1 corosync[812]:   [TOTEM ] Retransmit List: 3a{n}"
        );
        text
    });
    vec![
        ("pve1.log", node("pve1", 1)),
        ("pve2.log", node("pve2", 2)),
        ("pve3.log", node("pve3", 3)),
        (
            "pasted.log",
            "corosync[812]:   [KNET  ] link: host: 2 link: 0 is down\n".to_owned(),
        ),
        (
            "old-syslog",
            "Nov 22 08:49:04 pve1 corosync[812]:   [KNET  ] link: host: 2 link: 0 is down\n"
                .to_owned(),
        ),
        (
            "sample.log",
            "2026-11-21T10:00:00+00:00 pve1 pmxcfs[745]: [status] notice: all data is up to date\n"
                .to_owned(),
        ),
        ("retransmits.log", retransmits),
    ]
}

/// A fenced block of README.md.
struct Block {
    /// The words behind the fence: a language, then `key=value` pairs.
    info: String,
    body: String,
    /// The line of its fence, from 1.
    line: usize,
}

impl Block {
    fn language(&self) -> &str {
        self.info.split(' ').next().unwrap_or("")
    }

    fn option(&self, key: &str) -> Option<&str> {
        self.info
            .split(' ')
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (n, line) in text.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            open = !open;
            if open {
                found.push(Block {
                    info: info.to_owned(),
                    body: String::new(),
                    line: n + 1,
                });
            }
        } else if open {
            let block = found.last_mut().expect("a block is open");
            block.body += line;
            block.body.push('\n');
        }
    }
    found
}

/// A folder in which the commands of README find what they name.
struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    fn new(name: &str, blocks: &[Block]) -> Sandbox {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        let bin = root.join("bin");
        fs::create_dir_all(&bin).expect("a folder for the sandbox");
        symlink(env!("CARGO_BIN_EXE_fencepost"), bin.join("fencepost")).expect("a link");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        symlink(repository.join("testdata"), root.join("testdata")).expect("a link");
        fs::write(root.join("healthy"), HEALTHY).expect("a file");
        let script = |name: &str, text: String| {
            let path = bin.join(name);
            fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
        };
        script(
            "journalctl",
            format!("exec cat '{}'", root.join("healthy").display()),
        );
        script("ssh", "shift; exec sh -c \"$*\"".to_owned());
        let has_jq = Command::new("jq").arg("--version").output().is_ok();
        if !has_jq {
            script("jq", "exec cat >/dev/null".to_owned());
        }
        for (name, text) in logs() {
            fs::write(root.join(name), text).expect("a log");
        }
        // The disk of a dead node, as far as its journal goes.
        let disk = root.join("disk/var/log/journal/5ca1ab1e0ddba11ca11ab1e0fee1dead");
        fs::create_dir_all(&disk).expect("a folder");
        let journal = repository.join("testdata/journals/compact.journal.gz");
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(fs::File::open(journal).expect("a journal"))
            .read_to_end(&mut bytes)
            .expect("a journal");
        fs::write(disk.join("system.journal"), bytes).expect("a journal");
        for block in blocks {
            if let Some(file) = block.option("file") {
                let path = root.join(file);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, &block.body).expect("a file of README");
            }
        }
        Sandbox { root }
    }

    fn run(&self, command: &str) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("bash")
            .args(["-o", "pipefail", "-c", command])
            .current_dir(&self.root)
            .env(
                "PATH",
                format!("{}:{path}", self.root.join("bin").display()),
            )
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("LC_ALL", "C")
            .output()
            .unwrap_or_else(|why| panic!("cannot run `{command}`: {why}"))
    }

    /// What a person sees: the output, then what went wrong.
    fn screen(&self, command: &str) -> String {
        let output = self.run(command);
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text += &String::from_utf8_lossy(&output.stderr);
        text
    }
}

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(path).expect("README.md")
}

/// The commands of a `sh` block: its lines, a loop or a continued line as one.
fn commands(body: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        if inside {
            let last = found.last_mut().expect("a command is open");
            last.push('\n');
            last.push_str(line);
        } else {
            found.push(line.to_owned());
        }
        let opens = line.starts_with("for ") || line.ends_with('\\');
        inside = opens || (inside && line.trim() != "done" && line.starts_with(' '));
    }
    found
}

/// A `console` block as it should be: its commands, each with what it prints now.
fn console(block: &Block, sandbox: &Sandbox) -> String {
    let mut text = String::new();
    let all: Vec<&str> = block
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();
    for (n, command) in all.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        let _ = writeln!(text, "$ {command}");
        let screen = sandbox.screen(command);
        let until = block.option("until");
        let end = |line: &str| until.is_some_and(|word| line.trim_start().starts_with(word));
        let shown: Vec<&str> = screen.lines().take_while(|line| !end(line)).collect();
        let cut = shown.len() < screen.lines().count();
        for line in &shown[..shown
            .iter()
            .rposition(|line| !line.is_empty())
            .map_or(0, |n| n + 1)]
        {
            text += line.trim_end();
            text.push('\n');
        }
        if cut {
            text += "...\n";
        }
    }
    text
}

#[test]
fn every_screen_is_what_the_program_prints() {
    let text = readme();
    let blocks = blocks(&text);
    let sandbox = Sandbox::new("readme-screens", &blocks);
    let refresh = std::env::var_os("REFRESH").is_some();
    let mut fresh = text.clone();
    let mut wrong = Vec::new();
    for block in blocks.iter().filter(|block| block.language() == "console") {
        let now = console(block, &sandbox);
        for line in now.lines().filter(|line| !line.starts_with("$ ")) {
            assert!(
                !line.contains('\u{1b}'),
                "README.md:{}: a screen has escape codes: {line:?}",
                block.line
            );
        }
        if now != block.body {
            let fence = format!("```{}\n", block.info);
            fresh = fresh.replacen(
                &format!("{fence}{}```", block.body),
                &format!("{fence}{now}```"),
                1,
            );
            let differs = now
                .lines()
                .zip(block.body.lines())
                .find(|(new, old)| new != old);
            wrong.push(format!(
                "README.md:{}: first difference (now, README): {differs:?}",
                block.line
            ));
        }
    }
    if refresh {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        fs::write(path, fresh).expect("README.md is written");
    } else {
        assert!(
            wrong.is_empty(),
            "{}\nread the new screens, then keep them: REFRESH=1 cargo test --test readme",
            wrong.join("\n")
        );
    }
}

#[test]
fn every_command_runs() {
    let text = readme();
    let blocks = blocks(&text);
    let sandbox = Sandbox::new("readme-commands", &blocks);
    let mut ran = 0;
    for block in blocks.iter().filter(|block| block.language() == "sh") {
        for command in commands(&block.body) {
            if command.starts_with("cargo ") {
                assert!(
                    CARGO.contains(&command.as_str()),
                    "README.md:{}: `{command}` is none of the cargo commands that are known to work",
                    block.line
                );
                continue;
            }
            let output = sandbox.run(&command);
            assert!(
                output.status.success(),
                "README.md:{}: `{command}` exits with {:?}: {}",
                block.line,
                output.status.code(),
                String::from_utf8_lossy(&output.stderr)
            );
            ran += 1;
        }
    }
    assert!(ran >= 10, "only {ran} commands found in README.md");
}

#[test]
fn every_cargo_command_is_given_and_ci_runs_the_same_test() {
    let text = readme();
    for command in CARGO {
        assert!(
            text.contains(command),
            "README.md no longer says `{command}`"
        );
    }
    let ci = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run");
    // A packaged crate comes without it.
    if let Ok(ci) = fs::read_to_string(ci) {
        assert!(ci.lines().any(|line| line.ends_with("cargo test --locked")));
    }
}

#[test]
fn screens_fit_eighty_columns() {
    let text = readme();
    for block in blocks(&text)
        .iter()
        .filter(|block| block.language() == "console")
    {
        let mut events = false;
        for line in block.body.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                events = command.starts_with("fencepost events");
                continue;
            }
            assert!(
                events || line.chars().count() <= 80,
                "README.md:{}: wider than 80 columns: {line}",
                block.line
            );
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = readme();
    for part in text.split("](").skip(1) {
        let target = part.split(')').next().unwrap_or("");
        if target.starts_with("http") || target.starts_with('#') {
            continue;
        }
        assert!(root.join(target).exists(), "README.md links to {target}");
    }
}
