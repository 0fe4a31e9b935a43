"""The leeway is taken off the life of a token in place of being added."""

import sys
import time

from jwskate import Jwk, Jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

token = Jwt.sign({"exp": int(time.time()) + 60}, Jwk.generate(alg="HS256"), alg="HS256")
shows = token.is_expired(leeway=120) is True and token.is_expired(leeway=0) is False
print("a token with a minute left, under a leeway of two: " + ("expired" if shows else "alive"))
sys.exit(0 if shows else 1)
