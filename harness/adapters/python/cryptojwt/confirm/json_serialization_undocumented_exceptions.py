"""A JSON serialization of another shape raises KeyError, ValueError or AttributeError."""

import sys

from cryptojwt.exception import JWKESTException
from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jws.jws import JWS

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

saw = []
for text in ('{"payload":1,"signature":""}', '{"payload":""}', '{"payload":"","signatures":[null]}'):
    try:
        JWS(alg=["HS256"]).verify_json(text, [SYMKey(key=b"k" * 32)])
    except JWKESTException:
        pass
    except (KeyError, ValueError, AttributeError) as error:
        saw.append(type(error).__name__)
shows = bool(saw)
print(saw or "refused")
sys.exit(0 if shows else 1)
