"""SARIF against its JSON schema, by Microsoft's multitool, and against the record."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
from collections import Counter

from outputs import each_folder, installed

MULTITOOL = "node/node_modules/@microsoft/sarif-multitool-linux"


def check_schema(outputs):
    checked = subprocess.run(
        [
            installed("python/bin/check-jsonschema"),
            "--schemafile",
            installed(MULTITOOL) / "sarif-2.1.0.json",
            outputs.path("results.sarif"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    outputs.expect(checked.returncode == 0, checked.stdout + checked.stderr)


def check_with_multitool(outputs):
    """Rules of SARIF and of GitHub's code scanning. The tool always ends with 0, so its own SARIF is read."""
    with tempfile.TemporaryDirectory() as folder:
        told = pathlib.Path(folder) / "told.sarif"
        ran = subprocess.run(
            [
                installed(MULTITOOL) / "Sarif.Multitool",
                "validate",
                outputs.path("results.sarif").resolve(),
                "--rule-kind",
                "Sarif;Ghas",
                "--output",
                told,
                "--log",
                "ForceOverwrite",
            ],
            capture_output=True,
            text=True,
            check=False,
            # It runs where no ICU is installed, too.
            env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        )
        outputs.expect(told.is_file(), f"the multitool wrote nothing: {ran.stdout}{ran.stderr}")
        if not told.is_file():
            return ""
        run = json.loads(told.read_text("utf-8-sig"))["runs"][0]
    notifications = run["invocations"][0].get("toolExecutionNotifications", [])
    for notification in notifications:
        if notification.get("level") == "error":
            outputs.expect(False, f"multitool: {notification['message'].get('text')}")
    weaker = Counter()
    for result in run.get("results", []):
        if result.get("level") == "error":
            message = result["message"]
            where = message.get("arguments", [message.get("text")])
            outputs.expect(False, f"multitool: {result['ruleId']} {message.get('id')}: {where}")
        else:
            weaker[f"{result['ruleId']} {message.get('id')}"] += 1
    return ", ".join(f"{count} {name}" for name, count in weaker.items())


def check_results(outputs, run, verifier, where):
    """What code scanning needs to show a result and to know it again."""
    rules = run["tool"]["driver"]["rules"]
    by_id = {rule["id"]: rule for rule in rules}
    outputs.expect(len(by_id) == len(rules), f"{where}: a rule stands twice")
    fingerprints = set()
    for index, result in enumerate(run["results"]):
        here = f"{where}.results[{index}]"
        rule = by_id.get(result.get("ruleId"))
        outputs.expect(rule is not None, f"{here}: no rule {result.get('ruleId')!r}")
        if "ruleIndex" in result:
            outputs.expect(rules[result["ruleIndex"]] is rule, f"{here}: ruleIndex names another rule")
        outputs.expect(result.get("kind", "fail") != "pass", f"{here}: a pass is no result of code scanning")
        fingerprint = json.dumps(result.get("partialFingerprints"), sort_keys=True)
        outputs.expect(bool(result.get("partialFingerprints")), f"{here}: no fingerprint")
        outputs.expect(fingerprint not in fingerprints, f"{here}: shares its fingerprint {fingerprint}")
        fingerprints.add(fingerprint)
        places = [place.get("physicalLocation", {}).get("artifactLocation", {}) for place in result.get("locations", [])]
        outputs.expect(any(place.get("uri") for place in places), f"{here}: no file to show it at")
        for place in places:
            sound = re.fullmatch(r"[A-Za-z0-9\-._~%][A-Za-z0-9\-._~%/]*", place.get("uri", ""))
            outputs.expect(bool(sound), f"{here}: {place.get('uri')!r} is no path within a repository")
    for rule in rules:
        check_rule(outputs, verifier, rule, where)


def check_rule(outputs, verifier, rule, where):
    """A score where a dashboard sorts by it, and nowhere else; and the weaknesses that the record names."""
    properties = rule.get("properties", {})
    severity = properties.get("security-severity")
    scored = isinstance(severity, str) and re.fullmatch(r"\d+\.\d+", severity) and 0.0 < float(severity) <= 10.0
    is_security = "security" in properties.get("tags", [])
    outputs.expect(bool(scored) == is_security, f"{where}: rule {rule['id']}: security-severity is {severity!r}")
    outputs.expect(len(properties.get("tags", [])) <= 20, f"{where}: rule {rule['id']}: more than 20 tags")
    demanded = any(
        finding["case"] == rule["id"]
        and finding["level"] == "MUST"
        and finding["attributed_to"] == "library"
        and finding.get("cause") != "unconfirmed"
        and finding["outcome"] == "fail"
        and finding["verifier"] == verifier
        for finding in outputs.findings
    )
    outputs.expect(is_security or not demanded, f"{where}: rule {rule['id']} is a demand without a score")
    related = {
        relationship["target"]["id"]
        for relationship in rule.get("relationships", [])
        if relationship["target"].get("toolComponent", {}).get("name") == "CWE"
    }
    asked = {str(number) for case in outputs.record.get("cases", []) if case["id"] == rule["id"] for number in case.get("cwe", [])}
    outputs.expect(related == asked, f"{where}: rule {rule['id']}: CWE {sorted(related)}, and the case has {sorted(asked)}")


def check_taxonomies(outputs, run, where):
    """A relationship that leads nowhere is dropped in silence by every viewer."""
    taxonomies = {taxonomy["name"]: taxonomy for taxonomy in run.get("taxonomies", [])}
    declared = {entry.get("name") for entry in run["tool"]["driver"].get("supportedTaxonomies", [])}
    outputs.expect(
        declared == set(taxonomies), f"{where}: supportedTaxonomies are {declared}, taxonomies {set(taxonomies)}"
    )
    targets = 0
    for rule in run["tool"]["driver"]["rules"]:
        for relationship in rule.get("relationships", []):
            target = relationship["target"]
            taxonomy = taxonomies.get(target.get("toolComponent", {}).get("name"), {})
            found = [taxon for taxon in taxonomy.get("taxa", []) if taxon["id"] == target["id"]]
            outputs.expect(len(found) == 1, f"{where}: rule {rule['id']}: {target['id']} is not in its taxonomy")
            for taxon in found:
                outputs.expect(
                    taxon.get("guid") == target.get("guid"), f"{where}: rule {rule['id']}: {target['id']} of another guid"
                )
            targets += 1
    return targets


def check(outputs):
    log = outputs.json("results.sarif")
    outputs.expect_plain_strings("results.sarif", log)
    check_schema(outputs)
    weaker = check_with_multitool(outputs)
    runs = log["runs"]
    # What code scanning takes of one file.
    outputs.expect(len(runs) <= 20, f"{len(runs)} runs, and code scanning takes 20")
    categories = [run.get("automationDetails", {}).get("id") for run in runs]
    outputs.expect(None not in categories and len(set(categories)) == len(runs), f"runs share a category: {categories}")
    targets = 0
    verifiers = [verifier["id"] for verifier in outputs.record["verifiers"]]
    outputs.expect(len(runs) == len(verifiers), f"{len(runs)} runs for {len(verifiers)} verifiers")
    for index, (run, verifier) in enumerate(zip(runs, verifiers)):
        outputs.expect(len(run["results"]) <= 25_000, f"runs[{index}]: {len(run['results'])} results")
        check_results(outputs, run, verifier, f"runs[{index}]")
        targets += check_taxonomies(outputs, run, f"runs[{index}]")
    # Findings of the record and no others; those that are known are suppressed and not left out.
    results = [result for run in runs for result in run["results"]]
    wanted = sorted(finding["case"] for finding in outputs.findings)
    outputs.expect(
        sorted(result.get("ruleId", "") for result in results) == wanted,
        f"{len(results)} results are not the {len(wanted)} findings of the record",
    )
    suppressed = sum(bool(result.get("suppressions")) for result in results)
    known = sum(finding["known"] for finding in outputs.findings)
    outputs.expect(suppressed == known, f"{suppressed} results are suppressed and {known} findings known")
    return f"{len(results)} results, {targets} relationships resolve, multitool: no error, {weaker or 'nothing lesser'}"


if __name__ == "__main__":
    each_folder(check)
