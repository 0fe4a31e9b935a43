"""ES256 and ES512 are accepted under keys on other curves."""

import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jose import jwt
from jose.exceptions import JOSEError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

private = ec.generate_private_key(ec.SECP384R1())
pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
try:
    shows = jwt.decode(jwt.encode({"sub": "alice"}, pem, "ES256"), public, ["ES256"])["sub"] == "alice"
except JOSEError:
    shows = False
print("ES256 on P-384: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
