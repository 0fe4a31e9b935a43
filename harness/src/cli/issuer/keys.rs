//! The test keys that are served, and what each signs with.

use anyhow::{anyhow, bail};
use gauntlet_vectors::{
    forge::{
        KeyName,
        keys::{NAMES, TestKey, find},
        sign::Algorithm,
    },
    policy::JwkRecipe,
};
use serde_json::Value;

/// Keys that are not taken unless they are asked for by name: each is unfit, or odd, in its own way.
const ODD: &[&str] = &["rsa-1024-a", "rsa-2048-e3", "p256-leading-zero"];

/// A test key as it stands in the key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Served {
    pub(super) key: &'static str,
    pub(super) kid: Option<String>,
    /// Absent where the key signs nothing (X25519).
    pub(super) alg: Option<&'static str>,
}

impl Served {
    /// A test key under its own name.
    pub(super) fn named(name: &str, algorithms: &[&'static str]) -> anyhow::Result<Self> {
        let key = known(name)?;
        Ok(Self { key, kid: Some(key.to_owned()), alg: own_algorithm(key, algorithms)? })
    }

    pub(super) fn name(&self) -> KeyName {
        self.key.into()
    }

    /// What people call it by: its `kid`, or its own name where it has none.
    pub(super) fn called(&self) -> &str {
        self.kid.as_deref().unwrap_or(self.key)
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.kid.as_deref() == Some(name) || self.key == name
    }

    pub(super) fn jwk(&self) -> JwkRecipe {
        let kid = self.kid.as_deref().map(|kid| ("kid", kid));
        let alg = self.alg.map(|alg| ("alg", alg));
        let signs = alg.map(|_| ("use", "sig"));
        let set = [kid, signs, alg].into_iter().flatten();
        let set = set.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        JwkRecipe { key: self.name(), set, drop: Vec::new() }
    }
}

/// The `alg` values that a key set can serve keys for: those of signatures, not of secrets.
pub(super) fn public_algorithms() -> impl Iterator<Item = &'static str> {
    let is_public = |algorithm: &Algorithm| !matches!(algorithm, Algorithm::Hmac(_));
    Algorithm::ALL.iter().filter(move |(_, algorithm)| is_public(algorithm)).map(|(alg, _)| *alg)
}

/// An `alg` value from the command line.
pub(super) fn public_algorithm(text: &str) -> Result<&'static str, String> {
    let mut all = public_algorithms();
    all.find(|alg| *alg == text).ok_or_else(|| {
        let all: Vec<_> = public_algorithms().collect();
        format!("expected one of {}", all.join(", "))
    })
}

/// An `alg` value that the forge signs with.
pub(super) fn any_algorithm(text: &str) -> anyhow::Result<&'static str> {
    let found = Algorithm::ALL.iter().find(|(alg, _)| *alg == text);
    found.map(|(alg, _)| *alg).ok_or_else(|| {
        let all: Vec<_> = Algorithm::ALL.iter().map(|(alg, _)| *alg).collect();
        anyhow!("`{text}` is no algorithm of ours; expected one of {}", all.join(", "))
    })
}

/// The name of a test key, for as long as the program runs.
pub(super) fn known(name: &str) -> anyhow::Result<&'static str> {
    let known = NAMES.iter().find(|known| **known == name);
    known.copied().ok_or_else(|| {
        anyhow!("there is no test key `{name}`; expected one of {}", NAMES.join(", "))
    })
}

/// The test keys that sign with this algorithm, the usual ones only.
pub(super) fn signers(alg: &str) -> anyhow::Result<Vec<&'static TestKey>> {
    let usual = NAMES.iter().filter(|name| !ODD.contains(name));
    let keys = usual.map(|name| find(&KeyName::from(*name))).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|error| anyhow!("failed to {error}"))?;
    Ok(keys.into_iter().filter(|key| serves(alg, key)).collect())
}

/// The test keys of the same kind as this one, itself among them, from the one behind it around to it.
pub(super) fn of_the_same_kind(name: &str, alg: &str) -> anyhow::Result<Vec<&'static TestKey>> {
    let own = test_key(name)?;
    let mut alike = signers(alg)?;
    alike.retain(|key| (key.kty(), key.crv()) == (own.kty(), own.crv()));
    let behind = alike.iter().position(|key| key.name() == name).map_or(0, |at| at + 1);
    if behind < alike.len() {
        alike.rotate_left(behind);
    }
    Ok(alike)
}

/// The test key of this name.
pub(super) fn test_key(name: &str) -> anyhow::Result<&'static TestKey> {
    find(&KeyName::from(name)).map_err(|error| anyhow!("failed to {error}"))
}

/// Whether this key signs with this algorithm.
pub(super) fn serves(alg: &str, key: &TestKey) -> bool {
    match (Algorithm::named(alg), key.kty(), key.crv()) {
        (Ok(Algorithm::Hmac(_)), kty, _) => kty == "oct",
        (Ok(Algorithm::RsaPkcs1(_) | Algorithm::RsaPss(_)), kty, _) => kty == "RSA",
        (Ok(Algorithm::Ecdsa(curve)), _, crv) => crv == Some(curve.crv()),
        (Ok(Algorithm::EdDsa), _, crv) => matches!(crv, Some("Ed25519" | "Ed448")),
        (Ok(Algorithm::Ed25519), _, crv) => crv == Some("Ed25519"),
        (Ok(Algorithm::Ed448), _, crv) => crv == Some("Ed448"),
        (Err(_), ..) => false,
    }
}

/// What a key signs with where nobody says: the first of these that it can, or else its usual algorithm.
fn own_algorithm(name: &str, first: &[&'static str]) -> anyhow::Result<Option<&'static str>> {
    let key = test_key(name)?;
    let all = Algorithm::ALL.iter().map(|(alg, _)| *alg);
    Ok(first.iter().copied().chain(all).find(|alg| serves(alg, key)))
}

/// One key for each of these algorithms, no key twice.
pub(super) fn for_each(algorithms: &[&'static str]) -> anyhow::Result<Vec<Served>> {
    let mut served: Vec<Served> = Vec::new();
    for alg in algorithms.iter().copied() {
        let is_free = |key: &&TestKey| served.iter().all(|other| other.key != key.name());
        let Some(key) = signers(alg)?.into_iter().find(is_free) else {
            bail!("there are not enough test keys for {}", algorithms.join(", "));
        };
        let key = known(key.name())?;
        served.push(Served { key, kid: Some(key.to_owned()), alg: Some(alg) });
    }
    Ok(served)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_has_two_usual_keys_so_that_it_can_rotate() {
        for (alg, _) in Algorithm::ALL {
            let first = signers(alg).unwrap();
            assert!(first.len() >= 2 || matches!(*alg, "HS384"), "{alg}: {}", first.len());
        }
    }

    #[test]
    fn each_algorithm_gets_a_key_of_its_own() {
        let all: Vec<_> = public_algorithms().filter(|alg| !alg.starts_with("RS")).collect();
        for algorithms in [&["ES256"][..], &["RS256", "PS256", "EdDSA", "Ed25519"], &all] {
            let Ok(served) = for_each(algorithms) else { continue };
            assert_eq!(served.len(), algorithms.len());
            for (key, alg) in served.iter().zip(algorithms) {
                assert!(serves(alg, test_key(key.key).unwrap()), "{alg}: {}", key.key);
                assert_eq!(served.iter().filter(|other| other.key == key.key).count(), 1);
            }
        }
    }

    #[test]
    fn a_key_is_followed_by_the_next_of_its_kind_and_at_last_by_itself() {
        let after = |name, alg| -> Vec<_> {
            of_the_same_kind(name, alg).unwrap().iter().map(|key| key.name()).collect()
        };
        assert_eq!(after("p256-a", "ES256"), ["p256-b", "p256-c", "p256-a"]);
        assert_eq!(after("p256-c", "ES256"), ["p256-a", "p256-b", "p256-c"]);
        assert_eq!(after("ed25519-b", "EdDSA"), ["ed25519-a", "ed25519-b"]);
        assert_eq!(after("p256-leading-zero", "ES256"), ["p256-a", "p256-b", "p256-c"]);
    }
}
