//! What the options mean: what is to be read, with which patterns, and how the answer is to look.
//! In: arguments as they were typed. Out: a `Plan`, patterns, a `Configuration`, a `Look`; or words with a way out.
//! Never: reads a log.

use super::args::{JournalArgs, LookArgs, ReadArgs, WhenWord};
use super::{Stop, UNREAD, usage};
use crate::config::{self, Configuration};
use crate::input::Only;
use crate::model::{Name, Span, Timestamp};
use crate::pattern::{Pattern, builtin};
use crate::record::Tz;
use crate::render::{Look, Verbosity};
use crate::run::boot::{self, Boot};
use crate::run::{Given, Inputs, OF_CLUSTER, Plan, ReadOptions};
use crate::{analyzer, input};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

/// The built-in patterns and those of the directories.
pub(super) fn load(dirs: &[PathBuf]) -> Result<Vec<Arc<Pattern>>, Stop> {
    let mut texts = Vec::new();
    for dir in dirs {
        for path in input::files(dir, ".toml")
            .map_err(|error| usage(error.to_string(), "give a directory of .toml pattern files"))?
        {
            let text = input::text(&path)
                .map_err(|error| usage(error.to_string(), "a pattern file is UTF-8 text"))?;
            texts.push((path.display().to_string(), text));
        }
    }
    builtin::with_overrides(&texts, &analyzer::vocabulary()).map_err(Stop::Patterns)
}

/// What `-c` names, or else what stands beside the logs.
pub(super) fn configuration(
    paths: &[PathBuf],
    inputs: &mut Inputs,
) -> Result<Option<Configuration>, Stop> {
    if paths.is_empty() {
        return Ok(inputs.configuration());
    }
    inputs.leave_configuration();
    let (read, errors) = config::read(paths);
    if let Some(error) = errors.first() {
        return Err(usage(
            error.to_string(),
            "give corosync.conf, a copy of /etc/pve, or a pvereport",
        ));
    }
    if !read.is_recognised() {
        return Err(usage(
            "nothing in what -c names is a configuration of a cluster",
            "give corosync.conf, a copy of /etc/pve, or a pvereport",
        ));
    }
    Ok(Some(read))
}

/// The boots that are wanted, found by reading everything once.
pub(super) fn chosen(
    plan: &Plan,
    inputs: &Inputs,
    patterns: &[Arc<Pattern>],
    boot: &Boot,
) -> Result<Arc<boot::Chosen>, Stop> {
    let found = boot::find(plan, inputs, patterns, boot).map(Arc::new);
    found.map_err(|what| Stop::Error {
        code: UNREAD,
        what,
        help: Some("without -b all are read, and the report lists them".to_owned()),
    })
}

pub(super) fn plan(args: &ReadArgs) -> Result<Plan, Stop> {
    Ok(plan_of(args, &JournalArgs::default())?.0)
}

/// What is to be read, and which boot of it.
pub(super) fn plan_of(
    args: &ReadArgs,
    journal: &JournalArgs,
) -> Result<(Plan, Option<Boot>), Stop> {
    let now = now();
    let mut read = ReadOptions::new(now);
    let mut paths = args.paths.clone();
    paths.splice(0..0, journal.directories.iter().cloned());
    let boot = journal.boot.as_deref().map(|word| {
        Boot::parse(word).unwrap_or_else(|| {
            // As journalctl does: what names no boot was meant for another argument.
            paths.insert(0, PathBuf::from(word));
            Boot::BeforeNewest(0)
        })
    });
    read.year = args.year;
    if let Some(zone) = &args.tz {
        let parsed: Result<Tz, _> = zone.parse();
        read.tz = Some(parsed.map_err(|_| {
            usage(
                format!("no time zone is called `{zone}`"),
                "zones are called like Europe/Vienna or UTC",
            )
        })?);
    }
    let of = |word: &str, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| given_instant(word, text, &read))
            .transpose()
    };
    (read.since, read.until) = (of("--since", &args.since)?, of("--until", &args.until)?);
    for node in &args.nodes {
        let Some((name, path)) = node
            .split_once('=')
            .filter(|(name, path)| !name.is_empty() && !path.is_empty())
        else {
            return Err(usage(
                format!("-n wants NAME=PATH, not `{node}`"),
                "for example -n pve1=/tmp/pve1.log",
            ));
        };
        let path = PathBuf::from(path);
        // Naming an input is reading it, unless it is among the paths anyway.
        if !paths.iter().any(|known| path.starts_with(known)) {
            paths.push(path.clone());
        }
        read.names.push((Name::from(name), path));
    }
    read.folders = input::folders_of_nodes(&paths);
    if paths.is_empty() && io::stdin().is_terminal() {
        return Err(usage(
            "nothing to read: no path was given, and standard input is a terminal",
            "try `journalctl --since -2d -o short-iso-precise | fencepost`, or `fencepost --help`",
        ));
    }
    read.only = only(&journal.identifiers);
    read.sparing = args.threads == 0;
    read.skew = !args.no_skew;
    read.threads = match args.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        given => given,
    };
    if let Some(bytes) = args.block_bytes {
        read.limits.block_bytes = bytes.max(1);
    }
    let given = Given::default();
    Ok((Plan { paths, read, given }, boot))
}

/// The programs that these words name; nothing where all are meant.
fn only(words: &[String]) -> Option<Only> {
    let names = words.iter().flat_map(|word| match &**word {
        "cluster" => OF_CLUSTER.map(Box::from).to_vec(),
        name => vec![Box::from(name)],
    });
    let names: BTreeSet<Box<str>> = names.collect();
    (!names.is_empty()).then(|| Only(names.into_iter().collect()))
}

pub(super) fn now() -> Timestamp {
    Timestamp(Utc::now().timestamp_micros())
}

/// The instant that an option names.
pub(super) fn given_instant(word: &str, text: &str, read: &ReadOptions) -> Result<Timestamp, Stop> {
    instant(text, read.now, read.tz.as_ref().unwrap_or(&Tz::UTC)).ok_or_else(|| {
        usage(
            format!("{word} cannot be read: `{text}`"),
            "give 2026-11-22, 2026-11-22 08:40:00, 08:40, -2h, yesterday, now or @1795338061",
        )
    })
}

/// An instant as a person types it, in the zone of the log.
pub(super) fn instant(text: &str, now: Timestamp, zone: &Tz) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(epoch) = text.strip_prefix('@') {
        return epoch.parse().ok().map(Timestamp::from_seconds);
    }
    if let Ok(full) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(Timestamp(full.timestamp_micros()));
    }
    let here = zone.day(now)?;
    let at = |day: NaiveDate, time: NaiveTime| {
        let local = zone.read(day.and_time(time));
        local.earliest().map(|reading| reading.at)
    };
    match text {
        "now" => return Some(now),
        "today" => return at(here, NaiveTime::MIN),
        "yesterday" => return at(here.pred_opt()?, NaiveTime::MIN),
        _ => {}
    }
    if let Some(ago) = text.strip_prefix('-').or_else(|| text.strip_suffix(" ago")) {
        return Some(now.plus(Span(-span(ago.trim())?.0)));
    }
    for form in [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
            return at(local.date(), local.time());
        }
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return at(day, NaiveTime::MIN);
    }
    ["%H:%M:%S", "%H:%M"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
        .and_then(|time| at(here, time))
}

/// `90s`, `10m`, `2h`, `3d`.
pub(super) fn span(text: &str) -> Option<Span> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: i64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    number.checked_mul(unit).map(Span::from_secs)
}

/// How the terminal answer is drawn here.
pub(super) fn look(args: &LookArgs) -> Look {
    let colour = match args.color {
        WhenWord::Always => true,
        WhenWord::Never => false,
        WhenWord::Auto => {
            anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
        }
    };
    Look {
        width: args.width.or_else(terminal_width).unwrap_or(80),
        ascii: args.ascii,
        colour,
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
        ..Look::default()
    }
}

/// Columns of the terminal that the answer goes to, if it goes to one.
pub(super) fn terminal_width() -> Option<usize> {
    let terminal = io::stdout().is_terminal();
    terminal
        .then(terminal_size::terminal_size)
        .flatten()
        .map(|(width, _)| usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        let now = Timestamp::from_seconds(1_795_338_061); // 2026-11-22T09:01:01Z
        let cases = [
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("2026-11-22 08:40", "2026-11-22T08:40:00Z"),
            ("2026-11-22T08:40:05+01:00", "2026-11-22T07:40:05Z"),
            ("08:40", "2026-11-22T08:40:00Z"),
            ("-2h", "2026-11-22T07:01:01Z"),
            ("90 minutes ago", "2026-11-22T07:31:01Z"),
            ("yesterday", "2026-11-21T00:00:00Z"),
            ("@0", "1970-01-01T00:00:00Z"),
        ];
        for (text, wanted) in cases {
            assert_eq!(
                instant(text, now, &Tz::UTC)
                    .map(|at| at.to_string())
                    .as_deref(),
                Some(wanted),
                "{text}"
            );
        }
        assert_eq!(instant("soon", now, &Tz::UTC), None);
        let vienna: Tz = "Europe/Vienna".parse().expect("a zone");
        assert_eq!(
            instant("2026-11-22 08:40", now, &vienna)
                .map(|at| at.to_string())
                .as_deref(),
            Some("2026-11-22T07:40:00Z")
        );
    }
}
