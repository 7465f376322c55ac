//! What to do now: safest first, each with how dangerous it is here.
//! In: the advice of an incident. Out: a list with commands that can be copied.
//! Never: shows a command that must not be run in a form that invites copying.

use super::marks;
use super::markup::Html;
use crate::report::{Advice, Incident, Safety};

/// Advice that is shown.
const MOST: usize = 60;

/// Writes the advice of the `n`th story.
pub(super) fn write(incident: &Incident, n: usize, h: &mut Html) {
    if incident.advice.is_empty() {
        return;
    }
    let mut sorted: Vec<&Advice> = incident.advice.iter().collect();
    sorted.sort_by_key(|advice| advice.safety);
    h.raw("<section class=\"part now\"")
        .attr("id", &format!("s{n}-now"));
    h.raw(">\n<h3>What to do now</h3>\n<ol class=\"advice\">\n");
    for advice in sorted.iter().take(MOST) {
        h.raw(match advice.safety {
            Safety::Safe => "<li class=\"is-safe\">",
            Safety::Risky => "<li class=\"is-risky\">",
            Safety::Never => "<li class=\"is-never\">",
        });
        marks::safety(advice.safety, h);
        h.raw("<div><p>").text(advice.say.trim_end_matches('.'));
        let run = advice.run.as_deref();
        if advice.safety == Safety::Never
            && let Some(run) = run.filter(|run| !advice.say.contains(run))
        {
            h.raw(" (<code class=\"forbidden\">")
                .command(run)
                .raw("</code>)");
        }
        if let Some(because) = &advice.because {
            h.raw("<span class=\"dim\">: ").text(because).raw("</span>");
        }
        h.raw("</p>\n");
        if let Some(run) = run.filter(|_| advice.safety != Safety::Never) {
            h.raw("<pre tabindex=\"0\"><code>");
            for (n, line) in run.split('\n').enumerate() {
                if n > 0 {
                    h.raw("\n");
                }
                h.command(line);
            }
            h.raw("</code></pre>\n");
        }
        h.raw("</div></li>\n");
    }
    h.raw("</ol>\n");
    super::left_out(
        sorted.len().saturating_sub(MOST),
        "the terminal's -v tells all",
        h,
    );
    h.raw("</section>\n");
}
