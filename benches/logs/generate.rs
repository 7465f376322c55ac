//! Writes a log as a host of a cluster does, of any size and the same for the same seed:
//! `cargo run --release --example generate -- --bytes 1GiB --density 2 --seed 1 > syslog`.
//! In: `--bytes`, `--density` (cluster lines in a hundred), `--seed`, `--format classic|iso|json|export`, `--host`. Out: the log.
//! Never: a line of somebody's real log.

#[path = "mod.rs"]
mod logs;

use logs::{Form, HOST, Logs, Settings};
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((bytes, settings, host)) = settings(&arguments) else {
        eprintln!(
            "usage: generate [--bytes 1GiB] [--density 2] [--seed 1] [--format classic|iso|json|export] \
             [--host quince]"
        );
        return ExitCode::from(2);
    };
    match write(bytes, settings, &host) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write the log: {error}");
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

fn write(bytes: u64, settings: Settings, host: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut logs = Logs::new(settings);
    let mut written = 0;
    let mut piece = Vec::new();
    while written < bytes {
        piece.clear();
        while piece.len() < 1 << 16 && written + (piece.len() as u64) < bytes {
            logs.write(&mut piece);
        }
        written += piece.len() as u64;
        match host == HOST {
            true => out.write_all(&piece)?,
            // Its lines name it in tasks and addresses, too.
            false => {
                let text = String::from_utf8_lossy(&piece);
                out.write_all(text.replace(HOST, host).as_bytes())?;
            }
        }
    }
    out.flush()
}

fn settings(arguments: &[String]) -> Option<(u64, Settings, String)> {
    let mut bytes = 1 << 30;
    let mut host = HOST.to_owned();
    let mut settings = Settings {
        seed: 1,
        density: 2.0,
        form: Form::Classic,
    };
    for pair in arguments.chunks(2) {
        let [name, value] = pair else {
            return None;
        };
        match name.as_str() {
            "--bytes" => bytes = size(value)?,
            "--density" => settings.density = value.parse().ok()?,
            "--seed" => settings.seed = value.parse().ok()?,
            "--format" => {
                settings.form = match value.as_str() {
                    "classic" => Form::Classic,
                    "iso" => Form::Iso,
                    "json" => Form::Json,
                    "export" => Form::Export,
                    _ => return None,
                }
            }
            "--host" => host = value.clone(),
            _ => return None,
        }
    }
    Some((bytes, settings, host))
}

/// `1GiB`, `256MiB`, `64KiB`, `1000`.
fn size(text: &str) -> Option<u64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match &text[digits..] {
        "" | "B" => 1,
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}
