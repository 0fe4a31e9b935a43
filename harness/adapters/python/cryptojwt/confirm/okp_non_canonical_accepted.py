"""An Ed25519 key whose y is not below p is loaded."""

import base64
import sys

from cryptojwt.exception import JWKESTException
from cryptojwt.jwk.jwk import key_from_jwk_dict

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

# The point 1 with p added to its y: no canonical encoding (RFC 8032 §5.1.3).
x = base64.urlsafe_b64encode((2**255 - 18).to_bytes(32, "little")).rstrip(b"=").decode()
try:
    shows = bool(key_from_jwk_dict({"kty": "OKP", "crv": "Ed25519", "x": x}).public_key())
except (JWKESTException, ValueError):
    shows = False
print("y = p + 1: " + ("loaded" if shows else "refused"))
sys.exit(0 if shows else 1)
