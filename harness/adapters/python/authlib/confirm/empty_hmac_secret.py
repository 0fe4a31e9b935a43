"""An empty secret is one."""

import base64
import hmac
import sys

from authlib.jose import JsonWebToken
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def mint(header, payload, key):
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")).decode()


try:
    shows = bool(JsonWebToken(["HS256"]).decode(mint(b'{"alg":"HS256"}', b'{"sub":"mallory"}', b""), ""))
except (JoseError, ValueError):
    shows = False
print("HS256 keyed with nothing: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
