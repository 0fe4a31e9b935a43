"""A token of any length is read."""

import sys

from authlib.jose import JsonWebToken
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = JsonWebToken(["HS256"]).encode({"alg": "HS256", "x": "y" * 3_000_000}, {"sub": "alice"}, b"k" * 32)
try:
    shows = bool(JsonWebToken(["HS256"]).decode(token, b"k" * 32))
except (JoseError, ValueError):
    shows = False
print("a header of 3 MB: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
