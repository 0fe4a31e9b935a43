"""A key set nested deeply cannot be read by `json`."""

import json
import sys

from joserfc.jwk import KeySet

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    KeySet.import_key_set(json.loads("[" * 30000))
    shows, saw = False, "loaded"
except RecursionError as error:
    shows, saw = True, f"RecursionError: {error}"
print(saw)
sys.exit(0 if shows else 1)
