//! The words that all layers share.
//! In: nothing. Out: plain types for time, names, places, severity and bounds.
//! Never: reads, parses, or knows a daemon.

pub mod clocks;
pub mod coverage;
pub mod limits;
pub mod name;
pub mod node;
pub mod place;
pub mod severity;
pub mod time;
pub mod value;

pub use clocks::{ClockPiece, HostClock};
pub use coverage::{Coverage, InputCoverage};
pub use limits::Limits;
pub use name::Name;
pub use node::{LinkId, Member, NodeId, Observer, RingId};
pub use place::{Line, Place, SourceId, Text};
pub use severity::{Basis, Severity};
pub use time::{Span, Timestamp, When};
pub use value::{Fields, Value};
