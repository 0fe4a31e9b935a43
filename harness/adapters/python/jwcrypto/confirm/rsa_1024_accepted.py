"""An RSA key of 1024 bits is used."""

import sys

from jwcrypto import jwk, jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = jwk.JWK.generate(kty="RSA", size=1024)
token = jwt.JWT(header={"alg": "RS256"}, claims={"sub": "alice"})
token.make_signed_token(key)
shows = bool(jwt.JWT(jwt=token.serialize(), key=key, algs=["RS256"]).claims)
print("RS256 with 1024 bits: accepted")
sys.exit(0 if shows else 1)
