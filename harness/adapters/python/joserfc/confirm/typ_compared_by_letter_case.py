"""The choices of a header parameter are compared by letter case."""

import sys

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.registry import HeaderParameter, in_choices

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

registry = jws.JWSRegistry({"typ": HeaderParameter("Type", in_choices(["at+jwt"]), True)}, ["HS256"])
key = OctKey.generate_key(256)
token = jwt.encode({"alg": "HS256", "typ": "AT+JWT"}, {"sub": "alice"}, key)
try:
    jwt.decode(token, key, registry=registry)
    shows, saw = False, "accepted"
except JoseError as error:
    shows, saw = True, str(error)
print(saw)
sys.exit(0 if shows else 1)
