"""A detached payload is taken only where `b64` is false."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = jwt.api_jws.encode(b"hello", b"k" * 32, algorithm="HS256")
header, _, signature = token.split(".")
try:
    jwt.api_jws.PyJWS().decode(f"{header}..{signature}", b"k" * 32, algorithms=["HS256"], detached_payload=b"hello")
    shows, saw = False, "accepted"
except jwt.DecodeError as error:
    shows, saw = True, f"DecodeError: {error}"
print(saw)
sys.exit(0 if shows else 1)
