"""Second spellings of base64url are accepted."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = jwt.encode({"sub": "alice"}, b"k" * 32, algorithm="HS256")
other = token[:-1] + chr(ord(token[-1]) + 1)
try:
    shows = bool(jwt.decode(other, b"k" * 32, algorithms=["HS256"]))
except jwt.InvalidTokenError:
    shows = False
print("unused bits of the last letter: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
