//! Shows any bytes as a token to the reference verifier: it refuses them, and never panics.
//!
//! The private halves of the trusted keys were thrown away, so that no input is signed with them.
#![no_main]

use std::sync::LazyLock;

use gauntlet_vectors::{NumericDate, Policy, Presented, Verdict, policy::Keys, verdict::Mode};
use jwks_gauntlet::{builtin, verifier::Verifier};
use libfuzzer_sys::fuzz_target;

static VERIFIER: LazyLock<Box<dyn Verifier>> = LazyLock::new(|| {
    let reference = (builtin::find("reference").expect("it is built in").make)();
    let policy = Policy::trusting(Keys::Jwks(include_str!("../jwks.json").to_owned()));
    reference.configure(&policy, NumericDate::VIRTUAL).expect("the keys are sound")
});

fuzz_target!(|token: &[u8]| {
    for mode in [Mode::Jwt, Mode::Jws] {
        let presented = Presented { mode, token: token.to_vec(), detached_payload: None };
        let verdict = VERIFIER.verify(&presented, NumericDate::VIRTUAL);
        assert!(matches!(verdict, Ok(Verdict::Reject { .. })), "{mode:?}: {verdict:?}");
    }
});
