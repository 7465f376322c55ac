//! The program: exit code and nothing else.
//! In: the process's arguments. Out: its exit code.
//! Never: anything that `cli` can do.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(fencepost::cli::main())
}
