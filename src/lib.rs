#![doc = include_str!("../ARCHITECTURE.md")]
#![deny(missing_docs)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that panics has failed")
)]

// The layers, in the order in which a line meets them.
pub mod model;

pub mod config;
pub mod decode;
pub mod event;
pub mod frame;
pub mod input;
pub mod record;
pub mod redact;

pub mod cluster;
pub mod incident;
pub mod pattern;
pub mod report;

pub mod analyzer;
pub mod check;
pub mod explain;
pub mod render;
pub mod run;

pub mod cli;
