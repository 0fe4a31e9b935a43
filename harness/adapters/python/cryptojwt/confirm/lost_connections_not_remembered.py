"""A connection that fails is tried again for each token, ignore_errors_period or not."""

import http.server
import json
import logging
import sys
import threading
import time

from cryptojwt.exception import JWKESTException
from cryptojwt.jwk.ec import new_ec_key
from cryptojwt.jwt import JWT
from cryptojwt.key_bundle import KeyBundle
from cryptojwt.key_jar import KeyJar

logging.disable(logging.CRITICAL)
sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = new_ec_key("P-256", kid="a", use="sig", alg="ES256")
SET = json.dumps({"keys": [key.serialize()]}).encode()
own = KeyJar()
own.add_keys("https://issuer.test", [key])
token = JWT(own, iss="https://issuer.test", sign_alg="ES256").pack({"sub": "alice"}, kid="a", issuer_id="https://issuer.test")


class Issuer(http.server.BaseHTTPRequestHandler):
    status, fields, body, pause, asked = 200, {}, SET, 0, 0

    def do_GET(self):
        Issuer.asked += 1
        self.send_response(Issuer.status)
        for name, value in {"Content-Length": str(len(Issuer.body)), **Issuer.fields}.items():
            self.send_header(name, value)
        self.end_headers()
        step = 1 if Issuer.pause else len(Issuer.body) or 1
        for at in range(0, len(Issuer.body), step):
            self.wfile.write(Issuer.body[at : at + step])
            time.sleep(Issuer.pause)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
uri = f"http://127.0.0.1:{server.server_port}/jwks.json"


def client(**options):
    jar = KeyJar()
    jar.add_kb("https://issuer.test", KeyBundle(source=uri, **options))
    return JWT(jar, allowed_sign_algs=["ES256"])


def outcome(verifier):
    try:
        verifier.unpack(token)
        return "accepted"
    except JWKESTException as error:
        return f"refused: {type(error).__name__}"


verifier = client(ignore_errors_period=30)
Issuer.fields = {"Content-Length": str(len(SET) + 10)}
for _ in range(10):
    outcome(verifier)
print(f"{Issuer.asked} fetches for 10 tokens while responses break off, with an ignore_errors_period of 30 s")
sys.exit(0 if Issuer.asked >= 10 else 1)
