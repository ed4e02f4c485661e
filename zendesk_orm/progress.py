"""Progress of bulk operations and of reading, passed to a callback or shown as a bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display


@frozen
class Progress:
    """The progress of a bulk operation, or of reading a query.

    >>> for ticket in Ticket.objects.fresh()[:150].iterator(progress=print):
    ...     pass
    Progress(done=100, failed=0, total=None, jobs=0)
    Progress(done=150, failed=0, total=None, jobs=0)
    Progress(done=150, failed=0, total=150, jobs=0)

    Attributes:
        done: objects that succeeded, including those that running jobs report; or rows read.
        failed: objects that failed.
        total: number of all objects, or None if it is unknown before the end.
        jobs: jobs that are running.
    """

    done: int
    failed: int
    total: int | None
    jobs: int


#: A function that is called after each request, or each page.
ProgressCallback = Callable[[Progress], Any]


class ProgressBar:
    """A progress bar in a terminal, as shown by `progress=True`.

    Args:
        stream: the stream that the bar is written to; standard error by default.
        width: width of the bar in characters.
    """

    def __init__(self, stream: TextIO | None = None, width: int = 30) -> None:
        self._stream = stream
        self._width = width

    def __call__(self, progress: Progress) -> None:
        """Draw the bar."""
        stream = self._stream or sys.stderr
        line = f"{progress.done:,}"
        if progress.total:
            share = min(progress.done / progress.total, 1.0)
            filled = int(share * self._width)
            bar = "#" * filled + "-" * (self._width - filled)
            line = f"[{bar}] {share:4.0%} {progress.done:,} of {progress.total:,}"
        failed = f", {progress.failed:,} failed" if progress.failed else ""
        over = progress.total is not None and progress.done + progress.failed >= progress.total
        end = "\n" if over else ""
        jobs = f", {progress.jobs} jobs running" if progress.jobs else ""
        stream.write(f"\r{line}{failed}{jobs}\x1b[K{end}")
        stream.flush()


def resolve_progress(
    progress: ProgressCallback | bool | None,  # noqa: FBT001 - True or a function
) -> ProgressCallback | None:
    """Return the function that `progress=` stands for; True stands for a bar.

    Raises:
        InvalidValue: it is neither a function nor a bool.
    """
    if progress is True:
        return ProgressBar()
    if progress is None or progress is False:
        return None
    if not callable(progress):
        raise InvalidValue(f"progress must be a function or True, not {display(progress)}")
    return progress
