"""The in-toto statement, as its own library reads and validates it."""

import hashlib

from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from outputs import each_folder

PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def check(outputs):
    document = outputs.json("test-result.intoto.json")
    # A member that the message does not have is an error to this parser.
    message = json_format.ParseDict(document, statement_pb2.Statement())
    try:
        Statement.copy_from_pb(message).validate()
    except ValueError as error:
        outputs.expect(False, f"statement: {error}")
    outputs.expect(message.predicate_type == PREDICATE, f"predicateType is {message.predicate_type!r}")
    for subject in message.subject:
        written = hashlib.sha256(outputs.path(subject.name).read_bytes()).hexdigest()
        told = subject.digest["sha256"]
        outputs.expect(told == written, f"subject {subject.name!r}: {told!r}, and the file beside it has {written}")

    result = json_format.ParseDict(document["predicate"], test_result_pb2.TestResult())
    outputs.expect(result.result in ("PASSED", "WARNED", "FAILED"), f"result is {result.result!r}")
    outputs.expect(bool(result.configuration), "no configuration: nobody can tell what was asked")
    digest = outputs.record["catalogue"]["digest"].removeprefix("sha256:")
    asked = [dict(resource.digest).get("sha256") for resource in result.configuration]
    outputs.expect(digest in asked, f"the configuration is {asked}, and the catalogue's digest {digest}")
    demanded = [
        finding
        for finding in outputs.findings
        if finding["level"] == "MUST"
        and finding["outcome"] == "fail"
        and finding["attributed_to"] == "library"
        and finding.get("cause") != "unconfirmed"
    ]
    if demanded:
        outputs.expect(result.result == "FAILED", f"{result.result} beside {len(demanded)} unmet demands")
    if not outputs.findings and outputs.record["complete"]:
        outputs.expect(result.result != "FAILED", "FAILED beside no finding")
    if outputs.findings:
        outputs.expect(bool(result.failed_tests or result.warned_tests), "names no test that was not met")
    failed, passed = set(result.failed_tests), set(result.passed_tests)
    outputs.expect(not failed & passed, f"passed and failed at once: {sorted(failed & passed)[:9]}")
    return (
        f"{result.result}, {len(message.subject)} subjects, {len(result.passed_tests)} passed, "
        f"{len(result.warned_tests)} warned, {len(result.failed_tests)} failed"
    )


if __name__ == "__main__":
    each_folder(check)
