//! Signatures that a key made before.
//!
//! Two cases of three show a token that another one shows as well, or differs from it in what is not
//! signed, and the big numbers are a quarter of what a run costs.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::forge::{hash::Hash, sign::Algorithm};

/// Algorithm, digest of the message, and seed: all that a signature hangs on beside its key.
type Of = (Algorithm, Vec<u8>, u64);

/// As many as the catalogue needs, so that whoever forges for days keeps no more than a megabyte a key.
const MOST: usize = 2048;

/// The signatures of one key.
#[derive(Debug, Default)]
pub(in crate::forge) struct Signed(Mutex<HashMap<Of, Vec<u8>>>);

impl Signed {
    /// The signature of a message, made by this function where it is not known.
    pub(in crate::forge) fn get_or_make<E>(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        seed: u64,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let of = (algorithm, Hash::Sha256.digest(&[message]), seed);
        // Nothing is left half done where a thread died, and two that make the same make it alike.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signature) = known().get(&of) {
            return Ok(signature.clone());
        }
        let signature = make()?;
        let mut known = known();
        if known.len() < MOST {
            known.insert(of, signature.clone());
        }
        Ok(signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_each_once_until_there_are_too_many() {
        let signed = Signed::default();
        let mut count = 0;
        let mut get = |message: &[u8], seed| {
            signed.get_or_make(Algorithm::EdDsa, message, seed, || {
                count += 1;
                Ok::<_, ()>(vec![count])
            })
        };
        assert_eq!(get(b"a", 0), Ok(vec![1]));
        assert_eq!(get(b"a", 0), Ok(vec![1]));
        assert_eq!(get(b"b", 0), Ok(vec![2]));
        assert_eq!(get(b"a", 1), Ok(vec![3]));
        assert_eq!(signed.get_or_make(Algorithm::EdDsa, b"c", 0, || Err(())), Err(()));
        for seed in 0..3_000 {
            let made = signed.get_or_make(Algorithm::EdDsa, b"many", seed, || Ok::<_, ()>(vec![9]));
            assert_eq!(made, Ok(vec![9]));
        }
        assert_eq!(signed.0.lock().unwrap().len(), MOST);
    }
}
