"""The trees of calls on the page `code-paths.md`, compared with traced calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from tests.meta.code_paths import trace_in_new_process


PAGE = Path(__file__).resolve().parents[2] / "docs" / "code-paths.md"
#: The heading on the page of each traced operation.
HEADINGS = {"filter": "A query", "save": "A change"}

_STEP = re.compile(r"^(?P<indent> *)(?P<function>[\w/]+\.py: [\w.]+)( {2,}\S.*)?$")
_FILE = re.compile(r"`([\w/]+\.py)`")


@frozen
class Step:
    """A line of a tree of calls.

    Attributes:
        line: its line number on the page.
        function: "query/q.py: Q.resolve".
        caller: the nearest line above that is indented less, or None.
    """

    line: int
    function: str
    caller: Step | None

    @property
    def file(self) -> str:
        """The file of the function."""
        return self.function.partition(":")[0]


@frozen
class Section:
    """A tree of calls, and the list of other files that follows it.

    Attributes:
        steps: the lines of the tree.
        others: line number and file of each entry of the list.
        end: the number of the last line of the list.
    """

    steps: list[Step] = field(factory=list)
    others: list[tuple[int, str]] = field(factory=list)
    end: int = 0


def parse_section(page: str, heading: str) -> Section:
    """Return the section of a page with the heading."""
    lines = page.splitlines()
    start = lines.index(f"## {heading}") + 1
    section = Section()
    parents: list[tuple[int, Step]] = []
    in_tree = in_list = False
    end = start
    for number, line in enumerate(lines[start:], start + 1):
        if line.startswith("## "):
            break
        if line.startswith("```"):
            in_tree = not in_tree
        elif in_tree:
            match = _STEP.match(line)
            assert match, f"code-paths.md:{number} must be `file.py: function  description`: {line}"
            indent = len(match["indent"])
            parents = [(depth, parent) for depth, parent in parents if depth < indent]
            step = Step(number, match["function"], parents[-1][1] if parents else None)
            parents.append((indent, step))
            section.steps.append(step)
        elif line == "Also involved:":
            in_list = True
        elif in_list and line:
            section.others.extend((number, file) for file in _FILE.findall(line))
            end = number
    return Section(section.steps, section.others, end)


def list_functions(trace: dict[str, Any], file: str) -> str:
    """Return the called functions of a file, for a message."""
    return ", ".join(name for name in trace["callers"] if name.startswith(f"{file}:"))


def iter_corrections(section: Section, trace: dict[str, Any]) -> Iterator[str]:
    """Yield line number and correction of each line that differs from a trace."""
    order = {name: position for position, name in enumerate(trace["callers"])}
    latest: Step | None = None
    for step in section.steps:
        if step.function not in order:
            name = step.function.partition(": ")[2]
            moved = [function for function in order if function.endswith(f": {name}")]
            called = list_functions(trace, step.file)
            yield (
                f"{step.line}: replace `{step.function}`, which is not called, by "
                f"{' or '.join(moved) or called or 'nothing: the file is not involved'}"
            )
            continue
        callers = trace["callers"][step.function]
        if step.caller and step.caller.function not in callers:
            yield f"{step.line}: indent `{step.function}` below one of its callers: {callers}"
        if latest and order[step.function] < order[latest.function]:
            yield f"{step.line}: move `{step.function}` above line {latest.line}: called earlier"
        else:
            latest = step
    shown = {step.file for step in section.steps}
    for line, file in section.others:
        if file in shown:
            yield f"{line}: delete `{file}`, which is part of the tree"
        elif file not in trace["files"]:
            yield f"{line}: delete `{file}`, which is not involved"
    shown.update(file for _, file in section.others)
    for file in trace["files"]:
        if file not in shown:
            yield f"{section.end}: add `{file}`, which is involved: {list_functions(trace, file)}"


@pytest.mark.slow
@pytest.mark.parametrize("operation", HEADINGS)
def test_a_tree_shows_the_calls_of_the_operation(operation):
    """The tree contains the traced calls in their order, and the page lists all involved files."""
    # The message lists the lines of the page that must be changed.
    section = parse_section(PAGE.read_text(encoding="utf-8"), HEADINGS[operation])

    corrections = list(iter_corrections(section, trace_in_new_process()[operation]))

    assert section.steps
    assert not corrections, "".join(
        f"\ndocs/code-paths.md:{correction}" for correction in corrections
    )


@pytest.mark.parametrize(
    ("tree", "others", "correction"),
    [
        ("a.py: f\n    b.py: C.g", "`c.py`", None),
        ("a.py: f\n    b.py: C.x", "`c.py`", "4: replace `b.py: C.x`"),
        ("a.py: f\n    d.py: C.g", "`c.py`, `b.py`", "4: replace `d.py: C.g`"),
        ("b.py: C.g\na.py: f", "`c.py`", "4: move `a.py: f` above line 3"),
        ("a.py: f\n    b.py: C.g\n    c.py: h", "", "5: indent `c.py: h`"),
        ("a.py: f\nb.py: C.g", "`c.py`, `d.py`", "8: delete `d.py`"),
        ("a.py: f\nb.py: C.g", "`c.py`, `a.py`", "8: delete `a.py`"),
        ("a.py: f\nb.py: C.g", "", "8: add `c.py`"),
    ],
)
def test_a_difference_is_reported_with_its_line(tree, others, correction):
    """A wrong function, order, caller or file is reported with the line to change."""
    page = f"## A query\n```text\n{tree}\n```\n\nAlso involved:\n- others: {others}\n"
    trace = {
        "files": ["a.py", "b.py", "c.py"],
        "callers": {"a.py: f": [], "b.py: C.g": ["a.py: f"], "c.py: h": ["b.py: C.g"]},
    }

    corrections = list(iter_corrections(parse_section(page, "A query"), trace))

    assert [item[: len(correction or "")] for item in corrections] == [correction] * bool(
        correction
    )
