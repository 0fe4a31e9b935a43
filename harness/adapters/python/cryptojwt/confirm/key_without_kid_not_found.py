"""A configured key without `kid` is not found for a token with one."""

import base64
import hmac
import sys

from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jws.exception import NoSuitableSigningKeys
from cryptojwt.jwt import JWT
from cryptojwt.key_jar import KeyJar

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

jar = KeyJar()
jar.add_keys("https://issuer.test", [SYMKey(key=b"k" * 32)])
text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"HS256","kid":"1"}', b'{"iss":"https://issuer.test"}'))
token = text + "." + base64.urlsafe_b64encode(hmac.digest(b"k" * 32, text.encode(), "sha256")).decode().rstrip("=")
try:
    JWT(key_jar=jar).unpack(token)
    shows, saw = False, "accepted"
except NoSuitableSigningKeys as error:
    shows, saw = True, f"NoSuitableSigningKeys: {error}"
print(saw)
sys.exit(0 if shows else 1)
