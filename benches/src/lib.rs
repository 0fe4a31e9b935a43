//! What the benches share: tokens for each algorithm, the contestants that verify it, and a clock
//! that other processes cannot disturb.

use std::time::Duration;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        self as sig, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, ParsedPublicKey,
        RsaEncoding, RsaKeyPair, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed448_goldilocks::{SecretKey, SigningKey};
use gauntlet_vectors::{NumericDate, Policy, Presented, Verdict, policy::Keys, verdict::Mode};
use jwks_gauntlet::{builtin, verifier::Verifier};
use rustix::time::{ClockId, clock_gettime};

/// A way to verify the token of this index, modulo [`TOKENS`]; `false` where it is not accepted.
pub type Verify = Box<dyn Fn(usize) -> bool>;

/// How many different tokens each contestant verifies in turn.
///
/// With a single one the processor learns the whole computation by heart, which no server sees.
pub const TOKENS: usize = 64;

/// An algorithm with everything that verifies it.
pub struct Bout {
    /// The `alg` value.
    pub alg: &'static str,
    /// The primitive alone: prepared key, signing inputs and decoded signatures.
    pub raw: Verify,
    /// The built-in reference, through the trait.
    pub reference: Verify,
    /// The built-in adapter for `jsonwebtoken`, through the trait, where it has the algorithm.
    pub jsonwebtoken: Option<Verify>,
}

/// CPU time that this thread has used.
#[must_use]
pub fn thread_cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or_default())
}

/// A bout for each algorithm of the reference, with fresh keys.
///
/// # Panics
/// When the cryptography cannot make a key or a contestant refuses a configuration: a bench of
/// nothing must not look like a fast one.
#[must_use]
pub fn bouts() -> Vec<Bout> {
    let mut bouts = vec![
        mac("HS256", hmac::HMAC_SHA256),
        mac("HS384", hmac::HMAC_SHA384),
        mac("HS512", hmac::HMAC_SHA512),
    ];
    let pair = must(RsaKeyPair::generate(KeySize::Rsa2048));
    bouts.extend([
        rsa("RS256", &pair, &sig::RSA_PKCS1_SHA256, &sig::RSA_PKCS1_2048_8192_SHA256),
        rsa("RS384", &pair, &sig::RSA_PKCS1_SHA384, &sig::RSA_PKCS1_2048_8192_SHA384),
        rsa("RS512", &pair, &sig::RSA_PKCS1_SHA512, &sig::RSA_PKCS1_2048_8192_SHA512),
        rsa("PS256", &pair, &sig::RSA_PSS_SHA256, &sig::RSA_PSS_2048_8192_SHA256),
        rsa("PS384", &pair, &sig::RSA_PSS_SHA384, &sig::RSA_PSS_2048_8192_SHA384),
        rsa("PS512", &pair, &sig::RSA_PSS_SHA512, &sig::RSA_PSS_2048_8192_SHA512),
        ecdsa(
            "ES256",
            "P-256",
            &sig::ECDSA_P256_SHA256_FIXED_SIGNING,
            &sig::ECDSA_P256_SHA256_FIXED,
        ),
        ecdsa(
            "ES384",
            "P-384",
            &sig::ECDSA_P384_SHA384_FIXED_SIGNING,
            &sig::ECDSA_P384_SHA384_FIXED,
        ),
        ecdsa(
            "ES512",
            "P-521",
            &sig::ECDSA_P521_SHA512_FIXED_SIGNING,
            &sig::ECDSA_P521_SHA512_FIXED,
        ),
        ecdsa(
            "ES256K",
            "secp256k1",
            &sig::ECDSA_P256K1_SHA256_FIXED_SIGNING,
            &sig::ECDSA_P256K1_SHA256_FIXED,
        ),
        ed25519("EdDSA"),
        ed25519("Ed25519"),
        ed448("Ed448"),
    ]);
    bouts
}

const SECRET: &[u8; 64] = b"sixty-four octets, so that HS512 may use them without complaint.";

fn mac(alg: &'static str, hash: hmac::Algorithm) -> Bout {
    let key = hmac::Key::new(hash, SECRET);
    let jwk = format!(r#""kty":"oct","k":"{}""#, encode(SECRET));
    let tokens = Tokens::mint(alg, |message| hmac::sign(&key, message).as_ref().to_vec());
    let raw = tokens.raw(move |message, signature| hmac::verify(&key, message, signature).is_ok());
    Bout::new(alg, &jwk, &tokens, raw)
}

fn rsa(
    alg: &'static str,
    pair: &RsaKeyPair,
    encoding: &'static dyn RsaEncoding,
    parameters: &'static RsaParameters,
) -> Bout {
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let jwk = format!(r#""kty":"RSA","n":"{}","e":"{}""#, encode(&public.n), encode(&public.e));
    let tokens = Tokens::mint(alg, |message| {
        let mut signature = vec![0; pair.public_modulus_len()];
        must(pair.sign(encoding, &SystemRandom::new(), message, &mut signature));
        signature
    });
    let key = must(public.to_parsed_public_key(parameters));
    Bout::new(alg, &jwk, &tokens, parsed(key, &tokens))
}

fn ecdsa(
    alg: &'static str,
    crv: &str,
    signing: &'static EcdsaSigningAlgorithm,
    parameters: &'static dyn VerificationAlgorithm,
) -> Bout {
    let pair = must(EcdsaKeyPair::generate(signing));
    let point = pair.public_key().as_ref();
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    let jwk = format!(r#""kty":"EC","crv":"{crv}","x":"{}","y":"{}""#, encode(x), encode(y));
    let tokens = Tokens::mint(alg, |message| {
        must(pair.sign(&SystemRandom::new(), message)).as_ref().to_vec()
    });
    let key = must(ParsedPublicKey::new(parameters, point));
    Bout::new(alg, &jwk, &tokens, parsed(key, &tokens))
}

fn ed25519(alg: &'static str) -> Bout {
    let pair = must(Ed25519KeyPair::generate());
    let jwk = format!(r#""kty":"OKP","crv":"Ed25519","x":"{}""#, encode(pair.public_key()));
    let tokens = Tokens::mint(alg, |message| pair.sign(message).as_ref().to_vec());
    let key = must(ParsedPublicKey::new(&sig::ED25519, pair.public_key()));
    Bout::new(alg, &jwk, &tokens, parsed(key, &tokens))
}

fn ed448(alg: &'static str) -> Bout {
    let pair = SigningKey::from(SecretKey::from([7; 57]));
    let key = pair.verifying_key();
    let jwk = format!(r#""kty":"OKP","crv":"Ed448","x":"{}""#, encode(key.as_bytes()));
    let tokens = Tokens::mint(alg, |message| pair.sign_raw(message).to_bytes().to_vec());
    let raw = tokens.raw(move |message, signature| {
        ed448_goldilocks::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_raw(&signature, message).is_ok())
    });
    Bout::new(alg, &jwk, &tokens, raw)
}

fn parsed(key: ParsedPublicKey, tokens: &Tokens) -> Verify {
    tokens.raw(move |message, signature| key.verify_sig(message, signature).is_ok())
}

/// JWTs of six claims, as an authorization server issues them.
struct Tokens(Vec<Token>);

#[derive(Clone)]
struct Token {
    message: String,
    signature: Vec<u8>,
    compact: String,
}

impl Tokens {
    fn mint(alg: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let mint = |number: usize| {
            // They expire in 2100: `jsonwebtoken` takes no clock of ours.
            let claims = format!(
                r#"{{"iss":"https://issuer.test","sub":"2482897610{number:02}","aud":"https://api.test","iat":17672256{number:02},"exp":4102444800,"scope":"openid profile email"}}"#
            );
            let header = format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"2026-01"}}"#);
            let message = format!("{}.{}", encode(header), encode(claims));
            let signature = sign(message.as_bytes());
            let compact = format!("{message}.{}", encode(&signature));
            Token { message, signature, compact }
        };
        Self((0..TOKENS).map(mint).collect())
    }

    fn raw(&self, verify: impl Fn(&[u8], &[u8]) -> bool + 'static) -> Verify {
        let tokens = self.0.clone();
        Box::new(move |index| {
            tokens
                .get(index % TOKENS)
                .is_some_and(|token| verify(token.message.as_bytes(), &token.signature))
        })
    }

    fn presented(&self) -> Vec<Presented> {
        let present = |token: &Token| Presented {
            mode: Mode::Jwt,
            token: token.compact.clone().into_bytes(),
            detached_payload: None,
        };
        self.0.iter().map(present).collect()
    }
}

impl Bout {
    fn new(alg: &'static str, jwk: &str, tokens: &Tokens, raw: Verify) -> Self {
        let document = format!(r#"{{"keys":[{{{jwk},"kid":"2026-01","use":"sig"}}]}}"#);
        let mut policy = Policy::trusting(Keys::Jwks(document));
        for issuer in &mut policy.issuers {
            issuer.issuer = Some("https://issuer.test".to_owned());
        }
        policy.audiences = vec!["https://api.test".to_owned()];
        policy.algorithms = vec![alg.to_owned()];
        let contestant = |name: &str| {
            let implementation = (must(builtin::find(name).ok_or("no such built-in")).make)();
            let takes = implementation.describe().algorithms.lists("jwks", alg);
            takes.then(|| {
                let verifier = must(implementation.configure(&policy, NumericDate::VIRTUAL));
                through_the_trait(verifier, tokens.presented())
            })
        };
        let bout = Self {
            alg,
            raw,
            reference: must(contestant("reference").ok_or("the reference lacks an algorithm")),
            jsonwebtoken: contestant("jsonwebtoken"),
        };
        for (name, verify) in bout.contestants() {
            assert!((0..TOKENS).all(verify), "{name} refuses an honest {alg} token");
        }
        bout
    }

    /// The contestants by name.
    pub fn contestants(&self) -> impl Iterator<Item = (&'static str, &Verify)> {
        [("raw", &self.raw), ("reference", &self.reference)]
            .into_iter()
            .chain(self.jsonwebtoken.as_ref().map(|verify| ("jsonwebtoken", verify)))
    }
}

fn through_the_trait(verifier: Box<dyn Verifier>, presented: Vec<Presented>) -> Verify {
    Box::new(move |index| {
        presented.get(index % TOKENS).is_some_and(|presented| {
            matches!(verifier.verify(presented, NumericDate::VIRTUAL), Ok(Verdict::Accept(_)))
        })
    })
}

fn encode(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// A bench has nobody to hand an error to.
#[expect(clippy::panic, reason = "a bench that cannot be set up has to end loudly")]
fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a bench cannot be set up: {error:?}"),
    }
}
