"""Segments in the alphabet of base64 proper are accepted."""

import base64
import hmac
import sys

from authlib.jose import JsonWebToken
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

KEY = b"a secret of at least thirty-two octets"


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def mint(header=b'{"alg":"HS256"}', payload=b'{"sub":"alice"}', key=KEY, encode=b64):
    text = encode(header) + b"." + encode(payload)
    return (text + b"." + b64(hmac.digest(key, text, "sha256"))).decode()


def accepts(token, key=KEY):
    try:
        return bool(JsonWebToken(["HS256"]).decode(token, key))
    except (JoseError, ValueError):
        return False


def standard(octets):
    return base64.b64encode(octets).rstrip(b"=")


payload = '{"sub":"ÿÿ¿¿¾¾>>>???"}'.encode()
assert b"+" in standard(payload) or b"/" in standard(payload)
shows = accepts(mint(payload=payload, encode=standard))
print("+ and / in a segment: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
