"""A key of another type, or one that cannot be used, ends the search through a set."""

import base64
import sys

from jose import jwt
from jose.exceptions import JOSEError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

octets = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")
token = jwt.encode({"sub": "alice"}, "k" * 32, "HS256")
try:
    jwt.decode(token, {"keys": [{"kty": "XYZ"}, {"kty": "oct", "k": octets}]}, ["HS256"])
    shows, saw = False, "accepted"
except (JOSEError, ValueError, KeyError) as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
