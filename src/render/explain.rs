//! An explanation of one line or word, for eyes.
//! In: an `Explanation`. Out: a few wrapped lines.
//! Never: knows what it explains.

use super::Look;
use super::escape::visible;
use crate::explain::Explanation;
use std::io::{self, Write};

/// Writes one explanation, wrapped at the width.
pub fn explanation(explanation: &Explanation, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let width = look.width.clamp(40, 100);
    writeln!(out, "{}", visible(&explanation.subject, false))?;
    wrapped("  ", "  ", &explanation.meaning, width, out)?;
    for field in &explanation.fields {
        let head = format!("    {} = {}", field.name, field.value);
        let text = if field.meaning.is_empty() {
            head
        } else {
            format!("{head}: {}", field.meaning)
        };
        wrapped("    ", "        ", text.trim_start(), width, out)?;
    }
    for next in &explanation.next {
        wrapped("  -> ", "     ", next, width, out)?;
    }
    if !explanation.source.is_empty() {
        wrapped("  source: ", "          ", &explanation.source, width, out)?;
    }
    writeln!(out)
}

/// Writes `text` with `first` before its first line and `rest` before the others.
fn wrapped(
    first: &str,
    rest: &str,
    text: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = visible(text, false);
    let mut line = first.to_owned();
    let mut begun = false;
    for word in text.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if begun && length > width {
            writeln!(out, "{line}")?;
            line = rest.to_owned();
            begun = false;
        }
        if begun {
            line.push(' ');
        }
        line.push_str(word);
        begun = true;
    }
    writeln!(out, "{line}")
}
