"""An `iss` that is an array or object raises TypeError."""

import sys

from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jws.jws import JWS
from cryptojwt.jwt import JWT
from cryptojwt.key_jar import KeyJar

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

jar = KeyJar()
jar.add_keys("a", [SYMKey(key=b"k" * 32)])
token = JWS('{"iss":["a"]}', alg="HS256").sign_compact([SYMKey(key=b"k" * 32)])
try:
    JWT(key_jar=jar).unpack(token)
    shows, saw = False, "accepted"
except TypeError as error:
    shows, saw = True, f"TypeError: {error}"
print(saw)
sys.exit(0 if shows else 1)
