//! An issuer's metadata: where its keys are (OpenID Connect Discovery 1.0 §3–4, RFC 8414 §2–3).
//!
//! They are asked for anew with every fetch of the set and never kept, so that a set that moves is followed
//! as soon as one that changes.

use super::{
    super::{
        checks::{Check, Refused, Rules, quote},
        json::{Members, Value},
    },
    fetch::{Client, Deadline},
    url::{IssuerUrl, Url},
};

#[derive(Default)]
struct Document<'a> {
    issuer: Value<'a>,
    jwks_uri: Value<'a>,
}

impl<'a> Members<'a> for Document<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
        match name {
            "issuer" => Some(&mut self.issuer),
            "jwks_uri" => Some(&mut self.jwks_uri),
            _ => None,
        }
    }
}

/// Asks an issuer where its keys are.
///
/// The second place is looked at where the first one says 404, and only then: an endpoint that fails is
/// no reason to believe another one.
///
/// # Errors
/// [`Refused`], when it does not say.
pub(super) fn key_set_of(
    issuer: &IssuerUrl,
    client: &Client,
    deadline: Deadline,
    rules: Rules,
) -> Result<Url, Refused> {
    let [openid, oauth] =
        issuer.metadata().map_err(|error| Refused::by(Check::MetadataShape, error.to_string()))?;
    let first = client.get(&openid, None, deadline)?;
    let (url, response) = if first.is_not_found() {
        let second = client.get(&oauth, None, deadline)?;
        (oauth, second)
    } else {
        (openid, first)
    };
    read(response.document(&url, rules)?, issuer, rules)
}

fn read(text: &str, issuer: &IssuerUrl, rules: Rules) -> Result<Url, Refused> {
    let mut document = Document::default();
    let rest = document
        .fill(text, rules.twice())
        .map_err(|error| Refused::by(Check::MetadataShape, error.to_string()))?;
    if let Some(name) = rest.duplicate {
        rules.refuse(Check::MetadataDuplicate, format!("{} stands twice", quote(&name)))?;
    }
    if document.issuer.text() != Some(&issuer.text) {
        let other = document.issuer.text().map_or("no string".to_owned(), quote);
        let detail = format!("`issuer` is {other}, and {} was asked", quote(&issuer.text));
        rules.refuse(Check::MetadataIssuer, detail)?;
    }
    let Some(jwks_uri) = document.jwks_uri.text() else {
        return Err(Refused::by(Check::MetadataShape, "there is no `jwks_uri` that is a string"));
    };
    let url = Url::parse(jwks_uri)
        .map_err(|error| Refused::by(Check::MetadataShape, format!("`jwks_uri`: {error}")))?;
    if issuer.is_secure() && !url.is_secure() {
        rules.refuse(Check::FetchDowngrade, format!("`jwks_uri` is {url}"))?;
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_by(rules: Rules, issuer: &str, text: &str) -> Result<String, String> {
        let issuer = IssuerUrl::parse(issuer).unwrap();
        read(text, &issuer, rules)
            .map(|url| url.uri().to_string())
            .map_err(|error| error.to_string())
    }

    fn refusal(issuer: &str, text: &str) -> String {
        let error = read_by(Rules::STRICT, issuer, text).unwrap_err();
        error.split_once(": ").unwrap().0.to_owned()
    }

    #[test]
    fn metadata_name_the_key_set_of_the_issuer_that_was_asked() {
        let text = r#"{"issuer":"https:\/\/a.test","jwks_uri":"https://keys.test/a","x":[{}]}"#;
        assert_eq!(read_by(Rules::STRICT, "https://a.test", text).unwrap(), "https://keys.test/a");
        for issuer in ["https://a.test/", "https://A.test", "http://a.test", "https://a.test:443"] {
            assert_eq!(refusal(issuer, text), "metadata-issuer", "{issuer}");
        }
        let without = Rules::STRICT.without(Check::MetadataIssuer);
        assert!(read_by(without, "https://b.test", text).is_ok());
    }

    #[test]
    fn metadata_that_do_not_say_it_are_refused() {
        for (text, check) in [
            ("", "metadata-shape"),
            ("[]", "metadata-shape"),
            ("<html>", "metadata-shape"),
            (r#"{"issuer":"https://a.test"}"#, "metadata-shape"),
            (r#"{"issuer":"https://a.test","jwks_uri":7}"#, "metadata-shape"),
            (r#"{"issuer":"https://a.test","jwks_uri":"/jwks.json"}"#, "metadata-shape"),
            (r#"{"issuer":"https://a.test","jwks_uri":"file:///etc/x"}"#, "metadata-shape"),
            (r#"{"issuer":"https://a.test","jwks_uri":"data:,{}"}"#, "metadata-shape"),
            (r#"{"jwks_uri":"https://a.test/k"}"#, "metadata-issuer"),
            (r#"{"issuer":["https://a.test"],"jwks_uri":"https://a.test/k"}"#, "metadata-issuer"),
            (r#"{"issuer":"https://a.test","jwks_uri":"http://a.test/k"}"#, "fetch-downgrade"),
            (
                r#"{"issuer":"https://a.test","jwks_uri":"https://a.test/k","issuer":"https://a.test"}"#,
                "metadata-duplicate",
            ),
        ] {
            assert_eq!(refusal("https://a.test", text), check, "{text}");
        }
    }

    #[test]
    fn an_issuer_without_tls_may_name_a_key_set_with_it() {
        let text = r#"{"issuer":"http://a.test","jwks_uri":"https://a.test/k"}"#;
        assert!(read_by(Rules::STRICT, "http://a.test", text).is_ok());
        let text = r#"{"issuer":"https://a.test","jwks_uri":"http://a.test/k"}"#;
        let without = Rules::STRICT.without(Check::FetchDowngrade);
        assert!(read_by(without, "https://a.test", text).is_ok());
    }
}
