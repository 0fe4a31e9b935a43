//! The allow-list, and names that no list holds.

use super::{ALLOWED, NAMED, allowing, also_honest, set, signed_as};
use crate::{
    case::{Belief, Case, Part, Permitted, Severity},
    families::class::{Class, Setup},
    forge::KeyName,
    recipe::Signing,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = not_allowed();
    cases.extend(several_allowed());
    cases.extend(of_the_issuer());
    cases.extend(oct_in_the_set());
    cases.extend(names());
    cases.extend(eddsa_by_two_names());
    cases
}

/// Another algorithm of the same key.
fn not_allowed() -> Vec<Case> {
    let long = Setup { key: "oct-512-a", ..Setup::hs256() }
        .keys(set(&["oct-512-a"]))
        .twin(super::FAMILY.name, "hs256-long-key");
    let mut cases = vec![ALLOWED.accept(
        &long,
        "hs256-long-key",
        "accepts an HS256 token under a key of 64 octets",
        "None: RFC 7518 asks for a key of at least 32 octets.",
        long.token(),
    )];
    let ps256 = Setup::honest("ps256", "rsa-2048-a", "PS256", None);
    for (setup, alg) in [
        (&Setup::rs256(), "RS512"),
        (&Setup::rs256(), "PS256"),
        (&ps256, "RS256"),
        (&long, "HS512"),
    ] {
        let only = setup.alg;
        cases.push(ALLOWED.refuse(
            setup,
            &format!("{}-where-only-{}", alg.to_lowercase(), only.to_lowercase()),
            format!("refuses an honest {alg} signature where only {only} is allowed"),
            format!(
                "The trusted key signs with {alg}, which it could; the operator allows {only} alone."
            ),
            signed_as(setup, alg, alg),
        ));
    }
    let rs256 = Setup::rs256();
    cases.push(ALLOWED.refuse(
        &rs256,
        "rs512-without-kid",
        "refuses an RS512 token without `kid` where only RS256 is allowed",
        "The trusted key signs with another algorithm of its type, and the token does not name it: the \
         allow-list was read where a key is looked up by name.",
        signed_as(&rs256, "RS512", "RS512").without_header("kid"),
    ));
    let rs512 = Setup::honest("rs512", "rsa-2048-a", "RS512", None);
    cases.push(ALLOWED.refuse(
        &rs512,
        "rs256-where-only-rs512",
        "refuses an honest RS256 signature where only RS512 is allowed",
        "The trusted key signs with RS256, whose hash is shorter than the operator wants.",
        signed_as(&rs512, "RS256", "RS256"),
    ));
    let both = Setup::es256().keys(set(&["p256-a", "secp256k1-a"]));
    cases.push(ALLOWED.refuse(
        &Setup { key: "secp256k1-a", ..both },
        "es256k-where-only-es256",
        "refuses an honest ES256K signature where only ES256 is allowed",
        "The issuer publishes a key on secp256k1 too and signs with it; the name of its algorithm begins \
         with the one that is allowed.",
        signed_as(&Setup { key: "secp256k1-a", ..Setup::es256() }, "ES256K", "ES256K"),
    ));
    cases
}

/// An operator in the middle of a change: two algorithms, a key for each.
fn several_allowed() -> Vec<Case> {
    let both = |setup: Setup| {
        let setup = allowing(setup, &["ES256", "RS256"]).keys(set(&["p256-a", "rsa-2048-a"]));
        also_honest(also_honest(setup, "ES256", Some("P-256")), "RS256", None)
    };
    let accepts = Class {
        severity: Severity::Medium,
        rule: "Where the operator allows two algorithms, both are accepted, each under its key.",
        consequence: "A change from one algorithm to another locks out half of the clients.",
        remedy: "Pick the key by `kid` and type, and let each key have those of the allowed algorithms \
                 that fit it.",
        ..ALLOWED
    };
    let mut cases: Vec<Case> = [("es256", Setup::es256()), ("rs256", Setup::rs256())]
        .into_iter()
        .map(|(slug, setup)| {
            let setup = both(setup);
            accepts.accept(
                &setup,
                &format!("two-allowed-{slug}"),
                format!("accepts {} where ES256 and RS256 are allowed", setup.alg),
                "None: the issuer has a key for each of two algorithms.",
                setup.token(),
            )
        })
        .collect();
    let mixed = Setup::rs256().policy(|policy| policy.algorithms.push("HS256".to_owned()));
    cases.push(ALLOWED.choice(
        &mixed,
        "rs256-and-hs256-allowed",
        "accepts an honest RS256 token where HS256 is allowed too, or refuses that configuration",
        "None: the operator mixes HMAC with signatures, which invites key confusion. Some verifiers \
         refuse to start so.",
        mixed.token(),
        Permitted::choice(Belief::Signed),
    ));
    cases
}

/// An issuer's own list stands in place of the policy's.
fn of_the_issuer() -> Vec<Case> {
    let own = |setup: Setup| {
        also_honest(setup, "ES256", Some("P-256"))
            .keys(set(&["p256-a", "rsa-2048-a"]))
            .policy(|policy| {
                policy.algorithms = vec!["RS256".to_owned()];
                for issuer in &mut policy.issuers {
                    issuer.algorithms = vec!["ES256".to_owned()];
                }
            })
            .twin(super::FAMILY.name, "issuer-list-es256")
    };
    let class = Class {
        rule: "An issuer's own allow-list stands in place of the policy's: what it names is accepted, \
               what only the policy names is not.",
        remedy: "Resolve the allow-list for the issuer whose key is about to verify.",
        ..ALLOWED
    };
    let es256 = own(Setup::es256());
    let rs256 = own(Setup::rs256());
    vec![
        class.accept(
            &es256,
            "issuer-list-es256",
            "accepts ES256 of an issuer that allows it, where the policy allows RS256",
            "None: this issuer has an allow-list of its own.",
            es256.token(),
        ),
        class.refuse(
            &rs256,
            "issuer-list-rs256",
            "refuses RS256 of an issuer that allows ES256 alone, though the policy allows RS256",
            "The issuer's RSA key signs with an algorithm that the operator allows others alone.",
            rs256.token(),
        ),
    ]
}

/// A secret in a published set is no secret.
fn oct_in_the_set() -> Vec<Case> {
    let setup = Setup::es256().keys(set(&["p256-a", "oct-256-a"]));
    let class = Class {
        severity: Severity::Critical,
        consequence: "The secret was published with the set: everybody who can read it can sign.",
        ..ALLOWED
    };
    let secret = Signing::Key { key: KeyName::from("oct-256-a"), alg: "HS256".to_owned() };
    vec![
        ALLOWED.choice(
            &setup,
            "oct-in-the-set-es256",
            "accepts or refuses an honest ES256 token under a set that also holds a symmetric key",
            "None: the issuer published a symmetric key by mistake; the honest key is still there.",
            setup.token(),
            Permitted::choice(Belief::Signed),
        ),
        class.refuse(
            &setup,
            "oct-in-the-set-hs256",
            "refuses HS256 under a symmetric key of the set where only ES256 is allowed",
            "The attacker reads the secret in the published set and signs with it.",
            setup.token().header("alg", "HS256").header("kid", "oct-256-a").signed(secret),
        ),
    ]
}

/// Names that the trusted key's good signature does not have.
fn names() -> Vec<Case> {
    let setup = Setup::es256();
    let case = |slug: &str, alg: &str, shown: &str, attack: &str| {
        NAMED.refuse(
            &setup,
            slug,
            format!("refuses {shown} although the signature is a good one of ES256"),
            attack,
            signed_as(&setup, alg, "ES256"),
        )
    };
    let mut cases = vec![
        case(
            "es256-lower-case",
            "es256",
            "`es256` in lower case",
            "The name is that of the algorithm but for its case, which counts.",
        ),
        case(
            "es256-blank-behind",
            "ES256 ",
            "`ES256` before a blank",
            "The name is that of the algorithm but for a blank that somebody trims.",
        ),
        case(
            "unknown-name",
            "gauntlet-1",
            "an unknown algorithm",
            "Nobody knows the name. A verifier that goes by the key's type does not miss it.",
        ),
        case(
            "none-genuine-signature",
            "none",
            "`none`",
            "The token says that it is not signed, and is: a verifier that goes by the key's type \
             accepts it.",
        ),
    ];
    // The name is on the list, so that only the signature's own hash and form tell.
    let signature = Class {
        part: Part::Signature,
        clauses: &["RFC 7515 §5.2", "RFC 7515 §10.6", "RFC 8725 §3.1"],
        ..NAMED
    };
    let wide = allowing(Setup::es256(), &["ES256", "ES384"]);
    cases.push(signature.refuse(
        &wide,
        "es384-named-es256-signed",
        "refuses ES384 although the signature is a good one of ES256; both are allowed",
        "The name is of the right family and allowed; the key and the signature are of ES256.",
        signed_as(&wide, "ES384", "ES256"),
    ));
    let wide = allowing(Setup::rs256(), &["RS256", "RS512"]);
    cases.push(signature.refuse(
        &wide,
        "rs512-named-rs256-signed",
        "refuses RS512 although the signature is a good one of RS256; both are allowed",
        "The signature says inside which hash it is over; the name says another.",
        signed_as(&wide, "RS512", "RS256"),
    ));
    let wide = allowing(Setup::rs256(), &["RS256", "PS256"]);
    cases.push(signature.refuse(
        &wide,
        "ps256-named-rs256-signed",
        "refuses PS256 although the signature is a good one of RS256; both are allowed",
        "The name asks for PSS, the signature is padded as PKCS#1 has it.",
        signed_as(&wide, "PS256", "RS256"),
    ));
    cases
}

/// RFC 9864 gave EdDSA two more names; whether an old name on the list covers a new one in the token
/// is told, not judged.
fn eddsa_by_two_names() -> Vec<Case> {
    let old = Setup::ed25519();
    let new = Setup::honest("ed25519-named", "ed25519-a", "Ed25519", Some("Ed25519"));
    vec![
        ALLOWED.choice(
            &old,
            "ed25519-where-eddsa",
            "accepts or refuses the name Ed25519 where the list says EdDSA",
            "None: the signature is the same; the issuer took the newer name.",
            signed_as(&old, "Ed25519", "Ed25519"),
            Permitted::choice(Belief::Signed),
        ),
        ALLOWED.choice(
            &new,
            "eddsa-where-ed25519",
            "accepts or refuses the name EdDSA where the list says Ed25519",
            "None: the signature is the same; the issuer kept the older name.",
            signed_as(&new, "EdDSA", "EdDSA"),
            Permitted::choice(Belief::Signed),
        ),
        NAMED.refuse(
            &old,
            "ed448-named-ed25519-signed",
            "refuses the name Ed448 although the signature is a good one of Ed25519",
            "The name is of another curve, and not on the list.",
            signed_as(&old, "Ed448", "EdDSA"),
        ),
    ]
}
