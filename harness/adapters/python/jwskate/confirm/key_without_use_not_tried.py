"""For a token without `kid` only keys whose `use` is `sig` are tried."""

import sys

from jwskate import Jwk

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.generate(alg="ES256").public_jwk()
key = Jwk({name: key[name] for name in ("kty", "crv", "x", "y")})
shows = key.as_jwks().verification_keys() == []
print("a key without `use`: " + ("left out" if shows else "tried"))
sys.exit(0 if shows else 1)
