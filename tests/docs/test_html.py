"""The built documentation: each page is there, and docstrings look as they are meant to."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
#: Pages that Sphinx writes itself, over a page of the same name.
SPHINX_PAGES = {"search", "genindex", "py-modindex"}

_TAG = re.compile(r"<[^>]+>")


def _text(markup):
    text = html.unescape(_TAG.sub("", markup))
    return text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder of the pages, built as `scripts/docs` builds them."""
    pytest.importorskip("sphinx")
    folder = tmp_path_factory.mktemp("html")
    options = ["-n", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_no_page_has_the_name_of_a_page_of_sphinx():
    """Sphinx would write its own search page over `search.md`."""
    assert SPHINX_PAGES.isdisjoint(PAGES)


@pytest.mark.slow
def test_each_page_has_its_own_title(built):
    """The first heading of each source is the heading of its HTML page."""
    for name in PAGES:
        source = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        title = source.partition("\n")[0].removeprefix("# ").replace("`", "")
        page = (built / f"{name}.html").read_text(encoding="utf-8")
        heading = re.search(r"<h1>(.*?)<a class=\"headerlink", page, re.DOTALL)

        assert heading is not None, name
        assert _text(heading[1]) == title


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reference", "resources"])
def test_backticks_of_docstrings_are_code(built, name):
    """Text between single backticks is code: none of it is emphasized as a title would be."""
    page = (built / f"{name}.html").read_text(encoding="utf-8")

    assert "<cite>" not in page
    assert '<code class="docutils literal notranslate">' in page
