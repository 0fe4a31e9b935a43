"""An empty secret is one."""

import sys

from joserfc import jwt
from joserfc.jwk import OctKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    key = OctKey.import_key("")
    shows = bool(jwt.decode(jwt.encode({"alg": "HS256"}, {"sub": "mallory"}, key), key))
except ValueError:
    shows = False
print("HS256 keyed with nothing: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
