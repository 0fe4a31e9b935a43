"""An X25519 key where EdDSA is due raises AttributeError."""

import sys

from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = JsonWebKey.generate_key("OKP", "Ed25519", is_private=True)
other = JsonWebKey.generate_key("OKP", "X25519", is_private=False)
token = JsonWebToken(["EdDSA"]).encode({"alg": "EdDSA"}, {"sub": "alice"}, key)
try:
    JsonWebToken(["EdDSA"]).decode(token, other)
    shows, saw = False, "accepted"
except AttributeError as error:
    shows, saw = True, f"AttributeError: {error}"
except (JoseError, ValueError) as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
