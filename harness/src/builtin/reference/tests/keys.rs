//! Keys in every form, and tokens of every algorithm.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self as sig, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair},
};
use base64::engine::general_purpose::STANDARD;
use ed448_goldilocks::SigningKey;

use super::{
    super::{
        algorithms::{Alg, Curve, How},
        der,
        key::Material,
        pem,
    },
    *,
};

/// A private key, its public halves, and what it can sign.
struct Signer {
    jwk: String,
    spki: Vec<u8>,
    algs: Vec<Alg>,
    sign: Box<Sign>,
}

type Sign = dyn Fn(Alg, &[u8]) -> Vec<u8>;

fn signers() -> Vec<Signer> {
    let mut signers = vec![rsa(), ed25519(), ed448()];
    for alg in Alg::ALL {
        if let How::Ecdsa(curve, _) = alg.how() {
            signers.push(ecdsa(*alg, curve));
        }
    }
    signers
}

fn rsa() -> Signer {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let spki = AsDer::as_der(pair.public_key()).unwrap().as_ref().to_vec();
    let Material::Rsa { n, e } = der::public_key_info(&spki).unwrap() else { panic!() };
    let sign = move |alg: Alg, message: &[u8]| {
        let encoding: &'static dyn sig::RsaEncoding = match alg.name() {
            "RS256" => &sig::RSA_PKCS1_SHA256,
            "RS384" => &sig::RSA_PKCS1_SHA384,
            "RS512" => &sig::RSA_PKCS1_SHA512,
            "PS256" => &sig::RSA_PSS_SHA256,
            "PS384" => &sig::RSA_PSS_SHA384,
            "PS512" => &sig::RSA_PSS_SHA512,
            other => panic!("{other}"),
        };
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    };
    Signer {
        jwk: format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, b64(n), b64(e)),
        spki,
        algs: Alg::ALL.iter().copied().filter(|alg| matches!(alg.how(), How::Rsa(_))).collect(),
        sign: Box::new(sign),
    }
}

fn ecdsa(alg: Alg, curve: Curve) -> Signer {
    let parameters = match curve {
        Curve::P256 => &sig::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &sig::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &sig::ECDSA_P521_SHA512_FIXED_SIGNING,
        Curve::Secp256k1 => &sig::ECDSA_P256K1_SHA256_FIXED_SIGNING,
        Curve::Ed25519 | Curve::Ed448 => panic!("{curve}"),
    };
    let pair = EcdsaKeyPair::generate(parameters).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(curve.octets());
    Signer {
        jwk: format!(r#"{{"kty":"EC","crv":"{curve}","x":"{}","y":"{}"}}"#, b64(x), b64(y)),
        spki: pair.public_key().as_der().unwrap().as_ref().to_vec(),
        algs: vec![alg],
        sign: Box::new(move |_, message| {
            pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
        }),
    }
}

fn ed25519() -> Signer {
    let pair = Ed25519KeyPair::generate().unwrap();
    Signer {
        jwk: format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, b64(pair.public_key())),
        spki: pair.public_key().as_der().unwrap().as_ref().to_vec(),
        algs: vec![Alg::EdDsa, Alg::Ed25519],
        sign: Box::new(move |_, message| pair.sign(message).as_ref().to_vec()),
    }
}

fn ed448() -> Signer {
    let pair = SigningKey::from(ed448_goldilocks::SecretKey::from([7; 57]));
    let public = pair.verifying_key().to_bytes();
    Signer {
        jwk: format!(r#"{{"kty":"OKP","crv":"Ed448","x":"{}"}}"#, b64(public)),
        spki: spki(&[0x2b, 0x65, 0x71], &public),
        algs: vec![Alg::EdDsa, Alg::Ed448],
        sign: Box::new(move |_, message| pair.sign_raw(message).to_bytes().to_vec()),
    }
}

impl Signer {
    fn token(&self, alg: Alg) -> String {
        let message = format!("{}.{}", b64(format!(r#"{{"alg":"{}"}}"#, alg.name())), b64("x"));
        let signature = (self.sign)(alg, message.as_bytes());
        format!("{message}.{}", b64(signature))
    }
}

/// A SubjectPublicKeyInfo of an algorithm without parameters.
pub(super) fn spki(oid: &[u8], key: &[u8]) -> Vec<u8> {
    let tlv = |tag: u8, contents: &[u8]| {
        [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
    };
    let algorithm = tlv(0x30, &tlv(0x06, oid));
    tlv(0x30, &[algorithm, tlv(0x03, &[&[0], key].concat())].concat())
}

/// An RSA key of so many bits that nobody has the private half of.
pub(super) fn rsa_jwk(bits: usize, e: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, b64(vec![0xab; bits / 8]))
}

fn rfc7517_b() -> serde_json::Value {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../vectors/rfc/rfc7517.json")).unwrap();
    let vectors = document["vectors"].as_array().unwrap();
    vectors.iter().find(|v| v["id"] == "rfc7517-B").unwrap()["inputs"]["jwk"].clone()
}

/// RFC 7517's key with a certificate, with another modulus.
pub(super) fn with_certificate_of_another() -> String {
    let mut jwk = rfc7517_b();
    jwk["n"] = b64(vec![0xab; 256]).into();
    jwk.to_string()
}

fn armour(label: &str, der: &[u8], newline: &str) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..body.len()).step_by(64).map(|at| &body[at..body.len().min(at + 64)]).collect();
    format!(
        "-----BEGIN {label}-----{newline}{}{newline}-----END {label}-----{newline}",
        lines.join(newline)
    )
}

#[test]
fn every_algorithm_verifies_with_every_form_of_its_key() {
    for signer in signers() {
        let forms = [
            Keys::Jwk(signer.jwk.clone()),
            set(&[oct(""), signer.jwk.clone()]),
            Keys::DerB64(signer.spki.clone()),
            Keys::Pem(armour("PUBLIC KEY", &signer.spki, "\n")),
            Keys::Pem(format!("\n# a comment\r\n{}", armour("PUBLIC KEY", &signer.spki, " \r\n"))),
        ];
        for keys in forms {
            for alg in &signer.algs {
                let answer = ask(&bare(keys.clone()), &jws(signer.token(*alg)));
                assert!(answer.is_ok(), "{} with {keys:?}: {answer:?}", alg.name());
            }
        }
    }
}

#[test]
fn no_key_verifies_an_algorithm_of_another_type_or_curve() {
    let signers = signers();
    for key in &signers {
        for signer in &signers {
            for alg in signer.algs.iter().filter(|alg| !key.algs.contains(alg)) {
                let answer = refusal(&bare(Keys::Jwk(key.jwk.clone())), &jws(signer.token(*alg)));
                assert_eq!(answer, "key-fits", "{} with {}", alg.name(), key.jwk);
            }
        }
    }
}

#[test]
fn a_signature_of_one_algorithm_is_none_of_another_with_the_same_key() {
    let signer = rsa();
    for alg in &signer.algs {
        for other in signer.algs.iter().filter(|other| *other != alg) {
            let token = signer.token(*alg);
            let header = b64(format!(r#"{{"alg":"{}"}}"#, other.name()));
            let (_, rest) = token.split_once('.').unwrap();
            let policy = bare(Keys::Jwk(signer.jwk.clone()));
            assert_eq!(refusal(&policy, &jws(format!("{header}.{rest}"))), "signature");
        }
    }
}

#[test]
fn a_jwk_that_names_its_algorithm_serves_no_other() {
    let signer = rsa();
    let pinned = signer.jwk.replace('}', r#","alg":"PS384"}"#);
    for alg in &signer.algs {
        let answer = ask(&bare(Keys::Jwk(pinned.clone())), &jws(signer.token(*alg)));
        match alg.name() {
            "PS384" => assert!(answer.is_ok()),
            _ => assert!(answer.unwrap_err().starts_with("jwk-alg"), "{}", alg.name()),
        }
    }
    // Nor does one that names an algorithm of another type serve any.
    let pinned = signer.jwk.replace('}', r#","alg":"HS256"}"#);
    assert_eq!(refusal(&bare(Keys::Jwk(pinned)), &jws("")), "jwk-alg");
    let ed25519 = ed25519();
    let pinned = ed25519.jwk.replace('}', r#","alg":"Ed25519"}"#);
    let token = jws(ed25519.token(Alg::EdDsa));
    assert_eq!(refusal(&bare(Keys::Jwk(pinned)), &token), "jwk-alg");
}

#[test]
fn reads_certificates_pkcs1_and_openssh_keys() {
    let jwk = rfc7517_b();
    let certificate = STANDARD.decode(jwk["x5c"][0].as_str().unwrap()).unwrap();
    let in_certificate = pem::read(&armour("CERTIFICATE", &certificate, "\n")).unwrap();
    let Material::Rsa { n, e } = &in_certificate else { panic!() };
    assert_eq!(b64(n), jwk["n"].as_str().unwrap());
    assert_eq!(b64(e), jwk["e"].as_str().unwrap());
    // Its own certificate does not make the key unfit.
    assert_eq!(
        refusal(&bare(Keys::Jwk(jwk.to_string())), &jws(hs256(r#"{"alg":"HS256"}"#, "x"))),
        "key-fits"
    );

    // PKCS#1: the tail of the SubjectPublicKeyInfo.
    let signer = rsa();
    let pkcs1 = &signer.spki[24..];
    let policy = bare(Keys::Pem(armour("RSA PUBLIC KEY", pkcs1, "\n")));
    assert!(ask(&policy, &jws(signer.token(Alg::Ps256))).is_ok());

    let field =
        |octets: &[u8]| [&u32::try_from(octets.len()).unwrap().to_be_bytes(), octets].concat();
    let Material::Rsa { n, e } = der::rsa_public_key(pkcs1).unwrap() else { panic!() };
    let blob = [field(b"ssh-rsa"), field(&e), field(&[&[0], n.as_slice()].concat())].concat();
    let policy = bare(Keys::Pem(format!("ssh-rsa {} me@here\n", STANDARD.encode(blob))));
    assert!(ask(&policy, &jws(signer.token(Alg::Rs512))).is_ok());

    let signer = ecdsa(Alg::Es384, Curve::P384);
    let point = &signer.spki[signer.spki.len() - 97..];
    let blob = [field(b"ecdsa-sha2-nistp384"), field(b"nistp384"), field(point)].concat();
    let policy = bare(Keys::Pem(format!("ecdsa-sha2-nistp384 {}", STANDARD.encode(blob))));
    assert!(ask(&policy, &jws(signer.token(Alg::Es384))).is_ok());

    let signer = ed25519();
    let blob = [field(b"ssh-ed25519"), field(&signer.spki[12..])].concat();
    let policy = bare(Keys::Pem(format!("# mine\nssh-ed25519 {}", STANDARD.encode(blob))));
    assert!(ask(&policy, &jws(signer.token(Alg::EdDsa))).is_ok());
}

#[test]
fn refuses_pem_that_is_cut_mislabelled_or_of_another_kind() {
    let spki = ed25519().spki;
    let whole = armour("PUBLIC KEY", &spki, "\n");
    for text in [
        String::new(),
        "-----BEGIN PUBLIC KEY".to_owned(),
        whole.replace("-----END PUBLIC KEY-----", ""),
        whole.replace("END PUBLIC", "END RSA PUBLIC"),
        armour("PRIVATE KEY", &spki, "\n"),
        armour("EC PARAMETERS", &spki, "\n"),
        whole.replace('=', "*").replacen("MC", "M*", 1),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==".to_owned(),
        "ssh-dss AAAA".to_owned(),
    ] {
        assert_eq!(refusal(&bare(Keys::Pem(text.clone())), &jws("")), "pem-shape", "{text}");
    }
    let mut longer = spki;
    longer.push(0);
    assert_eq!(refusal(&bare(Keys::DerB64(longer)), &jws("")), "der-shape");
}

#[test]
fn ecdsa_signatures_have_two_valid_forms_and_no_third() {
    // High s is as good as low s: RFC 7518 §3.4 knows no other rule than 1 to n-1.
    let signer = ecdsa(Alg::Es256, Curve::P256);
    let policy = bare(Keys::Jwk(signer.jwk.clone()));
    let token = signer.token(Alg::Es256);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut other = [0; 32];
    let mut borrow = 0;
    for i in (0..32).rev() {
        let difference = i16::from(N[i]) - i16::from(s[i]) - borrow;
        borrow = i16::from(difference < 0);
        other[i] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let with = |r: &[u8], s: &[u8]| jws(format!("{message}.{}", b64([r, s].concat())));
    assert!(ask(&policy, &with(r, s)).is_ok());
    assert!(ask(&policy, &with(r, &other)).is_ok());
    for (r, s) in
        [(&[0; 32][..], s), (r, &[0; 32]), (&N, s), (r, &N), (s, r), (r, &s[1..]), (&[], &[])]
    {
        assert_eq!(refusal(&policy, &with(r, s)), "signature");
    }
}

#[test]
fn ed448_has_one_spelling_of_r_and_s() {
    let signer = ed448();
    let policy = bare(Keys::Jwk(signer.jwk.clone()));
    let token = signer.token(Alg::Ed448);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for (at, bit) in [(56, 0x01), (56, 0x40), (113, 0x01), (113, 0x80)] {
        let mut changed = signature.clone();
        changed[at] ^= bit;
        assert_eq!(refusal(&policy, &jws(format!("{message}.{}", b64(changed)))), "signature");
    }
    assert_eq!(refusal(&policy, &jws(format!("{message}."))), "signature");
}

#[test]
fn unfit_keys_of_a_set_do_not_take_the_others_down() {
    let keys = [
        "7".to_owned(),
        "{}".to_owned(),
        r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#.to_owned(),
        rsa_jwk(1_024, "AQAB"),
        rsa_jwk(16_384, "AQAB"),
        oct(r#","kid":7"#),
        oct(r#","use":"enc""#),
        r#"{"kty":"oct","k":"c2hvcnQ"}"#.to_owned(),
        oct(r#","kid":"good","use":"sig","key_ops":["sign","verify"],"x":[1,{}]"#),
    ];
    let policy = full(set(&keys));
    let believed = ask(&policy, &jwt(hs256(r#"{"alg":"HS256","kid":"good"}"#, CLAIMS))).unwrap();
    assert_eq!(believed.key.as_deref(), Some("good"));
    let policy = full(set(&keys[..8]));
    let error = ask(&policy, &jwt(hs256(r#"{"alg":"HS256"}"#, CLAIMS))).unwrap_err();
    assert!(
        error.starts_with(
            "key-fits: no key is for HS256; 8 left out of the set, the first for jwk-shape"
        ),
        "{error}"
    );
}

#[test]
fn a_set_may_be_empty_and_then_nothing_is_verified() {
    assert_eq!(refusal(&full(set(&[])), &jwt(hs256(r#"{"alg":"HS256"}"#, CLAIMS))), "key-fits");
}

#[test]
fn leading_zeros_of_an_rsa_number_change_nothing() {
    let signer = rsa();
    let Material::Rsa { n, e } = der::public_key_info(&signer.spki).unwrap() else { panic!() };
    let jwk = format!(
        r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#,
        b64([&[0], n.as_slice()].concat()),
        b64([&[0, 0], e.as_slice()].concat())
    );
    assert!(ask(&bare(Keys::Jwk(jwk)), &jws(signer.token(Alg::Rs256))).is_ok());
}
