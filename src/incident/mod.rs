//! Stories: findings that belong together, and why.
//! In: matches and changes. Out: groups of matches with their causes; lanes of states; spells of links.
//! Never: words anything; the report does.

pub mod group;
pub mod lanes;
pub mod spells;
