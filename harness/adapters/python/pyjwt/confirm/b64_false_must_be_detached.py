"""A payload that is not encoded has to be detached."""

import sys
from base64 import urlsafe_b64encode
from hmac import digest

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = b"k" * 32
text = urlsafe_b64encode(b'{"alg":"HS256","b64":false,"crit":["b64"]}').rstrip(b"=") + b".hello"
token = text + b"." + urlsafe_b64encode(digest(key, text, "sha256")).rstrip(b"=")
try:
    jwt.api_jws.PyJWS().decode(token, key, algorithms=["HS256"])
    shows, saw = False, "accepted"
except jwt.DecodeError as error:
    shows, saw = True, f"DecodeError: {error}"
print(saw)
sys.exit(0 if shows else 1)
