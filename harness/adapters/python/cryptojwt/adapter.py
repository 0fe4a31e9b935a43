"""cryptojwt: `JWT(key_jar, …).unpack`; the `KeyJar` knows the issuers, so one that is unknown has no keys.

Peculiar: audience and required claims are left to a message class (`msg_cls`, as idpyoidc brings them), so the
one below does both; a policy without an issuer has no place in a KeyJar; the leeway (`skew`) is 15 s unless set. A bundle fetches again when its `cache_time` is
over, and for no token's sake; where that fails it goes on with what it has, for ever. `ignore_errors_period` is a cooldown
after failures.
"""

import base64
import json
import logging
import platform

import cryptojwt
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from cryptojwt.exception import IssuerNotFound, JWKESTException, KeyNotFound, UnknownKeyType, VerificationError
from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jwk.jwk import jwk_wrap, key_from_jwk_dict
from cryptojwt.jws.jws import JWS, SIGNER_ALGS, factory
from cryptojwt.jwt import JWT
from cryptojwt.key_bundle import KeyBundle
from cryptojwt.key_jar import KeyJar
from protocol import describe, evidence, serve

logging.disable(logging.CRITICAL)

REFUSALS = (JWKESTException, KeyNotFound, IssuerNotFound, UnknownKeyType)
VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "cryptojwt", "version": cryptojwt.__version__, "language": "Python " + platform.python_version()},
        "features": ["jwt", "jws", "jws_json", "jwks", "jwk", "pem", "der", "secret", "jwks_uri", "multi_issuer", "several", "clock", "concurrent"],
        "algorithms": [name for name in SIGNER_ALGS if name not in ("none", "ES256K")],  # it calls secp256k1 P-256K
        "adapter_does": ["audience", "required_claims"],
        "defaults": {"leeway_s": 15, "timeout_ms": 10000, "max_age_s": 300, "cooldown_s": 0},
        "declares": {"on_outage": "serve_stale"},
    }


def load(jar, issuer, keys, fetch):
    if "jwks" in keys:
        jar.import_jwks_as_json(keys["jwks"], issuer)
    elif "jwks_b64" in keys:
        jar.import_jwks_as_json(base64.b64decode(keys["jwks_b64"]), issuer)
    elif "jwks_uri" in keys:
        http = {"timeout": fetch["timeout_ms"] / 1000} if "timeout_ms" in fetch else {}
        http.update({"verify": fetch["ca_file"]} if "ca_file" in fetch else {})
        names = {"max_age_s": "cache_time", "cooldown_s": "ignore_errors_period"}
        options = {option: fetch[name] for name, option in names.items() if name in fetch}
        jar.add_kb(issuer, KeyBundle(source=keys["jwks_uri"], httpc_params=http or None, **options))
    elif "jwk" in keys:
        jar.add_keys(issuer, [key_from_jwk_dict(json.loads(keys["jwk"]))])
    elif "pem" in keys:
        jar.add_keys(issuer, [jwk_wrap(load_pem_public_key(keys["pem"].encode()))])
    elif "der_b64" in keys:
        jar.add_keys(issuer, [jwk_wrap(load_der_public_key(base64.b64decode(keys["der_b64"])))])
    elif "secret_b64" in keys:
        jar.add_keys(issuer, [SYMKey(key=base64.b64decode(keys["secret_b64"]))])
    else:
        raise Unsupported(next(iter(keys)))


def message(audiences, required):
    class Claims(dict):
        def verify(self, **_):
            missing = [name for name in required if self.get(name) is None]
            if missing:
                raise VerificationError(f"missing: {missing}")
            named = self.get("aud")
            named = named if isinstance(named, list) else [named]
            if audiences and not any(audience in named for audience in audiences):
                raise VerificationError("not for this audience")

    return Claims


def verifier(policy):
    jar = KeyJar()
    for issuer in policy["issuers"]:
        if len(policy["issuers"]) > 1 and ("algorithms" in issuer or "audiences" in issuer):
            raise Unsupported("issuers")
        load(jar, issuer.get("issuer", ""), issuer["keys"], policy.get("fetch", {}))
        policy = {**policy, **issuer}
    more = {"skew": policy["leeway_s"]} if "leeway_s" in policy else {}
    more.update({"allowed_sign_algs": policy["algorithms"]} if "algorithms" in policy else {})
    claims = message(policy.get("audiences"), policy.get("required_claims", []))
    return JWT(key_jar=jar, msg_cls=claims, **more), "issuer" in policy


def configure(request):
    policy = request["policy"]
    if "token_type" in policy:
        return {"ok": False, "unsupported": "token_type"}
    try:
        made = verifier(policy)
    except Unsupported as error:
        return {"ok": False, "unsupported": str(error)}
    except (*REFUSALS, ValueError) as error:
        return {"ok": False, "error": describe(error)}
    except Exception as error:
        return {"ok": False, "crash": describe(error)}
    VERIFIERS[request.get("verifier", "main")] = made
    effective = {**hello(request)["defaults"], "leeway_s": policy.get("leeway_s", 15)}
    effective.update((name, value) for name, value in policy.get("fetch", {}).items() if name in effective)
    return {"ok": True, "effective": effective}


def verify(request):
    unpacker, has_issuer = VERIFIERS[request.get("verifier", "main")]
    token = request["token"] if "token" in request else base64.b64decode(request["token_b64"])
    if request["mode"] == "jwt" and not has_issuer:
        return {"unsupported": "issuer"}
    if "detached_payload_b64" in request:
        return {"unsupported": "detached_payload_b64"}
    try:
        if request["mode"] == "jws":
            return accept_jws(unpacker, token)
        claims = unpacker.unpack(token, timestamp=request["now"])
        return {"verdict": "accept", **evidence(claims)}
    except REFUSALS as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def accept_jws(unpacker, token):
    keys = unpacker.key_jar.get_issuer_keys("")
    if token[:1] in ("{", b"{"):
        verified = JWS(alg=unpacker.allowed_sign_algs or "")
        verified.verify_json(token, keys)
    else:
        verified = factory(token, alg=unpacker.allowed_sign_algs or "")
        if verified is None:
            return {"verdict": "reject", "error": "no JWS"}
        verified.verify_compact(token, keys)
    return {"verdict": "accept", "payload_b64": base64.b64encode(verified.jwt.part[1]).decode()}


serve(hello, configure, verify, VERIFIERS, concurrent=True)
