"""An RSA key of 1024 bits is used."""

import sys

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jose import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

private = rsa.generate_private_key(65537, 1024)
pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
shows = jwt.decode(jwt.encode({"sub": "alice"}, pem, "RS256"), public, ["RS256"])["sub"] == "alice"
print("RS256 with 1024 bits: accepted")
sys.exit(0 if shows else 1)
