//! Configures the reference verifier with any bytes as a JWK Set and shows it a token: it never panics.
#![no_main]

use gauntlet_vectors::{NumericDate, Policy, Presented, policy::Keys, verdict::Mode};
use jwks_gauntlet::builtin;
use libfuzzer_sys::fuzz_target;

const TOKEN: &[u8] = include_bytes!("../seeds/compact_jws/rfc7515-A.3-es256");

fuzz_target!(|document: &[u8]| {
    let keys = String::from_utf8(document.to_vec())
        .map_or_else(|not_text| Keys::JwksB64(not_text.into_bytes()), Keys::Jwks);
    let reference = (builtin::find("reference").expect("it is built in").make)();
    if let Ok(verifier) = reference.configure(&Policy::trusting(keys), NumericDate::VIRTUAL) {
        let presented =
            Presented { mode: Mode::Jws, token: TOKEN.to_vec(), detached_payload: None };
        // Whether the token passes depends on the keys; that there is an answer does not.
        verifier.verify(&presented, NumericDate::VIRTUAL).expect("a verdict");
    }
});
