//! The totem token: rounds without it, how long at least, and what timeout the notices imply.
//! In: token notices, token losses, formed rings. Out: `token.*`, and the token timeout with its basis.
//! Never: says who lost the token; `membership` and the links do.

use super::roster::Known;
use super::{ChangeKind, Seen, Sink};
use crate::event::corosync::{Corosync, main::Main, quorum::Quorum, totem::Totem};
use crate::model::{Basis, Line, Span, Timestamp, When};

/// Notices and steps that the timeout is inferred from; more would not make it surer.
const KEPT: usize = 64;
/// Milliseconds by which a step between two notices may exceed the timeout: timers late, or a JOIN resent after 50 ms.
const LATE_MS: [(u32, u32); 2] = [(0, 6), (49, 57)];
/// After this long a round of which nothing more is heard is over.
const ROUND_S: f64 = 90.0;

/// A round of token trouble that is going on.
#[derive(Debug)]
struct Round {
    /// When the token was last seen, if stamps tell.
    last_token: Option<Timestamp>,
    latest: When,
    last_notice_ms: Option<u32>,
    line: Line,
    /// Links that had gone down by its beginning, and whether one was down then.
    downs_before: u64,
    link_was_down: bool,
}

/// What the links of the node say, so that a round can tell whether a link was down in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkHint {
    /// Times a link went down so far.
    pub downs: u64,
    /// Whether one is down.
    pub any_down: bool,
}

/// The token as one node sees it.
#[derive(Debug, Default)]
pub struct Token {
    round: Option<Round>,
    /// Rounds so far.
    pub rounds: u32,
    /// Sum of the lower bounds of silence over the rounds that are over, in seconds.
    pub silence_s: f64,
    /// The lower bound of the latest round that is over.
    pub last_silence_s: f64,
    /// When the token was last seen before the latest round, over or not.
    pub last_token: Option<Timestamp>,
    stated: Option<Known<u32>>,
    firsts: Vec<u32>,
    steps: Vec<u32>,
    limit_ms: Option<u32>,
    notice: Option<Line>,
    /// The base timeout before the part per node: 3000 since 3.1.0, 1000 before; `None` while the version is unknown.
    base_ms: Option<u32>,
    links: LinkHint,
}

impl Token {
    /// Takes what the links say by now.
    pub fn hint(&mut self, links: LinkHint) {
        self.links = links;
    }

    /// Takes one event, which corosync told.
    pub fn step(&mut self, message: &Corosync, seen: &Seen<'_>, out: &mut Sink) {
        match message {
            Corosync::Totem(Totem::TokenWarning { ms }) => self.late(*ms, seen, out),
            Corosync::Totem(Totem::TokenLost {
                token_ms,
                consensus_ms,
            }) => {
                if let Some(ms) = token_ms {
                    self.stated = Some(Known {
                        value: *ms,
                        basis: Basis::Stated,
                        line: Some(seen.line()),
                    });
                }
                if consensus_ms.is_some() {
                    self.base_ms = Some(3000);
                }
                let round = self.enter(*token_ms, seen, out);
                out.push(
                    seen,
                    Basis::Stated,
                    ChangeKind::TokenLost {
                        token_ms: *token_ms,
                        consensus_ms: *consensus_ms,
                        round,
                    },
                );
            }
            Corosync::Totem(
                Totem::LostInOperational {} | Totem::LostInCommit {} | Totem::LostInRecovery {},
            ) => {
                let round = self.enter(None, seen, out);
                out.push(
                    seen,
                    Basis::Stated,
                    ChangeKind::TokenLost {
                        token_ms: None,
                        consensus_ms: None,
                        round,
                    },
                );
            }
            Corosync::Totem(Totem::MembershipFormed { ring, .. }) => {
                if ring.notation != crate::model::node::RingNotation::Hex {
                    self.base_ms = Some(1000);
                }
                self.over(Some(seen), out);
            }
            Corosync::Quorum(Quorum::SyncMembers { .. }) => {
                self.base_ms = Some(3000);
                self.over(Some(seen), out);
            }
            // Printed when a ring was formed without those who failed.
            Corosync::Totem(Totem::LeaveMissing { .. }) => self.over(Some(seen), out),
            Corosync::Main(Main::NotScheduled { threshold_ms, .. }) if self.stated.is_none() => {
                // The threshold is printed as 80 percent of the token timeout.
                self.stated = Some(Known {
                    value: (threshold_ms / 0.8).round() as u32,
                    basis: Basis::Measured,
                    line: Some(seen.line()),
                });
            }
            Corosync::Main(Main::Starting { .. }) => self.over(None, out),
            _ => {}
        }
    }

    /// Lets log time pass.
    pub fn tick(&mut self, now: When, out: &mut Sink) {
        let stale = self.round.as_ref().is_some_and(|round| {
            now.since(round.latest)
                .is_some_and(|span| span.seconds() > ROUND_S)
        });
        if stale {
            self.over(None, out);
        }
    }

    /// Whether the token is missing right now.
    pub fn missing(&self) -> bool {
        self.round.is_some()
    }

    /// The lower bound of silence of the round that is going on, in seconds.
    pub fn running_silence_s(&self) -> f64 {
        self.round
            .as_ref()
            .and_then(|round| round.last_notice_ms)
            .map_or(0.0, |ms| f64::from(ms) / 1000.0)
    }

    fn late(&mut self, ms: u32, seen: &Seen<'_>, out: &mut Sink) {
        let previous = self.round.as_ref().and_then(|round| round.last_notice_ms);
        match previous {
            Some(previous) if ms > previous => {
                push_bounded(&mut self.steps, ms - previous);
            }
            Some(_) => {
                self.over(None, out);
                push_bounded(&mut self.firsts, ms);
            }
            None => push_bounded(&mut self.firsts, ms),
        }
        let first = *self.firsts.last().unwrap_or(&ms);
        // The first notice of a round comes at 75 percent of the timeout, never before.
        let limit = first.saturating_mul(4) / 3 + 1;
        self.limit_ms = Some(self.limit_ms.map_or(limit, |l| l.min(limit)));
        self.notice = Some(seen.line());
        let round = self.enter(Some(ms), seen, out);
        if let Some(round) = &mut self.round {
            round.last_notice_ms = Some(ms);
        }
        out.push(seen, Basis::Stated, ChangeKind::TokenLate { ms, round });
    }

    /// Enters a round, or stays in it; `ms` is how long the token is missing by this line.
    fn enter(&mut self, ms: Option<u32>, seen: &Seen<'_>, out: &mut Sink) -> u32 {
        self.tick(seen.when, out);
        if self.round.is_none() {
            self.rounds += 1;
            let last_token = seen
                .when
                .at
                .map(|at| at.plus(Span::from_millis(-i64::from(ms.unwrap_or(0)))));
            self.last_token = last_token.or(self.last_token);
            self.round = Some(Round {
                last_token,
                latest: seen.when,
                last_notice_ms: None,
                line: seen.line(),
                downs_before: self.links.downs,
                link_was_down: self.links.any_down,
            });
        }
        if let Some(round) = &mut self.round {
            round.latest = seen.when;
        }
        self.rounds
    }

    /// Ends the round: by a ring that was formed, or because nothing more was heard of it.
    fn over(&mut self, seen: Option<&Seen<'_>>, out: &mut Sink) {
        let Some(round) = self.round.take() else {
            return;
        };
        let by_notice = round.last_notice_ms.map(|ms| f64::from(ms) / 1000.0);
        let by_stamps = seen
            .and_then(|seen| Some(seen.when.at?.since(round.last_token?).seconds()))
            .filter(|s| (0.0..86_400.0).contains(s));
        let silence_s = match (by_notice, by_stamps) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        // Stamps tell how long the ring was gone, which may be longer than the token was: only notices are lower bounds.
        self.last_silence_s = by_notice.unwrap_or(0.0);
        self.silence_s += self.last_silence_s;
        let with_link =
            round.link_was_down || self.links.any_down || self.links.downs > round.downs_before;
        let change = ChangeKind::TokenBack {
            silence_s,
            no_token_s: by_notice,
            without_link: u32::from(!with_link),
            round: self.rounds,
        };
        match seen {
            Some(seen) => out.push(seen, Basis::Measured, change),
            None => out.push_at(round.latest, Basis::Inferred, change, vec![round.line]),
        }
    }

    /// The token timeout: as a line states it, or as the notices imply it under corosync's default timing.
    pub fn timeout(&self) -> Option<Known<u32>> {
        self.stated.clone().or_else(|| self.inferred_timeout())
    }

    /// Whether the timeout rests on notices alone, and on how many steps between them.
    pub fn agreeing_steps(&self, timeout_ms: u32) -> usize {
        self.steps
            .iter()
            .filter(|step| is_step(**step, timeout_ms))
            .count()
    }

    fn inferred_timeout(&self) -> Option<Known<u32>> {
        let base = self.base_ms.unwrap_or(3000);
        let limit = self.limit_ms?;
        let candidates = (2..=40)
            .map(|nodes| default_timeout_ms(base, nodes))
            .filter(|t| *t <= limit);
        let by_steps = candidates
            .clone()
            .map(|t| (self.agreeing_steps(t), t))
            .filter(|(agreeing, _)| *agreeing >= 2)
            .max();
        // Without steps, a first notice within 2 ms of three quarters of a default timeout, and at least two of them.
        let by_firsts = || {
            candidates
                .map(|t| (self.firsts.iter().filter(|ms| is_first(**ms, t)).count(), t))
                .filter(|(agreeing, _)| *agreeing >= 1)
                .max()
        };
        let (_, value) = by_steps.or_else(by_firsts)?;
        Some(Known {
            value,
            basis: Basis::Inferred,
            line: self.notice.clone(),
        })
    }

    /// The part of the timeout that does not depend on the number of nodes, by the corosync version that lines show.
    pub fn base_ms(&self) -> Option<u32> {
        self.base_ms
    }
}

/// corosync's default timeout for `nodes` entries of the nodelist. Source: exec/totemconfig.c, token_coefficient 650.
fn default_timeout_ms(base_ms: u32, nodes: u32) -> u32 {
    base_ms + 650 * nodes.saturating_sub(2)
}

/// How many nodes a default timeout belongs to, if to any. Source: exec/totemconfig.c.
pub fn nodes_of_timeout(timeout_ms: u32, base_ms: u32) -> Option<u32> {
    let above = timeout_ms.checked_sub(base_ms)?;
    (above % 650 == 0).then_some(above / 650 + 2)
}

fn is_step(step_ms: u32, timeout_ms: u32) -> bool {
    LATE_MS.iter().any(|(low, high)| {
        step_ms
            .checked_sub(timeout_ms)
            .is_some_and(|over| (*low..=*high).contains(&over))
    })
}

fn is_first(notice_ms: u32, timeout_ms: u32) -> bool {
    let three_quarters = timeout_ms * 3 / 4;
    (three_quarters..=three_quarters + 2).contains(&notice_ms)
}

fn push_bounded(list: &mut Vec<u32>, value: u32) {
    if list.len() == KEPT {
        list.remove(0);
    }
    list.push(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noticed(rounds: &[&[u32]], base_ms: Option<u32>) -> Token {
        let mut token = Token {
            base_ms,
            ..Token::default()
        };
        for round in rounds {
            token.firsts.push(round[0]);
            token.limit_ms = Some(
                token
                    .limit_ms
                    .map_or(round[0] * 4 / 3 + 1, |l| l.min(round[0] * 4 / 3 + 1)),
            );
            token.steps.extend(round.windows(2).map(|w| w[1] - w[0]));
        }
        token
    }

    #[test]
    fn repeated_steps_tell_the_timeout_even_when_the_first_notices_were_armed_late() {
        let token = noticed(&[&[4030, 9233], &[4100, 9302]], Some(3000));
        // 5200 = 1.3 x 4000 is no default; 3000 + 650 x 3 = 4950 is, and the steps do not fit it.
        assert_eq!(token.timeout(), None);
        let token = noticed(&[&[4030, 8983], &[4100, 9051]], Some(3000));
        assert_eq!(
            token.timeout().map(|known| (known.value, known.basis)),
            Some((4950, Basis::Inferred))
        );
    }

    #[test]
    fn a_first_notice_at_three_quarters_of_a_default_timeout_tells_it() {
        let token = noticed(&[&[2737]], Some(3000));
        assert_eq!(token.timeout().map(|known| known.value), Some(3650));
        assert_eq!(nodes_of_timeout(3650, 3000), Some(3));
    }

    #[test]
    fn a_timeout_of_one_s_own_is_not_explained_away() {
        let token = noticed(&[&[7500, 17_503], &[7501, 17_502]], Some(3000));
        assert_eq!(token.timeout(), None);
        assert_eq!(nodes_of_timeout(10_000, 3000), None);
    }
}
