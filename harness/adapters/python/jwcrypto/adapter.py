"""jwcrypto: `jwt.JWT(algs=…, check_claims=…)`, `jws.JWS` for a JWS alone.

Peculiar: with `check_claims` the library judges the claims named there and nothing else, without it `exp`
and `nbf` where present; so a token is taken twice, the first time for its times. Leeway is 60 s unless set.
A DER key goes through `cryptography` and `JWK.from_pyca`. `ValueError` is a documented refusal.
"""

import base64
import json
import platform
from importlib.metadata import version

from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwcrypto import jwk, jws, jwt
from jwcrypto.common import JWException
from protocol import describe, evidence, serve

VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "jwcrypto", "version": version("jwcrypto"), "language": "Python " + platform.python_version()},
        "features": ["jwt", "jws", "jws_json", "b64_false", "jwks", "jwk", "pem", "der", "secret", "multi_issuer", "several"],
        "algorithms": jws.default_allowed_algs,
        "adapter_does": ["issuer_routing"],
        "defaults": {"leeway_s": 60},
    }


def key_of(keys):
    if "jwks" in keys:
        return jwk.JWKSet.from_json(keys["jwks"])
    if "jwks_b64" in keys:
        return jwk.JWKSet.from_json(base64.b64decode(keys["jwks_b64"]))
    if "jwk" in keys:
        return jwk.JWK.from_json(keys["jwk"])
    if "pem" in keys:
        return jwk.JWK.from_pem(keys["pem"].encode())
    if "der_b64" in keys:
        return jwk.JWK.from_pyca(load_der_public_key(base64.b64decode(keys["der_b64"])))
    if "secret_b64" in keys:
        octets = base64.b64decode(keys["secret_b64"])
        return jwk.JWK(kty="oct", k=base64.urlsafe_b64encode(octets).decode().rstrip("="))
    raise Unsupported(next(iter(keys)))


def verifier(policy, issuer):
    claims = dict.fromkeys(policy.get("required_claims", []))
    if "issuer" in issuer:
        claims["iss"] = issuer["issuer"]
    if "audiences" in issuer or "audiences" in policy:
        claims["aud"] = issuer.get("audiences") or policy["audiences"]
    return {
        "issuer": issuer.get("issuer"),
        "key": key_of(issuer["keys"]),
        "algorithms": issuer.get("algorithms") or policy.get("algorithms"),
        "claims": claims or None,
        "leeway": policy.get("leeway_s"),
    }


def configure(request):
    policy = request["policy"]
    if "token_type" in policy:
        return {"ok": False, "unsupported": "token_type"}
    try:
        made = [verifier(policy, issuer) for issuer in policy["issuers"]]
    except Unsupported as error:
        return {"ok": False, "unsupported": str(error)}
    except (JWException, ValueError) as error:
        return {"ok": False, "error": describe(error)}
    except Exception as error:
        return {"ok": False, "crash": describe(error)}
    VERIFIERS[request.get("verifier", "main")] = made
    return {"ok": True, "effective": {"leeway_s": policy.get("leeway_s", 60)}}


def verify(request):
    issuers = VERIFIERS[request.get("verifier", "main")]
    token = request["token"] if "token" in request else base64.b64decode(request["token_b64"]).decode("latin-1")  # as WSGI hands over a header
    try:
        return (accept_jws if request["mode"] == "jws" else accept_jwt)(issuers, token, request)
    except (JWException, ValueError) as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def issuer_of(token):
    """Whose the token claims to be; what cannot be read is nobody's."""
    try:
        unverified = jws.JWS()
        unverified.deserialize(token)
        return json.loads(unverified.objects["payload"]).get("iss")
    except Exception:
        return None


def accept_jwt(issuers, token, request):
    chosen = issuers[0]
    if len(issuers) > 1:
        claimed = issuer_of(token)
        chosen = next((each for each in issuers if each["issuer"] == claimed), None)
        if chosen is None:
            return {"verdict": "reject", "error": "no verifier for this issuer"}
    for claims in (None, chosen["claims"]) if chosen["claims"] else (None,):
        verified = jwt.JWT(algs=chosen["algorithms"], check_claims=claims)
        if chosen["leeway"] is not None:
            verified.leeway = chosen["leeway"]
        verified.deserialize(token, chosen["key"])
    return {"verdict": "accept", **claims_of(verified.claims)}


def accept_jws(issuers, token, request):
    detached = request.get("detached_payload_b64")
    verified = jws.JWS()
    if issuers[0]["algorithms"]:
        verified.allowed_algs = issuers[0]["algorithms"]
    verified.deserialize(token)
    verified.verify(issuers[0]["key"], detached_payload=detached and base64.b64decode(detached))
    payload = verified.payload if detached is None else base64.b64decode(detached)
    payload = payload.encode() if isinstance(payload, str) else payload  # a str where `b64` is false
    return {"verdict": "accept", "payload_b64": base64.b64encode(payload).decode()}


def claims_of(text):
    """The claims, which the library hands back as text."""
    try:
        return evidence(json.loads(text))
    except (ValueError, RecursionError):
        return {}


serve(hello, configure, verify, VERIFIERS)
