//! fencepost
pub mod event;
pub mod explain;
pub mod model;
pub mod pattern;
pub mod record;
