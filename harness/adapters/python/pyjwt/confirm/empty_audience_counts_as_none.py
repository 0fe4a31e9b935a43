"""An `aud` that is an empty array counts as none."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = jwt.encode({"sub": "alice", "aud": []}, b"k" * 32, algorithm="HS256")
try:
    shows = jwt.decode(token, b"k" * 32, algorithms=["HS256"])["aud"] == []
except jwt.InvalidTokenError:
    shows = False
print("a token for nobody: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
