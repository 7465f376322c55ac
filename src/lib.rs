//! fencepost
pub mod analyzer;
pub mod cli;
pub mod cluster;
pub mod event;
pub mod explain;
pub mod frame;
pub mod incident;
pub mod input;
pub mod model;
pub mod pattern;
pub mod record;
pub mod render;
pub mod report;
pub mod run;
