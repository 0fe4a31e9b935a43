"""A JWK without `alg` stands for one algorithm: RS256, HS256, or that of its curve."""

import base64
import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

octets = base64.urlsafe_b64encode(b"0" * 64).decode().rstrip("=")
key = jwt.PyJWK({"kty": "oct", "k": octets})
token = jwt.encode({"sub": "alice"}, b"0" * 64, algorithm="HS512")
try:
    shows = not jwt.decode(token, key, algorithms=["HS512"])
except jwt.InvalidTokenError:
    shows = True
print("HS512 under a JWK without `alg`: " + ("refused" if shows else "accepted"))
sys.exit(0 if shows else 1)
