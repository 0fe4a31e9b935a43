"""One key of an unknown type makes the whole set unusable."""

import sys

from jwcrypto import jwk

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    jwk.JWKSet.from_json('{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"XYZ"}]}')
    shows, saw = False, "loaded"
except jwk.InvalidJWKValue as error:
    shows, saw = True, f"InvalidJWKValue: {error.__cause__!r}"
print(saw)
sys.exit(0 if shows else 1)
