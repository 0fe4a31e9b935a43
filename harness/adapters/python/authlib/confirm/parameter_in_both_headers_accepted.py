"""A parameter in both headers of a JSON serialization is accepted."""

import sys

from authlib.jose import JsonWebSignature
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

signer = JsonWebSignature(["HS256"])
document = signer.serialize_json({"protected": {"alg": "HS256", "kid": "1"}}, {"sub": "alice"}, b"k" * 32)
document["header"] = {"alg": "HS256", "kid": "1"}
try:
    shows = bool(signer.deserialize_json(document, b"k" * 32))
except JoseError:
    shows = False
print("in both headers: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
