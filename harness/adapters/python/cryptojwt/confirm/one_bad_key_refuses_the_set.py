"""One key that cannot be used makes the whole set unusable."""

import sys

from cryptojwt.exception import JWKESTException
from cryptojwt.key_jar import KeyJar

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

jar = KeyJar()
try:
    jar.import_jwks({"keys": [{"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-256", "x": "AA"}]}, "")
    shows, saw = False, "loaded"
except (JWKESTException, ValueError, KeyError) as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
