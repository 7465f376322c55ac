//! What can be typed: commands, options, and the help that teaches them.
//! In: arguments. Out: a `Cli` as they were typed.
//! Never: decides what a word means beyond its type.

use super::output::{Output, OutputParser};
use crate::model::Severity;
use crate::render::Format;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(super) const ANALYZE_EXAMPLES: &str = "\
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

pub(super) const HOW_TO_READ: &str = "\
How to read the answer:
  The verdict comes first, then a picture with one lane per state machine, then
  why, then what is safe, risky and never to be typed now, then the evidence.
  measured   computed from stamps or numbers in the lines
  stated     a line says so
  inferred   concluded from lines by a rule, which is printed
  assumed    a default of the software that no line contradicts
  A near miss is a node that lost its HA lock and got it back before its
  watchdog reset it; it is no fence. Unknown is never printed as zero.";

pub(super) const EVENTS_EXAMPLES: &str = "\
Examples:
  fencepost events pve1.log | jq -r .kind | sort | uniq -c | sort -rn
                            what was logged, commonest first
  fencepost events --kinds | less
                            every kind, its fields, and a line that is one
  fencepost events --unknown /var/log/syslog
                            what fencepost should learn to read";

pub(super) const REDACT_EXAMPLES: &str = "\
Examples:
  journalctl --since -2d -o short-iso-precise | fencepost redact > to-post.log
                            a log for a forum
  fencepost redact -d to-post pve1.log pve2.log
                            several: to-post/log1.log, to-post/log2.log

What a line says stays where its message is known; of other lines stamp, host and
program. A word that no cluster prints by itself gets a pseudonym, the same for
the same over all inputs. Pseudonyms: xnode1, xstore1, xuser1, xname1, guests from
900001, addresses from 198.18.0.0/15, 2001:db8::/32 and 02:00:00:00:00:01.";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  fencepost explain 'cpg_join failed: 14'
  fencepost explain corosync[812]: [TOTEM ] Token has not been received in 5266 ms
  fencepost explain CS_ERR_TRY_AGAIN
  fencepost explain lost_agent_lock
  fencepost explain quorum-loss
  tail -n 3 /var/log/syslog | fencepost explain";

pub(super) const CHECK_EXAMPLES: &str = "\
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

pub(super) const PATTERNS_EXAMPLES: &str = "\
Examples:
  fencepost patterns list
  fencepost patterns show quorum-loss
  fencepost patterns test my-patterns
  fencepost --patterns my-patterns pve1.log";

pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  fencepost patterns list
  fencepost patterns list --patterns my-patterns";

pub(super) const SHOW_EXAMPLES: &str = "\
Examples:
  fencepost patterns show quorum-loss
  fencepost patterns show link-flap > my-patterns/link-flap.toml
                            begin your own from it";

pub(super) const TEST_EXAMPLES: &str = "\
Examples:
  fencepost patterns test   the built-in ones
  fencepost patterns test my-patterns
                            yours with them

Exit codes: 0 all examples hold, 1 one does not, 2 a file is faulty";

pub(super) const VERIFY_EXAMPLES: &str = "\
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

pub(super) const SCHEMA_EXAMPLES: &str = "\
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
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) analyze: AnalyzeArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
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
pub(super) struct ReadArgs {
    /// Logs: files, journals, archives, folders or - for standard input, packed or not; standard input when none is given
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Leave out what is earlier: 2026-11-22 08:40, 08:40 (today), -2h, yesterday
    #[arg(short = 'S', long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) since: Option<String>,
    /// Leave out what is later
    #[arg(short = 'U', long, value_name = "TIME", allow_hyphen_values = true)]
    pub(super) until: Option<String>,
    /// Year of stamps that print none
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1970..=9999))]
    pub(super) year: Option<i32>,
    /// Zone of stamps that print none, such as Europe/Vienna; UTC when not given
    #[arg(long, value_name = "ZONE")]
    pub(super) tz: Option<String>,
    /// The node whose log PATH is, whatever its lines say; may be repeated
    #[arg(short = 'n', long = "node", value_name = "NAME=PATH")]
    pub(super) nodes: Vec<String>,
    /// Trust every clock: do not compare those of several nodes, nor correct their stamps
    #[arg(long)]
    pub(super) no_skew: bool,
    /// Threads that read; 0 is one per core where many lines are ours, else one:
    /// few lines of a cluster are found by one thread as fast as they are read
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Bytes of a block, the unit of parallel reading; for tests
    #[arg(long, value_name = "BYTES", hide = true)]
    pub(super) block_bytes: Option<usize>,
    /// Exit with 0 although some inputs could not be read
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Tell on standard error how far it is, where that takes more than a second
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) progress: WhenWord,
}

/// What journalctl has, too.
#[derive(Debug, Default, Args)]
pub(super) struct JournalArgs {
    /// Only one boot of each node: the newest, the one before it with -1, the first with 1, or the one with an
    /// id; how it ended is still told by the boot behind it. The report lists them all
    #[arg(short = 'b', long, value_name = "BOOT", num_args = 0..=1, default_missing_value = "0", allow_negative_numbers = true)]
    pub(super) boot: Option<String>,
    /// Read the journals in DIR, as if it were a PATH; may be repeated
    #[arg(short = 'D', long = "directory", value_name = "DIR")]
    pub(super) directories: Vec<PathBuf>,
    /// Only lines of this program; `cluster` stands for corosync, pmxcfs, HA and watchdog-mux; may be repeated.
    /// Journals are then read by their index, at least twice as fast, but what the kernel, systemd
    /// and others said of a reset, a shutdown or a disk is not known
    #[arg(short = 't', long = "identifier", value_name = "PROGRAM")]
    pub(super) identifiers: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct AnalyzeArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    pub(super) journal: JournalArgs,
    /// Configuration of the cluster: corosync.conf, a copy of /etc/pve, a pvereport;
    /// names, votes and the token timeout come from it; may be repeated
    #[arg(short = 'c', long = "config", value_name = "PATH")]
    pub(super) config: Vec<PathBuf>,
    /// Form of the answer, and the file that it goes to, if any; may be repeated
    #[arg(short = 'o', long, value_name = "FORMAT[=FILE]", default_value = "term", value_parser = OutputParser::<OutputWord>::new())]
    pub(super) output: Vec<Output<OutputWord>>,
    /// Draw chains of causes in Markdown, for GitHub and GitLab
    #[arg(long)]
    pub(super) mermaid: bool,
    /// Give names, addresses, guests, storages, users and serials pseudonyms, in every form of the answer
    #[arg(long, conflicts_with = "config")]
    pub(super) redact: bool,
    /// Exit with 1 when a finding is at least this bad; in JUnit, such a finding is a failure (low when not given)
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<SeverityWord>,
    /// Tell how the cluster stood at that instant instead: pvecm status of the past, for
    /// every node; nothing later is used but for names, and whether a silent node ran on
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with_all = ["fail_on", "dirs", "boot"])]
    pub(super) at: Option<String>,
    #[command(flatten)]
    pub(super) patterns: PatternDirs,
    #[command(flatten)]
    pub(super) look: LookArgs,
}

#[derive(Debug, Args)]
pub(super) struct PatternDirs {
    /// Directory of further pattern files, which add to the built-in ones or replace them by id; may be repeated
    #[arg(long = "patterns", value_name = "DIR")]
    pub(super) dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct LookArgs {
    /// Colours: when the output is a terminal, always, or never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: WhenWord,
    /// Draw with ASCII only
    #[arg(long)]
    pub(super) ascii: bool,
    /// Columns; the terminal's own, or 80
    #[arg(long, value_name = "COLUMNS")]
    pub(super) width: Option<usize>,
    /// Only the verdict
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// All evidence lines, timelines and unknown messages
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Files, copies of /etc/pve, or - for standard input; standard input when none is given
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Form of the answer, and the file that it goes to, if any; may be repeated
    #[arg(short = 'o', long, value_name = "FORMAT[=FILE]", default_value = "term", value_parser = OutputParser::<CheckWord>::new())]
    pub(super) output: Vec<Output<CheckWord>>,
    /// Exit with 1 when a finding is at least this bad; in JUnit, such a finding is a failure (low when not given)
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<SeverityWord>,
    /// Exit with 0 although some inputs could not be read
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Print every check with its severity, the kind of its findings, and why it matters
    #[arg(long, conflicts_with = "paths")]
    pub(super) list: bool,
    #[command(flatten)]
    pub(super) look: LookArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum CheckWord {
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
pub(super) struct EventsArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    pub(super) journal: JournalArgs,
    /// Print the messages of watched programs that nobody reads yet, commonest first, digits masked
    #[arg(long)]
    pub(super) unknown: bool,
    /// Print every kind of event with its fields and a sample line
    #[arg(long, conflicts_with = "unknown")]
    pub(super) kinds: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A log line, an error number or name, a state, a kind; lines from standard input when none is given
    #[arg(
        value_name = "LINE",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(super) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct PatternsArgs {
    #[command(subcommand)]
    pub(super) command: PatternsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum PatternsCommand {
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
pub(super) struct RedactArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    /// Folder for the redacted logs, log1.log and so on; standard output when not given
    #[arg(short = 'd', long, value_name = "DIR")]
    pub(super) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A case folder, or a folder of case folders (each holds case.toml and input/)
    pub(super) dir: PathBuf,
    /// Form of the answer, and the file that it goes to, if any; may be repeated
    #[arg(short = 'o', long, value_name = "FORMAT[=FILE]", default_value = "term", value_parser = OutputParser::<VerifyWord>::new())]
    pub(super) output: Vec<Output<VerifyWord>>,
    #[command(flatten)]
    pub(super) patterns: PatternDirs,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum VerifyWord {
    /// For eyes
    Term,
    /// The cases as tests, for CI
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum OutputWord {
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
    pub(super) fn format(self) -> Format {
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
pub(super) enum SeverityWord {
    Info,
    Low,
    Medium,
    High,
    Catastrophic,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum WhenWord {
    Auto,
    Always,
    Never,
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
