"""The examples, links and lists of the documentation.

The ```` ```python ```` blocks of a page run in order, in one new
namespace. A ```` ```text ```` block that directly follows one is its output, in which `...`
stands for any text. On the pages of docs/, a block that prints must be followed by one.
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
import threading
import types
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
import requests
from attrs import frozen

import zendesk_orm
from zendesk_orm import connect, errors
from zendesk_orm.schema import meta_options


ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

_CHECKER = doctest.OutputChecker()
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@frozen
class Example:
    """A block of code on a page.

    Attributes:
        line: the number of its first line on the page.
        code: the code.
        printed: the output that the page shows, or None.
    """

    line: int
    code: str
    printed: str | None


def find_examples(page: str) -> Iterator[Example]:
    """Yield the Python blocks of a page, each with the output that follows it."""
    blocks = list(_FENCE.finditer(page))
    for block, after in zip_longest(blocks, blocks[1:]):
        if block[1] != "python":
            continue
        printed = None
        if after and after[1] == "text" and not page[block.end() : after.start()].strip():
            printed = after[2]
        yield Example(page.count("\n", 0, block.start(2)) + 1, block[2], printed)


@pytest.fixture
def namespace(request):
    """Yield the names of a new module, which is registered while the test runs."""
    module = types.ModuleType("documented")
    sys.modules[module.__name__] = module
    yield vars(module)
    del sys.modules[module.__name__]


@pytest.fixture
def working_folder(tmp_path, monkeypatch):
    """Run the examples in an empty folder, in which they may create files."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(code, where, namespace):
    """Run code with the line numbers of the page, and return its output."""
    path, line = where
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile("\n" * (line - 1) + code, path, "exec"), namespace)
    return printed.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_print_the_shown_output(
    page, namespace, working_folder, monkeypatch
):
    """The code blocks of a page run in order, and print the output that follows them."""
    # The README assumes objects of the reader, and an environment variable.
    namespace["my_requests_session"] = requests.Session()
    namespace["stop"] = threading.Event()
    namespace["stop"].set()
    if page.name == "README.md":
        monkeypatch.setenv("ZENDESK_URL", "zendesk://me%40acme.com:TOKEN@acme")
    for example in find_examples(page.read_text(encoding="utf-8")):
        printed = _run(example.code, (str(page), example.line), namespace)

        where = f"{page.name}:{example.line}"
        if example.printed is not None:
            same = _CHECKER.check_output(example.printed, printed, doctest.ELLIPSIS)
            assert same, f"{where} prints\n{printed}"
        elif page.parent.name == "docs":
            assert printed == "", f"{where} prints, but the page does not show the output"


@pytest.mark.slow
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
    """The test functions of a page pass in a file that pytest runs."""
    blocks = find_examples(page.read_text(encoding="utf-8"))
    file = working_folder / "test_page.py"
    file.write_text("\n\n".join(block.code for block in blocks), encoding="utf-8")

    process = subprocess.run(
        # The option writes the files of `query_snapshot`, which the page does not contain.
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--zendesk-update-queries", file.name),
        ],
        cwd=working_folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs_on_the_embedded_zendesk(example, working_folder):
    """A file of examples/ runs, and so does the function with its name."""
    connect("emulator://?seed=demo")

    with contextlib.redirect_stdout(io.StringIO()):
        created = runpy.run_path(str(example), run_name="example")
        function = created.get(example.stem)
        if function is not None:
            function()

    assert created["__doc__"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_relative_links_of_a_page_lead_to_files(page):
    """Each relative link of a page leads to a file of the repository."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text)
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_tree_of_errors_is_that_of_the_code():
    """The trees of errors on the page are part of the docstring of `zendesk_orm.errors`."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    shown = [block[2] for block in _FENCE.finditer(page) if block[2].startswith("ZendeskError\n")]

    assert shown
    assert all(textwrap.indent(tree, "    ").rstrip() in errors.__doc__ for tree in shown)


def test_every_public_name_is_in_the_reference():
    """Each public name is in the reference, or is a signal in the table of signals."""
    # Models are on a page that is generated from their declarations.
    pages = [(ROOT / "docs" / name).read_text("utf-8") for name in ("reference.md", "signals.md")]
    names = set(re.findall(r"\.\. auto\w+:: (\w+)|^\| `(\w+)` \|", "\n".join(pages), re.MULTILINE))

    public = set(zendesk_orm.__all__) - set(zendesk_orm.support.__all__)
    assert public - {name for pair in names for name in pair} == set()


def test_every_option_of_meta_is_explained():
    """The table of model options contains each option, and no others."""
    table = (ROOT / "docs/managers.md").read_text(encoding="utf-8")
    rows = table.partition("| option | meaning |")[2].partition("\n\n")[0]
    names = {
        name
        for row in rows.splitlines()
        for name in re.findall(r"`(\w+)`", row[: row.find("|", 2)])
    }

    assert names == set(meta_options.OPTIONS)
