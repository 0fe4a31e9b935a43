"""What the checks of single formats share: a folder of rendered reports, and the list of what is wrong in it.

A check is started as `SCRIPT FOLDER…`, with each folder's `record.json` as the truth that every other file in it is
held against. It prints what it looked at, or a line for each thing that is wrong, and then ends with 1.
"""

import json
import os
import pathlib
import re
import shutil
import sys

FINDINGS = ("fail", "crash", "hang")

# What nobody should find in a text that is shown: controls but for line feed and tab, marks that turn the direction of
# what follows, characters that are nobody's, and halves of surrogate pairs.
UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)

# Complaints beyond this many are counted and not printed.
MOST_SHOWN = 25


class Outputs:
    """A folder that holds one record in every format."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.complaints = []
        self.record = json.loads(self.text("record.json"))
        self.results = self.record["results"]
        self.findings = [result for result in self.results if result["outcome"] in FINDINGS]

    def path(self, name):
        """A file that has to be there."""
        path = self.folder / name
        if not path.is_file():
            sys.exit(f"{path}: there is no such file")
        return path

    def text(self, name):
        """A file as text; that it is UTF-8 is part of every format."""
        try:
            return self.path(name).read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            sys.exit(f"{self.folder / name}: {error}")

    def json(self, name):
        """A file as JSON, without a member twice and without what JSON does not have."""

        def once(pairs):
            members = dict(pairs)
            self.expect(len(members) == len(pairs), f"{name}: a member stands twice among {sorted(members)[:9]}")
            return members

        def constant(word):
            self.expect(False, f"{name}: {word} is no JSON")

        return json.loads(self.text(name), object_pairs_hook=once, parse_constant=constant)

    def expect(self, holds, complaint):
        """Keeps a complaint where something does not hold."""
        if not holds:
            self.complaints.append(complaint)

    def expect_shown_plainly(self, where, text):
        """Keeps a complaint for a character that shows as something else than itself."""
        found = UNSHOWABLE.search(text)
        if found:
            around = text[max(0, found.start() - 20) : found.end() + 20]
            self.expect(False, f"{where}: holds U+{ord(found[0]):04X}: {ascii(around)}")

    def expect_plain_strings(self, where, value):
        """The same for every string, and every name of a member, of a JSON document."""
        for path, text in strings(value, where):
            self.expect_shown_plainly(path, text)

    def say(self, looked_at):
        """Says what was looked at, or what is wrong; and whether nothing is."""
        name = f"{self.folder.name}: {pathlib.Path(sys.argv[0]).stem}"
        for complaint in self.complaints[:MOST_SHOWN]:
            print(f"{name}: {complaint.encode('unicode_escape').decode()}", file=sys.stderr)
        if len(self.complaints) > MOST_SHOWN:
            print(f"{name}: and {len(self.complaints) - MOST_SHOWN} more", file=sys.stderr)
        if not self.complaints:
            print(f"{name}: {looked_at}")
        return not self.complaints


def each_folder(check):
    """Runs a check, which returns what it looked at, on every folder of the command line."""
    if len(sys.argv) < 2:
        sys.exit(f"usage: {pathlib.Path(sys.argv[0]).name} FOLDER…")
    sound = True
    for folder in sys.argv[1:]:
        outputs = Outputs(folder)
        sound &= outputs.say(check(outputs))
    sys.exit(0 if sound else 1)


def strings(value, where):
    """Every string in a JSON document, with where it stands."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, f"{where}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield f"{where}: a name", name
            yield from strings(item, f"{where}.{name}")


def tools():
    """The folder that `install` filled."""
    named = os.environ.get("GAUNTLET_VALIDATORS")
    if named:
        return pathlib.Path(named)
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "jwks-gauntlet-validators"


def installed(path):
    """A file in that folder."""
    found = tools() / path
    if not found.exists():
        sys.exit(f"{found} is missing; reports/tests/validators/install gets it")
    return found


def program(name, package):
    """A program of the system."""
    found = shutil.which(name)
    if not found:
        sys.exit(f"{name} is missing; it is in Debian's {package}, which reports/tests/validators/install gets")
    return found
