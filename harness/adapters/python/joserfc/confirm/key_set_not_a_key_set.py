"""A key set without its shape raises KeyError or TypeError."""

import sys

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for document in (None, {}, [], "keys", {"keys": None}, {"keys": 1}):
    try:
        KeySet.import_key_set(document)
    except (KeyError, TypeError) as error:
        saw.append(type(error).__name__)
    except (JoseError, ValueError):
        pass
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
