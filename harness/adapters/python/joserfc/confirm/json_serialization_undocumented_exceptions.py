"""A JSON serialization of another shape raises KeyError, TypeError, ValueError or AttributeError."""

import sys

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for document in ({}, {"payload": 1, "signature": ""}, {"payload": ""}, {"payload": "", "signatures": [None]}):
    try:
        jws.deserialize_json(document, OctKey.generate_key(256))
    except JoseError:
        pass
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        saw.append(type(error).__name__)
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
