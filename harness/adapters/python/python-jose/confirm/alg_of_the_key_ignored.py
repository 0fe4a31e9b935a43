"""The `alg` of a JWK is not compared with that of the token."""

import base64
import sys

from jose import jwt
from jose.exceptions import JOSEError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

octets = base64.urlsafe_b64encode(b"k" * 64).decode().rstrip("=")
token = jwt.encode({"sub": "alice"}, "k" * 64, "HS256")
try:
    shows = jwt.decode(token, {"kty": "oct", "k": octets, "alg": "HS512"}, ["HS256", "HS512"])["sub"] == "alice"
except JOSEError:
    shows = False
print("HS256 under a key for HS512: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
