//! What every syslog and journal entry has.
//! In: text lines and journal JSON. Out: `Record`s that borrow their line.
//! Never: knows what a message means; never fails, a line that is no record is said to be none.

pub mod clock;
#[cfg(test)]
mod forms;
pub mod journal;
pub mod last;
pub mod layout;
pub mod month;
pub mod paste;
pub mod stamp;
pub mod syslog;
pub mod table;
pub mod tag;
pub mod task;
pub mod tz;
pub mod zone;

pub use self::tz::Tz;
use crate::model::Timestamp;
pub use clock::{Anchor, Clock, Hint};
pub use paste::{as_it_is, clean, is_suspect};
use std::borrow::Cow;

/// One log entry. Borrows its line and lives for one loop turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'b> {
    /// The stamp, with year and zone supplied where the line leaves them out; `None` in what people paste into forums.
    pub at: Option<Timestamp>,
    /// The host that logged it, if the line says.
    pub host: Option<&'b str>,
    /// The program's own name without pid, `.service` suffix or path; empty where a line has only a message.
    pub program: &'b str,
    /// The logging process.
    pub pid: Option<u32>,
    /// The message without the program's prefix; runs of blanks are kept as they are.
    pub message: Cow<'b, str>,
    /// Whether the end of the message was cut by a pager or a status view (`>` or `…` at the end).
    pub cut: bool,
    /// How often the line says that it happened: 1, or N for rsyslog's `message repeated N times: [...]`.
    pub repeat: u32,
    /// The boot this entry belongs to, where the encoding says (journal JSON).
    pub boot: Option<&'b str>,
}

impl<'b> Record<'b> {
    /// A record that has only a program and a message.
    pub fn bare(program: &'b str, message: &'b str) -> Record<'b> {
        Record {
            at: None,
            host: None,
            program,
            pid: None,
            message: Cow::Borrowed(message),
            cut: false,
            repeat: 1,
            boot: None,
        }
    }
}

/// What one line of text is.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'b> {
    /// A log entry.
    Record(Record<'b>),
    /// Several, quoted in one line of prose or one row of a table.
    Records(Vec<Record<'b>>),
    /// A note of the person who pasted the log: `// ...`.
    Note,
    /// Empty.
    Blank,
    /// Nothing that a program logged.
    Other,
}

/// Reads one line of any encoding; lines of a paste may differ in theirs.
pub fn line<'b>(line: &'b str, clock: &Clock, hint: &mut Hint) -> Line<'b> {
    match journal::object(line) {
        Some(object) => journal::json_line(object),
        None => syslog::text_line(line, clock, hint),
    }
}
