"""A configured key without `kid` gets its thumbprint, and is not found for a token with another."""

import sys

from jwskate import Jwk, Jwt, JwtVerifier

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.generate(alg="ES256")
public = Jwk({name: value for name, value in key.public_jwk().items() if name != "kid"})
token = Jwt.sign({"iss": "a", "exp": 4102444800}, key, alg="ES256", extra_headers={"kid": "1"})
try:
    JwtVerifier(public.as_jwks(), issuer="a", alg="ES256").verify(token)
    shows, saw = False, "accepted"
except KeyError as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
