"""A certificate as a key raises ValueError."""

import sys
from datetime import datetime, timedelta, timezone

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

now = datetime.now(timezone.utc)
private = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")])
builder = x509.CertificateBuilder(name, name, private.public_key(), 1, now, now + timedelta(days=1))
pem = builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)
token = jwt.encode({"sub": "alice"}, private, algorithm="ES256")
try:
    jwt.decode(token, pem, algorithms=["ES256"])
    shows, saw = False, "accepted"
except ValueError as error:
    shows, saw = True, f"ValueError: {error}"
except jwt.PyJWTError as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
