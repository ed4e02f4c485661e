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
        arguments: the number of arguments that an item provides; if several, items are tuples.
    """

    # Evaluated at import, because models that a test loads are unregistered after it.
    result = list(items())

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def test(**fixtures: Any) -> None:
            failures = []
            for item in result:
                values = (item,) if arguments == 1 else item
                try:
                    check(*values, **fixtures)
                except AssertionError as error:
                    failures.append(f"{title(*values)}: {error}")
                except pytest.skip.Exception:
                    continue
            shown = "\n".join(failures[:MAX_REPORTED])
            assert result, "there is nothing to check"
            assert not failures, f"{len(failures)} of {len(result)} fail:\n{shown}"

        # pytest requests a fixture for each parameter in the signature.
        fixtures = list(inspect.signature(check).parameters.values())[arguments:]
        test.__signature__ = inspect.Signature(fixtures)  # type: ignore[attr-defined]
        return test

    return decorate
