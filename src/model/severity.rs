//! How bad, and how sure.
//! In: words of pattern files. Out: ordered severities and the four grades of knowledge.
//! Never: decides either; patterns and machines do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad a finding is, in the words of the founding article; `Info` is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Belongs on the timeline, but nothing is wrong.
    Info,
    /// A nuisance.
    Low,
    /// Something failed; the guests go on.
    Medium,
    /// Guests or redundancy are at risk.
    High,
    /// Guests are hit, or will be.
    Catastrophic,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Severity; 5] = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Catastrophic,
    ];

    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Catastrophic => "catastrophic",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How something is known. The order is from the firmest to the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Computed from stamps or numbers in lines.
    Measured,
    /// A line or a configuration file says it.
    Stated,
    /// Concluded from lines by a rule that is named.
    Inferred,
    /// A default of the software that nothing here contradicts.
    Assumed,
}

impl Basis {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Measured => "measured",
            Basis::Stated => "stated",
            Basis::Inferred => "inferred",
            Basis::Assumed => "assumed",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
