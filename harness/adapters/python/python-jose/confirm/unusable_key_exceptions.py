"""A key that cannot be made raises ValueError or KeyError."""

import sys

from jose import jwk, jwt
from jose.exceptions import JOSEError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for key in ({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}):
    try:
        jwt.decode(jwt.encode({}, "k", "HS256").replace("HS", "HS"), key, ["HS256"])
    except JOSEError:
        pass
    try:
        jwk.construct(key, "ES256")
    except JOSEError:
        pass
    except (ValueError, KeyError) as error:
        saw.append(type(error).__name__)
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
