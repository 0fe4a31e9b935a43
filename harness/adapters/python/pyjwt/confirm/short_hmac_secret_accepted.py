"""A short secret or RSA key is used, with a warning only."""

import base64
import hmac
import sys

import jwt

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

KEY = b"a secret of at least thirty-two octets"


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def mint(header=b'{"alg":"HS256"}', payload=b'{"sub":"alice"}', key=KEY, encode=b64):
    text = encode(header) + b"." + encode(payload)
    return (text + b"." + b64(hmac.digest(key, text, "sha256"))).decode()


def accepts(token, key=KEY):
    try:
        return bool(jwt.decode(token, key, algorithms=["HS256"]))
    except jwt.PyJWTError:
        return False


shows = accepts(mint(key=b"k"), b"k")
print("HS256 with a secret of one octet: " + ("accepted" if shows else "refused"))
sys.exit(0 if shows else 1)
