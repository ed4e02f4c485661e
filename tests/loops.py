"""Checks of many items in one test, which reports all items that fail."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


#: Failing items that are reported in full.
MAX_REPORTED = 20


def for_each(
    items: Callable[[], Iterable[Any]], title: Callable[..., str] = str, *, arguments: int = 1
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a test of one item, to make one test of it that checks all items.

    The item is the first argument of the test; the others are fixtures.

    Args:
        items: returns the items.
        title: returns the name of an item in the report.
        arguments: how many arguments an item is; if several, items are tuples.
    """

    # Now, because models that are loaded by a test are forgotten after it.
    found = list(items())

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def test(**fixtures: Any) -> None:
            failures = []
            for item in found:
                values = (item,) if arguments == 1 else item
                try:
                    check(*values, **fixtures)
                except AssertionError as error:
                    failures.append(f"{title(*values)}: {error}")
                except pytest.skip.Exception:
                    continue
            shown = "\n".join(failures[:MAX_REPORTED])
            assert found, "there is nothing to check"
            assert not failures, f"{len(failures)} of {len(found)} fail:\n{shown}"

        # pytest requests a fixture for each parameter that it sees.
        fixtures = list(inspect.signature(check).parameters.values())[arguments:]
        test.__signature__ = inspect.Signature(fixtures)  # type: ignore[attr-defined]
        return test

    return decorate
