//! Inked text, wrapped and written within a width.
//! In: pieces of text with a meaning each. Out: lines that fit, with escape codes only when colour is wanted.
//! Never: lets raw text through; every piece is made harmless as it is put down.

use super::escape;
use super::{Look, Verbosity};
use crate::model::Severity;
use crate::report::{Safety, Status, Tone};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// Longer lines of prose lose the eye on its way back; pictures take the whole width.
const WIDEST_PROSE: usize = 120;

/// With fewer columns left beside a label, prose begins on a line of its own.
const NARROWEST_PROSE: usize = 12;

/// What a piece of text means; never the only carrier of that meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Prose.
    Body,
    /// Headings and names.
    Strong,
    /// What may be skipped.
    Dim,
    /// As it should be.
    Good,
    /// Degraded.
    Warn,
    /// Broken.
    Bad,
    /// To be copied into a shell.
    Command,
}

impl Ink {
    fn style(self) -> Style {
        let plain = Style::new();
        match self {
            Ink::Body => plain,
            Ink::Strong => plain.bold(),
            Ink::Dim => plain.dimmed(),
            // Cyan, yellow and red differ in lightness too, for eyes that do not tell red from green.
            Ink::Good => plain.fg_color(Some(AnsiColor::Cyan.into())),
            Ink::Warn => plain.fg_color(Some(AnsiColor::Yellow.into())),
            Ink::Bad => plain.fg_color(Some(AnsiColor::BrightRed.into())).bold(),
            // Bright cyan is no colour on white.
            Ink::Command => plain.fg_color(Some(AnsiColor::Cyan.into())).bold(),
        }
    }
}

impl From<Severity> for Ink {
    fn from(severity: Severity) -> Ink {
        match severity {
            Severity::Info => Ink::Good,
            Severity::Low => Ink::Strong,
            Severity::Medium => Ink::Warn,
            Severity::High | Severity::Catastrophic => Ink::Bad,
        }
    }
}

impl From<Safety> for Ink {
    fn from(safety: Safety) -> Ink {
        match safety {
            Safety::Safe => Ink::Good,
            Safety::Risky => Ink::Warn,
            Safety::Never => Ink::Bad,
        }
    }
}

impl From<Status> for Ink {
    fn from(status: Status) -> Ink {
        match status {
            Status::Over => Ink::Good,
            Status::Unknown => Ink::Warn,
            Status::Ongoing => Ink::Bad,
        }
    }
}

impl From<Tone> for Ink {
    fn from(tone: Tone) -> Ink {
        match tone {
            Tone::Good => Ink::Good,
            Tone::Warn => Ink::Warn,
            Tone::Bad => Ink::Bad,
            Tone::Plain => Ink::Body,
            Tone::Unknown => Ink::Dim,
        }
    }
}

/// Text with a meaning per character, harmless from the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    cells: Vec<(char, Ink)>,
    ascii: bool,
}

impl Text {
    /// Adds `text`.
    pub(super) fn put(&mut self, ink: Ink, text: &str) -> &mut Text {
        let harmless = escape::visible(text, self.ascii);
        self.cells.extend(harmless.chars().map(|c| (c, ink)));
        self
    }

    /// The same, for building in one expression.
    pub(super) fn with(mut self, ink: Ink, text: &str) -> Text {
        self.put(ink, text);
        self
    }

    /// Adds blanks up to `column`; at least one behind a word that reaches it.
    pub(super) fn pad_to(&mut self, column: usize) -> &mut Text {
        let after_word = self.cells.last().is_some_and(|&(c, _)| c != ' ');
        let blanks = column.saturating_sub(self.width());
        let blanks = blanks.max(usize::from(after_word));
        self.cells
            .extend(std::iter::repeat_n((' ', Ink::Body), blanks));
        self
    }

    /// Columns it takes.
    pub(super) fn width(&self) -> usize {
        cells_width(&self.cells)
    }

    /// Whether nothing was put down.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Lines of at most `width` columns, broken at blanks where there are any.
    fn wrap(&self, width: usize) -> Vec<&[(char, Ink)]> {
        let mut lines = Vec::new();
        let mut rest = trim(&self.cells);
        while !rest.is_empty() {
            let (line, after) = rest.split_at(line_end(rest, width));
            lines.push(trim(line));
            rest = trim(after);
        }
        lines
    }
}

fn cells_width(cells: &[(char, Ink)]) -> usize {
    cells.iter().map(|&(c, _)| escape::char_width(c)).sum()
}

fn trim(mut cells: &[(char, Ink)]) -> &[(char, Ink)] {
    while let [(' ', _), rest @ ..] | [rest @ .., (' ', _)] = cells {
        cells = rest;
    }
    cells
}

/// How many cells the first line takes: all, up to the last blank that fits, or as many as fit.
fn line_end(cells: &[(char, Ink)], width: usize) -> usize {
    let mut used = 0;
    let mut blank = None;
    for (n, &(c, _)) in cells.iter().enumerate() {
        used += escape::char_width(c);
        if c == ' ' && n > 0 {
            blank = Some(n);
        } else if used > width {
            return blank.unwrap_or(n.max(1));
        }
    }
    cells.len()
}

/// A page: where lines of at most a width are written to.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    look: &'a Look,
    /// Whether the line before is empty, or there is none.
    after_gap: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write, look: &'a Look) -> Page<'a> {
        Page {
            out,
            look,
            after_gap: true,
        }
    }

    /// Columns to fill.
    pub(super) fn width(&self) -> usize {
        self.look.width.max(40)
    }

    /// Whether only ASCII is wanted.
    pub(super) fn ascii(&self) -> bool {
        self.look.ascii
    }

    /// How much is said.
    pub(super) fn verbosity(&self) -> Verbosity {
        self.look.verbosity
    }

    /// The name of the clock.
    pub(super) fn zone(&self) -> &'static str {
        self.look.zone
    }

    /// `unicode`, or `ascii` where only that is wanted.
    pub(super) fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.look.ascii { ascii } else { unicode }
    }

    /// Text to put words into.
    pub(super) fn text(&self) -> Text {
        Text {
            cells: Vec::new(),
            ascii: self.look.ascii,
        }
    }

    /// An empty line, unless there is one already.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.after_gap, true) {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// A line that is cut where the page ends.
    pub(super) fn line(&mut self, text: &Text) -> io::Result<()> {
        let limit = self.width();
        let blanks = text.cells.iter().rev().take_while(|&&(c, _)| c == ' ');
        if text.width() - blanks.count() <= limit {
            return self.whole_line(text);
        }
        let mark = escape::ellipsis(self.look.ascii);
        let room = limit - escape::width(mark);
        let mut used = 0;
        let fits = text.cells.iter().take_while(|&&(c, _)| {
            used += escape::char_width(c);
            used <= room
        });
        let mut cells: Vec<_> = fits.copied().collect();
        cells.extend(mark.chars().map(|c| (c, Ink::Dim)));
        self.emit(&cells)
    }

    /// A line as long as it is: for what is to be copied.
    pub(super) fn whole_line(&mut self, text: &Text) -> io::Result<()> {
        self.emit(&text.cells)
    }

    /// `lead`, then `body` wrapped from column `hang` on.
    pub(super) fn block(&mut self, lead: Text, hang: usize, body: &Text) -> io::Result<()> {
        let mut lead = lead;
        lead.pad_to(hang);
        let mut hang = hang;
        if lead.width().max(hang) + NARROWEST_PROSE > self.width() {
            self.line(&lead)?;
            hang = hang.min(4);
            lead = self.text();
            lead.pad_to(hang);
        }
        let mut first = true;
        let room = self.width().min(WIDEST_PROSE).saturating_sub(hang);
        let lines = body.wrap(room);
        // A lead that reaches beyond its column leaves the first line less room than the others have.
        let begins = lines.first().map_or(0, |line| line.len());
        if lead.width() > hang && lead.width() + begins > self.width() {
            self.line(&lead)?;
            lead = self.text();
            lead.pad_to(hang);
        }
        for line in lines {
            let indent = if first {
                std::mem::take(&mut lead.cells)
            } else {
                vec![(' ', Ink::Body); hang]
            };
            first = false;
            self.emit(&[&indent, line].concat())?;
        }
        if first {
            self.whole_line(&lead)?;
        }
        Ok(())
    }

    /// Writes a line without blanks at its end, ink by ink.
    fn emit(&mut self, cells: &[(char, Ink)]) -> io::Result<()> {
        self.after_gap = false;
        let end = cells
            .iter()
            .rposition(|&(c, _)| c != ' ')
            .map_or(0, |n| n + 1);
        for run in cells[..end].chunk_by(|a, b| a.1 == b.1) {
            let text: String = run.iter().map(|&(c, _)| c).collect();
            let style = run[0].1.style();
            if self.look.colour && style != Style::new() {
                write!(self.out, "{style}{text}{style:#}")?;
            } else {
                self.out.write_all(text.as_bytes())?;
            }
        }
        self.out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(look: &Look, draw: impl Fn(&mut Page) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        draw(&mut Page::new(&mut bytes, look)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn prose_hangs_and_never_passes_the_width() {
        let look = Look {
            width: 40,
            ..Look::default()
        };
        let text = page(&look, |page| {
            let lead = page.text().with(Ink::Strong, " WHY");
            let body = page.text().with(
                Ink::Body,
                "packets between nodes get lost averyveryverylongwordwithoutanyblankatall",
            );
            page.block(lead, 10, &body)
        });
        assert_eq!(
            text,
            " WHY      packets between nodes get lost\n          averyveryverylongwordwithoutan\n          yblankatall\n"
        );
    }

    #[test]
    fn colour_is_written_only_when_wanted() {
        let plain = Look::default();
        let coloured = Look {
            colour: true,
            ..Look::default()
        };
        let draw = |page: &mut Page| {
            let text = page.text().with(Ink::Warn, "a").with(Ink::Body, " b  ");
            page.line(&text)
        };
        assert_eq!(page(&plain, draw), "a b\n");
        assert_eq!(page(&coloured, draw), "\x1b[33ma\x1b[0m b\n");
    }
}
