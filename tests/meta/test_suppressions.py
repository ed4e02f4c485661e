"""Comments that suppress a rule of ruff, mypy or pyright name the rule and the reason."""

from __future__ import annotations

import re
import tokenize
from io import StringIO


#: Comments with rule and reason; the reason follows a hyphen, or another `#`.
COMPLETE = re.compile(
    r"# (?:ruff: )?noqa: [A-Z]+\d+(?:, [A-Z]+\d+)* - \w.*"
    r"|# (?:type|pyright): ignore\[[\w\-, ]+\] # \w.*"
)
SUPPRESSION = re.compile(r"\bnoqa\b|: ignore\b")
#: At most so many comments; the number only goes down.
MAX_SUPPRESSIONS = 84


def _suppressions(source):
    """Yield the line number and the text of each comment that suppresses a rule."""
    if not SUPPRESSION.search(source.text):
        return
    for token in tokenize.generate_tokens(StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and SUPPRESSION.search(token.string):
            yield token.start[0], token.string


def test_suppressions_name_rule_and_reason(sources):
    """Each comment names the suppressed rule and the reason."""
    violations = [
        f"{source.path}:{number}: {comment}"
        for source in sources
        for number, comment in _suppressions(source)
        if not COMPLETE.fullmatch(comment)
    ]

    assert violations == []


def test_the_number_of_suppressions_is_limited(sources):
    """The number of comments does not grow."""
    count = sum(1 for source in sources for _ in _suppressions(source))

    assert 0 < count <= MAX_SUPPRESSIONS
