"""With several algorithms allowed, one that does not fit the key refuses its tokens."""

import sys

from jwskate import Jwk, Jwt, UnsupportedAlg

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.generate(alg="RS256", kid="1")
key = Jwk({name: value for name, value in key.items() if name != "alg"})
token = Jwt.sign({"sub": "alice"}, key, alg="RS256")
try:
    token.verify(key.public_jwk(), algs=["ES256", "RS256"])
    shows, saw = False, "accepted"
except UnsupportedAlg as error:
    shows, saw = True, f"UnsupportedAlg: {error}"
print(saw)
sys.exit(0 if shows else 1)
