#!/usr/bin/env python3
"""A second opinion on the tokens that every verifier must accept.

It reads an export of the catalogue (`gauntlet vectors export DIR`), plays every case of one step that
permits nothing but acceptance, and says which ones are refused. It shares nothing with the harness: the
language is another one, the JOSE is joserfc's, the cryptography is OpenSSL's.

    python3 -m pip install joserfc cryptography
    python3 second_opinion.py DIR

or `cargo test -p jwks-gauntlet --test second_opinion -- --ignored`, which makes the export as well.

Exit codes: 0 no token is refused but those of EXPECTED; 1 another one is, or one of those no longer;
3 a package is missing.
"""

import base64
import json
import sys
import warnings
from collections import Counter
from pathlib import Path

try:
    from cryptography.hazmat.primitives import serialization
    from joserfc import jwk, jws, jwt
    from joserfc.errors import JoseError
except ImportError as missing:
    print(f"{missing}; install it: python3 -m pip install joserfc cryptography", file=sys.stderr)
    sys.exit(3)

# Cases that joserfc refuses, each with the reason why the demand stands all the same. None does today.
EXPECTED = {}

# Of the features of the adapter protocol, what some cases are asked only of verifiers without.
FEATURES = {"b64_false"}


def text(value):
    """A text of the export, which tells long ones in pieces."""
    if value is None or isinstance(value, str):
        return value
    whole = (p if isinstance(p, str) else p["text"] * p["times"] for p in value["pieces"])
    return "".join(whole)


def octets(value):
    return None if value is None else base64.b64decode(text(value))


def import_keys(keys):
    """The keys of an issuer; members of a set that cannot be imported are left aside."""
    ((form, value),) = keys.items()
    if form in ("jwks", "jwks_b64"):
        document = text(value) if form == "jwks" else octets(value)
        imported = []
        for member in json.loads(document)["keys"]:
            try:
                imported.append(jwk.import_key(member))
            except Exception:  # whatever it is, the key is not there
                continue
        return imported
    if form == "secret_b64":
        return [jwk.OctKey.import_key(octets(value))]
    if form == "jwk":
        return [jwk.import_key(json.loads(text(value)))]
    if form == "der_b64":
        public = serialization.load_der_public_key(octets(value))
    elif text(value).startswith(("ssh-", "ecdsa-")):
        public = serialization.load_ssh_public_key(text(value).encode())
    else:
        public = serialization.load_pem_public_key(text(value).encode())
    kind = {"RSAPublicKey": "RSA", "ECPublicKey": "EC"}.get(type(public).__name__, "OKP")
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return [jwk.import_key(public.public_bytes(*form), kind)]


def registry(algorithms):
    allowed = algorithms or [name for name in jws.JWSRegistry.algorithms if name != "none"]
    made = jws.JWSRegistry(algorithms=allowed, strict_check_header=False)
    # Options of joserfc, whose defaults are for small tokens.
    made.max_header_length = made.max_payload_length = made.max_signature_length = 1 << 26
    return made


def fitting(keys, header, rules):
    """The keys that a signature may be under by their names and their algorithms."""
    algorithm = rules.get_alg(header["alg"])
    for key in keys:
        if None not in (key.kid, header.get("kid")) and key.kid != header["kid"]:
            continue
        try:
            algorithm.check_key(key)
        except JoseError:
            continue
        yield key


def verified(token, detached, keys, rules):
    """The header and the payload, under the first keys that the token is good under."""
    refused = ValueError("no key is there")
    for turn in range(len(keys)):
        def key_for(member, turn=turn):
            return list(fitting(keys, member.headers(), rules))[turn]

        try:
            if not token.lstrip().startswith("{"):
                signed = jws.deserialize_compact(token, key_for, registry=rules, payload=detached)
                return signed.headers(), signed.payload
            document = json.loads(token)
            if detached is not None:
                # RFC 7515, appendix F: the recipient puts the payload back.
                document["payload"] = base64.urlsafe_b64encode(detached).decode().rstrip("=")
            return {}, jws.deserialize_json(document, key_for, registry=rules).payload
        except Exception as error:  # the next key may be the one
            refused = error
    raise refused


def claims_are_good(payload, header, issuer, policy, now):
    claims = json.loads(payload)
    wanted = {name: {"essential": True} for name in policy.get("required_claims", [])}
    if "issuer" in issuer:
        wanted["iss"] = {"essential": True, "value": issuer["issuer"]}
    audiences = issuer.get("audiences") or policy.get("audiences")
    if audiences:
        wanted["aud"] = {"essential": True, "values": audiences}
    jwt.JWTClaimsRegistry(now=now, leeway=policy.get("leeway_s", 0), **wanted).validate(claims)
    kind = policy.get("token_type")
    if kind is not None and media_type(header.get("typ", "")) != media_type(kind):
        raise ValueError(f"typ is {header.get('typ')!r}")


def media_type(name):
    """RFC 7515, section 4.1.9: `application/` may be left away, and case does not matter."""
    return name.lower().removeprefix("application/")


def believed(payload, shown):
    """Whether the payload is the one that had to be believed."""
    (accept,) = shown["permitted"]
    how = accept["believing"]
    if how == "signed_payload":
        return payload == octets(shown["signed_payload_b64"])
    if "payload_b64" in how:
        return payload == octets(how["payload_b64"])
    return json.loads(payload)[how["claim"]["name"]] == how["claim"]["value"]


def token_of(case):
    (shown,) = case["steps"]
    return text(shown.get("token")) or octets(shown["token_b64"]).decode("latin-1")


def altered(token):
    """Another signature of the same length."""
    signed, signature = token.rsplit(".", 1)
    return f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def play(case, token):
    """None, or why the token is refused."""
    (shown,) = case["steps"]
    policy = case["policy"]
    refused = ValueError("no issuer is there")
    for issuer in policy["issuers"]:
        try:
            keys = import_keys(issuer["keys"])
            rules = registry(issuer.get("algorithms") or policy.get("algorithms"))
            detached = octets(shown.get("detached_payload_b64"))
            header, payload = verified(token, detached, keys, rules)
            if shown["mode"] == "jwt":
                claims_are_good(payload, header, issuer, policy, case["now"])
            return None if believed(payload, shown) else "believes another payload"
        except Exception as error:  # the next issuer may be the one
            refused = error
    return f"{type(refused).__name__}: {refused}"


def must_be_accepted(case):
    return (
        case["level"] == "MUST"
        and FEATURES.isdisjoint(case["needs"].get("lacks", []))
        and not case.get("issuers")
        and [step["step"] for step in case["steps"]] == ["verify"]
        and [may["verdict"] for may in case["steps"][0]["permitted"]] == ["accept"]
    )


def main(export):
    warnings.simplefilter("ignore")
    accepted, refused = Counter(), {}
    for path in sorted(Path(export, "resolved").glob("*.json")):
        family = json.loads(path.read_bytes())
        for case in filter(must_be_accepted, family["cases"]):
            token = token_of(case)
            why = play(case, token)
            if why is not None:
                refused[case["id"]] = why
            elif not token.lstrip().startswith("{") and play(case, altered(token)) is None:
                # An opinion that accepts everything is none.
                refused[case["id"]] = "is accepted with another signature as well"
            else:
                accepted[family["family"]] += 1
    for family, count in accepted.items():
        print(f"{count:5} accepted  {family}")
    print(f"{accepted.total():5} accepted, {len(refused)} refused")
    wrong = [f"refused: {case}: {why}" for case, why in refused.items() if case not in EXPECTED]
    wrong += [f"no longer refused: {case}" for case in EXPECTED if case not in refused]
    for case, why in EXPECTED.items():
        print(f"refused as expected: {case}: {why}")
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong or not accepted else 0)


if __name__ == "__main__":
    main(sys.argv[1])
