"""An ES256 signature of another length than 64 octets is accepted."""

import base64
import sys

from jwcrypto import jwk, jws

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = jwk.JWK.generate(kty="EC", crv="P-256")
signed = jws.JWS(b"hello")
signed.add_signature(key, protected='{"alg":"ES256"}')
header, payload, signature = signed.serialize(compact=True).split(".")
octets = base64.urlsafe_b64decode(signature + "==")
wide = base64.urlsafe_b64encode(b"\0" + octets[:32] + b"\0" + octets[32:]).decode().rstrip("=")
try:
    presented = jws.JWS()
    presented.deserialize(f"{header}.{payload}.{wide}", key)
    shows = True
except jws.InvalidJWSSignature:
    shows = False
print("66 octets: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
