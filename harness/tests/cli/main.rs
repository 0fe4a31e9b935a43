//! The real binary, driven as a user drives it.

mod command_line;
mod support;
mod verifiers;
