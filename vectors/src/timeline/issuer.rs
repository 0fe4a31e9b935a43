//! The issuers of a scenario: what they serve, and what goes wrong with them.

use serde::{Deserialize, Serialize};

use crate::{policy::KeysRecipe, recipe::Json};

/// An issuer of ours that listens from the beginning of a case to its end.
///
/// `{issuer.N}` stands for its URL, without a final slash: the identifier of its metadata. Its key set is at
/// `{issuer.N}/jwks.json`; its metadata are where OpenID Connect Discovery and RFC 8414 look for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuerRecipe {
    /// How it is reached; where absent, in the clear, or with TLS by verifiers that ask for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// What it serves at first.
    #[serde(default)]
    pub serves: Publication,
}

/// How an issuer is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// In the clear, on loopback.
    #[default]
    Http,
    /// With a certificate of the harness's own authority, whose file `{ca_file}` stands for.
    Https,
}

impl Scheme {
    /// Its word in a URL.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What an issuer serves; what is absent stays as it is, and at first is not found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Publication {
    /// The key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysRecipe>,
    /// Header fields of the key set's response beside those that every response has.
    ///
    /// In a value, `{max_age}`, `{cooldown}`, `{max_stale}`, `{short}` and sums of them stand for seconds,
    /// `{date}` and `{date+SUM}` for a date (RFC 9110 §5.6.7), `{etag}` for a tag of the body; a request
    /// that brings that tag in `If-None-Match` is answered 304.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<(String, String)>>,
    /// The metadata document (OpenID Connect Discovery 1.0 §3, RFC 8414 §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Json>,
}

/// What is asked of an issuer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// The key set.
    #[default]
    Jwks,
    /// The metadata, at any of their well-known places.
    Metadata,
}

impl Endpoint {
    /// Its name in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Jwks => "key set",
            Self::Metadata => "metadata",
        }
    }
}

/// What goes wrong with an answer.
///
/// Those up to [`Self::Tls`] happen to a connection, before it is known what is asked; whatever endpoint a
/// step names, they happen to all of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The port is closed: the connection is refused.
    Refused,
    /// The connection is accepted, and nothing is ever said.
    Silent,
    /// The connection is accepted and closed at once.
    Closed,
    /// The handshake goes wrong.
    Tls(TlsFault),
    /// The request is read, and the connection reset.
    Reset,
    /// The head of the response comes, and then nothing.
    SilentBody,
    /// The response comes octet by octet: whole in the end, but long after any deadline.
    Drip,
    /// The honest answer comes so many milliseconds late: in time, and late enough for others to ask meanwhile.
    Late(u16),
    /// The connection is closed half-way through the body that `Content-Length` announced.
    Cut,
    /// The whole body comes, and white space, and the connection is closed before as many octets came as
    /// `Content-Length` announced.
    CutTail,
    /// `Content-Length` is less than the body.
    ShortLength,
    /// The size of a chunk is no number.
    BadChunk,
    /// The connection is closed before the last chunk.
    CutChunks,
    /// What comes is no HTTP.
    NotHttp,
    /// Header fields without end.
    EndlessHead,
    /// A status, with a few words for a body; 429 and 503 come with `Retry-After: 1`.
    Status(u16),
    /// A status that is no success, with the key set for a body all the same.
    StatusWithDocument(u16),
    /// 304 for whoever did not ask for it, and 503 for whoever did.
    NotModified,
    /// 200, with a page for people.
    Html,
    /// 200, with no body.
    Empty,
    /// 200, with `{}`.
    EmptyObject,
    /// 200, with octets that are no text.
    Garbage,
    /// 200, with the first half of the document and a `Content-Length` that fits it.
    HalfDocument,
    /// 200, with a `Content-Encoding`.
    Encoded(Encoding),
    /// 200, with the document and white space before its last brace: so many octets in all.
    Padded(u64),
    /// 200, and white space without end.
    Endless,
    /// 302 to itself.
    RedirectLoop,
    /// A redirect, with this status.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to; placeholders are replaced.
        to: String,
    },
}

/// What goes wrong with a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TlsFault {
    /// The certificate is another server's.
    WrongName,
    /// The certificate has ended.
    Expired,
    /// The certificate has not begun.
    NotYetValid,
    /// The certificate is signed by its own key.
    SelfSigned,
    /// The certificate is of an authority that nobody trusts.
    UnknownAuthority,
    /// The certificate is signed by a server's certificate, which is no authority.
    NoAuthority,
    /// Plain HTTP is spoken where TLS is due.
    Plain,
}

/// A content coding (RFC 9110 §8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// gzip, of the document with 16 MiB of white space in it.
    GzipBomb,
    /// It says gzip, and is none.
    NotGzip,
}

impl Fault {
    /// Whether a client waits for something that does not come in time.
    #[must_use]
    pub const fn keeps_waiting(&self) -> bool {
        matches!(
            self,
            Self::Silent | Self::SilentBody | Self::Drip | Self::EndlessHead | Self::Endless
        )
    }

    /// Whether it happens to a connection, before it is known what is asked.
    #[must_use]
    pub const fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Refused | Self::Silent | Self::Closed | Self::Tls(_) => true,
            Self::Reset
            | Self::SilentBody
            | Self::Drip
            | Self::Late(_)
            | Self::Cut
            | Self::CutTail
            | Self::ShortLength
            | Self::BadChunk
            | Self::CutChunks
            | Self::NotHttp
            | Self::EndlessHead
            | Self::Status(_)
            | Self::StatusWithDocument(_)
            | Self::NotModified
            | Self::Html
            | Self::Empty
            | Self::EmptyObject
            | Self::Garbage
            | Self::HalfDocument
            | Self::Encoded(_)
            | Self::Padded(_)
            | Self::Endless
            | Self::RedirectLoop
            | Self::Redirect { .. } => false,
        }
    }
}
