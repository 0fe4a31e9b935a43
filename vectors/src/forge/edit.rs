//! Changes to the text of a finished token.

use super::{
    ForgeError,
    encode::{base64url, from_base64url},
    text::expand,
};
use crate::{
    env::Env,
    recipe::{Edit, Serialization},
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
        }
    }
}

fn edit_segment(
    token: &[u8],
    serialization: Serialization,
    number: usize,
    change: impl FnOnce(&[u8]) -> Result<Vec<u8>, ForgeError>,
) -> Result<Vec<u8>, ForgeError> {
    match serialization {
        Serialization::Compact => {}
        Serialization::Flattened | Serialization::General => {
            return Err(misfit("only a compact serialization has segments".to_owned()));
        }
    }
    let mut segments: Vec<Vec<u8>> =
        token.split(|octet| *octet == b'.').map(<[u8]>::to_vec).collect();
    let count = segments.len();
    let segment = segments
        .get_mut(number)
        .ok_or_else(|| misfit(format!("there is no segment {number} among {count}")))?;
    *segment = change(segment)?;
    Ok(segments.join(&b'.'))
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
    fn refuses_segments_of_json() {
        for serialization in [Serialization::Flattened, Serialization::General] {
            assert!(flip(0, 0).apply(b"a.b.c", serialization, &Env::fixed()).is_err());
        }
    }
}
