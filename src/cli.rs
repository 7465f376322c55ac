//! The command line: what was typed, and what it means.
//! In: arguments. Out: one of a few commands, run to an exit code.
//! Never: reads a log; the only file that knows clap.

mod given;
mod meter;
mod output;

use crate::config::{self, Configuration};
use crate::input;
use crate::model::{InputCoverage, Name, Severity, Span, Timestamp};
use crate::pattern::{Error as PatternError, Pattern, builtin};
use crate::record::Tz;
use crate::render::{self, Format, Look, Verbosity, junit};
use crate::report::Report;
use crate::run::boot::{self, Boot};
use crate::run::{
    self, Given, Inputs, Plan, ReadOptions, events::EventLine, moment::Silent, verify,
};
use crate::{analyzer, check, explain};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use meter::Meter;
use output::{Output, OutputParser, Places};
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

const ANALYZE_EXAMPLES: &str = "\
Examples:
  journalctl --since -2d -o short-iso-precise | fencepost
                            why did this node reboot?
  fencepost pve1.log pve2.log pve3.log
                            one story from the logs of several nodes
  fencepost -n pve3=pasted.log
                            name the node of a log that names none
  fencepost -S '2026-11-21 09:30' -U '2026-11-21 10:30' /tmp/logs
                            one hour, of all files in a directory
  journalctl -f -o json | fencepost -o jsonl
                            findings as they happen
  fencepost -b -1 disk/var/log/journal
                            the boot before the newest, and how it ended
  fencepost --at '2026-11-21 09:42' pve1.log pve2.log pve3.log
                            pvecm status of the past, on every node at once
  fencepost -o html *.log > report.html
                            one page to mail, with the picture of it
  fencepost -o json *.log | jq -r .verdict.text
                            the verdict, for a script
  fencepost -o md=post-mortem.md -o csv=timeline.csv *.log
                            files for a ticket, from one reading
  fencepost --fail-on high sample.log
                            for CI: exit with 1 on high or catastrophic

Exit codes:
  0  the analysis was made; findings alone are no failure
  1  --fail-on was reached
  2  wrong usage, or a faulty pattern file
  3  something could not be read or written, or nothing was a log; outranks 1";

const HOW_TO_READ: &str = "\
How to read the answer:
  The verdict comes first, then a picture with one lane per state machine, then
  why, then what is safe, risky and never to be typed now, then the evidence.
  measured   computed from stamps or numbers in the lines
  stated     a line says so
  inferred   concluded from lines by a rule, which is printed
  assumed    a default of the software that no line contradicts
  A near miss is a node that lost its HA lock and got it back before its
  watchdog reset it; it is no fence. Unknown is never printed as zero.";

const EVENTS_EXAMPLES: &str = "\
Examples:
  fencepost events pve1.log | jq -r .kind | sort | uniq -c | sort -rn
                            what was logged, commonest first
  fencepost events --kinds | less
                            every kind, its fields, and a line that is one
  fencepost events --unknown /var/log/syslog
                            what fencepost should learn to read";

const REDACT_EXAMPLES: &str = "\
Examples:
  journalctl --since -2d -o short-iso-precise | fencepost redact > to-post.log
                            a log for a forum
  fencepost redact -d to-post pve1.log pve2.log
                            several: to-post/log1.log, to-post/log2.log

What a line says stays where its message is known; of other lines stamp, host and
program. A word that no cluster prints by itself gets a pseudonym, the same for
the same over all inputs. Pseudonyms: xnode1, xstore1, xuser1, xname1, guests from
900001, addresses from 198.18.0.0/15, 2001:db8::/32 and 02:00:00:00:00:01.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  fencepost explain 'cpg_join failed: 14'
  fencepost explain corosync[812]: [TOTEM ] Token has not been received in 5266 ms
  fencepost explain CS_ERR_TRY_AGAIN
  fencepost explain lost_agent_lock
  fencepost explain quorum-loss
  tail -n 3 /var/log/syslog | fencepost explain";

const CHECK_EXAMPLES: &str = "\
Examples:
  fencepost check /etc/pve  this cluster, on one of its nodes
  fencepost check pve-copy/ a copy: cp -rL /etc/pve pve-copy
  pvereport | fencepost check
                            the report that support asks for
  (pvecm status; pvesr status; ha-manager status) | fencepost check -
                            how it stands now, from status alone
  fencepost check /etc/pve pvesr-status.txt
                            configuration and the state of its jobs
  fencepost check --fail-on high /etc/pve
                            for CI: exit with 1 on high or catastrophic
  fencepost check -o html /etc/pve > check.html
                            one page to mail
  fencepost check -o json /etc/pve | jq .guests
                            which guest may run where, and where its disks are

What it reads, told by name or by content:
  corosync.conf, storage.cfg, replication.cfg, datacenter.cfg, jobs.cfg,
  ha/{resources,groups,rules}.cfg, ha/manager_status, nodes/*/lrm_status,
  guests (qemu-server, lxc), .members, cluster.fw, host.fw, pvereport,
  /etc/network/interfaces, and what pvecm, corosync-quorumtool,
  corosync-cfgtool, ha-manager, pvesr, pvesm, ip address, qm config and pct
  config print. Keys under priv/ are never opened.

How to read the answer:
  The verdict comes first, then each fault with the lines that show it and the
  command that mends it, then a table of guests and nodes. In a whole copy of
  /etc/pve a file that is missing does not exist; otherwise it is not known,
  and the notes at the end say what could not be checked for want of it.

Exit codes:
  0  the check was made; findings alone are no failure
  1  --fail-on was reached
  2  wrong usage
  3  something could not be read, or nothing was recognised; outranks 1";

const PATTERNS_EXAMPLES: &str = "\
Examples:
  fencepost patterns list
  fencepost patterns show quorum-loss
  fencepost patterns test my-patterns
  fencepost --patterns my-patterns pve1.log";

const LIST_EXAMPLES: &str = "\
Examples:
  fencepost patterns list
  fencepost patterns list --patterns my-patterns";

const SHOW_EXAMPLES: &str = "\
Examples:
  fencepost patterns show quorum-loss
  fencepost patterns show link-flap > my-patterns/link-flap.toml
                            begin your own from it";

const TEST_EXAMPLES: &str = "\
Examples:
  fencepost patterns test   the built-in ones
  fencepost patterns test my-patterns
                            yours with them

Exit codes: 0 all examples hold, 1 one does not, 2 a file is faulty";

const VERIFY_EXAMPLES: &str = "\
Examples:
  fencepost verify testdata/cases
                            every case below the folder
  fencepost verify testdata/cases/founding-incident
                            one

A case:
  about = \"A node is rebooted for a new kernel. This is no fence.\"
  [read]                    # optional: year = 2024, tz = \"Europe/Vienna\"
  [expect]                  # all optional
  kinds    = { token-loss = 1 }          # findings above info, and no others
  others   = [\"link-flap\"]             # but for these
  info     = { graceful-reboot = 1 }
  never    = [\"self-fence\"]
  boots    = [\"pve2: graceful\"]
  outages  = [\"vm:104: pve3 -> pve1\"]
  severity = \"medium\"
  status   = \"over\"                    # of the first incident
  coverage = 1.0                         # share of lines understood, at least

Exit codes: 0 all cases hold, 1 one does not, 2 there is none, 3 no such folder";

const SCHEMA_EXAMPLES: &str = "\
Example:
  fencepost schema > fencepost.schema.json";

/// What was typed.
#[derive(Debug, Parser)]
#[command(
    name = "fencepost",
    version,
    about = "Reads the logs of a Proxmox VE cluster and tells what happened",
    long_about = "Reads the logs of a Proxmox VE cluster (journal or syslog text) and tells what happened, why, to whom, \
                  whether it is over and what is safe to type now. Without a command it analyzes.",
    after_help = ANALYZE_EXAMPLES,
    after_long_help = format!("{ANALYZE_EXAMPLES}\n\n{HOW_TO_READ}"),
    args_conflicts_with_subcommands = true,
    color = ColorChoice::Auto
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    analyze: AnalyzeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell what happened (the default command)
    #[command(after_help = ANALYZE_EXAMPLES)]
    Analyze(AnalyzeArgs),
    /// Find what is wrong in a configuration before it happens
    #[command(
        about = "Find what is wrong in a configuration before it happens",
        long_about = "Reads the configuration of a Proxmox VE cluster, or pasted status of it, and says what will fail: \
                      guests that HA may start where their disks are not, replicas that are old, locks, a fragile \
                      cluster network, quorum without margin.",
        after_help = CHECK_EXAMPLES
    )]
    Check(CheckArgs),
    /// Print the typed events, one JSON object a line
    #[command(after_help = EVENTS_EXAMPLES)]
    Events(EventsArgs),
    /// Write logs with pseudonyms in place of names, to be shown to anybody
    #[command(after_help = REDACT_EXAMPLES)]
    Redact(RedactArgs),
    /// Say what one log line, error number or state means
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// List, show or test the failure modes
    #[command(after_help = PATTERNS_EXAMPLES)]
    Patterns(PatternsArgs),
    /// Run case folders and compare them with their expectations
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Print the JSON Schema of `-o json`
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
}

#[derive(Debug, Args)]
struct ReadArgs {
    /// Logs: files, journals, archives, folders or - for standard input, packed or not; standard input when none is given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Leave out what is earlier: 2026-11-22 08:40, 08:40 (today), -2h, yesterday
    #[arg(short = 'S', long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// Leave out what is later
    #[arg(short = 'U', long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Year of stamps that print none
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1970..=9999))]
    year: Option<i32>,
    /// Zone of stamps that print none, such as Europe/Vienna; UTC when not given
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,
    /// The node whose log PATH is, whatever its lines say; may be repeated
    #[arg(short = 'n', long = "node", value_name = "NAME=PATH")]
    nodes: Vec<String>,
    /// Trust every clock: do not compare those of several nodes, nor correct their stamps
    #[arg(long)]
    no_skew: bool,
    /// Threads that read; 0 is one per core where many lines are ours, else one:
    /// few lines of a cluster are found by one thread as fast as they are read
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Bytes of a block, the unit of parallel reading; for tests
    #[arg(long, value_name = "BYTES", hide = true)]
    block_bytes: Option<usize>,
    /// Exit with 0 although some inputs could not be read
    #[arg(long)]
    keep_going: bool,
    /// Tell on standard error how far it is, where that takes more than a second
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    progress: WhenWord,
}

/// What journalctl has, too.
#[derive(Debug, Default, Args)]
struct JournalArgs {
    /// Only one boot of each node: the newest, the one before it with -1, the first with 1, or the one with an
    /// id; how it ended is still told by the boot behind it. The report lists them all
    #[arg(short = 'b', long, value_name = "BOOT", num_args = 0..=1, default_missing_value = "0", allow_negative_numbers = true)]
    boot: Option<String>,
    /// Read the journals in DIR, as if it were a PATH; may be repeated
    #[arg(short = 'D', long = "directory", value_name = "DIR")]
    directories: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct AnalyzeArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// Configuration of the cluster: corosync.conf, a copy of /etc/pve, a pvereport;
    /// names, votes and the token timeout come from it; may be repeated
    #[arg(short = 'c', long = "config", value_name = "PATH")]
    config: Vec<PathBuf>,
    /// Form of the answer, and the file that it goes to, if any; may be repeated
    #[arg(short = 'o', long, value_name = "FORMAT[=FILE]", default_value = "term", value_parser = OutputParser::<OutputWord>::new())]
    output: Vec<Output<OutputWord>>,
    /// Draw chains of causes in Markdown, for GitHub and GitLab
    #[arg(long)]
    mermaid: bool,
    /// Give names, addresses, guests, storages, users and serials pseudonyms, in every form of the answer
    #[arg(long, conflicts_with = "config")]
    redact: bool,
    /// Exit with 1 when a finding is at least this bad; in JUnit, such a finding is a failure (low when not given)
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<SeverityWord>,
    /// Tell how the cluster stood at that instant instead: pvecm status of the past, for
    /// every node; nothing later is used but for names, and whether a silent node ran on
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with_all = ["fail_on", "dirs", "boot"])]
    at: Option<String>,
    #[command(flatten)]
    patterns: PatternDirs,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct PatternDirs {
    /// Directory of further pattern files, which add to the built-in ones or replace them by id; may be repeated
    #[arg(long = "patterns", value_name = "DIR")]
    dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct LookArgs {
    /// Colours: when the output is a terminal, always, or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: WhenWord,
    /// Draw with ASCII only
    #[arg(long)]
    ascii: bool,
    /// Columns; the terminal's own, or 80
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// Only the verdict
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// All evidence lines, timelines and unknown messages
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// Files, copies of /etc/pve, or - for standard input; standard input when none is given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Form of the answer, and the file that it goes to, if any; may be repeated
    #[arg(short = 'o', long, value_name = "FORMAT[=FILE]", default_value = "term", value_parser = OutputParser::<CheckWord>::new())]
    output: Vec<Output<CheckWord>>,
    /// Exit with 1 when a finding is at least this bad; in JUnit, such a finding is a failure (low when not given)
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<SeverityWord>,
    /// Exit with 0 although some inputs could not be read
    #[arg(long)]
    keep_going: bool,
    /// Print every check with its severity, the kind of its findings, and why it matters
    #[arg(long, conflicts_with = "paths")]
    list: bool,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum CheckWord {
    /// For eyes
    Term,
    /// One JSON object
    Json,
    /// One page, complete in itself
    Html,
    /// The findings as tests, for CI
    Junit,
}

#[derive(Debug, Args)]
struct EventsArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    journal: JournalArgs,
    /// Print the messages of watched programs that nobody reads yet, commonest first, digits masked
    #[arg(long)]
    unknown: bool,
    /// Print every kind of event with its fields and a sample line
    #[arg(long, conflicts_with = "unknown")]
    kinds: bool,
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// A log line, an error number or name, a state, a kind; lines from standard input when none is given
    #[arg(
        value_name = "LINE",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    words: Vec<String>,
}

#[derive(Debug, Args)]
struct PatternsArgs {
    #[command(subcommand)]
    command: PatternsCommand,
}

#[derive(Debug, Subcommand)]
enum PatternsCommand {
    /// All kinds of findings with severity and meaning
    #[command(after_help = LIST_EXAMPLES)]
    List {
        #[command(flatten)]
        patterns: PatternDirs,
    },
    /// One pattern file
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The kind
        kind: String,
        #[command(flatten)]
        patterns: PatternDirs,
    },
    /// Check pattern files and run the examples they carry
    #[command(after_help = TEST_EXAMPLES)]
    Test {
        /// Directory of further pattern files
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct RedactArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// Folder for the redacted logs, log1.log and so on; standard output when not given
    #[arg(short = 'd', long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// A case folder, or a folder of case folders (each holds case.toml and input/)
    dir: PathBuf,
    /// Form of the answer, and the file that it goes to, if any; may be repeated
    #[arg(short = 'o', long, value_name = "FORMAT[=FILE]", default_value = "term", value_parser = OutputParser::<VerifyWord>::new())]
    output: Vec<Output<VerifyWord>>,
    #[command(flatten)]
    patterns: PatternDirs,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum VerifyWord {
    /// For eyes
    Term,
    /// The cases as tests, for CI
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum OutputWord {
    /// For eyes
    Term,
    /// One JSON object
    Json,
    /// JSON lines; from a pipe, as things happen
    Jsonl,
    /// One page with pictures, complete in itself
    Html,
    /// A post-mortem to edit, in Markdown
    Md,
    /// The findings as tests, for CI
    Junit,
    /// The timeline as a table
    Csv,
}

impl OutputWord {
    fn format(self) -> Format {
        match self {
            OutputWord::Term => Format::Term,
            OutputWord::Json => Format::Json,
            OutputWord::Jsonl => Format::Jsonl,
            OutputWord::Html => Format::Html,
            OutputWord::Md => Format::Md,
            OutputWord::Junit => Format::Junit,
            OutputWord::Csv => Format::Csv,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SeverityWord {
    Info,
    Low,
    Medium,
    High,
    Catastrophic,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum WhenWord {
    Auto,
    Always,
    Never,
}

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
    let patterns = load(&args.patterns.dirs)?;
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

/// The instant that an option names.
fn given_instant(word: &str, text: &str, read: &ReadOptions) -> Result<Timestamp, Stop> {
    instant(text, read.now, read.tz.unwrap_or(Tz::UTC)).ok_or_else(|| {
        usage(
            format!("{word} cannot be read: `{text}`"),
            "give 2026-11-22, 2026-11-22 08:40:00, 08:40, -2h, yesterday, now or @1795338061",
        )
    })
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
                event: &event,
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

/// The built-in patterns and those of the directories.
fn load(dirs: &[PathBuf]) -> Result<Vec<Arc<Pattern>>, Stop> {
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
fn configuration(paths: &[PathBuf], inputs: &mut Inputs) -> Result<Option<Configuration>, Stop> {
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
fn chosen(
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

fn plan(args: &ReadArgs) -> Result<Plan, Stop> {
    Ok(plan_of(args, &JournalArgs::default())?.0)
}

/// What is to be read, and which boot of it.
fn plan_of(args: &ReadArgs, journal: &JournalArgs) -> Result<(Plan, Option<Boot>), Stop> {
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

fn now() -> Timestamp {
    Timestamp(Utc::now().timestamp_micros())
}

/// An instant as a person types it, in the zone of the log.
fn instant(text: &str, now: Timestamp, zone: Tz) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(epoch) = text.strip_prefix('@') {
        return epoch.parse().ok().map(Timestamp::from_seconds);
    }
    if let Ok(full) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(Timestamp(full.timestamp_micros()));
    }
    let here = zone.timestamp_micros(now.0).single()?;
    let at = |day: NaiveDate, time: NaiveTime| {
        let local = zone.from_local_datetime(&day.and_time(time));
        local.earliest().map(|t| Timestamp(t.timestamp_micros()))
    };
    match text {
        "now" => return Some(now),
        "today" => return at(here.date_naive(), NaiveTime::MIN),
        "yesterday" => return at(here.date_naive().pred_opt()?, NaiveTime::MIN),
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
        .and_then(|time| at(here.date_naive(), time))
}

/// `90s`, `10m`, `2h`, `3d`.
fn span(text: &str) -> Option<Span> {
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
fn look(args: &LookArgs) -> Look {
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
fn terminal_width() -> Option<usize> {
    let terminal = io::stdout().is_terminal();
    terminal
        .then(terminal_size::terminal_size)
        .flatten()
        .map(|(width, _)| usize::from(width.0))
}

impl From<SeverityWord> for Severity {
    fn from(word: SeverityWord) -> Severity {
        match word {
            SeverityWord::Info => Severity::Info,
            SeverityWord::Low => Severity::Low,
            SeverityWord::Medium => Severity::Medium,
            SeverityWord::High => Severity::High,
            SeverityWord::Catastrophic => Severity::Catastrophic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

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
                instant(text, now, Tz::UTC)
                    .map(|at| at.to_string())
                    .as_deref(),
                Some(wanted),
                "{text}"
            );
        }
        assert_eq!(instant("soon", now, Tz::UTC), None);
        let vienna: Tz = "Europe/Vienna".parse().expect("a zone");
        assert_eq!(
            instant("2026-11-22 08:40", now, vienna)
                .map(|at| at.to_string())
                .as_deref(),
            Some("2026-11-22T07:40:00Z")
        );
    }
}
