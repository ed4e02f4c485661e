"""Requests that a loop makes one by one, and the line of the loop."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Callable

from zendesk_orm.errors import NPlusOneWarning


#: Requests for the same, from the same line, after which it is said that this is a loop.
MANY = 10
_NO_REMEDY = "Zendesk has no request that reads several of them"
_OWN = f"{__name__.partition('.')[0]}."


class Watch:
    """Counts what is fetched for single objects, by what it is and by the line that asked."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def note(self, what: str, remedy: Callable[[], str]) -> None:
        """Count a request; warn when it is one of many alike.

        Args:
            what: what is fetched: `comments of a Ticket`.
            remedy: returns the call that fetches them together, `prefetch_related('users')`, or ""
                if Zendesk has no request for several of them; called for a warning only.
        """
        file, line = _caller()
        key = (what, file, line)
        self._counts[key] += 1
        if self._counts[key] == MANY:
            call = remedy()
            advice = f"{call} reads them together" if call else _NO_REMEDY
            warnings.warn_explicit(
                f"{MANY} requests for {what}, one by one, from this line; {advice}",
                NPlusOneWarning,
                file,
                line,
            )


def _caller() -> tuple[str, int]:
    """Return the file and line of the code that called the library."""
    frame = sys._getframe(1)
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(_OWN):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
