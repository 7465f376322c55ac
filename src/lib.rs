//! fencepost
pub mod analyzer;
pub mod cluster;
pub mod event;
pub mod explain;
pub mod incident;
pub mod model;
pub mod pattern;
pub mod record;
pub mod report;
pub mod run;
