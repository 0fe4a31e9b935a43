"""A token for another kind of key than the one found raises KeyError: 0."""

import sys

from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = JsonWebKey.import_key({"kty": "oct", "k": "A" * 43, "kid": "1"})
rsa = JsonWebKey.generate_key("RSA", 2048, {"kid": "1"}, is_private=True)
token = JsonWebToken(["HS256"]).encode({"alg": "HS256"}, {"sub": "alice"}, key)
try:
    JsonWebToken(["RS256", "HS256"]).decode(token, JsonWebKey.import_key_set({"keys": [rsa.as_dict()]}))
    shows, saw = False, "accepted"
except KeyError as error:
    shows, saw = True, f"KeyError: {error}"
except (JoseError, ValueError) as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
