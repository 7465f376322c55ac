//! The writer of a page: markup is written by us, everything else is text.
//! In: fixed markup, and any text. Out: HTML in which text is only text.
//! Never: takes markup that is not known when the program is compiled.

use crate::render::escape::{is_hostile, visible};
use std::fmt::Write;

/// Characters of a sentence of ours, which may hold what a log said.
const SENTENCE: usize = 1_200;
/// Characters of a line of a log.
const LINE: usize = 400;
/// Characters of a name.
const NAME: usize = 64;

/// A page, or a part of one.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Html {
        self.0.push_str(markup);
        self
    }

    /// A sentence.
    pub(super) fn text(&mut self, text: &str) -> &mut Html {
        self.escaped(text, SENTENCE)
    }

    /// A name that comes from a log: it does not change the direction of what stands beside it.
    pub(super) fn name(&mut self, name: &str) -> &mut Html {
        self.raw("<bdi>").escaped(name, NAME).raw("</bdi>")
    }

    /// A line of a log: the same.
    pub(super) fn log(&mut self, line: &str) -> &mut Html {
        self.raw("<bdi>").escaped(line, LINE).raw("</bdi>")
    }

    /// A command, whole: what is cut must not be copied.
    pub(super) fn command(&mut self, command: &str) -> &mut Html {
        self.raw("<bdi>");
        self.escaped(command, usize::MAX).raw("</bdi>")
    }

    /// A number.
    pub(super) fn count(&mut self, count: u64) -> &mut Html {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{count}");
        self
    }

    /// An attribute.
    pub(super) fn attr(&mut self, name: &'static str, value: &str) -> &mut Html {
        let _ = write!(self.0, " {name}=\"");
        self.escaped(value, SENTENCE).raw("\"")
    }

    /// An attribute that is a length in a picture.
    pub(super) fn px(&mut self, name: &'static str, value: f64) -> &mut Html {
        let tenths = (value.clamp(-1e6, 1e6) * 10.0).round() as i64;
        let (sign, tenths) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
        let _ = match tenths % 10 {
            0 => write!(self.0, " {name}=\"{sign}{}\"", tenths / 10),
            rest => write!(self.0, " {name}=\"{sign}{}.{rest}\"", tenths / 10),
        };
        self
    }

    /// Another part.
    pub(super) fn add(&mut self, part: &Html) -> &mut Html {
        self.0.push_str(&part.0);
        self
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn escaped(&mut self, text: &str, limit: usize) -> &mut Html {
        // Only what will be shown is looked at: a line may be a megabyte long.
        let mut rest = text.char_indices();
        let kept = match rest.nth(limit) {
            Some((at, _)) => &text[..at],
            None => text,
        };
        for c in visible(kept, false).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // What is written out holds none of these, nor does HTML allow them.
                c if is_hostile(c) || is_no_character(c) => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
        let more = text.len() - kept.len();
        if more > 0 {
            let _ = write!(self.0, "… and {more} more bytes");
        }
        self
    }
}

/// Code points that are none of text, which a page must not hold.
fn is_no_character(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// What a page may hold of an id: letters, digits, `-` and `_`.
pub(super) fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !id.is_empty() && id.len() <= 40 && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        let mut h = Html::default();
        h.text(text);
        h.0
    }

    #[test]
    fn text_is_only_text() {
        assert_eq!(
            text("</script><img src=x onerror='a()'>&amp;\""),
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;amp;&quot;"
        );
        assert_eq!(text("\0\x1b[31m\r\n\u{9b}"), "\\x00\\x1b[31m\\r\\n\\x9b");
        assert_eq!(text("gpj.\u{202e}exe\u{2066}"), "gpj.\\u{202e}exe\\u{2066}");
        assert_eq!(text("\u{fdd0}\u{ffff}"), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_value_of_an_attribute_stays_in_it() {
        let mut h = Html::default();
        h.raw("<a").attr("href", "\" onclick=\"a()").raw(">");
        assert_eq!(h.0, "<a href=\"&quot; onclick=&quot;a()\">");
    }

    #[test]
    fn what_is_too_long_is_cut_and_told() {
        let long = "<".repeat(1 << 20);
        let mut h = Html::default();
        h.log(&long);
        assert!(h.len() < 2_000, "{}", h.len());
        assert!(h.0.contains("… and 1048176 more bytes"), "{}", h.0);
        let mut h = Html::default();
        h.command(&long);
        assert!(!h.0.contains("more bytes"));
    }

    #[test]
    fn lengths_are_short_and_never_odd() {
        let mut h = Html::default();
        h.px("x", 1.0)
            .px("y", -0.26)
            .px("z", f64::NAN)
            .px("w", f64::INFINITY);
        assert_eq!(h.0, " x=\"1\" y=\"-0.3\" z=\"0\" w=\"1000000\"");
    }
}
