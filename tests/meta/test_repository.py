"""The files of the repository."""

from __future__ import annotations

import configparser
import os
import re
from pathlib import Path

import pytest

import zendesk_orm


#: Generated folders, which are not part of the repository.
GENERATED_FOLDERS = {"__pycache__", "_build", "build", "dist"}
#: A path of a developer's machine. The pattern does not match itself.
ABSOLUTE_PATH = re.compile(r"(?<![\w.}/-])/(?:home|root|work|Users)/(?=\w)")


def _iter_files(root):
    """Yield the files of the repository."""
    for folder, folders, files in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if (not name.startswith(".") or name in {".ci", ".github"})
            and name not in GENERATED_FOLDERS
            and not name.endswith(".egg-info")
        ]
        # In a worktree, .git is a file that names the folder of the repository.
        paths = (name for name in files if name != ".git" and not name.startswith(".cov"))
        yield from (Path(folder, name) for name in paths)


@pytest.fixture(scope="session")
def setup(root):
    """Return the parsed setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(root / "setup.cfg", encoding="utf-8")
    return parser


def test_files_contain_no_absolute_paths(root):
    """No file contains a path of a developer's machine."""
    violations = [
        f"{path.relative_to(root)}:{number}"
        for path in _iter_files(root)
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if ABSOLUTE_PATH.search(line)
    ]

    assert violations == []


def test_dependencies_are_listed(setup):
    """The library has five dependencies, with lower bounds and without upper bounds."""
    requirements = setup["options"]["install_requires"].split("\n")[1:]

    names = [re.split(r"[ <>=!~]", line)[0] for line in requirements]

    assert names == ["requests", "attrs", "cachetools", "python-dateutil", "blinker"]
    assert [line for line in requirements if "<" in line or "==" in line or "~" in line] == []


def test_the_changelog_contains_the_version(root):
    """CHANGELOG.md has a section for the version, or for unreleased changes."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "## [Unreleased]" in changelog or f"## [{zendesk_orm.__version__}]" in changelog


def test_scripts_are_executable_and_documented(root):
    """Each script is executable, and its second line is a description."""
    scripts = [*(root / "scripts").iterdir(), root / ".ci" / "run"]

    assert [str(path) for path in scripts if not os.access(path, os.X_OK)] == []
    assert [
        str(path)
        for path in scripts
        if not re.match(r"#!\S+.*\n(?:# \w|\"\"\")", path.read_text(encoding="utf-8"))
    ] == []
