//! Small signs that stand in many places: severity, basis, tone, safety.
//! In: words of the report. Out: a sign and always the word.
//! Never: tells by colour alone.

use super::markup::Html;
use crate::model::{Basis, Severity};
use crate::report::{Safety, Tone};

/// Hatches that pictures fill with, once for the whole page.
pub(super) const DEFS: &str = concat!(
    "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\n",
    "<pattern id=\"h-warn\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">",
    "<rect class=\"hw\" width=\"6\" height=\"6\"/><rect class=\"hl\" width=\"1.6\" height=\"6\"/></pattern>\n",
    "<pattern id=\"h-unknown\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\">",
    "<rect class=\"hu\" width=\"1.2\" height=\"7\"/></pattern>\n",
    "<pattern id=\"h-budget\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">",
    "<rect class=\"hb\" width=\"1.4\" height=\"1.4\"/></pattern>\n",
    "<marker id=\"m-arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">",
    "<path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker>\n",
    "</defs></svg>\n",
);

/// How bad, as a badge.
pub(super) fn severity(severity: Severity, h: &mut Html) {
    let (class, sign) = match severity {
        Severity::Catastrophic => ("<span class=\"sev s5\">", "✕ "),
        Severity::High => ("<span class=\"sev s4\">", "▲ "),
        Severity::Medium => ("<span class=\"sev s3\">", "◆ "),
        Severity::Low => ("<span class=\"sev s2\">", "▪ "),
        Severity::Info => ("<span class=\"sev s1\">", "✓ "),
    };
    h.raw(class).raw("<span aria-hidden=\"true\">").raw(sign);
    h.raw("</span>").raw(severity.word()).raw("</span>");
}

/// How it is known.
pub(super) fn basis(basis: Basis, h: &mut Html) {
    let open = match basis {
        Basis::Measured => {
            "<span class=\"basis\" title=\"computed from stamps or numbers in the lines\">"
        }
        Basis::Stated => "<span class=\"basis\" title=\"a line says so\">",
        Basis::Inferred => "<span class=\"basis weak\" title=\"concluded from lines by a rule\">",
        Basis::Assumed => {
            "<span class=\"basis weak\" title=\"a default of the software that no line contradicts\">"
        }
    };
    h.raw(open).raw(basis.word()).raw("</span>");
}

/// The class of a tone in a picture.
pub(super) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "g",
        Tone::Plain => "p",
        Tone::Warn => "w",
        Tone::Bad => "b",
        Tone::Unknown => "u",
    }
}

/// The word for a tone.
pub(super) fn tone_word(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Plain => "neutral",
        Tone::Warn => "degraded",
        Tone::Bad => "broken",
        Tone::Unknown => "unknown",
    }
}

/// How dangerous an advice is, as a badge.
pub(super) fn safety(safety: Safety, h: &mut Html) {
    h.raw(match safety {
        Safety::Safe => {
            "<span class=\"badge safe\"><span aria-hidden=\"true\">✓ </span>safe</span>"
        }
        Safety::Risky => {
            "<span class=\"badge risky\"><span aria-hidden=\"true\">! </span>risky</span>"
        }
        Safety::Never => {
            "<span class=\"badge never\"><span aria-hidden=\"true\">✕ </span>never</span>"
        }
    });
}
