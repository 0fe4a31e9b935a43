"""One key that cannot be used makes the whole set unusable."""

import sys

from jwskate import JwkSet

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    JwkSet({"keys": [{"kty": "XYZ", "kid": "1"}]})
    shows, saw = False, "loaded"
except (ValueError, KeyError, TypeError) as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
