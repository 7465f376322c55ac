//! file
/// x
#[derive(Debug)]
pub struct Pattern {}
