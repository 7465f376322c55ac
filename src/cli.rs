//! The commands.
//! In: arguments. Out: one of a few commands, run to an exit code.
//! Never: reads a log, or finds anything out: it asks others, writes what they say, and names the way out of an error.

mod args;
mod given;
mod meter;
mod output;
mod plan;

use crate::config;
use crate::input;
use crate::model::{InputCoverage, Severity, Timestamp};
use crate::pattern::{Error as PatternError, Pattern};
use crate::render::{self, Format, Look, junit};
use crate::report::Report;
use crate::run::boot::Boot;
use crate::run::{
    self, Given, Inputs, Plan, ReadOptions, events::EventLine, moment::Silent, verify,
};
use crate::{check, explain};
use args::{
    AnalyzeArgs, CheckArgs, CheckWord, Cli, Command, EventsArgs, ExplainArgs, OutputWord,
    PatternsCommand, RedactArgs, VerifyArgs, VerifyWord, WhenWord,
};
use clap::{CommandFactory, FromArgMatches};
use meter::Meter;
use output::{Output, Places};
use plan::{chosen, configuration, given_instant, load, look, now, plan, plan_of, terminal_width};
use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// The analysis was made.
pub const DONE: u8 = 0;
/// `--fail-on` was reached, or an expectation failed.
pub const FAILED: u8 = 1;
/// Wrong usage: an option, a pattern file.
pub const USAGE: u8 = 2;
/// Something could not be read or written, or nothing was recognised.
pub const UNREAD: u8 = 3;

/// What stops a run before it has an answer.
enum Stop {
    /// Exit code and message, with a way out if there is one.
    Error {
        code: u8,
        what: String,
        help: Option<String>,
    },
    /// Pattern files with faults.
    Patterns(Vec<PatternError>),
    /// The output cannot be written.
    Write(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Write(error)
    }
}

impl From<input::Error> for Stop {
    fn from(error: input::Error) -> Stop {
        Stop::Error {
            code: UNREAD,
            help: error.help(),
            what: error.to_string(),
        }
    }
}

fn usage(what: impl Into<String>, help: impl Into<String>) -> Stop {
    Stop::Error {
        code: USAGE,
        what: what.into(),
        help: Some(help.into()),
    }
}

/// Parses the arguments, runs the command, and returns the exit code.
pub fn main() -> u8 {
    // Help is folded like the answer: to the terminal, or to 80 columns.
    let columns = terminal_width().unwrap_or(80).clamp(40, 100);
    let matches = Cli::command().term_width(columns).get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let done = match cli.command {
        None => analyze(cli.analyze),
        Some(Command::Analyze(args)) => analyze(args),
        Some(Command::Check(args)) => check_files(&args),
        Some(Command::Events(args)) => events(&args),
        Some(Command::Redact(args)) => redact(&args),
        Some(Command::Explain(args)) => explain_words(&args),
        Some(Command::Patterns(args)) => patterns(args.command),
        Some(Command::Verify(args)) => verify_cases(&args),
        Some(Command::Schema) => print(render::schema::SCHEMA.as_bytes()),
    };
    match done {
        Ok(code) => code,
        Err(Stop::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(Stop::Write(error)) => {
            complain(
                &format!("cannot write the output: {error}"),
                Some("the answer is not complete; see to where it goes, then run this again"),
            );
            UNREAD
        }
        Err(Stop::Error { code, what, help }) => {
            complain(&what, help.as_deref());
            code
        }
        Err(Stop::Patterns(errors)) => {
            let styled = io::stderr().is_terminal();
            for error in &errors {
                let mut err = io::stderr().lock();
                // Standard error is the last resort: nobody is left to tell when it is closed.
                let _ = writeln!(err, "{}", error.picture(styled));
            }
            USAGE
        }
    }
}

fn complain(what: &str, help: Option<&str>) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "error: {what}");
    if let Some(help) = help {
        let _ = writeln!(err, "help: {help}");
    }
}

fn print(bytes: &[u8]) -> Result<u8, Stop> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(DONE)
}

fn analyze(args: AnalyzeArgs) -> Result<u8, Stop> {
    if let Some(text) = &args.at {
        return moment(&args, text);
    }
    let (mut plan, boot) = plan_of(&args.read, &args.journal)?;
    let places = Places::open(&args.output)?;
    // What is told while it goes on is not waited for.
    let live = live_source(&plan).filter(|_| places.is_only(OutputWord::Jsonl));
    if live.is_some() && boot.is_some() {
        return Err(usage(
            "-b waits for the end of its input, and -o jsonl does not",
            "use -o json, or let journalctl choose: journalctl -b -o json | fencepost -o jsonl",
        ));
    }
    let mut inputs = match live {
        Some(_) => Inputs::default(),
        None => plan.find_whole(),
    };
    if args.redact {
        if live.is_some() {
            return Err(usage(
                "--redact waits for the end of its input, and -o jsonl does not",
                "use -o json, or `fencepost redact` before it: journalctl -f | fencepost redact | fencepost -o jsonl",
            ));
        }
        if let Some(Boot::Id(_)) = boot {
            return Err(usage(
                "-b names a boot by an id, which has a pseudonym with --redact",
                "give its number: -b -1",
            ));
        }
        inputs = run::redact::keep(&mut plan, inputs);
    }
    // Nothing is found in what is empty: who made no patterns of their own need not wait for ours.
    let unasked = args.patterns.dirs.is_empty() && inputs.are_empty();
    if unasked && args.config.is_empty() && places.is_only(OutputWord::Term) {
        return Ok(unread(false, 0, &[], args.read.keep_going));
    }
    let patterns = if unasked {
        Vec::new()
    } else {
        load(&args.patterns.dirs)?
    };
    let configuration = configuration(&args.config, &mut inputs)?;
    plan.given = configuration.as_ref().map(given::given).unwrap_or_default();
    if boot.is_some() {
        inputs.read_twice();
    }
    let explain = |report: &mut Report| {
        if let Some(configuration) = &configuration {
            check::explain(report, configuration);
        }
    };
    let verdict = match live {
        Some(source) => {
            let mut out = BufWriter::new(io::stdout().lock());
            let verdict = run::live::stream(&source, &plan, &patterns, &explain, &mut out)?;
            out.flush()?;
            verdict
        }
        None => {
            let wanted = match args.read.progress {
                WhenWord::Auto => args.look.quiet.then_some(false),
                WhenWord::Always => Some(true),
                WhenWord::Never => Some(false),
            };
            let meter = Meter::new(wanted, &inputs);
            plan.read.tick = meter.as_ref().map(Meter::tick);
            if let Some(boot) = &boot {
                plan.read.boot = Some(chosen(&plan, &inputs, &patterns, boot)?);
            }
            // A page shows what stands around the evidence, and what the inputs were; nothing else needs a second look.
            let again = places.has(OutputWord::Html).then(|| inputs.sources());
            let mut verdict = run::analyze(&plan, inputs, &patterns);
            if let Some(sources) = again {
                run::again::look(&mut verdict.report, &sources, &plan.read);
            }
            drop(meter);
            explain(&mut verdict.report);
            let look = Look {
                mermaid: args.mermaid,
                fails: args.fail_on.map_or(Look::default().fails, Severity::from),
                ..look(&args.look)
            };
            places.write(|form, in_file, out| {
                // Eyes need no page about nothing, which standard error says; a program gets its object in any case.
                if !verdict.recognised && form == OutputWord::Term {
                    return Ok(());
                }
                let look = if in_file {
                    look.for_a_file()
                } else {
                    look.clone()
                };
                render::render(&verdict.report, form.format(), &look, out)
            })?;
            verdict
        }
    };
    let worst = verdict
        .report
        .findings
        .iter()
        .map(|finding| finding.severity)
        .max();
    let lines = verdict.report.inputs.iter().map(|input| input.lines).sum();
    let code = unread(
        verdict.recognised,
        lines,
        &verdict.failures,
        args.read.keep_going,
    );
    let failed = args
        .fail_on
        .map(Severity::from)
        .is_some_and(|limit| worst >= Some(limit));
    Ok(if code == DONE && failed { FAILED } else { code })
}

/// How the cluster stood at the instant that `text` names.
fn moment(args: &AnalyzeArgs, text: &str) -> Result<u8, Stop> {
    let other =
        |output: &&Output<OutputWord>| !matches!(output.form, OutputWord::Term | OutputWord::Json);
    if let Some(other) = args.output.iter().find(other) {
        let word = other.form.format().word();
        return Err(usage(
            format!("--at tells one state, and -o {word} is for what comes one after the other"),
            "use -o json, or leave --at out",
        ));
    }
    let places = Places::open(&args.output)?;
    let (mut plan, _) = plan_of(&args.read, &args.journal)?;
    let at = given_instant("--at", text, &plan.read)?;
    let mut inputs = plan.find_whole();
    if args.redact {
        inputs = run::redact::keep(&mut plan, inputs);
    }
    let configuration = configuration(&args.config, &mut inputs)?;
    plan.given = configuration.as_ref().map(given::given).unwrap_or_default();
    let answer = run::moment::at(&plan, inputs, at);
    let code = unread(
        answer.recognised,
        answer.lines,
        &answer.failures,
        args.read.keep_going,
    );
    if !answer.recognised {
        return Ok(code);
    }
    let moment = answer.moment.map_err(|why| nothing_at(at, why))?;
    let look = look(&args.look);
    places.write(|form, in_file, out| {
        let look = if in_file {
            look.for_a_file()
        } else {
            look.clone()
        };
        render::moment(&moment, form.format(), &look, out)
    })?;
    Ok(code)
}

/// Why there is no state to tell.
fn nothing_at(at: Timestamp, why: Silent) -> Stop {
    let (what, help) = match why {
        Silent::NoStamps => (
            "--at needs stamps, and these logs have none".to_owned(),
            "without --at the order of their lines is told; `journalctl -o short-iso-precise` prints stamps".to_owned(),
        ),
        Silent::Before(first) => (
            format!(
                "nothing is known of {} UTC: the logs begin at {} UTC",
                at.date_clock(),
                first.date_clock()
            ),
            format!("give a later --at, or logs from before it; the first instant is --at '{first}'"),
        ),
    };
    Stop::Error {
        code: UNREAD,
        what,
        help: Some(help),
    }
}

fn check_files(args: &CheckArgs) -> Result<u8, Stop> {
    if args.list {
        let mut out = io::stdout().lock();
        for words in check::words::all() {
            writeln!(
                out,
                "{:25}  {:12}  {:23}  {}",
                words.id, words.severity, words.kind, words.why
            )?;
        }
        out.flush()?;
        return Ok(DONE);
    }
    let mut paths = args.paths.clone();
    if paths.is_empty() {
        if io::stdin().is_terminal() {
            return Err(usage(
                "nothing to check: no path was given, and standard input is a terminal",
                "try `fencepost check /etc/pve`, or `pvereport | fencepost check`",
            ));
        }
        paths.push(PathBuf::from("-"));
    }
    let places = Places::open(&args.output)?;
    let (configuration, failures) = config::read(&paths);
    let mut report = check::check(&configuration);
    if places.has(CheckWord::Html) {
        let (sources, _) = input::small::find(&paths);
        run::again::look(&mut report, &sources, &ReadOptions::new(now()));
    }
    let recognised = configuration.is_recognised();
    let look = Look {
        fails: args.fail_on.map_or(Look::default().fails, Severity::from),
        ..look(&args.look)
    };
    places.write(|form, in_file, out| {
        let look = if in_file {
            look.for_a_file()
        } else {
            look.clone()
        };
        match form {
            CheckWord::Json => render::render(&report, Format::Json, &look, out),
            CheckWord::Html => render::audit_page(&report, out),
            CheckWord::Junit => render::render(&report, Format::Junit, &look, out),
            // Eyes need no page about nothing, which standard error says.
            CheckWord::Term if !recognised => Ok(()),
            CheckWord::Term => render::audit(&report, &look, out),
        }
    })?;
    for failure in &failures {
        complain(&failure.to_string(), failure.help().as_deref());
    }
    if !recognised {
        if failures.is_empty() {
            let what = match configuration.files.as_slice() {
                [] => "there is no file in it".to_owned(),
                [one] if one.lines == one.blank => format!("{} is empty", one.name),
                [one] => format!(
                    "{} is no configuration of Proxmox VE and no status of it",
                    one.name
                ),
                many => format!(
                    "none of {} files is a configuration of Proxmox VE or a status of it",
                    many.len()
                ),
            };
            complain(
                &format!("nothing to check: {what}"),
                Some(
                    "give a copy of /etc/pve, a pvereport, or what `pvecm status` prints; `fencepost check --help` lists all",
                ),
            );
        }
        return Ok(UNREAD);
    }
    if !failures.is_empty() && !args.keep_going {
        return Ok(UNREAD);
    }
    let worst = report.findings.iter().map(|finding| finding.severity).max();
    let failed = args
        .fail_on
        .map(Severity::from)
        .is_some_and(|limit| worst >= Some(limit));
    Ok(if failed { FAILED } else { DONE })
}

/// Standard input, when it is the only input and a pipe: it is told while it goes on.
fn live_source(plan: &Plan) -> Option<input::Source> {
    let alone = match &plan.paths[..] {
        [] => true,
        [only] => only.as_os_str() == "-",
        _ => false,
    };
    let source = input::stdin::source();
    (alone && source.is_pipe()).then_some(source)
}

/// Says what could not be read; the exit code for it.
fn unread(recognised: bool, lines: u64, failures: &[input::Error], keep_going: bool) -> u8 {
    for failure in failures {
        complain(&failure.to_string(), failure.help().as_deref());
    }
    if recognised {
        return if failures.is_empty() || keep_going {
            DONE
        } else {
            UNREAD
        };
    }
    if lines == 0 && failures.is_empty() {
        complain(
            "nothing to read: the input is empty",
            Some("try `journalctl --since -2d -o short-iso-precise | fencepost`"),
        );
    } else if lines > 0 {
        let lines = match lines {
            1 => "the only line".to_owned(),
            n => format!("any of {n} lines"),
        };
        complain(
            &format!("nothing that a program logged was recognised in {lines}"),
            Some("give the text of journalctl or syslog; `fencepost --help` shows how"),
        );
    }
    UNREAD
}

/// Writes logs with pseudonyms.
fn redact(args: &RedactArgs) -> Result<u8, Stop> {
    let plan = plan(&args.read)?;
    // A pipe goes on as it comes.
    let inputs = match live_source(&plan) {
        Some(_) => plan.find(),
        None => plan.find_whole(),
    };
    if inputs.count() > 1 && args.directory.is_none() {
        return Err(usage(
            "several logs would become one on standard output",
            "name a folder for them: fencepost redact -d DIR PATH...",
        ));
    }
    let failures = run::redact::write(&plan, inputs, args.directory.as_deref())?;
    for failure in &failures {
        complain(&failure.to_string(), failure.help().as_deref());
    }
    match failures.is_empty() || args.read.keep_going {
        true => Ok(DONE),
        false => Ok(UNREAD),
    }
}

fn events(args: &EventsArgs) -> Result<u8, Stop> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.kinds {
        run::events::write_kinds(&mut out)?;
        out.flush()?;
        return Ok(DONE);
    }
    let (mut plan, boot) = plan_of(&args.read, &args.journal)?;
    plan.read.chatter = true;
    // An event is what its line says.
    plan.read.skew = false;
    plan.read.once = false;
    // A pipe goes on as it comes, unless its end must be waited for anyway.
    let mut inputs = match live_source(&plan) {
        Some(_) if boot.is_none() => plan.find(),
        _ => plan.find_whole(),
    };
    if let Some(boot) = &boot {
        inputs.read_twice();
        plan.read.boot = Some(chosen(&plan, &inputs, &[], boot)?);
    }
    let out = RefCell::new(out);
    let failed: RefCell<Option<io::Error>> = RefCell::new(None);
    let check = |written: io::Result<()>| match written {
        // The reader has gone; there is nobody to read the rest for.
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => {
            std::process::exit(i32::from(DONE));
        }
        Err(why) => _ = failed.borrow_mut().get_or_insert(why),
        Ok(()) => {}
    };
    // Of a pipe that goes on, nothing waits for what comes next.
    let mut flush = || check(out.borrow_mut().flush());
    let (outcome, _) = run::read_found(
        inputs,
        &plan.read,
        &mut |names, event| {
            if args.unknown || failed.borrow().is_some() {
                return;
            }
            let name = names.get(event.place.source.0 as usize);
            let line = EventLine {
                input: name.map_or("", String::as_str),
                event,
            };
            check(run::events::write(&line, &mut *out.borrow_mut()));
        },
        &mut flush,
    );
    if let Some(error) = failed.into_inner() {
        return Err(Stop::Write(error));
    }
    let mut out = out.into_inner();
    if args.unknown {
        let mut ranked: Vec<(u64, &str)> = Vec::new();
        for input in &outcome.coverage.inputs {
            ranked.extend(
                input
                    .unknown_messages
                    .iter()
                    .map(|(message, count)| (*count, &**message)),
            );
        }
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        for (count, message) in ranked {
            writeln!(out, "{count:>8}  {message}")?;
        }
    }
    out.flush()?;
    let inputs = &outcome.coverage.inputs;
    Ok(unread(
        inputs.iter().any(InputCoverage::is_log),
        inputs.iter().map(|input| input.lines).sum(),
        &outcome.failures,
        args.read.keep_going,
    ))
}

fn explain_words(args: &ExplainArgs) -> Result<u8, Stop> {
    if args.words.is_empty() && io::stdin().is_terminal() {
        return Err(usage(
            "nothing to explain: no line was given, and standard input is a terminal",
            "try `fencepost explain 'cpg_join failed: 14'`",
        ));
    }
    let texts: Vec<String> = if args.words.is_empty() {
        let mut text = Vec::new();
        io::stdin()
            .lock()
            .take(1 << 20)
            .read_to_end(&mut text)
            .map_err(|why| Stop::Error {
                code: UNREAD,
                what: format!("cannot read standard input: {why}"),
                help: None,
            })?;
        String::from_utf8_lossy(&text)
            .lines()
            .map(str::to_owned)
            .filter(|line| !line.trim().is_empty())
            .collect()
    } else {
        vec![args.words.join(" ")]
    };
    let patterns = load(&[])?;
    let look = Look {
        width: terminal_width().unwrap_or(80),
        ..Look::default()
    };
    let mut out = io::stdout().lock();
    let mut found = false;
    for text in &texts {
        let mut explanations = explain::any(text);
        explanations.extend(explain_kind(text, &patterns));
        if explanations.is_empty() {
            complain(
                &format!("nothing is known of `{}`", render::visible(text, false)),
                Some("`fencepost events --kinds` prints every message that is understood"),
            );
        }
        for explanation in explanations {
            found = true;
            render::explanation(&explanation, &look, &mut out)?;
        }
    }
    out.flush()?;
    Ok(if found { DONE } else { UNREAD })
}

/// A kind of finding, explained by its pattern.
fn explain_kind(word: &str, patterns: &[Arc<Pattern>]) -> Option<explain::Explanation> {
    let pattern = patterns
        .iter()
        .find(|pattern| pattern.id() == word.trim())?;
    let causes: Vec<&str> = pattern.explains.iter().collect();
    Some(explain::Explanation {
        subject: format!(
            "{} (a kind of finding, {} unless the evidence says otherwise)",
            pattern.id(),
            pattern.severity
        ),
        meaning: format!("{}.", pattern.meaning),
        fields: Vec::new(),
        next: if causes.is_empty() {
            Vec::new()
        } else {
            vec![format!("it can cause: {}", causes.join(", "))]
        },
        source: format!(
            "{}; `fencepost patterns show {}` prints it",
            pattern.source.path,
            pattern.id()
        ),
    })
}

fn patterns(command: PatternsCommand) -> Result<u8, Stop> {
    let mut out = io::stdout().lock();
    match command {
        PatternsCommand::List { patterns } => {
            let patterns = load(&patterns.dirs)?;
            let width = patterns
                .iter()
                .map(|pattern| pattern.id().len())
                .max()
                .unwrap_or(0);
            for pattern in patterns {
                writeln!(
                    out,
                    "{:width$}  {:12}  {}",
                    pattern.id(),
                    pattern.severity,
                    pattern.meaning
                )?;
            }
        }
        PatternsCommand::Show { kind, patterns } => {
            let patterns = load(&patterns.dirs)?;
            let Some(pattern) = patterns.iter().find(|pattern| pattern.id() == kind) else {
                let near = crate::pattern::words::nearest(
                    &kind,
                    patterns.iter().map(|pattern| pattern.id()),
                );
                let help = match near {
                    Some(near) => {
                        format!("did you mean `{near}`? `fencepost patterns list` prints them all")
                    }
                    None => "`fencepost patterns list` prints them all".to_owned(),
                };
                return Err(usage(format!("no pattern is called `{kind}`"), help));
            };
            out.write_all(pattern.source.text.as_bytes())?;
        }
        PatternsCommand::Test { dir } => {
            let dirs: Vec<PathBuf> = dir.into_iter().collect();
            let patterns = load(&dirs)?;
            let faults = run::examples::faults(&patterns);
            for fault in &faults {
                writeln!(out, "{fault}")?;
            }
            let examples: usize = patterns
                .iter()
                .map(|pattern| pattern.examples.len() + pattern.counterexamples.len())
                .sum();
            writeln!(
                out,
                "{} patterns, {examples} examples and counterexamples, {} faults",
                patterns.len(),
                faults.len()
            )?;
            return Ok(if faults.is_empty() { DONE } else { FAILED });
        }
    }
    out.flush()?;
    Ok(DONE)
}

fn verify_cases(args: &VerifyArgs) -> Result<u8, Stop> {
    let patterns = load(&args.patterns.dirs)?;
    let places = Places::open(&args.output)?;
    let plan = Plan {
        paths: Vec::new(),
        read: ReadOptions::new(now()),
        given: Given::default(),
    };
    let outcomes = verify::verify(&args.dir, &patterns, &plan)?;
    if outcomes.is_empty() {
        return Err(usage(
            format!("no case in {}", args.dir.display()),
            "a case is a folder with case.toml and a folder input/ of logs",
        ));
    }
    let failed = outcomes
        .iter()
        .filter(|o| !o.differences.is_empty())
        .count();
    let tests = || {
        outcomes.iter().map(|outcome| junit::Outcome {
            name: outcome.name.clone(),
            faults: outcome.differences.clone(),
        })
    };
    places.write(|form, _, out| match form {
        VerifyWord::Junit => junit::outcomes("cases", &tests().collect::<Vec<_>>(), out),
        VerifyWord::Term => {
            for outcome in &outcomes {
                let word = if outcome.differences.is_empty() {
                    "ok"
                } else {
                    "FAILED"
                };
                writeln!(out, "{word:6}  {}", outcome.name)?;
                for difference in &outcome.differences {
                    writeln!(out, "        {difference}")?;
                }
            }
            let cases = match outcomes.len() {
                1 => "1 case".to_owned(),
                n => format!("{n} cases"),
            };
            writeln!(out, "{cases}, {failed} failed")
        }
    })?;
    Ok(if failed == 0 { DONE } else { FAILED })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
