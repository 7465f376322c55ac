//! Logs that a pattern file brings to be tried on.
//! In: tables of a pattern file. Out: what a match fails to be.
//! Never: reads the logs; a test does.

use super::condition::Conditions;
use super::{Match, Outcome};
use crate::model::{Basis, Severity};
use serde::Deserialize;

/// A log in which the pattern is found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub about: String,
    /// The log.
    pub lines: String,
    /// What the match must be like.
    pub finds: Option<Finds>,
}

/// A log in which the pattern is not found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counterexample {
    /// Why one could think so.
    pub about: String,
    /// The log.
    pub lines: String,
}

/// What a match must be like. What is left out is not asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finds {
    /// How many matches there are.
    pub matches: Option<usize>,
    /// Severity.
    pub severity: Option<Severity>,
    /// The node's name.
    pub node: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// How often.
    pub count: Option<u64>,
    /// Whether it was still going on when the log ended.
    pub open: Option<bool>,
    /// How it is known.
    pub basis: Option<Basis>,
    /// Conditions on its details.
    #[serde(default)]
    pub details: Conditions,
}

impl Finds {
    /// How `found`, whose node is called `node`, differs from what is asked: one line each, empty if it does not.
    pub fn differences(&self, found: &Match, node: Option<&str>) -> Vec<String> {
        let mut lines = Vec::new();
        let mut ask = |what: &str, wanted: Option<String>, got: String| {
            if let Some(wanted) = wanted.filter(|wanted| *wanted != got) {
                lines.push(format!("{what} is {got}, not {wanted}"));
            }
        };
        let or_none = |text: Option<&str>| text.unwrap_or("none").to_owned();
        ask(
            "severity",
            self.severity.map(|s| s.to_string()),
            found.severity.to_string(),
        );
        ask("node", self.node.clone(), or_none(node));
        ask(
            "subject",
            self.subject.clone(),
            or_none(found.subject.as_deref()),
        );
        ask(
            "count",
            self.count.map(|n| n.to_string()),
            found.count.to_string(),
        );
        let open = found.outcome == Outcome::LogEnded;
        ask("open", self.open.map(|b| b.to_string()), open.to_string());
        ask(
            "basis",
            self.basis.map(|b| b.to_string()),
            found.basis.to_string(),
        );
        for (name, condition) in &self.details.0 {
            let value = found.value(name.get_ref());
            if !condition.holds(&value) {
                lines.push(format!("`{name}` is {value}, which is not what is asked"));
            }
        }
        lines
    }
}
