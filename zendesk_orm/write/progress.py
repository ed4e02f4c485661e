"""How far a bulk operation is, for a callback or as a bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

from attrs import frozen


@frozen
class Progress:
    """How far a bulk operation is.

    Attributes:
        done: objects that are done, those of running jobs among them.
        failed: objects that failed.
        total: objects in all, or None where that is not known before the end.
        jobs: jobs that are under way.
    """

    done: int
    failed: int
    total: int | None
    jobs: int


#: Is told how far it is, after each request.
Told = Callable[[Progress], Any]


class Bar:
    """A line at a terminal that shows how far it is: `progress=True`.

    Args:
        to: where it is written; standard error by default.
        width: of the bar, in characters.
    """

    def __init__(self, to: TextIO | None = None, width: int = 30) -> None:
        self._to = to
        self._width = width

    def __call__(self, progress: Progress) -> None:
        """Show it."""
        to = self._to or sys.stderr
        line = f"{progress.done:,}"
        if progress.total:
            share = min(progress.done / progress.total, 1.0)
            filled = int(share * self._width)
            bar = "#" * filled + "-" * (self._width - filled)
            line = f"[{bar}] {share:4.0%} {progress.done:,} of {progress.total:,}"
        failed = f", {progress.failed:,} failed" if progress.failed else ""
        over = progress.total is not None and progress.done + progress.failed >= progress.total
        to.write(f"\r{line}{failed}, {progress.jobs} jobs running\x1b[K" + ("\n" if over else ""))
        to.flush()
