"""The language of the documentation, by the rates that apply to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.meta.test_language import PHRASES


ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
#: The rates of a shorter page are computed as if it had this number of words.
MIN_WORDS = 1000

#: Blocks of code, and names of options in texts.
_CODE = re.compile(r"^ *```.*?^ *```$|`--[a-z-]+`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_avoids_phrases_with_plainer_equivalents(page):
    """Outside its code blocks, a page has few phrases with plainer equivalents."""
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    thousands = max(len(text.split()), MIN_WORDS) / 1000

    counts = {phrase: len(re.findall(phrase, text)) for phrase in PHRASES}
    frequent = {
        phrase: count for phrase, count in counts.items() if count > PHRASES[phrase] * thousands
    }

    assert frequent == {}
