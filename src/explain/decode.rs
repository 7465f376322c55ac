//! What single values in messages mean: error numbers, states, locks, timeouts, rings.
//! In: the kind and name of a field with its value, or a number or name alone. Out: words.
//! Never: parses messages; `event` did.

use super::{Explanation, book, ring, token};
use crate::event::ha::Lock;
use crate::event::message::{CsError, Field};
use crate::model::Value;

/// What a field of an event is, and what its value means where that is known.
pub(super) fn field(kind: &str, name: &str, value: &Value) -> String {
    let label = book::field(kind, name);
    match (label, meaning(kind, name, value)) {
        (label, None) => label.to_owned(),
        ("", Some(said)) => said,
        (label, Some(said)) => format!("{label}: {said}"),
    }
}

fn meaning(kind: &str, name: &str, value: &Value) -> Option<String> {
    let text = value.to_string();
    let number = match value {
        Value::Int(n) => u32::try_from(*n).ok(),
        _ => None,
    };
    let said = match name {
        "from" | "to" | "state" => book::word(family(kind)?, &text),
        "policy" => book::word("shutdown policy", &text),
        "domain" => book::word("service of pmxcfs", &text),
        "reason" if kind == "ha.lock-lost" => book::word_within("reason of a lost lock", &text),
        "code" if kind.starts_with("pve-ha-crm.") => {
            book::word("exit code of a service command", &text)
        }
        "error" => return error(kind, &text),
        "lock" => return lock_meaning(&text).map(str::to_owned),
        "ring" => return ring::read(&text).map(|ring| ring::say(&ring)),
        "ms" if kind == "corosync.token-warning" => return number.map(token::notice),
        "token_ms" => return number.map(token::timeout),
        "epoch" => {
            let count = u64::from_str_radix(&text, 16).ok()?;
            return Some(format!("{count} in decimal"));
        }
        "seconds" if kind == "ha.loop-too-long" => return number.map(loop_length),
        _ => None,
    };
    said.map(str::to_owned)
}

/// Which words the states in a kind of event are.
fn family(kind: &str) -> Option<&'static str> {
    match kind {
        "pve-ha-lrm.status-change" => Some("LRM state"),
        "pve-ha-crm.status-change" => Some("CRM state"),
        "pve-ha-crm.node-state" | "pve-ha-crm.maintenance-clear" => Some("node state"),
        "pve-ha-crm.service-state"
        | "pve-ha-crm.disarm-deferred"
        | "pve-ha-crm.disarm-freezing" => Some("service state"),
        _ => None,
    }
}

fn error(kind: &str, text: &str) -> Option<String> {
    let corosync = kind
        .starts_with("pmxcfs.")
        .then(|| cs_error(text))
        .flatten();
    let said = corosync.and_then(|error| {
        let code = error.code?;
        let symbol = error.symbol()?;
        let said = book::word("corosync library error", symbol);
        Some(format!("{code} {symbol}. {}", said.unwrap_or_default()))
    });
    let said = said.or_else(|| book::word_within("system error", text).map(str::to_owned));
    said.map(|said| said.trim_end().to_owned())
}

/// A round of the HA daemons against the 60 s that the watchdog allows.
fn loop_length(seconds: u32) -> String {
    match seconds {
        0..=60 => "near the 60 s that the watchdog allows since it was last fed",
        61..=600 => "more than the 60 s that the watchdog allows since it was last fed",
        _ => "so long that a step of the clock is the likely cause",
    }
    .to_owned()
}

fn cs_error(text: &str) -> Option<CsError> {
    CsError::read(text, None).ok().map(|(_, error)| error)
}

/// `13`, `CS_ERR_NAME_TOO_LONG`: an error of the corosync libraries that `words.toml` does not explain.
pub(super) fn rare_corosync_error(text: &str) -> Option<Explanation> {
    let upper = text.to_ascii_uppercase();
    let error = cs_error(&upper).filter(|_| !upper.contains([' ', '(']))?;
    let (code, symbol) = (error.code?, error.symbol()?);
    if book::word("corosync library error", symbol).is_some() {
        return None;
    }
    Some(Explanation {
        subject: format!("corosync library error {code} ({symbol})"),
        meaning:
            "A number that corosync's libraries return; no cause of it in a cluster is known here."
                .to_owned(),
        source: "corosync include/corosync/corotypes.h".to_owned(),
        ..Explanation::default()
    })
}

fn lock_meaning(text: &str) -> Option<&'static str> {
    match Lock::from_text(text) {
        Lock::Manager => book::word("cluster lock", "ha_manager_lock"),
        Lock::Agent { .. } => book::word("cluster lock", "ha_agent_lock"),
        Lock::Domain { .. } | Lock::Other(_) => None,
    }
}

/// `ha_agent_pve1_lock`: the lock of one node; the lock of the manager is a word like others.
pub(super) fn lock(text: &str) -> Option<Explanation> {
    let Lock::Agent { node } = Lock::from_text(text) else {
        return None;
    };
    let known = book::words("ha_agent_lock").next()?;
    Some(Explanation {
        subject: format!("cluster lock of the LRM of {node}"),
        ..known
    })
}
