"""The table of commands in CONTRIBUTING.md describes what the scripts run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
#: Scripts that only other scripts call.
CALLED_BY_OTHERS = {"scripts/setup", "scripts/pythons"}


@pytest.fixture(scope="module")
def rows():
    """Return the rows of the table: a command and its description each."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `((?:scripts/|\.ci/)[\w-]+)` \| (.*) \|$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def table(rows):
    """Return the description of each command."""
    return dict(rows)


def _script(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _run_by_ci():
    names = re.findall(r"^(?:PYTHONS=\S+ )?run (\w+)", _script(".ci/run"), re.MULTILINE)
    assert names
    return list(dict.fromkeys(names))


def _words(line):
    """Return the words of a command before its options."""
    line = line.removeprefix("python -m ").partition(" -n ")[0]
    return " ".join(word for word in line.split() if word not in (".", '"$@"'))


def test_every_command_is_described(rows):
    """Each script that developers call has one row, and each row is a script."""
    scripts = {f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir() if path.is_file()}

    assert sorted(name for name, _ in rows) == sorted((scripts | {".ci/run"}) - CALLED_BY_OTHERS)


def test_the_row_of_ci_lists_its_scripts(table):
    """`.ci/run` runs the scripts of its row, in the same order."""
    assert re.findall(r"`(\w+)`", table[".ci/run"]) == _run_by_ci()


def test_scripts_outside_ci_are_marked(table):
    """A script that `.ci/run` does not run is marked as "not part of `.ci/run`"."""
    outside = {name for name, text in table.items() if "not part of `.ci/run`" in text}
    checks = {f"scripts/{name}" for name in _run_by_ci()}

    assert outside == set(table) - checks - {".ci/run", "scripts/demo"}


def test_the_row_of_scripts_test_lists_its_steps(table):
    """Each tool that `scripts/test` runs is in its row, and each tool of the row is run."""
    commands = r"^ *(?:step \w+ )?((?:python -m )?(?:ruff|mypy|pyright|pytest)\b[^|&\n]*)"
    steps = re.findall(commands, _script("scripts/test"), re.MULTILINE)
    tools = re.findall(r"`((?:ruff|mypy|pyright|pytest)[^`]*)`", table["scripts/test"])

    assert sorted(tools) == sorted(map(_words, steps))


def test_the_row_of_scripts_replays_lists_its_folders(table):
    """`scripts/replays` runs the folders that `scripts/test` omits."""
    ignored = re.findall(r"--ignore=(\S+)", _script("scripts/test"))
    folders = r"^run -n auto (tests/\S+) (tests/\S+)"
    run = re.findall(folders, _script("scripts/replays"), re.MULTILINE)

    assert run == [tuple(ignored)]
    assert re.findall(r"`(tests/\w+)`", table["scripts/replays"]) == ignored
