"""The step summary, rendered by GitHub's own reader of Markdown and taken apart again."""

import html.parser
import re

import cmarkgfm
from cmarkgfm.cmark import Options

from outputs import each_folder

MOST = 1024 * 1024
ELEMENTS = {
    "a", "blockquote", "br", "code", "del", "details", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"align", "href", "open", "start", "class", "lang"}


class Rendered(html.parser.HTMLParser):
    """Complains about every element and attribute that the summary has no use for."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs
        self.words = []

    def handle_starttag(self, tag, attrs):
        self.outputs.expect(tag in ELEMENTS, f"<{tag}> gets through as HTML")
        for name, value in attrs:
            self.outputs.expect(name in ATTRIBUTES, f"<{tag} {name}> gets through as HTML")
            if name == "href":
                self.outputs.expect(bool(re.match("https://|#", value or "")), f"a link to {value!r}")

    def handle_comment(self, data):
        self.outputs.expect(False, f"a comment gets through as HTML: {data[:60]!r}")

    def handle_data(self, data):
        self.words.append(data)


def check_tables(outputs, text):
    """A bar in a cell would move what follows into the next column, and the last ones out of the table."""
    bars = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith("|"):
            bars = None
            continue
        here = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
        outputs.expect(bars in (None, here), f"line {number}: {here} bars below {bars}")
        bars = bars or here


def check(outputs):
    text = outputs.text("summary.md")
    size = len(text.encode())
    outputs.expect(size < MOST, f"{size} octets, and GitHub drops a summary of {MOST}")
    outputs.expect_shown_plainly("summary.md", text)
    check_tables(outputs, text)

    rendered = Rendered(outputs)
    # Raw HTML gets through, so that the test sees whether there is any.
    rendered.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
    rendered.close()
    words = "".join(rendered.words)
    for verifier in outputs.record["verifiers"]:
        if verifier["id"].isascii() and verifier["id"].isprintable():
            outputs.expect(verifier["id"] in words, f"does not name {verifier['id']}")
    missing = {finding["case"] for finding in outputs.findings if finding["case"] not in words}
    cut = re.search(r"\band \d[\d,]* more\b", words)
    outputs.expect(not missing or bool(cut), f"neither names nor counts {sorted(missing)[:5]}")
    return f"{size} octets, {len(outputs.findings)} findings, {len(missing)} of their cases only counted"


if __name__ == "__main__":
    each_folder(check)
