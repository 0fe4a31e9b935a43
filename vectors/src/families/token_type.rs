//! Kinds of tokens: `typ`, nested tokens, and tokens that are something else altogether.

use serde_json::{Value, json};

use crate::{
    case::{Basis, Belief, Case, Category, Level, Part, Permitted, Severity},
    catalogue::Family,
    families::class::{Class, Setup},
    forge::KeyName,
    recipe::{Edit, Json, JwsRecipe, Signing},
};

/// See the module.
pub const FAMILY: Family =
    Family { name: "token-type", title: "Tokens of another kind than the one that is due", cases };

/// What a verifier has to do where a `typ` is demanded.
const OTHER: Class = Class {
    family: FAMILY.name,
    category: Category::TypConfusion,
    part: Part::TokenType,
    level: Level::Must,
    basis: Basis::Operator,
    severity: Severity::High,
    clauses: &["RFC 8725 §3.11", "RFC 8725 §3.12", "RFC 9068 §4", "RFC 7515 §4.1.9"],
    cwe: &[345],
    rule: "Where a type is demanded, a token whose `typ` is missing or names another type is refused.",
    consequence: "A token that the same issuer made for another purpose (an ID token, a logout token, \
                  a proof of possession) opens what only an access token should.",
    remedy: "Compare `typ` in the header with the demanded media type: the whole of it, in any case, \
             with `application/` in front where it has no slash.",
};

/// Other ways to write the demanded type.
const SAME: Class = Class {
    basis: Basis::Rfc,
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7515 §4.1.9", "RFC 9068 §4"],
    rule: "`typ` is a media type: a recipient that uses it treats a value without a slash as if \
           `application/` stood in front.",
    consequence: "Honest tokens of issuers that write the whole media type are refused.",
    ..OTHER
};

/// The same in another case.
const SAME_CASE: Class = Class {
    level: Level::Should,
    basis: Basis::Should,
    severity: Severity::Low,
    clauses: &["RFC 7515 §4.1.9", "RFC 7519 §7.3"],
    rule: "Media types are compared without regard to case.",
    ..SAME
};

/// Where no type is demanded.
const UNASKED: Class = Class {
    basis: Basis::Rfc,
    severity: Severity::Medium,
    cwe: &[],
    clauses: &["RFC 7519 §5.1", "RFC 7515 §4.1.9"],
    rule: "`typ` is optional, and JWT implementations ignore it; the application may look at it.",
    consequence: "Honest tokens of some issuers are refused.",
    remedy: "Look at `typ` only where a type is demanded.",
    ..OTHER
};

/// A token within a token.
const NESTED: Class = Class {
    category: Category::JweNested,
    part: Part::Claims,
    basis: Basis::Rfc,
    clauses: &["RFC 7519 §7.2"],
    cwe: &[347],
    rule: "Where the payload of a JWT is another JWT, that one is validated by the same steps; and a \
           payload that is no JSON object holds no claims.",
    consequence: "The signature of one is checked and the claims of the other are believed.",
    remedy: "Validate the inner token like any other, or refuse nested tokens.",
    ..OTHER
};

const DEMANDED: &str = "at+jwt";

/// Values of `typ` that are not the demanded one.
fn others() -> [(&'static str, Value, &'static str, &'static str); 10] {
    [
        (
            "jwt",
            json!("JWT"),
            "`JWT`",
            "The user's ID token, in which the type is the usual one, is shown.",
        ),
        (
            "logout",
            json!("logout+jwt"),
            "`logout+jwt`",
            "A logout token of the same issuer is shown.",
        ),
        ("empty", json!(""), "empty", "A token whose `typ` is an empty string is shown."),
        ("null", json!(null), "null", "A token whose `typ` is null is shown."),
        (
            "prefix",
            json!("at"),
            "only the beginning of the demanded one",
            "A token of a kind whose name the demanded one begins with is shown.",
        ),
        (
            "more-behind",
            json!("at+jwt2"),
            "the demanded one and a letter more",
            "A token of a kind whose name begins with the demanded one is shown.",
        ),
        (
            "more-in-front",
            json!("dpop-at+jwt"),
            "a name that ends with the demanded one",
            "A token of a kind whose name ends with the demanded one is shown.",
        ),
        (
            "text",
            json!("text/at+jwt"),
            "the demanded one below `text`",
            "A token of another media type with the same second half is shown.",
        ),
        (
            "application-twice",
            json!("application/application/at+jwt"),
            "the demanded one with `application/` twice",
            "A token of no media type at all, from which `application/` may be stripped again and again, is shown.",
        ),
        (
            "array",
            json!(["JWT", DEMANDED]),
            "an array with the demanded one",
            "A token that names two types is shown.",
        ),
    ]
}

/// Other ways to write it.
const SPELLINGS: &[(&str, &str, &Class)] = &[
    ("application", "application/at+jwt", &SAME),
    ("upper-case", "AT+JWT", &SAME_CASE),
    ("application-in-mixed-case", "Application/at+JWT", &SAME_CASE),
];

fn demanding(typ: &str) -> Setup {
    Setup::es256().policy(|policy| policy.token_type = Some(typ.to_owned()))
}

fn cases() -> Vec<Case> {
    let setup = demanding(DEMANDED).twin(FAMILY.name, "demanded");
    let mut cases = vec![Class { basis: Basis::Operator, ..SAME }.accept(
        &setup,
        "demanded",
        "accepts a token of the demanded type",
        "None: an access token is shown where one is due.",
        setup.token().header("typ", DEMANDED),
    )];
    for (slug, typ, class) in SPELLINGS {
        let token = setup.token().header("typ", *typ);
        let title = format!("accepts `{typ}` where `{DEMANDED}` is demanded");
        let attack = "None: the same media type is written differently.";
        cases.push(class.accept(&setup, slug, title, attack, token));
    }
    for (slug, typ, what, attack) in others() {
        let token = setup.token().header("typ", typ);
        let title =
            format!("refuses a token whose `typ` is {what}, where `{DEMANDED}` is demanded");
        cases.push(OTHER.refuse(&setup, &format!("other-{slug}"), title, attack, token));
    }
    cases.push(OTHER.refuse(
        &setup,
        "other-without-kid",
        "refuses a token without `kid` of another type than the demanded one",
        "The user's ID token, which does not name its key, is shown.",
        setup.token().header("typ", "JWT").without_header("kid"),
    ));
    cases.extend(elsewhere(&setup));
    cases.extend(whole_media_type());
    cases.extend(unasked());
    cases.extend(nested());
    cases.push(selective_disclosure());
    cases
}

/// The type is missing, or stands where it is not looked for.
fn elsewhere(setup: &Setup) -> Vec<Case> {
    let untyped = || setup.token().without_header("typ");
    let refuse = |slug, title: &str, attack: &str, token: JwsRecipe| {
        OTHER.refuse(setup, slug, title, attack, token)
    };
    vec![
        refuse(
            "missing",
            "refuses a token without `typ` where one is demanded",
            "A token that tells nothing of its kind is shown.",
            untyped(),
        ),
        refuse(
            "in-cty",
            "refuses a token that has the demanded type as its `cty` only",
            "The type of the content is that which the token should be of.",
            untyped().header("cty", DEMANDED),
        ),
        refuse(
            "in-the-claims",
            "refuses a token that has the demanded type among its claims only",
            "The attacker may fill a claim `typ`; some issuers write the type there.",
            untyped().claim("typ", DEMANDED),
        ),
        OTHER.choice(
            setup,
            "parameter",
            "may refuse a token whose `typ` is the demanded one with a parameter",
            "An issuer adds a parameter to the media type.",
            setup.token().header("typ", "at+jwt;v=1"),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

/// The operator writes the media type in full.
fn whole_media_type() -> Vec<Case> {
    let setup =
        demanding("application/at+jwt").twin(FAMILY.name, "demanded-in-full-and-so-written");
    vec![
        Class { basis: Basis::Operator, ..SAME }.accept(
            &setup,
            "demanded-in-full-and-so-written",
            "accepts `application/at+jwt` where that is demanded",
            "None: operator and issuer write the media type in full.",
            setup.token().header("typ", "application/at+jwt"),
        ),
        SAME.accept(
            &setup,
            "demanded-in-full",
            "accepts `at+jwt` where `application/at+jwt` is demanded",
            "None: the operator writes the media type in full and the issuer does not.",
            setup.token().header("typ", DEMANDED),
        ),
        OTHER.refuse(
            &setup,
            "demanded-in-full-other",
            "refuses `JWT` where `application/at+jwt` is demanded",
            "The user's ID token is shown.",
            setup.token(),
        ),
    ]
}

fn unasked() -> Vec<Case> {
    let setup = Setup::es256();
    vec![
        UNASKED.accept(
            &setup,
            "unasked-missing",
            "accepts a token without `typ` where none is demanded",
            "None: the parameter is optional, and OpenID providers leave it away.",
            setup.token().without_header("typ"),
        ),
        UNASKED.accept(
            &setup,
            "unasked-application",
            "accepts `application/jwt` where no type is demanded",
            "None: an issuer writes the media type in full.",
            setup.token().header("typ", "application/jwt"),
        ),
        Class { level: Level::Should, basis: Basis::Should, severity: Severity::Low, ..UNASKED }
            .accept(
                &setup,
                "unasked-lower-case",
                "accepts `jwt` where no type is demanded",
                "None: an issuer writes the type in small letters.",
                setup.token().header("typ", "jwt"),
            ),
        UNASKED.choice(
            &setup,
            "unasked-other",
            "may refuse a token of a kind of its own where no type is demanded",
            "A service that demands no type is shown an access token, or any other.",
            setup.token().header("typ", DEMANDED),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

fn nested() -> Vec<Case> {
    let setup = Setup::es256();
    let within = |inner: JwsRecipe| setup.token().payload(Json::Token(Box::new(inner.into())));
    let attackers = || {
        let signing = Signing::Key { key: KeyName::from("p256-b"), alg: "ES256".to_owned() };
        setup.token().signed(signing)
    };
    let unsecured = setup
        .token()
        .protected(Json::Members(vec![("alg".to_owned(), json!("none"))]))
        .signed(Signing::Octets(Vec::new()));
    vec![
        NESTED.refuse(
            &setup,
            "nested-foreign-inside",
            "refuses a signed JWT around one that a stranger signed",
            "The issuer signs whatever it is handed as a nested token; the attacker hands it one that \
             he signed himself.",
            within(attackers()).header("cty", "JWT"),
        ),
        NESTED.refuse(
            &setup,
            "nested-unsecured-inside",
            "refuses a signed JWT around one that nobody signed",
            "The issuer signs whatever it is handed as a nested token; the attacker hands it one \
             without a signature.",
            within(unsecured).header("cty", "JWT"),
        ),
        NESTED.refuse(
            &setup,
            "nested-without-cty",
            "refuses a JWT whose payload is a token, though its header says no such thing",
            "The payload is a token of a stranger, and nothing in the header tells of it: it is no \
             JSON.",
            within(attackers()),
        ),
        NESTED.choice(
            &setup,
            "nested-honest",
            "may refuse a JWT around another, or accept it when both are good",
            "An issuer nests tokens, which few verifiers support.",
            within(setup.token()).header("cty", "JWT"),
            Permitted::choice_among([
                Belief::Signed,
                Belief::Claim { name: "sub".to_owned(), value: json!(super::SUBJECT) },
            ]),
        ),
        NESTED.choice(
            &setup,
            "cty-number",
            "may refuse a token whose `cty` is a number",
            "Anybody sends a token whose `cty` is no text; what compares it with `JWT` in any case asks \
             it for its letters.",
            setup.token().header("cty", json!(1)),
            Permitted::choice(Belief::Signed),
        ),
        NESTED.choice(
            &setup,
            "cty-jwt-around-claims",
            "may refuse a JWT that says by `cty` that it holds another, and holds claims",
            "An issuer writes `cty` though nothing is nested: by the letter the payload is no JWT, but \
             many verifiers ignore the parameter.",
            setup.token().header("cty", "JWT"),
            Permitted::choice(Belief::Signed),
        ),
    ]
}

/// What stands behind the tilde is not signed.
fn selective_disclosure() -> Case {
    let setup = Setup::es256();
    let class = Class {
        part: Part::Serialization,
        basis: Basis::Rfc,
        clauses: &["RFC 7515 §7.1", "RFC 7515 §5.2"],
        rule: "A JWT ends with its signature, in base64url without any other character.",
        consequence: "Claims that nobody signed are taken in, or what hangs on a token's exact text \
                      (a list of revoked ones) is passed by.",
        remedy: "Refuse characters outside the base64url alphabet, the tilde among them.",
        ..OTHER
    };
    class.refuse(
        &setup,
        "selective-disclosure",
        "refuses a token with disclosures behind its signature where a JWT is due",
        "The attacker appends a disclosure of his own, as selective-disclosure JWTs have them, to a \
         good token: `[\"salt\",\"admin\",true]`.",
        setup.token().edit(Edit::Append("~WyJzYWx0IiwiYWRtaW4iLHRydWVd~".to_owned())),
    )
}
