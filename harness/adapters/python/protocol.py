"""The adapter protocol for Python: one JSON object a line, requests on standard input, replies on standard output."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor


def evidence(claims):
    """The claims, unless they are beyond what strict JSON can say."""
    try:
        json.dumps(claims, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return {"claims": claims}


def describe(error):
    return f"{type(error).__name__}: {error}"[:500]


def serve(hello, configure, verify, verifiers, concurrent=False):
    """Answers requests until the input ends; `configure` puts what it makes into `verifiers`, by name.

    `concurrent` has a thread for each of the tokens that are shown at once, as a service has one for each of its users."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        reply = {"id": request["id"], **answer(request, hello, configure, verify, verifiers, concurrent)}
        sys.stdout.buffer.write(json.dumps(reply, ensure_ascii=False).encode(errors="replace") + b"\n")
        sys.stdout.buffer.flush()


def answer(request, hello, configure, verify, verifiers, concurrent):
    operation = request["op"]
    if operation == "hello":
        return hello(request)
    if operation == "configure":
        return configure(request)
    if operation not in ("verify", "verify_all") or request["mode"] not in ("jwt", "jws"):
        return {"unsupported": "op"}
    if request.get("verifier", "main") not in verifiers:
        return {"error": "verify before configure"}
    if operation == "verify":
        return verify(request)
    shown = [{**request, "token": token} for token in request["tokens"]]
    if not concurrent:
        return {"results": [verify(each) for each in shown]}
    with ThreadPoolExecutor(len(shown) or 1) as threads:
        return {"results": list(threads.map(verify, shown))}
