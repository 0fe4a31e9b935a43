"""A JWK with an empty secret is one."""

import base64
import hmac
import inspect
import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def mint(header, payload, key):
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")).decode()


try:
    key = jwt.PyJWK({"kty": "oct", "k": ""})
    key = key if "PyJWK" in str(inspect.signature(jwt.decode)) else key.key  # before 2.9
    shows = bool(jwt.decode(mint(b'{"alg":"HS256"}', b'{"sub":"mallory"}', b""), key, algorithms=["HS256"]))
except jwt.PyJWTError:
    shows = False
print("an empty oct key: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
