"""PyJWT, as its documentation tells to use it: `jwt.decode` with a `PyJWK`, a key text or a secret.

Peculiar: a `PyJWKSet` finds a key by `kid` only, so the choice for a token without one is made here;
one `PyJWK` stands for one algorithm (its `alg`, or the one that PyJWT takes for its `kty` and `crv`).
"""

import base64
import inspect
import json
import platform
import ssl
import warnings

import jwt
from jwt.algorithms import get_default_algorithms
from protocol import describe, evidence, serve

warnings.simplefilter("ignore")  # InsecureKeyLengthWarning: a warning stops no token

# Before 2.9 `decode` takes the key inside a PyJWK, not the PyJWK.
TAKES_JWK = "PyJWK" in str(inspect.signature(jwt.decode))
CLIENT = {name: value.default for name, value in inspect.signature(jwt.PyJWKClient).parameters.items()}
# What a policy's `fetch` is called here, as far as the release has it: `timeout` since 2.7, the cooldown since 2.14.
FETCH = {"timeout_ms": "timeout", "max_age_s": "lifespan", "cooldown_s": "cooldown_duration"}
FETCH = {member: option for member, option in FETCH.items() if option in CLIENT}
UNAVAILABLE = (getattr(jwt, "PyJWKClientConnectionError", jwt.PyJWKSetError), jwt.PyJWKSetError)  # the first since 2.8
ALGORITHMS = [name for name in get_default_algorithms() if name not in ("none", "ES521")]
DETACHED = ["b64_false"] if "detached_payload" in inspect.signature(jwt.PyJWS.decode_complete).parameters else []  # since 2.4
VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    defaults = {member: CLIENT[option] * (1000 if member == "timeout_ms" else 1) for member, option in FETCH.items()}
    return {
        "protocol": 1,
        "implementation": {"name": "PyJWT", "version": jwt.__version__, "language": "Python " + platform.python_version()},
        "features": ["jwt", "jws", "jwks", "jwk", "pem", "der", "secret", "jwks_uri", "multi_issuer", "several", "concurrent", *DETACHED],
        "algorithms": ALGORITHMS,
        "adapter_does": ["key_selection", "issuer_routing"],
        "defaults": {"leeway_s": 0, **defaults},
        "declares": {"on_outage": "fail_closed"},
    }


def from_set(keys):
    """The key that the token names; without a name, the only one there is. `use` counts as in PyJWKClient."""
    signing = [key for key in keys.keys if key.public_key_use in (None, "sig")]

    def choose(token):
        kid = jwt.get_unverified_header(token).get("kid")
        found = [key for key in signing if kid is None or key.key_id == kid]
        if not found or (kid is None and len(found) > 1):
            raise jwt.InvalidKeyError("no key for this kid")
        return found[0]

    return choose


def from_endpoint(uri, fetch):
    options = {option: fetch[member] for member, option in FETCH.items() if member in fetch}
    if "timeout" in options:
        options["timeout"] /= 1000
    if "ca_file" in fetch:
        if "ssl_context" not in CLIENT:
            raise Unsupported("ca_file")
        options["ssl_context"] = ssl.create_default_context(cafile=fetch["ca_file"])
    return jwt.PyJWKClient(uri, **options).get_signing_key_from_jwt


def key_of(keys, fetch):
    """A function from a token to what `decode` takes as its key."""
    if "jwks" in keys or "jwks_b64" in keys:
        return from_set(jwt.PyJWKSet.from_json(keys["jwks"] if "jwks" in keys else base64.b64decode(keys["jwks_b64"])))
    if "jwks_uri" in keys:
        return from_endpoint(keys["jwks_uri"], fetch)
    if "jwk" in keys:
        key = jwt.PyJWK.from_json(keys["jwk"]) if hasattr(jwt.PyJWK, "from_json") else jwt.PyJWK(json.loads(keys["jwk"]))
    elif "pem" in keys:
        key = keys["pem"]
    elif "secret_b64" in keys:
        key = base64.b64decode(keys["secret_b64"])
    elif "der_b64" in keys:
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        key = load_der_public_key(base64.b64decode(keys["der_b64"]))
    else:
        raise Unsupported(next(iter(keys)))
    return lambda token: key


def configure(request):
    policy = request["policy"]
    fetch = policy.get("fetch", {})
    if "token_type" in policy:
        return {"ok": False, "unsupported": "token_type"}
    try:
        issuers = [(key_of(issuer["keys"], fetch), {**policy, **issuer}) for issuer in policy["issuers"]]
    except Unsupported as error:
        return {"ok": False, "unsupported": str(error)}
    except (jwt.PyJWTError, ValueError) as error:
        return {"ok": False, "error": describe(error)}
    except Exception as error:
        return {"ok": False, "crash": describe(error)}
    VERIFIERS[request.get("verifier", "main")] = issuers
    effective = {**hello(request)["defaults"], "leeway_s": policy.get("leeway_s", 0), "max_stale_s": 0}
    effective.update((member, fetch[member]) for member in FETCH if member in fetch)
    return {"ok": True, "effective": effective}


def verify(request):
    issuers = VERIFIERS[request.get("verifier", "main")]
    token = request["token"] if "token" in request else base64.b64decode(request["token_b64"])
    try:
        return accept(issuers, token, request)
    except UNAVAILABLE as error:
        return {"verdict": "unavailable", "error": describe(error)}
    except jwt.PyJWTError as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def accept(issuers, token, request):
    key, policy = issuers[0]
    if len(issuers) > 1:
        claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
        key, policy = next((each for each in issuers if each[1]["issuer"] == claimed), (None, None))
        if key is None:
            return {"verdict": "reject", "error": "no verifier for this issuer"}
    key, algorithms = key(token), policy.get("algorithms")
    if isinstance(key, jwt.PyJWK) and not TAKES_JWK:
        key = key.key
    if algorithms is None and not isinstance(key, jwt.PyJWK):
        algorithms = list(get_default_algorithms())  # `decode` wants a list; this is the one that users found (CVE-2022-29217)
    if request["mode"] == "jws":
        detached = request.get("detached_payload_b64")
        more = {} if detached is None else {"detached_payload": base64.b64decode(detached)}
        payload = jwt.PyJWS().decode_complete(token, key, algorithms=algorithms, **more)["payload"]
        return {"verdict": "accept", "payload_b64": base64.b64encode(payload).decode()}
    claims = jwt.decode(
        token,
        key,
        algorithms=algorithms,
        issuer=policy.get("issuer"),
        audience=policy.get("audiences"),
        leeway=policy.get("leeway_s", 0),
        options={"require": policy.get("required_claims", [])},
    )
    return {"verdict": "accept", **evidence(claims)}


serve(hello, configure, verify, VERIFIERS, concurrent=True)
