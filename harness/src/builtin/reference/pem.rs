//! Keys as text: PEM (RFC 7468) and OpenSSH public keys (RFC 4253 §6.6).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    algorithms::Curve,
    checks::{Check, Refused},
    der,
    key::Material,
};

/// Reads the first public key or certificate of a text.
///
/// Text before and after it, blanks at the ends of lines and CRLF are no matter. A private key is
/// not a public one, even though a public one could be derived from it.
///
/// # Errors
/// [`Refused`], when there is none, or it is malformed, or of an unknown algorithm.
pub(super) fn read(text: &str) -> Result<Material, Refused> {
    if let Some(begin) = text.find(BEGIN) {
        return read_pem(text.get(begin..).unwrap_or_default());
    }
    text.lines()
        .find_map(read_openssh)
        .unwrap_or_else(|| Err(shape("neither a BEGIN line nor an OpenSSH public key")))
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

fn read_pem(text: &str) -> Result<Material, Refused> {
    let label_and_rest = text.strip_prefix(BEGIN).and_then(|text| text.split_once(DASHES));
    let Some((label, rest)) = label_and_rest else {
        return Err(shape("a BEGIN line without end"));
    };
    let Some((body, _)) = rest.split_once(&format!("{DASHES}END {label}{DASHES}")) else {
        return Err(shape("no END line that matches the BEGIN line"));
    };
    let body: Vec<u8> = body.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let octets = STANDARD.decode(body).map_err(|error| {
        Refused::by(Check::PemShape, format!("the body is not base64: {error}"))
    })?;
    match label {
        "PUBLIC KEY" => der::public_key_info(&octets),
        "RSA PUBLIC KEY" => der::rsa_public_key(&octets),
        "CERTIFICATE" => der::certificate(&octets),
        _ => Err(shape("neither PUBLIC KEY nor RSA PUBLIC KEY nor CERTIFICATE")),
    }
}

/// A line such as `ssh-ed25519 AAAA… somebody@somewhere`; `None` where it is something else.
fn read_openssh(line: &str) -> Option<Result<Material, Refused>> {
    let mut words = line.split_ascii_whitespace();
    let kind = words.next()?;
    let curve = match kind {
        "ssh-rsa" => None,
        "ssh-ed25519" => Some(Curve::Ed25519),
        "ssh-ed448" => Some(Curve::Ed448),
        "ecdsa-sha2-nistp256" => Some(Curve::P256),
        "ecdsa-sha2-nistp384" => Some(Curve::P384),
        "ecdsa-sha2-nistp521" => Some(Curve::P521),
        _ => return None,
    };
    let octets = STANDARD.decode(words.next()?).ok()?;
    Some(openssh(kind, curve, &octets).unwrap_or_else(|| Err(shape("an OpenSSH key cut short"))))
}

fn openssh(kind: &str, curve: Option<Curve>, octets: &[u8]) -> Option<Result<Material, Refused>> {
    let mut fields = Fields(octets);
    if fields.next()? != kind.as_bytes() {
        return Some(Err(shape("an OpenSSH key of another kind than its line says")));
    }
    let material = match curve {
        None => {
            let e = fields.next_integer()?;
            Ok(Material::Rsa { n: fields.next_integer()?, e })
        }
        Some(curve @ (Curve::Ed25519 | Curve::Ed448)) => {
            Ok(Material::Okp { curve, key: fields.next()?.to_vec() })
        }
        Some(curve @ (Curve::P256 | Curve::P384 | Curve::P521 | Curve::Secp256k1)) => {
            fields.next()?;
            der::ec_point(curve, fields.next()?)
        }
    };
    fields.0.is_empty().then_some(material)
}

/// Fields of octets, each behind its length in four octets (RFC 4251 §5).
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    fn next_integer(&mut self) -> Option<Vec<u8>> {
        Some(self.next()?.iter().copied().skip_while(|octet| *octet == 0).collect())
    }
}

fn shape(detail: &'static str) -> Refused {
    Refused::by(Check::PemShape, detail)
}
