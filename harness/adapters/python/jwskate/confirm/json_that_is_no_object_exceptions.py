"""A header or payload that is no JSON object raises TypeError or AttributeError."""

import base64
import sys

from jwskate import Jwk, JwtVerifier

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.generate(alg="ES256", kid="1")
text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"ES256","kid":"1"}', b"[]", b"0" * 64))
try:
    JwtVerifier(key.public_jwk().as_jwks(), issuer="a", alg="ES256").verify(text)
    shows, saw = False, "accepted"
except (AttributeError, TypeError) as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
except ValueError as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
