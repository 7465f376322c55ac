//! fencepost
pub mod event;
pub mod model;
pub mod pattern;
pub mod record;
pub mod render;
pub mod report;
