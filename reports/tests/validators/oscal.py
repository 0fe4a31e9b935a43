"""OSCAL assessment results, imported and validated by compliance-trestle."""

import contextlib
import io
import tempfile

from trestle.cli import Trestle

from outputs import each_folder, strings

NAME = "gauntlet"


def trestle(outputs, *words):
    """One command of trestle, in this process: to start it takes longer than to validate."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = Trestle().run(list(words))
    outputs.expect(code == 0, f"trestle {words[0]}: {told.getvalue()}")
    return code == 0


def check(outputs):
    path = outputs.path("oscal-assessment-results.json").resolve()
    document = outputs.json("oscal-assessment-results.json")
    outputs.expect_plain_strings("oscal", document)
    with tempfile.TemporaryDirectory() as workspace, contextlib.chdir(workspace):
        (
            trestle(outputs, "init", "--local")
            and trestle(outputs, "import", "-f", str(path), "-o", NAME)
            and trestle(outputs, "validate", "-t", "assessment-results", "-n", NAME)
        )

    results = document["assessment-results"]["results"]
    observations = [observation for result in results for observation in result.get("observations", [])]
    findings = [finding for result in results for finding in result.get("findings", [])]
    known = {observation["uuid"] for observation in observations}
    for finding in findings:
        state = finding["target"]["status"]["state"]
        # Tests from outside can contradict a control and never show that it is met.
        outputs.expect(state == "not-satisfied", f"finding {finding['uuid']}: state {state!r}")
        related = [entry["observation-uuid"] for entry in finding.get("related-observations", [])]
        outputs.expect(bool(related), f"finding {finding['uuid']}: rests on no observation")
        for uuid in related:
            outputs.expect(uuid in known, f"finding {finding['uuid']}: no observation {uuid}")
    outputs.expect(
        bool(findings) <= bool(outputs.findings), f"{len(findings)} controls are contradicted by a record without findings"
    )
    for where, text in strings(document, "oscal"):
        outputs.expect(text != "satisfied", f"{where}: claims that something is satisfied")
    return f"{len(observations)} observations, {len(findings)} findings, imported and valid"


if __name__ == "__main__":
    each_folder(check)
