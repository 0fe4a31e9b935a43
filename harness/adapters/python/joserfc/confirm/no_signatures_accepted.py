"""A JSON serialization without any signature is accepted."""

import sys

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    shows = jws.deserialize_json({"payload": "aGVsbG8", "signatures": []}, OctKey.generate_key(256)).payload == b"hello"
except JoseError:
    shows = False
print("no signatures: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
