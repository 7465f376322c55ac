//! What pasting does to log lines: quotes, bullets, line numbers, file names, colours, damage.
//! In: a line as it stands in somebody's post. Out: the line as it was printed.
//! Never: allocates for a line that is whole.

use super::stamp::{self, Stamp};
use super::tag::KNOWN;
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_till, take_while_m_n, take_while1};
use nom::character::complete::{char, digit1, multispace1, one_of, satisfy, space0, space1};
use nom::combinator::{map, not, opt, peek, rest, value, verify};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};
use std::borrow::Cow;

/// Decodes a line: lossily where it is not UTF-8, without NUL bytes, colours and a carriage return at its end. The second
/// value says whether it was damaged.
pub fn clean(line: &[u8]) -> (Cow<'_, str>, bool) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !is_suspect(line)
        && let Some(text) = as_it_is(line)
    {
        return (Cow::Borrowed(text), false);
    }
    let (text, invalid) = match std::str::from_utf8(line) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (String::from_utf8_lossy(line), true),
    };
    let nul = memchr::memchr(0, line).is_some();
    let coloured =
        memchr::memchr(0x1b, line).is_some() || memchr::memmem::find(line, b"^[[").is_some();
    if nul || coloured {
        let plain = without_escapes(&text.replace('\0', ""));
        return (plain_marks(Cow::Owned(plain)), invalid || nul);
    }
    (plain_marks(text), invalid)
}

/// A line that is not suspect.
pub fn as_it_is(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok()
}

/// Whether a line may hold what [`clean`] changes. Sixteen bytes are asked at a time, the last ones twice if need be: that tells
/// of nearly every line that there is nothing to be done.
pub fn is_suspect(line: &[u8]) -> bool {
    let is = |byte: u8| !(0x1c..0x80).contains(&byte) | (byte == b'&') | (byte == b'^');
    let ask = |part: &[u8; 16]| part.iter().fold(false, |any, byte| any | is(*byte));
    let (parts, _) = line.as_chunks();
    match line.last_chunk() {
        Some(last) => parts.iter().any(ask) || ask(last),
        None => line.iter().any(|byte| is(*byte)),
    }
}

/// What web pages, mail and word processors make of characters that programs print, and what was printed.
const MARKS: [(&str, &str); 18] = [
    ("&gt;", ">"),
    ("&lt;", "<"),
    ("&amp;", "&"),
    ("&quot;", "\""),
    ("&apos;", "'"),
    ("&#39;", "'"),
    ("&#039;", "'"),
    ("&#x27;", "'"),
    ("&#34;", "\""),
    ("&nbsp;", " "),
    ("‘", "'"),
    ("’", "'"),
    ("“", "\""),
    ("”", "\""),
    ("«", "\""),
    ("»", "\""),
    ("⇒", "=>"),
    ("→", "=>"),
];

/// The text with the marks that programs print. An object of JSON is left alone: quotes are its syntax.
fn plain_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    let entity = memchr::memchr(b'&', text.as_bytes());
    if entity.is_none() && text.is_ascii() {
        return text;
    }
    let start = text.trim_start();
    if start.starts_with("{\"") || start.starts_with("data: {\"") {
        return text;
    }
    let mut out = String::new();
    let mut copied = 0;
    let mut words = false;
    for (at, c) in text.char_indices() {
        if at < copied || !matches!(c, '&' | '\u{80}'..) {
            words |= c.is_alphanumeric();
            continue;
        }
        let found = MARKS.iter().find(|(mark, _)| text[at..].starts_with(mark));
        // An arrow before the first word is a bullet.
        if let Some((mark, plain)) = found.filter(|_| words || c != '→') {
            out.push_str(&text[copied..at]);
            out.push_str(plain);
            copied = at + mark.len();
        }
    }
    if copied == 0 {
        return text;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The text without ANSI escape sequences, in raw form or as `cat -v` shows them.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = text;
    while let Some(start) = left.find(['\u{1b}', '^']) {
        let (before, from) = left.split_at(start);
        out.push_str(before);
        left = match escape(from) {
            Ok((after, _)) => after,
            Err(_) => {
                let first = from.chars().next().map_or(0, char::len_utf8);
                if !from.starts_with('\u{1b}') {
                    out.push_str(&from[..first]);
                }
                &from[first..]
            }
        };
    }
    out.push_str(left);
    out
}

/// One escape sequence: CSI (`ESC [ 0;1;31 m`), or an OSC hyperlink up to its terminator.
fn escape(input: &str) -> IResult<&str, ()> {
    let parameters = take_till(|c: char| ('@'..='~').contains(&c));
    let csi = (
        alt((tag("\u{1b}["), tag("^[["))),
        parameters,
        nom::character::complete::anychar,
    );
    let osc_end = alt((tag("\u{7}"), tag("\u{1b}\\")));
    let osc = (
        tag("\u{1b}]"),
        take_till(|c| c == '\u{7}' || c == '\u{1b}'),
        osc_end,
    );
    alt((value((), csi), value((), osc))).parse(input)
}

/// The line without one layer of what a paste put in front of it; `None` when nothing is in front.
pub fn peel(line: &str) -> Option<&str> {
    let peeled: IResult<&str, ()> = match line.chars().next()? {
        '0'..='9' => line_number(line),
        '<' | '[' => markup(line),
        '.' | '/' | 'a'..='z' | 'A'..='Z' => grep_prefix(line),
        '#' => commented(line),
        _ => alt((decoration, bullet, enclosed_number)).parse(line),
    };
    peeled
        .ok()
        .map(|(left, ())| left)
        .filter(|left| left.len() < line.len())
}

/// `n1: `, `[n1] `, `n1 | ` before a stamp, as tools print that ask several hosts at once. Returns the rest and the host.
pub fn node_prefix(line: &str) -> Option<(&str, &str)> {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let word = |i| take_while1::<_, &str, nom::error::Error<&str>>(name).parse(i);
    let bracketed = delimited(char('['), word, (char(']'), space1));
    let ended = terminated(word, alt(((tag(":"), space1), (space0, tag("|")))));
    let (rest, host) = alt((bracketed, ended)).parse(line).ok()?;
    let rest = rest.trim_start();
    let dated = !matches!(stamp::stamp(rest).ok()?.1, Stamp::Uptime | Stamp::TimeOnly);
    let file = [".log", ".txt", ".gz", "syslog", "messages"];
    let named = host.contains(|c: char| c.is_ascii_alphabetic() || c == '.')
        && !file.iter().any(|end| host.ends_with(end))
        && !KNOWN.contains(&host);
    (dated && named).then_some((rest, host))
}

/// What a line adds to the one before it, if that one was wrapped: words without a stamp, a program or a mark of their
/// own. `line` is a line that was cleaned.
pub fn continuation(line: &str) -> Option<&str> {
    if super::task::line(line).is_some() {
        return None;
    }
    let mut left = line;
    while let Some(peeled) = peel(left.trim_start()) {
        left = peeled;
        if stamp::stamp(left).is_ok() {
            return None;
        }
    }
    let left = left.trim();
    let own = left.is_empty()
        || left.starts_with(['[', '{', '|', '`', '#'])
        || left.starts_with("-- ")
        || left.starts_with("//")
        || stamp::stamp(left).is_ok()
        || node_prefix(left).is_some()
        || super::tag::unstamped(left).is_some();
    (!own).then_some(left)
}

/// Blanks of every kind, quote marks, fences, an opening backtick, and the frame of a table cell.
fn decoration(input: &str) -> IResult<&str, ()> {
    let blanks =
        take_while1(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{1e}'));
    alt((
        value((), blanks),
        value((), tag(">")),
        value((), tag("&gt;")),
        value((), (tag("```"), not(peek(rest_is_word)))),
        value((), terminated(char('`'), not(char('`')))),
        // Messages begin with quotes too (`'storage-nfs1'-locked command ...`), but not before a capital or a digit.
        value(
            (),
            terminated(
                one_of("\"'“„«"),
                peek(alt((
                    value((), satisfy(|c| c.is_ascii_digit() || c.is_uppercase())),
                    value((), tag("-- ")),
                ))),
            ),
        ),
        value((), tag("**")),
    ))
    .parse(input)
}

/// Whether the rest is a language behind a fence, or nothing.
fn rest_is_word(input: &str) -> IResult<&str, &str> {
    verify(rest, |r: &str| !r.trim().contains(char::is_whitespace)).parse(input)
}

/// `- `, `* `, `• ` and the like; two hyphens are journalctl's.
fn bullet(input: &str) -> IResult<&str, ()> {
    value((), (one_of("-*+•·–—▪◦‣→$"), multispace1)).parse(input)
}

/// `# ` before a stamp, as people comment lines out; before anything else it is a prompt or a heading.
fn commented(input: &str) -> IResult<&str, ()> {
    value((), ((char('#'), space1), peek(stamp::stamp))).parse(input)
}

/// `①`, `⑬`, `❶`.
fn enclosed_number(input: &str) -> IResult<&str, ()> {
    let number = |c: char| matches!(c, '\u{2460}'..='\u{24ff}' | '\u{2776}'..='\u{2793}' | '\u{3220}'..='\u{3229}');
    value((), take_while_m_n(1, 1, number)).parse(input)
}

/// `12:`, `12|`, `12.`, `12)`, `12-` before anything but a digit, or a number and a tab; a number and a blank before the
/// name of a month.
fn line_number(input: &str) -> IResult<&str, ()> {
    let mark = alt((
        value((), (one_of(":|"), opt(char(':')))),
        value((), (one_of(".)-"), space1)),
        value((), char('\t')),
        value((), tag("  ")),
        value(
            (),
            (
                char(' '),
                peek(satisfy(char::is_uppercase)),
                peek(stamp::stamp),
            ),
        ),
    ));
    let number = verify(digit1, |d: &str| d.len() < 8);
    value((), (number, mark)).parse(input)
}

/// `file:` or `path/file:12:` as `grep -r` prints it, and the name of a task log, which holds colons itself.
fn grep_prefix(input: &str) -> IResult<&str, ()> {
    alt((task_log, file_name)).parse(input)
}

fn task_log(input: &str) -> IResult<&str, ()> {
    let (rest, before) = nom::bytes::complete::take_until("UPID:").parse(input)?;
    if before.contains(char::is_whitespace) {
        return file_name(input);
    }
    let field = || {
        (
            take_till(|c: char| c == ':' || c.is_whitespace()),
            char(':'),
        )
    };
    let id = (
        (field(), field(), field(), field()),
        (field(), field(), field(), field()),
    );
    value((), (id, opt(char(':')), digit1, char(':'))).parse(rest)
}

fn file_name(input: &str) -> IResult<&str, ()> {
    let name = take_while1(|c: char| !c.is_whitespace() && !matches!(c, ':' | '[' | '{' | '"'));
    let (rest, _) = (name, char(':')).parse(input)?;
    let (rest, _) = opt((digit1, char(':'))).parse(rest)?;
    // grep puts no blank behind its colon, but messages do (`link: host: 1 ...`).
    not(satisfy(|c| c == ':' || c.is_whitespace())).parse(rest)?;
    Ok((rest, ()))
}

/// `[code]` and `[quote="somebody"]` of forums, `<pre>` and `<code>` of web pages.
fn markup(input: &str) -> IResult<&str, ()> {
    let bb = (
        tag("["),
        alt((
            tag_no_case("code"),
            tag_no_case("quote"),
            tag_no_case("spoiler"),
            tag_no_case("icode"),
        )),
        opt((char('='), take_till(|c| c == ']'))),
        tag("]"),
    );
    let html = delimited(
        tag("<"),
        alt((
            tag_no_case("pre"),
            tag_no_case("code"),
            tag_no_case("p"),
            tag_no_case("br"),
        )),
        preceded(space0, preceded(opt(char('/')), tag(">"))),
    );
    alt((value((), bb), map(html, |_: &str| ()))).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_come_off_one_by_one() {
        for (line, want) in [
            ("> > \tx y", "x y"),
            ("- x y", "x y"),
            ("⑬\tx y", "x y"),
            ("7: x y", "x y"),
            ("  12\tx y", "x y"),
            ("12|x y", "x y"),
            ("./var/log/syslog:12:x y", "x y"),
            ("syslog.1:x y", "x y"),
            (
                "./tasks/5/UPID:n1:0001:0002:5D95:qmmove:122:u@pve::106:x y",
                "x y",
            ),
            ("[CODE]x y", "x y"),
            ("<pre>x y", "x y"),
            ("```x y", "x y"),
            ("`x y", "x y"),
            ("# Feb 24 10:00:00 x y", "Feb 24 10:00:00 x y"),
            ("# x y", "# x y"),
            ("2565 Feb 24 10:00:00 x y", "Feb 24 10:00:00 x y"),
            ("2565 Members x y", "2565 Members x y"),
        ] {
            let mut left = line;
            while let Some(peeled) = peel(left) {
                left = peeled;
            }
            assert_eq!(left, want, "{line}");
        }
    }

    #[test]
    fn marks_of_the_web_become_what_was_printed() {
        for (line, want) in [
            ("a &#39;b&#039; =&gt; &#x27;c&apos;", "a 'b' => 'c'"),
            (
                "&gt; a &quot;b&quot; &lt;c&gt;&nbsp;d &amp;gt; e &copy; f & g",
                "> a \"b\" <c> d &gt; e &copy; f & g",
            ),
            ("a ‘b’ “c” «d» → e ⇒ f", "a 'b' \"c\" \"d\" => e => f"),
            ("> → a → b", "> → a => b"),
            ("{\"a\":\"b &gt; ‘c’\"}", "{\"a\":\"b &gt; ‘c’\"}"),
            ("grün & co", "grün & co"),
        ] {
            assert_eq!(clean(line.as_bytes()), (Cow::from(want), false), "{line}");
        }
    }

    #[test]
    fn a_host_may_stand_before_the_stamp() {
        for line in [
            "n4: Mar 04 05:06:07 x",
            "[n4] Mar 04 05:06:07 x",
            "n4 | Mar 04 05:06:07 x",
            "n4| Mar 04 05:06:07 x",
        ] {
            assert_eq!(
                node_prefix(line),
                Some(("Mar 04 05:06:07 x", "n4")),
                "{line}"
            );
        }
        for line in [
            "link: host: 1",
            "12: Mar 04 05:06:07 x",
            "kernel: Mar 04 05:06:07 x",
            "a.log: Mar 04 05:06:07 x",
            "n4: [   20.999000] x",
            "n4: yes",
        ] {
            assert_eq!(node_prefix(line), None, "{line}");
        }
    }

    #[test]
    fn only_words_continue_a_line() {
        assert_eq!(
            continuation("> > data transfer now"),
            Some("data transfer now")
        );
        assert_eq!(continuation("  3 4"), Some("3 4"));
        for line in [
            "",
            "> ",
            "Mar 04 05:06:07 n4 x",
            "> Mar 04 05:06:07 n4 x",
            "- n4: Mar 04 05:06:07 x",
            "-- Boot 1 --",
            "corosync[3]: x",
            "[KNET  ] x",
            "// x",
        ] {
            assert_eq!(continuation(line), None, "{line}");
        }
    }

    #[test]
    fn logs_are_not_peeled() {
        for line in [
            "2026-01-02T03:04:05 x",
            "1700000000.123456 x",
            "link: host: 1",
            "'storage-a'-locked command",
            "-- Boot 00 --",
            "[KNET  ] link",
            "corosync[12]: x",
            "```text",
            "```",
        ] {
            assert_eq!(peel(line), None, "{line}");
        }
    }

    #[test]
    fn lines_are_cleaned_of_colours_and_damage() {
        let check = |line: &[u8], want: &str, damaged| {
            assert_eq!(clean(line), (Cow::from(want), damaged));
        };
        check(b"plain\r", "plain", false);
        check(b"\x1b[0;1;31mred\x1b[0m ^x", "red ^x", false);
        check(b"^[[1mbold^[[0m", "bold", false);
        check(b"\x1b]8;;file://x\x07link\x1b]8;;\x07", "link", false);
        check(b"\0\0x", "x", true);
        check(b"M\xe4r", "M\u{fffd}r", true);
        check(b"\x1b", "", false);
    }
}
