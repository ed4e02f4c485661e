"""The repository's own files."""

from __future__ import annotations

import configparser
import os
import re
from pathlib import Path

import pytest

import zendesk_orm


#: Folders that are made, not kept.
MADE = {"__pycache__", "_build", "build", "dist"}
#: A path that starts at the root of somebody's machine. Written so that it does not match itself.
OWN = re.compile(r"(?<![\w.}/-])/(?:home|root|work|Users)/(?=\w)")


def _kept(root):
    """Yield the files that belong to the repository."""
    for folder, folders, files in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if (not name.startswith(".") or name in {".ci", ".github"})
            and name not in MADE
            and not name.endswith(".egg-info")
        ]
        # In a worktree, .git is a file that names the folder of the repository.
        kept = (name for name in files if name != ".git" and not name.startswith(".cov"))
        yield from (Path(folder, name) for name in kept)


@pytest.fixture(scope="session")
def setup(root):
    """Return setup.cfg, read."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(root / "setup.cfg", encoding="utf-8")
    return parser


def test_no_file_holds_a_path_of_somebodys_machine(root):
    """Nothing in the repository depends on where it lies."""
    found = [
        f"{path.relative_to(root)}:{number}"
        for path in _kept(root)
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if OWN.search(line)
    ]

    assert found == []


def test_the_dependencies_are_the_five(setup):
    """Installing the library brings five others, with lower bounds and no upper ones."""
    wanted = setup["options"]["install_requires"].split("\n")[1:]

    names = [re.split(r"[ <>=!~]", line)[0] for line in wanted]

    assert names == ["requests", "attrs", "cachetools", "python-dateutil", "blinker"]
    assert [line for line in wanted if "<" in line or "==" in line or "~" in line] == []


def test_the_changelog_knows_the_version(root):
    """What is released, or about to be, has its section."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "## [Unreleased]" in changelog or f"## [{zendesk_orm.__version__}]" in changelog


def test_scripts_can_be_run(root):
    """Every script is executable and says in its second line what it does."""
    scripts = [*(root / "scripts").iterdir(), root / ".ci" / "run"]

    assert [str(path) for path in scripts if not os.access(path, os.X_OK)] == []
    assert [
        str(path)
        for path in scripts
        if not re.match(r"#!\S+.*\n(?:# \w|\"\"\")", path.read_text(encoding="utf-8"))
    ] == []
