//! corosync and the libraries that log through it.
//! In: a message of corosync. Out: `Corosync`, one variant per subsystem.
//! Never: keeps state.

pub mod knet;

use super::Kind;
use super::message::{Message, Sample};
use crate::model::Fields;

/// A message of corosync, by subsystem.
#[derive(Clone, Debug, PartialEq)]
pub enum Corosync {
    /// libknet.
    Knet(knet::Knet),
}

impl Corosync {
    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Corosync::Knet(m) => m.name(),
        }
    }
    /// The message's fields.
    pub fn fields(&self) -> Fields {
        match self {
            Corosync::Knet(m) => m.fields(),
        }
    }
}

/// Reads a message of corosync, with or without its `[KNET  ] ` prefix.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let _ = (message, cut);
    None
}

/// Every kind of corosync message.
pub fn samples() -> Vec<Sample> {
    knet::Knet::SAMPLES.to_vec()
}
