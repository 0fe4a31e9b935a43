"""An issuer that is part of the configured one is accepted."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = jwt.encode({"iss": "_abc_"}, b"k" * 32, algorithm="HS256")
try:
    shows = bool(jwt.decode(token, b"k" * 32, algorithms=["HS256"], issuer="__abc__"))
except jwt.InvalidTokenError:
    shows = False
print("_abc_ for __abc__: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
