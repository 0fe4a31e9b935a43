"""A fetch that failed is tried again for each token."""

import base64
import http.server
import json
import sys
import threading
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

sys.excepthook = lambda *error: (sys.__excepthook__(*error), sys.exit(2))

key = ec.generate_private_key(ec.SECP256R1())
numbers = key.public_key().public_numbers()
x, y = (base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode() for number in (numbers.x, numbers.y))
jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "a", "use": "sig", "alg": "ES256"}
SET = json.dumps({"keys": [jwk]}).encode()
token = jwt.encode({"sub": "alice"}, key, algorithm="ES256", headers={"kid": "a"})


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


def verify(client):
    return jwt.decode(token, client.get_signing_key_from_jwt(token).key, algorithms=["ES256"])


client = jwt.PyJWKClient(uri)
Issuer.status = 503
for _ in range(20):
    try:
        verify(client)
    except (jwt.PyJWTError, OSError):  # before 2.8 an OSError of urllib
        pass
print(f"{Issuer.asked} fetches for 20 tokens while the endpoint answers 503")
sys.exit(0 if Issuer.asked >= 20 else 1)
