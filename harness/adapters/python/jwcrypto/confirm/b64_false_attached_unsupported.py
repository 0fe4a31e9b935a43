"""A compact token with a payload that is not encoded is not verified."""

import sys
from base64 import urlsafe_b64encode
from hmac import digest

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = jwk.JWK(kty="oct", k=urlsafe_b64encode(b"k" * 32).decode().rstrip("="))
text = urlsafe_b64encode(b'{"alg":"HS256","b64":false,"crit":["b64"]}').rstrip(b"=") + b".hello"
token = text + b"." + urlsafe_b64encode(digest(b"k" * 32, text, "sha256")).rstrip(b"=")
try:
    jws.JWS().deserialize(token.decode(), key)
    shows, saw = False, "accepted"
except JWException as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
