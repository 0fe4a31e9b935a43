//! One token: what it says, what was signed, and the octets that are sent.

use std::fmt::Write as _;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use gauntlet_vectors::{
    Recipe,
    forge::{from_base64url, keys},
    recipe::Signing,
    timeline::Presentation,
};
use serde_json::{Map, Value};

use super::{super::console::Palette, compared, readable};
use crate::runner::prepare::Shown;

/// What is shown of a token, beside what its twin says there.
pub(super) fn show(
    text: &mut String,
    presentation: &Presentation,
    shown: &Shown,
    twin: Option<(&Presentation, &Shown)>,
) {
    let (head, dim) = (Palette::HEAD, Palette::DIM);
    let token = Parts::of(shown);
    let twin_made = twin.map(|(presentation, _)| presentation);
    let twin = twin.map(|(_, shown)| Parts::of(shown));
    let same =
        twin.as_ref().is_some_and(|twin| twin.sent == token.sent && twin.beside == token.beside);
    if same {
        let _ = writeln!(text, "    {dim}octet for octet the twin's token{dim:#}");
    }
    let mut is_told = same;
    for (name, of, of_twin) in PARTS {
        let Some(octets) = of(&token) else { continue };
        let _ = writeln!(text, "{head}  {name}{head:#}");
        let beside = twin.as_ref().and_then(of_twin);
        let lines = readable::lines(&octets);
        compared::lines(text, &lines, beside.as_deref().map(readable::lines).as_deref());
        // That a text of JSON differs is told by its parts, where one of them does.
        if let Some(beside) = beside.filter(|_| *name != JSON) {
            compared::octets(text, &octets, &beside);
            is_told |= octets != beside;
        }
    }
    for (name, segment) in &token.unread {
        let _ = writeln!(
            text,
            "{head}  {name} as sent{head:#} {dim}(no base64url){dim:#}\n    {}",
            readable::escaped(segment)
        );
    }
    made(text, presentation, twin_made);
    signature(text, &token);

    let _ = writeln!(text, "{head}  As sent{head:#}\n    {}", readable::escaped(&token.sent));
    let _ = writeln!(
        text,
        "    {dim}{} octets, SHA-256 {}{dim:#}",
        token.sent.len(),
        readable::hex(digest::digest(&SHA256, &token.sent).as_ref())
    );
    // Where what the token says is the same, the difference is in how it is written or signed.
    if let Some(twin) = twin.filter(|_| !is_told) {
        compared::octets(text, &token.sent, &twin.sent);
    }
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
    fn of(shown: &Shown) -> Self {
        let forged = &shown.forged;
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

    /// The names of the hashes that the token's algorithm takes of the signing input.
    fn hashes(&self) -> Vec<&'static str> {
        let header = self.signed_header.as_ref().or(self.header.as_ref());
        let header: Map<String, Value> =
            header.and_then(|octets| serde_json::from_slice(octets).ok()).unwrap_or_default();
        let alg = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        match alg.get(alg.len().saturating_sub(3)..) {
            // EdDSA takes the signing input itself.
            Some(_) if alg.starts_with("Ed") => Vec::new(),
            Some("384") => vec!["SHA-384"],
            Some("512") => vec!["SHA-512"],
            // ES256K hashes with SHA-256; and where nothing tells, most would.
            Some(_) | None => vec!["SHA-256"],
        }
    }
}

fn compact_signing_input(token: &[u8]) -> Option<Vec<u8>> {
    let dots = token.iter().filter(|octet| **octet == b'.').count();
    let last = token.iter().rposition(|octet| *octet == b'.')?;
    token.get(..last).filter(|_| dots == 2).map(<[u8]>::to_vec)
}

/// How it was made beyond what it says: who signed it, and what was changed on the way.
fn made(text: &mut String, presentation: &Presentation, twin: Option<&Presentation>) {
    let head = Palette::HEAD;
    let Some(own) = making(&presentation.token) else { return };
    let twin = twin.and_then(|twin| making(&twin.token));
    let _ = writeln!(text, "{head}  Made so{head:#}");
    compared::lines(text, &own, twin.as_deref());
    let Recipe::Jws(recipe) = &presentation.token else { return };
    if let Signing::Key { key, .. } = &recipe.signing
        && let Ok(found) = keys::find(key)
    {
        let jwk = Value::Object(found.public_jwk()).to_string();
        let _ = writeln!(text, "{head}  Test key {key}{head:#}\n    {}", readable::line(&jwk));
    }
    if let Signing::HmacOctets { key, .. } = &recipe.signing {
        let octets = key.len();
        let _ = writeln!(
            text,
            "{head}  HMAC key of {octets} octets{head:#}\n    {}",
            readable::escaped(key)
        );
    }
}

/// A recipe without header and payload, which the token shows; nothing for a published token.
fn making(token: &Recipe) -> Option<Vec<String>> {
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
    Some(readable::lines(recipe.to_string().as_bytes()))
}

/// The intermediate values: what an implementer compares with his own.
fn signature(text: &mut String, token: &Parts) {
    let head = Palette::HEAD;
    let Some(input) = &token.signing_input else { return };
    let _ = writeln!(text, "{head}  Signing input{head:#}\n    {}", readable::escaped(input));
    let hashes = token.hashes();
    for (name, algorithm) in [("SHA-256", &SHA256), ("SHA-384", &SHA384), ("SHA-512", &SHA512)] {
        if hashes.contains(&name) {
            let hash = readable::hex(digest::digest(algorithm, input).as_ref());
            let _ = writeln!(text, "{head}  Its {name}{head:#}\n    {hash}");
        }
    }
    if let Some(signature) = &token.signature {
        let _ = writeln!(
            text,
            "{head}  Signature{head:#} {}\n    {}",
            match signature.len() {
                1 => "of 1 octet".to_owned(),
                octets => format!("of {octets} octets"),
            },
            readable::escaped(readable::hex(signature).as_bytes())
        );
    }
}
