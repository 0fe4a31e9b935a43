"""`none` is accepted where no allow-list is given."""

import sys

from authlib.jose import jwt
from authlib.jose.errors import JoseError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
try:
    shows = jwt.decode("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5In0.", key)["sub"] == "mallory"
except (JoseError, ValueError):
    shows = False
print("none: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
