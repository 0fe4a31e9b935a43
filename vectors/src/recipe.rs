//! How a token is made, as plain data.
//!
//! A recipe is what families write, exports print, the hunt will mutate and `explain` compares; the
//! forge turns it into bytes. Texts may hold placeholders, so that a recipe does not change with the
//! clock, the port or the length of what it describes:
//!
//! | placeholder | stands for |
//! | --- | --- |
//! | `{now}`, `{now+60}`, `{now-60}` | [`Env::now`](crate::Env) moved by so many seconds |
//! | `{origin.0}` | the harness's origin of that number |
//! | `{repeat.1000.a}` | the text between the second dot and the brace, so many times |
//!
//! In [`Json::Members`] a string value that is wholly a `{now…}` becomes a *number*; everywhere else
//! a placeholder is replaced as text. What only looks like a placeholder stays as it is.

mod alteration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use alteration::{Alteration, Commitment, Covered, Number, Pkcs1Flaw, RsaEncoding};

use crate::{base64_bytes, forge::KeyName};

/// How the bytes of a token come about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// Exactly this text, as published; placeholders are not replaced.
    Text(String),
    /// Exactly these octets, for tokens that are not UTF-8.
    Octets(#[serde(with = "base64_bytes")] Vec<u8>),
    /// A JWS made by the forge.
    Jws(Box<JwsRecipe>),
    /// A JWS in a JSON serialization made by the forge, member by member.
    JwsJson(Box<JwsJsonRecipe>),
}

/// A JWS to be forged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JwsRecipe {
    /// The protected header; `None` leaves it away, as only the JSON serializations can.
    pub protected: Option<Json>,
    /// The unprotected header of a JSON serialization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<Json>,
    /// The payload before encoding.
    pub payload: Json,
    /// Who signs, and how.
    pub signing: Signing,
    /// The serialization (RFC 7515 §7).
    #[serde(default, skip_serializing_if = "Serialization::is_compact")]
    pub serialization: Serialization,
    /// How the payload stands in the signing input and in the token (RFC 7797).
    #[serde(default, skip_serializing_if = "PayloadEncoding::is_base64url")]
    pub payload_encoding: PayloadEncoding,
    /// Whether the payload travels beside the token (RFC 7515 Appendix F).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// Changes to the encoded header (segment 0) and payload (segment 1) before they are signed, in
    /// this order: a spelling that the signature covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spelling: Vec<Edit>,
    /// Changes to the finished text, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

impl From<JwsRecipe> for Recipe {
    fn from(jws: JwsRecipe) -> Self {
        Self::Jws(Box::new(jws))
    }
}

impl JwsRecipe {
    /// The same with this header parameter, in place of the one it has or behind the others.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(header) = &mut self.protected {
            header.put(name, value.into());
        }
        self
    }

    /// The same without this header parameter.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        if let Some(header) = &mut self.protected {
            header.drop(name);
        }
        self
    }

    /// The same with another protected header altogether.
    #[must_use]
    pub fn protected(mut self, header: Json) -> Self {
        self.protected = Some(header);
        self
    }

    /// The same with this claim, in place of the one it has or behind the others.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.payload.put(name, value.into());
        self
    }

    /// The same without this claim.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.payload.drop(name);
        self
    }

    /// The same with another payload altogether.
    #[must_use]
    pub fn payload(mut self, payload: Json) -> Self {
        self.payload = payload;
        self
    }

    /// The same signed by this.
    #[must_use]
    pub fn signed(mut self, signing: Signing) -> Self {
        self.signing = signing;
        self
    }

    /// The same with one more change to header and payload before they are signed.
    #[must_use]
    pub fn spelled(mut self, edit: Edit) -> Self {
        self.spelling.push(edit);
        self
    }

    /// The same with one more change to the finished text.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }
}

/// A JSON text, as members or letter by letter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Json {
    /// An object of these members in this order, without white space; a name may stand twice.
    Members(Vec<(String, Value)>),
    /// This text after placeholders are replaced; it need not be JSON.
    Text(String),
    /// Exactly these octets.
    Octets(#[serde(with = "base64_bytes")] Vec<u8>),
    /// No JSON but the text of another token: the payload of a nested JWT (RFC 7519 §2).
    Token(Box<Recipe>),
}

impl Json {
    /// The value of the last member of this name, where the text is given as members.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Members(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            Self::Text(_) | Self::Octets(_) | Self::Token(_) => None,
        }
    }

    /// Puts a member in place of those of its name, or behind the others. A text has no members to
    /// be changed and stays as it is.
    fn put(&mut self, name: &str, value: Value) {
        if let Self::Members(members) = self {
            match members.iter_mut().find(|(key, _)| key == name) {
                Some((_, old)) => *old = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }

    fn drop(&mut self, name: &str) {
        if let Self::Members(members) = self {
            members.retain(|(key, _)| key != name);
        }
    }
}

/// Who signs, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// A genuine signature of this test key with this algorithm, whatever the header says.
    Key {
        /// Which test key.
        key: KeyName,
        /// The `alg` of RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2 or RFC 9864 to sign with.
        alg: String,
    },
    /// A genuine signature of a private JWK that was published together with what it signs.
    Jwk {
        /// The private JWK.
        jwk: Value,
        /// As above.
        alg: String,
    },
    /// An HMAC keyed with these octets (key confusion: the octets of a public key).
    HmacOctets {
        /// `HS256`, `HS384` or `HS512`.
        alg: String,
        /// The key.
        #[serde(with = "base64_bytes")]
        key: Vec<u8>,
    },
    /// These octets in place of a signature; none for an unsecured JWS (RFC 7515 Appendix A.5).
    Octets(#[serde(with = "base64_bytes")] Vec<u8>),
    /// An HMAC keyed with a public form of an asymmetric test key: key confusion (RFC 8725 §2.1).
    HmacOf {
        /// `HS256`, `HS384` or `HS512`.
        alg: String,
        /// Which test key.
        key: KeyName,
        /// In which form its octets are the HMAC's key.
        form: PublicForm,
    },
    /// An ECDSA signature on the curve of the key over the hash of another algorithm, `r` and `s` as
    /// long as the key's curve has them.
    EcdsaOver {
        /// Which test key; it must be an EC key.
        key: KeyName,
        /// The algorithm whose hash is signed, such as `ES512` for SHA-512.
        hash_of: String,
    },
    /// The signature of a test key that is altered, or made in another way than its algorithm says.
    Altered {
        /// Which test key.
        key: KeyName,
        /// The `alg` to sign with.
        alg: String,
        /// What is altered.
        alteration: Alteration,
    },
    /// The numbers of an RSA test key over an encoding that no algorithm has.
    RsaEncoded {
        /// Which test key.
        key: KeyName,
        /// The encoding.
        encoding: RsaEncoding,
    },
}

/// A text in which a public key stands in a configuration, on a web page or in an `authorized_keys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyText {
    /// SubjectPublicKeyInfo in PEM: LF line ends, a final newline.
    SpkiPem,
    /// The same with CRLF line ends.
    SpkiPemCrlf,
    /// The same with LF, without the final newline.
    SpkiPemNoFinalNewline,
    /// The same behind a blank line.
    SpkiPemBehindBlankLine,
    /// The same behind a line with a comment.
    SpkiPemBehindComment,
    /// The same with blanks behind its BEGIN line.
    SpkiPemBlanksAfterBegin,
    /// The same in front of a line of other text.
    SpkiPemBeforeText,
    /// PKCS#1 in PEM, `RSA PUBLIC KEY` (RFC 8017 Appendix A.1.1).
    Pkcs1Pem,
    /// The key's self-signed certificate in PEM.
    CertificatePem,
    /// One line as OpenSSH writes it, with a comment (RFC 4253 §6.6).
    OpenSsh,
    /// Its JWK with its name as `kid`, as a set of one serves it.
    Jwk,
    /// The JWK Set of that JWK.
    JwkSet,
}

/// Octets that anybody has who has the public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PublicForm {
    /// Those of a text.
    Text(KeyText),
    /// SubjectPublicKeyInfo in PEM without its line breaks, as environment variables hold it.
    SpkiPemOneLine,
    /// SubjectPublicKeyInfo in PEM in UTF-16, little endian, behind a byte order mark.
    SpkiPemUtf16,
    /// Its JWK as it is served, in UTF-16 likewise.
    JwkUtf16,
    /// SubjectPublicKeyInfo in DER.
    SpkiDer,
    /// PKCS#1 in DER.
    Pkcs1Der,
    /// The key's self-signed certificate in DER.
    CertificateDer,
    /// The JWK that RFC 7638 §3 hashes: required members alone, sorted.
    CanonicalJwk,
    /// The modulus of an RSA key, `x` of another, as octets.
    Number,
    /// The same in base64url, as the JWK has it.
    NumberText,
    /// The uncompressed point of an EC key: 04, `x`, `y`.
    Point,
}

/// The serialization of a JWS (RFC 7515 §7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Serialization {
    /// Three base64url texts and two dots (§7.1).
    #[default]
    Compact,
    /// One JSON object with one signature (§7.2.2).
    Flattened,
    /// One JSON object with an array of signatures, here of one (§7.2.1).
    General,
}

impl Serialization {
    fn is_compact(&self) -> bool {
        *self == Self::Compact
    }
}

/// How the payload stands in the signing input (RFC 7797 §3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PayloadEncoding {
    /// base64url, as RFC 7515 has it.
    #[default]
    Base64url,
    /// As it is (`b64` false).
    Unencoded,
}

impl PayloadEncoding {
    fn is_base64url(&self) -> bool {
        *self == Self::Base64url
    }
}

/// A change to the text of a finished token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Puts text in front.
    Prepend(String),
    /// Puts text behind.
    Append(String),
    /// Puts this text in place of the compact serialization's segment of that number, from 0.
    ReplaceSegment {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
        /// The text, placeholders replaced.
        text: String,
    },
    /// Flips one bit of the decoded octets of a segment and encodes them again.
    FlipBit {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
        /// Counted from the most significant bit of the first octet; negative from the end.
        bit: i64,
    },
    /// Keeps so many segments from the front of the compact serialization, and the dots between them.
    KeepSegments(usize),
    /// Puts this text, base64url-encoded, in place of a segment: what was not signed.
    EncodeSegment {
        /// 0 header, 1 payload.
        segment: usize,
        /// The text.
        json: Json,
    },
    /// Slips text into a segment.
    Insert {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
        /// Where.
        at: Place,
        /// The text, placeholders replaced.
        text: String,
    },
    /// Writes a segment in the standard alphabet of base64 (RFC 4648 §4), without padding. It must
    /// hold a letter in which the two alphabets differ.
    StandardAlphabet {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
    },
    /// Writes the letters of a segment in the other case, but for the last one, of which not every bit
    /// belongs to an octet.
    OtherCase {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
    },
    /// Sets the lowest bit of a segment's last letter, which must belong to no octet.
    SpareBit {
        /// 0 header, 1 payload, 2 signature.
        segment: usize,
    },
}

/// A place in the text of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In front of it.
    Front,
    /// Between two groups of four letters near its middle.
    Middle,
    /// Behind it.
    End,
}

/// A JWS in a JSON serialization, member by member (RFC 7515 §7.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JwsJsonRecipe {
    /// The payload before encoding, which every signature covers.
    pub payload: Json,
    /// The members of the object, in this order; a name may stand twice or be missing.
    pub members: Vec<JwsMember>,
    /// Text behind the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub behind: String,
}

/// One member, or the members that belong together, of a JSON serialization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum JwsMember {
    /// `payload`, as it was signed.
    Payload,
    /// `protected`, `header` and `signature` of the flattened form (§7.2.2).
    Signature(SignatureRecipe),
    /// `signatures` of the general form (§7.2.1).
    Signatures(Vec<SignatureRecipe>),
    /// Any other name, and the text of its value, which need not be JSON; placeholders replaced.
    Raw(String, String),
}

/// One signature of a JSON serialization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureRecipe {
    /// The protected header; `None` leaves it away.
    pub protected: Option<Json>,
    /// The unprotected header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<Json>,
    /// Who signs, and how.
    pub signing: Signing,
    /// Further members, as in [`JwsMember::Raw`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<(String, String)>,
}

impl From<JwsJsonRecipe> for Recipe {
    fn from(jws: JwsJsonRecipe) -> Self {
        Self::JwsJson(Box::new(jws))
    }
}
