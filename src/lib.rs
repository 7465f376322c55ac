//! fencepost
pub mod event;
pub mod frame;
pub mod input;
pub mod model;
pub mod pattern;
pub mod record;
pub mod run;
