"""Authlib's `authlib.jose`: `JsonWebToken(algorithms).decode` and then `claims.validate`.

Peculiar: without an allow-list the ready-made `authlib.jose.jwt` decodes; a key text is handed to `decode`
as it stands; a `ValueError` is a documented refusal (`KeySet.find_by_kid`: no such key), so all of them are.
"""

import base64
import platform
import warnings

warnings.simplefilter("ignore")  # authlib.jose announces its successor, joserfc

import authlib
from authlib.common.encoding import json_loads, to_bytes, to_unicode, urlsafe_b64decode
from authlib.jose import JsonWebKey, JsonWebSignature, JsonWebToken, KeySet, jwt
from authlib.jose.errors import JoseError
from protocol import describe, evidence, serve

ALGORITHMS = [name for name in JsonWebSignature.ALGORITHMS_REGISTRY if name != "none"]
VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "Authlib", "version": authlib.__version__, "language": "Python " + platform.python_version()},
        "features": ["jwt", "jws", "jws_json", "jwks", "jwk", "pem", "secret", "multi_issuer", "several", "clock"],
        "algorithms": ALGORITHMS,
        "adapter_does": ["issuer_routing"],
        "defaults": {"leeway_s": 0},
    }


def key_of(keys):
    if "jwks" in keys:
        return JsonWebKey.import_key_set(keys["jwks"])
    if "jwks_b64" in keys:
        return JsonWebKey.import_key_set(base64.b64decode(keys["jwks_b64"]))
    for text in ("jwk", "pem"):
        if text in keys:
            return keys[text]
    if "secret_b64" in keys:
        return base64.b64decode(keys["secret_b64"])
    raise Unsupported(next(iter(keys)))


def verifier(policy, issuer):
    algorithms = issuer.get("algorithms") or policy.get("algorithms")
    claims = {name: {"essential": True} for name in policy.get("required_claims", [])}
    if "issuer" in issuer:
        claims["iss"] = {"essential": True, "value": issuer["issuer"]}
    if "audiences" in issuer or "audiences" in policy:
        claims["aud"] = {"essential": True, "values": issuer.get("audiences") or policy["audiences"]}
    return {
        "issuer": issuer.get("issuer"),
        "key": key_of(issuer["keys"]),
        "jwt": JsonWebToken(algorithms) if algorithms else jwt,
        "jws": JsonWebSignature(algorithms),
        "claims": claims,
        "leeway": {"leeway": policy["leeway_s"]} if "leeway_s" in policy else {},
    }


def configure(request):
    policy = request["policy"]
    if "token_type" in policy:
        return {"ok": False, "unsupported": "token_type"}
    try:
        made = [verifier(policy, issuer) for issuer in policy["issuers"]]
    except Unsupported as error:
        return {"ok": False, "unsupported": str(error)}
    except (JoseError, ValueError) as error:
        return {"ok": False, "error": describe(error)}
    except Exception as error:
        return {"ok": False, "crash": describe(error)}
    VERIFIERS[request.get("verifier", "main")] = made
    return {"ok": True, "effective": {"leeway_s": policy.get("leeway_s", 0)}}


def verify(request):
    issuers = VERIFIERS[request.get("verifier", "main")]
    token = request["token"] if "token" in request else base64.b64decode(request["token_b64"])
    try:
        return (accept_jws if request["mode"] == "jws" else accept_jwt)(issuers, token, request)
    except (JoseError, ValueError) as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def issuer_of(token):
    """Whose the token claims to be; what cannot be read is nobody's."""
    try:
        return json_loads(to_unicode(urlsafe_b64decode(to_bytes(token).split(b".")[1]))).get("iss")
    except Exception:
        return None


def accept_jwt(issuers, token, request):
    chosen = issuers[0]
    if len(issuers) > 1:
        claimed = issuer_of(token)
        chosen = next((each for each in issuers if each["issuer"] == claimed), None)
        if chosen is None:
            return {"verdict": "reject", "error": "no verifier for this issuer"}
    claims = chosen["jwt"].decode(token, chosen["key"], claims_options=chosen["claims"])
    claims.validate(now=request["now"], **chosen["leeway"])
    return {"verdict": "accept", **evidence(claims)}


def accept_jws(issuers, token, request):
    if "detached_payload_b64" in request:
        return {"unsupported": "detached_payload_b64"}
    key = issuers[0]["key"]
    if isinstance(key, KeySet):  # `jwt.decode` takes a KeySet, a JWS a function that finds the key
        key = lambda header, _, keys=key: keys.find_by_kid(header.get("kid"))
    payload = issuers[0]["jws"].deserialize(token, key)["payload"]
    return {"verdict": "accept", "payload_b64": base64.b64encode(payload).decode()}


serve(hello, configure, verify, VERIFIERS)
