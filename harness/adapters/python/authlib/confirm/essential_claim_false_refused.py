"""A required claim whose value is false, 0 or empty counts as missing."""

import sys

from authlib.jose import JWTClaims
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

claims = JWTClaims({"tenant": False}, {}, options={"tenant": {"essential": True}})
try:
    claims.validate()
    shows, saw = False, "accepted"
except JoseError as error:
    shows, saw = True, str(error)
print(saw)
sys.exit(0 if shows else 1)
