"""Every example of the documentation runs, and prints what the page shows.

The convention: the ```` ```python ```` blocks of a page run in order, in one fresh
namespace. A ```` ```text ```` block that directly follows one is what it prints, where `...`
stands for whatever is not worth showing. On the pages of docs/, a block that prints has to
be followed by one.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import runpy
import subprocess
import sys
import textwrap
import types
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
import requests
from attrs import frozen

import zendesk_orm
from zendesk_orm import connect, errors
from zendesk_orm.schema import declaring


ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

_CHECKER = doctest.OutputChecker()
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@frozen
class Example:
    """A block of code on a page.

    Attributes:
        line: the line of the page that its first line stands on.
        code: what is run.
        printed: what the page says that it prints, or None where it says nothing.
    """

    line: int
    code: str
    printed: str | None


def examples(page: str) -> Iterator[Example]:
    """Yield the Python blocks of a page, each with the output that follows it."""
    blocks = list(_FENCE.finditer(page))
    for block, after in zip_longest(blocks, blocks[1:]):
        if block[1] != "python":
            continue
        shown = None
        if after and after[1] == "text" and not page[block.end() : after.start()].strip():
            shown = after[2]
        yield Example(page.count("\n", 0, block.start(2)) + 1, block[2], shown)


@pytest.fixture
def namespace(request):
    """Return the names of a new module, which is known while the test runs."""
    module = types.ModuleType("documented")
    sys.modules[module.__name__] = module
    yield vars(module)
    del sys.modules[module.__name__]


@pytest.fixture
def working_folder(tmp_path, monkeypatch):
    """Run the examples in a folder of their own, where they may leave files."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(code, where, namespace):
    """Run code as if it stood at that place, and return what it prints."""
    path, line = where
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("\n" * (line - 1) + code, path, "exec"), namespace)
    return printed.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_print_what_it_shows(page, namespace, working_folder, monkeypatch):
    """The blocks of a page run one after the other, and print what stands below them."""
    # What the README takes for granted: a session of the reader's, and the environment.
    namespace["my_requests_session"] = requests.Session()
    if page.name == "README.md":
        monkeypatch.setenv("ZENDESK_URL", "zendesk://me%40acme.com:TOKEN@acme")
    for example in examples(page.read_text(encoding="utf-8")):
        printed = _run(example.code, (str(page), example.line), namespace)

        where = f"{page.name}:{example.line}"
        if example.printed is not None:
            same = _CHECKER.check_output(example.printed, printed, doctest.ELLIPSIS)
            assert same, f"{where} prints\n{printed}"
        elif page.parent.name == "docs":
            assert printed == "", f"{where} prints, and the page does not show what"


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if re.search("^def test_", page.read_text(encoding="utf-8"), re.MULTILINE)
    ],
    ids=lambda page: page.name,
)
def test_the_tests_of_a_page_pass(page, working_folder):
    """What a page shows as tests passes when pytest runs it, as a file of the reader's."""
    blocks = examples(page.read_text(encoding="utf-8"))
    file = working_folder / "test_page.py"
    file.write_text("\n\n".join(block.code for block in blocks), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file.name],
        cwd=working_folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs_on_the_embedded_zendesk(example, working_folder):
    """Each file of examples/ runs, and so does the function that is called like the file."""
    connect("emulator://?seed=demo")

    with contextlib.redirect_stdout(io.StringIO()):
        made = runpy.run_path(str(example), run_name="example")
        function = made.get(example.stem)
        if function is not None:
            function()

    assert made["__doc__"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page):
    """Each relative link of a page names a file of the repository."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text)
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_tree_of_errors_is_that_of_the_code():
    """The page on errors shows the tree that the module's docstring has."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    shown = [block[2] for block in _FENCE.finditer(page) if block[2].startswith("ZendeskError\n")]

    assert shown
    assert all(textwrap.indent(tree, "    ").rstrip() in errors.__doc__ for tree in shown)


def test_every_public_name_is_in_the_reference():
    """Each name that the package exports is in the reference; signals are in their table.

    Models are on a page that is made of the declarations.
    """
    pages = [(ROOT / "docs" / name).read_text("utf-8") for name in ("reference.md", "signals.md")]
    named = set(re.findall(r"\.\. auto\w+:: (\w+)|^\| `(\w+)` \|", "\n".join(pages), re.MULTILINE))

    public = set(zendesk_orm.__all__) - set(zendesk_orm.support.__all__)
    assert public - {name for pair in named for name in pair} == set()


def test_every_option_of_meta_is_explained():
    """The table of a model's options has them all, and no others."""
    table = (ROOT / "docs/managers.md").read_text(encoding="utf-8")
    rows = table.partition("| option | says |")[2].partition("\n\n")[0]
    named = {
        name
        for row in rows.splitlines()
        for name in re.findall(r"`(\w+)`", row[: row.find("|", 2)])
    }

    assert declaring.OPTIONS == named
