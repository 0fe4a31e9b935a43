"""A key whose parameters have another type raises TypeError or AttributeError."""

import sys

from jwskate import JwkSet

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    JwkSet({"keys": [{"kty": "oct", "k": "AAAA", "kid": 7}]})
    shows, saw = False, "loaded"
except TypeError as error:
    shows, saw = True, f"TypeError: {error}"
except ValueError as error:
    shows, saw = False, f"ValueError: {error}"
print(saw)
sys.exit(0 if shows else 1)
