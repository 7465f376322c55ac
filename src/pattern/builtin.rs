//! The patterns that ship with the program, and a user's own over them.
//! In: texts. Out: patterns in the order of the list, the user's new ones after them.
//! Never: opens files; they are embedded or passed in.

use super::check::check;
use super::error::Error;
use super::file::{Pattern, parse};
use super::vocabulary::Vocabulary;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Id and text of every pattern, causes before what they cause.
pub const BUILTIN: &[(&str, &str)] = &[
    ("link-flap", include_str!("../../patterns/link-flap.toml")),
    ("token-loss", include_str!("../../patterns/token-loss.toml")),
    (
        "membership-change",
        include_str!("../../patterns/membership-change.toml"),
    ),
    (
        "network-degradation",
        include_str!("../../patterns/network-degradation.toml"),
    ),
    (
        "mtu-problem",
        include_str!("../../patterns/mtu-problem.toml"),
    ),
    (
        "auth-failure",
        include_str!("../../patterns/auth-failure.toml"),
    ),
    (
        "qdevice-failure",
        include_str!("../../patterns/qdevice-failure.toml"),
    ),
    (
        "cpu-starvation",
        include_str!("../../patterns/cpu-starvation.toml"),
    ),
    (
        "quorum-loss",
        include_str!("../../patterns/quorum-loss.toml"),
    ),
    ("partition", include_str!("../../patterns/partition.toml")),
    (
        "split-brain-risk",
        include_str!("../../patterns/split-brain-risk.toml"),
    ),
    (
        "pmxcfs-readonly",
        include_str!("../../patterns/pmxcfs-readonly.toml"),
    ),
    (
        "pmxcfs-desync",
        include_str!("../../patterns/pmxcfs-desync.toml"),
    ),
    (
        "cfs-lock-timeout",
        include_str!("../../patterns/cfs-lock-timeout.toml"),
    ),
    (
        "ha-lock-lost",
        include_str!("../../patterns/ha-lock-lost.toml"),
    ),
    (
        "watchdog-expired",
        include_str!("../../patterns/watchdog-expired.toml"),
    ),
    ("self-fence", include_str!("../../patterns/self-fence.toml")),
    (
        "node-fenced",
        include_str!("../../patterns/node-fenced.toml"),
    ),
    (
        "service-recovery",
        include_str!("../../patterns/service-recovery.toml"),
    ),
    (
        "recovery-failed",
        include_str!("../../patterns/recovery-failed.toml"),
    ),
    (
        "kernel-panic",
        include_str!("../../patterns/kernel-panic.toml"),
    ),
    (
        "sudden-reboot",
        include_str!("../../patterns/sudden-reboot.toml"),
    ),
    (
        "graceful-reboot",
        include_str!("../../patterns/graceful-reboot.toml"),
    ),
    ("time-jump", include_str!("../../patterns/time-jump.toml")),
    ("nic-down", include_str!("../../patterns/nic-down.toml")),
    (
        "out-of-memory",
        include_str!("../../patterns/out-of-memory.toml"),
    ),
    (
        "disk-io-stall",
        include_str!("../../patterns/disk-io-stall.toml"),
    ),
    (
        "service-failure",
        include_str!("../../patterns/service-failure.toml"),
    ),
    (
        "config-error",
        include_str!("../../patterns/config-error.toml"),
    ),
    (
        "ha-replication-mismatch",
        include_str!("../../patterns/ha-replication-mismatch.toml"),
    ),
    (
        "replication-failure",
        include_str!("../../patterns/replication-failure.toml"),
    ),
    (
        "storage-offline",
        include_str!("../../patterns/storage-offline.toml"),
    ),
    (
        "stuck-guest-lock",
        include_str!("../../patterns/stuck-guest-lock.toml"),
    ),
];

/// The built-in patterns, checked against `vocabulary`.
pub fn builtin(vocabulary: &Vocabulary) -> Result<Vec<Arc<Pattern>>, Vec<Error>> {
    with_overrides(&[], vocabulary)
}

/// The built-in patterns with those of `texts` (path and text) added, or put in the place of one with the same id. All are
/// checked; every error of every file is returned.
pub fn with_overrides(
    texts: &[(String, String)],
    vocabulary: &Vocabulary,
) -> Result<Vec<Arc<Pattern>>, Vec<Error>> {
    let embedded = BUILTIN
        .iter()
        .map(|(id, text)| (format!("patterns/{id}.toml"), (*text).to_owned()));
    let mut errors = Vec::new();
    let mut patterns: Vec<Pattern> = Vec::new();
    for (path, text) in embedded.chain(texts.iter().cloned()) {
        match parse(&path, &text) {
            Err(error) => errors.push(error),
            Ok(pattern) => match patterns.iter_mut().find(|have| have.id() == pattern.id()) {
                Some(have) => *have = pattern,
                None => patterns.push(pattern),
            },
        }
    }
    // A file that cannot be read has an unknown id, which others may name: no second complaint about it.
    if errors.is_empty() {
        let kinds: BTreeSet<&str> = patterns.iter().map(Pattern::id).collect();
        errors.extend(patterns.iter().flat_map(|p| check(p, vocabulary, &kinds)));
    }
    if errors.is_empty() {
        Ok(patterns.into_iter().map(Arc::new).collect())
    } else {
        Err(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/patterns");
        let listed: BTreeSet<String> = BUILTIN.iter().map(|(id, _)| (*id).to_owned()).collect();
        let found: BTreeSet<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                Some(name.strip_suffix(".toml")?.to_owned())
            })
            .collect();
        let missing: Vec<String> = found
            .difference(&listed)
            .map(|id| format!("    (\"{id}\", include_str!(\"../../patterns/{id}.toml\")),"))
            .collect();
        assert!(
            missing.is_empty(),
            "add to BUILTIN:\n{}",
            missing.join("\n")
        );
        assert_eq!(listed.len(), BUILTIN.len(), "an id is listed twice");
    }
}
