//! The addresses that a key set may have.

use std::fmt;

use ureq::http::Uri;

use super::super::checks::quote;

/// An absolute URL of http or https, with a host, and without a name or password before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    uri: Uri,
    is_secure: bool,
}

/// An issuer whose metadata are asked for, as the configuration has it.
#[derive(Debug)]
pub(super) struct IssuerUrl {
    /// The identifier, octet for octet: what its metadata have to name.
    pub(super) text: String,
    url: Url,
}

/// Why a text is no address for us: the end of a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} {why}")]
pub(super) struct NoUrl {
    text: String,
    why: &'static str,
}

impl Url {
    /// Reads an address.
    ///
    /// # Errors
    /// [`NoUrl`], when nothing is fetched from there.
    pub(super) fn parse(text: &str) -> Result<Self, NoUrl> {
        let wrong = |why| NoUrl { text: quote(text), why };
        let Ok(uri) = text.parse::<Uri>() else {
            return Err(wrong("is no URL"));
        };
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) => return Err(wrong("is neither http nor https")),
            None => return Err(wrong("has no scheme")),
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            // The text is not shown: what stands before the `@` may be a password.
            return Err(NoUrl { text: "it".to_owned(), why: "says who asks" });
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(wrong("has no host"));
        }
        Ok(Self { uri, is_secure })
    }

    /// Whether it is asked in secret.
    pub(super) const fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The same, for the request.
    pub(super) const fn uri(&self) -> &Uri {
        &self.uri
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(&self.uri.to_string()))
    }
}

impl IssuerUrl {
    /// Reads an issuer's identifier (RFC 8414 §2: no query and no fragment).
    ///
    /// # Errors
    /// [`NoUrl`], when it has no metadata that could be fetched.
    pub(super) fn parse(text: &str) -> Result<Self, NoUrl> {
        let url = Url::parse(text)?;
        if text.contains(['?', '#']) {
            return Err(NoUrl { text: quote(text), why: "has a query or a fragment" });
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// Whether it is asked in secret.
    pub(super) const fn is_secure(&self) -> bool {
        self.url.is_secure()
    }

    /// Where its metadata may be, in the order of asking: where OpenID Connect Discovery 1.0 §4 has them,
    /// behind the path, which most issuers do; and where RFC 8414 §3.1 has them, before it.
    ///
    /// # Errors
    /// [`NoUrl`]: never, for an issuer that could be read.
    pub(super) fn metadata(&self) -> Result<[Url; 2], NoUrl> {
        let scheme = if self.is_secure() { "https" } else { "http" };
        let authority = self.url.uri.authority().map_or("", |authority| authority.as_str());
        let path = self.url.uri.path().trim_end_matches('/');
        Ok([
            Url::parse(&format!("{scheme}://{authority}{path}/.well-known/openid-configuration"))?,
            Url::parse(&format!(
                "{scheme}://{authority}/.well-known/oauth-authorization-server{path}"
            ))?,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_are_fetched_from() {
        assert!(Url::parse("https://issuer.test/jwks.json").unwrap().is_secure());
        assert!(!Url::parse("HTTP://127.0.0.1:80").unwrap().is_secure());
        for (text, why) in [
            ("file:///etc/jwks.json", "\"file:///etc/jwks.json\" is no URL"),
            ("file://localhost/etc/jwks.json", "is neither http nor https"),
            ("data:application/json,{}", "is no URL"),
            ("ftp://issuer.test/", "is neither http nor https"),
            ("/jwks.json", "has no scheme"),
            ("issuer.test", "has no scheme"),
            ("", "is no URL"),
            ("http://", "is no URL"),
            ("http:///jwks.json", "is no URL"),
            (" https://issuer.test/", "is no URL"),
            ("https://issuer.test/\r\nHost: evil", "is no URL"),
        ] {
            let error = Url::parse(text).unwrap_err().to_string();
            assert!(error.ends_with(why), "{error}");
        }
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        let error = Url::parse("https://alice:secret@issuer.test/").unwrap_err().to_string();
        assert_eq!(error, "it says who asks");
    }

    #[test]
    fn metadata_are_looked_for_in_both_places() {
        for (issuer, openid, oauth) in [
            (
                "https://a.test",
                "a.test/.well-known/openid-configuration",
                "a.test/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.test/",
                "a.test/.well-known/openid-configuration",
                "a.test/.well-known/oauth-authorization-server",
            ),
            (
                "https://a.test/t/1/",
                "a.test/t/1/.well-known/openid-configuration",
                "a.test/.well-known/oauth-authorization-server/t/1",
            ),
        ] {
            let found = IssuerUrl::parse(issuer).unwrap().metadata().unwrap();
            assert_eq!(
                found.map(|url| url.uri().to_string()),
                [openid, oauth].map(|url| format!("https://{url}"))
            );
        }
        assert!(IssuerUrl::parse("https://a.test/?t=1").is_err());
        assert!(IssuerUrl::parse("https://a.test/#t").is_err());
    }
}
