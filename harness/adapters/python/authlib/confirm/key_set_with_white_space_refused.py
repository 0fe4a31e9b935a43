"""White space around a key set makes it no key set."""

import sys

from authlib.jose import JsonWebKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    JsonWebKey.import_key_set('{"keys":[]}\n')
    shows, saw = False, "loaded"
except ValueError as error:
    shows, saw = True, f"ValueError: {error}"
print(saw)
sys.exit(0 if shows else 1)
