"""One key that cannot be used makes the whole set unusable."""

import sys

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

good = {"kty": "oct", "k": "A" * 43}
try:
    KeySet.import_key_set({"keys": [good, {"kty": "EC", "crv": "P-256", "x": "AQ"}]})
    shows, saw = False, "loaded"
except (JoseError, ValueError, KeyError) as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
