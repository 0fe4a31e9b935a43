"""A token of octets that are no text raises TypeError."""

import sys

from jwcrypto import jwk, jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    jwt.JWT(jwt=b"a.b.c", key=jwk.JWK.generate(kty="oct", size=256))
    shows, saw = False, "accepted"
except TypeError as error:
    shows, saw = True, f"TypeError: {error}"
print(saw)
sys.exit(0 if shows else 1)
