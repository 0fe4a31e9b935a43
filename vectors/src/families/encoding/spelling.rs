//! Odd base64url, segment by segment.

use super::{Class, OUTSIDE, SPELLING, Setup, aligned, token};
use crate::{
    case::{Belief, Case, Permitted, Severity},
    families::compact,
    forge::base64url,
    recipe::{Edit, Json, PayloadEncoding, Place},
};

const SEGMENTS: [&str; 3] = ["header", "payload", "signature"];

/// A way to write a segment that a forgiving reader takes for the usual one.
struct Odd {
    slug: &'static str,
    /// Behind "with".
    what: &'static str,
    edit: fn(usize) -> Edit,
}

const ODD: &[Odd] = &[
    Odd { slug: "padded", what: "padding", edit: |segment| insert(segment, Place::End, "==") },
    Odd {
        slug: "standard-alphabet",
        what: "letters of the standard alphabet (`+` and `/`)",
        edit: |segment| Edit::StandardAlphabet { segment },
    },
    Odd { slug: "space", what: "a space inside", edit: |segment| inside(segment, " ") },
    Odd { slug: "line-feed", what: "a line feed inside", edit: |segment| inside(segment, "\n") },
    Odd { slug: "junk", what: "an exclamation mark inside", edit: |segment| inside(segment, "!") },
];

pub(super) fn cases() -> Vec<Case> {
    let base = Setup::es256();
    let setup = base.clone().twin(super::FAMILY.name, "honest");
    let mut cases = vec![
        Class { severity: Severity::Medium, ..SPELLING }.accept(
            &base,
            "honest",
            "accepts a token whose segments hold `-` or `_` and end in half a group",
            "None: this is base64url as it should be.",
            token(&base),
        ),
        Class { severity: Severity::Medium, ..SPELLING }.accept(
            &base,
            "honest-aligned",
            "accepts a token whose header and payload fill whole groups of four letters",
            "None: this is base64url as it should be.",
            aligned(&base),
        ),
    ];
    for odd in ODD {
        cases.extend(odd.cases(&setup));
    }
    cases.extend(letter_too_many());
    cases.extend(other_letters(&setup));
    cases.extend(signature_alone(&setup));
    cases.extend(spare_bits(&setup));
    cases.push(no_text_at_all());
    cases
}

impl Odd {
    fn cases(&self, setup: &Setup) -> Vec<Case> {
        let mut cases = Vec::new();
        for (segment, name) in SEGMENTS.into_iter().enumerate() {
            let edit = (self.edit)(segment);
            if name != "signature" {
                cases.push(SPELLING.refuse(
                    setup,
                    &format!("{name}-{}-signed", self.slug),
                    format!("refuses a {name} with {}, although the signature covers it", self.what),
                    format!(
                        "An issuer encodes the {name} with {} and signs that text. A strict reader and \
                         a forgiving one disagree about the token.",
                        self.what
                    ),
                    token(setup).spelled(edit.clone()),
                ));
            }
            let class = if name == "signature" { SPELLING } else { OUTSIDE };
            cases.push(class.refuse(
                setup,
                &format!("{name}-{}", self.slug),
                format!("refuses a {name} that was given a second spelling: with {}", self.what),
                format!(
                    "Somebody who holds a good token writes its {name} with {}. The octets behind it \
                     stay the same for a forgiving reader.",
                    self.what
                ),
                token(setup).edit(edit),
            ));
        }
        cases
    }
}

/// Six bits more than octets need: decoders that drop what is left over read the same octets.
fn letter_too_many() -> Vec<Case> {
    let setup = Setup::es256().twin(super::FAMILY.name, "honest-aligned");
    let mut cases = Vec::new();
    for (segment, name) in SEGMENTS.into_iter().enumerate().take(2) {
        let edit = insert(segment, Place::End, "A");
        cases.push(SPELLING.refuse(
            &setup,
            &format!("{name}-letter-too-many-signed"),
            format!("refuses a {name} of a length that no octets give, although it was signed"),
            format!(
                "The {name} has one letter behind its last full group, and was signed with it."
            ),
            aligned(&setup).spelled(edit.clone()),
        ));
        cases.push(OUTSIDE.refuse(
            &setup,
            &format!("{name}-letter-too-many"),
            format!("refuses a {name} to which a letter was added behind its last full group"),
            format!("Somebody who holds a good token adds a letter to its {name}."),
            aligned(&setup).edit(edit),
        ));
    }
    // The 96 octets of this signature fill whole groups.
    let setup = Setup::honest("es384", "p384-a", "ES384", Some("P-384"));
    cases.push(SPELLING.refuse(
        &setup,
        "signature-letter-too-many",
        "refuses a signature to which a letter was added behind its last full group",
        "Somebody who holds a good token adds a letter to its signature.",
        setup.token().edit(insert(2, Place::End, "A")),
    ));
    cases
}

/// The header's first letter, an `e` in every token, written as other layers would write it.
fn other_letters(setup: &Setup) -> Vec<Case> {
    // As the forge writes it: members in their order, without white space.
    let cty = "???????";
    let header =
        format!(r#"{{"alg":"{}","typ":"JWT","kid":"{}","cty":"{cty}"}}"#, setup.alg, setup.key);
    let segment = base64url(header.as_bytes());
    let rest = segment.strip_prefix('e').unwrap_or(&segment);
    [
        ("percent", "%65", "percent-encoded, as in a URL"),
        ("full-width", "\u{ff45}", "as a full-width letter, which some layers fold"),
        ("escape", "\\u0065", "as an escape of JSON"),
    ]
    .into_iter()
    .map(|(slug, letter, how)| {
        OUTSIDE.refuse(
            setup,
            &format!("header-{slug}"),
            format!("refuses a header whose first letter is written {how}"),
            format!("Somebody who holds a good token writes its first letter {how}."),
            token(setup).edit(Edit::ReplaceSegment { segment: 0, text: [letter, rest].concat() }),
        )
    })
    .collect()
}

fn signature_alone(setup: &Setup) -> Vec<Case> {
    [
        ("tab", "a tab inside", Place::Middle, "\t"),
        ("nul", "a NUL behind it", Place::End, "\0"),
        ("padding-short", "less padding than its length asks for", Place::End, "="),
        ("padding-inside", "padding in its middle", Place::Middle, "="),
        ("not-ascii", "a letter that is not ASCII inside", Place::Middle, "é"),
    ]
    .into_iter()
    .map(|(slug, what, at, text)| {
        SPELLING.refuse(
            setup,
            &format!("signature-{slug}"),
            format!("refuses a signature that was given a second spelling: with {what}"),
            format!("Somebody who holds a good token writes its signature with {what}."),
            token(setup).edit(insert(2, at, text)),
        )
    })
    .collect()
}

/// RFC 4648 §3.5 lets a decoder choose. RFC 7515 §5.2 step 8 describes the signing input by encoding
/// again, so that a verifier which does so accepts what was changed after signing.
fn spare_bits(setup: &Setup) -> Vec<Case> {
    let class = Class { clauses: &["RFC 4648 §3.5", "RFC 7515 §5.2"], ..SPELLING };
    let rule = Class {
        rule: "The last letter of base64url may hold bits that belong to no octet. They should be zero; \
               a decoder may refuse the text if they are not.",
        remedy: "Refuse texts whose spare bits are set, if tokens are compared as texts anywhere.",
        ..class
    };
    let choice = |slug: &str, title: &str, attack: &str, recipe| {
        rule.choice(setup, slug, title, attack, recipe, Permitted::choice(Belief::Signed))
    };
    vec![
        choice(
            "signature-spare-bits",
            "may refuse a signature whose last letter has bits set that belong to no octet",
            "Somebody who holds a good token writes another last letter.",
            token(setup).edit(Edit::SpareBit { segment: 2 }),
        ),
        choice(
            "payload-spare-bits-signed",
            "may refuse a payload whose last letter has bits set that belong to no octet",
            "An issuer encodes carelessly, and signs what it encoded.",
            token(setup).spelled(Edit::SpareBit { segment: 1 }),
        ),
        choice(
            "payload-spare-bits",
            "may refuse a payload whose spare bits were set after it was signed",
            "Somebody who holds a good token writes another last letter of its payload. A verifier that \
             encodes the payload again before it checks the signature does not see it.",
            token(setup).edit(Edit::SpareBit { segment: 1 }),
        ),
    ]
}

/// For whoever takes a token for a text without looking.
fn no_text_at_all() -> Case {
    let setup = Setup::es256();
    let mut recipe = compact(
        super::super::honest_header(setup.key, setup.alg),
        Vec::new(),
        setup.key,
        setup.alg,
    )
    .payload(Json::Octets(vec![0xff, 0xfe, 0x80]));
    recipe.payload_encoding = PayloadEncoding::Unencoded;
    Class { severity: Severity::Medium, cwe: &[1286, 248], ..SPELLING }.refuse(
        &setup,
        "octets-that-are-no-text",
        "refuses a token that is not text",
        "The payload segment holds octets that are no UTF-8, and was signed like that.",
        recipe,
    )
}

fn insert(segment: usize, at: Place, text: &str) -> Edit {
    Edit::Insert { segment, at, text: text.to_owned() }
}

fn inside(segment: usize, text: &str) -> Edit {
    insert(segment, Place::Middle, text)
}

#[cfg(test)]
mod tests {
    use crate::{
        env::Env,
        families::{class::Setup, encoding},
        forge::forge,
        verdict::Mode,
    };

    /// The letters that stand in for those of the header are the header's own.
    #[test]
    fn only_the_first_letter_of_the_header_differs() {
        let made = |recipe: crate::recipe::JwsRecipe| {
            forge(&recipe.into(), Mode::Jwt, None, &Env::fixed()).unwrap().presented.token
        };
        let honest = made(encoding::token(&Setup::es256()));
        let case = super::other_letters(&Setup::es256()).into_iter().next().unwrap();
        let shown = case.timeline.presentations().next().unwrap();
        let odd = forge(&shown.token, Mode::Jwt, None, &Env::fixed()).unwrap().presented.token;
        assert_eq!(odd.get(3..), honest.get(1..));
    }
}
