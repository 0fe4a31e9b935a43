"""The `jose` command line tool (latchset/jose) behind the adapter protocol.

Every token is one `jose jws ver -i- -k KEYS -O-`, which tries each key of a JWK or set whatever its `kid` and hands the
payload back. The tool has no list of algorithms, so `alg` is read from the protected header (`allow_list`), and knows no
claims: issuer, audience, time and required ones are ours, and the payload is read as strict JSON. It takes no PEM, no
secret, no unencoded payload.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile

VERSION = subprocess.run(["dpkg-query", "-W", "-f${Version}", "jose"], capture_output=True, text=True).stdout.split("-")[0] or "unknown"
HELLO = {
    "protocol": 1,
    "implementation": {"name": "jose (command line)", "version": VERSION, "language": "C"},
    "features": ["jwt", "jws", "jws_json", "jwks", "jwk", "multi_issuer", "several", "clock"],
    "algorithms": ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
    "curves": ["P-256", "P-384", "P-521"],
    "adapter_does": ["issuer_routing", "allow_list", "issuer", "audience", "time", "required_claims"],
}


class Unsupported(Exception):
    pass


class Refused(Exception):
    pass


class Issuer:
    def __init__(self, entry, policy):
        if "token_type" in policy:
            raise Unsupported("token_type")
        self.name = entry.get("issuer")
        self.algorithms = entry.get("algorithms", policy.get("algorithms"))
        self.audiences = entry.get("audiences", policy.get("audiences"))
        self.required = policy.get("required_claims", [])
        self.leeway = policy.get("leeway_s", 0)
        ((kind, text),) = entry["keys"].items()
        if kind not in ("jwks", "jwks_b64", "jwk"):
            raise Unsupported(kind)
        self.keys = tempfile.NamedTemporaryFile(prefix="jose-keys-")
        self.keys.write(base64.b64decode(text) if kind == "jwks_b64" else text.encode())
        self.keys.flush()

    def verify(self, token):
        ran = subprocess.run(["jose", "jws", "ver", "-i-", "-k", self.keys.name, "-O-"], input=token, capture_output=True)
        if ran.returncode < 0:
            os.kill(os.getpid(), -ran.returncode)  # the tool's death is the adapter's
        if ran.returncode:
            raise Refused(ran.stderr.decode(errors="replace").strip() or f"exit code {ran.returncode}")
        if self.algorithms and not set(algorithms(token)) <= set(self.algorithms):
            raise Refused("algorithm")
        return ran.stdout

    def judge(self, claims, now):
        for name in self.required:
            if claims.get(name) is None:
                raise Refused("no " + name)
        aud = claims.get("aud")
        if self.name is not None and claims.get("iss") != self.name:
            raise Refused("issuer")
        if self.audiences and not any(a in self.audiences for a in (aud if isinstance(aud, list) else [aud])):
            raise Refused("audience")
        if "exp" in claims and number(claims["exp"]) <= now - self.leeway:
            raise Refused("expired")
        if "nbf" in claims and number(claims["nbf"]) > now + self.leeway:
            raise Refused("not valid yet")


def number(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise Refused("a time that is no number")


def unbase64url(segment):
    return base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))


def algorithms(token):
    """The `alg` of every protected header of what the tool accepted."""
    if not token.lstrip().startswith(b"{"):
        return [json.loads(unbase64url(token.strip().split(b".")[0]))["alg"]]
    jws = json.loads(token)
    return [json.loads(unbase64url(s["protected"].encode()))["alg"] for s in jws.get("signatures", [jws])]


def not_json(name):
    raise Refused(name + " is not JSON")


def claims_of(payload):
    claims = json.loads(payload.decode("utf-8"), parse_constant=not_json)
    if not isinstance(claims, dict):
        raise Refused("the payload is no object")
    return claims


def verify(issuers, request):
    if request["mode"] not in ("jwt", "jws"):
        return {"unsupported": "mode"}
    if "detached_payload_b64" in request:
        return {"unsupported": "detached_payload_b64"}
    token = base64.b64decode(request["token_b64"]) if "token_b64" in request else request["token"].encode()
    try:
        issuer = issuers[0]
        if len(issuers) > 1:
            claimed = claims_of(unbase64url(token.split(b".")[1])).get("iss")
            issuer = next((i for i in issuers if i.name == claimed), None)
        if issuer is None:
            raise Refused("no such issuer")
        payload = issuer.verify(token)
        if request["mode"] == "jws":
            return {"verdict": "accept", "payload_b64": base64.b64encode(payload).decode()}
        claims = claims_of(payload)
        issuer.judge(claims, request["now"])
        return {"verdict": "accept", "claims": {n: claims[n] for n in ("sub", "iss", "aud") if n in claims}}
    except (Refused, ValueError, LookupError, TypeError, RecursionError) as error:
        return {"verdict": "reject", "error": f"{type(error).__name__}: {error}"[:500]}


def answer(request, verifiers):
    name = request.get("verifier", "main")
    if request["op"] == "hello":
        return HELLO
    if request["op"] == "configure":
        verifiers.pop(name, None)
        try:
            verifiers[name] = [Issuer(entry, request["policy"]) for entry in request["policy"]["issuers"]]
            return {"ok": True}
        except Unsupported as member:
            return {"ok": False, "unsupported": str(member)}
    if request["op"] == "verify":
        return verify(verifiers[name], request) if name in verifiers else {"error": "verify before configure"}
    return {"unsupported": "op"}


def main():
    verifiers = {}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **answer(request, verifiers)}), flush=True)


main()
