//! Text of logs made harmless, and its width on a screen.
//! In: any text. Out: text that a terminal only prints, never obeys.
//! Never: drops a character silently.

use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

/// More combining marks on one letter than any script stacks; what comes beyond would smear over other lines.
const MARKS_ON_A_LETTER: usize = 3;

/// `text` with everything that a terminal would obey, reorder or hide written out as `\x1b` or `\u{202e}`.
///
/// With `ascii` nothing else than printable ASCII is left: common typography is spelt out, the rest is escaped.
pub fn visible(text: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        match c {
            '\t' => out.push(' '),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(c),
            _ if ascii => spell(c, &mut out),
            _ if is_hostile(c) || marks > MARKS_ON_A_LETTER => number(c, &mut out),
            _ => out.push(c),
        }
    }
    out
}

/// Whether a terminal or a JSON viewer would obey, reorder or hide `c`.
pub(super) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Soft hyphen, grapheme joiner, Arabic letter mark, Hangul fillers, Mongolian separators.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}'
            // Zero width, direction marks, line and paragraph separators, embeddings and isolates.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // Variation selectors, byte order mark, interlinear annotation, tags.
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Columns that `c` takes. Escaped text holds none that is unknown.
pub(super) fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Columns that `text` takes once it is visible.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// What stands where text was cut off.
pub(super) fn ellipsis(ascii: bool) -> &'static str {
    if ascii { ".." } else { "…" }
}

/// Visible `text` in at most `limit` columns; what is cut off leaves an ellipsis.
pub(super) fn cut(text: &str, limit: usize, ascii: bool) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let mark = ellipsis(ascii);
    let room = limit.saturating_sub(width(mark));
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += char_width(c);
        if used > room {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    if limit >= width(mark) {
        out.push_str(mark);
    }
    out
}

/// Visible `text` in at most `limit` columns, keeping its end: of a path, that is what tells it from others.
pub(super) fn cut_front(text: &str, limit: usize, ascii: bool) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let mark = ellipsis(ascii);
    let room = limit.saturating_sub(width(mark));
    let mut kept = Vec::new();
    let mut used = 0;
    for c in text.chars().rev() {
        used += char_width(c);
        if used > room {
            break;
        }
        kept.push(c);
    }
    mark.chars().chain(kept.into_iter().rev()).collect()
}

/// ASCII for the typography of our own sentences; numbers for the rest.
fn spell(c: char, out: &mut String) {
    match c {
        '→' => out.push_str("->"),
        '–' | '—' | '−' => out.push('-'),
        '…' => out.push_str("..."),
        '‘' | '’' => out.push('\''),
        '“' | '”' => out.push('"'),
        '×' => out.push('x'),
        '≥' => out.push_str(">="),
        '≤' => out.push_str("<="),
        '\u{a0}' => out.push(' '),
        _ => number(c, out),
    }
}

fn number(c: char, out: &mut String) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = if code < 0x100 {
        write!(out, "\\x{code:02x}")
    } else {
        write!(out, "\\u{{{code:x}}}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        let cases = [
            ("\x1b[31mred\x07\x08", "\\x1b[31mred\\x07\\x08"),
            ("a\r\nb\tc", "a\\r\\nb c"),
            ("\u{9b}2J\u{7f}", "\\x9b2J\\x7f"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("pve\u{200b}1\u{feff}", "pve\\u{200b}1\\u{feff}"),
            ("Knoten läuft 節点", "Knoten läuft 節点"),
        ];
        for (hostile, harmless) in cases {
            assert_eq!(visible(hostile, false), harmless);
        }
    }

    #[test]
    fn stacked_marks_end_after_a_few() {
        let zalgo = format!("a{}", "\u{301}".repeat(5));
        assert_eq!(
            visible(&zalgo, false),
            "a\u{301}\u{301}\u{301}\\u{301}\\u{301}"
        );
    }

    #[test]
    fn ascii_means_ascii() {
        assert_eq!(visible("a → b – “c” ü", true), "a -> b - \"c\" \\xfc");
        let every: String = (0..0x3000).filter_map(char::from_u32).collect();
        assert!(
            visible(&every, true)
                .bytes()
                .all(|b| (b' '..=b'~').contains(&b))
        );
    }

    #[test]
    fn cut_text_fits_with_its_ellipsis() {
        assert_eq!(cut("short", 5, false), "short");
        assert_eq!(cut("longer text", 8, false), "longer…");
        assert_eq!(cut("longer text", 8, true), "longer..");
        assert_eq!(cut("節点節点", 5, false), "節点…");
        assert_eq!(cut("abc", 0, false), "");
        assert_eq!(cut_front("/var/log/pve1/syslog", 12, false), "…pve1/syslog");
    }
}
