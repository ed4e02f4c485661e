"""The HTML pages of the documentation."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
#: Pages that Sphinx generates, which would replace a page of the same name.
SPHINX_PAGES = {"search", "genindex", "py-modindex"}

_TAG = re.compile(r"<[^>]+>")
_CODE = re.compile(r"<(pre|code|script)\b.*?</\1>", re.DOTALL)


def _strip_tags(markup):
    text = html.unescape(_TAG.sub("", markup))
    return text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip()


@pytest.fixture(scope="module")
def html_folder(tmp_path_factory):
    """Return the folder of the HTML pages, built as by `scripts/docs`."""
    pytest.importorskip("sphinx")
    folder = tmp_path_factory.mktemp("html")
    options = ["-n", "-W", "--keep-going", "-q", "-b", "html"]
    process = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return folder


def test_no_page_is_named_like_a_page_of_sphinx():
    """No page has a name such as `search`, whose HTML page Sphinx generates."""
    assert SPHINX_PAGES.isdisjoint(PAGES)


@pytest.mark.slow
def test_each_page_has_its_own_title(html_folder):
    """The heading of an HTML page is the first heading of its source."""
    for name in PAGES:
        source = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        title = source.partition("\n")[0].removeprefix("# ").replace("`", "")
        page = (html_folder / f"{name}.html").read_text(encoding="utf-8")
        heading = re.search(r"<h1>(.*?)<a class=\"headerlink", page, re.DOTALL)

        assert heading is not None, name
        assert _strip_tags(heading[1]) == title


@pytest.mark.slow
def test_backticks_are_code(html_folder):
    """Text in single backticks of pages and docstrings is displayed as code."""
    raw = []
    for name in PAGES:
        page = (html_folder / f"{name}.html").read_text(encoding="utf-8")
        body = page.partition('<article role="main"')[2].partition("</article>")[0]
        assert body, name
        assert "<cite>" not in body, name
        text = _strip_tags(_CODE.sub("", body))
        raw += [(name, text[match.start() - 30 :][:60]) for match in re.finditer("`", text)]

    assert raw == []
