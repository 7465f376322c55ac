//! What was read, what was understood, what was not.
//! In: counts of the readers. Out: the coverage part of the report; counts add up.
//! Never: drops a line without counting it.

use super::{HostClock, Limits, Timestamp};
use std::collections::BTreeMap;

/// Counts over one input. `lines` is the sum of `understood`, `unknown`, `others`, `notes` and `blank`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputCoverage {
    /// What its bytes are: `text`, `text in gzip`, `journal`; empty where nothing was read.
    pub form: String,
    /// Every line of the input.
    pub lines: u64,
    /// Bytes of the input.
    pub bytes: u64,
    /// Lines among those understood that another input holds too; they count there.
    pub twice: u64,
    /// Places that could not be read and were passed over: of a torn journal or export.
    pub torn: u64,
    /// Why nothing was read of it, where its own header says that it need not be.
    pub skipped: Option<String>,
    /// Why it could not be read, or not to its end.
    pub failed: Option<String>,
    /// Lines of watched programs that became an event.
    pub understood: u64,
    /// Lines of watched programs that nobody reads yet.
    pub unknown: u64,
    /// Lines of other programs, and what is no log line at all.
    pub others: u64,
    /// Whether any line is one that a program logged. Asked of watched programs, and of the first lines of the input.
    pub log_seen: bool,
    /// Notes of the person who pasted the log (`// …`).
    pub notes: u64,
    /// Empty lines.
    pub blank: u64,
    /// Lines longer than the limit, of which only the beginning was looked at.
    pub cut: u64,
    /// Lines that were not UTF-8 or held NUL bytes.
    pub damaged: u64,
    /// Lines whose stamp is earlier than the one before it in the same input.
    pub backwards: u64,
    /// Lines of watched programs that came without any stamp.
    pub unstamped: u64,
    /// Earliest and latest stamp of a line of a watched program.
    pub first: Option<Timestamp>,
    /// See `first`.
    pub last: Option<Timestamp>,
    /// Messages not understood, digits masked, with how often each came.
    pub unknown_messages: BTreeMap<Box<str>, u64>,
    /// Unknown messages beyond the limit of distinct ones.
    pub unknown_unranked: u64,
}

impl InputCoverage {
    /// Counts one message that nobody reads, with its digits masked so that alike messages fold.
    pub fn count_unknown(&mut self, program: &str, message: &str, limits: &Limits) {
        self.unknown += 1;
        self.rank_unknown(mask_digits(program, message).into(), 1, limits);
    }

    /// Ranks `n` messages that are counted already, under their masked form.
    pub fn rank_unknown(&mut self, masked: Box<str>, n: u64, limits: &Limits) {
        if let Some(have) = self.unknown_messages.get_mut(&masked) {
            *have += n;
        } else if self.unknown_messages.len() < limits.unknown_messages {
            self.unknown_messages.insert(masked, n);
        } else {
            self.unknown_unranked += n;
        }
    }

    /// Widens the covered time to `at`.
    pub fn cover(&mut self, at: Timestamp) {
        self.first = Some(self.first.map_or(at, |f| f.min(at)));
        self.last = Some(self.last.map_or(at, |l| l.max(at)));
    }

    /// Adds the counts of a later part of the same input.
    pub fn add(&mut self, other: InputCoverage, limits: &Limits) {
        if self.form.is_empty() {
            self.form = other.form;
        }
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.twice += other.twice;
        self.torn += other.torn;
        self.skipped = self.skipped.take().or(other.skipped);
        self.failed = self.failed.take().or(other.failed);
        self.understood += other.understood;
        self.unknown += other.unknown;
        self.others += other.others;
        self.log_seen |= other.log_seen;
        self.notes += other.notes;
        self.blank += other.blank;
        self.cut += other.cut;
        self.damaged += other.damaged;
        self.backwards += other.backwards;
        self.unstamped += other.unstamped;
        for at in [other.first, other.last].into_iter().flatten() {
            self.cover(at);
        }
        self.unknown_unranked += other.unknown_unranked;
        for (message, n) in other.unknown_messages {
            self.rank_unknown(message, n, limits);
        }
    }

    /// Whether it looks like a log at all: a watched program, or another line that some program logged.
    pub fn is_log(&self) -> bool {
        self.log_seen
    }

    /// Lines of watched programs.
    pub fn watched(&self) -> u64 {
        self.understood + self.unknown
    }
}

/// Coverage of a whole run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// One entry per input, in the order of `SourceId`.
    pub inputs: Vec<InputCoverage>,
    /// What a reader should know about how the inputs were read: year and zone anchors, limits reached, files left out.
    pub remarks: Vec<String>,
    /// The clocks of all hosts, where several were compared.
    pub clocks: Vec<HostClock>,
    /// Files in folders and archives that are no logs.
    pub left_out: Vec<String>,
}

/// `program: message` with every run of digits as one `#`, cut to 160 characters.
pub fn mask_digits(program: &str, message: &str) -> String {
    let mut masked = format!("{program}: ");
    let mut in_digits = false;
    for c in message.chars().take(160) {
        if c.is_ascii_digit() {
            if !in_digits {
                masked.push('#');
            }
            in_digits = true;
        } else {
            masked.push(c);
            in_digits = false;
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_messages_fold_and_the_rest_is_counted() {
        let limits = Limits {
            unknown_messages: 1,
            ..Limits::default()
        };
        let mut coverage = InputCoverage::default();
        coverage.count_unknown("corosync", "took 12 ms", &limits);
        coverage.count_unknown("corosync", "took 345 ms", &limits);
        coverage.count_unknown("corosync", "quite new", &limits);
        assert_eq!(coverage.unknown, 3);
        assert_eq!(
            coverage.unknown_messages.get("corosync: took # ms"),
            Some(&2)
        );
        assert_eq!(coverage.unknown_unranked, 1);
    }
}
