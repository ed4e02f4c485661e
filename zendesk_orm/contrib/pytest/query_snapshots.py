"""Snapshots of queries: files with the requests that a query sends."""

from __future__ import annotations

import difflib
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest


#: The folder of the files, next to the module of the test.
FOLDER = "__queries__"
_UNSAFE = re.compile(r"[^\w.-]+")
#: The length of the name of a test, beyond which it is shortened.
_MAX_LENGTH = 100


class QuerySnapshot:
    """Compares queries of one test with files.

    Args:
        module: the path of the test's module.
        test: the name of the test, with its classes and parameters: `TestOpen.test_list[new]`.
        update: whether the files are written instead.
    """

    def __init__(self, module: Path, test: str, *, update: bool) -> None:
        self._folder = module.parent / FOLDER / module.stem
        self._test = _build_name(test)
        self._update = update
        self._count = 0

    def __call__(self, query: Any) -> None:
        """Compare the requests of a query with the next file of the test.

        Args:
            query: a query, or a text.

        Raises:
            pytest.fail.Exception: they differ, or the file does not exist.
        """
        __tracebackhide__ = True
        self._count += 1
        suffix = f"-{self._count}" if self._count > 1 else ""
        path = self._folder / f"{self._test}{suffix}.txt"
        text = _describe(query)
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        if not path.is_file():
            pytest.fail(f"{path} does not exist: pytest --zendesk-update-queries writes it")
        before = path.read_text(encoding="utf-8")
        if before != text:
            lines = difflib.unified_diff(
                before.splitlines(), text.splitlines(), str(path), "now", lineterm=""
            )
            pytest.fail(
                "\n".join((*lines, "", "pytest --zendesk-update-queries accepts the new requests"))
            )


def _build_name(test: str) -> str:
    """Return the name of a file for a test, which no other test of its module has."""
    name = test.replace("[", "-").replace("]", "")
    if _UNSAFE.search(name) is None and len(name) <= _MAX_LENGTH:
        return name
    digest = hashlib.sha256(test.encode(errors="replace")).hexdigest()[:8]
    return f"{_UNSAFE.sub('-', name)[:_MAX_LENGTH]}-{digest}"


def _describe(query: Any) -> str:
    """Return the requests and the cost of a query, without the endpoints that are not used."""
    text = query if isinstance(query, str) else query.explain()
    lines = (line.rstrip() for line in text.splitlines() if not line.startswith("  "))
    return "\n".join((*lines, ""))
