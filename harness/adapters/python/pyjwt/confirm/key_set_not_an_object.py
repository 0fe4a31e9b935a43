"""A key set that is no JSON object raises AttributeError or RecursionError."""

import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for text in ("null", "[]", '"keys"', "[" * 30000):
    try:
        jwt.PyJWKSet.from_json(text)
    except (AttributeError, RecursionError) as error:
        saw.append(type(error).__name__)
    except (jwt.PyJWTError, ValueError):
        pass
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
