"""`crit` is not looked at."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = jwt.encode({"sub": "alice"}, b"k" * 32, algorithm="HS256", headers={"crit": ["x"], "x": 1})
try:
    shows = bool(jwt.decode(token, b"k" * 32, algorithms=["HS256"]))
except jwt.InvalidTokenError:
    shows = False
print("an unknown critical parameter: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
