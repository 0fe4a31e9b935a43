//! Changes to the text of a finished token.

use super::{
    ForgeError,
    encode::{base64url, from_base64url, json as json_octets},
    text::expand,
};
use crate::{
    env::Env,
    recipe::{Edit, Place, Serialization},
};

impl Edit {
    /// The token after this change.
    ///
    /// # Errors
    /// [`ForgeError::Edit`] when there is no such segment or bit, and those of placeholders.
    pub(super) fn apply(
        &self,
        token: &[u8],
        serialization: Serialization,
        env: &Env,
    ) -> Result<Vec<u8>, ForgeError> {
        match self {
            Self::Prepend(text) => Ok([expand(text, env)?.as_bytes(), token].concat()),
            Self::Append(text) => Ok([token, expand(text, env)?.as_bytes()].concat()),
            Self::ReplaceSegment { segment, text } => {
                let text = expand(text, env)?;
                edit_segment(token, serialization, *segment, |_| Ok(text.as_bytes().to_vec()))
            }
            Self::KeepSegments(count) => keep_segments(token, serialization, *count),
            Self::EncodeSegment { segment, json } => {
                let encoded = base64url(&json_octets(json, env)?).into_bytes();
                edit_segment(token, serialization, *segment, |_| Ok(encoded))
            }
            Self::FlipBit { segment, bit } => {
                edit_segment(token, serialization, *segment, |encoded| {
                    let octets = from_base64url(encoded).ok_or_else(|| {
                        misfit(format!(
                            "segment {segment} is not base64url, so it has no bits to flip"
                        ))
                    })?;
                    Ok(base64url(&flipped(octets, *bit)?).into_bytes())
                })
            }
            Self::Insert { segment, at, text } => {
                let text = expand(text, env)?;
                edit_segment(token, serialization, *segment, |encoded| {
                    let at = match at {
                        Place::Front => 0,
                        Place::Middle => encoded.len() / 8 * 4,
                        Place::End => encoded.len(),
                    };
                    let (before, after) = encoded.split_at_checked(at).unwrap_or((encoded, &[]));
                    Ok([before, text.as_bytes(), after].concat())
                })
            }
            Self::StandardAlphabet { segment } => {
                edit_segment(token, serialization, *segment, |encoded| {
                    let standard: Vec<u8> = encoded.iter().copied().map(standard).collect();
                    if standard == encoded {
                        return Err(misfit(format!(
                            "segment {segment} holds no letter in which the alphabets differ"
                        )));
                    }
                    Ok(standard)
                })
            }
            Self::OtherCase { segment } => {
                edit_segment(token, serialization, *segment, |encoded| Ok(other_case(encoded)))
            }
            Self::SpareBit { segment } => {
                edit_segment(token, serialization, *segment, spare_bit_set)
            }
        }
    }
}

/// The last letter stays: in the other case it might set bits that belong to no octet.
fn other_case(encoded: &[u8]) -> Vec<u8> {
    let mut letters = encoded.to_vec();
    let all_but_last = letters.len().saturating_sub(1);
    for letter in letters.iter_mut().take(all_but_last) {
        *letter = if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        };
    }
    letters
}

fn edit_segment(
    token: &[u8],
    serialization: Serialization,
    number: usize,
    change: impl FnOnce(&[u8]) -> Result<Vec<u8>, ForgeError>,
) -> Result<Vec<u8>, ForgeError> {
    let mut segments = segments(token, serialization)?;
    let count = segments.len();
    let segment = segments
        .get_mut(number)
        .ok_or_else(|| misfit(format!("there is no segment {number} among {count}")))?;
    *segment = change(segment)?;
    Ok(segments.join(&b'.'))
}

fn keep_segments(
    token: &[u8],
    serialization: Serialization,
    count: usize,
) -> Result<Vec<u8>, ForgeError> {
    let mut segments = segments(token, serialization)?;
    if count > segments.len() {
        return Err(misfit(format!("there are no {count} segments among {}", segments.len())));
    }
    segments.truncate(count);
    Ok(segments.join(&b'.'))
}

fn segments(token: &[u8], serialization: Serialization) -> Result<Vec<Vec<u8>>, ForgeError> {
    match serialization {
        Serialization::Compact => {
            Ok(token.split(|octet| *octet == b'.').map(<[u8]>::to_vec).collect())
        }
        Serialization::Flattened | Serialization::General => {
            Err(misfit("only a compact serialization has segments".to_owned()))
        }
    }
}

/// These octets with one bit flipped, counted from the most significant bit of the first octet or,
/// when negative, from the end: -1 is the least significant bit of the last.
fn flipped(mut octets: Vec<u8>, bit: i64) -> Result<Vec<u8>, ForgeError> {
    let bits = octets.len() * 8;
    let distance = usize::try_from(bit.unsigned_abs()).unwrap_or(usize::MAX);
    let position = if bit < 0 { bits.checked_sub(distance) } else { Some(distance) };
    let octet = position.and_then(|position| octets.get_mut(position / 8));
    match (position, octet) {
        (Some(position), Some(octet)) => {
            *octet ^= 0x80 >> (position % 8);
            Ok(octets)
        }
        (Some(_) | None, Some(_) | None) => {
            Err(misfit(format!("there is no bit {bit} among {bits}")))
        }
    }
}

fn standard(letter: u8) -> u8 {
    match letter {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

/// This text with the lowest bit of its last letter set, which decodes to the same octets for whoever
/// does not look at it.
fn spare_bit_set(encoded: &[u8]) -> Result<Vec<u8>, ForgeError> {
    let without_spare_bits = encoded.len().is_multiple_of(4) || from_base64url(encoded).is_none();
    match (encoded.split_last(), without_spare_bits) {
        // In canonical base64url the last letter's spare bits are zero, so that its neighbour in the
        // alphabet differs from it in the lowest of them alone; no such letter ends a range of ASCII.
        (Some((last, before)), false) => Ok([before, &[last + 1]].concat()),
        (Some(_), true) | (None, _) => Err(misfit("the segment has no spare bits".to_owned())),
    }
}

fn misfit(why: String) -> ForgeError {
    ForgeError::Edit { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(token: &str, edit: &Edit) -> Result<String, ForgeError> {
        let edited = edit.apply(token.as_bytes(), Serialization::Compact, &Env::fixed())?;
        Ok(String::from_utf8(edited).unwrap())
    }

    fn flip(segment: usize, bit: i64) -> Edit {
        Edit::FlipBit { segment, bit }
    }

    #[test]
    fn puts_text_in_front_and_behind_of_any_serialization() {
        let serializations =
            [Serialization::Compact, Serialization::Flattened, Serialization::General];
        for serialization in serializations {
            let put = |edit: Edit| edit.apply(b"{}", serialization, &Env::fixed()).unwrap();
            assert_eq!(put(Edit::Prepend("Bearer ".to_owned())), b"Bearer {}");
            assert_eq!(put(Edit::Append("{repeat.3.\n}".to_owned())), b"{}\n\n\n");
        }
    }

    #[test]
    fn replaces_a_segment() {
        let replace = |segment| Edit::ReplaceSegment { segment, text: "{repeat.2.x}".to_owned() };
        assert_eq!(edited("a.b.c", &replace(1)).unwrap(), "a.xx.c");
        assert_eq!(edited("a.b.", &replace(2)).unwrap(), "a.b.xx");
        let error = edited("a.b.c", &replace(3)).unwrap_err();
        assert_eq!(error.to_string(), "edit the token: there is no segment 3 among 3");
    }

    #[test]
    fn keeps_segments_from_the_front() {
        assert_eq!(edited("a.b.c", &Edit::KeepSegments(2)).unwrap(), "a.b");
        assert_eq!(edited("a.b.c", &Edit::KeepSegments(0)).unwrap(), "");
        let error = edited("a.b.c", &Edit::KeepSegments(4)).unwrap_err();
        assert_eq!(error.to_string(), "edit the token: there are no 4 segments among 3");
    }

    #[test]
    fn encodes_what_was_not_signed() {
        let json = crate::recipe::Json::Text("{\"exp\":{now}}".to_owned());
        let edited = edited("a.b.c", &Edit::EncodeSegment { segment: 1, json }).unwrap();
        let expected = base64url(format!("{{\"exp\":{}}}", Env::fixed().now).as_bytes());
        assert_eq!(edited, format!("a.{expected}.c"));
    }

    #[test]
    fn flips_one_bit_from_either_end() {
        // AAAA is three octets of zeros.
        assert_eq!(edited("AAAA.b.c", &flip(0, 0)).unwrap(), "gAAA.b.c");
        assert_eq!(edited("AAAA.b.c", &flip(0, 23)).unwrap(), "AAAB.b.c");
        assert_eq!(edited("AAAA.b.c", &flip(0, -1)).unwrap(), "AAAB.b.c");
        assert_eq!(edited("AAAA.b.c", &flip(0, -24)).unwrap(), "gAAA.b.c");
    }

    #[test]
    fn refuses_bits_that_are_not_there() {
        for bit in [24, -25, i64::MAX, i64::MIN] {
            let error = edited("AAAA.b.c", &flip(0, bit)).unwrap_err();
            assert_eq!(error, misfit(format!("there is no bit {bit} among 24")));
        }
        assert!(edited("AA.b.", &flip(2, 0)).is_err(), "an empty segment has no bits");
        assert!(edited("$.02.c", &flip(0, 0)).is_err(), "no base64url");
    }

    #[test]
    fn spells_a_segment_otherwise() {
        let insert = |at| Edit::Insert { segment: 1, at, text: "!".to_owned() };
        assert_eq!(edited("a.AAAAAAAABB.c", &insert(Place::Front)).unwrap(), "a.!AAAAAAAABB.c");
        assert_eq!(edited("a.AAAAAAAABB.c", &insert(Place::Middle)).unwrap(), "a.AAAA!AAAABB.c");
        assert_eq!(edited("a.AAAAAAAABB.c", &insert(Place::End)).unwrap(), "a.AAAAAAAABB!.c");
        let standard = Edit::StandardAlphabet { segment: 0 };
        assert_eq!(edited("a-_.b-.c", &standard).unwrap(), "a+/.b-.c");
        assert!(edited("a.b-.c", &standard).is_err(), "nothing would change");
    }

    #[test]
    fn turns_every_letter_but_the_last() {
        let other = Edit::OtherCase { segment: 1 };
        assert_eq!(edited("aB.cD-_7Ef.gH", &other).unwrap(), "aB.Cd-_7ef.gH");
        assert_eq!(edited("a..b", &other).unwrap(), "a..b");
    }

    #[test]
    fn sets_a_bit_that_belongs_to_no_octet() {
        let spare = Edit::SpareBit { segment: 0 };
        for octets in 0..=u8::MAX {
            for octets in [vec![octets], vec![octets, octets]] {
                let text = base64url(&octets);
                let other = edited(&text, &spare).unwrap();
                assert_ne!(other, text);
                assert!(other.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
                assert_eq!(from_base64url(&other), None, "a strict reader sees it");
            }
        }
        assert!(edited("AAAA", &spare).is_err());
        assert!(edited("", &spare).is_err());
    }

    #[test]
    fn refuses_segments_of_json() {
        for serialization in [Serialization::Flattened, Serialization::General] {
            assert!(flip(0, 0).apply(b"a.b.c", serialization, &Env::fixed()).is_err());
        }
    }
}
