"""Claims of another type raise AttributeError."""

import sys

from jwskate import Jwk, Jwt, JwtVerifier

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.generate(alg="ES256", kid="1")
token = Jwt.sign({"iss": ["a"], "exp": 4102444800}, key, alg="ES256")
try:
    JwtVerifier(key.public_jwk().as_jwks(), issuer="a", alg="ES256").verify(token)
    shows, saw = False, "accepted"
except AttributeError as error:
    shows, saw = True, f"AttributeError: {error}"
except ValueError as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
