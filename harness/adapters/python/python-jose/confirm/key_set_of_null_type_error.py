"""A key set whose `keys` is null raises TypeError."""

import sys

from jose import jwt
from jose.exceptions import JOSEError

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

try:
    jwt.decode(jwt.encode({}, "k", "HS256"), '{"keys":null}', ["HS256"])
    shows, saw = False, "accepted"
except TypeError as error:
    shows, saw = True, f"TypeError: {error}"
except JOSEError as error:
    shows, saw = False, f"{type(error).__name__}: {error}"
print(saw)
sys.exit(0 if shows else 1)
