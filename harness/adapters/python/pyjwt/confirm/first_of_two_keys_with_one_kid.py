"""Of two keys with one `kid` only the first is tried."""

import base64
import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))


def octet(letter):
    return base64.urlsafe_b64encode(letter * 32).decode().rstrip("=")


keys = jwt.PyJWKSet.from_dict({"keys": [{"kty": "oct", "k": octet(letter), "kid": "1"} for letter in (b"a", b"b")]})
shows = keys["1"].key == b"a" * 32
print("the kid finds " + ("the first key" if shows else "something else"))
sys.exit(0 if shows else 1)
