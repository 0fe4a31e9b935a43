"""The header names one algorithm, the PyJWK verifies with another."""

import base64
import hmac
import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def mint(header, payload, key):
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(key, text, "sha512")).rstrip(b"=")).decode()


key = jwt.PyJWK({"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 64).decode().rstrip("="), "alg": "HS512"})
try:
    shows = bool(jwt.decode(mint(b'{"alg":"HS256"}', b'{"sub":"alice"}', b"k" * 64), key, algorithms=["HS256"]))
except jwt.PyJWTError:
    shows = False
print("HS512 that is called HS256: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
