//! Bounds on what one run may keep.
//! In: nothing. Out: stated maxima; a limit that is reached is said in `Coverage`.
//! Never: enforces; the layer that owns the thing does.

/// Bounds of one run. Every field is a maximum.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a line that are looked at; the rest is skipped and the line is counted as cut.
    pub line_bytes: usize,
    /// Bytes of a block, the unit of parallel work.
    pub block_bytes: usize,
    /// Evidence lines kept per finding: the first half and the last half of them.
    pub evidence_lines: usize,
    /// Findings kept; later ones are counted.
    pub findings: usize,
    /// Distinct messages of watched programs, not understood, that are ranked.
    pub unknown_messages: usize,
    /// Intervals kept per lane of a node.
    pub lane_intervals: usize,
    /// Events held back so that an unordered paste can be put in order.
    pub reorder_events: usize,
    /// Events of several inputs held back so that their clocks can be compared.
    pub compared_events: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            line_bytes: 64 * 1024,
            block_bytes: 512 * 1024,
            evidence_lines: 40,
            findings: 1_000,
            unknown_messages: 1_000,
            lane_intervals: 2_000,
            reorder_events: 30_000,
            compared_events: 600_000,
        }
    }
}
