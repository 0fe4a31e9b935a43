"""python-jose: `jwt.decode` with every option that a careful user switches on, `jws.verify` for a JWS alone.

Peculiar: a key of any kind is a text that `decode` reads anew for each token (what is neither JSON nor a PEM is
an HMAC secret); `kid` is not looked at, all keys are tried; there is one audience, and only the registered
claims can be required; `require_iss` and `require_aud` stand beside `issuer` and `audience`, which let a token without pass.
"""

import base64
import platform

import jose
from jose import jws, jwt
from jose.exceptions import JOSEError
from protocol import describe, evidence, serve

ALGORITHMS = [f"{family}{size}" for family in ("HS", "RS", "ES") for size in (256, 384, 512)]
REQUIRABLE = ("aud", "iat", "exp", "nbf", "iss", "sub", "jti", "at_hash")
VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "python-jose", "version": jose.__version__, "language": "Python " + platform.python_version()},
        "features": ["jwt", "jws", "jwks", "jwk", "pem", "secret", "multi_issuer", "several"],
        "algorithms": ALGORITHMS,
        "adapter_does": ["issuer_routing"],
        "defaults": {"leeway_s": 0},
    }


def key_of(keys):
    for text in ("jwks", "jwk", "pem"):
        if text in keys:
            return keys[text]
    for octets in ("jwks_b64", "secret_b64"):
        if octets in keys:
            return base64.b64decode(keys[octets])
    raise Unsupported(next(iter(keys)))


def verifier(policy, issuer):
    audiences = issuer.get("audiences") or policy.get("audiences") or [None]
    required = set(policy.get("required_claims", []))
    if len(audiences) > 1:
        raise Unsupported("audiences")
    if not required.issubset(REQUIRABLE):
        raise Unsupported("required_claims")
    required |= {"iss"} if "issuer" in issuer else set()
    required |= {"aud"} if audiences[0] else set()
    options = {"require_" + name: True for name in required}
    if "leeway_s" in policy:
        options["leeway"] = policy["leeway_s"]
    return {
        "issuer": issuer.get("issuer"),
        "key": key_of(issuer["keys"]),
        "algorithms": issuer.get("algorithms") or policy.get("algorithms"),
        "audience": audiences[0],
        "options": options,
    }


def configure(request):
    policy = request["policy"]
    if "token_type" in policy:
        return {"ok": False, "unsupported": "token_type"}
    try:
        made = [verifier(policy, issuer) for issuer in policy["issuers"]]
    except Unsupported as error:
        return {"ok": False, "unsupported": str(error)}
    VERIFIERS[request.get("verifier", "main")] = made
    return {"ok": True, "effective": {"leeway_s": policy.get("leeway_s", 0)}}


def verify(request):
    issuers = VERIFIERS[request.get("verifier", "main")]
    token = request["token"] if "token" in request else base64.b64decode(request["token_b64"])
    try:
        return accept(issuers, token, request)
    except JOSEError as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def accept(issuers, token, request):
    chosen = issuers[0]
    if request["mode"] == "jws":
        payload = jws.verify(token, chosen["key"], chosen["algorithms"])
        return {"verdict": "accept", "payload_b64": base64.b64encode(payload).decode()}
    if len(issuers) > 1:
        claimed = jwt.get_unverified_claims(token).get("iss")
        chosen = next((each for each in issuers if each["issuer"] == claimed), None)
        if chosen is None:
            return {"verdict": "reject", "error": "no verifier for this issuer"}
    claims = jwt.decode(
        token,
        chosen["key"],
        algorithms=chosen["algorithms"],
        options=chosen["options"],
        audience=chosen["audience"],
        issuer=chosen["issuer"],
    )
    return {"verdict": "accept", **evidence(claims)}


serve(hello, configure, verify, VERIFIERS)
