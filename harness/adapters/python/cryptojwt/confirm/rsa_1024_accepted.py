"""An RSA key of 1024 bits is used."""

import sys

from cryptojwt.jwk.rsa import new_rsa_key
from cryptojwt.jws.jws import JWS

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = new_rsa_key(key_size=1024)
shows = bool(JWS().verify_compact(JWS("hello", alg="RS256").sign_compact([key]), [key]))
print("RS256 with 1024 bits: accepted")
sys.exit(0 if shows else 1)
