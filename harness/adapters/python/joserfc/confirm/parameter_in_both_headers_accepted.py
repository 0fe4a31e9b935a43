"""A parameter in both headers of a JSON serialization is accepted."""

import sys

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = OctKey.generate_key(256)
document = jws.serialize_json({"protected": {"alg": "HS256", "kid": "1"}}, b"hello", key, ["HS256"])
document["header"] = {"alg": "HS256", "kid": "1"}
try:
    shows = jws.deserialize_json(document, key, ["HS256"]).payload == b"hello"
except JoseError:
    shows = False
print("in both headers: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
