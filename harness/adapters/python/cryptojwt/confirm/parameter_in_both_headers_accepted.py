"""A parameter in both headers of a JSON serialization is accepted."""

import json
import sys

from cryptojwt.exception import JWKESTException
from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jws.jws import JWS

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = SYMKey(key=b"k" * 32)
header, payload, signature = JWS("hello", alg="HS256").sign_compact([key]).split(".")
document = {"protected": header, "header": {"alg": "HS256"}, "payload": payload, "signature": signature}
try:
    shows = bool(JWS(alg=["HS256"]).verify_json(json.dumps(document), [key]))
except JWKESTException:
    shows = False
print("in both headers: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
