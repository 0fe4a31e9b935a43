//! The grammar, case by case and against another reader.

use proptest::prelude::*;

use super::*;

fn is_json(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.skip().is_ok() && reader.end().is_ok()
}

#[test]
fn unescapes_as_the_specification_says() {
    for (json, text) in [
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0061\u00E9\ud83d\ude00z""#, "aé😀z"),
        (r#""é😀\\""#, "é😀\\"),
        (r#""""#, ""),
    ] {
        assert_eq!(Reader::new(json).value(), Ok(Value::Text(text.into())), "{json}");
    }
    for json in [
        r#""\x""#,
        r#""\u12""#,
        r#""\u+123""#,
        r#""\ud83d""#,
        r#""\ud83d\u0061""#,
        r#""\ude00\ud83d""#,
        r#""\ud83d\""#,
        r#""\uéé""#,
        "\"",
        "\"\\",
        "\"\u{1f}\"",
    ] {
        assert!(Reader::new(json).value().is_err(), "{json}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth| format!("{}0{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
    assert!(is_json(&nested(Reader::DEEPEST / 2)));
    assert!(!is_json(&nested(Reader::DEEPEST / 2 + 1)));
    assert!(!is_json(&"[".repeat(1_000_000)));
}

#[test]
fn says_where_and_what() {
    let error = Reader::new(r#" {"a":1,}"#).skip().unwrap_err();
    assert_eq!(error.to_string(), "at octet 8: expected a string");
}

#[test]
fn sees_what_has_a_meaning_wherever_it_stands() {
    for octet in 0..=u8::MAX {
        for at in 0..8 {
            for filler in [b' ', b'!', b'#', 0x7f, 0x80, 0xff] {
                let mut octets = [filler; 8];
                octets[at] = octet;
                let found = meaning(u64::from_le_bytes(octets));
                let first =
                    octets.iter().position(|octet| matches!(octet, b'"' | b'\\' | 0..=0x1f));
                let expected = first.map_or(64, |at| u32::try_from(at * 8 + 7).unwrap());
                assert_eq!(found.trailing_zeros(), expected, "{octets:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn agrees_with_serde_json_on_strings(text in "\\PC{0,40}", at: prop::sample::Index) {
        let json = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(Reader::new(&json).value(), Ok(Value::Text(text.as_str().into())));
        let boundaries: Vec<usize> = json.char_indices().map(|(at, _)| at).collect();
        let cut = &json[..boundaries[at.index(boundaries.len())]];
        prop_assert!(!is_json(cut));
    }

    #[test]
    fn agrees_with_serde_json_on_what_is_json(
        text in r#"[\[\]{}:,"\\ntrue0-9.eE+\- \u{0}-\u{20}aué]{0,24}"#
    ) {
        agrees(&text)?;
    }

    #[test]
    fn agrees_with_serde_json_on_almost_json(
        text in r#"\{("a":(1|"b|\[1,?|null|-?0?1\.?5?e?-?3),?){0,3}\}?"#
    ) {
        agrees(&text)?;
    }

    #[test]
    fn agrees_with_serde_json_on_numbers(text in r#"-?[0-9]{0,25}(\.[0-9]{0,3})?([eE][+-]?[0-9]{0,2})?"#) {
        let theirs = serde_json::from_str::<serde_json::Number>(&text).ok();
        let mut reader = Reader::new(&text);
        let ours = reader.value().ok().filter(|_| reader.end().is_ok());
        match (ours, theirs) {
            (Some(Value::Number(Number::Natural(ours))), Some(theirs)) => {
                prop_assert_eq!(Some(ours), theirs.as_u64());
            }
            (Some(Value::Number(Number::Negative(ours))), Some(theirs)) => {
                // `serde_json` has a negative zero, which is a float.
                prop_assert!(Some(ours) == theirs.as_i64() || theirs.as_f64() == Some(-0.0));
            }
            (Some(Value::Number(Number::Float(ours))), Some(theirs)) => {
                let theirs = theirs.as_f64().unwrap();
                prop_assert!((ours - theirs).abs() <= theirs.abs() * 1e-15);
            }
            (ours, theirs) => prop_assert!(ours.is_none() && theirs.is_none(), "{ours:?} {theirs:?}"),
        }
    }
}

fn agrees(text: &str) -> Result<(), TestCaseError> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => prop_assert!(is_json(text), "{text}"),
        // That is a limit of theirs and not the grammar.
        Err(error) if error.to_string().starts_with("number out of range") => {}
        Err(error) => prop_assert!(!is_json(text), "{text}: {error}"),
    }
    Ok(())
}
