"""A payload in UTF-16, or with surrogates in UTF-8, is read."""

import base64
import hmac
import sys

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

KEY = b"a secret of at least thirty-two octets"


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def mint(header=b'{"alg":"HS256"}', payload=b'{"sub":"alice"}', key=KEY, encode=b64):
    text = encode(header) + b"." + encode(payload)
    return (text + b"." + b64(hmac.digest(key, text, "sha256"))).decode()


def accepts(token, key=KEY):
    try:
        return bool(jwt.decode(token, OctKey.import_key(key), algorithms=["HS256"]))
    except JoseError:
        return False


shows = accepts(mint(payload='{"sub":"alice"}'.encode("utf-16"))) and accepts(mint(payload=b'{"sub":"\xed\xa0\x80"}'))
print("UTF-16 and a surrogate in UTF-8: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
