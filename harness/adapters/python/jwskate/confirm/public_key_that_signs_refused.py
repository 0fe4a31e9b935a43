"""A public key whose `key_ops` name `sign` beside `verify` is refused."""

import sys

from jwskate import Jwk

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = Jwk.generate(alg="ES256").public_jwk()
try:
    Jwk({**{name: key[name] for name in ("kty", "crv", "x", "y")}, "key_ops": ["sign", "verify"]})
    shows, saw = False, "loaded"
except ValueError as error:
    shows, saw = True, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
