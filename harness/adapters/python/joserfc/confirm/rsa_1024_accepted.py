"""An RSA key of 1024 bits is used."""

import sys

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

private = rsa.generate_private_key(65537, 1024)
pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
key = RSAKey.import_key(pem)
shows = jwt.decode(jwt.encode({"alg": "RS256"}, {"sub": "alice"}, key), key).claims["sub"] == "alice"
print("RS256 with 1024 bits: accepted")
sys.exit(0 if shows else 1)
