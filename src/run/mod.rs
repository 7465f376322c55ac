//! The wiring: reading in parallel, reasoning in order.
//! In: a plan. Out: a report, events, or a verdict on patterns and cases.
//! Never: words a finding; knows clap.

pub mod examples;
