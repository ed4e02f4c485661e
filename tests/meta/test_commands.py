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
    return re.findall(r"^\| `((?:scripts/|\.ci/)\w+)` \| (.*) \|$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def table(rows):
    """Return the description of each command."""
    return dict(rows)


def _script(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _run_by_ci():
    names = re.search(r"for script in ([\w ]+);", _script(".ci/run"))
    assert names is not None
    return names[1].split()


def _words(line):
    """Return the words of a command before its options."""
    line = line.removeprefix("python -m ").partition(" -n ")[0]
    return " ".join(word for word in line.split() if word not in (".", '"$@"'))


def test_every_command_is_described(rows):
    """Each script that is to be called has one row, and each row is a script."""
    scripts = {f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir() if path.is_file()}

    assert sorted(name for name, _ in rows) == sorted((scripts | {".ci/run"}) - CALLED_BY_OTHERS)


def test_the_steps_of_the_gate_are_described(table):
    """`.ci/run` runs the scripts of its row, in the order of the row."""
    assert re.findall(r"`(\w+)`", table[".ci/run"]) == _run_by_ci()


def test_other_commands_are_marked_as_no_part_of_the_gate(table):
    """A check that `.ci/run` leaves out is described as such."""
    outside = {name for name, text in table.items() if "not part of `.ci/run`" in text}
    checks = {f"scripts/{name}" for name in _run_by_ci()}

    assert outside == set(table) - checks - {".ci/run", "scripts/demo"}


def test_the_steps_of_scripts_test_are_described(table):
    """Each step of `scripts/test` is in its row, and each tool of the row is a step."""
    steps = re.findall(r"^ *step \w+ (.+)$", _script("scripts/test"), re.MULTILINE)
    named = re.findall(r"`((?:ruff|mypy|pyright|pytest)[^`]*)`", table["scripts/test"])

    assert named == [_words(step) for step in steps]


def test_the_folders_of_scripts_replays_are_described(table):
    """The folders that `scripts/test` leaves out are those that `scripts/replays` runs."""
    ignored = re.findall(r"--ignore=(\S+)", _script("scripts/test"))
    folders = r"^run -n auto (tests/\S+) (tests/\S+)"
    run = re.findall(folders, _script("scripts/replays"), re.MULTILINE)

    assert run == [tuple(ignored)]
    assert re.findall(r"`(tests/\w+)`", table["scripts/replays"]) == ignored
