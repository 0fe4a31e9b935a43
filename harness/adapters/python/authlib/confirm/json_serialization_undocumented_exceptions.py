"""A JSON serialization of another shape raises TypeError or AttributeError."""

import sys

from authlib.jose import JsonWebSignature
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for document in ({"payload": "", "signatures": [None]}, {"payload": "", "protected": {"alg": "HS256"}, "signature": "x"}):
    try:
        JsonWebSignature(["HS256"]).deserialize_json(document, b"k" * 32)
    except JoseError:
        pass
    except (TypeError, AttributeError) as error:
        saw.append(type(error).__name__)
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
