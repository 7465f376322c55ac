//! Lines of the task index of Proxmox VE, `/var/log/pve/tasks/index`, and of the list of active tasks beside it.
//! In: a UPID with what follows it. Out: a `Record` of program `task`, in the words in which daemons log the same.
//! Never: reads a UPID that is part of another line.

use super::Record;
use crate::model::Timestamp;
use nom::bytes::complete::{tag, take_till1};
use nom::character::complete::{char, hex_digit1};
use nom::combinator::{map_opt, opt, recognize, rest, verify};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};
use std::borrow::Cow;

/// A UPID, and what of it is needed here.
struct Upid<'b> {
    text: &'b str,
    node: &'b str,
    started: i64,
}

/// Reads `UPID endtime status`, `UPID 1 endtime status` or, of a task that runs, `UPID 0`. Source: pve-common
/// src/PVE/RESTEnvironment.pm.
pub fn line(line: &str) -> Option<Record<'_>> {
    let (after, upid) = upid(line).ok()?;
    let text = upid.text;
    let (at, message) = match after.trim() {
        "0" => (upid.started, format!("starting task {text}")),
        after => {
            let (_, (ended, status)) = end(after).ok()?;
            (ended, format!("end task {text} {status}"))
        }
    };
    Some(Record {
        at: Some(Timestamp::from_seconds(at)),
        host: Some(upid.node),
        message: Cow::Owned(message),
        ..Record::bare("task", "")
    })
}

/// `UPID:node:pid:pstart:starttime:type:id:user:`.
fn upid(input: &str) -> IResult<&str, Upid<'_>> {
    let field = || terminated(take_till1(|c: char| c == ':' || c == ' '), char(':'));
    let (_, (_, node, _, _, started)) =
        (tag("UPID:"), field(), number(), number(), number()).parse(input)?;
    // The number of a guest may be missing; a user has no colon.
    let id = terminated(opt(take_till1(|c: char| c == ':' || c == ' ')), char(':'));
    let whole = (
        tag("UPID:"),
        field(),
        number(),
        number(),
        number(),
        field(),
        id,
        field(),
    );
    let (after, text) = recognize(whole).parse(input)?;
    let upid = Upid {
        text,
        node,
        started,
    };
    Ok((after, upid))
}

/// A hexadecimal number of at least eight digits, and a colon.
fn number<'b>() -> impl Parser<&'b str, Output = i64, Error = nom::error::Error<&'b str>> {
    terminated(seconds, char(':'))
}

fn seconds(input: &str) -> IResult<&str, i64> {
    let digits = verify(hex_digit1, |digits: &str| (8..=10).contains(&digits.len()));
    map_opt(digits, |digits: &str| i64::from_str_radix(digits, 16).ok()).parse(input)
}

/// The end and the status, which may have blanks in it.
fn end(input: &str) -> IResult<&str, (i64, &str)> {
    let saved = opt(tag("1 "));
    (
        preceded(saved, seconds),
        delimited(
            char(' '),
            verify(rest, |status: &str| !status.trim().is_empty()),
            tag(""),
        ),
    )
        .parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let record = line(text)?;
        let at = record.at.map_or_else(String::new, |at| at.to_string());
        Some(format!(
            "{at} {} {}",
            record.host.unwrap_or("-"),
            record.message
        ))
    }

    #[test]
    fn a_line_of_the_index_is_the_end_of_a_task() {
        let upid = "UPID:elm:0009D2F1:0138E1F01:66E80C2D:vzdump:104:root@pam:";
        for after in ["66E80F10 job errors", "1 66E80F10 job errors"] {
            assert_eq!(
                told(&format!("{upid} {after}")).as_deref(),
                Some(&*format!(
                    "2024-09-16T10:57:20Z elm end task {upid} job errors"
                ))
            );
        }
        assert_eq!(
            told(&format!("{upid} 0")).as_deref(),
            Some(&*format!("2024-09-16T10:45:01Z elm starting task {upid}"))
        );
    }

    #[test]
    fn a_task_of_several_guests_has_no_number() {
        let upid = "UPID:elm:0009D2F1:0138E1F0:66E80C2D:vzdump::root@pam:";
        assert!(told(&format!("{upid} 66E80F10 OK")).is_some());
    }

    #[test]
    fn what_is_no_index_is_left_alone() {
        for text in [
            "UPID:elm:0009D2F1:0138E1F0:66E80C2D:vzdump:104:root@pam:",
            "UPID:elm:0009D2F1:0138E1F0:66E80C2D:vzdump:104:root@pam: OK",
            "UPID:elm:zz:0138E1F0:66E80C2D:vzdump:104:root@pam: 66E80F10 OK",
            "starting task UPID:elm:0009D2F1:0138E1F0:66E80C2D:vzdump:104:root@pam: 66E80F10 OK",
            "UPID",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
