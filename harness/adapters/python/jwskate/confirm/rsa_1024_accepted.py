"""An RSA key of 1024 bits is used."""

import sys

from cryptography.hazmat.primitives.asymmetric import rsa
from jwskate import Jwk, Jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.from_cryptography_key(rsa.generate_private_key(65537, 1024))
shows = bool(Jwt.sign({"sub": "alice"}, key, alg="RS256").verify(key.public_jwk(), alg="RS256"))
print("RS256 with 1024 bits: accepted")
sys.exit(0 if shows else 1)
