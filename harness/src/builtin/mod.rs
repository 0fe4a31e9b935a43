//! Verifiers that come with the binary.
//!
//! They are driven like any other, as child processes that speak the adapter protocol; in-process
//! they serve tests, benches and the hunt.

mod jsonwebtoken;
pub mod reference;

use crate::verifier::Implementation;

/// A verifier that comes with the binary.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Makes it.
    pub make: fn() -> Box<dyn Implementation>,
}

/// Every built-in verifier: one file and one line each.
pub const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "reference",
        summary: "the strict reference verifier, on aws-lc-rs",
        make: || Box::new(reference::Reference::strict()),
    },
    Builtin {
        name: "jsonwebtoken",
        summary: "the crate jsonwebtoken, used as its documentation says",
        make: || Box::new(jsonwebtoken::Jsonwebtoken),
    },
];

/// The built-in verifier of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_is_found_by_its_name_and_describes_itself_by_it() {
        for builtin in BUILTINS {
            assert_eq!(find(builtin.name).unwrap().name, builtin.name);
            assert_eq!((builtin.make)().describe().implementation.name, builtin.name);
        }
        assert!(find("nobody").is_none());
    }
}
