//! What is wrong with a pattern file, and where.
//! In: a place in the file and a message. Out: `path:line:column: message` with the line underlined.
//! Never: decides what is wrong.

use super::words::nearest;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The text of a pattern file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, as given.
    pub path: Arc<str>,
    /// All of it.
    pub text: Arc<str>,
}

/// One thing that is wrong with one pattern file.
#[derive(Clone, Debug)]
pub struct Error {
    source: Source,
    span: Range<usize>,
    message: String,
    label: String,
}

impl Error {
    /// A complaint about the bytes `span` of `source`; `label` stands under them and may be empty.
    pub fn new(source: &Source, span: Range<usize>, message: String, label: String) -> Error {
        let length = source.text.len();
        let start = span.start.min(length);
        Error {
            source: source.clone(),
            span: start..span.end.clamp(start, length),
            message,
            label,
        }
    }

    /// From the reader of TOML, with the nearest word where it lists the right ones.
    pub(super) fn from_toml(source: &Source, error: &toml::de::Error) -> Error {
        let said = error.message();
        let span = error.span().unwrap_or(0..0);
        let mut quoted = said.split('`').skip(1).step_by(2);
        let label = match (said.starts_with("unknown "), quoted.next()) {
            (true, Some(wrong)) => {
                nearest(wrong, quoted).map_or_else(String::new, |w| format!("did you mean `{w}`?"))
            }
            _ => String::new(),
        };
        let message = said.lines().collect::<Vec<_>>().join(", ");
        Error::new(source, span, message, label)
    }

    /// Line and column, both from 1; columns count characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text.as_bytes()[..self.span.start];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |n| n + 1);
        let column = 1 + String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count();
        (line, column)
    }

    /// What is wrong, without where.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The advice under the place, empty if there is none.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// As a compiler would print it: title, place, the line underlined.
    pub fn picture(&self, styled: bool) -> String {
        let title = Level::ERROR.primary_title(self.message.as_str());
        renderer(styled).render(&[title.element(self.snippet())])
    }

    fn snippet(&self) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
        let mark = AnnotationKind::Primary.span(self.span.clone());
        let mark = if self.label.is_empty() {
            mark
        } else {
            mark.label(self.label.as_str())
        };
        Snippet::source(&*self.source.text)
            .path(&*self.source.path)
            .annotation(mark)
    }
}

fn renderer(styled: bool) -> Renderer {
    if styled {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

impl fmt::Display for Error {
    /// `path:line:column: message`, then the line underlined.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        writeln!(f, "{}:{line}:{column}: {}", self.source.path, self.message)?;
        let group = Group::with_level(Level::ERROR).element(self.snippet());
        f.write_str(&renderer(false).render(&[group]))
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source {
            path: "patterns/fence-loop.toml".into(),
            text: text.into(),
        }
    }

    #[test]
    fn an_error_shows_its_place() {
        let source = source("id = \"x\"\n\n[on]\nsee = \"quorum.loss\"\n");
        let error = Error::new(
            &source,
            21..34,
            "no event or change is called `quorum.loss`".to_owned(),
            "did you mean `quorum.lost`?".to_owned(),
        );
        assert_eq!(error.line_column(), (4, 7));
        let title = "patterns/fence-loop.toml:4:7: no event or change is called `quorum.loss`\n";
        assert!(error.to_string().starts_with(title), "{error}");
        let picture = "\
error: no event or change is called `quorum.loss`
 --> patterns/fence-loop.toml:4:7
  |
4 | see = \"quorum.loss\"
  |       ^^^^^^^^^^^^^ did you mean `quorum.lost`?";
        assert_eq!(error.picture(false), picture);
    }

    #[test]
    fn a_place_beyond_the_text_is_its_end() {
        let error = Error::new(&source("é"), 7..9, "gone".to_owned(), String::new());
        assert_eq!(error.line_column(), (1, 2));
        assert!(error.picture(false).contains("gone"));
    }
}
