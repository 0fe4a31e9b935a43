"""The record by check-jsonschema, and its lines by jsonschema, against the published schemas."""

import json
import pathlib
import subprocess
from collections import Counter

import jsonschema

from outputs import each_folder, installed

SCHEMAS = pathlib.Path(__file__).parent.parent.parent / "schemas"


def check_record(outputs):
    outputs.json("record.json")
    checked = subprocess.run(
        [
            installed("python/bin/check-jsonschema"),
            "--schemafile",
            SCHEMAS / "record.schema.json",
            outputs.path("record.json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    outputs.expect(checked.returncode == 0, checked.stdout + checked.stderr)

    counted = Counter(result["outcome"] for result in outputs.results)
    told = {outcome: count for outcome, count in outputs.record["totals"].items() if count}
    outputs.expect(counted == told, f"totals are {told}, and the results {dict(counted)}")
    known = {verifier["id"] for verifier in outputs.record["verifiers"]}
    asked = {result["verifier"] for result in outputs.results}
    outputs.expect(asked <= known, f"results of verifiers that are not listed: {sorted(asked - known)}")


def check_lines(outputs):
    """Each line is an event of a journal."""
    schema = json.loads((SCHEMAS / "journal.schema.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    *lines, last = outputs.text("results.jsonl").split("\n")
    outputs.expect(last == "", "results.jsonl: the last line does not end")
    for number, line in enumerate(lines, 1):
        error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(line)))
        outputs.expect(error is None, f"results.jsonl: line {number}: {error and error.message[:300]}")
    return len(lines)


def check(outputs):
    check_record(outputs)
    return f"{len(outputs.results)} results, {check_lines(outputs)} lines"


if __name__ == "__main__":
    each_folder(check)
