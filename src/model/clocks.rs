//! How far the clock of a host is from the others', over time.
//! In: pieces, as they were compared. Out: the difference at an instant, and its error.
//! Never: compares clocks; knows where a piece came from.

use super::{Name, SourceId, Span, Timestamp};

/// The clock of one host against the median one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostClock {
    /// The host, in lower case and without its domain; `None` for a log that names none.
    pub host: Option<Name>,
    /// That log.
    pub source: Option<SourceId>,
    /// Whether its stamps have no fraction of a second: they are corrected by whole seconds then.
    pub whole_seconds: bool,
    /// In the order of time. Empty for a clock that could not be compared.
    pub pieces: Vec<ClockPiece>,
}

/// A time in which a clock ran evenly.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockPiece {
    /// Its first stamp by that clock; `None` for the first piece.
    pub from: Option<Timestamp>,
    /// By how much it was ahead at `at`; negative when it was behind.
    pub ahead: Span,
    /// Where in the piece, by that clock.
    pub at: Timestamp,
    /// Seconds that it gained per second.
    pub drift: f64,
    /// The first and the last stamp that was compared: nothing is known beyond them.
    pub compared: (Timestamp, Timestamp),
    /// How far `ahead` may be off.
    pub error: Span,
    /// Things that another host logged too. None: `ahead` is the least that the order of things demands.
    pub shared: usize,
}

impl ClockPiece {
    /// A clock of which only the least is known that it was off.
    pub fn at_least(ahead: Span, at: Timestamp) -> ClockPiece {
        ClockPiece {
            from: None,
            ahead,
            at,
            drift: 0.0,
            compared: (at, at),
            error: Span(0),
            shared: 0,
        }
    }

    /// Whether it may be off by more.
    pub fn is_least(&self) -> bool {
        self.shared == 0
    }

    /// By how much the clock was ahead when it showed `own`.
    pub fn ahead_at(&self, own: Timestamp) -> Span {
        let within = own.max(self.compared.0).min(self.compared.1);
        let gained = within.since(self.at).seconds() * self.drift;
        Span(self.ahead.0 + (gained * 1e6) as i64)
    }
}

impl HostClock {
    /// The piece that a stamp of this host falls into.
    pub fn piece(&self, own: Timestamp) -> Option<&ClockPiece> {
        let begun = |piece: &&ClockPiece| piece.from.is_none_or(|from| from <= own);
        self.pieces.iter().rev().find(begun)
    }

    /// The same, to be moved.
    pub fn piece_mut(&mut self, own: Timestamp) -> Option<&mut ClockPiece> {
        let begun = |piece: &&mut ClockPiece| piece.from.is_none_or(|from| from <= own);
        self.pieces.iter_mut().rev().find(begun)
    }

    /// By how much stamps of this clock are corrected where it showed `own`; nothing where it is not known to be off.
    pub fn ahead_at(&self, own: Timestamp) -> Span {
        let ahead = self.piece(own).map_or(Span(0), |piece| piece.ahead_at(own));
        match self.whole_seconds {
            true => Span::from_secs(ahead.seconds().round() as i64),
            false => ahead,
        }
    }

    /// The piece that most is known of.
    pub fn firmest(&self) -> Option<&ClockPiece> {
        // The first of equal ones.
        self.pieces.iter().rev().max_by_key(|piece| piece.shared)
    }

    /// Whether it differs from the others at any time.
    pub fn is_off(&self) -> bool {
        self.pieces.iter().any(|piece| piece.ahead != Span(0))
    }
}
