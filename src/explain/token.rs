//! What a token notice tells of the token timeout, and the timeout of the size of a cluster.
//! In: milliseconds. Out: an upper bound, and the cluster sizes that fit, each said to be inferred.
//! Never: relates two notices to each other; that is done where the whole log is known.

use super::Explanation;

/// A set of defaults: the timeout of two nodes, what every further node adds, and where it holds.
struct Defaults {
    base_ms: u32,
    per_node_ms: u32,
    name: &'static str,
}

/// Sources: corosync exec/totemconfig.c; pve-cluster since 9.1.0 writes a smaller coefficient into new clusters.
const DEFAULTS: [Defaults; 3] = [
    Defaults {
        base_ms: 3000,
        per_node_ms: 650,
        name: "defaults of corosync 3.1 and later",
    },
    Defaults {
        base_ms: 1000,
        per_node_ms: 650,
        name: "defaults of corosync 3.0",
    },
    Defaults {
        base_ms: 3000,
        per_node_ms: 125,
        name: "clusters created by Proxmox VE 9.2 and later",
    },
];

/// Larger clusters do not exist.
const MOST_NODES: u32 = 32;
/// A notice that was armed while a ring worked comes so much after 75 percent, in milliseconds.
const WORKING_MS: std::ops::RangeInclusive<u32> = 0..=2;
/// One that was armed while a ring was being formed (COMMIT, RECOVERY).
const FORMING_MS: std::ops::RangeInclusive<u32> = 90..=230;

/// One size of cluster that a first notice fits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fit {
    nodes: u32,
    timeout_ms: u32,
    late_ms: u32,
    defaults: &'static str,
}

impl Defaults {
    fn timeout_ms(&self, nodes: u32) -> u32 {
        self.base_ms + self.per_node_ms * (nodes - 2)
    }
}

fn fits(first_notice_ms: u32) -> Vec<Fit> {
    let all = DEFAULTS.iter().flat_map(|defaults| {
        (2..=MOST_NODES).filter_map(move |nodes| {
            let timeout_ms = defaults.timeout_ms(nodes);
            let late_ms = first_notice_ms.checked_sub(timeout_ms * 3 / 4)?;
            let fits = WORKING_MS.contains(&late_ms) || FORMING_MS.contains(&late_ms);
            fits.then_some(Fit {
                nodes,
                timeout_ms,
                late_ms,
                defaults: defaults.name,
            })
        })
    });
    let mut all: Vec<Fit> = all.collect();
    all.sort_by_key(|fit| FORMING_MS.contains(&fit.late_ms));
    all
}

/// What a notice of `ms` milliseconds without token says.
pub(super) fn notice(ms: u32) -> String {
    // Rounded up, because the daemon cuts three quarters of an odd timeout.
    let bound = (u64::from(ms) * 4).div_ceil(3);
    let mut text = format!(
        "the token timeout is at most {bound} ms, because no notice comes before 75 percent of it"
    );
    let fits = fits(ms);
    if fits.is_empty() {
        text.push_str(
            "; no size of cluster with default timeouts fits a first notice: a custom timeout, or a later notice of its round",
        );
        return text;
    }
    text.push_str("; inferred, if it is the first of its round and timeouts are defaults: ");
    let each: Vec<String> = fits.iter().map(Fit::say).collect();
    text.push_str(&each.join(", or "));
    text
}

impl Fit {
    fn say(&self) -> String {
        let Fit {
            nodes,
            timeout_ms,
            late_ms,
            defaults,
        } = self;
        let when = match FORMING_MS.contains(late_ms) {
            true => format!("{late_ms} ms late: armed while a ring was being formed"),
            false => "armed while the ring worked".to_owned(),
        };
        format!("{nodes} nodes in the nodelist (timeout {timeout_ms} ms, {when}; {defaults})")
    }
}

/// What a stated token timeout says of the size of the cluster.
pub(super) fn timeout(ms: u32) -> String {
    let sizes = DEFAULTS.iter().flat_map(|defaults| {
        (2..=MOST_NODES)
            .filter(move |nodes| defaults.timeout_ms(*nodes) == ms)
            .map(move |nodes| format!("{nodes} nodes in the nodelist ({})", defaults.name))
    });
    let sizes: Vec<String> = sizes.collect();
    match sizes.is_empty() {
        true => "no default of any size of cluster: a custom timeout".to_owned(),
        false => format!("inferred from defaults: {}", sizes.join(", or ")),
    }
}

/// `5266 ms`: read as a token notice.
pub(super) fn explain(text: &str) -> Option<Explanation> {
    let ms: u32 = text.strip_suffix("ms")?.trim_end().parse().ok()?;
    let entry = super::book::kind("corosync.token-warning").unwrap_or_default();
    Some(Explanation {
        subject: format!("{ms} ms without token"),
        meaning: format!(
            "As the first notice `Token has not been received in {ms} ms`: {}.",
            notice(ms)
        ),
        ..entry
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(ms: u32) -> Vec<(u32, u32, u32)> {
        let fits = fits(ms).into_iter();
        fits.map(|f| (f.nodes, f.timeout_ms, f.late_ms)).collect()
    }

    #[test]
    fn a_notice_at_three_quarters_is_of_a_working_ring() {
        assert_eq!(sizes(2737)[0], (3, 3650, 0));
        assert_eq!(sizes(2739)[0], (3, 3650, 2));
        assert!(!sizes(2740).contains(&(3, 3650, 3)));
    }

    #[test]
    fn a_late_notice_is_of_a_ring_that_was_being_formed() {
        assert_eq!(
            sizes(5266),
            [(8, 6900, 91), (11, 6850, 129), (32, 6750, 204)]
        );
        let text = notice(5266);
        assert!(text.contains("at most 7022 ms"), "{text}");
        assert!(text.contains("inferred"), "{text}");
        assert!(text.contains("8 nodes"), "{text}");
    }

    #[test]
    fn a_notice_that_fits_nothing_says_so() {
        assert!(notice(100).contains("custom"));
    }

    #[test]
    fn a_stated_timeout_names_the_size() {
        assert!(timeout(3650).contains("3 nodes"));
        assert!(timeout(10000).contains("custom"));
    }
}
