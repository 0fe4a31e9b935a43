"""An empty token raises KeyError."""

import sys

from cryptojwt.jwt import JWT
from cryptojwt.key_jar import KeyJar

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    JWT(key_jar=KeyJar()).unpack("")
    shows, saw = False, "accepted"
except KeyError as error:
    shows, saw = True, f"KeyError: {error}"
print(saw)
sys.exit(0 if shows else 1)
