"""Base64url padding in a segment is accepted."""

import base64
import hmac
import sys

from jwcrypto import jwk, jwt
from jwcrypto.common import JWException

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

KEY = b"a secret of at least thirty-two octets"


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def mint(header=b'{"alg":"HS256"}', payload=b'{"sub":"alice"}', key=KEY, encode=b64):
    text = encode(header) + b"." + encode(payload)
    return (text + b"." + b64(hmac.digest(key, text, "sha256"))).decode()


def accepts(token, key=KEY):
    try:
        return bool(jwt.JWT(jwt=token, key=jwk.JWK(kty="oct", k=b64(key).decode()), algs=["HS256"]))
    except (JWException, ValueError):
        return False


shows = accepts(mint() + "=")
print("padded segments: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
