"""jwskate: `JwtVerifier(jwkset, issuer=…, audience=…, algs=…).verify`, `JwkSet.verify` for a JWS alone.

Peculiar: a `JwtVerifier` takes public keys only, one audience, and refuses a token of more than 16 KiB; required
claims are `verifiers`, the functions that it takes for checks of one's own. All its refusals are `ValueError`s, but
for an unknown `kid` (`KeyError`).
"""

import base64
import json
import platform
import warnings
from importlib.metadata import version

from jwskate import InvalidClaim, Jwk, JwkSet, JwsCompact, JwtVerifier, SignedJwt
from jwskate.jwk.jwks import NoKeyFoundWithThisKid
from protocol import describe, evidence, serve

warnings.simplefilter("ignore")  # it warns where a key's `alg` differs from the allowed one

ASYMMETRIC = [family + size for family in ("RS", "PS", "ES") for size in ("256", "384", "512")]
VERIFIERS = {}


class Unsupported(Exception):
    pass


def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "jwskate", "version": version("jwskate"), "language": "Python " + platform.python_version()},
        "features": ["jwt", "jws", "jwks", "jwk", "pem", "der", "multi_issuer", "several"],
        "algorithms": ["EdDSA", *ASYMMETRIC],
        "adapter_does": ["json", "issuer_routing", "required_claims"],
        "defaults": {"leeway_s": 10},
    }


def key_of(keys):
    if "jwks" in keys or "jwks_b64" in keys:
        return JwkSet(json.loads(keys["jwks"] if "jwks" in keys else base64.b64decode(keys["jwks_b64"])))
    if "jwk" in keys:
        return Jwk(json.loads(keys["jwk"])).as_jwks()
    if "pem" in keys:
        return Jwk.from_pem(keys["pem"]).as_jwks()
    if "der_b64" in keys:
        return Jwk.from_der(base64.b64decode(keys["der_b64"])).as_jwks()
    raise Unsupported(next(iter(keys)))


def required(name):
    def check(token):
        if token.claims.get(name) is None:
            raise InvalidClaim(f"no {name}", name, None)

    return check


def verifier(policy, issuer):
    audiences = issuer.get("audiences") or policy.get("audiences") or [None]
    if len(audiences) > 1:
        raise Unsupported("audiences")
    return JwtVerifier(
        key_of(issuer["keys"]),
        issuer=issuer.get("issuer"),
        audience=audiences[0],
        algs=issuer.get("algorithms") or policy.get("algorithms"),
        verifiers=[required(name) for name in policy.get("required_claims", [])],
        **({"leeway": policy["leeway_s"]} if "leeway_s" in policy else {}),
    )


def configure(request):
    policy = request["policy"]
    if "token_type" in policy:
        return {"ok": False, "unsupported": "token_type"}
    try:
        made = [verifier(policy, issuer) for issuer in policy["issuers"]]
    except Unsupported as error:
        return {"ok": False, "unsupported": str(error)}
    except ValueError as error:
        return {"ok": False, "error": describe(error)}
    except Exception as error:
        return {"ok": False, "crash": describe(error)}
    VERIFIERS[request.get("verifier", "main")] = made
    return {"ok": True, "effective": {"leeway_s": policy.get("leeway_s", 10)}}


def verify(request):
    issuers = VERIFIERS[request.get("verifier", "main")]
    token = request["token"] if "token" in request else base64.b64decode(request["token_b64"])
    try:
        return (accept_jws if request["mode"] == "jws" else accept_jwt)(issuers, token)
    except (ValueError, NoKeyFoundWithThisKid) as error:
        return {"verdict": "reject", "error": describe(error)}
    except Exception as error:
        return {"crash": describe(error)}


def issuer_of(token):
    """Whose the token claims to be; what cannot be read is nobody's."""
    try:
        return SignedJwt(token).claims.get("iss")
    except Exception:
        return None


def accept_jwt(issuers, token):
    chosen = issuers[0]
    if len(issuers) > 1:
        claimed = issuer_of(token)
        chosen = next((each for each in issuers if each.issuer == claimed), None)
        if chosen is None:
            return {"verdict": "reject", "error": "no verifier for this issuer"}
    chosen.verify(token)
    return {"verdict": "accept", **evidence(SignedJwt(token).claims)}


def accept_jws(issuers, token):
    presented, chosen = JwsCompact(token), issuers[0]
    good = chosen.jwkset.verify(presented.signed_part, presented.signature, algs=chosen.algs, kid=presented.headers.get("kid"))
    if not good:
        return {"verdict": "reject", "error": "the signature is not good"}
    return {"verdict": "accept", "payload_b64": base64.b64encode(presented.payload).decode()}


serve(hello, configure, verify, VERIFIERS)
