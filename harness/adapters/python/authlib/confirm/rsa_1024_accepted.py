"""An RSA key of 1024 bits is used."""

import sys

from authlib.jose import JsonWebKey, JsonWebToken

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = JsonWebKey.generate_key("RSA", 1024, is_private=True)
token = JsonWebToken(["RS256"]).encode({"alg": "RS256"}, {"sub": "alice"}, key)
shows = JsonWebToken(["RS256"]).decode(token, key)["sub"] == "alice"
print("RS256 with 1024 bits: accepted")
sys.exit(0 if shows else 1)
