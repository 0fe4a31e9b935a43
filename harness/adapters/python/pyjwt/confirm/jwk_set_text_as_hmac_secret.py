"""The text of a whole JWK Set serves as HMAC secret."""

import base64
import hmac
import sys

import jwt
from jwt.algorithms import get_default_algorithms

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def mint(header, payload, key):
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")).decode()


key = b'{"keys":[{"kty":"EC","crv":"P-256","x":"A","y":"A"}]}'
try:
    shows = bool(jwt.decode(mint(b'{"alg":"HS256"}', b'{"sub":"mallory"}', key), key, algorithms=list(get_default_algorithms())))
except jwt.PyJWTError:
    shows = False
print("HS256 keyed with a JWK Set: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
