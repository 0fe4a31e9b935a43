"""joserfc: `jwt.decode` and then `JWTClaimsRegistry`, as its guide has it; `jws.deserialize_*` for a JWS alone.

Peculiar: keys and JSON serializations are taken as dictionaries, so their text is parsed here; a demanded
`typ` is a `HeaderParameter` of the registry; without an allow-list the library takes its recommended algorithms.
"""

import base64
import json
import platform
import warnings

import joserfc
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter, in_choices
from joserfc.util import to_bytes
from protocol import describe, evidence, serve

warnings.simplefilter("ignore")  # SecurityWarning: a warning stops no token

ALGORITHMS = [name for name in jws.JWSRegistry.algorithms if name != "none"]
VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "joserfc", "version": joserfc.__version__, "language": "Python " + platform.python_version()},
        "features": [
            *("jwt", "jws", "jws_json", "b64_false", "jwks", "jwk", "pem", "der", "secret"),
            *("multi_issuer", "token_type", "several", "clock"),
        ],
        "algorithms": ALGORITHMS,
        "adapter_does": ["json", "issuer_routing"],
        "defaults": {"leeway_s": 0},
    }


def key_of(keys, algorithms):
    if "jwks" in keys or "jwks_b64" in keys:
        text = keys["jwks"] if "jwks" in keys else base64.b64decode(keys["jwks_b64"])
        return jwk.KeySet.import_key_set(json.loads(text))
    if "jwk" in keys:
        return jwk.JWKRegistry.import_key(json.loads(keys["jwk"]))
    if "secret_b64" in keys:
        return jwk.OctKey.import_key(base64.b64decode(keys["secret_b64"]))
    if "pem" in keys or "der_b64" in keys:
        # The guide: a PEM wants its key type; without one (1.4 and later) it is guessed.
        text = keys["pem"] if "pem" in keys else base64.b64decode(keys["der_b64"])
        names = sorted(algorithms, key=lambda name: name.startswith("HS"))
        return jwk.import_key(text, key_type(names[0])) if names else jwk.import_key(text)
    raise Unsupported(next(iter(keys)))


def key_type(algorithm):
    model = jws.JWSRegistry.algorithms.get(algorithm)
    return model.key_type if model else None


def verifier(policy, issuer):
    algorithms = issuer.get("algorithms") or policy.get("algorithms")
    key = key_of(issuer["keys"], algorithms or [])
    header = {}
    if "token_type" in policy:
        short = policy["token_type"].removeprefix("application/")  # RFC 7515 §4.1.9: with and without
        header["typ"] = HeaderParameter("Type", in_choices([short, "application/" + short]), True)
    claims = {name: {"essential": True} for name in policy.get("required_claims", [])}
    if "issuer" in issuer:
        claims["iss"] = {"essential": True, "value": issuer["issuer"]}
    if "audiences" in issuer or "audiences" in policy:
        claims["aud"] = {"essential": True, "values": issuer.get("audiences") or policy["audiences"]}
    if "leeway_s" in policy:
        claims["leeway"] = policy["leeway_s"]
    return {"issuer": issuer.get("issuer"), "key": key, "registry": jws.JWSRegistry(header, algorithms), "claims": claims}


def configure(request):
    policy = request["policy"]
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
    except JoseError as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def issuer_of(token):
    """Whose the token claims to be; what cannot be read is nobody's."""
    try:
        return json.loads(jws.extract_compact(to_bytes(token)).payload).get("iss")
    except Exception:
        return None


def accept_jwt(issuers, token, request):
    chosen = issuers[0]
    if len(issuers) > 1:
        claimed = issuer_of(token)
        chosen = next((each for each in issuers if each["issuer"] == claimed), None)
        if chosen is None:
            return {"verdict": "reject", "error": "no verifier for this issuer"}
    claims = jwt.decode(token, chosen["key"], registry=chosen["registry"]).claims
    jwt.JWTClaimsRegistry(now=request["now"], **chosen["claims"]).validate(claims)
    return {"verdict": "accept", **evidence(claims)}


def accept_jws(issuers, token, request):
    key, registry = issuers[0]["key"], issuers[0]["registry"]
    if token[:1] in ("{", b"{"):
        try:
            token = json.loads(token)
        except (ValueError, RecursionError) as error:
            return {"verdict": "reject", "error": describe(error)}
        payload = jws.deserialize_json(token, key, registry=registry).payload
    else:
        detached = request.get("detached_payload_b64")
        more = {} if detached is None else {"payload": base64.b64decode(detached)}
        payload = jws.deserialize_compact(token, key, registry=registry, **more).payload
    return {"verdict": "accept", "payload_b64": base64.b64encode(payload).decode()}


serve(hello, configure, verify, VERIFIERS)
