"""An array that holds the issuer is accepted as issuer."""

import sys

from joserfc import jwt
from joserfc.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    jwt.JWTClaimsRegistry(iss={"essential": True, "value": "https://good"}).validate({"iss": ["https://evil", "https://good"]})
    shows = True
except JoseError:
    shows = False
print("an array of issuers: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
