//! One token: what it says, what was signed, and the octets that are sent.

use gauntlet_vectors::{
    Recipe,
    forge::{Forged, from_base64url, keys},
    recipe::Signing,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Bounds, Kind, Line, Mark, Panel, compared, readable};

/// A token, and what it was made of.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    /// Its recipe.
    pub recipe: &'a Recipe,
    /// What the forge made of it.
    pub forged: &'a Forged,
}

/// What is to be seen of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhibit {
    /// Whether the twin shows the very same octets: the difference is then in the policy, or in what happens
    /// around the token.
    pub is_the_twins: bool,
    /// Its parts, as they are read: from what it says to the octets.
    pub panels: Vec<Panel>,
}

impl Exhibit {
    /// What is to be seen of a token, beside what its twin says there.
    #[must_use]
    pub fn of(token: Token<'_>, twin: Option<Token<'_>>, bounds: &Bounds) -> Self {
        let parts = Parts::of(token.forged);
        let twin_recipe = twin.map(|twin| twin.recipe);
        let twin = twin.map(|twin| Parts::of(twin.forged));
        let is_the_twins = twin
            .as_ref()
            .is_some_and(|twin| twin.sent == parts.sent && twin.beside == parts.beside);
        let mut is_told = is_the_twins;
        let mut panels = Vec::new();
        for (name, of, of_twin) in PARTS {
            let Some(octets) = of(&parts) else { continue };
            let beside = twin.as_ref().and_then(of_twin);
            let lines = compared::lines(
                &readable::lines(&octets, bounds),
                beside.as_deref().map(|octets| readable::lines(octets, bounds)).as_deref(),
                bounds,
            );
            let mut panel = panel(Kind::Content, name, "", lines);
            // That a text of JSON differs is told by its parts, where one of them does.
            if let Some(beside) = beside.filter(|_| *name != JSON) {
                panel.octets = compared::octets(&octets, &beside, bounds);
                is_told |= octets != beside;
            }
            panels.push(panel);
        }
        for (name, segment) in &parts.unread {
            let lines = plain(readable::escaped(segment, bounds.text));
            panels.push(panel(Kind::Content, &format!("{name} as sent"), "(no base64url)", lines));
        }
        panels.extend(made(token.recipe, twin_recipe, bounds));
        panels.extend(signature(&parts, bounds));

        let mut lines = plain(readable::escaped(&parts.sent, bounds.text));
        lines.push(Line::new(
            Mark::Note,
            format!("{} octets, SHA-256 {}", parts.sent.len(), sha256(&parts.sent)),
        ));
        let mut sent = panel(Kind::Sent, "As sent", "", lines);
        // Where what the token says is the same, the difference is in how it is written or signed.
        if let Some(twin) = twin.filter(|_| !is_told) {
            sent.octets = compared::octets(&parts.sent, &twin.sent, bounds);
        }
        panels.push(sent);
        Self { is_the_twins, panels }
    }
}

/// The SHA-256 of octets as hexadecimal digits, by which a text that is not shown whole can be known again.
#[must_use]
pub fn sha256(octets: &[u8]) -> String {
    readable::hex(&Sha256::digest(octets))
}

fn panel(kind: Kind, name: &str, note: &str, lines: Vec<Line>) -> Panel {
    Panel { kind, name: name.to_owned(), note: note.to_owned(), lines, octets: Vec::new() }
}

fn plain(text: String) -> Vec<Line> {
    vec![Line::new(Mark::Same, text)]
}

/// What can be told apart in a token as it is sent.
struct Parts {
    header: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    beside: Option<Vec<u8>>,
    /// What was signed, where something else is sent.
    signed_header: Option<Vec<u8>>,
    signed_payload: Option<Vec<u8>>,
    /// Segments that cannot be decoded.
    unread: Vec<(&'static str, Vec<u8>)>,
    /// A token that is a JSON text.
    json: Option<Vec<u8>>,
    signing_input: Option<Vec<u8>>,
    sent: Vec<u8>,
}

const JSON: &str = "JSON serialization";

type Part = fn(&Parts) -> Option<Vec<u8>>;

/// A part's name, how it is found, and what of the twin it is compared with.
const PARTS: &[(&str, Part, Part)] = &[
    (JSON, |parts| parts.json.clone(), |twin| twin.json.clone()),
    ("Protected header", |parts| parts.header.clone(), |twin| twin.header.clone()),
    ("Payload", |parts| parts.payload.clone(), |twin| twin.payload.clone()),
    (
        "Protected header that was signed",
        |parts| parts.signed_header.clone(),
        |twin| twin.signed_header.clone().or_else(|| twin.header.clone()),
    ),
    (
        "Payload that was signed",
        |parts| parts.signed_payload.clone(),
        |twin| twin.signed_payload.clone().or_else(|| twin.payload.clone()),
    ),
    ("Payload beside the token", |parts| parts.beside.clone(), |twin| twin.beside.clone()),
];

impl Parts {
    fn of(forged: &Forged) -> Self {
        let sent = &forged.presented.token;
        let beside = forged.presented.detached_payload.clone();
        let segments: Vec<&[u8]> = sent.split(|octet| *octet == b'.').collect();
        let [header, payload, signature] = match segments.as_slice() {
            [header, payload, signature] => [header, payload, signature].map(from_base64url),
            // No compact JWS: what the forge knows of it, or could read.
            _ => [forged.protected.clone(), forged.payload.clone(), None],
        };
        let names = ["Protected header", "Payload", "Signature"];
        let unread = names.into_iter().zip(&segments).filter(|(_, segment)| {
            segments.len() == names.len() && from_base64url(segment).is_none()
        });
        let is_detached = payload.as_ref().is_some_and(Vec::is_empty) && beside.is_some();
        let other = |made: &Option<Vec<u8>>, sent: &Option<Vec<u8>>| {
            made.clone().filter(|_| forged.signing_input.is_some() && made != sent)
        };
        let signed_payload = if is_detached {
            other(&forged.payload, &beside)
        } else {
            other(&forged.payload, &payload)
        };
        Self {
            signed_header: other(&forged.protected, &header),
            signed_payload,
            header,
            payload: payload.filter(|_| !is_detached),
            signature,
            unread: unread.map(|(name, segment)| (name, segment.to_vec())).collect(),
            beside,
            json: sent.trim_ascii_start().starts_with(b"{").then(|| sent.clone()),
            signing_input: forged.signing_input.clone().or_else(|| compact_signing_input(sent)),
            sent: sent.clone(),
        }
    }

    /// The hash that the token's algorithm takes of the signing input, by its name.
    fn hash(&self, input: &[u8]) -> Option<(&'static str, String)> {
        let header = self.signed_header.as_ref().or(self.header.as_ref());
        let header: Map<String, Value> =
            header.and_then(|octets| serde_json::from_slice(octets).ok()).unwrap_or_default();
        let alg = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        match alg.get(alg.len().saturating_sub(3)..) {
            // EdDSA takes the signing input itself.
            Some(_) if alg.starts_with("Ed") => None,
            Some("384") => Some(("SHA-384", readable::hex(&Sha384::digest(input)))),
            Some("512") => Some(("SHA-512", readable::hex(&Sha512::digest(input)))),
            // ES256K hashes with SHA-256; and where nothing tells, most would.
            Some(_) | None => Some(("SHA-256", sha256(input))),
        }
    }
}

fn compact_signing_input(token: &[u8]) -> Option<Vec<u8>> {
    let dots = token.iter().filter(|octet| **octet == b'.').count();
    let last = token.iter().rposition(|octet| *octet == b'.')?;
    token.get(..last).filter(|_| dots == 2).map(<[u8]>::to_vec)
}

/// How it was made beyond what it says: who signed it, and what was changed on the way.
fn made(recipe: &Recipe, twin: Option<&Recipe>, bounds: &Bounds) -> Vec<Panel> {
    let Some(own) = making(recipe, bounds) else { return Vec::new() };
    let twin = twin.and_then(|twin| making(twin, bounds));
    let lines = compared::lines(&own, twin.as_deref(), bounds);
    let mut panels = vec![panel(Kind::Making, "Made so", "", lines)];
    let Recipe::Jws(recipe) = recipe else { return panels };
    if let Signing::Key { key, .. } = &recipe.signing
        && let Ok(found) = keys::find(key)
    {
        let jwk = Value::Object(found.public_jwk()).to_string();
        let name = format!("Test key {key}");
        panels.push(panel(Kind::Key, &name, "", plain(readable::abridged(&jwk, bounds.line))));
    }
    if let Signing::HmacOctets { key, .. } = &recipe.signing {
        let name = format!("HMAC key of {} octets", key.len());
        panels.push(panel(Kind::Key, &name, "", plain(readable::escaped(key, bounds.text))));
    }
    panels
}

/// A recipe without header and payload, which the token shows; nothing for a published token.
fn making(token: &Recipe, bounds: &Bounds) -> Option<Vec<String>> {
    if matches!(token, Recipe::Text(_) | Recipe::Octets(_)) {
        return None;
    }
    let mut recipe = serde_json::to_value(token).ok()?;
    if let Some(jws) = recipe.get_mut("jws") {
        let mut jws = jws.take();
        for shown in ["protected", "payload"] {
            jws.as_object_mut()?.shift_remove(shown);
        }
        recipe = jws;
    }
    Some(readable::lines(recipe.to_string().as_bytes(), bounds))
}

/// The intermediate values: what an implementer compares with his own.
fn signature(parts: &Parts, bounds: &Bounds) -> Vec<Panel> {
    let Some(input) = &parts.signing_input else { return Vec::new() };
    let kind = Kind::Intermediate;
    let mut panels =
        vec![panel(kind, "Signing input", "", plain(readable::escaped(input, bounds.text)))];
    if let Some((name, hash)) = parts.hash(input) {
        panels.push(panel(kind, &format!("Its {name}"), "", plain(hash)));
    }
    if let Some(signature) = &parts.signature {
        let octets = signature.len();
        let note =
            if octets == 1 { "of 1 octet".to_owned() } else { format!("of {octets} octets") };
        let digits = readable::escaped(readable::hex(signature).as_bytes(), bounds.text);
        panels.push(panel(kind, "Signature", &note, plain(digits)));
    }
    panels
}

#[cfg(test)]
mod tests {
    use gauntlet_vectors::{
        Env, forge,
        recipe::{Edit, JwsRecipe, Signing},
        verdict::Mode,
    };
    use serde_json::json;

    use super::*;

    /// An honest token, as one of the catalogue reads.
    fn honest() -> JwsRecipe {
        serde_json::from_value(json!({
            "protected": {"members": [["alg", "HS256"], ["typ", "JWT"]]},
            "payload": {"members": [["iss", "https://issuer.test"], ["sub", "alice"]]},
            "signing": {"key": {"key": "oct-256-a", "alg": "HS256"}},
        }))
        .unwrap()
    }

    fn exhibit(own: JwsRecipe, twin: JwsRecipe) -> Exhibit {
        let (own, twin) = (Recipe::from(own), Recipe::from(twin));
        let made = |recipe: &Recipe| forge::forge(recipe, Mode::Jwt, None, &Env::fixed()).unwrap();
        let (own_made, twin_made) = (made(&own), made(&twin));
        Exhibit::of(
            Token { recipe: &own, forged: &own_made },
            Some(Token { recipe: &twin, forged: &twin_made }),
            &Bounds::TERMINAL,
        )
    }

    fn marked(exhibit: &Exhibit, name: &str) -> Vec<(Mark, String)> {
        let panel = exhibit.panels.iter().find(|panel| panel.name == name).unwrap();
        let marked = panel.lines.iter().filter(|line| line.differs());
        marked.map(|line| (line.mark, line.text.trim().to_owned())).collect()
    }

    #[test]
    fn a_token_is_shown_by_what_it_does_not_share_with_its_twin() {
        let forged = honest().header("alg", "none").signed(Signing::Octets(Vec::new()));
        let exhibit = exhibit(forged, honest());
        assert!(!exhibit.is_the_twins);
        assert_eq!(
            marked(&exhibit, "Protected header"),
            [
                (Mark::Twin, r#""alg": "HS256","#.to_owned()),
                (Mark::Own, r#""alg": "none","#.to_owned())
            ]
        );
        assert_eq!(marked(&exhibit, "Payload"), []);
        assert!(!marked(&exhibit, "Made so").is_empty(), "it is signed by nobody");
    }

    #[test]
    fn the_very_token_of_the_twin_is_told_to_be_it() {
        assert!(exhibit(honest(), honest()).is_the_twins);
    }

    #[test]
    fn a_difference_that_no_member_shows_is_shown_octet_by_octet() {
        let exhibit = exhibit(honest().edit(Edit::Append("\n".to_owned())), honest());
        let sent = exhibit.panels.iter().find(|panel| panel.kind == Kind::Sent).unwrap();
        assert!(sent.octets.iter().any(|line| line.mark == Mark::Own), "{sent:?}");
        assert!(sent.lines.iter().any(|line| line.text.contains("SHA-256")));
    }

    #[test]
    fn a_claim_of_a_mebibyte_is_bounded_in_every_panel() {
        let long = "a\u{202e}".repeat(1 << 18);
        let exhibit = exhibit(honest().claim("sub", long), honest());
        for panel in &exhibit.panels {
            let octets: usize =
                panel.lines.iter().chain(&panel.octets).map(|line| line.text.len()).sum();
            assert!(octets < 1 << 15, "{}: {octets}", panel.name);
            assert!(
                !panel.lines.iter().any(|line| line.text.contains('\u{202e}')),
                "{}",
                panel.name
            );
        }
    }
}
