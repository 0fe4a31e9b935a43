"""A JSON serialization without any signature is accepted."""

import sys

from authlib.jose import JsonWebSignature
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    shows = bool(JsonWebSignature(["HS256"]).deserialize_json({"payload": "aGVsbG8", "signatures": []}, b"k" * 32))
except JoseError:
    shows = False
print("no signatures: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
