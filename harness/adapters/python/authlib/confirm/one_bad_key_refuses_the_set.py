"""One key that is not known or cannot be used makes the whole set unusable."""

import sys

from authlib.jose import JsonWebKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

good = {"kty": "oct", "k": "A" * 43}
try:
    JsonWebKey.import_key_set({"keys": [good, {"kty": "XYZ"}]})
    shows, saw = False, "loaded"
except (ValueError, KeyError, TypeError) as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
