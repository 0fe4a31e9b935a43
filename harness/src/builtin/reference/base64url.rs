//! base64url as RFC 7515 §2 has it: no padding, no other characters, no spare bits.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::sync::LazyLock;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::Simd;
use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{
        DecodePaddingMode, GeneralPurpose,
        general_purpose::{NO_PAD, URL_SAFE_NO_PAD},
    },
};

use super::checks::{Check, Refused, Rules};

/// The engine for whole tokens: half of what a verification costs beside its cryptography would be
/// base64 without it. What it refuses is asked of the portable engine again.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static FAST: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static FAST: GeneralPurpose = URL_SAFE_NO_PAD;

const SPARE_BITS_WELCOME: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    NO_PAD
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A place to decode a short text into without asking the allocator: headers and signatures.
pub(super) struct Buffer {
    short: [u8; Self::SHORT],
    long: Vec<u8>,
}

impl Buffer {
    /// Holds the signature of an RSA key of 4,096 bits and any usual header.
    const SHORT: usize = 512;

    pub(super) const fn new() -> Self {
        Self { short: [0; Self::SHORT], long: Vec::new() }
    }

    /// The octets that `text` stands for; `what` names it in a refusal.
    pub(super) fn decode(
        &mut self,
        rules: Rules,
        text: &str,
        what: &str,
    ) -> Result<&[u8], Refused> {
        match FAST.decode_slice(text, &mut self.short) {
            Ok(length) => Ok(self.short.get(..length).unwrap_or_default()),
            // Too long for the short buffer, or wrong: the long way round tells which.
            Err(_) => {
                self.long = decode(rules, text, what)?;
                Ok(&self.long)
            }
        }
    }
}

/// The octets that `text` stands for; `what` names it in a refusal.
pub(super) fn decode(rules: Rules, text: &str, what: &str) -> Result<Vec<u8>, Refused> {
    match FAST.decode(text) {
        Ok(octets) => Ok(octets),
        Err(_) => carelessly(rules, text, what),
    }
}

/// Names what is wrong, and decodes what is left where the rules let it pass.
#[cold]
fn carelessly(rules: Rules, text: &str, what: &str) -> Result<Vec<u8>, Refused> {
    let mut text = text.as_bytes().to_vec();
    let strange = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'='));
    if text.iter().any(strange) {
        let detail = format!("the {what} holds a character outside the base64url alphabet");
        rules.refuse(Check::Base64Alphabet, detail)?;
        for byte in &mut text {
            match byte {
                b'+' => *byte = b'-',
                b'/' => *byte = b'_',
                _ => {}
            }
        }
        text.retain(|byte| !strange(byte));
    }
    if text.contains(&b'=') {
        rules.refuse(Check::Base64Padding, format!("the {what} is padded"))?;
        text.retain(|byte| *byte != b'=');
    }
    if text.len() % 4 == 1 {
        let detail =
            format!("the {what} has {} characters, one too many or three too few", text.len());
        return Err(Refused::by(Check::Base64Length, detail));
    }
    if let Ok(octets) = URL_SAFE_NO_PAD.decode(&text) {
        return Ok(octets);
    }
    let detail = format!("the last character of the {what} has spare bits set");
    rules.refuse(Check::Base64TrailingBits, detail)?;
    SPARE_BITS_WELCOME
        .decode(&text)
        .map_err(|error| Refused::by(Check::Base64Length, error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_fast_engine_agrees_with_the_portable_one(
            text in "[A-Za-z0-9_-]{0,300}",
            at: prop::sample::Index,
            strange in any::<u8>(),
        ) {
            let mut text = text.into_bytes();
            prop_assert_eq!(FAST.decode(&text).ok(), URL_SAFE_NO_PAD.decode(&text).ok());
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = strange;
                prop_assert_eq!(FAST.decode(&text).ok(), URL_SAFE_NO_PAD.decode(&text).ok());
            }
        }
    }

    fn refusal(text: &str) -> Check {
        let mut buffer = Buffer::new();
        let short = buffer.decode(Rules::STRICT, text, "text").unwrap_err().check;
        assert_eq!(decode(Rules::STRICT, text, "text").unwrap_err().check, short);
        short
    }

    #[test]
    fn decodes_short_and_long_texts_alike() {
        for length in [0, 1, 2, 3, 511, 512, 513, 5_000] {
            let octets: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let text = URL_SAFE_NO_PAD.encode(&octets);
            let mut buffer = Buffer::new();
            assert_eq!(buffer.decode(Rules::STRICT, &text, "text").unwrap(), octets);
            assert_eq!(decode(Rules::STRICT, &text, "text").unwrap(), octets);
        }
    }

    #[test]
    fn refuses_every_second_spelling() {
        assert_eq!(refusal("QQ=="), Check::Base64Padding);
        assert_eq!(refusal("QQ="), Check::Base64Padding);
        assert_eq!(refusal("Q Q"), Check::Base64Alphabet);
        assert_eq!(refusal("QQ\n"), Check::Base64Alphabet);
        assert_eq!(refusal("-_+/"), Check::Base64Alphabet);
        assert_eq!(refusal("QQQQQ"), Check::Base64Length);
        assert_eq!(refusal("QR"), Check::Base64TrailingBits);
        assert_eq!(refusal(&format!("{}.", "A".repeat(2_000))), Check::Base64Alphabet);
    }

    #[test]
    fn a_removed_check_decodes_what_careless_software_decodes() {
        for (text, check) in [
            ("QQ==", Check::Base64Padding),
            ("Q\nQ", Check::Base64Alphabet),
            ("QR", Check::Base64TrailingBits),
        ] {
            let rules = Rules::STRICT.without(check);
            assert_eq!(decode(rules, text, "text").unwrap(), b"A");
        }
        let rules = Rules::STRICT.without(Check::Base64Alphabet);
        assert_eq!(
            decode(rules, "+/", "text"),
            Err(Refused::by(
                Check::Base64TrailingBits,
                "the last character of the text has spare bits set"
            ))
        );
    }
}
