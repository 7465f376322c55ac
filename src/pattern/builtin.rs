//! The patterns that ship with the program.
//! In: nothing, and texts of further files. Out: patterns in the order of the list.
//! Never: opens files.
