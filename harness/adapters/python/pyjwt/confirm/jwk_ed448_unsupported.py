"""An Ed448 JWK is no usable key."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    jwt.PyJWK({"kty": "OKP", "crv": "Ed448", "x": "A" * 76})
    shows = False
except jwt.PyJWTError as error:
    shows = "crv" in str(error)
print("Ed448: " + ("no such curve" if shows else "known"))
sys.exit(0 if shows else 1)
