"""A key object of `cryptography` with an HMAC token raises TypeError."""

import sys

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = ec.generate_private_key(ec.SECP256R1()).public_key()
token = jwt.encode({"sub": "alice"}, b"k" * 32, algorithm="HS256")
try:
    jwt.decode(token, key, algorithms=["ES256", "HS256"])
    shows, saw = False, "accepted"
except TypeError as error:
    shows, saw = True, f"TypeError: {error}"
except jwt.PyJWTError as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
