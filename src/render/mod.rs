//! How an answer looks: one file per format, and what they share.
//! In: a `Report` and a `Look`. Out: bytes of one `Format`.
//! Never: computes a fact, reads an environment, opens a file.

mod audit;
mod axis;
mod blame;
mod clock;
mod csv;
mod escape;
mod evidence;
mod explain;
#[cfg(test)]
mod fixtures;
mod fold;
mod html;
mod incident;
mod json;
mod jsonl;
pub mod junit;
mod lanes;
mod md;
mod moment;
mod paint;
mod rings;
mod row;
pub mod schema;
mod term;
#[cfg(test)]
mod tests;
mod who;

use crate::model::Severity;
use crate::report::Report;
use crate::report::moment::Moment;
pub use escape::visible;
pub use explain::explanation;
pub use jsonl::jsonl_update;
use std::io::{self, Write};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// The verdict only.
    Quiet,
    /// The answer, with one line of evidence for each finding.
    #[default]
    Normal,
    /// Everything that the report holds.
    Verbose,
}

/// How the terminal answer is drawn. JSON does not depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns; fewer than 40 are taken as 40.
    pub width: usize,
    /// Nothing beyond ASCII is written.
    pub ascii: bool,
    /// Escape codes for colours are written.
    pub colour: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// What stands behind the first clock time. All times are printed as UTC.
    pub zone: &'static str,
    /// Chains of causes are drawn in Markdown.
    pub mermaid: bool,
    /// From which severity on a finding is a test that failed.
    pub fails: Severity,
}

impl Look {
    /// The same for a file: nobody's terminal, so neither its colours nor its width.
    pub fn for_a_file(&self) -> Look {
        Look {
            colour: false,
            width: Look::default().width,
            ..self.clone()
        }
    }
}

impl Default for Look {
    fn default() -> Look {
        Look {
            width: 80,
            ascii: false,
            colour: false,
            verbosity: Verbosity::Normal,
            zone: "UTC",
            mermaid: false,
            fails: Severity::Low,
        }
    }
}

/// A form of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For eyes, on a terminal.
    #[default]
    Term,
    /// One object.
    Json,
    /// One object a line.
    Jsonl,
    /// One page, for a browser.
    Html,
    /// A post-mortem to edit.
    Md,
    /// The timeline as a table.
    Csv,
    /// The findings as tests.
    Junit,
}

/// Every format, by the word that the command line knows it by.
pub const FORMATS: [(&str, Format); 7] = [
    ("term", Format::Term),
    ("json", Format::Json),
    ("jsonl", Format::Jsonl),
    ("html", Format::Html),
    ("md", Format::Md),
    ("csv", Format::Csv),
    ("junit", Format::Junit),
];

impl Format {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Format::Term => "term",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Html => "html",
            Format::Md => "md",
            Format::Csv => "csv",
            Format::Junit => "junit",
        }
    }

    /// The format that a word names.
    pub fn from_word(word: &str) -> Option<Format> {
        FORMATS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|&(_, format)| format)
    }
}

/// Writes `report` as `format` says. `look` matters to the terminal only.
pub fn render(report: &Report, format: Format, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Term => term::write(report, look, out),
        Format::Json => json::write(report, out),
        Format::Jsonl => jsonl::write(report, out),
        Format::Html => html::write(report, html::Subject::Logs, out),
        Format::Md => md::write(report, look.mermaid, out),
        Format::Csv => csv::write(report, out),
        Format::Junit => junit::findings(report, look.fails, out),
    }
}

/// Writes the state at an instant: for eyes, or as one object, which is all that there is of it.
pub fn moment(moment: &Moment, format: Format, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Term => moment::write(moment, look, out),
        Format::Json => json::pretty(moment, out),
        Format::Jsonl | Format::Html | Format::Md | Format::Csv | Format::Junit => {
            json::line(moment, out)
        }
    }
}

/// Writes the report of a configuration as one page.
pub fn audit_page(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    html::write(report, html::Subject::Configuration, out)
}

/// Writes the report of a configuration for eyes.
pub fn audit(report: &Report, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    audit::write(report, look, out)
}
